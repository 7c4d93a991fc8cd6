"""The footer: hints that are dropped whole when it is narrow, and the way to all keys pinned at the right."""

from __future__ import annotations

from textual.strip import Strip

from kpitui.footers import Shown, fit
from kpitui.tui.widgets.styled import Span, Styled, spans_width


class KeyBar(Styled):
    """One row of hints. `show` gives it others; the same ones cost nothing."""

    DEFAULT_CSS = "KeyBar { height: 1; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hints: tuple[Shown, ...] = ()
        self.pinned: tuple[Shown, ...] = ()

    def show(self, hints: tuple[Shown, ...], pinned: tuple[Shown, ...]) -> None:
        if (hints, pinned) != (self.hints, self.pinned):
            self.hints, self.pinned = hints, pinned
            self.refresh()

    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        fitting = fit(self.hints, self.pinned, cells)
        left: list[Span] = [(" ", "")]
        for place, hint in enumerate(fitting.hints):
            left += [("  " if place else "", ""), *_spans(hint)]
        right: list[Span] = []
        for place, hint in enumerate(fitting.pinned):
            right += [("  " if place else "", ""), *_spans(hint)]
        more = f"+{fitting.dropped}" if fitting.dropped else ""
        gap = cells - spans_width(left) - spans_width(right) - len(more)
        if more:
            before = min(2, max(gap - 1, 0))
            return self.strip_of([*left, (" " * before, ""), (more, "dim"), (" " * (gap - before), ""), *right], cells)
        return self.strip_of([*left, (" " * max(gap, 0), ""), *right], cells)


def _spans(hint: Shown) -> list[Span]:
    if not hint.keys:
        return [(hint.word, "dim")]
    return [(hint.keys, "key"), (f" {hint.word}" if hint.word else "", "dim")]
