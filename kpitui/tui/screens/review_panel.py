"""One exception as the room sees it: six weeks beside twelve months, the figures, both verdicts, what people wrote."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.charts.marks import marks
from kpitui.charts.sparkline import sparkline
from kpitui.domain.review import STEPS
from kpitui.reports.wording import day_text, gap_text, rates_text, standing, target_text, value_text
from kpitui.text import cut, width
from kpitui.tui.screens.review_rows import folded
from kpitui.tui.widgets.lines import ruled
from kpitui.tui.widgets.styled import Line, Span, status_style

if TYPE_CHECKING:
    from kpitui.services.judging import Row
    from kpitui.services.review_items import Item, Panel
    from kpitui.services.review_session import Session

PERIODS = {"day": "days", "week": "weeks", "month": "months", "quarter": "quarters", "year": "years"}
SHORT = {"4 weeks": "4wk", "last wk": "last"}
SIDE = 30
"""Cells beside the item, its frame left out (`review.tcss`)."""
LETTERS = {"decision": "D", "issue": "I", "action": "a", "note": "m"}


def panel_lines(view: Session, item: Item, cells: int, height: int, glyphs: Glyphs, room: bool) -> list[Line]:
    """The item in `height` lines of `cells`; `room` is the big picture, without what people wrote."""
    top: list[Line] = [head_line(item, cells, glyphs)]
    small = cells < 60
    panel = view.panel
    words: list[Line] = [] if small or panel is None else table_lines(panel, cells)
    words += verdict_lines(item.row, cells, glyphs, item.known, panel.doubt if panel is not None else "")
    below = [] if room else written_lines(view, item, cells, glyphs, short=height < 16 or small)
    if small or panel is None:
        values = [cell.value for cell in item.row.series]
        chart: list[Line] = [[(" ", ""), (sparkline(values, min(cells - 2, len(values)), glyphs), "spark")]]
    else:
        free = height - len(top) - len(words) - len(below) - 2
        target = target_text(item.row, ascii=glyphs.name == "ascii") if panel.target_words else ""
        chart = chart_lines(panel, target, cells, max(min(free, 40 if room else 11), 2), glyphs)
    return [*top, *chart, *words, *below][:height]


def head_line(item: Item, cells: int, glyphs: Glyphs) -> Line:
    row = item.row
    ascii = glyphs.name == "ascii"
    style = status_style(row.status)
    spans: list[Span] = [
        (f" {mark(row.status, glyphs)} ", style),
        (row.name, "bold"),
        (f"   {value_text(row, ascii=ascii)}", "bold"),
    ]
    target = target_text(row, ascii=ascii)
    if target not in ("–", "-"):
        spans += [(f" vs {target}  ", ""), (gap_text(row, ascii=ascii), style)]
    if cells < 60:
        return spans
    facts = [{"leading": "lead", "lagging": "lag"}.get(row.timing or "", ""), row.owner]
    facts.append(f"feeds {', '.join(item.feeds[:2])}" if item.feeds else "")
    if item.streak > 1:
        facts.append(f"{item.streak} {PERIODS[row.cadence]} {glyphs.off}")
    if item.group == "missing":
        facts.append("value missing")
    said = f" {glyphs.dot} ".join(fact for fact in facts if fact)
    return [*spans, (f"   {said}", "dim")]


def chart_lines(panel: Panel, target: str, cells: int, height: int, glyphs: Glyphs) -> list[Line]:
    """Both halves on one scale, with the target behind them and the periods below."""
    values = [*panel.near, *panel.far]
    gap = 4 if panel.near else 0
    slot = max(min((cells - 2 - gap + 1) // max(len(values), 1), 5), 1)
    drawn = marks(
        values,
        slot * len(values),
        height,
        glyphs,
        target=panel.target,
        limits=panel.limits,
        labels=[*panel.near_labels, *panel.far_labels],
    )
    cut = slot * len(panel.near)
    title = f" {panel.near_title:<{cut + gap}}{panel.far_title}" if panel.near else f" {panel.far_title}"
    told: list[Span] = [(title, "dim")]
    if target:
        line = f"{glyphs.target_marks} target {target}"
        told.append((" " * max(cells - width(title) - width(line) - 2, 2) + line, "target"))
    lines: list[Line] = [told]
    for place, text in enumerate(drawn.lines):
        whole = f" {text[:cut]}{' ' * gap}{text[cut:]}" if panel.near else f" {text}"
        labels = place == len(drawn.lines) - 1
        lines.append([(whole, "dim")] if labels else coloured(whole, glyphs))
    return lines


def coloured(text: str, glyphs: Glyphs) -> Line:
    own = {glyphs.low_mark, glyphs.high_mark}
    return [
        ("".join(part), "spark" if is_mark else "target")
        for is_mark, part in groupby(text, key=lambda char: char in own)
    ]


def table_lines(panel: Panel, cells: int) -> list[Line]:
    """One line of figures, or with room three: value, target, gap."""
    if not panel.table:
        return []
    if cells < 85:
        spans: list[Span] = [(" ", "")]
        for column in panel.table:
            spans += [(f"{SHORT.get(column.title, column.title)} ", "dim"), (column.value, "bold"), ("  ", "")]
        return [spans]
    titles, values, targets, gaps = "        ", " value  ", " target ", " gap    "
    for column in panel.table:
        titles += f"{column.title:>10}"
        values += f"{column.value:>10}"
        targets += f"{column.target:>10}"
        gaps += f"{column.gap:>10}"
    lines: list[Line] = [[(titles, "dim")], [(values, "bold")]]
    if any(column.target for column in panel.table):
        lines += [[(targets, "")], [(gaps, "")]]
    return lines


def verdict_lines(row: Row, cells: int, glyphs: Glyphs, seen: bool = False, doubt: str = "") -> list[Line]:
    """Signal and pace as two verdicts, and what the two ask for. A signal `seen` at the last review is no news: then
    the process is as it has become. `doubt` says why it may be none."""
    both = standing(row._replace(signal=None) if seen else row)
    lines: list[Line] = []
    if row.signal is not None:
        again = ", as at the last review" if seen else ""
        lines.append([(f" {glyphs.signal} {row.signal.sentence}{again}", "" if seen else "flag")])
        lines += [[(f" {part}", "dim")] for part in folded(f"but {doubt}", cells - 2)] if doubt else []
    elif both.pace:
        lines.append([(" no signal", "dim")])
    if not both.sentence:
        return [*lines, [(f" {row.why}", "dim")]] if row.why else lines
    pace = f" {both.pace}  " if both.pace else " "
    first, *rest = folded(both.sentence, cells - width(pace))
    lines.append([(pace, status_style(row.status)), (first, "bold")])
    lines += [[(" " * width(pace) + part.strip(), "bold")] for part in rest]
    rates = rates_text(row)
    if rates and cells >= 60:
        if width(pace) + width(first) + width(rates) + 2 > cells or rest:
            lines.append([(f" {rates}", "dim")])
        else:
            lines[-1] = [*lines[-1], (f"  {rates}", "dim")]
    return lines


def written_lines(view: Session, item: Item, cells: int, glyphs: Glyphs, *, short: bool) -> list[Line]:
    """The owner's note, open actions on it, and what this review has written about it."""
    lines: list[Line] = [ruled("owner", cells, glyphs)]
    if item.notes:
        for note in item.notes[: 1 if short else 3]:
            lines.append(
                [(f" {note.who:<4} ", "bold"), (note.text, ""), (f"  {day_text(note.day, view.as_of)}", "dim")]
            )
    if not item.noted:
        lines.append([(f" no note yet: m writes {item.row.owner or 'the owner'}'s", "dim")])
    tasks = [task for task in view.last_time if task.metric_id == item.row.metric_id and task.state == "open"]
    for task in tasks[: 1 if short else 3]:
        sign, style = (glyphs.off, "off") if task.late_days else (glyphs.none, "dim")
        late = f" late {task.late_days}d" if task.late_days else ""
        lines.append(
            [
                (" open ", "dim"),
                (f"{sign}{late} ", style),
                (f" {task.owner}  {task.text}", ""),
                (f"  {day_text(task.due, view.as_of)}", "dim"),
            ]
        )
    tried = [one for one in view.effects if one.metric_id == item.row.metric_id and one.effect is not None]
    for one in tried[: 1 if short else 2]:
        said = one.effect.state if one.effect else ""
        style = {"better": "on", "worse": "off"}.get(said, "dim")
        lines.append([(" tried ", "dim"), (f"{one.text}  ", ""), (one.sentence, style)])
    own = [line for line in view.lines if line.metric_id == item.row.metric_id and line.kind != "note"]
    if own:
        lines.append(ruled("this review", cells, glyphs))
        agreed = {task.id: task for task in view.agreed}
        for line in own[-2:] if short else own[-5:]:
            spans: list[Span] = [
                (f" {line.clock} " if cells >= 110 else " ", "dim"),
                (f"{LETTERS[line.kind]}  ", "bold"),
            ]
            made = agreed.get(line.action_id or 0)
            if made is not None:
                spans += [
                    (f"{made.owner}  {made.text}", ""),
                    (f"  {day_text(made.due, view.as_of, weekday=True)}", "dim"),
                ]
            else:
                spans.append((line.text, ""))
                if line.kind == "issue":
                    spans.append(("  > step 4", "dim"))
            lines.append(spans)
    return lines


