"""A goal's own screen: opened from the tree, rolled over, walked through."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.storage import reading
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.services.test_goals import company
from tests.tui.sample import app_over, text_of


def app_on(tmp_path: Path, start: str = "tree") -> tuple[KpituiApp, Store]:
    store = company(tmp_path)
    return app_over(store, start=start), store


async def test_enter_on_a_goal_opens_it_in_full_and_n_makes_next_years(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.screen.reveal(f"goal:{reading.goals(store)[1].id}")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause()
        lines = text_of(app)
        assert any("ana brings Revenue to $504 in all between 1 Jan and 31 Dec 2026" in line for line in lines)
        assert any("2.1 × your best year (from Jan '25); reached in 0 of 13 past windows." in line for line in lines)
        assert any("what will be different" in line for line in lines)
        assert any("2 of 2 reporting" in line for line in lines)
        assert any("2025" in line and "achieved" in line for line in lines)
        await pilot.press("n", *"+20%")
        assert "$605 Revenue by 31 Dec 2027, from 1 Jan 2027" in text_of(app)[38]
        await pilot.press("enter")
        await pilot.pause()
        assert "New goal: $605 Revenue by 31 Dec 2027" in text_of(app)[38]
        await pilot.press("u")
        await pilot.pause()
    assert len(reading.goals(store)) == 3


async def test_from_the_goal_to_its_kpis_and_the_goals_below_and_back(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("goal", "revenue_2026"))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.name == "detail"
        await pilot.press("q", "j", "j", "enter")
        await pilot.pause()
        assert any("90% Satisfaction in Q4" in line for line in text_of(app)[:3])
        await pilot.press("m", *"half way", "enter")
        await pilot.pause()
        await pilot.press("G", "ctrl+d")
        await pilot.press("q", "q")
        await pilot.pause()
        assert app.screen.name == "tree"
    assert store.one("SELECT text FROM annotation WHERE goal_id IS NOT NULL") == "half way"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 15)])
async def test_it_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await app.open(app.made("goal", "q4"))
        await pilot.pause()
        lines = text_of(app)
        assert any("Satisfaction" in line for line in lines) and any("missing:" in line for line in lines)
        assert all(len(line) <= size[0] for line in lines)


async def test_the_palette_leads_to_the_goal_of_the_year(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path, "home")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        from kpitui.tui.screens import goal

        assert app.kpi_screen is not None
        await goal.open_main(app.kpi_screen)
        await pilot.pause()
        assert app.screen.name == "goal" and any("$504 Revenue" in line for line in text_of(app))
