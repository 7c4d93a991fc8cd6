"""The hierarchy as a list of lines: goals, their KPIs, what feeds those, and whoever has KPIs of their own.

A KPI stands under its goal where both belong to the same scope, else under its scope. Below it stand the metrics that
feed it, and below those what feeds them. Each metric has one line of its own; where it feeds a second one it is shown
`again`, without what feeds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from kpitui.services.book import Book
from kpitui.services.goal_standing import GoalView, goal_view
from kpitui.services.judging import Row, judge_rows
from kpitui.storage import names

if TYPE_CHECKING:
    from kpitui.storage.reading import GoalRow, KpiRow, MetricRow, ScopeRow
    from kpitui.storage.store import Store

NO_GOAL, NO_KPI = "group:no_goal", "group:no_kpi"


class Node(NamedTuple):
    """One line. `kind` is goal, kpi, metric, scope or group; `id` and `rev` are those of the definition."""

    key: str
    kind: str
    id: int
    rev: int
    slug: str
    name: str
    owner: str
    scope_id: int
    parent: str
    """Key of the line it stands under; empty at the outermost."""
    depth: int
    metric_id: int | None = None
    edge: int | None = None
    """The driver it is there by, where it stands under a metric that it feeds."""
    again: bool = False
    """Its own line is elsewhere."""
    beneath: int = 0
    """KPIs and metrics below it, those shown again left out."""

    @property
    def table(self) -> str:
        """What holds its place among its siblings."""
        return "driver" if self.edge is not None else self.kind


class Tree(NamedTuple):
    """What the tree shows. `rows` are where KPIs and metrics stand, by `Node.key` of their own line."""

    nodes: tuple[Node, ...]
    rows: dict[str, Row]
    goals: dict[int, GoalView]
    definitions: dict[int, str]
    """Of metrics, by id; those without one are left out."""
    feeds: dict[int, tuple[str, ...]]
    """Names of what a metric feeds."""
    people: tuple[str, ...]
    currency: str
    today: int
    counted: tuple[int, int, int]
    """Goals, KPIs and metrics."""
    scope_kinds: dict[int, str]
    root: int
    """The outermost scope."""
    names: tuple[tuple[str, str], ...]
    """Kind (metric, goal, scope) and name of all there is, for completing."""
    formulas: dict[int, str]
    """How metrics are worked out, by id; those that are entered are left out."""

    def node(self, key: str) -> Node | None:
        return next((node for node in self.nodes if node.key == key), None)

    def row_of(self, node: Node) -> Row | None:
        """Where the line's KPI or metric stands, also where it is shown again."""
        if node.metric_id is None:
            return None
        found = self.rows.get(node.key)
        if found is None:
            found = next((row for row in self.rows.values() if row.metric_id == node.metric_id), None)
        return found


def tree(store: Store, today: int) -> Tree:
    """The hierarchy and where everything in it stands at the end of `today`."""
    with store.snapshot():
        book = Book(store, today)
        nodes = lines(book)
        own = {node.key: node for node in nodes if not node.again}
        kpis, _ = judge_rows(book, [book.kpis[node.id] for node in own.values() if node.kind == "kpi"], [])
        _, metrics = judge_rows(book, [], [book.metrics[node.id] for node in own.values() if node.kind == "metric"])
        rows = {f"kpi:{row.kpi_id}": row for row in kpis} | {f"metric:{row.metric_id}": row for row in metrics}
        said = names.meanings(store)
        feeds: dict[int, list[str]] = {}
        for edge in book.drivers:
            feeds.setdefault(edge.metric_id, []).append(book.metrics[edge.feeds_id].name)
        named = (
            *(one.owner for one in book.scopes.values()),
            *(one.owner for one in book.goals.values()),
            *(one.owner for one in book.metrics.values()),
            *(one.owner for one in book.kpis.values()),
            store.who.name,
        )
        return Tree(
            nodes,
            rows,
            {key: goal_view(book, goal) for key, goal in book.goals.items()},
            said,
            {key: tuple(names) for key, names in feeds.items()},
            tuple(sorted({name for name in named if name})),
            book.currency,
            today,
            (len(book.goals), len(book.kpis), len(book.metrics)),
            {key: scope.kind for key, scope in book.scopes.items()},
            book.root.id if book.root else 0,
            (
                *(("metric", one.name) for one in book.metrics.values()),
                *(("goal", one.title) for one in book.goals.values()),
                *(("scope", one.name) for one in book.scopes.values()),
            ),
            {key: how for key, one in book.metrics.items() if (how := how_derived(book, one))},
        )


