"""A footer says what works now: nothing of a row where there is none, no letters of verbs where they are typed."""

from __future__ import annotations

from pathlib import Path

from tests.tui.sample import app_over, text_of
from tests.workspace import build

EMPTY = {
    "2": "n goal  9 templates",
    "3": "2 tree: n makes a metric  9 templates",
    "4": "2 tree: n makes a metric  9 templates",
    "5": "r start or resume",
}


async def test_in_an_empty_workspace_every_hint_does_something(tmp_path: Path) -> None:
    app = app_over(build(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        for digit, hints in EMPTY.items():
            await pilot.press(digit)
            await pilot.pause()
            assert text_of(app)[23].split("   ")[0].strip() == hints
        await pilot.press("8", "slash", *"zzz")
        await pilot.pause()
        assert "?" not in text_of(app)[23], "a letter like any other in a line"
        await pilot.press("enter")
        await pilot.pause()
        kept = text_of(app)[23]
        assert "revert" not in kept and "open" not in kept and "/ filter" in kept and "? help" in kept


async def test_enter_on_a_change_without_a_before_says_what_was_done(tmp_path: Path) -> None:
    app = app_over(build(tmp_path), start="log")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert text_of(app)[22].strip() == "Acme: created by ana"
