"""`kpitui demo`: a workspace of its own, gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpitui.cli import demo
from kpitui.services import demo as made_up
from kpitui.services.demo import story
from kpitui.storage.store import Store
from tests.company import TODAY, company

Run = Callable[..., Any]


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What was asked for: day, seed and size. The company that is given is one that was made before."""
    asked: list[tuple[object, ...]] = []

    def make(path: str, today: int, *, seed: int, size: str) -> Store:
        asked.append((today, seed, size))
        return company(Path(path))

    monkeypatch.setattr(made_up, "make", make)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return asked


def test_it_is_shown_and_nothing_of_it_stays(
    kpitui: Run, monkeypatch: pytest.MonkeyPatch, temporary: Path, asked: list[tuple[object, ...]]
) -> None:
    seen: list[tuple[int, bool]] = []

    def show(path: str) -> int:
        seen.append((os.stat(os.path.dirname(path)).st_mode & 0o777, os.path.exists(path)))
        return 7

    monkeypatch.setattr(demo, "show", show)
    assert kpitui("demo").code == 7
    assert (seen, asked) == ([(0o700, True)], [(TODAY, 1, "small")])
    assert list(temporary.iterdir()) == []


def test_what_a_closed_terminal_left_behind_is_removed(temporary: Path) -> None:
    over = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    for name in (f"{over.stdout.strip()}-abc", f"{os.getpid()}-abc", "notes"):
        (temporary / f"{demo.FOLDER}{name}").mkdir()
    (temporary / "else").mkdir()
    demo.remove_left_behind(str(temporary))
    left = sorted(path.name for path in temporary.iterdir())
    assert left == ["else", f"{demo.FOLDER}{os.getpid()}-abc", f"{demo.FOLDER}notes"]


def test_without_a_terminal_home_is_printed(kpitui: Run, temporary: Path, asked: list[tuple[object, ...]]) -> None:
    ran = kpitui("demo", "--seed", "3")
    assert ran.code == 0 and asked == [(TODAY, 3, "small")]
    assert "5.0M ARR" in ran.out and "MRR" in ran.out
    assert "nothing is saved" in ran.err
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("words", [("--db", "x.db"), ("--size", "huge"), ("--seed", "-1"), ("--seed", "x")])
def test_wrong_usage_makes_nothing(kpitui: Run, temporary: Path, words: tuple[str, ...]) -> None:
    ran = kpitui("demo", *words)
    assert ran.code == 2 and ran.err.startswith("kpitui: ")
    assert list(temporary.iterdir()) == []


def test_keep_in_a_folder_that_is_not_there(kpitui: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The folder is made with the file; nothing needs to happen in the company afterwards.
    monkeypatch.setattr(story, "events", lambda seed, today, whole=story.events: whole(seed, today)[:1])
    ran = kpitui("demo", "--keep", tmp_path / "new" / "demo.db")
    assert ran.code == 0 and (tmp_path / "new" / "demo.db").exists()
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["demo.db"]
