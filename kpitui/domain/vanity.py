"""Whether a metric climbs while the outcome it is kept for stays where it is (maths.md §5.5).

Both halves have to be shown. "The metric rises and the outcome does not significantly" would call 77 to 84 % of all
metrics beside a merely noisy outcome vanity; so the outcome is tested for being flat, not for failing to rise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from kpitui.domain.student import cdf, quantile

ENOUGH = 26
"""Periods in which both are known: with 16, four of ten are missed."""
SURE = 0.05
RISE = 0.10
FLAT = 0.05
"""The change over the whole time within which an outcome counts as flat, as a share of its level."""


class Trend(NamedTuple):
    """The straight line through a series, and how far it may be off."""

    change: float
    """Fitted, from the first period to the last: of the logarithm where all values are above 0, else as a share of
    their mean size."""
    error: float
    """Standard error of the change, with the dependence of neighbours allowed for."""
    n: int
    logged: bool

    @property
    def share(self) -> float:
        """The change as a share of where the line begins (0.1: a tenth more), or of the mean size."""
        return math.expm1(min(self.change, 700.0)) if self.logged else self.change

    @property
    def chance(self) -> float:
        """How often a series without a trend rises by as much, as a fraction."""
        if not self.error > 0:
            return 0.0 if self.change > 0 else 1.0
        return 1 - cdf(self.change / self.error, self.n - 2)

    @property
    def reach(self) -> float:
        """The largest size of the change that is still likely: |change| + t(0.95) error."""
        return abs(self.change) + quantile(1 - SURE, self.n - 2) * self.error


class Vanity(NamedTuple):
    """What became of the test, and what it was decided from."""

    verdict: str
    """vanity; moved (the outcome is shown to have moved, too); steady (the metric does not rise); unclear (not enough
    evidence either way)."""
    metric: Trend | None
    outcome: Trend | None


def vanity(metric: Sequence[float | None], outcome: Sequence[float | None], flat: float = FLAT) -> Vanity:
    """Two series, oldest first, of the same periods; those in which either is unknown are left out.

    Vanity is shown when the metric rises (one-sided test of its trend, p < 0.05, fitted change above 10 %) and the
    outcome is equivalent to flat: |fitted change of log K| + t(0.95) se < ln(1 + `flat`). Below 26 periods: unclear.
    """
    places = [
        place
        for place, (one, other) in enumerate(zip(metric, outcome, strict=True))
        if one is not None and other is not None and math.isfinite(one) and math.isfinite(other)
    ]
    if len(places) < ENOUGH:
        return Vanity("unclear", None, None)
    rise = trend(places, [metric[place] or 0.0 for place in places])
    stays = trend(places, [outcome[place] or 0.0 for place in places])
    if rise is None or stays is None:
        return Vanity("unclear", rise, stays)
    if not (rise.chance < SURE and rise.share > RISE):
        return Vanity("steady", rise, stays)
    if stays.reach < (math.log1p(flat) if stays.logged else flat):
        return Vanity("vanity", rise, stays)
    moved = abs(stays.change) > quantile(1 - SURE / 2, stays.n - 2) * stays.error
    return Vanity("moved" if moved else "unclear", rise, stays)


def trend(places: Sequence[int], values: Sequence[float]) -> Trend | None:
    """The least-squares line over `places` (periods, rising) with the spread of Newey & West (1987).

    Bartlett's weights up to lag 1.3 sqrt(n), as Lazarus, Lewis, Stock & Watson (2018) advise, times n / (n - 2). None
    where a series that is not above 0 throughout has no size to compare with.
    """
    n = len(values)
    logged = min(values) > 0
    scale = 1.0 if logged else math.fsum(map(abs, values)) / n
    if not 0 < scale < math.inf:
        return None
    seen = [math.log(value) if logged else value / scale for value in values]
    middle, mean = math.fsum(places) / n, math.fsum(seen) / n
    at = [place - middle for place in places]
    size = math.fsum(x * x for x in at)
    slope = math.fsum(x * (y - mean) for x, y in zip(at, seen, strict=True)) / size
    scores = [x * (y - mean - slope * x) for x, y in zip(at, seen, strict=True)]
    lags = int(1.3 * math.sqrt(n))
    spread = math.fsum(score * score for score in scores)
    for lag in range(1, lags + 1):
        both = math.fsum(one * other for one, other in zip(scores[lag:], scores, strict=False))
        spread += 2 * (1 - lag / (lags + 1)) * both
    over = places[-1] - places[0]
    error = math.sqrt(max(spread, 0.0) * n / (n - 2)) / size
    return Trend(slope * over, error * over, n, logged)
