"""The book: the set-up of a workspace as it stands, and its numbers on request, for everything that only reads.

A `Book` is read once per view, inside one snapshot of the store, and thrown away. It loads the definitions (some
milliseconds for hundreds of metrics), keeps the points it was asked for, and answers values at any grain. Everything
in it is light to import: `kpitui tell` goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

from kpitui.domain.aggregate import Cell, default_rule
from kpitui.domain.kpi_limits import Limits, limits
from kpitui.domain.periods import Span, boundaries, last_spans, numbered, short_label, span_of
from kpitui.domain.problem import Problem
from kpitui.domain.series import Measure, Workings
from kpitui.domain.target import Step
from kpitui.services.aims import with_days
from kpitui.services.calendar import calendar_in, workdays_in
from kpitui.storage import points, reading, recent, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kpitui.domain.periods import Calendar
    from kpitui.domain.workdays import Workdays
    from kpitui.storage.reading import DriverRow, GoalRow, KpiRow, MetricRow, OverrideRow, PhaseRow, ScopeRow
    from kpitui.storage.store import Store

DAYS = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "quarter": 365.2425 / 4, "year": 365.2425}
"""Mean length of a period in days."""
Value = tuple[int, int, float]
"""Start, end (epoch days, half-open) and the value entered for them."""


def measure_of(metric: MetricRow, work: Workdays | None) -> Measure:
    """What the arithmetic needs to know of a metric; `work` are the days it is expected on, None for every one."""
    rule = "formula" if metric.formula else metric.aggregation
    return Measure(
        metric.id,
        metric.slug,
        rule or default_rule(metric.kind, metric.weight_id is not None),
        metric.cadence,
        metric.kind,
        metric.numerator_id,
        metric.denominator_id,
        metric.weight_id,
        metric.formula or None,
        metric.direction,
        metric.unit,
        work,
    )


class Book:
    """Definitions and numbers of one workspace as of one day (`today`, an epoch day)."""

    apart = ""
    """What it is of, where what is kept of it lies beside that of today's (`kept_by_metric`)."""

    def __init__(self, store: Store, today: int, *, calendar: Calendar | None = None) -> None:
        """`calendar` in place of the workspace's own, to see what another one would change."""
        self.store = store
        self.today = today
        self.settings: dict[str, str] = settings.load(store)
        self.calendar = calendar or calendar_in(store, self.settings)
        self.currency = self.settings.get("currency", "USD")
        self.watch_band = float(self.settings.get("watch_band", 0.05))
        self.scopes: dict[int, ScopeRow] = {row.id: row for row in reading.scopes(store)}
        self.metrics: dict[int, MetricRow] = {row.id: row for row in reading.metrics(store)}
        self.goals: dict[int, GoalRow] = {row.id: with_days(row) for row in reading.goals(store)}
        self.kpis: dict[int, KpiRow] = {
            row.id: with_days(row)
            for row in reading.kpis(store)
            if row.metric_id in self.metrics and row.state != "retired"
        }
        self.steps: dict[int, list[Step]] = {}
        for row in reading.targets(store):
            step = Step(row.start, row.value, row.low, row.high, row.floor, row.stretch)
            self.steps.setdefault(row.kpi_id, []).append(step)
        self._workdays: Workdays | None = None
        self.measures: dict[int, Measure] = {
            key: measure_of(row, self.workdays if row.days == "working" else None) for key, row in self.metrics.items()
        }
        self.workings = Workings(self.measures, self.points, self.calendar, today)
        self._checked: Workings | None = None
        self._unchecked: dict[int, dict[Span, float]] | None = None
        self._drivers: list[DriverRow] | None = None
        self._overrides: dict[int, OverrideRow] | None = None
        self._phases: dict[int, list[PhaseRow]] | None = None
        self._points: dict[int, tuple[float, Sequence[Value]]] = {}
        self._spans: dict[tuple[str, int], tuple[Span, ...]] = {}
        self._labels: dict[tuple[str, Span], str] = {}
        self.memo: dict[str, Any] = {}
        """What a service found out about the whole book, for when it is asked again."""

    # ---- definitions -----------------------------------------------------------------------------------------------

    @property
    def drivers(self) -> list[DriverRow]:
        """The edges between metrics that are in use."""
        if self._drivers is None:
            self._drivers = [
                row
                for row in reading.drivers(self.store)
                if row.metric_id in self.metrics and row.feeds_id in self.metrics
            ]
        return self._drivers

    @property
    def overrides(self) -> dict[int, OverrideRow]:
        """By KPI, the last verdict that a person gave it."""
        if self._overrides is None:
            self._overrides = {row.kpi_id: row for row in reading.overrides(self.store, self.today)}
        return self._overrides

    @property
    def phases(self) -> dict[int, list[PhaseRow]]:
        """By metric, the phases that its limits were drawn for, in the order they begin."""
        if self._phases is None:
            self._phases = {}
            for row in reading.phases(self.store, self.today):
                self._phases.setdefault(row.metric_id, []).append(row)
        return self._phases

    @property
    def workdays(self) -> Workdays:
        """The working days of the workspace."""
        if self._workdays is None:
            self._workdays = workdays_in(self.store, self.settings)
        return self._workdays

    def days_of(self, metric_id: int) -> Workdays | None:
        """The days a metric is expected on; None for every one."""
        return self.workings.days(metric_id)

    def pace_days(self, metric: MetricRow) -> Workdays | None:
        """The working days that the pace of a metric goes by: of what adds up, where it is expected on no others or the
        workspace says so."""
        if metric.kind != "flow":
            return None
        return self.workdays if self.settings.get("pace_by") == "working_days" else self.days_of(metric.id)

    @property
    def main_goal(self) -> GoalRow | None:
        """The main goal whose time `today` lies in; else the next one; else the latest."""
        mains = [goal for goal in self.goals.values() if goal.main]
        coming = sorted((g for g in mains if g.deadline is None or g.deadline >= self.today), key=_deadline)
        running = [goal for goal in coming if goal.start is None or goal.start <= self.today]
        return next(iter(running or coming or sorted(mains, key=_deadline, reverse=True)), None)

    @property
    def root(self) -> ScopeRow | None:
        """The scope without a parent."""
        return next((scope for scope in self.scopes.values() if scope.parent_id is None), None)

    def beneath(self, scope_id: int) -> set[int]:
        """The scope and all below it."""
        found = {scope_id}
        grown = True
        while grown:
            more = {scope.id for scope in self.scopes.values() if scope.parent_id in found} - found
            found |= more
            grown = bool(more)
        return found

    def limits_of(self, scope_id: int | None) -> Limits:
        """KPIs above which a scope has many; None and what is no scope take the workspace's."""
        usual = Limits()._asdict()
        standard = Limits(*(int(self.settings.get(f"kpi_{name}") or usual[name]) for name in usual))
        scope = self.scopes.get(scope_id or 0)
        return limits((scope.kpi_notice, scope.kpi_warn, scope.kpi_strong), standard) if scope else standard

    def currency_of(self, row: MetricRow | GoalRow) -> str:
        return row.currency or self.currency

    def kpis_of(self, scope_id: int | None = None) -> list[KpiRow]:
        """KPIs of a scope, or of all, in their own order."""
        return [kpi for kpi in self.kpis.values() if scope_id is None or kpi.scope_id == scope_id]

    def roles_of(self, metric_id: int) -> list[KpiRow]:
        return [kpi for kpi in self.kpis.values() if kpi.metric_id == metric_id]

    def feeds(self, metric_id: int) -> list[int]:
        """The metrics that this one feeds."""
        return [edge.feeds_id for edge in self.drivers if edge.metric_id == metric_id]

    def drivers_of(self, metric_id: int) -> list[int]:
        """The metrics that feed this one."""
        return [edge.metric_id for edge in self.drivers if edge.feeds_id == metric_id]

    def derived(self, metric: MetricRow) -> bool:
        """Whether the metric is worked out from others and never entered."""
        return bool(metric.formula or (metric.numerator_id and metric.denominator_id))

    def named(self, slug: str) -> MetricRow | None:
        measure = self.workings.named(slug)
        return None if measure is None else self.metrics[measure.id]

    # ---- numbers ---------------------------------------------------------------------------------------------------

    def needs(self, metric_ids: Iterable[int]) -> set[int]:
        """The metrics whose points are needed to work out these: themselves, and what derived ones are made of."""
        found: set[int] = set()
        waiting = list(metric_ids)
        while waiting:
            key = waiting.pop()
            if key in found or key not in self.metrics:
                continue
            found.add(key)
            row = self.metrics[key]
            waiting += [part for part in (row.numerator_id, row.denominator_id, row.weight_id) if part]
            if row.formula:
                waiting += [measure.id for name in names_in(row.formula) if (measure := self.workings.named(name))]
        return found

    def prefetch(self, metric_ids: Iterable[int], start: int) -> None:
        """Read the points of these metrics, and of what they are made of, from `start` to today in one go."""
        starts: dict[str, int] = {}
        wanted: list[tuple[int, int]] = []
        for key in self.needs(metric_ids):
            row = self.metrics[key]
            if self.derived(row):
                continue
            begin = starts.get(row.cadence)
            if begin is None:
                begin = starts[row.cadence] = span_of(row.cadence, start, self.calendar).start
            if self._points.get(key, _NOTHING)[0] > begin:
                wanted.append((key, begin))
        for key, begin, found in points.sharing_days(self.store, wanted, self.today + 1):
            self._points[key] = (begin, found)

    def points(self, metric_id: int, start: int, end: int) -> Sequence[Value]:
        """The points of a metric that share a day with `[start, end)`, oldest first; none that begin after today."""
        begin, found = self._points.get(metric_id, _NOTHING)
        if begin > start:
            # Of what is looked at already only the part before it is read.
            until = int(min(begin, self.today + 1))
            older = next(points.sharing_days(self.store, [(metric_id, start)], until))[2]
            begin, found = start, [*older, *points.begun_from(found, until)]
            self._points[metric_id] = (begin, found)
        return found if begin == start and end > self.today else points.within(found, start, end)

    def forget(self, metric_id: int) -> None:
        """Let the points of a metric go, and what was worked out of them for nobody else."""
        self._points.pop(metric_id, None)
        self.workings.forget(metric_id)

    def cells(self, metric_id: int, grain: str, spans: Sequence[Span]) -> list[Cell]:
        """The values of a metric in these periods, as known at the end of `today`.

        A definition that cannot be worked out (a circle of formulas) gives unknown values that say why.
        """
        try:
            return self.workings.series(self.measures[metric_id], grain, spans)
        except Problem as problem:
            return [Cell(span, None, 0, 0, str(problem), whole=False) for span in spans]

    @property
    def unchecked(self) -> dict[int, dict[Span, float]]:
        """The values marked `?` that nobody has accepted, by metric and period, newest first."""
        if self._unchecked is None:
            self._unchecked = {}
            for metric_id, start, end, value in recent.unchecked(self.store):
                if metric_id in self.metrics and start <= self.today:
                    self._unchecked.setdefault(metric_id, {})[Span(start, end)] = value
        return self._unchecked

    def doubts(self, metric_id: int, start: int) -> list[tuple[int, Span]]:
        """The unchecked values from `start` on that a metric, or what it is worked out from, rests on."""
        if not self.unchecked:
            return []
        return [
            (key, span)
            for key in self.needs([metric_id]) & self.unchecked.keys()
            for span in self.unchecked[key]
            if span.end > start
        ]

    def checked_cells(self, metric_id: int, grain: str, spans: Sequence[Span]) -> list[Cell]:
        """As `cells`, without the values that wait to be checked: what a verdict may rest on."""
        try:
            return self.checked_workings.series(self.measures[metric_id], grain, spans)
        except Problem as problem:
            return [Cell(span, None, 0, 0, str(problem), whole=False) for span in spans]

    @property
    def checked_workings(self) -> Workings:
        """The workings without the values that wait to be checked."""
        if self._checked is None:
            self._checked = Workings(self.measures, self._checked_points, self.calendar, self.today)
        return self._checked

    def _checked_points(self, metric_id: int, start: int, end: int) -> Sequence[Value]:
        found, without = self.points(metric_id, start, end), self.unchecked.get(metric_id)
        return [row for row in found if Span(row[0], row[1]) not in without] if without else found

    def spans_since(self, grain: str, number: int) -> tuple[Span, ...]:
        """The periods from the one with this running number (`periods.boundaries`) to the one that holds today."""
        spans = self._spans.get((grain, number))
        if spans is None:
            last = boundaries(grain, self.today, self.calendar)
            spans = tuple(numbered(grain, place, self.calendar) for place in range(number, last + 1))
            self._spans[grain, number] = spans
        return spans

    def number_before(self, metric_id: int, grain: str, count: int, number: int | None = None) -> int:
        """The running number of the period that is `count` before this one (before that of today), of those in which a
        value of the metric is expected."""
        number = boundaries(grain, self.today, self.calendar) if number is None else number
        work = self.days_of(metric_id) if grain == "day" else None
        return number - count if work is None else work.back(number + 1, count + 1)

    def spans_of(self, metric_id: int, grain: str, number: int, *, extra: bool = True) -> tuple[Span, ...]:
        """As `spans_since`, without the periods in which no value of the metric was expected and none stands: they are
        no gaps, and nothing is worked out across them. Without `extra`, none that a value was not expected in."""
        work = self.days_of(metric_id)
        if work is None:
            return self.spans_since(grain, number)
        if not extra:
            return tuple(span for span in self.spans_since(grain, number) if work.between(*span))
        from kpitui.services.kept_by_metric import kept

        # Which days have a value takes its points to tell: they are not read again for it while nothing was written.
        mine = kept(self, "expected").setdefault(metric_id, {})
        key = grain, number, self.calendar, self.measures[metric_id]
        if key not in mine:
            mine[key] = tuple(
                cell.span
                for cell in self.cells(metric_id, grain, self.spans_since(grain, number))
                if work.between(*cell.span) or cell.value is not None or cell.present
            )
        found: tuple[Span, ...] = mine[key]
        return found

    def of_process(self, metric_id: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """What limits and usual bands are made of: not of values that came in where none was expected, as a Saturday
        says nothing of what the days of a working week bring."""
        work = self.days_of(metric_id)
        return cells if work is None else [cell for cell in cells if work.between(*cell.span)]

    def last_spans_of(self, metric_id: int, grain: str, count: int, day: int) -> Sequence[Span]:
        """The `count` periods that end with the one that holds a day, as `spans_of` has them."""
        if self.days_of(metric_id) is None:
            return last_spans(grain, day, count, self.calendar)
        first = self.number_before(metric_id, grain, count - 1, boundaries(grain, day, self.calendar))
        return [span for span in self.spans_of(metric_id, grain, first) if span.start <= day][-count:]

    def last_cells(self, metric_id: int, count: int, grain: str | None = None) -> list[Cell]:
        """The last `count` periods of the metric's cadence (or `grain`), the one that holds today included."""
        grain = grain or self.metrics[metric_id].cadence
        first = self.number_before(metric_id, grain, count - 1)
        return self.cells(metric_id, grain, self.spans_of(metric_id, grain, first))

    def period_label(self, grain: str, span: Span) -> str:
        text = self._labels.get((grain, span))
        if text is None:
            text = self._labels[grain, span] = short_label(grain, span, self.calendar, self.today)
        return text

    def current(self, grain: str) -> Span:
        return span_of(grain, self.today, self.calendar)


def book_of(store: Store, today: int) -> Book:
    """The book as of a day, the same one as last time while nothing in the workspace has changed."""
    key = (store.path, store.version(), today)
    kept = store.kept.get("book")
    if kept is None or kept[0] != key:
        kept = store.kept["book"] = (key, Book(store, today))
    book: Book = kept[1]
    return book


_NOTHING: tuple[float, Sequence[Value]] = (inf, ())


def _deadline(goal: GoalRow) -> float:
    return inf if goal.deadline is None else goal.deadline


def names_in(formula: str) -> Sequence[str]:
    """The metrics a formula names; none when it cannot be read."""
    from kpitui.domain.formula import parse

    try:
        return tuple(parse(formula).names)
    except Problem:
        return ()
