"""Waivers of the KPI doctor as a review looks at them: what is not asked for, why, and for how long still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain import lint
from kpitui.domain.periods import iso

if TYPE_CHECKING:
    from kpitui.services.book import Book


def waived(book: Book) -> tuple[str, ...]:
    """The waivers in force as questions, the first to lapse first: `Waived for MRR until 2027-05-22: … Still right?`"""
    rows = book.store.rows(
        """SELECT rule, kpi_id, metric_id, goal_id, scope_id, why, until FROM waiver
        WHERE archived = 0 AND until >= ? ORDER BY until, id""",
        (book.today,),
    )
    titles = lint.rules() if rows else {}
    found = []
    for rule, kpi_id, metric_id, goal_id, scope_id, why, until in rows:
        kpi = book.kpis.get(kpi_id or 0)
        metric = book.metrics.get(kpi.metric_id if kpi else metric_id or 0)
        goal, scope = book.goals.get(goal_id or 0), book.scopes.get(scope_id or 0)
        on = metric.name if metric else goal.title if goal else scope.name if scope else ""
        if not on and (kpi_id or metric_id or goal_id or scope_id):
            continue  # what it was for was put away
        title = titles[rule].title if rule in titles else rule
        where = f" for {on}" if on else ""
        found.append(f"Waived{where} until {iso(until)}, “{title}”: {why}. Still right?")
    return tuple(found)
