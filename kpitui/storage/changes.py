"""The log: who changed what, when, through which face, and what stood there before.

One line a row touched (a bulk write is one line with counts). Values here are for people; the exact ones stand in
the histories.
"""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.domain.quoting import quote
from kpitui.errors import Damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


class ChangeRow(NamedTuple):
    """One line of the log with the transaction it belongs to. `at` is UTC, ISO 8601."""

    id: int
    txn_id: int
    at: str
    uid: int
    who: str
    via: str
    what: str
    tbl: str
    row_id: int | None
    """The row's id; for a point its metric's, with `start` and `end`. None on a bulk line."""
    start: int | None
    end: int | None
    item: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    why: str
    summary: str
    undoes: int | None
    undone_by: int | None
    """The transaction that took this one back. It may itself have been taken back since: see `undo.standing`."""


SELECT = """SELECT c.id, c.txn_id, t.at, t.uid, t.who, t.via, c.what, c.tbl, c.row_id, c.start, c."end", c.item,
    c.before, c.after, t.why, t.summary, t.undoes, c.undone_by FROM change c CROSS JOIN txn t ON t.id = c.txn_id"""


def log(
    store: Store,
    *,
    limit: int,
    before_id: int | None = None,
    table: str | None = None,
    row_id: int | None = None,
    who: str | None = None,
    what: str | None = None,
    since: str | None = None,
    item: str | None = None,
    txn_id: int | None = None,
) -> list[ChangeRow]:
    """The newest `limit` lines, newest first; `before_id` is the last line's id of the page before.

    `who` is an account name, `what` the beginning of the word for the change, `since` a UTC time (ISO 8601),
    `item` any part of the name. With `txn_id` the lines of that one transaction.
    """
    where, args = conditions(before_id, table, row_id, who, what, since, item, txn_id)
    rows = store.rows(f"{SELECT} {where} ORDER BY c.id DESC LIMIT ?", (*args, limit))
    return [ChangeRow._make((*row[:12], parsed(row[12]), parsed(row[13]), *row[14:])) for row in rows]


def count(
    store: Store,
    *,
    before_id: int | None = None,
    table: str | None = None,
    row_id: int | None = None,
    who: str | None = None,
    what: str | None = None,
    since: str | None = None,
    item: str | None = None,
    txn_id: int | None = None,
) -> int:
    """How many lines `log` would give with the same choice and no limit."""
    where, args = conditions(before_id, table, row_id, who, what, since, item, txn_id)
    sql = f"SELECT count(*) FROM change c CROSS JOIN txn t ON t.id = c.txn_id {where}"
    return int(store.rows(sql, args)[0][0])


def lines_of(store: Store, txn_id: int) -> list[ChangeRow]:
    """What one transaction changed, in the order it was done."""
    return log(store, limit=-1, txn_id=txn_id)[::-1]


def last_by(store: Store, at: str) -> int:
    """The number of the last transaction committed by `at` (UTC, ISO 8601); 0 when there is none."""
    found = store.rows("SELECT id FROM txn WHERE at <= ? ORDER BY id DESC LIMIT 1", (at,))
    return int(found[0][0]) if found else 0


def first_since(store: Store, at: str) -> int | None:
    """The number of the first line of the first transaction from `at` (UTC, ISO 8601) on; None when there is none."""
    sql = """SELECT min(c.id) FROM txn t CROSS JOIN change c ON c.txn_id = t.id
        WHERE t.id = (SELECT min(id) FROM txn WHERE at >= ?)"""
    found = store.rows(sql, (at,))[0][0]
    return None if found is None else int(found)


def first_at(store: Store) -> str | None:
    """The UTC time of the first transaction; None in a workspace that nothing was done in."""
    found = store.rows("SELECT at FROM txn ORDER BY id LIMIT 1")
    return str(found[0][0]) if found else None


