"""A line that is being typed, kept in the user's own state folder until it is saved: a lost terminal loses nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from time import monotonic

from kpitui import paths
from kpitui.text import cut

SYNC = 1.0
"""Seconds between two waits for the disk while somebody types."""


OVER = "\t"
"""Behind it stands, in the kind of a line, what was there before it was typed."""
WHERE = {"form": " among the fields (e, then e, in the Tree)"}
"""Places that are no tab of their own."""


class Draft:
    """One unfinished line of one place: what kind of line it is, and its text so far."""

    def __init__(self, workspace: str, place: str) -> None:
        self._synced = 0.0
        self._path = os.path.join(paths.drafts_folder(), f"{_name(workspace)}-{place}")

    def keep(self, kind: str, text: str) -> None:
        """Remembers the line; an empty one is forgotten. A disk that refuses does not stop anybody from typing."""
        if not text.strip():
            self.drop()
            return
        with suppress(OSError):
            folder = paths.private_folder(os.path.dirname(self._path))
            fresh = os.path.join(folder, f".{os.path.basename(self._path)}.{os.getpid()}")
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with os.fdopen(file, "w", encoding="utf-8") as out:
                out.write(f"{kind}\n{text}")
                if monotonic() - self._synced > SYNC:
                    # A kill loses nothing of what was written; a power cut, what was not put on the disk.
                    out.flush()
                    os.fsync(out.fileno())
                    self._synced = monotonic()
            os.replace(fresh, self._path)

    def kept(self) -> tuple[str, str]:
        """Kind and text; both empty when there is none."""
        try:
            with open(self._path, encoding="utf-8") as file:
                kind, _, text = file.read(100_000).partition("\n")
        except (OSError, UnicodeDecodeError):
            return "", ""
        return kind, text

    def drop(self) -> None:
        with suppress(OSError):
            os.unlink(self._path)


def unfinished(workspace: str) -> tuple[str, ...]:
    """What to say when the screens open: the lines and pages that were being typed when the last ones ended."""
    try:
        there = sorted(name for name in os.listdir(paths.drafts_folder()) if "-line-" in name or "-promote-" in name)
    except OSError:
        return ()
    if not there:
        return ()
    begin = f"{_name(workspace)}-"
    said = []
    for name in (name.removeprefix(begin) for name in there if name.startswith(begin)):
        kind, _, place = name.partition("-")
        label, text = Draft(workspace, name).kept()
        label = label.partition(OVER)[0]
        if not text.strip():
            continue
        if kind == "promote":
            said.append(f"Not finished: the page that makes a KPI of {label}. p on it brings it back.")
        else:
            where = "" if place == "home" else WHERE.get(place) or f" in {place.capitalize()}"
            said.append(f"Not finished{where}: {label} “{cut(text, 40)}”. The same key brings it back.")
    return tuple(said)


def _name(workspace: str) -> str:
    from hashlib import sha256  # brings OpenSSL along, which takes a while to load

    return sha256(os.fsencode(os.path.realpath(workspace))).hexdigest()[:16]
