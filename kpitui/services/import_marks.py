"""Which mark begins the decimals of a file: what is said of it, and what its cells show where nobody says it."""

from __future__ import annotations

import re
from array import array
from itertools import islice
from typing import TYPE_CHECKING

from kpitui.errors import Refused
from kpitui.text import cut

if TYPE_CHECKING:
    from kpitui.connectors.base import Table
    from kpitui.services.import_map import Roles
    from kpitui.services.import_read import Series

_THOUSANDS = re.compile(r"-?[0-9]{1,3}([.,])[0-9]{3}").fullmatch
_OTHER_MARK = re.compile(r"-?[0-9]+(?:[.,'  ][0-9]{3})*([.,])[0-9]+").fullmatch
_MARKED = re.compile(r"[0-9]*[.,][0-9.,]*").search
_TWO_READINGS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}").fullmatch


def settled(table: Table, roles: Roles, series: list[Series], decimal: str) -> str:
    """The mark of a file that nobody says anything of: the person's own, `decimal`, unless a cell can only be read with
    the other one; the cells are then read again. Raises Refused where every marked cell has two readings.

    Only files of text are in somebody's style: workbooks, JSON and what kpitui itself has exported have points.
    """
    other = "," if decimal == "." else "."
    mark, doubt = _shown(series) if table.word == "line" else (".", "")
    if not mark and roles.start is not None and roles.end is not None:
        mark = "."
    if not mark and doubt:
        one, two = re.sub("[.,]", "", doubt), re.sub("[.,]", decimal, doubt)
        begins = "," if "," in doubt else "."
        groups = "." if begins == "," else ","
        raise Refused(
            f"“{doubt}” in {table.name} has two readings, and no other number shows which: say --decimal {groups} "
            f"if it is {one}, --decimal {begins} if it is {two}. Nothing was saved."
        )
    if mark != other:
        return decimal
    for found in series:
        _read_again(found, other)
    return other


def _shown(series: list[Series]) -> tuple[str, str]:
    """The mark that a number shows to begin decimals, or a number that has two readings."""
    doubt = ""
    for one in series:
        for cell in one.cells():
            found = _MARKED(cell)
            if found is None:
                continue
            number = found[0].rstrip(".,")
            if mark := _begins(number):
                return mark, ""
            doubt = doubt or (number if _TWO_READINGS(number) else "")
    return "", doubt


def _begins(number: str) -> str:
    """`,` for `1.234,5`, `2,5` and `1.234.567`; empty where it is not to be seen."""
    points, commas = number.count("."), number.count(",")
    if points and commas:
        last = max(".,", key=number.rfind)
        return last if number.count(last) == 1 else ""
    if points + commas > 1:
        return "," if points else "."
    if points + commas == 1 and not _TWO_READINGS(number):
        return "." if points else ","
    return ""


def _read_again(series: Series, decimal: str) -> None:
    cells = list(series.cells())
    series.values, series.packed, series.plain, series.odd_ones = array("d"), [], True, False
    series.pending = cells
    series.pack(decimal)


def mark_notes(series: list[Series], decimal: str) -> list[str]:
    """What to say when the decimals seem to be written with the other mark."""
    other = "," if decimal == "." else "."
    thousands = ""
    for one in series:
        if one.plain:
            continue
        for cell in islice(one.cells(), 1000):
            match = _OTHER_MARK(cell)
            if match is None or match[1] != other:
                continue
            if not _THOUSANDS(cell):
                return [f"“{cut(cell, 20)}” looks like decimals after a “{other}”: say --decimal {other} if they are."]
            thousands = thousands or cell
    if not thousands:
        return []
    meant = re.sub("[.,]", "", thousands)
    return [f"“{thousands}” is read as {meant}: say --decimal {other} if the “{other}” begins the decimals."]
