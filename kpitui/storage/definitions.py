"""Definitions in and out of their tables, for every dataclass of `domain/model.py` alike.

The table is the class name in snake case, the columns are the fields. Nothing is deleted: `archive` puts away. Every
write names the revision it follows, leaves a line in the log with the fields that changed, and is digested.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from kpitui.domain.acceptance import Acceptance
from kpitui.domain.closing import Closing
from kpitui.domain.days_of_calendar import Holiday, Period
from kpitui.domain.member import Member, Proposal
from kpitui.domain.model import (
    Action,
    Annotation,
    Driver,
    Goal,
    Kpi,
    Metric,
    Playbook,
    Review,
    ReviewFigure,
    ReviewLine,
    Scope,
    Target,
    Waiver,
)
from kpitui.domain.override import Override
from kpitui.domain.phase import Phase
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.storage.changes import who_and_when
from kpitui.storage.driver import sqlite3

if TYPE_CHECKING:
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

Definition = (
    Scope
    | Goal
    | Metric
    | Kpi
    | Target
    | Driver
    | Annotation
    | Review
    | ReviewLine
    | ReviewFigure
    | Action
    | Override
    | Playbook
    | Waiver
    | Phase
    | Acceptance
    | Period
    | Holiday
    | Closing
    | Member
    | Proposal
)
CLASSES: tuple[type[Definition], ...] = (
    Scope,
    Goal,
    Metric,
    Kpi,
    Target,
    Driver,
    Annotation,
    Review,
    ReviewLine,
    ReviewFigure,
    Action,
    Override,
    Playbook,
    Waiver,
    Phase,
    Acceptance,
    Period,
    Holiday,
    Closing,
    Member,
    Proposal,
)
D = TypeVar("D", bound=Definition)
A = TypeVar(
    "A", Scope, Goal, Metric, Kpi, Target, Driver, Annotation, Review, ReviewLine, Action, Override, Playbook, Waiver,
    Phase, Acceptance, Period, Holiday, Closing, Member, Proposal,
)  # fmt: skip
ITEM_LENGTH = 80


class Shape(NamedTuple):
    """How a class lies in its table."""

    table: str
    noun: str
    columns: tuple[str, ...]
    flags: frozenset[str]
    """Columns that are yes or no, stored as 1 and 0."""
    select: str
    order: str


def laid_out(cls: type[Definition]) -> Shape:
    table = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
    columns = tuple(field.name for field in fields(cls))
    flags = frozenset(field.name for field in fields(cls) if str(field.type).startswith("bool"))
    listed = ", ".join(f'"{name}"' for name in columns)
    noun = "KPI" if cls is Kpi else table.replace("_", " ")
    order = "position, id" if "position" in columns else "id"
    return Shape(table, noun, columns, flags, f"SELECT {listed} FROM {table}", order)


SHAPES: dict[Any, Shape] = {cls: laid_out(cls) for cls in CLASSES}


def shape(cls: type[Any]) -> Shape:
    return SHAPES[cls]


def get(store: Store, cls: type[D], id: int) -> D:
    """The definition with this id, archived or not. Raises NotFound."""
    found = select(store, cls, "id = ?", (id,))
    if not found:
        raise NotFound(f"There is no {shape(cls).noun} with the number {id} in this workspace.")
    return found[0]


def find(store: Store, cls: type[D], *, archived: bool = False, **where: object) -> D | None:
    """The first definition whose columns are these (`find(store, Metric, slug="visits")`), live ones first.

    With `archived`, one that was put away is found too.
    """
    found = all_of(store, cls, archived=archived, **where)
    return min(found, key=lambda one: getattr(one, "archived", False), default=None)


def all_of(store: Store, cls: type[D], *, archived: bool = False, **where: object) -> list[D]:
    """The live definitions whose columns are these, by position; with `archived`, those put away too."""
    known = shape(cls)
    for name in where:
        if name not in known.columns:
            raise TypeError(f"{cls.__name__} has no field {name}")
    conditions = [f'"{name}" IS ?' for name in where]
    if not archived:
        conditions.append("archived = 0")
    return select(store, cls, " AND ".join(conditions) or "1", tuple(where.values()))


def select(store: Store, cls: type[D], where: str, args: tuple[object, ...]) -> list[D]:
    known = shape(cls)
    rows = store.rows(f"{known.select} WHERE {where} ORDER BY {known.order}", args)
    return [made(cls, known, row) for row in rows]


def last_position(store: Store, cls: type[Definition]) -> float:
    """The greatest position of a class that has one, those put away included; 0 when there is none."""
    return float(store.one(f"SELECT max(position) FROM {shape(cls).table}") or 0.0)


def made(cls: type[D], known: Shape, row: tuple[Any, ...]) -> D:
    values = dict(zip(known.columns, row, strict=True))
    for name in known.flags:
        if values[name] is not None:
            values[name] = bool(values[name])
    return cls(**values)


def add(tx: Txn, obj: D) -> D:
    """Stores a new definition and gives it back with its id and revision 1.

    Raises Refused when its name is taken or it refers to something that does not exist.
    """
    known = shape(type(obj))
    names = [name for name in known.columns if name not in ("id", "rev")]
    listed = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    try:
        row_id = tx.execute(
            f"INSERT INTO {known.table} ({listed}, rev, txn_id) VALUES ({marks}, 1, ?)",
            (*(getattr(obj, name) for name in names), tx.id),
        ).lastrowid
    except sqlite3.IntegrityError as error:
        raise refusal(tx, obj, error) from error
    new = digested(tx, type(obj), int(row_id or 0))
    tx.note("add", known.table, new.id, item(tx, new), None, given(new))
    return new


def change(tx: Txn, obj: D, **values: object) -> D:
    """Stores `obj` with these fields changed and gives the new one back; what is the same already is not written.

    Raises Conflict when somebody changed it after `obj` was read, Refused as `add` does.
    """
    return written(tx, obj, "change", values)


def archive(tx: Txn, obj: A) -> A:
    """Puts a definition away; it keeps its place, its history and its name."""
    return written(tx, obj, "archive", {"archived": True})


def restore(tx: Txn, obj: A) -> A:
    """Brings a definition back that was put away."""
    return written(tx, obj, "restore", {"archived": False})


def written(tx: Txn, obj: D, what: str, values: dict[str, object]) -> D:
    known = shape(type(obj))
    if "id" in values or "rev" in values:
        raise TypeError("id and rev are not for callers to change")
    wanted = replace(obj, **values)  # type: ignore[arg-type]
    names = [name for name in values if getattr(wanted, name) != getattr(obj, name)]
    if not names:
        return obj
    sets = ", ".join(f'"{name}" = ?' for name in names)
    args = [getattr(wanted, name) for name in names]
    try:
        done = tx.execute(
            f"UPDATE {known.table} SET {sets}, rev = rev + 1, txn_id = ? WHERE id = ? AND rev = ?",
            (*args, tx.id, obj.id, obj.rev),
        ).rowcount
    except sqlite3.IntegrityError as error:
        raise refusal(tx, wanted, error) from error
    if not done:
        raise overtaken(tx, obj, names)
    new = digested(tx, type(obj), obj.id)
    tx.note(
        what,
        known.table,
        new.id,
        item(tx, new),
        {name: getattr(obj, name) for name in names},
        {name: getattr(new, name) for name in names},
    )
    return new


def digested(tx: Txn, cls: type[D], id: int) -> D:
    """The row as it is stored now, after it was counted into the transaction's digest."""
    known = shape(cls)
    tx.saw(tx.execute(f"SELECT * FROM {known.table} WHERE id = ?", (id,)).fetchone())
    return made(cls, known, tx.execute(f"{known.select} WHERE id = ?", (id,)).fetchone())


