"""How a message repeats what somebody typed."""

from __future__ import annotations

LONGEST = 40


def quote(text: str) -> str:
    """`text` for use inside a sentence: one line, no control characters, at most 40 characters."""
    said = "".join(c if c.isprintable() else " " for c in text[: LONGEST * 4])
    said = " ".join(said.split())
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
