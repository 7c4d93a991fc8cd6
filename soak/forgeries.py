"""Single alterations of a workspace by somebody who takes the guards off and puts them back: every one is noticed."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

from kpitui.storage.driver import sqlite3
from soak import workspace
from soak.part import Form, Found, Mutant, Part, folder, instead

NOT_IN_THE_LOG = ("sqlite_stat1", "_sqlite_migrations")


def history(path: Path) -> None:
    """A workspace with something in its tables and their histories: values, corrections, an edit, one taken back."""
    from kpitui.domain.model import Metric, Scope
    from kpitui.services import history as log
    from kpitui.storage import definitions

    with workspace.made(path) as store:
        for number in range(12):
            workspace.record(store, "m1", number, number / 3)
        for number in range(0, 12, 3):
            workspace.record(store, "m1", number, number * 7.25)
        with store.write("edit") as tx:
            for id in (2, 3):
                definitions.change(tx, definitions.get(store, Metric, id), name=f"Changed {id}", watch_band=0.1)
            definitions.add(tx, Scope(slug="team", name="Team", kind="team", parent_id=1))
        log.undo(store, today=workspace.TODAY)
        log.redo(store, today=workspace.TODAY)


def forged(path: Path, chance: random.Random) -> str:
    """Alters one thing, and says what."""
    connection = sqlite3.connect(path, isolation_level=None)
    run = connection.execute
    try:
        triggers = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        listed = run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
        filled = [
            name for (name,) in listed if name not in NOT_IN_THE_LOG and run(f"SELECT 1 FROM {name} LIMIT 1").fetchone()
        ]
        run("BEGIN")
        for name, _ in triggers:
            run(f"DROP TRIGGER {name}")
        while True:
            table = chance.choice(filled)
            try:
                said = one_alteration(run, table, chance)
            except sqlite3.IntegrityError:
                continue
            if said:
                break
        for _, sql in triggers:
            run(sql)
        run("COMMIT")
        return said
    finally:
        connection.close()


def one_alteration(run: Callable[..., sqlite3.Cursor], table: str, chance: random.Random) -> str:
    info = run(f"PRAGMA table_info({table})").fetchall()
    keys = [row[1] for row in info if row[5]] or ["rowid"]
    picked = run(f"SELECT {', '.join(_quoted(keys))} FROM {table} ORDER BY random() LIMIT 1").fetchone()
    where = " AND ".join(f"{key} = ?" for key in _quoted(keys))
    how = chance.random()
    if how < 0.15:
        run(f"DELETE FROM {table} WHERE {where}", picked)
        return f"a row of {table} removed"
    if how < 0.25:
        names = [row[1] for row in info]
        key = keys[-1]
        shifted = ", ".join(f'"{name}" + 100000' if name in (key, "end") else f'"{name}"' for name in names)
        run(f"INSERT INTO {table} ({', '.join(_quoted(names))}) SELECT {shifted} FROM {table} WHERE {where}", picked)
        return f"a row of {table} copied"
    _, name, kind, *_ = chance.choice(info)
    before = run(f'SELECT "{name}" FROM {table} WHERE {where}', picked).fetchone()[0]
    made: dict[str, Callable[[], object]] = {
        "TEXT": lambda: (before or "") + chance.choice("x 0!"),
        "INTEGER": lambda: (before or 0) + chance.choice((-1, 1, 10)),
        "REAL": lambda: (before or 0.0) * (1 + 1e-15) + chance.choice((0.0, 1e-9, 0.5)),
        "BLOB": lambda: chance.randbytes(32),
    }
    after = made[kind]()
    if before == after:
        return ""
    run(f'UPDATE {table} SET "{name}" = ? WHERE {where}', (after, *picked))
    return f"{table}.{name} changed from {before!r} to {after!r}"


def _quoted(names: list[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def run(form: Form) -> Found:
    chance, broken = form.chance("forgeries"), []
    wanted = form.amount(150, 1000)
    with folder() as place:
        sound, path = place / "sound.db", place / "a.db"
        history(sound)
        broken += workspace.wrong(sound)
        for _ in range(wanted):
            copyfile(sound, path)
            os.chmod(path, 0o600)
            said = forged(path, chance)
            if not workspace.wrong(path):
                broken.append(f"not noticed: {said}")
    return Found(f"{wanted:,} alterations of one cell or one row", broken)


def without_digests(form: Form) -> Found:
    """Rows count for nothing in the digest, whatever they hold."""
    from kpitui.storage import digest

    with (
        instead(digest.Digest, "number", lambda self, row: 0),
        instead(digest.Digest, "_batch", lambda self, rows, rest, end: 0),
    ):
        return run(form.part(0.2))


PART = Part(
    "forgeries",
    "single alterations of the history detected: 100 %",
    run,
    (Mutant("digests of the rows", without_digests),),
)
