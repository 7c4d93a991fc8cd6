"""What the figures of a review are worked out from: the book as of the last day of the period it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.services.book import Book, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.model import Review
    from kpitui.domain.periods import Calendar
    from kpitui.storage.store import Store


def figures_day(review: Review, today: int) -> int:
    """The day the figures stand as of: today, but never beyond the period."""
    return min(today, review.end - 1)


def book_of_figures(store: Store, review: Review, day: int, calendar: Calendar | None = None) -> Book:
    """The book for the figures of a review that are looked at on a day."""
    kind = Book if day < review.end else Ended
    return kind(store, figures_day(review, day), calendar=calendar)


def looked_on(end: int, held: int, today: int) -> int:
    """The day on which a review up to the day before `end` is looked at: today, but neither after its period nor after
    the day it was held, whichever is later."""
    return min(today, max(held, end - 1))


def books_of_late(book: Book, end: int, held: int) -> tuple[Book, Book]:
    """Of a review whose period is over, `held` on a day (today, where it is still to be): the book as of the day it is
    looked at, and that of its figures. The same ones as last time while nothing in the workspace has changed."""
    store = book.store
    key = (store.path, store.version(), book.today, end, held)
    kept = store.kept.get("late")
    if kept is None or kept[0] != key:
        day, looked = looked_on(end, held, book.today), book
        if day != book.today:
            looked = Book(store, day)
            looked.apart = " of a day looked at"
        then = looked if day < end else Ended(store, end - 1)
        kept = store.kept["late"] = (key, looked, then)
    return kept[1], kept[2]


class Ended(Book):
    """A period that is over: a value that goes on beyond it, as of the week it ended in, belongs to the next one."""

    apart = " of a period that is over"

    def points(self, metric_id: int, start: int, end: int) -> Sequence[Value]:
        return [value for value in super().points(metric_id, start, end) if value[1] <= self.today + 1]
