"""A terminal to run the program in: a pty, what it writes byte by byte, and the screen that makes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 30.0
"""Seconds after which something that has to happen is taken not to: a hung program, not a slow one."""
QUIET = 0.25
"""Seconds without output after which an answer counts as whole."""

# What pyte does not know: private CSI of the newer protocols, DCS, OSC.
_FOREIGN = re.compile(
    rb"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP[^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_SYNC_QUERY = b"\x1b[?2026$p"
FRAME_END = b"\x1b[?2026l"


class Terminal:
    """`wait(…)` until the screen is so, `press(…)` keys and get the bytes that answered."""

    def __init__(
        self,
        argv: list[str],
        cols: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        become: Callable[[], None] | None = None,
    ) -> None:
        """Python with these arguments; with `become`, which makes the child another account first, the program
        `argv[0]` in no environment but `env`."""
        self.screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.exit_code: int | None = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if become is not None:
                become()
                os.execve(argv[0], argv, {**(env or {})})
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, *argv], {**os.environ, "COLORTERM": "truecolor", **(env or {})})
        # Another program that is started meanwhile must not hold this terminal open.
        os.set_inheritable(self.fd, False)
        self.resize(cols, rows)

    def resize(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self.screen.resize(rows, cols)

    def read(self, seconds: float) -> bytes:
        """What is written within `seconds`, or b"" when nothing is, or the program has ended."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return b""
        if _SYNC_QUERY in data:
            os.write(self.fd, b"\x1b[?2026;2$y")
        self.bytes += data
        self.show(data)
        return data

    def show(self, data: bytes) -> None:
        """What was read changes the screen."""
        self._stream.feed(_FOREIGN.sub(b"", data))

    def wait(self, true: Callable[[], object]) -> None:
        """Read on until something is so."""
        end = time.monotonic() + LIMIT
        while not true():
            if time.monotonic() > end:
                raise AssertionError("it did not happen:\n" + "\n".join(self.lines()))
            self.read(0.05)

    def wait_for(self, text: str) -> None:
        self.wait(lambda: text in "\n".join(self.lines()))

    def settle(self) -> bytes:
        """Everything up to a moment of silence."""
        before = len(self.bytes)
        while self.read(QUIET):
            pass
        return self.bytes[before:]

    def press(self, keys: str) -> bytes:
        """Send keys as they are (`\\x1b[B` is down) and give what is written until all is quiet."""
        before = len(self.bytes)
        os.write(self.fd, keys.encode())
        self.wait(lambda: len(self.bytes) > before)
        self.settle()
        return self.bytes[before:]

    def frames(self, data: bytes) -> list[bytes]:
        """The single paints of an answer."""
        return [part for part in data.split(FRAME_END) if part.strip(b"\x1b[?2026h")]

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    def ended(self) -> int:
        """Wait for the end of the program; its exit code, or minus the signal."""
        end = time.monotonic() + LIMIT
        while self.exit_code is None:
            self.read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.exit_code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError("it did not end:\n" + "\n".join(self.lines()))
        return self.exit_code

    def close(self) -> None:
        if self.exit_code is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.waitpid(self.pid, 0)
            self.exit_code = -9
        try:
            os.close(self.fd)
        except OSError:
            pass

    def hang_up(self) -> None:
        """The line is cut: the other end of the terminal is closed."""
        os.close(self.fd)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
