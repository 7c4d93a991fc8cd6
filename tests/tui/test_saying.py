"""A message that is too long keeps what was done and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.text import width
from kpitui.tui.widgets.prompt import PromptRow
from kpitui.tui.widgets.saying import shortened
from tests.tui.sample import app_over, text_of
from tests.workspace import build

SAID = "Saved CAC W47 = $412 (was empty) · watch: $412 misses at most $400 · u undo"


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (80, SAID),
        (60, "Saved CAC W47 = $412 (was empty) · watch: $412 mis… · u undo"),
        (45, "Saved CAC W47 = $412 (was empty) · u undo"),
        (39, "Saved CAC W47 = $412 · u undo"),
        (25, "Saved CAC W47 =… · u undo"),
        (12, "Saved CAC W…"),
    ],
)
def test_the_middle_gives_way(cells: int, text: str) -> None:
    assert shortened(SAID, cells) == text and width(text) <= cells


def test_what_follows_the_way_back_gives_way_too() -> None:
    assert shortened("Moved CAC under MRR · u undo · it has two parents now", 40).endswith("· u undo")


def test_a_message_without_a_way_back_is_cut_at_its_end() -> None:
    assert shortened("There is nothing to empty.", 12) == "There is no…"


def test_a_long_question_leaves_room_for_what_is_understood() -> None:
    row = PromptRow()
    row._label = "Target of Trials that became paid customers"
    assert row._label_shown(80) == f" {row._label} "
    row._parse = str
    assert row._label_shown(80) == " Target of Trials that became pa… " and len(row._label_shown(40)) <= 20


async def test_a_long_refusal_is_read_whole_until_the_next_key(tmp_path: Path) -> None:
    app = app_over(build(tmp_path))
    why = "A word or two more than eighty columns hold, and after them what to do about it: this is the end of it."
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        before = text_of(app)[21]
        app.say(why, "error")
        await pilot.pause()
        shown = text_of(app)
        assert " ".join(line.strip() for line in shown[21:23]) == why and "n goal" in shown[23]
        await pilot.press("j")
        await pilot.pause()
        assert text_of(app)[21] == before
