"""Moving lines of the hierarchy: up and down, in and out, under another parent, and putting them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.errors import NotFound, Refused
from kpitui.services.book import Book
from kpitui.services.goal_total import measuring
from kpitui.services.hierarchy import Node, lines
from kpitui.services.naming import Done, Named, as_seen, everything, meant
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

NOTHING = frozenset({"-", "none", "nothing"})


# ---- order -------------------------------------------------------------------------------------------------------


def move(store: Store, key: str, step: int, today: int) -> Done:
    """One place up (-1) or down (1) among the lines that stand under the same parent."""
    nodes = lines(Book(store, today))
    node = found(nodes, key)
    same = [one for one in nodes if one.parent == node.parent and one.table == node.table]
    at = same.index(node)
    if node.table == "group" or not 0 <= at + step < len(same):
        edge = "first" if step < 0 else "last"
        raise Refused(f"{quote(node.name)} is the {edge} here: H and L move it out and in, M to another parent.")
    other = same[at + step]
    same[at], same[at + step] = other, node
    with store.write("tree.move", summary=f"{node.name} {'above' if step < 0 else 'below'} {other.name}") as tx:
        renumber(tx, store, same)
    return Done(f"Moved {clean(node.name)} {'above' if step < 0 else 'below'} {clean(other.name)}", key)


def renumber(tx: Txn, store: Store, order: Sequence[Node]) -> None:
    """Gives lines of one table the places that they have in `order`, using the numbers they have where that will do."""
    from kpitui.storage import definitions

    stored = [row(store, one.table, one.edge if one.edge is not None else one.id) for one in order]
    places = sorted(one.position for one in stored)
    if len(set(places)) < len(places):
        places = [places[0] + number for number in range(len(places))]
    for one, place in zip(stored, places, strict=True):
        if one.position != place:
            definitions.change(tx, one, position=place)


def row(store: Store, table: str, id: int) -> Any:
    from kpitui.domain import model

    return as_seen(store, getattr(model, table.capitalize()), id)


def place_behind(tx: Txn, siblings: Sequence[Any], after: int | None) -> float:
    """A place behind the sibling with the id `after`, before all of them when it is None; others give way if they
    must."""
    from kpitui.storage import definitions

    at = next((number for number, one in enumerate(siblings) if one.id == after), -1) if after is not None else -1
    low = siblings[at].position if at >= 0 else None
    high = siblings[at + 1].position if at + 1 < len(siblings) else None
    if low is None and high is None:
        return 1.0
    if high is None:
        return float(siblings[at].position + 1)
    if low is None:
        return float(high - 1)
    middle = (low + high) / 2
    if low < middle < high:
        return float(middle)
    for number, one in enumerate(siblings, 1):
        definitions.change(tx, one, position=float(number if number <= at + 1 else number + 1))
    return float(at + 2)


# ---- in and out --------------------------------------------------------------------------------------------------


def indent(store: Store, key: str, today: int) -> Done:
    """Under the line above it that has the same parent."""
    nodes = lines(Book(store, today))
    node = found(nodes, key)
    same = [one for one in nodes if one.parent == node.parent]
    above = next((one for one in reversed(same[: same.index(node)]) if _may_hold(one, node)), None)
    if above is None:
        if node.kind == "kpi":
            raise Refused(
                f"{quote(node.name)} is a KPI and stands under its goal: M makes it feed another one, P makes it a "
                "plain metric."
            )
        raise Refused(f"There is nothing above {quote(node.name)} that it could go under: M types a parent.")
    return place_under(store, nodes, node, above, today)


def _may_hold(above: Node, node: Node) -> bool:
    if node.kind == "metric":
        return above.kind in ("kpi", "metric") and above.metric_id != node.metric_id
    return above.kind == node.kind and node.kind in ("goal", "scope") and not above.again


def outdent(store: Store, key: str, today: int) -> Done:
    """Beside its parent: under what the parent stands under."""
    nodes = lines(Book(store, today))
    node = found(nodes, key)
    parent = next((one for one in nodes if one.key == node.parent), None)
    if node.again and node.edge is None:
        raise Refused(f"{quote(node.name)} is shown here again: its own line is where it can be moved.")
    if parent is None or parent.kind == "group":
        raise Refused(f"{quote(node.name)} is at the outermost already.")
    if parent.kind == "scope":
        scope = row(store, "scope", parent.id)
        outer = row(store, "scope", scope.parent_id)
        return _many(store, [node], "scope", outer.id, outer.name, today)
    above = next((one for one in nodes if one.key == parent.parent), None)
    if parent.kind == "goal" and node.kind in ("kpi", "metric") and (above is None or above.kind != "goal"):
        way = "P makes it a plain metric" if node.kind == "kpi" else "e on the goal ties another one to it"
        raise Refused(f"{quote(node.name)} stands under its goal: {way}, M moves it elsewhere.")
    return place_under(store, nodes, node, above, today, behind=parent)


def place_under(
    store: Store, nodes: Sequence[Node], node: Node, above: Node | None, today: int, *, behind: Node | None = None
) -> Done:
    """Moves one line under another; None is the outermost."""
    if node.kind == "metric":
        to = above.metric_id if above is not None and above.kind in ("kpi", "metric") else None
        return feed(store, [node], [to] if to else [], today, behind=behind)
    with store.write("tree.move", summary=f"{node.name} under {above.name if above else 'nothing'}") as tx:
        _hang(tx, store, node, above.kind if above else "", above.id if above else 0, today)
    return Done(f"Moved {clean(node.name)} under {clean(above.name) if above else 'nothing: it is at the outermost'}",
                node.key)  # fmt: skip


def _hang(tx: Txn, store: Store, node: Node, kind: str, id: int, today: int) -> None:
    """A goal, KPI or scope under a goal or a scope."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    one: Any = row(store, node.kind, node.id)
    if node.kind == "kpi":
        values: dict[str, object] = {"goal_id": id} if kind == "goal" else {"scope_id": id}
        if kind == "goal":
            values["scope_id"] = row(store, "goal", id).scope_id
        other = definitions.find(store, model.Kpi, metric_id=one.metric_id, scope_id=values["scope_id"])
        if other is not None and other.id != one.id and other.state != "retired":
            raise Refused(f"{quote(node.name)} is a KPI there already.")
        definitions.change(tx, one, **values)
        return
    if node.kind == "goal" and kind == "scope":
        above = row(store, "goal", one.parent_id) if one.parent_id else None
        inside = above is not None and above.scope_id == one.scope_id
        definitions.change(tx, one, scope_id=id, parent_id=None if inside else one.parent_id)
        return
    if node.kind == "scope" and not id:
        root = definitions.find(store, model.Scope, parent_id=None)
        id = root.id if root else 0
    _refuse_nesting(store, node, id)
    values = {"parent_id": id or None}
    if node.kind == "goal" and id:
        values["scope_id"] = row(store, "goal", id).scope_id if not one.parent_id else one.scope_id
    definitions.change(tx, one, **values)


