"""Was a backup restored over this workspace? The log of what stands says so: a restore writes its line into the copy
before it takes the place of the file."""

from __future__ import annotations

from typing import NamedTuple

from kpitui.errors import Conflict
from kpitui.storage.driver import sqlite3

TABLE, WHAT = "workspace", "restore"
"""Where the line of a restore says that it belongs, and what it did."""
LAST = f"""SELECT t.id, t.hash, t.who, t.at, c.item, c.before FROM change c CROSS JOIN txn t ON t.id = c.txn_id
    WHERE c.tbl = '{TABLE}' AND c.what = '{WHAT}' ORDER BY c.id DESC LIMIT ?"""


class Restore(NamedTuple):
    """One restore: its transaction, who did it and when (UTC), from which backup, and the number and hash (hex) of the
    newest transaction of what it replaced, with the name of the copy of that; 0 and empty where that was damaged."""

    txn: int
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


def restores(connection: sqlite3.Connection) -> list[Restore]:
    """Every restore that the log names, newest first."""
    from kpitui.storage.changes import parsed

    found = []
    for txn, _, who, at, backup, before in connection.execute(LAST, (-1,)).fetchall():
        given = parsed(before) or {}
        number = given.get("change")
        found.append(
            Restore(
                txn,
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
    one = restores(connection)[0]
    return Conflict(
        f"{one.who} has restored a backup ({one.backup}) meanwhile: what you saw may not stand any more. NOT saved: "
        "look at it, and do it again."
    )
