"""The rows of a table, read once into columns: for every series its dates, lines and cells, a few bytes each.

Nothing is understood yet but plain numbers. A million cells take some 20 MB: dates are numbers of spellings, and cells
are packed into long strings.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from math import isnan, nan
from typing import Any, NamedTuple

from kpitui.connectors.base import Table
from kpitui.domain.numbers import LONGEST
from kpitui.errors import Refused
from kpitui.services.import_map import Roles
from kpitui.text import cut, unguarded

PACK = 1 << 16
"""Cells that are held as single strings at a time."""
MOST_POINTS = 5_000_000
MOST_SERIES = 100_000
MOST_NAMED = 1000
"""Wrong cells that are named; the others are counted."""
MOST_REFUSED = 10_000
"""Wrong cells after which a file is given up."""
GAP = "\0"
"""Stands between packed cells: no cell holds one."""

_PLAIN = {
    mark: re.compile(rf"(?:-?[0-9]{{1,15}}(?:{re.escape(mark)}[0-9]{{1,15}})?{GAP})*+").fullmatch for mark in ".,"
}
_ONE = {mark: re.compile(rf"-?[0-9]{{1,15}}(?:{re.escape(mark)}[0-9]{{1,15}})?").fullmatch for mark in ".,"}


Adder = Callable[[Any], None]


# `1,234.5`: written by spreadsheets, so often that reading them by the rules of each metric would take too long.
_GROUPED = {
    mark: re.compile(
        rf"-?[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}}){{1,4}}(?:{re.escape(mark)}[0-9]{{1,15}})?"
    ).fullmatch
    for mark, group in ((".", ","), (",", "."))
}


class Refusal(NamedTuple):
    """One cell that cannot be taken; `value` is what was found there."""

    line: int
    column: str
    value: str
    why: str


class Refusals:
    """The wrong cells of a file: the first thousand by name, all by number."""

    def __init__(self, file: str, word: str) -> None:
        self.file = file
        self.word = word
        self.named: list[Refusal] = []
        self.count = 0

    def add(self, line: int, column: str, value: str, why: str) -> None:
        """Counts a wrong cell. Raises Refused when there are so many that this cannot be the right file."""
        self.count += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(Refusal(line, cut(column, 60), cut(value, 60), why))
        if self.count > MOST_REFUSED:
            first = self.named[0]
            raise Refused(
                f"More than {MOST_REFUSED:,} cells of {self.file} cannot be read, the first in {self.word} "
                f"{first.line}: {first.why}. Is this the right file?"
            )


class Extra(NamedTuple):
    """What a row of our own export says beside the value."""

    note: str | None
    entered: str | None
    state: str
    odd: bool


class Series:
    """The cells of one column that belong to one key, in the order of the file.

    `values` are the plain numbers; nan stands for a cell that has to be read by the rules of its metric, and
    `odd_ones` says that there is one. `plain` says that all cells are digits with one mark. `extras` go by position.
    """

    __slots__ = ("column", "dates", "extras", "key", "lines", "odd_ones", "packed", "pending", "plain", "values")

    def __init__(self, column: int, key: tuple[str, ...]) -> None:
        self.column = column
        self.key = key
        self.dates = array("i")
        self.lines = array("i")
        self.values = array("d")
        self.pending: list[str] = []
        self.packed: list[str] = []
        self.odd_ones = False
        self.plain = True
        self.extras: dict[int, Extra] = {}

    def pack(self, decimal: str) -> None:
        """Turns the pending cells into numbers and one long string."""
        if not self.pending:
            return
        joined = GAP.join(self.pending)
        if _PLAIN[decimal](joined + GAP):
            plain = joined if decimal == "." else joined.replace(",", ".")
            self.values.extend(map(float, plain.split(GAP)))
        else:
            read = [plain_number(cell, decimal) for cell in self.pending]
            self.plain = False
            self.odd_ones |= any(map(isnan, read))
            self.values.extend(read)
        self.packed.append(joined)
        self.pending.clear()

    def cells(self) -> Iterator[str]:
        """Every cell as it stood in the file."""
        for packed in self.packed:
            yield from packed.split(GAP)


def plain_number(cell: str, decimal: str) -> float:
    """The number of a cell that means the same in every unit; nan for any other."""
    if not _ONE[decimal](cell):
        if not _GROUPED[decimal](cell):
            return nan
        cell = cell.replace("," if decimal == "." else ".", "")
    return float(cell.replace(",", "."))


class Cells(NamedTuple):
    """A table, read. `dates` are the spellings in the order in which they first came (three cells each where start and
    end are given), `first_lines` the lines of those."""

    series: list[Series]
    dates: list[tuple[str, ...]]
    first_lines: list[int]
    rows: int


def read_cells(table: Table, roles: Roles, decimal: str, refused: Refusals) -> Cells:
    """Reads all rows. Rows that are too short or too long are refused. Raises Refused above the limits."""
    if roles.across:
        return _read_across(table, roles, decimal, refused)
    reading = _Reading(table, roles, decimal)
    plain = roles.start is None and roles.note is None and roles.entered is None and roles.state is None
    if plain and roles.odd is None and len(roles.names) <= 1:
        _read_plain(reading, refused)
    else:
        _read_full(reading, refused)
    return reading.done()


class _Reading:
    """What grows while rows are read."""

    def __init__(self, table: Table, roles: Roles, decimal: str) -> None:
        self.table = table
        self.roles = roles
        self.decimal = decimal
        self.dates: dict[tuple[str, ...] | str, int] = {}
        self.first_lines: list[int] = []
        self.by_key: dict[tuple[str, ...] | str, list[Series]] = {}
        self.points = 0
        self.rows = 0

    def new_date(self, spelling: tuple[str, ...] | str, line: int) -> int:
        number = self.dates[spelling] = len(self.dates)
        self.first_lines.append(line)
        return number

    def new_key(self, key: tuple[str, ...] | str) -> list[Series]:
        names = (key,) if isinstance(key, str) else key
        names = tuple(" ".join(name.split()) for name in names)
        found = self.by_key[key] = [Series(column, names) for column in self.roles.values]
        if len(self.by_key) * len(found) > MOST_SERIES:
            raise Refused(
                f"{self.table.name} has more than {MOST_SERIES:,} different metrics: say with --map which column names "
                "them."
            )
        return found

    def pack(self) -> None:
        for columns in self.by_key.values():
            for series in columns:
                series.pack(self.decimal)
        if self.points > MOST_POINTS:
            raise Refused(f"{self.table.name} has more than {MOST_POINTS:,} values: split it.")

    def done(self) -> Cells:
        self.pack()
        spellings = [(key,) if isinstance(key, str) else key for key in self.dates]
        series = [one for columns in self.by_key.values() for one in columns if one.dates]
        return Cells(series, spellings, self.first_lines, self.rows)


def _ragged(table: Table, line: int, row: Sequence[str], refused: Refusals) -> None:
    cells = f"{len(row)} cell{'' if len(row) == 1 else 's'}"
    refused.add(line, "", "", f"the {table.word} has {cells} where the header has {len(table.header)}")


def _read_plain(reading: _Reading, refused: Refusals) -> None:
    """Rows with one date, at most one name, and values: the usual file, and the million-row one."""
    table, roles = reading.table, reading.roles
    width, date_at = len(table.header), roles.date
    assert date_at is not None
    name_at = roles.names[0] if roles.names else None
    dates, values_at = reading.dates, roles.values
    # By key, what adds a cell to each of its series: looked up once, called a million times.
    adders: dict[str, list[tuple[int, Adder, Adder, Adder]]] = {}
    points, next_pack, rows = 0, PACK, 0
    for line, row in table.rows:
        if len(row) != width:
            _ragged(table, line, row, refused)
            continue
        rows += 1
        date = dates.get(row[date_at])
        if date is None:
            date = reading.new_date(row[date_at], line)
        key = "" if name_at is None else row[name_at]
        columns = adders.get(key)
        if columns is None:
            new = zip(values_at, reading.new_key(key), strict=True)
            columns = [(at, one.dates.append, one.lines.append, one.pending.append) for at, one in new]
            adders[key] = columns
        for at, add_date, add_line, add_cell in columns:
            cell = row[at]
            if cell and (cell[-1] > " " or (cell := cell.strip())):
                add_date(date)
                add_line(line)
                add_cell(cell)
                points += 1
        if points >= next_pack:
            reading.points, next_pack = points, points + PACK
            reading.pack()
    reading.points, reading.rows = points, rows


def _read_full(reading: _Reading, refused: Refusals) -> None:
    """Rows with several names, or with start and end, notes and states."""
    table, roles = reading.table, reading.roles
    width = len(table.header)
    explicit = roles.start is not None and roles.end is not None
    when = (roles.date, roles.start, roles.end) if explicit else (roles.date,)
    next_pack = PACK
    for line, row in table.rows:
        if len(row) != width:
            _ragged(table, line, row, refused)
            continue
        reading.rows += 1
        spelling = tuple("" if at is None else row[at] for at in when)
        date = reading.dates.get(spelling)
        if date is None:
            date = reading.new_date(spelling, line)
        key = tuple(row[at] for at in roles.names)
        columns = reading.by_key.get(key) or reading.new_key(key)
        for at, series in zip(roles.values, columns, strict=True):
            cell = row[at].strip()
            extra = _extra(row, roles, cell, table.guarded)
            if not cell and (extra is None or extra.state in ("", "value")):
                continue
            if extra is not None:
                series.extras[len(series.dates)] = extra
            series.dates.append(date)
            series.lines.append(line)
            series.pending.append(cell)
            reading.points += 1
        if reading.points >= next_pack:
            next_pack = reading.points + PACK
            reading.pack()


def _extra(row: Sequence[str], roles: Roles, cell: str, guarded: bool) -> Extra | None:
    """What the row says beside the value in `cell`; None when that is nothing."""
    note = row[roles.note].strip() if roles.note is not None else ""
    entered = row[roles.entered] if roles.entered is not None else cell
    state = row[roles.state].strip().lower() if roles.state is not None else ""
    odd = row[roles.odd].strip().lower() if roles.odd is not None else ""
    marked = odd in ("1", "true", "yes")
    if not note and entered == cell and state in ("", "value") and not marked:
        return None
    if guarded:
        note, entered = unguarded(note), unguarded(entered)
    return Extra(note or None, entered[:LONGEST] or None, state, marked)


def _read_across(table: Table, roles: Roles, decimal: str, refused: Refusals) -> Cells:
    """Periods across the header, a metric a row."""
    width = len(table.header)
    series, points, rows = [], 0, 0
    for line, row in table.rows:
        if len(row) != width:
            _ragged(table, line, row, refused)
            continue
        rows += 1
        one = Series(line, tuple(" ".join(row[at].split()) for at in roles.names))
        for number, at in enumerate(roles.values):
            if cell := row[at].strip():
                one.dates.append(number)
                one.lines.append(line)
                one.pending.append(cell)
        one.pack(decimal)
        points += len(one.dates)
        if one.dates:
            series.append(one)
        if points > MOST_POINTS or len(series) > MOST_SERIES:
            raise Refused(f"{table.name} has more than {MOST_POINTS:,} values or {MOST_SERIES:,} metrics: split it.")
    spellings: list[tuple[str, ...]] = [(table.header[at],) for at in roles.values]
    return Cells(series, spellings, [table.header_line] * len(spellings), rows)
