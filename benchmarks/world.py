"""What the measures share: a home of their own, the workspaces, how the program is started."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

TODAY = "2026-11-20"
PROGRAM = str(Path(sys.executable).with_name("kpitui"))


class World:
    """A temporary home with the demo in its two sizes, made when first asked for."""

    def __init__(self, keep: ExitStack) -> None:
        self.folder = Path(keep.enter_context(tempfile.TemporaryDirectory(prefix="kpitui-bench-")))
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "KPITUI_TODAY": TODAY,
        }

    def demo(self, size: str) -> Path:
        """A workspace with the demo in it."""
        path = self.folder / f"{size}.db"
        if not path.exists():
            words = [PROGRAM, "demo", "--keep", str(path), "--size", size]
            subprocess.run(words, env=self.env, check=True, stderr=subprocess.DEVNULL)
        return path

    def run(self, words: Sequence[str]) -> float:
        """Runs a command to its end and gives the seconds it took."""
        begun = time.perf_counter()
        subprocess.run(words, env=self.env, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return time.perf_counter() - begun


def alternated(ours: Callable[[], float], floor: Callable[[], float], runs: int) -> tuple[float, float]:
    """The medians of two measures taken in turn, so that a slow moment of the machine hits both. The first turn only
    warms the caches."""
    found: list[tuple[float, float]] = []
    for _ in range(runs + 1):
        found.append((ours(), floor()))
    return median(one for one, _ in found[1:]), median(other for _, other in found[1:])
