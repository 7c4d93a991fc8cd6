"""Points: the values of a metric on half-open intervals `[start, end)` of epoch days, with their revisions.

A point is keyed by metric, start and end. A value, "none" given on purpose and "cleared" are states of a row, never a
deletion. Light to import: `kpitui record` and the first paint stand on it.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import contextmanager
from itertools import groupby, islice
from operator import itemgetter

from kpitui.domain.named import NamedTuple
from kpitui.errors import Conflict, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

VALUE, NONE, CLEARED = 0, 1, 2
STATES = ("value", "none", "cleared")
LONGEST = 372
"""No period has more days: a fiscal year of 53 weeks has 371."""
CHUNK = 10_000
"""Rows of an import in memory at once."""

COLUMNS = '"start", "end", value, entered, note, state, odd, rev, txn_id'


class PointRow(NamedTuple):
    start: int
    end: int
    value: float | None
    entered: str | None
    """As it was typed."""
    note: str | None
    state: int
    odd: int
    """1 while the value is outside the entry check and nobody has accepted it."""
    rev: int
    txn_id: int


class Saved(NamedTuple):
    """What stands now and what stood before (None: nothing). Without `changed` nothing was written."""

    row: PointRow
    previous: PointRow | None
    changed: bool


class Counts(NamedTuple):
    new: int
    changed: int
    same: int


class RevisionRow(NamedTuple):
    """One revision of one point. `at` is UTC, ISO 8601; `current` is the one that stands."""

    start: int
    end: int
    value: float | None
    entered: str | None
    note: str | None
    state: int
    odd: int
    rev: int
    txn_id: int
    at: str
    uid: int
    who: str
    via: str
    what: str
    why: str
    undoes: int | None
    current: bool


ImportRow = tuple[int, int, int, float | None, str | None, str | None, int, int]
"""metric_id, start, end, value, entered, note, state, odd."""


def save(
    tx: Txn,
    metric_id: int,
    item: str,
    start: int,
    end: int,
    *,
    value: float | None,
    entered: str | None,
    note: str | None = None,
    state: int = VALUE,
    odd: bool = False,
    if_rev: int | None = None,
) -> Saved:
    """Stores one point; `item` names it in the log.

    A note of None keeps the one that stands, an empty one removes it. The same value writes nothing, and does not
    make an accepted value odd again. `if_rev` is the revision the caller saw (0: nothing there), and any other
    raises Conflict; without it the last one known wins.
    """
    if (state == VALUE) != (value is not None):
        raise ValueError("a point has a value exactly when its state says so")
    previous = point(tx, metric_id, start, end)
    if if_rev is not None and if_rev != (previous.rev if previous else 0):
        raise overtaken(tx, item, previous, if_rev)
    if previous is not None:
        note = previous.note if note is None else note or None
        same = previous.value == value and previous.state == state and previous.note == note
        if same and not (previous.odd and not odd):
            return Saved(previous, previous, False)
        rev = previous.rev + 1
    else:
        note, rev = note or None, 1
    row = PointRow(start, end, None if value is None else float(value), entered, note, state, int(odd), rev, tx.id)
    insert_or_update(tx, metric_id, [row])
    before, after = differences(previous, row)
    what = ("record" if previous is None or previous.value is None else "correct", "none", "clear")[state]
    tx.note(what, "point", metric_id, item, before, after, start=start, end=end)
    return Saved(row, previous, True)


def insert_or_update(tx: Txn, metric_id: int, rows: Sequence[PointRow]) -> None:
    """Writes rows of one metric whose `rev` follows what is stored, and digests them. Writes no line of the log."""
    if rows:
        tx.touch(metric_id, min(row.start for row in rows), max(row.end for row in rows))
    tx.executemany(INSERT, [(metric_id, *row) for row in rows if row.rev == 1])
    tx.executemany(UPDATE, [(*row[2:], metric_id, row.start, row.end) for row in rows if row.rev > 1])
    tx.saw_points((metric_id, *row[:-1]) for row in rows)


INSERT = f"INSERT INTO point (metric_id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
UPDATE = """UPDATE point SET value = ?, entered = ?, note = ?, state = ?, odd = ?, rev = ?, txn_id = ?
    WHERE metric_id = ? AND start = ? AND "end" = ?"""


def save_many(tx: Txn, rows: Iterable[ImportRow]) -> Counts:
    """Stores many points in little memory, as `save` does each; fastest sorted by metric and start.

    Writes no line of the log: the caller writes one with the counts. The same key twice raises Refused.
    """
    new = changed = same = 0
    source = iter(rows)
    while batch := list(islice(source, CHUNK)):
        plain: list[tuple[Any, ...]] = []
        fresh: list[tuple[Any, ...]] = []
        newer: list[tuple[Any, ...]] = []
        for metric_id, group in groupby(batch, itemgetter(0)):
            mine = list(group)
            starts = [row[1] for row in mine]
            tx.touch(metric_id, min(starts), max(row[2] for row in mine))
            stored = tx.execute(STORED, (metric_id, min(starts), max(starts))).fetchall()
            if not stored and (values := plain_values(mine)):
                plain += values
                continue
            first, next_ones, unchanged = sorted_out(mine, stored)
            fresh += first
            newer += next_ones
            same += unchanged
        with no_key_twice():
            tx.executemany(f"INSERT INTO point (metric_id, {COLUMNS}) VALUES (?, ?, ?, ?, ?, {PLAIN}, {tx.id})", plain)
            tx.executemany(INSERT, [(*row, tx.id) for row in fresh])
        tx.executemany(UPDATE, [(*row[3:], tx.id, *row[:3]) for row in newer])
        tx.saw_points(plain, PLAIN_REST)
        tx.saw_points(fresh)
        tx.saw_points(newer)
        new += len(plain) + len(fresh)
        changed += len(newer)
    return Counts(new, changed, same)


STORED = f"SELECT {COLUMNS} FROM point WHERE metric_id = ? AND start BETWEEN ? AND ?"
PLAIN_REST = (None, VALUE, 0, 1)
"""Note, state, odd and revision of a first value that has nothing else to say."""
PLAIN = f"NULL, {VALUE}, 0, 1"


def sorted_out(
    rows: Iterable[ImportRow], stored: Iterable[tuple[Any, ...]]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int]:
    """Of rows of one metric those that are new and those that change one of the `stored`, up to their revision; and how
    many say what stands there already."""
    known = {row[:2]: row for row in stored}
    fresh: list[tuple[Any, ...]] = []
    newer: list[tuple[Any, ...]] = []
    same = 0
    for metric_id, start, end, value, entered, note, state, odd in rows:
        number = None if value is None else float(value)
        old = known.pop((start, end), None) if known else None
        if old is None:
            fresh.append((metric_id, start, end, number, entered, note or None, state, odd, 1))
            continue
        kept = old[4] if note is None else note or None
        if old[2] == number and old[5] == state and old[4] == kept and not (old[6] and not odd):
            same += 1
        else:
            newer.append((metric_id, start, end, number, entered, kept, state, odd, old[7] + 1))
    return fresh, newer, same


def plain_values(rows: list[ImportRow]) -> list[tuple[Any, ...]]:
    """The columns up to `entered` of rows that have nothing else to say, as those of a first load; else nothing."""
    metric_ids, starts, ends, values, entered, notes, states, odd = zip(*rows, strict=True)
    if any(notes) or any(states) or any(odd) or None in values:
        return []
    return list(zip(metric_ids, starts, ends, map(float, values), entered, strict=True))


@contextmanager
def no_key_twice() -> Iterator[None]:
    """Raises Refused where rows are inserted of which two are the same point."""
    from kpitui.storage.driver import sqlite3

    try:
        yield
    except sqlite3.IntegrityError as error:
        if "UNIQUE" not in str(error):
            raise
        raise Refused("The same metric and period come twice in what is to be saved: NOT saved.") from error


def between(store: Store, metric_id: int, start: int, end: int) -> list[PointRow]:
    """The points that begin in `[start, end)`, in every state, oldest first."""
    sql = f'SELECT {COLUMNS} FROM point WHERE metric_id = ? AND "start" >= ? AND "start" < ? ORDER BY "start", "end"'
    return list(map(PointRow._make, store.rows(sql, (metric_id, start, end))))


def overlapping(store: Store, metric_id: int, start: int, end: int) -> list[PointRow]:
    """The points that have a day in `[start, end)`, in every state, oldest first."""
    return [row for row in between(store, metric_id, start - LONGEST, end) if row.end > start]


def many_between(
    store: Store, metric_ids: Iterable[int], start: int, end: int
) -> dict[int, list[tuple[int, int, float]]]:
    """For each metric the values (start, end, value) that begin in `[start, end)`, oldest first."""
    # One seek a metric: without indices skipped over, a single WHERE on days reads the whole table.
    sql = """SELECT "start", "end", value FROM point WHERE metric_id = ? AND "start" >= ? AND "start" < ?
        AND value IS NOT NULL ORDER BY "start", "end\""""
    rows = store.rows
    return {metric_id: rows(sql, (metric_id, start, end)) for metric_id in metric_ids}


