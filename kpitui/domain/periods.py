"""Periods of the calendar as half-open intervals of epoch days (1970-01-01 is day 0).

A period is never only a label: it is `[start, end)`. The workspace's calendar says on which day weeks start, how they
are numbered and in which month the fiscal year starts; quarters and years follow the fiscal year, months do not.
"""

from __future__ import annotations

from datetime import date

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.period_table import TableCut
    from kpitui.domain.retail_calendar import RetailCut

GRAINS = ("day", "week", "month", "quarter", "year")
TO_DATE = {"mtd": "month", "qtd": "quarter", "ytd": "year"}

_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal() - _EPOCH
_FIRST = 1 - _EPOCH
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STEP = {"month": 1, "quarter": 3, "year": 12}


class Span(NamedTuple):
    """Epoch days `start` to `end`, `end` not included."""

    start: int
    end: int


class Calendar(NamedTuple):
    """How a workspace cuts time.

    `week_start`: first weekday, Monday is 0. `week_min_days`: how many days of a year its first week must hold; 4 with
    Monday is ISO 8601, 1 with Sunday is the rule of the United States. `fiscal_month`: the month (1-12) in which the
    fiscal year starts. `fiscal_name`: the fiscal year has the number of the calendar year of its "last" or "first" day.
    `cut` cuts months, quarters and years (`cut.grains` of them) otherwise than by months of the calendar: years of 52
    or 53 weeks, or a table of periods.
    """

    week_start: int = 0
    week_min_days: int = 4
    fiscal_month: int = 1
    fiscal_name: str = "last"
    cut: RetailCut | TableCut | None = None

    @property
    def fiscal(self) -> bool:
        """Whether years and quarters are written with `FY`."""
        return self.fiscal_month != 1 if self.cut is None else self.cut.fiscal

    @property
    def week_prefix(self) -> str:
        return "FY" if self.cut is not None and self.cut.fiscal else ""


def to_day(day: date) -> int:
    """The epoch day: 1970-01-01 is 0."""
    return day.toordinal() - _EPOCH


def to_date(day: int) -> date:
    """The date of an epoch day. Raises Problem outside the years 1 to 9999."""
    if not _FIRST <= day <= _LAST:
        raise Problem("A date must lie between the years 1 and 9999: give another one.")
    return date.fromordinal(day + _EPOCH)


def iso(day: int) -> str:
    """`2026-11-20`. Raises Problem outside the years 1 to 9999."""
    return to_date(day).isoformat()


def month_index(day: int) -> int:
    """Months since January of year 0 for the month that holds `day` (`12 * year + month - 1`).

    Days to civil date by era arithmetic (H. Hinnant, "chrono-compatible low-level date algorithms"), because ends of
    periods may lie one day beyond what `datetime.date` can hold.
    """
    shifted = day + 719468
    era = shifted // 146097
    of_era = shifted - era * 146097
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return (year_of_era + era * 400) * 12 + (5 * of_year + 2) // 153 + 2


def month_start(index: int) -> int:
    """The first day of the month with this `month_index` (same source)."""
    year, month = divmod(index, 12)
    if month < 2:
        year -= 1
    return year * 365 + year // 4 - year // 100 + year // 400 + (153 * ((month + 10) % 12) + 2) // 5 - 719468


def boundaries(grain: str, day: int, cal: Calendar) -> int:
    """A running number of the period of this grain that holds `day`; it grows by one where a period starts."""
    if grain == "day":
        return day
    if grain == "week":
        return (day + 3 - cal.week_start) // 7
    if cal.cut is not None and grain in cal.cut.grains:
        return cal.cut.number(grain, day)
    try:
        step = _STEP[grain]
    except KeyError:
        raise Problem(f"“{grain}” is not a grain: use {', '.join(GRAINS)}.") from None
    index = month_index(day)
    return index if step == 1 else (index - cal.fiscal_month + 1) // step


def numbered(grain: str, number: int, cal: Calendar) -> Span:
    """The period with this running number (the inverse of `boundaries`)."""
    if grain == "day":
        return Span(number, number + 1)
    if grain == "week":
        start = number * 7 - 3 + cal.week_start
        return Span(start, start + 7)
    if cal.cut is not None and grain in cal.cut.grains:
        return cal.cut.span(grain, number)
    step = _STEP[grain]
    index = number if step == 1 else number * step + cal.fiscal_month - 1
    return Span(month_start(index), month_start(index + step))


def span_of(grain: str, day: int, cal: Calendar) -> Span:
    """The period of this grain that holds `day`."""
    return numbered(grain, boundaries(grain, day, cal), cal)


def shift(grain: str, span: Span, n: int, cal: Calendar) -> Span:
    """The period `n` periods after (before, when negative) the one in which `span` starts."""
    return numbered(grain, boundaries(grain, span.start, cal) + n, cal)


