"""A disk that runs full while somebody saves: it is said, nothing acknowledged is lost, and it works again."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kpitui.errors import DiskFull
from soak import workspace
from soak.part import Form, Found, Mutant, Part, Skipped, folder, instead

KILOBYTES = 3072


@contextmanager
def small_disk() -> Iterator[Path]:
    if os.geteuid() != 0:
        raise Skipped("needs root, to mount a small disk")
    with folder() as place:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={KILOBYTES}k", "tmpfs", place], capture_output=True
        )
        if mounted.returncode:
            raise Skipped("no disk can be mounted here")
        try:
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def filled(place: Path, leave: int) -> Path:
    """Takes all the room of the disk but `leave` bytes."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    if leave:
        os.truncate(ballast, max(0, ballast.stat().st_size - leave))
    return ballast


def one_round(path: Path, chance: random.Random) -> Iterator[str]:
    """Fills the disk, saves until it is refused, makes room, and saves again."""
    with workspace.opened(path) as store:
        saved = int(store.one("SELECT coalesce(max(value), 0) FROM point WHERE metric_id = 2") or 0)
        ballast = filled(path.parent, chance.choice((0, 4096, 20_000, 100_000, 300_000)))
        refused = None
        try:
            for count in range(saved + 1, saved + 3000):
                with store.write("both"):
                    workspace.record(store, "m1", 0, count)
                    workspace.record(store, "m2", count % 350, count)
                saved = count
        except DiskFull as error:
            refused = error
        except Exception as error:
            yield f"not told that the disk is full, but {type(error).__name__}: {error}"
        if refused is None:
            yield "nothing was refused although the disk is full"
        elif "NOT saved" not in str(refused):
            yield f"does not say that nothing was saved: {refused}"
        ballast.unlink()
        low = store.one("SELECT max(value) FROM point WHERE metric_id = 2")
        high = store.one("SELECT max(value) FROM point WHERE metric_id = 3")
        if (low or 0) != saved or (high or 0) != saved:
            yield f"{saved} was acknowledged last, {low} and {high} are there"
        try:
            workspace.record(store, "m1", 0, saved)
            workspace.record(store, "m3", 0, saved)
        except Exception as error:
            yield f"with room again: {type(error).__name__}: {error}"
    yield from workspace.wrong(path)


def run(form: Form) -> Found:
    chance, broken, rounds = form.chance("full disk"), [], form.amount(12, 200)
    with small_disk() as place:
        path = place / "a.db"
        for number in range(rounds):
            if number % 20 == 0:
                for file in place.iterdir():
                    file.unlink()
                workspace.made(path, 3).close()
                if number // 20 % 2:
                    workspace.in_delete_mode(path)
            broken += [f"round {number}: {text}" for text in one_round(path, chance)]
            if broken:
                break
    return Found(f"{rounds} rounds on a disk of {KILOBYTES // 1024} MB", broken)


def without_the_look(form: Form) -> Found:
    """What SQLite says of a full disk is passed on as it is."""
    from kpitui.storage import store

    def raised(error: Exception, path: str, **_: object) -> Exception:
        return error

    with instead(store, "told", raised):
        return run(form.part(0.2))


PART = Part(
    "disk",
    "disk full: said so, nothing lost, works again: always",
    run,
    (Mutant("sentences for what SQLite says", without_the_look),),
)
