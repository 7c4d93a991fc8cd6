"""A screen as sentences, one under the other, for a terminal too small for its columns."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.domain.named import NamedTuple
from kpitui.text import clean, wrapped
from kpitui.tui.widgets.styled import Styled

COLUMNS, ROWS = 40, 12
"""What the columns of a screen need."""


def too_small(cells: int, rows: int) -> bool:
    return cells < COLUMNS or rows < ROWS


class Entry(NamedTuple):
    """One sentence; with the cursor on it where it is the row that the keys are about."""

    text: str
    at: bool = False
    stops: bool = False
    """Whether the cursor can stand there."""
    style: str = ""


class PlainList(Styled):
    """Sentences wrapped to the width; the one with the cursor stays in sight. It is only looked at: the keys go to what
    lies below it."""

    DEFAULT_CSS = "PlainList { layer: plain; width: 100%; background: $background; }"

    def __init__(self, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.entries: tuple[Entry, ...] = ()
        self.top = 0
        self._lines: list[tuple[str, str]] = []
        self._for: tuple[int, tuple[Entry, ...]] = (0, ())

    def show(self, entries: Sequence[Entry]) -> None:
        if tuple(entries) != self.entries:
            self.entries = tuple(entries)
            self.follow()
            self.refresh()

    def on_resize(self) -> None:
        self.follow()

    def follow(self) -> None:
        """Bring the sentence with the cursor into sight; before the first that can have it, what stands above."""
        rows = self.size.height
        if rows <= 0:
            return
        lines = self.lines()
        marked = [place for place, (_, style) in enumerate(lines) if style == "cursor"]
        if marked:
            if marked[0] < self.top or len(marked) >= rows:
                self.top = marked[0]
            elif marked[-1] >= self.top + rows:
                self.top = marked[-1] - rows + 1
            if marked[-1] < rows and not any(entry.stops for entry in self.entries[: self._place()]):
                self.top = 0
        self.top = max(0, min(self.top, len(lines) - rows))

    def _place(self) -> int:
        return next((place for place, entry in enumerate(self.entries) if entry.at), 0)

    def scroll_by(self, by: int) -> None:
        top = max(0, min(self.top + by, len(self.lines()) - self.size.height))
        if top != self.top:
            self.top = top
            self.refresh()

    def lines(self) -> list[tuple[str, str]]:
        """The sentences as lines of the width, each with its style."""
        if self._for != (self.size.width, self.entries):
            self._for = (self.size.width, self.entries)
            room = max(self.size.width - 2, 8)
            self._lines = [
                (
                    (self.glyphs.cursor if entry.at and not place else " ") + " " + line,
                    "cursor" if entry.at else entry.style,
                )
                for entry in self.entries
                for place, line in enumerate(wrapped(clean(entry.text), room))
            ]
        return self._lines

    def render_line(self, y: int) -> Strip:
        lines, cells = self.lines(), self.size.width
        if self.top + y >= len(lines):
            return self.blank_line()
        text, style = lines[self.top + y]
        return self.strip_of([(text, "" if style == "cursor" else style)], cells, "cursor" if style == "cursor" else "")
