"""Every value of a metric that was written over another: what it was, what it is, who, when and why."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Span

if TYPE_CHECKING:
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow


class Correction(NamedTuple):
    """One overwritten value."""

    label: str
    old: float | None
    new: float | None
    who: str
    day: int
    why: str
    note: str
    restated: bool = False
    """It was made while its period was closed."""


def corrections_of(book: Book, metric: MetricRow) -> tuple[Correction, ...]:
    """Every value that was written over another, newest first."""
    from kpitui.domain.periods import grain_of, iso
    from kpitui.services.log_words import Teller
    from kpitui.storage import closings, points

    teller = Teller(book.store, book.today)
    closed = closings.restated_at(book.store, metric.id)
    out: list[tuple[str, Correction]] = []
    for start, end in points.written_over(book.store, metric.id):
        revisions = [one for one in points.history(book.store, metric.id, start) if one.end == end]
        span = Span(start, end)
        grain = grain_of(span, book.calendar)
        name = book.period_label(grain, span) if grain else iso(start)
        for old, new in pairwise(revisions):
            if (old.value, old.state) != (new.value, new.state):
                day = teller.when(new.at)[0]
                again = (new.txn_id, start, end) in closed
                fixed = Correction(name, old.value, new.value, new.who, day, new.why, new.note or "", again)
                out.append((new.at, fixed))
    return tuple(fixed for _, fixed in sorted(out, key=lambda one: one[0], reverse=True))
