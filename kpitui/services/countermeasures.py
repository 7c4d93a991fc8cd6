"""Countermeasures: actions against a named cause, and what they did once they were in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.effect import BEFORE, Effect, effect
from kpitui.domain.periods import boundaries, span_of
from kpitui.services.judging import shown_as
from kpitui.storage import countermeasures as stored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.services.book import Book

LOOKED_AT = 183
"""Days after it is done in which a countermeasure is looked at again."""
AFTER = 26


class Countermeasure(NamedTuple):
    """An action with a cause, where it stands, and its effect once it is done. Days are epoch days."""

    action_id: int
    metric_id: int
    metric: str
    cause: str
    text: str
    owner: str
    due: int
    state: str
    done: int | None
    effect: Effect | None
    """None while it is open or was dropped."""

    @property
    def sentence(self) -> str:
        """What is said of it in a review."""
        if self.effect is not None:
            return self.effect.sentence
        return {"open": "not in place yet", "dropped": "dropped"}.get(self.state, self.state)


def countermeasures(book: Book, metric_ids: Iterable[int] | None = None) -> tuple[Countermeasure, ...]:
    """Those of some metrics or of all: the open ones, and those done within half a year, the newest first."""
    wanted = None if metric_ids is None else set(metric_ids)
    found = []
    for id, metric_id, cause, text, owner, due, state, closed in stored.countermeasures(book.store):
        metric = book.metrics.get(metric_id)
        if metric is None or (wanted is not None and metric_id not in wanted):
            continue
        if closed is not None and closed < book.today - LOOKED_AT:
            continue
        seen = effect_since(book, metric_id, closed) if state == "done" and closed is not None else None
        found.append(Countermeasure(id, metric_id, metric.name, cause, text, owner, due, state, closed, seen))
    return tuple(found)


def effect_since(book: Book, metric_id: int, day: int) -> Effect:
    """What the metric did after a day: the period the day lies in belongs to neither side."""
    metric = book.metrics[metric_id]
    lies = span_of(metric.cadence, day, book.calendar)
    place = boundaries(metric.cadence, day, book.calendar)
    first = book.number_before(metric_id, metric.cadence, BEFORE, place)
    cells = book.cells(metric_id, metric.cadence, book.spans_of(metric_id, metric.cadence, first))
    before = [cell.value if cell.whole else None for cell in cells if cell.span.end <= lies.start]
    after = [cell.value if cell.whole else None for cell in cells if cell.span.start >= lies.end]
    return effect(
        before[-BEFORE:],
        after[:AFTER],
        metric.direction,
        floor=metric.hard_min,
        ceiling=metric.hard_max,
        show=shown_as(book, metric),
    )
