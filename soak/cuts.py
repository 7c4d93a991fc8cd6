"""Power cuts: what is on the disk afterwards is worked out from every change the program made, in their order.

What was synced is there. Of what was written after that, each write may be there, be missing, or be torn by sectors of
512 bytes, whatever came before or after it. The names of a folder (made, renamed, removed) and the sizes of its files
are there up to some moment since they were last synced. Shared memory holds anything.
"""

from __future__ import annotations

import os
import random
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kpitui.storage.store import Store
from soak import preload, workspace
from soak.part import Form, Found, Mutant, Part, folder, instead
from soak.preload import Shim

SECTOR = 512
ACTIONS = 60
REOPENED = 15
"""Actions after which the workspace is closed and opened again: -wal and -journal come and go."""
CUTS = 150
"""Cuts in one history of changes."""
WEAK = {"full sync": "NORMAL", "any sync": "OFF", "a sync of the folder": "FULL"}


class Change(NamedTuple):
    what: str
    path: str
    other: str
    offset: int
    data: bytes
    size: int


def tried(form: Form, without: str = "") -> Found:
    shim, chance = preload.shim(), form.chance("cuts")
    wanted, cuts, broken, acknowledged = form.amount(450, 10_000), 0, list[str](), 0
    with protection_off(without):
        while cuts < wanted and len(broken) < 20:
            with folder() as place:
                mode = "DELETE" if cuts // CUTS % 3 == 2 or without == "a sync of the folder" else "WAL"
                changes, said = history(place, shim, mode)
            acknowledged += len(said)
            with folder() as place:
                for _ in range(min(CUTS, wanted - cuts)):
                    cuts += 1
                    at = chance.randrange(1, len(changes) + 1)
                    lay_out(place, changes[:at], chance)
                    last = max((count for when, count in said if when <= at), default=0)
                    broken += [f"{mode}, cut at change {at}: {text}" for text in found_there(place, last)]
                    for file in place.iterdir():
                        file.unlink()
    return Found(f"{cuts:,} cuts in the writing of {acknowledged:,} acknowledged actions", broken)


def history(place: Path, shim: Shim, mode: str) -> tuple[list[Change], list[tuple[int, int]]]:
    """Every change of the files while somebody works, from an empty folder on; and after which of them each action was
    acknowledged, as (changes, count)."""
    path, said = place / "a.db", []
    with tempfile.TemporaryFile() as log:
        shim.watch(place, log.fileno())
        workspace.made(path).close()
        if mode == "DELETE":
            workspace.in_delete_mode(path)
        base = shim.seen()
        count = 0
        while count < ACTIONS:
            with workspace.opened(path) as store:
                # The log is copied into the file often, so that many cuts fall into that.
                store.one("PRAGMA wal_autocheckpoint = 8")
                for _ in range(REOPENED):
                    count += 1
                    one_action(store, count)
                    log.seek(0, os.SEEK_END)
                    said.append((log.tell(), count))
        shim.watch(Path("/nowhere"))
        log.seek(0)
        changes, ends = read_log(log.read(), str(place))
    assert base and changes
    return changes, [(ends.index(end) + 1, count) for end, count in said]


def one_action(store: Store, count: int) -> None:
    """One value, and now and then a change of several definitions that has to be there as one."""
    from kpitui.domain.model import Metric
    from kpitui.storage import definitions

    with store.write("cut"):
        workspace.record(store, "m1", 0, count)
        workspace.record(store, "m2", count % 30, count)
    if count % 5 == 0:
        with store.write("edit") as tx:
            for id in (4, 5):
                definitions.change(tx, definitions.get(store, Metric, id), grace_days=count)


def read_log(log: bytes, place: str) -> tuple[list[Change], list[int]]:
    """The changes, and where each ends in the log."""
    changes, ends, at = [], [], 0
    head = struct.Struct("=2I2Q")
    while at < len(log):
        what = chr(log[at])
        path_size, other_size, offset, size = head.unpack_from(log, at + 1)
        at += 1 + head.size
        path, other = log[at : at + path_size].decode(), log[at + path_size : at + path_size + other_size].decode()
        at += path_size + other_size
        data = log[at : at + size] if what == "w" else b""
        at += len(data)
        changes.append(Change(what, path.removeprefix(place), other.removeprefix(place), offset, data, size))
        ends.append(at)
    return changes, ends


