"""The chance of reaching a target, the status it gives, and how it is said."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kpitui.domain import forecast, student, target
from kpitui.domain.forecast import Model
from kpitui.domain.named import NamedTuple
from kpitui.domain.target import Aim, Trajectory

ON_TRACK, AT_RISK, HOLD = 0.70, 0.30, 0.05
"""From 0.70 on track, from 0.30 at risk; a colour is left only 0.05 beyond its border."""
PRIOR = 2
"""Periods that the needed rate counts for before anything is seen."""
FEW = 3
ENOUGH = 12
NOTHING = 1e-6
"""Share of the mean period's amount up to which a course asks for nothing in a period."""
JUDGED = ("on_track", "at_risk", "off_track", "achieved")
"""The words that a chance stands beside; where there is no verdict there is none."""


def of_total(values: Sequence[float], goal: float, left: int, *, counts: bool = False) -> float:
    """The chance that a total reaches `goal` with `left` periods to go after the `values` of those seen.

    The rate is that of the values mixed with the needed one, worth two periods: `m = (C + w0 need) / (w + w0)`,
    spread `sqrt(v (L + L^2 / (w + w0)))` with `v` the variance of the values (from three on; for `counts` at least
    `m`), and t with `max(w + w0 - 1, 2)` degrees of freedom; half a unit of continuity correction for counts. A
    negative goal is one that less reaches.
    """
    if goal < 0:
        return of_total([-value for value in values], -goal, left)
    seen, so_far = len(values), math.fsum(values)
    if left <= 0 or (counts and target.reaches(so_far, goal)):
        return float(target.reaches(so_far, goal))
    need = goal / (seen + left)
    rate = (so_far + PRIOR * need) / (seen + PRIOR)
    variance = (0.01 * need) ** 2
    if seen >= FEW:
        mean = so_far / seen
        variance = max(variance, math.fsum((value - mean) ** 2 for value in values) / (seen - 1))
    if counts:
        variance = max(variance, rate)
    spread = math.sqrt(variance * (left + left * left / (seen + PRIOR)))
    short = goal - so_far - rate * left - (0.5 if counts else 0.0)
    if spread <= 0:
        return float(short <= 0)
    return 1 - student.cdf(short / spread, max(seen + PRIOR - 1, 2))


class Course(NamedTuple):
    """A way to a total that is not straight: what its periods have to bring against the mean one, which is 1."""

    weights: tuple[float, ...]
    """Of the periods seen, in their order; empty where only the working days of those to come are others."""
    ahead: float
    """The mean of those to come."""


def course_of(
    aim: Aim, seen: Sequence[tuple[int, int, float]], left: int, trajectory: Trajectory | None
) -> Course | None:
    """The course of a total over the periods `seen` (start, end, value) and `left` more; None where it is straight."""
    if aim.kind != "reach" or aim.start is None or aim.deadline is None or left <= 0:
        return None
    end, after = seen[-1][1], aim.deadline + 1
    if trajectory:
        weights = [steepness(aim, start, end, trajectory) for start, end, _ in seen]
        return Course(tuple(weights), steepness(aim, end, after, trajectory))
    if aim.work is None or end >= after or not (whole := aim.work.between(aim.start, after)):
        return None
    return Course((), aim.work.between(end, after) / (after - end) * (after - aim.start) / whole)


def steepness(aim: Aim, start: int, end: int, trajectory: Trajectory) -> float:
    """The share of the way over the share of the days that `[start, end)` has; 0 outside the window."""
    days = target.elapsed(aim._replace(work=None), end - 1), target.elapsed(aim._replace(work=None), start - 1)
    way = (target.way_due(target.elapsed(aim, day - 1) or 0.0, trajectory) for day in (end, start))
    gone = (days[0] or 0.0) - (days[1] or 0.0)
    return (next(way) - next(way)) / gone if gone > 0 else 0.0


def of_course(values: Sequence[float], goal: float, left: int, course: Course) -> float | None:
    """As `of_total`, with each value held against what its period had to bring: what is ahead is taken to go as well,
    or as badly. None while fewer than three periods had anything due, or where nothing more is."""
    known = [(value, weight) for value, weight in zip(values, course.weights, strict=True) if weight > NOTHING]
    if len(known) < FEW or course.ahead <= NOTHING:
        return None
    straight = [value / weight for value, weight in known]
    return of_total(straight, math.fsum(straight) + (goal - math.fsum(values)) / course.ahead, left)


def at_least(model: Model, h: int, bound: float, trials: float | None = None, *, above: bool = False) -> float:
    """The chance that the value `h` periods ahead is `bound` or more; with `above` that it is more, without `bound`.

    A series that stands still or is cut at a hard bound has a chance of its own to be exactly there. Exact for the
    courses of `paths`: half of t with the model's own spread, half with the naive one; cutting at a hard bound does not
    change it. For a ratio of counts with about `trials` cases a period the binomial noise of the
    present share is added.
    """
    if model.floor is not None and (bound < model.floor or (bound == model.floor and not above)):
        return 1.0
    if model.ceiling is not None and (bound > model.ceiling or (bound == model.ceiling and above)):
        return 0.0
    wanted, at = model.scaled(h, bound), model.ahead(h)
    noise = 0.0
    if trials and trials > 0:
        share = model.shown(h, at.mean)
        if 0 < share < 1:
            own = share * (1 - share)
            noise = 1 / (trials * own) if model.odds else own / trials / model.factor(h) ** 2
    own, naive = math.sqrt(at.own**2 + noise), math.sqrt(at.naive**2 + noise)
    return mixture((apart(at.mean, wanted), own), (apart(at.walk, wanted), naive), model.df, above=above)


