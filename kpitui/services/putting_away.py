"""Archiving a line of the hierarchy: nothing is deleted, and what hangs on it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.quoting import quote
from kpitui.errors import Refused
from kpitui.services.book import Book, names_in
from kpitui.services.naming import Done, as_seen
from kpitui.services.promotion import open_actions
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.hierarchy import Node
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


def archive(store: Store, nodes: Sequence[Node], today: int) -> Done:
    """Puts these away in one change, metrics with their KPI roles and edges.

    Raises Refused naming what is worked out from a metric, or what a scope still holds.
    """
    book = Book(store, today)
    going = {node.metric_id for node in nodes if node.kind in ("kpi", "metric")}
    said: list[str] = []
    for node in nodes:
        if node.kind == "group":
            raise Refused("This line only gathers what stands below it: nothing of it can be put away.")
        if node.metric_id is not None and node.kind != "goal":
            _refuse_used(book, node, going)
        if node.kind == "scope":
            _refuse_full(book, node)
    name = clean(nodes[0].name) if len(nodes) == 1 else f"{len(nodes)} lines"
    with store.write("archive", summary=f"{name} put away") as tx:
        for node in nodes:
            if node.kind == "goal":
                said.append(_goal(tx, store, book, node))
            elif node.kind == "scope":
                said.append(_scope(tx, store, node))
            else:
                said.append(_metric(tx, store, book, node))
    rest = "".join(dict.fromkeys(part for part in said if part))
    noun = {"kpi": "KPI ", "goal": "goal ", "scope": "", "metric": ""}[nodes[0].kind] if len(nodes) == 1 else ""
    return Done(f"Archived {noun}{name}{rest}")


def archive_metric(store: Store, metric_id: int, today: int) -> Done:
    """As `archive`, of a metric with all its KPI roles. Raises NotFound when it is gone already."""
    from kpitui.errors import NotFound
    from kpitui.services.hierarchy import tree

    nodes = [
        node for node in tree(store, today).nodes if node.metric_id == metric_id and node.kind in ("kpi", "metric")
    ]
    if not nodes:
        raise NotFound("This metric is archived already.")
    return archive(store, nodes[:1], today)


def _refuse_used(book: Book, node: Node, going: set[int | None]) -> None:
    users = []
    for metric in book.metrics.values():
        if metric.id in going:
            continue
        parts = {metric.numerator_id, metric.denominator_id, metric.weight_id}
        named = {measure.id for name in names_in(metric.formula) if (measure := book.workings.named(name))}
        if node.metric_id in parts | named:
            users.append(clean(metric.name))
    if users:
        listed = ", ".join(users[:3]) + (" and more" if len(users) > 3 else "")
        verb = "is" if len(users) == 1 else "are"
        raise Refused(
            f"{listed} {verb} worked out from {quote(node.name)}: put that away first, or change its formula."
        )


def _refuse_full(book: Book, node: Node) -> None:
    scope = book.scopes[node.id]
    if scope.parent_id is None:
        raise Refused(f"{quote(scope.name)} is the whole workspace and stays.")
    inside = {
        "KPI": sum(1 for one in book.kpis.values() if one.scope_id == scope.id),
        "metric": sum(1 for one in book.metrics.values() if one.scope_id == scope.id),
        "goal": sum(1 for one in book.goals.values() if one.scope_id == scope.id),
        "scope": sum(1 for one in book.scopes.values() if one.parent_id == scope.id),
    }
    held = [f"{count} {noun}{'s' if count > 1 else ''}" for noun, count in inside.items() if count]
    if held:
        raise Refused(f"{quote(scope.name)} still holds {', '.join(held)}: M moves them elsewhere, d puts them away.")


def _metric(tx: Txn, store: Store, book: Book, node: Node) -> str:
    from kpitui.domain.model import Driver, Goal, Kpi, Metric
    from kpitui.storage import definitions

    metric = as_seen(store, Metric, node.metric_id or 0, node.rev if node.kind == "metric" else 0)
    said = open_actions(store, metric.id) if book.roles_of(metric.id) else ""
    if metric.archived:
        return ""
    below = 0
    for edge in definitions.all_of(store, Driver, metric_id=metric.id):
        definitions.archive(tx, edge)
    for edge in definitions.all_of(store, Driver, feeds_id=metric.id):
        definitions.archive(tx, edge)
        below += 1
    for kpi in definitions.all_of(store, Kpi, metric_id=metric.id):
        definitions.archive(tx, kpi)
    for kpi in definitions.all_of(store, Kpi, counter_id=metric.id):
        definitions.change(tx, kpi, counter_id=None, tolerance=None)
        said += f", {clean(book.metrics[kpi.metric_id].name)} has no counter metric now"
    for goal in definitions.all_of(store, Goal, metric_id=metric.id):
        definitions.change(tx, goal, metric_id=None)
        said += f", {clean(goal.title)} has no metric now"
    definitions.archive(tx, metric)
    if below:
        said = f", {below} metric{'s' if below > 1 else ''} below it stand{'' if below > 1 else 's'} free{said}"
    return said


def _goal(tx: Txn, store: Store, book: Book, node: Node) -> str:
    from kpitui.domain.model import Goal, Kpi
    from kpitui.storage import definitions

    goal = as_seen(store, Goal, node.id, node.rev)
    kpis = definitions.all_of(store, Kpi, goal_id=goal.id)
    for kpi in kpis:
        definitions.change(tx, kpi, goal_id=None)
    for below in definitions.all_of(store, Goal, parent_id=goal.id):
        definitions.change(tx, below, parent_id=goal.parent_id)
    definitions.archive(tx, goal)
    if not kpis:
        return ""
    return f", {len(kpis)} KPI{'s' if len(kpis) > 1 else ''} without a goal now: M ties them to another"


def _scope(tx: Txn, store: Store, node: Node) -> str:
    from kpitui.domain.model import Scope
    from kpitui.storage import definitions

    definitions.archive(tx, as_seen(store, Scope, node.id, node.rev))
    return ""
