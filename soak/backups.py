"""Copies made while others write, and copies whose maker is killed: a whole one under the final name, or none."""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from pathlib import Path

from kpitui.storage import backup
from kpitui.storage.staging import clear_left
from soak import preload, workspace
from soak.part import Form, Found, Mutant, Part, Skipped, ended, folder, forked, instead

WRITERS = 2
STEPS = 60
"""Changes of files in which the maker of a copy may be told to die: more than one copy needs."""


def writing(path: Path, number: int) -> None:
    with workspace.opened(path, number) as store:
        count = 0
        while True:
            count += 1
            with store.write("both") as tx:
                del tx
                workspace.record(store, f"m{number}", 0, count)
                workspace.record(store, f"m{number}", 1, count)
            # A hundred a second: without it the file grows faster than it can be copied.
            time.sleep(0.008)


def copy(path: Path, target: Path) -> None:
    with workspace.opened(path) as store:
        backup.verified_copy(store._connection, str(target))


def consistent(target: Path) -> list[str]:
    """What is wrong with a copy: it was not checked, or it shows half of an action."""
    broken = workspace.wrong(target)
    if not broken:
        with workspace.opened(target) as store:
            sql = "SELECT count(*) FROM (SELECT metric_id FROM point GROUP BY 1 HAVING min(value) <> max(value))"
            if store.one(sql):
                broken.append("half of an action is in the copy")
    return broken


def tried(form: Form, without: str = "") -> Found:
    shim = preload.shim() if preload.LOADED in os.environ else None
    chance, broken = form.chance("backups"), []
    copies, kills = form.amount(20, 200), form.amount(60, 600)
    make = straight if without else backup.verified_copy
    with folder() as place, instead(backup, "verified_copy", make):
        path, targets = place / "a.db", place / "copies"
        targets.mkdir(0o700)
        workspace.made(path).close()
        writers = [forked(partial(writing, path, number)) for number in range(1, WRITERS + 1)]
        took = []
        try:
            for number in range(copies):
                target = targets / f"{number}.db"
                began = time.monotonic()
                if ended(forked(partial(copy, path, target))):
                    broken.append(f"copy {number} was not made")
                    continue
                took.append(time.monotonic() - began)
                broken += consistent(target)
            for _ in range(kills):
                broken += killed(path, targets / "killed.db", chance, shim)
        finally:
            for pid in writers:
                os.kill(pid, signal.SIGKILL)
                ended(pid)
        broken += workspace.wrong(path)
    aim = "where a file changes" if shim else "at random"
    note = f"longest copy {1000 * max(took):.0f} ms" if took else ""
    return Found(f"{copies:,} copies beside {WRITERS} writers, {kills:,} kills {aim}", broken, note)


def killed(path: Path, target: Path, chance: random.Random, shim: preload.Shim | None) -> list[str]:
    """Kills the maker of a copy; what stands under the copy's name afterwards has to be whole."""
    at, torn = chance.randrange(2 * STEPS), chance.random() < 0.3

    def work() -> None:
        if shim is not None:
            shim.watch(target.parent)
            shim.die(at, torn)
        copy(path, target)

    pid = forked(work)
    if shim is None:
        time.sleep(chance.random() * 0.1)
        os.kill(pid, signal.SIGKILL)
    ended(pid)
    broken = consistent(target) if target.exists() else []
    for left in target.parent.iterdir():
        if left.name.startswith("killed.db"):
            left.unlink()
    clear_left(str(target.parent), "killed", 0)
    return broken + [f"{left.name} is left" for left in target.parent.iterdir() if left.name.startswith(".")]


def straight(connection, target: str, mode: int = 0o600) -> str:  # type: ignore[no-untyped-def]
    """A copy made straight under its final name."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode))
    connection.execute("VACUUM INTO ?", (target,))
    return target


def run(form: Form, without: str = "") -> Found:
    try:
        return preload.below("soak.backups", form, without)
    except Skipped:
        return tried(form, without)


PART = Part(
    "backups",
    "backups under load: verified, consistent; killed ones under the final name: all; 0",
    run,
    (Mutant("a name of its own until it is checked", lambda form: run(form.part(0.3), "name")),),
)
