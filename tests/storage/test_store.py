from __future__ import annotations

import os
import signal
import threading
from datetime import datetime
from pathlib import Path

import pytest

from kpitui.errors import Damaged, DiskFull, KpituiError, NotFound, ReadOnly, Refused
from kpitui.storage import schema
from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.store import Store
from kpitui.storage.verify import verify
from tests.storage.processes import add_scope, created, made, mode, now, opened, raw, rename


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    with made(tmp_path / "a.db") as store:
        yield store


OUTSIDE = "outside a kpitui transaction"

# Making and opening


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("wanted", [0o600, 0o660, 0o640])
def test_a_new_workspace_has_the_permissions_asked_for(tmp_path: Path, umask: int, wanted: int) -> None:
    before = os.umask(umask)
    try:
        with created(tmp_path / "a.db", mode=wanted) as store:
            add_scope(store)
            assert {mode(file) for file in tmp_path.iterdir()} == {wanted}
            assert os.umask(umask) & 0o070 == (0 if wanted == 0o660 else umask & 0o070)
    finally:
        os.umask(before)


def test_a_new_workspace_says_what_it_is(tmp_path: Path) -> None:
    store = created(tmp_path / "a.db")
    assert store.one("PRAGMA application_id") == schema.APPLICATION_ID
    assert store.one("PRAGMA user_version") == schema.SCHEMA
    assert store.journal_mode() == ("wal" if wal_is_safe() else "delete")
    assert store.warnings == [] and not store.readonly
    assert [store.one(f"PRAGMA {name}") for name in ("synchronous", "foreign_keys", "trusted_schema")] == [3, 1, 0]
    assert [store.one(f"PRAGMA {name}") for name in ("recursive_triggers", "cell_size_check", "temp_store")] == [
        1,
        1,
        2,
    ]
    assert store.one("PRAGMA busy_timeout") == 15000
    # What was deleted is not left readable in the file; a file that somebody cuts short ends nobody's process.
    assert [store.one(f"PRAGMA {name}") for name in ("secure_delete", "mmap_size")] == [2, 0]
    store.close()


def test_a_file_of_another_program_is_not_taken_for_a_workspace(tmp_path: Path) -> None:
    # Whatever schema it says it has.
    made(tmp_path / "a.db").close()
    raw(tmp_path / "a.db", "PRAGMA application_id = 7")
    with pytest.raises(Damaged, match="is not a kpitui workspace"):
        opened(tmp_path / "a.db")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("mine")
    (tmp_path / "b.db").symlink_to(tmp_path / "nowhere")
    for name in ("a.db", "b.db"):
        with pytest.raises(Refused, match="Nothing was overwritten"):
            created(tmp_path / name)
    assert (tmp_path / "a.db").read_text() == "mine" and not (tmp_path / "nowhere").exists()


def test_a_workspace_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no folder"):
        created(tmp_path / "no" / "a.db")


