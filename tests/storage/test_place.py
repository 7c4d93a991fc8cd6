from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kpitui.errors import Damaged, NotFound, Refused, Replaced
from kpitui.storage import place
from kpitui.storage.place import check_place, file_system
from tests.storage.processes import add_scope, created, made, opened, said


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made(tmp_path / "team.db").close()
    return tmp_path / "team.db"


def test_a_private_workspace_in_a_private_folder_is_fine(file: Path) -> None:
    assert check_place(str(file)) == []


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    for path in (tmp_path / "none.db", tmp_path / "no" / "none.db"):
        with pytest.raises(NotFound, match=r"Nothing was created.*kpitui init"):
            check_place(str(path))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_a_workspace_is_named(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="is a folder"):
        check_place(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Damaged, match="not a regular file"):
        check_place(str(tmp_path / "pipe"))
    (tmp_path / "empty.db").touch()
    with pytest.raises(Damaged, match=r"is empty.*not overwritten"):
        check_place(str(tmp_path / "empty.db"))
    assert (tmp_path / "empty.db").stat().st_size == 0


def test_a_disk_that_is_mounted_for_reading_is_not_blamed_on_its_owner(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.statvfs(file)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert place.why_not(str(file), []).startswith(f"This account may only read {file}.")
    mounted = os.statvfs_result((*found[:8], found.f_flag | os.ST_RDONLY, found.f_namemax))
    monkeypatch.setattr(os, "statvfs", lambda path: mounted)
    assert place.why_not(str(file), []).startswith(f"The disk of {file} is mounted for reading only. NOT saved")


def test_a_second_name_is_refused(file: Path) -> None:
    os.link(file, file.with_name("other.db"))
    with pytest.raises(Refused, match=rf"2 names.*: rm {file.with_name('other.db')}$"):
        check_place(str(file))
    (file.parent / "sub").mkdir()
    os.rename(file.with_name("other.db"), file.parent / "sub" / "x.db")
    with pytest.raises(Refused, match=rf"find / -samefile {file}$"):
        check_place(str(file))
    # A colleague's name is typed as a name.
    os.rename(file.parent / "sub" / "x.db", file.with_name("a; reboot"))
    with pytest.raises(Refused, match=rf"rm '{file.parent}/a; reboot'$"):
        check_place(str(file))


@pytest.mark.parametrize("sidecar", ["-wal", "-shm", "-journal"])
def test_a_planted_link_beside_it_is_refused(file: Path, sidecar: str) -> None:
    (file.parent / f"team.db{sidecar}").symlink_to("/etc/passwd")
    with pytest.raises(Refused, match=rf"somebody put it there.*: rm {file}{sidecar}$"):
        check_place(str(file))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_log_by_somebody_who_may_not_read_the_file_is_refused(file: Path) -> None:
    left = Path(f"{file}-wal")
    left.write_bytes(b"forged")
    os.chown(left, 1234, 1234)
    with pytest.raises(Refused, match="belongs to uid1234"):
        check_place(str(file))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_log_that_was_left_by_another_says_what_to_type(file: Path) -> None:
    file.chmod(0o660)
    for beside in (file, file.parent):
        os.chown(beside, 65534, 65534)
    left = Path(f"{file}-shm")
    left.write_bytes(b"")
    left.chmod(0o640)
    tops = [parent for parent in file.parents if parent.stat().st_mode & 0o777 == 0o700 and parent != file.parent]
    for top in tops:
        top.chmod(0o711)
    try:
        text = said(lambda: place.locked_out(str(file)), as_nobody=True)
    finally:
        for top in tops:
            top.chmod(0o700)
    assert "belongs to root and cannot be written by this account" in text
    # Made in a folder without setgid it has the group of whoever made it, too.
    assert re.search(rf"Ask root to type: chgrp (nogroup|65534) {left} && chmod 660 {left}$", text)
    assert place.locked_out(str(file)) is None


def test_a_log_that_was_removed_while_it_was_open_takes_no_saves(file: Path) -> None:
    with opened(file) as store:
        if store.journal_mode() != "wal":
            pytest.skip("without a write-ahead log there is none to be removed")
        add_scope(store)
        os.unlink(f"{file}-wal")
        with pytest.raises(Replaced, match=r"-wal was removed while it was open\. NOT saved\. Leave every kpitui"):
            add_scope(store)
        with pytest.raises(Replaced, match=r"removed while it was open\. Leave"):
            store.changed()
    # Leaving puts it into the file.
    with opened(file) as store:
        assert store.one("SELECT count(*) FROM scope") == 1


def test_who_may_not_look_there_any_more_is_told_that_and_not_that_it_is_gone(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str) -> tuple[int, int]:
        raise PermissionError(path)

    seen = place.identity(str(file))
    place.check_same(str(file), seen, saving=True, done=False)
    with pytest.raises(Replaced, match=r"removed, replaced or emptied while open\. NOT saved"):
        place.check_same(str(file), (0, 0), saving=True, done=True)
    monkeypatch.setattr(place, "identity", refused)
    with pytest.raises(Refused, match=r"may not look into the folder .* any more\. NOT saved: ask its owner"):
        place.check_same(str(file), seen, saving=True, done=False)
    # What is in the file already is not said to be lost.
    place.check_same(str(file), seen, saving=True, done=True)


def seen_by_nobody(file: Path) -> str:
    tops = [parent for parent in file.parents if parent.stat().st_mode & 0o777 == 0o700 and parent != file.parent]
    for top in tops:
        top.chmod(0o711)
    try:
        return said(lambda: "; ".join(check_place(str(file))), as_nobody=True)
    finally:
        for top in tops:
            top.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_another_has_to_mend_names_him_and_what_to_type(file: Path) -> None:
    for mode, folder, wanted in (
        (
            0o664,
            0o2770,
            rf"may not look into {file.parent}: ask root, who owns it, or have sudo usermod -aG \S+ nobody",
        ),
        (
            0o660,
            0o2777,
            rf"may not read {file}: ask root, who owns it, to type: chgrp (nogroup|65534) {file} && chmod 660",
        ),
        (0o664, 0o775, rf"chmod g\+s {file.parent} \(ask root, to whom it belongs\)"),
    ):
        file.chmod(mode)
        file.parent.chmod(folder)
        os.chown(file, 0, 0)
        os.chown(file.parent, 0, 65534 if folder == 0o2777 else 0 if folder == 0o775 else 1234)
        assert re.search(wanted, seen_by_nobody(file)), (mode, folder)
    file.parent.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_group_that_is_mended_is_the_teams(file: Path) -> None:
    from kpitui.storage import permissions

    os.chown(file, -1, 1234)
    file.chmod(0o660)
    file.parent.chmod(0o770)
    assert any(f"chgrp 1234 {file.parent} && chmod g+rwxs {file.parent}" in text for text in check_place(str(file)))
    assert len(permissions.mend(str(file))[0]) == 1 and check_place(str(file)) == []
    found = file.parent.stat()
    assert (found.st_gid, found.st_mode & 0o7777) == (1234, 0o2770)
    # One's own file in the team's folder may be meant as it is: it is told, and left.
    file.chmod(0o600)
    assert permissions.mend(str(file)) == ([], [text := check_place(str(file))[0]])
    assert f"chmod 660 {file} if the group is to work in it, else chmod g-w {file.parent}" in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_ones_own_left_log_of_another_group_says_the_group(file: Path) -> None:
    file.parent.chmod(0o2770)
    file.chmod(0o660)
    left = Path(f"{file}-shm")
    left.write_bytes(b"")
    left.chmod(0o660)
    os.chown(left, -1, 65534)
    (text,) = check_place(str(file))
    assert re.search(rf"{left}, which you left, locks others out: chgrp \w+ {left} && chmod 660 {left}$", text)


@pytest.mark.parametrize(
    ("folder", "mode", "warning"),
    [
        (0o700, 0o600, None),
        (0o755, 0o600, None),
        (0o775, 0o600, None),
        (0o1777, 0o600, None),
        (0o2770, 0o660, None),
        (0o770, 0o660, "chmod g+s"),
        (0o3770, 0o660, "chmod -t"),
        (0o2770, 0o640, "chmod g+w"),
        (0o770, 0o640, "chmod g-w"),
        (0o2750, 0o640, None),
        (0o2750, 0o660, "chmod g+rwx"),
        (0o777, 0o600, "chmod o-w"),
        (0o700, 0o666, "chmod o-rwx"),
    ],
)
def test_permissions_that_lock_people_out_or_let_others_in_are_told(
    file: Path, folder: int, mode: int, warning: str | None
) -> None:
    file.chmod(mode)
    file.parent.chmod(folder)
    found = check_place(str(file))
    file.parent.chmod(0o700)
    if warning is None:
        assert found == []
    else:
        assert any(warning in text for text in found)


def test_a_team_shut_out_of_its_file_is_let_in_again_and_what_was_done_is_said(file: Path) -> None:
    from kpitui.storage import permissions

    file.chmod(0o640)
    file.parent.chmod(0o2770)
    ((told,), left) = permissions.mend(str(file))
    assert told.startswith(f"{file} can be written by its group ") and left == []
    assert file.stat().st_mode & 0o777 == 0o660
    # What no team's folder is may be meant either way: it is told, and left.
    file.chmod(0o640)
    file.parent.chmod(0o770)
    assert permissions.mend(str(file)) == ([], check_place(str(file))) and file.stat().st_mode & 0o777 == 0o640
    file.parent.chmod(0o700)


def test_a_workspace_that_nobody_can_save_in_is_told(file: Path) -> None:
    from kpitui.storage.permissions import kept_from_all

    assert kept_from_all(str(file)) == ""
    file.chmod(0o440)
    file.parent.chmod(0o550)
    said = kept_from_all(str(file))
    file.parent.chmod(0o700)
    assert said.endswith(f"if that is not meant: chmod u+w {file} && chmod u+w {file.parent}")


MOUNTS = r"""21 1 254:0 / / rw - ext4 /dev/vda rw
40 21 0:50 / /srv/team rw - nfs4 host:/team rw
41 40 0:51 / /srv/team/fast rw - tmpfs tmpfs rw
42 21 0:52 / /mnt/my\040disk rw shared:3 - cifs //host/x rw
43 21 0:53 / /data rw - fuse.sshfs x rw
44 43 0:54 / /data rw - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ana/a.db", "ext4"),
        ("/srv/team/a.db", "nfs4"),
        ("/srv/teams/a.db", "ext4"),
        ("/srv/team/fast/a.db", "tmpfs"),
        ("/mnt/my disk/a.db", "cifs"),
        ("/data/a.db", "xfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount_on_top(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert file_system(path, str(tmp_path / "mountinfo")) == kind
    assert file_system(path, str(tmp_path / "none")) is None


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse", "fuse.sshfs", "ceph"])
def test_network_disks_are_refused_by_type_unless_allowed(
    file: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(place, "file_system", lambda path: kind)
    with pytest.raises(Refused, match=rf"network disk \({kind}\).*SSH.*KPITUI_ALLOW_NETWORK=1"):
        check_place(str(file))
    monkeypatch.setenv("KPITUI_ALLOW_NETWORK", "1")
    assert check_place(str(file)) == [f"{file} is on a network disk ({kind}): use it from this one machine only."]


def test_a_new_workspace_is_not_made_on_a_network_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "file_system", lambda path: "nfs")
    with pytest.raises(Refused, match="network disk"):
        created(tmp_path / "new.db")
    assert list(tmp_path.iterdir()) == []


def test_folders_that_are_synchronised_are_warned_of(tmp_path: Path) -> None:
    folder = tmp_path / "Nextcloud"
    folder.mkdir()
    made(folder / "a.db").close()
    assert "synchronised (nextcloud)" in check_place(str(folder / "a.db"))[0]
