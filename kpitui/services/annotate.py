"""Dated notes on metrics and goals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.problem import Problem

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Noted(NamedTuple):
    """A note as it was kept."""

    sentence: str
    id: int


def annotate(store: Store, item: str, text: str, *, today: int, day: int | None = None) -> Noted:
    """Keep a note on a metric or goal, by its slug, on `day` (today when None).

    Raises NotFound for a name that does not exist, Problem for an empty text or a day still to come.
    """
    from kpitui.domain.model import Annotation, Goal, Metric
    from kpitui.errors import NotFound
    from kpitui.services.book import Book
    from kpitui.services.detail import unknown
    from kpitui.storage import definitions
    from kpitui.text import clean

    text = clean(text, keep_newlines=True).strip()
    if not text:
        raise Problem("The note is empty: type what happened.")
    if len(text) > 4000:
        raise Problem(f"The note has {len(text)} characters, 4000 are the most: shorten it.")
    on = today if day is None else day
    if on > today:
        raise Problem("The note is dated in the future: notes say what happened. Give it a day up to today.")
    metric = definitions.find(store, Metric, slug=item.partition("@")[0])
    goal = None if metric else definitions.find(store, Goal, slug=item)
    if metric is None and goal is None:
        raise NotFound(unknown(Book(store, today), item))
    name = metric.name if metric else goal.title if goal else ""
    with store.write("note", summary=f"note on {name}") as tx:
        note = definitions.add(
            tx,
            Annotation(
                metric_id=metric.id if metric else None,
                goal_id=goal.id if goal else None,
                day=on,
                text=text,
                who=store.who.name,
            ),
        )
    return Noted(f"Kept a note on {name}", note.id)


def annotate_metric(store: Store, metric_id: int, text: str, today: int) -> Noted:
    """The same for the metric with this number."""
    from kpitui.domain.model import Metric
    from kpitui.storage import definitions

    return annotate(store, definitions.get(store, Metric, metric_id).slug, text, today=today)
