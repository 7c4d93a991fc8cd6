"""Where a running review stands: kept as it moves, so that it goes on there when the terminal is gone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
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