def last_id(store: Store) -> int:
    """The number of the newest transaction; 0 when there is none."""
    return int(store.one("SELECT max(id) FROM txn") or 0)


def txn_of(store: Store, change_id: int) -> int | None:
    """The transaction that a line of the log belongs to."""
    found = store.one("SELECT txn_id FROM change WHERE id = ?", (change_id,))
    return None if found is None else int(found)


def touched_since(store: Store, txn_id: int) -> list[tuple[str, int | None]]:
    """Table and row (for a point its metric) of what was changed after a transaction, each once."""
    return store.rows("SELECT DISTINCT tbl, row_id FROM change WHERE txn_id > ?", (txn_id,))


def writers(store: Store, txn_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Whose transactions these are, and their UTC times."""
    found: dict[int, tuple[str, str]] = {}
    wanted = sorted(set(txn_ids))
    for place in range(0, len(wanted), 500):
        some = wanted[place : place + 500]
        rows = store.rows(f"SELECT id, who, at FROM txn WHERE id IN ({', '.join('?' * len(some))})", some)
        found.update({number: (who, at) for number, who, at in rows})
    return found


def conditions(
    before_id: int | None,
    table: str | None,
    row_id: int | None,
    who: str | None,
    what: str | None,
    since: str | None,
    item: str | None,
    txn_id: int | None,
) -> tuple[str, tuple[Any, ...]]:
    chosen: list[tuple[str, Any]] = []
    if before_id is not None:
        chosen.append(("c.id < ?", before_id))
    if txn_id is not None:
        chosen.append(("c.txn_id = ?", txn_id))
    if table is not None:
        chosen.append(("c.tbl = ?", table))
    if row_id is not None:
        chosen.append(("c.row_id = ?", row_id))
    if who is not None:
        chosen.append(("t.who = ?", who))
    if what is not None:
        chosen.append((r"c.what LIKE ? ESCAPE '\'", like(what) + "%"))
    if since is not None:
        chosen.append(("t.at >= ?", since))
    if item is not None:
        chosen.append((r"c.item LIKE ? ESCAPE '\'", "%" + like(item) + "%"))
    where = "WHERE " + " AND ".join(sql for sql, _ in chosen) if chosen else ""
    return where, tuple(value for _, value in chosen)


def like(text: str) -> str:
    """`text` for LIKE, its own wildcards taken literally."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def parsed(text: str | None) -> dict[str, Any] | None:
    """What a change line keeps, a JSON object. None, not known, where another program has written something else."""
    if text is None:
        return None
    import json

    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def who_and_when(tx: Txn, txn_id: int) -> tuple[str, str]:
    """Whose transaction it was, and its time as people of this workspace say it: `09:12`, or with the date if not
    on the day of `tx`."""
    who, at = tx.execute("SELECT who, at FROM txn WHERE id = ?", (txn_id,)).fetchone()
    named = tx.execute("SELECT value FROM setting WHERE key = 'time_zone' AND archived = 0").fetchone()
    return str(who), clock_time(at, tx.at, named[0] if named else "UTC")


def moment(at: str) -> datetime:
    """A stored UTC time. Raises Damaged for a text that is none: only another program can have written it."""
    from datetime import UTC, datetime

    try:
        time = datetime.fromisoformat(at)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError:
        raise Damaged(
            f"The log has “{quote(at)}” where a time must stand: the workspace was changed by another program, or "
            "is damaged. kpitui check says what else is wrong."
        ) from None


def clock_time(at: str, now: str, zone_name: str) -> str:
    """A stored UTC time on the clock of a time zone: `09:12`, or with the date when it is not on the day of `now`."""
    from zoneinfo import ZoneInfo

    try:
        zone = ZoneInfo(zone_name)
    except (ValueError, OSError, KeyError):
        zone = ZoneInfo("UTC")
    then = moment(at).astimezone(zone)
    return then.strftime("%H:%M" if then.date() == moment(now).astimezone(zone).date() else "%Y-%m-%d %H:%M")
