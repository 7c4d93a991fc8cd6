"""The log and the settings with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui import config as own
from kpitui.domain.log_head import NARROW, short
from kpitui.services.log_head import newest
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.tui.sample import app_over, text_of
from tests.workspace import build

MODEL = """
[[metric]]
slug = "demos"
name = "Demos booked"
cadence = "week"
owner = "ana"
"""


def app_on(tmp_path: Path, start: str) -> tuple[KpituiApp, Store]:
    store = build(tmp_path, MODEL, "demos 2026-W40 31 33 30 29\ndemos 2026-W42 28")
    return app_over(store, start=start), store


async def test_the_log_shows_changes_and_reverts_one_with_a_reason(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, "log")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        lines = text_of(app)
        assert "Demos booked W42" in lines[4] and "30 > 28" in lines[4]
        await pilot.press("B", *"typo", "enter")
        await pilot.pause()
        assert "Took back Demos booked W42: 28 > 30 · u undo" in text_of(app)[22]
    assert store.one("SELECT value FROM point ORDER BY start DESC LIMIT 1 OFFSET 1") == 30
    assert store.one("SELECT why FROM txn ORDER BY id DESC LIMIT 1") == "typo"


async def test_the_log_is_narrowed_and_says_how_to_get_out_of_an_empty_one(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path, "log")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"w42", "enter")
        await pilot.pause()
        assert "/ w42  2 of 8  Esc clears" in text_of(app)[22]
        # Four values of one action: what goes with it is said before it is taken back.
        await pilot.press("escape", *"jj", "B")
        await pilot.pause()
        assert "takes back all 4 lines of this action: Demos booked" in text_of(app)[22]
        await pilot.press("escape", "slash", *"zzz", "enter")
        await pilot.pause()
        assert any("No change matches. Esc clears" in line for line in text_of(app))
        await pilot.press("escape")
        await pilot.pause()
        assert any("Demos booked W42" in line for line in text_of(app))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 15)])
async def test_both_screens_fit_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app, store = app_on(tmp_path, "log")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        lines, top = text_of(app), newest(store)
        assert any("30 > 28" in line or "> 28" in line for line in lines)
        # What a report or a backup says of the log, compared at a glance; where the rule has room beside its title.
        assert top is not None and (size[0] < 120 or any(short(*top) in line for line in lines))
        await pilot.press("0")
        await pilot.pause()
        lines = text_of(app)
        assert any("theme" in line for line in lines)
        assert size[0] < 80 or short(*top, NARROW) in lines[2]
        assert all(len(line) <= size[0] for line in lines) and "?" in lines[-1]


async def test_a_setting_of_ones_own_is_used_at_once_kept_and_taken_back(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path, "settings")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l")
        await pilot.pause()
        assert app.theme == "kpitui-light"
        assert own.load().config.theme == "light"
        await pilot.press("u")
        await pilot.pause()
        assert app.theme == "kpitui-dark"
        assert own.load().config.theme == "dark"


async def test_a_setting_of_the_team_is_refused_by_a_sentence_or_saved_with_a_line_in_the_log(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, "settings")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.board.go_to("team:currency")  # type: ignore[union-attr]
        await pilot.press("enter", *"dollar", "enter")
        assert "dollar" in text_of(app)[22] and "USD" not in text_of(app)[22].partition("currency")[2][:12]
        assert any("three letters" in line for line in text_of(app)[18:23])
        await pilot.press("ctrl+u")
        app.kpi_screen.prompt.take_paste("€")  # type: ignore[union-attr]
        await pilot.press("enter")
        await pilot.pause()
        assert "Set currency for the team: EUR (was USD)" in text_of(app)[22]
    assert store.one("SELECT value FROM setting WHERE key = 'currency'") == "EUR"
    assert store.one("SELECT summary FROM txn ORDER BY id DESC LIMIT 1") == "currency: EUR"


async def test_another_week_start_asks_first(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, "settings")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.screen.board.go_to("team:week_start")  # type: ignore[union-attr]
        await pilot.press("l")
        await pilot.pause()
        assert "no value is lost" in text_of(app)[38]
        assert any("periods with a value become" in line for line in text_of(app))
        await pilot.press("n")
        await pilot.pause()
        assert "Left as it was" in text_of(app)[38]
    assert store.one("SELECT count(*) FROM setting WHERE key = 'week_start' AND value <> 'monday'") == 0


async def test_space_takes_the_next_option_and_e_goes_to_the_keys(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path, "settings")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        await pilot.pause()
        assert app.theme == "kpitui-light"
        await pilot.press("e")
        await pilot.pause()
        assert app.screen.board.cursor_key.startswith("key:")  # type: ignore[union-attr]
