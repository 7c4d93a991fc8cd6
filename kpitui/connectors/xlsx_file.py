"""Workbooks (.xlsx): the cells of one sheet as text, as people see them: dates as ISO, numbers with their digits.

Office Open XML (ECMA-376 part 1, §18) is zipped XML. Only what a table needs is read: the list of sheets, shared
texts, which styles are dates, and one sheet, row by row. Formulas are never worked out; their stored values count.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from xml.parsers import expat

from kpitui.connectors.base import LONGEST_CELL, MOST_COLUMNS, Source, Table, check_header, empty, sha256_of
from kpitui.errors import Refused
from kpitui.text import clean, cut

MOST_MEMBERS = 1000
LARGEST_UNZIPPED = 200 << 20
"""Bytes of all members together, as the directory of the archive declares them."""
LARGEST_RATIO = 100
"""How much smaller than its content a member above 1 MB may be packed: a bomb is packed a thousandfold."""
BLOCK = 1 << 16

# ECMA-376 part 1, §18.8.30: numbers of the built-in formats that show a date, and those that show a time alone.
DATE_FORMATS = {14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)}
TIME_FORMATS = {18, 19, 20, 21, 45, 46, 47}

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


def read_workbook(source: Source, sheet: str | None = None) -> Table:
    """The table in one sheet, the first that is not hidden unless it is named."""
    digest = sha256_of(source)
    try:
        archive = zipfile.ZipFile(source.file)
        check_size(archive, source.name)
        book = Book(archive, source.name)
        path, notes = book.choose(sheet)
        rows = book.rows(path)
        line, header = next(rows, (0, [""]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise broken(source.name, error) from None
    if not any(header):
        raise empty(source.name)
    while header and not header[-1].strip():
        header.pop()
    names = check_header(header, source.name, f"row {line}")
    return Table(source.name, digest, names, line, padded(rows, len(names)), "row", notes)


def check_size(archive: zipfile.ZipFile, name: str) -> None:
    """Raises Refused for an archive that would unpack into more than it should: nothing has been unpacked yet."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or total > LARGEST_UNZIPPED:
        raise Refused(
            f"{name} unpacks to {total >> 20} MB in {len(members):,} parts; {LARGEST_UNZIPPED >> 20} MB and "
            f"{MOST_MEMBERS:,} are the most: save the sheet as CSV."
        )
    for member in members:
        if member.file_size > 1 << 20 and member.file_size > LARGEST_RATIO * max(1, member.compress_size):
            raise Refused(f"{name} is packed more than {LARGEST_RATIO} times: not unpacked. Save the sheet as CSV.")


def broken(name: str, error: Exception) -> Refused:
    if isinstance(error, RuntimeError) and "password" in str(error):
        return Refused(f"{name} is locked with a password: save it without one.")
    return Refused(f"{name} is a damaged workbook: open it in a spreadsheet and save the sheet as CSV.")


def padded(rows: Iterator[tuple[int, list[str]]], columns: int) -> Iterator[tuple[int, list[str]]]:
    """Rows as wide as the header: a sheet has no cell where nothing was typed."""
    for line, cells in rows:
        while len(cells) > columns and not cells[-1]:
            cells.pop()
        if any(cells):
            yield line, cells + [""] * (columns - len(cells))


