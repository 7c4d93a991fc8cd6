"""Where a KPI, a metric or a goal stands: its row, the same in every face.

A row is judged at its metric's own cadence, at the last period that has a value: a period still running, or due but
not entered, is never held against anybody; it shows as missing, and as late once its grace is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.aggregate import Cell
from kpitui.domain.figures import show
from kpitui.domain.periods import Span, label, last_spans, span_of, spans_between
from kpitui.domain.signals import Signal, latest_signal
from kpitui.domain.status import Verdict, judge, judge_metric
from kpitui.domain.target import Aim, in_force
from kpitui.services.book import DAYS, Book

if TYPE_CHECKING:
    from kpitui.storage.reading import GoalRow, KpiRow, MetricRow

SHOWN = 26
"""Periods of a sparkline."""


class Row(NamedTuple):
    """A KPI or metric where it stands. Shares and percent values are fractions, days are epoch days."""

    metric_id: int
    kpi_id: int | None
    slug: str
    name: str
    scope_id: int
    scope: str
    unit: str
    currency: str
    decimals: int | None
    kind: str
    cadence: str
    direction: str
    timing: str | None
    counter: bool
    owner: str
    state: str
    """Of the KPI: live, draft or paused; empty for a metric without the role."""
    period: Span | None
    """The period `value` is of; None when there is no value."""
    period_label: str
    partial: bool
    value: float | None
    """The last reported value; for a cumulative target the sum since its start."""
    last: float | None
    """The value of the last reported period itself."""
    target_kind: str
    target: float | None
    low: float | None
    high: float | None
    baseline: float | None
    start: int | None
    deadline: int | None
    gap: float | None
    """Distance to the target, signed so that + is good."""
    gap_share: float | None
    progress: float | None
    time_gone: float | None
    expected: float | None
    needed: float | None
    rate: float | None
    chance: float | None
    status: str
    why: str
    signal: Signal | None
    trend: int
    """Raw movement over the last four periods: 1 up, -1 down, 0 level."""
    series: tuple[Cell, ...]
    """The last periods at the metric's cadence, oldest first."""

    @property
    def key(self) -> str:
        return f"kpi:{self.kpi_id}" if self.kpi_id else f"metric:{self.metric_id}"

    @property
    def exception(self) -> bool:
        """Whether the row needs a word: off track, at risk, missed, or a signal to the bad side."""
        return self.status in ("off_track", "at_risk", "missed") or bool(self.signal and self.signal.good is False)


class GoalView(NamedTuple):
    """A goal where it stands."""

    id: int
    slug: str
    title: str
    scope_id: int
    main: bool
    owner: str
    unit: str
    currency: str
    metric_id: int | None
    value: float | None
    baseline: float | None
    target: float | None
    start: int | None
    deadline: int | None
    progress: float | None
    time_gone: float | None
    days_left: int | None
    status: str
    why: str


def aim_of(kpi: KpiRow, metric: MetricRow, watch: float) -> Aim:
    return Aim(
        kind=kpi.target_kind,
        baseline=kpi.baseline,
        value=kpi.target,
        low=kpi.low,
        high=kpi.high,
        start=kpi.start,
        deadline=kpi.deadline,
        direction=metric.direction,
        watch=watch if kpi.watch_band is None else kpi.watch_band,
    )


def trend_of(cells: Sequence[Cell]) -> int:
    """The direction of movement over the last four values; level within one percent of their size."""
    seen = [cell.value for cell in cells if cell.value is not None][-4:]
    if len(seen) < 2:
        return 0
    size = max(abs(value) for value in seen)
    move = seen[-1] - seen[0]
    return 0 if abs(move) <= 0.01 * size else (1 if move > 0 else -1)


def first_day(book: Book, kpi: KpiRow, spans: Sequence[Span]) -> int:
    """The day from which a KPI's values are needed: the shown periods, and a cumulative target's whole window."""
    start = spans[0].start
    if kpi.target_kind == "reach" and kpi.start is not None:
        return min(start, kpi.start)
    return start


