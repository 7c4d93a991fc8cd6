"""Every revision of a metric's values: who, when, what, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.domain.periods import Span
    from kpitui.storage.changes import ChangeRow
    from kpitui.storage.points import RevisionRow
    from kpitui.storage.store import Store


class Revision(NamedTuple):
    """One revision, with its period's label."""

    period: str
    row: RevisionRow
    restated: bool = False
    """It was made while its period was closed."""


class Revisions(NamedTuple):
    """The revisions of a metric, oldest period first."""

    name: str
    rows: tuple[Revision, ...]


def who_saved(store: Store, metric_id: int, period: Span) -> tuple[str, str] | None:
    """Who saved what stands for a period, and at what time (`09:12`); None when nothing does."""
    from kpitui.services.calendar import time_zone
    from kpitui.storage import points
    from kpitui.storage.changes import clock_time

    found = [row for row in points.history(store, metric_id, period.start) if row.end == period.end and row.current]
    return (found[0].who, clock_time(found[0].at, store.now().isoformat(), time_zone(store))) if found else None


def who_changed(store: Store, table: str, id: int) -> str:
    """Who changed a definition last and at what time: `bo at 09:12`; “somebody” where nothing says so."""
    return who_changed_last(store, [(table, id)])


def who_changed_last(store: Store, rows: Iterable[tuple[str, int]]) -> str:
    """As `who_changed`, of several definitions (table and id) that belong together."""
    from kpitui.storage import changes

    return _newest(store, [line for table, id in rows for line in changes.log(store, limit=1, table=table, row_id=id)])


def who_edited(store: Store, table: str, id: int, metric_id: int | None = None) -> str:
    """As `who_changed`; of a KPI's line whoever changed its role, its metric or its dated targets last."""
    from kpitui.domain.model import Target
    from kpitui.storage import definitions

    rows = [(table, id)]
    if table == "kpi" and metric_id is not None:
        dated = definitions.all_of(store, Target, kpi_id=id, archived=True)
        rows += [("metric", metric_id), *(("target", one.id) for one in dated)]
    return who_changed_last(store, rows)


def who_set(store: Store, key: str) -> str:
    """Who changed a setting of the team last, and at what time."""
    from kpitui.storage import changes

    found = changes.log(store, limit=50, table="setting", item=key)
    return _newest(store, [line for line in found if line.item == key])


def _newest(store: Store, found: list[ChangeRow]) -> str:
    from kpitui.services.calendar import time_zone
    from kpitui.storage import changes

    if not found:
        return "somebody"
    last = max(found, key=lambda line: line.id)
    return f"{last.who} at {changes.clock_time(last.at, store.now().isoformat(), time_zone(store))}"


def revisions(store: Store, item: str, today: int, period: str | None = None) -> Revisions:
    """Of one metric, or of one of its periods (`2026-W47`, `oct`, a date). Raises NotFound, Problem."""
    from kpitui.domain.dates import read_period
    from kpitui.domain.periods import grain_of, iso, label, to_date
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named
    from kpitui.storage import closings, points

    with store.snapshot():
        book = Book(store, today)
        metric, _ = metric_named(book, item)
        asked: Span | None = None
        if period is not None:
            _, asked = read_period(period, book.calendar, to_date(today), metric.cadence)
        out: list[Revision] = []
        closed = closings.restated_at(store, metric.id)
        for row in points.history(store, metric.id):
            from kpitui.domain.periods import Span

            span = Span(row.start, row.end)
            if asked is not None and not (asked.start <= span.start and span.end <= asked.end):
                continue
            grain = grain_of(span, book.calendar)
            name = label(grain, span, book.calendar) if grain else f"{iso(span.start)}/{iso(span.end)}"
            out.append(Revision(name, row, (row.txn_id, row.start, row.end) in closed))
        return Revisions(metric.name, tuple(out))
