"""What every screen stands on: five rows, one view, and the verbs that all of them know."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from kpitui import keys
from kpitui.domain.problem import Problem
from kpitui.tui.asking import asked
from kpitui.tui.messages import DataChanged
from kpitui.tui.painting import TightCompositor
from kpitui.tui.screens.around import AroundScreen
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.goalrow import GoalRow
from kpitui.tui.widgets.keybar import KeyBar
from kpitui.tui.widgets.prompt import Complete, Parse, PromptRow
from kpitui.tui.widgets.tabbar import TabBar

if TYPE_CHECKING:
    from kpitui.tui.app import KpituiApp

_COUNTED = re.compile(r"(\w+)_(\d)$")
_TABS = {name for name, *_ in keys.TABS}
# What Textual's own widgets call our verbs.
_ALIASES = {
    "down": ("cursor_down", "scroll_down"),
    "up": ("cursor_up", "scroll_up"),
    "left": ("cursor_left",),
    "right": ("cursor_right",),
    "half_down": ("page_down", "scroll_half_down"),
    "half_up": ("page_up", "scroll_half_up"),
    "page_down": ("scroll_page_down",),
    "page_up": ("scroll_page_up",),
    "top": ("scroll_home", "first"),
    "bottom": ("scroll_end", "last"),
    "open": ("select_cursor", "select"),
}


def bindings_for(screen: str) -> list[Binding]:
    """Textual bindings of a screen's verbs, with their ids; they serve while a widget of Textual's has the focus."""
    made = [
        Binding(",".join(verb.keys.split()), f"verb('{verb.id}')", verb.help, show=False, id=verb.id)
        for verb in keys.on_screen(screen)
        if verb.keys and not verb.id.startswith("step_")
    ]
    return [*made, Binding(keys.PREFIX, "prefix", "go to", show=False, id="prefix")]


class KpiScreen(AroundScreen):
    """A screen: `load` gives its view on the store thread, `draw` shows it, `action_<verb>` does what keys.py names.

    A subclass sets NAME (its name in keys.py), composes its content in `compose_content`, and writes `load` and `draw`.
    """

    NAME: ClassVar[str] = ""
    AUTO_FOCUS = "Board"
    app: KpituiApp

    view: reactive[Any] = reactive(None, init=False, always_update=False, repaint=False)
    """What `load` gave last; equal views are one and the same."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "BINDINGS" not in cls.__dict__ and cls.NAME:
            cls.BINDINGS = bindings_for(cls.NAME)  # type: ignore[assignment]
        super().__init_subclass__(**kwargs)

    def __init__(self) -> None:
        super().__init__(name=self.NAME or None)
        self._compositor = TightCompositor()
        self.stale = True
        self.filter_text = ""
        self._drawn_for: Size | None = None

    # ---------------------------------------------------------------- what a screen says of itself

    def compose_content(self) -> ComposeResult:
        """The widgets between goal row and message row."""
        yield from ()

    def load_args(self) -> tuple[Any, ...]:
        """What `load` is called with after the store; read on the event loop, so it may look at the screen."""
        return ()

    def load(self, store: Any, *args: Any) -> Any:
        """The view, on the store thread: call a service, touch no widget."""
        raise NotImplementedError

    def draw(self, view: Any) -> None:
        """Show the view. Called when it changed, when the width class changed, and when the filter did."""

    def selected(self) -> Any:
        """What c, a, m, T and the like are about: by default the key of the row under the cursor."""
        board = self.board
        return board.cursor_key if board else None

    @property
    def footer_name(self) -> str:
        """The name of the footer in footers.py that fits now."""
        return self.NAME

    @property
    def claims_digits(self) -> bool:
        """Whether 1-9 and 0 are not the tabs now: a value cell, a running review."""
        return bool(getattr(self.focused, "claims_digits", False))

    def typing(self) -> bool:
        """Whether somebody is in the middle of something that a redraw would disturb."""
        return self.prompt.mode in ("line", "question") or bool(getattr(self.focused, "typing", False))

    def peel(self) -> bool:
        """Take one layer away at Esc or q (marks, an open part); False when there is none left."""
        board = self.board
        return bool(board and board.clear_marks())

    def matches(self, text: str) -> Callable[[str], bool]:
        """The default filter: every word is in the text, `-word` is not; case does not count."""
        words = [word.casefold() for word in text.split()]

        def keep(row: str) -> bool:
            row = row.casefold()
            return all((word[1:] not in row) if len(word) > 1 and word[0] == "-" else word in row for word in words)

        return keep

    def found(self) -> str:
        """What the filter leaves, said beside it: `3 of 14`."""
        return ""

    def commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        """More for the command palette: text, what is written at its right, what it does."""
        return ()

    def laid_out(self) -> None:
        """The widgets have their sizes now, and nothing is painted yet: what depends on them is drawn here."""

    # ---------------------------------------------------------------- rows

    def compose(self) -> ComposeResult:
        yield TabBar(id="tabs")
        yield GoalRow(self.app.glyphs, id="goal")
        yield from self.compose_content()
        yield PromptRow(self.app.glyphs, id="prompt")
        yield KeyBar(id="keys")

    @property
    def board(self) -> Board | None:
        """The focused board, or the first."""
        if isinstance(self.focused, Board):
            return self.focused
        return next(iter(self.query(Board)), None)

    def on_mount(self) -> None:
        self.prompt.on_asking = self._asking
        self.prompt.on_filter = self._filtered
        self.prompt.on_editor = self._edit_outside
        self.show_chrome()
        self.redraw()
        self.call_after_refresh(self.laid_out)

    def on_screen_resume(self) -> None:
        self.show_chrome()
        self._drawn_again()
        if self.stale:
            self.reload()

    def redraw(self) -> None:
        """Draw the view as it is: after a change of something that only the screen knows."""
        if self.view is not None and self.children and not self.leaving:
            self._drawn_for = self.app.size
            self.draw(self.view)
            self.show_keys()
            self.changed()

    def _drawn_again(self) -> None:
        if self._drawn_for != self.app.size:
            self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._after_resize)

    def _after_resize(self) -> None:
        if self.is_current:
            self.show_chrome()
            self._drawn_again()

    def on_descendant_focus(self) -> None:
        self.show_chrome()

    def _asking(self, asking: bool) -> None:
        self.app.keys_wait_for_answer(asking)
        if not self.query(KeyBar):
            return  # the question is dropped because the app is leaving
        self.show_keys()
        self.settled()

    # ---------------------------------------------------------------- the view

    def reload(self) -> None:
        """Get the view anew, soon; the last one asked for wins."""
        self.stale = False
        work: Any = self._reload
        self.run_worker(work, group="reload", exclusive=True, exit_on_error=True)

    async def _reload(self) -> None:
        await self.fetch()

    async def fetch(self) -> bool:
        """Get the view and show it, and whether there is one; what goes wrong is said in the message row."""
        self.stale = False
        view = await self.app.read(self.load, *self.load_args())
        if view is not None:
            self.view = view
        return view is not None

    async def prepare(self) -> None:
        """Get the view before the screen is shown for the first time, or again after a change."""
        self.stale = False
        view = await self.app.read(self.load, *self.load_args())
        if view is not None:
            if self.is_mounted:
                self.view = view
            else:
                self.set_reactive(KpiScreen.view, view)

    def watch_view(self, view: Any) -> None:
        if self.is_mounted and not self.leaving:
            self.redraw()
            self.show_chrome()

    def data_changed(self, change: DataChanged) -> None:
        """Somebody saved: get the view anew if it can be seen and nobody is typing."""
        self.stale = True
        if self.is_current and (change.by_us or not self.typing()):
            self.reload()

    def day_changed(self) -> None:
        """Another day is looked at: what was kept for the one before is let go."""

    def doctor_looked(self) -> None:
        """The doctor's count is another one: a screen that says it elsewhere than in the tab bar draws it."""

    def settled(self) -> None:
        """Nobody is typing any more: show what others did meanwhile. Widgets that take keys call it, too."""
        if self.stale and self.is_current and not self.typing():
            self.reload()

    # ---------------------------------------------------------------- talking

    def say(self, text: str, kind: str = "info", *, whole: bool = True) -> None:
        self.prompt.say(text, kind, whole=whole)

    async def ask(
        self,
        label: str,
        *,
        initial: str = "",
        parse: Parse | None = None,
        complete: Complete | None = None,
        refused: str = "",
        about: str = "",
        subject: str = "",
        anew: bool = False,
    ) -> str | None:
        """One line on the prompt row, or None when it was dropped (see `PromptRow.ask`); what was not finished comes
        back for the same label and `subject` only."""
        return await asked(self, label, initial, parse, complete, refused, about, subject, anew)

    async def confirm(self, question: str, default: bool = False) -> bool:
        return await self.prompt.confirm(question, default)

    # ---------------------------------------------------------------- verbs

    def handler(self, verb_id: str) -> Callable[..., Any] | None:
        """Who does a verb now: the focused widget, one around it, this screen, or the app."""
        if verb_id in _TABS:
            return lambda: self.app.go(verb_id)
        counted = _COUNTED.match(verb_id)
        node: Any = self.focused or self
        chain = [*(node.ancestors_with_self if isinstance(node, Widget) else (self, self.app))]
        for node in chain:
            for name in (verb_id, *_ALIASES.get(verb_id, ())):
                found = getattr(node, f"action_{name}", None)
                if found is not None:
                    return found  # type: ignore[no-any-return]
            if counted:
                found = getattr(node, f"action_{counted[1]}", None)
                if found is not None:
                    number = int(counted[2])
                    return lambda found=found, number=number: found(number)
        return None

    def action_verb(self, verb_id: str) -> None:
        """Do a verb, whichever way it was asked for: key, footer, palette or Help."""
        found = self.plain_handler(verb_id) or self.handler(verb_id)
        if found is None:
            self.say(f"No “{self.app.verbs[verb_id].verb}” here. ? lists the keys of this screen.")
            return
        if not self.app.allowed(self.saves(verb_id)):
            return
        try:
            result = found()
        except SkipAction:
            return  # one of Textual's own that has nothing to do here: nothing to scroll
        if inspect.isawaitable(result):
            self.app.do(result)
        elif verb_id == "open":
            self.app.do(self._delivered(self.focused))

    async def _delivered(self, board: Widget | None) -> None:
        """Until what a board said of its row has come to its screen: the next key belongs to what that opens."""
        for node in board.ancestors_with_self if board is not None else ():
            heard = asyncio.Event()
            if node is self.app or not node.call_later(heard.set):
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), 1.0)

    def action_prefix(self) -> None:
        self.app.prefix.waiting = True
        self.show_keys()

    def action_back(self) -> None:
        """One layer less; at the root it only says how to leave."""
        if not self._back():
            self.say("q leaves kpitui.")

    def action_back_or_leave(self) -> None:
        if not self._back():
            self.app.exit()

    def _back(self) -> bool:
        if self.filter_text:
            self._set_filter("")
            return True
        if self.peel():
            return True
        if len(self.app.screen_stack) > 1:
            self.app.go_back()
            return True
        if self.app.looking is not None:
            self.app.do(self.app.look(None))
            return True
        return False

    def action_filter(self) -> None:
        self.prompt.open_filter(self.filter_text)

    def action_next_pane(self) -> None:
        self.focus_next()

    def action_previous_pane(self) -> None:
        self.focus_previous()

    def _edit_outside(self, text: str) -> str:
        from kpitui.tui.editor import edited

        try:
            return edited(self.app, text)
        except Problem as problem:
            # Not said in the row: somebody is typing there.
            self.prompt.hint(str(problem))
            return text

    def _filtered(self, text: str, done: bool) -> None:
        self._set_filter(text)
        if done and text:
            found = self.found()
            self.say(f"/ {text}  {found + '  ' if found else ''}Esc clears")

    def _set_filter(self, text: str) -> None:
        if text != self.filter_text:
            self.filter_text = text
            if not text:
                self.say("")
            self.redraw()
            self.prompt.show_count(self.found())

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.CANCELLED:
            event.stop()
