"""The app: its start, its themes, its tabs, and the verbs that are the same on every screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual._ansi_sequences import SYNC_START
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from kpitui import keys
from kpitui import themes as theming
from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.domain import figure_style
from kpitui.domain.problem import Problem
from kpitui.errors import KpituiError, WrongUsage
from kpitui.tui.chrome import Chrome, read_chrome
from kpitui.tui.first import First
from kpitui.tui.looks import Looks
from kpitui.tui.painting import PACKET, RESET, Picture, TightLayout, TightUpdate
from kpitui.tui.saving import POLL, is_read_only
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.store_thread import Job, StoreThread, awaited
from kpitui.tui.tabbed import TabbedApp, Where

if TYPE_CHECKING:
    from textual.command import Provider

    from kpitui.config import Config
    from kpitui.storage.store import Store
    from kpitui.themes import Themes, ThemeWatch


def _palette() -> type[Provider]:
    from kpitui.tui.palette import Commands

    return Commands


class KpituiApp(TabbedApp, inherit_bindings=False):
    """The screens over one store."""

    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar[set[Any]] = {_palette}
    BINDINGS: ClassVar[list[Any]] = [Binding("ctrl+c", "interrupt", show=False, priority=True, system=True)]
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - typed by Textual
        (0, "-tiny"),
        (60, "-narrow"),
        (80, "-normal"),
        (120, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-high")]  # noqa: RUF012 - typed by Textual
    TITLE = "kpitui"
    _themed = False

    def __init__(
        self,
        thread: StoreThread,
        *,
        config: Config,
        glyphs: Glyphs = UNICODE,
        themes: Themes | None = None,
        today: Callable[[], date],
        user: str = "",
        start: str = "home",
        screens: Mapping[str, Where] | None = None,
        verbs: Sequence[keys.Verb] = keys.VERBS,
        messages: Sequence[str] = (),
        first: Job | None = None,
        mouse: bool = False,
        chrome: Callable[[Store, int], Chrome] = read_chrome,
        utf8: bool = True,
    ) -> None:
        """`first` is a job already under way on the thread, giving a `first.First`. Without `utf8` nothing but ASCII
        goes to the terminal, whatever people have written."""
        super().__init__(thread, today, verbs, chrome, screens, start)
        self.user = user
        self.animation_level = "none"
        # Each would be another widget on every screen; what Textual has to say goes to the message row.
        self._disable_notifications = self._disable_tooltips = True
        self.config = config
        self.picture = Picture()
        """What stands on the terminal."""
        self.figures = figure_style.style()
        """How figures are written; the store thread follows the same one."""
        self.glyphs = glyphs
        self.utf8 = utf8 or glyphs.name != "ascii"
        self._first = first
        self._opening_words = tuple(messages)
        self.themes = themes
        self.last_words = ""
        self.mouse_on = mouse
        self._in_sync = False
        self._theme_watch: ThemeWatch | None = None
        self._looks: Looks | None = None
        if not self.use_theme(config.theme):
            self._begin_with(self.theme)

    # ---------------------------------------------------------------- start and end

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own colours for themes that do not name them: Textual's built-in ones."""
        theme = self.current_theme
        if all(name in theme.variables for name in theming.VARIABLES):
            return {}
        return theming.defaults(theme)

    def get_css_variables(self) -> dict[str, str]:
        """None while Textual's constructor asks: the theme is chosen after it, and making them takes its time."""
        return super().get_css_variables() if self._themed else {}

    @property
    def looks(self) -> Looks:
        """How style names look in the theme in use."""
        if self._looks is None or self._looks.variables is not self.theme_variables:
            self._looks = Looks(self.theme_variables, self.no_color)
        return self._looks

    def use_theme(self, name: str) -> bool:
        """Draw with the theme of that name; False when there is none."""
        spec = self.themes.find(name) if self.themes else None
        if spec is not None:
            self.register_theme(spec.textual())
            self._theme_watch = theming.ThemeWatch(spec)
            name = spec.name
        elif name not in self.available_themes:
            return False
        if self._running:
            self.theme = name
        else:
            self._begin_with(name)
        return True

    def _begin_with(self, name: str) -> None:
        """The theme before anything is drawn: setting the reactive would have every style sheet read twice."""
        self._themed = True
        self.set_reactive(App.theme, name)
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def write_figures(self, config: Config) -> None:
        """Show and read figures from now on as these settings say, on every screen."""
        accounting = config.negative == "accounting"
        now = config.decimal, accounting, config.compact
        if (self.figures.decimal, self.figures.accounting, self.figures.words) == now:
            return
        if self.figures is figure_style.PLAIN:
            return  # nobody's to change
        self.figures.decimal, self.figures.accounting, self.figures.words = now
        for screen in self._installed_screens.values():
            if isinstance(screen, KpiScreen):
                screen.stale, screen._drawn_for = True, None
        self.do(self.read(_forget))

    def _look_at_theme(self) -> None:
        """The theme in use is being edited: show it as it is now."""
        now = self._theme_watch.poll() if self._theme_watch else None
        if isinstance(now, str):
            self.say(now, "warn")
        elif now is not None:
            self.register_theme(now.textual())
            self.theme_changed_signal.publish(self.current_theme)
            self.refresh_css(animate=False)

    def get_default_screen(self) -> Screen[Any]:
        """The first screen straight away: no blank one is painted before it."""
        screen = self.screen_named(self.tab)
        # Textual reads a screen's own style sheet when it pushes it, and this one it does not push.
        self._load_screen_css(screen)
        return screen

    async def on_load(self) -> None:
        """Wait for the view that has been on its way since before Textual was imported, so that it is in the first
        frame."""
        screen = self.screen_named(self.tab)
        # Read with the app's own, or they would all be read again for it.
        self.stylesheet.read_all([path for path in screen.css_path if not self.stylesheet.has_source(str(path), "")])
        try:
            first: First | None = await awaited(self._first) if self._first is not None else None
            if (
                first is not None
                and first.view is not None
                and (first.name, first.args) == (self.tab, screen.load_args())
            ):
                view = first.view
            else:
                view = await self.thread.run(screen.load, *screen.load_args())
            chrome = first.chrome if first else await self.thread.run(self.read_chrome, self.day)
            self.read_only = first.readonly if first else await self.thread.run(is_read_only)
        except (KpituiError, Problem) as error:
            self.last_words = str(error)
            self.exit(return_code=getattr(error, "exit_code", 1))
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
        self.set_interval(2 * POLL, self._look_at_theme, name="theme")
        self.watch_the_others()
        self.set_keymap(
            {id_: verb.keys.replace(" ", ",") for id_, verb in self.verbs.items() if id_ in self.config.keys}
        )

    def on_ready(self) -> None:
        import gc

        gc.collect()
        gc.freeze()
        gc.enable()
        self.thread.open()
        self.ask_doctor()
        if self.watching:
            self.run_worker(self.look_at_file(), group="file")
        if self._opening_words:
            # All at once, the gravest first: each after the other would leave only the last.
            self.say(" ".join(f"{text.rstrip('.')}." for text in self._opening_words), "warn")

    def _print_error_renderables(self) -> None:
        """Nothing: Textual would print a traceback with everybody's values. `launch` raises what happened, and the
        command tells it in a sentence."""
        self._exit_renderables.clear()

    def leave_at_once(self, code: int) -> None:
        """The terminal is gone: nothing to restore, and what was saved is on the disk."""
        try:
            self.thread.close(1.0)
        finally:
            os._exit(code)

    # ---------------------------------------------------------------- the store

    # ---------------------------------------------------------------- verbs of the app

    @property
    def where(self) -> str:
        """Who and when, at the right of a wide tab bar."""
        day = self.today()
        week = self.chrome.week if self.chrome and self.chrome.week else f"W{day.isocalendar().week:02d}"
        return f"{self.user}  {day:%a} {day.day} {day:%b} {week} " if self.user else ""

    def goal_words(self) -> tuple[str, ...]:
        """What the goal row adds: that nothing can be written, that the past is shown."""
        if self.looking is not None:
            return (self.looking_words(self.size.width),)
        return ("read-only",) if self.read_only else ("reader",) if self.role == "reader" else ()

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
        from kpitui.tui.palette import Palette

        plain = self.glyphs.name == "ascii"
        dots = self.glyphs.ellipsis
        self.push_screen(
            Palette(id="--command-palette", classes="-ascii" if plain else "", placeholder=f"Search for commands{dots}")
        )

    def action_redraw(self) -> None:
        self.picture.forget()
        self.refresh(layout=True)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        # What a screen of Textual's own paints is not noted.
        if renderable is not None and not isinstance(renderable, (TightUpdate, TightLayout)):
            self.leave_picture()
            super()._begin_update()
            self._in_sync = True
        super()._display(screen, renderable)

    def leave_picture(self) -> None:
        """Somebody else will write to the terminal: plainly, not in the style of the last frame."""
        if self.picture.forget() and self._driver is not None:
            self._driver.write(RESET)

    def _begin_update(self) -> None:
        """Textual is about to paint; how much it is, is not known yet."""

    def framed(self, sent: str) -> str:
        """What is sent, shown at once where it does not go out as one packet."""
        if len(sent) < PACKET or not self._sync_available:
            return sent
        self._in_sync = True
        return SYNC_START + sent

    def _end_update(self) -> None:
        if self._in_sync:
            self._in_sync = False
            super()._end_update()

    def action_suspend(self) -> None:
        self.action_suspend_process()

    def action_mouse(self) -> None:
        """Take the mouse, or leave it to the terminal for selecting text."""
        self.mouse_on = not self.mouse_on
        driver: Any = self._driver
        if hasattr(driver, "_enable_mouse_support"):
            driver._mouse = True
            (driver._enable_mouse_support if self.mouse_on else driver._disable_mouse_support)()
            driver._mouse = self.mouse_on
        self.say("The mouse is on." if self.mouse_on else "The mouse is off: the terminal selects text.")

    def action_interrupt(self) -> None:
        self.say("ctrl+q leaves kpitui; u takes the last change back.")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """None of Textual's own: ours are in palette.py."""
        return ()

    # ---------------------------------------------------------------- keys