def given(obj: Definition) -> dict[str, object]:
    """The fields that say something: those that are not what they would be without being given."""
    said = {}
    for field in fields(obj):
        value = getattr(obj, field.name)
        if field.name not in ("id", "rev") and (field.default is MISSING or value != field.default):
            said[field.name] = value
    return said


def item(tx: Txn, obj: Definition) -> str:
    """A name for people: the slug, or the text, or what it joins."""

    def slug(id: int | None) -> str:
        row = tx.execute("SELECT slug FROM metric WHERE id IS ?", (id,)).fetchone()
        return str(row[0]) if row else "?"

    match obj:
        case Scope() | Goal() | Metric():
            return obj.slug
        case Kpi() | ReviewFigure():
            return slug(obj.metric_id)
        case Proposal():
            return f"{slug(obj.metric_id)} from {day(obj.start)}"
        case Closing():
            return f"{day(obj.start)} to {day(obj.end - 1)}"
        case Member():
            return obj.account
        case Phase():
            return f"limits of {slug(obj.metric_id)} from {day(obj.start)}"
        case Target():
            row = tx.execute("SELECT metric_id FROM kpi WHERE id = ?", (obj.kpi_id,)).fetchone()
            return f"{slug(row[0] if row else None)} from {day(obj.start)}"
        case Driver():
            return f"{slug(obj.metric_id)} → {slug(obj.feeds_id)}"
        case Override():
            row = tx.execute("SELECT metric_id FROM kpi WHERE id = ?", (obj.kpi_id,)).fetchone()
            return slug(row[0] if row else None)
        case Acceptance():
            return f"{slug(obj.metric_id)} {obj.rule} {day(obj.start)}"
        case Period():
            return f"{obj.grain} {obj.name}"
        case Holiday():
            return f"{day(obj.day)} {obj.name}".rstrip()
        case Playbook():
            if obj.kpi_id is None:
                row = tx.execute("SELECT slug FROM scope WHERE id IS ?", (obj.scope_id,)).fetchone()
                return f"playbook of {row[0] if row else '?'}"
            row = tx.execute("SELECT metric_id FROM kpi WHERE id = ?", (obj.kpi_id,)).fetchone()
            return f"playbook of {slug(row[0] if row else None)}"
        case Waiver():
            return f"waiver of {obj.rule}"
        case Review():
            return f"{obj.rhythm} review {day(obj.start)}"
        case Annotation() | ReviewLine() | Action():
            text = " ".join(obj.text.split())
            return text if len(text) <= ITEM_LENGTH else text[: ITEM_LENGTH - 1] + "…"


