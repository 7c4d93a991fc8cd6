"""`kpitui` alone: its words, and what happens where there is no terminal for the screens."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from kpitui.cli import tui
from kpitui.errors import NotFound, WrongUsage
from kpitui.tui import terminal


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    """What would have been opened; there is a terminal."""
    calls: list[tuple[str, dict[str, object]]] = []
    module = types.ModuleType("kpitui.tui.launch")
    module.launch = lambda path, **how: calls.append((path, how)) or 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kpitui.tui.launch", module)
    monkeypatch.setattr(terminal, "too_plain", lambda environ: False)
    return calls


def test_without_words_the_own_workspace_opens_though_it_is_not_there_yet(launched, own_world: Path) -> None:  # type: ignore[no-untyped-def]
    assert tui.run([], None) == 0
    path, how = launched[0]
    assert path.startswith(str(own_world)) and how["own"] is True and how["start"] is None and how["mouse"] is None


def test_its_words(launched, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    tui.run(["due", "--mouse", "--ascii", f"--themes={tmp_path}"], None)
    assert launched[0][1] == {"own": True, "start": "due", "mouse": True, "ascii_only": True, "themes": str(tmp_path)}


def test_a_named_workspace_that_is_not_there_is_refused(launched, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NotFound, match="kpitui init"):
        tui.run([], str(tmp_path / "no.db"))
    assert launched == []


@pytest.mark.parametrize("words", [["nowhere"], ["--themes"], ["--themes", "/no/such/folder"], ["home", "tree"]])
def test_wrong_words_are_refused(launched, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WrongUsage):
        tui.run(words, None)


@pytest.mark.parametrize("term", ["dumb", ""])
def test_where_no_screen_can_be_drawn_plain_lines_are_printed(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    printed: list[tuple[str, str | None]] = []
    plain = types.ModuleType("kpitui.cli.plain")
    plain.print_plain = lambda screen, db: printed.append((screen, db))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kpitui.cli.plain", plain)
    monkeypatch.setenv("TERM", term)
    assert tui.run(["due"], "x.db") == 0
    assert printed == [("due", "x.db")]


def test_a_pipe_is_no_place_for_screens() -> None:
    assert terminal.too_plain({"TERM": "xterm"})  # the tests' own input and output are no terminal


def test_the_environment_is_cleared_of_what_would_be_believed() -> None:
    environ = {"COLUMNS": "120", "LINES": "40", "NO_COLOR": "", "TERM": "xterm"}
    terminal.prepare_environment(environ)
    assert environ == {"TERM": "xterm"}
    coloured = {"NO_COLOR": "1"}
    terminal.prepare_environment(coloured)
    assert coloured == {"NO_COLOR": "1"}


def test_help_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert tui.run(["--help"], None) == 0
    assert "--no-mouse" in capsys.readouterr().out
