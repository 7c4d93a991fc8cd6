"""Marking rows of a board, one by one or as a range."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kpitui.tui.widgets.columns import BoardRow


class Marking:
    """The half of a board that knows which rows are marked, by key."""

    marked: set[str]
    _anchor: int | None

    if TYPE_CHECKING:
        rows: Sequence[BoardRow]
        cursor: int

        @property
        def row(self) -> BoardRow | None: ...
        @property
        def places(self) -> dict[str, int]: ...
        def move(self, by: int) -> None: ...
        def _draw_again(self, places: Iterable[int]) -> None: ...

    def start_marking(self) -> None:
        self.marked = set()
        self._anchor = None

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and step down."""
        if self.row is not None:
            self.marked ^= {self.row.key}
            self._draw_again([self.cursor])
            self.move(1)

    def action_mark_range(self) -> None:
        """The first time the range begins here; the second time all from there to here are marked."""
        if self._anchor is None:
            self._anchor = self.cursor
            return
        low, high = sorted((self._anchor, self.cursor))
        self._anchor = None
        self.marked |= {self.rows[place].key for place in range(low, high + 1) if self.rows[place].kind == "row"}
        self._draw_again(range(low, high + 1))

    def clear_marks(self) -> bool:
        """Take all marks away; True when there were any."""
        had = bool(self.marked) or self._anchor is not None
        self._anchor = None
        self._draw_again([self.places[key] for key in self.marked if key in self.places])
        self.marked.clear()
        return had

    def marked_rows(self) -> list[BoardRow]:
        """The marked rows from top to bottom; without any, the row under the cursor."""
        if self.marked:
            return [row for row in self.rows if row.key in self.marked]
        return [self.row] if self.row else []
