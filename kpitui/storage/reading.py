"""Definitions for the hot path: one query a table, as `NamedTuple`s with the columns that judging and showing need.

Yes and no are 1 and 0 here. Long texts and the log stay in the file: `definitions.get` has the whole thing.
"""

from __future__ import annotations

from kpitui.domain.named import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from kpitui.domain.model import Unit
    from kpitui.storage.store import Store


class ScopeRow(NamedTuple):
    id: int
    slug: str
    name: str
    kind: str
    parent_id: int | None
    owner: str
    position: float
    kpi_notice: int | None
    kpi_warn: int | None
    kpi_strong: int | None
    archived: int
    rev: int


class GoalRow(NamedTuple):
    id: int
    slug: str
    title: str
    scope_id: int
    parent_id: int | None
    main: int
    metric_id: int | None
    target_kind: str
    baseline: float | None
    target: float | None
    low: float | None
    high: float | None
    start: int | None
    deadline: int | None
    unit: Unit
    currency: str
    owner: str
    weight: float
    position: float
    archived: int
    rev: int


class MetricRow(NamedTuple):
    id: int
    slug: str
    name: str
    unit: Unit
    currency: str
    decimals: int | None
    kind: str
    aggregation: str | None
    cadence: str
    direction: str
    hard_min: float | None
    hard_max: float | None
    good_low: float | None
    good_high: float | None
    watch_band: float | None
    timing: str | None
    nature: str | None
    counter: int
    level: str | None
    influence: int | None
    owner: str
    updater: str
    scope_id: int
    grace_days: int
    numerator_id: int | None
    denominator_id: int | None
    weight_id: int | None
    formula: str
    kept_because: str
    position: float
    days: str
    archived: int
    rev: int


class KpiRow(NamedTuple):
    id: int
    metric_id: int
    scope_id: int
    goal_id: int | None
    state: str
    target_kind: str
    baseline: float | None
    target: float | None
    low: float | None
    high: float | None
    start: int | None
    deadline: int | None
    watch_band: float | None
    trajectory: str
    counter_id: int | None
    owner: str
    review: str
    weight: float
    confidence: int | None
    position: float
    floor: float | None
    stretch: float | None
    window: int
    sustain: int
    tolerance: float | None
    archived: int
    rev: int


class OverrideRow(NamedTuple):
    """A person's verdict on a KPI, in place of the worked out one until a period ends after `seen` with a value."""

    id: int
    kpi_id: int
    status: str
    why: str
    seen: int
    day: int
    who: str


class TargetRow(NamedTuple):
    id: int
    kpi_id: int
    start: int
    value: float | None
    low: float | None
    high: float | None
    why: str
    floor: float | None
    stretch: float | None
    archived: int
    rev: int


class PhaseRow(NamedTuple):
    """From `start` on a metric has limits of its own, made of the values before `locked` where it is given."""

    id: int
    metric_id: int
    start: int
    locked: int | None
    why: str
    who: str
    day: int
    rev: int


class PeriodRow(NamedTuple):
    """A period of the table that the calendar is cut by."""

    id: int
    name: str
    grain: str
    start: int
    end: int


class DriverRow(NamedTuple):
    id: int
    metric_id: int
    feeds_id: int
    position: float
    archived: int
    rev: int


class NoteRow(NamedTuple):
    """An annotation."""

    id: int
    metric_id: int | None
    goal_id: int | None
    day: int
    text: str
    who: str
    archived: int
    rev: int


class ActionRow(NamedTuple):
    id: int
    text: str
    owner: str
    due: int
    state: str
    metric_id: int | None
    goal_id: int | None
    review_id: int | None
    carried: int
    first_due: int | None
    closed: int | None
    archived: int
    rev: int


class ReviewRow(NamedTuple):
    """A review without its minutes."""

    id: int
    rhythm: str
    scope_id: int
    start: int
    end: int
    held: int
    state: str
    leader: str
    people: str
    step: int
    item: int
    started_at: str
    ended_at: str
    rating: int | None
    archived: int
    rev: int


if TYPE_CHECKING:
    R = TypeVar(
        "R", ScopeRow, GoalRow, MetricRow, KpiRow, TargetRow, OverrideRow, PhaseRow, DriverRow, NoteRow, ActionRow,
        ReviewRow, PeriodRow,
    )  # fmt: skip


