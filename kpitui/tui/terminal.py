"""The terminal may go away, stop and come back. Textual cleans up on neither SIGHUP nor SIGTERM, and spins at a dead
tty."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpitui.tui.app import KpituiApp

LOOK = 2.0
"""Seconds between two looks whether the terminal is still there, for when SIGHUP is ignored."""


def attend(app: KpituiApp) -> None:
    """Leave properly when told to or when the terminal is gone; redraw all after a stop."""
    app.app_resume_signal.subscribe(app, lambda _: app.action_redraw())
    leave_plainly(app)
    if sys.platform == "win32" or app.is_headless:
        return
    import asyncio
    import select

    loop = asyncio.get_running_loop()

    def gone() -> None:
        app.leave_at_once(129)

    def terminate() -> None:
        # If the way out hangs, the alarm ends it.
        signal.alarm(3)
        app.exit(return_code=143)

    loop.add_signal_handler(signal.SIGHUP, gone)
    loop.add_signal_handler(signal.SIGTERM, terminate)
    poll = select.poll()
    poll.register(0, 0)

    def look() -> None:
        if poll.poll(0) or not os.isatty(0):
            gone()

    app.set_interval(LOOK, look, name="terminal")


def leave_plainly(app: KpituiApp) -> None:
    """However the screens are left, for the shell or for good, its text looks as it did before."""
    driver = app._driver
    if driver is None:
        return
    stop = driver.stop_application_mode

    def stopped() -> None:
        app.leave_picture()
        stop()

    driver.stop_application_mode = stopped  # type: ignore[method-assign]


def prepare_environment(environ: dict[str, str] | os._Environ[str]) -> None:
    """What the environment says about the size is old news, and an empty NO_COLOR is none; Textual believes both."""
    environ.pop("COLUMNS", None)
    environ.pop("LINES", None)
    if not environ.get("NO_COLOR", "x"):
        del environ["NO_COLOR"]


def too_plain(environ: dict[str, str] | os._Environ[str]) -> bool:
    """Whether this is no place for screens: no terminal at both ends, or one that cannot place a cursor."""
    if environ.get("TERM", "") in ("dumb", "") and sys.platform != "win32":
        return True
    return not (os.isatty(0) and os.isatty(1))
