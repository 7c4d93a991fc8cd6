"""A program in a terminal of our own: what it sends after a key, frame by frame, and when.

The terminal is a pseudo terminal with pyte as its screen. It says that it understands synchronised output (mode 2026),
as current terminals do, so that the frames the program means are known.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pyte

QUIET = 0.25
"""Seconds without output after which an answer is over; a loaded machine may need long for a frame, but not between
two parts of one."""
PATIENCE = 20.0
LONGEST = 5.0
"""Seconds that a key may take, at most."""
MOST_PIECES = 64
"""Reads before what came is looked at, so that a program that never stops is noticed."""
# What pyte would print as text: questions to the terminal, keyboard protocols.
_FOREIGN = re.compile(r"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[\??[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_FRAME_EDGE = re.compile(r"\x1b\[\?2026([hl])")
_UNFINISHED = re.compile(r"\x1b(?:\[[<=>?]?[0-9;]*\$?|\][^\x07\x1b]*)?$")
KEYS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "down": "\x1b[B", "up": "\x1b[A", "end": "\x1b[F"}


class Answer(NamedTuple):
    """What came after a key."""

    bytes: int
    frames: list[tuple[str, ...]]
    """The screen at the end of each frame, as lines."""
    seconds: float
    """From the key to the last byte."""


class Terminal:
    """A running program. Close it, or use it with `with`."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str], columns: int = 80, lines: int = 24) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tail = ""
        self._inside = False  # a frame that has begun and not ended
        self._frames: list[tuple[str, ...]] = []
        self.paints: list[tuple[float, tuple[str, ...]]] = []
        """Since the start: seconds after the start, and the screen, at the end of each frame."""
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(words[0], list(words), dict(env))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.rstrip() for line in self.screen.display)

    def close(self) -> None:
        """Ends the program."""
        try:
            os.kill(self.pid, signal.SIGHUP)
            end = time.perf_counter() + 5
            while not os.waitpid(self.pid, os.WNOHANG)[0]:
                if time.perf_counter() > end:
                    os.kill(self.pid, signal.SIGKILL)
                self._take(0.02)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self._fd)

    def _take(self, seconds: float) -> tuple[int, float]:
        """Reads what comes within so many seconds: how many bytes, and when."""
        came: list[tuple[float, bytes]] = []
        # All that is there first: a frame comes in several pieces, and feeding one takes pyte longer than any terminal.
        while select.select([self._fd], [], [], 0.002 if came else max(0.0, seconds))[0]:
            now = time.perf_counter()
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:
                break
            for question, answer in ((b"\x1b[?2026$p", b"\x1b[?2026;2$y"), (b"\x1b[6n", b"\x1b[1;1R")):
                if question in data:
                    os.write(self._fd, answer)
            came.append((now, data))
            if len(came) == MOST_PIECES:
                break
        for now, data in came:
            self._feed(self._decoder.decode(data), now)
        return sum(len(data) for _, data in came), came[-1][0] if came else time.perf_counter()

    def _feed(self, text: str, now: float) -> None:
        text = self._tail + text
        cut = _UNFINISHED.search(text)
        self._tail = cut[0] if cut else ""
        text = text[: cut.start()] if cut else text
        parts = _FRAME_EDGE.split(text)
        for part, edge in zip(parts[::2], [*parts[1::2], ""], strict=True):
            self._stream.feed(_FOREIGN.sub("", part))
            # A small frame goes out in one piece and has no marks of its own.
            if part and (edge or not self._inside):
                self._frames.append(self.lines)
                self.paints.append((now - self.started, self.lines))
            self._inside = edge == "h" if edge else self._inside

    def settle(self, quiet: float = QUIET) -> tuple[int, float]:
        """Reads until nothing comes for a while: how many bytes, and when the last of them came."""
        total, last = 0, time.perf_counter()
        end = last + PATIENCE
        while time.perf_counter() < end:
            count, now = self._take(quiet)
            if not count:
                break
            total, last = total + count, now
        return total, last

    def wait_for(self, text: str, seconds: float = PATIENCE) -> None:
        """Reads until the text is on the screen. Raises TimeoutError with the screen."""
        end = time.perf_counter() + seconds
        while not any(text in line for line in self.lines):
            self._take(0.05)
            if time.perf_counter() > end:
                raise TimeoutError(f"“{text}” did not appear:\n" + "\n".join(self.lines))
        self.settle()

    def press(self, key: str, quiet: float = QUIET, until: Callable[[], bool] | None = None) -> Answer:
        """Types one key (a name of `KEYS`, or the character) and gives what came of it.

        With `until` an answer is over at the earliest when that is true: a screen may take its time between two frames.
        """
        self._frames = []
        begun = time.perf_counter()
        os.write(self._fd, KEYS.get(key, key).encode())
        end = begun + PATIENCE
        total, last = 0, begun
        while not total and time.perf_counter() < end:
            total, last = self._take(1.0)
            if not total and time.perf_counter() - begun > 1.0:
                break  # a key that does nothing
        more, when = self.settle(quiet)
        while until is not None and not until() and time.perf_counter() < begun + LONGEST:
            after, at = self.settle(quiet)
            more, when = more + after, at if after else when
        return Answer(total + more, self._frames, (when if more else last) - begun)

    def listen(self, seconds: float) -> int:
        """How many bytes come within so many seconds of doing nothing."""
        end, total = time.perf_counter() + seconds, 0
        while (left := end - time.perf_counter()) > 0:
            total += self._take(left)[0]
        return total


def family(pid: int) -> list[int]:
    """A process and all that it started and that still run."""
    import subprocess

    listed = subprocess.run(["ps", "-A", "-o", "pid=", "-o", "ppid="], capture_output=True, text=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listed.splitlines())}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def seconds_of_cpu(pid: int) -> float:
    """The processor time a process and those it started have used."""
    return sum(map(_cpu_of_one, family(pid)))


def memory_of(pid: int) -> int:
    """Bytes of memory a process and those it started hold (resident)."""
    return sum(map(_memory_of_one, family(pid)))


def _cpu_of_one(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # its own, and that of children that ended
    except FileNotFoundError:
        text = _asked(pid, "cputime")
        seconds = 0.0
        for part in text.replace("-", ":").split(":"):
            seconds = seconds * 60 + float(part or 0)
        return seconds


def _memory_of_one(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        return int(_asked(pid, "rss") or 0) * 1024


def _asked(pid: int, what: str) -> str:
    """One figure of a process where there is no /proc; empty when it has ended."""
    import subprocess

    return subprocess.run(["ps", "-o", f"{what}=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
