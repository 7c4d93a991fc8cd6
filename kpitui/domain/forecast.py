"""Where a series is heading: the mean of three simple methods with bands that hold what they say.

The methods by length of history, the blended interval and their measured coverage are from the M3 competition data
(Makridakis & Hibon 2000): below 6 values nothing, to 11 simple smoothing, from 12 on the mean of simple smoothing,
damped trend and Theta. A model works on its own scale: the season taken out, shares as log odds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import not_

from kpitui.domain import season as seasons
from kpitui.domain import smoothing, student
from kpitui.domain.named import NamedTuple
from kpitui.domain.season import Season

LEAST = 6
TRENDED = 12
ZEROS = 0.3
LONGEST_GAP = 3
BANDS = (0.80, 0.95)
TREND = 0.2
"""Share of the squares that a straight line explains from which on the season is looked for beside it, too."""


class Point(NamedTuple):
    """One period ahead, in the metric's unit."""

    mean: float
    low80: float
    high80: float
    low95: float
    high95: float


class Forecast(NamedTuple):
    method: str
    """`none`, `simple smoothing`, `mean of three`, `mean of three with season`, `mean rate`, …"""
    points: tuple[Point, ...]
    """One per period after the last known value; none where there are too few values."""
    n: int
    """Values it is worked out from."""
    model: Model | None = None


class Ahead(NamedTuple):
    """A period ahead on the model's own scale."""

    mean: float
    own: float
    """Standard deviation by the model's errors."""
    naive: float
    """Standard deviation of a walk from the last value."""
    walk: float
    """Where such a walk leads."""


class Model(NamedTuple):
    method: str
    n: int
    means: tuple[float, ...]
    """Of the periods ahead, without season."""
    alpha: float
    """How much of an error stays for good."""
    sigma: float
    """Standard deviation of the one-step errors."""
    step: float
    """Root mean square of the change from period to period."""
    stray: float
    """The same of what is left of the changes beside a drift."""
    walk: tuple[float, ...]
    """Means of the walks that go on from the last value: `means`, or along a drift where there is one."""
    drift: bool
    """Whether the changes lead one way more surely than by chance; see `drifting`."""
    season: Season | None
    odds: bool
    """Whether the scale is that of log odds, for shares."""
    floor: float | None
    ceiling: float | None

    @property
    def df(self) -> int:
        return max(self.n - 3, 2)

    def ahead(self, h: int) -> Ahead:
        """The period `h` (1 is the next): `sigma sqrt(1 + (h - 1) alpha^2)` and `sqrt(h mean(change^2))`."""
        own = self.sigma * math.sqrt(1 + (h - 1) * self.alpha**2)
        naive = self.stray * math.sqrt(h + (h * h / (self.n - 1) if self.drift else 0)) if self.alpha else own
        return Ahead(self.means[h - 1], own, naive, self.walk[h - 1])

    def factor(self, h: int) -> float:
        """What an error in period `h` ahead counts in the metric's unit."""
        return self.season.at(self.n + h - 1) if self.season and self.season.multiplied else 1.0

    def shown(self, h: int, value: float) -> float:
        """A value of the own scale in period `h` in the metric's unit, inside its hard bounds."""
        if self.odds:
            value = 1 / (1 + math.exp(-value)) if value > -700 else 0.0
        elif self.season is not None:
            at = self.season.at(self.n + h - 1)
            value = value * at if self.season.multiplied else value + at
        return bounded(value, self.floor, self.ceiling)

    def scaled(self, h: int, value: float) -> float:
        """A value in the metric's unit on the own scale, in period `h`; infinite where no share can be."""
        if self.odds:
            return math.log(value / (1 - value)) if 0 < value < 1 else -math.inf if value <= 0 else math.inf
        if self.season is None:
            return value
        at = self.season.at(self.n + h - 1)
        return value / at if self.season.multiplied else value - at


