"""Whether one series has moved before another: cross-correlation after both were made like noise (maths.md §5.4).

Correlating two series as they are finds a "leading indicator" in 30 to 100 % of pairs that have nothing to do with
each other, because each resembles its own past. So both sides are first brought to what their own past does not
explain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import mul
from typing import NamedTuple

from kpitui.domain.season import CYCLES, autocorrelations
from kpitui.domain.student import normal_quantile

ENOUGH = 36
"""Periods in which both sides are known: with fewer, less than half of the real links of r = 0.5 are found."""
LAGS = {"day": 14, "week": 8, "month": 6, "quarter": 4, "year": 2}
"""How many periods ahead are tried, by grain."""
ORDERS = 4
LEFT = 12
LEVEL = 0.05
KEPT = 0.75
"""Share of the periods in which a link must point the same way when the rest is left out."""


class Innovations(NamedTuple):
    """What a series' own past does not explain, for periods numbered `first`, `first + 1`, …"""

    first: int
    rests: tuple[float, ...]
    begin: int
    """The first period of the run of known values that they come from."""
    season: int
    """Length of the season that was taken out, in periods; 0 where none was."""
    logged: bool
    order: int
    """Of the autoregression."""
    left: tuple[float, ...]
    """What autocorrelation the rests still have, at lags 1 to 12."""

    @property
    def end(self) -> int:
        return self.first + len(self.rests)


class Link(NamedTuple):
    """How one series (the metric) stands to another (the outcome)."""

    n: int
    """Periods in which both were known."""
    lag: int
    """Periods by which the metric moved before the outcome where they go together most; 0: at the same time."""
    r: float
    """The correlation there, from -1 to 1."""
    bound: float
    """What independent series stay within at all lags, 95 times of 100."""
    p: float
    """How often independent series show as much at some lag, as a fraction; allows for what dependence is left."""
    steady: bool
    """The correlation points the same way without the last quarter of the periods."""
    reverse: float
    """The largest correlation, by size, of the outcome moving before the metric."""
    correlations: tuple[float, ...]
    """At lags 0, 1, 2, …"""

    @property
    def ahead(self) -> bool:
        """Whether the metric has moved before the outcome, as far as this pair alone tells."""
        return self.lag >= 1 and abs(self.r) > self.bound and self.steady and abs(self.reverse) < abs(self.r)


def innovations(values: Sequence[float | None], season: int) -> Innovations | None:
    """A series, oldest first and one a period, prewhitened; None where a period is not known.

    Taken is the longest run of known values, the latest of equal ones. Its logarithm where all are above 0; changes
    from period to period; less the mean change of each season where there are three cycles of `season` periods (1:
    there is none), which takes out what dummies on the levels do and leaves a trend alone; then the rests of an
    autoregression of order 0 to 4 chosen by AICc. None with fewer than 36 values in a run, or without variation.
    """
    begin, run = longest_run(values)
    if len(run) < ENOUGH:
        return None
    logged = min(run) > 0
    if logged:
        run = [math.log(value) for value in run]
    changes = [new - old for old, new in pairwise(run)]
    seasonal = season > 1 and len(run) >= CYCLES * season
    changes = centred(changes, season if seasonal else 1)
    size = math.fsum(map(mul, changes, changes))
    # A series that hardly moves in comparison with its level has only rounding errors to correlate.
    if not size > 1e-18 * max(math.fsum(map(mul, run, run)), 1e-300) or not math.isfinite(size):
        return None
    weights = autoregression(changes)
    order = len(weights)
    rests = tuple(
        changes[at] - sum(map(mul, weights, reversed(changes[at - order : at]))) for at in range(order, len(changes))
    )
    left = tuple(autocorrelations(rests, LEFT))
    return Innovations(begin + 1 + order, rests, begin, season if seasonal else 0, logged, order, left)


def longest_run(values: Sequence[float | None]) -> tuple[int, list[float]]:
    """(place of the first, the values) of the longest run without a gap, the latest of equally long ones."""
    best: tuple[int, list[float]] = (0, [])
    run: list[float] = []
    for place, value in enumerate((*values, None)):
        if value is not None and math.isfinite(value):
            run.append(value)
            continue
        if run and len(run) >= len(best[1]):
            best = (place - len(run), run)
        run = []
    return best


