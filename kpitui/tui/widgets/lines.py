"""A pane of lines that only shows: framed as a box, under a ruled title, or bare."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from textual.geometry import Region, Size
from textual.strip import Strip

from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.text import clean, cut, width
from kpitui.tui.widgets.styled import Line, Span, Styled, fitted, spans_width


class Lines(Styled):
    """Lines of spans, cut to the pane. `frame` is `box` (┌─ title ─┐ … └─ hint ─┘), `rule` (── title ── hint ──) or
    empty."""

    DEFAULT_CSS = "Lines { height: auto; }"

    def __init__(
        self, *, frame: str = "", glyphs: Glyphs = UNICODE, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.glyphs = glyphs
        self.frame = frame
        self.title = ""
        self.hint = ""
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line], *, title: str = "", hint: str = "") -> None:
        """Show other lines; those that are the same are not drawn again."""
        new = tuple(lines)
        if (new, title, hint) == (self.lines, self.title, self.hint):
            return
        grown = len(new) != len(self.lines)
        same = (clean(title), clean(hint)) == (self.title, self.hint)
        layout = grown and bool(self.styles.height and self.styles.height.is_auto)
        changed = [] if layout else self._changed(self.lines, new)
        if changed and not same and self.frame:
            cells, height = self.size
            changed += [Region(0, 0, cells, 1), *([Region(0, height - 1, cells, 1)] if self.frame == "box" else [])]
        self.lines, self.title, self.hint = new, clean(title), clean(hint)
        self.refresh(*changed, layout=layout)

    def _changed(self, old: tuple[Line, ...], new: tuple[Line, ...]) -> list[Region]:
        """The parts of lines that are others now: a count in a heading is three cells, not eighty."""
        found = []
        top = 1 if self.frame in ("box", "rule") else 0
        side = 1 if self.frame == "box" else 0
        for y, (one, other) in enumerate(zip_longest(old, new, fillvalue=())):
            if list(one) == list(other):
                continue
            x = 0
            end = max(spans_width(one), spans_width(other))
            for a, b in zip(one, other, strict=False):
                if a != b:
                    break
                x += width(clean(a[0]))
            if spans_width(one) == spans_width(other):
                for a, b in zip(reversed(one), reversed(other), strict=False):
                    if a != b:
                        break
                    end -= width(clean(a[0]))
            if x < self.size.width - 2 * side and y + top < self.size.height:
                found.append(Region(x + side, y + top, max(min(end, self.size.width - side) - x, 1), 1))
        return found or [Region(0, 0, 1, 1)]

    def reframe(self, frame: str) -> None:
        """Another frame, for another width of terminal."""
        if frame != self.frame:
            self.frame = frame
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.lines) + {"box": 2, "rule": 1}.get(self.frame, 0)

    def render_line(self, y: int) -> Strip:
        cells, height = self.size
        marks = self.glyphs
        if self.frame == "box":
            if y == 0:
                return self.strip_of(frame_top(self.title, cells, marks), cells)
            if y == height - 1:
                return self.strip_of(frame_bottom(self.hint, cells, marks), cells)
            line = self.lines[y - 1] if y - 1 < len(self.lines) else ()
            side: Span = (marks.vertical, "frame")
            return self.strip_of([side, *fitted(line, max(cells - 2, 0), mark=marks.ellipsis), side], cells)
        if self.frame == "rule":
            if y == 0:
                return self.strip_of(ruled(self.title, cells, marks, self.hint), cells)
            y -= 1
        return self.strip_of(self.lines[y] if y < len(self.lines) else (), cells, mark=marks.ellipsis)


def frame_top(title: str, cells: int, glyphs: Glyphs) -> list[Span]:
    """`┌─ title ────┐`."""
    return _edge(glyphs.top_left, title, glyphs.top_right, cells, glyphs)


def frame_bottom(hint: str, cells: int, glyphs: Glyphs) -> list[Span]:
    """`└─ hint ─────┘`."""
    return _edge(glyphs.bottom_left, hint, glyphs.bottom_right, cells, glyphs)


def ruled(title: str, cells: int, glyphs: Glyphs, hint: str = "") -> list[Span]:
    """`── title ───────── hint ──`; the hint stands there where both have room."""
    bar = glyphs.horizontal
    if hint and width(title) + width(hint) + 9 <= cells:
        left = cells - width(hint) - 4
        return [*ruled(title, left, glyphs), (f" {hint} ", "dim"), (bar * 2, "frame")]
    if not title:
        return [(bar * cells, "frame")]
    title = cut(title, max(cells - 5, 0), glyphs.ellipsis)
    return [(bar * 2 + " ", "frame"), (title, "title"), (" " + bar * max(cells - width(title) - 4, 0), "frame")]


def _edge(left: str, text: str, right: str, cells: int, glyphs: Glyphs) -> list[Span]:
    bar = glyphs.horizontal
    if not text or cells < 8:
        return [(left + bar * max(cells - 2, 0) + right, "frame")]
    text = cut(text, cells - 6, glyphs.ellipsis)
    rest = bar * (cells - width(text) - 5)
    return [(f"{left}{bar} ", "frame"), (text, "title"), (f" {rest}{right}", "frame")]
