from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpitui import witness
from kpitui.errors import Refused
from kpitui.services import backup
from kpitui.storage import driver, journal, opening, room, store
from kpitui.storage.head import head
from tests.storage.processes import add_scope, made, opened, raw, rename


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "a.db") as store:
        add_scope(store)
    return tmp_path / "a.db"


def test_a_sound_workspace_is_said_to_be(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = kpitui("check", "--db", path)
    mode = "wal" if driver.wal_is_safe() else "delete"
    assert (code, err) == (0, "")
    versions = f"{driver.DRIVER}, SQLite {driver.VERSION}, journal mode {mode}, change 1, head"
    assert out.startswith(f"The workspace is sound at a quick look, --full works out the log again: {versions} ")
    assert kpitui("check", "--full", "--db", path)[1].startswith(f"The workspace is sound: {versions} ")
    with opened(path) as store:
        top = head(store)
    assert top is not None
    code, out, err = kpitui("check", "--json", "--db", path)
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "ok": True,
        "full": False,
        "problems": [],
        "notices": [],
        "mended": [],
        "change": 1,
        "head": top[1].hex(),
        "driver": driver.DRIVER,
        "sqlite": driver.VERSION,
        "journal_mode": mode,
        "here": [],
    }


def test_permissions_are_problems_but_no_damage(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    path.chmod(0o660)
    code, out, _ = kpitui("check", "--db", path)
    assert code == 1 and "chmod g+s" in out and out.splitlines()[-1].startswith("1 problem: ")


def test_what_the_log_does_not_know_is_damage(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    raw(path, "DROP TRIGGER scope_update", "UPDATE scope SET name = 'forged\x1b[31m'")
    before = path.read_bytes()
    code, out, _ = kpitui("check", "--full", "--json", "--db", path)
    said = json.loads(out)
    assert code == 4 and not said["ok"] and len(said["problems"]) == 2
    # What was altered comes before what made it possible.
    assert said["problems"][0].startswith("Transaction 1 (add by ana, 2026-11-20T09:30:00Z): what it wrote is not")
    assert said["problems"][1] == "the trigger scope_update is missing"
    assert path.read_bytes() == before


def test_a_damaged_page_is_damage(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    os.truncate(path, path.stat().st_size - 4096)
    code, out, _ = kpitui("check", "--db", path)
    assert code == 4 and out.splitlines()[-1].split(" problem")[0].isdigit()


def test_a_foreign_file_is_damage_without_a_journal_mode(
    tmp_path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    (tmp_path / "a.csv").write_text("a,b\n" * 500)
    code, out, _ = kpitui("check", "--json", "--db", tmp_path / "a.csv")
    said = json.loads(out)
    assert code == 4 and said["journal_mode"] is None and "is not a kpitui workspace" in said["problems"][0]


def test_a_place_that_is_refused_is_a_problem_like_others(
    path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    os.link(path, path.with_name("again.db"))
    code, out, _ = kpitui("check", "--json", "--db", path)
    said = json.loads(out)
    assert code == 1 and not said["ok"] and said["head"] is None and "has 2 names" in said["problems"][0]
    os.unlink(path.with_name("again.db"))
    raw(path, "PRAGMA user_version = 99")
    code, out, _ = kpitui("check", "--db", path)
    assert code == 8 and "was written by a newer kpitui" in out and "1 problem: " in out


def test_a_workspace_that_is_not_there_is_refused(tmp_path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = kpitui("check", "--db", tmp_path / "none.db")
    assert (code, out) == (1, "") and "There is no workspace at" in err


def test_a_clock_that_was_ahead_is_said_with_what_follows(
    path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    with opened(path) as store:
        for number, day in enumerate((20, 21, 20)):
            store.now = lambda day=day: datetime(2026, 11, day, 12, tzinfo=UTC)  # type: ignore[misc]
            rename(store, f"Name {number}")
        assert "clock" not in kpitui("check", "--db", path)[1]
        for year in (2030, 2026):
            store.now = lambda year=year: datetime(year, 11, 22, 12, tzinfo=UTC)  # type: ignore[misc]
            rename(store, f"In {year}")
    code, out, _ = kpitui("check", "--db", path)
    said = "set back after change 5, from 2030-11-22 12:00 UTC to 2026-11-22 12:00 UTC: of the days between, --as-of"
    assert code == 0 and said in out


# The log that this account has seen


def rewritten(path: Path, copy: Path) -> None:
    """Puts another file in the place, as a hostile colleague would: the same workspace with another story."""
    path.unlink()
    path.write_bytes(copy.read_bytes())
    path.chmod(0o600)


def test_a_log_that_was_cut_off_or_rewritten_is_said_once_and_stays_a_problem_until_it_is_trusted(
    path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    copy = path.parent / "copy.db"
    copy.write_bytes(path.read_bytes())
    with opened(path) as store:
        rename(store, "one")
        rename(store, "two")
    assert kpitui("status", "--db", path)[2] == ""
    rewritten(path, copy)
    said = "ends at change 1, but this account has seen change 3"
    assert said in kpitui("status", "--db", path)[2]
    assert kpitui("status", "--db", path)[2] == ""
    code, out, _ = kpitui("check", "--db", path)
    assert code == 1 and said in out
    with opened(path) as store:
        for name in ("1", "2", "3"):
            rename(store, f"another story {name}")
    assert kpitui("status", "--db", path)[2] == ""
    rewritten(path, copy)
    with opened(path) as store:
        for name in ("1", "2", "three", "4"):
            rename(store, name)
    said = "Change 4 in the log of"
    assert said in kpitui("tell", "--db", path)[2]
    code, out, _ = kpitui("check", "--db", path)
    assert code == 1 and out.count("this account has seen") == 2
    assert kpitui("check", "--trust", "--db", path)[0] == 0 and kpitui("check", "--db", path)[0] == 0


def test_what_an_account_has_saved_itself_is_known_to_it_without_another_look(
    path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    copy = path.parent / "copy.db"
    copy.write_bytes(path.read_bytes())
    assert kpitui("members", "add", "root", "admin", "--db", path)[0] == 0
    rewritten(path, copy)
    assert "ends at change 1, but this account has seen change 2" in kpitui("tell", "--db", path)[2]
    assert kpitui("check", "--trust", "--db", path)[0] == 0
    assert kpitui("backup", "--to", path.parent, "--db", path)[0] == 0
    (file,) = path.parent.glob("a-2*.db")
    assert kpitui("restore", file, "--yes", "--db", path)[0] == 0
    rewritten(path, copy)
    assert "has seen change 2" in kpitui("tell", "--db", path)[2]


def test_a_restore_that_the_log_names_is_told_and_no_problem(
    path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    from kpitui.services.restore import Place, prepared, restore
    from tests.storage.processes import ANA, now

    with opened(path) as store:
        file = backup.back_up(store, backup.folder_of(store.path)).copy.path
        rename(store, "later")
        rename(store, "latest")
    assert kpitui("status", "--db", path)[2] == ""
    place = Place(str(path), ANA, "test", now)
    with prepared(file, place) as offer:
        restore(offer, place, backup.folder_of(str(path)))
    err = kpitui("status", "--db", path)[2]
    assert "ana has restored a backup (a-20261120T093000Z.db) at 2026-11-20 09:30 UTC" in err and "is kept as a-" in err
    assert kpitui("status", "--db", path)[2] == "" and kpitui("check", "--db", path)[0] == 0


def test_what_was_seen_is_private_and_a_file_made_anew_is_not_held_against_it(
    tmp_path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    path = tmp_path / "new.db"
    for _ in range(2):
        assert kpitui("init", "--db", path)[0] == 0
        assert "seen" not in kpitui("status", "--db", path)[2]
        kept = witness.file_of(str(path))
        assert os.stat(kept).st_mode & 0o777 == 0o600 and os.stat(os.path.dirname(kept)).st_mode & 0o777 == 0o700
        path.unlink()
    Path(kept).write_text("something else\n")
    assert witness.load(str(path)) is None
    Path(kept).unlink()
    os.mkdir(kept)
    witness.save(str(path), witness.Seen(1, "ab"))
    assert witness.load(str(path)) is None and os.listdir(os.path.dirname(kept)) == [os.path.basename(kept)]
    os.rmdir(kept)
    os.mkfifo(kept)  # is not waited for
    assert witness.load(str(path)) is None


# Mending


def test_fix_mends_what_is_ours_and_says_the_rest(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    path.chmod(0o666)
    path.parent.chmod(0o1770)
    with opened(path) as store:
        store.one("SELECT 1")
        side = Path(f"{path}-shm")
        if side.exists():
            side.chmod(0o600)
        code, out, _ = kpitui("check", "--fix", "--db", path)
    assert code == 0 and "Mended: " in out and "The workspace is sound" in out
    assert path.stat().st_mode & 0o7777 == 0o660 and path.parent.stat().st_mode & 0o7777 == 0o2770
    assert kpitui("check", "--fix", "--json", "--db", path)[1].count('"mended": []') == 1


def test_fix_follows_no_link_and_leaves_everybodys_folders_alone(tmp_path: Path) -> None:
    from kpitui.storage import permissions

    secret = tmp_path / "secret"
    secret.write_text("mine")
    secret.chmod(0o600)
    os.symlink(secret, tmp_path / "link")
    permissions._change(permissions.Fault(str(tmp_path / "link"), "", add=0o066))
    assert secret.stat().st_mode & 0o777 == 0o600
    tmp_path.chmod(0o1777)
    made(tmp_path / "a.db", mode=0o660).close()
    done, left = permissions.mend(str(tmp_path / "a.db"))
    assert done == [] and len(left) == 2
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_check_does_not_send_people_to_itself(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    os.truncate(path, 9000)
    code, out, _ = kpitui("check", "--db", path)
    assert code == 4 and "is damaged. kpitui restore puts a backup in its place." in out
    _, _, err = kpitui("status", "--db", path)
    assert "kpitui check says what is wrong, kpitui restore" in err


@pytest.mark.skipif(not driver.wal_is_safe(), reason="an unfixed library leaves it as it is")
def test_a_write_ahead_log_that_an_older_library_took_away_is_put_back(
    path: Path, kpitui: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mode = b"\1", b"\2"
    raw(path, "PRAGMA journal_mode = DELETE")
    code, out, _ = kpitui("check", "--db", path)
    assert code == 0 and f"this puts the log back: kpitui check --fix --db {path}" in out
    reader = driver.sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM scope").fetchall()
    code, out, _ = kpitui("check", "--fix", "--db", path)
    assert code == 0 and "can be put back when nobody else has it open: somebody has." in out and "Mended" not in out
    reader.close()
    with monkeypatch.context() as unfixed:
        for module in (opening, journal, store):
            unfixed.setattr(module, "wal_is_safe", lambda: False)
        assert "Mended" not in kpitui("check", "--fix", "--db", path)[1]
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(journal, "file_system", lambda path: "nfs4")
        assert "log" not in kpitui("check", "--fix", "--db", path)[1].replace("--full works out the log again", "")
    assert path.read_bytes()[18:19] == mode[0]
    with opened(path) as idle:
        code, out, _ = kpitui("check", "--fix", "--json", "--db", path)
        found = json.loads(out)
        assert found["mended"] == [f"{path} has its write-ahead log again"] and found["journal_mode"] == "wal"
        with monkeypatch.context() as unfixed:
            # Who had it open with an older library, and has not asked since.
            unfixed.setattr(opening, "wal_is_safe", lambda: False)
            with pytest.raises(Refused, match=r"install pysqlite3"):
                rename(idle, "lost")
        rename(idle, "kept")
        assert idle._wal
    assert path.read_bytes()[18:19] == mode[1] and kpitui("check", "--db", path)[0] == 0


def test_another_program_that_has_it_open_keeps_the_log_as_it_is(path: Path) -> None:
    assert journal.open_in(str(path)) == ""
    with path.open("rb") as file, subprocess.Popen(["sleep", "60"], stdin=file) as other:
        try:
            assert str(other.pid) in journal.open_in(str(path)) and "sleep" in journal.enter_wal(str(path))
        finally:
            other.kill()


def test_a_disk_without_room_for_the_next_backup_is_a_problem(
    path: Path, kpitui: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    really, left = os.statvfs(path), [0, 0]

    def tight(folder: str) -> os.statvfs_result:
        fields = list(really[:10])
        fields[1] = 4096  # f_frsize, and the blocks that root and others have left
        fields[3], fields[4] = left
        return os.statvfs_result(fields)

    monkeypatch.setattr(os, "statvfs", tight)
    code, out, _ = kpitui("check", "--db", path)
    assert code == 1 and f"The disk of {path} is full: nothing can be saved" in out and "1 problem" in out
    left[:] = [10, 10]
    code, out, _ = kpitui("check", "--db", path)
    assert code == 1 and f"The disk of {path.parent} has 41 kB left, and a backup of {path} needs " in out
    left[:] = [10**6, 10**6]
    assert kpitui("check", "--db", path)[0] == 0
    left[:] = [10**6, 0]  # the rest is kept for root
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "is full" in room.too_little(str(path), ())[0]
