"""Files that are damaged, foreign or on a full disk: a sentence each, and reading changes no byte."""

from __future__ import annotations

import os
import random
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from kpitui.errors import Damaged, DiskFull, KpituiError, Refused
from kpitui.storage import failing, opening, store
from kpitui.storage.driver import sqlite3
from kpitui.storage.verify import altered_schema, damage, verify
from tests.storage.processes import add_scope, made, opened, raw, rename


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of some hundred pages, closed."""
    path = tmp_path_factory.mktemp("sound") / "a.db"
    with made(path) as store:
        add_scope(store)
        with store.write("many") as tx:
            sql = """INSERT INTO scope (id, slug, name, kind, parent_id, owner, position, archived, rev, txn_id)
            VALUES (?, ?, ?, 'team', 1, ?, 0, 0, 1, ?)"""
            rows = [(n, f"s{n}", f"Scope {n}", "x" * 300, tx.id) for n in range(2, 600)]
            tx.executemany(sql, rows)
            for row in rows:
                tx.saw((*row[:3], "team", 1, row[3], 0.0, 0, 1, tx.id))
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    copyfile(sound, tmp_path / "a.db")
    os.chmod(tmp_path / "a.db", 0o600)
    return tmp_path / "a.db"


def everything(path: Path) -> list[str]:
    """All that reading commands do; the sentences on what they find. Anything but a KpituiError goes through."""
    try:
        with opened(path, write=False) as store:
            found = damage(store) + altered_schema(store) + verify(store)
            store.rows("SELECT * FROM scope")
            with store.snapshot():
                store.rows("SELECT * FROM change JOIN txn ON txn.id = txn_id")
            return found
    except KpituiError as error:
        return [str(error)]


def foreign(path: Path) -> None:
    raw(path, "CREATE TABLE theirs (a)", "INSERT INTO theirs VALUES (1)")


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.csv", "a,b\n")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_text("metric,date,value\n" * 100), "is not a kpitui workspace"),
        (lambda path: path.write_bytes(bytes(8192)), "is not a kpitui workspace"),
        (lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(100)), "is not a kpitui workspace"),
        (zipped, "is not a kpitui workspace"),
        (foreign, "is not a kpitui workspace"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: raw(path, "PRAGMA application_id = 1802529140", "CREATE TABLE a (b)"), "has no tables"),
    ],
    ids=["csv", "zeroes", "header", "zip", "sqlite", "empty", "cut off while made"],
)
def test_what_is_not_a_workspace_is_said_and_not_touched(tmp_path: Path, make, sentence: str) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "a.db"
    make(file)
    before = file.read_bytes()
    for write in (False, True):
        with pytest.raises(Damaged, match=sentence) as refused:
            opened(file, write=write)
        assert str(refused.value).count(str(file)) == 1
    assert file.read_bytes() == before and os.listdir(tmp_path) == ["a.db"]


@pytest.mark.parametrize("case", range(24))
def test_damage_is_told_and_reading_changes_nothing(path: Path, case: int) -> None:
    damaged(path, case)
    before = path.read_bytes()
    assert everything(path)
    assert path.read_bytes() == before


def damaged(path: Path, case: int) -> None:
    chance = random.Random(case)
    content = bytearray(path.read_bytes())
    pages = len(content) // 4096
    kind = case % 4
    if kind == 0:
        del content[4096 * chance.randrange(1, pages - 1) + chance.randrange(4096) :]
    else:
        for _ in range(chance.randrange(1, 8) if kind == 1 else pages // 3):
            # Page 1 is spared here: it makes the file not ours, which is another case.
            start = 4096 * chance.randrange(1, pages)
            content[start : start + 4096] = bytes(4096) if kind == 1 else chance.randbytes(4096)
    if kind == 3:
        content[4096:] = chance.randbytes(len(content) - 4096)
    path.write_bytes(content)


def test_a_reader_without_the_shared_memory_is_told_who_can_help(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"x" * 5000)
    with pytest.raises(Refused, match="was not closed properly: somebody who may write it has to open it once"):
        opening.connect_reader(str(path), 0.1)


@pytest.mark.parametrize(
    ("message", "kind", "sentence"),
    [
        ("database is locked", "Busy", "NOT saved: try again"),
        ("database table is locked", "Busy", "NOT saved: try again"),
        ("database or disk is full", "DiskFull", "no space left"),
        ("attempt to write a readonly database", "ReadOnly", "may only read"),
        ("file is not a database", "Damaged", "is not a kpitui workspace"),
        ("database disk image is malformed", "Damaged", "is damaged. NOT saved. kpitui check"),
        ("unsupported file format", "Damaged", "is damaged"),
        ("disk I/O error", "Damaged", "the disk reports an error"),
        ("unable to open database file", "KpituiError", "cannot be opened by this account"),
    ],
)
def test_each_message_of_sqlite_has_its_sentence(path: Path, message: str, kind: str, sentence: str) -> None:
    said = failing.told(sqlite3.OperationalError(message), str(path), writing=True)
    assert (type(said).__name__ == kind and sentence in str(said) and "NOT saved" in str(said)) or kind == "Damaged"
    assert str(said).endswith(".")


def test_a_mistake_of_ours_is_not_hidden(path: Path) -> None:
    error = sqlite3.OperationalError("no such column: nmae")
    assert failing.told(error, str(path)) is error


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB; the test is skipped where none can be mounted."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts disks")
def test_a_really_full_disk_loses_nothing_and_works_again(small_disk: Path) -> None:
    path = small_disk / "a.db"
    with made(path) as store:
        add_scope(store)
        rename(store, "kept")
    ballast = small_disk / "ballast"
    with opened(path) as store:
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))
        with pytest.raises(DiskFull, match="NOT saved"):
            for turn in range(2000):
                rename(store, f"{turn} " * 2000)
                add_scope(store, f"s{turn}")
        last = store.one("SELECT max(id) FROM txn")
        ballast.unlink()
        rename(store, "again")
        assert store.one("SELECT max(id) FROM txn") == last + 1
        assert damage(store) == verify(store) == []
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(bytes(4096))
    with pytest.raises(DiskFull), opened(path) as store:
        for turn in range(2000):
            rename(store, f"{turn} " * 2000)
    ballast.unlink()
    with opened(path) as store:
        assert damage(store) == verify(store) == []


@pytest.fixture
def unfixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a SQLite that can lose data in WAL mode."""
    for module in (store, opening):
        monkeypatch.setattr(module, "wal_is_safe", lambda: False)


