"""A line that is being typed, kept in the user's own state folder until it is saved: a lost terminal loses nothing."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256

from kpitui import paths


class Draft:
    """One unfinished line of one place: what kind of line it is, and its text so far."""

    def __init__(self, workspace: str, place: str) -> None:
        name = sha256(os.path.realpath(workspace).encode()).hexdigest()[:16]
        self._path = os.path.join(paths.drafts_folder(), f"{name}-{place}")

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
            os.replace(fresh, self._path)

    def kept(self) -> tuple[str, str]:
        """Kind and text; both empty when there is none."""
        try:
            with open(self._path, encoding="utf-8") as file:
                kind, _, text = file.read(10_000).partition("\n")
        except (OSError, UnicodeDecodeError):
            return "", ""
        return kind, text

    def drop(self) -> None:
        with suppress(OSError):
            os.unlink(self._path)
