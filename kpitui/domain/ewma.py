"""The exponentially weighted moving average chart, which sees small shifts early: NIST e-Handbook 6.3.2.4."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Ewma(NamedTuple):
    values: tuple[float | None, ...]
    """One a period; None where there is no value, which changes nothing."""
    lower: float
    upper: float
    outside: tuple[int, ...]


def ewma(values: Sequence[float | None], target: float, sigma: float, weight: float = 0.3, width: float = 3.0) -> Ewma:
    """`e_i = weight x_i + (1 - weight) e_(i-1)` from `target` on; limits `width sigma sqrt(weight / (2 - weight))`.

    The limits are those of a long series. `sigma` is the standard deviation of single values, mean moving range /
    1.128; `weight` lies above 0 and up to 1. Raises ValueError otherwise.
    """
    if not 0 < weight <= 1:
        raise ValueError("the weight lies above 0 and up to 1")
    reach = width * sigma * math.sqrt(weight / (2 - weight))
    out: list[float | None] = []
    level = target
    for value in values:
        if value is not None:
            level = weight * value + (1 - weight) * level
        out.append(None if value is None else level)
    beyond = [place for place, one in enumerate(out) if one is not None and abs(one - target) > reach]
    return Ewma(tuple(out), target - reach, target + reach, tuple(beyond))
