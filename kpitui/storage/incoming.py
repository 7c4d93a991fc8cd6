"""How values came in: when each was entered, through which face, how many were imported, none or corrected.

Stretches of time are UTC, ISO 8601 (a date alone is its first moment), half-open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.storage import changes

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Entered(NamedTuple):
    """A value that was entered by itself: its metric, the day its period ends, the UTC time, whether it is odd."""

    metric_id: int
    end: int
    at: str
    odd: int


class Standing(NamedTuple):
    """A value that stands, with who wrote it and where it comes from."""

    metric_id: int
    start: int
    end: int
    value: float
    who: str
    source: str


def entered(store: Store, first: str, last: str) -> list[Entered]:
    """The values that were entered one by one, by their first revision."""
    rows = store.rows(
        """SELECT p.metric_id, p."end", t.at, p.odd FROM txn t CROSS JOIN change c
        ON c.txn_id = t.id AND c.tbl = 'point' AND c.what = 'record' CROSS JOIN point p
        ON p.metric_id = c.row_id AND p.start = c.start AND p."end" = c."end" WHERE t.at >= ? AND t.at < ?""",
        (first, last),
    )
    return list(map(Entered._make, rows))


def kinds(store: Store, first: str, last: str) -> dict[str, int]:
    """How many lines of the log there are about values, by the word for the change."""
    return dict(
        store.rows(
            """SELECT c.what, count(*) FROM txn t CROSS JOIN change c ON c.txn_id = t.id AND c.tbl = 'point'
            WHERE t.at >= ? AND t.at < ? GROUP BY c.what""",
            (first, last),
        )
    )


def imported(store: Store, first: str, last: str) -> int:
    """How many values imports brought."""
    count = 0
    for (after,) in store.rows(
        """SELECT c.after FROM txn t CROSS JOIN change c ON c.txn_id = t.id AND c.what = 'import'
        WHERE t.at >= ? AND t.at < ?""",
        (first, last),
    ):
        given = changes.parsed(after) or {}
        count += int(given.get("new", 0)) + int(given.get("changed", 0))
    return count


def corrected(store: Store, first: str, last: str) -> dict[int, int]:
    """How many values of each metric were corrected."""
    return dict(
        store.rows(
            """SELECT c.row_id, count(*) FROM txn t CROSS JOIN change c ON c.txn_id = t.id AND c.tbl = 'point'
            AND c.what = 'correct' WHERE t.at >= ? AND t.at < ? GROUP BY c.row_id""",
            (first, last),
        )
    )


def standing(store: Store, after: int) -> list[Standing]:
    """The values of live metrics that begin after a day, by metric and period."""
    rows = store.rows(
        """SELECT m.id, p.start, p."end", p.value, t.who, m.source FROM metric m CROSS JOIN point p
        ON p.metric_id = m.id AND p.start > ? CROSS JOIN txn t ON t.id = p.txn_id
        WHERE m.archived = 0 AND p.value IS NOT NULL ORDER BY m.id, p.start, p."end\"""",
        (after,),
    )
    return list(map(Standing._make, rows))
