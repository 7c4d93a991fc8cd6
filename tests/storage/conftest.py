"""A workspace on disk, opened by several people, with a clock that goes on by a second at every look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from kpitui.identity import Who
from kpitui.storage.store import Store
from tests.storage.processes import made

PEOPLE = {"ana": 1001, "bo": 1002}


@pytest.fixture
def open_as(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """`open_as("bo")` opens the workspace for bo; the first call makes it."""
    path, ticks, opened = tmp_path / "team.db", count(), []

    def now() -> datetime:
        return datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(seconds=next(ticks))

    def opener(name: str) -> Store:
        if not path.exists():
            made(path).close()
        store = Store.open(path, who=Who(PEOPLE[name], name, "host"), via="test", now=now)
        opened.append(store)
        return store

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def store(open_as: Callable[[str], Store]) -> Store:
    return open_as("ana")
