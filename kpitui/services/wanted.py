"""What a metric is to reach in one period: a goal's number, a KPI's target now, its own threshold, what is asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kpitui.domain.expected import period_word
from kpitui.domain.named import NamedTuple
from kpitui.services.judging import kpi_row, shown_as

if TYPE_CHECKING:
    from kpitui.services.book import Book
    from kpitui.storage.reading import GoalRow, KpiRow, MetricRow


class Wanted(NamedTuple):
    """What a metric is to reach in one period, and by what it is known."""

    value: float
    down: bool
    """Less is better."""
    words: str
    """`target ≥ 30`, `needed a week for 500`."""

    def met(self, value: float | None) -> bool | None:
        if value is None:
            return None
        near = math.isclose(value, self.value, rel_tol=1e-9)
        return near or (value < self.value if self.down else value > self.value)


def wanted_of(
    book: Book, metric: MetricRow, kpi: KpiRow | None, goal: GoalRow | None, grain: str
) -> tuple[Wanted | None, str]:
    """What the metric is to reach in one period of a grain, else why that cannot be said.

    Of a goal its number, of a KPI its target now; for a total what each period from now on must bring.
    """
    from kpitui.domain.figures import show, show_target
    from kpitui.services.goal_standing import goal_view

    if grain != metric.cadence and book.measures[metric.id].additive:
        return None, f"its target is for a {metric.cadence}, and this is a {grain}: say what is wanted"
    value: float | None
    if goal is None and kpi is None:
        kpi = next((one for one in book.roles_of(metric.id) if one.state == "live"), None)
        if kpi is None:
            goal = next((one for one in book.goals.values() if one.metric_id == metric.id), None)
    shown = shown_as(book, metric)
    if goal is not None:
        view = goal_view(book, goal)
        value = view.needed if goal.target_kind == "reach" else view.target
        words = f"goal {shown(value)}" if value is not None else ""
        if value is not None and goal.target_kind == "reach":
            words = f"needed a {period_word(metric.cadence, view.working)} for {shown(view.target or 0.0)}"
        return _known(metric, value, view.value, words, "the goal has no number")
    if kpi is not None:
        row = kpi_row(book, kpi)
        if row.target_kind == "reach":
            total = show(row.target, row.unit, currency=row.currency, compact=True)
            words = f"needed a {period_word(metric.cadence, row.working)} for {total}"
            return _known(metric, row.needed, row.last, words, "its total has no number or no date")
        value, down = row.target, row.target_kind == "at_most"
        if row.target_kind == "between":
            below = row.value is not None and row.low is not None and row.value < row.low
            value, down = (row.low, False) if below or row.high is None else (row.high, True)
        if value is None:
            return None, "its KPI has no number to reach"
        rising = row.baseline is not None and value > row.baseline
        if row.target_kind == "from_to" and row.baseline is not None and value != row.baseline:
            down = not rising
        kind: Any = row.target_kind
        bound = show_target(kind, row.target, row.low, row.high, row.unit, currency=row.currency, decimals=row.decimals)
        return Wanted(value, down, f"target {bound}"), ""
    if metric.good_low is not None and metric.direction != "down":
        return Wanted(metric.good_low, False, f"good from {shown(metric.good_low)}"), ""
    if metric.good_high is not None:
        return Wanted(metric.good_high, True, f"good up to {shown(metric.good_high)}"), ""
    return None, "it has no target: say what is wanted"


def _known(
    metric: MetricRow, value: float | None, now: float | None, words: str, lacking: str
) -> tuple[Wanted | None, str]:
    if value is None:
        return None, lacking
    return Wanted(value, down(metric, value, now), words), ""


def down(metric: MetricRow, value: float, now: float | None) -> bool:
    if metric.direction == "range":
        return now is not None and value < now
    return metric.direction == "down"