class Book:
    """What stands around the cells: names of sheets, shared texts, which styles are dates."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive = archive
        self.name = name
        self.members = {member.filename.lstrip("/"): member for member in archive.infolist()}
        self.sheets: list[tuple[str, str, bool]] = []
        """Name, path and whether it is hidden."""
        self.first_day = date(1899, 12, 30)
        self._read_book()
        self.dates: list[str] = []
        """For each cell style `date`, `time` or nothing."""
        self._read_styles()
        self.texts: list[str] = []
        self._read_texts()

    def choose(self, wanted: str | None) -> tuple[str, tuple[str, ...]]:
        """The path of the sheet, and what to say about it."""
        if not self.sheets:
            raise Refused(f"{self.name} has no sheet with cells: save the sheet as CSV.")
        if wanted is not None:
            for title, path, _ in self.sheets:
                if title.casefold() == wanted.casefold():
                    return path, ()
            there = ", ".join(f"“{cut(title, 40)}”" for title, _, _ in self.sheets[:10])
            raise Refused(f"{self.name} has no sheet “{cut(wanted, 40)}”: it has {there}.")
        seen = [sheet for sheet in self.sheets if not sheet[2]] or self.sheets
        title, path, _ = seen[0]
        if len(seen) == 1:
            return path, ()
        return path, (f"Read the sheet “{clean(title)}”, the first of {len(seen)}: --sheet names another.",)

    def rows(self, path: str) -> Iterator[tuple[int, list[str]]]:
        """The rows of a sheet that have a cell, with their numbers."""
        sheet = Sheet(self)
        for _ in self._parsed(path, sheet.start, sheet.end):
            yield from sheet.taken()

    def _read_book(self) -> None:
        paths: dict[str, str] = {}

        def related(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                paths[given.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", given.get("Target", ""))).lstrip(
                    "/"
                )

        def listed(tag: str, given: dict[str, str]) -> None:
            if tag == "workbookPr" and given.get("date1904") in ("1", "true"):
                self.first_day = date(1904, 1, 1)
            elif tag == "sheet":
                path = paths.get(given.get("id", ""), "")
                if path in self.members:
                    self.sheets.append((given.get("name", "?"), path, given.get("state", "visible") != "visible"))

        self._read("xl/_rels/workbook.xml.rels", related)
        self._read("xl/workbook.xml", listed)

    def _read_styles(self) -> None:
        own: dict[int, str] = {}
        within = ""

        def start(tag: str, given: dict[str, str]) -> None:
            nonlocal within
            if tag == "cellXfs" or tag == "cellStyleXfs":
                within = tag
            elif tag == "numFmt":
                own[number(given.get("numFmtId"))] = kind_of_format(given.get("formatCode", ""))
            elif tag == "xf" and within == "cellXfs":
                style = number(given.get("numFmtId"))
                known = "date" if style in DATE_FORMATS else "time" if style in TIME_FORMATS else ""
                self.dates.append(own.get(style, known))

        self._read("xl/styles.xml", start)

    def _read_texts(self) -> None:
        parts: list[str] = []
        phonetic = 0

        def start(tag: str, given: dict[str, str]) -> None:
            nonlocal phonetic
            phonetic += tag == "rPh"
            if tag == "si":
                parts.clear()

        def end(tag: str, text: str) -> None:
            nonlocal phonetic
            phonetic -= tag == "rPh"
            if tag == "t" and not phonetic:
                parts.append(text)
            elif tag == "si":
                self.texts.append("".join(parts)[: LONGEST_CELL + 1])

        self._read("xl/sharedStrings.xml", start, end)

    def _read(self, path: str, start: Start, end: End | None = None) -> None:
        if path in self.members:
            for _ in self._parsed(path, start, end or (lambda tag, text: None)):
                pass

    def _parsed(self, path: str, start: Start, end: End) -> Iterator[None]:
        """Goes through a member's XML and yields after every block. Local names only; entities are not declared."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        text: list[str] = []

        def opened(tag: str, given: dict[str, str]) -> None:
            text.clear()
            start(tag.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in given.items()})

        def closed(tag: str) -> None:
            end(tag.rpartition(" ")[2], "".join(text))
            text.clear()

        def refused(*_: Any) -> None:
            raise Refused(f"{self.name} declares entities in its XML, which no spreadsheet does: not read.")

        parser.StartElementHandler, parser.EndElementHandler = opened, closed
        parser.CharacterDataHandler = text.append
        parser.EntityDeclHandler = refused
        try:
            with self.archive.open(self.members[path]) as member:
                while block := member.read(BLOCK):
                    parser.Parse(block)
                    yield
                parser.Parse(b"", True)
                yield
        except (expat.ExpatError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
            raise broken(self.name, error) from None


class Sheet:
    """The rows of one sheet while it is read."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._rows: list[tuple[int, list[str]]] = []
        self._line = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = ""
        self._style = 0
        self._value = ""
        self._inline: list[str] = []

    def taken(self) -> list[tuple[int, list[str]]]:
        """The rows that have come to their end since the last call."""
        found, self._rows = self._rows, []
        return found

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            where = re.match(r"[A-Z]+", given.get("r", ""))
            self._column = column_number(where[0]) if where else len(self._cells) + 1
            if self._column > MOST_COLUMNS:
                raise Refused(f"{self.book.name} has more than {MOST_COLUMNS:,} columns: save the table alone.")
            self._kind, self._style = given.get("t", "n"), number(given.get("s"))
            self._value = ""
            self._inline.clear()
        elif tag == "row":
            self._line = number(given.get("r")) or self._line + 1
            self._cells = []

    def end(self, tag: str, text: str) -> None:
        if tag == "v":
            self._value = text
        elif tag == "t":
            self._inline.append(text)
        elif tag == "c":
            found = self._text()
            if len(found) > LONGEST_CELL:
                raise Refused(f"{self.book.name}, row {self._line}, has a cell of more than {LONGEST_CELL:,} signs.")
            if found:
                self._cells += [""] * (self._column - 1 - len(self._cells))
                self._cells[self._column - 1 :] = [found]
        elif tag == "row" and any(self._cells):
            self._rows.append((self._line, self._cells))

    def _text(self) -> str:
        value, kind = self._value, self._kind
        if kind == "inlineStr":
            return "".join(self._inline)
        if kind == "s":
            at = number(value)
            return self.book.texts[at] if value and 0 <= at < len(self.book.texts) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, value)
        if kind != "n" or not value:
            return value
        try:
            amount = float(value)
        except ValueError:
            return value
        shown = self.book.dates[self._style] if 0 <= self._style < len(self.book.dates) else ""
        if shown:
            return as_date(amount, self.book.first_day, shown) or value
        # 0.1 is stored as 0.10000000000000001: the shortest text of the same number is what was typed.
        return value if value.isdigit() and len(value) < 16 else repr(amount).removesuffix(".0")


def number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    found = 0
    for letter in letters[:8]:
        found = found * 26 + ord(letter) - 64
    return found


def kind_of_format(code: str) -> str:
    """Whether a number format shows a `date`, a `time` or a plain number: by the letters that are not quoted."""
    plain = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", code.lower()).split(";")[0]
    if "y" in plain or "d" in plain:
        return "date"
    if "h" in plain or "s" in plain.replace("general", ""):
        return "time"
    return "date" if "m" in plain else ""


def as_date(amount: float, first_day: date, shown: str) -> str:
    """The ISO date (and time, when there is one) or the hours of a day number; empty when it is out of range."""
    if shown == "time":
        seconds = round(amount * 86400)
        hours, rest = divmod(abs(seconds), 3600)
        return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02d}:{rest % 60:02d}"
    # The day numbers of the 1900 system count a 29 February 1900 that never was.
    before = 1 if first_day.year == 1899 and amount < 60 else 0
    try:
        when = datetime(first_day.year, first_day.month, first_day.day) + timedelta(
            days=before + int(amount), seconds=round((amount % 1) * 86400)
        )
    except (OverflowError, ValueError):
        return ""
    return when.date().isoformat() if not amount % 1 else when.isoformat(timespec="seconds")
