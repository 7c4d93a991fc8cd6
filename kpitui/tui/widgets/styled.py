"""What every widget of ours draws with: spans of text with a style name, made into lines of the exact width.

The names are component classes (`k--on`, …) that `app.tcss` gives their look, with and without colour. Text is cleaned
here, at the last moment before it reaches the terminal, and is never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from kpitui.text import clean, cut, width

Span = tuple[str, str]
"""Text and the names of its styles, separated by blanks; "" is plain."""
Line = Sequence[Span]

STYLES = (
    "on",
    "watch",
    "off",
    "none",
    "stale",
    "dim",
    "bold",
    "heading",
    "title",
    "accent",
    "key",
    "reverse",
    "under",
    "marked",
    "flag",
    "frame",
    "spark",
    "miss",
    "target",
    "cursor",
    "error",
    "warn",
)
STYLE_OF_STATUS = {
    "on_track": "on",
    "achieved": "on",
    "at_risk": "watch",
    "off_track": "off",
    "missed": "off",
    "stale": "stale",
}


def status_style(status: str) -> str:
    """The style name of a status word; what is neither good nor bad is `none`."""
    return STYLE_OF_STATUS.get(status, "none")


def spans_width(spans: Iterable[Span]) -> int:
    return sum(width(text) for text, _ in spans)


def fitted(spans: Line, cells: int, *, right: bool = False, tail: bool = False, mark: str = "…") -> list[Span]:
    """`spans` in exactly `cells` cells: cut with `mark`, or filled. `right` aligns, `tail` keeps a series' end."""
    cleaned = [(clean(text), style) for text, style in spans]
    have = spans_width(cleaned)
    if have == cells:
        return cleaned
    if have < cells:
        blank = (" " * (cells - have), "")
        return [blank, *cleaned] if right or tail else [*cleaned, blank]
    if tail:
        kept: list[Span] = []
        room = cells
        for text, style in reversed(cleaned):
            text = text[-room:] if room else ""
            kept.append((text, style))
            room -= width(text)
        return [span for span in reversed(kept) if span[0]]
    kept, room = [], cells
    for text, style in cleaned:
        size = width(text)
        if size < room:
            kept.append((text, style))
            room -= size
            continue
        text = cut(text + mark if size == room else text, room, mark)
        kept.append((text, style))
        room -= width(text)
        break
    if room:
        kept.append((" " * room, ""))
    return kept


def both_ends(left: Iterable[Span], right: Iterable[Span], cells: int, mark: str = "…") -> list[Span]:
    """`left` at the left, `right` at the right edge with a blank after it; `right` goes when both do not fit."""
    left, right = list(left), list(right)
    room = cells - spans_width(right) - 1
    if not right or room < min(spans_width(left), 12) + 1:
        return fitted(left, cells, mark=mark)
    return [*fitted(left, room, mark=mark), *right, (" ", "")]


class Styled(Widget):
    """A widget drawn line by line from spans."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"k--{name}" for name in STYLES}

    def style_of(self, names: str) -> Style:
        """The look of one or several style names, to be laid over the widget's own."""
        found = Style.null()
        for name in names.split():
            found += self.get_component_rich_style(f"k--{name}", partial=True)
        return found

    def strip_of(self, spans: Line, cells: int, over: str = "", mark: str = "…") -> Strip:
        """One line of exactly `cells` cells; neighbours that look the same become one segment."""
        base = self.rich_style
        top = self.style_of(over) if over else None
        looks: dict[str, Style] = {}
        segments: list[Segment] = []
        text_run, style_run = "", None
        for text, names in fitted(spans, cells, mark=mark):
            style = looks.get(names)
            if style is None:
                style = base + self.style_of(names) if names else base
                if top is not None:
                    style += top
                looks[names] = style
            if style_run is None or style == style_run:
                text_run += text
                style_run = style
            else:
                segments.append(Segment(text_run, style_run))
                text_run, style_run = text, style
        if text_run:
            segments.append(Segment(text_run, style_run))
        return Strip(segments, cells)
