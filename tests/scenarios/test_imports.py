"""`kpitui import` on whole files: each folder of `imports/` is a file (`data.*`), words of the command (`words.txt`),
what is said (`said.txt`: exit code, data, talk) and, when something is saved, the points that are there then.

The set-up is `imports/model.toml`, today 20 November 2026. Every file is imported twice: the second time nothing may
change.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpitui.storage.store import Store
from tests.workspace import build

FOLDER = Path(__file__).parent / "imports"
CASES = sorted(folder for folder in FOLDER.iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kpitui: Callable[..., Any]) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    [data] = case.glob("data.*")
    words = shlex.split((case / "words.txt").read_text()) if (case / "words.txt").exists() else []
    with build(tmp_path, (FOLDER / "model.toml").read_text()) as store:
        before = store.version()
        last = last_txn(store)
        ran = kpitui("--db", store.path, "import", data, *words)
        assert said(ran) == (case / "said.txt").read_text()
        expected = case / "points.csv"
        if not expected.exists():
            assert last_txn(store) == last
            assert store.version() == before
            assert store.one("SELECT count(*) FROM point") == 0
            return
        assert kpitui("--db", store.path, "export").out == expected.read_text()
        assert last_txn(store) == last + 1
        again = kpitui("--db", store.path, "import", data, *words)
        assert (again.code, again.out.startswith("Nothing to save:")) == (0, True)
        assert last_txn(store) == last + 1


def last_txn(store: Store) -> int:
    return int(store.one("SELECT max(id) FROM txn"))


def said(ran: Any) -> str:
    return f"exit {ran.code}\n--- data\n{ran.out}--- talk\n{ran.err}"
