"""A goal whose metric adds up is a total: of 300k revenue by the end of the year every week brings its part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.domain.periods import span_of, to_day
from kpitui.text import fold

if TYPE_CHECKING:
    from kpitui.domain.model import Goal, Metric
    from kpitui.services.book import Book
    from kpitui.storage.reading import GoalRow, MetricRow


def counted(metric: Metric | MetricRow) -> bool:
    """Whether longer periods of the metric are sums of shorter ones."""
    return metric.kind == "flow" and metric.aggregation in (None, "sum")


def total_fields(book: Book, start: int | None, deadline: int | None) -> dict[str, Any]:
    """What makes a goal a total: counted from the year's first day when it ends with the year, else from its start."""
    fields: dict[str, Any] = {"target_kind": "reach", "baseline": None, "start": start}
    if start is not None and deadline is not None:
        year = span_of("year", deadline, book.calendar)
        if deadline == year.end - 1 and start >= year.start:
            fields["start"] = year.start
    return fields


def measuring(book: Book, goal: Goal | GoalRow, metric: Metric | MetricRow, latest: float | None) -> dict[str, Any]:
    """The fields of a goal that change with the first metric that is tied to it. What was chosen otherwise stays."""
    fields: dict[str, Any] = {"metric_id": metric.id}
    if goal.unit != metric.unit:
        fields["unit"] = metric.unit
    if goal.baseline is None and goal.target_kind == "from_to" and counted(metric):
        total = total_fields(book, goal.start, goal.deadline)
        # Whoever changed the goal before may have chosen its first day.
        return {**fields, **total, "start": goal.start if goal.rev > 1 else total["start"]}
    if goal.baseline is None and goal.target_kind != "reach":
        fields["baseline"] = latest
    return fields


def became_total(book: Book, goal: Goal) -> dict[str, Any]:
    """The fields of a goal of one period that somebody makes a total: read like one that is new, unless its first day
    was chosen."""
    metric = book.metrics.get(goal.metric_id or 0)
    if goal.target_kind != "from_to" or metric is None or not counted(metric):
        return {"target_kind": "reach"}
    fields = total_fields(book, goal.start, goal.deadline)
    return {**fields, "start": goal.start} if _start_chosen(book, goal.id) else fields


def _start_chosen(book: Book, goal_id: int) -> bool:
    """Whether a goal has another first day than the day it was written, which is what a line gives it."""
    from kpitui.storage import changes

    lines = changes.log(book.store, limit=-1, table="goal", row_id=goal_id)
    start = (lines[-1].after or {}).get("start") if lines else None
    # Of accounts far from UTC it may be the day before or after.
    if not isinstance(start, int) or abs(start - to_day(changes.moment(lines[-1].at).date())) > 1:
        return True
    return any("start" in (line.before or ()) for line in lines[:-1])


def names_it(goal: GoalRow, name: str) -> bool:
    """Whether a goal that nothing measures yet is about what is called so: `€300k Revenue by 31 Dec` about Revenue."""
    subject = fold(goal.title).rpartition(" by ")[0].partition(" ")[2]
    return goal.metric_id is None and subject == fold(name)