def spans_between(grain: str, start: int, end: int, cal: Calendar) -> list[Span]:
    """The periods that share a day with `[start, end)`, oldest first."""
    if start >= end:
        return []
    first, last = boundaries(grain, start, cal), boundaries(grain, end - 1, cal)
    return [numbered(grain, number, cal) for number in range(first, last + 1)]


def last_spans(grain: str, day: int, n: int, cal: Calendar) -> list[Span]:
    """The `n` periods that end with the one that holds `day`, oldest first."""
    last = boundaries(grain, day, cal)
    return [numbered(grain, number, cal) for number in range(last - n + 1, last + 1)]


def grain_of(span: Span, cal: Calendar) -> str | None:
    """The grain of which `span` is exactly one period, or None."""
    length = span.end - span.start
    if length == 1:
        return "day"
    if length == 7:
        candidates: tuple[str, ...] = ("week",)
    elif cal.cut is not None:
        candidates = ("month", "quarter", "year")
    elif 28 <= length <= 31:
        candidates = ("month",)
    elif 89 <= length <= 92:
        candidates = ("quarter",)
    elif 365 <= length <= 366:
        candidates = ("year",)
    else:
        return None
    return next((grain for grain in candidates if span_of(grain, span.start, cal) == span), None)


def week_of(day: int, cal: Calendar) -> tuple[int, int]:
    """Week-year and number of the week that holds `day`.

    They are those of the week's reference day, `start + 7 - week_min_days` (Unicode CLDR, week data; maths.md §1.1).
    """
    if cal.cut is not None and (own := cal.cut.week(span_of("week", day, cal))):
        return own
    reference = to_date(span_of("week", day, cal).start + 7 - cal.week_min_days)
    return reference.year, (reference.toordinal() - date(reference.year, 1, 1).toordinal()) // 7 + 1


def fiscal_year_of(day: int, cal: Calendar) -> int:
    """The number of the fiscal year that holds `day`, by the calendar's naming rule."""
    if cal.cut is not None and (own := cal.cut.year(day)) is not None:
        return own
    span = span_of("year", day, cal)
    return month_index(span.start if cal.fiscal_name == "first" else span.end - 1) // 12


def _quarter_of(day: int, cal: Calendar) -> int:
    return boundaries("quarter", day, cal) % 4 + 1


def label(grain: str, span: Span, cal: Calendar) -> str:
    """`2026-11-20`, `2026-W47`, `2026-11`, `2026-Q4`, `2026`; of a fiscal calendar `FY2026-Q3`, `FY2026`; of 52/53-week
    years `FY2026-W47` and `FY2026-P10`, too; of a table of periods its own names."""
    if cal.cut is not None:
        if own := cal.cut.label(grain, span):
            return own
        cal = cal._replace(cut=None)
    if grain == "day":
        return iso(span.start)
    if grain == "week":
        year, number = week_of(span.start, cal)
        return f"{year:04d}-W{number:02d}"
    if grain == "month":
        return iso(span.start)[:7]
    if grain not in GRAINS:
        raise Problem(f"“{grain}” is not a grain: use {', '.join(GRAINS)}.")
    to_date(span.start)
    fiscal = "" if cal.fiscal_month == 1 else "FY"
    text = f"{fiscal}{fiscal_year_of(span.start, cal):04d}"
    return text if grain == "year" else f"{text}-Q{_quarter_of(span.start, cal)}"


def short_label(grain: str, span: Span, cal: Calendar, today: int | None = None) -> str:
    """`20 Nov`, `W47`, `Oct`, `Q3`, `2026`; the year follows when it is not that of `today`: `W47 '25`, `Q3 FY25`."""
    if cal.cut is not None:
        if own := cal.cut.short(grain, span, today):
            return own
        if grain != "year":
            cal = cal._replace(cut=None)
    if grain == "year":
        return label(grain, span, cal)
    start = to_date(span.start)
    if grain == "week":
        year, number = week_of(span.start, cal)
        text, now = f"W{number}", None if today is None else week_of(today, cal)[0]
    elif grain == "quarter":
        year, text = fiscal_year_of(span.start, cal), f"Q{_quarter_of(span.start, cal)}"
        now = None if today is None else fiscal_year_of(today, cal)
    else:
        month = _MONTHS[start.month - 1]
        year, text = start.year, month if grain == "month" else f"{start.day} {month}"
        now = None if today is None else to_date(today).year
    if now is None or now == year:
        return text
    return f"{text} FY{year % 100:02d}" if grain == "quarter" and cal.fiscal_month != 1 else f"{text} '{year % 100:02d}"


_LABEL = (
    r"(?P<fy>FY)?(?P<year>[0-9]{4})"
    r"(?:-(?:W(?P<week>[0-9]{2})|Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?))?"
)


