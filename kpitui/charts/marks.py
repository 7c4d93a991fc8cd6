"""Level marks: a small chart that shows where values lie, not how long they are, so its axis need not start at zero."""

from __future__ import annotations

from collections.abc import Sequence

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.sparkline import Scale, finite
from kpitui.domain.named import NamedTuple

_WIDEST_SLOT = 5


class Span(NamedTuple):
    """Cells `start` up to but not `end` of line `row`."""

    row: int
    start: int
    end: int


class Marks(NamedTuple):
    lines: list[str]
    """`height` rows, and one more with the labels if there are any, each `width` cells."""
    spans: list[Span | None]
    """Where each value of the input is drawn; None for those missing, or too old to fit."""


def marks(
    values: Sequence[float | None],
    width: int,
    height: int,
    glyphs: Glyphs,
    *,
    target: float | None = None,
    limits: Sequence[float] = (),
    labels: Sequence[str] = (),
) -> Marks:
    """The last values as `▀▄` marks, two levels a row, with the target as a `┄` line and limits as `┈` behind them.

    Each value gets an equal slot of up to five cells, a blank between two; values that would get less than one cell are
    left out, oldest first. The scale runs from the least to the greatest of values, target and limits. `labels` (one a
    value) stand beneath, the last always, earlier ones as far as they fit. A missing value is a dot in the lowest row.
    """
    if width < 1 or height < 1:
        return Marks([], [None] * len(values))
    slot = min(max((width + 1) // max(len(values), 1), 1), _WIDEST_SLOT)
    thick = max(slot - 1, 1)
    first = max(len(values) - (width + slot - thick) // slot, 0)
    shown = [finite(value) for value in values[first:]]
    numbers = [number for number in (*shown, finite(target), *map(finite, limits)) if number is not None]
    scale = Scale(min(numbers, default=0.0), max(numbers, default=0.0), 2 * height)
    rows = [[" "] * width for _ in range(height)]
    for value, line in (*((limit, glyphs.limit) for limit in limits), (target, glyphs.target_marks)):
        if finite(value) is not None and value is not None:
            rows[height - 1 - scale.level(value) // 2] = [line] * width
    spans: list[Span | None] = [None] * first
    for place, value in enumerate(shown):
        start = place * slot
        end = min(start + thick, width)
        if value is None:
            rows[-1][start] = glyphs.missing
            spans.append(None)
            continue
        level = scale.level(value)
        row = height - 1 - level // 2
        rows[row][start:end] = (glyphs.high_mark if level % 2 else glyphs.low_mark) * (end - start)
        spans.append(Span(row, start, end))
    lines = ["".join(row) for row in rows]
    if labels:
        lines.append(label_row([(place * slot, label) for place, label in enumerate(labels[first:])], width))
    return Marks(lines, spans)


def label_row(labels: Sequence[tuple[int, str]], width: int) -> str:
    """Labels in one row of `width` cells, each from its cell on or, where it would stick out, ending at the right end.

    The last is always there and then, from the first on, every n-th that leaves a blank on both sides, with the least n
    at which all those fit.
    """
    placed = [(max(min(start, width - len(label)), 0), label[:width]) for start, label in labels]
    for step in range(1, len(placed) + 1):
        kept = placed[:-1:step] + placed[-1:]
        # The last but one gives way to the last; a wider step is only tried for the others.
        if len(kept) > 1 and not _apart(kept[-2], kept[-1]):
            del kept[-2]
        if all(map(_apart, kept, kept[1:])):
            break
    else:
        kept = placed[-1:]
    row = ""
    for start, label in kept:
        row = row.ljust(start) + label
    return row.ljust(width)


def _apart(left: tuple[int, str], right: tuple[int, str]) -> bool:
    return left[0] + len(left[1]) < right[0]
