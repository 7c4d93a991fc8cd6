"""Years of 52 or 53 whole weeks, as retailers and factories count: periods of 4 or 5 weeks, a 53rd week now and then.

A year ends on the last given weekday of a month, or on the one nearest to the end of that month. The rule and its cases
are those of pandas' FY5253Quarter (BSD), which cites company filings, and of the National Retail Federation's 4-5-4
calendar. Days are epoch days, periods half-open.
"""

from __future__ import annotations

from typing import NamedTuple

from kpitui.domain.periods import Span, month_index, month_start
from kpitui.domain.problem import Problem

GRAINS = ("week", "month", "quarter", "year")
"""`month` is one of the twelve periods of 4 or 5 weeks, P1 to P12."""
PATTERNS = ((4, 4, 5), (4, 5, 4), (5, 4, 4))
_THURSDAY = 3
"""The weekday of epoch day 0, Monday being 0."""


class RetailYears(NamedTuple):
    """How a 52/53-week year is cut. `checked` refuses what makes no calendar."""

    month: int = 1
    """1 to 12: the month by whose end the year ends."""
    weekday: int = 5
    """The last day of the year and of each of its weeks; Monday is 0, Saturday 5."""
    nearest: bool = True
    """The weekday nearest to the end of the month; else the last one in it."""
    pattern: tuple[int, int, int] = (4, 5, 4)
    """Weeks of the three periods of a quarter."""
    extra_quarter: int = 4
    """1 to 4: the quarter whose last period takes the 53rd week."""
    named: str = "last"
    """The year has the number of the calendar year of its "last" month, the one it ends by, or of its "first"."""


NRF = RetailYears(named="first")
"""The 4-5-4 calendar of the National Retail Federation: FY2017 ended on 3 February 2018."""


def checked(cal: RetailYears) -> RetailYears:
    """The calendar itself. Raises Problem that says what is wrong with it."""
    if not 1 <= cal.month <= 12:
        raise Problem(f"{cal.month} is no month for a year to end by: use 1 to 12.")
    if not 0 <= cal.weekday <= 6:
        raise Problem(f"{cal.weekday} is no weekday for a year to end on: use 0 (Monday) to 6 (Sunday).")
    if tuple(cal.pattern) not in PATTERNS:
        raise Problem(f"{'-'.join(map(str, cal.pattern))} is no pattern of weeks: use 4-4-5, 4-5-4 or 5-4-4.")
    if not 1 <= cal.extra_quarter <= 4:
        raise Problem(f"{cal.extra_quarter} is no quarter to take the 53rd week: use 1 to 4.")
    if cal.named not in ("last", "first"):
        raise Problem(f"“{cal.named}” does not say how years are named: use last or first.")
    return cal


def year_end(number: int, cal: RetailYears) -> int:
    """The last day of the year with this number, which may lie in the calendar year after it."""
    anchor = number + (1 if cal.named == "first" and cal.month != 12 else 0)
    first_after = month_start(anchor * 12 + cal.month)
    last = first_after - 1
    end = last - (last + _THURSDAY - cal.weekday) % 7
    return end + 7 if cal.nearest and last - end > 3 else end


def year_span(number: int, cal: RetailYears) -> Span:
    """From the day after the end of the year before to the end of this one: 52 or 53 whole weeks."""
    return Span(year_end(number - 1, cal) + 1, year_end(number, cal) + 1)


def year_of(day: int, cal: RetailYears) -> int:
    """The number of the year that holds the day."""
    number = month_index(day) // 12 - 1
    while year_end(number, cal) < day:
        number += 1
    return number


def weeks_in(number: int, cal: RetailYears) -> int:
    """52 or 53."""
    span = year_span(number, cal)
    return (span.end - span.start) // 7


def month_weeks(number: int, cal: RetailYears) -> tuple[int, ...]:
    """The weeks of the twelve periods of a year; the extra one stands at the end of its quarter."""
    weeks = list(cal.pattern * 4)
    weeks[cal.extra_quarter * 3 - 1] += weeks_in(number, cal) - 52
    return tuple(weeks)


