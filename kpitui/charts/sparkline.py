"""A series in one row of text: one cell a period, so that nothing seen is an average of things unseen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kpitui.charts.glyphs import Glyphs

# Differences below this share of the size of the values are the noise of binary fractions (0.1 + 0.2 against 0.3).
_NOISE = 1e-12


def sparkline(values: Sequence[float | None], width: int, glyphs: Glyphs) -> str:
    """The last `width` values, oldest first, as exactly `width` cells; the last value stands at the right end.

    Nothing is resampled. Missing periods, those before the first value too, are `glyphs.missing`. The scale runs from
    the least to the greatest value shown, so heights may be compared within one sparkline only; a series that does not
    move, and a single value, is drawn at half height.
    """
    shown = _shown(values, width)
    present = [value for value in shown if value is not None]
    if not present:
        return glyphs.missing * max(width, 0)
    scale = Scale(min(present), max(present), len(glyphs.levels))
    cells = [
        glyphs.missing if value is None else glyphs.level if scale.flat else glyphs.levels[scale.level(value)]
        for value in shown
    ]
    return "".join(cells).rjust(width, glyphs.missing)


def missed_cells(values: Sequence[float | None], width: int, missed: Callable[[int, float], bool]) -> list[int]:
    """Which cells of `sparkline(values, width, …)` hold a value for which `missed(index in values, value)` is true."""
    first = max(len(values) - max(width, 0), 0)
    pad = width - (len(values) - first)
    return [
        pad + cell
        for cell, value in enumerate(_shown(values, width))
        if value is not None and missed(first + cell, value)
    ]


def finite(value: float | None) -> float | None:
    """The value, or None where it is not a number one can draw."""
    return None if value is None or not math.isfinite(value) else value


def _shown(values: Sequence[float | None], width: int) -> list[float | None]:
    return [finite(value) for value in values[max(len(values) - width, 0) :]] if width > 0 else []


class Scale:
    """Equal steps from `low` to `high`: a higher value never gets a lower level."""

    __slots__ = ("_high", "_low", "_steps", "flat")

    def __init__(self, low: float, high: float, steps: int) -> None:
        # Halves, because the distance between two finite numbers can overflow.
        self._low = low / 2
        self._high = high / 2
        self._steps = steps
        self.flat = self._high - self._low <= _NOISE * max(abs(self._low), abs(self._high))

    def level(self, value: float) -> int:
        """0 for the lowest step, steps - 1 for the highest; the lower middle one when low and high are the same."""
        if self.flat:
            return (self._steps - 1) // 2
        share = (value / 2 - self._low) / (self._high - self._low)
        return min(max(int(share * self._steps), 0), self._steps - 1)
