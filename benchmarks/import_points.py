"""A million points from CSV, checked and logged, against plain `csv` and `executemany` into the same table.

The floor reads the same file in the same order and writes the same rows, with the table's triggers, in one
transaction; it checks nothing, compares nothing and seals nothing. Both are whole processes, and both begin with a
workspace that knows the thousand metrics and has no points. What is imported by metric and day is then taken back.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from benchmarks.row import Row
from benchmarks.world import PROGRAM, World

METRICS, DAYS = 1000, 1000
TURNS = 3
MEGABYTE = 1 << 20

MODEL = """
[[metric]]
slug = "m{number}"
name = "Metric {number}"
unit = "number"
kind = "flow"
cadence = "day"
"""


def measure(world: World) -> list[Row]:
    folder = world.folder / "import"
    folder.mkdir()
    empty = workspace(world, folder)
    rows = []
    for name, write in (("long", write_long), ("wide", write_wide)):
        file = folder / f"{name}.csv"
        write(file)
        ours, floor, waits, undone = [], [], [], []
        for turn in range(TURNS):
            # What an account has seen of a log it remembers by the file: another one each turn.
            copy = fresh(empty, folder / f"{name}-{turn}.db")
            with Colleague(copy) as colleague:
                ours.append(peak(world, [PROGRAM, "--db", str(copy), "import", str(file), "--yes"]))
            waits.append(colleague.longest)
            if name == "long":
                with Colleague(copy) as colleague:
                    world.run([PROGRAM, "--db", str(copy), "undo"])
                undone.append(colleague.longest)
            bare = fresh(empty, folder / "plain.db")
            floor.append(peak(world, [sys.executable, __file__, str(bare), str(file)]))
            if turn == 0:
                check_same(copy, bare, bool(undone))
            copy.unlink()
        # The turn that was disturbed least: whatever else the machine does only adds.
        taken, least = (min(seconds for seconds, _ in found) for found in (ours, floor))
        memory, small = (max(size for _, size in found) for found in (ours, floor))
        rows += [
            Row(f"import of 1,000,000 points, {name}", taken / least, 3, "×", f"{taken:.1f} s, plain {least:.1f} s"),
            Row(f"its peak memory, {name}", memory / 1e6, 200, "MB", f"plain {small / 1e6:.0f} MB"),
            Row(f"who saves meanwhile waits, {name}", min(waits) / least, 0.75, "×", f"{min(waits):.1f} s"),
        ]
        if undone:
            wait = min(undone)
            rows.append(Row("who saves while it is undone waits", wait / least, 1.5, "×", f"{wait:.1f} s"))
    return rows


class Colleague:
    """Somebody who wants the write lock all the time, and how many seconds they had to wait for it at most."""

    def __init__(self, path: Path) -> None:
        self.longest = 0.0
        self._path = path
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._try)

    def __enter__(self) -> Colleague:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _try(self) -> None:
        from kpitui.storage.driver import sqlite3

        db = sqlite3.connect(self._path, isolation_level=None, timeout=0)
        begun = time.perf_counter()
        while not self._done.is_set():
            try:
                db.execute("BEGIN IMMEDIATE")
                db.execute("ROLLBACK")
                begun = time.perf_counter()
            except sqlite3.OperationalError:
                self.longest = max(self.longest, time.perf_counter() - begun)
            self._done.wait(0.01)
        db.close()


def workspace(world: World, folder: Path) -> Path:
    path, model = folder / "empty.db", folder / "model.toml"
    model.write_text("".join(MODEL.format(number=number) for number in range(METRICS)), encoding="utf-8")
    for words in (["init"], ["model", "apply", str(model), "--yes"]):
        world.run([PROGRAM, "--db", str(path), *words])
    return path


def fresh(empty: Path, path: Path) -> Path:
    for name in ("", "-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    return Path(shutil.copyfile(empty, path))


def days() -> list[str]:
    return [(date(2020, 1, 1) + timedelta(days=number)).isoformat() for number in range(DAYS)]


def write_long(path: Path) -> None:
    """A row a point, by metric and day."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["metric", "date", "value"])
        for number in range(METRICS):
            writer.writerows([f"m{number}", day, round(chance.uniform(0, 10_000), 2)] for day in days())


def write_wide(path: Path) -> None:
    """A row a day, a column a metric."""
    chance = random.Random(2)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *(f"m{number}" for number in range(METRICS))])
        writer.writerows([day, *(round(chance.uniform(0, 10_000), 2) for _ in range(METRICS))] for day in days())


def peak(world: World, words: Sequence[str]) -> tuple[float, float]:
    """The seconds a process took and the bytes it held at most."""
    begun = time.perf_counter()
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(words, env=world.env, cwd=Path(__file__).parents[1], stdin=nothing, stdout=nothing)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(words))
    return time.perf_counter() - begun, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def check_same(ours: Path, plain: Path, undone: bool) -> None:
    """Both have written the same million points, the first of which may be `undone`."""
    from kpitui.storage.driver import sqlite3

    found = []
    for path, table in ((ours, "point_history" if undone else "point"), (plain, "point")):
        db = sqlite3.connect(path)
        found.append(db.execute(f"SELECT count(*), sum(value), sum(start), sum(metric_id) FROM {table}").fetchone())
        db.close()
    if found[0] != found[1] or found[0][0] != METRICS * DAYS:
        raise SystemExit(f"The import and the plain insert did not write the same points: {found}")


def insert_plainly(workspace: str, path: str) -> None:
    """What a script would do that trusts its file."""
    from kpitui.storage.driver import sqlite3

    db = sqlite3.connect(workspace, isolation_level=None)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF"):
        db.execute(f"PRAGMA {pragma}")
    ids = dict(db.execute("SELECT slug, id FROM metric").fetchall())
    known: dict[str, int] = {}

    def day(text: str) -> int:
        if text not in known:
            known[text] = date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()
        return known[text]

    db.execute("BEGIN IMMEDIATE")
    sql = """INSERT INTO txn (at, uid, who, host, via, what, program, schema)
        VALUES ('2026-11-20T09:00:00Z', 1, 'ana', 'host', 'cli', 'import', '1', 1)"""
    txn = db.execute(sql).lastrowid
    db.execute("INSERT INTO open_txn VALUES (1, ?)", (txn,))
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        if header[0] == "metric":
            rows = ((ids[metric], day(on), day(on) + 1, float(value), value, txn) for metric, on, value in reader)
        else:
            columns = [ids[name] for name in header[1:]]
            rows = (
                (metric, day(on), day(on) + 1, float(value), value, txn)
                for on, *values in reader
                for metric, value in zip(columns, values, strict=True)
            )
        db.executemany(
            'INSERT INTO point (metric_id, start, "end", value, entered, txn_id) VALUES (?, ?, ?, ?, ?, ?)', rows
        )
    db.execute("DELETE FROM open_txn")
    db.execute("COMMIT")
    db.close()


if __name__ == "__main__":
    insert_plainly(*sys.argv[1:])
