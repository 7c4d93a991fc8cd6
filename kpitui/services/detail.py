"""One metric, KPI or goal in full: values with who and when, targets over time, comparisons, limits, what it feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain import bands, target
from kpitui.domain.aggregate import Cell
from kpitui.domain.compare import Comparison, comparisons
from kpitui.domain.periods import Calendar, Span, label
from kpitui.domain.signals import Hit, Limits, labels
from kpitui.domain.usual import usual
from kpitui.errors import NotFound
from kpitui.services import locking
from kpitui.services.book import Book
from kpitui.services.corrections import Correction as Correction
from kpitui.services.corrections import corrections_of
from kpitui.services.forecasting import Foreseen, foreseen_of
from kpitui.services.goal_standing import GoalView, goal_view
from kpitui.services.hierarchy import how_derived
from kpitui.services.judging import Row, judge_rows, kpi_row, metric_row
from kpitui.services.kpi_life import Spell, life
from kpitui.services.phases import Charted, charted, drawn_at

if TYPE_CHECKING:
    from kpitui.domain.model import Metric
    from kpitui.domain.signal_phases import Phase
    from kpitui.domain.target import Aim
    from kpitui.services.actions import Task
    from kpitui.services.leading import Leading
    from kpitui.services.redrawing import Seen
    from kpitui.services.signals import Chart
    from kpitui.services.why import Why
    from kpitui.storage.reading import GoalRow, KpiRow, MetricRow, NoteRow
    from kpitui.storage.reading import PhaseRow as PhaseRow
    from kpitui.storage.reading import TargetRow as TargetRow
    from kpitui.storage.store import Store


class Value(NamedTuple):
    """One period of the series, with the point behind it where there is one of just that period."""

    cell: Cell
    label: str
    full: str
    change: float | None
    """Against the period before; None where either is unknown."""
    who: str
    day: int | None
    """When it was last written."""
    note: str
    rev: int
    odd: bool
    state: str
    """value, none, cleared, or empty where nothing of just that period was entered."""
    signal: str
    """The rule of process behaviour the value takes part in, or empty."""
    target: float | None
    """The bound in force on the period's last day."""
    floor: float | None = None
    """Of the band in force then."""
    stretch: float | None = None
    band: str = ""
    """below_floor, floor or stretch, where the value lies there."""


class Detail(NamedTuple):
    """Everything the detail screen and `kpitui show` say of a metric, in its role as a KPI where it has one."""

    row: Row
    metric: MetricRow
    definition: Metric
    calendar: Calendar
    as_of: int
    grain: str
    values: tuple[Value, ...]
    """Oldest first."""
    compare: dict[str, Comparison]
    limits: Limits | None
    usual: tuple[float, float] | None
    targets: tuple[TargetRow, ...]
    goal: GoalView | None
    notes: tuple[NoteRow, ...]
    """Newest first."""
    actions: tuple[Task, ...]
    corrections: tuple[Correction, ...]
    """Newest first."""
    feeds: tuple[Row, ...]
    drivers: tuple[Row, ...]
    counter: Row | None
    tolerance: float | None
    """How much worse that may get; see `Kpi.tolerance`."""
    made_of: tuple[Row, ...]
    """The metrics a derived one is worked out from."""
    roles: tuple[tuple[str, str], ...]
    """Scope and state of every KPI role of the metric."""
    derived: str
    """How a derived metric is worked out; empty for one that is entered."""
    ahead: Foreseen
    """Where it is heading, at the grain of the values."""
    phases: tuple[Phase, ...] = ()
    """The phases of the values, by their places among them; one where nobody drew any."""
    proposed: Hit | None = None
    """A run that may be a new phase, at its first value."""
    drawn: tuple[PhaseRow, ...] = ()
    """The phases as people drew them and reviews locked them, oldest first."""
    limits_seen: Seen = ()
    """What tells its limits from those that somebody else draws or locks meanwhile."""
    standing: str = ""
    """Whether the limits are locked, and if not until when they move."""
    life: tuple[Spell, ...] = ()
    """Its times as a KPI, the newest first."""
    moved: Why | None = None
    """Its last change taken apart, when that was asked for."""
    leads: Leading | None = None
    """What it has moved before and what before it, when that was asked for."""
    chart: Chart | str | None = None
    """Its limits in full, when that was asked for; a sentence where they cannot be worked out."""

    @property
    def numbers(self) -> list[float | None]:
        """The series as values of whole periods."""
        return [value.cell.value for value in self.values]


