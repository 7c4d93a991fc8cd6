"""What a user's own state folder keeps about cells: values being typed, until they are saved, and values put off.

A small file for each workspace and kind, readable by its owner only, and never in the shared file. What cannot be kept
is not worth an error: nothing is lost as long as the program runs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import blake2b

from kpitui import paths
from kpitui.text import clean

Key = tuple[int, int, int]
"""Metric, start and end of its period."""
MOST = 200


class CellNotes:
    """A text for each of some cells of a workspace, of a `kind` (drafts, snoozed). A change is written at once, over
    what other sessions wrote for other cells."""

    def __init__(self, workspace: str, kind: str) -> None:
        name = blake2b(os.path.realpath(workspace).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        self.path = os.path.join(paths.drafts_folder(), f"{name}-{kind}.json")

    def all(self) -> dict[Key, str]:
        try:
            with open(self.path, encoding="utf-8") as file:
                stored = json.load(file)
            return {_key(name): clean(str(text))[:500] for name, text in stored.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def keep(self, key: Key, text: str) -> None:
        """Remember a text; an empty one is forgotten."""
        texts = self.all()
        if text.strip():
            if texts.get(key) == text or len(texts) >= MOST:
                return
            texts[key] = text
        elif texts.pop(key, None) is None:
            return
        self._write(texts)

    def forget(self, key: Key) -> None:
        self.keep(key, "")

    def _write(self, texts: Mapping[Key, str]) -> None:
        try:
            if not texts:
                os.unlink(self.path)
                return
            paths.private_folder(os.path.dirname(self.path))
            temporary = f"{self.path}.{os.getpid()}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with open(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump({" ".join(map(str, key)): text for key, text in texts.items()}, file)
            os.replace(temporary, self.path)
        except OSError:
            pass


def _key(name: str) -> Key:
    metric, start, end = map(int, name.split())
    return metric, start, end
