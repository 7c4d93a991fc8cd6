"""One thing a key does, as plain data."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple


class Verb(NamedTuple):
    """One thing a key does. A screen does it in a method called `action_<id>`."""

    id: str
    keys: str
    verb: str
    help: str
    group: str
    screens: tuple[str, ...] = ()
    """Only there; empty for everywhere. `cell` is a value cell, `line` a text line or form."""
    rank: int = 50
    """The higher, the later the hint leaves a narrow footer."""
    palette: str = ""
    """How the command palette calls it; empty when it makes no sense there."""
    go: str = ""
    """The key after `g` that does it too."""
    writes: bool = False
    """Changes data, so a read-only workspace refuses it."""
