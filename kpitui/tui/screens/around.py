"""What stands around every screen and says the same on all of them: tab bar, goal row and footer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from kpitui import footers, keys
from kpitui.tui.saves import NOTHING, SAVES
from kpitui.tui.screens.plain import PlainView
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.goalrow import GoalRow
from kpitui.tui.widgets.keybar import KeyBar
from kpitui.tui.widgets.prompt import PromptRow
from kpitui.tui.widgets.tabbar import TabBar

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.timer import Timer

    from kpitui.tui.app import KpituiApp

REST = 0.1
"""Seconds after which a cursor stands still; keys that are held down repeat faster."""
_TABS = {name for name, *_ in keys.TABS}


class AroundScreen(PlainView):
    """Shows the rows around the content of a screen as things stand."""

    app: KpituiApp
    SAVES: ClassVar[Mapping[str, str]] = {}
    """What its verbs save that save something else here than elsewhere (`saves.py`)."""
    _moved_at = 0.0
    _resting: Timer | None = None

    def _screen_resized(self, size: Size) -> None:
        """Textual lays out for every size it is told, and tells itself again: two of them chase each other for ever.

        A terminal that names no height is 25 lines to what lays out first and 24 to what tells its size. The size that
        stands follows, or has been laid out for.
        """
        if size == self.app.size:
            super()._screen_resized(size)

    def draw_beside(self, draw: Callable[[], None]) -> None:
        """Draw what stands beside the cursor for the row it has come to: at once after a rest, and while it keeps
        moving only where it stops. A pane costs some kilobytes on the line, a move of the cursor a hundred bytes."""
        now = time.monotonic()
        rested, self._moved_at = now - self._moved_at > REST, now
        if self._resting is not None:
            self._resting.stop()
            self._resting = None
        if rested or self.app.is_headless:
            draw()
        else:
            self._resting = self.set_timer(REST, draw)

    @property
    def prompt(self) -> PromptRow:
        return self.query_one("#prompt", PromptRow)

    @property
    def footer_name(self) -> str:
        raise NotImplementedError

    @property
    def claims_digits(self) -> bool:
        raise NotImplementedError

    def works(self, verb_id: str) -> bool:
        """Whether a verb of the footer has something to work on now: a hint that does nothing is none."""
        if verb_id in _TABS:
            return self.app.has_screen(verb_id)
        if self.app.refused(self.saves(verb_id)):
            return False
        if verb_id not in footers.ON_ROW.get(self.footer_name, ()):
            return True
        return any(board.cursor_key for board in self.query(Board) if board.display)

    def saves(self, verb_id: str) -> str:
        """The table that a verb writes to where the cursor stands now; empty where it saves nothing of the team's."""
        return self.SAVES.get(verb_id, SAVES.get(verb_id, NOTHING))

    def show_chrome(self) -> None:
        """Tab bar, goal row and footer as they are now."""
        if not self.is_mounted or self.leaving:
            return
        app = self.app
        self.query_one(TabBar).show(app.tabs(), app.tab, app.where, not self.claims_digits)
        if app.chrome is not None:
            self.query_one(GoalRow).show(app.chrome.goal, app.goal_words(), not app.refused("goal"))
        self.show_keys()

    def show_keys(self) -> None:
        """The footer as it is now."""
        app, cells = self.app, self.app.size.width
        if app.prefix.waiting:
            hints = app.prefix.hints(app.able_to_go(), cells < 80)
        else:
            name, works = (self.prompt.mode, bool) if self.prompt.mode else (self.footer_name, self.works)
            hints = footers.hints_of(name, app.verbs, cells, app.glyphs.enter, works)
        # Where letters are typed, ? and : are two of them.
        typed = bool(self.prompt.mode or getattr(self.focused, "typing", False))
        self.query_one(KeyBar).show(hints, () if typed else footers.pinned(app.verbs, cells))
