"""What stands around the entry grid: its columns, its heading, the legend, and at 120 columns the metric in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.marks import marks
from kpitui.domain.figures import show_change
from kpitui.domain.target import MAINTAIN, effective
from kpitui.reports.wording import near_day
from kpitui.text import width, wrapped
from kpitui.tui.screens import value_words
from kpitui.tui.widgets.columns import BoardRow, Column, Layout
from kpitui.tui.widgets.grid import VALUE
from kpitui.tui.widgets.styled import Line, Span, both_ends

if TYPE_CHECKING:
    from kpitui.services import entry_grid, metric_texts
    from kpitui.services.entry_grid import GridCell, GridLine

ADVERBS = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}
CELL = 8
"""Width of a value cell: five for the number, one for its sign, one at either side for the cursor's brackets."""
TYPED = ("+5 -5 5% relative to the last value", "12k 1.2m", "=9*31 sums", "paste fills down")
KEYS = ("v marks a block, y copies it, d empties it", "e edits", "Tab / arrows save too")
PASTE: tuple[Line, ...] = tuple(
    [(f" {text}", "")]
    for text in (
        "Paste a column: it fills down from the cursor.",
        "Paste a block from a sheet: it fills down and right.",
        "You see what is new and what is odd before it is saved.",
        "One paste is one undo.",
    )
)


