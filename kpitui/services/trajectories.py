"""The course a KPI is to take, worked out from its own steps or from the same periods of earlier years."""

from __future__ import annotations

from kpitui.domain.periods import Span, boundaries, numbered, year_ago
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.target import Aim, Trajectory
    from kpitui.domain.workdays import Workdays
    from kpitui.services.book import Book
    from kpitui.storage.reading import KpiRow, MetricRow


def earlier(grain: str, span: Span, days: Workdays) -> Span:
    """The day, or the last working day before it; longer periods as they are."""
    if grain != "day" or days.between(*span):
        return span
    day = days.back(span.start, 1)
    return Span(day, day + 1)


def trajectory_of(book: Book, kpi: KpiRow, metric: MetricRow, aim: Aim) -> Trajectory | None:
    """None for a straight course, also where the one asked for cannot be worked out."""
    if not kpi.trajectory:
        return None
    from kpitui.domain.trajectory import YEARS, along, read_trajectory, seasonal

    try:
        course = read_trajectory(kpi.trajectory)
    except Problem:
        return None
    if course.kind != "seasonal" or aim.start is None or aim.deadline is None:
        return along(course, aim)
    grain, cal = metric.cadence, book.calendar
    first, last = boundaries(grain, aim.start, cal), boundaries(grain, aim.deadline, cal)
    spans = [numbered(grain, number, cal) for number in range(first, last + 1)]
    # A period belongs to the window that its last day is in.
    spans = [span for span in spans if aim.start < span.end <= aim.deadline + 1]
    days = book.days_of(metric.id)
    if days is not None:
        spans = [span for span in spans if days.between(*span)]
    years, before = [], spans
    for _ in range(YEARS):
        before = [year_ago(grain, span, cal) for span in before]
        # What was a day off then has the shape of the working day before it.
        then = before if days is None else [earlier(grain, span, days) for span in before]
        years.append([cell.value if cell.whole else None for cell in book.cells(metric.id, grain, tuple(then))])
    return seasonal(aim, [span.end for span in spans], years)
