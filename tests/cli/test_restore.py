from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.processes import add_scope, made, opened, rename


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with made(tmp_path / "a.db") as store:
        add_scope(store)
    return tmp_path / "a.db"


def test_restore_shows_what_it_would_do_and_asks_for_yes(
    path: Path, kpitui: Callable[..., tuple[int, str, str]]
) -> None:
    file = json.loads(kpitui("backup", "--json", "--db", path)[1])["path"]
    with opened(path) as store:
        rename(store, "Later")
    code, out, err = kpitui("restore", file, "--db", path)
    assert (code, out) == (1, "") and "1 change was made since" in err and "add --yes" in err
    # As `kpitui backup --list` names it, too.
    assert kpitui("restore", Path(file).name, "--db", path)[2] == err
    code, out, err = kpitui("restore", file, "--db", path, "--yes", "--why", "typo")
    assert (code, err) == (0, "") and "stands as of change 1" in out and "As it was before: " in out
    code, out, _ = kpitui("log", "--db", path)
    assert "restored" in out and "typo" in out
    code, out, _ = kpitui("restore", file, "--db", path.parent / "new.db", "--json")
    assert code == 0 and json.loads(out) == {"path": str(path.parent / "new.db"), "change": 2, "kept": None}
    code, _, err = kpitui("restore", file, "--db", path, "--group", "root")
    assert code == 2 and "--group is for a workspace that is not there yet" in err
    code, _, err = kpitui("restore", path.parent / "none.db", "--db", path)
    assert code == 1 and "There is no file" in err
