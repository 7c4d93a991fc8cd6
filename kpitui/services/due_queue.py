"""The queue of what is owed, with all it takes to answer: last, usual, target and source; and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, span_of
from kpitui.services.accepting import ToCheck, to_check
from kpitui.services.asked import Asked
from kpitui.services.book import Book
from kpitui.services.due import (
    Coming,
    Owed,
    aim_at,
    coming,
    given,
    owed,
    owed_for,
    values_at,
    weekday_of,
    window_before,
)
from kpitui.services.entry_grid import GridCell, judged_rows
from kpitui.services.proposals import Asking, answered, for_me
from kpitui.storage import points, reading, recent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.judging import Row
    from kpitui.storage.reading import ActionRow
    from kpitui.storage.store import Store


class QueueLine(NamedTuple):
    """One value asked for, or given since the queue was opened."""

    owed: Owed
    asked: Asked
    cell: GridCell
    kpi_id: int | None
    status: str
    """Where the metric stands."""
    why: str
    source: str

    @property
    def key(self) -> str:
        return f"{self.owed.metric_id}:{self.owed.period.start}"

    @property
    def done(self) -> bool:
        return self.cell.state in ("value", "none") and not self.cell.odd


class Queue(NamedTuple):
    lines: tuple[QueueLine, ...]
    """Late first, then what waits to be checked; those given since at the place they had."""
    left: int
    mine: int
    """Of those left, the ones this person enters."""
    coming: tuple[Coming, ...]
    to_check: tuple[ToCheck, ...]
    unexplained: tuple[str, ...]
    """Names of the KPIs that need a word of their owner and have none since their last period began."""
    late_actions: tuple[ActionRow, ...]
    workspace: str
    proposals: tuple[Asking, ...] = ()
    """Corrections that this account is asked to accept or decline."""
    answered: tuple[Asking, ...] = ()
    """Its own, which others have accepted or declined lately."""


def queue(
    store: Store,
    today: int,
    me: str,
    *,
    only_mine: bool = False,
    late_only: bool = False,
    keep: Sequence[tuple[int, Span]] = (),
) -> Queue:
    """What is owed now. `keep` are values of the queue so far: they keep their place, also when they are given."""
    with store.snapshot():
        book = Book(store, today)
        now = owed(book, detail=False)
        wanted = [item for item in now if (not only_mine or item.updater == me) and (not late_only or item.late_days)]
        by_key = {(item.metric_id, item.period): item for item in wanted}
        weekday = weekday_of(book)
        order: list[Owed] = []
        for metric_id, period in keep:
            item = by_key.pop((metric_id, period), None)
            row = book.metrics.get(metric_id)
            if item is None and row is not None and not book.derived(row):
                item = given(book, row, period, weekday)
                if any(one.metric_id == metric_id and one.period == period for one in now):
                    continue  # still owed, and filtered away
            if item is not None:
                order.append(item)
        order += by_key.values()
        doubtful = to_check(book)
        if not late_only:
            there = {(item.metric_id, item.period) for item in order}
            order += _doubted(
                book, [one for one in doubtful if (one.metric_id, one.period) not in there], me, only_mine
            )
        judged = judged_rows(book, dict.fromkeys(item.metric_id for item in order))
        sources = recent.sources(store)
        return Queue(
            tuple(_line(book, item, judged[item.metric_id], sources.get(item.metric_id, "")) for item in order),
            len(now),
            sum(item.updater == me for item in now),
            tuple(coming(book)),
            doubtful,
            _unexplained(book),
            tuple(row for row in reading.actions(store, state="open") if row.due < today and row.owner == me),
            store.path,
            for_me(store, today),
            answered(store, today),
        )


def _doubted(book: Book, found: Sequence[ToCheck], me: str, only_mine: bool) -> list[Owed]:
    """The values that wait to be checked, where they are of a period that is entered."""
    items = []
    for one in found:
        metric = book.metrics[one.metric_id]
        if span_of(metric.cadence, one.period.start, book.calendar) == one.period and not book.derived(metric):
            item = owed_for(book, metric, one.period, weekday_of(book))
            if not only_mine or item.updater == me:
                items.append(item)
    return items


def _line(book: Book, item: Owed, judged: Row, source: str) -> QueueLine:
    metric, store = book.metrics[item.metric_id], book.store
    spans = window_before(item.cadence, item.period, book.calendar, book.days_of(metric.id))
    stored = points.between(store, metric.id, spans[0].start, item.period.end)
    before = [(row.start, row.end, row.value) for row in stored if row.value is not None and not row.odd]
    last = next((value for _, end, value in reversed(before) if end <= item.period.start), None)
    if last is None:
        older = points.last_n(store, [metric.id], 1, spans[0].start)[metric.id]
        last = older[0].value if older else None
    asked = Asked(
        metric.id,
        metric.slug,
        metric.name,
        metric.unit,
        item.currency,
        metric.decimals,
        item.period,
        item.period_label,
        metric.hard_min,
        metric.hard_max,
        tuple(values_at(before, spans)),
        last,
        aim_at(book, metric, item.period.end - 1),
        (metric.owner, metric.updater),
    )
    found = next((row for row in stored if (row.start, row.end) == item.period), None)
    cell = GridCell(item.period, item.period_label, due=True)
    if found is not None:
        state = points.STATES[found.state]
        due = state == "cleared"
        cell = cell._replace(
            value=found.value, state=state, rev=found.rev, odd=bool(found.odd), note=found.note or "", due=due
        )
    return QueueLine(item, asked, cell, judged.kpi_id, judged.status, judged.why, source)


def _unexplained(book: Book) -> tuple[str, ...]:
    """KPIs that are exceptions and about which nobody has said anything since their last period began."""
    from kpitui.services.judging import judge_rows

    live = [kpi for kpi in book.kpis.values() if kpi.state == "live"]
    exceptions = [row for row in judge_rows(book, live, [])[0] if row.exception and row.period is not None]
    if not exceptions:
        return ()
    notes = reading.notes(book.store)
    found = []
    for row in exceptions:
        assert row.period is not None
        said = any(note.metric_id == row.metric_id and note.day >= row.period.start for note in notes)
        if not said:
            rows = points.between(book.store, row.metric_id, row.period.start, row.period.end)
            said = any(point.note for point in rows)
        if not said:
            found.append(row.name)
    return tuple(found)
