"""Where values come from, as every connector gives them: a `Table`, rows of text below a header.

`open_table` is the one way in: it finds out what a file is by its first bytes, and loads only the connector it needs.
Every limit of a connector stands here. What cannot be read raises Refused or NotFound with a sentence.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from kpitui.errors import KpituiError, NotFound, Refused
from kpitui.text import clean, cut

LARGEST = 512 << 20
"""Bytes of a file."""
LARGEST_IN_MEMORY = 64 << 20
"""Bytes of what has to be read as a whole: JSON, and whatever comes through a pipe."""
LONGEST_CELL = 10_000
"""Characters of one cell."""
MOST_COLUMNS = 10_000
BLOCK = 1 << 20
NOT_TEXT = (
    *(b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"SQLite f", b"BZh", b"7z\xbc\xaf"),
    *(b"\xfd7zXZ", b"PAR1", b"Rar!"),
)
"""How files begin that are often named by mistake."""


class Table(NamedTuple):
    """Rows of text. `rows` can be gone through once and gives the number of a row and its cells, header and rows
    without any cell left out; a row may have more or fewer cells than the header.

    `word` is what a row is called where people look for it: line, row or entry. `notes` are sentences about how the
    file was understood. `guarded` says that texts may stand behind a `'` that keeps spreadsheets from running them.
    """

    name: str
    sha256: str
    header: list[str]
    header_line: int
    rows: Iterator[tuple[int, list[str]]]
    word: str = "line"
    notes: tuple[str, ...] = ()
    guarded: bool = False


class Source(NamedTuple):
    """A file's bytes, open for reading at any place, with a name for people."""

    name: str
    file: BinaryIO


@contextmanager
def open_table(
    path: str, *, stdin: BinaryIO | None = None, sheet: str | None = None, encoding: str | None = None
) -> Iterator[Table]:
    """The table in a CSV, TSV, JSON or XLSX file; `-` reads `stdin`.

    `sheet` names one of a workbook (default: the first), `encoding` overrides what the bytes look like.
    """
    with opened(path, stdin) as source:
        start = read_block(source, 8)
        source.file.seek(0)
        if not start.strip():
            _check_not_blank(source)
        if start.startswith(b"PK\x03\x04"):
            from kpitui.connectors.xlsx_file import read_workbook

            yield read_workbook(source, sheet)
            return
        if start.startswith(b"\xd0\xcf\x11\xe0"):
            raise Refused(
                f"{source.name} is an old workbook (.xls) or locked with a password: save it as .xlsx or CSV."
            )
        if start.startswith(NOT_TEXT):
            raise Refused(f"{source.name} is not a text file and no workbook: save the table as CSV.")
        if sheet is not None:
            raise Refused(f"{source.name} is not a workbook, so it has no sheet “{cut(sheet, 40)}”: leave --sheet out.")
        from kpitui.connectors.encodings import find_encoding

        found = find_encoding(source, encoding)
        if os.path.splitext(path)[1].lower() == ".json" or start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
            from kpitui.connectors.json_file import read_json

            yield read_json(source, found)
        else:
            from kpitui.connectors.delimited import read_delimited

            yield read_delimited(source, found)


@contextmanager
def opened(path: str, stdin: BinaryIO | None) -> Iterator[Source]:
    if path == "-":
        if stdin is None:
            raise Refused("There is nothing to read on standard input: name a file.")
        yield Source("standard input", whole(stdin, "standard input"))
        return
    name = clean(path)
    try:
        file = open(path, "rb", opener=_without_waiting)  # closed below: `with` here would hide errors of the caller
    except OSError as error:
        raise unreadable(error, name) from None
    except ValueError:
        raise NotFound(f"There is no file {name}: check the path.") from None
    with file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            start = _from_pipe(file, name) if stat.S_ISFIFO(found.st_mode) else b""
            if hasattr(os, "set_blocking"):
                os.set_blocking(file.fileno(), True)
            yield Source(name, whole(file, name, start))
            return
        if found.st_size > LARGEST:
            raise Refused(f"{name} has {found.st_size >> 20} MB, {LARGEST >> 20} are the most: split it.")
        yield Source(os.path.basename(name), file)


def _without_waiting(path: str, flags: int) -> int:
    """Opening a named pipe waits until somebody writes into it, which may be never."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _from_pipe(file: BinaryIO, name: str) -> bytes:
    """What stands in a pipe already. Raises Refused when nothing does and nobody writes into it."""
    try:
        start = os.read(file.fileno(), BLOCK)
    except BlockingIOError:
        return b""
    if not start:
        raise Refused(f"{name} is a pipe that nobody writes into: start what fills it first, or name a file.")
    return start


def unreadable(error: OSError, name: str) -> KpituiError:
    """What an error of opening or reading means for a person."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotFound(f"There is no file {name}: check the path.")
    if isinstance(error, IsADirectoryError):
        return Refused(f"{name} is a folder: name a file in it.")
    if isinstance(error, PermissionError):
        return Refused(f"{name} cannot be read by this account: ask its owner.")
    if error.errno == errno.ENAMETOOLONG:
        return NotFound("There is no file of that name: it is too long.")
    return Refused(f"{name} cannot be read: {error.strerror or error}.")


def whole(file: BinaryIO, name: str, start: bytes = b"") -> BinaryIO:
    """Everything in `file`, in memory, behind the `start` that was read already."""
    try:
        found = start + file.read(LARGEST_IN_MEMORY + 1 - len(start))
    except OSError as error:
        raise unreadable(error, name) from None
    if len(found) > LARGEST_IN_MEMORY:
        raise Refused(f"{name} gives more than {LARGEST_IN_MEMORY >> 20} MB: save it in a file and import that.")
    return io.BytesIO(found)


def sha256_of(source: Source) -> str:
    """The SHA-256 of all its bytes, in hexadecimal."""
    source.file.seek(0)
    digest = hashlib.sha256()
    while block := read_block(source):
        digest.update(block)
    source.file.seek(0)
    return digest.hexdigest()


def read_block(source: Source, size: int = BLOCK) -> bytes:
    try:
        return source.file.read(size)
    except OSError as error:
        raise unreadable(error, source.name) from None


def empty(name: str) -> Refused:
    return Refused(f"{name} is empty: it needs a header and a row of values.")


def check_header(header: list[str], name: str, where: str) -> list[str]:
    """The header's names without outer blanks. Raises Refused when there are too many or one comes twice."""
    if len(header) > MOST_COLUMNS:
        raise Refused(f"{name} has {len(header):,} columns, {MOST_COLUMNS:,} are the most.")
    names = [cell.strip() for cell in header]
    seen: dict[str, int] = {}
    for number, cell in enumerate(names, 1):
        if cell and seen.setdefault(cell, number) != number:
            raise Refused(
                f"{name}, {where}: the columns {seen[cell]} and {number} are both called “{cut(cell, 40)}”: rename one."
            )
    return names


def _check_not_blank(source: Source) -> None:
    while block := read_block(source):
        if block.strip(b" \t\r\n\x0b\x0c,;\xef\xbb\xbf"):
            source.file.seek(0)
            return
    raise empty(source.name)
