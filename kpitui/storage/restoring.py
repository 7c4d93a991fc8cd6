"""Brings the rows of one transaction back to what they were before it. The rules stand in `undo.py`.

What a bulk write becomes is worked out before the lock is taken (`Ahead`) and moved by one statement a metric; a metric
of which somebody has saved a value since is done again, row by row, under the lock.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.errors import Conflict
from kpitui.storage.changes import ChangeRow, who_and_when
from kpitui.storage.driver import sqlite3
from kpitui.storage.points import CLEARED, COLUMNS, PointRow, differences, insert_or_update
from kpitui.storage.preparing import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

    Ask = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]

Row = tuple[Any, ...]
"""A version of a row, all columns; the last two are `rev` and `txn_id`, wherever a later schema put its own in the
table."""
REV, TXN = -2, -1
ENDING = ("rev", "txn_id")


class Outcome(NamedTuple):
    """What a row of the undone transaction is to become: `before` is None where the transaction added it."""

    now: Row
    before: Row | None


class Descent:
    """Which transaction undoes which, remembered while one undo runs. `ask` gives the rows of a query."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.known: dict[int, int | None] = {}

    def undoes(self, txn_id: int) -> int | None:
        if txn_id not in self.known:
            self.known[txn_id] = self.ask("SELECT undoes FROM txn WHERE id = ?", (txn_id,))[0][0]
        return self.known[txn_id]

    def origin(self, versions: list[Row], at: int) -> int:
        """Which version a person made holds what version `at` holds; -1 when it holds "not there"."""
        while at >= 0 and (undone := self.undoes(versions[at][TXN])) is not None:
            at = first_by(versions, undone) - 1
        return at

    def outcome(self, versions: list[Row], target: int) -> Outcome | int | None:
        """What undoing `target` makes of a row with these versions, or the transaction that stands in the way.

        None when `target` wrote no version of it.
        """
        if versions[-1][TXN] == target and (len(versions) == 1 or versions[-2][TXN] != target):
            # Nearly every row of an import: nothing came after, and it was written once.
            return Outcome(versions[-1], versions[-2] if len(versions) > 1 else None)
        written = [at for at, row in enumerate(versions) if row[TXN] == target]
        if not written:
            return None
        left = written[-1]
        now = len(versions) - 1
        newest, ours = self.origin(versions, now), self.origin(versions, left)
        if newest != ours:
            # Where what stood before it was brought back, that undoing is what came since, not the old change.
            return int(versions[newest if newest > ours else now][TXN])
        before = written[0] - 1
        return Outcome(versions[now], versions[before] if before >= 0 else None)


def first_by(versions: list[Row], txn_id: int) -> int:
    return next(at for at, row in enumerate(versions) if row[TXN] == txn_id)


class Ahead:
    """The points that undoing `target` writes where it was a bulk write, worked out before the lock, until `close`."""

    def __init__(self, store: Store, target: int, lines: Iterable[ChangeRow]) -> None:
        self._prepared: Prepared | None = None
        self._at: dict[int, int] = {}
        self._metrics: dict[int | None, list[int]] = {}
        bulk = {line.row_id for line in lines if line.tbl == "point" and line.start is None}
        if not bulk or store.readonly:
            return
        # A stamp before anything is read: what is written after it is found again under the lock.
        self._prepared = prepared = Prepared(store)
        try:
            descent = Descent(store.rows)
            for only in [None] if None in bulk else sorted(one for one in bulk if one is not None):
                self._metrics[only] = metrics_of(store.rows, target, only)
                for metric_id in self._metrics[only]:
                    found = [descent.outcome(versions, target) for versions in touched(store.rows, metric_id, target)]
                    rows = [row for one in found if isinstance(one, Outcome) for row in [(metric_id, *next_of(one))]]
                    if len(rows) < len(found):
                        # Somebody's later change stands in the way: said under the lock, if it still does then.
                        return
                    prepared.add_next(metric_id, rows)
                    self._at[metric_id] = len(prepared.parts) - 1
        except BaseException:
            self.close()
            raise

    def metrics(self, tx: Txn, target: int, only: int | None) -> list[int]:
        """The metrics of a bulk write; what it wrote cannot become other rows."""
        if only not in self._metrics:
            self._metrics[only] = metrics_of(asked(tx), target, only)
        return self._metrics[only]

    def holds(self, tx: Txn, metric_id: int) -> bool:
        """Whether what was worked out for a metric can be written as it is."""
        at = self._at.get(metric_id)
        return at is not None and self._prepared is not None and self._prepared.holds(tx, at, metric_id)

    def write(self, tx: Txn, metric_id: int) -> int:
        """Writes what was worked out for a metric that `holds`; gives the number of rows."""
        assert self._prepared is not None
        return self._prepared.move(tx, self._at[metric_id], metric_id).changed

    def close(self) -> None:
        if self._prepared is not None:
            self._prepared.close()

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def bring_back(tx: Txn, target: int, lines: list[ChangeRow], word: str, ahead: Ahead) -> int:
    """Writes a new version of every row `target` touched, and its lines in the log; gives the number of rows.

    Raises Conflict when a row was changed since, or when bringing it back breaks a rule of the tables. The caller's
    transaction then rolls back.
    """
    descent = Descent(asked(tx))
    added: list[tuple[str, int, str]] = []
    rows = 0
    known = tables(tx)
    todo = list({(line.tbl, line.row_id): line for line in lines if line.tbl in known}.values())
    while todo:
        waiting, problem = [], None
        for line in todo:
            try:
                found = definition_back(tx, descent, target, line, word)
                if found and found.before is None:
                    added.append((line.tbl, int(line.row_id or 0), line.item))
                rows += found is not None
            except sqlite3.IntegrityError as error:
                # What took its place may be among the rows that are still to be put away.
                waiting.append(line)
                problem = error
        if len(waiting) == len(todo):
            raise Conflict(
                f"{waiting[0].item} cannot come back as it was: something made since has taken its place. "
                "Nothing was changed: rename or archive that first."
            ) from problem
        todo = waiting
    at_points = {(line.row_id, line.start, line.end): line for line in lines if line.tbl == "point"}
    bulk = {line.row_id for line in at_points.values() if line.start is None}
    for line in at_points.values():
        if line.row_id is not None and None in bulk:
            continue
        if line.start is None:
            rows += points_back(tx, descent, target, line, word, ahead)
        elif line.row_id not in bulk:
            rows += point_back(tx, descent, target, line, word)
    if added:
        uses = references(tx)
        for table, row_id, item in added:
            stay_if_used(tx, uses.get(table, []), row_id, item)
    return rows


