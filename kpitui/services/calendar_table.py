"""Periods and holidays that are written down one by one: read from a file, checked, and stored as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.period_table import GRAINS, Listed, checked
from kpitui.domain.periods import iso
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.text import check_name, clean

if TYPE_CHECKING:
    from kpitui.storage.store import Store

MOST = 5000
PERIOD_COLUMNS = "name,grain,from,to"
HOLIDAY_COLUMNS = "day,name"


class Stored(NamedTuple):
    sentence: str
    added: int
    changed: int
    archived: int


def check_table(workspace: Any, periods: Iterable[Any], where: str) -> None:
    """Raises Problem where a workspace cut by a table has none that fills time."""
    if workspace.calendar != "table":
        return
    rows = [Listed(one.grain, one.start, one.end, one.name) for one in periods]
    if not rows:
        raise Problem(f"{where}: the calendar is a table, and there is no period in it: add [[period]] tables.")
    try:
        checked(rows)
    except Problem as problem:
        raise Problem(f"{where}: {problem}") from None


Rows = Iterable[tuple[int, Sequence[str]]]
"""The number of a line, and its cells."""


def read_periods(header: Sequence[str], rows: Rows, file: str) -> list[Listed]:
    """Rows `name, grain, from, to` below a header of these words in any order; `to` is the last day itself.

    Without `grain` they are months. Raises Problem naming the line, and as `period_table.checked`.
    """
    columns = _columns(header, file, ("name", "from", "to"), PERIOD_COLUMNS)
    found: list[Listed] = []
    for number, cells in _counted(rows, file):
        row = {name: cells[place].strip() if place < len(cells) else "" for name, place in columns.items()}
        where = f"{file}, line {number}"
        grain = row.get("grain", "").casefold() or "month"
        grain = {"period": "month"}.get(grain, grain)
        if grain not in GRAINS:
            raise Problem(f"{where}: “{quote(grain)}” is no grain of a table: use {', '.join(GRAINS)}.")
        try:
            name = check_name(clean(row["name"]), "name")
        except Problem as problem:
            raise Problem(f"{where}: {problem}") from None
        found.append(Listed(grain, _day(row["from"], where), _day(row["to"], where) + 1, name))
    try:
        return list(checked(found))
    except Problem as problem:
        raise Problem(f"{file}: {problem}") from None


def read_holidays(header: Sequence[str], rows: Rows, file: str) -> dict[int, str]:
    """Rows `day, name` below a header; the name may be missing. Raises Problem naming the line."""
    columns = _columns(header, file, ("day",), HOLIDAY_COLUMNS)
    found: dict[int, str] = {}
    for number, cells in _counted(rows, file):
        day = _day(cells[columns["day"]].strip() if columns["day"] < len(cells) else "", f"{file}, line {number}")
        place = columns.get("name")
        found[day] = clean(cells[place]).strip()[:120] if place is not None and place < len(cells) else ""
    if not found:
        raise Problem(f"{file} names no day: write a header {HOLIDAY_COLUMNS} and a line for each holiday.")
    return found


def store_periods(store: Store, rows: Sequence[Listed], why: str = "") -> Stored:
    """The table of these periods in place of the one that stands, as one change. What is the same stays."""
    from kpitui.domain.days_of_calendar import Period

    wanted: dict[Any, dict[str, object]] = {
        (row.grain, row.start): {"name": row.name, "end": row.end} for row in checked(rows)
    }
    return _replaced(
        store, Period, wanted, lambda one: (one.grain, one.start), ("grain", "start"), "calendar.periods", why, "period"
    )


def store_holidays(store: Store, days: dict[int, str], why: str = "") -> Stored:
    """These holidays beside those that stand, as one change."""
    from kpitui.domain.days_of_calendar import Holiday

    wanted: dict[Any, dict[str, object]] = {(day,): {"name": name} for day, name in days.items()}
    return _replaced(
        store, Holiday, wanted, lambda one: (one.day,), ("day",), "calendar.holidays", why, "holiday", keep=True
    )


def _replaced(
    store: Store,
    cls: Any,
    wanted: dict[Any, dict[str, object]],
    key_of: Callable[[Any], tuple[object, ...]],
    key: tuple[str, ...],
    what: str,
    why: str,
    noun: str,
    *,
    keep: bool = False,
) -> Stored:
    from kpitui.storage import definitions

    added = changed = archived = 0
    with store.write(what, why=why) as tx:
        standing: dict[Any, Any] = {}
        for one in sorted(definitions.all_of(store, cls, archived=True), key=lambda one: not one.archived):
            standing[key_of(one)] = one
        for place, values in wanted.items():
            there = standing.get(place)
            if there is None:
                definitions.add(tx, cls(**dict(zip(key, place, strict=True)), **values))
                added += 1
                continue
            if there.archived:
                added += 1
                there = definitions.restore(tx, there)
            elif any(getattr(there, name) != value for name, value in values.items()):
                changed += 1
            definitions.change(tx, there, **values)
        for place, one in standing.items():
            if not keep and place not in wanted and not one.archived:
                definitions.archive(tx, one)
                archived += 1
        said = [f"{count} {word}" for count, word in ((added, "added"), (changed, "changed"), (archived, "put away"))
                if count]  # fmt: skip
        tx.summary = f"{noun}s of the calendar: {', '.join(said) or 'as they were'}"
    return Stored(
        f"{noun.capitalize()}s of the calendar: {', '.join(said) or 'as they were'}", added, changed, archived
    )


def _counted(rows: Rows, file: str) -> Iterable[tuple[int, Sequence[str]]]:
    """The lines that hold something."""
    for number, cells in rows:
        if number > MOST:
            raise Problem(f"{file} has more than {MOST:,} lines: is it the right file?")
        if any(cell.strip() for cell in cells):
            yield number, cells


def _columns(header: Sequence[str], file: str, needed: Sequence[str], example: str) -> dict[str, int]:
    columns = {cell.strip().casefold(): place for place, cell in enumerate(header)}
    # What others call them.
    for other, own in (("date", "day"), ("label", "name"), ("start", "from"), ("end", "to"), ("last", "to")):
        if other in columns:
            columns.setdefault(own, columns[other])
    for name in needed:
        if name not in columns:
            raise Problem(f"{file} has no column {name}: begin it with a header {example}.")
    return {name: columns[name] for name in (*needed, "grain", "name") if name in columns}


def _day(text: str, where: str) -> int:
    from datetime import date

    from kpitui.domain.periods import to_day

    try:
        return to_day(date.fromisoformat(text))
    except ValueError:
        raise Problem(f"{where}: “{quote(text)}” is no day: write it like {iso(20777)}.") from None
