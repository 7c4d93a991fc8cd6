from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpitui.errors import DiskFull, NotFound, Refused
from kpitui.services import backup
from kpitui.storage import backup as stored
from kpitui.storage.driver import sqlite3
from kpitui.storage.head import head
from kpitui.storage.store import Store
from kpitui.storage.verify import verify
from tests.storage.processes import add_scope, made, mode, opened, rename, said

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "team.db") as store:
        add_scope(store)
    return tmp_path / "team.db"


def at(path: Path, time: datetime) -> Store:
    return opened(path, now=lambda: time)


def names(folder: str) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_backup_is_the_workspace_as_it_was_with_its_sum_beside_it(path: Path) -> None:
    with opened(path) as store:
        made_one = backup.back_up(store, backup.folder_of(store.path))
        top = head(store)
        rename(store, "later")
    copy = made_one.copy
    assert copy.path == f"{path}-backups/team-20261120T093000Z.db" and made_one.at == "2026-11-20T09:30:00Z"
    assert top is not None and (copy.txn, copy.head) == (top[0], top[1].hex())
    assert hashlib.sha256(Path(copy.path).read_bytes()).hexdigest() == copy.sha256 == backup.sum_beside(copy.path)
    assert (
        subprocess.run(["sha256sum", "-c", f"{copy.path}.sha256"], cwd=f"{path}-backups", check=False).returncode == 0
    )
    assert names(f"{path}-backups") == ["team-20261120T093000Z.db", "team-20261120T093000Z.db.sha256"]
    with opened(Path(copy.path)) as store:
        assert store.one("SELECT name FROM scope") == "org" and verify(store) == []


def test_a_private_one_is_private_and_a_teams_lies_in_a_folder_of_the_team(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        for name, wide, folder_mode, file_mode in (
            ("own", 0o600, 0o700, 0o600),
            ("read", 0o640, 0o2750, 0o640),
            ("team", 0o660, 0o2770, 0o640),
        ):
            made(tmp_path / f"{name}.db", mode=wide).close()
            with opened(tmp_path / f"{name}.db") as store:
                copy = backup.back_up(store, backup.folder_of(store.path)).copy
            assert stat.S_IMODE(os.stat(os.path.dirname(copy.path)).st_mode) == folder_mode
            assert mode(copy.path) == mode(f"{copy.path}.sha256") == file_mode
    finally:
        os.umask(before)


def test_several_of_one_second_and_the_list_of_them(path: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    with opened(path) as store:
        paths = [backup.back_up(store, folder).copy.path for _ in range(3)]
        backup.back_up(store, folder, before_restore=True)
    (Path(folder) / "team-notes.txt").write_text("mine")
    (Path(folder) / "other-20261120T093000Z.db").write_text("another workspace's")
    (Path(folder) / "team-20269920T093000Z.db").write_text("no time")
    os.symlink(path, f"{folder}/team-20261121T093000Z.db")
    os.unlink(f"{paths[1]}.sha256")
    found = backup.listed(folder, str(path))
    assert {one.path for one in found if not one.before_restore} == set(paths)
    assert [one.before_restore for one in found].count(True) == 1
    assert {one.txn for one in found} == {1, None} and {one.sha256 is None for one in found} == {True, False}
    assert backup.listed(str(tmp_path / "none"), str(path)) == []


def test_rotation_puts_away_only_its_own_old_ones(path: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "kept")
    for day in range(12):
        with at(path, START + timedelta(days=day)) as store:
            backup.back_up(store, folder, before_restore=day == 0)
    (Path(folder) / "team.db").write_text("mine")
    with at(path, START + timedelta(days=12)) as store:
        done = backup.back_up(store, folder, rotate=True)
    # Twelve nights before this one, of which six and a Sunday (the 22nd) stay; the one before a restore stays as well.
    assert [os.path.basename(one)[5:13] for one in done.removed] == ["20261125", "20261124", "20261123", "20261121"]
    assert len(backup.listed(folder, str(path))) == 9 and (Path(folder) / "team.db").exists()
    assert len([name for name in names(folder) if name.endswith(".sha256")]) == 9
    with at(path, START + timedelta(days=91)) as store:
        done = backup.back_up(store, folder, rotate=True)
    assert any("before-restore" in one for one in done.removed)


def test_a_backup_that_fails_puts_nothing_away(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path / "kept")
    for day in (0, 0, 1):
        with at(path, START + timedelta(days=day)) as store:
            backup.back_up(store, folder)
    before = names(folder)

    def full(connection: sqlite3.Connection, part: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(stored, "_copy", full)
    with opened(path) as store, pytest.raises(DiskFull):
        backup.back_up(store, folder, rotate=True)
    assert names(folder) == before


def test_where_nothing_can_be_written_it_is_said(path: Path, tmp_path: Path) -> None:
    with opened(path) as store, pytest.raises(NotFound, match=r"There is no folder .*/none"):
        backup.back_up(store, str(tmp_path / "none" / "below"))
    with opened(path) as store, pytest.raises(Refused, match="may not write"):
        backup.back_up(store, "/proc/self")
    assert names(str(tmp_path)) == ["team.db"]


def test_who_may_only_read_backs_up_to_a_folder_of_his_own() -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        path, own = Path(above) / "team.db", Path(above) / "own"
        made(path, mode=0o644).close()
        own.mkdir()
        own.chmod(0o777)

        def copied() -> str:
            with opened(path) as store:
                assert store.readonly
                return backup.back_up(store, str(own)).copy.path

        if os.geteuid() == 0:
            assert said(copied, as_nobody=True) == f"{own}/team-20261120T093000Z.db"
            assert names(above) == ["own", "team.db"]