def definition_back(tx: Txn, descent: Descent, target: int, line: ChangeRow, word: str) -> Outcome | None:
    """Writes one definition or setting back; archived when the transaction had added it."""
    stored = columns(tx, line.tbl)
    names = [*(name for name in stored if name not in ENDING), *ENDING]
    listed = ", ".join(f'"{name}"' for name in names)
    versions = tx.execute(
        f"""SELECT {listed} FROM {line.tbl}_history WHERE id = ?1
        UNION ALL SELECT {listed} FROM {line.tbl} WHERE id = ?1 ORDER BY rev""",
        (line.row_id,),
    ).fetchall()
    found = descent.outcome(versions, target)
    if found is None:
        return None
    if isinstance(found, int):
        raise overtaken(tx, line.item, found, word)
    now = dict(zip(names, found.now, strict=True))
    new = {**now, "archived": 1} if found.before is None else dict(zip(names, found.before, strict=True))
    new |= {"rev": now["rev"] + 1, "txn_id": tx.id}
    sets = ", ".join(f'"{name}" = ?' for name in names[1:])
    tx.execute(f"UPDATE {line.tbl} SET {sets} WHERE id = ?", (*list(new.values())[1:], line.row_id))
    tx.saw(tuple(new[name] for name in stored))
    differ = [name for name in names if name not in ENDING and new[name] != now[name]]
    flags = flags_of(line.tbl)
    before, after = ({n: bool(v[n]) if n in flags and v[n] is not None else v[n] for n in differ} for v in (now, new))
    tx.note(word, line.tbl, line.row_id, line.item, before, after)
    return found


def tables(tx: Txn) -> list[str]:
    """The tables with a history whose rows go by an id: all but the points."""
    sql = "SELECT name FROM pragma_table_list WHERE type = 'table'"
    names = {name for (name,) in tx.execute(sql).fetchall()}
    return sorted(name for name in names if f"{name}_history" in names and name != "point")


def columns(tx: Txn, table: str) -> list[str]:
    return [name for (name,) in tx.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,)).fetchall()]


def flags_of(table: str) -> frozenset[str]:
    from kpitui.storage.definitions import CLASSES, shape

    shapes = {shape(cls).table: shape(cls) for cls in CLASSES}
    return shapes[table].flags if table in shapes else frozenset({"archived"})


def references(tx: Txn) -> dict[str, list[tuple[str, str]]]:
    """By table the tables and columns that refer to its rows."""
    found: dict[str, list[tuple[str, str]]] = {}
    for other in [*tables(tx), "point"]:
        for parent, column in tx.execute('SELECT "table", "from" FROM pragma_foreign_key_list(?)', (other,)).fetchall():
            found.setdefault(parent, []).append((other, column))
    return found


