"""Waivers of the KPI doctor as a review looks at them: what is not asked for, why, and for how long still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain import lint
from kpitui.domain.periods import iso

if TYPE_CHECKING:
    from kpitui.domain.model import Waiver
    from kpitui.services.book import Book
    from kpitui.storage.store import Store


def waived(book: Book) -> tuple[str, ...]:
    """The waivers in force as questions, the first to lapse first: `Waived for MRR until 2027-05-22: … Still right?`"""
    rows = sorted(in_force(book.store, book.today), key=lambda one: (one.until, one.id))
    titles = lint.rules() if rows else {}
    found = []
    for one in rows:
        kpi = book.kpis.get(one.kpi_id or 0)
        metric = book.metrics.get(kpi.metric_id if kpi else one.metric_id or 0)
        goal, scope = book.goals.get(one.goal_id or 0), book.scopes.get(one.scope_id or 0)
        on = metric.name if metric else goal.title if goal else scope.name if scope else ""
        if not on and (one.kpi_id or one.metric_id or one.goal_id or one.scope_id):
            continue  # what it was for was put away
        title = titles[one.rule].title if one.rule in titles else one.rule
        where = f" for {on}" if on else ""
        found.append(f"Waived{where} until {iso(one.until)}, “{title}”: {one.why}. Still right?")
    return tuple(found)


def in_force(store: Store, today: int) -> list[Waiver]:
    """The waivers that have not lapsed, in the order they were written."""
    from kpitui.domain.model import Waiver
    from kpitui.storage import definitions

    return [one for one in definitions.all_of(store, Waiver) if one.until >= today]