def parse_label(text: str, cal: Calendar) -> tuple[str, Span]:
    """Grain and period of a label exactly as `label` writes it; anything else raises Problem."""
    if cal.cut is not None:
        return _parse_cut(text, cal)
    import re

    found = re.fullmatch(_LABEL, text)
    if found is None:
        raise Problem(f"“{text}” is not a period: write {_spellings(cal)}.")
    year = int(found["year"])
    grain, span = "", None
    if found["week"]:
        grain, span = "week", _week(year, int(found["week"]), cal)
    elif found["day"]:
        grain, span = "day", _day(year, int(found["month"]), int(found["day"]))
    elif found["month"]:
        grain, span = "month", numbered("month", year * 12 + int(found["month"]) - 1, cal)
    else:
        # The fiscal year starts in the calendar year before its number unless it is named after its first day.
        starts = year - (cal.fiscal_month != 1 and cal.fiscal_name != "first")
        whole = numbered("year", starts, cal)
        grain, span = "year", whole
        if found["quarter"]:
            grain, span = "quarter", shift("quarter", whole, int(found["quarter"]) - 1, cal)
    try:
        if span is not None and label(grain, span, cal) == text:
            return grain, span
    except Problem:
        pass
    raise Problem(f"There is no period “{text}” in this calendar: write {_spellings(cal)}.")


def _parse_cut(text: str, cal: Calendar) -> tuple[str, Span]:
    """A label of the calendar's own periods, or a day, a week or a period outside them."""
    assert cal.cut is not None
    found = cal.cut.parse(text)
    if found is not None:
        return found
    try:
        grain, plain = parse_label(text, cal._replace(cut=None))
    except Problem:
        raise Problem(f"There is no period “{text}” in this calendar: write {_spellings(cal)}.") from None
    for day in (plain.end - 1, plain.start):
        span = span_of(grain, day, cal)
        if label(grain, span, cal) == text:
            return grain, span
    raise Problem(f"There is no period “{text}” in this calendar: write {_spellings(cal)}.")


def _spellings(cal: Calendar) -> str:
    if cal.cut is not None:
        return cal.cut.spelling
    fiscal = "" if cal.fiscal_month == 1 else "FY"
    return f"2026-11-20, 2026-W47, 2026-11, {fiscal}2026-Q4 or {fiscal}2026"


def _week(year: int, number: int, cal: Calendar) -> Span:
    """Week `number` of `year` by counting on from the first whose reference day lies in the year."""
    lead = 7 - cal.week_min_days
    first = span_of("week", month_start(year * 12) - lead + 6, cal)
    return shift("week", first, number - 1, cal)


def _day(year: int, month: int, day: int) -> Span | None:
    try:
        start = to_day(date(year, month, day))
    except ValueError:
        return None
    return Span(start, start + 1)


def _year_earlier(day: int) -> int:
    """The same calendar date one year earlier; 29 February becomes 28 February."""
    index = month_index(day)
    start = month_start(index - 12)
    return min(start + day - month_start(index), month_start(index - 11) - 1)


def year_ago(grain: str, span: Span, cal: Calendar) -> Span:
    """The period to compare with last year's.

    Weeks and days go back 364 days, so that weekdays meet weekdays; months, quarters and years keep their calendar
    dates (maths.md §1.3).
    """
    if grain in ("day", "week"):
        return Span(span.start - 364, span.end - 364)
    if cal.cut is not None and grain in cal.cut.grains:
        return cal.cut.year_ago(grain, span)
    return Span(_year_earlier(span.start), _year_earlier(span.end))


def same_week(span: Span, cal: Calendar) -> Span | None:
    """The week of the same number in the year before; None for a 53rd week where that year had none.

    For a year after 53 weeks it is not the week that `year_ago` gives (maths.md §1.3): say which one is compared with.
    """
    if cal.cut is not None and cal.cut.week(span):
        return cal.cut.same_week(span)
    year, number = week_of(span.start, cal)
    found = _week(year - 1, number, cal)
    return found if week_of(found.start, cal) == (year - 1, number) else None


def to_date_span(which: str, asof_day: int, cal: Calendar) -> Span:
    """From the start of the month, quarter or year ("mtd", "qtd", "ytd") to `asof_day`, that day included."""
    try:
        grain = TO_DATE[which]
    except KeyError:
        raise Problem(f"“{which}” is not a to-date range: use {', '.join(TO_DATE)}.") from None
    return Span(span_of(grain, asof_day, cal).start, asof_day + 1)


def prior_to_date(span: Span, grain: str = "year", cal: Calendar | None = None) -> Span:
    """The same calendar dates one year earlier, first and last day alike; 29 February becomes 28 February.

    The day counts are equal but for a 29 February that lies in only one of the two. Where the calendar cuts `grain`
    otherwise than by months, as many days from the start of the same period of the year before.
    """
    if cal is not None and cal.cut is not None and grain in cal.cut.grains:
        start = cal.cut.year_ago(grain, span_of(grain, span.start, cal)).start
        return Span(start, start + span.end - span.start)
    return Span(_year_earlier(span.start), _year_earlier(span.end - 1) + 1)
