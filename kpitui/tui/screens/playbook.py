"""A playbook, laid over the row that missed: pick a cause or a step, and it becomes a countermeasure with an owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult

from kpitui.reports.wording import day_text, near_day
from kpitui.services import playbook
from kpitui.services.revisions import who_changed
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, blank, heading
from kpitui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from kpitui.services.countermeasures import Countermeasure
    from kpitui.services.naming import Done
    from kpitui.services.playbook import Playbook
    from kpitui.storage.store import Store

TITLES = {
    "causes": ("Causes to look for", "the first thing to ask when it is missed"),
    "support": ("Support to offer", "training, mentoring, time, somebody beside"),
    "steps": ("First steps", "what is done before anybody is asked why"),
}
LAYOUTS = {
    "": Layout((Column("text", 0),)),
    "tried": Layout(
        (
            Column("day", 10, "", "right"),
            Column("who", 6, gap=2),
            Column("text", 0, least=30),
            Column("effect", 44, gap=2),
        ),
        (("effect", 26), ("who", 0), ("effect", 18), ("effect", 0), ("day", 0)),
    ),
}
STYLES = {"better": "on", "worse": "off", "none": "watch"}


class PlaybookScreen(KpiScreen):
    NAME = "playbook"
    SAVES: ClassVar[Mapping[str, str]] = {"edit": "playbook"}
    CSS_PATH = "playbook.tcss"

    def __init__(self, metric_id: int, kpi_id: int | None = None, review_id: int | None = None) -> None:
        super().__init__()
        self.metric_id, self.kpi_id, self.review_id = metric_id, kpi_id, review_id

    def compose_content(self) -> ComposeResult:
        yield Lines(glyphs=self.app.glyphs, id="top")
        yield Board(LAYOUTS, glyphs=self.app.glyphs)

    def load_args(self) -> tuple[Any, ...]:
        return (self.metric_id, self.kpi_id, self.app.day)

    def load(self, store: Store, *args: Any) -> Playbook:
        return playbook.playbook(store, *args)

    def draw(self, view: Playbook) -> None:
        whose = "" if view.of == view.metric else f", for {view.of}"
        where = "   in this review" if self.review_id else ""
        self.query_one("#top", Lines).show(
            [[(f" Playbook: {view.metric}", "heading"), (whose, "dim"), (where, "flag")], [(f" {view.status}", "dim")]]
        )
        rows: list[BoardRow] = []
        for part in playbook.PARTS:
            title, about = TITLES[part]
            rows.append(heading(title))
            points = getattr(view, part)
            rows += [BoardRow(f"{part}:{place}", (text,)) for place, text in enumerate(points)]
            if not points:
                rows.append(BoardRow(f"{part}:", ((f"{about}: e writes it", "dim"),)))
            rows.append(blank())
        rows.append(heading("Countermeasures", "each is looked at again once it is done" if view.tried else ""))
        rows += [self._tried(one) for one in view.tried]
        if not view.tried:
            enter = self.app.glyphs.enter
            rows.append(BoardRow("new", ((f"none yet: {enter} on a cause or a step makes one", "dim"),)))
        self.query_one(Board).show(rows)

    def _tried(self, one: Countermeasure) -> BoardRow:
        day = near_day(one.due, self.app.day) if one.done is None else day_text(one.done, self.app.day)
        style = STYLES.get(one.effect.state, "dim") if one.effect else "dim"
        words = f"{one.text} (against {one.cause})"
        return BoardRow(f"tried:{one.action_id}", (day, one.owner, words, (one.sentence, style)), layout="tried")

    # ---------------------------------------------------------------- verbs

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    def saves(self, verb_id: str) -> str:
        """Enter makes a countermeasure, and tells of one that was made."""
        if verb_id == "open" and self._under_cursor()[0] != "tried":
            return "action"
        return super().saves(verb_id)

    def _under_cursor(self) -> tuple[str, str]:
        """The part the cursor is in, and its text there."""
        part, _, place = self.query_one(Board).cursor_key.partition(":")
        points: tuple[str, ...] = getattr(self.view, part, ()) if part in playbook.PARTS else ()
        return part, points[int(place)] if place.isdigit() and int(place) < len(points) else ""

    async def action_open(self) -> None:
        """Cause, then countermeasure `what @who when`; what the cursor is on is filled in."""
        view = self.view
        if view is None:
            return
        part, text = self._under_cursor()
        if part == "tried":
            number = self.query_one(Board).cursor_key.partition(":")[2]
            one = next((one for one in view.tried if str(one.action_id) == number), None)
            if one is not None:
                self.say(f"{one.text}: {one.sentence}")
            return
        cause: str | None = text if part == "causes" and text else None
        if cause is None:
            cause = await self.ask(
                "Cause",
                subject=view.metric,
                parse=lambda said: "" if said.strip() else "what made it miss; tab goes through the causes",
                complete=lambda said: [one for one in view.causes if one.casefold().startswith(said.casefold())],
            )
        if not cause or not cause.strip():
            return
        await self._countermeasure(cause, text if part in ("steps", "support") else "")

    async def _countermeasure(self, cause: str, initial: str) -> None:
        from kpitui.domain.line_action import read_action

        view, today, me = self.view, self.app.today(), self.app.user.partition("@")[0]

        def preview(text: str) -> str:
            if not text.strip():
                return f"what @who when, against {cause}"
            said = read_action(text, today, me)
            return f"{said.who}, {near_day(said.due, self.app.day)}, against {cause}"

        text = await self.ask(
            "Countermeasure",
            subject=view.metric,
            initial=initial,
            parse=preview,
            complete=lambda said: [one for one in view.steps if one.casefold().startswith(said.casefold())],
        )
        if not text or not text.strip():
            return
        said = read_action(text, today, me)
        line = text if f"@{said.who}" in text else f"{text} @{said.who}"
        await self.app.save(
            playbook.fill_in,
            self.metric_id,
            cause,
            line,
            self.app.day,
            self.review_id,
            said=lambda done: f"{done.sentence} · u undo",
        )

    async def action_action(self) -> None:
        await self.action_open()

    async def action_edit(self) -> None:
        """The three parts, one after the other; `;` stands between points, ctrl+o opens the editor."""
        view = self.view
        if view is None:
            return
        if view.kpi_id is None:
            self.say(f"{view.metric} is no KPI: p makes it one, then it can have a playbook.")
            return
        texts = []
        for part in playbook.PARTS:
            title, about = TITLES[part]
            text = await self.ask(
                title,
                subject=view.metric,
                initial="; ".join(getattr(view, part)),
                parse=lambda said, about=about: f"{len(playbook.split(said))} points" if said.strip() else about,  # type: ignore[misc]
            )
            if text is None:
                return
            texts.append(text)
        whole = False
        if not view.id:
            whole = await self.confirm("For every KPI of its scope, not only this one?")
        await self._write(view, texts, whole)

    async def _write(self, seen: Playbook, texts: list[str], whole: bool) -> Done | None:
        """Save its parts over those that were seen; where somebody else changed the same one, ask which stays."""

        async def settle() -> Done | None:
            await self.fetch()
            now = self.view
            who = (await self.app.read(who_changed, "playbook", now.id) if now.id else None) or "somebody"
            kept = []
            for part, mine in zip(playbook.PARTS, texts, strict=True):
                before, theirs, wanted = getattr(seen, part), getattr(now, part), playbook.split(mine)
                if theirs == before or wanted == theirs:
                    kept.append(mine)
                    continue
                said = "; ".join(theirs)
                question = f"{who} made “{TITLES[part][0]}” “{said}”. Save yours, “{mine.strip()}”, over it?"
                kept.append(mine if wanted != before and await self.confirm(question) else said)
            if [playbook.split(text) for text in kept] == [getattr(now, part) for part in playbook.PARTS]:
                self.say(f"Kept what {who.partition(' ')[0]} wrote")
                return None
            return await self._write(now, kept, whole)

        return await self.app.save(
            playbook.write, seen, *texts, whole_scope=whole, settle=settle,
            said=lambda done: f"{done.sentence} · u undo",
        )  # fmt: skip

    def action_copy(self) -> None:
        view = self.view
        if view is None:
            return
        lines = [f"Playbook: {view.of}"]
        for part in playbook.PARTS:
            lines += ["", TITLES[part][0], *(f"- {text}" for text in getattr(view, part))]
        self.app.copy_to_clipboard("\n".join(lines))
        self.say("Copied the playbook")
