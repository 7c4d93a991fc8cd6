"""Was a backup restored over this workspace? The log of what stands says so: a restore writes its line into the copy
before it takes the place of the file."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.errors import Damaged, Overtaken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kpitui.storage.store import Store

    Ask = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]
    """A query and its arguments to its rows."""

TABLE, WHAT = "workspace", "restore"
"""Where the line of a restore says that it belongs, and what it did."""
LAST = f"""SELECT t.id, t.hash, t.who, t.at, c.item, c.before FROM change c CROSS JOIN txn t ON t.id = c.txn_id
    WHERE c.tbl = '{TABLE}' AND c.what = '{WHAT}' ORDER BY c.id DESC LIMIT ?"""
TOP = "SELECT id, hash FROM txn ORDER BY id DESC LIMIT 1"
COOKIE = "PRAGMA schema_version"


class Restore(NamedTuple):
    """One restore: its transaction, who did it and when (UTC), from which backup, and the number and hash (hex) of the
    newest transaction of what it replaced, with the name of the copy of that; 0 and empty where that was damaged.
    `hash` (hex) is that of its own transaction; `over` is number and hash of what restores replaced that are in the log
    it replaced and not in this one."""

    txn: int
    hash: str
    who: str
    at: str
    backup: str
    before: int
    head: str
    kept: str
    over: tuple[tuple[int, str], ...] = ()

    def replaced(self, txn: int, head: str) -> bool:
        """Whether, by what it says, it took away a log with transaction `txn` of the hash `head`."""
        if not self.before and self.kept:
            return True  # nobody could read any more what stood there
        return any(last > txn or (last, its) == (txn, head) for last, its in ((self.before, self.head), *self.over))


class Seen(NamedTuple):
    """The log as a running program has seen it: SQLite's schema cookie, the hash (hex) of the newest restore, number
    and hash of the newest transaction."""

    cookie: int
    restore: str
    txn: int
    head: str


FOREIGN = "not by kpitui"
"""What took the place of a workspace without a line in its log."""


def newest(store: Store) -> str:
    """The hash (hex) of the newest restore; empty when there was none."""
    return _newest(store.rows)


def with_top(ask: Ask, seen: Seen) -> Seen:
    """The same, with the newest transaction as it is now; as it was where something may have taken its place."""
    top = ask(TOP, ()) if ask(COOKIE, ())[0][0] == seen.cookie else []
    return seen._replace(txn=top[0][0], head=bytes(top[0][1] or b"").hex()) if top else seen


def seen_now(ask: Ask, cookie: int | None = None) -> Seen:
    """How the log stands."""
    cookie = ask(COOKIE, ())[0][0] if cookie is None else cookie
    try:
        top, restore = ask(TOP, ()), _newest(ask)
    except Damaged:
        return Seen(cookie, "", 0, "")  # a part of the log is gone, which check says
    number, hashed = top[0] if top else (0, b"")
    return Seen(cookie, restore, number, bytes(hashed or b"").hex())


def noticed(ask: Ask, before: Seen) -> tuple[Seen, Restore | str | None]:
    """Whether something took the place of the workspace since it stood as `before`: how it stands now, and the restore,
    or FOREIGN. Looks closely only where the schema cookie is another, as it is after a restore."""
    cookie = int(ask(COOKIE, ())[0][0])
    if before.cookie == cookie:
        return before, None
    now = seen_now(ask, cookie)
    found = ask("SELECT hash FROM txn WHERE id = ?", (before.txn,))
    if not before.txn or (found and bytes(found[0][0] or b"").hex() == before.head):
        # It goes on from there; a restore since has taken away only what was not seen.
        return now, _told(ask(LAST, (1,)))[0] if now.restore not in ("", before.restore) else None
    return now, explanation(_told(ask(LAST, (-1,))), before.txn, before.head, before.restore) or FOREIGN


def explanation(restores: list[Restore], txn: int, head: str, restore: str) -> Restore | None:
    """Which of the `restores`, newest first, took away a log with transaction `txn` of the hash `head`, in which
    `restore` (a hash) was the newest; None when they say nothing of it. Older ones, which copies have, too, do not
    count."""
    for one in restores:
        if one.hash == restore:
            break
        if one.replaced(txn, head):
            return one
    return None


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
                _pairs(given.get("over")),
            )
        )
    return found


def _pairs(found: object) -> tuple[tuple[int, str], ...]:
    """What stands in `over`, as far as it is what a restore writes there."""
    rows = found if isinstance(found, list) else []
    pairs = [row for row in rows if isinstance(row, list) and len(row) == 2]
    return tuple((txn, hashed) for txn, hashed in pairs if isinstance(txn, int) and isinstance(hashed, str))


def refused(found: Restore | str) -> Overtaken:
    """Why a save is refused: something took the place of what it answers to."""
    who = f"the file was replaced, {found}," if isinstance(found, str) else f"{found.who} restored a backup"
    return Overtaken(f"NOT saved: {who} meanwhile. Look at what stands now, do it again.")


def _newest(ask: Ask) -> str:
    found = ask(LAST, (1,))
    return bytes(found[0][1] or b"").hex() if found else ""
