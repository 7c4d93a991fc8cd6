"""A private report of what nobody foresaw: where it happened, never what values were at hand."""

from __future__ import annotations

import os
import platform
import secrets
import sys
import traceback

from kpitui import __version__, clock, paths


def write_report(error: BaseException, command: str) -> str | None:
    """Write the report for `error`, 0600 in the state folder, and give its path; None when that cannot be done.

    It holds no locals and no argument of the command: reports get passed on.
    """
    at = clock.now()
    lines = [
        f"kpitui {__version__}, Python {platform.python_version()}, {sys.platform}",
        f"{at.isoformat(timespec='seconds')} kpitui {command}",
        "",
        "".join(traceback.format_exception(error)),
    ]
    try:
        paths.private_folder(paths.state_folder())
        folder = paths.private_folder(paths.crash_folder())
        path = os.path.join(folder, f"{at:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.txt")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n".join(lines))
    except OSError:
        return None
    return path
