"""Reading dates as people type them: `fri`, `+2w`, `24.11`, `31 dec`, `eom`, `q1`, `2026-11-24`.

Nothing here knows what day it is: today is an argument. Of a date without a year the next one is meant, or with
`past=True` the last one.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from kpitui.domain.periods import Calendar, month_index, month_start, parse_label, shift, span_of, to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

Order = Literal["dmy", "mdy", "ymd"]
Edge = Literal["start", "end"]

ISO = Calendar()
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("mon", "monday"),
            ("tue", "tues", "tuesday"),
            ("wed", "weds", "wednesday"),
            ("thu", "thur", "thurs", "thursday"),
            ("fri", "friday"),
            ("sat", "saturday"),
            ("sun", "sunday"),
        )
    )
    for name in names
}
EXAMPLES = "24 nov, fri, +2w, eom or 2026-11-24"
_ENDS = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
_NAMED = {"today": 0, "tod": 0, "now": 0, "tomorrow": 1, "tom": 1, "tmr": 1, "yesterday": -1}
_WORD = r"(?P<month>[a-z]{3,9})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"(?P<year>[0-9]{4}|'[0-9]{2})"
_DAY_MONTH = re.compile(rf"{_DAY}[ -]*{_WORD}(?:[ ,-]*{_YEAR})?")
_MONTH_DAY = re.compile(rf"{_WORD}[ -]*{_DAY}(?:[ ,]+{_YEAR})?")
_DAY_MONTH_YY = re.compile(rf"{_DAY}[ -]{_WORD}[ -](?P<year>[0-9]{{2}})")
_STEP = re.compile(r"(?:in )?([+-]?) ?([0-9]{1,6}) ?(d|w|m|q|y|days?|weeks?|months?|quarters?|years?)( ago)?")
_THREE = re.compile(r"([0-9]{4}|[0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4}|[0-9]{1,2})")
_TWO_DOTS = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.?")
_TWO_SLASH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_QUARTER = re.compile(r"q([1-4])(?: ?(?:fy)?([0-9]{4}))?")


class Ambiguous(Problem):
    """A date that is another one for people of another country: the order of day and month must be said."""


class NoSuchDay(Problem):
    """Spelled like a date, but the calendar has no such day."""


def read_date(
    text: str,
    today: date,
    *,
    order: Order | None = None,
    past: bool = False,
    edge: Edge = "end",
    cal: Calendar = ISO,
) -> date:
    """The date meant by `text`.

    `order` is that of `03/04/2026` (`24.11` has the day first by itself). `edge` says which end of a quarter like
    `q1` is meant, `cal` what a week, a quarter and a year are. Raises `Problem`, `Ambiguous` when `order` is needed.
    """
    said = " ".join(text.lower().replace("−", "-").split())
    try:
        found = _read(said, today, order, past, edge, cal)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Problem):
            raise
        found = None
    if found is None:
        raise Problem(f"Not a date: {quote(text) or 'nothing was typed'}. Type it like {EXAMPLES}.")
    return found


def exact_date(said: str, order: Order | None = None) -> date | None:
    """The date of a full spelling with year, month and day (small letters); None when it is spelled otherwise."""
    if match := _THREE.fullmatch(said):
        return _three(said, match[1], match[3], match[4], match[2], order)
    if match := _DAY_MONTH_YY.fullmatch(said) or _DAY_MONTH.fullmatch(said) or _MONTH_DAY.fullmatch(said):
        if match["month"] in MONTHS and match["year"]:
            return _checked(full_year(match["year"]), MONTHS[match["month"]], int(match["day"]), said)
    return None


def full_year(text: str) -> int:
    """The year of four digits, or of two as POSIX reads them: 69-99 are 1969-1999, 00-68 are 2000-2068."""
    digits = text.lstrip("'")
    if len(digits) != 2:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= 69 else 2000)


def _read(said: str, today: date, order: Order | None, past: bool, edge: Edge, cal: Calendar) -> date | None:
    if (days := _NAMED.get(said)) is not None:
        return today + timedelta(days=days)
    if said in _ENDS:
        return to_date(span_of(_ENDS[said], to_day(today), cal).end - 1)
    if step := _STEP.fullmatch(said):
        back = step[1] == "-" or step[4] is not None
        if not (step[1] or step[4] or said.startswith("in ")):
            return None
        return _stepped(today, -int(step[2]) if back else int(step[2]), step[3][0])
    head, _, tail = said.rpartition(" ")
    if tail in WEEKDAYS and head in ("", "next", "last", "this", "on"):
        return _weekday(today, WEEKDAYS[tail], head == "last" or (past and not head))
    if found := exact_date(said, order):
        return found
    if quarter := _QUARTER.fullmatch(said):
        return _quarter(int(quarter[1]), quarter[2], today, past, edge, cal)
    if match := _TWO_DOTS.fullmatch(said):
        return _without_year(int(match[2]), int(match[1]), today, past, said)
    if match := _TWO_SLASH.fullmatch(said):
        first, second = int(match[1]), int(match[2])
        day, month = _day_and_month(said, first, second, "mdy" if order == "ymd" else order)
        return _without_year(month, day, today, past, said)
    if match := _DAY_MONTH.fullmatch(said) or _MONTH_DAY.fullmatch(said):
        if match["month"] in MONTHS:
            return _without_year(MONTHS[match["month"]], int(match["day"]), today, past, said)
    return None


def _checked(year: int, month: int, day: int, said: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDay(f"There is no such day: {quote(said)}. Type it like {EXAMPLES}.") from None


def _three(said: str, one: str, two: str, three: str, mark: str, order: Order | None) -> date | None:
    if len(one) == 4:
        return _checked(int(one), int(two), int(three), said) if len(three) < 4 else None
    if len(three) == 1:
        return None
    if order == "ymd":
        if len(three) == 4:
            raise Problem(f"{quote(said)} does not have the year first, as --dates ymd says it should.")
        return _checked(full_year(one.zfill(2)), int(two), int(three), said)
    if mark == "." and order is None:
        order = "dmy"
    day, month = _day_and_month(said, int(one), int(two), order)
    return _checked(full_year(three), month, day, said)


def _day_and_month(said: str, first: int, second: int, order: Order | None) -> tuple[int, int]:
    if order is None:
        if first > 12 >= second:
            order = "dmy"
        elif second > 12 >= first:
            order = "mdy"
        elif first == second:
            order = "dmy"
        else:
            raise Ambiguous(
                f"{quote(said)} can be two dates: say --dates dmy when the day comes first, --dates mdy when the month "
                "does, or type it like 2026-11-24."
            )
    day, month = (first, second) if order == "dmy" else (second, first)
    if month > 12:
        raise Problem(f"{quote(said)} has no month {month}: with the order {order} the other number is the day.")
    return day, month


def _without_year(month: int, day: int, today: date, past: bool, said: str) -> date:
    # Only 29 February is not in every year; between 1896 and 1904 there was none for eight years.
    for away in range(9 if (month, day) == (2, 29) else 2):
        year = today.year + (-away if past else away)
        if (month, day) == (2, 29) and (year % 4 or (year % 100 == 0 and year % 400)):
            continue
        found = _checked(year, month, day, said)
        if (found <= today) if past else (found >= today):
            return found
    raise NoSuchDay(f"There is no such day near {today}: {quote(said)}.")


def _weekday(today: date, weekday: int, past: bool) -> date:
    """The next such day, never today; with `past` the last one, today included."""
    if past:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _stepped(today: date, count: int, letter: str) -> date:
    if letter in "dw":
        return today + timedelta(days=count * (7 if letter == "w" else 1))
    day = to_day(today)
    index = month_index(day) + count * {"m": 1, "q": 3, "y": 12}[letter]
    # The 31st of a shorter month is its last day.
    return to_date(min(month_start(index) + today.day - 1, month_start(index + 1) - 1))


def _quarter(number: int, year: str | None, today: date, past: bool, edge: Edge, cal: Calendar) -> date:
    """The first or last day of a quarter of the (fiscal) year: the next such day, or with `past` the last one."""
    now = to_day(today)
    if year:
        name = f"FY{year}" if cal.fiscal else year
        span = parse_label(f"{name}-Q{number}", cal)[1]
        return to_date(span.start if edge == "start" else span.end - 1)
    this = span_of("year", now, cal)
    first = shift("quarter", this, number - 1, cal)
    for away in (1, 0, -1) if past else (-1, 0, 1):
        span = shift("quarter", first, 4 * away, cal)
        day = span.start if edge == "start" else span.end - 1
        if (day <= now) if past else (day >= now):
            return to_date(day)
    return to_date(now)
