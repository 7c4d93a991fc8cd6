"""What this account has seen of a workspace's log, kept in its own state folder: the newest transaction and its hash.

Whoever may write the file can write it anew with its whole log; but not what others remember of it. One small file for
each workspace, 0600, looked at with one query at every opening.
"""

from __future__ import annotations

import os
from contextlib import suppress

from kpitui import paths
from kpitui.domain.named import NamedTuple
from kpitui.text import clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Look(Protocol):
        """What the log looks like now, and what does not fit or is to be told (`services.witness.look`)."""

        @property
        def txn(self) -> int: ...
        @property
        def head(self) -> str: ...
        @property
        def restore(self) -> str: ...
        @property
        def doubt(self) -> str: ...
        @property
        def note(self) -> str: ...


MOST = 20
"""Doubts that are kept."""


class Seen(NamedTuple):
    """`txn` and `head` are the newest transaction that was seen and its hash (hex), `restore` the hash of the newest
    restore then (empty: none), `checked` the day the file was last looked through (ISO 8601), `doubts` what did not fit
    since they were last settled."""

    txn: int = 0
    head: str = ""
    restore: str = ""
    checked: str = ""
    doubts: tuple[str, ...] = ()


def remember(path: str, look: Callable[[int, str, str], Look]) -> list[str]:
    """Holds the log of the workspace `path` against what was seen of it, by `look(txn, head, restore)`, and remembers
    it as it is now: sentences to say, mostly none."""
    before = load(path)
    seen = before or Seen()
    now = look(seen.txn, seen.head, seen.restore)
    doubts = (*seen.doubts, now.doubt) if now.doubt else seen.doubts
    after = seen._replace(txn=now.txn, head=now.head, restore=now.restore, doubts=doubts)
    if after != before and now.txn:
        save(path, after)
    return [said for said in (now.doubt, now.note) if said]


def settle(path: str) -> None:
    """Takes the log as it was last seen for the right one: what did not fit is forgotten."""
    seen = load(path)
    if seen is not None and seen.doubts:
        save(path, seen._replace(doubts=()))


def forget(path: str) -> None:
    """Nothing was seen of the workspace `path`: it was made just now."""
    try:
        os.unlink(file_of(os.path.realpath(path)))
    except OSError:
        pass


def file_of(path: str) -> str:
    """Where it is remembered for the workspace `path` (a real path)."""
    mark = 0x811C9DC5
    for byte in os.fsencode(path):  # FNV-1a: what tells two paths apart here need not load a library
        mark = (mark ^ byte) * 0x01000193 & 0xFFFFFFFF
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in os.path.basename(path))[:40]
    return os.path.join(paths.state_folder(), "witness", f"{mark:08x}-{name}")


def load(path: str) -> Seen | None:
    """What was seen of the workspace `path`; None when nothing was, or what is kept cannot be read."""
    try:
        # A pipe that somebody put there is not waited for.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(file_of(path), flags), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read(100_000).splitlines()
        where, (txn, head, restore), checked, *doubts = lines[0], lines[1].split(" "), *lines[2:]
        if where != _line(path):
            return None
        return Seen(int(txn), head, restore.strip("-"), checked, tuple(doubts))
    except (OSError, ValueError, IndexError):
        return None


def save(path: str, seen: Seen) -> None:
    """Keeps what was seen. Where the state folder cannot be written, nothing is kept, and nothing is said."""
    lines = [_line(path), f"{seen.txn} {seen.head or '-'} {seen.restore or '-'}", seen.checked]
    lines += [clean(doubt) for doubt in seen.doubts[-MOST:]]
    name = file_of(path)
    part = f"{name}.{os.getpid()}.part"
    try:
        paths.private_folder(os.path.dirname(name))
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(part, flags, 0o600), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\n".join(lines) + "\n")
        os.replace(part, name)
    except OSError:
        with suppress(OSError):
            os.unlink(part)


def _line(path: str) -> str:
    return path.replace("\n", "?")
