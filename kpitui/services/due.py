"""What is owed: the periods whose day has come and that have no value yet, late ones first.

A period is asked for from its due day on: a week on the workspace's review day, any other period on its last day. It is
late once the metric's days of grace are over. Of a metric that is expected on working days only, other days are never
asked for, and days late and of grace are working days, too. "None" given on purpose is an answer, a value at another
grain that covers most of the period is one too. A series without a value in all the periods looked back on is asked for
once, with the day it stopped: it is put away, or goes on. Nobody is late for longer than a metric is there. Light to
import and a handful of queries: `kpitui tell` stands on it.
"""

from __future__ import annotations

from itertools import groupby

from kpitui.domain.expected import days_late
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import GRAINS, Span, boundaries, label, numbered, to_day
from kpitui.domain.usual import usual
from kpitui.services.rows import Coming as Coming
from kpitui.services.rows import Owed as Owed
from kpitui.storage import points, recent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpitui.domain.periods import Calendar
    from kpitui.domain.target import Aim
    from kpitui.domain.workdays import Workdays
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow

LOOK_BACK = 8
"""Periods back, the running one included, that are still asked for."""
WINDOW = 26
"""Periods before the one asked for that say what is usual."""


class _Known(NamedTuple):
    """What is stored for a metric, as far as asking goes."""

    begun: int | None
    """Start of its first point; None while it has none."""
    reaches: int
    """End of the last point that begins before those in `rows`."""
    rows: list[tuple[int, int]]
    """Start and end of its recent points, in order; days that follow one another may be one."""


def due_day(cadence: str, span: Span, review_weekday: int) -> int:
    """The day from which on a period is asked for; `review_weekday` counts from Monday, 0."""
    if cadence == "week":
        # Day 0 was a Thursday.
        return span.start + (review_weekday - (span.start + 3)) % 7
    return span.end - 1


def owed(book: Book, *, detail: bool = True) -> list[Owed]:
    """Every value asked for by today and not given, late first, then by due day and the metrics' own order.

    Without `detail`, `last`, `usual` and `aim` stay empty: enough to count them.
    """
    found: list[Owed] | None = book.memo.get("owed")
    if found is None:
        weekday, made = weekday_of(book), _made(book)
        found = [
            _since_made(book, owed_for(book, metric, span, weekday)._replace(stopped=stopped), made)
            for metric, known in _asked(book)
            for stopped in (_stopped(book, metric, known),)
            for span in _missing(book, metric, known, weekday)[None if stopped is None else -1 :]
        ]
        order = {key: place for place, key in enumerate(book.metrics)}
        found.sort(key=lambda item: (-item.late_days, item.due, order[item.metric_id]))
        book.memo["owed"] = found
    return with_details(book, found) if detail else list(found)


def _made(book: Book) -> dict[int, int]:
    """The day on which each metric that never had a value was made, in UTC."""
    return _made_on(book, [metric.id for metric, known in _asked(book) if known.begun is None])


def _made_on(book: Book, ids: list[int]) -> dict[int, int]:
    from datetime import date

    return {key: to_day(date.fromisoformat(at[:10])) for key, at in recent.made_at(book.store, ids).items()}


def _since_made(book: Book, item: Owed, made: dict[int, int]) -> Owed:
    """Nobody is late with a value for longer than the metric is there."""
    if not item.late_days or item.metric_id not in made:
        return item
    there = days_late(made[item.metric_id], book.today, book.days_of(item.metric_id))
    return item._replace(late_days=max(0, min(item.late_days, there)))


def given(book: Book, metric: MetricRow, span: Span, weekday: int) -> Owed:
    """A value that was asked for and is there by now, with the days it was late."""
    item = owed_for(book, metric, span, weekday)
    return _since_made(book, item, _made_on(book, [metric.id])) if item.late_days else item


