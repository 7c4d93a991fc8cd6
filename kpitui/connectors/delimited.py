"""CSV, TSV and their cousins: cells between commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from kpitui.connectors.base import LONGEST_CELL, Source, Table, check_header, empty, unreadable
from kpitui.connectors.encodings import Encoding
from kpitui.errors import Refused

DELIMITERS = ",;\t|"
SAMPLE = 4096
"""Characters that the delimiter is looked for in."""


def read_delimited(source: Source, encoding: Encoding) -> Table:
    """The table in a delimited file. Rows are read while they are asked for."""
    text = io.TextIOWrapper(source.file, encoding=encoding.codec, newline="")
    try:
        sample = text.read(SAMPLE)
    except OSError as error:
        raise unreadable(error, source.name) from None
    if any(sign < " " and sign not in "\t\n\v\f\r\x1b" for sign in sample[:64]):
        raise Refused(f"{source.name} is not a text file: save the table as CSV.")
    delimiter, skipped = find_delimiter(sample)
    text.seek(0)
    rows = cells(text, delimiter, source.name)
    header_line, header = next(islice(rows, skipped, None), (0, [""]))
    if not any(header):
        raise empty(source.name)
    return Table(
        source.name,
        encoding.sha256,
        check_header(header, source.name, f"line {header_line}"),
        header_line,
        rows,
        "line",
        encoding.notes,
        guarded=True,
    )


def find_delimiter(sample: str) -> tuple[str, int]:
    """The delimiter of the file that begins with `sample`, and how many rows stand before the header.

    The one that cuts the rows into as many cells as the header, and into the most. `csv.Sniffer` takes time that grows
    with the square of what it is given, and guesses.
    """
    lines = sample.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], 1
    whole = sample if len(sample) < SAMPLE else sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        fitting = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        best = max(best, (fitting, len(rows[0]), delimiter), key=lambda found: found[:2])
    return best[2], 0


def cells(text: io.TextIOWrapper, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with a cell in it and the line on which it begins."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        line = 1
        for row in reader:
            if row and (row[0] or any(row)):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            said = f"has a cell of more than {LONGEST_CELL:,} characters: perhaps a quotation mark is never closed."
        elif "unexpected end" in str(error):
            said = "opens a quotation mark that is never closed: mend it."
        else:
            said = f"cannot be read ({error}): save the table as CSV anew."
        raise Refused(f"{name}, line {line}, {said}") from None
    except UnicodeError:
        raise Refused(f"{name} was changed while it was read: import it again.") from None
    except OSError as error:
        raise unreadable(error, name) from None
    finally:
        csv.field_size_limit(before)
        # The file stays open: it belongs to whoever opened it.
        if not text.closed:
            text.detach()
