"""The chance, the band beyond today and a person's own verdict on the detail screen."""

from __future__ import annotations

from pathlib import Path

from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from kpitui.tui.screens.detail import DetailScreen
from tests.services.test_outlooks import MODEL, POINTS
from tests.tui.sample import app_over, at_rest, text_of
from tests.workspace import build


def app_on(tmp_path: Path) -> tuple[KpituiApp, Store]:
    store = build(tmp_path, MODEL, POINTS)
    return app_over(store, start="log"), store


async def shown(app: KpituiApp) -> None:
    """What was saved is on the screen."""
    assert isinstance(app.screen, DetailScreen)
    await app.screen.fetch()


async def test_the_chart_goes_on_beyond_today_with_its_band(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open(app.made("detail", "leads"))
        await pilot.pause()
        await pilot.pause()
        text = "\n".join(text_of(app))
        assert "4 in 5 to" in text and "expected" in text
        assert "needed 36.7 a week, recently 38.8, chance" in text


async def test_a_verdict_of_ones_own_is_typed_shown_and_taken_back(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open(app.made("detail", "leads"))
        await pilot.pause()
        await pilot.press("O")
        await pilot.pause()
        await pilot.press(*"risk")
        await pilot.pause()
        assert any("needs a reason" in line for line in text_of(app))
        await pilot.press("space", "semicolon", *"ads", "enter")
        await at_rest(app)
        await pilot.pause()
        assert store.rows("SELECT status, why, who FROM override") == [("at_risk", "ads", "ana")]
        await shown(app)
        await pilot.pause()
        text = "\n".join(text_of(app))
        assert "ana says at risk: ads (worked out on track" in text
        await pilot.press("u")
        await at_rest(app)
        await shown(app)
        await pilot.pause()
        assert "ana says" not in "\n".join(text_of(app))


async def test_a_plain_metric_has_no_verdict(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open(app.made("detail", "visits"))
        await pilot.pause()
        await pilot.press("O")
        await pilot.pause()
        assert any("Only a KPI has a verdict" in line for line in text_of(app))
    assert not store.rows("SELECT 1 FROM override")
