"""What is made lies in a folder that nobody else enters, through no link, and gets a name that nothing has."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from kpitui.cli.export import new_file
from kpitui.errors import Refused
from kpitui.storage import backup
from kpitui.storage.restoring_file import raw_copy
from kpitui.storage.staging import Staging, _taken, open_folder
from tests.storage.processes import made


def taken(name: str, folder: Path) -> int:
    above = open_folder(str(folder))
    try:
        return _taken(name, above)
    finally:
        os.close(above)


def test_a_folder_that_others_enter_or_own_and_a_link_are_not_worked_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wide").mkdir()
    (tmp_path / "wide").chmod(0o777)
    (tmp_path / "private").mkdir(0o700)
    (tmp_path / "link").symlink_to("private")
    with pytest.raises(PermissionError, match="put a folder of theirs"):
        taken("wide", tmp_path)
    with pytest.raises(OSError):
        taken("link", tmp_path)
    os.close(taken("private", tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(PermissionError, match="put a folder of theirs"):
        taken("private", tmp_path)


def test_no_link_in_it_is_followed_and_none_that_a_colleague_made_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "victim").write_text("mine")
    (tmp_path / "here").symlink_to(tmp_path)
    with Staging(str(tmp_path), "a.db") as staging:
        os.symlink(tmp_path / "victim", os.path.join(staging.path, "x"))
        with pytest.raises(OSError):
            staging.open("x", os.O_WRONLY | os.O_TRUNC)
    assert (tmp_path / "victim").read_text() == "mine"
    os.close(open_folder(str(tmp_path / "here")))
    if os.geteuid() == 0:
        os.lchown(tmp_path / "here", 4711, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(Refused, match=r"is a link that .* has made to"):
        open_folder(str(tmp_path / "here"))


def test_what_stands_under_the_name_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, target = backup._copy, tmp_path / "copy.db"

    def slow(connection: object, part: str) -> None:
        copy(connection, part)  # type: ignore[arg-type]
        target.write_text("theirs")

    monkeypatch.setattr(backup, "_copy", slow)
    with closing(made(tmp_path / "a.db")) as store, pytest.raises(backup.Taken):
        backup.copy_of(store, str(target))
    out = tmp_path / "out.csv"
    with pytest.raises(Refused, match="already"), new_file(str(out), force=False):
        out.write_text("theirs")
    assert target.read_text() == out.read_text() == "theirs"


def test_nobody_can_know_the_name_of_a_file_before_it_is_whole(tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):
        with new_file(str(tmp_path / "out.csv"), force=True):
            seen |= set(os.listdir(tmp_path)) - {"out.csv"}
    assert len(seen) == 2 and os.listdir(tmp_path) == ["out.csv"]


def test_the_bytes_of_a_damaged_workspace_are_copied_for_its_owner_alone_and_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("data")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = os.umask(0)
    try:
        raw_copy(str(tmp_path / "a.db"), str(tmp_path / "copy"))
    finally:
        os.umask(before)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    for there in ("copy", "link"):
        with pytest.raises(Exception, match="Nothing was changed"):
            raw_copy(str(tmp_path / "a.db"), str(tmp_path / there))
    assert not (tmp_path / "nowhere").exists()
