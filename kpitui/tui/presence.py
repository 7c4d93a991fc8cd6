"""The half of the app that says where this person is, and shows where the others are."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kpitui.errors import KpituiError
from kpitui.tui.looking_back import LookingBack
from kpitui.tui.store_thread import Closed

if TYPE_CHECKING:
    from kpitui.services.members import Standing
    from kpitui.services.presence import Here, Presence
    from kpitui.storage.store import Store

ROUND, FIRST = 2.0, 0.4
"""Seconds between two looks around, and until the first one."""


class PresentApp(LookingBack):
    """An app that knows who else is in the workspace."""

    here: tuple[Here, ...] = ()
    """The others, by name."""
    looked = False
    """Whether it is known who they are."""
    standing: Standing | None = None
    """What this account may do here; known shortly after the first frame."""
    _presence: Presence | None = None
    _app_loop: asyncio.AbstractEventLoop

    def watch_the_others(self) -> None:
        self._app_loop = asyncio.get_running_loop()
        self.set_interval(ROUND, self.look_around, name="here")
        self.set_timer(FIRST, self.look_around, name="here")

    def others_at(self, *places: str) -> list[Here]:
        """The others at these places, each once."""
        found = {one.uid: one for one in self.here if one.place in places}
        return list(found.values())

    async def look_around(self) -> None:
        """Say where this person is, and show it when others came, went or moved."""
        place = what = ""
        # Whoever looks at a chart over the review is still in the review.
        for screen in reversed(self.screen_stack):
            whereabouts = getattr(screen, "whereabouts", None)
            if whereabouts is not None and not place:
                place, what = whereabouts()
        if self.looking is not None:
            place = what = ""
        try:
            # Also while another day is looked at: what one was then says nothing of now.
            found, standing = await self.thread.run_now(self._meet, place, what)
        except (Closed, KpituiError):
            return  # what is wrong with the workspace is said by whoever reads or saves
        if standing != self.standing:
            if self.role and standing is not None and self.role != standing.role:
                self.say(f"Your role here is {standing.role} now.", "warn")
            self.standing = standing
            if self.kpi_screen is not None:
                self.kpi_screen.show_chrome()
                if self.refused("kpi"):
                    self.kpi_screen.redraw()  # it may offer keys that write
        self.looked = True
        if found != self.here:
            self.here = found
            screen = self.kpi_screen
            show = getattr(screen, "show_here", None)
            # A screen that is being made has no place for it yet, and shows it when it is.
            if show is not None and screen is not None and screen.is_mounted and not screen.leaving:
                show()

    @property
    def role(self) -> str:
        """What this account is here; empty while that is not known."""
        return self.standing.role if self.standing is not None else ""

    def refused(self, table: str) -> str:
        """Why nothing of a table can be saved here and now, and what to do about it; empty when it may be tried."""
        if not table:
            return ""
        if past := self.why_not_here():
            return past
        shut = self.standing is not None and bool(self.standing.shut)
        if self.read_only and not shut:
            return "This workspace is read-only for you: its owner may let you write."
        if self.standing is None:
            return ""
        from kpitui.services.members import refused

        return self.nearer(refused(self.standing, table))

    def allowed(self, table: str) -> bool:
        """Whether something of a table may be saved; if not, it is said why, before anything is typed."""
        why = self.refused(table)
        if why:
            self.say(why, "warn")
        return not why

    def _meet(self, store: Store, place: str, what: str) -> tuple[tuple[Here, ...], Standing | None]:
        from kpitui.services.members import standing

        path = getattr(store, "path", "")
        if not path:
            return (), None
        if self._presence is None or self._presence.workspace != path:
            from kpitui.services.presence import Presence

            self._presence = Presence(path, store.who.host)
        store.waiting = self._say_who_writes
        now = time.time()
        self._presence.be(place, what, now)
        others = tuple(one for one in self._presence.others(now) if one.uid != store.who.uid)
        return others, standing(store)

    def _say_who_writes(self, text: str) -> None:
        """From the store thread, which waits."""
        with suppress(RuntimeError):  # the app is leaving
            self._app_loop.call_soon_threadsafe(self.say, text, "warn")

    def on_unmount(self) -> None:
        presence = self._presence
        if presence is not None:
            with suppress(Closed):
                self.thread.submit(lambda _: presence.leave())
