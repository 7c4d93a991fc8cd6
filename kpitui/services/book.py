"""The book: the set-up of a workspace as it stands, and its numbers on request, for everything that only reads.

A `Book` is read once per view, inside one snapshot of the store, and thrown away. It loads the definitions (some
milliseconds for hundreds of metrics), keeps the points it was asked for, and answers values at any grain. Everything
in it is light to import: `kpitui tell` goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kpitui.domain.aggregate import Cell, Point, default_rule
from kpitui.domain.periods import Calendar, Span, last_spans, short_label, span_of
from kpitui.domain.series import Measure, series
from kpitui.domain.target import Step
from kpitui.storage import points, reading, settings

if TYPE_CHECKING:
    from kpitui.storage.reading import DriverRow, GoalRow, KpiRow, MetricRow, ScopeRow
    from kpitui.storage.store import Store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "quarter": 365.2425 / 4, "year": 365.2425}
"""Mean length of a period in days."""


def calendar_of(values: dict[str, str]) -> Calendar:
    """The workspace's calendar from its settings."""
    return Calendar(
        week_start=WEEKDAYS.index(values.get("week_start", "monday")),
        week_min_days=int(values.get("week_min_days", 4)),
        fiscal_month=int(values.get("fiscal_year_start", 1)),
        fiscal_name=values.get("fiscal_year_name", "last"),
    )


def measure_of(metric: MetricRow) -> Measure:
    """What the arithmetic needs to know of a metric."""
    if metric.formula:
        rule = "formula"
    elif metric.aggregation:
        rule = metric.aggregation
    else:
        rule = default_rule(metric.kind, metric.weight_id is not None)
    formula = None
    if metric.formula:
        from kpitui.domain.formula import parse

        formula = parse(metric.formula)
    return Measure(
        id=metric.id,
        slug=metric.slug,
        rule=rule,
        cadence=metric.cadence,
        kind=metric.kind,
        numerator=metric.numerator_id,
        denominator=metric.denominator_id,
        weight=metric.weight_id,
        formula=formula,
        direction=metric.direction,
        unit=metric.unit,
    )


class Book:
    """Definitions and numbers of one workspace as of one day (`today`, an epoch day)."""

    def __init__(self, store: Store, today: int) -> None:
        self.store = store
        self.today = today
        self.settings: dict[str, str] = settings.load(store)
        self.calendar = calendar_of(self.settings)
        self.currency = self.settings.get("currency", "USD")
        self.scopes: dict[int, ScopeRow] = {row.id: row for row in reading.scopes(store)}
        self.metrics: dict[int, MetricRow] = {row.id: row for row in reading.metrics(store)}
        self.goals: dict[int, GoalRow] = {row.id: row for row in reading.goals(store)}
        self.kpis: dict[int, KpiRow] = {
            row.id: row for row in reading.kpis(store) if row.metric_id in self.metrics and row.state != "retired"
        }
        self.drivers: list[DriverRow] = [
            row for row in reading.drivers(store) if row.metric_id in self.metrics and row.feeds_id in self.metrics
        ]
        self.steps: dict[int, list[Step]] = {}
        for row in reading.targets(store):
            self.steps.setdefault(row.kpi_id, []).append(Step(row.start, row.value, row.low, row.high))
        self._measures: dict[int, Measure] | None = None
        self._points: dict[int, tuple[int, int, Sequence[Point]]] = {}

    # ---- definitions -----------------------------------------------------------------------------------------------

    @property
    def measures(self) -> dict[int, Measure]:
        if self._measures is None:
            self._measures = {key: measure_of(row) for key, row in self.metrics.items()}
        return self._measures

    @property
    def main_goal(self) -> GoalRow | None:
        """The main goal of the year that `today` lies in; else the next one; else the latest."""
        mains = [goal for goal in self.goals.values() if goal.main]
        if not mains:
            return None
        running = [g for g in mains if (g.start is None or g.start <= self.today) and (g.deadline or 0) >= self.today]
        coming = sorted((g for g in mains if (g.deadline or 0) >= self.today), key=lambda g: g.deadline or 0)
        return (running or coming or sorted(mains, key=lambda g: -(g.deadline or 0)))[0]

    @property
    def root(self) -> ScopeRow | None:
        """The scope without a parent."""
        return next((scope for scope in self.scopes.values() if scope.parent_id is None), None)

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
        return next((metric for metric in self.metrics.values() if metric.slug == slug), None)

    # ---- numbers ---------------------------------------------------------------------------------------------------

    def needs(self, metric_ids: Iterable[int]) -> set[int]:
        """The metrics whose points are needed to work out these: themselves, and what derived ones are made of."""
        found: set[int] = set()
        waiting = list(metric_ids)
        slugs: dict[str, int] | None = None
        while waiting:
            key = waiting.pop()
            if key in found or key not in self.metrics:
                continue
            found.add(key)
            row = self.metrics[key]
            waiting += [part for part in (row.numerator_id, row.denominator_id, row.weight_id) if part]
            if row.formula:
                slugs = slugs or {metric.slug: metric.id for metric in self.metrics.values()}
                formula = self.measures[key].formula
                waiting += [slugs[name] for name in getattr(formula, "names", ()) if name in slugs]
        return found

    def prefetch(self, metric_ids: Iterable[int], start: int, end: int) -> None:
        """Read the points of many metrics between two days in one query."""
        wanted = [
            key
            for key in self.needs(metric_ids)
            if key not in self._points or self._points[key][0] > start or self._points[key][1] < end
        ]
        if wanted:
            for key, found in points.many_between(self.store, wanted, start, end).items():
                self._points[key] = (start, end, found)

    def points(self, metric_id: int, start: int, end: int) -> Sequence[Point]:
        """The points of a metric that touch `[start, end)`, oldest first."""
        have = self._points.get(metric_id)
        if have is None or have[0] > start or have[1] < end:
            self.prefetch([metric_id], start, end)
            have = self._points.get(metric_id, (start, end, ()))
        return have[2]

    def cells(self, metric_id: int, grain: str, spans: Sequence[Span]) -> list[Cell]:
        """The values of a metric in these periods, as known at the end of `today`."""
        return series(self.measures[metric_id], self.measures, self.points, grain, spans, self.calendar, self.today)

    def last_cells(self, metric_id: int, count: int, grain: str | None = None) -> list[Cell]:
        """The last `count` periods of the metric's cadence (or `grain`), the one that holds today included."""
        grain = grain or self.metrics[metric_id].cadence
        return self.cells(metric_id, grain, last_spans(grain, self.today, count, self.calendar))

    def period_label(self, grain: str, span: Span) -> str:
        return short_label(grain, span, self.calendar, self.today)

    def current(self, grain: str) -> Span:
        return span_of(grain, self.today, self.calendar)
