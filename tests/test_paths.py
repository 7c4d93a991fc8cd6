from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kpitui import paths

ROOT = Path(__file__).resolve().parent.parent


def test_xdg_variables_choose_the_folders() -> None:
    env = {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_DATA_HOME": "/d"}
    assert paths.config_file(env) == "/c/kpitui/config.toml"
    assert paths.drafts_folder(env) == "/s/kpitui/drafts"
    assert paths.own_workspace(env) == "/d/kpitui/workspace.db"


def test_without_them_or_with_relative_ones_the_home_does(own_world: Path) -> None:
    assert paths.config_file({}) == str(own_world / ".config/kpitui/config.toml")
    assert paths.state_folder({"XDG_STATE_HOME": "here"}) == str(own_world / ".local/state/kpitui")


def test_a_checkout_finds_the_themes_beside_the_package() -> None:
    assert paths.shipped_themes() == str(ROOT / "themes")


def test_the_users_themes_win_over_the_systems_and_those_over_the_shipped() -> None:
    env = {"XDG_CONFIG_HOME": "/c", "XDG_CONFIG_DIRS": "/first:/second"}
    assert paths.theme_folders(env, "/extra")[1:] == [
        "/second/kpitui/themes",
        "/first/kpitui/themes",
        "/c/kpitui/themes",
        "/extra",
    ]
    assert paths.theme_folders({})[1] == "/etc/xdg/kpitui/themes"


def test_a_private_folder_is_made_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        folder = paths.private_folder(str(tmp_path / "state" / "drafts"))
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    paths.private_folder(str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_planted_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "drafts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        paths.private_folder(str(tmp_path / "drafts"))


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with pytest.raises(PermissionError, match="another account"):
        paths.private_folder(str(tmp_path))
