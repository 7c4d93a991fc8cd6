from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.processes import add_scope, made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "a.db") as store:
        add_scope(store)
    return tmp_path / "a.db"


def test_backup_and_its_list(path: Path, kpitui: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = kpitui("backup", "--list", "--db", path)
    assert (code, out) == (0, "") and "There is no backup" in err
    code, out, err = kpitui("backup", "--json", "--db", path)
    made_one = json.loads(out)
    assert (code, err, made_one["change"], made_one["removed"]) == (0, "", 1, [])
    assert os.path.dirname(made_one["path"]) == f"{path}-backups"
    code, out, _ = kpitui("backup", "--db", path, "--rotate")
    assert code == 0 and "checked; change 1, head" in out and "SHA-256 " in out
    code, out, _ = kpitui("backup", "--list", "--json", "--db", path)
    one = json.loads(out)[0]
    assert (one["change"], one["before_restore"]) == (1, False) and len(one["sha256"]) == len(one["head"]) == 64
    code, out, _ = kpitui("backup", "--list", "--db", path)
    assert os.path.basename(one["path"]) in out and one["head"][:16] in out


def test_the_folder_is_the_one_named_or_the_configs(
    path: Path, tmp_path: Path, own_world: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    config = own_world / ".config" / "kpitui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'backups = "{tmp_path}/mine"\n')
    assert json.loads(kpitui("backup", "--json", "--db", path)[1])["path"].startswith(f"{tmp_path}/mine/a-")
    found = json.loads(kpitui("backup", "--json", "--db", path, "--to", tmp_path / "there")[1])
    assert found["path"].startswith(f"{tmp_path}/there/a-")
    code, _, err = kpitui("backup", "--list", "--rotate", "--db", path)
    assert code == 2 and "--list only looks" in err
