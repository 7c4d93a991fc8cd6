from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kpitui.domain.model import Goal, Kpi, Metric
from kpitui.errors import Damaged, DiskFull, NewerSchema, ReadOnly, Refused
from kpitui.services.overview import scorecard
from kpitui.storage import backup, migrate, schema
from kpitui.storage.definitions import all_of, change
from kpitui.storage.driver import sqlite3
from kpitui.storage.store import Store
from kpitui.storage.undo import undo
from kpitui.storage.verify import altered_schema, damage, verify
from tests.storage.processes import add_scope, made, mode, opened, raw, rename, said

Step = Callable[[sqlite3.Connection], None]
NOW = schema.SCHEMA
COPY = f"a.db.schema-{NOW}.backup"
RELEASED = Path(__file__).with_name("released")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "a.db") as store:
        add_scope(store)
        rename(store, "first")
    return tmp_path / "a.db"


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Step], None]:
    """Makes the program one schema newer."""

    def newer(change: Step) -> None:
        monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, (f"{schema.SCHEMA + 1:04}_step", change)))
        monkeypatch.setattr(schema, "SCHEMA", len(schema.MIGRATIONS))

    return newer


def with_colour(db: sqlite3.Connection) -> None:
    """What a later release would do: a column more in a table and in its history, and triggers that know it."""
    for table in ("scope", "scope_history"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'")
    for trigger in ("insert", "update", "delete", "history_insert", "history_update", "history_delete"):
        db.execute(f"DROP TRIGGER scope_{trigger}")
    for sql in schema.guards(db, "scope", "id"):
        db.execute(sql)


def backups(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if file.name not in ("a.db", "a.db-wal", "a.db-shm"))


def test_an_older_workspace_is_upgraded_after_a_copy_was_made(path: Path, step: Callable[[Step], None]) -> None:
    step(with_colour)
    with opened(path) as store:
        assert store.rows("SELECT name, colour FROM scope") == [("first", "blue")]
        assert store.one("PRAGMA user_version") == NOW + 1
        assert store.one("PRAGMA application_id") == schema.APPLICATION_ID
        assert store.one("PRAGMA foreign_keys") == 1
        steps = [*(name for name, _ in schema.MIGRATIONS[:NOW]), f"{NOW + 1:04}_step"]
        assert store.rows("SELECT migration_set, name FROM _sqlite_migrations") == [("kpitui", name) for name in steps]
        assert len(store.notices) == 1 and store.notices[0].endswith(f"as it was: {COPY} beside it")
        assert store.warnings == []
        assert altered_schema(store) == damage(store) == []
    with opened(path) as store:
        assert store.notices == store.warnings == []
    assert backups(path) == [COPY]


def test_the_copy_is_the_workspace_as_it_was(
    path: Path, step: Callable[[Step], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (schema.MIGRATIONS, schema.SCHEMA)
    step(with_colour)
    opened(path).close()
    monkeypatch.setattr(schema, "MIGRATIONS", before[0])
    monkeypatch.setattr(schema, "SCHEMA", before[1])
    copy = path.parent / COPY
    assert mode(copy) == 0o600
    with opened(copy) as store:
        assert store.rows("SELECT name, rev FROM scope") == [("first", 2)]
        assert verify(store) == damage(store) == altered_schema(store) == []


def test_the_log_can_still_be_verified_after_a_column_was_added(path: Path, step: Callable[[Step], None]) -> None:
    step(with_colour)
    with opened(path) as store:
        assert verify(store) == []
        rename(store, "second")
        add_scope_in_colour(store)
        assert store.rows("SELECT id, schema FROM txn") == [(1, NOW), (2, NOW), (3, NOW + 1), (4, NOW + 1)]
        assert verify(store) == []
    raw(path, "DROP TRIGGER scope_history_update", "UPDATE scope_history SET name = 'forged' WHERE rev = 1")
    with opened(path) as store:
        assert len(verify(store)) == 1 and "Transaction 1 " in verify(store)[0]


def add_scope_in_colour(store: Store) -> None:
    with store.write("add") as tx:
        sql = """INSERT INTO scope (slug, name, kind, parent_id, owner, position, archived, rev, txn_id, colour)
            VALUES ('b', 'b', 'team', 1, '', 0, 0, 1, ?, 'red')"""
        id = tx.execute(sql, (tx.id,)).lastrowid
        tx.saw(tx.execute("SELECT * FROM scope WHERE id = ?", (id,)).fetchone())


def test_a_step_that_fails_leaves_everything_as_it_was(path: Path, step: Callable[[Step], None]) -> None:
    def broken(db: sqlite3.Connection) -> None:
        with_colour(db)
        raise ZeroDivisionError

    step(broken)
    with pytest.raises(ZeroDivisionError):
        opened(path)
    step_back = sqlite3.connect(path)
    assert step_back.execute("PRAGMA user_version").fetchone() == (NOW,)
    assert "colour" not in schema.columns_of(step_back, "scope")
    step_back.close()
    assert backups(path) == [COPY]


def test_a_step_that_breaks_a_reference_is_not_committed(path: Path, step: Callable[[Step], None]) -> None:
    def breaking(db: sqlite3.Connection) -> None:
        db.execute("DROP TRIGGER scope_update")
        db.execute("UPDATE scope SET parent_id = 99")

    step(breaking)
    with pytest.raises(Damaged, match=r"row 1 of scope refers to a scope that does not exist.*Nothing was changed"):
        opened(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT parent_id FROM scope").fetchone() == (None,)
    connection.close()


def test_an_older_copy_is_kept(path: Path, step: Callable[[Step], None]) -> None:
    (path.parent / COPY).write_text("precious")
    step(with_colour)
    opened(path).close()
    assert backups(path) == [COPY, f"{COPY}-2"]
    assert (path.parent / COPY).read_text() == "precious"


def test_a_copy_that_others_have_overtaken_is_not_what_the_upgrade_starts_from(
    path: Path, step: Callable[[Step], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    wrote: list[int] = []

    def copy_and_write(connection: sqlite3.Connection, target: str, mode: int) -> str:
        made = backup.verified_copy(connection, target, mode).path
        copied.append(made)
        if len(copied) < times:
            other = sqlite3.connect(path, isolation_level=None, timeout=0.01)
            try:
                other.execute("CREATE TABLE noise (a)")
                other.execute("DROP TABLE noise")
                wrote.append(len(copied))
            except sqlite3.OperationalError as error:
                assert "locked" in str(error)
            other.close()
        return made

    monkeypatch.setattr(migrate, "_copy", lambda connection, path, wanted: copy_and_write(connection, wanted, 0o600))
    step(with_colour)
    times = 3
    opened(path).close()
    assert len(copied) == 3 and backups(path) == [COPY]
    step(lambda db: None)
    # Who never stops writing waits in the end.
    times = 1000
    copied.clear()
    wrote.clear()
    opened(path).close()
    assert wrote == list(range(1, migrate.TRIES + 1)) and len(copied) == migrate.TRIES + 1
    assert backups(path) == sorted([COPY, os.path.basename(copied[-1])])


def test_a_newer_workspace_is_refused_and_not_changed(path: Path) -> None:
    raw(path, f"PRAGMA user_version = {NOW + 6}")
    before = path.read_bytes()
    with pytest.raises(NewerSchema, match=rf"newer .*\(schema {NOW + 6}, this one knows {NOW}\).*Nothing was changed"):
        opened(path)
    assert path.read_bytes() == before


def test_a_running_program_says_that_it_was_overtaken(path: Path) -> None:
    with opened(path) as store:
        raw(path, f"PRAGMA user_version = {NOW + 1}")
        with pytest.raises(NewerSchema, match="start it again"):
            store.changed()
        with pytest.raises(NewerSchema):
            rename(store, "lost")
        assert store.one("SELECT name FROM scope") == "first"


def test_a_reading_command_upgrades_too_but_cannot_write_afterwards(path: Path, step: Callable[[Step], None]) -> None:
    step(with_colour)
    with opened(path, write=False) as store:
        assert store.one("SELECT colour FROM scope") == "blue"
        with pytest.raises(ReadOnly):
            store.rows("UPDATE scope SET name = 'x'")


def test_who_cannot_write_is_told_that_somebody_has_to_open_it(tmp_path: Path, step: Callable[[Step], None]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = Path(folder) / "a.db"
        made(path, mode=0o644).close()
        step(with_colour)
        if os.geteuid() != 0:
            path.chmod(0o444)
        text = said(lambda: opened(path), as_nobody=True)
        assert text.startswith("ReadOnly: ") and text.endswith("somebody who may write it has to open it once.")
        assert [file.name for file in Path(folder).iterdir()] == ["a.db"]


# What releases left: the newest, too, as it was written when it was released


def test_a_workspace_of_every_released_schema_is_kept() -> None:
    kept = len(list(RELEASED.iterdir()))
    assert all((RELEASED / f"schema_{n}.db.gz").is_file() for n in range(1, kept + 1)) and kept >= max(NOW - 1, 4)


@pytest.mark.parametrize("released", sorted(RELEASED.glob("*.db.gz")), ids=lambda file: file.name.split(".")[0])
def test_a_workspace_of_every_released_schema_is_read_and_upgraded(tmp_path: Path, released: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(gzip.decompress(released.read_bytes()))
    path.chmod(0o600)
    old = sqlite3.connect(path)
    have = old.execute("PRAGMA user_version").fetchone()[0]
    points, past = (old.execute(f"SELECT * FROM {t} ORDER BY 1, 2, 3").fetchall() for t in ("point", "point_history"))
    log = old.execute("SELECT * FROM txn ORDER BY id").fetchall()
    names = {t: schema.columns_of(old, t) for t in schema.DEFINITIONS_1}
    before = {t: old.execute(f"SELECT * FROM {t} ORDER BY id").fetchall() for t in names}
    old.close()
    assert have <= NOW and points and past and log
    with opened(path) as store:
        assert bool(store.notices) == (have < NOW) and store.warnings == []
        assert verify(store) == damage(store) == altered_schema(store) == []
        assert store.rows("SELECT * FROM point ORDER BY 1, 2, 3") == points
        assert store.rows("SELECT * FROM point_history ORDER BY 1, 2, 3") == past
        assert store.rows("SELECT * FROM txn ORDER BY id") == log
        for table, columns in names.items():
            listed = ", ".join(f'"{name}"' for name in columns)
            assert store.rows(f"SELECT {listed} FROM {table} ORDER BY id") == before[table], table
        # Work goes on: an old definition is changed and taken back, and every screen's figures can be read.
        goal = all_of(store, Goal)[0]
        with store.write("change") as tx:
            change(tx, goal, title="Another title")
        undo(store)
        kpi = all_of(store, Kpi)[0]
        assert (kpi.window, kpi.sustain, kpi.tolerance) == (1, 1, None)
        metric = all_of(store, Metric)[0]
        assert {one.days for one in all_of(store, Metric)} == ({"every"} if have < 4 else {"every", "working"})
        with store.write("change") as tx:
            change(tx, kpi, window=4, sustain=3, tolerance=0.005)
        undo(store)
        with store.write("change") as tx:
            change(tx, metric, days="working")
        assert store.rows("SELECT days FROM metric_history WHERE id = ?", (metric.id,))[-1] == ("every",)
        undo(store)
        assert all_of(store, Goal)[0].title == goal.title and verify(store) == []
        assert replace(all_of(store, Kpi)[0], rev=kpi.rev) == kpi
        assert replace(all_of(store, Metric)[0], rev=metric.rev) == metric
        today = store.one('SELECT max("end") FROM point')
        card = scorecard(store, today)
        assert len(card.kpis) == store.one("SELECT count(*) FROM kpi WHERE archived = 0 AND state <> 'retired'")
        assert any(row.value is not None for row in card.kpis)
    with opened(path) as store:
        assert store.notices == []


# The copy itself


def test_a_copy_is_made_while_others_write_and_reading_stays_reading(path: Path) -> None:
    with opened(path, write=False) as reader, opened(path) as writer, writer.write("change") as tx:
        tx.execute("UPDATE scope SET name = 'open', rev = rev + 1, txn_id = ?", (tx.id,))
        tx.saw(tx.execute("SELECT * FROM scope").fetchone())
        target = str(path.parent / "copy.db")
        made = backup.verified_copy(reader._connection, target, 0o640)
        assert made.path == target and (made.schema, made.txn) == (NOW, 2)
        assert made.sha256 == hashlib.sha256(Path(target).read_bytes()).hexdigest()
        assert reader.one("PRAGMA query_only") == 1
    assert mode(target) == 0o640
    with opened(Path(target)) as copy:
        assert copy.one("SELECT name FROM scope") == "first" and verify(copy) == []
    assert backups(path) == ["copy.db"]


def test_a_copy_never_overwrites_and_a_damaged_one_is_not_kept(path: Path) -> None:
    (path.parent / "copy.db").write_text("mine")
    with opened(path) as store:
        with pytest.raises(Refused, match="not overwritten"):
            backup.verified_copy(store._connection, str(path.parent / "copy.db"))
    raw(path, "DROP TRIGGER scope_update", "PRAGMA foreign_keys = OFF", "UPDATE scope SET parent_id = 99")
    with opened(path) as store, pytest.raises(Damaged, match="1 rows refer to something that does not exist"):
        backup.verified_copy(store._connection, str(path.parent / "other.db"))
    assert backups(path) == ["copy.db"] and (path.parent / "copy.db").read_text() == "mine"


def test_a_copy_that_finds_no_room_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(connection: sqlite3.Connection, part: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backup, "_copy", full)
    with opened(path) as store, pytest.raises(DiskFull):
        backup.verified_copy(store._connection, str(path.parent / "copy.db"))
    assert backups(path) == []
