"""Many values at once in the entry grid: pasting, and blocks that are emptied or copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from kpitui.storage.store import Store
from kpitui.tui.screens.entry import EntryScreen
from tests.tui.sample import text_of
from tests.tui.values import line_with, running, saved, stored, workspace


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return workspace(tmp_path)


async def paste(app: object, text: str) -> None:
    screen = app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, EntryScreen)
    screen.grid.on_paste(events.Paste(text))


async def test_a_column_is_pasted_with_a_preview_and_undone_as_one(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await paste(app, "359\n399\n540\r\n3.1\n")
        await pilot.pause()
        lines = text_of(app)
        assert "Paste: 4 values, 1 odd · ⏎ saves, Esc drops" in lines[22]
        assert "359" in line_with(lines, " MRR") and "540?" in line_with(lines, "Site visits")
        assert len(stored(store, "mrr")) == 9
        await pilot.press("enter")
        assert "Saved 4 values · 1 to check · u undo" in (await saved(app, pilot))[22]
        assert [stored(store, slug)[-1] for slug in ("mrr", "cac", "visits", "reply")] == [359, 399, 540, 3.1]
        await pilot.press("u")
        await saved(app, pilot)
    assert [stored(store, slug)[-1] for slug in ("mrr", "cac", "visits", "reply")] == [None] * 4


async def test_a_block_is_pasted_down_and_right(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h")
        await paste(app, "357\t$359\n\t401")
        await pilot.press("enter")
        await saved(app, pilot)
    assert stored(store, "mrr")[-2:] == [357, 359]
    assert stored(store, "cac")[-2:] == [398, 401]


async def test_a_column_longer_than_the_rows_goes_along_the_weeks(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("j", "j", "j", "h", "h", "h", "h", "h")
        await paste(app, "2.1\n2.2\n2.3\n2.4\n2.5\n2.6\n")
        assert "Paste: 6 values along the row" in text_of(app)[22]
        await pilot.press("enter")
        await saved(app, pilot)
        assert stored(store, "reply")[-6:] == [2.1, 2.2, 2.3, 2.4, 2.5, 2.6]


async def test_a_dropped_paste_saves_nothing(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await paste(app, "1\n2")
        await pilot.press("escape")
        assert "____" in line_with(text_of(app), " MRR") and "Nothing was pasted" in text_of(app)[22]
        await saved(app, pilot)
    assert len(stored(store, "mrr")) == 9


async def test_a_paste_with_a_cell_that_cannot_be_read_saves_nothing(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await paste(app, "359\nabc")
        assert "nothing can be saved: CAC, $ W47: Not a number" in text_of(app)[22]
        await pilot.press("enter")
        await saved(app, pilot)
        assert len(stored(store, "mrr")) == 9 and app.screen.prompt.kind == "error"
        assert any("Not a number: abc" in line for line in text_of(app)[20:])
        await pilot.press("escape", *"358", "enter")
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == 358


async def test_a_paste_larger_than_the_grid_is_refused(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await paste(app, "\n".join("123456789"))
        await pilot.pause()
        assert "beyond the grid" in text_of(app)[22]


async def test_a_block_is_emptied_as_one_change(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h", "v", "j", "h", "d")
        assert "Emptied 4 values · u undo" in (await saved(app, pilot))[22]
        assert stored(store, "mrr")[-2:] == stored(store, "cac")[-2:] == [None, None]
        await pilot.press("u")
        await saved(app, pilot)
    assert stored(store, "mrr")[-2:] == [355, 356]


async def test_a_block_is_copied(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h", "v", "j", "h", "y")
        assert app.clipboard == "355\t356\n402\t398"
