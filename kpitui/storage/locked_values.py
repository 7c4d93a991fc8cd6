"""The values that locked limits are made of, and which of them are not what they were when the limits locked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.storage.store import Store


def written_since(
    store: Store, phase_id: int, metric_ids: Iterable[int]
) -> list[tuple[str, float | None, bool, float | None]]:
    """By value of these metrics before the day that a phase is locked at, and written after it was: when (UTC), the
    value, whether there was one when it locked, and that."""
    return [
        (at, value, there > 0, before)
        for at, value, there, before in store.rows(
            """SELECT t.at, p.value, (SELECT count(*) FROM point_history h WHERE h.metric_id = p.metric_id
                AND h.start = p.start AND h."end" = p."end" AND h.txn_id <= f.txn_id AND h.value IS NOT NULL),
                (SELECT h.value FROM point_history h WHERE h.metric_id = p.metric_id AND h.start = p.start
                AND h."end" = p."end" AND h.txn_id <= f.txn_id ORDER BY h.rev DESC LIMIT 1)
            FROM phase f CROSS JOIN json_each(?2) m CROSS JOIN point p ON p.metric_id = m.value
            CROSS JOIN txn t ON t.id = p.txn_id
            WHERE f.id = ?1 AND p.start >= f.start AND p.start < f.locked AND p.txn_id > f.txn_id ORDER BY t.id""",
            (phase_id, f"[{', '.join(map(str, metric_ids))}]"),
        )
    ]


def locked_by(store: Store, review_id: int) -> set[int]:
    """The phases that the sign-offs of a review have locked or made, whatever became of them."""
    return {
        phase_id
        for (phase_id,) in store.rows(
            """SELECT DISTINCT p.row_id FROM change r CROSS JOIN txn t ON t.id = r.txn_id
            CROSS JOIN change p ON p.txn_id = t.id
            WHERE r.tbl = 'review' AND r.row_id = ? AND t.what = 'review.sign' AND p.tbl = 'phase'""",
            (review_id,),
        )
    }
