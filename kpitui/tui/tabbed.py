"""The half of the app that changes screens: tabs made when they are first needed, and screens laid over them."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from kpitui import keys
from kpitui.tui.chrome import Chrome
from kpitui.tui.pressing import KeyedApp
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.store_thread import StoreThread
from kpitui.tui.widgets.tabbar import BarTab

if TYPE_CHECKING:
    from kpitui.storage.store import Store

Where = str | Callable[..., KpiScreen]
"""`module:Class`, imported when it is first needed, or what makes the screen."""

SCREENS: dict[str, Where] = {name: f"kpitui.tui.screens.{name}:{name.capitalize()}Screen" for name in keys.SCREENS}
"""Where each screen is; one that has no module yet has no tab."""


class TabbedApp(KeyedApp, inherit_bindings=False):
    """An app of tabs. `tab` is the one that is open, also below a screen that lies over it."""

    def __init__(
        self,
        thread: StoreThread,
        today: Callable[[], date],
        verbs: Sequence[keys.Verb],
        chrome: Callable[[Store, int], Chrome],
        screens: Mapping[str, Where] | None,
        start: str,
    ) -> None:
        super().__init__(thread, today, verbs, chrome)
        self.screens_at = dict(SCREENS if screens is None else screens)
        self.tab = start
        self._known_screens: dict[str, bool] = {}

    def has_screen(self, name: str) -> bool:
        if name not in self._known_screens:
            where = self.screens_at.get(name, "")
            known = not isinstance(where, str) or (bool(where) and find_spec(where.partition(":")[0]) is not None)
            self._known_screens[name] = known
        return self._known_screens[name]

    def tabs(self) -> tuple[BarTab, ...]:
        counts = {**(self.chrome.counts if self.chrome else {}), "doctor": self.doctor[0]}
        return tuple(
            BarTab(name, digit, letter, title, counts.get(name, 0))
            for name, digit, letter, title in keys.TABS
            if self.has_screen(name)
        )

    def offers(self, verb: keys.Verb) -> bool:
        """False for the tab of a screen that this version does not have."""
        return verb.id not in _TABS or self.has_screen(verb.id)

    def able_to_go(self) -> set[str]:
        """The verbs that `g` may be followed by now."""
        return {tab.name for tab in self.tabs()} | {"top", "kpi_1", "kpi_2", "kpi_3"}

    def screen_named(self, name: str) -> KpiScreen:
        """The one screen of a tab, made when it is first needed."""
        installed = self._installed_screens.get(name)
        if isinstance(installed, KpiScreen):
            return installed
        screen = self.made(name)
        self.install_screen(screen, name)
        return screen

    def made(self, name: str, *args: Any) -> KpiScreen:
        """A new screen of that name: `made("detail", slug)`."""
        where = self.screens_at[name]
        if isinstance(where, str):
            module, _, kind = where.partition(":")
            where = getattr(importlib.import_module(module), kind)
        screen: KpiScreen = where(*args)
        return screen

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Nothing: Textual's own would write everybody's figures to wherever it is told."""

    async def action_simulate_key(self, key: str) -> None:
        """Nothing: keys are pressed by people."""

    async def go(self, name: str, **hints: Any) -> None:
        """To a tab. Its view is read first, so that its first frame is whole; `hints` go to its `arrive`."""
        if not self.has_screen(name):
            self.say(f"{self.verbs[name].verb} is not part of this version.")
            return
        screen = self.screen_named(name)
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        arrive = getattr(screen, "arrive", None)
        if arrive is not None and hints:
            arrive(**hints)
        if screen.stale:
            await screen.prepare()
        self.tab = name
        if screen is not self.screen:
            if screen.is_mounted:
                # What was said here is about what was done before: its `u undo` would mean something else by now.
                screen.prompt.rest_on(screen.prompt.rest, gone_on=True)
            with self.batch_update():
                await self.switch_screen(name)
                await _lay_out(screen)
            screen.check_idle()
        else:
            screen.show_chrome()

    async def open(self, screen: KpiScreen) -> None:
        """Lay a screen over this one (Detail); Esc and q take it away again."""
        await screen.prepare()
        with self.batch_update():
            await self.push_screen(screen)
            self._free.set()  # a verb that waits for what is done there must not hold the keys
            await _lay_out(screen)
        screen.check_idle()

    def go_back(self) -> None:
        self.pop_screen()

    async def action_kpi(self, number: int) -> None:
        """Open KPI 1, 2 or 3: Home knows which they are."""
        await self.go("home")
        home = self.screen
        opener = getattr(home, "open_kpi", None)
        if opener is not None:
            result = opener(number)
            if result is not None:
                await result

    async def open_named(self, kind: str, slug: str) -> None:
        """Open what was found by name: a metric, KPI or goal in full, anything else where it stands in the tree."""
        if kind in ("metric", "kpi") and self.has_screen("detail"):
            await self.open(self.made("detail", slug))
        elif kind == "goal" and self.has_screen("goal"):
            await self.open(self.made("goal", slug))
        else:
            await self.go("tree", at=f"{kind}:{slug}")


_TABS = {name for name, *_ in keys.TABS}


async def _lay_out(screen: Screen[Any]) -> None:
    """Lay a screen out while nothing is painted; left to itself Textual paints it once for that and then once more."""
    screen._refresh_layout()
    screen._layout_required = False
    if isinstance(screen, KpiScreen):
        screen.laid_out()
    done = asyncio.Event()
    screen.call_next(done.set)  # behind the paint that laying out has asked for
    with suppress(TimeoutError):
        await asyncio.wait_for(done.wait(), 1.0)
