"""A script of somebody's that records values one after the other, each acknowledged or refused, while others meet."""

from __future__ import annotations

import os
import subprocess
import time
from collections import deque
from collections.abc import Iterable

from soak.room import Missed, Room

Value = tuple[str, str, str]
"""Metric, week and value."""
LIMIT = 30.0


class Script:
    """`kpitui record -`, fed line by line; started again after it has ended on a full disk, as it is to."""

    def __init__(self, room: Room, name: str, values: Iterable[Value]) -> None:
        self.room, self.name = room, name
        self.waiting = deque(values)
        self.refused: list[str] = []
        self._program: subprocess.Popen[bytes] | None = None
        self._heard = b""

    def go_on(self, count: int) -> list[Value]:
        """Records so many more; those that were acknowledged. What is refused waits for another try."""
        done = []
        for _ in range(min(count, len(self.waiting))):
            value = self.waiting.popleft()
            program = self._running()
            assert program.stdin is not None
            program.stdin.write("\t".join(value).encode() + b"\n")
            program.stdin.flush()
            answer = self._answer(program)
            if answer.startswith(f"ok {value[0]} {value[1]} "):
                done.append(value)
                continue
            self.waiting.append(value)
            code, errors = self._end()
            self.refused.append(f"{answer} ({code}): {errors}")
            break
        return done

    def _running(self) -> subprocess.Popen[bytes]:
        if self._program is None:
            self._program = self.room.started(self.name, "record", "-")
            assert self._program.stdout is not None
            os.set_blocking(self._program.stdout.fileno(), False)
            self._heard = b""
        return self._program

    def _answer(self, program: subprocess.Popen[bytes]) -> str:
        assert program.stdout is not None
        end = time.monotonic() + LIMIT
        while b"\n" not in self._heard:
            # Looked at before reading: what it said last is there when it has ended.
            over = program.poll() is not None or time.monotonic() > end
            self._heard += program.stdout.read() or b""
            if over and b"\n" not in self._heard:
                code, errors = self._end()
                raise Missed(f"the script got no answer: {self._heard!r} ({code}): {errors}")
            self.room.read_all(0.01)
        answer, _, self._heard = self._heard.partition(b"\n")
        return answer.decode()

    def _end(self) -> tuple[int, str]:
        """Its exit code, and what it said on standard error."""
        program, self._program = self._program, None
        if program is None:
            return 0, ""
        assert program.stdin is not None and program.stderr is not None
        program.stdin.close()
        try:
            code = program.wait(LIMIT)
        except subprocess.TimeoutExpired:
            program.kill()
            raise Missed("the script did not end") from None
        return code, program.stderr.read().decode().strip()

    def finish(self) -> None:
        """Ends it, when everything was recorded."""
        code, errors = self._end()
        if code or errors or self.refused or self.waiting:
            raise Missed(f"the script ended with {code}: {errors}; {self.refused}; {len(self.waiting)} values are left")
