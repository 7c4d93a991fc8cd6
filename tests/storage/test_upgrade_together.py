"""Old and new versions of the program on one workspace at the same time: the one is upgraded while the other works."""

from __future__ import annotations

import gzip
import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kpitui.errors import NewerSchema
from kpitui.storage import schema, write_rules
from kpitui.storage.verify import altered_schema, damage, verify
from tests.storage.processes import child, ended, opened, raw, rename

RELEASED = Path(__file__).parent / "released" / "schema_1.db.gz"


@pytest.fixture(params=["WAL", "DELETE"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A workspace as the first release wrote it."""
    path = tmp_path / "team.db"
    path.write_bytes(gzip.decompress(RELEASED.read_bytes()))
    path.chmod(0o600)
    raw(path, f"PRAGMA journal_mode = {request.param}")
    return path


@contextmanager
def as_first_release() -> Iterator[None]:
    """This process knows schema 1 only, and so no roles and closed periods."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        patch.setattr(schema, "SCHEMA", 1)
        patch.setattr(write_rules, "check", lambda txn: None)
        yield


def old_program(path: Path, told: int, go: int) -> None:
    """Saves on and on until it is told that somebody else has upgraded; says how many were acknowledged."""
    with as_first_release(), opened(path) as store:
        assert store.one("PRAGMA user_version") == 1
        os.write(told, b".")
        os.read(go, 1)
        saved = 0
        try:
            while True:
                rename(store, f"{os.getpid()}-{saved + 1}")
                saved += 1
                # At the pace of a script that does something else, too.
                select.select([], [], [], 0.005)
        except NewerSchema as refused:
            assert "newer kpitui (schema 2, this one knows 1)" in str(refused) and "start it again" in str(refused)
        # It can still be looked at, and notices by itself.
        assert store.one("SELECT count(*) FROM scope") > 0
        with pytest.raises(NewerSchema):
            store._data_version = None
            store.changed()
        os.write(told, saved.to_bytes(4, "big"))


def test_several_upgrade_at_once_while_older_programs_save(path: Path) -> None:
    before = txns(path)
    telling, told = os.pipe()
    waiting, go = os.pipe()
    old = [child(lambda: old_program(path, told, waiting)) for _ in range(2)]
    assert len(os.read(telling, 1) + os.read(telling, 1)) == 2
    os.write(go, b"..")
    new = [child(lambda: rename(opened(path), "by a new one")) for _ in range(3)]
    assert all(map(ended, new)) and all(map(ended, old))
    saved = sum(int.from_bytes(os.read(telling, 4), "big") for _ in old)
    for end in (telling, told, waiting, go):
        os.close(end)
    with opened(path) as store:
        assert store.one("PRAGMA user_version") == schema.SCHEMA
        assert store.one("SELECT count(*) FROM txn") == before + saved + len(new)
        # Which of them is under which schema is in the log, and all of it can be verified.
        assert store.rows("SELECT schema, count(*) FROM txn GROUP BY 1") == [(1, before + saved), (2, len(new))]
        assert damage(store) == altered_schema(store) == verify(store) == []
    copies = [file for file in path.parent.iterdir() if ".backup" in file.name]
    assert len(copies) == 1
    with as_first_release(), opened(copies[0]) as copy:
        assert verify(copy) == [] and copy.one("SELECT count(*) FROM txn") <= before + saved


def txns(path: Path) -> int:
    with as_first_release(), opened(path) as store:
        return int(store.one("SELECT count(*) FROM txn"))


def test_an_older_program_does_not_open_an_upgraded_workspace_and_changes_nothing(path: Path) -> None:
    opened(path).close()
    before = path.read_bytes()
    with as_first_release(), pytest.raises(NewerSchema, match="Nothing was changed: update kpitui") as refused:
        opened(path)
    assert refused.value.exit_code == 8 and path.read_bytes() == before


def test_the_copy_made_before_opens_in_the_older_program(path: Path) -> None:
    before = txns(path)
    opened(path).close()
    (copy,) = [file for file in path.parent.iterdir() if ".backup" in file.name]
    copy.replace(path)
    with as_first_release(), opened(path) as store:
        rename(store, "back on the first release")
        assert store.one("SELECT count(*) FROM txn") == before + 1 and verify(store) == []
