"""A series with its season divided out, so that limits judge what the season does not explain (as xmrit does)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kpitui.domain.problem import Problem

LEAST_CYCLES = 2


def factors(values: Sequence[float | None], length: int) -> list[float]:
    """One a season: the mean of its values through the mean of all. `length` is the number of seasons in a cycle.

    Raises Problem for less than two whole cycles, for a season without any value and where the mean of all is 0.
    """
    if length < 2:
        raise Problem("Yearly values have no season: leave the seasonal adjustment out.")
    if len(values) < LEAST_CYCLES * length:
        raise Problem(f"A season needs two whole cycles, {LEAST_CYCLES * length} values; there are {len(values)}.")
    known = [value for value in values if value is not None]
    mean = math.fsum(known) / len(known) if known else 0.0
    size = max((abs(value) for value in known), default=0.0)
    if abs(mean) <= size * 1e-12:
        raise Problem("The mean of the values is 0, and a season is a share of it: leave the seasonal adjustment out.")
    out = []
    for season in range(length):
        own = [value for value in values[season::length] if value is not None]
        if not own:
            raise Problem(f"Season {season + 1} of {length} has no value yet: leave the seasonal adjustment out.")
        out.append(math.fsum(own) / len(own) / mean)
    return out


def adjusted(values: Sequence[float | None], by: Sequence[float]) -> list[float | None]:
    """Each value through the factor of its season, in the metric's unit; a factor of 0 leaves it alone."""
    return [
        value if value is None or not by[place % len(by)] else value / by[place % len(by)]
        for place, value in enumerate(values)
    ]