def sharing_days(
    store: Store, wanted: Iterable[tuple[int, int]], end: int
) -> Iterator[tuple[int, int, list[tuple[int, int, float]]]]:
    """For each (metric, start) the values (start, end, value) that share a day with `[start, end)`, oldest first.

    A longer period that began before `start` is looked for only where the value right before `start` reaches over it:
    any other lies around finer values, which count in its place.
    """
    sql = f"""SELECT "start", "end", value FROM point WHERE metric_id = ?1 AND "start" >= coalesce((
            SELECT CASE WHEN "end" > ?2 THEN ?2 - {LONGEST} END FROM point
            WHERE metric_id = ?1 AND "start" < ?2 AND value IS NOT NULL ORDER BY "start" DESC, "end" DESC LIMIT 1), ?2)
        AND "start" < ?3 AND "end" > ?2 AND value IS NOT NULL ORDER BY "start", "end\""""
    rows = store.rows
    for metric_id, start in wanted:
        yield metric_id, start, rows(sql, (metric_id, start, end))


def begun_from(found: Sequence[tuple[int, int, float]], day: int) -> Sequence[tuple[int, int, float]]:
    """Of values sorted by start those that begin on a day or after it."""
    return found[bisect_left(found, (day,)) :]


def within(found: Sequence[tuple[int, int, float]], start: int, end: int) -> Sequence[tuple[int, int, float]]:
    """Of values sorted by start those that share a day with `[start, end)`, by the rule of `sharing_days`."""
    first, last = bisect_left(found, (start,)), bisect_left(found, (end,))
    if first and found[first - 1][1] > start:
        far = bisect_left(found, (start - LONGEST,))
        return [row for row in found[far:last] if row[1] > start]
    return found[first:last]


