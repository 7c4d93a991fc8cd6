"""Where a running review stands: kept as it moves, so that it goes on there when the terminal is gone. And which signed
ones hold a figure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


def place(tx: Txn, review_id: int, step: int, item: int, seconds: str) -> bool:
    """Stores the step, item and seconds of a review that is open; False when it is not, or stands there already.

    It leaves no line of its own in the log, which is about what people changed, so undo passes over it.
    """
    found = tx.execute("SELECT state, step, item, seconds FROM review WHERE id = ?", (review_id,)).fetchone()
    if found is None or found[0] != "open" or found[1:] == (step, item, seconds):
        return False
    tx.execute(
        "UPDATE review SET step = ?, item = ?, seconds = ?, rev = rev + 1, txn_id = ? WHERE id = ?",
        (step, item, seconds, tx.id, review_id),
    )
    tx.saw(tx.execute("SELECT * FROM review WHERE id = ?", (review_id,)).fetchone())
    return True


# Where nothing of a review's own period was there when it was signed, its figure is of the last period before that had
# a value by then.
FIRST_DAY = """min(r.start, coalesce((SELECT p.start FROM point p WHERE p.metric_id = f.metric_id AND p.start < r."end"
    AND (CASE p.rev WHEN 1 THEN p.txn_id ELSE (SELECT h.txn_id FROM point_history h WHERE h.metric_id = p.metric_id
        AND h.start = p.start AND h."end" = p."end" AND h.rev = 1) END) <= r.txn_id
    ORDER BY p.start DESC LIMIT 1), r.start))"""
"""The first day whose values a figure `f` of a review `r` is made of."""


def written_by(store: Store, review_id: int) -> int:
    """The transaction that wrote a review as it stands: of a signed one its sign-off."""
    return int(store.one("SELECT txn_id FROM review WHERE id = ?", (review_id,)))


def signed_in(store: Store) -> dict[int, int]:
    """By signed review, the transaction of its sign-off."""
    return dict(store.rows("SELECT id, txn_id FROM review WHERE state = 'signed'"))


def signed_with(store: Store, metric_id: int, day: int) -> list[tuple[int, str, int, int, int, float | None]]:
    """The signed reviews with a figure of the metric that a value from this day on stands in, by the day they were
    held: id, rhythm, start, end, day held, and the figure as it was."""
    return store.rows(
        f"""SELECT r.id, r.rhythm, r.start, r."end", r.held, f.value FROM review_figure f CROSS JOIN review r
        ON r.id = f.review_id WHERE f.metric_id = ? AND r.state = 'signed' AND r."end" > ? AND {FIRST_DAY} <= ?
        AND f.archived = 0 AND r.archived = 0 ORDER BY r.held""",
        (metric_id, day, day),
    )


def newest_signed(store: Store) -> int:
    """The number of the newest transaction that left a review signed; 0 without any."""
    return int(store.one("SELECT coalesce(max(txn_id), 0) FROM review WHERE state = 'signed' AND archived = 0"))


def signed_spans(store: Store, metric_id: int, first: int, last: int) -> list[tuple[int, int]]:
    """The days `[start, end)` that figures of the metric in signed reviews are made of, where they reach into these."""
    return store.rows(
        f"""SELECT DISTINCT {FIRST_DAY}, r."end" FROM review_figure f CROSS JOIN review r ON r.id = f.review_id
        WHERE f.metric_id = ? AND r.state = 'signed' AND r."end" > ? AND {FIRST_DAY} <= ? AND f.archived = 0
        AND r.archived = 0""",
        (metric_id, first, last),
    )
