"""The KPI doctor: what is wrong with the set or the data, why it matters, and the way to where it is mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from kpitui.reports.wording import day_text
from kpitui.services import doctor, doctor_history
from kpitui.text import clean, width
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.doctor_rows import (
    COLUMNS,
    headline,
    nothing_to_do,
    report,
    rows_of,
    rules_lines,
    summary,
    why_lines,
)
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from kpitui.services.doctor import Case, Doctor
    from kpitui.storage.store import Store

ASKS = ("new", "edit", "attach", "promote", "target", "check_in", "playbook")
"""Verbs that are begun at once where a finding is mended; others wait there for their key."""


class DoctorScreen(KpiScreen):
    NAME = "doctor"
    SAVES: ClassVar[Mapping[str, str]] = {"close": "waiver"}
    CSS_PATH = "doctor.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.all = False
        self.only_mine = False
        self.explained = False
        self.greeted = False
        """The sentence about all of it has been said."""

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Board(COLUMNS, header=True, glyphs=glyphs)
        with Horizontal(id="below"):
            yield Lines(glyphs=glyphs, frame="box", id="rules")
            yield Lines(glyphs=glyphs, frame="rule", id="why")

    def load_args(self) -> tuple[Any, ...]:
        return (self.app.day,)

    def load(self, store: Store, *args: Any) -> Doctor:
        return doctor_history.examined(store, *args)

    # ---------------------------------------------------------------- showing

    @property
    def me(self) -> str:
        return self.app.user.partition("@")[0]

    def shown(self, view: Doctor) -> list[Case]:
        keep = self.matches(self.filter_text)
        cases = [*view.cases, *(view.waived if self.all else ())]
        return [
            case
            for case in cases
            if (not self.only_mine or case.finding.owner == self.me)
            and keep(f"{case.finding.rule} {case.finding.on} {case.finding.text} {case.finding.owner}")
        ]

    def draw(self, view: Doctor) -> None:
        size = self.app.size
        glyphs = self.app.glyphs
        checked = f"{len(view.rules)} rules"
        self.query_one("#top", Lines).show([headline(view, size.width, glyphs, checked, self.app.day)])
        if not self.greeted:
            self.greeted = True
            self.say(summary(view, self.me, self.app.day, size.width))
        board = self.query_one(Board)
        board.empty = [
            [(nothing_to_do(view, self.app.day), "on")]
            if not view.cases
            else [("No finding matches: Esc clears the filter, @ shows everybody's", "")],
            [("f shows the rules and what was waived", "dim")],
        ]
        board.show(rows_of(self.shown(view), view if self.all else None, glyphs, self.app.day))
        wide = size.width >= 120
        self.query_one("#why", Lines).reframe("box" if wide else "rule")
        self.set_class(self.explained, "-explained")
        if wide:
            self.query_one("#rules", Lines).show(
                rules_lines(view, glyphs, size.width // 2 - 2), title="All rules", hint="f shows the passing ones"
            )
        self._explain()

    @on(Board.Highlighted)
    def _moved(self, event: Board.Highlighted) -> None:
        event.stop()
        self.draw_beside(self._explain)

    def _explain(self) -> None:
        view, pane = self.view, self.query_one("#why", Lines)
        if view is None:
            return
        cells = self.app.size.width // 2 - 2 if self.app.size.width >= 120 else self.app.size.width
        title, lines = why_lines(view, self.case, self.rule_id, cells, self.app.glyphs)
        hint = "i more · x waive" if self.app.size.width >= 120 else ""
        pane.show(lines, title=title, hint=hint)

    @property
    def case(self) -> Case | None:
        """The finding under the cursor."""
        if self.view is None:
            return None
        key = self.query_one(Board).cursor_key
        return next((case for case in (*self.view.cases, *self.view.waived) if case.finding.key == key), None)

    @property
    def rule_id(self) -> str:
        """The rule under the cursor."""
        return self.query_one(Board).cursor_key.partition(":")[0]

    def marked(self) -> list[Case]:
        """The marked findings, else the one under the cursor."""
        board = self.query_one(Board)
        cases = [case for case in self.shown(self.view) if case.finding.key in board.marked] if self.view else []
        return cases or [case for case in (self.case,) if case is not None]

    def found(self) -> str:
        return f"{len(self.shown(self.view))} of {len(self.view.cases)}" if self.view else ""

    def peel(self) -> bool:
        if super().peel():
            return True
        if self.all or self.only_mine or self.explained:
            self.all = self.only_mine = self.explained = False
            self.redraw()
            return True
        return False

    # ---------------------------------------------------------------- verbs

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """To where the finding is mended, with the line to type ready where there is one."""
        case = self.case
        if case is None:
            self.say("Nothing to mend: this rule holds." if self.rule_id else "Nothing to do.")
            return
        from kpitui.tui.screens.tree_writing import TreeWriting

        fix = case.finding.fix
        screen = "tree" if fix.screen == "form" else fix.screen
        if screen in ("detail", "promote") and not case.metric:
            screen = "tree"
        if screen == "promote":
            if not self.app.allowed("kpi"):
                return
            kpi_id = case.finding.id if case.finding.kind == "kpi" else None
            metric_id = case.finding.metric_id
            await self.app.open(self.app.made("promote", metric_id, kpi_id))
            return
        if screen == "audit":
            await self.app.open(self.app.made("audit", case.metric or None))
            return
        if screen == "detail":
            await self.app.open(self.app.made("detail", case.metric))
        elif screen == "tree" and case.tree:
            await self.app.go("tree", at=case.tree)
        else:
            await self.app.go(screen)
        there = self.app.kpi_screen
        if there is None or there is self:
            return
        there.say(f"{case.finding.rule} {clean(case.finding.text)}: {fix.text}")
        if fix.screen == "form" and isinstance(there, TreeWriting):
            there.call_after_refresh(there.open_form, "goal:target_kind", "reach")
        elif fix.verb in ASKS and case.finding.kind != "scope":
            there.call_after_refresh(there.action_verb, fix.verb)

    async def action_close(self) -> None:
        """Waive what is marked, or what the cursor is on: why, and until when. On a waiver: ask again."""
        cases = self.marked()
        if not cases:
            self.say("The cursor is on no finding: j and k move it.")
            return
        if len(cases) == 1 and cases[0].waiver_id is not None:
            await self.app.save(doctor.unwaive, cases[0].waiver_id, said=lambda done: f"{done.sentence} · u undo")
            return
        names = {case.finding.rule for case in cases}
        label = f"Waive {cases[0].finding.rule} for {cases[0].finding.on}, why"
        if len(cases) > 1:
            label = f"Waive {len(cases)} findings of {', '.join(sorted(names))}, why"
        today = self.app.day

        def preview(text: str) -> str:
            if not text.strip():
                return "the reason; until 1 mar says for how long"
            _, until = doctor.parse_waiver(text, today)
            return f"until {day_text(until, today)}, shown in the quarterly review"

        text = await self.ask(label, parse=preview)
        if text is None:
            return
        why, until = doctor.parse_waiver(text, today)
        self.query_one(Board).clear_marks()
        await self.app.save(
            doctor.waive_all,
            [case.finding for case in cases if not case.waived],
            why,
            today,
            until,
            said=lambda done: f"{done.sentence} · u undo",
        )

    async def action_audit(self) -> None:
        """The audit of the values."""
        await self.app.open(self.app.made("audit"))

    def action_facet(self) -> None:
        """The findings, or every rule with those that hold and what was waived."""
        self.all = not self.all
        self.redraw()
        waived = len(self.view.waived) if self.view else 0
        self.say(f"All rules, {waived} waived. f shows what is to be done" if self.all else "What is to be done")

    def action_mine(self) -> None:
        self.only_mine = not self.only_mine
        self.redraw()
        self.say(f"Mine only ({self.me}): {self.found()}. @ shows all" if self.only_mine else "Everybody's findings")

    def action_info(self) -> None:
        """Why the rule is asked: in place of the list where there is no room for both."""
        if self.app.size.height < 20 or self.app.size.width < 60:
            self.explained = not self.explained
            self.redraw()
            return
        rule = {rule.id: rule for rule, _ in self.view.rules}.get(self.rule_id) if self.view else None
        if rule is not None:
            self.say(rule.mend if width(rule.mend) < self.app.size.width else rule.title)

    def action_copy(self) -> None:
        """The whole report as text."""
        if self.view is None:
            return
        self.app.copy_to_clipboard(report(self.view, self.app.glyphs, self.app.day))
        self.say(f"Copied the report: {len(self.view.cases)} findings, health {self.view.health} of 100")
