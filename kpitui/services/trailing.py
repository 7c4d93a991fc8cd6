"""A KPI's value over its last periods, from the numbers of a book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.trailing import Over, Trailing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpitui.domain.periods import Span
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow


def trail_of(
    book: Book, metric: MetricRow, spans: Sequence[Span], window: int, checked: bool
) -> Callable[[int], Over | None]:
    """The value over the `window` periods up to the one of `spans` that ends on a day; those are the metric's own.

    `checked` leaves out the values that wait to be checked, as a verdict does.
    """
    workings = book.checked_workings if checked else book.workings
    trailing = Trailing(workings, book.measures[metric.id], metric.cadence, spans)
    known: dict[int, Over | None] = {}

    def over(end: int) -> Over | None:
        if end not in known:
            known[end] = trailing.at(end, window)
        return known[end]

    return over
