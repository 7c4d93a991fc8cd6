"""Painting no more than what changed, cell by cell.

Textual knows which regions are to be painted anew; what of them looks as it did is not sent again here. A cursor that
moves in a tree, a digit in a grid and another tab so cost the cells that differ, and a style is only named where it is
another than that of the cell painted before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate

if TYPE_CHECKING:
    from rich.console import Console
    from textual.strip import Strip

Cell = tuple[str, str]
"""A character with what lies over it, and the codes of its style; the right half of a wide one is empty."""
BRIDGE = 3
"""Unchanged cells between two changed ones that cost less than a jump over them."""


class Look(NamedTuple):
    """The codes of a style, apart."""

    attributes: frozenset[str]
    front: str
    back: str


PLAIN = Look(frozenset(), "39", "49")


@lru_cache(maxsize=512)
def look_of(codes: str) -> Look:
    """`1;38;2;91;192;240;48;2;18;18;18` as bold, front and back."""
    attributes, front, back = set(), PLAIN.front, PLAIN.back
    parts = iter(codes.split(";") if codes else ())
    for part in parts:
        if part in ("38", "48"):
            kind = next(parts, "5")
            colour = ";".join([part, kind, *(next(parts, "0") for _ in range(3 if kind == "2" else 1))])
            front, back = (colour, back) if part == "38" else (front, colour)
        elif len(part) > 1 and part[:-1] in ("3", "9"):
            front = part
        elif len(part) > 1 and part[:-1] in ("4", "10"):
            back = part
        else:
            attributes.add(part)
    return Look(frozenset(attributes), front, back)


@lru_cache(maxsize=4096)
def change_of(old: str, new: str) -> str:
    """What a terminal is told to go from one style to another."""
    before, after = look_of(old), look_of(new)
    if before.attributes <= after.attributes:
        parts = sorted(after.attributes - before.attributes)
        parts += [after.front] * (after.front != before.front) + [after.back] * (after.back != before.back)
    else:
        parts = ["", *sorted(after.attributes)]
        parts += [after.front] * (after.front != PLAIN.front) + [after.back] * (after.back != PLAIN.back)
    return f"\x1b[{';'.join(parts)}m" if parts else ""


class Picture:
    """What stands on the terminal, as far as it is known."""

    def __init__(self) -> None:
        self._rows: list[list[Cell | None]] = []
        self._size = (0, 0)

    def forget(self) -> None:
        """Somebody else painted, or may have."""
        self._size = (0, 0)

    def update(self, size: tuple[int, int], spans: Iterable[tuple[int, int, Sequence[Cell]]]) -> str:
        """What makes the terminal show these cells (line, first column, cells), and takes note of it."""
        if size != self._size:
            self._size = size
            self._rows = [[None] * size[0] for _ in range(size[1])]
        out: list[str] = []
        style, at = "", (-1, -1)
        for y, x, cells in spans:
            if not 0 <= y < size[1]:
                continue
            row = self._rows[y]
            cells = cells[: max(size[0] - x, 0)]
            for first, end in changed(row[x : x + len(cells)], cells):
                if (y, x + first) != at:
                    ahead = x + first - at[1]
                    out.append(f"\x1b[{ahead}C" if y == at[0] and 0 < ahead else f"\x1b[{y + 1};{x + first + 1}H")
                for text, codes in cells[first:end]:
                    if codes != style:
                        out.append(change_of(style, codes))
                        style = codes
                    out.append(text)
                # In the last column the terminal waits with the next one: where it then is, is not sure.
                at = (y, x + end) if x + end < size[0] else (-1, -1)
            row[x : x + len(cells)] = cells
        if look_of(style) != PLAIN:
            out.append("\x1b[0m")
        return "".join(out)


def changed(old: Sequence[Cell | None], new: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """The stretches of cells that are others now, those close to each other as one; wide characters stay whole."""
    first, end = -1, -1
    for place, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        if first >= 0 and place - end > BRIDGE:
            yield whole(new, first, end)
            first = -1
        if first < 0:
            first = place
        end = place + 1
    if first >= 0:
        yield whole(new, first, end)


def whole(cells: Sequence[Cell], first: int, end: int) -> tuple[int, int]:
    while first > 0 and not cells[first][0]:
        first -= 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return first, end


def cells_of(strip: Strip, system: ColorSystem) -> list[Cell]:
    """The cells of a strip."""
    out: list[Cell] = []
    for text, style, control in strip._segments:
        if control:
            continue
        codes = style._make_ansi_codes(system) if style is not None else ""
        if text.isascii():
            out += [(char, codes) for char in text]
            continue
        for char in text:
            size = get_character_cell_size(char)
            if size:
                out.append((char, codes))
                out += [("", codes)] * (size - 1)
            elif out:
                over, under = out[-1], -1
                while not over[0] and len(out) + under > 0:
                    under -= 1
                    over = out[under]
                out[under] = (over[0] + char, over[1])
    return out


class TightUpdate(ChopsUpdate):
    """The cells of each span that are others than those on the terminal."""

    picture: Picture
    size: tuple[int, int]

    def render_segments(self, console: Console) -> str:
        system = console._color_system or ColorSystem.TRUECOLOR

        def spans() -> Iterator[tuple[int, int, Sequence[Cell]]]:
            for y, x1, x2 in self.spans:
                for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                    if strip is None or x >= x2 or end <= x1:
                        continue
                    first = max(x, x1)
                    yield y, first, cells_of(strip.crop(first - x, min(end, x2) - x), system)

        return self.picture.update(self.size, spans())


class TightLayout(LayoutUpdate):
    """A whole screen: the cells that are others than those on the terminal."""

    picture: Picture
    size: tuple[int, int]

    def render_segments(self, console: Console) -> str:
        system = console._color_system or ColorSystem.TRUECOLOR

        def spans() -> Iterator[tuple[int, int, Sequence[Cell]]]:
            for y, line in enumerate(self.strips, self.region.y):
                x = self.region.x
                for strip in line:
                    cells = cells_of(strip, system)
                    yield y, x, cells
                    x += len(cells)

        return self.picture.update(self.size, spans())


class TightCompositor(Compositor):
    """A compositor whose updates are tight. The app of its screen has the `picture`."""

    def _tight(self, update: Any) -> Any:
        update.picture, update.size = self.root.app.picture, tuple(self.size)  # type: ignore[union-attr]
        return update

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        update = super().render_full_update(simplify=simplify)
        return self._tight(TightLayout(update.strips, update.region)) if not simplify else update

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else self._tight(TightUpdate(update.chops, update.spans, update.chop_ends))