def quarter_weeks(number: int, cal: RetailYears) -> tuple[int, ...]:
    """Weeks of the year's four quarters: 13 each, 14 in the one that takes the extra week."""
    weeks = month_weeks(number, cal)
    return tuple(sum(weeks[place : place + 3]) for place in (0, 3, 6, 9))


def boundaries(grain: str, day: int, cal: RetailYears) -> int:
    """A running number of the period of this grain that holds `day`; it grows by one where a period starts."""
    if grain == "week":
        return (day + _THURSDAY - cal.weekday - 1) // 7
    year = year_of(day, cal)
    if grain == "year":
        return year
    week = (day - year_span(year, cal).start) // 7
    weeks = _weeks(grain, year, cal)
    place = 0
    while week >= weeks[place]:
        week -= weeks[place]
        place += 1
    return year * len(weeks) + place


def numbered(grain: str, number: int, cal: RetailYears) -> Span:
    """The period with this running number (the inverse of `boundaries`)."""
    if grain == "week":
        start = number * 7 - _THURSDAY + cal.weekday + 1
        return Span(start, start + 7)
    if grain == "year":
        return year_span(number, cal)
    year, place = divmod(number, 12 if grain == "month" else 4)
    weeks = _weeks(grain, year, cal)
    start = year_span(year, cal).start + 7 * sum(weeks[:place])
    return Span(start, start + 7 * weeks[place])


def span_of(grain: str, day: int, cal: RetailYears) -> Span:
    """The period of this grain that holds `day`. Raises Problem for `day` and other grains that it does not cut."""
    return numbered(grain, boundaries(grain, day, cal), cal)


def spans_of_year(grain: str, number: int, cal: RetailYears) -> list[Span]:
    """The weeks, periods or quarters of a year, which fill it without gap or overlap."""
    year = year_span(number, cal)
    first, last = boundaries(grain, year.start, cal), boundaries(grain, year.end - 1, cal)
    return [numbered(grain, place, cal) for place in range(first, last + 1)]


def label(grain: str, span: Span, cal: RetailYears) -> str:
    """`FY2017`, `FY2017-Q4`, `FY2017-P12`, `FY2017-W53`."""
    year = year_of(span.start, cal)
    text = f"FY{year:04d}"
    if grain == "year":
        return text
    if grain == "week":
        return f"{text}-W{(span.start - year_span(year, cal).start) // 7 + 1:02d}"
    of_year = 12 if grain == "month" else 4
    place = boundaries(grain, span.start, cal) % of_year + 1
    return f"{text}-P{place:02d}" if grain == "month" else f"{text}-Q{place}"


def year_ago(grain: str, span: Span, cal: RetailYears) -> Span:
    """The period to compare with, "restated": a week 364 days earlier, a longer one by its place in the year.

    A year of 53 weeks meets its own length where the other has 52: compare by week, or say so.
    """
    if grain == "week":
        return Span(span.start - 364, span.end - 364)
    back = {"month": 12, "quarter": 4, "year": 1}.get(grain)
    if back is None:
        raise _unknown(grain)
    return numbered(grain, boundaries(grain, span.start, cal) - back, cal)


def same_week(span: Span, cal: RetailYears) -> Span | None:
    """The week of the same number in the year before, "unrestated"; None for a 53rd week where that year had none."""
    year = year_of(span.start, cal)
    before = year_span(year - 1, cal)
    start = before.start + span.start - year_span(year, cal).start
    return Span(start, start + 7) if start < before.end else None


def _weeks(grain: str, year: int, cal: RetailYears) -> tuple[int, ...]:
    if grain == "month":
        return month_weeks(year, cal)
    if grain == "quarter":
        return quarter_weeks(year, cal)
    raise _unknown(grain)


def _unknown(grain: str) -> Problem:
    return Problem(f"“{grain}” is no grain of a 52/53-week year: use {', '.join(GRAINS)}.")