def columns_for(cells: int) -> int:
    """How many periods fit."""
    if cells >= 120:
        return min((cells - 56) // CELL, 26)
    if cells >= 60:
        return max((cells - 32 + (80 - cells) // 2 * (cells < 80)) // CELL, 3)
    return 2


def layout(view: entry_grid.Grid, cells: int, glyphs: Glyphs) -> Layout:
    small = cells < 60
    periods = tuple(
        Column(f"{VALUE}{place}", CELL, f"{column.label}{'*' if column.running else ' '} ", "right", gap=0)
        for place, column in enumerate(view.columns)
    )
    wide = (Column("usual", 12, "usual", "right"), Column("target", 11, "target", "right"))
    return Layout(
        (
            Column("status", 1, "", gap=0),
            Column("name", 0, "metric", least=8),
            # The label of a day reaches up to it.
            Column("unit", 3 if small else 4, "" if cells < 80 or view.cadence == "day" else "unit"),
            *periods,
            *(wide if cells >= 120 else ()),
        )
    )


def empty(view: entry_grid.Grid, words: str, mine: bool, offers: bool = True) -> list[BoardRow]:
    """What is said where no metric is; `offers`: to somebody who may write metrics."""
    adverb = ADVERBS[view.cadence]
    if words:
        said = f"No metric matches “{words}”. Esc clears the filter."
    elif mine:
        said = f"You enter nothing {adverb}. @ shows what everybody enters."
    elif view.cadences:
        said = f"Nothing is measured {adverb}. b {' / '.join(ADVERBS[one] for one in view.cadences)}"
    else:
        way = " 2 goes to the Tree, where n makes a metric; 9 has templates." if offers else ""
        said = f"Nothing is measured yet.{way}"
    return [BoardRow("", (f"  {said}",), "text")]


def top(view: entry_grid.Grid, mine: bool, cells: int, glyphs: Glyphs, here: str = "") -> Line:
    """`Entry  weekly  W42-W47  3 to fill · 1 to check · [ ] older/newer`; `here` says who else enters."""
    first, last = view.columns[0].label, view.columns[-1].label
    left: list[Span] = [(" Entry", "heading"), (f"  {ADVERBS[view.cadence]}", ""), (f"  {first}-{last}", "bold")]
    if cells < 60:
        return [*left, (f"  {view.to_fill} to fill", "flag" if view.to_fill else "dim")]
    if mine:
        left.append(("  mine", "flag"))
    fill = f"{view.to_fill} to fill" if view.to_fill else "all in"
    left += [("  ", ""), (fill, "flag" if view.to_fill else "")]
    if view.to_check:
        left += [(f" {glyphs.dot} ", "dim"), (f"{view.to_check} to check", "flag")]
    if here:
        return [*left, (f" {glyphs.dot} ", "dim"), (here, "accent")]
    if cells >= 120:
        return both_ends(left, [(f"[ ] older/newer {glyphs.dot} b {'/'.join(view.cadences)}", "dim")], cells)
    if cells < 80:
        return left
    return [*left, (f" {glyphs.dot} [ ] older/newer {glyphs.dot} t this {view.cadence}", "dim")]


def legend(flagged: tuple[GridLine, GridCell] | None, cells: int, glyphs: Glyphs) -> list[Line]:
    """The signs of the cells and what may be typed, from 60 columns on."""
    lines: list[Line] = [[(line, "")] for line in flowing(signs(glyphs), cells)]
    if flagged is not None:
        lines += [[(f" {line}", "warn")] for line in wrapped(flag_words(*flagged, glyphs), cells - 2)]
    for some in (TYPED, KEYS):
        lines += [[(line, "dim")] for line in flowing(some, cells)]
    return lines


def flowing(parts: Iterable[str], cells: int) -> list[str]:
    """The parts in lines, none of them cut."""
    lines: list[str] = []
    for part in parts:
        if lines and width(lines[-1]) + 3 + width(part) <= cells:
            lines[-1] += f"   {part}"
        else:
            lines.append(f" {part}")
    return lines


def signs(glyphs: Glyphs) -> tuple[str, ...]:
    return (f"{glyphs.due} due", f"{glyphs.flagged} check it", f"{glyphs.corrected} corrected", f"{glyphs.note} note",
            f"{glyphs.not_asked} not asked", "- none")  # fmt: skip


def flag_words(line: GridLine, cell: GridCell, glyphs: Glyphs) -> str:
    """`? Site visits W46 = 555: looks like × 10. ⏎ on it accepts, or retype.`"""
    from kpitui.domain.audit_checks import entry_check

    assert cell.period is not None and cell.value is not None
    asked = line.asked(cell.period, cell.label)
    band = value_words.usual_text(asked)
    doubt = entry_check(cell.value, asked.before, asked.show)
    doubted = doubt.sentence.rpartition(": ")[2] if doubt else "it was odd when it was saved"
    why = f"the usual is {band}" if band else doubted
    return (
        f"{glyphs.flagged} {line.name} {cell.label} = {asked.show(cell.value)}: {why}. "
        f"{glyphs.enter} on it accepts, X all."
    )


def cells(glyphs: Glyphs) -> list[Line]:
    """The same for the pane of 120 columns."""
    pairs = (
        (glyphs.due, "due, nothing yet", glyphs.flagged, "odd: check it"),
        (glyphs.corrected, "corrected later", glyphs.note, "has a note"),
        (glyphs.not_asked, "not asked, or a day off", "-", "'none' on purpose (x)"),
    )
    out: list[Line] = [[(f" {a:<6}{b:<24} {c:<3}{d}", "")] for a, b, c, d in pairs]
    out.append([])
    for keys, words in (
        ("359", "sets it      12k 1.2m 3.4%   suffixes"),
        ("+5 -5 +5%", "from the last value"),
        ('"', "same as last period      =9*31+4  sum"),
        ("3.1 ; why", "value and note in one go"),
        ("x", "no value this period (; and why)"),
        ("v", 'block, then y d or "      e  edit the old text'),
    ):
        out.append([(f" {keys:<11}", "key"), (words, "")])
    return out


def about_title(line: GridLine, texts: metric_texts.About | None) -> str:
    unit = value_words.unit_text(line.unit, line.currency)
    parts = [f"{line.name}{f', {unit}' if unit != 'n' else ''}", line.updater]
    if texts is not None and texts.feeds:
        parts.append(f"feeds {texts.feeds}")
    return " · ".join(part for part in parts if part)


def about(
    line: GridLine, texts: metric_texts.About | None, width: int, height: int, glyphs: Glyphs, today: int
) -> list[Line]:
    """A metric's last periods as marks, its figures at the right, its definition, source and notes below."""
    words = _texts(texts, glyphs, today) if texts is not None else []
    rows = max(height - len(words) - 2, 3)
    side = _figures(line, glyphs)
    room = max(width - 22, 10)
    aim = effective(line.aim) if line.aim is not None else None
    target = aim.value if aim is not None and aim.kind in MAINTAIN and aim.kind != "between" else None
    count = max(min(len(line.values), (room + 1) // 3), 1)
    drawn = marks(line.values[-count:], room, rows - 1, glyphs, target=target)
    out: list[Line] = []
    for place in range(rows):
        chart = drawn.lines[place] if place < len(drawn.lines) else ""
        text = side[place] if place < len(side) else ""
        out.append([(" ", ""), (chart.ljust(room), "spark"), ("  ", ""), (text, "")])
    return [*out, [], *words]


def _figures(line: GridLine, glyphs: Glyphs) -> list[str]:
    cell = line.asked(line.periods[-1], "")
    now, last = line.values[-1], cell.last
    target = value_words.target_text(line.aim, line.unit, line.currency, line.decimals, glyphs)
    out = [f"target {target}" if target else "no target", ""]
    if last is not None:
        out.append(f"last {cell.show(last)}")
    if now is not None:
        out.append(f"now  {cell.show(now)}")
        if last is not None:
            change = show_change(now - last, line.unit, currency=line.currency, decimals=line.decimals)
            out.append(f"chg  {change} {value_words.sign_of(line.aim, now, glyphs)}".rstrip())
    band = value_words.usual_text(cell)
    return [*out, "", "usual", band] if band else out


def _texts(texts: metric_texts.About, glyphs: Glyphs, today: int) -> list[Line]:
    out: list[Line] = []
    for name, text in (("What", texts.definition), ("From", texts.source), ("How", texts.how.partition("\n")[0])):
        if text:
            out.append([(f" {name:<7}", "dim"), (text, "")])
    for day, who, text in texts.notes[:2]:
        out.append([(" Note   ", "dim"), (f"{near_day(day, today)} {who}: {text}", "")])
    return [*out, [], [(" Type a note after the value:   3.1 ; why", "dim")]]
