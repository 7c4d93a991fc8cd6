"""Whether a series repeats itself every so many periods, and what each season adds to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul

from kpitui.domain.named import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.domain.workdays import Workdays

LENGTHS = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
"""Periods after which the same season comes again."""
CYCLES = 3
Z = 1.645
LONG = 12
"""Periods from which on a season is too long for its autocorrelations alone."""
WORTH = 0.25
"""Share of what varies beside a line that a wave explains at the least: below it, the errors of the factors of a year
cost a forecast more than the season gives."""
RARE = 0.01
"""Chance of a wave as clear as that in values without a season."""
CLOSEST = 0.995
"""Correlation of neighbours that a wave is held against at the most: 1 is a walk, whose changes say nothing of it."""


def length_of(grain: str, cal: Calendar, days: Workdays | None = None) -> int:
    """As `LENGTHS`, but thirteen where a calendar cuts its years into thirteen, and for the days of a metric that is
    expected on working days those of a working week."""
    if days is not None and grain == "day":
        return len(days.week)
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

    The test of the Theta method (Assimakopoulos & Nikolopoulos 2000); False below three whole cycles. A long season
    (weeks and months of a year) may also be a `wave`: a smooth one makes all autocorrelations large, and the bound of
    the test with them, so that it finds none in three cycles however clear (measured: of waves six times as high as the
    noise none in 300 series of 156 or 175 weeks, none in 200 of 36 months). Forecasts a year ahead from three to seven
    years of twelve real series (deaths, gas, temperatures, passengers, ...) have a MASE of 0.86 with it, 1.07 without.
    """
    n = len(values)
    if length < 2 or n < CYCLES * length:
        return False
    return stands_out(*about_mean(values), length)


def stands_out(off: Sequence[float], size: float, length: int) -> bool:
    """As `repeats`, of three cycles or more that are known `about_mean`."""
    return correlated(off, size, length) or (length >= LONG and size > 0 and _wave(off, size, length))


def correlated(off: Sequence[float], size: float, length: int) -> bool:
    """The test of the Theta method alone."""
    if size <= 0:
        return False
    n = len(off)
    last: float = abs(sum(map(mul, off, off[length:])) / size)
    squares = 0.0
    for lag in range(1, length):
        # Every lag only raises the bound, so the first few decide about most series.
        if last <= Z * math.sqrt((1 + 2 * squares) / n):
            return False
        correlation: float = sum(map(mul, off, off[lag:])) / size
        squares += correlation * correlation
    return last > Z * math.sqrt((1 + 2 * squares) / n)


def wave(values: Sequence[float], length: int) -> bool:
    """Whether one sine of `length` periods stands out of the values beside a straight line, which may be correlated.

    It explains a quarter of what varies or more, and its F test is below 0.01 after both sides are freed of the first
    autocorrelation of the rest (Cochrane & Orcutt 1949; corrected for its bias, Kendall 1954). Measured on 200 to 300
    series each of 156 to 260 weeks and 36 to 84 months: found in 80 to 100 % of waves as high as the noise, 94 to 100 %
    of those twice as high, in 0 to 1 % of white noise, 0 to 8 % of AR(.5) and AR(.9), 0 to 5 % of random walks.
    """
    return _wave(*about_mean(values), length)


def _wave(off: Sequence[float], whole: float, length: int) -> bool:
    n, (line, sines) = len(off), _columns(len(off), length)
    size = whole - math.fsum(map(mul, off, line)) ** 2
    if size <= 1e-9 * whole or math.fsum(math.fsum(map(mul, off, one)) ** 2 for one in sines) < WORTH * size:
        return False
    rest = _beside(off, (line, *sines))
    left = math.fsum(map(mul, rest, rest))
    if left <= 1e-12 * size:
        return True
    own = math.fsum(map(mul, rest, rest[1:])) / left
    own = min(max(own + (1 + 4 * own) / n, 0.0), CLOSEST)

    def freed(some: Sequence[float]) -> list[float]:
        return [value - own * before for before, value in pairwise(some)]

    flat = _upright([[1.0] * (n - 1), freed(line)])
    full = _upright([*flat, *(freed(one) for one in sines)])
    ours = freed(off)
    without, with_it = (math.fsum(map(mul, one, one)) for one in (_beside(ours, flat), _beside(ours, full)))
    spare = n - 1 - 4
    if with_it <= 0:
        return without > 0
    share = (without - with_it) / 2 / (with_it / spare)
    return bool((1 + 2 * share / spare) ** (-spare / 2) < RARE)  # the tail of F with 2 and `spare` degrees of freedom


@lru_cache(maxsize=8)
def _columns(n: int, length: int) -> tuple[list[float], tuple[list[float], ...]]:
    """A line and the two waves of a length over `n` places, of size 1, at right angles to each other and to 1."""
    turn = 2 * math.pi / length
    plain = [[1.0] * n, [place / n - 0.5 for place in range(n)]]
    waves = [[turned(turn * place) for place in range(n)] for turned in (math.cos, math.sin)]
    _, line, *sines = _upright([*plain, *waves])
    return line, tuple(sines)


def _upright(columns: Sequence[Sequence[float]]) -> list[list[float]]:
    """The columns of size 1 and at right angles (Gram and Schmidt); one that the others make is left out."""
    out: list[list[float]] = []
    for column in columns:
        own = _beside(column, out)
        size = math.sqrt(math.fsum(map(mul, own, own)))
        if size > 1e-9:
            out.append([value / size for value in own])
    return out


def _beside(values: Sequence[float], base: Sequence[Sequence[float]]) -> list[float]:
    """What is left of the values beside columns of size 1 at right angles."""
    rest = list(values)
    for one in base:
        share = math.fsum(map(mul, rest, one))
        rest = [value - share * other for value, other in zip(rest, one, strict=True)]
    return rest


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
