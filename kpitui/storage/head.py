"""The head of the log: the newest transaction and its hash, which stands for everything before it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store


def head(store: Store) -> tuple[int, bytes] | None:
    """The number of the newest transaction and its hash; None in a workspace that nothing was done in."""
    found = store.row("SELECT id, hash FROM txn ORDER BY id DESC LIMIT 1")
    return (int(found[0]), bytes(found[1] or b"")) if found else None


def saved_at(store: Store) -> str:
    """When the newest transaction was saved (UTC, ISO 8601); empty where there is none."""
    found = store.row("SELECT at FROM txn ORDER BY id DESC LIMIT 1")
    return str(found[0]) if found else ""


def hash_of(store: Store, txn_id: int) -> bytes | None:
    """The hash of a transaction; None where there is none of this number."""
    found = store.row("SELECT hash FROM txn WHERE id = ?", (txn_id,))
    return bytes(found[0] or b"") if found else None


def set_back(store: Store) -> list[tuple[int, str, str]]:
    """Where the machine's clock was set back by more than a day: the number of the change before, when it was saved,
    and when the one after it was (UTC, ISO 8601)."""
    return store.rows(
        """SELECT ahead.id, ahead.at, following.at FROM txn ahead
        CROSS JOIN txn following ON following.id = ahead.id + 1
        WHERE following.at < ahead.at AND julianday(ahead.at) - julianday(following.at) > 1 ORDER BY 1"""
    )
