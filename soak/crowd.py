"""Thirty-two people who edit the same few records: nothing lost, nobody refused, nobody kept waiting."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from kpitui.storage.store import Store
from soak import workspace
from soak.part import Form, Found, Mutant, Part, ended, folder, forked, instead

PEOPLE = 32
RECORDS = 5
COUNTED = f"SELECT sum(position) FROM metric WHERE id BETWEEN 2 AND {1 + RECORDS}"


class Editing:
    """One edit: read a metric, add one, write."""

    def edit(self, store: Store, id: int) -> None:
        from kpitui.domain.model import Metric
        from kpitui.storage import definitions

        with store.write("edit") as tx:
            one = definitions.get(store, Metric, id)
            definitions.change(tx, one, position=one.position + 1)

    def edit_what_was_read_before(self, store: Store, id: int) -> None:
        """The same, wrong: read first, then lock, and write over whatever others saved in between."""
        from kpitui.domain.model import Metric
        from kpitui.storage import definitions

        one = definitions.get(store, Metric, id)
        with store.write("edit") as tx:
            now = definitions.get(store, Metric, id)
            definitions.change(tx, replace(one, rev=now.rev), position=one.position + 1)


def edits(path: Path, person: int, count: int, pause: float) -> tuple[list[float], list[str]]:
    """Edits one after the other, `pause` seconds from the start of one to the next: how long each took, and why some
    were refused."""
    took, refused, editing = [], [], Editing()
    with workspace.opened(path, person) as store:
        start = time.monotonic() + person * pause / PEOPLE
        for number in range(count):
            if pause:
                time.sleep(max(0.0, start + number * pause - time.monotonic()))
            began = time.monotonic()
            try:
                editing.edit(store, 2 + (person + number) % RECORDS)
            except Exception as error:
                refused.append(f"{type(error).__name__}: {error}")
            took.append(time.monotonic() - began)
    return took, refused


def everybody(path: Path, people: int, count: int, pause: float) -> tuple[list[float], list[str], float]:
    """All of them at once: how long the edits took, sorted; what was refused; the seconds it took in all."""
    running, began = [], time.monotonic()
    for person in range(people):
        reading, writing = os.pipe()

        def work(person: int = person, writing: int = writing) -> None:
            took, refused = edits(path, person, count, pause)
            with os.fdopen(writing, "wb") as out:
                out.write(struct.pack(f"={count}d", *took) + "\n".join(refused).encode())

        running.append((forked(work), reading))
        os.close(writing)
    took: list[float] = []
    refused: list[str] = []
    for pid, reading in running:
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        if ended(pid) or len(told) < 8 * count:
            refused.append("one of them ended with an error")
            continue
        took += struct.unpack(f"={count}d", told[: 8 * count])
        refused += told[8 * count :].decode().splitlines()
    return sorted(took), refused, time.monotonic() - began


def tried(people: int, count: int, pause: float, bound: float, without: str = "") -> Found:
    alone = machine_is_ours()
    with folder() as place, protection_off(without):
        path = place / "a.db"
        with workspace.made(path, RECORDS) as store:
            before = store.one(COUNTED)
        took, refused, seconds = everybody(path, people, count, pause)
        broken = [f"refused: {text}" for text in refused[:10]]
        broken += lost(path, before, people * count - len(refused))
    p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
    alone = alone and machine_is_ours()
    if p99 >= bound and not without and alone:
        broken.append(f"p99 is {1000 * p99:.0f} ms, not below {1000 * bound:.0f}")
    return Found(
        f"{people} people × {count:,} edits on {RECORDS} records",
        broken,
        f"p50 {1000 * p50:.1f} ms, p99 {1000 * p99:.0f} ms, longest {1000 * took[-1]:,.0f} ms, "
        f"{len(took) / seconds:,.0f} edits/s{'' if alone else '; others kept the machine busy: times not judged'}",
    )


def machine_is_ours() -> bool:
    """Whether other programs leave this one a whole core: else times say nothing about it."""
    wall, own = time.perf_counter(), time.process_time()
    while time.process_time() - own < 0.3:
        pass
    return time.perf_counter() - wall < 0.3 * 1.15


def lost(path: Path, before: float, made: int) -> Iterator[str]:
    with workspace.opened(path) as store:
        there = store.one(COUNTED) - before
    if there != made:
        yield f"{made} edits were acknowledged, {there:g} are there"
    yield from workspace.wrong(path)


@contextmanager
def protection_off(without: str) -> Iterator[None]:
    from kpitui.storage import writing

    def deferred(self: writing.Writing, end: float) -> None:
        self._connection.execute("BEGIN")

    with ExitStack() as stack:
        if without == "immediate":
            stack.enter_context(instead(writing.Writing, "_begin", deferred))
        elif without == "inside":
            stack.enter_context(instead(Editing, "edit", Editing.edit_what_was_read_before))
        yield


def saturated(form: Form, without: str = "") -> Found:
    return tried(PEOPLE, form.amount(100, 1000), 0.0, 0.5, without)


def at_human_speed(form: Form) -> Found:
    return tried(PEOPLE, form.amount(15, 120), 1.0, 0.25)


CROWD = Part(
    "crowd",
    "32 people × 1,000 edits on 5 records: lost updates, unexplained refusals; p99 saturated: 0, 0; < 0.5 s",
    saturated,
    (
        Mutant("BEGIN IMMEDIATE (deferred)", lambda form: saturated(form.part(0.3), "immediate")),
        Mutant("reading inside the transaction", lambda form: saturated(form, "inside")),
    ),
)
PACED = Part("paced", "32 people, one edit a second: p99: < 250 ms", at_human_speed)