def lay_out(place: Path, changes: list[Change], chance: random.Random) -> None:
    """Puts into `place` what a disk may hold when the power goes after these changes."""
    numbers = inodes(changes)
    synced = {numbers[at]: at for at, change in enumerate(changes) if change.what == "s"}
    # A file that was synced has its name, too, on every file system that SQLite trusts. Names change in their order.
    names_until = chance.randrange(max(synced.values(), default=0), len(changes) + 1)
    keep = chance.choice((0.0, 0.3, 0.7, 1.0))
    names: dict[str, int] = {}
    contents: dict[int, bytearray] = {}
    for at, (change, file) in enumerate(zip(changes, numbers, strict=True)):
        sure = at <= synced.get(file, -1)
        content = contents.setdefault(file, bytearray())
        match change.what:
            case "w":
                write(content, change, chance, None if sure else keep)
            case "t" if sure or at <= names_until:
                size_to(content, change.offset)
            case "c" if at <= names_until:
                names[change.path] = file
            case "u" if at <= names_until:
                names.pop(change.path, None)
            case "r" | "l" if at <= names_until and change.path in names:
                names[change.other] = names[change.path] if change.what == "l" else names.pop(change.path)
    for name, file in names.items():
        (place / name.lstrip("/")).write_bytes(contents[file])
    if chance.random() < 0.5 and "/a.db-wal" in names:
        (place / "a.db-shm").write_bytes(chance.randbytes(32768))
    for made in place.iterdir():
        made.chmod(0o600)


def inodes(changes: list[Change]) -> list[int]:
    """Which file each change is about, as a number: a name that is made again is another file. 0 is the folder."""
    now: dict[str, int] = {"": 0}
    numbers, count = [], 0
    for change in changes:
        if change.what == "c":
            count += 1
            now[change.path] = count
        numbers.append(now.get(change.path, -1))
        if change.what in "rl":
            now[change.other] = numbers[-1]
        if change.what in "ru":
            now.pop(change.path, None)
    return numbers


def write(file: bytearray, change: Change, chance: random.Random, keep: float | None) -> None:
    """One write: whole where `keep` is None (it was synced), else whole, missing or torn."""
    data, end = change.data, change.offset + len(change.data)
    if keep is not None:
        fate = chance.random()
        if fate < 0.25:
            first = change.offset // SECTOR * SECTOR
            for start in range(first, end, SECTOR):
                if chance.random() < keep:
                    low, high = max(start, change.offset), min(start + SECTOR, end)
                    put(file, low, data[low - change.offset : high - change.offset])
            return
        if chance.random() >= keep:
            return
    put(file, change.offset, data)


def put(file: bytearray, at: int, data: bytes) -> None:
    if len(file) < at:
        file.extend(bytes(at - len(file)))
    file[at : at + len(data)] = data


def size_to(file: bytearray, size: int) -> None:
    del file[size:]
    file.extend(bytes(size - len(file)))


def found_there(place: Path, last: int) -> Iterator[str]:
    path = place / "a.db"
    if not path.exists() or not path.stat().st_size:
        if last:
            yield f"{last} actions were acknowledged, and there is no workspace"
        return
    try:
        with workspace.opened(path) as store:
            stands = store.one("SELECT value FROM point WHERE metric_id = 2")
            other = store.one("SELECT max(value) FROM point WHERE metric_id = 3")
            low, high = store.row("SELECT min(grace_days), max(grace_days) FROM metric WHERE id IN (4, 5)") or (0, 0)
            if (stands or 0) < last:
                yield f"{last} was acknowledged, {stands} is there"
            if stands != other or low != high or (high or 0) < last // 5 * 5:
                yield f"half of an action is there: {stands}, {other}, {low}, {high}"
    except Exception as error:
        # A workspace whose making was cut off is said to be one, and nobody was told that it was made.
        if last or ("cut off" not in str(error) and "not a kpitui workspace" not in str(error)):
            yield f"{last} acknowledged; {type(error).__name__}: {error}"
        return
    yield from workspace.wrong(path)


@contextmanager
def protection_off(without: str) -> Iterator[None]:
    from kpitui.storage import opening

    weak = WEAK.get(without)
    pragmas = tuple(f"synchronous = {weak}" if weak and p.startswith("synchronous") else p for p in opening.PRAGMAS)
    with instead(opening.connect, "__defaults__", (pragmas,)):
        yield


def run(form: Form, without: str = "") -> Found:
    return preload.below("soak.cuts", form, without)


def weaker(without: str, form: Form) -> Found:
    return run(form.part(0.2), without)


PART = Part(
    "cuts",
    "simulated power cuts (unsynced writes kept, lost, torn): lost, damaged: 0 in 10,000",
    run,
    tuple(Mutant(f"{name} (synchronous = {weak})", partial(weaker, name)) for name, weak in WEAK.items()),
)
