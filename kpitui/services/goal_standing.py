"""Where a goal stands: its own metric against its number and date."""

from __future__ import annotations

from kpitui.domain.figures import show
from kpitui.domain.status import RECENT, judge
from kpitui.domain.target import Aim, elapsed
from kpitui.services.book import DAYS, Book
from kpitui.services.judging import BEFORE, first_needed, last_reported
from kpitui.services.outlooks import outlook_of
from kpitui.services.rows import GoalView as GoalView
from kpitui.services.unchecked import facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.aggregate import Cell
    from kpitui.storage.reading import GoalRow


def goal_view(book: Book, goal: GoalRow) -> GoalView:
    """Where a goal stands: its own metric against its number and date."""
    metric = book.metrics.get(goal.metric_id or 0)
    direction = metric.direction if metric else "up" if (goal.target or 0) >= (goal.baseline or 0) else "down"
    aim = Aim(goal.target_kind, goal.baseline, goal.target, goal.low, goal.high, goal.start, goal.deadline, direction,
              work=book.pace_days(metric) if metric else None)  # fmt: skip
    cells: Sequence[Cell] = ()
    if metric is not None:
        first = first_needed(book, metric, aim, RECENT + BEFORE)
        cells, _ = facts_of(
            book, metric, book.cells(metric.id, metric.cadence, book.spans_of(metric.id, metric.cadence, first))
        )
    unit, currency = goal.unit, book.currency_of(goal)
    verdict = judge(
        aim,
        [(cell.span.start, cell.span.end, cell.value, not cell.whole) for cell in cells],
        today=book.today,
        cadence=metric.cadence if metric else "month",
        grace_days=metric.grace_days if metric else 0,
        period_days=DAYS[metric.cadence if metric else "month"],
        state="live",
        show=lambda value: show(value, unit, currency=currency, compact=True),
        outlook=outlook_of(book, metric, aim),
        calendar=book.calendar,
        days=book.days_of(metric.id) if metric else None,
    )
    value, why = verdict.actual, verdict.why
    if value is None and (last := last_reported(cells)) is not None:
        value = last.value
    if metric is None and verdict.status not in ("no_target", "not_started"):
        why = "No metric says how far it is: tie one to it"
    return GoalView(
        goal.id,
        goal.slug,
        goal.title,
        goal.scope_id,
        bool(goal.main),
        goal.owner,
        unit,
        currency,
        goal.metric_id,
        value,
        goal.baseline,
        goal.target,
        goal.start,
        goal.deadline,
        verdict.progress,
        elapsed(aim, book.today) if verdict.time_gone is None else verdict.time_gone,
        None if goal.deadline is None else goal.deadline - book.today,
        verdict.status,
        why,
        verdict.needed,
        verdict.rate,
        verdict.chance,
        metric is not None and book.days_of(metric.id) is not None,
    )
