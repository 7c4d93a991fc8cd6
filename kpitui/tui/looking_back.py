"""The half of the app that looks back: every screen as of an earlier day, read-only, and the way back to today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpitui.domain.problem import Problem
from kpitui.errors import KpituiError
from kpitui.tui.saving import StoreApp
from kpitui.tui.store_thread import Closed

if TYPE_CHECKING:
    from kpitui.services.as_known import Looking
    from kpitui.storage.store import Store

BACK = "W and Enter go back to today"


class LookingBack(StoreApp):
    """An app that may look at another day: as it was known then, or that day as it is known now."""

    _as_known_now = False
    """What ~ chose last; it holds for the next day looked at."""

    async def look(self, day: int | None) -> None:
        """Show all screens as of the end of a day; None, or a day that is not over, is today."""
        wanted = None if day is None or day >= self.real_day else day
        try:
            looking = await self.thread.look(_opener(wanted, self._as_known_now))
        except (KpituiError, Problem) as error:
            self._refused(error)
            return
        except Closed:
            return
        if looking != self.looking:
            self.say("")  # what was said of another day
        self.looking = looking
        await self._show_again()
        if looking is not None and looking.known is None and not self._as_known_now:
            self.say("Nothing was known here then: shown is that day with what is known now.", "warn")

    async def read_anew(self) -> None:
        if self.looking is not None:
            await self.look(self.looking.day)

    async def _show_again(self) -> None:
        chrome = await self.read(self.read_chrome, self.day)
        self.chrome = chrome or self.chrome
        screen: Any = self.kpi_screen
        for one in self.our_screens():
            one.stale = True
            one.day_changed()
        if screen is None:
            return
        if not await screen.fetch() and len(self.screen_stack) > 1:
            said = screen.prompt.message
            self.pop_screen()  # what it is about was not there then
            self.say(said, "warn")
        for one in self.our_screens():
            one.show_chrome()
        self.ask_doctor()

    async def action_as_of(self) -> None:
        """Another day, as it was known then; an empty line goes back to today."""
        screen = self.kpi_screen
        if screen is None:
            return

        def parse(text: str) -> str:
            from kpitui.reports.wording import day_text

            day = self._day_said(text)
            if day is None or day >= self.real_day:
                stays = "stays on today" if text.strip() else "a day: 30 sep, fri, -2w; empty stays on today"
                return stays if self.looking is None else "back to today"
            known = "with what is known now" if self._as_known_now else "as it was known then"
            return f"{day_text(day, self.real_day, weekday=True)}, {known}"

        text = await screen.ask("as of", parse=parse)
        day = None if text is None else self._day_said(text)
        if text is not None and (self.looking is not None or day is not None):
            await self.look(day)

    def _day_said(self, text: str) -> int | None:
        """The day typed; None for an empty line. Raises Problem for one that is no day of the past."""
        from kpitui.domain.dates import read_date
        from kpitui.domain.periods import iso, to_date, to_day
        from kpitui.domain.target import plannable

        if not text.strip():
            return None
        day = to_day(read_date(text.strip(), to_date(self.real_day), past=True))
        if day > self.real_day or not plannable(day):
            raise Problem(f"{iso(day)} cannot be looked back at: type a day up to today, {iso(self.real_day)}.")
        return day

    async def action_as_known(self) -> None:
        """What was known then, or what is known now of the same day."""
        if self.looking is None:
            self.say("This is today. W shows another day, as it was known then; ~ there what is known of it now.")
            return
        self._as_known_now = self.looking.known is not None
        await self.look(self.looking.day)

    def looking_words(self, cells: int) -> str:
        """What the goal row says: `as of 30 Sep, as known then`; empty for today."""
        from kpitui.reports.wording import day_text

        if self.looking is None:
            return ""
        when = "now" if self.looking.known is None else "then"
        day = day_text(self.looking.day, self.real_day)
        return f"as of {day}, {'as known ' if cells >= 100 else ''}{when}"

    def why_not_here(self) -> str:
        """Why nothing can be changed while looking back; empty for today."""
        from kpitui.reports.wording import day_text

        if self.looking is None:
            return ""
        return f"This is {day_text(self.looking.day, self.real_day)}, and the past is read-only: {BACK}."


def _opener(day: int | None, now: bool) -> Any:
    def opened(live: Store) -> tuple[Looking | None, Store | None]:
        from kpitui.services.as_known import Looking, as_known, known_by

        if day is None:
            return None, None
        if now or not known_by(live, day):
            return Looking(day, None), None
        return Looking(day, day), as_known(live, day)

    return opened
