"""What is being typed when the terminal, the program or the power goes: offered again, and saved by Enter."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from kpitui.storage.store import Store
from kpitui.tui.drafts import Draft, unfinished
from tests.tui.terminal import Terminal
from tests.workspace import build

MODEL = """
[[metric]]
slug = "visits"
name = "Visits"
cadence = "week"
kind = "flow"

[[goal]]
slug = "grow"
title = "Grow"
metric = "visits"
main = true
baseline = 0
target = 5000
start = 2026-01-01
deadline = 2026-12-31
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, "visits 2026-W44 120 130 140")


def screens(store: Store, *words: str) -> Terminal:
    terminal = Terminal(["-m", "kpitui", *words, "--db", store.path], 100, 30, {"KPITUI_TODAY": "2026-11-20"})
    terminal.wait_for("? help")
    terminal.settle()
    return terminal


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_note_is_offered_again_and_saved(store: Store, end: signal.Signals) -> None:
    with screens(store) as terminal:
        terminal.press("2")
        terminal.press("jm")
        terminal.press("Prices went")
        os.kill(terminal.pid, end)
        assert terminal.ended() == (143 if end == signal.SIGTERM else -end)
        # A program that is told to end leaves the terminal as it was.
        assert (b"\x1b[?1049l" in terminal.bytes) == (end == signal.SIGTERM)
    (said,) = unfinished(store.path)
    assert "“Prices went”" in said
    with screens(store) as terminal:
        terminal.wait_for("Not finished")
        terminal.press("2")
        terminal.press("jm")
        terminal.wait_for("Prices went")
        terminal.press(" up\r")
        terminal.wait(lambda: store.rows("SELECT text FROM annotation") == [("Prices went up",)])
        terminal.wait(lambda: unfinished(store.path) == ())
        terminal.press("q")
        assert terminal.ended() == 0


def test_a_line_that_was_dropped_is_not_offered(store: Store) -> None:
    with screens(store) as terminal:
        terminal.press("2")
        terminal.press("jm")
        terminal.press("never mind")
        assert unfinished(store.path)
        terminal.press("\x1b")
        terminal.wait(lambda: unfinished(store.path) == ())


def test_the_fields_of_promote_are_there_again(store: Store) -> None:
    with screens(store) as terminal:
        terminal.press("2")
        terminal.press("jp")
        terminal.wait_for("Promote")
        terminal.press("\x15Sell more")
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.ended()
    with screens(store) as terminal:
        terminal.press("2")
        terminal.press("jp")
        terminal.wait_for("typed before")
        terminal.wait_for("Sell more")
        terminal.press("\x1b")
        terminal.wait_for("Left as it was")
        folder = Path(os.environ["XDG_STATE_HOME"]) / "kpitui" / "drafts"
        assert [file.name for file in folder.iterdir() if "promote" in file.name] == []


def test_a_draft_belongs_to_one_workspace_and_to_nobody_else(store: Store, tmp_path: Path) -> None:
    Draft(store.path, "line-home").keep("note", "mine\x1b[2J")
    assert unfinished(str(tmp_path / "other.db")) == ()
    (said,) = unfinished(store.path)
    assert "\x1b" not in said and "“mine”" in said
    folder = Path(os.environ["XDG_STATE_HOME"]) / "kpitui" / "drafts"
    assert {file.stat().st_mode & 0o777 for file in [folder, *folder.iterdir()]} == {0o700, 0o600}
