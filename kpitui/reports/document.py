"""The shape of a document: what stands in it, not how it looks. Text, Markdown and HTML are made of the same one.

All text in it is people's text or ours alike: each form makes it harmless in its own way.
"""

from __future__ import annotations

from typing import NamedTuple


class Strong(NamedTuple):
    text: str


class Status(NamedTuple):
    """A status by its sign and, with `word`, in words; `signal` adds the sign of a signal."""

    status: str
    word: bool = True
    signal: bool = False


class Spark(NamedTuple):
    """The last periods of a series, oldest first."""

    values: tuple[float | None, ...]
    says: str
    """The same in words, for those who cannot see it."""
    line: float | None = None
    """A target to be held on the way, where one line can show it."""


Run = str | Strong | Status | Spark
Runs = tuple[Run, ...]


class Paragraph(NamedTuple):
    runs: Runs


class Bullets(NamedTuple):
    items: tuple[Runs, ...]
    numbered: bool = False


class Grid(NamedTuple):
    """A table. The columns numbered in `right` hold figures."""

    header: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]
    right: tuple[int, ...] = ()


Block = Paragraph | Bullets | Grid


class Section(NamedTuple):
    title: str
    blocks: tuple[Block, ...]


class Document(NamedTuple):
    title: str
    under: str
    """What stands under the title."""
    sections: tuple[Section, ...]
    foot: tuple[tuple[str, str], ...]
    """Name and text: what is told of the document itself."""
