"""What can be done to the row under the cursor on any screen, on the prompt line: check in, action, note, target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.reports.wording import near_day
from kpitui.tui.screens.base import KpiScreen

if TYPE_CHECKING:
    from kpitui.domain.periods import Span


class About(NamedTuple):
    """The row a verb is about."""

    metric_id: int
    name: str
    kpi_id: int | None = None
    period: Span | None = None
    """The one a value is asked for; None is the present one."""
    confidence: int | None = None


class RowVerbs(KpiScreen):
    """Mixed into a screen that says in `about` which row is meant."""

    def about(self) -> About | None:
        raise NotImplementedError

    def _meant(self) -> About | None:
        about = self.about()
        if about is None:
            self.say("The cursor is on no KPI or metric: j and k move it.")
        return about

    async def action_check_in(self) -> None:
        """A value, a note behind `;`, and for a KPI how sure its owner is: `359 2/3 ; late renewals`."""
        from kpitui.services import check_in

        about = self._meant()
        if about is None:
            return
        cell = await self.app.read(check_in.cell_of, about.metric_id, self.app.day, about.period)
        if cell is None:
            return
        text = await self.ask(f"{cell.name} {cell.label}", parse=lambda said: check_in.preview(cell, said))
        if text and text.strip():
            await self.app.save(
                check_in.check_in,
                cell,
                text,
                self.app.day,
                about.kpi_id,
                said=lambda done: f"{done.sentence} · u undo",
            )

    async def action_action(self) -> None:
        """`what @who when`, hung on the row."""
        from kpitui.domain.line_action import read_action
        from kpitui.services import actions

        about = self._meant()
        if about is None:
            return
        today, me = self.app.today(), self.app.user.partition("@")[0]

        def preview(text: str) -> str:
            if not text.strip():
                return f"what @who when, on {about.name}"
            said = read_action(text, today, me)
            return f"{said.who}, {near_day(said.due, self.app.day)}, on {about.name}"

        text = await self.ask("Action", parse=preview)
        if text and text.strip():
            said = read_action(text, today, me)
            line = text if f"@{said.who}" in text else f"{text} @{said.who}"
            await self.app.save(
                actions.add,
                line,
                self.app.day,
                metric_id=about.metric_id,
                said=lambda done: f"{done.sentence} · u undo",
            )

    async def action_note(self) -> None:
        """What happened, kept on the row under today's date."""
        from kpitui.services import annotate

        about = self._meant()
        if about is None:
            return
        text = await self.ask("Note", parse=lambda said: "" if said.strip() else f"what happened, on {about.name}")
        if text and text.strip():
            await self.app.save(
                annotate.annotate_metric,
                about.metric_id,
                text,
                self.app.day,
                said=lambda done: f"{done.sentence} · u undo",
            )
