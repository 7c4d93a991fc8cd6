"""What typing values costs on the line, and that a cut line loses nothing: the program in a real terminal."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from kpitui import paths
from kpitui.storage.store import Store
from tests.tui.terminal import FRAME_END, LIMIT, Terminal
from tests.tui.values import stored, workspace

ENTER = "\r"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return workspace(tmp_path)


def started(store: Store, screen: str, **env: str) -> Terminal:
    argv = ["-m", "kpitui", "tui", screen, "--db", store.path]
    terminal = Terminal(argv, 80, 24, {"KPITUI_TODAY": "2026-11-20", **env})
    terminal.wait_for("? help")
    terminal.wait_for("____ ]")
    # The last thing that comes by itself: on a busy machine some time after the first frame.
    terminal.wait(lambda: re.search(r" Doctor [0-9]", terminal.lines()[0]))
    terminal.settle()
    return terminal


@pytest.mark.parametrize("screen", ["entry", "due"])
def test_a_typed_digit_costs_200_bytes_at_most(store: Store, screen: str) -> None:
    with started(store, screen) as terminal:
        # What is painted again by itself costs nothing on the line: the first frame has its columns already.
        assert all(name in terminal.bytes.split(FRAME_END)[0] for name in (b"MRR", b"CAC", b"Site visits"))
        # The first one changes the footer, too: what stood for other letters is gone while these are typed.
        costs = [len(terminal.press(key)) for key in "12.5"]
        assert max(costs) <= 200, costs
        assert "save" in terminal.lines()[-1] and "none" not in terminal.lines()[-1]
        terminal.press("\x1b")
        terminal.wait_for("x none")


def test_a_commit_costs_700_bytes_and_a_move_200_at_most(store: Store) -> None:
    with started(store, "entry") as terminal:
        terminal.press("3")
        terminal.press("5")
        terminal.press("6")
        answer = terminal.press(ENTER)
        # With the footer as it was, what the store says, and the counts.
        assert len(answer) <= 700
        assert len(terminal.press("j")) <= 200
        assert len(terminal.press("h")) <= 200
    assert stored(store, "mrr")[-1] == 356


def test_nothing_is_written_while_nobody_types(store: Store) -> None:
    with started(store, "entry") as terminal:
        before = len(terminal.bytes)
        for _ in range(6):
            terminal.read(0.5)
        assert len(terminal.bytes) == before


def test_keys_typed_ahead_of_every_save_all_arrive(store: Store) -> None:
    with started(store, "entry") as terminal:
        terminal.press("357\r398\r53\r3.1\r")
        terminal.wait_for("Saved First reply W47")
    assert [stored(store, slug)[-1] for slug in ("mrr", "cac", "visits", "reply")] == [357, 398, 53, 3.1]


def test_the_cursor_is_found_without_colour(store: Store) -> None:
    with started(store, "entry", NO_COLOR="1") as terminal:
        assert not [code for code in (b"38;2", b"48;2", b"38;5", b"48;5") if code in terminal.bytes]
        row = next(y for y in range(24) if terminal.lines()[y].startswith(" ▸ "))
        assert all(terminal.screen.buffer[row][x].reverse for x in range(72, 80))


def test_what_is_being_typed_outlives_a_killed_program(store: Store) -> None:
    with started(store, "entry") as terminal:
        terminal.press("359")
        folder = paths.drafts_folder()
        end = time.monotonic() + LIMIT
        while not (os.path.isdir(folder) and os.listdir(folder)):
            assert time.monotonic() < end
            terminal.read(0.05)
    with Terminal(["-m", "kpitui", "tui", "entry", "--db", store.path], env={"KPITUI_TODAY": "2026-11-20"}) as again:
        again.wait_for("Typed and not saved: MRR, $ W47 = 359")
        again.press(ENTER)
        again.press(ENTER)
        again.wait_for("Saved MRR W47 = $359")
    assert stored(store, "mrr")[-1] == 359
