"""The list of Home: one cursor through KPIs, metrics and what is due, in frames where there is room for them."""

from __future__ import annotations

from kpitui.domain.figure_style import style
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.columns import BoardRow, Column, fit
from kpitui.tui.widgets.lines import frame_bottom, frame_top
from kpitui.tui.widgets.styled import Line, fitted

EDGE = "edge"
"""The kind of a row that closes a frame; its cell is the hint in it."""
LINE = "line"
"""The layout of a row that is one sentence from the first column on."""


def edge(hint: str = "") -> BoardRow:
    return BoardRow("", (hint,), EDGE)


class HomeBoard(Board, inherit_bindings=False):
    """A board whose headings become frames when `framed` is set."""

    framed = False

    def reframe(self, framed: bool) -> None:
        if framed != self.framed:
            self.framed = framed
            self.restyle()

    @property
    def lead(self) -> int:
        return 2 if self.framed or self.app.size.width < 60 else 3

    def columns_of(self, name: str) -> list[tuple[int, Column]]:
        key = name, style().words, self.size.width
        columns = self._fitted.get(key)
        if columns is None:
            lead = 1 if name == LINE else self.lead
            layout = self.layouts.get(name) or self.layouts[""]
            # The last cell stays free, under a frame both edges are taken.
            columns = self._fitted[key] = fit(
                layout, self.size.width - lead - (2 if self.framed else 1), self._rooms.get(name)
            )
        return columns

    def _lead_span(self, row: BoardRow, at: bool) -> list[tuple[str, str]]:
        if row.layout == LINE:
            return [(self.glyphs.cursor if at else " ", "accent" if at else "")]
        return super()._lead_span(row, at)

    def _line(self, row: BoardRow, at: bool) -> Line:
        if not self.framed:
            return super()._line(row, at)
        cells, marks = self.size.width, self.glyphs
        if row.kind == "heading":
            return frame_top(_text(row), cells, marks)
        if row.kind == EDGE:
            return frame_bottom(_text(row), cells, marks)
        inner = fitted(super()._line(row, at), cells - 2, mark=marks.ellipsis)
        return [(marks.vertical, "frame"), *inner, (marks.vertical, "frame")]


def _text(row: BoardRow) -> str:
    """The cells of a heading as one plain text."""
    parts = []
    for cell in row.cells:
        spans = [cell] if isinstance(cell, str) else [cell[0]] if isinstance(cell[0], str) else [s[0] for s in cell]
        parts.append("".join(str(span) for span in spans).strip())
    return "  ".join(part for part in parts if part)
