"""The SQLite library in use, where unfixed ones lose data: writers beside others that copy the log into the file.

The program itself never makes a passive checkpoint; a backup tool may. What unfixed libraries lose, they lose when a
checkpoint finds everything copied and a writer begins the log anew before it has looked twice. That moment is a few
nanoseconds long, so the checkpointers are stopped again and again, wherever they are, as on a machine with more to do
than cores; and the writers pause between their commits, so that there often is nothing left to copy.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3 as stock
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType

from kpitui.storage.driver import DRIVER, VERSION, sqlite3, wal_is_safe
from soak.part import Form, Found, Mutant, Part, Skipped, ended, folder, forked

WRITERS = CHECKPOINTERS = 2
PAUSE = 0.0005
"""The longest time between a writer's commits, in seconds."""
STOP = 0.002
"""The longest time that a checkpointer is stopped, in seconds; between two stops passes half of it."""


def writing(library: ModuleType, path: Path, number: int, sync: str, until: float, said: int) -> None:
    """Counts upwards in a row of its own, with some ballast that is written anew; says what it has committed last."""
    connection = library.connect(path, isolation_level=None, timeout=30)
    connection.execute(f"PRAGMA synchronous = {sync}")
    connection.execute("PRAGMA wal_autocheckpoint = 100")
    count = 0
    try:
        while time.monotonic() < until:
            time.sleep(random.uniform(0, PAUSE))
            count += 1
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO row VALUES (?, ?, ?)", (number, count, os.urandom(60).hex()))
            connection.execute("UPDATE last SET count = ? WHERE writer = ?", (count, number))
            connection.execute("COMMIT")
            os.pwrite(said, count.to_bytes(8, "big"), 8 * number)
    except library.DatabaseError as error:
        raise SystemExit(str(error)) from error


def checkpointing(library: ModuleType, path: Path, until: float) -> None:
    connection = library.connect(path, isolation_level=None, timeout=30)
    while time.monotonic() < until:
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except library.DatabaseError:
            return


def stopping(pids: Sequence[int], until: float) -> None:
    """Stops the processes for moments at any point of their work. Nobody waits for them before it has ended."""
    while time.monotonic() < until:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(random.uniform(0, STOP))
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        time.sleep(random.uniform(0, STOP / 2))


def tried(library: ModuleType, journal: str, seconds: float, sync: str, place: Path) -> list[str]:
    path = place / "a.db"
    for file in place.iterdir():
        file.unlink()
    connection = library.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {journal}").fetchall()
    connection.execute("CREATE TABLE row (writer, count, ballast, PRIMARY KEY (writer, count))")
    connection.execute("CREATE TABLE last (writer PRIMARY KEY, count)")
    connection.executemany("INSERT INTO last VALUES (?, 0)", [(number,) for number in range(WRITERS)])
    connection.close()
    said = os.open(place / "said", os.O_RDWR | os.O_CREAT, 0o600)
    os.pwrite(said, bytes(8 * WRITERS), 0)
    until = time.monotonic() + seconds
    work = [partial(writing, library, path, n, sync, until, said) for n in range(WRITERS)]
    work += [partial(checkpointing, library, path, until)] * (CHECKPOINTERS if journal == "WAL" else 0)
    pids = [forked(one) for one in work]
    stopper = forked(partial(stopping, pids[WRITERS:], until))
    ended(stopper)
    codes = [ended(pid) for pid in pids]
    broken = [f"a writer met an error: {codes}"] if any(codes[:WRITERS]) else []
    try:
        connection = library.connect(path)
        for number in range(WRITERS):
            acknowledged = int.from_bytes(os.pread(said, 8, 8 * number), "big")
            there, last = connection.execute(
                "SELECT count(*), (SELECT count FROM last WHERE writer = ?1) FROM row WHERE writer = ?1", (number,)
            ).fetchone()
            if not there == last >= acknowledged:
                broken.append(f"{acknowledged} were acknowledged, {there} rows are there, the last says {last}")
        sound = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        connection.close()
        if sound != "ok":
            broken.append(f"integrity_check: {sound}")
    except library.DatabaseError as error:
        broken.append(str(error))
    finally:
        os.close(said)
    return broken


def run(form: Form) -> Found:
    journal = "WAL" if wal_is_safe() else "DELETE"
    runs, seconds = form.amount(2, 8), 20.0 if form.full else 6.0 * min(1.0, form.share)
    broken: list[str] = []
    with folder() as place:
        for _ in range(runs):
            broken += tried(sqlite3, journal, seconds, "FULL", place)
    return Found(
        f"{runs} runs of {seconds:g} s, {WRITERS} writers and {CHECKPOINTERS} passive checkpointers",
        broken,
        f"SQLite {VERSION} ({DRIVER}), journal mode {journal}",
    )


def with_the_stock_library(form: Form) -> Found:
    """Python's own library, if it is one of those that lose data; on a RAM disk without syncs it does so in seconds."""
    if wal_is_safe(stock.sqlite_version_info):
        raise Skipped(f"Python's own SQLite {stock.sqlite_version} is a fixed one")
    shared = Path("/dev/shm")
    broken: list[str] = []
    with folder() as place:
        where = place
        if os.access(shared, os.W_OK):
            where = shared / place.name
            where.mkdir(0o700)
        try:
            for _ in range(form.amount(6, 20)):
                broken += tried(stock, "WAL", 5.0, "OFF", where)
                if broken:
                    break
            else:
                # A race between four programs that needs them to run at the same moment.
                raise Skipped(f"SQLite {stock.sqlite_version} lost nothing this time: the race did not happen")
        finally:
            if where is not place:
                for file in where.iterdir():
                    file.unlink()
                where.rmdir()
    return Found(f"the same with SQLite {stock.sqlite_version}", broken)


PART = Part(
    "library",
    "the SQLite library in use under writers and checkpointers (WAL-reset bug): lost, damaged: 0",
    run,
    (Mutant("a fixed library", with_the_stock_library),),
)
