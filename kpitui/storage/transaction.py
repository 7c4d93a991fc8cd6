"""One transaction: what runs inside `Store.write()`, and the seal that makes it part of the log."""

from __future__ import annotations

from kpitui.errors import DiskFull
from kpitui.storage import digest
from kpitui.storage.driver import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

OPEN = """INSERT INTO txn (at, uid, who, host, via, what, summary, why, undoes, program, schema)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
NOTE = """INSERT INTO change (txn_id, what, tbl, row_id, start, "end", item, before, after)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
TXN_ROW = f"SELECT {', '.join(digest.TXN)} FROM txn WHERE id = ?"


class Txn:
    """An open transaction.

    `id` goes into the `txn_id` of every row written, `at` is its UTC time (ISO 8601, seconds, `Z`), `count` how many
    rows it has written so far. `summary` may be set until the transaction ends.
    """

    def __init__(
        self, connection: sqlite3.Connection, row: tuple[Any, ...], fail: Callable[[sqlite3.Error], NoReturn]
    ) -> None:
        self._connection = connection
        self._fail = fail
        self._rows = digest.Digest()
        self._lines = digest.Digest()
        self.at: str = row[0]
        self.uid: int = row[1]
        self.who: str = row[2]
        self.what: str = row[5]
        self.why: str = row[7]
        self.undoes: int | None = row[8]
        self.touched: dict[int, tuple[int, int]] = {}
        """The metrics whose points were written, and between which days."""
        self.lines: list[tuple[str, int | None]] = []
        """Table and row of every line of the log so far."""
        self.schema: int = row[-1]
        self.summary: str = row[6]
        self._summary = self.summary
        self.id = int(self.execute(OPEN, row).lastrowid or 0)
        self.execute("INSERT INTO open_txn VALUES (1, ?)", (self.id,))
        self._changes_before = connection.total_changes

    @property
    def count(self) -> int:
        return self._rows.count

    @property
    def empty(self) -> bool:
        """Nothing was written. Rows that were written but not counted are a mistake of the program: RuntimeError."""
        if self._rows.count or self._lines.count:
            return False
        if self._connection.total_changes != self._changes_before:
            raise RuntimeError("rows were written in a transaction without being counted by saw()")
        return True

    def execute(self, sql: str, args: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Runs one statement. What the disk, a lock or damage does comes as a KpituiError; broken constraints come as
        the driver's IntegrityError."""
        self.still_open()
        try:
            return self._connection.execute(sql, tuple(args))
        except sqlite3.Error as error:
            self._fail(error)

    def executemany(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> sqlite3.Cursor:
        """Runs one statement for every row; errors as in `execute`."""
        self.still_open()
        try:
            return self._connection.executemany(sql, rows)
        except sqlite3.Error as error:
            self._fail(error)

    def still_open(self) -> None:
        """Raises DiskFull when SQLite gave the transaction up by itself, as a full disk makes it do: what followed
        would be saved at once, statement by statement."""
        if not self._connection.in_transaction:
            raise DiskFull("This change was given up when the disk was full. NOT saved.")

    def saw(self, row: tuple[Any, ...]) -> None:
        """Counts one row into the digest: all its values, in the order of the table's columns, as they are stored.

        Once for every version of a row, inserted or updated, that stays in the table or goes to its history.
        """
        self._rows.add(row)

    def saw_all(self, rows: Iterable[tuple[Any, ...]], rest: tuple[Any, ...] = ()) -> None:
        """`saw` for many rows, of which each goes on with the values of `rest`."""
        self._rows.add_all(rows, rest)

    def saw_points(self, rows: Iterable[tuple[Any, ...]], rest: tuple[Any, ...] = ()) -> None:
        """`saw_all` for rows of points, given up to their revision."""
        self._rows.add_all(rows, rest + digest.end_of_point(self.id, self.schema))

    def saw_sum(self, count: int, total: int) -> None:
        """Counts rows whose sum was worked out before (`digest.Digest`)."""
        self._rows.count += count
        self._rows.total += total

    def note(
        self,
        what: str,
        tbl: str,
        row_id: int | None,
        item: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
        *,
        start: int | None = None,
        end: int | None = None,
    ) -> int:
        """Adds a line to the log and gives its number. `before` and `after` hold the fields that changed."""
        row = (self.id, what, tbl, row_id, start, end, item, _json(before), _json(after))
        number = int(self.execute(NOTE, row).lastrowid or 0)
        self._lines.add((number, *row))
        self.lines.append((tbl, row_id))
        return number

    def touch(self, metric_id: int, start: int, end: int) -> None:
        """Notes that points of a metric between these days are written."""
        first, last = self.touched.get(metric_id, (start, end))
        self.touched[metric_id] = min(first, start), max(last, end)

    def marked(self) -> tuple[int, int, int, int, int, dict[int, tuple[int, int]]]:
        """Where the digest stands, for `back_to` when a part of the work is rolled back."""
        rows, lines = self._rows, self._lines
        return rows.count, rows.total, lines.count, lines.total, len(self.lines), dict(self.touched)

    def back_to(self, mark: tuple[int, int, int, int, int, dict[int, tuple[int, int]]]) -> None:
        self._rows.count, self._rows.total, self._lines.count, self._lines.total, noted, self.touched = mark
        del self.lines[noted:]

    def seal(self) -> None:
        """Writes the count, the digest and the hash of the chain into the transaction's row, and closes it."""
        run = self.execute
        if self.summary != self._summary:
            run("UPDATE txn SET summary = ? WHERE id = ?", (self.summary, self.id))
        run("UPDATE txn SET rows = ? WHERE id = ?", (self._rows.count, self.id))
        before = run("SELECT hash FROM txn WHERE id < ? ORDER BY id DESC LIMIT 1", (self.id,)).fetchone()
        self._rows.total += self._lines.total
        value = self._rows.value()
        stored = run(TXN_ROW, (self.id,)).fetchone()
        chained = digest.link(before[0] if before and before[0] else digest.START, stored, value)
        run("UPDATE txn SET digest = ?, hash = ? WHERE id = ?", (value, chained, self.id))
        run("DELETE FROM open_txn")


def _json(fields: dict[str, Any] | None) -> str | None:
    if fields is None:
        return None
    from json import dumps

    return dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
