"""The top row: the tabs there are, with their digits and what waits behind them."""

from __future__ import annotations

from textual.strip import Strip

from kpitui.domain.named import NamedTuple
from kpitui.text import width
from kpitui.tui.widgets.styled import Span, Styled, spans_width


class BarTab(NamedTuple):
    name: str
    digit: str
    letter: str
    title: str
    waiting: int = 0


_SHORT = {"Library": "Lib", "Settings": "Set"}


class TabBar(Styled):
    """The tabs. While digits are claimed (a value cell, a running review) they show no numbers."""

    DEFAULT_CSS = "TabBar { height: 1; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tabs: tuple[BarTab, ...] = ()
        self.active = ""
        self.right = ""
        self.digits = True

    def show(self, tabs: tuple[BarTab, ...], active: str, right: str, digits: bool) -> None:
        new = (tabs, active, right, digits)
        if new != (self.tabs, self.active, self.right, self.digits):
            self.tabs, self.active, self.right, self.digits = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return self.strip_of(bar(self.tabs, self.active, self.right, self.digits, self.size.width), self.size.width)


def bar(tabs: tuple[BarTab, ...], active: str, right: str, digits: bool, cells: int) -> list[Span]:
    """The row for a width: full titles from 120 cells, short ones, or letters; the active tab stands reversed."""
    for form in (_full, _short, _tight, _letters) if cells >= 120 else (_short, _tight, _letters):
        left: list[Span] = []
        for place, tab in enumerate(tabs):
            text = form(tab, digits)
            if tab.name == active:
                if left and left[-1][0].endswith(" "):
                    left[-1] = (left[-1][0][:-1], left[-1][1])
                left.append((f" {text} ", "reverse bold"))
            else:
                left.append((f"{'' if place else ' '}{text} ", ""))
        if spans_width(left) <= cells and (cells >= 80 or form is _letters):
            break
    if not digits and cells >= 80:
        left.append(("   g goes to any", "dim"))
    if right and cells >= 120:
        gap = cells - spans_width(left) - width(right)
        if gap >= 2:
            left += [(" " * gap, ""), (right, "dim")]
    return left


def _count(tab: BarTab) -> str:
    return f" {tab.waiting}" if tab.waiting else ""


def _full(tab: BarTab, digits: bool) -> str:
    return f"{tab.digit + ' ' if digits else ''}{tab.title}{_count(tab)}"


def _short(tab: BarTab, digits: bool) -> str:
    return f"{tab.digit + ' ' if digits else ''}{_SHORT.get(tab.title, tab.title)}{_count(tab)}"


def _tight(tab: BarTab, digits: bool) -> str:
    return f"{tab.digit + ' ' if digits else ''}{tab.title[:3]}{_count(tab)}"


def _letters(tab: BarTab, digits: bool) -> str:
    return f"{tab.digit if digits else ''}{tab.letter.upper()}{_count(tab)}"
