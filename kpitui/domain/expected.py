"""Time as it is counted for a metric that is expected on working days only: in its own days, not in those of the year.

`work` None is a metric of every day, for which all of this is the plain difference of days or periods.
"""

from __future__ import annotations

from kpitui.domain.periods import Calendar, Span, shift, spans_between

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.domain.workdays import Workdays

WEEK = 7
WEEKS = 8
"""Weeks that say on which days a metric is fed."""
MOSTLY = 0.8
"""Share of their working days that have to have a value for that."""


def silence(begin: int, end: int, period_days: float, work: Workdays | None) -> float:
    """The days of `[begin, end)` in which a value could have come, on the scale of `period_days`: for values of single
    days its working days; for longer periods as many days as so many working days mostly take."""
    if work is None:
        return end - begin
    days = work.between(begin, end)
    return days if period_days <= 1 else days * WEEK / len(work.week)


def too_old(begin: int, end: int, periods: float, period_days: float, grace: int, work: Workdays | None) -> bool:
    """Whether more than so many periods and the days of grace have gone in `[begin, end)`; with `work` the grace is one
    of working days."""
    late = grace * WEEK / len(work.week) if work is not None and period_days > 1 else grace
    return silence(begin, end, period_days, work) > periods * period_days + late


def last_of_grace(day: int, grace: int, work: Workdays | None) -> int:
    """The last day on which a value that was due on a day is not late."""
    return day + grace if work is None else work.ahead(day, grace)


def days_late(due: int, today: int, work: Workdays | None) -> int:
    """How many days a value that was asked for on the day `due` is late today: whole ones that somebody worked on."""
    return today - due if work is None or today <= due else work.between(due + 1, today + 1)


def period_word(cadence: str, working: bool) -> str:
    """What one period is called: `week`, `working day`."""
    return "working day" if working and cadence == "day" else cadence


def before(grain: str, span: Span, cal: Calendar, work: Workdays | None) -> Span:
    """The period before one, of those that a value is expected in."""
    found = shift(grain, span, -1, cal)
    while work is not None and not work.between(*found):
        found = shift(grain, found, -1, cal)
    return found


def after(grain: str, span: Span, cal: Calendar, work: Workdays | None) -> Span:
    """The period after one, of those that a value is expected in."""
    found = shift(grain, span, 1, cal)
    while work is not None and not work.between(*found):
        found = shift(grain, found, 1, cal)
    return found


def fed_on_workdays(days: Iterable[int], today: int, work: Workdays) -> bool:
    """Whether in the eight weeks before today values came on days of the working week only, and on most of them."""
    first = today - WEEKS * WEEK
    seen = {day for day in days if first <= day < today}
    if len(work.week) == WEEK or not all(map(work.in_week, seen)):
        return False
    return len(seen) >= MOSTLY * work.between(first, today) > 0


def idle(cadence: str, begin: int, end: int, work: Workdays | None, cal: Calendar | None) -> int:
    """The whole periods of `[begin, end)` that have no working day, so that nothing is expected of them."""
    if work is None or cadence in ("month", "quarter", "year"):
        return 0
    if cadence == "day":
        return end - begin - work.between(begin, end) if end > begin else 0
    spans = spans_between(cadence, begin, end, cal or Calendar())
    return sum(begin <= span.start and span.end <= end and not work.between(*span) for span in spans)
