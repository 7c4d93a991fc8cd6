"""Five seconds of doing nothing on every screen: bytes sent and processor time used."""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.keystrokes import go, opened, there
from benchmarks.row import Row
from benchmarks.terminal import seconds_of_cpu
from benchmarks.world import World

SECONDS = 5.0


def measure(world: World) -> list[Row]:
    found: list[tuple[str, int, float]] = []
    for name, letter in there():
        with ExitStack() as open_ones:
            terminal = open_ones.enter_context(opened(world))
            go(terminal, letter)
            terminal.settle(2.0)
            before = seconds_of_cpu(terminal.pid)
            count = terminal.listen(SECONDS)
            found.append((name, count, (seconds_of_cpu(terminal.pid) - before) / SECONDS))
    loud = max(found, key=lambda one: one[1])
    busy = max(found, key=lambda one: one[2])
    return [
        Row("idle 5 s on any screen", loud[1], 0, "B", f"{len(found)} screens" + (f", {loud[0]}" if loud[1] else "")),
        Row("idle, of a core", round(busy[2] * 100, 2), 1, "%", busy[0]),
    ]
