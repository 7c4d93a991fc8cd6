"""The what-if page: opened from a goal and a row, typed live, taken back, kept as a target and in no other way."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.storage import reading
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.services.test_whatif import MODEL, POINTS
from tests.tui.sample import app_over, text_of
from tests.workspace import build


def app_on(tmp_path: Path, start: str = "tree") -> tuple[KpituiApp, Store]:
    store = build(tmp_path, MODEL, POINTS)
    return app_over(store, start=start), store


def line(app: KpituiApp, name: str) -> str:
    return next(text for text in text_of(app) if f" {name} " in text)


async def test_typing_moves_the_page_and_nothing_is_saved_but_the_target_asked_for(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    last = store.one("SELECT max(id) FROM txn")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        app.screen.reveal(f"goal:{reading.goals(store)[0].id}")  # type: ignore[attr-defined]
        await pilot.press("V")
        await pilot.pause()
        assert any("goal $400: $100 short" in text for text in text_of(app))
        assert "1.1k" in line(app, "Visits") and "2 of 7 weeks" in line(app, "Visits")
        app.screen.board.go_to(f"metric:{store.one('SELECT id FROM metric WHERE slug = ?', ('visits',))}")  # type: ignore[attr-defined]
        await pilot.press("enter", *"+20%")
        await pilot.pause()
        assert any("would be $500, goal $400: reached" in text for text in text_of(app))
        await pilot.press("escape")
        await pilot.pause()
        assert any("goal $400: $100 short" in text for text in text_of(app))
        await pilot.press("enter", *"+20%", "enter")
        await pilot.pause()
        assert "1.2k" in line(app, "Visits") and "24" in line(app, "Orders")
        await pilot.press("d")
        await pilot.pause()
        assert any("goal $400: $100 short" in text for text in text_of(app))
        assert store.one("SELECT max(id) FROM txn") == last
        await pilot.press("T", "y")
        await pilot.pause()
        assert store.one("SELECT good_low FROM metric WHERE slug = 'visits'") == 1100
        assert store.one("SELECT why FROM txn ORDER BY id DESC LIMIT 1") == "for $400 profit a week: $400"


async def test_a_metric_made_of_nothing_shows_what_lies_above_it(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, "home")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("whatif", store.one("SELECT id FROM metric WHERE slug = 'visits'")))
        await pilot.press("enter", *"2k", "enter")
        await pilot.pause()
        assert "$2k" in line(app, "Revenue") and "$1.3k" in line(app, "Profit")
        await pilot.press("[")
        await pilot.pause()
        assert any("W45" in text for text in text_of(app))
        await pilot.press("escape")
        await pilot.pause()
        assert any("As it is" in text for text in text_of(app))
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.name == "home"


@pytest.mark.parametrize("size", [(120, 40), (40, 15)])
async def test_it_fits_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app, store = app_on(tmp_path, "home")
    async with app.run_test(size=size) as pilot:
        await app.open(app.made("whatif", store.one("SELECT id FROM metric WHERE slug = 'profit'")))
        await pilot.pause()
        assert "$1.1k" in line(app, "Revenue")
        assert all(len(text.rstrip()) <= size[0] for text in text_of(app))
