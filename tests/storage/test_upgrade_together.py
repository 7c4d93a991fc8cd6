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

RELEASED = Path(__file__).parent / "released"
NEWEST = schema.SCHEMA


@pytest.fixture(params=[(1, "WAL"), (2, "DELETE"), (3, "WAL")], ids=lambda param: f"{param[0]}-{param[1]}")
def released(request: pytest.FixtureRequest) -> tuple[int, str]:
    """A schema that was released, and how its workspace is journalled."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def path(tmp_path: Path, released: tuple[int, str]) -> Path:
    """A workspace as the program of that release wrote it."""
    path = tmp_path / "team.db"
    path.write_bytes(gzip.decompress((RELEASED / f"schema_{released[0]}.db.gz").read_bytes()))
    path.chmod(0o600)
    raw(path, f"PRAGMA journal_mode = {released[1]}")
    return path


@contextmanager
def as_released(known: int) -> Iterator[None]:
    """This process knows the schemas up to `known` only; with the first, no roles and closed periods."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:known])
        patch.setattr(schema, "SCHEMA", known)
        if known < 2:
            patch.setattr(write_rules, "check", lambda txn: None)
        yield


def old_program(path: Path, known: int, told: int, go: int) -> None:
    """Saves on and on until it is told that somebody else has upgraded; says how many were acknowledged."""
    with as_released(known), opened(path) as store:
        assert store.one("PRAGMA user_version") == known
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
            said = str(refused)
            assert f"newer kpitui (schema {NEWEST}, this one knows {known})" in said and "start it again" in said
        # It can still be looked at, and notices by itself.
        assert store.one("SELECT count(*) FROM scope") > 0
        with pytest.raises(NewerSchema):
            store._data_version = None
            store.changed()
        os.write(told, saved.to_bytes(4, "big"))


def test_several_upgrade_at_once_while_older_programs_save(path: Path, released: tuple[int, str]) -> None:
    known = released[0]
    before = txns(path, known)
    telling, told = os.pipe()
    waiting, go = os.pipe()
    old = [child(lambda: old_program(path, known, told, waiting)) for _ in range(2)]
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
        assert store.rows("SELECT schema, count(*) FROM txn GROUP BY 1") == [
            (known, before + saved),
            (schema.SCHEMA, len(new)),
        ]
        assert damage(store) == altered_schema(store) == verify(store) == []
    copies = [file for file in path.parent.iterdir() if ".backup" in file.name]
    assert len(copies) == 1
    with as_released(known), opened(copies[0]) as copy:
        assert verify(copy) == [] and copy.one("SELECT count(*) FROM txn") <= before + saved


def txns(path: Path, known: int) -> int:
    with as_released(known), opened(path) as store:
        return int(store.one("SELECT count(*) FROM txn"))


def test_an_older_program_does_not_open_an_upgraded_workspace_and_changes_nothing(
    path: Path, released: tuple[int, str]
) -> None:
    opened(path).close()
    before = path.read_bytes()
    with as_released(released[0]), pytest.raises(NewerSchema, match="Nothing was changed: update kpitui") as refused:
        opened(path)
    assert refused.value.exit_code == 8 and path.read_bytes() == before


def test_the_copy_made_before_opens_in_the_older_program(path: Path, released: tuple[int, str]) -> None:
    before = txns(path, released[0])
    opened(path).close()
    (copy,) = [file for file in path.parent.iterdir() if ".backup" in file.name]
    copy.replace(path)
    with as_released(released[0]), opened(path) as store:
        rename(store, "back on that release")
        assert store.one("SELECT count(*) FROM txn") == before + 1 and verify(store) == []