class GoalDetail(NamedTuple):
    """A goal with the KPIs tied to it."""

    view: GoalView
    kpis: tuple[Row, ...]
    goals: tuple[GoalView, ...]
    notes: tuple[NoteRow, ...]
    calendar: Calendar
    as_of: int
    owner: str


def detail(store: Store, today: int, item: str, *, grain: str | None = None, last: int = 26) -> Detail:
    """A metric by its slug, or `slug@scope` for its role as a KPI in that scope; values at `grain`, `last` periods.

    Without a scope the role in the root scope counts, else the first. Raises NotFound with the nearest names.
    """
    with store.snapshot():
        book = Book(store, today)
        metric, kpi = metric_named(book, item)
        return detail_of(book, metric, kpi, grain=grain, last=last)


def metric_named(book: Book, item: str) -> tuple[MetricRow, KpiRow | None]:
    slug, _, scope = item.partition("@")
    metric = book.named(slug)
    if metric is None:
        raise NotFound(_measured(book, slug) or unknown(book, slug))
    roles = book.roles_of(metric.id)
    if scope:
        found = [role for role in roles if role.scope_id in book.scopes and book.scopes[role.scope_id].slug == scope]
        if not found:
            where = ", ".join(book.scopes[role.scope_id].slug for role in roles if role.scope_id in book.scopes)
            known = f"it is one in: {where}" if where else "it is no KPI anywhere"
            raise NotFound(f"{metric.name} is no KPI in the scope '{scope}'; {known}.")
        return metric, found[0]
    root = book.root
    own = [role for role in roles if root is not None and role.scope_id == root.id]
    return metric, next(iter(own or roles), None)


def _measured(book: Book, slug: str) -> str:
    """What to name in the place of a goal, where only a metric or KPI can be meant."""
    from kpitui.domain.quoting import quote

    goal = goal_named(book, slug)
    if goal is None:
        return ""
    metric = book.metrics.get(goal.metric_id or 0)
    what = f"name its metric, {metric.slug}." if metric else "no metric says how far it is, M in the tree ties one."
    return f"“{quote(slug)}” is a goal: {what}"


