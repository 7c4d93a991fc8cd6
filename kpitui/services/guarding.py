"""What a KPI costs the metric that guards it, where a worsening of its own is tolerated (maths.md §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.expected import WEEK
from kpitui.domain.guard import Cost, cost
from kpitui.domain.periods import boundaries
from kpitui.services.book import DAYS
from kpitui.services.trailing import trail_of
from kpitui.services.unchecked import facts_of
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.aggregate import Cell
    from kpitui.services.book import Book
    from kpitui.storage.reading import KpiRow, MetricRow

LOOKED_AT = 26
"""Periods before today that are looked at where the KPI has no start."""
BEFORE = 3
"""Whole periods that say what the counter metric was: as many as a baseline is made of (maths.md §2.4)."""
GAP = 8
"""Periods before the start that are looked at for these."""


def cost_of(book: Book, kpi: KpiRow, counter: MetricRow) -> Cost | None:
    """How much worse the counter metric of a KPI got against its tolerance; None without one, or where nobody can say.

    It is held against the last three whole periods before the KPI's start, and where there is no start, or no value
    before it, against the first three known ones. What it is now is its value over as much time as the KPI is judged
    over, up to the deadline: its last whole period, where that is one of its own or less.
    """
    if kpi.tolerance is None:
        return None
    from kpitui.services.judging import shown_as

    grain = counter.cadence
    first = book.number_before(counter.id, grain, LOOKED_AT)
    if kpi.start is not None and kpi.start <= book.today:
        first = book.number_before(counter.id, grain, GAP, boundaries(grain, kpi.start, book.calendar))
    cells = book.cells(counter.id, grain, book.spans_of(counter.id, grain, first))
    facts, doubts = facts_of(book, counter, cells)
    whole = [cell for cell in facts if cell.value is not None and cell.whole]
    if kpi.deadline is not None:
        whole = [cell for cell in whole if cell.span.end <= kpi.deadline + 1]
    judged = book.metrics[kpi.metric_id]
    window = max(round(kpi.window * _days(book, judged.id, judged.cadence) / _days(book, counter.id, grain)), 1)
    begin = last_before(whole, kpi.start)
    if not whole or begin is None or begin.span.end > whole[-1].span.start:
        return None

    def over(cell: Cell, count: int) -> float:
        trail = trail_of(book, counter, [one.span for one in facts], count, bool(doubts))
        found = trail(cell.span.end)
        return found.value if found else cell.value or 0.0

    return cost(
        over(begin, BEFORE),
        over(whole[-1], window),
        kpi.tolerance,
        direction=counter.direction,
        unit=counter.unit,
        low=counter.good_low,
        high=counter.good_high,
        show=shown_as(book, counter),
    )


def _days(book: Book, metric_id: int, grain: str) -> float:
    """Mean days of a period of a metric: of a day in working weeks as many as it stands for."""
    work = book.days_of(metric_id) if grain == "day" else None
    return DAYS[grain] if work is None else WEEK / len(work.week)


def last_before(whole: Sequence[Cell], start: int | None) -> Cell | None:
    """The last whole period before a day, else the third of all, or the last of fewer."""
    before = [cell for cell in whole if start is not None and cell.span.end <= start]
    return before[-1] if before else whole[:BEFORE][-1] if whole else None


def expense(found: Cost, counter: MetricRow, improved: bool) -> str:
    """`Improved at the expense of its counter metric (Refund rate 1.1 points worse, 0.5 tolerated)`."""
    at = "Improved at" if improved else "At"
    return f"{at} the expense of its counter metric ({clean(counter.name)} {found.words})"