def judge_rows(
    book: Book, kpis: Iterable[KpiRow], metrics: Iterable[MetricRow], *, shown: int = SHOWN
) -> tuple[list[Row], list[Row]]:
    """The rows of these KPIs and of these metrics (those by their own thresholds), all points read in one query."""
    kpis, metrics = list(kpis), list(metrics)
    earliest: dict[str, int] = {}
    for cadence in {book.metrics[kpi.metric_id].cadence for kpi in kpis} | {metric.cadence for metric in metrics}:
        earliest[cadence] = last_spans(cadence, book.today, shown, book.calendar)[0].start
    by_start: dict[int, list[int]] = {}
    for kpi in kpis:
        start = earliest[book.metrics[kpi.metric_id].cadence]
        if kpi.target_kind in ("reach", "at_least", "at_most", "between") and kpi.start is not None:
            start = min(start, kpi.start)
        by_start.setdefault(start, []).append(kpi.metric_id)
    for metric in metrics:
        by_start.setdefault(earliest[metric.cadence], []).append(metric.id)
    for start in sorted(by_start):
        book.prefetch(by_start[start], start, book.today + 1)
    return [kpi_row(book, kpi, shown) for kpi in kpis], [metric_row(book, metric, shown) for metric in metrics]


def kpi_row(book: Book, kpi: KpiRow, shown: int = SHOWN) -> Row:
    """The row of one KPI."""
    metric = book.metrics[kpi.metric_id]
    cells = book.last_cells(metric.id, shown)
    window: Sequence[Cell] = cells
    if kpi.target_kind in ("reach", "at_least", "at_most", "between") and kpi.start is not None:
        first = span_of(metric.cadence, kpi.start, book.calendar).start
        if first < cells[0].span.start:
            window = book.cells(
                metric.id, metric.cadence, spans_between(metric.cadence, first, book.today + 1, book.calendar)
            )
    watch = float(book.settings.get("watch_band", 0.05))
    aim = aim_of(kpi, metric, watch)
    steps = book.steps.get(kpi.id, [])
    verdict = judge(
        aim,
        [(cell.span.start, cell.span.end, cell.value, not cell.whole) for cell in window],
        today=book.today,
        cadence=metric.cadence,
        grace_days=metric.grace_days,
        period_days=DAYS[metric.cadence],
        state=kpi.state,
        steps=steps,
        show=shower(book, metric),
    )
    value = verdict.actual if kpi.target_kind == "reach" else None
    now = in_force(aim, steps, book.today)
    return build(book, metric, cells, verdict, now, kpi, value)


def metric_row(book: Book, metric: MetricRow, shown: int = SHOWN) -> Row:
    """The row of a metric without a KPI role, judged by its own thresholds if it has any."""
    cells = book.last_cells(metric.id, shown)
    watch = metric.watch_band if metric.watch_band is not None else float(book.settings.get("watch_band", 0.05))
    last = next((cell for cell in reversed(cells) if cell.value is not None), None)
    verdict = judge_metric(
        metric.good_low,
        metric.good_high,
        watch,
        metric.direction,
        None if last is None else last.value,
        age_days=None if last is None else book.today + 1 - last.span.end,
        period_days=DAYS[metric.cadence],
        grace_days=metric.grace_days,
        show=shower(book, metric),
    )
    low, high = metric.good_low, metric.good_high
    kind = ""
    if low is not None and high is not None:
        kind = "between"
    elif low is not None:
        kind = "at_least"
    elif high is not None:
        kind = "at_most"
    aim = Aim(
        kind,
        None,
        low if kind == "at_least" else high if kind == "at_most" else None,
        low,
        high,
        None,
        None,
        metric.direction,
        watch,
    )
    return build(book, metric, cells, verdict, aim, None, None)


