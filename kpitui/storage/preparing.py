"""The points of an import, or of its undo, made ready before the write lock is taken, so that others wait for as short
as possible.

They wait in a TEMP table of the connection, in memory (`opening.PRAGMAS`): no file of theirs lies anywhere, a killed
process leaves nothing. Which of them are new, which revision the others follow, and the sum of their digest are worked
out from what stands before the lock. That holds where no later transaction has written between a metric's first and
last of them, which is asked under the lock: nothing is deleted, so whatever was written has a later number.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice, repeat

from kpitui.domain.named import NamedTuple
from kpitui.storage import digest, points, schema
from kpitui.storage.driver import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from kpitui.storage.points import Counts, ImportRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

TABLE = """CREATE TEMP TABLE prepared (start INTEGER NOT NULL, "end" INTEGER NOT NULL, value REAL, entered TEXT,
    note TEXT, state INTEGER NOT NULL, odd INTEGER NOT NULL, rev INTEGER NOT NULL)"""
FIELDS = 'start, "end", value, entered, note, state, odd, rev'
# The first parameter, the metric, is not stored: one that the import makes has no number yet.
KEEP_PLAIN = f"INSERT INTO prepared VALUES (?2, ?3, ?4, ?5, {points.PLAIN})"
MOVE = f"""INSERT INTO point (metric_id, {FIELDS}, txn_id)
    SELECT ?1, {FIELDS}, ?2 FROM prepared WHERE rowid BETWEEN ?3 AND ?4"""
FIRST, NEXT = " AND rev = 1", " AND rev > 1"
REPLACE = f"""{MOVE}{NEXT} ON CONFLICT (metric_id, start, "end") DO UPDATE SET value = excluded.value,
    entered = excluded.entered, note = excluded.note, state = excluded.state, odd = excluded.odd, rev = excluded.rev,
    txn_id = excluded.txn_id"""
KEPT = f"SELECT {FIELDS} FROM prepared WHERE rowid BETWEEN ? AND ?"
LATER = "SELECT 1 FROM point WHERE metric_id = ? AND start BETWEEN ? AND ? AND txn_id > ? LIMIT 1"


class Part(NamedTuple):
    """The prepared points of one metric, between the days `start` and `end`; the last of them begins on `last`.

    They stand in the table after the row `above`, `rows` of them, and `total` is the sum of their lines in the digest
    if the metric and the transaction get the numbers that were expected.
    """

    metric_id: int
    start: int
    last: int
    end: int
    counts: Counts
    above: int
    total: int

    @property
    def rows(self) -> int:
        return self.counts.new + self.counts.changed


class Prepared:
    """Points made ready for one transaction, metric by metric, until `close`.

    What an account may not save is not prepared: its `write` is refused anyhow.
    """

    def __init__(self, store: Store) -> None:
        self.parts: list[Part] = []
        self._store = store
        self._connection = store._connection
        self._rows = 0
        self._seen = int(store.one("SELECT coalesce(max(id), 0) FROM txn"))
        self._next_metric = int(store.one("SELECT coalesce(max(id), 0) + 1 FROM metric"))
        self._more = digest.end_of_point(self._seen + 1, schema.SCHEMA)
        if not store.readonly:
            store.rows(TABLE)

    def add(self, metric_id: int | None, rows: Iterable[ImportRow]) -> None:
        """Points of one metric (None: the next that the transaction makes), at least one, sorted by start, none twice.

        Each is new, follows what stands or says the same by the rules of `points.save`.
        """
        expected, above, sums = self._expected(metric_id), self._rows, digest.Digest()
        days: list[tuple[int, int, int]] = []
        same = changed = 0
        source = iter(rows)
        while batch := list(islice(source, points.CHUNK)):
            first, last = batch[0][1], batch[-1][1]
            days.append((first, last, max(row[2] for row in batch)))
            stored = self._store.rows(points.STORED, (expected, first, last)) if metric_id is not None else ()
            fresh, newer, unchanged = points.sorted_out(((expected, *row[1:]) for row in batch), stored)
            self._keep_columns(fresh + newer)
            sums.add_all(fresh + newer, self._more)
            same += unchanged
            changed += len(newer)
        counts = points.Counts(self._rows - above - changed, changed, same)
        end = max(day for _, _, day in days)
        self.parts.append(Part(expected, days[0][0], days[-1][1], end, counts, above, sums.total))

    def add_first(self, metric_id: int | None, starts: Sequence[int], *columns: Iterable[Any]) -> bool:
        """As `add` in half the time, where nothing stands yet; False, and nothing prepared, where something does.

        Given the days they begin on (sorted), and then `columns`: the days after they end, values (floats) and what was
        entered, of values without more to say.
        """
        if metric_id is not None and self._store.one(LATER, (metric_id, starts[0], starts[-1], 0)):
            return False
        expected, above, sums = self._expected(metric_id), self._rows, digest.Digest()
        rows = list(zip(repeat(expected), starts, *columns, strict=False))
        self._keep(KEEP_PLAIN, rows)
        sums.add_all(rows, points.PLAIN_REST + self._more)
        counts, end = points.Counts(len(rows), 0, 0), max(row[2] for row in rows)
        self.parts.append(Part(expected, rows[0][1], rows[-1][1], end, counts, above, sums.total))
        return True

    def add_next(self, metric_id: int, rows: Sequence[tuple[Any, ...]]) -> None:
        """Revisions up to their `rev`, at least one, sorted by start, each the next of a point that stands."""
        above, sums = self._rows, digest.Digest()
        self._keep_columns(rows)
        sums.add_all(rows, self._more)
        counts, end = points.Counts(0, len(rows), 0), max(row[2] for row in rows)
        self.parts.append(Part(metric_id, rows[0][1], rows[-1][1], end, counts, above, sums.total))

    def holds(self, tx: Txn, at: int, metric_id: int) -> bool:
        """Whether what one of the `parts` follows was not written since, asked under the lock."""
        part = self.parts[at]
        return not tx.execute(LATER, (metric_id, part.start, part.last, self._seen)).fetchone()

    def write(self, tx: Txn, at: int, metric_id: int) -> Counts | None:
        """Stores one of the `parts`, under the lock; None, and nothing stored, where it no longer `holds`.

        Writes no line of the log. Raises Refused where a point comes twice.
        """
        return self.move(tx, at, metric_id) if self.holds(tx, at, metric_id) else None

    def move(self, tx: Txn, at: int, metric_id: int) -> Counts:
        """As `write`, of a part that `holds`."""
        part = self.parts[at]
        tx.touch(metric_id, part.start, part.end)
        span = (metric_id, tx.id, part.above + 1, part.above + part.rows)
        if part.counts.new:
            with points.no_key_twice():
                tx.execute(MOVE + FIRST if part.counts.changed else MOVE, span)
        if part.counts.changed:
            tx.execute(REPLACE, span)
        if metric_id == part.metric_id and digest.end_of_point(tx.id, tx.schema) == self._more:
            tx.saw_sum(part.rows, part.total)
        else:
            cursor = tx.execute(KEPT, span[2:])
            while rows := cursor.fetchmany(points.CHUNK):
                tx.saw_points([(metric_id, *row) for row in rows])
        return part.counts

    def close(self) -> None:
        """Forgets them; twice does no harm."""
        self.parts.clear()
        if not self._store.readonly:
            self._store.rows("DROP TABLE IF EXISTS temp.prepared")

    def __enter__(self) -> Prepared:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _expected(self, metric_id: int | None) -> int:
        """The number of a metric, of one that is to be made the one it will get if nobody else makes any before."""
        if metric_id is not None:
            return metric_id
        self._next_metric += 1
        return self._next_metric - 1

    def _keep_columns(self, rows: Sequence[tuple[Any, ...]]) -> None:
        # The driver takes longer over a None than over all the others: a column without anything else is not given.
        columns = [
            None if column.count(None) == len(column) else column for column in list(zip(*rows, strict=True))[1:]
        ]
        values = ", ".join("NULL" if column is None else "?" for column in columns)
        given = zip(*(column for column in columns if column is not None), strict=True)
        if rows:
            self._keep(f"INSERT INTO prepared VALUES ({values})", list(given))

    def _keep(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if self._store.readonly:
            return
        with self._at_once():
            self._connection.executemany(sql, rows)
        self._rows += len(rows)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction on the table alone, which locks nothing: each statement for itself takes twice as long."""
        alone = not self._connection.in_transaction
        try:
            if alone:
                self._connection.execute("BEGIN")
            yield
            if alone:
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._store._fail(error)
        finally:
            if alone and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
