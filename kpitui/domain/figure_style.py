"""How the person in front of the screen writes figures: the sign of the decimals, how negative ones look, and the
words of large ones.

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
    writes `>=` for `≥`, and the like. `words` is the language of short forms, one of `compact_words.LANGUAGES`."""

    __slots__ = ("accounting", "ascii", "decimal", "words")

    def __init__(self, decimal: str = ".", accounting: bool = False, ascii: bool = False, words: str = "en") -> None:
        self.decimal = decimal
        self.accounting = accounting
        self.ascii = ascii
        self.words = words


PLAIN = FigureStyle()
_STYLE: ContextVar[FigureStyle] = ContextVar("figure_style", default=PLAIN)


def of(decimal: str, negative: str, ascii: bool = False, words: str = "en") -> FigureStyle:
    """The style of somebody's settings: `negative` is `minus` or `accounting`, `words` a language."""
    return FigureStyle(decimal, negative == "accounting", ascii, words)


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
