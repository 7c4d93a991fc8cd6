"""A metric's life as a KPI: when it was promoted in which scope, what it was to reach, when and why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import to_day
from kpitui.storage import kpi_life as stored

if TYPE_CHECKING:
    from kpitui.services.book import Book


class Spell(NamedTuple):
    """One time as a KPI, from promotion to demotion. Days are epoch days."""

    scope: str
    """Its name."""
    since: int
    by: str
    """Who promoted it."""
    until: int | None
    """None while it is a KPI."""
    ended_by: str
    why: str
    """Why it was demoted, as it was said then."""
    state: str
    aim: str
    """What it was to reach: `≥ 30 by 2026-12-31`."""


def life(book: Book, metric_id: int) -> tuple[Spell, ...]:
    """Every role the metric has or had, the newest first; also those that were put away."""
    from kpitui.domain.figures import show_target
    from kpitui.domain.line_window import time_words

    rows = stored.revisions(book.store, metric_id)
    metric = book.metrics[metric_id]
    spells: list[Spell] = []
    for kpi_id in dict.fromkeys(row.kpi_id for row in rows):
        own = [row for row in rows if row.kpi_id == kpi_id]
        begun: tuple[str, str] | None = None
        for row in own:
            _, _, scope, state, archived, kind, value, low, high, deadline, window, sustain, at, who, why = row
            gone = state == "retired" or bool(archived)
            figure = show_target(kind, value, low, high, metric.unit, currency=book.currency_of(metric))
            until = "" if deadline is None else f" by {_iso(deadline)}"
            time = time_words(window, sustain, metric.cadence).replace(",", "")
            aim = f"{figure}{until}{time}" if value is not None or low is not None else ""
            if begun is None and not gone:
                begun = (at, who)
                spells.append(Spell(scope, _day(at), who, None, "", "", state, aim))
            elif begun is not None and gone:
                spells[-1] = spells[-1]._replace(until=_day(at), ended_by=who, why=why)
                begun = None
            elif begun is not None:
                spells[-1] = spells[-1]._replace(state=state, aim=aim)
    return tuple(sorted(spells, key=lambda spell: (spell.until is not None, -spell.since)))


def _day(at: str) -> int:
    from kpitui.storage.changes import moment

    return to_day(moment(at).date())


def _iso(day: int) -> str:
    from kpitui.domain.periods import iso

    return iso(day)
