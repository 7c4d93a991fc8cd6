"""The app: tabs, the way to the store and back, undo, and where every key goes first."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.signal import Signal

from kpitui import keys
from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.domain.problem import Problem
from kpitui.errors import KpituiError, ReadOnly, Replaced, WrongUsage
from kpitui.tui.messages import DataChanged
from kpitui.tui.prefix import PrefixState
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.store_thread import Closed, StoreThread
from kpitui.tui.widgets.tabbar import Tab

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.theme import Theme

    from kpitui.config import Config
    from kpitui.storage.store import Store
    from kpitui.tui.chrome import Chrome

Result = TypeVar("Result")

Where = str | Callable[[], KpiScreen]
"""`module:Class`, imported when it is first needed, or what makes the screen."""

SCREENS: dict[str, Where] = {name: f"kpitui.tui.screens.{name}:{name.capitalize()}Screen" for name in keys.SCREENS}
"""Where each screen is; one that has no module yet has no tab."""

POLL = 0.5
"""Seconds between two looks for what others wrote."""


def _palette() -> type[Provider]:
    from kpitui.tui.palette import Commands

    return Commands


class KpituiApp(App[None], inherit_bindings=False):
    """The screens over one store."""

    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[Any]] = {_palette}
    BINDINGS: ClassVar[list[Any]] = [Binding("ctrl+c", "interrupt", show=False, priority=True, system=True)]
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str] | Any]] = [
        (0, "-tiny"),
        (60, "-narrow"),
        (80, "-normal"),
        (120, "-wide"),
    ]
    TITLE = "kpitui"

    def __init__(
        self,
        thread: StoreThread,
        *,
        config: Config,
        glyphs: Glyphs = UNICODE,
        themes: Sequence[Theme] = (),
        today: Callable[[], date],
        user: str = "",
        start: str = "home",
        screens: Mapping[str, Where] | None = None,
        verbs: Sequence[keys.Verb] = keys.VERBS,
        messages: Sequence[str] = (),
        first: Any = None,
    ) -> None:
        """`first` is a job already running on the thread whose result is the view of the first screen."""
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)
        self.animation_level = "none"
        self.thread = thread
        self.config = config
        self.glyphs = glyphs
        self.today = today
        self.user = user
        self.screens_at = dict(SCREENS if screens is None else screens)
        self.verbs = {verb.id: verb for verb in verbs}
        self.prefix = PrefixState(keys.continuations(verbs))
        self.chrome: Chrome | None = None
        self.read_only = False
        self.as_of = ""
        self.tab = start
        self.data_changed: Signal[DataChanged] = Signal(self, "data_changed")
        self._first = first
        self._opening_words = tuple(messages)
        self._doing: set[asyncio.Task[Any]] = set()
        self._free = asyncio.Event()
        self._free.set()
        self._by_key = _by_key(verbs)
        self._replaced = False
        self._known_screens: dict[str, bool] = {}
        for theme in themes:
            self.register_theme(theme)

    # ---------------------------------------------------------------- start and end

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colours for themes that do not name them."""
        dark = self.current_theme.dark
        on, watch, off = ("#5BC0F0", "#F5E960", "#E8788A") if dark else ("#3558C8", "#66601A", "#6E0F3C")
        return {
            "kpi-on": on,
            "kpi-watch": watch,
            "kpi-off": off,
            "kpi-none": "#A0A0A0" if dark else "#5A5A5A",
            "kpi-cursor": "#2B3B4D" if dark else "#CFDDF0",
            "kpi-accent": "#8FB8FF" if dark else "#234FA0",
            "spark": "#C8C8C8" if dark else "#303030",
            "limit": "#A0A0A0" if dark else "#5A5A5A",
        }

    def get_default_screen(self) -> Screen[Any]:
        """The first screen straight away: no blank one is painted before it."""
        return self.screen_named(self.tab)

    async def on_load(self) -> None:
        """Wait for the view that has been on its way since before Textual was imported, so that it is in the first
        frame."""
        if self.config.theme in self.available_themes:
            self.theme = self.config.theme
        screen = self.screen_named(self.tab)
        try:
            if self._first is not None:
                from kpitui.tui.store_thread import awaited

                view, chrome = await awaited(self._first)
            else:
                view = await self.thread.run(screen.load, *screen.load_args())
                chrome = await self.thread.run(_chrome, self.day)
            self.read_only = await self.thread.run(_is_read_only)
        except (KpituiError, Problem) as error:
            self.exit(return_code=getattr(error, "exit_code", 1), message=str(error))
            return
        self.chrome = chrome
        screen.stale = False
        screen.set_reactive(KpiScreen.view, view)

    def on_mount(self) -> None:
        from kpitui.tui import terminal

        # Textual pushes its own first screen without one, and would not let it be switched.
        if not self.screen._result_callbacks:
            self.screen._push_result_callback(self.screen, None)
        terminal.attend(self)
        self.data_changed.subscribe(self, self._data_changed, immediate=True)
        self.set_interval(POLL, self._poll, name="poll")
        self.set_keymap(
            {id_: verb.keys.replace(" ", ",") for id_, verb in self.verbs.items() if id_ in self.config.keys}
        )

    def on_ready(self) -> None:
        import gc

        gc.collect()
        gc.freeze()
        gc.enable()
        for message in self._opening_words:
            self.say(message, "warn")

    def leave_at_once(self, code: int) -> None:
        """The terminal is gone: nothing to restore, and what was saved is on the disk."""
        try:
            self.thread.close(1.0)
        finally:
            os._exit(code)

    # ---------------------------------------------------------------- the store

    @property
    def day(self) -> int:
        """Today as an epoch day."""
        from kpitui.domain.periods import to_day

        return to_day(self.today())

    async def read(self, fn: Callable[..., Result], *args: Any, **kw: Any) -> Result | None:
        """`fn(store, *args)` on the store thread; None, and a sentence in the message row, when it cannot be."""
        try:
            return await self.thread.run(fn, *args, **kw)
        except (KpituiError, Problem) as error:
            self._refused(error)
        except Closed:
            pass
        return None

    async def save(
        self,
        fn: Callable[..., Result],
        *args: Any,
        said: str | Callable[[Result], str] | None = None,
        **kw: Any,
    ) -> Result | None:
        """A service that changes data, `fn(store, *args)`, on the store thread.

        It is done even when the screen that asked is closed meanwhile. On success `said` (a text, or what makes one of
        the result) goes to the message row and `data_changed` is published; a refusal is said there and gives None.
        """
        return await asyncio.shield(asyncio.ensure_future(self._save(fn, args, said, kw)))

    async def _save(
        self,
        fn: Callable[..., Result],
        args: tuple[Any, ...],
        said: str | Callable[[Result], str] | None,
        kw: dict[str, Any],
    ) -> Result | None:
        try:
            result = await self.thread.run(fn, *args, **kw)
        except (KpituiError, Problem) as error:
            self._refused(error)
            return None
        except Closed:
            return None
        if said is not None:
            self.say(said if isinstance(said, str) else said(result))
        self.data_changed.publish(DataChanged(by_us=True))
        return result

    def _refused(self, error: Exception) -> None:
        if isinstance(error, Replaced):
            self._replaced = True
        if isinstance(error, ReadOnly):
            self.read_only = True
        self.say(str(error), "error")

    def say(self, text: str, kind: str = "info") -> None:
        """A sentence in the message row; `kind` is `info`, `warn` or `error`."""
        screen = self.kpi_screen
        if screen is not None and screen.is_mounted:
            screen.say(text, kind)

    async def _poll(self) -> None:
        if self._replaced:
            return
        try:
            changed = await self.thread.run(_store_changed)
        except Replaced as error:
            self._refused(error)
        except KpituiError as error:
            self._refused(error)
        except Closed:
            pass
        else:
            if changed:
                self.data_changed.publish(DataChanged(by_us=False))

    def _data_changed(self, change: DataChanged) -> None:
        for name in list(self._installed_screens):
            screen = self._installed_screens[name]
            if isinstance(screen, KpiScreen):
                screen.data_changed(change)
        for pushed in self.screen_stack[1:]:
            if isinstance(pushed, KpiScreen):
                pushed.data_changed(change)
        self.run_worker(self._load_chrome(), group="chrome", exclusive=True)

    async def _load_chrome(self) -> None:
        chrome = await self.read(_chrome, self.day)
        if chrome is not None and chrome != self.chrome:
            self.chrome = chrome
            for screen in self.screen_stack:
                if isinstance(screen, KpiScreen):
                    screen.show_chrome()

    # ---------------------------------------------------------------- tabs

    @property
    def kpi_screen(self) -> KpiScreen | None:
        """The topmost of our screens; an overlay or the palette may lie over it."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, KpiScreen):
                return screen
        return None

    @property
    def where(self) -> str:
        """Who and when, at the right of a wide tab bar."""
        day = self.today()
        return f"{self.user}  {day:%a} {day.day} {day:%b} W{day.isocalendar().week:02d} " if self.user else ""

    def goal_words(self) -> tuple[str, ...]:
        """What the goal row adds: that nothing can be written, that the past is shown."""
        words = []
        if self.as_of:
            words.append(f"as of {self.as_of}")
        if self.read_only:
            words.append("read-only")
        return tuple(words)

    def has_screen(self, name: str) -> bool:
        if name not in self._known_screens:
            where = self.screens_at.get(name, "")
            known = not isinstance(where, str) or (bool(where) and find_spec(where.partition(":")[0]) is not None)
            self._known_screens[name] = known
        return self._known_screens[name]

    def tabs(self) -> tuple[Tab, ...]:
        counts = self.chrome.counts if self.chrome else {}
        return tuple(
            Tab(name, digit, letter, title, counts.get(name, 0))
            for name, digit, letter, title in keys.TABS
            if self.has_screen(name)
        )

    def able_to_go(self) -> set[str]:
        """The verbs that `g` may be followed by now."""
        return {tab.name for tab in self.tabs()} | {"top", "kpi_1", "kpi_2", "kpi_3"}

    def screen_named(self, name: str) -> KpiScreen:
        """The one screen of a tab, made when it is first needed."""
        installed = self._installed_screens.get(name)
        if isinstance(installed, KpiScreen):
            return installed
        where = self.screens_at[name]
        if isinstance(where, str):
            module, _, kind = where.partition(":")
            where = getattr(importlib.import_module(module), kind)
        screen: KpiScreen = where()
        self.install_screen(screen, name)
        return screen

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
            with self.batch_update():
                await self.switch_screen(name)
        else:
            screen.show_chrome()

    async def open(self, screen: KpiScreen) -> None:
        """Lay a screen over this one (Detail); Esc and q take it away again."""
        await screen.prepare()
        with self.batch_update():
            await self.push_screen(screen)

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

    # ---------------------------------------------------------------- verbs of the app

    async def action_undo(self) -> None:
        from kpitui.services import history

        await self.save(history.undo, today=self.day, said=lambda undone: undone.sentence)

    async def action_redo(self) -> None:
        from kpitui.services import history

        await self.save(history.redo, today=self.day, said=lambda redone: redone.sentence)

    def action_help(self) -> None:
        screen = self.kpi_screen
        if screen is not None:
            from kpitui.tui.screens.help import HelpScreen

            self.push_screen(HelpScreen(screen))

    def action_commands(self) -> None:
        self.action_command_palette()

    def action_redraw(self) -> None:
        self.refresh(layout=True)

    def action_suspend(self) -> None:
        self.action_suspend_process()

    def action_interrupt(self) -> None:
        self.say("ctrl+q leaves kpitui; u takes the last change back.")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None of Textual's own: ours are in palette.py."""
        return ()

    # ---------------------------------------------------------------- keys

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
                # Two seconds are a hung disk, not a slow save: then the keys flow on.
                try:
                    await asyncio.wait_for(self._free.wait(), 2.0)
                except TimeoutError:
                    self._free.set()
            if self.press(event):
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


