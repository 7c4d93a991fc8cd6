"""The half of the app that gets the keys: to the prompt row, the focused widget or a verb, in the order typed.

Textual posts a key to the focused widget and looks for bindings when it has bubbled back; keys that arrive together may
so overtake the prompt that the first of them opens. Here every key is done before the next one is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from textual import events

from kpitui import keys
from kpitui.domain.problem import Problem
from kpitui.errors import KpituiError
from kpitui.tui.chrome import Chrome, read_chrome
from kpitui.tui.prefix import PrefixState
from kpitui.tui.presence import PresentApp
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.store_thread import StoreThread

ALWAYS = ("quit", "redraw", "suspend")
"""Verbs that work over every screen and while a line is typed."""

if TYPE_CHECKING:
    from kpitui.storage.store import Store

PATIENCE = 2.0
"""Seconds a key waits for a verb under way; longer is a hung disk, and then the keys flow on."""


class KeyedApp(PresentApp, inherit_bindings=False):
    """An app whose keys mean what the table of keys says."""

    def __init__(
        self,
        thread: StoreThread,
        today: Callable[[], date],
        verbs: Sequence[keys.Verb],
        chrome: Callable[[Store, int], Chrome] = read_chrome,
    ) -> None:
        super().__init__(thread, today, chrome)
        self.verbs = {verb.id: verb for verb in verbs}
        self.prefix = PrefixState(keys.continuations(verbs))
        self._by_key = _by_key(verbs)
        self._doing: set[asyncio.Task[Any]] = set()
        self._free = asyncio.Event()
        self._free.set()

    def do(self, work: Awaitable[Any]) -> None:
        """Run what a verb began. The next key waits until it is done or asks for something, so that nothing typed
        ahead goes to the wrong place."""

        async def run() -> None:
            try:
                await work
            except (KpituiError, Problem) as error:
                self._refused(error)
            except Exception as error:
                self._handle_exception(error)

        task = asyncio.ensure_future(run())
        self._doing.add(task)
        self._free.clear()
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._doing.discard(task)
        if not self._doing:
            self._free.set()

    def keys_wait_for_answer(self, asking: bool) -> None:
        """Told by the prompt row: while it asks, keys flow although a verb is under way."""
        if asking or not self._doing:
            self._free.set()
        else:
            self._free.clear()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            if not self._free.is_set():
                try:
                    await asyncio.wait_for(self._free.wait(), PATIENCE)
                except TimeoutError:
                    self._free.set()
            if self.press(event):
                if isinstance(self.screen, KpiScreen):
                    self.screen.changed()
                return
        elif isinstance(event, events.Paste) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, KpiScreen) and screen.is_mounted and screen.prompt.asking:
                screen.prompt.take_paste(event.text)
                return
        await super().on_event(event)

    def press(self, event: events.Key) -> bool:
        """Do what a key means on one of our screens at once, in the order keys come; False leaves it to Textual."""
        screen = self.screen
        always = self._by_key.get(("", event.key))
        if always is not None and always.id in ALWAYS:
            self.run_worker(self.run_action(always.id), name=always.id)
            return True
        if event.key.startswith("alt+") and len(event.key) == 5:
            # Esc and a letter within a tenth of a second arrive as one chord.
            letter = event.key[4:]
            if not self.press(events.Key("escape", None)):
                return False
            return self.press(events.Key(letter, letter))
        if not isinstance(screen, KpiScreen):
            take = getattr(screen, "take_key", None)
            return bool(take and take(event))
        if not screen.is_mounted:
            return False
        screen.prompt.heed()
        if screen.prompt.asking and screen.prompt.take_key(event):
            return True
        if self.prefix.waiting:
            verb = self.prefix.press(event.character or event.key)
            screen.show_keys()
            if verb is not None:
                screen.action_verb(verb.id)
            return True
        focused = self.focused
        if focused is not None and not getattr(focused, "DIRECT_KEYS", False):
            return False
        take = getattr(focused, "take_key", None)
        if take is not None and take(event):
            return True
        if event.key == keys.PREFIX:
            screen.action_prefix()
            return True
        verb = self.verb_of(event, screen)
        if verb is None:
            return False
        screen.action_verb(verb.id)
        return True

    def verb_of(self, event: events.Key, screen: KpiScreen) -> keys.Verb | None:
        """What a key means on a screen."""
        for key in (event.key, event.character or ""):
            for place in (screen.NAME, ""):
                verb = self._by_key.get((place, key))
                if verb is not None and (not verb.id.startswith("step_") or screen.claims_digits):
                    return verb
        return None


def _by_key(verbs: Iterable[keys.Verb]) -> dict[tuple[str, str], keys.Verb]:
    table: dict[tuple[str, str], keys.Verb] = {}
    for verb in verbs:
        if not set(verb.screens) & set(keys.APART):
            for key in verb.keys.split():
                for place in verb.screens or ("",):
                    table[place, key] = verb
    return table
