"""JSON: a list of objects, one a row, or an object that holds such a list; numbers keep the digits they have."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from kpitui.connectors.base import LARGEST_IN_MEMORY, LONGEST_CELL, MOST_COLUMNS, Source, Table, empty
from kpitui.connectors.encodings import Encoding
from kpitui.errors import Refused
from kpitui.text import cut

SHAPE = 'it has to be a list of rows like [{"date": "2026-11-20", "visits": 120}]'


def read_json(source: Source, encoding: Encoding) -> Table:
    """The rows of a JSON file; the names of the columns are the keys, in the order in which they first come."""
    source.file.seek(0, io.SEEK_END)
    if source.file.tell() > LARGEST_IN_MEMORY:
        raise Refused(f"{source.name} has more than {LARGEST_IN_MEMORY >> 20} MB: JSON that large is read as CSV only.")
    source.file.seek(0)
    try:
        # As text: a number is read by the rules of its metric, and stored as it was typed.
        found = json.loads(source.file.read().decode(encoding.codec), parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise Refused(f"{source.name}, line {error.lineno}, is not JSON: {error.msg}.") from None
    except (RecursionError, ValueError):
        raise Refused(f"{source.name} is not JSON that can be read: {SHAPE}.") from None
    records = rows_in(found, source.name)
    header: dict[str, None] = {}
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise Refused(f"{source.name}, entry {number}, is not an object: {SHAPE}.")
        header.update(dict.fromkeys(record))
        if len(header) > MOST_COLUMNS:
            raise Refused(f"{source.name} has more than {MOST_COLUMNS:,} different keys, which are its columns.")
    if not header:
        raise empty(source.name)
    return Table(
        source.name,
        encoding.sha256,
        [name.strip() for name in header],
        0,
        in_order(records, list(header), source.name),
        "entry",
        encoding.notes,
    )


def rows_in(found: Any, name: str) -> list[Any]:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        if len(lists) == 1:
            found = lists[0]
    if not isinstance(found, list):
        raise Refused(f"{name} has no list of rows: {SHAPE}.")
    if not found:
        raise empty(name)
    return found


def in_order(records: list[dict[str, Any]], names: list[str], name: str) -> Iterator[tuple[int, list[str]]]:
    for number, record in enumerate(records, 1):
        cells = [text_of(record.get(column), name, number, column) for column in names]
        if any(cells):
            yield number, cells


def text_of(value: Any, name: str, number: int, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str) or len(value) > LONGEST_CELL:
        what: dict[type, str] = {list: "a list", dict: "an object", str: "too long a text"}
        found = what.get(type(value), "no finite number")
        raise Refused(f"{name}, entry {number}, “{cut(column, 40)}” is {found}: put a number or a short text there.")
    return value