def _chrome(store: Any, today: int) -> Chrome:
    from kpitui.tui.chrome import read_chrome

    return read_chrome(store, today)


def _is_read_only(store: Any) -> bool:
    return bool(getattr(store, "read_only", False))


def _store_changed(store: Any) -> bool:
    return bool(store.changed())


def build_app(
    open_store: Callable[[], Store] | StoreThread,
    *,
    config: Config,
    glyphs: Glyphs = UNICODE,
    themes: Sequence[Theme] = (),
    today: Callable[[], date],
    user: str = "",
    start: str = "home",
    screens: Mapping[str, Where] | None = None,
    messages: Sequence[str] = (),
    first: Any = None,
) -> KpituiApp:
    """The app over a store that is opened on its own thread; the same for the command and for tests.

    `open_store` may be a thread that was started earlier. Keys of the config
    that cannot be used are said in the message row and the shipped ones stay.
    """
    said = list(messages)
    verbs: Sequence[keys.Verb] = keys.VERBS
    if config.keys:
        wanted = {id_: text.replace(",", " ") for id_, text in config.keys.items()}
        try:
            verbs = keys.rebound(wanted)
        except WrongUsage as error:
            said.append(str(error))
            config = config._replace(keys={})
    thread = open_store if isinstance(open_store, StoreThread) else StoreThread(open_store)
    return KpituiApp(
        thread,
        config=config,
        glyphs=glyphs,
        themes=themes,
        today=today,
        user=user,
        start=start,
        screens=screens,
        verbs=verbs,
        messages=said,
        first=first,
    )
