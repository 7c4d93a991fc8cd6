"""kill -9 at random, and at every place where a file changes, of people who record, import, undo and edit."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from soak import preload, workspace
from soak.part import Form, Found, Mutant, Part, Skipped, ended, folder, forked, instead
from soak.preload import Shim

Work = Callable[[Path, int, Callable[[int], object]], None]
DAYS = 40
"""Values of one import: after a kill all of them are there, or none."""
TOGETHER = 3
ROUNDS = 60
"""Batches of kills on one workspace; then another one, so that checking all of it stays quick."""
CHANGES = 160
"""Changes of files in which a process may be told to die: some ten actions."""


def recording(path: Path, number: int, said: Callable[[int], object]) -> None:
    with workspace.opened(path, number) as store:
        count = int(store.one("SELECT coalesce(max(value), 0) FROM point WHERE metric_id = 2") or 0)
        while True:
            count += 1
            workspace.record(store, "m1", 0, count)
            said(count)


def importing(path: Path, number: int, said: Callable[[int], object]) -> None:
    from kpitui.connectors.base import open_table
    from kpitui.services import imports
    from kpitui.storage.undo import undo

    with workspace.opened(path, number) as store:
        count = int(store.one("SELECT coalesce(max(value), 0) FROM point WHERE metric_id = 3") or 0)
        file = path.with_name(f"import-{os.getpid()}.csv")
        while True:
            count += 1
            rows = (f"{workspace.iso(day)},{count}\n" for day in range(DAYS))
            file.write_text("date,m2\n" + "".join(rows))
            with open_table(str(file)) as table:
                saved = imports.save(store, imports.preview(store, table, imports.Wanted(), workspace.TODAY))
            # Taken back and brought again, each of it whole: what stood before is there, or what was imported.
            undo(store, undo(store, saved.txn_id).txn_id)
            said(count)


def editing(path: Path, number: int, said: Callable[[int], object]) -> None:
    from kpitui.domain.model import Metric
    from kpitui.storage import definitions

    with workspace.opened(path, number) as store:
        count = int(store.one("SELECT coalesce(max(grace_days), 0) FROM metric") or 0)
        while True:
            count += 1
            with store.write("edit") as tx:
                for id in (4, 5):
                    definitions.change(tx, definitions.get(store, Metric, id), grace_days=count)
            said(count)


WORK = (recording, importing, editing)
STANDS = (
    "SELECT min(value), max(value), count(*) FROM point WHERE metric_id = 2",
    f"SELECT min(value), max(value), iif(count(*) = {DAYS}, 1, count(*) + 1) FROM point WHERE metric_id = 3",
    "SELECT min(grace_days), max(grace_days), 1 FROM metric WHERE id IN (4, 5)",
)


def tried(form: Form, without: str = "") -> Found:
    """Kills `TOGETHER` people who work on one file at the same time, again and again."""
    shim = preload.shim() if preload.LOADED in os.environ else None
    chance, broken = form.chance("kills"), list[str]()
    wanted, kills, acknowledged = form.amount(450, 10_000), 0, 0
    with protection_off(without), folder() as place:
        while kills < wanted and len(broken) < 20:
            path = place / f"{kills}.db"
            workspace.made(path).close()
            if kills // TOGETHER % 2:
                workspace.in_delete_mode(path)
            done, said, found = one_workspace(path, min(ROUNDS, -(-(wanted - kills) // TOGETHER)), chance, shim)
            kills, acknowledged, broken = kills + done, acknowledged + said, broken + found
            for file in place.iterdir():
                file.unlink()
    aim = "half of them where a file changes" if shim else "at random"
    return Found(f"{kills:,} kills, {aim}; {acknowledged:,} acknowledged", broken)


def one_workspace(path: Path, rounds: int, chance: random.Random, shim: Shim | None) -> tuple[int, int, list[str]]:
    """Kills, acknowledgements, and what was found, on one workspace."""
    kills = acknowledged = 0
    last = [0] * TOGETHER
    for round in range(rounds):
        last_words, fell = killed_together(path, chance, shim)
        kills += TOGETHER
        acknowledged += sum(len(words) for words in last_words)
        for number, words in enumerate(last_words):
            last[number] = words[-1] if words else last[number]
        found = [f"round {round}: {text}" for text in (*fell, *missing(path, last))]
        if round == rounds - 1 or round % 15 == 14:
            found += workspace.wrong(path)
        if found:
            return kills, acknowledged, found
    return kills, acknowledged, []


def killed_together(path: Path, chance: random.Random, shim: Shim | None) -> tuple[list[list[int]], list[str]]:
    """Starts people who work at once and kills each; what every one of them was told was saved, and who of them ended
    with an error before."""
    running: list[tuple[int, int]] = []
    at_random = []
    for number, work in enumerate(WORK):
        reading, writing = os.pipe()
        at, torn = chance.randrange(2 * CHANGES), chance.random() < 0.3
        die = (at, torn) if shim is not None and chance.random() < 0.5 else None

        def child(
            number: int = number, work: Work = work, said: int = writing, die: tuple[int, bool] | None = die
        ) -> None:
            if die is not None and shim is not None:
                shim.watch(path.parent)
                shim.die(*die)
            work(path, number, lambda count: os.write(said, count.to_bytes(4, "big")))

        pid = forked(child)
        os.close(writing)
        running.append((pid, reading))
        if die is None:
            at_random.append((pid, reading))
    words = {reading: b"" for _, reading in running}
    for pid, reading in at_random:
        for _ in range(chance.randrange(4)):
            words[reading] += os.read(reading, 4)
        for _ in range(chance.randrange(60_000)):
            pass
        os.kill(pid, signal.SIGKILL)
    told, fell = [], []
    for work, (pid, reading) in zip(WORK, running, strict=True):
        with os.fdopen(reading, "rb") as pipe:
            words[reading] += pipe.read()
        if ended(pid) != -signal.SIGKILL:
            fell.append(f"{work.__name__} ended with an error before it was killed")
        text = words[reading]
        told.append([int.from_bytes(text[at : at + 4], "big") for at in range(0, len(text) - 3, 4)])
    return told, fell


def missing(path: Path, last: list[int]) -> Iterator[str]:
    """What was acknowledged and is not there, or is there by half."""
    try:
        with workspace.opened(path) as store:
            for work, sql, acknowledged in zip(WORK, STANDS, last, strict=True):
                low, high, parts = store.row(sql) or (None, None, 0)
                if low != high or parts > 1:
                    yield f"{work.__name__}: half of it is there ({low} to {high})"
                elif (high or 0) < acknowledged:
                    yield f"{work.__name__}: {acknowledged} was acknowledged, {high} is there"
        for file in path.parent.iterdir():
            if file.name.startswith(path.name) and file.stat().st_mode & 0o777 != 0o600:
                yield f"{file.name} has the permissions {file.stat().st_mode & 0o777:o}"
    except Exception as error:
        yield f"{type(error).__name__}: {error}"


@contextmanager
def protection_off(without: str) -> Iterator[None]:
    with ExitStack() as stack:
        if without == "transaction":
            from kpitui.storage import transaction, writing

            stack.enter_context(instead(writing.Writing, "_begin", lambda self, end: None))
            stack.enter_context(instead(writing.Writing, "_commit", lambda self, end: None))
            stack.enter_context(instead(transaction.Txn, "still_open", lambda self: None))
        yield


def run(form: Form, without: str = "") -> Found:
    try:
        return preload.below("soak.kills", form, without)
    except Skipped:
        return tried(form, without)


PART = Part(
    "kills",
    "kill -9 at random and at the moment files move: acknowledged writes lost, half imports: 0 in 10,000",
    run,
    (Mutant("one transaction for an action", lambda form: run(form.part(0.2), "transaction")),),
)
