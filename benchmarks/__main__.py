"""`python -m benchmarks [NAME …]`: the promises of speed and size, measured and printed as one table.

Times are ratios to a floor measured in turn in the same run, so that they hold on slow machines too. The exit code is
1 when anything is over its bound. NAME is one of the modules here that have a `measure`.
"""

from __future__ import annotations

import importlib
import inspect
import os
import platform
import sys
from contextlib import ExitStack

from benchmarks.row import Row
from benchmarks.world import World

MEASURES = ("tell", "record", "start", "keystrokes", "idle", "home_view", "forecast", "leading", "import_points")


def main(names: list[str]) -> int:
    for name in names:
        if name not in MEASURES:
            sys.stderr.write(f"There is no benchmark {name}: there are {', '.join(MEASURES)}.\n")
            return 2
    print(machine())
    rows: list[Row] = []
    with ExitStack() as keep:
        world = World(keep)
        for name in names or MEASURES:
            sys.stderr.write(f"measuring {name} …\n")
            rows += measured(name, world)
    print(table(rows))
    over = [row for row in rows if not row.ok]
    print(f"{len(rows) - len(over)} of {len(rows)} within their bound.")
    return 1 if over else 0


def measured(name: str, world: World) -> list[Row]:
    """The rows of one module; its `measure` may do without the world."""
    measure = importlib.import_module(f"benchmarks.{name}").measure
    return list(measure(world) if inspect.signature(measure).parameters else measure())


def machine() -> str:
    from kpitui.storage.driver import DRIVER, VERSION

    version = importlib.import_module("importlib.metadata").version("textual")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{platform.platform()}, {os.cpu_count()} cores{load}; Python {platform.python_version()}, SQLite {VERSION} "
        f"({DRIVER}), Textual {version}"
    )


def table(rows: list[Row]) -> str:
    lines = [("what", "measured", "at most", "", "")]
    for row in rows:
        lines.append(
            (row.what, said(row.value, row.unit), said(row.bound, row.unit), "ok" if row.ok else "OVER", row.detail)
        )
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    left, *middle, mark = widths
    return "\n".join(
        f"{what:<{left}}  {value:>{middle[0]}}  {bound:>{middle[1]}}  {word:<{mark}}  {detail}".rstrip()
        for what, value, bound, word, detail in lines
    )


def said(value: float, unit: str) -> str:
    number = f"{value:.2f}" if unit == "×" else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    return f"{number} {unit}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
