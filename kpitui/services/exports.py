"""What is in a workspace as plain tables, for CSV and JSON: points, definitions, and the log apart.

Names instead of numbers of rows, ISO dates, fractions for percent. The rows are read while they are asked for, so a
table is gone through inside `store.snapshot()`. Points read back by `services/imports.py` are the same points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.model import Action, Goal, Kpi, Metric, Review, Scope
from kpitui.domain.periods import Span, grain_of, iso, label
from kpitui.errors import NotFound
from kpitui.services.calendar import calendar_in
from kpitui.storage import definitions, points, reading
from kpitui.text import cut

if TYPE_CHECKING:
    from kpitui.storage.store import Store

Cell = str | float | int | bool | None
FIRST, LAST = -(10**6), 3 * 10**6
"""Days before and after every date there is."""

POINTS = ("metric", "period", "start", "end", "value", "entered", "note", "state", "odd")
CLASSES: dict[str, type[Any]] = {"metrics": Metric, "goals": Goal, "kpis": Kpi, "actions": Action, "reviews": Review}
TABLES = ("points", *CLASSES)
LEFT_OUT = {"id", "rev", "archived", "position", "counter", "item", "seconds"}
DAYS = {"start", "deadline", "due", "first_due", "closed", "held", "end"}
REFERS: dict[str, type[Any]] = {
    **dict.fromkeys(("metric_id", "numerator_id", "denominator_id", "weight_id", "counter_id"), Metric),
    "scope_id": Scope,
    "goal_id": Goal,
    "parent_id": Goal,
}


class Sheet(NamedTuple):
    """A table: names of columns, and rows of values."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]


def sheet(
    store: Store,
    what: str,
    metrics: Sequence[str] = (),
    start: int | None = None,
    end: int | None = None,
) -> Sheet:
    """The table `what` of `TABLES`. Of points those of these metrics (default: all), and of periods that begin in
    `[start, end)` (epoch days). Raises NotFound for a slug that is no metric."""
    if what == "points":
        return Sheet(POINTS, _points(store, metrics, FIRST if start is None else start, LAST if end is None else end))
    cls = CLASSES[what]
    names = [field.name for field in fields(cls) if field.name not in LEFT_OUT]
    if what in ("actions", "reviews"):
        names.insert(0, "id")
    slugs = {
        kind: {one.id: one.slug for one in definitions.all_of(store, kind, archived=True)} for kind in _kinds(names)
    }
    readers = [_reader(name, slugs) for name in names]
    rows = (tuple(read(one) for read in readers) for one in definitions.all_of(store, cls))
    return Sheet(tuple(name.removesuffix("_id") for name in names), rows)


def number(value: float | None) -> float | int | None:
    """The value as it is written: whole numbers without a point."""
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value


def _points(store: Store, slugs: Sequence[str], start: int, end: int) -> Iterator[tuple[Cell, ...]]:
    cal = calendar_in(store)
    every = reading.metrics(store, archived=True)
    known = {metric.slug: metric for metric in every}
    for slug in slugs:
        if slug not in known:
            raise NotFound(f"There is no metric “{cut(slug, 40)}” in this workspace.")
    chosen = [known[slug] for slug in dict.fromkeys(slugs)] or [metric for metric in every if not metric.archived]
    labels: dict[Span, tuple[str, str, str]] = {}
    for metric in chosen:
        for row in points.between(store, metric.id, start, end):
            span = Span(row.start, row.end)
            when = labels.get(span)
            if when is None:
                grain = grain_of(span, cal)
                when = labels[span] = (label(grain, span, cal) if grain else "", iso(span.start), iso(span.end))
            state = points.STATES[row.state]
            yield metric.slug, *when, number(row.value), row.entered, row.note, state, bool(row.odd)


def _kinds(names: Sequence[str]) -> set[type[Any]]:
    return {REFERS[name] for name in names if name in REFERS}


def _reader(name: str, slugs: dict[type[Any], dict[int, str]]) -> Callable[[Any], Cell]:
    """What a column shows of a definition."""

    def read(one: Any) -> Cell:
        value = getattr(one, name)
        if value is None or isinstance(value, bool):
            return value
        if name in REFERS:
            return slugs[REFERS[name]].get(value)
        if name in DAYS:
            return iso(value)
        return number(value) if isinstance(value, float) else value

    return read