def coming(book: Book) -> list[Coming]:
    """What will be asked for next of each metric, by day."""
    cal, weekday = book.calendar, weekday_of(book)
    waiting: list[tuple[int, int, Span, str, str]] = []
    for metric, known in _asked(book):
        number = boundaries(metric.cadence, book.today, cal)
        given, work = set(known.rows), book.days_of(metric.id)
        while True:
            span = numbered(metric.cadence, number, cal)
            day = due_day(metric.cadence, span, weekday)
            if day > book.today and (span.start, span.end) not in given and (work is None or work.between(*span)):
                break
            number += 1
        waiting.append((day, GRAINS.index(metric.cadence), span, metric.cadence, metric.name))
    waiting.sort(key=lambda item: item[:3])
    return [
        Coming(day, span, book.period_label(cadence, span), cadence, tuple(item[4] for item in group))
        for (day, _, span, cadence), group in groupby(waiting, key=lambda item: item[:4])
    ]


def weekday_of(book: Book) -> int:
    """The day of the weekly review, Monday is 0."""
    return int(book.settings.get("review_weekday", 4))


def latest_asked(cadence: str, today: int, cal: Calendar, review_weekday: int, work: Workdays | None = None) -> Span:
    """The last period whose day has come; of working days (`work`) one that has any."""
    number = boundaries(cadence, today, cal)
    while True:
        span = numbered(cadence, number, cal)
        if due_day(cadence, span, review_weekday) <= today and (work is None or work.between(*span)):
            return span
        number -= 1


def with_details(book: Book, items: Sequence[Owed]) -> list[Owed]:
    """The same with the last value, the usual band and the target of each."""
    windows: dict[tuple[str, Span, Workdays | None], list[Span]] = {}
    detailed = []
    for item in items:
        key = (item.cadence, item.period, book.days_of(item.metric_id))
        if key not in windows:
            windows[key] = window_before(item.cadence, item.period, book.calendar, key[2])
        detailed.append(_detailed(book, item, windows[key]))
    return detailed


def aim_at(book: Book, metric: MetricRow, day: int) -> Aim | None:
    """What a value of the metric is held against on a day: the target of its first live KPI, else its thresholds."""
    from kpitui.domain.target import has_target, in_force
    from kpitui.services.aims import aim_of, thresholds_of

    for kpi in book.roles_of(metric.id):
        if kpi.state == "live":
            aim = in_force(aim_of(kpi, metric, book.watch_band), book.steps.get(kpi.id, ()), day)
            if has_target(aim):
                return aim
    aim = thresholds_of(metric, book.watch_band)
    return aim if aim.kind else None


def _asked(book: Book) -> list[tuple[MetricRow, _Known]]:
    """The metrics that are entered, with what is stored of them lately."""
    asked: list[tuple[MetricRow, _Known]] | None = book.memo.get("asked")
    if asked is None:
        asked = book.memo["asked"] = list(_look_up(book))
    return asked


def _look_up(book: Book) -> Iterator[tuple[MetricRow, _Known]]:
    since = {grain: _first_looked_at(book, grain) for grain in GRAINS}
    known = {key: _Known(first, reaches or 0, []) for key, (first, reaches) in recent.begun(book.store, since).items()}
    for key, start, end in recent.periods(book.store, since, book.today):
        known[key].rows.append((start, end))
    for metric in book.metrics.values():
        if not book.derived(metric):
            yield metric, known.get(metric.id, _Known(None, 0, []))


def _first_looked_at(book: Book, grain: str) -> int:
    cal = book.calendar
    return numbered(grain, boundaries(grain, book.today, cal) - LOOK_BACK + 1, cal).start


def _stopped(book: Book, metric: MetricRow, known: _Known) -> int | None:
    """The last day with a value, where none of the periods looked back on has one."""
    if known.begun is None or known.rows or known.reaches > _first_looked_at(book, metric.cadence):
        return None
    work = book.days_of(metric.id)
    if work is not None and metric.cadence == "day" and work.between(known.reaches, book.today + 1) < LOOK_BACK:
        # Nobody has stopped who was on holiday.
        return None
    return known.reaches - 1


