"""Where a metric is heading: the periods to come with their bands, and for a KPI the chance of making it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.expected import idle
from kpitui.domain.forecast import Forecast, Point, forecast
from kpitui.domain.periods import Span, boundaries, numbered
from kpitui.domain.season import length_of
from kpitui.services.outlooks import bounds_of, whole_values

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.domain.workdays import Workdays
    from kpitui.services.book import Book
    from kpitui.services.judging import Row
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

HORIZON = {"day": 14, "week": 8, "month": 6, "quarter": 4, "year": 2}
"""Periods shown when nobody says how many; up to the deadline where that is nearer than twice as many."""


class Step(NamedTuple):
    span: Span
    label: str
    point: Point


class Foreseen(NamedTuple):
    """The forecast of one metric as of a day."""

    row: Row
    grain: str
    method: str
    """`none` when there are too few values."""
    steps: tuple[Step, ...]
    n: int
    """Values it is worked out from."""
    last: Span | None
    """The last whole period with a value: the steps begin after it."""
    as_of: int
    calendar: Calendar


def foresee(store: Store, today: int, item: str, *, grain: str | None = None, horizon: int | None = None) -> Foreseen:
    """The forecast of a metric (its slug, or `slug@scope` for a KPI) at its own cadence or at `grain`.

    Raises NotFound with the nearest names.
    """
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named
    from kpitui.services.judging import kpi_row, metric_row

    with store.snapshot():
        book = Book(store, today)
        metric, kpi = metric_named(book, item)
        row = kpi_row(book, kpi) if kpi else metric_row(book, metric)
        return foreseen_of(book, metric, row, grain=grain, horizon=horizon)


def foreseen_of(
    book: Book, metric: MetricRow, row: Row, *, grain: str | None = None, horizon: int | None = None
) -> Foreseen:
    used = grain or metric.cadence
    history = whole_values(book, metric, used)
    while history and history[-1][1] is None:
        history.pop()
    if not history:
        return Foreseen(row, used, "none", (), 0, None, book.today, book.calendar)
    end = history[-1][0]
    number = boundaries(used, end - 1, book.calendar)
    count = horizon or default_horizon(book, used, end, row.deadline, book.days_of(metric.id))
    floor, ceiling, share = bounds_of(metric)
    days = book.days_of(metric.id) if used == "day" else None
    season = length_of(used, book.calendar, days)
    spans = [numbered(used, place, book.calendar) for place in range(number + 1, number + 1 + count)]
    if days is not None:
        # A holiday keeps its place in the rhythm of the week, and nothing is foreseen for it.
        until = days.ahead(end - 1, count) + 1
        spans = [Span(day, day + 1) for day in range(end, until) if days.in_week(day)]
    found: Forecast = forecast(
        [value for _, value in history], season, len(spans), share=share, floor=floor, ceiling=ceiling
    )
    steps = []
    for span, point in zip(spans, found.points, strict=False):
        if days is None or days.on(span.start):
            steps.append(Step(span, book.period_label(used, span), point))
    last = numbered(used, number, book.calendar)
    return Foreseen(row, used, found.method, tuple(steps), found.n, last, book.today, book.calendar)


def default_horizon(book: Book, grain: str, end: int, deadline: int | None, days: Workdays | None = None) -> int:
    """Up to the deadline, when that is not too far to say anything about."""
    usual = HORIZON[grain]
    if deadline is None or deadline < end:
        return usual
    left = boundaries(grain, deadline, book.calendar) - boundaries(grain, end - 1, book.calendar)
    left -= idle(grain, end, deadline + 1, days, book.calendar)
    return left if 1 <= left <= 2 * usual else usual
