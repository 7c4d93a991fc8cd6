"""Playbooks: what to look for, what to offer and what to do first when a KPI is missed; and filling one in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.quoting import quote
from kpitui.errors import Conflict, Refused
from kpitui.services.book import Book
from kpitui.services.countermeasures import Countermeasure, countermeasures
from kpitui.services.naming import Done, as_seen
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.model import LineKind
    from kpitui.storage.store import Store

PARTS = ("causes", "support", "steps")
_BETWEEN = re.compile(r"\s*[\n;]\s*")


class Playbook(NamedTuple):
    """The playbook that counts for a metric, with what was tried so far. `id` is 0 while there is none."""

    id: int
    rev: int
    metric_id: int
    metric: str
    kpi_id: int | None
    scope_id: int | None
    """Of the scope it is written for, where it is not the KPI's own."""
    of: str
    """Whose it is, in words: `MRR`, or `everybody in Role: writer`."""
    status: str
    """Where the KPI stands, in a sentence."""
    causes: tuple[str, ...]
    support: tuple[str, ...]
    steps: tuple[str, ...]
    tried: tuple[Countermeasure, ...]


def playbook(store: Store, metric_id: int, kpi_id: int | None, today: int) -> Playbook:
    """The KPI's own playbook, else that of its scope or of the nearest one above that has one."""
    from kpitui.domain.model import Playbook as Stored
    from kpitui.services.judging import kpi_row, metric_row
    from kpitui.storage import definitions

    with store.snapshot():
        book = Book(store, today)
        metric = book.metrics.get(metric_id)
        if metric is None:
            raise Refused("The metric was put away meanwhile: u or the log brings it back.")
        kpi = book.kpis.get(kpi_id or 0) or next(iter(book.roles_of(metric_id)), None)
        row = kpi_row(book, kpi) if kpi is not None else metric_row(book, metric)
        found = definitions.find(store, Stored, kpi_id=kpi.id) if kpi is not None else None
        scope = book.scopes.get(kpi.scope_id if kpi is not None else metric.scope_id)
        while found is None and scope is not None:
            found = definitions.find(store, Stored, scope_id=scope.id)
            scope = book.scopes.get(scope.parent_id or 0) if found is None else scope
        own = found is None or found.kpi_id is not None
        whose = metric.name if own or scope is None else f"everybody in {scope.name}"
        return Playbook(
            found.id if found else 0,
            found.rev if found else 0,
            metric_id,
            metric.name,
            kpi.id if kpi else None,
            found.scope_id if found else None,
            whose,
            row.why,
            _lines(found.causes if found else ""),
            _lines(found.support if found else ""),
            _lines(found.steps if found else ""),
            countermeasures(book, [metric_id]),
        )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for part in text.split("\n") if (line := part.strip()))


def split(text: str) -> tuple[str, ...]:
    """What was typed on one line as several: `fewer visits; form broken`."""
    return tuple(line for part in _BETWEEN.split(text) if (line := clean(part).strip()))


def write(store: Store, seen: Playbook, causes: str, support: str, steps: str, *, whole_scope: bool = False) -> Done:
    """Keeps a playbook: the one that was seen, or a new one of the KPI (with `whole_scope` of everybody in its scope).

    Each text is one line with `;` between its points. Raises Refused for a metric that is no KPI, and when nothing was
    written, Conflict when somebody changed it since it was seen.
    """
    from kpitui.domain.model import Kpi
    from kpitui.domain.model import Playbook as Stored
    from kpitui.storage import definitions

    texts: dict[str, Any] = {
        name: "\n".join(split(text)) for name, text in zip(PARTS, (causes, support, steps), strict=True)
    }
    if not any(texts.values()):
        raise Refused("A playbook needs words: a cause to look for, support to offer, or a first step.")
    if seen.kpi_id is None:
        raise Refused(f"{quote(seen.metric)} is no KPI: p makes it one, then it can have a playbook.")
    kpi = definitions.get(store, Kpi, seen.kpi_id)
    with store.write("playbook.write", summary=f"playbook of {seen.of}") as tx:
        if seen.id:
            definitions.change(tx, as_seen(store, Stored, seen.id, seen.rev), **texts)
        else:
            on: dict[str, Any] = {"scope_id": kpi.scope_id} if whole_scope else {"kpi_id": kpi.id}
            if definitions.find(store, Stored, **on) is not None:
                raise Conflict(f"Somebody wrote a playbook of {quote(seen.of)} meanwhile. NOT saved: look again.")
            definitions.add(tx, Stored(**on, **texts))
    count = sum(len(split(text)) for text in texts.values())
    return Done(f"Kept the playbook of {clean(seen.of)}: {count} {'point' if count == 1 else 'points'}")


def fill_in(store: Store, metric_id: int, cause: str, line: str, today: int, review_id: int | None = None) -> Done:
    """A miss with its cause and countermeasure (`what @who when`): an action that is looked at again, and in a running
    review an issue beside it; outside of one the cause is noted at the metric's chart.

    Raises Problem with what is missing of what, who and when; Refused without a cause.
    """
    from dataclasses import replace

    from kpitui.domain.line_action import read_action
    from kpitui.domain.model import Action, Annotation, ReviewLine
    from kpitui.domain.periods import to_date
    from kpitui.services import review_lines
    from kpitui.services.actions import day_words
    from kpitui.storage import definitions

    cause = " ".join(clean(cause).split())
    if not cause:
        raise Refused("A countermeasure needs a cause: type what made the KPI miss.")
    said = read_action(line, to_date(today))
    with store.write("countermeasure.add", why=cause, summary=f"{said.who}, {said.text}") as tx:
        if review_id is not None:
            review_lines.open_one(store, review_id)
        made = definitions.add(
            tx,
            Action(text=clean(said.text), owner=clean(said.who), due=said.due, metric_id=metric_id,
                   review_id=review_id, cause=cause),
        )  # fmt: skip
        if review_id is not None:
            lines: tuple[tuple[LineKind, str, int | None], ...] = (
                ("issue", cause, None), ("action", made.text, made.id),
            )  # fmt: skip
            for kind, text, action in lines:
                written = ReviewLine(review_id=review_id, kind=kind, text=text, metric_id=metric_id, action_id=action)
                definitions.add(tx, replace(written, who=store.who.name, at=tx.at))
        else:
            note = f"{cause}: {made.text}"
            definitions.add(tx, Annotation(metric_id=metric_id, day=today, text=note, who=store.who.name))
    return Done(f"Saved {clean(cause)}: {made.owner}, {made.text}, {day_words(made.due)}", f"metric:{metric_id}")
