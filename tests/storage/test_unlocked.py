"""Reading a file as it stands, without locks, as an account does that may write neither it nor its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kpitui.errors import Busy, DiskFull, ReadOnly
from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.opening import connect
from kpitui.storage.store import Store
from tests.storage.processes import add_scope, made, opened, rename


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "a.db") as store:
        add_scope(store)
    return tmp_path / "a.db"


@pytest.fixture
def reader(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with monkeypatch.context() as patch:
        patch.setattr("kpitui.storage.store.why_not", lambda path, warnings: "read only")
        store = opened(path)
    # Whatever opens it again later is this reader, too.
    assert store._unlocked is not None
    yield store
    store.close()


def write(path: Path, name: str) -> None:
    with opened(path) as writer:
        rename(writer, name)


class Interrupted:
    """A connection on which somebody else commits in the middle of the first query."""

    def __init__(self, connection: Any, happens: Callable[[], None]) -> None:
        self.connection = connection
        self.happens = happens
        self.in_transaction = False

    def execute(self, sql: str, args: tuple[object, ...] = ()) -> Interrupted:
        self.found = self.connection.execute(sql, args).fetchall()
        self.happens()
        return self

    def fetchall(self) -> list[tuple[object, ...]]:
        return list(self.found)

    def close(self) -> None:
        self.connection.close()


NAME = "SELECT name FROM scope"


def test_what_was_committed_before_a_query_is_in_it(path: Path, reader: Store) -> None:
    assert reader.one(NAME) == "org"
    write(path, "new")
    assert reader.one(NAME) == "new"
    key = reader.version()
    write(path, "newer")
    assert reader.version() != key


def test_what_is_committed_during_a_query_is_in_its_answer(path: Path, reader: Store) -> None:
    reader._connection = Interrupted(reader._connection, lambda: write(path, "new"))  # type: ignore[assignment]
    assert reader.one(NAME) == "new"


def test_it_knows_the_journal_mode_that_the_file_asks_for(reader: Store) -> None:
    assert reader.one("PRAGMA journal_mode") == "delete"
    assert reader.journal_mode() == ("wal" if wal_is_safe() else "delete")


def test_a_snapshot_that_cannot_be_kept_says_so(path: Path, reader: Store) -> None:
    with pytest.raises(Busy, match="changed by somebody else while it was read"), reader.snapshot():
        reader.one(NAME)
        write(path, "new")
    with pytest.raises(Busy), reader.snapshot():
        write(path, "newer")
        reader.one(NAME)
    with reader.snapshot():
        assert reader.one(NAME) == "newer"
        assert list(reader.batches(NAME)) == [[("newer",)]]


def test_who_was_let_in_meanwhile_is_told_to_start_again(reader: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpitui.storage.store.why_not", lambda path, warnings: "read only")
    with pytest.raises(ReadOnly, match=r"^read only$"), reader.write("scope.change"):
        pass
    monkeypatch.setattr("kpitui.storage.store.why_not", lambda path, warnings: "")
    with pytest.raises(ReadOnly, match=r"now it can\. NOT saved: start kpitui again\.$"), reader.write("scope.change"):
        pass


def test_beside_an_open_log_it_reads_with_locks(path: Path, reader: Store) -> None:
    with opened(path) as writer:
        rename(writer, "new")
        assert reader.one(NAME) == "new" and reader._unlocked is None
        rename(writer, "newer")
        assert reader.changed() and reader.one(NAME) == "newer"


@pytest.mark.skipif(not wal_is_safe(), reason="only a write-ahead log needs room to be read")
def test_a_full_disk_can_be_read_from_and_says_so_when_something_is_to_be_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What SQLite leaves of its two files there.
    Path(f"{path}-wal").write_bytes(b"")
    Path(f"{path}-shm").write_bytes(b"   ")

    def cramped(path: str, how: str, *args: Any) -> Any:
        if how == "mode=rw":
            raise sqlite3.OperationalError("database or disk is full")
        return connect(path, how, *args)

    with monkeypatch.context() as patch:
        patch.setattr("kpitui.storage.store.connect", cramped)
        store = opened(path)
    with store:
        assert store.readonly and store.rows(NAME) and "is full" in store.warnings[-1]
        with pytest.raises(DiskFull, match="nothing can be saved"), store.write("scope.change"):
            pass
        # Room again: who writes now is seen, although the -wal was there before.
        with opened(path) as writer:
            rename(writer, "Room")
            assert store.changed() and store.rows(NAME)[0][0] == "Room"


def test_a_full_disk_is_told_where_nothing_can_be_read_either(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(f"{path}-wal").write_bytes(b"frames")

    def cramped(path: str, how: str, *args: Any) -> Any:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("kpitui.storage.store.connect", cramped)
    with pytest.raises(DiskFull):
        opened(path)
