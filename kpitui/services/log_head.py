"""The head of the log: to be written down or signed, and to be looked for again later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.log_head import SHORT, Head, Named
from kpitui.storage import head as heads
from kpitui.storage import restored, settings
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.storage.store import Store


def head(store: Store) -> Head | None:
    """The newest transaction, with what tells this log from others; None in a workspace that nothing was done in."""
    with store.snapshot():
        top, at, first = heads.head(store), heads.saved_at(store), heads.hash_of(store, 1)
        if top is None:
            return None
        name = clean(settings.load(store).get("name", ""))
        return Head(top[0], top[1].hex(), at, first.hex()[:SHORT] if first else "0" * SHORT, name)


def newest(store: Store) -> tuple[int, str] | None:
    """Number and hash (hex) of the newest transaction, as `domain.log_head.short` says them."""
    top = heads.head(store)
    return None if top is None else (top[0], top[1].hex())


def lacking(store: Store, named: Named) -> str:
    """Why a head that was written down is not in this log, as a sentence; empty when it is.

    A hash that was cut short counts by the figures it has. Whether everything up to it agrees is what
    `storage.verify` says.
    """
    with store.snapshot():
        standing = heads.hash_of(store, named.txn)
        if standing is not None and standing.hex().startswith(named.hash):
            return ""
        first = heads.hash_of(store, 1)
        said = f"Change {named.txn} with the head {named.hash[:SHORT]} is not in this log"
        if named.log and (first is None or first.hex()[:SHORT] != named.log):
            return f"{said}: it is of another log, which has another first change."
        if standing is None:
            top = heads.head(store)
            why = f"it ends at change {top[0]}" if top else "there is nothing in it"
        else:
            why = f"change {named.txn} has the head {standing.hex()[:SHORT]} here"
        return f"{said}: {why}{_restored_over(store, named.txn)}."


def _restored_over(store: Store, txn: int) -> str:
    """The restore that took a change away, as the log names it."""
    for one in restored.restores_of(store):
        if one.txn <= txn <= one.before:
            kept = f", what it replaced is kept as {clean(one.kept)}" if one.kept else ""
            when = one.at[:16].replace("T", " ")
            return f"; {clean(one.who)} restored a backup ({clean(one.backup)}) over it at {when} UTC{kept}"
    return ""