def _refuse_nesting(store: Store, node: Node, under: int) -> None:
    """A goal or scope cannot lie in itself, at whatever distance."""
    chain = [node.name]
    names: list[str] = []
    at: int | None = under
    while at:
        one: Any = row(store, node.kind, at)
        names.append(one.title if node.kind == "goal" else one.name)
        if at == node.id:
            loop = " > ".join(quote(name) for name in [*chain, *reversed(names[:-1]), node.name])
            raise Refused(f"{quote(node.name)} would lie in itself: {loop}. Nothing was moved.")
        at = one.parent_id


# ---- another parent ----------------------------------------------------------------------------------------------


def parents(book: Book, nodes: Sequence[Node], text: str) -> tuple[list[Named], bool]:
    """What `MRR, Trial>paid` names, and whether it is beside what stands there (`+ MRR`) instead of in its place.

    `-` is no parent at all. Raises NotFound for a name that does not exist.
    """
    said = text.strip()
    beside = said.startswith("+")
    said = said.removeprefix("+").strip()
    if said.casefold() in NOTHING:
        return [], False
    kinds = {node.kind for node in nodes}
    known = everything(book, ("scope",) if kinds == {"scope"} else ("metric", "goal", "scope"))
    try:
        return [meant(known, said)], beside  # a name may hold a comma
    except (NotFound, Problem):
        if "," not in said:
            raise
    return [meant(known, part) for part in said.split(",") if part.strip()], beside


