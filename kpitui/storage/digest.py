"""What makes the log verifiable: a digest of every row a transaction wrote, and the chain that ties them together.

A row's line is its values as text: numbers that are equal give the same line whether they are int, float or bool, as
they do once SQLite has stored them, and text is escaped to ASCII, so that no version of Python writes it differently.
The digest of a transaction is the sum of the SHA-256 of its rows' lines, modulo 2**256. A sum does not ask for an
order: every version of a row stays in its table or the history, and can be found and added again by one scan, without
an index on `txn_id` (which a million points would pay for) and without keeping them in memory.
A transaction's hash is SHA-256(hash of the one before, its own row, its digest). This shows accidents and alterations;
it does not stop somebody who may write the file and works out the whole chain anew.

Columns count as of the schema the transaction was written under (`txn.schema`), so adding one breaks no digest.
By that schema goes, too, whether the line of a point names its transaction (`POINTS_ALONE`).
"""

from __future__ import annotations

from hashlib import sha256
from itertools import chain, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MODULUS = 1 << 256
START = bytes(32)
POINTS_ALONE = 4
"""The schema from which on the line of a point leaves out the number of its transaction. Into whose sum a point counts
says that number already, and without it an import's sum can be worked out before the lock is taken."""
BATCH = 1000
"""Rows that are formatted together: more is no faster."""
# The log's own columns as the digest and the chain see them. `undone_by` comes later, and is checked against `undoes`.
CHANGE = ("id", "txn_id", "what", "tbl", "row_id", "start", "end", "item", "before", "after")
TXN = ("id", "at", "uid", "who", "host", "via", "what", "summary", "why", "undoes", "program", "schema", "rows")


class Digest:
    """The running sum over rows, in any order."""

    __slots__ = ("_formats", "count", "total")

    def __init__(self) -> None:
        self._formats: dict[tuple[type, ...], str] = {}
        self.count = 0
        self.total = 0

    def add(self, row: Iterable[Any]) -> None:
        self.total += self.number(tuple(row))
        self.count += 1

    def add_all(self, rows: Iterable[tuple[Any, ...]], rest: tuple[Any, ...] = ()) -> None:
        """`add` for many rows, of which each goes on with the values of `rest`."""
        end = (_form_of(map(type, rest)) % rest).replace("%", "%%") + "\n"
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            self.count += len(batch)
            self.total += self._batch(batch, rest, end)

    def _batch(self, rows: list[tuple[Any, ...]], rest: tuple[Any, ...], end: str) -> int:
        """The sum over some rows: formatted at once where all have the same types, as those of an import do."""
        columns = [set(map(type, column)) for column in zip(*rows, strict=True)]
        if all(len(kinds) == 1 for kinds in columns):
            form = _form_of(kinds.pop() for kinds in columns) + end
            text = form * len(rows) % tuple(chain.from_iterable(rows))
            if " -0" not in text and "nan" not in text:
                # Text is escaped, so no row has a line break of its own.
                lines = text.encode("ascii").split(b"\n")[:-1]
                return sum([int.from_bytes(sha256(line).digest(), "big") for line in lines])
        return sum([self.number(row + rest) for row in rows])

    def number(self, row: tuple[Any, ...]) -> int:
        kinds = tuple(map(type, row))
        form = self._formats.get(kinds)
        if form is None:
            form = self._formats[kinds] = _form_of(kinds)
        line = form % row
        if " -0" in line or "nan" in line:
            # Perhaps minus zero, which SQLite stores as zero, or what is no number, which it stores as NULL.
            stored = tuple(map(_stored, row))
            line = _form_of(map(type, stored)) % stored
        return int.from_bytes(sha256(line.encode("ascii")).digest(), "big")

    def value(self) -> bytes:
        return (self.total % MODULUS).to_bytes(32, "big")


def _form_of(kinds: Iterable[type]) -> str:
    return "".join(map(_form, kinds))


def _form(kind: type) -> str:
    if issubclass(kind, int):
        return " %d"
    if issubclass(kind, float):
        return " %.17g"
    if kind is type(None):
        return " %s"
    if issubclass(kind, str | bytes):
        return " %a"
    raise TypeError(f"a {kind.__name__} cannot be stored in a row")


def _stored(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value else value + 0.0
    return value


def end_of_point(txn_id: int, schema: int) -> tuple[int, ...]:
    """What follows the revision in the line of a point that a transaction under `schema` writes."""
    return () if schema >= POINTS_ALONE else (txn_id,)


def link(before: bytes, txn: tuple[Any, ...], digest: bytes) -> bytes:
    """The hash of a transaction: of the one `before` it (`START` for the first), its row (`TXN`) and its digest."""
    line = _form_of(map(type, txn)) % txn
    return sha256(before + line.encode("ascii") + digest).digest()
