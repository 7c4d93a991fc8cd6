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


class Ended(Book):
    """A period that is over: a value that goes on beyond it, as of the week it ended in, belongs to the next one."""

    def points(self, metric_id: int, start: int, end: int) -> Sequence[Value]:
        return [value for value in super().points(metric_id, start, end) if value[1] <= self.today + 1]
