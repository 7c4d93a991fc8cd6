"""What was worked out per metric and stays true until its values change: of many metrics, a save touches a few."""

from __future__ import annotations

from kpitui.storage import changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from kpitui.domain.aggregate import Cell
    from kpitui.domain.periods import Span
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow

    Kept = dict[Any, Any]
    T = TypeVar("T")

HARMLESS = frozenset(
    (
        "annotation",
        "review",
        "review_line",
        "review_figure",
        "action",
        "kpi",
        "goal",
        "target",
        "override",
        "playbook",
        "waiver",
        "phase",
        "acceptance",
        "closing",
        "member",
        "proposal",
    )
)
"""Tables whose rows are no part of a metric's values; what is asked of it is part of every question."""


def kept(book: Book, what: str) -> dict[int, Kept]:
    """By metric, what `what` knows as of the day of the book; looked through once per book for what was written since.

    Nothing is kept beyond the book inside a transaction, nor for another day than the last one asked for. A book
    that is `apart` has a place of its own.
    """
    store = book.store
    found: dict[int, Kept] | None = book.memo.get(what)
    if found is None and store.writing:
        found = book.memo[what] = {}
    if found is not None:
        return found
    latest, place = changes.last_id(store), f"{what}{book.apart}"
    known: dict[int, Kept]
    seen, path, day, known = store.kept.get(place, (0, store.path, book.today, {}))
    if path != store.path or latest < seen or day != book.today:
        known = {}
    elif latest > seen and known:
        touched = touched_since(book, seen)
        if touched is None:
            known = {}
        else:
            for metric_id in [key for key in known if key in touched or book.needs([key]) & touched]:
                del known[metric_id]
    store.kept[place] = (latest, store.path, book.today, known)
    book.memo[what] = known
    return known


def as_before(known: Kept, key: object, asked: object, work: Callable[[], T]) -> T:
    """What `work` gives; what it gave last time while all that it goes by is equal: `asked`, and the values of the
    metric that `known` is of. After a save that is so for nearly all of a screen.
    """
    if key not in known or known[key][0] != asked:
        known[key] = asked, work()
    found: T = known[key][1]
    return found


def cells_as_before(book: Book, metric: MetricRow, spans: tuple[Span, ...]) -> Sequence[Cell]:
    """The values of a metric in these periods, one for each at its cadence; the very same ones as last time while
    nothing was written that they are made of, so that its points need not be read again."""
    return as_before(
        kept(book, "cells").setdefault(metric.id, {}),
        len(spans),
        (spans, book.calendar),
        lambda: book.cells(metric.id, metric.cadence, spans),
    )


def touched_since(book: Book, txn_id: int) -> set[int] | None:
    """The metrics whose values were written after a transaction; None when anything may have changed."""
    found: set[int] = set()
    for table, row_id in changes.touched_since(book.store, txn_id):
        if table == "point" and row_id is not None:
            found.add(row_id)
        elif table not in HARMLESS:
            return None
    return found