def test_an_unfixed_library_makes_no_wal(unfixed: None, tmp_path: Path) -> None:
    with made(tmp_path / "a.db") as store:
        assert store.journal_mode() == "delete"


def test_an_unfixed_library_takes_a_workspace_out_of_wal_when_it_is_alone(path: Path, unfixed: None) -> None:
    raw(path, "PRAGMA journal_mode = WAL")
    with opened(path) as store:
        assert store.journal_mode() == "delete" and not store.readonly
        rename(store, "new")


def test_an_unfixed_library_does_not_write_beside_others_in_wal(path: Path, unfixed: None) -> None:
    raw(path, "PRAGMA journal_mode = WAL")
    other = sqlite3.connect(path)
    other.execute("SELECT count(*) FROM scope").fetchall()
    with opened(path, patience=0.05) as store:
        assert store.readonly and "install pysqlite3" in store.warnings[0]
        assert store.one("PRAGMA wal_autocheckpoint") == 0
        with pytest.raises(KpituiError, match="NOT saved"):
            rename(store, "new")
        assert store.one("SELECT count(*) FROM scope") == 599
    other.close()


def test_a_table_that_was_dropped_is_damage(path: Path) -> None:
    raw(path, "DROP TABLE driver")
    with opened(path) as there, pytest.raises(Damaged, match=r"lacks a part of every kpitui workspace \(driver\)"):
        there.rows("SELECT * FROM driver")
    with opened(path) as there, pytest.raises(sqlite3.OperationalError):
        there.rows("SELECT * FROM no_table_of_ours")