def forecast(
    values: Sequence[float | None],
    season_length: int,
    horizon: int,
    *,
    share: bool = False,
    floor: float | None = None,
    ceiling: float | None = None,
) -> Forecast:
    """The `horizon` periods after the last known of `values` (whole periods, oldest first, None unknown).

    `season_length` is in periods, 1 for none; the season counts only where a test finds it. `share` says that the
    values are a ratio of a part to its whole. `floor` and `ceiling` are the metric's hard bounds. Bands are the
    blended interval: t with n - 3 degrees of freedom times the root mean square of the model's own spread and that of
    a random walk, `sqrt((sd_h^2 + h mean(d^2)) / 2)`; published as holding 81 to 86 % of nominal 80, 95 to 97 % of
    nominal 95 on monthly series.
    """
    known = usable(values)
    model = fit(known, season_length, horizon, share=share, floor=floor, ceiling=ceiling)
    if model is None:
        return Forecast("none", (), len(known))
    return Forecast(model.method, tuple(point(model, h) for h in range(1, horizon + 1)), len(known), model)


def point(model: Model, h: int) -> Point:
    """The `h`th period ahead (from 1) in the metric's unit, with the blended bands of maths.md §4.3.

    The root mean square of the model's own spread and of a walk's, times t with n - 3 degrees of freedom; a mean rate
    has its own spread alone. Within the metric's hard bounds.
    """
    at = model.ahead(h)
    naive = model.step * math.sqrt(h) if model.alpha else at.own
    spread = math.sqrt((at.own**2 + naive**2) / 2)
    reach = [student.quantile(0.5 + band / 2, model.df) * spread for band in BANDS]
    ends = [model.shown(h, at.mean + sign * one) for one in reach for sign in (-1, 1)]
    return Point(model.shown(h, at.mean), *ends)


def usable(values: Sequence[float | None]) -> list[float]:
    """The values since the last gap of more than three periods; shorter gaps are bridged by a straight line.

    Unknown ones at the ends are left out: a forecast starts after the last known value.
    """
    out = [value for value in values if value is not None and math.isfinite(value)]
    if len(out) == len(values):
        return out
    out, missing = [], 0
    for value in values:
        if value is None or not math.isfinite(value):
            missing += 1
            continue
        if missing > LONGEST_GAP:
            out = []
        elif missing and out:
            before = out[-1]
            out += [before + (value - before) * place / (missing + 1) for place in range(1, missing + 1)]
        out.append(value)
        missing = 0
    return out


def bounded(value: float, floor: float | None, ceiling: float | None) -> float:
    """The value, or the hard bound it lies beyond."""
    if floor is not None and value < floor:
        return floor
    return ceiling if ceiling is not None and value > ceiling else value


def fit(
    values: Sequence[float],
    season_length: int,
    horizon: int,
    *,
    share: bool = False,
    floor: float | None = None,
    ceiling: float | None = None,
) -> Model | None:
    """The model of a series without gaps, `horizon` periods ahead; None below six values.

    More than 30 % zeros: their mean rate, without a trend. Shares strictly between 0 and 1: log odds. A season: the
    test of `season.repeats`, with three cycles or more; between two and three, the values of a cycle ago count as one
    method more where they were the better guess so far.
    """
    n = len(values)
    if n < LEAST:
        return None
    # A bound that the values themselves have broken is none.
    floor = None if floor is None or min(values) < floor else floor
    ceiling = None if ceiling is None or max(values) > ceiling else ceiling
    if sum(map(not_, values)) > ZEROS * n:
        mean = math.fsum(values) / n
        spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1) * (1 + 1 / n))
        flat = (mean,) * horizon
        return Model("mean rate", n, flat, 0.0, spread, 0.0, 0.0, flat, False, None, False, floor, ceiling)
    odds = share and all(0 < value < 1 for value in values)
    if odds:
        values = [math.log(value / (1 - value)) for value in values]
    found = None
    if not odds and seasonal(values, season_length):
        found = seasons.decompose(values, season_length)
        if found.multiplied and min(found.factors) <= 0:
            found = None
        else:
            values = found.without(values)
    step = math.sqrt(math.fsum([(b - a) ** 2 for a, b in pairwise(values)]) / (n - 1))
    simple = smoothing.simple(values)
    means: Sequence[float] = (simple.level,) * horizon
    method, squares, used = "simple smoothing", simple.squares, 1
    if n >= TRENDED:
        theta, damped = smoothing.theta(values, simple), smoothing.damped(values, simple.alpha)
        squares, used = smoothing.errors_of_three(values, theta, damped), 2
        ways = [means, damped.ahead(horizon), theta.ahead(horizon)]
        method = "mean of three"
        if found is not None:
            method = "mean of three with season"
        elif 2 * season_length <= n < seasons.CYCLES * season_length and repeating(values, season_length, squares):
            ways.append([values[n - season_length + place % season_length] for place in range(horizon)])
            method = "mean of three and last cycle"
        means = [math.fsum(some) / len(some) for some in zip(*ways, strict=True)]
    sigma = math.sqrt(squares / (n - 1 - used))
    walk, stray, drift = tuple(means), step, drifting(values, step)
    if drift and n >= TRENDED:
        stray = math.sqrt(max(step * step - drift * drift, 0.0))
        walk = tuple(values[-1] + drift * h for h in range(1, horizon + 1))
    grown = 1.0 if odds or n < TRENDED else growth(values, step, means[0])
    return Model(
        method,
        n,
        tuple(means),
        simple.alpha,
        sigma * grown,
        step * grown,
        stray * grown,
        walk,
        walk != tuple(means),
        found,
        odds,
        floor,
        ceiling,
    )


