"""Putting off what is owed until a day, only in this account's own queue."""

from __future__ import annotations

from kpitui.domain.dates import read_date
from kpitui.domain.periods import to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.reports.wording import near_day
from kpitui.services.due_lines import earlier_words
from kpitui.tui.cell_notes import CellNotes
from kpitui.tui.screens.due_folding import DueFolding


class PuttingOff(DueFolding):
    """A line is put off with all the periods that it stands for."""

    def __init__(self) -> None:
        super().__init__()
        self._snoozed: CellNotes | None = None

    async def action_snooze(self) -> None:
        """Put the value off until a day: only in this account's own queue."""
        line = self._lines.get(self.grid.cursor_key)
        if self.app.looking is not None:
            self.say(self.app.why_not_here(), "warn")
            return
        if line is None or self._snoozed is None:
            self.say("There is nothing to put off.")
            return
        today = self.app.today()

        def day(text: str) -> int:
            return to_day(read_date(text or "tomorrow", today, past=False))

        def preview(text: str) -> str:
            until = day(text)
            if until <= self.app.day:
                raise Problem("That day is not to come: type one after today.")
            return f"{near_day(until, self.app.day)}; only in your own queue"

        earlier = self.behind(line.key)
        named = f"{line.owed.name} {line.owed.period_label}"
        text = await self.ask(f"Put off {named}{f' +{len(earlier)}' if earlier else ''} until", parse=preview)
        if text is None:
            return
        until = day(text)
        for one in (line, *earlier):
            self._snoozed.keep((one.owed.metric_id, *one.owed.period), to_date(until).isoformat())
        self.grid.down_a_cell()
        if self.view is not None:
            self.draw(self.view)
        if earlier:
            named += f" {earlier_words(len(earlier), earlier[0].owed.period_label)}"
        self.say(
            f"{named} {'come' if earlier else 'comes'} back {near_day(until, self.app.day)} "
            f"{self.app.glyphs.dot} f shows all again"
        )

    def _asleep(self, workspace: str) -> set[tuple[int, int, int]]:
        """The values put off beyond today; on an earlier day nothing was."""
        if self.app.looking is not None:
            return set()
        if self._snoozed is None:
            self._snoozed = CellNotes(workspace, "snoozed")
        today = to_date(self.app.day).isoformat()
        kept = self._snoozed.all()
        for key, until in kept.items():
            if until <= today:
                self._snoozed.forget(key)
        return {key for key, until in kept.items() if until > today}
