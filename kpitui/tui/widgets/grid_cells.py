"""The value cells of a grid: where they are, what stands in them and how they are drawn, each by itself."""

from __future__ import annotations

from collections.abc import Iterable

from textual.geometry import Offset, Region
from textual.strip import Strip

from kpitui.domain.named import NamedTuple
from kpitui.text import clean, cut, width
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.columns import BoardRow, Column, Layout, spans_of
from kpitui.tui.widgets.line_editor import LineEditor
from kpitui.tui.widgets.styled import Line, Span, fitted

VALUE = "value:"
"""How the names of the columns with value cells begin."""

Place = tuple[str, str]
"""A cell: the key of its row and of the cell."""


class Value(NamedTuple):
    """One value cell. `mark` is the sign behind the number; a cell that is not `open` takes nothing, `why` says so."""

    key: str
    text: str = ""
    style: str = ""
    mark: str = ""
    open: bool = True
    odd: bool = False
    """Enter on it accepts it."""
    done: bool = False
    """Enter passes over it."""
    why: str = ""


class ValueCells(Board):
    """A board with value cells; the columns that hold them are named `value:0`, `value:1`, …"""

    def __init__(self, layout: Layout, *, header: bool = True, id: str | None = None, **kw: object) -> None:
        super().__init__(layout, header=header, id=id, **kw)  # type: ignore[arg-type]
        self.column = 0
        self.editor = LineEditor()
        self.typing = False
        self.wraps = False
        """After the last row Enter goes on with the first that is not done."""
        self.writable = True
        """False where nothing can be saved: what begins a value is then answered with why."""
        self.pending: dict[Place, Value] = {}
        """Cells being saved, as they will look."""
        self.unsaved: dict[Place, str] = {}
        """What was typed and could not be saved."""
        self.preview: dict[Place, Value] = {}
        """Cells of a paste that waits for its Enter."""
        self._editing = False
        self._began: tuple[int, int] | None = None

    # ---------------------------------------------------------------- cells

    def values_of(self, place: int) -> tuple[Value, ...]:
        return self.rows[place].values if 0 <= place < len(self.rows) else ()  # type: ignore[return-value]

    @property
    def value(self) -> Value | None:
        """The cell under the cursor, as it is stored."""
        values = self.values_of(self.cursor)
        return values[self.column] if 0 <= self.column < len(values) else None

    @property
    def at(self) -> Place | None:
        """The cell under the cursor."""
        value = self.value
        return (self.cursor_key, value.key) if value else None

    @property
    def claims_digits(self) -> bool:
        return self.value is not None

    def _open(self, place: int, column: int) -> bool:
        values = self.values_of(place)
        return 0 <= column < len(values) and values[column].open and self.rows[place].kind == "row"

    def redraw_cells(self, cells: Iterable[Place]) -> None:
        """Draw these cells anew: what is pending or unsaved has changed."""
        for row, key in cells:
            place = self.places.get(row, -1)
            for column, value in enumerate(self.values_of(place)):
                if value.key == key:
                    self._refresh_cell(place, column)

    def forget(self, at: Place, *, give_back: str | None = None) -> None:
        """A save has ended: the stored cell counts again; or, when it failed, the text that was typed."""
        shown = self.pending.pop(at, None)
        if give_back is not None:
            self.unsaved[at] = give_back
        place = self.places.get(at[0], -1)
        if give_back is not None or shown not in self.values_of(place):
            self.redraw_cells([at])

    def show_preview(self, cells: dict[Place, Value]) -> None:
        """Show what a paste would save, or nothing."""
        changed = {row for row, _ in (*self.preview, *cells)}
        self.preview = cells
        for key in changed:
            place = self.places.get(key, -1)
            self._strips.pop(place, None)
            self._refresh_place(place)

    # ---------------------------------------------------------------- blocks

    def _corners(self) -> tuple[tuple[int, int], tuple[int, int]]:
        began = self._began or (self.cursor, self.column)
        rows, columns = sorted((began[0], self.cursor)), sorted((began[1], self.column))
        return (rows[0], columns[0]), (rows[1], columns[1])

    def _in_block(self, place: int, column: int) -> bool:
        if self._began is None:
            return False
        (top, left), (bottom, right) = self._corners()
        return top <= place <= bottom and left <= column <= right and self.rows[place].kind == "row"

    # ---------------------------------------------------------------- drawing

    def _extent(self, column: int) -> tuple[int, int]:
        """First cell and width of a value column."""
        x = self.lead
        for _, one in self.columns_of(""):
            x += one.gap
            if one.name == f"{VALUE}{column}":
                return x, one.width
            x += one.width
        return 0, 0

    def _refresh_changed(self, place: int, old: BoardRow) -> None:
        new = self.rows[place]
        sizes = [(len(one.cells), len(one.values)) for one in (old, new)]
        if new.kind == "text" or new._replace(cells=old.cells, values=old.values) != old or sizes[0] != sizes[1]:
            self._refresh_place(place)
            return
        self._strips.pop(place, None)
        x = self.lead
        for number, column in self.columns_of(new.layout):
            x += column.gap
            if column.name.startswith(VALUE):
                at = int(column.name.removeprefix(VALUE))
                value: Value = new.values[at]  # type: ignore[assignment]
                shown = self.pending.get((new.key, value.key), old.values[at])
                changed = value != shown
            else:
                changed = new.cells[number] != old.cells[number]
            if changed:
                self._refresh_part(place, x, column.width)
            x += column.width

    def _refresh_cell(self, place: int, column: int) -> None:
        self._refresh_part(place, *self._extent(column))

    def _refresh_part(self, place: int, x: int, cells: int) -> None:
        self._strips.pop(place, None)
        y = place - self.scroll_offset.y + self.header
        if cells and place >= 0 and self.header <= y < self.size.height:
            self.refresh(Region(x, y, cells, 1))

    def _refresh_lead(self, place: int) -> None:
        self._refresh_part(place, 0, self.lead)

    def _park_terminal_cursor(self) -> None:
        if self.has_focus and self.cursor >= 0:
            x, cells = self._extent(self.column)
            y = self.cursor - self.scroll_offset.y + self.header
            self.app.cursor_position = self.content_region.offset + Offset(max(x + cells - 2, 0), max(y, 0))

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y - self.header
        if (self.header and y == 0) or not 0 <= place < len(self.rows):
            return super().render_line(y)
        strip = self._strips.get(place)
        if strip is None:
            # No bar over the whole row: it would be painted twice at every move.
            row = self.rows[place]
            strip = self.strip_of(
                self._line(row, place == self.cursor), self.size.width, row.style, self.glyphs.ellipsis
            )
            self._strips[place] = strip
        return strip

    def _line(self, row: BoardRow, at: bool) -> Line:
        if row.kind not in ("row", "shown"):
            return super()._line(row, at)
        line = self._lead_span(row, at)
        place = self.places.get(row.key, -1)
        layout = self.layouts.get(row.layout) or self.layouts[""]
        for number, column in self.columns_of(row.layout):
            line.append((" " * column.gap, ""))
            if column.name.startswith(VALUE):
                line += self._value_spans(place, int(column.name.removeprefix(VALUE)), column)
                continue
            cell = spans_of(row.cells[number]) if number < len(row.cells) else ()
            if row.indent and not layout.columns[number].width:
                cell = [(" " * row.indent, ""), *cell]
            line += fitted(cell, column.width, right=column.align == "right", mark=self.glyphs.ellipsis)
        return line

    def _value_spans(self, place: int, number: int, column: Column) -> list[Span]:
        values = self.values_of(place)
        if number >= len(values):
            return [(" " * column.width, "")]
        value = values[number]
        here = place == self.cursor and number == self.column
        if here and self.typing:
            return self._typing_spans(column.width)
        key = (self.rows[place].key, value.key)
        if key in self.preview:
            value = self.preview[key]
        elif key in self.pending:
            value = self.pending[key]
        elif key in self.unsaved and self.writable:
            value = Value(value.key, self.unsaved[key], "error", "!")
        room = column.width - 3
        text = value.text if width(value.text) <= room else cut(value.text, room, self.glyphs.ellipsis)
        style = f"{value.style} marked under" if self._in_block(place, number) else value.style
        if here:
            # One look for all of it: it is painted at every move.
            return [(f"[{' ' * (room - width(text))}{text}{value.mark or ' '}]", "reverse")]
        shown = (text, style), (value.mark or " ", "flag" if value.mark else "")
        return [(" " * (room + 1 - width(text)), ""), *shown, (" ", "")]

    def _typing_spans(self, cells: int) -> list[Span]:
        room = cells - 2
        before, after = clean(self.editor.text[: self.editor.at]), clean(self.editor.text[self.editor.at :])
        text = before + self.glyphs.typing + after
        while width(text) > room and width(before) > room // 2:
            before = before[1:]
            text = before + self.glyphs.typing + after
        text = text[:room]
        return [(f"[{' ' * max(room - width(text), 0)}{text}]", "reverse")]
