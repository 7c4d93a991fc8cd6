"""Columns, rows and cells of a board, and which columns stay when there is little room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kpitui.domain.compact_words import WIDER
from kpitui.domain.figure_style import style
from kpitui.domain.named import NamedTuple
from kpitui.text import width
from kpitui.tui.widgets.styled import Line, Span

Cell = str | Span | Line
"""A cell of a row: plain text, text with style names, or several of those."""


FIGURES = frozenset({"value", "target", "last", "usual", "change", "old", "new", "now", "would", "per", "alone"})
"""Columns that hold figures: the words of large ones in some languages need more room (a cut figure is none)."""
CODED = FIGURES | {"gap", "by", "best", "total"}
"""Columns that have room for `EUR 17.5k` where a currency is told by its code."""
LOOKED_AT = 150
"""Rows of a board that are looked at for codes of currencies: a list may be of any length."""


class Column(NamedTuple):
    """One column. The one of width 0 takes what the others leave."""

    name: str
    width: int = 0
    title: str | Callable[[int], str] = ""
    """A text, or what makes one for the width the column got."""
    align: str = "left"
    """`left`, `right`, or `tail`: what is too long loses its beginning (sparklines)."""
    gap: int = 1
    """Blank cells before it."""
    least: int = 8
    """The least the width-0 column is squeezed to."""
    most: int = 0
    """The most the width-0 column grows to; 0 is no limit."""


class Layout(NamedTuple):
    """Columns, and what gives way, in order, when they do not fit: column name and its next width (0 drops it)."""

    columns: tuple[Column, ...]
    yields: tuple[tuple[str, int], ...] = ()


class BoardRow(NamedTuple):
    """One line. `kind` is `row`, or one that the cursor passes over: `heading` (left and right cell), `header` (the
    columns' titles) or `text` (spans over the whole width)."""

    key: str
    cells: tuple[Cell, ...] = ()
    kind: str = "row"
    layout: str = ""
    indent: int = 0
    """Cells the width-0 column's text is moved right."""
    style: str = ""
    """Laid over the whole line."""
    values: tuple[object, ...] = ()
    """The value cells of a line in a grid (`grid.Value`)."""


def heading(left: str, right: str = "") -> BoardRow:
    return BoardRow("", ((left, "heading"), (right, "dim")), "heading")


def blank() -> BoardRow:
    return BoardRow("", (), "text")


def coded(text: str) -> bool:
    """Whether a figure tells its currency by its code: `EUR 17.5k`, `>=CHF 2M`."""
    code = text.lstrip("+-(<>=≥≤ ")[:4]
    return code[3:] == " " and code[:3].isalpha() and code[:3].isupper() and code.isascii()


def room_for_codes(layout: Layout, rows: Iterable[Sequence[Cell]]) -> dict[str, int]:
    """The cells that columns of a layout need beyond their width for figures with the code of a currency, by name."""
    places = [(place, one) for place, one in enumerate(layout.columns) if one.width and one.name in CODED]
    found: dict[str, int] = {}
    for cells in rows:
        for place, column in places:
            if place < len(cells) and cells[place]:
                text = "".join(span[0] for span in spans_of(cells[place]))
                if coded(text):
                    found[column.name] = max(found.get(column.name, 0), width(text) - column.width)
    return {name: more for name, more in found.items() if more > 0}


def rooms_for_codes(layouts: Mapping[str, Layout], rows: Sequence[BoardRow]) -> dict[str, dict[str, int]]:
    """The same for each layout of a board that needs some."""
    seen: dict[str, list[Sequence[Cell]]] = {}
    for row in map(rows.__getitem__, range(min(len(rows), LOOKED_AT))):
        if row.kind == "row":
            seen.setdefault(row.layout, []).append(row.cells)
    found = {name: room_for_codes(layouts.get(name) or layouts[""], cells) for name, cells in seen.items()}
    return {name: more for name, more in found.items() if more}


def fit(layout: Layout, cells: int, more: Mapping[str, int] | None = None) -> list[tuple[int, Column]]:
    """The columns that stay within `cells` cells: each one's place in the layout, and it with the width it gets;
    `more` are cells that some need beyond their width (`room_for_codes`)."""
    wider = dict.fromkeys(FIGURES, WIDER[style().words])
    for name, cells_more in (more or {}).items():
        wider[name] = max(wider.get(name, 0), cells_more)
    widths = {
        column.name: column.width + (wider.get(column.name, 0) if column.width else 0) for column in layout.columns
    }
    gone: set[str] = set()

    def needed() -> int:
        return sum(
            (widths[column.name] or column.least) + column.gap for column in layout.columns if column.name not in gone
        )

    for name, smaller in layout.yields:
        if needed() <= cells:
            break
        if smaller:
            widths[name] = smaller + wider.get(name, 0)
        else:
            gone.add(name)
    kept = [(place, column) for place, column in enumerate(layout.columns) if column.name not in gone]
    fixed = sum(widths[column.name] + column.gap for _, column in kept)
    left = max(cells - fixed, 0)
    out = []
    for place, column in kept:
        wide = widths[column.name]
        if not wide:
            wide = min(left, column.most) if column.most else left
        out.append((place, column._replace(width=wide)))
    return out


def spans_of(cell: Cell) -> Line:
    """A cell as spans, whichever way it was given."""
    if isinstance(cell, str):
        return ((cell, ""),)
    if len(cell) == 2 and isinstance(cell[0], str) and isinstance(cell[1], str):
        return ((cell[0], cell[1]),)
    return cell  # type: ignore[return-value]