def read(
    store: Store, cls: type[R], table: str, order: str, archived: bool, where: str = "", args: tuple[object, ...] = ()
) -> list[R]:
    conditions = [part for part in (where, "" if archived else "archived = 0") if part]
    listed = ", ".join(f'"{name}"' for name in cls._fields)
    chosen = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return list(map(cls._make, store.rows(f"SELECT {listed} FROM {table} {chosen} ORDER BY {order}", args)))


def scopes(store: Store, *, archived: bool = False) -> list[ScopeRow]:
    return read(store, ScopeRow, "scope", "position, id", archived)


def goals(store: Store, *, archived: bool = False) -> list[GoalRow]:
    return read(store, GoalRow, "goal", "position, id", archived)


def metrics(store: Store, *, archived: bool = False) -> list[MetricRow]:
    return read(store, MetricRow, "metric", "position, id", archived)


def metric(store: Store, slug: str) -> MetricRow | None:
    """The metric of this slug, archived or not."""
    found = read(store, MetricRow, "metric", "id", True, "slug = ?", (slug,))
    return found[0] if found else None


def metric_numbered(store: Store, metric_id: int) -> MetricRow | None:
    """The metric of this id, archived or not."""
    found = read(store, MetricRow, "metric", "id", True, "id = ?", (metric_id,))
    return found[0] if found else None


def metrics_called(store: Store, name: str) -> list[MetricRow]:
    """The live metrics that people call so, upper case or lower."""
    same = "(lower(name) = lower(?) OR slug = lower(?))"
    return read(store, MetricRow, "metric", "id", False, same, (name, name))


def kpis(store: Store, *, archived: bool = False) -> list[KpiRow]:
    return read(store, KpiRow, "kpi", "position, id", archived)


def targets(store: Store, *, archived: bool = False) -> list[TargetRow]:
    """Dated targets, by KPI and day."""
    return read(store, TargetRow, "target", "kpi_id, start, id", archived)


def overrides(store: Store, until: int) -> list[OverrideRow]:
    """People's verdicts said up to a day, oldest first."""
    return read(store, OverrideRow, "override", "id", False, "day <= ?", (until,))


def phases(store: Store, until: int) -> list[PhaseRow]:
    """The phases of all metrics that were drawn up to a day, in the order they begin."""
    return read(store, PhaseRow, "phase", "metric_id, start, id", False, "day <= ?", (until,))


def periods(store: Store) -> list[PeriodRow]:
    """The table of periods, by grain and day."""
    return read(store, PeriodRow, "period", "grain, start, id", False)


def holidays(store: Store) -> list[int]:
    """The days that are no working days, in order."""
    return [day for (day,) in store.rows("SELECT DISTINCT day FROM holiday WHERE archived = 0 ORDER BY day")]


def drivers(store: Store, *, archived: bool = False) -> list[DriverRow]:
    return read(store, DriverRow, "driver", "position, id", archived)


def notes(
    store: Store, *, metric_id: int | None = None, goal_id: int | None = None, archived: bool = False
) -> list[NoteRow]:
    """Annotations by day; of one metric or one goal when asked."""
    if metric_id is not None:
        return read(store, NoteRow, "annotation", "day, id", archived, "metric_id = ?", (metric_id,))
    if goal_id is not None:
        return read(store, NoteRow, "annotation", "day, id", archived, "goal_id = ?", (goal_id,))
    return read(store, NoteRow, "annotation", "day, id", archived)


def last_note(store: Store, until: int) -> NoteRow | None:
    """The newest annotation of the days up to `until`."""
    listed = ", ".join(f'"{name}"' for name in NoteRow._fields)
    found = store.row(
        f"SELECT {listed} FROM annotation WHERE archived = 0 AND day <= ? ORDER BY day DESC, id DESC LIMIT 1", (until,)
    )
    return None if found is None else NoteRow._make(found)


def actions(store: Store, *, state: str | None = None, archived: bool = False) -> list[ActionRow]:
    """Actions by due day; only those in one state when asked."""
    if state == "open":
        # Spelled out, so that the index of open actions is used.
        return read(store, ActionRow, "action", "due, id", archived, "state = 'open'")
    if state is not None:
        return read(store, ActionRow, "action", "due, id", archived, "state = ?", (state,))
    return read(store, ActionRow, "action", "due, id", archived)


def reviews(store: Store, *, archived: bool = False) -> list[ReviewRow]:
    """Reviews by the day they were held, newest first."""
    return read(store, ReviewRow, "review", "held DESC, id DESC", archived)
