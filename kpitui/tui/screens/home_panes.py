"""The panes at the right of a wide Home: the row under the cursor in large, what feeds it, the notes on it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.charts.marks import marks
from kpitui.domain.figures import show_change
from kpitui.domain.periods import short_label
from kpitui.reports.movement import moved_text
from kpitui.reports.wording import (
    chance_text,
    day_text,
    figure,
    has_target,
    needed_text,
    standing,
    target_text,
    value_text,
)
from kpitui.text import clean, cut
from kpitui.tui.screens.home_columns import NOUNS
from kpitui.tui.widgets.styled import Line, Span, fitted, status_style

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.services.glance import Glance, NoteRow
    from kpitui.services.judging import Row

CHARTED = 13
AGAINST = {"day": "d/d", "week": "w/w", "month": "m/m", "quarter": "q/q", "year": "y/y"}


def preview_title(row: Row, glyphs: Glyphs) -> str:
    return f"{clean(row.name)} {glyphs.dot} {CHARTED} {NOUNS[row.cadence]}"


def preview_lines(
    row: Row, glance: Glance | None, cells: int, height: int, glyphs: Glyphs, calendar: Calendar, today: int
) -> list[Line]:
    """The row in `height` lines of `cells` cells: a small chart, and what the figures mean."""
    plain = glyphs.name == "ascii"
    foot = preview_foot(row, glance, cells, glyphs)
    room = height - len(foot) - 3
    lines: list[Line] = []
    if room >= 3:
        known = row.series[-CHARTED:]
        numbers = [cell.value for cell in known]
        bound = row.target if row.target is not None else row.low
        names = [short_label(row.cadence, cell.span, calendar, today).removeprefix("W") for cell in known]
        names = [name.partition(" ")[0] for name in names]
        chart = marks(numbers, cells - 2, room - 1, glyphs, target=bound, labels=names)
        said = f"target {target_text(row, ascii=plain)}" if has_target(row) else "no target"
        lines += [[(f"  {said}", "dim")], *coloured(row, chart.lines, chart.spans, known)]
    lines += [()] * (height - len(lines) - len(foot))
    return [*lines, *foot]


def coloured(row: Row, lines: Sequence[str], places: Sequence[object], cells: Sequence[object]) -> list[Line]:
    """The chart's lines with missed periods in the colour of a miss."""
    from kpitui.charts.marks import Span as Place
    from kpitui.domain.aggregate import Cell

    missed: dict[int, list[Place]] = {}
    for place, cell in zip(places, cells, strict=True):
        if isinstance(place, Place) and isinstance(cell, Cell) and row.missed(cell):
            missed.setdefault(place.row, []).append(place)
    out: list[Line] = []
    for number, text in enumerate(lines):
        spans: list[Span] = [("  ", "")]
        at = 0
        for place in sorted(missed.get(number, ())):
            spans += [(text[at : place.start], "spark"), (text[place.start : place.end], "miss")]
            at = place.end
        out.append([*spans, (text[at:], "spark")])
    return out


def preview_foot(row: Row, glance: Glance | None, cells: int, glyphs: Glyphs) -> list[Line]:
    plain = glyphs.name == "ascii"
    said = [f" value {value_text(row, ascii=plain)}"]
    if glance is not None:
        for change, against in ((glance.previous, AGAINST[row.cadence]), (glance.last_year, "y/y")):
            if change is not None and (text := moved_text(row, change, ascii=plain)):
                said.append(f"{text} {against}")
    lines: list[Line] = [[("   ".join(said), "")]]
    moved = glance.previous.absolute if glance is not None and glance.previous is not None else None
    if moved is not None and glance is not None:
        step = show_change(moved, row.unit, currency=row.currency)
        normal = (
            "" if glance.usual_move is None else f", usual {'+-' if plain else '±'}{usually(row, glance.usual_move)}"
        )
        lines.append([(f" {row.cadence} change {step}{normal}", "")])
    lines.append([(f" {'no signal' if row.signal is None else clean(row.signal.sentence)}", "")])
    need = needed_text(row, ascii=plain)
    if row.needed is not None and row.target_kind in ("reach", "from_to"):
        lately = "" if row.rate is None else f"; lately {figure(row, row.rate)}"
        if row.rate is not None and row.target_kind == "from_to":
            lately = f"; lately {show_change(row.rate, row.unit, currency=row.currency)}"
        likely = "" if row.chance is None else f"; chance {chance_text(row)}"
        lines.append([(f" needs {need}{lately}{likely}", "")])
    both = standing(row)
    if both.sentence:
        pace = f" {both.pace}: " if both.pace else " "
        first, *rest = wrap(f"{pace}{both.sentence}".strip(), cells - 2)
        head = len(pace) - 1 if both.pace else 0
        lines.append([(f" {first[:head]}", status_style(row.status)), (first[head:], "bold")])
        lines += [[(f" {text}", "bold")] for text in rest]
    why = wrap(clean(row.why), cells - 4) or [""]
    lines.append([(f" {mark(row.status, glyphs)} ", status_style(row.status)), (why[0], "dim")])
    lines += [[(f"   {text}", "dim")] for text in why[1:3]]
    if row.confidence:
        lines.append([(f" confidence {row.confidence} of 3", "")])
    return lines


def usually(row: Row, move: float) -> str:
    return show_change(move, row.unit, currency=row.currency).lstrip("+")


def feeds_lines(rows: Sequence[Row], cells: int, glyphs: Glyphs) -> list[Line]:
    """What feeds the row, each with its mark, role and value."""
    plain = glyphs.name == "ascii"
    lines: list[Line] = []
    for row in rows:
        role = "counter" if row.counter else {"leading": "lead", "lagging": "lag"}.get(row.timing or "", "")
        value = value_text(row, ascii=plain)
        room = cells - 4 - 9 - len(value) - 2
        lines.append(
            [
                (f" {mark(row.status, glyphs)} ", status_style(row.status)),
                *fitted([(row.name, "")], room, mark=glyphs.ellipsis),
                (f" {role:<8}", "dim"),
                (f" {value} ", ""),
            ]
        )
    return lines or [[(" Nothing feeds it yet: M in the tree", "dim")]]


def notes_lines(notes: Sequence[NoteRow], cells: int, height: int, today: int) -> list[Line]:
    """Notes, newest first, wrapped under their own beginning."""
    lines: list[Line] = []
    for note in notes:
        day, who = day_text(note.day, today), cut(note.who, 6)
        head = f" {day:<6} {who:<4}"
        body = wrap(clean(note.text), max(cells - len(head) - 2, 8)) or [""]
        lines.append([(head, "dim"), (f" {body[0]}", "")])
        lines += [[(" " * (len(head) + 1), ""), (text, "")] for text in body[1:]]
    return lines[:height] or [[(" No note yet: m writes one", "dim")]]
