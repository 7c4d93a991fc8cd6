"""Asking a person at a terminal why something is corrected. Light to import: `kpitui record` does."""

from __future__ import annotations

import sys

from kpitui.cli.output import showable
from kpitui.text import clean

NOT_SAVED = " NOT saved"
"""How the sentence ends that asks for a reason."""


def ask(sentence: str) -> str | None:
    """What is answered to a sentence that asks for a reason (empty: nothing); None where nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    sys.stdout.flush()
    asked = f"{clean(sentence).partition(NOT_SAVED)[0].rstrip('.')}.\nWhy (empty: do not save)? "
    sys.stderr.write(showable(asked))
    sys.stderr.flush()
    return clean(sys.stdin.readline()).strip()


def unexplained(sentence: str) -> str:
    """What is said where it was saved all the same: `MRR 2026-W46 stands in a signed weekly review` and what to add."""
    return f"{sentence}, and was corrected without a reason: give one with --why TEXT."