def total_at_least(
    model: Model,
    periods: int,
    bound: float,
    seed: str,
    first: int = 1,
    trials: float | None = None,
    *,
    above: bool = False,
) -> float:
    """The chance that the next `periods` values, from the `first` of them on, add up to `bound` or more; with `above`
    to more.

    Exact, as the sum of the courses of `paths` is a t again, unless the floor comes into reach or the scale is bent:
    then the share of 1,000 simulated courses. For a ratio of counts with about `trials` cases a period each course has
    the binomial noise of its shares added.
    """
    if model.odds or near_bounds(model, periods):
        from kpitui.domain.paths import COUNT, simulate

        courses = (course[first - 1 :] for course in simulate(model, periods, seed))
        if model.odds and trials and trials > 0:
            return math.fsum(_noisy_at_least(course, bound, trials) for course in courses) / COUNT
        return sum(passes(apart(math.fsum(course), bound), above) for course in courses) / COUNT
    own = naive = after = leaning = 0.0
    for h in range(periods, 0, -1):
        factor = model.factor(h) if h >= first else 0.0
        own += (factor + model.alpha * after) ** 2
        naive += (factor + (after if model.alpha else 0.0)) ** 2
        after += factor
        leaning += factor * h
    if model.drift:
        naive += leaning * leaning / (model.n - 1)
    middle, other = (
        apart(math.fsum(unbent(model, h, means[h - 1]) for h in range(first, periods + 1)), bound)
        for means in (model.means, model.walk)
    )
    spread = model.stray if model.alpha else model.sigma
    return mixture((middle, model.sigma * math.sqrt(own)), (other, spread * math.sqrt(naive)), model.df, above=above)


def _noisy_at_least(shares: Sequence[float], bound: float, trials: float) -> float:
    """The chance that shares, each of `trials` cases, add up to `bound` as they are observed."""
    noise = math.sqrt(math.fsum(share * (1 - share) for share in shares) / trials)
    over = math.fsum(shares) - bound
    return (1 + math.erf(over / noise / math.sqrt(2))) / 2 if noise > 0 else float(over >= 0)


def unbent(model: Model, h: int, value: float) -> float:
    """A value of the own scale with its season, not cut at the bounds."""
    if model.season is None:
        return value
    return value * model.factor(h) if model.season.multiplied else value + model.season.at(model.n + h - 1)


def near_bounds(model: Model, periods: int) -> bool:
    """Whether two spreads of a walk from a mean lead over a hard bound."""
    if model.floor is None and model.ceiling is None:
        return False
    for h in range(1, periods + 1):
        at = model.ahead(h)
        reach = 2 * max(at.own, at.naive)
        # `shown` is cut at the bound, so a mean on the wrong side of it is found too.
        low, high = model.shown(h, min(at.mean, at.walk) - reach), model.shown(h, max(at.mean, at.walk) + reach)
        if low == model.floor or high == model.ceiling:
            return True
    return False


def mixture(one: tuple[float, float], other: tuple[float, float], df: int, *, above: bool = False) -> float:
    """P(mean + spread t >= 0), of the one (mean, spread) or the other evenly; with `above` P(... > 0)."""
    return math.fsum(
        (student.cdf(mean / spread, df) if spread > 0 else float(passes(mean, above))) / 2
        for mean, spread in (one, other)
    )


def apart(value: float, bound: float) -> float:
    """How far a value is above a bound; 0 where only the last bits of a sum in binary are between them."""
    return 0.0 if math.isclose(value, bound, rel_tol=1e-12) else value - bound


def passes(off: float, above: bool) -> bool:
    """Whether what is so far above a bound reaches it, or with `above` passes it."""
    return off > 0 if above else off >= 0


