"""People who save without a pause, and restores in between: whatever was acknowledged stands in the workspace or in
one of the copies made before."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from kpitui.errors import Conflict
from kpitui.services import backup
from kpitui.services.restore import Place, prepared, restore
from kpitui.storage.verify import verify
from tests.storage.processes import ANA, add_scope, child, ended, made, now, opened, rename

PEOPLE, RESTORES = 6, 5


def saving(path: Path, person: int, stop: Path) -> None:
    """Saves as fast as it goes until `stop` is there; one line for each acknowledgement, `!` for a conflict."""
    with open(path.parent / f"said-{person}", "w") as said, opened(path) as store:
        number = 0
        while not stop.exists():
            number += 1
            try:
                rename(store, f"{person}-{number}")
                said.write(f"{person}-{number}\n")
            except Conflict:
                said.write("!\n")
            said.flush()


@pytest.mark.soak
def test_nothing_acknowledged_is_missing_when_backups_are_restored_under_load(tmp_path: Path) -> None:
    path, folder, stop = tmp_path / "a.db", str(tmp_path / "kept"), tmp_path / "stop"
    with made(path) as store:
        add_scope(store)
        file = backup.back_up(store, folder).copy.path
    people = [child(partial(saving, path, person, stop)) for person in range(PEOPLE)]
    place, kept = Place(str(path), ANA, "test", now), []
    try:
        for _ in range(RESTORES):
            with prepared(file, place) as offer:
                kept.append(restore(offer, place, folder).kept)
            time.sleep(0.2)  # so that each restore has something to replace
    finally:
        stop.touch()  # they would save for ever
        went_well = [ended(pid) for pid in people]
    assert all(went_well)
    stored: set[str] = set()
    for name in (*kept, str(path)):
        with opened(Path(name)) as store:
            assert verify(store) == []
            stored |= {row[0] for row in store.rows("SELECT name FROM scope UNION SELECT name FROM scope_history")}
    lines = [line for said in tmp_path.glob("said-*") for line in said.read_text().split()]
    assert lines.count("!") <= PEOPLE * RESTORES and lines.count("!")
    assert not {line for line in lines if line != "!"} - stored
