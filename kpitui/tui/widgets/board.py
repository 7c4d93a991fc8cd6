"""Rows under columns, with a cursor: every list of the program.

Drawn line by line, so that a cursor move repaints two lines and a hundred thousand rows cost no more than thirty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.domain.figure_style import style
from kpitui.tui.looks import Looks
from kpitui.tui.widgets import columns as room
from kpitui.tui.widgets.columns import BoardRow, Cell, Column, Layout, blank, fit, heading, spans_of
from kpitui.tui.widgets.marking import Marking
from kpitui.tui.widgets.styled import Line, Span, Styled, both_ends, fitted, spans_width

if TYPE_CHECKING:
    from textual import events

__all__ = ["Board", "BoardRow", "Cell", "Column", "Layout", "blank", "heading"]


class Board(Marking, Styled, ScrollView, can_focus=True, inherit_bindings=False):
    """A list with a cursor. Give it `layouts` and `show(rows)`; hear `Highlighted` and `Opened`."""

    DIRECT_KEYS: ClassVar[bool] = True
    DEFAULT_CSS = "Board { height: 1fr; scrollbar-size: 0 0; overflow: hidden hidden; }"

    class Highlighted(Message):
        """The cursor stands on another row."""

        def __init__(self, board: Board, row: BoardRow) -> None:
            super().__init__()
            self.board = board
            self.row = row

        @property
        def control(self) -> Board:
            return self.board

    class Opened(Highlighted):
        """Enter, o or a second click on a row."""

    def __init__(
        self,
        layouts: Layout | dict[str, Layout],
        *,
        glyphs: Glyphs = UNICODE,
        header: bool = False,
        lead: int | None = None,
        cursor: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """`header` keeps the default layout's titles on the first line. `lead` is the room for the cursor sign: 3 cells
        from 60 columns up and 2 below when left out. Without `cursor` the board is only read and scrolled."""
        super().__init__(id=id, classes=classes)
        self.layouts = layouts if isinstance(layouts, dict) else {"": layouts}
        self.glyphs = glyphs
        self.header = header
        self.has_cursor = cursor
        self.rows: Sequence[BoardRow] = ()
        self.cursor = -1
        self.empty: Sequence[Line] = ()
        """What stands there while there are no rows: what would be here, and the key that puts it here."""
        self.start_marking()
        self._lead = lead
        self._places: dict[str, int] | None = None
        self._fitted: dict[tuple[str, str, int], list[tuple[int, Column]]] = {}
        self._strips: dict[int, Strip] = {}
        self._rooms: dict[str, dict[str, int]] = {}
        self._strips_in: Looks | None = None
        self._wanted_key = ""

    # ---------------------------------------------------------------- what it shows

    def show(self, rows: Sequence[BoardRow], *, at: str = "") -> None:
        """Show `rows`; the cursor stays on its row by key, or goes to the row with the key `at`.

        `rows` may be any sequence that does not change: only those on the screen are looked at.
        """
        old, old_key, old_place = self.rows, self.cursor_key, self.cursor
        self.rows = rows
        if (rooms := room.rooms_for_codes(self.layouts, rows)) != self._rooms:
            self._rooms = rooms
            self.restyle()
        self._places = None
        self._anchor = None
        if self.marked:
            self.marked &= set(self.places)
        top = self.scroll_offset.y
        seen = range(top, top + max(self.size.height, 1))
        if len(rows) == len(old) and self._strips:
            changed = [place for place in seen if place < len(rows) and rows[place] != old[place]]
            for place in list(self._strips):
                if place not in seen or place in changed:
                    del self._strips[place]
            for place in changed:
                self._refresh_changed(place, old[place])
        else:
            self._strips.clear()
            self._set_height()
            self.refresh()
        wanted = at or self._wanted_key or old_key
        place = old_place
        if not (wanted and 0 <= place < len(rows) and rows[place].key == wanted):
            place = self.places.get(wanted, -1) if wanted else -1
        if place >= 0:
            self._wanted_key = ""
        else:
            place = self._selectable(min(max(old_place, 0), len(rows) - 1), 1)
            if place < 0:
                place = self._selectable(len(rows) - 1, -1)
        self._put(place, silent=place == old_place and self.cursor_key == old_key)

    def _set_height(self) -> None:
        # Set without its watcher, which would lay out and paint the whole screen anew. The width stays 1: nothing
        # scrolls sideways.
        self.set_reactive(Widget.virtual_size, Size(1, len(self.rows) + self.header))
        if self.scroll_offset.y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    @property
    def places(self) -> dict[str, int]:
        """Key to line number."""
        if self._places is None:
            self._places = {row.key: place for place, row in enumerate(self.rows) if row.key}
        return self._places

    @property
    def row(self) -> BoardRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def cursor_key(self) -> str:
        row = self.row
        return row.key if row else ""

    def go_to(self, key: str) -> bool:
        """Put the cursor on the row with `key`, now or, when it is not there yet, with the next `show`."""
        place = self.places.get(key, -1)
        if place < 0:
            self._wanted_key = key
            return False
        self._put(place)
        return True

    def lay_out(self, layouts: dict[str, Layout]) -> None:
        """Other columns, for another width."""
        if layouts is not self.layouts:
            self.layouts = layouts
            self.restyle()

    def restyle(self) -> None:
        """Draw everything anew: the theme, the glyphs or the layouts are others."""
        self._strips.clear()
        self._fitted.clear()
        self.refresh()

    # ---------------------------------------------------------------- moving

    def _selectable(self, place: int, step: int) -> int:
        while 0 <= place < len(self.rows):
            if self.rows[place].kind == "row":
                return place
            place += step
        return -1

    def _put(self, place: int, silent: bool = False) -> None:
        if not self.has_cursor:
            return
        old, self.cursor = self.cursor, place
        if old != place:
            self._draw_again((old, place))
        if place >= 0:
            self._scroll_to_place(place)
            if not silent:
                self.post_message(self.Highlighted(self, self.rows[place]))
        self._park_terminal_cursor()

    def _scroll_to_place(self, place: int) -> None:
        room = self.size.height - self.header
        if room <= 0:
            return
        top = self.scroll_offset.y
        first = place
        # Headings above the first row of a group come into view with it.
        while first > 0 and self.rows[first - 1].kind != "row" and place - first < room - 1:
            first -= 1
        if first < top:
            self._scroll(first)
        elif place >= top + room:
            self._scroll(place - room + 1)

    def bring_into_view(self, key: str) -> None:
        """Scroll so far that the row with `key` is seen, and the cursor still is."""
        place, room = self.places.get(key, -1), self.size.height - self.header
        if place >= self.scroll_offset.y + room:
            self._scroll(min(place - room + 1, self.cursor))

    def _scroll(self, top: int) -> None:
        top = max(0, min(top, len(self.rows) + self.header - self.size.height))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)

    def _draw_again(self, places: Iterable[int]) -> None:
        for place in places:
            self._strips.pop(place, None)
            self._refresh_place(place)

    def _refresh_changed(self, place: int, old: BoardRow) -> None:
        """Paint a row anew that was `old` before."""
        self._refresh_place(place)

    def _refresh_place(self, place: int) -> None:
        y = place - self.scroll_offset.y + self.header
        if 0 <= y < self.size.height and place >= 0:
            self.refresh(Region(0, y, self.size.width, 1))

    def _park_terminal_cursor(self) -> None:
        """The terminal's own cursor stays on the row, for screen readers and input methods."""
        if self.has_focus and self.cursor >= 0:
            y = self.cursor - self.scroll_offset.y + self.header
            self.app.cursor_position = self.content_region.offset + Offset(0, max(y, 0))

    def move(self, by: int) -> None:
        """Move the cursor by rows, or scroll where there is none."""
        if not self.has_cursor:
            self._scroll(self.scroll_offset.y + by)
            return
        if not self.rows:
            return
        target = max(0, min(self.cursor + by, len(self.rows) - 1))
        step = 1 if by > 0 else -1
        place = self._selectable(target, step)
        if place < 0 or (place - self.cursor) * step <= 0:
            place = self._selectable(target, -step)
        if by < 0 and (place < 0 or place >= self.cursor):
            self._scroll(0)
            return
        if place >= 0 and place != self.cursor:
            self._put(place)

    def action_down(self) -> None:
        self.move(1)

    def action_up(self) -> None:
        self.move(-1)

    def action_half_down(self) -> None:
        self.move(max(self.size.height // 2, 1))

    def action_half_up(self) -> None:
        self.move(-max(self.size.height // 2, 1))

    def action_page_down(self) -> None:
        self.move(max(self.size.height - self.header - 1, 1))

    def action_page_up(self) -> None:
        self.move(-max(self.size.height - self.header - 1, 1))

    def action_top(self) -> None:
        self.move(-len(self.rows))

    def action_bottom(self) -> None:
        self.move(len(self.rows))

    # ---------------------------------------------------------------- doing

    def action_open(self) -> None:
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y - self.header
        if 0 <= place < len(self.rows) and self.rows[place].kind == "row" and event.y >= self.header:
            self._put(place)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        self._scroll(self.scroll_offset.y + 3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(self.scroll_offset.y - 3)

    # ---------------------------------------------------------------- drawing

    @property
    def lead(self) -> int:
        if self._lead is not None:
            return self._lead
        return 3 if self.app.size.width >= 60 else 2

    def on_resize(self) -> None:
        self._fitted.clear()
        self._strips.clear()
        self._set_height()
        if self.cursor >= 0:
            self._scroll_to_place(self.cursor)
        self.refresh()

    def on_focus(self) -> None:
        self._park_terminal_cursor()

    def columns_of(self, name: str) -> list[tuple[int, Column]]:
        """The columns of a layout that fit now, with their widths; what a screen cuts its sparklines to."""
        # By width: it is asked for before the board has one, and painted before it is told of the one it got.
        key = name, style().words, self.size.width
        columns = self._fitted.get(key)
        if columns is None:
            layout = self.layouts.get(name) or self.layouts[""]
            columns = self._fitted[key] = fit(layout, self.size.width - self.lead, self._rooms.get(name))
        return columns

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._strips_in is not self.looks:
            self._strips_in = self.looks
            self._strips.clear()
        if self.header and y == 0:
            return self.strip_of(self._header_line(""), width)
        place = y + self.scroll_offset.y - self.header
        if not 0 <= place < len(self.rows):
            if not self.rows and 0 <= place - 1 < len(self.empty):
                return self.strip_of([(" " * self.lead, ""), *self.empty[place - 1]], width)
            return self.blank_line()
        strip = self._strips.get(place)
        if strip is None:
            row = self.rows[place]
            at = place == self.cursor
            over = f"{row.style} cursor" if at else row.style
            strip = self.strip_of(self._line(row, at), width, over, self.glyphs.ellipsis)
            if len(self._strips) > 2000:
                self._strips.clear()
            self._strips[place] = strip
        return strip

    def line_text(self, place: int) -> str:
        """What stands on a line, for copying and for tests."""
        return "".join(text for text, _ in self._line(self.rows[place], False)).rstrip()

    def _lead_span(self, row: BoardRow, at: bool) -> list[Span]:
        sign = self.glyphs.cursor if at else " "
        if row.key and row.key in self.marked:
            if self.lead < 3:
                return [((sign if at else self.glyphs.check).ljust(self.lead), "marked")]
            return [(self.glyphs.check, "marked"), (sign.ljust(self.lead - 1), "accent")]
        before = " " if self.lead >= 3 else ""
        return [((before + sign).ljust(self.lead), "accent" if at else "")]

    def _line(self, row: BoardRow, at: bool) -> Line:
        width = self.size.width
        if row.kind == "header":
            return self._header_line(row.layout)
        if row.kind == "text":
            return [span for cell in row.cells for span in spans_of(cell)]
        if row.kind == "heading":
            left: list[Span] = [(" ", ""), *spans_of(row.cells[0])]
            right = list(spans_of(row.cells[1])) if len(row.cells) > 1 else []
            if width < 60 and spans_width(left) + spans_width(right) + 2 > width:
                right = []  # what a group is called comes before what may be done with it
            return both_ends(left, right, width, self.glyphs.ellipsis)
        line = self._lead_span(row, at)
        for place, column in self.columns_of(row.layout):
            cell = spans_of(row.cells[place]) if place < len(row.cells) else ()
            if column.gap:
                line.append((" " * column.gap, ""))
            if row.indent and not self.layouts.get(row.layout, self.layouts[""]).columns[place].width:
                cell = [(" " * row.indent, ""), *cell]
            line += fitted(
                cell,
                column.width,
                right=column.align == "right",
                tail=column.align == "tail",
                mark=self.glyphs.ellipsis,
            )
        return line

    def _header_line(self, layout: str) -> Line:
        line: list[Span] = [(" " * self.lead, "")]
        for _, column in self.columns_of(layout):
            title = column.title(column.width) if callable(column.title) else column.title
            line.append((" " * column.gap, ""))
            line += fitted([(title, "title")], column.width, right=column.align == "right")
        return line