def _forget(store: Store) -> None:
    """What was put into words is put into others."""
    store.kept.clear()


def build_app(
    open_store: Callable[[], Store] | StoreThread,
    *,
    config: Config,
    glyphs: Glyphs = UNICODE,
    themes: Themes | None = None,
    today: Callable[[], date],
    user: str = "",
    start: str = "home",
    screens: Mapping[str, Where] | None = None,
    messages: Sequence[str] = (),
    first: Job | None = None,
    mouse: bool = False,
    chrome: Callable[[Store, int], Chrome] = read_chrome,
    utf8: bool = True,
) -> KpituiApp:
    """The app over a store that is opened on its own thread; the same for the command and for tests.

    `open_store` may be a thread that was started earlier, with figures written as they are here. Keys of the config
    that cannot be used are said in the message row and the shipped ones stay.
    """
    said = list(messages)
    verbs: Sequence[keys.Verb] = keys.VERBS
    if config.keys:
        try:
            verbs = keys.rebound(keys.from_config(config.keys))
        except WrongUsage as error:
            said.append(str(error))
            config = config._replace(keys={})
    if isinstance(open_store, StoreThread):
        thread = open_store
    else:
        figure_style.use(figure_style.of(config.decimal, config.negative, glyphs.name == "ascii", config.compact))
        thread = StoreThread(open_store)
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
        mouse=mouse,
        chrome=chrome,
        utf8=utf8,
    )
