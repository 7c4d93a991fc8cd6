from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from kpitui import clock, identity, paths
from kpitui.cli.opening import absent, chosen_workspace, open_store
from kpitui.errors import NotFound


def configure(db: str) -> None:
    Path(paths.config_folder()).mkdir(parents=True, exist_ok=True)
    Path(paths.config_file()).write_text(f'db = "{db}"')


def test_the_option_wins_over_the_variable_and_that_over_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_workspace(None)[:2] == (paths.own_workspace(), "own")
    configure("/srv/config.db")
    assert chosen_workspace(None)[:2] == ("/srv/config.db", "config")
    monkeypatch.setenv("KPITUI_DB", "/srv/variable.db")
    assert chosen_workspace(None)[:2] == ("/srv/variable.db", "KPITUI_DB")
    assert chosen_workspace("option.db")[:2] == (os.path.abspath("option.db"), "--db")


def test_a_path_that_does_not_exist_is_refused_with_the_init_to_type(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"make one with kpitui init --db '.*/no such\.db'$"):
        open_store(str(tmp_path / "no such.db"), write=True)
    assert list(tmp_path.iterdir()) == []


def test_what_this_account_may_not_see_is_not_taken_for_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str) -> os.stat_result:
        raise PermissionError(path)

    assert absent("/no such/team.db")
    monkeypatch.setattr(os, "lstat", refused)
    assert not absent("/srv/team.db")


def test_without_any_workspace_the_first_step_is_told() -> None:
    with pytest.raises(NotFound, match="kpitui init, or try kpitui demo"):
        open_store(None)
    assert not os.path.exists(paths.data_folder())


def test_the_sentence_carries_nothing_that_steers(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        open_store(str(tmp_path / "a\x1b]0;x\x07.db"))
    assert "\x1b" not in str(refused.value)


def test_the_store_is_opened_for_this_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpitui.storage import store

    seen: dict[str, object] = {}
    opened = SimpleNamespace(close=None)
    monkeypatch.setattr(store.Store, "open", lambda path, **given: seen.update(path=path, **given) or opened)
    monkeypatch.setattr("kpitui.cli.opening.watched", lambda store: [])
    (tmp_path / "a.db").touch()
    assert open_store(str(tmp_path / "a.db"), write=True) is opened and opened.waiting is not None
    assert seen == {
        "path": str(tmp_path / "a.db"),
        "who": identity.who(),
        "via": "cli",
        "now": clock.now,
        "write": True,
    }
