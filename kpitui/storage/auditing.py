"""What the audit of values needs of the log: what changed after it was signed, and units that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.domain.named import NamedTuple
from kpitui.storage import changes

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Restated(NamedTuple):
    """A value that is another one than when a review was signed, changed without a reason."""

    metric_id: int
    start: int
    end: int
    before: float | None
    """What stood when it was signed."""
    value: float | None
    rhythm: str
    review_start: int
    review_end: int
    who: str
    signed: int
    """The transaction that wrote the review as it stands."""


class Reunited(NamedTuple):
    """A metric whose unit or currency changed without a reason. `at` is UTC, ISO 8601."""

    metric_id: int
    at: str
    before: dict[str, Any]
    after: dict[str, Any]


def restated(store: Store, since: int) -> list[Restated]:
    """Of the reviews whose period ends after the day `since`; a value in several reviews comes once, with the last."""
    rows = store.rows(
        """SELECT p.metric_id, p.start, p."end", (SELECT h.value FROM point_history h CROSS JOIN txn ht
                ON ht.id = h.txn_id WHERE h.metric_id = p.metric_id AND h.start = p.start AND h."end" = p."end"
                AND ht.at <= r.ended_at ORDER BY h.rev DESC LIMIT 1) AS stood,
            p.value, r.rhythm, r.start, r."end", t.who, r.txn_id
        FROM review r CROSS JOIN review_figure f ON f.review_id = r.id AND f.archived = 0
        CROSS JOIN point p ON p.metric_id = f.metric_id AND p.start >= r.start AND p.start < r."end" AND p.rev > 1
        CROSS JOIN txn t ON t.id = p.txn_id
        WHERE r.state = 'signed' AND r.archived = 0 AND r."end" > ? AND r.ended_at <> '' AND t.at > r.ended_at
            AND t.why = '' AND stood IS NOT NULL AND stood IS NOT p.value ORDER BY r.held""",
        (since,),
    )
    return list({row[:3]: Restated._make(row) for row in rows}.values())


def other_units(store: Store) -> list[Reunited]:
    """Changes of unit or currency that say no why, oldest first; one that was taken back is none."""
    rows = store.rows(
        """SELECT c.row_id, t.at, c.before, c.after FROM change c CROSS JOIN txn t ON t.id = c.txn_id
        WHERE c.tbl = 'metric' AND c.what = 'change' AND t.why = '' AND t.undoes IS NULL AND c.undone_by IS NULL
            AND (c.after LIKE '%"unit"%' OR c.after LIKE '%"currency"%') ORDER BY c.id"""
    )
    return [Reunited(row[0], row[1], changes.parsed(row[2]) or {}, changes.parsed(row[3]) or {}) for row in rows]