def day(epoch: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=epoch)).isoformat()


def overtaken(tx: Txn, obj: Definition, names: list[str]) -> Conflict | NotFound:
    known = shape(type(obj))
    row = tx.execute(f"SELECT txn_id FROM {known.table} WHERE id = ?", (obj.id,)).fetchone()
    if row is None:
        return NotFound(f"There is no {known.noun} with the number {obj.id} in this workspace. NOT saved.")
    now = made(type(obj), known, tx.execute(f"{known.select} WHERE id = ?", (obj.id,)).fetchone())
    who, when = who_and_when(tx, row[0])
    stands = ", ".join(f"{name} is {said(getattr(now, name))}" for name in names).removesuffix(".")
    return Conflict(
        f"{item(tx, now)} was changed meanwhile by {who} at {when}: now {stands} (revision {now.rev}, you saw "
        f"{obj.rev}). NOT saved: look at it and do it again."
    )


def said(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if 0 < len(text) <= ITEM_LENGTH else f"{text[: ITEM_LENGTH - 1]}…" if text else "empty"


def refusal(tx: Txn, obj: Definition, error: Exception) -> Exception:
    """What a broken rule of the tables means for a person; any other error as it is."""
    known, text = shape(type(obj)), str(error)
    if "FOREIGN KEY" in text:
        return Refused(f"{known.noun} {item(tx, obj)} refers to something that is not in this workspace. NOT saved.")
    if "UNIQUE" not in text:
        return error
    if isinstance(obj, Scope | Goal | Metric):
        put_away = tx.execute(f"SELECT archived FROM {known.table} WHERE slug = ?", (obj.slug,)).fetchone()
        way = "restore that one, or choose another name" if put_away and put_away[0] else "choose another name"
        return Refused(f"There is a {known.noun} {obj.slug} already: {way}. NOT saved.")
    return Refused(f"There is a {known.noun} {item(tx, obj)} already: change that one. NOT saved.")