def how_derived(book: Book, metric: MetricRow) -> str:
    if metric.formula:
        return metric.formula
    if metric.numerator_id and metric.denominator_id:
        parts = (book.metrics.get(metric.numerator_id), book.metrics.get(metric.denominator_id))
        return " / ".join(part.slug if part else "?" for part in parts)
    return ""


def lines(book: Book) -> tuple[Node, ...]:
    """The hierarchy without figures, from top to bottom."""
    return _Lines(book).all()


class _Lines:
    def __init__(self, book: Book) -> None:
        self.book = book
        self.out: list[Node] = []
        self.placed: set[int] = set()
        """Metrics that have their own line."""
        self.roles = {kpi.metric_id for kpi in book.kpis.values()}
        self.drivers: dict[int, list[tuple[int, int]]] = {}
        for edge in book.drivers:
            self.drivers.setdefault(edge.feeds_id, []).append((edge.id, edge.metric_id))
        self.fed = {edge.metric_id: edge.feeds_id for edge in book.drivers}
        self.shown_kpis: set[int] = set()
        self.root = book.root

    def all(self) -> tuple[Node, ...]:
        root = self.root.id if self.root else 0
        top = self._part(lambda: self._goals(root, None, 0, ""))
        no_goal = self._part(lambda: self._goalless(root))
        scopes = [
            (scope, depth, parent, self._part(lambda s=scope, d=depth: self._own(s, d)))  # type: ignore[misc]
            for scope, depth, parent in self._scopes(root, 0, "")
        ]
        left = self._part(lambda: self._leftovers(root, 1, NO_KPI))
        tail: list[Node] = []
        for scope, depth, parent, part in scopes:
            rest = self._part(lambda s=scope, d=depth: self._leftovers(s.id, d + 1, f"scope:{s.id}"))  # type: ignore[misc]
            tail += [self._scope_line(scope, depth, parent), *part, *rest]
        if no_goal:
            no_goal = [self._group(NO_GOAL, "KPIs without a goal", root), *no_goal]
        if left:
            left = [self._group(NO_KPI, "not feeding any KPI", root), *left]
        # What only feeds in a circle was written by something else; it is shown all the same.
        lost = self._part(lambda: self._lost(root))
        if lost and not left:
            left = [self._group(NO_KPI, "not feeding any KPI", root)]
        found = [*top, *no_goal, *left, *lost, *tail]
        count: dict[str, int] = {}
        above = {node.key: node.parent for node in found}
        for node in found:
            if node.again or node.kind not in ("kpi", "metric"):
                continue
            key = node.parent
            while key:
                count[key] = count.get(key, 0) + 1
                key = above.get(key, "")
        return tuple(node._replace(beneath=count.get(node.key, 0)) for node in found)

    def _part(self, write: Callable[[], None]) -> list[Node]:
        before, self.out = self.out, []
        write()
        part, self.out = self.out, before
        return part

    # ---- goals and KPIs --------------------------------------------------------------------------------------------

    def _goals(self, scope_id: int, parent_id: int | None, depth: int, parent: str) -> None:
        """The goals of a scope that stand at the outermost of it, each with all that hangs on it."""
        for goal in self.book.goals.values():
            above = self.book.goals.get(goal.parent_id or 0)
            if goal.scope_id == scope_id and (above is None or above.scope_id != scope_id):
                self._goal(goal, depth, parent)

    def _goal(self, goal: GoalRow, depth: int, parent: str) -> None:
        key = f"goal:{goal.id}"
        self.out.append(
            Node(key, "goal", goal.id, goal.rev, goal.slug, goal.title, goal.owner, goal.scope_id, parent, depth,
                 goal.metric_id if goal.metric_id in self.book.metrics else None)
        )  # fmt: skip
        for kpi in self.book.kpis.values():
            if kpi.goal_id == goal.id and kpi.scope_id == goal.scope_id:
                self._kpi(kpi, depth + 1, key)
        if goal.metric_id in self.book.metrics and goal.metric_id not in self.roles:
            tied = {kpi.metric_id for kpi in self.book.kpis.values() if kpi.goal_id == goal.id}
            self._metric(goal.metric_id, depth + 1, key, None, leave_out=tied)
        for below in self.book.goals.values():
            if below.parent_id != goal.id:
                continue
            if below.scope_id == goal.scope_id:
                self._goal(below, depth + 1, key)
            else:
                self.out.append(
                    Node(f"goal:{below.id}@{key}", "goal", below.id, below.rev, below.slug, below.title, below.owner,
                         below.scope_id, key, depth + 1, None, None, again=True)
                )  # fmt: skip

    def _kpi(self, kpi: KpiRow, depth: int, parent: str) -> None:
        metric = self.book.metrics[kpi.metric_id]
        key = f"kpi:{kpi.id}"
        self.shown_kpis.add(kpi.id)
        self.placed.add(metric.id)
        self.out.append(
            Node(key, "kpi", kpi.id, kpi.rev, metric.slug, metric.name, kpi.owner or metric.owner, kpi.scope_id,
                 parent, depth, metric.id)
        )  # fmt: skip
        self._feeding(metric.id, depth + 1, key)

    def _goalless(self, root: int) -> None:
        for kpi in self.book.kpis.values():
            if kpi.scope_id == root and kpi.id not in self.shown_kpis:
                self._kpi(kpi, 1, NO_GOAL)

    # ---- metrics ---------------------------------------------------------------------------------------------------

    def _feeding(self, metric_id: int, depth: int, parent: str, leave_out: Iterable[int] = ()) -> None:
        for edge, driver in self.drivers.get(metric_id, ()):
            if driver not in leave_out:
                self._metric(driver, depth, parent, edge)

    def _metric(self, metric_id: int, depth: int, parent: str, edge: int | None, leave_out: Iterable[int] = ()) -> None:
        metric = self.book.metrics[metric_id]
        again = metric_id in self.placed or metric_id in self.roles
        key = f"metric:{metric_id}"
        self.out.append(
            Node(f"{key}@{parent}" if again else key, "metric", metric.id, metric.rev, metric.slug, metric.name,
                 metric.owner, metric.scope_id, parent, depth, metric.id, edge, again)
        )  # fmt: skip
        if not again:
            self.placed.add(metric_id)
            self._feeding(metric_id, depth + 1, key, leave_out)

    def _leftovers(self, scope_id: int, depth: int, parent: str) -> None:
        for metric in self.book.metrics.values():
            if metric.scope_id == scope_id and metric.id not in self.placed and metric.id not in self.fed:
                self._metric(metric.id, depth, parent, None)

    def _lost(self, root: int) -> None:
        for metric in self.book.metrics.values():
            if metric.id not in self.placed:
                self._metric(metric.id, 1, NO_KPI, None)

    def _group(self, key: str, name: str, root: int) -> Node:
        return Node(key, "group", 0, 0, "", name, "", root, "", 0)

    # ---- scopes ----------------------------------------------------------------------------------------------------

    def _scopes(self, above: int, depth: int, parent: str) -> list[tuple[ScopeRow, int, str]]:
        found: list[tuple[ScopeRow, int, str]] = []
        for scope in self.book.scopes.values():
            if scope.parent_id == above:
                found += [(scope, depth, parent), *self._scopes(scope.id, depth + 1, f"scope:{scope.id}")]
        return found

    def _own(self, scope: ScopeRow, depth: int) -> None:
        key = f"scope:{scope.id}"
        self._goals(scope.id, None, depth + 1, key)
        for kpi in self.book.kpis.values():
            if kpi.scope_id == scope.id and kpi.id not in self.shown_kpis:
                self._kpi(kpi, depth + 1, key)

    def _scope_line(self, scope: ScopeRow, depth: int, parent: str) -> Node:
        return Node(
            f"scope:{scope.id}", "scope", scope.id, scope.rev, scope.slug, scope.name, scope.owner, scope.id, parent,
            depth,
        )  # fmt: skip
