"""Values from before a KPI's start, which do not count for it: from which day it would have to start to count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.pace import day_text
from kpitui.domain.periods import Calendar, iso, span_of
from kpitui.domain.status import COUNTED
from kpitui.storage import points, reading
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.services.book import Book
    from kpitui.services.import_plan import Batch
    from kpitui.storage.reading import KpiRow
    from kpitui.storage.store import Store


def earlier_start(book: Book, kpi: KpiRow) -> int | None:
    """The first day of the values that stand before its start, in the year of that start or the time of its goal."""
    if kpi.start is None:
        return None
    goal = book.goals.get(kpi.goal_id or 0)
    lowest = _lowest(kpi.start, None if goal is None else goal.start, book.calendar)
    days = (start for start, _, value in book.points(kpi.metric_id, lowest, kpi.start) if value is not None)
    return next((start for start in days if start >= lowest), None)


def with_earlier(book: Book, kpi: KpiRow, why: str) -> str:
    """The sentence of a KPI that has not begun, or has no value since it did, with the values that do not count."""
    day = earlier_start(book, kpi)
    if day is None or kpi.start is None:
        return why
    return f"Starts on {day_text(kpi.start)}, values since {_short(day, kpi.start)}: {COUNTED}"


def offers(store: Store, batches: Iterable[Batch], cal: Calendar, today: int) -> list[str]:
    """Of the first values before the start of a KPI that has begun, and is not over: what would make them count.

    Where some stood before its start already, whoever gave it that start knew of them.
    """
    before = {batch.metric.id: batch for batch in batches if isinstance(batch.metric, reading.MetricRow)}
    goals = {one.id: one.start for one in reading.goals(store)} if before else {}
    found = []
    for kpi in reading.kpis(store) if before else ():
        batch = before.get(kpi.metric_id)
        if batch is None or kpi.state not in ("live", "draft") or kpi.start is None or kpi.start > today:
            continue
        if batch.starts[0] >= kpi.start or (kpi.deadline is not None and kpi.deadline < today):
            continue
        lowest = _lowest(kpi.start, goals.get(kpi.goal_id or 0), cal)
        day = next((start for start in batch.starts if start >= lowest), kpi.start)
        if day >= kpi.start or any(row.value is not None for row in points.between(store, kpi.metric_id, 0, kpi.start)):
            continue
        since = f"starts on {day_text(kpi.start)}, values since {_short(day, kpi.start)}"
        found.append(
            f"{clean(batch.metric.name)} {since}: {COUNTED}. e e on it in the Tree changes it, or start = {iso(day)} "
            "in the model file."
        )
    return found


def _short(day: int, other: int) -> str:
    """A day, with its year where that is not the year of the other."""
    text, year = day_text(day), day_text(other)[-5:]
    return text.removesuffix(year)


def _lowest(start: int, goal: int | None, cal: Calendar) -> int:
    year = span_of("year", start, cal).start
    return year if goal is None else min(year, goal)
