"""What a review goes through: the one way to count exceptions, before it is held and while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.services.due import owed
from kpitui.services.review_items import grouped
from kpitui.storage import reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.domain.periods import Span
    from kpitui.services.book import Book
    from kpitui.services.judging import Row
    from kpitui.services.review_items import Item
    from kpitui.services.rows import Owed


def loud(items: Iterable[Item]) -> int:
    """How many of them are exceptions."""
    return sum(1 for item in items if item.group != "quiet")


def looked_at(book: Book, kpi_id: int | None, rhythm: str) -> bool:
    """Quarter and year look at the whole set; a week and a month at what names them."""
    if rhythm in ("quarterly", "annual") or kpi_id is None:
        return True
    return rhythm in book.kpis[kpi_id].review


def seen_until(book: Book, rhythm: str, scope_id: int, start: int) -> int | None:
    """The end of the last period before the day `start` that a signed review of this rhythm and scope saw; None
    without."""
    return max(
        (
            row.end
            for row in reading.reviews(book.store)
            if (row.rhythm, row.scope_id, row.state) == (rhythm, scope_id, "signed") and row.end <= start
        ),
        default=None,
    )


def asked_for(book: Book, then: Book, end: int) -> list[Owed]:
    """What is missing in a review of a period with this end, looked at with `book` and judged by `then`."""
    asked = owed(then, detail=False)
    if then is book:
        return asked
    # What was asked for by then and is late by now is missing, too.
    return [*asked, *(one for one in owed(book, detail=False) if one.period.start < end)]


def to_come(book: Book, then: Book, rows: Iterable[Row], rhythm: str, period: Span, scope_id: int) -> frozenset[str]:
    """The keys of those of a scope's rows that its review goes through: `rows` as `then` judges them, looked at with
    `book`."""
    looked = [
        row for row in rows if row.kpi_id is None or (row.state != "paused" and looked_at(book, row.kpi_id, rhythm))
    ]
    since, notes = seen_until(book, rhythm, scope_id, period.start), reading.notes(book.store)
    found = grouped(then, looked, period, asked_for(book, then, period.end), notes, since, book.today)
    return frozenset(row.key for row, where, *_ in found if where != "quiet")