def side_lines(view: Session, at: int, shown: int, height: int, glyphs: Glyphs) -> list[Line]:
    """What else is open, beside the item: the exceptions, actions, issues, decisions and the timer."""
    lines: list[Line] = [[("Exceptions first", "heading")]]
    for place, item in enumerate(view.items[:shown]):
        row = item.row
        sign = glyphs.cursor if place == at else " "
        tail = "  no note" if not item.noted and item.group in ("off", "watch") else ""
        name = cut(row.name, SIDE - 4 - len(tail), glyphs.ellipsis)
        lines.append([(f"{sign} ", "accent"), (f"{mark(row.status, glyphs)} ", status_style(row.status)),
                      (name, ""), (tail, "dim")])  # fmt: skip
    quiet = len(view.items) - shown
    if quiet:
        lines.append([(f"  + {quiet} quiet {'one' if quiet == 1 else 'ones'}  ! shows", "dim")])
    tasks = [task for task in view.last_time if task.state == "open"]
    if tasks:
        lines += [[], [("Open actions", "heading")]]
        for task in tasks[:5]:
            sign, style = (glyphs.off, "off") if task.late_days else (glyphs.none, "dim")
            lines.append([(f"  {sign} ", style), (f"{task.owner}  {task.text}", "")])
    for title, kind in (("Issues parked", "issue"), ("Decided today", "decision")):
        said = [line for line in view.of_kind(kind) if line.state != "closed"]
        if said:
            lines += [[], [(title, "heading")]]
            lines += [[(f"  {line.text}", "")] for line in said[:4]]
    lines += [[], [("Timer", "heading")]]
    for place, (name, box, seconds) in enumerate(zip(STEPS, view.boxes, view.seconds, strict=True)):
        spent = seconds // 60
        lines.append([(f"  {place + 1} {name:<12}{spent:>2} of {box:>3}", "off" if spent >= box else "dim")])
    lines += [[], [("F big picture for the room", "dim")], [("ctrl+t pauses the clock", "dim")]]
    lines = lines[:height] + [[]] * (height - len(lines))
    return [[(f"{glyphs.vertical} ", "frame"), *line] for line in lines]
