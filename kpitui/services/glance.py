"""A row looked at a little closer: what it is compared with, how far it usually moves, and the notes on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.compare import compare
from kpitui.domain.expected import before
from kpitui.domain.periods import year_ago
from kpitui.domain.usual import usual
from kpitui.services.book import Book
from kpitui.services.scorecard import Glance as Glance

if TYPE_CHECKING:
    from kpitui.services.judging import Row
    from kpitui.storage.reading import NoteRow as NoteRow
    from kpitui.storage.store import Store

NOTES = 12


def glance(store: Store, today: int, row: Row) -> Glance:
    """The row as of the day `today`."""
    with store.snapshot():
        return glance_in(Book(store, today), row)


def glance_in(book: Book, row: Row) -> Glance:
    from kpitui.storage import reading

    found = reading.notes(book.store, metric_id=row.metric_id)
    notes = tuple(note for note in reversed(found) if note.day <= book.today)[:NOTES]
    previous = last_year = None
    if row.period is not None:
        days = book.days_of(row.metric_id)
        spans = (row.period, before(row.cadence, row.period, book.calendar, days))
        cells = book.cells(row.metric_id, row.cadence, (*spans, year_ago(row.cadence, row.period, book.calendar)))
        additive = book.measures[row.metric_id].additive
        previous, last_year = (
            compare(cells[0], cell, row.unit, book.calendar, additive, work=days).change for cell in cells[1:]
        )
    process = book.of_process(row.metric_id, row.series)
    band = usual([cell.value if cell.whole else None for cell in process])
    return Glance(row.key, previous, last_year, None if band is None else (band[1] - band[0]) / 2, notes)
