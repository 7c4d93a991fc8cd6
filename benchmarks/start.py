"""The screens' first full paint and memory, on the large demo, against a bare Textual app."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from benchmarks.row import Row
from benchmarks.terminal import Terminal, memory_of
from benchmarks.world import PROGRAM, World

RUNS = 9


def measure(world: World) -> list[Row]:
    bare = [sys.executable, str(Path(__file__).with_name("bare.py"))]
    ours = [PROGRAM, "--db", str(world.demo("large"))]
    found: dict[str, list[tuple[float, int]]] = {"ours": [], "bare": []}
    for _ in range(RUNS + 1):
        found["ours"].append(started(ours, world, "? help"))
        found["bare"].append(started(bare, world, "bare"))
    paint, floor = (median(seconds for seconds, _ in found[name][1:]) for name in ("ours", "bare"))
    memory, least = (median(size for _, size in found[name][1:]) for name in ("ours", "bare"))
    return [
        Row("first full paint", paint / floor, 1.3, "×", f"{paint * 1000:.0f} ms, bare {floor * 1000:.0f} ms"),
        Row("memory", memory / least, 1.5, "×", f"{memory / 1e6:.0f} MB, bare {least / 1e6:.0f} MB"),
    ]


def started(words: list[str], world: World, text: str) -> tuple[float, int]:
    """Seconds from the start to the first frame that shows what stays, and the memory held a second later."""
    with Terminal(words, world.env) as terminal:
        terminal.wait_for(text)
        terminal.settle(1.0)
        stays = terminal.lines
        paint = next(seconds for seconds, lines in terminal.paints if lines == stays)
        return paint, memory_of(terminal.pid)
