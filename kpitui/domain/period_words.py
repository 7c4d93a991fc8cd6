"""Reading periods: one as a person types it, or a whole column of a file.

`w47`, `oct`, `Q3` are the last such period that has begun; in a file one spelling holds for the whole column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from kpitui.domain.day_words import (
    ISO,
    MONTHS,
    Ambiguous,
    NoSuchDay,
    Order,
    exact_date,
    full_year,
    read_date,
)
from kpitui.domain.periods import (
    Calendar,
    Span,
    grain_of,
    parse_label,
    shift,
    span_of,
    to_date,
    to_day,
    week_of,
)
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

EXAMPLES = "2026-W47, 2026-11, oct, 2026-Q4, 2026, yesterday or 2026-11-20"
_WORDS = {
    **dict.fromkeys(("d", "day"), "day"),
    **dict.fromkeys(("w", "wk", "week"), "week"),
    **dict.fromkeys(("m", "mth", "month"), "month"),
    **dict.fromkeys(("q", "qtr", "quarter"), "quarter"),
    **dict.fromkeys(("y", "yr", "year"), "year"),
}
_WEEK = "(?:w(?:k|eek)?|[kc]w)"  # week, Kalenderwoche, calendar week
_YEAR_WEEK = re.compile(rf"(?:fy ?)?([0-9]{{4}}) ?[-/]? ?{_WEEK} ?([0-9]{{1,2}})")
_WEEK_YEAR = re.compile(
    rf"(?:{_WEEK}[ -]?([0-9]{{1,2}})|([0-9]{{1,2}})\. ?kw)"
    r"(?:(?: ?[-/] ?| ?)(?:fy ?)?([0-9]{4}|'[0-9]{2})| ?/ ?([0-9]{2}))?"
)
_YEAR_PERIOD = re.compile(r"(?:fy ?)?([0-9]{4}|'?[0-9]{2})[- ]?p([0-9]{1,2})")
_PERIOD_YEAR = re.compile(r"p([0-9]{1,2})(?:[ -]?(?:fy ?'?)?([0-9]{4}|[0-9]{2}))?")
_YEAR_QUARTER = re.compile(r"(?:fy ?)?([0-9]{4})[- ]?q([1-4])")
_QUARTER_YEAR = re.compile(r"q([1-4])(?:[ -]?(?:fy ?)?([0-9]{4}|'[0-9]{2}))?")
_YEAR = re.compile(r"(?:fy ?)?([0-9]{4})|fy ?'?([0-9]{2})")
_YEAR_MONTH = re.compile(r"([0-9]{4})[-/. ]([0-9]{1,2})")
_MONTH_YEAR_DIGITS = re.compile(r"([0-9]{1,2})/([0-9]{4})")
_YEAR_WORD = re.compile(r"([0-9]{4})[- ]?([a-z]{3,9})\.?")
_WORD_YEAR = re.compile(r"([a-z]{3,9})\.?[-/ ]?([0-9]{4}|'?[0-9]{2})")
_COMPACT_DAY = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_MIDNIGHT = re.compile(r"[t ]00:00(:00(\.0+)?)?(z|\+00:00)?$")


def read_period(text: str, cal: Calendar, today: date, cadence: str) -> tuple[str, Span]:
    """Grain and period of what a person typed; a date names the period of `cadence` that holds it.

    Of a period without a year the last one that has begun is meant. Raises `Problem`.
    """
    said = _tidy(text)
    now = to_day(today)
    if found := _named(said, cal, now, cadence) or _period(said, cal) or _recent(said, cal, now):
        return found
    try:
        day = to_day(read_date(said, today, past=True, cal=cal))
    except Ambiguous:
        raise Problem(f"{quote(text)} can be two dates: type it like 2026-11-20.") from None
    except NoSuchDay:
        raise
    except Problem:
        raise Problem(f"Not a period: {quote(text) or 'nothing was typed'}. Type it like {EXAMPLES}.") from None
    return cadence, span_of(cadence, day, cal)


def read_period_column(
    texts: Sequence[str], cal: Calendar = ISO, order: Order | None = None, *, first_row: int = 1
) -> list[tuple[str, Span]]:
    """Grain and period of every cell of a column, read with one spelling of dates for all.

    Dates become days. `order` says how `03/04/2026` is meant; without it a row that can only be one decides for all.
    Raises `Problem` naming the row (counted from `first_row`), `Ambiguous` when no row decides.
    """
    # A long file repeats its dates for every metric: each spelling is read once.
    seen: dict[str, tuple[str, Span] | None] = dict.fromkeys(texts)
    cells = {text: _MIDNIGHT.sub("", _tidy(text)) for text in seen}

    def row(text: str) -> int:
        return first_row + texts.index(text)

    if order is None:
        order = _order_of(cells, row)
    for text, cell in cells.items():
        try:
            found = _cell(cell, cal, order)
        except Ambiguous as problem:
            raise Ambiguous(f"Row {row(text)}: {problem}") from None
        except Problem as problem:
            raise Problem(f"Row {row(text)}: {problem}") from None
        if found is None:
            said = f"{quote(text)} is not a date or period" if cell else "the date is empty"
            raise Problem(f"Row {row(text)}: {said}. Write it like 2026-11-20, 2026-W47, 2002 Jan or 1998 Q1.")
        seen[text] = found
    return [found for text in texts if (found := seen[text]) is not None]


def read_period_cell(text: str, cal: Calendar = ISO, order: Order | None = None) -> tuple[str, Span]:
    """Grain and period of one cell of a file; a date becomes a day. Raises `Problem`, `Ambiguous` without `order`."""
    cell = _MIDNIGHT.sub("", _tidy(text))
    found = _cell(cell, cal, order)
    if found is None:
        said = f"{quote(text)} is not a date or period" if cell else "the date is empty"
        raise Problem(f"{said}: write it like 2026-11-20, 2026-W47, 2002 Jan or 1998 Q1.")
    return found


def proven_orders(texts: Iterable[str]) -> dict[Order, str]:
    """Which orders of day and month the cells of a column prove, each with the first cell that does."""
    return _proven({text: _MIDNIGHT.sub("", _tidy(text)) for text in texts})


def seen_cadence(spans: Sequence[Span], cal: Calendar = ISO) -> str:
    """The cadence that periods of a column keep: their own grain, or for days the spacing they have.

    Three or more days that all start (or all end) a week, month, quarter or year keep that; gaps are allowed.
    """
    ordered = sorted(set(spans))
    if not ordered:
        return "day"
    lengths = [span.end - span.start for span in ordered]
    longest = max(lengths)
    if longest > 1:
        return grain_of(ordered[lengths.index(longest)], cal) or _grain_of_length(longest)
    if len(ordered) < 3:
        return "day"
    gaps = sorted(b.start - a.start for a, b in pairwise(ordered))
    usual = gaps[len(gaps) // 2]
    days = [span.start for span in ordered]
    # The same weekday every time is a weekly report, whichever weekday the workspace's weeks start on.
    if all(gap % 7 == 0 for gap in gaps) and usual < 28:
        return "week"
    for grain in ("year", "quarter", "month"):
        starts = all(span_of(grain, day, cal).start == day for day in days)
        ends = all(span_of(grain, day, cal).end == day + 1 for day in days)
        if starts or ends:
            return grain
    same_day = len({to_date(day).day for day in days}) == 1
    if same_day and usual >= 28:
        return "year" if usual >= 365 else "quarter" if usual >= 89 else "month"
    return "day"


def _tidy(text: str) -> str:
    return " ".join(text.lower().replace("–", "-").replace("’", "'").split())


def _grain_of_length(days: int) -> str:
    return "year" if days > 98 else "quarter" if days > 35 else "month" if days > 7 else "week"


def _named(said: str, cal: Calendar, now: int, cadence: str) -> tuple[str, Span] | None:
    """`this`, `last week`, `previous month`, `next quarter`."""
    which, _, what = said.partition(" ")
    away = {"this": 0, "current": 0, "last": -1, "previous": -1, "prev": -1, "next": 1}.get(which)
    grain = _WORDS.get(what) if what else cadence
    if away is None or grain is None:
        return None
    return grain, shift(grain, span_of(grain, now, cal), away, cal)


def _period(said: str, cal: Calendar) -> tuple[str, Span] | None:
    """A spelling that says its year and is longer than a day."""
    fiscal = "FY" if cal.fiscal else ""
    if cal.cut is not None and (found := cal.cut.parse(said.upper() if cal.fiscal else said)):
        return found
    if cal.fiscal and cal.cut is not None and (match := _YEAR_PERIOD.fullmatch(said)):
        return parse_label(f"FY{full_year(match[1])}-P{int(match[2]):02d}", cal)
    if cal.fiscal and cal.cut is not None and (match := _PERIOD_YEAR.fullmatch(said)) and match[2]:
        return parse_label(f"FY{full_year(match[2])}-P{int(match[1]):02d}", cal)
    if match := _YEAR_WEEK.fullmatch(said):
        return parse_label(f"{cal.week_prefix}{match[1]}-W{int(match[2]):02d}", cal)
    if (match := _WEEK_YEAR.fullmatch(said)) and (year := match[3] or match[4]):
        return parse_label(f"{cal.week_prefix}{full_year(year)}-W{int(match[1] or match[2]):02d}", cal)
    if match := _YEAR_QUARTER.fullmatch(said):
        return parse_label(f"{fiscal}{match[1]}-Q{match[2]}", cal)
    if (match := _QUARTER_YEAR.fullmatch(said)) and match[2]:
        return parse_label(f"{fiscal}{full_year(match[2])}-Q{match[1]}", cal)
    if match := _YEAR.fullmatch(said):
        return parse_label(f"{fiscal}{match[1] or full_year(match[2])}", cal)
    if match := _YEAR_MONTH.fullmatch(said):
        return parse_label(f"{match[1]}-{int(match[2]):02d}", cal)
    if match := _MONTH_YEAR_DIGITS.fullmatch(said):
        return parse_label(f"{match[2]}-{int(match[1]):02d}", cal)
    if (match := _YEAR_WORD.fullmatch(said)) and match[2] in MONTHS:
        return parse_label(f"{match[1]}-{MONTHS[match[2]]:02d}", cal)
    if (match := _WORD_YEAR.fullmatch(said)) and match[1] in MONTHS:
        return parse_label(f"{full_year(match[2])}-{MONTHS[match[1]]:02d}", cal)
    return None


def _recent(said: str, cal: Calendar, now: int) -> tuple[str, Span] | None:
    """`w47`, `oct`, `q3`: the last one that has begun."""
    if cal.fiscal and cal.cut is not None and (match := _PERIOD_YEAR.fullmatch(said)):
        year = span_of("year", now, cal)
        span = shift("month", span_of("month", year.start, cal), int(match[1]) - 1, cal)
        if not 1 <= int(match[1]) <= 12:
            raise Problem(f"There is no period {said} in this calendar: the periods are p1 to p12.")
        return "month", span if span.start <= now else shift("month", span, -12, cal)
    if said in MONTHS and cal.cut is not None and "month" in cal.cut.grains:
        raise Problem(f"Months are cut otherwise in this calendar: type a period like {cal.cut.spelling}.")
    if said in MONTHS:
        this = span_of("month", now, cal)
        back = (to_date(this.start).month - MONTHS[said]) % 12
        return "month", shift("month", this, -back, cal)
    if match := _QUARTER_YEAR.fullmatch(said):
        year = span_of("year", now, cal)
        span = shift("quarter", year, int(match[1]) - 1, cal)
        return "quarter", span if span.start <= now else shift("quarter", span, -4, cal)
    if (number := week_number(said)) is not None:
        return "week", last_week(number, cal, now)
    return None


def week_number(text: str) -> int | None:
    """The number of a week that says no year: 38 for `w38`, `week 38`, `KW 38` or `38. KW`."""
    match = _WEEK_YEAR.fullmatch(_tidy(text))
    return int(match[1] or match[2]) if match and not (match[3] or match[4]) else None


def last_week(number: int, cal: Calendar, now: int) -> Span:
    """The last week of this number that has begun by the day `now`. Raises `Problem` when there is none."""
    span = span_of("week", now, cal)
    # A year has 52 or 53 weeks; a 53rd may be up to seven years back.
    for _ in range(53 * 8 if 1 <= number <= 53 else 0):
        if week_of(span.start, cal)[1] == number:
            return span
        span = shift("week", span, -1, cal)
    raise Problem(f"There is no period w{number} in this calendar: weeks are w1 to w53.")


def _cell(cell: str, cal: Calendar, order: Order | None) -> tuple[str, Span] | None:
    if match := _COMPACT_DAY.fullmatch(cell):
        cell = f"{match[1]}-{match[2]}-{match[3]}"
    if found := _period(cell, cal):
        return found
    try:
        day = exact_date(cell, order)
    except (ValueError, OverflowError) as error:
        if isinstance(error, Problem):
            raise
        return None
    if day is None:
        return None
    start = to_day(day)
    return "day", Span(start, start + 1)


def _order_of(cells: Mapping[str, str], row: Callable[[str], int]) -> Order | None:
    """The order of day and month that the column's own rows prove; None when none does."""
    proven = _proven(cells)
    if len(proven) > 1:
        raise Problem(
            f"The dates mix two orders: row {row(proven['dmy'])} has the day first, row {row(proven['mdy'])} the "
            "month. Make them one, or write them like 2026-11-20."
        )
    return next(iter(proven), None)


def _proven(cells: Mapping[str, str]) -> dict[Order, str]:
    proven: dict[Order, str] = {}
    for text, cell in cells.items():
        match = re.fullmatch(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-](?:[0-9]{4}|[0-9]{2})", cell)
        if match is None:
            continue
        first, second = int(match[1]), int(match[2])
        if first > 12 >= second:
            proven.setdefault("dmy", text)
        elif second > 12 >= first:
            proven.setdefault("mdy", text)
    return proven
