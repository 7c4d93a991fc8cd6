"""Whether a series repeats itself every so many periods, and what each season adds to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

from kpitui.domain.named import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar

LENGTHS = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
"""Periods after which the same season comes again."""
CYCLES = 3
Z = 1.645


def length_of(grain: str, cal: Calendar) -> int:
    """As `LENGTHS`, but thirteen where a calendar cuts its years into thirteen."""
    return cal.cut.per_year(grain) if cal.cut is not None and grain in cal.cut.grains else LENGTHS[grain]


class Season(NamedTuple):
    """What the season does: `factors[i]` multiplies (or is added to) every value whose place in the series is `i`
    modulo their number."""

    factors: tuple[float, ...]
    multiplied: bool

    def at(self, place: int) -> float:
        return self.factors[place % len(self.factors)]

    def without(self, values: Sequence[float]) -> list[float]:
        """The series with the season taken out."""
        if self.multiplied:
            return [value / self.at(place) for place, value in enumerate(values)]
        return [value - self.at(place) for place, value in enumerate(values)]


def autocorrelations(values: Sequence[float], lags: int) -> list[float]:
    """r_1 to r_lags; zeros for a series without variation."""
    off, size = about_mean(values)
    if size <= 0:
        return [0.0] * lags
    return [sum(map(mul, off, off[lag:])) / size for lag in range(1, lags + 1)]


def about_mean(values: Sequence[float]) -> tuple[list[float], float]:
    """How far each value is from their mean, and the sum of the squares of that."""
    mean = math.fsum(values) / len(values)
    off = [value - mean for value in values]
    return off, math.fsum(map(mul, off, off))


def repeats(values: Sequence[float], length: int) -> bool:
    """Whether there is a season of `length` periods: |r_m| > 1.645 sqrt((1 + 2 sum of r_i^2, i < m) / n).

    The test of the Theta method (Assimakopoulos & Nikolopoulos 2000); False below three whole cycles.
    """
    n = len(values)
    if length < 2 or n < CYCLES * length:
        return False
    off, size = about_mean(values)
    if size <= 0:
        return False
    last: float = abs(sum(map(mul, off, off[length:])) / size)
    squares = 0.0
    for lag in range(1, length):
        # Every lag only raises the bound, so the first few decide about most series.
        if last <= Z * math.sqrt((1 + 2 * squares) / n):
            return False
        correlation: float = sum(map(mul, off, off[lag:])) / size
        squares += correlation * correlation
    return last > Z * math.sqrt((1 + 2 * squares) / n)


def decompose(values: Sequence[float], length: int) -> Season:
    """The classical decomposition: the series against its centred moving average of `length`, averaged by season.

    Ratios where all values are above 0, else differences; normalised so that the factors average to 1 (or 0). Needs
    two whole cycles.
    """
    if len(values) < 2 * length:
        raise ValueError("a season is worked out from two cycles or more")
    half = length // 2
    multiplied = min(values) > 0
    found: list[list[float]] = [[] for _ in range(length)]
    for place in range(half, len(values) - half):
        if length % 2:
            smooth = math.fsum(values[place - half : place + half + 1]) / length
        else:
            ends = (values[place - half] + values[place + half]) / 2
            smooth = math.fsum((ends, *values[place - half + 1 : place + half])) / length
        found[place % length].append(values[place] / smooth if multiplied else values[place] - smooth)
    means = [math.fsum(some) / len(some) for some in found]
    mean = math.fsum(means) / length
    return Season(tuple(one / mean if multiplied else one - mean for one in means), multiplied)