def unknown(book: Book, slug: str) -> str:
    """The sentence for a name that does not exist, with those that look like it."""
    from difflib import get_close_matches

    from kpitui.domain.quoting import quote

    known = [*(row.slug for row in book.metrics.values()), *(row.slug for row in book.goals.values())]
    near = get_close_matches(slug, known, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "kpitui status lists them all."
    return f"There is no metric, KPI or goal “{quote(slug)}”; {hint}"


def detail_of(book: Book, metric: MetricRow, kpi: KpiRow | None, *, grain: str | None, last: int) -> Detail:
    from kpitui.domain.model import Metric
    from kpitui.services import actions
    from kpitui.services.redrawing import limits_seen
    from kpitui.storage import definitions, reading

    row = kpi_row(book, kpi) if kpi else metric_row(book, metric)
    used = grain or metric.cadence
    values, chart = values_of(book, metric, kpi, used, last)
    measure = book.measures[metric.id]
    compared: dict[str, Comparison] = {}
    reported = row.period if used == metric.cadence else None
    if reported is None:
        reported = next((value.cell.span for value in reversed(values) if value.cell.value is not None), None)
    if reported is not None:
        compared = comparisons(
            lambda g, spans: book.cells(metric.id, g, spans),
            used, reported, book.calendar, book.today, metric.unit, measure.additive, book.days_of(metric.id),
        )  # fmt: skip
    process = book.of_process(metric.id, [value.cell for value in values])
    whole = [cell.value if cell.whole else None for cell in process]
    goal = book.goals.get(kpi.goal_id or 0) if kpi else None
    feeds = [book.metrics[key] for key in book.feeds(metric.id)]
    drivers = [book.metrics[key] for key in book.drivers_of(metric.id)]
    parts = [book.metrics[key] for key in sorted(book.needs([metric.id])) if key != metric.id]
    counter = book.metrics.get(kpi.counter_id or 0) if kpi else None
    goals_tied = {one.id for one in book.goals.values() if one.metric_id == metric.id}
    return Detail(
        row=row,
        metric=metric,
        definition=definitions.get(book.store, Metric, metric.id),
        calendar=book.calendar,
        as_of=book.today,
        grain=used,
        values=values,
        compare=compared,
        limits=chart.limits,
        phases=chart.phases,
        proposed=chart.proposed,
        drawn=tuple(drawn_at(book, metric, used)),
        limits_seen=limits_seen(book, metric.id),
        standing=locking.standing(book, metric) if used == metric.cadence else "",
        usual=usual(whole, floor=metric.hard_min, ceiling=metric.hard_max),
        targets=tuple(one for one in reading.targets(book.store) if kpi and one.kpi_id == kpi.id),
        goal=goal_view(book, goal) if goal else None,
        notes=notes_of(book, metric.id, goals_tied),
        actions=tuple(
            task
            for task in actions.tasks(book.store, book.today)
            if task.metric_id == metric.id and task.state == "open"
        ),
        corrections=corrections_of(book, metric),
        feeds=rows_of(book, feeds),
        drivers=rows_of(book, drivers),
        counter=rows_of(book, [counter])[0] if counter else None,
        tolerance=kpi.tolerance if kpi else None,
        made_of=rows_of(book, parts),
        life=life(book, metric.id),
        roles=tuple(
            (book.scopes[role.scope_id].slug if role.scope_id in book.scopes else "?", role.state)
            for role in book.roles_of(metric.id)
        ),
        derived=how_derived(book, metric),
        ahead=foreseen_of(book, metric, row, grain=used),
    )


def notes_of(book: Book, metric_id: int, goals: set[int]) -> tuple[NoteRow, ...]:
    """Notes on the metric and on the goals it measures, newest first, none of the future."""
    from kpitui.storage import reading

    found = [
        note
        for note in reading.notes(book.store)
        if (note.metric_id == metric_id or note.goal_id in goals) and note.day <= book.today
    ]
    return tuple(reversed(found))


def rows_of(book: Book, metrics: Sequence[MetricRow]) -> tuple[Row, ...]:
    """Each metric's row: as the KPI it is, or by its own thresholds."""
    out: list[Row] = []
    for metric in metrics:
        roles = [role for role in book.roles_of(metric.id) if role.state == "live"] or book.roles_of(metric.id)
        kpis, plain = judge_rows(book, roles[:1], [] if roles else [metric])
        out += [*kpis, *plain]
    return tuple(out)


def values_of(
    book: Book, metric: MetricRow, kpi: KpiRow | None, grain: str, last: int
) -> tuple[tuple[Value, ...], Charted]:
    """The last periods with who entered them, and their limits; nothing is said of who where several points make one
    period."""
    from kpitui.services.aims import aim_of, thresholds_of
    from kpitui.services.log_words import Teller
    from kpitui.storage import changes, points

    spans = book.last_spans_of(metric.id, grain, last, book.today)
    newest = newest_value(book, metric)
    if newest is not None and newest < spans[0].start:
        # Nothing in all that time: the last periods that there were, under their own labels, say more than blanks.
        spans = book.last_spans_of(metric.id, grain, last, newest)
    cells = book.cells(metric.id, grain, spans)
    found = {
        (point.start, point.end): point
        for point in points.overlapping(book.store, metric.id, spans[0].start, spans[-1].end)
    }
    shown = set(spans)
    wanted = {point.txn_id for point in found.values() if Span(point.start, point.end) in shown}
    writers = changes.writers(book.store, wanted)
    teller = Teller(book.store, book.today)
    watch = float(book.settings.get("watch_band", 0.05))
    aim = aim_of(kpi, metric, watch) if kpi else thresholds_of(metric, watch)
    steps = book.steps.get(kpi.id, ()) if kpi else ()
    facts = book.checked_cells(metric.id, grain, spans) if book.doubts(metric.id, spans[0].start) else cells
    numbers = [cell.value if cell.whole else None for cell in facts]
    chart = charted(book, metric, grain, spans, numbers)
    signals = labels(len(numbers), chart.hits)
    out: list[Value] = []
    before: float | None = None
    for cell, signal in zip(cells, signals, strict=True):
        point = found.get((cell.span.start, cell.span.end))
        who, at = writers.get(point.txn_id, ("", "")) if point else ("", "")
        value = cell.value
        change = None if value is None or before is None else value - before
        before = value
        bound = target.in_force(aim, steps, cell.span.end - 1) if kpi is not None else aim
        out.append(
            Value(
                cell,
                book.period_label(grain, cell.span),
                label(grain, cell.span, book.calendar),
                change,
                who,
                teller.when(at)[0] if at else None,
                (point.note or "") if point else "",
                point.rev if point else 0,
                bool(point and point.odd),
                points.STATES[point.state] if point else "",
                signal or "",
                bound.value if bound.value is not None else (bound.low if bound.low is not None else bound.high),
                bound.floor,
                bound.stretch,
                _band(bound, value),
            )
        )
    return tuple(out), chart


def _band(aim: Aim, value: float | None) -> str:
    """Where the value of a period lies in the band of its target; a total is judged as a whole."""
    if aim.kind == "reach" or (aim.floor is None and aim.stretch is None):
        return ""
    met = target.meets(aim, value)
    return bands.place(aim, target.way(aim), value, met=met, over=False, begin=aim.baseline, show=str).word


def newest_value(book: Book, metric: MetricRow) -> int | None:
    """The day on which the newest value up to today begins, of the metric or of what it is worked out from."""
    from kpitui.storage import points

    days = [points.last_start(book.store, key, book.today) for key in book.needs([metric.id])]
    return max((day for day in days if day is not None), default=None)


def goal_named(book: Book, slug: str) -> GoalRow | None:
    return next((goal for goal in book.goals.values() if goal.slug == slug), None)


def goal_detail(store: Store, today: int, slug: str) -> GoalDetail:
    """A goal by its slug. Raises NotFound."""
    with store.snapshot():
        book = Book(store, today)
        goal = goal_named(book, slug)
        if goal is None:
            raise NotFound(unknown(book, slug))
        from kpitui.storage import reading

        kpis, _ = judge_rows(book, [kpi for kpi in book.kpis.values() if kpi.goal_id == goal.id], [])
        notes = tuple(note for note in reversed(reading.notes(store, goal_id=goal.id)) if note.day <= today)
        children = tuple(goal_view(book, one) for one in book.goals.values() if one.parent_id == goal.id)
        return GoalDetail(goal_view(book, goal), tuple(kpis), children, notes, book.calendar, today, goal.owner)


def is_goal(store: Store, slug: str) -> bool:
    """Whether the name is a goal's and no metric's."""
    from kpitui.storage import names

    return not names.stands(store, "metric", slug.partition("@")[0]) and names.stands(store, "goal", slug)


def neighbours(store: Store, today: int) -> tuple[str, ...]:
    """The slugs of all metrics in the order of Home: KPIs first, then the others, by their own order."""
    with store.snapshot():
        book = Book(store, today)
        roles = [book.metrics[kpi.metric_id].slug for kpi in book.kpis.values()]
        return tuple(dict.fromkeys([*roles, *(metric.slug for metric in book.metrics.values())]))
