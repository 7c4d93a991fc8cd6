"""What the columns of a table are: found by their headers and first rows, or said by the person (`--map`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from kpitui.domain.dates import Ambiguous, Order, read_period_cell, week_number
from kpitui.domain.numbers import DASHES, NULLS, read_number
from kpitui.domain.periods import Calendar
from kpitui.domain.problem import Problem
from kpitui.errors import Refused, WrongUsage
from kpitui.text import cut, fold

DATES = {
    *(
        "date",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "period",
        "time",
        "timestamp",
        "week ending",
        "week of",
        "as of",
    ),
    *("datum", "tag", "woche", "monat", "quartal", "jahr", "fecha", "mes", "mois", "trimestre"),
}
NAMES = {"metric", "metrics", "kpi", "measure", "indicator", "series", "slug", "kennzahl"}
VALUES = {"value", "values", "val", "amount", "number", "wert", "valor", "valeur"}
NOTES = {"note", "notes", "comment", "comments", "remark", "remarks", "notiz"}
EXACT = ("start", "end", "entered", "state", "odd")
"""Columns of our own export, known by exactly these names and only together with a column of metrics."""
ROLES = ("date", "name", "value", "note", *EXACT, "skip")
SAMPLE_CELLS = 20_000
"""Cells of the first rows that are looked at."""

_NUMBER = re.compile(r"[-+(−]?\s*[0-9][0-9.,'’_ \u00a0\u2009\u202f]*\s*[%)kKmMbB]?").fullmatch
_YEAR = re.compile(r"(?:19|20)[0-9]{2}").fullmatch


class Roles(NamedTuple):
    """Numbers of columns, from 0. Either `date`, or both `start` and `end`, or `across` (the header holds the periods).

    `names` hold what tells the rows' metrics apart. With `alone`, the metric is named by them only, else by the
    value's column and them. `must_name` says that the names count even where the dates alone would be enough.
    `slugs` are metrics given for columns by the person. `left_out` are columns that are not read, with the reason.
    """

    date: int | None
    names: tuple[int, ...]
    values: tuple[int, ...]
    alone: bool = False
    must_name: bool = False
    across: bool = False
    start: int | None = None
    end: int | None = None
    note: int | None = None
    entered: int | None = None
    state: int | None = None
    odd: int | None = None
    slugs: Mapping[int, str] = MappingProxyType({})
    left_out: tuple[tuple[str, str], ...] = ()


def parse_map(texts: Sequence[str]) -> dict[str, str]:
    """What a person says of columns: `Date=date,State=name,Takings=takings` gives role or metric by column.

    Raises WrongUsage. A name with a comma stands in quotation marks.
    """
    import csv

    said: dict[str, str] = {}
    for part in (part for text in texts for part in next(csv.reader([text], skipinitialspace=True), [])):
        column, mark, target = (piece.strip() for piece in part.rpartition("="))
        if not mark or not column or not target:
            raise WrongUsage(f"“{cut(part, 40)}” in --map is not COLUMN=ROLE: write it like Date=date,Takings=takings.")
        if said.setdefault(column, target) != target:
            raise WrongUsage(f"--map names the column “{cut(column, 40)}” twice: once is enough.")
    return said


def find_roles(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    said: dict[str, str],
    known: Callable[[str], bool],
    cal: Calendar,
    order: Order | None,
    file: str,
) -> Roles:
    """The roles of a table's columns. `known` says whether a name is that of a metric. Raises Refused with what to
    say in `--map` when a column is missing."""
    if said:
        given = _given(header, said, file)
        if any(role == "value" or role not in ROLES for role in given.values()):
            return _only_given(header, given, file)
    else:
        given = {}
    return _found(header, sample, given, known, cal, order, file)


def _given(header: Sequence[str], said: dict[str, str], file: str) -> dict[int, str]:
    given: dict[int, str] = {}
    for column, role in said.items():
        at = [i for i, name in enumerate(header) if name == column] or [
            i for i, name in enumerate(header) if fold(name) == fold(column)
        ]
        if len(at) != 1:
            raise Refused(f"{file} has no column “{cut(column, 40)}”: its columns are {_listed(header)}.")
        given[at[0]] = role.lower() if role.lower() in (*ROLES, "-", "metric") else role
        given[at[0]] = {"-": "skip", "metric": "name"}.get(given[at[0]], given[at[0]])
    return given


def _only_given(header: Sequence[str], given: dict[int, str], file: str) -> Roles:
    at = {role: [i for i in sorted(given) if given[i] == role] for role in ROLES}
    for role in ("date", "note", *EXACT):
        if len(at[role]) > 1:
            raise Refused(f"--map gives two columns the role {role}: one is possible.")
    if not at["date"] and not (at["start"] and at["end"]):
        raise Refused(f"--map says no column of dates: add one of {_listed(header)} with =date.")
    slugs = {i: role for i, role in given.items() if role not in ROLES}
    if at["value"] and not at["name"]:
        # A column of values without names: its header is the name.
        slugs |= {i: header[i] for i in at["value"]}
    if at["value"] and at["name"] and len(at["value"]) > 1:
        raise Refused("--map gives two columns the role value: give each the metric it belongs to.")
    if len(set(slugs.values())) < len(slugs):
        raise Refused("--map gives two columns the same metric: each needs its own.")
    first = {role: found[0] if found else None for role, found in at.items()}
    skipped = [name for i, name in enumerate(header) if i not in given and name]
    return Roles(
        first["date"],
        tuple(at["name"]),
        tuple(sorted((*at["value"], *(i for i in slugs if i not in at["value"])))),
        alone=bool(at["value"] and at["name"]) and not slugs,
        must_name=True,
        start=first["start"],
        end=first["end"],
        note=first["note"],
        entered=first["entered"],
        state=first["state"],
        odd=first["odd"],
        slugs=slugs,
        left_out=tuple((name, "--map does not name it") for name in skipped),
    )


def _found(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    given: dict[int, str],
    known: Callable[[str], bool],
    cal: Calendar,
    order: Order | None,
    file: str,
) -> Roles:
    words = [fold(name) for name in header]
    open_to = [i for i in range(len(header)) if i not in given]
    columns = {i: [row[i].strip() for row in sample if i < len(row) and row[i].strip()] for i in range(len(header))}
    name = next((i for i in open_to if words[i] in NAMES), None)
    value = next((i for i in open_to if words[i] in VALUES), None)
    exact = {word: words.index(word) for word in EXACT if word in words and words.index(word) in open_to}
    date = next((i for i, role in given.items() if role == "date"), None)
    if date is None and name is not None and value is not None and "start" in exact and "end" in exact:
        date = next((i for i in open_to if words[i] == "period"), None)
        return Roles(
            date,
            (name,),
            (value,),
            alone=True,
            must_name=True,
            note=next((i for i in open_to if words[i] in NOTES), None),
            start=exact["start"],
            end=exact["end"],
            entered=exact.get("entered"),
            state=exact.get("state"),
            odd=exact.get("odd"),
        )
    if date is None:
        date = _called_date(open_to, words, columns, cal, order)
    if date is None and not given and (across := _across(header, columns[0], cal, order)):
        before = tuple((one, "only the first column names a row") for one in header[1 : across[0]] if one)
        return Roles(None, (0,), across, alone=True, must_name=True, across=True, left_out=before)
    if date is None:
        date = _date_column(open_to, columns, cal, order)
    if date is None:
        raise Refused(
            f"{file} has no column of dates: its columns are {_listed(header)}. Say which one with "
            f'--map "{cut(next(filter(None, header), "Date"), 30)}=date".'
        )
    left_out: list[tuple[str, str]] = []
    rest = [i for i in open_to if i != date]
    note = next((i for i in rest if words[i] in NOTES and i not in (name, value)), None)
    names = [i for i, role in given.items() if role == "name"]
    if name is not None and value is not None and not names:
        left_out += [(header[i], "it is no part of a list of values") for i in rest if i not in (name, value, note)]
        return Roles(
            date,
            (name,),
            (value,),
            alone=True,
            must_name=True,
            note=note,
            left_out=tuple((column, why) for column, why in left_out if column),
        )
    values = []
    for i in rest:
        if i == note:
            continue
        if not header[i]:
            if columns[i]:
                left_out.append((f"column {i + 1}", "it has no name"))
        elif known(header[i]) or not columns[i] or _numbers(columns[i]):
            values.append(i)
        else:
            names.append(i)
    if not values:
        raise Refused(f"{file} has no column of numbers beside “{cut(header[date], 40)}”: nothing can be imported.")
    if note is not None:
        # A note belongs to one value.
        left_out += [(header[note], "a note needs a table with the columns metric, period, value and note")]
    return Roles(
        date,
        tuple(sorted(names)),
        tuple(values),
        must_name="name" in given.values(),
        left_out=tuple(left_out),
    )


def _called_date(
    open_to: Sequence[int],
    words: Sequence[str],
    columns: Mapping[int, list[str]],
    cal: Calendar,
    order: Order | None,
) -> int | None:
    """The first column that is called like one of dates and holds at least one."""
    called = (i for i in open_to if words[i] in DATES)
    return next((i for i in called if any(is_period(cell, cal, order) for cell in columns[i])), None)


def _date_column(
    open_to: Sequence[int], columns: Mapping[int, list[str]], cal: Calendar, order: Order | None
) -> int | None:
    """The first column that holds nothing but dates. A plain number is a year only in front."""
    bare = None
    for i in open_to:
        cells = columns[i]
        numbers = [cell for cell in cells if cell.isdigit() and len(cell) == 4]
        years = not numbers or (i == 0 and all(map(_YEAR, numbers)))
        if cells and years and all(is_period(cell, cal, order) for cell in cells):
            # W1 to W9 may be wards: weeks without a year are the dates of a table that has no others.
            if not all(week_number(cell) is not None for cell in cells):
                return i
            bare = i if bare is None else bare
    return bare


def _across(header: Sequence[str], names: Sequence[str], cal: Calendar, order: Order | None) -> tuple[int, ...]:
    """The columns whose headers are periods, when those are all but the first few and the rows are named."""
    first = next((i for i, name in enumerate(header) if is_period(name, cal, order)), None)
    if first is None or first == 0 or all(is_period(name, cal, order) for name in names):
        return ()
    found = [i for i in range(first, len(header)) if header[i]]
    return tuple(found) if all(is_period(header[i], cal, order) for i in found) else ()


def is_period(text: str, cal: Calendar, order: Order | None) -> bool:
    if week_number(text) is not None:
        return True
    try:
        read_period_cell(text, cal, order)
    except Ambiguous:
        return True
    except Problem:
        return False
    return True


def _numbers(cells: Sequence[str]) -> bool:
    """Whether most of these cells are numbers in some unit, or stand for none."""
    return 2 * sum(map(_is_number, cells)) >= len(cells)


def _is_number(cell: str) -> bool:
    if _NUMBER(cell) or cell in DASHES or cell.casefold() in NULLS:
        return True
    for unit in ("percent", "currency", "duration"):
        for decimal in ".,":
            try:
                read_number(cell, unit, decimal=decimal, file=True)
                return True
            except Problem:
                continue
    return False


def _listed(header: Sequence[str]) -> str:
    shown = [cut(name, 30) for name in header if name]
    more = f" and {len(shown) - 12} more" if len(shown) > 12 else ""
    return ", ".join(shown[:12]) + more
