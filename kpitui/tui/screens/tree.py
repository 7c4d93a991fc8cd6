"""The tree: goal, KPIs and metrics as one hierarchy, set up and reshaped by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from kpitui.domain.line_filter import read_filter
from kpitui.reports.spoken import row_said
from kpitui.services import hierarchy
from kpitui.tui.screens.row_verbs import About
from kpitui.tui.screens.tree_folding import Folding
from kpitui.tui.screens.tree_panes import draft_lines, low_lines, side_lines
from kpitui.tui.screens.tree_rows import (
    DRAFT,
    FACETS,
    Drafting,
    Look,
    facet_of,
    layout,
    past_goals,
    seen,
    tree_rows,
)
from kpitui.tui.screens.tree_writing import TreeWriting
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import both_ends

if TYPE_CHECKING:
    from kpitui.services.hierarchy import Node, Tree
    from kpitui.services.hierarchy_facts import Facts
    from kpitui.storage.store import Store

SIDE = 41
BESIDE = (116, 30)
"""Columns and rows from which on the pane stands at the right."""


class TreeScreen(Folding, TreeWriting):
    NAME = "tree"
    CSS_PATH = "tree.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.folded: set[str] = set()
        self.known: set[str] | None = None
        """Scopes and goals seen before; new ones are not folded by themselves."""
        self.only_exceptions = self.only_mine = False
        self.facet = ""
        self.facts: Facts | None = None
        self.drafting: Drafting | None = None

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        with Horizontal(id="middle"):
            yield Board(layout(80), header=True, glyphs=glyphs, id="rows")
            yield Lines(glyphs=glyphs, frame="box", id="side")
        yield Lines(glyphs=glyphs, frame="rule", id="below")

    # ---------------------------------------------------------------- the view

    def load_args(self) -> tuple[Any, ...]:
        return (self.app.day,)

    def load(self, store: Store, *args: Any) -> Tree:
        return hierarchy.tree(store, *args)

    @property
    def footer_name(self) -> str:
        return "tree" if self.view is None or self.view.nodes else "first_run"

    def typing(self) -> bool:
        return self.drafting is not None or super().typing()

    @property
    def tree_board(self) -> Board:
        return self.query_one("#rows", Board)

    @property
    def beside(self) -> bool:
        width, height = self.app.size
        return width >= BESIDE[0] and height >= BESIDE[1]

    @property
    def look(self) -> Look:
        cells = self.app.size.width - (SIDE if self.beside else 0)
        columns = layout(cells, self.app.glyphs.name == "ascii").columns
        spark = next((column.width for column in columns if column.name == "spark"), 0)
        offers = not self.app.refused("kpi")
        return Look(self.app.glyphs, spark, cells < 60, frozenset(self.folded), self.app.day, offers)

    # ---------------------------------------------------------------- showing

    def spoken(self) -> dict[str, str]:
        view: Tree | None = self.view
        rows = {node.key: view.row_of(node) for node in view.nodes} if view is not None else {}
        return {key: row_said(row) for key, row in rows.items() if row is not None}

    def draw(self, view: Tree) -> None:
        if self.known is None:
            self.known = {node.key for node in view.nodes}
            self.folded = {node.key for node in view.nodes if node.kind == "scope"} | past_goals(view)
        self.set_class(self.beside, "-beside")
        board = self.tree_board
        cells = self.app.size.width - (SIDE if self.beside else 0)
        wanted = layout(cells, self.app.glyphs.name == "ascii")
        if [column.width for column in wanted.columns] != [column.width for column in board.layouts[""].columns] or len(
            wanted.columns
        ) != len(board.layouts[""].columns):
            board.layouts = {"": wanted}
            board.restyle()
        look = self.look
        columns = {column.name: column.width for _, column in board.columns_of("")} if board.size.width else {}
        look = look._replace(spark=columns.get("spark", look.spark if not columns else 0))
        board.empty = self._empty(view)
        board.header = bool(view.nodes)
        kept = self._kept(view)
        shown = seen(view.nodes, kept, look.folded)
        rows = tree_rows(view, shown, look, self.drafting)
        at = DRAFT if self.drafting is not None else ""
        if kept and not at and board.cursor_key not in kept:
            # What is only there because something below it is meant is not where the cursor belongs.
            at = next(node.key for node in shown if node.key in kept)
        board.show(rows, at=at)
        self._headline(view)
        self.draw_pane()

    def _empty(self, view: Tree) -> list[Any]:
        if view.nodes:
            return [[("Nothing is left: esc shows all again", "dim")]]
        goal = "5m ARR by 31 dec"
        lines: list[Any] = [
            (),
            [("Here stands what the year is about, and what moves it:", "")],
            (),
            [("goal > KPI > metric", "bold")],
        ]
        if self.app.refused("goal"):
            return lines
        lines += [(), [("n", "key"), (f"  writes the goal: {goal}", "")]]
        if self.app.has_screen("library"):
            lines.append([("9", "key"), ("  takes a template", "")])
        return lines

    def _headline(self, view: Tree) -> None:
        goals, kpis, metrics = view.counted
        dot = self.app.glyphs.dot

        def many(count: int, noun: str) -> str:
            return f"{count} {noun}{'' if count == 1 else 's'}"

        # All metrics are counted once: a KPI is one, too.
        counts = f"{many(goals, 'goal')} {dot} {many(kpis, 'KPI')} {dot} {many(metrics, 'metric')}"
        small = self.app.size.width < 60
        left = [(" Goal > KPI > metric   ", "heading"), (counts, "")] if not small else [(f" {counts}", "heading")]
        flags = [
            name
            for name, on in (("exceptions", self.only_exceptions), ("mine", self.only_mine), (self.facet, self.facet))
            if on
        ]
        roomy = view.nodes and self.app.size.width >= 80
        right = [(" ".join(flags), "flag")] if flags else [("* fold all", "dim")] if roomy else []
        self.query_one("#top", Lines).show([both_ends(left, right, self.app.size.width, self.app.glyphs.ellipsis)])

    def draw_pane(self) -> None:
        """What is said of the line under the cursor."""
        view = self.view
        if view is None:
            return
        node, glyphs = self.node, self.app.glyphs
        drafting = self.drafting
        if self.beside:
            pane = self.query_one("#side", Lines)
            if drafting is not None:
                pane.show(draft_lines(drafting, SIDE - 2), title="New line")
                return
            facts = self.facts if self.facts is not None and node is not None and self.facts.key == node.key else None
            if facts is None and node is not None and node.kind in ("kpi", "metric"):
                # Not a coroutine: one that is overtaken before it starts would never be awaited.
                closer: Any = partial(self._look_closer, node)
                self.run_worker(closer, group="facts", exclusive=True)
                if pane.lines and pane.title != "New line":
                    return  # it is painted once, when all is known
            title = node.name if node is not None else ""
            shown = side_lines(view, node, facts, SIDE - 2, glyphs, self.look.offers)
            pane.show(shown, title=title, hint=self._hint(node))
        elif self.app.size.width >= 80:
            below = self.query_one("#below", Lines)
            if drafting is not None:
                below.show(draft_lines(drafting, self.app.size.width), title="New line")
                return
            title, lines = low_lines(view, node, self.app.size.width, glyphs, self.look.offers)
            below.show(lines, title=title)

    def _hint(self, node: Node | None) -> str:
        if node is None or not self.look.offers:
            return ""
        return {"kpi": "e edit  T target  P demote", "metric": "e edit  T target  p promote"}.get(node.kind, "e edit")

    async def _look_closer(self, node: Node) -> None:
        from kpitui.services.hierarchy_facts import facts

        found = await self.app.read(
            facts, self.app.day, node.key, node.metric_id, node.id if node.kind == "kpi" else None
        )
        if found is not None:
            self.facts = found
            self.draw_pane()

    def watch_view(self, view: Any) -> None:
        self.facts = None
        super().watch_view(view)

    def _kept(self, view: Tree) -> set[str] | None:
        """The keys of the lines that a filter leaves; None when there is none."""
        tests: list[Callable[[Node], bool]] = []
        if self.filter_text:
            wanted = read_filter(self.filter_text)
            tests.append(lambda node: wanted.matches(self._fields(view, node)))
        if self.only_exceptions:
            tests.append(lambda node: (row := view.row_of(node)) is not None and row.exception and node.kind != "goal")
        if self.only_mine:
            me = self.app.user.partition("@")[0]
            tests.append(lambda node: node.owner == me)
        if self.facet:
            facet = self.facet
            tests.append(
                lambda node: node.kind == "kpi" if facet == "KPIs" else facet_of(view, node) == facet and not node.again
            )
        if not tests:
            return None
        return {node.key for node in view.nodes if node.kind != "group" and all(test(node) for test in tests)}

    @staticmethod
    def _fields(view: Tree, node: Node) -> dict[str, object]:
        row = view.row_of(node)
        fields: dict[str, object] = dict(row._asdict()) if row is not None else {}
        goal = view.goals.get(node.id) if node.kind == "goal" else None
        status = goal.status if goal is not None else fields.get("status", "")
        return {
            **fields,
            "name": node.name,
            "slug": node.slug,
            "owner": node.owner,
            "status": status,
            "kind": node.kind,
            "role": facet_of(view, node),
            "kpi": node.kind == "kpi",
            "feeds": " ".join(view.feeds.get(node.metric_id or 0, ())),
        }

    def found(self) -> str:
        kept = self._kept(self.view) if self.view is not None else None
        return f"{len(kept)} of {len(self.view.nodes)}" if kept is not None else ""

    # ---------------------------------------------------------------- the cursor

    @property
    def node(self) -> Node | None:
        """The line under the cursor."""
        return self.view.node(self.tree_board.cursor_key) if self.view is not None else None

    def about(self) -> About | None:
        node = self.node
        if node is None or node.metric_id is None or node.kind not in ("kpi", "metric"):
            return None
        row = self.view.row_of(node)
        kpi_id = node.id if node.kind == "kpi" else None
        return About(node.metric_id, node.name, kpi_id, None, row.confidence if row else None)

    async def action_whatif(self) -> None:
        """Of a goal by what measures it, of a KPI or metric by itself."""
        node = self.node
        if node is None or node.kind != "goal":
            await super().action_whatif()
        elif node.metric_id is None:
            self.say("No metric says how far this goal is: M ties one to it")
        else:
            await self.app.open(self.app.made("whatif", node.metric_id, None, node.id))

    def reveal(self, key: str) -> bool:
        """Unfold what a line stands under, and put the cursor on it."""
        view = self.view
        node = view.node(key) if view is not None else None
        if node is None:
            return False
        parent = node.parent
        while parent:
            self.folded.discard(parent)
            above = view.node(parent)
            parent = above.parent if above is not None else ""
        self.redraw()
        return self.tree_board.go_to(key)

    def arrive(self, at: str = "") -> None:
        """Come here with a line in mind, as `kind:slug` (`goal:arr_2026`, `person:bo`)."""
        kind, _, slug = at.partition(":")
        if kind == "person":
            self.filter_text = f"@{slug}"
            self.redraw()
            return
        self._wanted = (kind, slug)
        self.call_after_refresh(self._arrived)

    _wanted: tuple[str, str] = ("", "")

    def _arrived(self) -> None:
        kind, slug = self._wanted
        if self.view is None or not slug:
            return
        kinds = ("kpi", "metric") if kind in ("kpi", "metric") else (kind,)
        node = next((one for one in self.view.nodes if one.slug == slug and one.kind in kinds and not one.again), None)
        if node is not None:
            self.reveal(node.key)

    @on(Board.Highlighted)
    def _moved(self, event: Board.Highlighted) -> None:
        event.stop()
        self.draw_beside(self.draw_pane)

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """The KPI or metric in full; what only holds others is folded or unfolded."""
        node = self.node
        if node is None:
            return
        if node.kind == "goal" and self.app.has_screen("goal"):
            await self.app.open(self.app.made("goal", node.id))
            return
        if node.kind in ("kpi", "metric"):
            row = self.view.row_of(node)
            if row is not None and self.app.has_screen("detail"):
                at = f"@{row.scope}" if node.kind == "kpi" else ""
                await self.app.open(self.app.made("detail", f"{row.slug}{at}"))
                return
        if not self.toggle(node.key):
            self.say(f"Nothing stands below it yet{'' if self.app.refused('kpi') else ': n writes the first'}")

    # ---------------------------------------------------------------- looking

    def action_exceptions(self) -> None:
        self.only_exceptions = not self.only_exceptions
        self._narrowed("Exceptions only" if self.only_exceptions else "All lines")

    def action_mine(self) -> None:
        self.only_mine = not self.only_mine
        self._narrowed("Your own lines only" if self.only_mine else "Everybody's lines")

    def action_facet(self) -> None:
        self.facet = FACETS[(FACETS.index(self.facet) + 1) % len(FACETS)]
        said = {"": "All lines", "KPIs": "KPIs only", "?": "Metrics that are neither lead nor lag"}
        self._narrowed(said.get(self.facet, f"Only {self.facet} metrics"))

    def _narrowed(self, said: str) -> None:
        self.redraw()
        found = self.found()
        self.say(f"{said}{f': {found}, esc shows all' if found else ''}")

    def peel(self) -> bool:
        if self.only_exceptions or self.only_mine or self.facet:
            self.only_exceptions = self.only_mine = False
            self.facet = ""
            self.say("")
            self.redraw()
            return True
        return super().peel()

    def action_copy(self) -> None:
        """The tree as it is unfolded, as text."""
        board = self.tree_board
        rows = board.marked_rows() if board.marked else [row for row in board.rows if row.key]
        text = "\n".join(board.line_text(board.places[row.key]) for row in rows)
        self.app.copy_to_clipboard(text)
        self.say(f"Copied {len(rows)} lines")
