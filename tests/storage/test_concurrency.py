"""Several processes on one workspace."""

from __future__ import annotations

import os
import random
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp

import pytest

from kpitui.errors import Busy, KpituiError, Replaced
from kpitui.storage import holder, writing
from kpitui.storage.driver import sqlite3
from kpitui.storage.place import check_place
from kpitui.storage.store import Store
from kpitui.storage.verify import damage, verify
from tests.storage.processes import add_scope, become_nobody, child, ended, made, mode, opened, raw, rename, said

PROC = os.path.exists("/proc/locks")


@pytest.fixture(params=["WAL", "DELETE"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A workspace with two scopes, closed."""
    with made(tmp_path / "team.db") as store:
        add_scope(store, "a")
        add_scope(store, "b")
    raw(tmp_path / "team.db", f"PRAGMA journal_mode = {request.param}")
    return tmp_path / "team.db"


def count_up(store: Store, id: int = 1) -> int:
    """One edit that reads, adds one, and writes; the new count."""
    with store.write("change") as tx:
        had = tx.execute("SELECT position FROM scope WHERE id = ?", (id,)).fetchone()[0]
        tx.execute("UPDATE scope SET position = ?, rev = rev + 1, txn_id = ? WHERE id = ?", (had + 1, tx.id, id))
        tx.saw(tx.execute("SELECT * FROM scope WHERE id = ?", (id,)).fetchone())
    return int(had) + 1


def counting(path: Path, edits: int, ids: int = 1) -> Callable[[], None]:
    def work() -> None:
        with opened(path) as store:
            for edit in range(edits):
                count_up(store, 1 + edit % ids)

    return work


def test_no_edit_is_lost(path: Path) -> None:
    people, edits = 4, 40
    assert all(ended(pid) for pid in [child(counting(path, edits)) for _ in range(people)])
    with opened(path) as store:
        assert store.row("SELECT position, rev FROM scope WHERE id = 1") == (people * edits, people * edits + 1)
        assert store.one("SELECT count(*) FROM txn") == people * edits + 2
        assert damage(store) == verify(store) == []


def killed(path: Path, times: int, chance: random.Random) -> None:
    """Kills a writer at any moment, again and again: what it acknowledged is there, and what it did is whole."""
    acknowledged = 0
    for _ in range(times):
        reading, writing = os.pipe()

        def work(writing: int = writing) -> None:
            with opened(path) as store:
                while True:
                    number = rename(store, f"{os.getpid()} {os.urandom(4).hex() * 300}", 1, 2)
                    os.write(writing, number.to_bytes(4, "big"))

        pid = child(work)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            for _ in range(chance.randrange(1, 5)):
                acknowledged = int.from_bytes(pipe.read(4), "big") or acknowledged
            for _ in range(chance.randrange(30000)):
                pass
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            rest = pipe.read()
        acknowledged = int.from_bytes(rest[-4:], "big") if len(rest) >= 4 else acknowledged
        with opened(path) as store:
            assert store.one("SELECT max(id) FROM txn") - acknowledged in (0, 1)
            (one,), (two,) = store.rows("SELECT name FROM scope ORDER BY id")
            assert one == two
            assert store.one("SELECT count(*) FROM change WHERE txn_id = (SELECT max(id) FROM txn)") == 2
            assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    with opened(path) as store:
        assert damage(store) == verify(store) == []


def test_a_killed_program_leaves_nothing_half_saved(path: Path) -> None:
    killed(path, 20, random.Random(os.fspath(path.name) + path.parent.name[-1]))


def test_a_stopped_program_is_named_to_those_it_keeps_waiting(path: Path) -> None:
    def work() -> None:
        with opened(path) as store, store.write("change"):
            os.kill(os.getpid(), signal.SIGSTOP)
            count_up(store)

    pid = child(work)
    assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
    try:
        with opened(path, patience=0.05) as store:
            assert store.one("SELECT position FROM scope WHERE id = 1") == 0
            with pytest.raises(Busy) as refused:
                count_up(store)
            assert "NOT saved" in str(refused.value)
            if PROC:
                assert f"(pid {pid}" in str(refused.value) and "has stopped in the middle" in str(refused.value)
            os.kill(pid, signal.SIGCONT)
            assert ended(pid)
            assert count_up(store) == 2
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_who_waits_for_more_than_a_moment_hears_of_whom(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "A_MOMENT", 0.01)

    def told() -> list[str]:
        heard: list[str] = []
        with opened(path, patience=0.1) as store:
            store.waiting = heard.append
            with suppress(Busy):
                count_up(store)
        return heard

    assert told() == []
    with opened(path) as store, store.write("change"):
        add_scope(store, "c")
        heard = said(told)
    named = f"(pid {os.getpid()}" if PROC else "Somebody else"
    assert named in heard and heard.count("is writing: this waits for its turn") == 1


@pytest.mark.skipif(not PROC, reason="this system does not say who holds a lock")
def test_a_writer_is_named_with_how_long_was_waited(path: Path) -> None:
    with opened(path) as store, store.write("change"):
        add_scope(store, "c")
        text = said(lambda: count_up(opened(path, patience=0.05)))
        assert holder.holder(str(path)) is not None
    assert text.startswith("Busy: ") and f"(pid {os.getpid()}" in text
    assert "has been writing to" in text and text.endswith("for more than 0.05 s. NOT saved: try again in a moment.")
    assert holder.holder(str(path)) is None


def test_looking_at_the_file_does_not_drop_our_lock(path: Path) -> None:
    with opened(path) as store, store.write("change"):
        add_scope(store, "c")
        check_place(str(path))
        holder.holder(str(path))
        assert said(lambda: count_up(opened(path, patience=0.05))).startswith("Busy: ")


def test_a_reader_meets_a_whole_state_beside_a_writer(path: Path) -> None:
    pid = child(lambda: [rename(store, str(turn), 1, 2) for store in [opened(path)] for turn in range(60)])
    with opened(path, write=False) as reader:
        for _ in range(100):
            with reader.snapshot():
                one = reader.one("SELECT name FROM scope WHERE id = 1")
                two = reader.one("SELECT name FROM scope WHERE id = 2")
            assert one == two or (one, two) == ("a", "b")
    assert ended(pid)


def test_a_file_that_was_removed_or_replaced_is_noticed_before_and_after(path: Path) -> None:
    copyfile(path, path.with_name("copy.db"))

    def remove() -> None:
        path.unlink()

    def replace() -> None:
        path.with_name("copy.db").rename(path)

    for happens in (remove, replace):
        kept = path.with_name("kept.db")
        copyfile(path, kept)
        with opened(path) as store:
            happens()
            for attempt in (lambda: count_up(store), store.changed):
                with pytest.raises(Replaced, match="was removed, replaced or emptied"):
                    attempt()
        kept.rename(path)
        for sidecar in ("-wal", "-shm", "-journal"):
            Path(f"{path}{sidecar}").unlink(missing_ok=True)
    with opened(path) as store, pytest.raises(KpituiError, match="NOT saved"), store.write("change"):
        add_scope(store, "c")
        path.unlink()


def test_two_who_upgrade_at_once_upgrade_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpitui.storage import schema

    made(tmp_path / "a.db").close()

    def second(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT")

    before = schema.SCHEMA
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, ("9999_extra", second)))
    monkeypatch.setattr(schema, "SCHEMA", before + 1)
    assert all(ended(pid) for pid in [child(lambda: opened(tmp_path / "a.db").close()) for _ in range(4)])
    with opened(tmp_path / "a.db") as store:
        assert store.one("PRAGMA user_version") == before + 1
        assert store.one("SELECT count(*) FROM _sqlite_migrations") == before + 1


# Accounts that may only read


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(mkdtemp(prefix="kpitui-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    rmtree(folder)


@pytest.fixture(params=["WAL", "DELETE"])
def library(shared: Path, request: pytest.FixtureRequest) -> Path:
    """A workspace that others may read but not write, in a folder they cannot write."""
    with made(shared / "team.db", mode=0o644) as store:
        add_scope(store, "a")
        add_scope(store, "b")
    raw(shared / "team.db", f"PRAGMA journal_mode = {request.param}")
    if os.geteuid() != 0:
        (shared / "team.db").chmod(0o444)
        shared.chmod(0o555)
    return shared / "team.db"


def test_a_reader_reads_leaves_nothing_and_is_told_that_he_cannot_save(library: Path) -> None:
    def work() -> object:
        with opened(library) as store:
            try:
                count_up(store)
            except KpituiError as error:
                return store.readonly, store.one("SELECT count(*) FROM scope"), store.changed(), error.exit_code
        return None

    assert said(work, as_nobody=True) == "(True, 2, False, 6)"
    assert [file.name for file in library.parent.iterdir()] == ["team.db"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second account")
def test_a_reader_sees_what_writers_commit_while_they_come_and_go(library: Path) -> None:
    ask_reading, ask = os.pipe()
    told_reading, told = os.pipe()

    def work() -> None:
        become_nobody()
        with opened(library) as store:
            keys = [store.version()]
            while os.read(ask_reading, 1) != b"q":
                changed, count = store.changed(), store.one("SELECT position FROM scope WHERE id = 1")
                keys.append(store.version())
                os.write(told, f"{changed} {count:g} {keys[-1] != keys[-2]}\n".encode())

    pid = child(work)
    os.close(ask_reading)
    os.close(told)

    def seen() -> str:
        os.write(ask, b"?")
        return os.read(told_reading, 100).decode().strip()

    assert seen() == "False 0 False"
    with opened(library) as writer:
        count_up(writer)
        assert seen() == "True 1 True"
        count_up(writer)
        assert seen() == "True 2 True"
    assert seen().endswith("2 False")
    with opened(library) as writer:
        count_up(writer)
    assert seen() == "True 3 True"
    assert seen() == "False 3 False"
    os.write(ask, b"q")
    assert ended(pid)
    os.close(ask)
    os.close(told_reading)
    # What may still lie beside it is the writer's, with the permissions of the file, and hinders nobody.
    assert {(file.stat().st_uid, mode(file)) for file in library.parent.iterdir()} == {(0, 0o644)}
    assert said(lambda: opened(library).one("SELECT position FROM scope WHERE id = 1"), as_nobody=True) == "3.0"
    with opened(library) as writer:
        assert count_up(writer) == 4
    assert [file.name for file in library.parent.iterdir()] == ["team.db"]


def test_a_folder_only_its_owner_may_write_is_not_a_place_to_save(library: Path) -> None:
    library.chmod(0o666 if os.geteuid() == 0 else 0o644)
    text = said(lambda: count_up(opened(library)), as_nobody=True)
    assert text.startswith("ReadOnly: This account may not write in")
    assert stat.S_ISREG(library.stat().st_mode)


def test_who_waits_longer_asks_more_often_until_it_is_one_long_save() -> None:
    pauses = [writing.pause(age / 100) for age in range(int(100 * writing.A_MOMENT))]
    assert pauses == sorted(pauses, reverse=True) and pauses[-1] > 0
    assert writing.pause(writing.A_MOMENT) == writing.pause(10.0) > 10 * pauses[-1]
