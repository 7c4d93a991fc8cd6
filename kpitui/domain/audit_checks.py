"""Doubts about a value at the moment it is entered. Nothing is corrected or refused here.

The rules are those that found planted mistakes at the price of the fewest false alarms on 1,428 real monthly series
(0.23 % of points): other ones, such as z scores, interquartile fences and Hampel filters, flag 20 to 80 % of series.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpitui.domain.named import NamedTuple

LOW, HIGH = 0.2, 5.0
FACTORS = (10, 100, 1000, 1_000_000)
NEAR = 0.4
"""How far from a factor a ratio may be and still look like it."""
AT_LEAST = 3
RARE = 0.05


class Doubt(NamedTuple):
    kind: str
    """bounds (cannot be right), factor, size, zero or sign (may be right: ask)."""
    sentence: str


def bounds_check(new: float, low: float | None, high: float | None, show: Callable[[float], str] = str) -> Doubt | None:
    """Outside the hard bounds of its metric: cannot be right."""
    if low is not None and new < low:
        return Doubt("bounds", f"{show(new)} is below {show(low)}, the least this metric can be")
    if high is not None and new > high:
        return Doubt("bounds", f"{show(new)} is above {show(high)}, the most this metric can be")
    return None


def entry_check(new: float, last_values: Sequence[float | None], show: Callable[[float], str] = str) -> Doubt | None:
    """What is odd about a new value, given the ones before it (oldest first, the longer the better; None is skipped).

    Outside 0.2 to 5 times the median of the last five; not positive where all before were (and the mirror image for
    negative series); or of a sign that fewer than 5 % of the values have. Silent below three values.
    """
    before = [value for value in last_values if value is not None]
    if len(before) < AT_LEAST:
        return None
    positive = all(value > 0 for value in before)
    if (positive and new <= 0) or (new >= 0 and all(value < 0 for value in before)):
        always = "above" if positive else "below"
        return Doubt("sign" if new else "zero", f"{show(new)}, where all values before were {always} {show(0.0)}")
    same = sum(value * new > 0 for value in before) + 1
    if new and same / (sum(value != 0 for value in before) + 1) < RARE:
        return Doubt("sign", f"{show(new)} has the sign that hardly any value before had: check the minus")
    return _size(new, before, show)


def _size(new: float, before: list[float], show: Callable[[float], str]) -> Doubt | None:
    last = sorted(before[-5:])
    middle = len(last) // 2
    median = last[middle] if len(last) % 2 else (last[middle - 1] + last[middle]) / 2
    # A ratio says nothing where the values cross zero, nor a zero where zeros are normal.
    if not median or last[0] < 0 < last[-1] or new * median < 0 or (not new and 0 in before):
        return None
    ratio = new / median
    if LOW <= ratio <= HIGH:
        return None
    against = f"the median of the last {len(last)}, {show(median)}"
    for factor in FACTORS:
        if abs(ratio / factor - 1) <= NEAR:
            return Doubt("factor", f"{show(new)} against {against}: looks like × {factor:,}")
        if ratio > 0 and abs(1 / ratio / factor - 1) <= NEAR:
            return Doubt("factor", f"{show(new)} against {against}: looks like ÷ {factor:,}")
    return Doubt("size", f"{show(new)} is {'more than 5 times' if ratio > 1 else 'less than a fifth of'} {against}")