def build(
    book: Book,
    metric: MetricRow,
    cells: Sequence[Cell],
    verdict: Verdict,
    aim: Aim,
    kpi: KpiRow | None,
    total: float | None,
) -> Row:
    last = next((cell for cell in reversed(cells) if cell.value is not None), None)
    whole = [cell.value for cell in cells if cell.span.end <= book.today + 1 or cell.value is None]
    scope_id = kpi.scope_id if kpi else metric.scope_id
    value = total if total is not None else (last.value if last else None)
    return Row(
        metric_id=metric.id,
        kpi_id=kpi.id if kpi else None,
        slug=metric.slug,
        name=metric.name,
        scope_id=scope_id,
        scope=book.scopes[scope_id].slug if scope_id in book.scopes else "",
        unit=metric.unit,
        currency=book.currency_of(metric),
        decimals=metric.decimals,
        kind=metric.kind,
        cadence=metric.cadence,
        direction=metric.direction,
        timing=metric.timing,
        counter=bool(metric.counter),
        owner=(kpi.owner if kpi else "") or metric.owner,
        state=kpi.state if kpi else "",
        period=last.span if last else None,
        period_label=book.period_label(metric.cadence, last.span) if last else "",
        partial=bool(last and not last.whole),
        value=value,
        last=last.value if last else None,
        target_kind=aim.kind,
        target=aim.value,
        low=aim.low,
        high=aim.high,
        baseline=aim.baseline,
        start=aim.start,
        deadline=aim.deadline,
        gap=verdict.gap,
        gap_share=verdict.gap_share,
        progress=verdict.progress,
        time_gone=verdict.time_gone,
        expected=verdict.expected,
        needed=verdict.needed,
        rate=verdict.rate,
        chance=verdict.chance,
        status=verdict.status,
        why=verdict.why,
        signal=latest_signal(
            whole, metric.direction, floor=metric.hard_min, ceiling=metric.hard_max, show=shower(book, metric)
        ),
        trend=trend_of(cells),
        series=tuple(cells),
    )


def shower(book: Book, metric: MetricRow) -> Callable[[float], str]:
    """How this metric's values read in a sentence."""
    unit, currency, decimals = metric.unit, book.currency_of(metric), metric.decimals
    return lambda value: show(value, unit, currency=currency, decimals=decimals, compact=True)


def goal_view(book: Book, goal: GoalRow) -> GoalView:
    """Where a goal stands: its own metric against its number and date."""
    value: float | None = None
    status, why, progress, gone = "no_data", "", None, None
    aim = Aim(
        goal.target_kind,
        goal.baseline,
        goal.target,
        goal.low,
        goal.high,
        goal.start,
        goal.deadline,
        "up" if (goal.target or 0) >= (goal.baseline or 0) else "down",
    )
    metric = book.metrics.get(goal.metric_id or 0)
    if goal.target is None and goal.low is None:
        status, why = "no_target", "The goal has no number yet: e in the tree gives it one."
    if metric is None:
        why = why or "No metric says how far it is: M in the tree ties one to it."
        cells: Sequence[Cell] = ()
    else:
        first = goal.start if goal.start is not None else book.today - 365
        spans = spans_between(metric.cadence, min(first, book.today), book.today + 1, book.calendar)
        cells = book.cells(metric.id, metric.cadence, spans)
        seen = [cell.value for cell in cells if cell.value is not None]
        value = fsum(seen) if seen and goal.target_kind == "reach" else (seen[-1] if seen else None)
    if status != "no_target":
        verdict = judge(
            aim,
            [(c.span.start, c.span.end, c.value, not c.whole) for c in cells],
            today=book.today,
            cadence=metric.cadence if metric else "month",
            grace_days=metric.grace_days if metric else 0,
            period_days=DAYS[metric.cadence if metric else "month"],
            state="live",
            show=lambda v: show(v, goal.unit, currency=book.currency_of(goal), compact=True),
        )
        status, progress, gone = verdict.status, verdict.progress, verdict.time_gone
        why = why or verdict.why
    left = None if goal.deadline is None else goal.deadline - book.today
    return GoalView(
        goal.id,
        goal.slug,
        goal.title,
        goal.scope_id,
        bool(goal.main),
        goal.owner,
        goal.unit,
        book.currency_of(goal),
        goal.metric_id,
        value,
        goal.baseline,
        goal.target,
        goal.start,
        goal.deadline,
        progress,
        gone,
        left,
        status,
        why,
    )


def period_json(book: Book, grain: str, span: Span, partial: bool) -> dict[str, object]:
    """A period as the promised JSON object."""
    from kpitui.domain.periods import iso

    return {
        "label": label(grain, span, book.calendar),
        "start": iso(span.start),
        "end": iso(span.end),
        "partial": partial,
    }
