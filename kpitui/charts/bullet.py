"""Bars from zero with a tick at the target: bullets for a value, progress bars for a goal's share of way and time.

A bar's length is read as an amount, so it always starts at zero (Few, Bullet Graph Design Specification, 2013). Against
the tick the bar is exact whatever the rounding: it reaches the tick if and only if the value reaches the target.
"""

from __future__ import annotations

import math

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.sparkline import finite

_LADDER = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 4.5, 5.0, 6.0, 8.0, 10.0)
_BAND_FROM = 20


def bullet(
    value: float | None,
    target: float | None,
    width: int,
    glyphs: Glyphs,
    *,
    top: float | None = None,
    watch: float | None = None,
) -> str:
    """`███████▌ │  `: the value as a bar from zero, `│` at the target, exactly `width` cells.

    `top` is the value at the right end (`nice_top` when left out). `watch` is where the watch band begins, on either
    side of the target; it is drawn from 20 cells up. Without a value the bar is empty. A value below zero on an
    axis above it is `‹` at the left end; where value and target are both at most zero the bar grows from a zero at the
    right end.
    """
    value, target, watch = finite(value), finite(target), finite(watch)
    inner = width - len(glyphs.left_end) - len(glyphs.right_end)
    if inner < 1:
        return glyphs.empty * max(width, 0)
    if _is_below(value, target):
        cells = _cells(
            None if value is None else -value,
            None if target is None else -target,
            inner,
            glyphs,
            -top if top is not None and top < 0 else None,
            None if watch is None else -watch,
        )
        # Eighths of a block grow from the left only, so a mirrored bar ends in whole cells.
        cells = [cell if cell not in glyphs.eighths[:-1] else glyphs.empty for cell in reversed(cells)]
    else:
        cells = _cells(value, target, inner, glyphs, top, watch)
    return glyphs.left_end + "".join(cells) + glyphs.right_end


def progress(done: float | None, gone: float | None, width: int, glyphs: Glyphs) -> str:
    """`████████████▎    │   `: share of the way done, with a tick at the share of time gone; both 0 to 1."""
    return bullet(None if done is None else max(done, 0.0), gone, width, glyphs, top=1.0)


def nice_top(value: float | None, target: float | None) -> float:
    """A round number at least a tenth beyond value and target, for the right end of a bullet (minus it, below zero)."""
    reach = max((abs(number) for number in (finite(value), finite(target)) if number is not None), default=0.0)
    if reach == 0.0:
        return 1.0
    sign = -1.0 if _is_below(value, target) else 1.0
    wanted = min(reach * 1.1, 1e308)
    # Powers of ten by their decimal text are exact where 10.0 ** n is not.
    power = math.floor(math.log10(wanted))
    return sign * next(top for step in _LADDER if (top := float(f"{step}e{power}")) >= wanted * (1 - 1e-9))


def _is_below(value: float | None, target: float | None) -> bool:
    numbers = [number for number in (value, target) if number is not None]
    return bool(numbers) and max(numbers) <= 0 and min(numbers) < 0


def _cells(
    value: float | None, target: float | None, width: int, glyphs: Glyphs, top: float | None, watch: float | None
) -> list[str]:
    end = top if top is not None and finite(top) and top > 0 else nice_top(value, target)
    tick = None if target is None or target < 0 else _cell(target, end, width)
    parts = len(glyphs.eighths)
    cells = [glyphs.empty] * width
    if watch is not None and target is not None and width >= _BAND_FROM:
        low, high = sorted((watch, target))
        for cell in range(_cell(low, end, width), _cell(high, end, width) + 1):
            cells[cell] = glyphs.band
    if value is not None:
        length = _length(value, end, width, parts)
        if tick is not None and target is not None:
            length = max(length, tick * parts) if value >= target else min(length, max(tick * parts - 1, 0))
        whole, part = divmod(length, parts)
        cells[:whole] = glyphs.eighths[-1] * whole
        if part:
            cells[whole] = glyphs.eighths[part - 1]
        if value < 0:
            cells[0] = glyphs.below
    if tick is not None:
        cells[tick] = glyphs.tick
    return cells


def _length(value: float, end: float, width: int, parts: int) -> int:
    """In parts of a cell. Whole cells are rounded, eighths cut: a cut whole cell would be up to one cell short."""
    share = _share(value, end)
    return round(share * width) if parts == 1 else int(share * width * parts + 1e-9)


def _cell(value: float, end: float, width: int) -> int:
    return min(int(_share(value, end) * width), width - 1)


def _share(value: float, end: float) -> float:
    # Compared before divided: a quotient can overflow.
    return 0.0 if value <= 0 else 1.0 if value >= end else value / end
