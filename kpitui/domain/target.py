"""What a KPI should reach, and how far a value is from it.

`b` is the baseline, `t` the target, `a` the actual value; a window runs from `start` to `deadline`, both days
included. For "reach" the actual value is the total since the start of the window, and `b` is 0.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

from kpitui.domain import bands
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import iso, to_date
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays

KINDS = ("reach", "from_to", "at_least", "at_most", "between", "milestone")
MAINTAIN = ("at_least", "at_most", "between")
LEVEL = ("from_to",)
"""Where a value is on a way that it can fall back on."""
LAST_DAY = 2_932_896
"""31 December 9999."""
PLANNED = (1900, 2199)
"""Years that people can plan for. A slip of the keys in a year would cost centuries of periods to work out."""

Trajectory = Sequence[tuple[float, float]]
"""(share of time, share of way) points of a piecewise linear course; (0, 0) and (1, 1) are understood."""


class Aim(NamedTuple):
    """A target with everything needed to judge a value by it."""

    kind: str
    baseline: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    start: int | None = None
    deadline: int | None = None
    """Last day of the window, itself included."""
    direction: str = "up"
    watch: float = 0.05
    """Share of the target within which a miss of a maintain target is "at risk"."""
    floor: float | None = None
    """The least that is still acceptable, on the bad side of the target; it is said and judges nothing."""
    stretch: float | None = None
    """What would be excellent, on the good side of it."""
    work: Workdays | None = None
    """The working days that its time is counted in; None counts all days."""
    window: int = 1
    """Whole periods, the last ones, that a level is judged over."""
    sustain: int = 1
    """Periods in a row that a level has to be at the target to be reached before the deadline."""


class Step(NamedTuple):
    """A target from a day on. What it leaves out stays as it was; its floor and stretch are its own."""

    start: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    stretch: float | None = None


class Gap(NamedTuple):
    """Distance to a reference, positive on the good side; `relative` is None where the reference is 0."""

    absolute: float
    relative: float | None


class Solved(NamedTuple):
    date: int
    value: float
    rate: float


def in_force(aim: Aim, steps: Sequence[Step], day: int) -> Aim:
    """The aim with the target that counts on `day`: of the last step begun by then, else its own."""
    if not steps:
        return aim
    for step in sorted(steps, key=lambda step: step.start):
        if step.start > day:
            break
        aim = aim._replace(
            value=aim.value if step.value is None else step.value,
            low=aim.low if step.low is None else step.low,
            high=aim.high if step.high is None else step.high,
            floor=step.floor,
            stretch=step.stretch,
        )
    return aim


def base(aim: Aim) -> float | None:
    """Where the way to the target begins: 0 for a total, which starts anew with its window."""
    return 0.0 if aim.kind == "reach" else aim.baseline


def effective(aim: Aim) -> Aim:
    """An aim whose target equals its baseline has no way to go: it is one to maintain, by its direction."""
    if aim.kind not in ("reach", "from_to") or aim.value is None or aim.value != base(aim):
        return aim
    return aim._replace(kind={"up": "at_least", "down": "at_most"}.get(aim.direction, "between"))


def has_target(aim: Aim) -> bool:
    """Whether there is a number (of between one bound is enough) to hold a value against; a milestone needs none."""
    aim = effective(aim)
    if aim.kind == "between":
        return aim.low is not None or aim.high is not None
    return aim.kind == "milestone" or aim.value is not None


def lacks(aim: Aim) -> list[str]:
    """Names of the fields still to be filled in before the aim can be judged; a KPI is a draft until then."""
    missing: list[str] = []
    aim = effective(aim)
    if aim.kind == "between":
        missing += [name for name in ("low", "high") if getattr(aim, name) is None]
    elif aim.kind != "milestone" and aim.value is None:
        missing.append("value")
    if aim.kind == "from_to" and aim.baseline is None:
        missing.append("baseline")
    if aim.kind in ("reach", "from_to") and aim.start is None:
        missing.append("start")
    if aim.kind in ("reach", "from_to", "milestone") and aim.deadline is None:
        missing.append("deadline")
    return missing


def plannable(day: int) -> bool:
    """Whether an epoch day lies in the years that people can plan for."""
    return PLANNED[0] <= to_date(day).year <= PLANNED[1]


def check(aim: Aim) -> list[str]:
    """What contradicts itself, a sentence each. What is merely not filled in yet is the business of `lacks`."""
    if aim.kind not in KINDS:
        return [f"'{aim.kind}' is no kind of target: use one of {', '.join(KINDS)}."]
    problems = [
        f"The {name} is not a finite number: type another one."
        for name, number in (("baseline", aim.baseline), ("target", aim.value), ("low", aim.low), ("high", aim.high))
        if number is not None and not math.isfinite(number)
    ]
    problems += [
        f"The {name} {iso(day)} is not between the years {PLANNED[0]} and {PLANNED[1]}: mend the year."
        for name, day in (("start", aim.start), ("deadline", aim.deadline))
        if day is not None and not plannable(day)
    ]
    if not 0 <= aim.watch <= 1:
        problems.append("The watch band is a share of the target: type one between 0 and 100 %.")
    if aim.start is not None and aim.deadline is not None and aim.deadline < aim.start:
        problems.append("The deadline is before the start: move one of them.")
    if aim.low is not None and aim.high is not None and aim.low > aim.high:
        problems.append("The lower bound is above the upper one: swap them.")
    if problems:
        return problems
    if aim.kind == "between" and (aim.low is None or aim.high is None):
        return ["A target of the kind between needs a lower and an upper bound: type both."]
    if wrong := bands.problems(aim, way(aim)):
        return wrong
    begin = base(aim)
    if aim.kind not in ("reach", "from_to") or aim.value is None or begin is None:
        return []
    if aim.value == begin and aim.direction == "range" and (aim.low is None or aim.high is None):
        return ["The target equals the baseline and better is neither up nor down: type a lower and an upper bound."]
    risen = aim.value > begin
    if aim.value != begin and aim.direction == ("down" if risen else "up"):
        return [
            f"The target is {'above' if risen else 'below'} the baseline although "
            f"{'less' if risen else 'more'} is better for this metric: change one of the three."
        ]
    return []


def way(aim: Aim) -> int:
    """1 where more is better, -1 where less is, 0 where a range is."""
    if aim.kind in MAINTAIN:
        return {"at_least": 1, "at_most": -1, "between": 0}[aim.kind]
    begin = base(aim)
    if aim.kind != "milestone" and aim.value is not None and begin is not None and aim.value != begin:
        return 1 if aim.value > begin else -1
    return {"up": 1, "down": -1}.get(aim.direction, 0)


def reaches(value: float, bound: float) -> bool:
    """At or above, forgiving the last bits of a sum in binary (0.1 + 0.2 reaches and does not pass 0.3)."""
    return value >= bound or math.isclose(value, bound, rel_tol=1e-12)


def meets(aim: Aim, value: float | None) -> bool | None:
    """Whether a value is at the target; equality counts. None where there is no value or nothing to compare with."""
    if value is None or not has_target(aim):
        return None
    return passing(aim)(value)


def passing(aim: Aim) -> Callable[[float], bool]:
    """What `meets` says of values, for an aim that has a target."""
    aim = effective(aim)
    low, high = aim.low, aim.high
    if aim.kind == "between":
        return lambda value: (low is None or reaches(value, low)) and (high is None or reaches(high, value))
    bound = aim.value
    if bound is None:
        return lambda value: value > 0
    if way(aim) < 0:
        return lambda value: value <= bound or reaches(bound, value)
    return lambda value: value >= bound or reaches(value, bound)


def progress(aim: Aim, actual: float | None, met: int | None = None, due: int | None = None) -> float | None:
    """Share of the way done, `(a - b) / (t - b)`: below 0 and above 1 where the value is (maths: ServiceNow).

    For a maintain target `met` of `due` periods; for a milestone 0 or 1. None where it is undefined, never 0.
    """
    aim = effective(aim)
    if aim.kind in MAINTAIN:
        return met / due if met is not None and due else None
    if aim.kind == "milestone":
        done = meets(aim, actual)
        return None if done is None else float(done)
    begin = base(aim)
    if actual is None or begin is None or aim.value is None:
        return None
    share = (actual - begin) / (aim.value - begin)
    return share if math.isfinite(share) else None


def elapsed(aim: Aim, day: int) -> float | None:
    """Share of the window gone at the end of `day`, 0 to 1; in working days where the aim counts in them."""
    if aim.start is None or aim.deadline is None or aim.deadline < aim.start:
        return None
    if aim.work is not None and (whole := aim.work.between(aim.start, aim.deadline + 1)):
        return aim.work.between(aim.start, min(day, aim.deadline) + 1) / whole
    return min(1.0, max(0.0, (day - aim.start + 1) / (aim.deadline - aim.start + 1)))


def way_due(time_gone: float, trajectory: Trajectory | None = None) -> float:
    """Share of the way that should be done when `time_gone` of the time is: as much, or along a trajectory."""
    if not trajectory:
        return time_gone
    points = sorted({0.0: 0.0, 1.0: 1.0, **dict(trajectory)}.items())
    at = bisect_right(points, time_gone, key=lambda point: point[0])
    if at == len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = points[max(at, 1) - 1], points[max(at, 1)]
    return y0 + (y1 - y0) * (time_gone - x0) / (x1 - x0)


def expected(aim: Aim, day: int, trajectory: Trajectory | None = None) -> float | None:
    """The value due at the end of `day`: `b + e (t - b)`; for at least and at most the bound itself, else None."""
    aim = effective(aim)
    if aim.kind in ("at_least", "at_most"):
        return aim.value
    begin, gone = base(aim), elapsed(aim, day)
    if aim.kind not in ("reach", "from_to") or begin is None or aim.value is None or gone is None:
        return None
    return begin + way_due(gone, trajectory) * (aim.value - begin)


def gap(
    aim: Aim,
    actual: float | None,
    reference: str = "target",
    *,
    day: int | None = None,
    trajectory: Trajectory | None = None,
) -> Gap | None:
    """How far a value is past ("+") or short of ("-") the target, or what is expected at the end of `day`.

    "+" is good for every kind; between counts to the nearest bound, and relative to it. A milestone has none.
    """
    aim = effective(aim)
    if actual is None or aim.kind == "milestone":
        return None
    if aim.kind == "between":
        sides = [(actual - aim.low, aim.low)] if aim.low is not None else []
        sides += [(aim.high - actual, aim.high)] if aim.high is not None else []
        if not sides:
            return None
        distance, bound = min(sides)
    else:
        if reference == "expected" and day is None:
            raise ValueError("a gap to what is expected needs a day")
        at = aim.value if reference == "target" else expected(aim, day or 0, trajectory)
        if at is None:
            return None
        distance, bound = (at - actual if way(aim) < 0 else actual - at), at
    return Gap(distance, distance / abs(bound) if bound else None)


def needed(aim: Aim, actual: float | None, periods_left: float) -> float | None:
    """What each period from now on must bring: the amount for a total, the change (signed) for a level,
    the bound itself for at least and at most. 0 once the target is reached, None when no period is left.
    """
    aim = effective(aim)
    if periods_left <= 0 or aim.value is None or aim.kind in ("between", "milestone"):
        return None
    if aim.kind in MAINTAIN:
        return aim.value
    if actual is None:
        return None
    return 0.0 if meets(aim, actual) else (aim.value - actual) / periods_left


def baseline_of(values: Sequence[float | None], k: int = 3) -> float | None:
    """The baseline to propose: the mean of the last `k` values before the window, None when there is none."""
    last = [value for value in values if value is not None][-k:]
    return math.fsum(last) / len(last) if last else None


def solve(
    *,
    current: float,
    today: int,
    period_days: float,
    date: int | None = None,
    value: float | None = None,
    rate: float | None = None,
) -> Solved:
    """Of date, value and rate (change per period of `period_days` days), any two give the third.

    Starts from `current` today. Raises Problem where there is no answer, or not exactly one is asked for.
    """
    if sum(given is None for given in (date, value, rate)) != 1:
        raise Problem("Type two of date, value and rate: the third is worked out from them.")
    if date is not None:
        periods = (date - today) / period_days
        if periods <= 0:
            raise Problem("The date must be after today: type a later one.")
        if value is not None:
            return Solved(date, value, (value - current) / periods)
        assert rate is not None
        return Solved(date, current + rate * periods, rate)
    assert value is not None and rate is not None
    if value == current:
        return Solved(today, value, rate)
    if rate == 0 or (value > current) != (rate > 0):
        raise Problem("At this rate the value is never reached: it leads the other way, or nowhere.")
    days = (value - current) / rate * period_days
    if not days <= LAST_DAY - today:
        raise Problem("At this rate the value is not reached before the year 10000: type a higher rate.")
    return Solved(today + math.ceil(days - 1e-9), value, rate)