def centred(changes: Sequence[float], season: int) -> list[float]:
    """Less their mean, or each less the mean of its season."""
    means = [math.fsum(some) / len(some) for some in (changes[place::season] for place in range(season))]
    return [change - means[place % season] for place, change in enumerate(changes)]


def autoregression(values: Sequence[float], orders: int = ORDERS) -> list[float]:
    """The weights of the last 0 to `orders` values, newest first, by Burg (1967); the order with the least AICc.

    `values` have the mean 0. AICc as Hurvich & Tsai (1989): n ln(s²) + 2 k n / (n - k - 1), k weights and the spread.
    """
    n = len(values)
    forward = list(values)
    backward = list(values)
    spread = math.fsum(map(mul, values, values)) / n
    weights: list[float] = []
    best: tuple[float, list[float]] = (math.inf, [])
    for order in range(orders + 1):
        if spread <= 0:
            break
        parameters = order + 1
        criterion = n * math.log(spread) + 2 * parameters * n / (n - parameters - 1)
        if criterion < best[0]:
            best = (criterion, weights)
        ahead, behind = forward[1:], backward[:-1]
        below = math.fsum(map(mul, ahead, ahead)) + math.fsum(map(mul, behind, behind))
        if below <= 0:
            break
        k = 2 * math.fsum(map(mul, ahead, behind)) / below
        weights = [*(one - k * other for one, other in zip(weights, reversed(weights), strict=True)), k]
        forward = [one - k * other for one, other in zip(ahead, behind, strict=True)]
        backward = [other - k * one for one, other in zip(ahead, behind, strict=True)]
        spread *= 1 - k * k
    return best[1]


def link(metric: Innovations, outcome: Innovations, lags: int) -> Link | None:
    """The metric against the outcome at lags 0 to `lags` and the other way round; None below 36 common periods.

    The bound is z(1 - 0.025 / (lags + 1)) / sqrt(n), n less what the season took (§5.4). `p` takes the spread of a
    correlation from Bartlett (1946), 1 + 2 sum of r_x r_y over n, because four weights do not whiten every series (the
    changes of a level with plain noise): among many pairs that would count.
    """
    n = min(metric.end, outcome.end) - max(metric.begin, outcome.begin)
    if n < ENOUGH:
        return None
    ours = correlations(metric, outcome, range(lags + 1))
    theirs = correlations(outcome, metric, range(1, lags + 1))
    lag = max(range(lags + 1), key=lambda at: abs(ours[at]))
    free = max(n - 1 - max(metric.season, outcome.season), 1)
    r, root = ours[lag], math.sqrt(free)
    wider = max(1 + 2 * math.fsum(map(mul, metric.left, outcome.left)), 1.0)
    tail = math.erfc(abs(r) * root / math.sqrt(2 * wider))
    early = correlations(metric, outcome, (lag,), KEPT)[0]
    return Link(
        n=n,
        lag=lag,
        r=r,
        bound=normal_quantile(1 - LEVEL / 2 / (lags + 1)) / root,
        p=min(tail * (lags + 1), 1.0),
        steady=early * r > 0,
        reverse=max(theirs, key=abs, default=0.0),
        correlations=tuple(ours),
    )


def correlations(early: Innovations, late: Innovations, lags: Sequence[int], share: float = 1.0) -> list[float]:
    """Of `early` with `late` so many periods afterwards; `share` of the common periods, from the first.

    Sizes are taken over the common periods, so that a lag with fewer pairs does not look larger.
    """
    begin = max(early.first, late.first)
    count = round((min(early.end, late.end) - begin) * share)
    a = early.rests[begin - early.first : begin - early.first + count]
    b = late.rests[begin - late.first : begin - late.first + count]
    size = math.sqrt(math.fsum(map(mul, a, a)) * math.fsum(map(mul, b, b)))
    if not size > 0:
        return [0.0] * len(lags)
    return [sum(map(mul, a, b[lag:])) / size for lag in lags]


def discoveries(chances: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Which of many tests may be called found when at most `level` of the found ones are to be false.

    Benjamini & Hochberg (1995): of the p values in order, all up to the last with p_i <= i level / m.
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    last = max((rank for rank, place in enumerate(order, 1) if chances[place] <= rank * level / len(order)), default=0)
    found = [False] * len(chances)
    for place in order[:last]:
        found[place] = True
    return found
