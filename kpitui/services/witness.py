"""Is the log still the one that this account has seen? One look at the newest transaction it remembers."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.storage import head as heads
from kpitui.storage import restored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Look(NamedTuple):
    """What the log looks like now: newest transaction, its hash and that of the newest restore (hex, may be empty).

    `doubt` is a sentence when the log is not the one that was seen, `note` one when a restore explains it.
    """

    txn: int
    head: str
    restore: str
    doubt: str = ""
    note: str = ""


def look(store: Store, txn: int, head: str, restore: str) -> Look:
    """Holds the log against what was seen of it: transaction `txn` with the hash `head`, and the newest `restore`."""
    top = heads.head(store)
    now = Look(top[0] if top else 0, top[1].hex() if top else "", restored.newest(store))
    if not txn or (top is not None and (txn, head) == (now.txn, now.head)):
        return now
    standing = heads.hash_of(store, txn) if txn <= now.txn else None
    if standing is not None and standing.hex() == head:
        return now
    one = restored.explanation(restored.restores_of(store), txn, head, restore) if now.restore != restore else None
    if one is not None:
        if one.who == store.who.name:
            return now  # no news to who did it
        kept = f"; what it replaced is kept as {one.kept}" if one.kept else ""
        when = one.at[:16].replace("T", " ")
        return now._replace(note=f"{one.who} has restored a backup ({one.backup}) at {when} UTC{kept}.")
    if txn > now.txn:
        said = f"The log of {store.path} ends at change {now.txn}, but this account has seen change {txn}"
    else:
        said = f"Change {txn} in the log of {store.path} is not the one that this account has seen"
    return now._replace(
        doubt=f"{said}: the file was replaced or written anew, not by kpitui. Ask who did it; kpitui check says more."
    )
