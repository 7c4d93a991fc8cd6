"""Somebody who only looks leaves nothing behind; the first thing saved makes the workspace."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpitui.errors import NotFound
from kpitui.identity import Who
from kpitui.services.setup import create_workspace
from kpitui.storage.store import Store
from kpitui.tui.late_store import late_store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path


def made(path: str) -> Store:
    return create_workspace(path, Who(os.getuid(), "ana", "host"), "tui", lambda: datetime.now(UTC), name="Ana")


def test_looking_leaves_nothing_behind(folder: Path) -> None:
    path = folder / "data" / "workspace.db"
    store = late_store(made, str(path))
    assert store.one("SELECT count(*) FROM scope") == 1
    assert not store.changed() and not store.readonly
    assert not path.exists()
    store.close()
    assert not path.exists() and list((folder / "tmp").iterdir()) == []


def test_the_first_thing_saved_makes_the_private_workspace(folder: Path) -> None:
    path = folder / "data" / "workspace.db"
    store = late_store(made, str(path))
    with store.write("rename") as _:
        pass
    assert path.stat().st_mode & 0o777 == 0o600
    assert list((folder / "tmp").iterdir()) == []
    assert store.one("SELECT count(*) FROM scope") == 1
    store.close()
    again = Store.open(str(path), who=Who(os.getuid(), "ana", "host"), via="tui", now=lambda: datetime.now(UTC))
    assert again.one("SELECT count(*) FROM scope") == 1
    again.close()


def test_when_it_cannot_be_made_looking_goes_on(folder: Path) -> None:
    calls: list[str] = []

    def only_once(path: str) -> Store:
        calls.append(path)
        if len(calls) > 1:
            raise NotFound("There is no folder for it.")
        return made(path)

    store = late_store(only_once, str(folder / "data" / "workspace.db"))
    with pytest.raises(NotFound):
        store.write("rename")
    assert store.one("SELECT count(*) FROM scope") == 1
    store.close()
    assert list((folder / "tmp").iterdir()) == []