def many_as_of(
    store: Store, metric_ids: Iterable[int], start: int, end: int, last_txn: int
) -> dict[int, list[tuple[int, int, float]]]:
    """As `many_between`, but as it stood after transaction `last_txn` (`changes.last_by` knows it for a time)."""
    sql = """SELECT "start", "end", value FROM (
            SELECT "start", "end", value, max(rev) FROM (
                SELECT "start", "end", value, rev FROM point
                WHERE metric_id = ?1 AND "start" >= ?2 AND "start" < ?3 AND txn_id <= ?4
                UNION ALL
                SELECT "start", "end", value, rev FROM point_history
                WHERE metric_id = ?1 AND "start" >= ?2 AND "start" < ?3 AND txn_id <= ?4)
            GROUP BY "start", "end")
        WHERE value IS NOT NULL ORDER BY "start", "end\""""
    return {metric_id: store.rows(sql, (metric_id, start, end, last_txn)) for metric_id in metric_ids}


def latest(store: Store, metric_ids: Iterable[int], before_end: int) -> dict[int, PointRow]:
    """The newest point of each metric that ends by `before_end` and is not cleared ("none" counts); those that have
    none are left out."""
    return {metric_id: found[0] for metric_id, found in last_n(store, metric_ids, 1, before_end).items() if found}


def last_n(store: Store, metric_ids: Iterable[int], n: int, before_end: int) -> dict[int, list[PointRow]]:
    """The newest `n` points of each metric that end by `before_end` and are not cleared, oldest first."""
    sql = f"""SELECT {COLUMNS} FROM point WHERE metric_id = ? AND "start" < ? AND "end" <= ? AND state <> {CLEARED}
        ORDER BY "start" DESC, "end" DESC LIMIT ?"""
    made = PointRow._make
    return {
        metric_id: list(map(made, store.rows(sql, (metric_id, before_end, before_end, n))[::-1]))
        for metric_id in metric_ids
    }


