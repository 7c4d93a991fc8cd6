"""The audit of the values: what somebody should look at, accepted or mended by one key, and the sample of five."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult

from kpitui.domain.data_audit import BY_ID
from kpitui.domain.problem import Problem
from kpitui.domain.roles import ANY
from kpitui.reports.wording import day_text
from kpitui.services import audit, data_audit, data_audit_mend
from kpitui.text import wrapped
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.doctor_rows import STYLES, sign
from kpitui.tui.screens.review_doubts import saved_by_accepting
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import Line

if TYPE_CHECKING:
    from kpitui.services.data_audit import Accepted, DataAudit, Finding
    from kpitui.storage.store import Store

COLUMNS = Layout(
    (
        Column("severity", 1, "S"),
        Column("metric", 18, "metric", least=8),
        Column("period", 13, "period", least=6),
        Column("text", 0, "finding", least=46, gap=2),
        Column("meant", 10, "meant", gap=2),
        Column("owner", 8, "owner", gap=2),
    ),
    (("owner", 0), ("meant", 0), ("metric", 14), ("period", 8), ("metric", 10)),
)


class AuditScreen(KpiScreen):
    NAME = "audit"
    SAVES: ClassVar[Mapping[str, str]] = {"close": "acceptance", "archive": "point", "audit": "annotation"}
    CSS_PATH = "audit.tcss"

    def __init__(self, metric: str | None = None) -> None:
        """All metrics, or the one of a slug."""
        super().__init__()
        self.metric = metric
        self.all = False
        self.only_mine = False

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Board(COLUMNS, header=True, glyphs=glyphs)
        yield Lines(glyphs=glyphs, frame="rule", id="why")

    def load_args(self) -> tuple[Any, ...]:
        return self.app.day, self.metric

    def load(self, store: Store, *args: Any) -> DataAudit:
        return data_audit.audit(store, *args)

    # ---------------------------------------------------------------- showing

    def shown(self, view: DataAudit) -> list[Finding]:
        keep = self.matches(self.filter_text)
        me = self.app.user.partition("@")[0]
        return [
            one
            for one in view.findings
            if keep(f"{one.name} {one.period} {one.rule} {one.text} {one.owner}")
            if not self.only_mine or one.owner == me
        ]

    def draw(self, view: DataAudit) -> None:
        glyphs = self.app.glyphs
        counts = [
            (f"{count} {sign(name, glyphs)}  ", STYLES[name])
            for name in ("error", "warning", "notice")
            if (count := view.count(name))
        ]
        about = f"{view.metrics} metrics" if self.metric is None else self.metric
        accepted = f", {len(view.accepted)} accepted" if view.accepted else ""
        mine: list[tuple[str, str]] = [("mine  ", "flag")] if self.only_mine else []
        self.query_one("#top", Lines).show(
            [[(" Audit of the values   ", "heading"), *counts, *mine, (f"{about}{accepted}", "dim")]]
        )
        board = self.query_one(Board)
        nothing = "Nothing to look at" if not view.findings else "No finding matches: Esc clears the filter"
        board.empty = [[(nothing, "on")], [("A draws five values to compare with their source", "dim")]]
        rows = [self._row(one) for one in self.shown(view)]
        if self.all:
            rows += [self._accepted(one) for one in view.accepted]
        board.show(rows)
        self._explain()

    def _row(self, one: Finding) -> BoardRow:
        style = STYLES[one.severity]
        return BoardRow(
            one.key,
            (
                (sign(one.severity, self.app.glyphs), style),
                one.name,
                one.period,
                one.text,
                (one.meant, "flag"),
                one.owner,
            ),
        )

    def _accepted(self, one: Accepted) -> BoardRow:
        why = f": {one.why}" if one.why else ""
        said = f"accepted by {one.who}, {day_text(one.day, self.app.day)}{why}"
        found = one.finding
        return BoardRow(
            f"accepted:{one.number}",
            (
                (self.app.glyphs.paused, "dim"),
                (found.name, "dim"),
                found.period,
                (f"{said}; {found.text}", "dim"),
                "",
                "",
            ),
        )

    @on(Board.Highlighted)
    def _moved(self, event: Board.Highlighted) -> None:
        event.stop()
        self.draw_beside(self._explain)

    def _explain(self) -> None:
        one = self.finding
        pane = self.query_one("#why", Lines)
        if one is None:
            pane.show([[(" A draws five values at random to compare with their source, signed off as notes", "dim")]])
            return
        cells = self.app.size.width - 1
        lines: list[Line] = [[(f" {part}", "bold")] for part in wrapped(one.text, cells)]
        lines += [[(f" {part}", "")] for part in wrapped(BY_ID[one.rule].why, cells)]
        ways = [f"x accepts it: {one.period} is right as it stands"]
        ways += [f"e moves it to {one.meant}"] if one.meant_span is not None else []
        ways += ["d takes it out"] if one.rule in ("future", "overlap", "grid") and one.value is not None else []
        ways += [f"{self.app.glyphs.enter} goes to the value"]
        lines = [*lines[:3], [(f" {' · '.join(ways)}", "dim")]]
        pane.show(lines, title=one.title)

    @property
    def finding(self) -> Finding | None:
        """The one under the cursor."""
        key = self.query_one(Board).cursor_key
        return next((one for one in self.view.findings if one.key == key), None) if self.view else None

    def found(self) -> str:
        return f"{len(self.shown(self.view))} of {len(self.view.findings)}" if self.view else ""

    def peel(self) -> bool:
        if super().peel():
            return True
        if self.all or self.only_mine:
            self.all = self.only_mine = False
            self.redraw()
            return True
        return False

    # ---------------------------------------------------------------- verbs

    def saves(self, verb_id: str) -> str:
        one = self.finding
        if verb_id == "close" and (chosen := self._chosen()):
            return saved_by_accepting(chosen)
        if verb_id == "edit" and one is not None:
            # Where none is meant it is typed anew in its detail, which a reader may propose.
            return ANY if one.meant_span is None else "point"
        return super().saves(verb_id)

    def _chosen(self) -> list[Finding]:
        """What is marked, else what the cursor is on."""
        marked = self.query_one(Board).marked
        found = [one for one in self.shown(self.view) if one.key in marked] if self.view is not None else []
        return found or [one for one in (self.finding,) if one is not None]

    def _meant(self) -> Finding | None:
        one = self.finding
        if one is None:
            self.say("The cursor is on no finding: j and k move it.")
        return one

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """To the value in the detail of its metric, where Enter types it anew."""
        one = self._meant()
        if one is not None:
            await self.app.open(self.app.made("detail", one.slug, "limits", one.span.start, one.ago))

    async def action_close(self) -> None:
        """Accept what is marked, or what the cursor is on; on what was accepted: ask again."""
        board, view = self.query_one(Board), self.view
        kind, _, number = board.cursor_key.partition(":")
        if kind == "accepted":
            one = next(one for one in view.accepted if str(one.number) == number)
            await self.app.save(data_audit.ask_again, one, said=lambda done: f"{done} · u undo")
            return
        chosen = self._chosen()
        if not chosen:
            self._meant()
            return
        label = f"Accept {chosen[0].name} {chosen[0].period}" if len(chosen) == 1 else f"Accept {len(chosen)} findings"
        why = await self.ask(f"{label}, why", parse=lambda text: "right as it stands; a reason helps who looks next")
        if why is None:
            return
        board.clear_marks()
        await self.app.save(data_audit.accept_all, chosen, self.app.day, why, said=lambda done: f"{done} · u undo")

    async def action_edit(self) -> None:
        """Move a value to the period that was meant; where none was, type it anew."""
        one = self._meant()
        if one is None:
            return
        if one.meant_span is None:
            await self.action_open()
            there = self.app.kpi_screen
            if there is not None and there is not self:
                there.call_after_refresh(there.action_verb, "edit")
            return
        await self.app.save(data_audit_mend.move, one, said=lambda done: f"{done} · u undo")

    async def action_archive(self) -> None:
        """Take the value out; it stays in the history."""
        one = self._meant()
        if one is None:
            return
        why = await self.ask(f"Empty {one.name} {one.period}, why", parse=lambda text: "the value stays in the history")
        if why is not None:
            await self.app.save(data_audit_mend.take_out, one, why, said=lambda done: f"{done} · u undo")

    async def action_audit(self) -> None:
        """Five values, y or n for each, kept as notes."""
        drawn = await self.app.read(audit.draw, self.app.day, self.app.day)
        if not drawn:
            self.say("There are no values to draw from yet. 3 goes to Entry, where they are typed")
            return
        answers: list[tuple[audit.Sampled, bool]] = []
        for place, one in enumerate(drawn, 1):
            source = f" ({one.source})" if one.source else ""
            label = f"{place}/{len(drawn)} {one.name} {one.period} = {one.value}{source}: y or n"
            answer = await self.ask(label, parse=agrees)
            if answer is None:
                break
            answers.append((one, answer.strip().casefold().startswith("y")))
        if not answers:
            self.say("Dropped: nothing was compared")
            return
        await self.app.save(audit.sign_off, self.app.day, answers, said=lambda done: f"{done.sentence} · u undo")

    def action_facet(self) -> None:
        """With what was accepted, or without."""
        self.all = not self.all
        self.redraw()
        self.say("With what was accepted: x asks again" if self.all else "What is to be looked at")

    def action_mine(self) -> None:
        self.only_mine = not self.only_mine
        self.redraw()
        self.say(f"Mine only: {self.found()}. @ shows all" if self.only_mine else "Everybody's findings")

    def action_info(self) -> None:
        one = self._meant()
        if one is not None:
            self.say(BY_ID[one.rule].why)

    def action_copy(self) -> None:
        """The findings as lines."""
        rows = [f"{one.severity}\t{one.rule}\t{one.name}\t{one.period}\t{one.text}" for one in self.shown(self.view)]
        self.app.copy_to_clipboard("\n".join(rows) + "\n")
        self.say(f"Copied {len(rows)} findings")


def agrees(text: str) -> str:
    """What an answer of the sample means. Raises Problem for anything but yes and no."""
    word = text.strip().casefold()
    if word in ("y", "yes"):
        return "the source says so"
    if word in ("n", "no"):
        return "the source differs"
    raise Problem("Type y when the source says so, n when it differs; Esc ends the audit.")
