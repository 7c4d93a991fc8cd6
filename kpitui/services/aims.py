"""What a KPI, or a metric by its own thresholds, should reach, as the arithmetic takes it."""

from __future__ import annotations

from kpitui.domain.target import Aim, plannable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from kpitui.domain.workdays import Workdays
    from kpitui.storage.reading import GoalRow, KpiRow, MetricRow

    R = TypeVar("R", GoalRow, KpiRow)

FAR = 500_000
"""Days from 1970 that lie within what a date can be."""


def aim_of(kpi: KpiRow, metric: MetricRow, watch: float, work: Workdays | None = None) -> Aim:
    """What a KPI should reach, before its dated targets; `work` are the days its pace is counted in."""
    return Aim(
        kpi.target_kind,
        kpi.baseline,
        kpi.target,
        kpi.low,
        kpi.high,
        kpi.start,
        kpi.deadline,
        metric.direction,
        watch if kpi.watch_band is None else kpi.watch_band,
        kpi.floor,
        kpi.stretch,
        work,
        kpi.window,
        kpi.sustain,
    )


def with_days(row: R) -> R:
    """A goal or KPI as it is stored, without days that no face of this program would have kept: they would cost
    centuries of periods."""
    start, deadline = (
        day if day is not None and abs(day) < FAR and plannable(day) else None for day in (row.start, row.deadline)
    )
    return row if (start, deadline) == (row.start, row.deadline) else row._replace(start=start, deadline=deadline)


def thresholds_of(metric: MetricRow, watch: float) -> Aim:
    """A metric's own thresholds as an aim; of no kind when it has none."""
    low, high = metric.good_low, metric.good_high
    kind = "between" if low is not None and high is not None else "at_least" if low is not None else "at_most"
    if low is None and high is None:
        kind = ""
    bound = low if kind == "at_least" else high if kind == "at_most" else None
    return Aim(kind, None, bound, low, high, None, None, metric.direction, band_of(metric, watch))


def band_of(metric: MetricRow, watch: float) -> float:
    return watch if metric.watch_band is None else metric.watch_band
