from __future__ import annotations

import gzip
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpitui.domain.model import Metric
from kpitui.errors import Busy, Conflict, Damaged, DiskFull, NewerSchema, NotFound, ReadOnly, Refused
from kpitui.services import backup, history
from kpitui.services.restore import Offer, Place, Restored, prepared, restore, restore_new
from kpitui.services.restored import restored_since
from kpitui.services.witness import look
from kpitui.storage import restoring_file, schema
from kpitui.storage.changes import log
from kpitui.storage.definitions import add, all_of
from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.head import head
from kpitui.storage.opening import connect
from kpitui.storage.restored import restores_of
from kpitui.storage.store import Store
from kpitui.storage.verify import altered_schema, damage, verify
from tests.storage.processes import ANA, add_scope, made, mode, opened, raw, rename, said

RELEASED = Path(__file__).parent.parent / "storage" / "released" / "schema_1.db.gz"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "team.db") as store:
        add_scope(store)
        rename(store, "Then")
    return tmp_path / "team.db"


@pytest.fixture
def saved(path: Path, tmp_path: Path) -> str:
    """A backup of which the workspace has gone on by two changes."""
    with opened(path) as store:
        file = backup.back_up(store, str(tmp_path / "kept")).copy.path
        rename(store, "Later")
        rename(store, "Now")
    return file


def place(path: Path) -> Place:
    return Place(str(path), ANA, "test", lambda: datetime(2026, 11, 20, 10, 0, tzinfo=UTC))


def put_back(file: str | Path, path: Path, *, why: str = "") -> Restored:
    with prepared(str(file), place(path)) as offer:
        return restore(offer, place(path), backup.folder_of(str(path)), why=why)


def name_of(path: Path | str) -> str:
    with opened(Path(path)) as store:
        assert verify(store) == []
        return str(store.one("SELECT name FROM scope"))


def left(path: Path) -> list[str]:
    return sorted(name for name in os.listdir(path.parent) if "restore" in name)


def test_a_backup_takes_the_place_with_a_trace_and_what_was_there_is_kept(path: Path, saved: str) -> None:
    with prepared(saved, place(path)) as offer:
        assert offer.standing is not None and offer.doubts == ()
        assert (offer.inside.txn, offer.standing.txn, offer.later) == (2, 4, 2)
    done = put_back(saved, path, why="the wrong week")
    assert done.txn == 3 and "2 later changes" in done.sentence
    assert name_of(path) == "Then" and name_of(done.kept) == "Now" and name_of(saved) == "Then"
    assert os.path.basename(done.kept) == "team-20261120T100000Z-before-restore.db"
    with opened(path) as store, opened(Path(done.kept)) as before:
        (line, *_) = log(store, limit=1)
        assert (line.who, line.what, line.tbl, line.why) == ("ana", "restore", "workspace", "the wrong week")
        (one,) = restores_of(store)
        top = head(before)
        assert top is not None and (one.before, one.head) == (4, top[1].hex())
        assert one.kept == os.path.basename(done.kept) and one.backup == os.path.basename(saved)
        # It is no change of a person's that u takes back.
        assert history.undo(store, today=20_000).sentence and store.one("SELECT name FROM scope") == "org"
    assert left(path) == []