def stay_if_used(tx: Txn, uses: Iterable[tuple[str, str]], row_id: int, item: str) -> None:
    """Raises Conflict when something live refers to a definition that is about to be put away."""
    for other, column in uses:
        live = f"state <> {CLEARED}" if other == "point" else "archived = 0"
        row = tx.execute(f'SELECT txn_id FROM {other} WHERE "{column}" = ? AND {live} LIMIT 1', (row_id,)).fetchone()
        if row:
            what = "values" if other == "point" else f"a {other.replace('_', ' ')}"
            who, when = who_and_when(tx, row[0])
            raise Conflict(
                f"{item} is in use: {who} gave it {what} at {when}. Nothing was undone: take that back first."
            )


def point_back(tx: Txn, descent: Descent, target: int, line: ChangeRow, word: str) -> int:
    key = (line.row_id, line.start, line.end)
    where = 'metric_id = ?1 AND "start" = ?2 AND "end" = ?3'
    versions = tx.execute(
        f"""SELECT {COLUMNS} FROM point_history WHERE {where}
        UNION ALL SELECT {COLUMNS} FROM point WHERE {where} ORDER BY rev""",
        key,
    ).fetchall()
    found = descent.outcome(versions, target)
    if isinstance(found, int):
        raise overtaken(tx, line.item, found, word)
    if found is None:
        return 0
    now, new = PointRow._make(found.now), renewed(found, tx.id)
    insert_or_update(tx, int(line.row_id or 0), [new])
    before, after = differences(now, new)
    tx.note(word, "point", line.row_id, line.item, before, after, start=line.start, end=line.end)
    return 1


def renewed(found: Outcome, txn_id: int) -> PointRow:
    return PointRow._make((*next_of(found), txn_id))


def next_of(found: Outcome) -> Row:
    """The point's next version, up to its revision."""
    rev = found.now[REV] + 1
    if found.before is None:
        return found.now[0], found.now[1], None, None, None, CLEARED, 0, rev
    return (*found.before[:REV], rev)


def points_back(tx: Txn, descent: Descent, target: int, line: ChangeRow, word: str, ahead: Ahead) -> int:
    """A bulk write back, one metric after the other, with one line in the log."""
    rows = 0
    ready: list[int] = []
    others: list[int] = []
    for metric_id in ahead.metrics(tx, target, line.row_id):
        (ready if ahead.holds(tx, metric_id) else others).append(metric_id)
    # Only among these can be what stands in the way: nothing is written then, and nobody waits for it.
    for metric_id in others:
        fresh = []
        for versions in touched(asked(tx), metric_id, target):
            found = descent.outcome(versions, target)
            if isinstance(found, int):
                raise overtaken(tx, line.item, found, word)
            if found is not None:
                fresh.append(renewed(found, tx.id))
        insert_or_update(tx, metric_id, fresh)
        rows += len(fresh)
    for metric_id in ready:
        rows += ahead.write(tx, metric_id)
    tx.note(word, "point", line.row_id, line.item, None, {"values": rows})
    return rows


def asked(tx: Txn) -> Ask:
    return lambda sql, args: tx.execute(sql, args).fetchall()


def metrics_of(ask: Ask, target: int, only: int | None) -> list[int]:
    """The metrics of whose points `target` wrote versions; `only` this one, if it is among them."""
    one = "" if only is None else "AND metric_id = ?2"
    found = ask(
        f"""SELECT metric_id FROM point WHERE txn_id = ?1 {one}
        UNION SELECT metric_id FROM point_history WHERE txn_id = ?1 {one} ORDER BY 1""",
        (target,) if only is None else (target, only),
    )
    return [metric_id for (metric_id,) in found]


def touched(ask: Ask, metric_id: int, target: int) -> Iterator[list[Row]]:
    """All versions of each point of the metric that `target` wrote."""
    mine = 'SELECT "start", "end" FROM {} WHERE metric_id = ?2 AND txn_id = ?1'
    listed = ", ".join(f"p.{name.strip()}" for name in COLUMNS.split(","))
    every = f"""SELECT {listed} FROM mine CROSS JOIN {{}} p
        ON p.metric_id = ?2 AND p."start" = mine.first AND p."end" = mine.stop"""
    rows = ask(
        f"""WITH mine(first, stop) AS ({mine.format("point")} UNION {mine.format("point_history")})
        {every.format("point")} UNION ALL {every.format("point_history")} ORDER BY 1, 2, rev""",
        (target, metric_id),
    )
    for _, versions in groupby(rows, lambda row: row[:2]):
        yield list(versions)


def overtaken(tx: Txn, item: str, txn_id: int, word: str) -> Conflict:
    who, when = who_and_when(tx, txn_id)
    what, summary, undoes = tx.execute("SELECT what, summary, undoes FROM txn WHERE id = ?", (txn_id,)).fetchone()
    done = "brought back" if word == "redo" else "undone"
    said = f"{what} of {summary}" if undoes is not None and summary else summary or what
    return Conflict(
        f"{item} was changed since by {who} at {when} ({said}, change {txn_id}). Nothing was {done}: undo that "
        "first, or change it by hand."
    )