def attach(store: Store, keys: Sequence[str], text: str, today: int) -> Done:
    """Puts lines under the parents that are typed, all of them in one change.

    A metric under metrics feeds them; under a goal without a metric it becomes the goal's; under a scope it belongs to
    that. A KPI under a goal is tied to it. A goal under a metric is measured by it. Raises NotFound and Refused.
    """
    book = Book(store, today)
    all_nodes = lines(book)
    nodes = [found(all_nodes, key) for key in keys]
    to, beside = parents(book, nodes, text)
    kinds = {one.kind for one in to}
    if len(kinds) > 1:
        raise Refused("Name metrics, or one goal, or one scope: they cannot be mixed.")
    if not to or kinds == {"metric"}:
        goals = [node for node in nodes if node.kind == "goal"]
        if goals and to:
            return measured(store, goals, to, today)
        if any(node.kind not in ("metric", "kpi") for node in nodes):
            if to:
                raise Refused("Only metrics and KPIs feed a metric: a scope lies in another scope.")
            return _many(store, nodes, "", 0, "nothing: at the outermost", today)
        return feed(store, nodes, [one.id for one in to], today, beside=beside)
    if len(to) > 1:
        raise Refused(f"Name one {to[0].kind}: nothing lies in two of them.")
    target = to[0]
    if target.kind == "goal" and any(node.kind == "metric" for node in nodes):
        if len(nodes) > 1:
            raise Refused("Under a goal stand KPIs: p makes a metric one.")
        return tied(store, nodes[0], target, book)
    return _many(store, nodes, target.kind, target.id, target.name, today)


def _many(store: Store, nodes: Sequence[Node], kind: str, id: int, name: str, today: int) -> Done:
    from kpitui.storage import definitions

    who = quote(nodes[0].name) if len(nodes) == 1 else f"{len(nodes)} lines"
    with store.write("tree.move", summary=f"{who} under {name}") as tx:
        for node in nodes:
            if node.kind == "metric":
                definitions.change(tx, row(store, "metric", node.id), scope_id=id)
            elif node.kind == "scope" and kind not in ("scope", ""):
                raise Refused(f"{quote(node.name)} is a scope and lies in another scope, not in a {kind}.")
            else:
                _hang(tx, store, node, kind, id, today)
        moved = tx.count
    if not moved:
        return Done(f"{who} stood under {clean(name)} already", nodes[0].key)
    return Done(f"Moved {who} under {clean(name)}", nodes[0].key)


def measured(store: Store, goals: Sequence[Node], to: Sequence[Named], today: int) -> Done:
    """Ties a metric to a goal: it says how far the goal is."""
    from kpitui.services.goals import day_words
    from kpitui.storage import definitions

    if len(goals) > 1 or len(to) > 1:
        raise Refused("One goal has one metric that says how far it is: name one.")
    goal = row(store, "goal", goals[0].id)
    metric = row(store, "metric", to[0].id)
    if goal.unit != metric.unit and "percent" in (goal.unit, metric.unit):
        raise Refused(f"{quote(goal.title)} is not in the unit of {quote(metric.name)}: e changes the goal.")
    book = Book(store, today)
    values = measuring(book, goal, metric, latest(book, metric.id))
    with store.write("goal.metric", summary=f"{goal.title} is measured by {metric.name}") as tx:
        definitions.change(tx, goal, **values)
    total = f": its total since {day_words(values['start'])}" if values.get("start") is not None else ""
    return Done(f"{clean(metric.name)} says how far {clean(goal.title)} is{total}", goals[0].key)


def tied(store: Store, node: Node, goal: Named, book: Book) -> Done:
    if book.goals[goal.id].metric_id is None:
        return measured(
            store, [_goal_node(book, goal.id)], [Named("metric", node.id, node.slug, node.name)], book.today
        )
    raise Refused(f"Under a goal stand KPIs: p makes {quote(node.name)} one.")


def _goal_node(book: Book, id: int) -> Node:
    return next(node for node in lines(book) if node.kind == "goal" and node.id == id and not node.again)


def latest(book: Book, metric_id: int) -> float | None:
    """The last value a metric has, of a whole period where there is one."""
    from kpitui.services.judging import last_reported

    cell = last_reported(book.last_cells(metric_id, 26))
    return None if cell is None else cell.value