def first_start(store: Store, metric_ids: Iterable[int]) -> int | None:
    """The day the first point of any of these metrics begins, whatever its state; None when there is none."""
    ids = tuple(metric_ids)
    found = store.one(f'SELECT min("start") FROM point WHERE metric_id IN ({", ".join("?" * len(ids))})', ids)
    return None if found is None else int(found)


def last_start(store: Store, metric_id: int, until: int) -> int | None:
    """The day the newest value of the metric begins, of those that begin up to the day `until`."""
    sql = 'SELECT max("start") FROM point WHERE metric_id = ? AND "start" <= ? AND value IS NOT NULL'
    found = store.one(sql, (metric_id, until))
    return None if found is None else int(found)


def last_end(store: Store, metric_id: int) -> int | None:
    """The day after the metric's last point, whatever its state."""
    found = store.one('SELECT max("end") FROM point WHERE metric_id = ?', (metric_id,))
    return None if found is None else int(found)


def written_over(store: Store, metric_id: int) -> list[tuple[int, int]]:
    """Start and end of the periods of the metric that have an earlier revision."""
    return store.rows('SELECT DISTINCT "start", "end" FROM point_history WHERE metric_id = ?', (metric_id,))


def history(store: Store, metric_id: int, start: int | None = None) -> list[RevisionRow]:
    """Every revision of the metric's points (of those that begin on `start`), by period, oldest first."""
    listed = ", ".join(f"v.{name.strip()}" for name in COLUMNS.split(","))
    one = "" if start is None else 'AND "start" = ?2'
    sql = f"""SELECT {listed}, t.at, t.uid, t.who, t.via, t.what, t.why, t.undoes, v.current FROM (
            SELECT {COLUMNS}, 1 AS current FROM point WHERE metric_id = ?1 {one}
            UNION ALL SELECT {COLUMNS}, 0 FROM point_history WHERE metric_id = ?1 {one}) v
        CROSS JOIN txn t ON t.id = v.txn_id ORDER BY v."start", v."end", v.rev"""
    args = (metric_id,) if start is None else (metric_id, start)
    return [RevisionRow._make((*row[:-1], bool(row[-1]))) for row in store.rows(sql, args)]


def point(tx: Txn, metric_id: int, start: int, end: int) -> PointRow | None:
    """The point as it stands, in whatever state, inside a transaction."""
    sql = f'SELECT {COLUMNS} FROM point WHERE metric_id = ? AND "start" = ? AND "end" = ?'
    row = tx.execute(sql, (metric_id, start, end)).fetchone()
    return None if row is None else PointRow._make(row)


def differences(old: PointRow | None, new: PointRow) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What the log says of a point: the fields that changed, before and after; the state by its word."""
    names = ("value", "entered", "note", "state", "odd")
    if old is None:
        given = {name: getattr(new, name) for name in names}
        return None, worded({name: it for name, it in given.items() if name == "value" or it not in (None, 0)})
    differ = [name for name in names if getattr(old, name) != getattr(new, name)]
    return worded({name: getattr(old, name) for name in differ}), worded({name: getattr(new, name) for name in differ})


def worded(fields: dict[str, Any]) -> dict[str, Any]:
    if "state" in fields:
        fields["state"] = STATES[fields["state"]]
    if "odd" in fields:
        fields["odd"] = bool(fields["odd"])
    return fields


def overtaken(tx: Txn, item: str, now: PointRow | None, seen: int) -> Conflict:
    if now is None:
        return Conflict(f"{item}: you saw revision {seen}, but nothing is stored there. NOT saved: look again.")
    from kpitui.storage.changes import who_and_when

    who, when = who_and_when(tx, now.txn_id)
    did = (f"saved {now.value:.15g}" if now.value is not None else "", "saved “none”", "cleared it")[now.state]
    saw = f"you saw {seen}" if seen else "you saw nothing there"
    return Conflict(f"{item}: {who} {did} at {when} (revision {now.rev}, {saw}). NOT saved.")