class Outlook:
    """What the chances of one KPI are worked out from: the whole periods of its metric, in and before the window."""

    def __init__(
        self,
        history: Callable[[], Sequence[tuple[int, float | None]]],
        *,
        season_length: int = 1,
        share: bool = False,
        counts: bool = False,
        floor: float | None = None,
        ceiling: float | None = None,
        trials: Callable[[int], float | None] | None = None,
        seed: str = "",
        fold: Callable[[Sequence[float]], float] | None = None,
    ) -> None:
        """`history` gives (end, value) of whole periods, oldest first, None unknown; it is asked once, when needed.

        `share` and `counts` say what the values are, `trials` the cases behind the share of the period that ends on a
        day. `seed` names the metric: the courses are drawn by it and the day that is judged, so that a chance stands
        until the next value. `fold` is what a window makes of its periods, None their mean.
        """
        self._read = history
        self._history: list[tuple[int, float | None]] | None = None
        self.season_length, self.share, self.counts = season_length, share, counts
        self.floor, self.ceiling, self.trials, self.seed = floor, ceiling, trials, seed
        self.fold = fold

    def known(self, end: int) -> list[float]:
        """The usable values of periods that end by `end`."""
        if self._history is None:
            self._history = list(self._read())
        return forecast.usable([value for until, value in self._history if until <= end])

    def chance(
        self, aim: Aim, end: int, left: int, window: Sequence[float], course: Course | None = None
    ) -> float | None:
        """The chance of `aim` as it was at the end of a period, `left` more to come, `window` its values so far.

        On a `course` of its own a total is held against it, unless the forecast knows the season anyway. A level is
        asked for at the deadline; where it is judged over several periods, the mean of those that end there is (of a
        ratio as if they all had as many cases).

        None where nobody can say: no deadline, a milestone, fewer than three values of the window, than six of a level.
        """
        aim = target.effective(aim)
        if left <= 0 or aim.kind == "milestone" or len(window) < FEW:
            return None
        known = self.known(end)
        model = None
        if len(known) >= (ENOUGH if aim.kind == "reach" else forecast.LEAST):
            bounds = {"floor": self.floor, "ceiling": self.ceiling}
            model = forecast.fit(known, self.season_length, left, share=self.share, **bounds)
        if aim.kind == "reach":
            if course is not None and aim.value is not None and (model is None or model.season is None):
                if course.weights:
                    found = of_course(window, aim.value, left, course)
                    if found is not None or course.ahead > NOTHING:
                        # With too little due so far nobody can say: not that what was not asked for will be missing.
                        return found
                elif course.ahead > 0:
                    # Fewer working days ahead are as if more were left to do.
                    so_far = math.fsum(window)
                    aim = aim._replace(value=so_far + (aim.value - so_far) / course.ahead)
            return self._total(aim, model, left, window, self._seed(end))
        if model is None:
            return None
        trials, seed = self.trials(end) if self.trials and self.share else None, self._seed(end)
        # Of the window that ends at the deadline, what is known already.
        begun = known[-(aim.window - left) :] if aim.window > left else []
        so_far, count = math.fsum(begun), min(left, aim.window)

        def over(bound: float, above: bool = False) -> float:
            if aim.window == 1:
                return at_least(model, left, bound, trials, above=above)
            if fold := self.fold:
                from kpitui.domain.paths import COUNT, simulate

                courses = (course[left - count :] for course in simulate(model, left, seed))
                return sum(passes(apart(fold([*begun, *course]), bound), above) for course in courses) / COUNT
            rest = bound * (len(begun) + count) - so_far
            return total_at_least(model, left, rest, seed, left - count + 1, trials, above=above)

        if aim.kind == "between":
            low = 1.0 if aim.low is None else over(aim.low)
            return max(low - (0.0 if aim.high is None else over(aim.high, above=True)), 0.0)
        if aim.value is None:
            return None
        # Exactly at the target is reached from either side.
        return over(aim.value) if target.way(aim) >= 0 else 1 - over(aim.value, above=True)

    def _seed(self, end: int) -> str:
        return f"{self.seed}:{end}"

    def _total(self, aim: Aim, model: Model | None, left: int, window: Sequence[float], seed: str) -> float | None:
        if aim.value is None:
            return None
        if model is None:
            counts = self.counts and all(value >= 0 and value == int(value) for value in window)
            return of_total(window, aim.value, left, counts=counts)
        rest = aim.value - math.fsum(window)
        less = target.way(aim) < 0
        found = total_at_least(model, left, rest, seed, above=less)
        return 1 - found if less else found


def word(chance: float, before: str | None) -> str:
    """The status of a chance; `before` is the one a period earlier, which is left only 0.05 beyond its border."""
    if before == "on_track" and chance >= ON_TRACK - HOLD:
        return before
    if before == "at_risk" and AT_RISK - HOLD <= chance < ON_TRACK + HOLD:
        return before
    if before == "off_track" and chance < AT_RISK + HOLD:
        return before
    return "on_track" if chance >= ON_TRACK else "at_risk" if chance >= AT_RISK else "off_track"


def settled(chance: float) -> bool:
    """Whether a chance is so far from every border that it gives the same status after any other."""
    return all(abs(chance - border) > HOLD for border in (ON_TRACK, AT_RISK))


class Run(NamedTuple):
    chance: float
    status: str


def run(chances: Callable[[int], float | None], count: int) -> Run | None:
    """Chance and status at the last of `count` reported periods; `chances(i)` is the chance at the end of period i.

    The status of the period before decides near a border. It is found by going back only as far as there is doubt, so
    nothing has to be stored and everybody finds the same. None where the last period has no chance.
    """
    found: list[float] = []
    for place in range(count - 1, -1, -1):
        chance = chances(place)
        if chance is None:
            break
        found.append(chance)
        if settled(chance):
            break
    if not found:
        return None
    status: str | None = None
    for chance in reversed(found):
        status = word(chance, status)
    return Run(found[0], status or "")