def feed(
    store: Store,
    nodes: Sequence[Node],
    to: Sequence[int],
    today: int,
    *,
    beside: bool = False,
    behind: Node | None = None,
) -> Done:
    """Makes metrics feed others, in place of the one each stands under, or `beside` it; `behind` a line there."""
    from kpitui.domain.model import Driver
    from kpitui.storage import definitions

    book = Book(store, today)
    edges = {(edge.metric_id, edge.feeds_id): edge.id for edge in book.drivers}
    gone: set[tuple[int, int]] = set()
    fresh: list[tuple[int, int]] = []
    for node in nodes:
        assert node.metric_id is not None
        if not beside and node.edge is not None and node.kind == "metric":
            old = next(pair for pair, id in edges.items() if id == node.edge)
            if old[1] not in to:
                gone.add(old)
        fresh += [(node.metric_id, other) for other in to if (node.metric_id, other) not in edges]
    refuse_loop(book, (set(edges) - gone) | set(fresh), fresh)
    who = clean(nodes[0].name) if len(nodes) == 1 else f"{len(nodes)} lines"
    where = ", ".join(clean(book.metrics[id].name) for id in to)
    key = f"metric:{nodes[0].metric_id}" if nodes[0].kind == "metric" else nodes[0].key
    if not gone and not fresh:
        return Done(f"{who} stood under {where or 'nothing'} already", nodes[0].key)
    said = f"under {where}" if to else "under nothing"
    with store.write("tree.attach", summary=f"{who} {said}") as tx:
        for pair in gone:
            definitions.archive(tx, definitions.get(store, Driver, edges[pair]))
        for metric_id, other in fresh:
            siblings = definitions.all_of(store, Driver, feeds_id=other)
            place = place_behind(tx, siblings, _edge_of(siblings, behind) or (siblings[-1].id if siblings else None))
            definitions.add(tx, Driver(metric_id=metric_id, feeds_id=other, position=place))
    if not to:
        still = [
            book.metrics[other].name for one, other in edges if (one, other) not in gone and one == nodes[0].metric_id
        ]
        rest = f"; it still feeds {', '.join(map(clean, still))}" if still else ": it feeds no KPI now"
        return Done(f"Moved {who} out{rest}", key)
    if len(nodes) == 1 and nodes[0].again:
        key = nodes[0].key if not gone else f"metric:{nodes[0].metric_id}"
    verb = "feeds" if len(nodes) == 1 else "feed"
    return Done(f"Moved {who} under {where}" if gone or not beside else f"{who} {verb} {where}, too", key)


def _edge_of(siblings: Sequence[Any], behind: Node | None) -> int | None:
    if behind is None or behind.metric_id is None:
        return None
    return next((one.id for one in siblings if one.metric_id == behind.metric_id), None)


def refuse_loop(book: Book, edges: set[tuple[int, int]], fresh: Sequence[tuple[int, int]]) -> None:
    """Raises Refused naming the circle when with these edges a metric feeds itself."""
    feeds: dict[int, list[int]] = {}
    for one, other in edges:
        feeds.setdefault(one, []).append(other)
    for start, to in fresh:
        way = _way(feeds, to, start)
        if way is not None:
            names = " > ".join(quote(book.metrics[id].name) for id in [start, *way])
            raise Refused(f"{quote(book.metrics[start].name)} would feed itself: {names}. Nothing was moved.")


def _way(feeds: dict[int, list[int]], start: int, end: int) -> list[int] | None:
    """The metrics from one to another along what feeds what, both included."""
    came: dict[int, int] = {start: 0}
    waiting = [start]
    while waiting:
        at = waiting.pop(0)
        if at == end:
            way = [at]
            while came[way[-1]]:
                way.append(came[way[-1]])
            return way[::-1]
        for other in feeds.get(at, ()):
            if other not in came:
                came[other] = at
                waiting.append(other)
    return None


def found(nodes: Sequence[Node], key: str) -> Node:
    node = next((one for one in nodes if one.key == key), None)
    if node is None:
        raise NotFound("That line is not there any more: somebody moved it meanwhile.")
    return node
