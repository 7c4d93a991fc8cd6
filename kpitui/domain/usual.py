"""The band a new value is usually in, seen from the last one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

FACTOR = 3.27
"""Upper limit of moving ranges over their mean (Wheeler: 3.268; D4 in tables: 3.267), as people know it."""
AT_LEAST = 6


def usual(
    values: Sequence[float | None], n: int = 26, *, floor: float | None = None, ceiling: float | None = None
) -> tuple[float, float] | None:
    """Last value plus and minus 3.27 x the mean moving range of the last `n` periods, cut at the hard bounds.

    Around the last value and not the mean, so that a growing series does not warn every period. None when fewer than
    six values, or no variation at all, give nothing to go by. Ranges are taken between adjacent periods only.
    """
    window = values[-n:] if n > 0 else []
    present = [value for value in window if value is not None]
    if len(present) < AT_LEAST:
        return None
    ranges = [abs(b - a) for a, b in pairwise(window) if a is not None and b is not None]
    if not ranges or not any(ranges):
        return None
    reach, last = FACTOR * math.fsum(ranges) / len(ranges), present[-1]
    low, high = last - reach, last + reach
    return (low if floor is None else max(low, floor)), (high if ceiling is None else min(high, ceiling))


def is_unusual(value: float, band: tuple[float, float] | None) -> bool:
    """Outside the band; nothing is unusual where there is no band."""
    return band is not None and not band[0] <= value <= band[1]