def test_a_making_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(db: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("0002_broken", broken)))
    with pytest.raises(ZeroDivisionError):
        created(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []


def test_opening_never_makes_a_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        opened(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []


def test_odd_names_are_names(tmp_path: Path) -> None:
    for name in ("a b?mode=memory#x%20.db", "Zähler.db", "-x.db"):
        created(tmp_path / name).close()
        with opened(tmp_path / name) as store:
            assert store.path == str(tmp_path / name)


def test_a_link_leads_to_the_one_file(tmp_path: Path) -> None:
    made(tmp_path / "a.db").close()
    (tmp_path / "link.db").symlink_to("a.db")
    with opened(tmp_path / "link.db") as store:
        add_scope(store)
        assert store.path == str(tmp_path / "a.db")
    assert sorted(os.listdir(tmp_path)) == ["a.db", "link.db"]


# Writing


def test_an_action_is_one_line_with_who_when_and_why(store: Store) -> None:
    with store.write("record", why="typo", summary="visits") as tx:
        add_scope(store)
        assert (tx.id, tx.at, tx.count) == (1, "2026-11-20T09:30:00Z", 1)
    sql = "SELECT id, at, uid, who, host, via, what, summary, why, undoes, rows FROM txn"
    assert store.rows(sql) == [
        (1, "2026-11-20T09:30:00Z", 1001, "ana", "mill", "test", "record", "visits", "typo", None, 1)
    ]
    assert store.rows("SELECT what, tbl, item, before, after FROM change") == [
        ("add", "scope", "org", None, '{"slug":"org"}')
    ]
    assert store.rows("SELECT * FROM open_txn") == []


def test_the_clock_may_be_set_back_and_must_know_its_zone(store: Store) -> None:
    store.now = lambda: now().replace(year=2024)
    rename_id = add_scope(store)
    assert store.one("SELECT at FROM txn") == "2024-11-20T09:30:00Z" and rename_id == 1
    store.now = lambda: datetime(2024, 1, 1)
    with pytest.raises(ValueError, match="time zone"):
        add_scope(store, "b")


def test_the_summary_may_come_at_the_end(store: Store) -> None:
    with store.write("import") as tx:
        add_scope(store)
        tx.summary = "1 new"
    assert store.one("SELECT summary FROM txn") == "1 new" and verify(store) == []


def test_nothing_written_is_no_line(store: Store) -> None:
    with store.write("change") as tx:
        tx.execute("SELECT 1").fetchall()
    assert store.rows("SELECT * FROM txn") == []
    add_scope(store)
    assert store.one("SELECT max(id) FROM txn") == 1


def test_what_is_written_without_being_counted_is_not_lost_quietly(store: Store) -> None:
    add_scope(store)
    with pytest.raises(RuntimeError, match="counted"), store.write("change") as tx:
        tx.execute("UPDATE scope SET name = 'x', rev = rev + 1, txn_id = ?", (tx.id,))
    assert store.one("SELECT rev FROM scope") == 1


def test_an_error_takes_everything_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write("change"):
        add_scope(store)
        raise ZeroDivisionError
    assert store.rows("SELECT * FROM scope") == store.rows("SELECT * FROM txn") == []
    assert add_scope(store) == 1


def test_a_write_in_a_write_joins_it(store: Store) -> None:
    with store.write("apply"):
        add_scope(store, "a")
        with pytest.raises(ZeroDivisionError), store.write("inner"):
            add_scope(store, "b")
            rename(store, "gone", 1)
            raise ZeroDivisionError
        add_scope(store, "c")
    assert store.rows("SELECT slug, rev FROM scope ORDER BY id") == [("a", 1), ("c", 1)]
    assert store.rows("SELECT what, rows FROM txn") == [("apply", 2)]
    assert verify(store) == []


def test_broken_rules_of_the_tables_keep_their_class(store: Store) -> None:
    add_scope(store)
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        add_scope(store)
    assert store.one("SELECT count(*) FROM txn") == 1


def test_a_full_disk_is_said_and_nothing_is_half_saved(store: Store) -> None:
    add_scope(store)
    pages = store.one("PRAGMA page_count")
    store.one(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match=r"no space left.*NOT saved; what was saved earlier is intact"):
        rename(store, "long " * 20000)
    assert store.rows("SELECT name, rev FROM scope") == [("org", 1)]
    store.one("PRAGMA max_page_count = 1000000")
    rename(store, "fits")
    assert store.rows("SELECT name, rev FROM scope") == [("fits", 2)] and verify(store) == []


def test_what_follows_a_transaction_that_sqlite_gave_up_is_not_saved_either(store: Store) -> None:
    add_scope(store)
    with pytest.raises(DiskFull, match="NOT saved"), store.write("import") as tx:
        tx.execute("ROLLBACK")
        with pytest.raises(DiskFull):
            rename(store, "half")
    assert store.rows("SELECT name, rev FROM scope") == [("org", 1)] and verify(store) == []


def test_opened_for_reading_nothing_is_saved(store: Store) -> None:
    add_scope(store)
    with opened(Path(store.path), write=False) as reader:
        assert reader.readonly
        with pytest.raises(ReadOnly, match="NOT saved"):
            add_scope(reader, "b")
        with pytest.raises(ReadOnly):
            reader.rows("UPDATE scope SET name = 'x'")
        assert reader.one("SELECT name FROM scope") == "org"


def test_ctrl_z_waits_until_the_lock_is_given_back(store: Store) -> None:
    caught: list[int] = []
    before = signal.signal(signal.SIGTSTP, lambda number, frame: caught.append(number))
    try:
        with store.write("change"):
            add_scope(store)
            # To this thread: a test runner has others, and the system may choose any of them.
            signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
            assert caught == []
        assert caught == [signal.SIGTSTP]
    finally:
        signal.signal(signal.SIGTSTP, before)


# Reading


def test_a_snapshot_stays_what_it_was(store: Store) -> None:
    add_scope(store)
    with opened(Path(store.path)) as reader, reader.snapshot():
        assert reader.one("SELECT name FROM scope") == "org"
        rename(store, "new")
        with reader.snapshot():
            assert reader.one("SELECT name FROM scope") == "org"
        with pytest.raises(RuntimeError, match="snapshot"):
            add_scope(reader, "b")
    assert reader._closed


def test_other_peoples_commits_are_noticed_once_and_the_own_are_not(store: Store) -> None:
    add_scope(store)
    with opened(Path(store.path)) as other:
        assert not store.changed() and not other.changed()
        key = other.version()
        rename(store, "new")
        assert other.version() != key and store.version() == store.version()
        assert other.changed() and not other.changed() and not store.changed()
        key = store.version()
        rename(store, "newer")
        assert store.version() != key


def test_bytes_that_are_no_text_are_shown_as_such(store: Store) -> None:
    add_scope(store)
    raw(Path(store.path), "DROP TRIGGER scope_update", "UPDATE scope SET name = CAST(x'61ff62' AS TEXT)")
    assert store.rows("SELECT name FROM scope") == [("a\ufffdb",)]


def test_many_rows_come_in_batches(store: Store) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n"
    with store.snapshot():
        assert [len(batch) for batch in store.batches(sql, size=4)] == [4, 4, 2]


def test_sqlite_utils_works_over_the_same_connection_inside_a_write(store: Store) -> None:
    with store.write("add") as tx:
        row = {"slug": "org", "name": "Org", "kind": "org", "owner": "", "position": 0.0, "txn_id": tx.id}
        store.database()["scope"].insert(row)
        tx.saw(tx.execute("SELECT * FROM scope").fetchone())
        assert store.database()["scope"].count == 1
    assert store.one("SELECT slug FROM scope") == "org" and verify(store) == []


# Guards


def test_another_program_cannot_write_by_accident(store: Store) -> None:
    add_scope(store)
    rename(store, "new")
    path = Path(store.path)
    for statement, why in [
        (
            "INSERT INTO scope (slug, name, kind, owner, position, rev, txn_id) VALUES ('b', 'b', 'org', '', 0, 1, 1)",
            OUTSIDE,
        ),
        ("UPDATE scope SET name = 'x'", OUTSIDE),
        ("UPDATE scope SET name = 'x', rev = rev + 1, txn_id = 2", OUTSIDE),
        ("DELETE FROM scope", "nothing is deleted"),
        ("DELETE FROM scope_history", "history is never changed"),
        ("UPDATE scope_history SET name = 'x'", "history is never changed"),
        ("INSERT INTO scope_history SELECT * FROM scope", OUTSIDE),
        ("INSERT INTO change (txn_id, what, tbl, item) VALUES (1, 'x', 'x', 'x')", OUTSIDE),
        ("UPDATE change SET what = 'x'", "log is never changed"),
        ("UPDATE change SET undone_by = 2", "log is never changed"),
        ("DELETE FROM change", "log is never changed"),
        ("UPDATE txn SET who = 'bo'", OUTSIDE),
        ("DELETE FROM txn", "log is never changed"),
        ("REPLACE INTO scope SELECT * FROM scope", OUTSIDE),
    ]:
        with pytest.raises(sqlite3.IntegrityError, match=why):
            raw(path, statement)
    assert verify(store) == []


def test_a_write_that_names_no_revision_is_refused_even_inside(store: Store) -> None:
    add_scope(store)
    for change, why in [("name = 'x'", "revision"), ("id = 7, rev = rev + 1", "keeps its key")]:
        with pytest.raises(sqlite3.IntegrityError, match=why), store.write("change") as tx:
            tx.execute(f"UPDATE scope SET {change}, txn_id = ?", (tx.id,))


def test_the_history_keeps_every_version_exactly(store: Store) -> None:
    with store.write("add") as tx:
        id = add_scope(store)
        tx.execute("UPDATE scope SET position = 0.1 + 0.2, rev = 2, txn_id = ?", (tx.id,))
        tx.saw(tx.execute("SELECT * FROM scope").fetchone())
    rename(store, "new", id)
    assert store.rows("SELECT name, position, rev, txn_id FROM scope_history ORDER BY rev") == [
        ("org", 0.0, 1, 1),
        ("org", 0.1 + 0.2, 2, 1),
    ]
    assert verify(store) == []


def test_an_error_of_a_statement_is_not_dressed_up(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.rows("SELECT * FROM nowhere")
    assert not issubclass(sqlite3.OperationalError, KpituiError)
