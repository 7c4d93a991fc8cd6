"""Was a backup restored over this workspace? The log of what stands says so: a restore writes its line into the copy
before it takes the place of the file."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.errors import Conflict
from kpitui.storage.driver import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kpitui.storage.store import Store

TABLE, WHAT = "workspace", "restore"
"""Where the line of a restore says that it belongs, and what it did."""
LAST = f"""SELECT t.id, t.hash, t.who, t.at, c.item, c.before FROM change c CROSS JOIN txn t ON t.id = c.txn_id
    WHERE c.tbl = '{TABLE}' AND c.what = '{WHAT}' ORDER BY c.id DESC LIMIT ?"""


class Restore(NamedTuple):
    """One restore: its transaction, who did it and when (UTC), from which backup, and the number and hash (hex) of the
    newest transaction of what it replaced, with the name of the copy of that; 0 and empty where that was damaged.
    `hash` (hex) is that of its own transaction."""

    txn: int
    hash: str
    who: str
    at: str
    backup: str
    before: int
    head: str
    kept: str


def last_restore(connection: sqlite3.Connection) -> bytes | None:
    """The hash of the newest restore; None when there was none, or the log itself is gone."""
    try:
        found = connection.execute(LAST, (1,)).fetchone()
    except sqlite3.OperationalError as error:
        if "no such" not in str(error):
            raise
        return None
    return None if found is None else bytes(found[1] or b"")


def newest(store: Store) -> str:
    """The hash (hex) of the newest restore; empty when there was none."""
    found = store.rows(LAST, (1,))
    return bytes(found[0][1] or b"").hex() if found else ""


def noticed(store: Store, seen: tuple[int, str] | None) -> tuple[tuple[int, str], Restore | None]:
    """Whether a backup was restored since `seen`, which the last call gave (None at first): what to give the next one,
    and the restore. Reads the log only where the schema cookie is another, as it is after a restore."""
    cookie = int(store.one("PRAGMA schema_version"))
    if seen is not None and seen[0] == cookie:
        return seen, None
    last = newest(store)
    if seen is None or seen[1] == last:
        return (cookie, last), None
    found = restores_of(store)
    return (cookie, last), found[0] if found else None


def restores_of(store: Store) -> list[Restore]:
    """Every restore that the log names, newest first."""
    return _told(store.rows(LAST, (-1,)))


def _told(rows: list[tuple[Any, ...]]) -> list[Restore]:
    if not rows:
        return []
    from kpitui.storage.changes import parsed

    found = []
    for txn, hashed, who, at, backup, before in rows:
        given = parsed(before) or {}
        number = given.get("change")
        found.append(
            Restore(
                txn,
                bytes(hashed or b"").hex(),
                who,
                at,
                backup,
                number if isinstance(number, int) else 0,
                str(given.get("head", "")),
                str(given.get("kept", "")),
            )
        )
    return found


def restored_meanwhile(connection: sqlite3.Connection) -> Conflict:
    one = _told(connection.execute(LAST, (1,)).fetchall())[0]
    return Conflict(f"NOT saved: {one.who} restored a backup meanwhile. Look at what stands now, do it again.")
