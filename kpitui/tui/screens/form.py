"""All fields of one line of the tree: each is typed on the prompt row and saved by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult

from kpitui.domain.problem import Problem
from kpitui.services import calendar_change, forms
from kpitui.services.revisions import who_changed
from kpitui.text import clean, fold
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, heading

if TYPE_CHECKING:
    from kpitui.services.forms import Field, Form
    from kpitui.services.hierarchy import Node
    from kpitui.services.naming import Done
    from kpitui.storage.store import Store

COLUMNS = Layout(
    (Column("label", 34, "", gap=0), Column("value", 0, "", gap=2, least=18)), (("label", 24), ("label", 18))
)


class FormScreen(KpiScreen):
    NAME = "form"
    CSS = "FormScreen Board { height: 1fr; }"

    def __init__(self, node: Node, at: str = "", typed: str | None = None) -> None:
        """`at` is the row that the cursor begins on, `typed` what is offered there at once."""
        super().__init__()
        self.node = node
        self._at, self._offered = at, typed

    @property
    def footer_name(self) -> str:
        return "fields"

    def compose_content(self) -> ComposeResult:
        yield Board(COLUMNS, glyphs=self.app.glyphs)

    def load_args(self) -> tuple[Any, ...]:
        return (self.node, self.app.day)

    def load(self, store: Store, *args: Any) -> Form:
        return forms.form(store, *args)

    def draw(self, view: Form) -> None:
        keep = self.matches(self.filter_text)
        rows: list[BoardRow] = []
        for number, (title, fields) in enumerate(view.parts):
            shown = [field for field in fields if keep(f"{field.label} {field.text}")]
            if not shown:
                continue
            rows.append(heading(f"{clean(view.title)}: {title.lower()}" if not number else title))
            for field in shown:
                text = " ".join(field.text.split())
                rows.append(
                    BoardRow(f"{field.table}:{field.name}", ((field.label, "dim"), text or ("-", "dim")))
                )  # fmt: skip
        board = self.query_one(Board)
        board.empty = [[("Nothing matches: esc shows all fields", "dim")]]
        board.show(rows)
        at, self._at = self._at, ""
        if at and board.go_to(at):
            self.call_after_refresh(self.action_verb, "open")

    @property
    def field(self) -> Field | None:
        key = self.query_one(Board).cursor_key
        fields = [field for _, part in self.view.parts for field in part] if self.view is not None else []
        return next((field for field in fields if f"{field.table}:{field.name}" == key), None)

    def saves(self, verb_id: str) -> str:
        field = self.field
        if verb_id in ("open", "edit", "left", "right", "archive") and field is not None:
            return field.table
        return super().saves(verb_id)

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_edit(self) -> None:
        await self.action_open()

    async def action_open(self) -> None:
        """Type the field under the cursor; tab goes through what it may be. Enter saves and goes to the next."""
        field = self.field
        if field is None:
            return
        names, seen = self.view.names, self._seen(field)

        def preview(text: str) -> str:
            if field.choices:
                said = text.strip().casefold()
                if said and not any(choice.startswith(said) for choice in field.choices):
                    raise Problem(f"One of {', '.join(field.choices)}.")
                return ", ".join(field.choices)
            return ""

        def complete(text: str) -> list[str]:
            if field.choices:
                near = [choice for choice in field.choices if choice.startswith(text.strip().casefold())]
                return near if text.strip() not in field.choices else list(field.choices)
            if field.name in forms.METRICS:
                return [name for name in names if fold(text) in fold(name)]
            return []

        typed, refused = field.text, ""
        if self._offered is not None:
            typed, self._offered = self._offered, None
        while True:
            text = await self.ask(
                field.label, initial=typed, parse=preview, complete=complete, refused=refused, subject=self.view.title,
                anew=forms.at_once(field),
            )  # fmt: skip
            if text is None or await self._save(field, text, seen):
                return
            # What was refused is there to be mended, with the reason above it.
            typed, refused = text, self.prompt.message

    def _seen(self, field: Field) -> tuple[int, int]:
        """Id and revision of what a field belongs to, as they are shown: others may change it while it is typed."""
        return next((id, rev) for table, id, rev in self.view.revs if table == field.table)

    async def _save(self, field: Field, text: str, seen: tuple[int, int]) -> bool:
        """False when it was refused."""
        id, rev = seen
        if field.name == "cadence" and text.strip().casefold() in field.choices:
            differs = await self.app.read(calendar_change.recut, self.app.day, id, text.strip().casefold())
            if differs is not None and not await self.confirm(f"{differs.short}. Change it?", False):
                self.say("Left as it was")
                return True
        done = await self._keep(field, text, id, rev)
        message, kind = self.prompt.message, self.prompt.kind
        await self.fetch()
        self.say(message, kind)
        if done is not None:
            self.query_one(Board).move(1)
        return done is not None or kind != "error"

    async def _keep(self, field: Field, text: str, id: int, rev: int, again: bool = False) -> Done | None:
        """Save a field as it was seen at a revision; where somebody else changed it meanwhile, ask which stays."""

        async def settle() -> Done | None:
            await self.fetch()
            now = next((one for _, part in self.view.parts for one in part if one[:2] == field[:2]), None)
            if now is None:
                self.say(f"{field.label} is no field here any more: somebody changed what this is.", "warn")
                return None
            new_rev = next(new for table, one, new in self.view.revs if (table, one) == (field.table, id))
            if now.text not in (field.text, text.strip()):
                who = await self.app.read(who_changed, field.table, id) or "somebody"
                mine, theirs = (" ".join(said.split()) or "-" for said in (text, now.text))
                if not await self.confirm(f"{who} made {field.label} “{theirs}”. Save yours, “{mine}”, over it?"):
                    self.say(f"Kept theirs: {field.label} is {theirs}")
                    return None
            return await self._keep(now, text, id, new_rev, again=True)

        return await self.app.save(
            forms.set_field, field.table, id, rev, field.name, text, self.app.day,
            said=lambda it: f"{it.sentence} · u undo", settle=None if again else settle,
        )  # fmt: skip

    async def _turn(self, step: int) -> None:
        """The next of a field's choices."""
        field = self.field
        if field is None or not field.choices:
            return
        at = field.choices.index(field.text) if field.text in field.choices else 0
        board = self.query_one(Board)
        key = board.cursor_key
        await self._save(field, field.choices[(at + step) % len(field.choices)], self._seen(field))
        board.go_to(key)

    async def action_right(self) -> None:
        await self._turn(1)

    async def action_left(self) -> None:
        await self._turn(-1)

    async def action_archive(self) -> None:
        """Leave the field open."""
        field = self.field
        if field is not None and field.text:
            await self._save(field, "", self._seen(field))

    def found(self) -> str:
        return ""
