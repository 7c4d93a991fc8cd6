"""A board with value cells: typing replaces, Enter saves and goes down. The entry grid and the queue of what is due.

What is typed is held here and drawn cell by cell: a digit repaints one cell, a move two of them. What a text means,
and saving it, is the host's business, who is asked at once and answers at once; saving itself goes on behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from textual import events

from kpitui.domain.problem import Problem
from kpitui.text import clean
from kpitui.tui.widgets.grid_cells import VALUE, Place, Value, ValueCells

__all__ = ["VALUE", "Grid", "Host", "Place", "Value"]

STARTS = set("0123456789.+-=−")
SAME = {'"', "'", "”", "“", "″"}


class Host(Protocol):
    """Who knows what a text in a cell means. Problem is raised for what cannot be saved."""

    def understand(self, at: Place, text: str) -> Value:
        """How the cell will look with this text. Raises Problem."""

    def typing_changed(self, at: Place, text: str | None) -> None:
        """Told at every change of what is being typed; None when it was dropped or saved."""

    def refuse(self, at: Place, why: str) -> None: ...

    def commit(self, at: Place, text: str) -> bool:
        """Save it, in its own time. False when the host has a question first, and the text is to stay."""

    def resume(self, at: Place, text: str) -> None:
        """Enter on a text that could not be saved."""

    def old_text(self, at: Place) -> str:
        """What is to be edited when the text that stands is kept; empty when nothing does."""

    def empty(self, cells: Sequence[Place]) -> None: ...

    def same(self, cells: Sequence[Place]) -> None: ...

    def accept(self, at: Place) -> None: ...

    def copy(self, cells: Sequence[Sequence[Place]]) -> None: ...

    def pasted(self, text: str) -> None: ...

    def paste_decided(self, save: bool) -> None: ...

    def dropped(self, at: Place) -> None:
        """Text that was not saved was given up."""

    def shut_out(self) -> None:
        """A value was begun where nothing can be saved."""


class Grid(ValueCells):
    """Value cells that are typed into."""

    DEFAULT_CSS: ClassVar[str] = "Grid { height: auto; scrollbar-size: 0 0; overflow: hidden hidden; }"

    host: Host

    def go_to_cell(self, row: str, column: int) -> None:
        """Put the cursor on a cell of the row with this key."""
        self._leave_cell()
        self.column = column
        if not self.go_to(row):
            return
        self._refresh_cell(self.cursor, self.column)

    def first_open(self, column: int, where: Iterable[str] = ()) -> str:
        """The key of the first row whose cell in a column is open, preferably one of the rows `where`."""
        wanted = set(where)
        found = [row.key for place, row in enumerate(self.rows) if self._open(place, column)]
        return next((key for key in found if key in wanted), found[0] if found else "")

    def targets(self, lines: Sequence[Sequence[str]]) -> list[tuple[Place, str]] | None:
        """Where the cells of a paste go: one column down the open cells, as Enter goes; a block row by row from the
        cursor; a column too long to go down, along the row, since a sheet has its periods below each other. Empty
        ones go nowhere. None when it reaches beyond the grid."""
        one = all(len(line) == 1 for line in lines)
        while one and len(lines) > 1 and not lines[-1][0].strip():
            lines = lines[:-1]
        below = [
            place
            for place in range(self.cursor, len(self.rows))
            if self.rows[place].kind == "row" and (not one or place == self.cursor or self._open(place, self.column))
        ]
        if one and len(lines) > len(below):
            lines = [[line[0] for line in lines]]
        found: list[tuple[Place, str]] = []
        for number, line in enumerate(lines):
            for step, text in enumerate(line):
                if not text.strip():
                    continue
                if number >= len(below) or self.column + step >= len(self.values_of(below[number])):
                    return None
                place = below[number]
                found.append(((self.rows[place].key, self.values_of(place)[self.column + step].key), text))
        return found

    # ---------------------------------------------------------------- keys

    def take_key(self, event: events.Key) -> bool:
        if self.typing:
            return self._type(event)
        key, character = event.key, event.character or ""
        if self.preview:
            if key in ("enter", "escape"):
                self.host.paste_decided(key == "enter")
            return key not in ("ctrl+q", "ctrl+z", "ctrl+l")
        if key == "escape":
            return self._escape()
        if key in ("tab", "shift+tab"):
            self.step(1 if key == "tab" else -1)
            return True
        if self.at is None:
            return False
        if key == "enter":
            self._enter()
            return True
        if character == "v":
            self._mark_block()
            return True
        if character not in STARTS and character not in SAME and character not in ("x", "e", "d", ";"):
            return False
        if self.writable:
            self._begin_with(character)
        else:
            # A digit is a value here, whoever types it and whatever day is looked at: never a tab.
            self.host.shut_out()
        return True

    def _begin_with(self, character: str) -> None:
        value, at = self.value, self.at
        if value is None or at is None:
            return
        cells = [cell for line in self.block() for cell in line]
        if character == "d":
            self._end_block()
            self.host.empty(cells)
        elif not value.open:
            self.host.refuse(at, value.why)
        elif character in SAME:
            self._end_block()
            self.host.same(cells)
            if len(cells) == 1:
                self.down_a_cell()
        elif character in ("e", ";"):
            old = self.unsaved.get(at) or self.host.old_text(at)
            self.start_typing(f"{old} ; " if character == ";" and old and ";" not in old else old, editing=True)
        else:
            self.start_typing(character)

    def start_typing(self, text: str, *, editing: bool = False) -> None:
        """Begin with `text` in the cell under the cursor; while `editing`, left and right move in the text."""
        self._end_block()
        self.typing, self._editing = True, editing
        self.editor.set(text)
        self._typed()

    def _typed(self) -> None:
        at = self.at
        self._refresh_cell(self.cursor, self.column)
        if at is not None:
            self.host.typing_changed(at, self.editor.text)
        self._park_terminal_cursor()

    def _type(self, event: events.Key) -> bool:
        key = event.key
        if key == "escape":
            self._drop()
        elif key == "enter":
            if self._commit():
                self.down_a_cell()
        elif key in ("tab", "shift+tab"):
            if self._commit():
                self.step(1 if key == "tab" else -1)
        elif key in ("up", "down"):
            if self._commit():
                self.move(1 if key == "down" else -1)
        elif key in ("left", "right") and not self._editing:
            if self._commit():
                self.step(1 if key == "right" else -1)
        elif self.editor.press(key, event.character):
            self._typed()
        else:
            return False
        return True

    def _drop(self) -> None:
        at = self.at
        self._stop()
        if at is not None:
            if self.unsaved.pop(at, None) is not None:
                self.host.dropped(at)
            self.host.typing_changed(at, None)

    def _stop(self) -> None:
        self.typing = self._editing = False
        self.editor.set("")
        self._refresh_cell(self.cursor, self.column)

    def _commit(self) -> bool:
        """Hand over what was typed; False when it cannot be saved, and then it stays."""
        at, text = self.at, self.editor.text
        if at is None or not text.strip():
            self._drop()
            return True
        try:
            shown = self.host.understand(at, text)
        except Problem as problem:
            self.host.refuse(at, str(problem))
            return False
        self.pending[at] = shown
        if not self.host.commit(at, text):
            del self.pending[at]
            return False
        self.unsaved.pop(at, None)
        self._stop()
        self.host.typing_changed(at, None)
        return True

    def commit_and_go(self) -> None:
        """As Enter does while typing."""
        if self.typing and self._commit():
            self.down_a_cell()

    def drop(self) -> None:
        """As Esc does while typing."""
        if self.typing:
            self._drop()

    def _enter(self) -> None:
        value, at = self.value, self.at
        if value is None or at is None:
            return
        if at in self.unsaved and self.writable:
            self.host.resume(at, self.unsaved[at])
            return
        if value.odd and at not in self.pending and self.writable:
            self.host.accept(at)
        self.down_a_cell()

    def _escape(self) -> bool:
        at = self.at
        if self._began is not None:
            self._end_block()
        elif at is not None and at in self.unsaved and self.writable:
            del self.unsaved[at]
            self._refresh_cell(self.cursor, self.column)
            self.host.dropped(at)
        else:
            return False
        return True

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        text = event.text.strip("\r\n")
        if not text or self.at is None:
            return
        if not self.writable:
            self.host.shut_out()
            return
        if "\t" in text or "\n" in text or "\r" in text:
            if self.typing:
                self._drop()
            self.host.pasted(text)
        elif self.typing:
            self.editor.insert(clean(text))
            self._typed()
        else:
            self.start_typing(clean(text).strip())

    # ---------------------------------------------------------------- moving

    def down_a_cell(self) -> None:
        """To the next row below whose cell in this column takes a value and is not done; stay when there is none."""
        rest = [*range(self.cursor + 1, len(self.rows)), *(range(self.cursor) if self.wraps else ())]
        for place in rest:
            key = self.rows[place].key
            if self._open(place, self.column):
                value = self.values_of(place)[self.column]
                if value.done or (self.wraps and (key, value.key) in self.pending):
                    continue
                self._put(place)
                return
        self._refresh_cell(self.cursor, self.column)

    def step(self, by: int) -> None:
        """To the next column."""
        count = len(self.values_of(self.cursor))
        column = max(0, min(self.column + by, count - 1))
        if column != self.column:
            old, self.column = self.column, column
            self._refresh_cell(self.cursor, old)
            self._refresh_cell(self.cursor, column)
            self._refresh_block()
            self._park_terminal_cursor()
            if self.row is not None:
                self.post_message(self.Highlighted(self, self.row))

    def action_left(self) -> None:
        self.step(-1)

    def action_right(self) -> None:
        self.step(1)

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def _leave_cell(self) -> None:
        for part in (self._refresh_lead, lambda place: self._refresh_cell(place, self.column)):
            part(self.cursor)

    def _put(self, place: int, silent: bool = False) -> None:
        old = self.cursor
        if old != place:
            self._leave_cell()
            self.cursor = place
            self._leave_cell()
            self._refresh_block()
        if place >= 0:
            self._scroll_to_place(place)
            if not silent:
                self.post_message(self.Highlighted(self, self.rows[place]))
        self._park_terminal_cursor()

    def on_click(self, event: events.Click) -> None:
        if self.typing and not self._commit():
            return
        place, x = event.y + self.scroll_offset.y - self.header, event.x
        if not (event.y >= self.header and 0 <= place < len(self.rows) and self.rows[place].kind == "row"):
            return
        for column in range(len(self.values_of(place))):
            start, cells = self._extent(column)
            if start <= x < start + cells:
                self.step(column - self.column)
        self._put(place)

    # ---------------------------------------------------------------- blocks

    def _mark_block(self) -> None:
        if self._began is None:
            self._began = (self.cursor, self.column)
            self._refresh_cell(self.cursor, self.column)
        else:
            self._end_block()

    def block(self) -> list[list[Place]]:
        """The cells of the marked block, line by line; without one the cell under the cursor."""
        if self._began is None:
            return [[self.at]] if self.at else []
        (top, left), (bottom, right) = self._corners()
        return [
            [(self.rows[place].key, value.key) for value in self.values_of(place)[left : right + 1]]
            for place in range(top, bottom + 1)
            if self.rows[place].kind == "row"
        ]

    @property
    def has_block(self) -> bool:
        return self._began is not None

    def _end_block(self) -> None:
        if self._began is not None:
            self._began = None
            self._strips.clear()
            self.refresh()

    def _refresh_block(self) -> None:
        if self._began is not None:
            self._strips.clear()
            self.refresh()

    def clear_marks(self) -> bool:
        had = self._began is not None
        self._end_block()
        return had

    def action_copy(self) -> None:
        """Copy the block; without one the row."""
        cells = self.block()
        if self._began is None and self.row is not None:
            cells = [[(self.cursor_key, value.key) for value in self.values_of(self.cursor)]]
        self._end_block()
        self.host.copy(cells)