def test_who_has_it_open_saves_again_after_a_look(path: Path, saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpitui.storage.undo.other_way", lambda store: (1, "rename", "", 1))
    with opened(path) as screen:
        screen.kept["figures"] = "of what was there"
        screen.version()
        seen, told = restored_since(screen, None)
        assert told == "" and restored_since(screen, seen) == (seen, "")
        done = put_back(saved, path)
        seen, told = restored_since(screen, seen)
        assert told == "ana restored a backup: what was saved after it was made is not here any more."
        assert restored_since(screen, seen) == (seen, "")
        assert screen.changed() and screen.one("SELECT name FROM scope") == "Then"
        assert screen.version() and screen.kept == {}
        with pytest.raises(Conflict, match=r"ana restored a backup meanwhile.*do it again[.]$"):
            history.undo(screen)
        rename(screen, "after a look")
        assert verify(screen) == []
        assert screen.one("SELECT max(id) FROM txn") == done.txn + 1


def seen_of(store: Store) -> tuple[int, str, str]:
    now = look(store, 0, "", "")
    return now.txn, now.head, now.restore


def test_what_takes_the_place_by_another_tool_is_not_taken_for_a_restore_of_long_ago(path: Path, saved: str) -> None:
    put_back(saved, path)
    with opened(path) as screen:
        forged = backup.back_up(screen, str(path.parent / "forged")).copy.path
        rename(screen, "Honest")
        witness, (seen, _) = seen_of(screen), restored_since(screen, None)
        rename(screen, "Honest too")
        with opened(Path(forged)) as other:
            for name in ("Forged", "Again", "And again"):
                rename(other, name)
        with opened(path) as third:
            rename(third, "Somebody else's")
        assert screen.changed()
        with sqlite3.connect(forged) as source, sqlite3.connect(path) as target:
            source.backup(target)
        source.close()
        target.close()
        seen, told = restored_since(screen, seen)
        assert told.startswith("The file was replaced, not by kpitui") and restored_since(screen, seen) == (seen, "")
        with pytest.raises(Conflict, match="NOT saved: the file was replaced, not by kpitui, meanwhile"):
            rename(screen, "from a stale screen")
        assert "is not the one that this account has seen" in look(screen, *witness).doubt


def test_a_restore_of_what_was_saved_after_the_last_look_refuses_a_save_all_the_same(path: Path) -> None:
    with opened(path) as screen:
        with opened(path) as other:
            rename(other, "Kept")
            file = backup.back_up(other, str(path.parent / "kept")).copy.path
            rename(other, "Gone")
        put_back(file, path)
        with pytest.raises(Conflict, match="NOT saved: ana restored a backup meanwhile"):
            rename(screen, "from a stale screen")
        rename(screen, "after a look")


def test_restores_over_restores_account_for_all_that_they_took_away(path: Path, saved: str) -> None:
    """The first one leaves no line of its own in the log that the second one puts there."""
    with opened(path) as store:
        file = backup.back_up(store, str(path.parent / "kept")).copy.path
        rename(store, "Seen")
        witness = seen_of(store)
    put_back(file, path)
    put_back(saved, path)
    with opened(path) as store:
        assert len(restores_of(store)) == 1 and look(store, *witness).doubt == ""
        # Longer than anything that was taken away.
        assert "but this account has seen change 99" in look(store, 99, *witness[1:]).doubt


def test_what_is_saved_while_the_copy_is_made_is_not_lost(
    path: Path, saved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = 0
    back_up = backup.back_up

    def overtaken(store: Store, *given: object, **named: object) -> backup.Made:
        nonlocal times
        copied = back_up(store, *given, **named)  # type: ignore[arg-type]
        times += 1
        with opened(path, patience=0.05) as other:
            if times == 1:
                rename(other, "meanwhile")
            else:
                # The second time nobody gets in between.
                with pytest.raises(Busy):
                    rename(other, "lost")
        return copied

    monkeypatch.setattr(backup, "back_up", overtaken)
    done = put_back(saved, path)
    assert times == 2 and name_of(path) == "Then" and name_of(done.kept) == "meanwhile"
    assert len([one for one in backup.listed(os.path.dirname(done.kept), str(path)) if one.before_restore]) == 1
    assert left(path) == []


def test_others_who_are_always_quicker_are_said(path: Path, saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*given: object, **named: object) -> None:
        raise restoring_file.Overtaken

    monkeypatch.setattr(restoring_file, "pour", overtaken)
    monkeypatch.setattr("kpitui.services.restore.PATIENCE", 0.0)
    with pytest.raises(Busy, match="Others keep saving"):
        put_back(saved, path)
    assert name_of(path) == "Now" and left(path) == []
    with opened(path, patience=0.05) as store:
        rename(store, "goes on")
    assert os.listdir(f"{path}-backups") == []


def test_on_a_new_server_it_is_as_private_as_a_new_one(saved: str, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        new = tmp_path / "server" / "srv" / "kpi.db"
        done = restore_new(saved, place(new))
        assert name_of(new) == "Then" and done.kept == "" and mode(new) == 0o600
        with opened(new) as store:
            assert store.journal_mode() == ("wal" if wal_is_safe() else "delete")
            rename(store, "goes on")
            assert verify(store) == []
        assert os.listdir(new.parent) == ["kpi.db"]
        # A team's place is made first, and keeps its permissions.
        team = tmp_path / "team" / "kpi.db"
        team.parent.mkdir()
        os.chmod(team.parent, 0o2770)
        made(team, mode=0o660).close()
        put_back(saved, team)
        assert mode(team) == 0o660 and stat.S_IMODE(os.stat(f"{team}-backups").st_mode) == 0o2770
        assert name_of(team) == "Then"
    finally:
        os.umask(before)


def test_a_backup_of_an_older_kpitui_is_upgraded_on_its_way(path: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress(RELEASED.read_bytes()))
    before = old.read_bytes()
    with prepared(str(old), place(path)) as offer:
        assert offer.inside.schema == 1 and offer.later is None
    put_back(old, path)
    with opened(path) as store:
        assert store.one("PRAGMA user_version") == schema.SCHEMA and len(all_of(store, Metric)) > 10
        assert verify(store) == damage(store) == altered_schema(store) == []
    assert old.read_bytes() == before and sorted(os.listdir(tmp_path)) == ["old.db", "team.db", "team.db-backups"]


def newer(file: Path) -> None:
    raw(file, f"PRAGMA user_version = {schema.SCHEMA + 1}")


def foreign(file: Path) -> None:
    raw(file, "PRAGMA application_id = 7")


def cut_off(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 8192)


def no_database(file: Path) -> None:
    file.write_text("date;value\n" * 1000)


def rigged(file: Path) -> None:
    raw(file, "CREATE TRIGGER rigged AFTER INSERT ON txn BEGIN DELETE FROM point; END")


def changed(file: Path) -> None:
    with opened(file) as store:
        rename(store, "forged")


@pytest.mark.parametrize(
    ("spoil", "error", "text"),
    [
        (newer, NewerSchema, "newer kpitui"),
        (foreign, Damaged, "not a kpitui workspace"),
        (cut_off, Damaged, "is damaged"),
        (no_database, Damaged, "not a kpitui workspace"),
        (rigged, Damaged, "a trigger rigged that is not kpitui's"),
        (changed, Damaged, r"is not what its \.sha256 says"),
    ],
)
def test_what_cannot_be_restored_is_refused_and_nothing_changes(
    path: Path, saved: str, spoil: Callable[[Path], None], error: type[Exception], text: str
) -> None:
    if spoil is not changed:
        os.unlink(f"{saved}.sha256")
    spoil(Path(saved))
    with pytest.raises(error, match=text):
        put_back(saved, path)
    assert name_of(path) == "Now" and sorted(os.listdir(path.parent)) == ["kept", "team.db"]
    with pytest.raises(error, match=text):
        restore_new(saved, place(path.parent / "new" / "team.db"))
    assert sorted(os.listdir(path.parent)) == ["kept", "team.db"]


def test_neither_itself_nor_over_something_else(path: Path, saved: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is the workspace itself"):
        put_back(path, path)
    with pytest.raises(NotFound, match="backup --list"):
        put_back(tmp_path / "none.db", path)
    other = tmp_path / "mail.db"
    raw(other, "PRAGMA application_id = 7", "CREATE TABLE mail (a)")
    before = other.read_bytes()
    with pytest.raises(Damaged, match="not a kpitui workspace"):
        put_back(saved, other)
    assert other.read_bytes() == before


def test_what_in_a_backup_does_not_agree_with_its_log_is_shown(path: Path, saved: str) -> None:
    raw(Path(saved), "DROP TRIGGER scope_update", "UPDATE scope SET name = 'forged'")
    os.unlink(f"{saved}.sha256")
    with prepared(saved, place(path)) as offer:
        assert len(offer.doubts) == 2 and offer.doubts[0] == "the trigger scope_update is missing"


def truncated(path: Path) -> None:
    os.truncate(path, 40_000)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize("spoil", [truncated, emptied])
def test_a_damaged_workspace_is_restored_and_its_bytes_are_kept(
    path: Path, saved: str, spoil: Callable[[Path], None]
) -> None:
    path.chmod(0o640)
    spoil(path)
    before = path.read_bytes()
    done = put_back(saved, path)
    assert name_of(path) == "Then" and mode(path) == 0o640
    if before:
        assert Path(done.kept).read_bytes() == before and done.kept.endswith("-damaged.db")
    with opened(path) as store:
        assert store.journal_mode() == ("wal" if wal_is_safe() else "delete")
        assert restores_of(store)[0].before == 0


def test_without_wal_it_goes_too_and_who_writes_is_waited_for(path: Path, saved: str) -> None:
    raw(path, "PRAGMA journal_mode = DELETE")
    put_back(saved, path)
    assert name_of(path) == "Then"
    with restoring_file.staged(saved, str(path.parent)) as staged, opened(path) as store:
        top = head(store)
        assert top is not None
        with pytest.raises(restoring_file.Overtaken):
            restoring_file.pour(staged, str(path), (top[0] + 1, top[1].hex()), 0.1)
        with store.write("change"), pytest.raises(Busy):
            restoring_file.pour(staged, str(path), (top[0], top[1].hex()), 0.1)
    assert name_of(path) == "Then"


def test_who_may_only_read_is_told(saved: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path, copy = Path(folder) / "team.db", Path(folder) / "copy.db"
        made(path, mode=0o644).close()
        copy.write_bytes(Path(saved).read_bytes())
        copy.chmod(0o644)
        if os.geteuid() == 0:
            text = said(lambda: put_back(copy, path), as_nobody=True)
            assert text.startswith(ReadOnly.__name__) and "may only read" in text
            assert "may not look into the folder" in said(lambda: put_back(saved, path), as_nobody=True)
        assert sorted(os.listdir(folder)) == ["copy.db", "team.db"]


@pytest.mark.skipif(not wal_is_safe(), reason="only a write-ahead log needs room to be read")
def test_a_full_disk_is_told_as_one(path: Path, saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What SQLite leaves of its two files there.
    Path(f"{path}-wal").write_bytes(b"")
    Path(f"{path}-shm").write_bytes(b"   ")

    def cramped(file: str, how: str, *args: object) -> object:
        if file == str(path) and how == "mode=rw":
            raise sqlite3.OperationalError("database or disk is full")
        return connect(file, how, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(DiskFull, match="nothing can be saved"):
        patch.setattr("kpitui.storage.store.connect", cramped)
        put_back(saved, path)
    assert (name_of(path), left(path)) == ("Now", [])


def test_an_offer_says_that_it_is_another_workspace(path: Path, tmp_path: Path) -> None:
    with made(tmp_path / "other.db") as store:
        org = add_scope(store)
        with store.write("add") as tx:
            add(tx, Metric(slug="visits", name="Visits", scope_id=org))
    with prepared(str(tmp_path / "other.db"), place(path)) as offer:
        assert isinstance(offer, Offer) and offer.later is None


def test_a_full_disk_is_told_without_the_hidden_copy(path: Path, saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(connection: object, target: str) -> None:
        raise DiskFull(f"There is no space left on the disk of {target}.")

    monkeypatch.setattr(restoring_file, "verified_copy", full)
    with pytest.raises(
        DiskFull, match=rf"^There is no space left in {path.parent} for a copy of {saved}\. Nothing was"
    ):
        put_back(saved, path)
    assert name_of(path) == "Now" and left(path) == []
