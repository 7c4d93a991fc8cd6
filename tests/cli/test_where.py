from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Kpitui = Callable[..., tuple[int, str, str]]


def test_every_path_in_use_is_named(kpitui: Kpitui, own_world: Path, tmp_path: Path) -> None:
    (tmp_path / "team.db").touch()
    code, out, err = kpitui("where", "--db", tmp_path / "team.db")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"workspace  {tmp_path / 'team.db'}  (by --db)"
    assert lines[1] == f"config     {own_world / '.config/kpitui/config.toml'}  (not there yet)"
    assert [line.split()[0] for line in lines[2:]] == [
        "data",
        "state",
        "drafts",
        "seen",
        "backups",
        "crashes",
        "themes",
        "themes",
        "themes",
        "templates",
        "templates",
        "templates",
        "templates",
    ]


def test_programs_get_json(kpitui: Kpitui, own_world: Path) -> None:
    found = json.loads(kpitui("where", "--json")[1])
    own = str(own_world / ".local/share/kpitui/workspace.db")
    assert found[0] == {"what": "workspace", "path": own, "exists": False, "by": "own"}
    assert {"what": "themes", "path": str(Path(__file__).parents[2] / "themes"), "exists": True} in found


def test_looking_makes_nothing(kpitui: Kpitui, own_world: Path) -> None:
    kpitui("where")
    assert list(own_world.iterdir()) == []
