"""Painting no more than what changed, cell by cell.

Textual knows which regions are to be painted anew; what of them looks as it did is not sent again here. A cursor that
moves in a tree, a digit in a grid and another tab so cost the cells that differ. A style is only named where it is
another than that of the cell painted before, also in the frame before, and of a blank only what can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate

if TYPE_CHECKING:
    from rich.console import Console
    from textual.strip import Strip

Cell = tuple[str, str]
"""A character with what lies over it, and the codes of its style; the right half of a wide one is empty."""
WORTH = 4
"""Lines that have to be saved for the terminal to be told to scroll."""
FARTHEST = 13
"""Lines by which a list is looked for further up or down."""
BRIDGE = 3
"""Unchanged cells between two changed ones that cost less than a jump over them."""


OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29", "53": "55"}
"""What ends an attribute; bold and dim have one end."""
SEEN = frozenset(("4", "7", "9", "21", "53"))
"""Attributes that a blank shows, too: lines, and what is in front as the ground."""
RESET = "\x1b[0m"
PACKET = 512
"""Characters that reach the terminal in one piece, so that nobody sees half of them."""


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


@lru_cache(maxsize=512)
def blank_codes(codes: str) -> str:
    """What of a style a blank shows: its ground, unless a line goes through it or it is reversed."""
    look = look_of(codes)
    if look.attributes & SEEN:
        return codes
    return "" if look.back == PLAIN.back else look.back


@lru_cache(maxsize=4096)
def change_of(before: Look, after: Look) -> str:
    """What a terminal is told to go from one style to another: the shorter of what differs and all of it."""
    gone = before.attributes - after.attributes
    front = [after.front] * (after.front != before.front)
    back = [after.back] * (after.back != before.back)
    parts = sorted({OFF.get(one, "") for one in gone})
    kept = before.attributes & after.attributes
    again = {one for one in kept if OFF.get(one) in parts} | (after.attributes - before.attributes)
    parts += [*sorted(again), *front, *back]
    whole = ["", *sorted(after.attributes)]
    whole += [after.front] * (after.front != PLAIN.front) + [after.back] * (after.back != PLAIN.back)
    if gone and (gone - OFF.keys() or len(";".join(whole)) < len(";".join(parts))):
        parts = whole
    return f"\x1b[{';'.join(parts)}m" if parts else ""


@lru_cache(maxsize=4096)
def for_blank(before: Look, codes: str) -> Look:
    """The style to be in for a blank: as near to the one that is in force as what can be seen of it allows."""
    wanted = look_of(codes)
    if wanted.attributes & SEEN:
        return wanted
    return Look(before.attributes - SEEN, before.front, wanted.back)


class Picture:
    """What stands on the terminal, as far as it is known."""

    def __init__(self) -> None:
        self._rows: list[list[Cell | None]] = []
        self._size = (0, 0)
        self._style = PLAIN
        """What the terminal writes with: it is left as it is after a frame."""

    def forget(self) -> bool:
        """Somebody else paints, or may have; whether the terminal was left in a style of ours."""
        self._size = (0, 0)
        styled, self._style = self._style != PLAIN, PLAIN
        return styled

    def update(self, size: tuple[int, int], spans: Iterable[tuple[int, int, Sequence[Cell]]]) -> str:
        """What makes the terminal show these cells (line, first column, cells), and takes note of it."""
        out = []
        if size != self._size:
            self._size = size
            self._rows = [[None] * size[0] for _ in range(size[1])]
            self._style = PLAIN
            out.append(RESET)
        wanted: dict[int, list[Cell | None]] = {}
        for y, x, cells in spans:
            if 0 <= y < size[1] and x < size[0]:
                row = wanted.setdefault(y, list(self._rows[y]))
                row[x : x + len(cells)] = cells[: size[0] - x]
        if move := self._scroll(wanted):
            # Lines that come in are blank in the style that is in force.
            out += [change_of(self._style, PLAIN), move]
            self._style = PLAIN
        style, at = self._style, (-1, -1)
        for y, new in sorted(wanted.items()):
            for first, end in changed(self._rows[y], new):
                if (y, first) != at:
                    out.append(jump(at, (y, first)))
                for text, codes in cast("list[Cell]", new[first:end]):
                    look = for_blank(style, codes) if text == " " else look_of(codes)
                    if look is not style and look != style:
                        out.append(change_of(style, look))
                        style = look
                    out.append(text)
                # In the last column the terminal waits with the next one: where it then is, is not sure.
                at = (y, end if end < size[0] else -1)
            self._rows[y] = new
        self._style = style
        return "".join(out)

    def _scroll(self, wanted: dict[int, list[Cell | None]]) -> str:
        """Lines that have only moved up or down are moved by the terminal, between margins; "" where it saves little.
        What has to stand where they were is then `wanted`, too."""
        old = self._rows
        found = moved(old, [wanted.get(y, row) for y, row in enumerate(old)]) if len(wanted) >= WORTH else None
        if found is None:
            return ""
        first, end, by = found
        if any(None in old[y] for y in range(first, end)):
            return ""
        for y in range(first, end):
            wanted.setdefault(y, old[y])
        blank: list[list[Cell | None]] = [[(" ", "")] * self._size[0] for _ in range(abs(by))]
        lines = old[first:end]
        old[first:end] = [*lines[by:], *blank] if by > 0 else [*blank, *lines[:by]]
        at, move = (end, "\n" * by) if by > 0 else (first + 1, "\x1bM" * -by)
        return f"\x1b[{first + 1};{end}r\x1b[{at};1H{move}\x1b[r"


def jump(at: tuple[int, int], to: tuple[int, int]) -> str:
    """The shortest way for the terminal's cursor from one cell to another; a place that is not sure is negative."""
    (y, x), (line, column) = at, to
    if y == line and 0 <= x < column:
        return f"\x1b[{column - x}C"
    if 0 <= y == line - 1:
        # Back to the first column, whatever it waits for, and one down.
        return f"\r\n\x1b[{column}C" if column else "\r\n"
    return f"\x1b[{line + 1};{column + 1}H"