def seasonal(values: Sequence[float], length: int) -> bool:
    """Whether the test finds a season, in the values or in what is left of them beside a straight line.

    A trend alone makes all autocorrelations large, and the bound of the test with them: the season of a metric that
    has doubled would go unseen.
    """
    n = len(values)
    if length < 2 or n < seasons.CYCLES * length:
        return False
    slope, (off, size) = smoothing.slope_of(values), seasons.about_mean(values)
    # A line that explains less than a fifth is no trend to hide a season behind.
    if not slope or slope * slope * n * (n * n - 1) / 12 < TREND * size:
        return seasons.stands_out(off, size, length)
    # A wave is looked for beside a line anyway, so it is enough to look once.
    beside = [value - slope * place for place, value in enumerate(values)]
    return seasons.correlated(off, size, length) or seasons.repeats(beside, length)


def growth(values: Sequence[float], step: float, level: float) -> float:
    """How much larger the errors are at `level` than they were on average; 1 where they did not grow with the values.

    `step` is the root mean square of the changes. Errors grow with the values where changes as shares of them are the
    likelier ones to be alike (normal likelihoods, Box & Cox 1964); bands are never narrowed for it. Measured: the 80 %
    band of eight quarterly series that trebled held 67 % without, 80 % with this; others are as they were.
    """
    if min(values) <= 0 or level <= 0 or step <= 0:
        return 1.0
    count = len(values) - 1
    share = math.sqrt(math.fsum([(b / a - 1) ** 2 for a, b in pairwise(values)]) / count)
    size = math.exp(math.fsum(map(math.log, values[:-1])) / count)
    return max(share * level / step, 1.0) if share * size < step else 1.0


def drifting(values: Sequence[float], step: float) -> float:
    """The mean change per period where it is more than twice its standard error from 0, else 0.

    The three methods carry on little of a trend, which is right a few periods ahead and on the average of many series;
    a metric that has grown steadily for its whole history is not given up because its deadline is far. So half of the
    courses that chances come from go on along the drift, with its error.
    """
    mean = (values[-1] - values[0]) / (len(values) - 1)
    left = max(step * step - mean * mean, 0.0)
    return mean if mean * mean * (len(values) - 1) > 4 * left else 0.0


def repeating(values: Sequence[float], length: int, squares: float) -> bool:
    """Whether the value a cycle ago was the better guess than one step by the other methods."""
    cycle = math.fsum((b - a) ** 2 for a, b in zip(values, values[length:], strict=False))
    return length > 1 and cycle / (len(values) - length) < squares / (len(values) - 1)
