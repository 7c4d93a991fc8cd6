"""Limits that rise or fall with a series: Wheeler, Making Sense of Data, section 12.3."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from kpitui.domain.signals import Limits, limits


class Trend(NamedTuple):
    """A line through the means of the two halves, with limits at the same distance everywhere."""

    slope: float
    """In the metric's unit per period."""
    origin: float
    """The line at the first value of the series it is worked out from."""
    first_half: float
    second_half: float
    limits: Limits
    """Those of the same values without a trend; its `reach` is the distance of the limits from the line."""

    def at(self, place: float) -> float:
        """The line `place` periods after the first value; it goes on beyond the values it is made of."""
        return self.origin + self.slope * place


def trended(values: Sequence[float | None], rule: str = "mean", *, screened: bool = False) -> Trend | None:
    """The half averages of a series: its known values in two halves, the middle one of an odd number left out.

    The line goes through the half means at the means of their places, so that gaps do not bend it. The moving ranges
    are those of the values as they are. None when no two adjacent periods have values.
    """
    flat = limits(values, rule, screened=screened)
    if flat is None:
        return None
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    half = len(known) // 2
    (early, first), (late, second) = (_means(some) for some in (known[:half], known[-half:]))
    slope = (second - first) / (late - early)
    return Trend(slope, first - slope * early, first, second, flat)


def _means(some: Sequence[tuple[int, float]]) -> tuple[float, float]:
    return sum(place for place, _ in some) / len(some), math.fsum(value for _, value in some) / len(some)
