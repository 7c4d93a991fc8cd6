"""What one driver must be for a result to be what is wanted, and how strongly the result hangs on it.

Both ask a function of the driver's value, everything else held; it gives None where the result is undefined.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from kpitui.domain.named import NamedTuple

Result = Callable[[float], float | None]

STEP = 1e-4
"""Share of the driver's size by which it is moved to see what the result does."""
WIDEST = 80
"""Doublings of the search; 2^80 times the driver's size is beyond anything that is counted."""
HALVINGS = 200
CLOSE = 1e-9


class Solved(NamedTuple):
    """`value` is None where none exists, and `why` says so in words without a full stop."""

    value: float | None
    why: str = ""


def elasticity(result: Result, at: float) -> float | None:
    """`∂ln V / ∂ln x`: by how many percent the result moves when the driver moves by one (maths: 5.3).

    1 for a factor of a product, its share for a term of a sum. None where value or result is 0 or unknown.
    """
    here = result(at)
    if not at or not here:
        return None
    up, down = result(at * (1 + STEP)), result(at * (1 - STEP))
    if up is None or down is None:
        return None
    found = (up - down) / (2 * STEP * here)
    return found if math.isfinite(found) else None


def solve(
    result: Result, start: float, wanted: float, *, low: float | None = None, high: float | None = None
) -> Solved:
    """The value of the driver nearest to `start` at which the result is `wanted`, by bisection, between its bounds.

    The search widens to both sides, doubling its step, until the result passes what is wanted. A leap across it, as at
    a division by 0, is no solution.
    """
    here = result(start)
    if here is None:
        return Solved(None, "it has no result to begin with")
    if _same(here, wanted):
        return Solved(start)
    moved = False
    best, best_at = here, start
    sides = [(1.0, start, here, high), (-1.0, start, here, low)]
    step = abs(start) / 8 or 1.0
    for _ in range(WIDEST):
        following = []
        for sign, before, value, bound in sides:
            at = before + sign * step
            end = bound is not None and (at - bound) * sign >= 0
            at = bound if end and bound is not None else at
            there = result(at) if at != before else None
            if there is None or not math.isfinite(there):
                continue
            moved = moved or not _same(there, here)
            if abs(there - wanted) < abs(best - wanted):
                best, best_at = there, at
            if (value - wanted) * (there - wanted) <= 0:
                found = _bisect(result, before, at, wanted)
                if found is not None:
                    return Solved(found)
                continue
            if not end:
                following.append((sign, at, there, bound))
        sides = following
        step *= 2
        if not sides:
            break
    if not moved:
        return Solved(None, "it does not move the result")
    if best_at == start:
        return Solved(None, "moving it either way only leads away")
    return Solved(None, "no value of it is enough")


def _bisect(result: Result, one: float, other: float, wanted: float) -> float | None:
    first = result(one)
    if first is None:
        return None
    last = result(other)
    if last is not None and last != first:
        # Most results are straight in one driver: then the line through both ends is exact.
        straight = _tidy(one + (wanted - first) * (other - one) / (last - first))
        there = result(straight)
        if there is not None and _same(there, wanted):
            return straight
    below = first < wanted
    for _ in range(HALVINGS):
        middle = one + (other - one) / 2
        if middle in (one, other):
            break
        value = result(middle)
        if value is None:
            return None
        if value == wanted:
            return middle
        if (value < wanted) == below:
            one = middle
        else:
            other = middle
    found = [(abs(value - wanted), at) for at in (one, other) if (value := result(at)) is not None]
    miss, at = min(found, default=(math.inf, other))
    if miss > CLOSE * max(abs(wanted), abs(first), 1e-300):
        return None
    there = result(_tidy(at))
    return _tidy(at) if there is not None and abs(there - wanted) <= max(miss, 1e-12 * abs(wanted)) else at


def _tidy(value: float) -> float:
    """Without the last bits, which no one typed."""
    return float(f"{value:.12g}") if math.isfinite(value) else value


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-300)


def rounded(value: float, start: float, *, whole: bool, enough: bool = False) -> float:
    """A needed value as it is written down: whole where it is counted, else four figures, never short of enough.

    `enough` says that what is wanted is there already at `start`, so that short of it is beyond the value.
    """
    if value == start or not math.isfinite(value):
        return value
    outward: Callable[[float], int] = math.ceil if (value > start) != enough else math.floor
    if whole and abs(value) >= 10:
        near = round(value)
        return float(near if math.isclose(near, value, rel_tol=1e-9) else outward(value))
    if not value:
        return value
    places = 3 - math.floor(math.log10(abs(value)))
    scale = 10.0**places
    near = round(value * scale)
    return (near if math.isclose(near, value * scale, rel_tol=1e-9) else outward(value * scale)) / scale