def _missing(book: Book, metric: MetricRow, known: _Known, weekday: int) -> list[Span]:
    """The periods asked for by today that have no value, oldest first."""
    cadence, cal, work = metric.cadence, book.calendar, book.days_of(metric.id)
    spans = book.spans_since(cadence, boundaries(cadence, book.today, cal) - LOOK_BACK + 1)
    if work is not None and not (spans := tuple(span for span in spans if work.between(*span))):
        return []
    given = set(known.rows)
    if known.begun is None:
        # Nobody knows since when it is measured: only the present is asked for.
        spans = spans[-2:]
    elif len(known.rows) == 1 and known.rows[0][0] <= spans[0].start and known.rows[0][1] >= spans[-1].start:
        spans = spans[-1:]
    return [
        span
        for span in spans
        if span not in given
        and due_day(cadence, span, weekday) <= book.today
        and (known.begun is None or (span.end > known.begun and not _covered(span, known, work)))
    ]


def _covered(span: Span, known: _Known, work: Workdays | None) -> bool:
    """Whether values of another grain speak for at least half of the period's days."""
    start, end = span
    if work is not None:
        # From one working day to the next there is nothing to speak for.
        parts = [(max(first, start), min(last, end)) for first, last in [(start, known.reaches), *known.rows]]
        return 2 * sum(work.between(*part) for part in parts) >= work.between(start, end)
    days, at = 0, max(start, min(known.reaches, end))
    days += at - start
    for first, last in known.rows:
        if first >= end:
            break
        first, last = max(first, at), min(last, end)
        if first < last:
            days, at = days + last - first, last
    return 2 * days >= end - start


def owed_for(book: Book, metric: MetricRow, span: Span, weekday: int) -> Owed:
    """One period of a metric as something owed, whether it is or not."""
    due = due_day(metric.cadence, span, weekday)
    late = days_late(due, book.today, book.days_of(metric.id))
    scope = book.scopes.get(metric.scope_id)
    return Owed(
        metric_id=metric.id,
        slug=metric.slug,
        name=metric.name,
        period=span,
        period_label=book.period_label(metric.cadence, span),
        label=label(metric.cadence, span, book.calendar),
        due=due,
        late_days=late if late > metric.grace_days else 0,
        owner=metric.owner,
        updater=metric.updater or metric.owner,
        unit=metric.unit,
        currency=book.currency_of(metric),
        decimals=metric.decimals,
        cadence=metric.cadence,
        scope_id=metric.scope_id,
        scope=scope.slug if scope else "",
        running=span.end > book.today + 1,
    )


def window_before(cadence: str, span: Span, cal: Calendar, work: Workdays | None = None) -> list[Span]:
    """The periods before one that say what is usual for it, oldest first; with `work` those that have a working day."""
    number = boundaries(cadence, span.start, cal)
    if work is None:
        return [numbered(cadence, place, cal) for place in range(number - WINDOW, number)]
    first = work.back(number, WINDOW) if cadence == "day" else number - WINDOW
    spans = (numbered(cadence, place, cal) for place in range(first, number))
    return [one for one in spans if work.between(*one)]


def _detailed(book: Book, item: Owed, spans: Sequence[Span]) -> Owed:
    metric = book.metrics[item.metric_id]
    # A value that waits to be checked is no fact yet: nothing counts from it.
    before = [
        (row.start, row.end, row.value)
        for row in points.between(book.store, item.metric_id, spans[0].start, item.period.start)
        if row.value is not None and not row.odd
    ]
    values = values_at(before, spans)
    # The newest may be of another grain, or older than the window.
    last = next((value for _, end, value in reversed(before) if end <= item.period.start), None)
    if last is None:
        last = _older(book, item)
    band = usual(values, floor=metric.hard_min, ceiling=metric.hard_max)
    return item._replace(last=last, usual=band, aim=aim_at(book, metric, item.period.end - 1))


def _older(book: Book, item: Owed) -> float | None:
    found = points.last_n(book.store, [item.metric_id], 1, item.period.start)[item.metric_id]
    return found[0].value if found else None


def values_at(rows: Iterable[tuple[int, int, float]], spans: Iterable[Span]) -> list[float | None]:
    """The values of exactly these periods, None where there is none."""
    by_span = {(start, end): value for start, end, value in rows}
    return [by_span.get(span) for span in spans]
