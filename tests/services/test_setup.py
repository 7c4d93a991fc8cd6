from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kpitui.domain.problem import Problem
from kpitui.errors import NotFound, Refused
from kpitui.services.model_file import read
from kpitui.services.setup import create_workspace
from kpitui.storage import reading, settings
from kpitui.storage.store import Store
from tests.workspace import clock, join, person

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs an account that may give files to any group")


def make(path: Path, **given: Any) -> Store:
    return create_workspace(str(path), person("ana"), "test", clock("2026-11-20"), **given)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def another_group() -> tuple[str, int]:
    import grp

    found = next(one for one in grp.getgrall() if one.gr_gid != os.getgid())
    return found.gr_name, found.gr_gid


def test_a_new_workspace_is_private_and_has_its_root_scope_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "sales_team.db"
    with make(path, currency="EUR", week_start="sunday", fiscal_year_start=4, time_zone="Europe/Vienna") as store:
        assert (mode(path), mode(path.parent)) == (0o600, 0o700)
        [root] = reading.scopes(store)
        assert (root.slug, root.kind, root.parent_id, root.name) == ("org", "org", None, "Sales team")
        made = settings.workspace(store)
        assert (made.name, made.currency, made.week_start) == ("Sales team", "EUR", "sunday")
        assert (made.fiscal_year_start, made.time_zone) == (4, "Europe/Vienna")
        assert store.rows("SELECT what, who, summary FROM txn") == [("init", "ana", "made the workspace Sales team")]
    with join(store, "ana") as again:
        assert not again.readonly


def test_what_stands_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("precious")
    with pytest.raises(Refused, match=r"already\. Nothing was overwritten"):
        make(path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(Refused, match="already"):
        make(path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused, match="is not a folder"):
        make(tmp_path / "file" / "a.db")
    assert sorted(os.listdir(tmp_path)) == ["a.db", "file"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"currency": "euro"}, "currency is “euro”: write the three capitals"),
        ({"time_zone": "Mars/Olympus"}, "The time zone “Mars/Olympus” is not known on this machine"),
        ({"time_zone": "../../etc/passwd"}, "The time zone .* is not known"),
        ({"week_start": "noon"}, "week_start is “noon”: use one of monday"),
        ({"fiscal_year_start": 13}, "fiscal_year_start is 13: it must be at most 12"),
        ({"name": "a\x1b[2Jb"}, "invisible or control characters"),
        ({"name": "  "}, "The name of the workspace is empty"),
    ],
)
def test_a_setting_that_cannot_be_makes_nothing(tmp_path: Path, given: dict[str, Any], says: str) -> None:
    with pytest.raises(Problem, match=says):
        make(tmp_path / "sub" / "a.db", **given)
    assert os.listdir(tmp_path) == []


def test_a_template_is_applied_and_what_is_given_wins_over_it(tmp_path: Path) -> None:
    text = (
        '[workspace]\nname = "From file"\ncurrency = "GBP"\ntime_zone = "Europe/London"\n[[metric]]\nslug = "visits"\n'
    )
    with make(tmp_path / "a.db", currency="EUR", template=read(text, "m.toml")) as store:
        made = settings.workspace(store)
        assert (made.name, made.currency, made.time_zone) == ("From file", "EUR", "Europe/London")
        assert [row.slug for row in reading.metrics(store)] == ["visits"]
        assert [what for (what,) in store.rows("SELECT what FROM txn ORDER BY id")] == ["init", "model.apply"]


def test_a_template_that_cannot_be_leaves_nothing_behind(tmp_path: Path) -> None:
    model = read('[[metric]]\nslug = "a"\nnumerator = "b"\n', "m.toml")
    with pytest.raises(Problem, match=r"m\.toml line 1, metric a: numerator names"):
        make(tmp_path / "x" / "y" / "a.db", template=model)
    assert os.listdir(tmp_path) == []


def test_an_unknown_group_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no group “nosuchgroup”.*sudo groupadd nosuchgroup"):
        make(tmp_path / "t" / "a.db", team_group="nosuchgroup")
    assert os.listdir(tmp_path) == []


@needs_root
def test_a_team_workspace_has_the_modes_every_member_needs(tmp_path: Path) -> None:
    name, gid = another_group()
    before = os.umask(0o077)
    try:
        path = tmp_path / "srv" / "kpi" / "a.db"
        with make(path, team_group=name) as store:
            assert mode(path.parent) == 0o2770 and path.parent.stat().st_gid == gid
            assert mode(path) == 0o660 and path.stat().st_gid == gid
            for left in path.parent.iterdir():
                assert mode(left) == 0o660 and left.stat().st_gid == gid
            # Members must get through the folders above, which this run keeps private.
            assert any("chmod o+x" in warning and str(tmp_path / "srv") in warning for warning in store.warnings)
    finally:
        os.umask(before)


@needs_root
def test_a_folder_with_other_things_is_not_opened_to_the_group_by_surprise(tmp_path: Path) -> None:
    name, gid = another_group()
    (tmp_path / "letters.txt").write_text("private")
    before = tmp_path.stat()
    with pytest.raises(Refused, match=f"holds other things.*chgrp {name} .* && chmod 2770"):
        make(tmp_path / "a.db", team_group=name)
    after = tmp_path.stat()
    assert (after.st_mode, after.st_gid, os.listdir(tmp_path)) == (before.st_mode, before.st_gid, ["letters.txt"])
    os.chown(tmp_path, -1, gid)
    tmp_path.chmod(0o2770)
    with make(tmp_path / "a.db", team_group=name):
        assert mode(tmp_path / "a.db") == 0o660


def test_who_may_not_give_files_to_the_group_is_told_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, gid = another_group()

    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", forbidden)
    monkeypatch.setattr(os, "getgroups", list)
    with pytest.raises(Refused, match=f"is not in the group {name}.*sudo usermod -aG {name} .*log in again"):
        make(tmp_path / "t" / "a.db", team_group=name)
    monkeypatch.setattr(os, "getgroups", lambda: [gid])
    with pytest.raises(Refused, match=f"have its owner or root type chgrp {name} .* && chmod 2770"):
        make(tmp_path / "t" / "a.db", team_group=name)
    assert os.listdir(tmp_path) == []


@needs_root
def test_another_account_of_the_group_can_work_in_it_and_others_cannot(tmp_path: Path) -> None:
    """Tried by real processes: one member, one stranger."""
    name, gid = another_group()
    folder = Path("/var/tmp" if os.access("/var/tmp", os.W_OK) else "/tmp") / f"kpitui-test-{os.getpid()}"
    try:
        with make(folder / "a.db", team_group=name):
            pass
        for groups, expected in (([gid], 0), ([], 1)):
            done = subprocess.run(
                ["sh", "-c", f"test -w {folder}/a.db && : > {folder}/member"],
                user=54321,
                group=54321,
                extra_groups=groups,
                check=False,
                capture_output=True,
            )
            assert (done.returncode != 0) == bool(expected)
        assert (folder / "member").stat().st_gid == gid
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
