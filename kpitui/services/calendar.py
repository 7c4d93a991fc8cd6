"""The workspace's calendar, from its settings. Apart from the book, because recording one value needs no more."""

from __future__ import annotations

from kpitui.domain.periods import Calendar
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpitui.domain.period_table import Listed
    from kpitui.domain.workdays import Workdays
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS = ("iso", "fiscal", "retail", "table")


def calendar_of(values: Mapping[str, object], listed: Iterable[Listed] = ()) -> Calendar:
    """The calendar from settings and, for the kind `table`, its periods. Raises Problem for one that cannot be read."""
    kind = str(values.get("calendar", "fiscal"))
    if kind == "iso":
        return Calendar()
    try:
        plain = Calendar(
            week_start=WEEKDAYS.index(str(values.get("week_start", "monday"))),
            week_min_days=int(str(values.get("week_min_days", 4))),
            fiscal_month=int(str(values.get("fiscal_year_start", 1))),
            fiscal_name=str(values.get("fiscal_year_name", "last")),
        )
        if kind == "retail":
            return _retail(values, plain)
    except ValueError as error:
        raise Problem(f"The settings of the calendar cannot be read ({error}): set them again in Settings.") from error
    rows = list(listed) if kind == "table" else []
    if not rows:
        return plain
    from kpitui.domain.period_table import TableCut

    return plain._replace(cut=TableCut(rows, plain))


def calendar_in(store: Store, values: Mapping[str, object] | None = None) -> Calendar:
    """The calendar of a workspace; `values` are its settings where they were read already."""
    from kpitui.storage import reading, settings

    values = settings.load(store) if values is None else values
    if values.get("calendar") != "table":
        return calendar_of(values)
    from kpitui.domain.period_table import Listed

    return calendar_of(values, [Listed(row.grain, row.start, row.end, row.name) for row in reading.periods(store)])


def _retail(values: Mapping[str, object], plain: Calendar) -> Calendar:
    """52/53-week years; their weeks begin on the day after the one the year ends on."""
    from kpitui.domain.retail_calendar import RetailCut
    from kpitui.domain.retail_years import RetailYears, checked

    weekday = WEEKDAYS.index(str(values.get("retail_weekday", "saturday")))
    first, second, third = map(int, str(values.get("retail_pattern", "454")))
    years = checked(
        RetailYears(
            month=int(str(values.get("retail_month", 1))),
            weekday=weekday,
            nearest=str(values.get("retail_end", "nearest")) == "nearest",
            pattern=(first, second, third),
            extra_quarter=int(str(values.get("retail_extra_quarter", 4))),
            named=plain.fiscal_name,
        )
    )
    return plain._replace(week_start=(weekday + 1) % 7, cut=RetailCut(years))


def workdays_in(store: Store, values: Mapping[str, object] | None = None) -> Workdays:
    """The working days of a workspace, without its holidays."""
    from kpitui.domain.workdays import Workdays, read_week, workdays
    from kpitui.storage import reading, settings

    values = settings.load(store) if values is None else values
    week = values.get("working_week")
    return workdays(Workdays().week if week is None else read_week(str(week)), reading.holidays(store))


def days_expected(store: Store, row: MetricRow) -> Workdays | None:
    """The days a metric that is entered is expected on; None for every one."""
    return workdays_in(store) if row.days == "working" else None


def time_zone(store: Store) -> str:
    """The workspace's time zone, an IANA name."""
    from kpitui.storage import settings

    return settings.load(store).get("time_zone", "UTC")
