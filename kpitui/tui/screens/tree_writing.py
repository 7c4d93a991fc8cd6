"""What changes the tree: writing, editing, moving, promoting and archiving its lines, all on the prompt row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kpitui.domain.problem import Problem
from kpitui.services import creating, editing, promotion, putting_away, shaping
from kpitui.services.naming import Named, meant
from kpitui.services.revisions import who_edited
from kpitui.text import clean, cut
from kpitui.tui.screens.row_verbs import RowVerbs
from kpitui.tui.screens.tree_lines import EXAMPLES, completed, starts, understood
from kpitui.tui.screens.tree_promote import Promoting
from kpitui.tui.screens.tree_rows import Drafting

if TYPE_CHECKING:
    from kpitui.services.creating import Place
    from kpitui.services.hierarchy import Node, Tree
    from kpitui.services.naming import Done
    from kpitui.tui.messages import DataChanged
    from kpitui.tui.widgets.board import Board


class TreeWriting(Promoting, RowVerbs):
    """Mixed into the tree's screen."""

    view: Any
    drafting: Drafting | None
    folded: set[str]

    @property
    def node(self) -> Node | None:
        raise NotImplementedError

    @property
    def tree_board(self) -> Board:
        raise NotImplementedError

    def reveal(self, key: str) -> bool:
        raise NotImplementedError

    # ---------------------------------------------------------------- saving

    async def keep(self, fn: Callable[..., Any], *args: Any, **kw: Any) -> Done | None:
        """Save, show the tree as it is then, and put the cursor on what it was about."""
        self._keeping = True
        try:
            done: Done | None = await self.app.save(fn, *args, **kw, said=lambda it: f"{it.sentence} · u undo")
        finally:
            self._keeping = False
        if done is None:
            # Somebody may have been faster: show how it stands now.
            message, kind = self.prompt.message, self.prompt.kind
            await self.fetch()
            self.say(message, kind)
            return None
        await self.fetch()
        if done.key:
            self.reveal(done.key)
        if done.warning:
            self.say(f"{done.sentence} · u undo · {done.warning}", "warn")
        return done

    def _none(self) -> None:
        way = "" if self.app.refused("goal") else ": n writes the first line"
        self.say(f"There is nothing under the cursor yet{way}.")

    _keeping = False

    def data_changed(self, change: DataChanged) -> None:
        if self._keeping and change.by_us:
            self.stale = True  # `keep` reads it itself
        else:
            super().data_changed(change)

    # ---------------------------------------------------------------- new lines

    async def action_new(self) -> None:
        """A line under the one the cursor is on; Enter saves it and opens the next, Esc ends."""
        await self._write(sibling=False)

    async def action_new_sibling(self) -> None:
        """A line beside the one the cursor is on."""
        await self._write(sibling=True)

    async def _write(self, sibling: bool) -> None:
        tree: Tree | None = self.view
        if tree is None:
            return
        node = self.node
        place = creating.place_of(tree, node, sibling=sibling and node is not None, root=tree.root)
        behind = node.key if node is not None else ""
        depth = 0 if node is None else node.depth if sibling else node.depth + 1
        if node is not None and not sibling:
            self.folded.discard(node.key)
        if node is not None and node.again:
            self.say(f"{clean(node.name)} is shown here again: n writes on its own line.")
            return
        text, wrong, refused = "", "", ""
        while True:
            self.drafting = Drafting(behind, depth, "", None, place.what)
            self.redraw()
            typed = await self.ask(
                self._label(place),
                initial=text,
                parse=self._previewer(place, behind, depth, wrong, refused),
                complete=self._completer(place),
            )
            self.drafting = None
            if typed is None or not typed.strip():
                self.redraw()
                self.tree_board.go_to(behind)
                self.settled()
                return
            line = creating.read_line(typed, place, self.app.today(), self.view.currency)
            done = await self.keep(creating.add, line, place, self.app.day)
            if done is None:
                text, wrong, refused = typed, typed, self.prompt.message
                continue
            text = wrong = refused = ""
            made = self.view.node(done.key)
            if made is None:
                continue
            if made.kind == "goal" and not sibling:
                # The goal stands: what comes next are its KPIs.
                behind, depth = made.key, made.depth + 1
                place = creating.place_of(self.view, made, root=self.view.root)
            elif made.depth == depth:
                behind = made.key
                place = place._replace(after=made.metric_id if made.kind in ("kpi", "metric") else made.id)

    def _label(self, place: Place) -> str:
        noun = {"goal": "goal", "kpi": "KPI", "metric": "metric", "scope": "team, role or metric,"}[place.what]
        if self.app.size.width < 60:
            return "n"
        return f"New {noun} under {cut(clean(place.name), 18)}" if place.name else f"New {noun}"

    def _previewer(self, place: Place, behind: str, depth: int, wrong: str, refused: str) -> Callable[[str], str]:
        """Shows in the tree what is understood, and says beside the line what is not."""
        today, currency = self.app.today(), self.view.currency

        def preview(text: str) -> str:
            line, said, hint = None, "", ""
            try:
                if not text.strip():
                    said = hint = EXAMPLES[place.what]
                    return hint
                if wrong and text == wrong:
                    raise Problem(refused)
                line = creating.read_line(text, place, today, currency)
                said = understood(line)
                return said.removeprefix(f"{line.name}: ") if self.app.size.width < 80 else ""
            except Problem as problem:
                said = str(problem)
                raise
            finally:
                self.drafting = Drafting(behind, depth, text, line, place.what, said)
                self.redraw()

        return preview

    def _completer(self, place: Place) -> Callable[[str], Sequence[str]]:
        tree: Tree = self.view

        def complete(text: str) -> Sequence[str]:
            return completed(text, tree, ("metric",))

        return complete

    # ---------------------------------------------------------------- editing

    async def action_edit(self) -> None:
        """The line filled with what stands; `e` once more opens all its fields."""
        node = self.node
        if node is None:
            self._none()
            return
        if node.kind == "group":
            self.say("This line only gathers what stands below it: there is nothing to edit.")
            return
        before = await self.app.read(editing.line_of, node, self.app.day)
        if before is None:
            return
        text, wrong, refused = before, "", ""
        today, currency = self.app.today(), self.view.currency
        while True:
            form = False

            def preview(typed: str, wrong: str = wrong, refused: str = refused) -> str:
                nonlocal form
                if typed == f"{before}e":
                    form = True
                    self.call_later(self.prompt.drop)
                    return ""
                if wrong and typed == wrong:
                    raise Problem(refused)
                if typed == before:
                    return "e: fields"
                return editing.check_line(node, typed, today, currency)

            typed = await self.ask("Edit", initial=text, parse=preview, subject=node.name,
                                   complete=lambda said: completed(said, self.view, ("metric",)))  # fmt: skip
            if form:
                await self._form(node)
                return
            if typed is None or not typed.strip():
                return
            differs = await self.app.read(editing.recut, node, before, typed, self.app.day)
            if differs is not None and not await self.confirm(f"{differs.short}. Change it?", False):
                self.say("Left as it was")
                return
            asked = False

            async def settle(typed: str = typed) -> Done | None:
                nonlocal asked
                asked = True
                return await self._settle(node, before, typed)

            done = await self.keep(editing.edit, node, before, typed, self.app.day, settle=settle)
            if done is not None or asked or self.view.node(node.key) is None:
                # Where it was changed by somebody else meanwhile, the next e shows it as it is now.
                return
            text, wrong, refused = typed, typed, self.prompt.message

    async def _settle(self, node: Node, before: str, typed: str) -> Done | None:
        """Somebody else changed the line meanwhile: which of the two stays? What they did elsewhere in it is kept."""
        await self.fetch()
        fresh = self.view.node(node.key)
        theirs = None if fresh is None else await self.app.read(editing.line_of, fresh, self.app.day)
        if fresh is None or theirs is None:
            self.say(f"{node.name} was moved or put away meanwhile: the log shows by whom.", "warn")
            return None
        if theirs not in (before, typed):
            who = await self.app.read(who_edited, fresh.kind, fresh.id, fresh.metric_id) or "somebody"
            if not await self.confirm(f"{who} made it “{theirs}”. Save yours over it?"):
                self.say(f"Kept theirs: {theirs}")
                return None
        return await self.app.save(editing.edit, fresh, theirs, typed, self.app.day,
                                   said=lambda it: f"{it.sentence} · u undo")  # fmt: skip

    async def _form(self, node: Node) -> None:
        from kpitui.tui.screens.form import FormScreen

        await self.app.open(FormScreen(node))

    def open_form(self, at: str, typed: str) -> None:
        """All fields of the line under the cursor, with one of them open and `typed` in it."""
        from kpitui.tui.screens.form import FormScreen

        if self.node is not None and self.app.allowed(self.node.kind):
            self.app.do(self.app.open(FormScreen(self.node, at, typed)))

    # ---------------------------------------------------------------- moving

    async def action_row_down(self) -> None:
        await self._shape(shaping.move, 1)

    async def action_row_up(self) -> None:
        await self._shape(shaping.move, -1)

    async def action_indent(self) -> None:
        await self._shape(shaping.indent)

    async def action_outdent(self) -> None:
        await self._shape(shaping.outdent)

    async def _shape(self, fn: Callable[..., Any], *args: Any) -> None:
        node = self.node
        if node is None:
            self._none()
        elif node.kind == "group":
            self.say("This line only gathers what stands below it: it stays where it is.")
        else:
            await self.keep(fn, node.key, *args, self.app.day)

    def _meant_nodes(self) -> list[Node]:
        tree: Tree = self.view
        rows = self.tree_board.marked_rows()
        found = [node for row in rows if (node := tree.node(row.key)) is not None]
        return [node for node in found if node.kind != "group"]

    async def action_attach(self) -> None:
        """Under what is typed; `+` beside where it stands, `-` under nothing."""
        nodes = self._meant_nodes()
        if not nodes:
            self._none()
            return
        tree: Tree = self.view
        who = cut(clean(nodes[0].name), 18) if len(nodes) == 1 else f"{len(nodes)} lines"
        kinds = {node.kind for node in nodes}
        wanted = ("scope",) if kinds == {"scope"} else ("metric", "goal", "scope")

        # What a goal is given is the metric that says how far it is, seldom another goal to lie under.
        measured = kinds == {"goal"}
        known = [Named(kind, place, "", name) for place, (kind, name) in enumerate(tree.names) if kind in wanted]

        def preview(text: str) -> str:
            if not text.strip():
                if measured:
                    return "the metric that says how far it is; or a goal, to lie under it"
                return "a name, tab completes; + name: there, too; -: under nothing"
            names = [name for kind, name in tree.names if kind in wanted]
            said = text.strip().removeprefix("+").strip()
            if said in ("-", "none", "nothing"):
                return f"{who} out of where it stands"
            parts = [said] if said in names or "," not in said else said.split(",")
            found = [meant(known, part) for part in parts if part.strip()]
            tells = measured and found[0].kind == "metric"
            verb = "feeds" if text.strip().startswith("+") else "measured by" if tells else "under"
            return f"{who} {verb} {', '.join(clean(one.name) for one in found)}"

        def complete(text: str) -> Sequence[str]:
            plus = "+ " if text.strip().startswith("+") else ""
            head, comma, last = text.strip().removeprefix("+").strip().rpartition(",")
            begin = f"{plus}{head}{comma}{' ' if comma else ''}"
            return [f"{begin}{name}" for kind, name in tree.names if kind in wanted and starts(last, name)]

        label = "Measured by" if measured else f"{who} under"
        text = await self.ask(label, parse=preview, complete=complete, subject=who if measured else "")
        if text and text.strip():
            done = await self.keep(shaping.attach, [node.key for node in nodes], text, self.app.day)
            if done is not None:
                self.tree_board.clear_marks()

    # ---------------------------------------------------------------- KPIs

    async def action_demote(self) -> None:
        node = self.node
        if node is None or node.kind != "kpi":
            self.say("P makes a KPI a plain metric again: put the cursor on one.")
            return
        text = await self.ask(
            f"{cut(clean(node.name), 20)} no KPI any more, why",
            parse=lambda said: "" if said.strip() else "the log keeps it; enter goes on without",
        )
        if text is not None:
            await self.keep(promotion.demote, node.id, text, rev=node.rev)

    async def action_archive(self) -> None:
        """Put away what is marked, or the line under the cursor, with its role and its place."""
        nodes = self._meant_nodes()
        if not nodes:
            self._none()
            return
        if any(node.again for node in nodes):
            self.say("It is shown here again: H takes it out of this place, d works on its own line.")
            return
        at = self.tree_board.cursor
        done = await self.keep(putting_away.archive, nodes, self.app.day)
        if done is not None:
            self.tree_board.clear_marks()
            rows = self.tree_board.rows
            if rows and self.tree_board.row is None:
                self.tree_board.move(min(at, len(rows) - 1))
