"""The chart of a metric as lines of spans: which series, which lines behind it, and the words to its right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from kpitui.charts.bullet import bullet, nice_top
from kpitui.charts.glyphs import Glyphs
from kpitui.charts.marks import marks
from kpitui.domain.figures import show
from kpitui.domain.line_band import MARKS
from kpitui.domain.signal_phases import Phase
from kpitui.domain.target import expected
from kpitui.reports.wording import day_text, figure, has_target
from kpitui.text import cut
from kpitui.tui.screens.detail_signals import NAMES as WAY_NAMES
from kpitui.tui.screens.detail_signals import WAYS, lines_of

if TYPE_CHECKING:
    from kpitui.services.detail import Detail, Value
    from kpitui.tui.widgets.styled import Line, Span

KINDS = ("limits", "target", "sum", "years", "marks", *WAYS)
"""Kinds of chart, in the order `C` goes through them."""
NAMES = {
    "limits": "process behaviour: mean and limits",
    "target": "values and target",
    "sum": "cumulative, to the target",
    "years": "this year and the one before",
    "marks": "level marks",
    **WAY_NAMES,
}
STYLES = {"series": "spark", "target": "target", "limit": "dim", "baseline": "dim", "band": "dim", "mean": "dim"}
FEW = 6
"""Values below which marks are drawn in place of a line."""


class Drawing(NamedTuple):
    """What is drawn: the series, the lines behind it, the texts below."""

    values: list[float | None]
    labels: list[str]
    references: list[tuple[str, Sequence[float | None] | float, str]]
    ahead: int = 0
    """How many of the values, at the end, are periods to come."""


def drawing(view: Detail, kind: str) -> Drawing:
    """The series of a kind of chart; unknown stays a gap."""
    row = view.row
    values = [value.cell.value for value in view.values]
    labels = [value.label for value in view.values]

    def plain(number: float | None) -> str:
        return figure(row, number)

    references: list[tuple[str, Sequence[float | None] | float, str]] = []
    targets = [value.target for value in view.values]
    if kind == "sum":
        start = row.start
        inside = [start is None or value.cell.span.end > start for value in view.values]
        running = list(accumulate((value or 0.0) if ok else 0.0 for value, ok in zip(values, inside, strict=True)))
        total = row.value if row.target_kind == "reach" else None
        lift = (
            0.0
            if total is None or not running
            else total - fsum(v or 0.0 for v, ok in zip(values, inside, strict=True) if ok)
        )
        summed = [
            None if value is None or not ok else number + lift
            for value, number, ok in zip(values, running, inside, strict=True)
        ]
        way = [
            expected(row.aim, value.cell.span.end - 1, row.trajectory) if row.target_kind == "reach" else None
            for value in view.values
        ]
        if any(point is not None for point in way):
            references.append(("target", way, f"way to {plain(row.target)}"))
        return Drawing(summed, labels, references)
    if kind in WAYS:
        if view.chart is None or isinstance(view.chart, str):
            return Drawing(values, labels, [])
        judged, lines = lines_of(view, view.chart)
        return Drawing(judged, labels, lines)
    if kind == "years":
        half = len(values) // 2
        return Drawing(values[half:], labels[half:], [("baseline", values[:half], "the periods before")])
    if any(target is not None for target in targets) and row.target_kind != "reach":
        if row.target_kind == "from_to":
            way = [expected(row.aim, value.cell.span.end - 1, row.trajectory) for value in view.values]
            references.append(("target", way, f"way to {plain(row.target)}"))
        else:
            latest = next(target for target in reversed(targets) if target is not None)
            references.append(("target", targets, f"target {plain(latest)}"))
    if kind == "limits":
        references += limit_lines(view)
    elif kind == "target":
        if row.baseline is not None:
            references.append(("baseline", row.baseline, f"baseline {plain(row.baseline)}"))
        if row.target_kind != "reach":
            references += band_lines(view)
    return with_band(view, Drawing(values, labels, references))


def band_lines(view: Detail) -> list[tuple[str, Sequence[float | None] | float, str]]:
    """Floor and stretch as they were in force in each period; a dated target changes them for its own time."""
    found: list[tuple[str, Sequence[float | None] | float, str]] = []
    for name in MARKS:
        line = [getattr(value, name) for value in view.values]
        latest = next((one for one in reversed(line) if one is not None), None)
        if latest is not None:
            found.append(("limit", line, f"{name} {figure(view.row, latest)}"))
    return found


def limit_lines(view: Detail) -> list[tuple[str, Sequence[float | None] | float, str]]:
    """Mean and limits of every phase over its own periods; the words are those of the current one."""
    now = view.phases[-1] if view.phases else None
    if now is None or view.limits is None:
        return []
    judged = [one for one in view.phases if one.limits is not None and one.limits.state != "too_early"]
    trial = "" if view.limits.state == "firm" else "trial "
    found: list[tuple[str, Sequence[float | None] | float, str]] = []
    for kind, name, at in (("limit", f"{trial}upper", Phase.upper), ("centre", "mean", Phase.centre),
                           ("limit", f"{trial}lower", Phase.lower)):  # fmt: skip
        line: list[float | None] = [None] * len(view.values)
        for phase in judged:
            line[phase.first : phase.end] = [at(phase, place) for place in range(phase.first, phase.end)]
        known = [number for number in line if number is not None]
        if not known:
            continue
        last = line[-1]
        words = f"{name} {figure(view.row, last)}" if last is not None else ""
        one = len(judged) == len(view.phases) == 1 and not judged[0].first
        found.append((kind, known[-1] if one else line, words))
    return found


def with_band(view: Detail, found: Drawing) -> Drawing:
    """The same with periods to come, at most a third as many, and the band that four in five values will be in."""
    spans = [value.cell.span for value in view.values]
    steps = {step.span: step for step in view.ahead.steps[: max(len(spans) // 3, 2)]}
    coming = [step for span, step in steps.items() if span.start > spans[-1].start]
    if not steps:
        return found
    more = len(coming)
    points = [steps[span].point if span in steps else None for span in [*spans, *(step.span for step in coming)]]
    last = next(point for point in reversed(points) if point is not None)
    references = [
        (kind, on(view, line, [step.span.end for step in coming]), label) for kind, line, label in found.references
    ]
    for kind, name, words in (("band", "high80", "4 in 5 to"), ("mean", "mean", "expected"), ("band", "low80", "from")):
        line = [None if point is None else float(getattr(point, name)) for point in points]
        references.append((kind, line, f"{words} {figure(view.row, getattr(last, name))}"))
    labels = [*found.labels, *(step.label for step in coming)]
    return Drawing([*found.values, *[None] * more], labels, references, more)


def on(view: Detail, line: Sequence[float | None] | float, ends: Sequence[int]) -> Sequence[float | None] | float:
    """A line drawn on over the periods to come: the way to a target until its deadline, else as it stands."""
    if isinstance(line, (int, float)):
        return line
    if view.row.target_kind == "from_to":
        deadline = view.row.deadline or 0
        return [
            *line,
            *(expected(view.row.aim, end - 1, view.row.trajectory) if end - 1 <= deadline else None for end in ends),
        ]
    return [*line, *[line[-1] if line else None] * len(ends)]


def chart_lines(view: Detail, kind: str, cells: int, height: int, glyphs: Glyphs) -> list[Line]:
    """`height` lines of `cells` cells: the chart, with its labels at the right where there is room for them."""
    found = drawing(view, kind)
    known = sum(value is not None for value in found.values)
    if not known:
        return [((" No values yet. c enters the first", "dim"),)]
    side = 36 if cells >= 110 else 20 if cells >= 70 else 0
    if kind == "marks" or known < FEW or cells < 60 or glyphs.name == "ascii":
        return mark_lines(view, found, cells, height, side, glyphs)
    from kpitui.charts.plot import Reference, chart

    step = 1.0 if view.row.unit in ("number", "score") and whole(found.values) else 0.0
    made = chart(
        found.values,
        cells - side,
        height,
        glyphs,
        references=[Reference(*reference) for reference in found.references],
        x_labels=found.labels,
        notes=notes_at(view, found),
        fmt=plain_format(view),
        least_step=step,
    )
    right: dict[int, tuple[str, str]] = {label.row: (label.text, STYLES.get(label.kind, "")) for label in made.labels}
    words = side_words(view, glyphs, side)
    lines: list[Line] = []
    for place, text in enumerate(made.lines):
        spans = coloured(text, [(piece.span, STYLES[piece.kind]) for piece in made.pieces if piece.span.row == place])
        if side:
            label = right.get(place)
            if label is None and place in words:
                label = words[place]
            spans.append((" ", ""))
            spans.append((cut(label[0], side - 1), label[1]) if label else ("", ""))
        lines.append(tuple(spans))
    return lines


def coloured(text: str, pieces: Sequence[tuple[object, str]]) -> list[Span]:
    """A line of the chart with the look of what its cells show."""
    from kpitui.charts.marks import Span as Cells

    out: list[Span] = []
    at = 0
    for cells, style in sorted(pieces, key=lambda piece: piece[0].start if isinstance(piece[0], Cells) else 0):
        assert isinstance(cells, Cells)
        if cells.start > at:
            out.append((text[at : cells.start], "frame"))
        out.append((text[max(cells.start, at) : cells.end], style))
        at = max(at, cells.end)
    out.append((text[at:], "frame"))
    return [span for span in out if span[0]]


def mark_lines(view: Detail, found: Drawing, cells: int, height: int, side: int, glyphs: Glyphs) -> list[Line]:
    target = next((value for value in reversed([v.target for v in view.values]) if value is not None), None)
    area = cells - side - 2
    values = found.values[: len(found.values) - found.ahead]
    drawn = marks(
        values, area, max(height - 1, 2), glyphs,
        target=None if view.row.target_kind in ("reach", "from_to") else target,
        labels=[label.split()[0] for label in found.labels[: len(values)]],
    )  # fmt: skip
    words = side_words(view, glyphs, side)
    known = sum(value is not None for value in found.values)
    if known < FEW and side:
        words[0] = (f"limits need {FEW} values, {FEW - known} to go", "dim")
    lines: list[Line] = []
    for place, text in enumerate(drawn.lines):
        word = words.get(place, ("", ""))
        style = "dim" if place == len(drawn.lines) - 1 else "spark"
        lines.append(((f" {text} ", style), (cut(word[0], side), word[1]) if side else ("", "")))
    return lines


def side_words(view: Detail, glyphs: Glyphs, side: int) -> dict[int, tuple[str, str]]:
    """What else stands at the right, by line from the top: dated targets and notes, and the bullet at the foot."""
    if side < 30:
        return {}
    words: list[tuple[str, str]] = [
        (f"{day_text(one.start, view.as_of)}  target {figure(view.row, one.value)}", "target")
        for one in view.targets[-3:]
        if one.value is not None
    ]
    words += [(f"{day_text(note.day, view.as_of)}  {note.text}", "") for note in view.notes[:4]]
    row = view.row
    placed = {place + 1: word for place, word in enumerate(words)}
    bound = row.target if row.target is not None else row.low if row.low is not None else row.high
    if has_target(row) and bound is not None and bound > 0 and (row.value or 0) >= 0:
        top = nice_top(row.value, bound)
        bar = bullet(row.value, bound, 22, glyphs, top=top)
        placed[12] = (f"{bar} {show(top, row.unit, currency=row.currency, compact=True)}", "")
    return placed


def notes_at(view: Detail, found: Drawing) -> list[tuple[int, str]]:
    """Notes by the place of the period they fall into."""
    shown = view.values[-(len(found.values) - found.ahead) :]
    return [
        (place, note.text)
        for note in view.notes
        for place, value in enumerate(shown)
        if value.cell.span.start <= note.day < value.cell.span.end
    ]


def plain_format(view: Detail) -> Callable[[float], str]:
    row = view.row
    return lambda number: show(number, row.unit, currency=row.currency, compact=True)


def whole(values: Sequence[float | None]) -> bool:
    return all(value is None or float(value).is_integer() for value in values)


def moving_ranges_line(values: Sequence[Value], view: Detail, glyphs: Glyphs) -> Line:
    """The moving ranges as one sparkline with their mean and limit."""
    from kpitui.charts.sparkline import sparkline
    from kpitui.domain.signals import moving_ranges

    limits = view.limits
    if limits is None:
        return (("", ""),)
    ranges = moving_ranges([value.cell.value if value.cell.whole else None for value in values])
    line = sparkline(ranges, min(len(ranges), 52), glyphs)
    text = f"  moving range: mean {figure(view.row, limits.mr_centre)}, limit {figure(view.row, limits.mr_upper)}"
    return ((" mR ", "dim"), (line, "spark"), (text, "dim"))
