"""The three standard streams, as they have to be before a command runs."""

from __future__ import annotations

import os
import sys


def make_usable() -> None:
    """Closed ones lead nowhere instead of being missing, and what cannot be shown or read becomes a ?.

    Cron jobs and daemons start programs with closed streams. A file opened next would get the number of one of them,
    and what is said on stderr would be written into it.
    """
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        _open_closed()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A terminal that cannot show ★ gets a ? there, not a broken command, and a wrong byte ends no stream of lines.
        if hasattr(stream, "reconfigure"):
            try:
                stream.reconfigure(errors="replace")
            except OSError:
                pass  # somebody has read from it already


def _open_closed() -> None:
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, os.O_RDONLY if mode == "r" else os.O_WRONLY)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))
