"""How the person in front of the screen writes figures: the sign of the decimals, and how negative ones look.

Whoever shows figures to a person sets a style in their own context, and `show` and the readers of typed text follow it
where they are told nothing else. Files, JSON and commands have the plain one.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class FigureStyle:
    """`decimal` is `.` or `,`, the other one groups thousands; `accounting` puts negative figures in brackets; `ascii`
    writes `>=` for `≥`, and the like."""

    __slots__ = ("accounting", "ascii", "decimal")

    def __init__(self, decimal: str = ".", accounting: bool = False, ascii: bool = False) -> None:
        self.decimal = decimal
        self.accounting = accounting
        self.ascii = ascii


PLAIN = FigureStyle()
_STYLE: ContextVar[FigureStyle] = ContextVar("figure_style", default=PLAIN)


def of(decimal: str, negative: str, ascii: bool = False) -> FigureStyle:
    """The style of somebody's settings: `negative` is `minus` or `accounting`."""
    return FigureStyle(decimal, negative == "accounting", ascii)


def style() -> FigureStyle:
    """The style in force here."""
    return _STYLE.get()


def use(new: FigureStyle) -> None:
    """From now on, and in every thread and task that starts from here."""
    _STYLE.set(new)


@contextmanager
def plainly() -> Iterator[None]:
    """Written as in a file: what is stored for everybody is in nobody's style."""
    token = _STYLE.set(PLAIN)
    try:
        yield
    finally:
        _STYLE.reset(token)
