"""A sparkline as spans: what missed its target stands out, the last value is bold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.sparkline import missed_cells, sparkline
from kpitui.tui.widgets.styled import Line, Span


def spark_spans(
    values: Sequence[float | None],
    width: int,
    glyphs: Glyphs,
    missed: Callable[[int, float], bool] | None = None,
) -> Line:
    """The last `width` values; `missed` is asked with a value's index and the value."""
    if width <= 0:
        return ()
    text = sparkline(values, width, glyphs)
    styles = ["spark"] * width
    for cell in missed_cells(values, width, missed) if missed else ():
        styles[cell] = "miss"
    if values and values[-1] is not None:
        styles[-1] += " bold"
    spans: list[Span] = []
    start = 0
    for at in range(1, width + 1):
        if at == width or styles[at] != styles[start]:
            spans.append((text[start:at], styles[start]))
            start = at
    return spans
