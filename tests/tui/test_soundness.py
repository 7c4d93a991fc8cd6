from __future__ import annotations

from pathlib import Path

import pytest

from kpitui import witness
from kpitui.storage import verify
from kpitui.tui import soundness
from tests.storage.processes import add_scope, made, opened, rename


def test_the_file_is_looked_through_once_a_day_and_its_log_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    quick = verify.quick_damage

    def counted(store: object) -> list[str]:
        nonlocal looks
        looks += 1
        return quick(store)  # type: ignore[arg-type]

    monkeypatch.setattr(verify, "quick_damage", counted)
    path = tmp_path / "a.db"
    with made(path) as store:
        add_scope(store)
        assert soundness.examine(store) == soundness.examine(store) == []
        assert looks == 1
        rename(store, "mine")
        assert soundness.remember(store) == []
        seen = witness.load(str(path))
        assert seen is not None and (seen.txn, seen.checked) == (2, f"2026-11-20 {soundness.started()}".rstrip())
        witness.save(str(path), seen._replace(txn=9))
        (said,) = soundness.examine(store)
        assert "this account has seen change 9" in said and looks == 1
        monkeypatch.setattr(soundness, "started", lambda: "later")
        soundness.examine(store)
        assert looks == 2


def test_damage_is_said_each_time_until_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "a.db").close()
    monkeypatch.setattr(verify, "quick_damage", lambda store: ["Tree 4 page 7: btreeInitPage() returns error code 11"])
    with opened(tmp_path / "a.db") as store:
        add_scope(store)
        for _ in range(2):
            (said,) = soundness.examine(store)
            assert "is damaged (Tree 4 page 7" in said and "kpitui restore puts a backup in its place" in said
