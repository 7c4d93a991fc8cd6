from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.storage import driver
from tests.storage.processes import add_scope, made, raw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "a.db") as store:
        add_scope(store)
    return tmp_path / "a.db"


def test_a_sound_workspace_is_said_to_be(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = kpitui("check", "--db", path)
    mode = "wal" if driver.wal_is_safe() else "delete"
    assert (code, err) == (0, "")
    assert out == f"The workspace is sound: {driver.DRIVER}, SQLite {driver.VERSION}, journal mode {mode}.\n"
    code, out, err = kpitui("check", "--json", "--db", path)
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "ok": True,
        "problems": [],
        "notices": [],
        "driver": driver.DRIVER,
        "sqlite": driver.VERSION,
        "journal_mode": mode,
    }


def test_permissions_are_problems_but_no_damage(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    path.chmod(0o660)
    code, out, _ = kpitui("check", "--db", path)
    assert code == 1 and "chmod g+s" in out and out.splitlines()[-1].startswith("1 problem: ")


def test_what_the_log_does_not_know_is_damage(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    raw(path, "DROP TRIGGER scope_update", "UPDATE scope SET name = 'forged\x1b[31m'")
    before = path.read_bytes()
    code, out, _ = kpitui("check", "--json", "--db", path)
    said = json.loads(out)
    assert code == 4 and not said["ok"] and len(said["problems"]) == 2
    assert said["problems"][0] == "the trigger scope_update is missing"
    assert said["problems"][1].startswith("Transaction 1 (add by ana, 2026-11-20T09:30:00Z): what it wrote is not")
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


def test_a_workspace_that_is_not_there_is_refused(tmp_path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = kpitui("check", "--db", tmp_path / "none.db")
    assert (code, out) == (1, "") and "There is no workspace at" in err
