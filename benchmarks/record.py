"""`kpitui record` against the start of `python -c "import sqlite3"`."""

from __future__ import annotations

import sys
from itertools import count

from benchmarks.row import Row
from benchmarks.world import PROGRAM, World, alternated


def measure(world: World) -> list[Row]:
    path, numbers = str(world.demo("small")), count(30)
    ours, floor = alternated(
        lambda: world.run([PROGRAM, "--db", path, "record", "first_reply", f"{next(numbers) / 10}"]),
        lambda: world.run([sys.executable, "-c", "import sqlite3"]),
        15,
    )
    return [Row("kpitui record", ours / floor, 6, "×", f"{ours * 1000:.0f} ms, floor {floor * 1000:.0f} ms")]
