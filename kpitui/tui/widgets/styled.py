"""What every widget of ours draws with: spans of text with a style name, made into lines of the exact width.

The names are those of `looks.py`. Text is cleaned here, at the last moment before it reaches the terminal, and is never
markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from kpitui.text import ascii_only, clean, cut, width, with_codes
from kpitui.tui.looks import Looks

Span = tuple[str, str]
"""Text and the names of its styles, separated by blanks; "" is plain."""
Line = Sequence[Span]

_PLAIN = str.maketrans({"·": "-", "–": "-", "…": "~", "“": '"', "”": '"', "→": ">", "×": "x", "÷": "/", "≈": "~"})
"""For a terminal that has only ASCII: the signs of our own sentences, each one cell for one."""

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
            start = len(text)
            while start and width(text[start - 1 :]) <= room:
                start -= 1
            kept.append((text[start:], style))
            room -= width(text[start:])
            if start:
                break
        return [(" " * room, ""), *(span for span in reversed(kept) if span[0])]
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
    """A widget drawn line by line from spans, in an app that has `looks`."""

    @property
    def looks(self) -> Looks:
        looks: Looks = self.app.looks  # type: ignore[attr-defined]
        return looks

    def strip_of(self, spans: Line, cells: int, over: str = "", mark: str = "…") -> Strip:
        """One line of exactly `cells` cells, `over` laid over all of it; neighbours that look the same become one
        segment."""
        looks = self.looks
        plain = self.app.glyphs.name == "ascii"  # type: ignore[attr-defined]
        top = looks.over(over) if over else None
        if plain and not self.app.utf8:  # type: ignore[attr-defined]
            spans = _with_codes(spans)
        segments: list[Segment] = []
        text_run, style_run = "", None
        for text, names in fitted(spans, cells, mark=mark):
            if plain and not text.isascii():
                text = text.translate(_PLAIN)
                if not self.app.utf8:  # type: ignore[attr-defined]
                    text = ascii_only(text)
            style = looks.style(names) if names else looks.base
            if top is not None:
                style += top
            if style_run is None or style == style_run:
                text_run += text
                style_run = style
            else:
                segments.append(Segment(text_run, style_run))
                text_run, style_run = text, style
        if text_run:
            segments.append(Segment(text_run, style_run))
        return Strip(segments, cells)

    def blank_line(self) -> Strip:
        return Strip.blank(self.size.width, self.looks.base)


def _with_codes(spans: Line) -> Line:
    """The spans with currencies by their codes, as wide where blanks follow."""
    out: list[Span] = []
    owed = 0
    for text, style in spans:
        said, owed = with_codes(text, owed)
        out.append((said, style))
    return out
