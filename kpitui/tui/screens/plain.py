"""What a screen says in sentences where it is too small for its columns: boards row by row, panes line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import Screen
from textual.widget import Widget

from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.columns import BoardRow, Column, spans_of
from kpitui.tui.widgets.form import Field, Form
from kpitui.tui.widgets.goalrow import GoalRow
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.plain_list import Entry, PlainList, too_small

if TYPE_CHECKING:
    from kpitui.tui.app import KpituiApp

MOVES = {"down": 1, "up": -1, "half_down": 5, "half_up": -5, "page_down": 8, "page_up": -8, "top": -999, "bottom": 999}
DRAWN = " ─│┄"
LEFT_OUT = ("spark", "trend")
"""Columns that are drawings."""


class PlainView(Screen[Any]):
    """A screen that is a list of sentences as long as the terminal is too small for its columns. Cursor, filter and
    keys are those of the board below the list."""

    app: KpituiApp

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name=name)
        self._plain: PlainList | None = None

    @property
    def plain(self) -> bool:
        return too_small(*self.app.size)

    @property
    def leaving(self) -> bool:
        """Whether it is taken down, alone or with the app: its rows go in any order, and what is found out meanwhile (a
        view, what the doctor says) has no place to be shown any more."""
        return self.app.leaving or self._pruning or self._closing

    def spoken(self) -> dict[str, str]:
        """Sentences for rows of the boards, by key, where there are better ones than the columns give."""
        return {}

    def changed(self) -> None:
        """Something was drawn: a screen shown as sentences says it anew."""
        if self.plain or self._plain is not None:
            self.call_after_refresh(self.show_plain)

    def show_plain(self) -> None:
        """The list over everything but the message row and the keys, as long as there is no room for more."""
        if self.leaving:
            return
        if not self.plain:
            if self._plain is not None:
                self._plain.remove()
                self._plain = None
            return
        if not self.is_mounted:
            return
        if self._plain is None:
            self._plain = PlainList(self.app.glyphs)
            self.mount(self._plain)
        self._plain.styles.height = max(self.app.size.height - 2, 1)
        self._plain.show(entries_of(self, self.spoken()))

    def plain_handler(self, verb_id: str) -> Callable[[], None] | None:
        """Where no list has the cursor, the keys that move one move the sentences."""
        plain, board = self._plain, next(iter(self.query(Board)), None)
        if plain is None or verb_id not in MOVES or (board is not None and board.row is not None and _seen(board)):
            return None
        return partial(plain.scroll_by, MOVES[verb_id])


def entries_of(screen: Screen[Any], spoken: Mapping[str, str]) -> list[Entry]:
    """Every line of a screen; `spoken` has sentences for rows by their keys."""
    goal = screen.query_one(GoalRow)
    found = [Entry(goal_text(goal), style="bold")]
    for widget in screen.query("Lines, Board, Form"):
        if not _seen(widget):
            continue
        if isinstance(widget, Form):
            found += form_entries(widget)
        if isinstance(widget, Lines):
            texts = ("".join(text for text, _ in line).strip(DRAWN) for line in widget.lines)
            # Charts and rules have neither letter nor digit.
            found += [Entry(text, style="dim") for text in texts if any(map(str.isalnum, text))]
        elif isinstance(widget, Board):
            found += board_entries(widget, spoken)
    return found


def goal_text(row: GoalRow) -> str:
    goal = row.goal
    if goal is None:
        return "No goal yet: n writes one." if row.offers else "No goal yet."
    shares = [
        f"{round(share * 100)}% {word}"
        for share, word in ((goal.done, "done"), (goal.gone, "time"))
        if share is not None
    ]
    value = f": {goal.value}" if goal.value.strip("-") else ""
    return ", ".join((f"{row.glyphs.goal} {goal.title}{value}", *shares, *row.words))


def board_entries(board: Board, spoken: Mapping[str, str]) -> Iterable[Entry]:
    for place, row in enumerate(board.rows):
        if row.kind == "header":
            continue
        text = spoken.get(row.key) or row_text(board, row)
        if text:
            at = place == board.cursor and board.has_cursor
            yield Entry(text, at, row.kind == "row" and board.has_cursor, "" if row.kind == "row" else "bold")


def form_entries(form: Form) -> Iterable[Entry]:
    """`3 Target from [26] to [30]`; the line with the field that is typed in has the cursor."""
    for row in form.rows:
        text, at, fields = "", False, False
        for piece in row:
            if isinstance(piece, Field):
                at, fields = at or piece.id == form.at, True
                text += f" [{form.values.get(piece.id, '')}] "
            else:
                text += piece[0]
        if any(map(str.isalnum, text)):
            yield Entry(text.strip(DRAWN), at, fields)


def row_text(board: Board, row: BoardRow) -> str:
    """`◌ NPS, period Q3, due 51d late, value 43`: titles with what stands below them."""
    from kpitui.tui.widgets.grid_cells import VALUE, Value

    if row.kind != "row" and row.kind != "shown":
        return " ".join(text for cell in row.cells if (text := cell_text(cell)))
    layout = board.layouts.get(row.layout) or board.layouts[""]
    parts, values = [], {f"{VALUE}{place}": value for place, value in enumerate(row.values)}
    sign = ""
    for place, column in enumerate(layout.columns):
        if column.name in LEFT_OUT:
            continue
        value = values.get(column.name)
        if isinstance(value, Value):
            text = f"{value.text}{value.mark}".strip()
        else:
            text = cell_text(row.cells[place]) if place < len(row.cells) else ""
        if not text or (column.name == "unit" and text == "n"):
            continue
        if column.width == 1:
            sign = f"{sign}{text} "
        else:
            parts.append(f"{titled(column)}{text}")
    return sign + ", ".join(parts)


def titled(column: Column) -> str:
    title = column.title if isinstance(column.title, str) else ""
    return f"{title.strip()} " if title.strip() and column.width else ""


def cell_text(cell: Any) -> str:
    return "".join(text for text, _ in spans_of(cell)).strip()


def _seen(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))
