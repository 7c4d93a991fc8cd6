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
    role = ""
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
            found, role = await self.thread.run(self._meet, place, what)
        except (Closed, KpituiError):
            return  # what is wrong with the workspace is said by whoever reads or saves
        if role != self.role:
            if self.role and role:
                self.say(f"Your role here is {role} now.", "warn")
            self.role = role
            if self.kpi_screen is not None:
                self.kpi_screen.show_chrome()
        self.looked = True
        if found != self.here:
            self.here = found
            screen = self.kpi_screen
            show = getattr(screen, "show_here", None)
            # A screen that is being made has no place for it yet, and shows it when it is.
            if show is not None and screen is not None and screen.is_mounted:
                show()

    def _meet(self, store: Store, place: str, what: str) -> tuple[tuple[Here, ...], str]:
        from kpitui.services.members import role_here

        path = getattr(store, "path", "")
        if not path:
            return (), ""
        if self._presence is None or self._presence.workspace != path:
            from kpitui.services.presence import Presence

            self._presence = Presence(path, store.who.host)
        store.waiting = self._say_who_writes
        now = time.time()
        self._presence.be(place, what, now)
        others = tuple(one for one in self._presence.others(now) if one.uid != store.who.uid)
        return others, role_here(store)

    def _say_who_writes(self, text: str) -> None:
        """From the store thread, which waits."""
        with suppress(RuntimeError):  # the app is leaving
            self._app_loop.call_soon_threadsafe(self.say, text, "warn")

    def on_unmount(self) -> None:
        presence = self._presence
        if presence is not None:
            with suppress(Closed):
                self.thread.submit(lambda _: presence.leave())
