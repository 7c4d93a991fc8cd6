"""A sentence that is too long for its row: all of it, over the rows above, until the next key."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip

from kpitui.text import wrapped
from kpitui.tui.widgets.styled import Styled

MOST = 3
"""The part of the screen that it takes at most is one in so many."""


class Sentence(Styled):
    """Lies over the content, above the prompt row or with its last line on it; it takes no key and moves nothing."""

    DEFAULT_CSS: ClassVar[str] = "Sentence { layer: plain; dock: bottom; width: 100%; background: $background; }"

    def __init__(self) -> None:
        super().__init__()
        self.display = False
        self._lines: list[str] = []
        self._style = ""

    def show(self, text: str, style: str, rows_below: int, mark: str) -> None:
        """All of `text`, so many rows above the lower edge; of more than a third of the screen the beginning."""
        lines, room = wrapped(text, self.screen.size.width - 2), max(self.screen.size.height // MOST, 2)
        if len(lines) > room:
            lines = [*lines[: room - 1], f"{lines[room - 1]}{mark}"]
        self._lines, self._style = lines, style
        self.styles.height = len(lines)
        self.styles.margin = (0, 0, rows_below, 0)
        self.display = True
        self.refresh()

    def hide(self) -> None:
        if self.display:
            self.display = False

    def render_line(self, y: int) -> Strip:
        text = self._lines[y] if y < len(self._lines) else ""
        return self.strip_of([(f" {text}", self._style)], self.size.width)
