"""`kpitui tell`, which runs at every login, against a Python that only imports sqlite3."""

from __future__ import annotations

import sys

from benchmarks.row import Row
from benchmarks.world import PROGRAM, World, alternated

RUNS = 15


def measure(world: World) -> list[Row]:
    told = [PROGRAM, "tell", "--db", str(world.demo("small"))]
    bare = [sys.executable, "-c", "import sqlite3"]
    ours, floor = alternated(lambda: world.run(told), lambda: world.run(bare), RUNS)
    detail = f"{ours * 1000:.0f} ms, python -c 'import sqlite3' {floor * 1000:.0f} ms"
    return [Row("kpitui tell", ours / floor, 4.0, "×", detail)]