def moved(old: Sequence[Sequence[Cell | None]], new: Sequence[Sequence[Cell | None]]) -> tuple[int, int, int] | None:
    """The stretch of lines (first, end) whose content moved, and by how many lines up; None where it saves little."""
    height = len(old)
    other = [one != two for one, two in zip(old, new, strict=True)]
    if sum(other) < WORTH or any(None in old[y] for y in range(height) if other[y]):
        return None
    best, saved = None, WORTH - 1
    for by in (step for far in range(1, min(height, FARTHEST)) for step in (far, -far)):
        y = max(-by, 0)
        while y < height - max(by, 0):
            start = y
            while y < height - max(by, 0) and new[y] == old[y + by]:
                y += 1
            worth = sum(other[start:y])
            if worth > saved:
                best, saved = ((start, y + by, by) if by > 0 else (start + by, y, by)), worth
            y += 1
    return best


def changed(old: Sequence[Cell | None], new: Sequence[Cell | None]) -> Iterator[tuple[int, int]]:
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


def whole(cells: Sequence[Cell | None], first: int, end: int) -> tuple[int, int]:
    while first > 0 and _half(cells[first]):
        first -= 1
    while end < len(cells) and _half(cells[end]):
        end += 1
    return first, end


def _half(cell: Cell | None) -> bool:
    return cell is not None and not cell[0]


def cells_of(strip: Strip, system: ColorSystem) -> list[Cell]:
    """The cells of a strip."""
    out: list[Cell] = []
    for text, style, control in strip._segments:
        if control:
            continue
        codes = style._make_ansi_codes(system) if style is not None else ""
        blank = (" ", blank_codes(codes))
        if text.isascii():
            out += [blank if char == " " else (char, codes) for char in text]
            continue
        for char in text:
            size = get_character_cell_size(char)
            if char == " ":
                out.append(blank)
            elif size:
                out.append((char, codes))
                out += [("", codes)] * (size - 1)
            elif out:
                over, under = out[-1], -1
                while not over[0] and len(out) + under > 0:
                    under -= 1
                    over = out[under]
                out[under] = (over[0] + char, over[1])
    return out


class Tight:
    """What an update has from its compositor: the app's picture, the size of the screen, and how the app sends it."""

    picture: Picture
    size: tuple[int, int]
    framed: Callable[[str], str]

    def spans_in(self, system: ColorSystem) -> Iterator[tuple[int, int, Sequence[Cell]]]:
        """The cells that may be others now: line, first column, cells."""
        raise NotImplementedError

    def render_segments(self, console: Console) -> str:
        system = console._color_system or ColorSystem.TRUECOLOR
        return self.framed(self.picture.update(self.size, self.spans_in(system)))


class TightUpdate(Tight, ChopsUpdate):
    """The cells of each span that are others than those on the terminal."""

    def spans_in(self, system: ColorSystem) -> Iterator[tuple[int, int, Sequence[Cell]]]:
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= x2 or end <= x1:
                    continue
                first = max(x, x1)
                yield y, first, cells_of(strip.crop(first - x, min(end, x2) - x), system)


class TightLayout(Tight, LayoutUpdate):
    """A whole screen: the cells that are others than those on the terminal."""

    def spans_in(self, system: ColorSystem) -> Iterator[tuple[int, int, Sequence[Cell]]]:
        for y, line in enumerate(self.strips, self.region.y):
            x = self.region.x
            for strip in line:
                cells = cells_of(strip, system)
                yield y, x, cells
                x += len(cells)


class TightCompositor(Compositor):
    """A compositor whose updates are tight. The app of its screen has the `picture`."""

    def _tight(self, update: Any) -> Any:
        app: Any = self.root.app  # type: ignore[union-attr]
        update.picture, update.size, update.framed = app.picture, tuple(self.size), app.framed
        return update

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        update = super().render_full_update(simplify=simplify)
        return self._tight(TightLayout(update.strips, update.region)) if not simplify else update

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else self._tight(TightUpdate(update.chops, update.spans, update.chop_ends))
