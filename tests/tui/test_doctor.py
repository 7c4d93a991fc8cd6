"""The doctor's screen with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.charts.glyphs import ASCII, UNICODE, Glyphs
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from kpitui.tui.widgets.board import Board
from tests.tui.sample import app_over, text_of
from tests.workspace import build

MODEL = """
[[goal]]
slug = "year"
title = "500 leads"
main = true
metric = "leads"
target = 500
deadline = 2026-12-31
owner = "ana"

[[metric]]
slug = "leads"
name = "Leads"
definition = "Who asked for an offer."
source = "CRM"
owner = "ana"
timing = "lagging"

[[metric]]
slug = "rate"
name = "Close rate"
kind = "index"
unit = "percent"
definition = "Deals per offer."
source = "CRM"
owner = "bo"
good_low = 0.2

[[kpi]]
metric = "leads"
goal = "year"
target_kind = "at_least"
target = 10
deadline = 2026-12-31
counter = "rate"
owner = "ana"
"""


def app_on(tmp_path: Path, start: str = "doctor", glyphs: Glyphs = UNICODE) -> tuple[KpituiApp, Store]:
    store = build(tmp_path, MODEL, "leads 2026-W40 31 33 30 29 31 31 30")
    return app_over(store, start=start, glyphs=glyphs), store


async def test_findings_stand_with_their_reason_and_lead_to_where_they_are_mended(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        lines = text_of(app)
        assert "KPI doctor" in lines[2] and "33 rules" in lines[2]
        assert "K03" in lines[4] and "Leads" in lines[4] and "n add one" in lines[4]
        assert any("K03  each KPI has a leading indicator" in line for line in lines)
        assert any("Balance leading" in line for line in lines)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert app.tab == "tree" and "lead >=30" in text_of(app)[22]
        assert app.kpi_screen is not None and app.kpi_screen.typing()


async def test_a_waiver_asks_why_and_is_shown_and_taken_back(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("x", *"we know", "enter")
        await pilot.pause()
        assert store.rows("SELECT rule, why, who FROM waiver") == [("K03", "we know", "ana")]
        assert "K03 is waived for Leads until 2027-05-22 · u undo" in text_of(app)[22]
        assert not any("K03" in line for line in text_of(app)[4:10])
        await pilot.press("f")
        await pilot.pause()
        assert any("waived: we know" in line for line in text_of(app))
        await pilot.press("u")
        await pilot.pause()
        assert store.one("SELECT archived FROM waiver") == 1
        await pilot.press("x", "escape")
        await pilot.pause()
        assert store.one("SELECT count(*) FROM waiver WHERE archived = 0") == 0


async def test_a_goal_read_as_one_week_is_made_a_total_by_two_enters(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.screen.query_one(Board).go_to("G04:goal:1")
        await pilot.press("enter")
        while "kind of target" not in text_of(app)[22]:
            await pilot.pause()
        assert "reach" in text_of(app)[22]
        await pilot.press("enter")
        while store.one("SELECT target_kind FROM goal") != "reach":
            await pilot.pause()


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 15)])
async def test_it_fits_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        lines = text_of(app)
        assert any("K03" in line and "Leads" in line for line in lines)
        assert ("All rules" in "".join(lines)) == (size[0] >= 120)
        if size[0] < 60:
            await pilot.press("i")
            await pilot.pause()
            assert any("Balance" in line for line in text_of(app))


async def test_home_and_the_tab_bar_say_how_many_there_are(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path, "home")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        while not app.doctor[0]:
            await pilot.pause()
        await pilot.pause()
        lines = text_of(app)
        assert f"Doctor {app.doctor[0]}" in lines[0]
        assert any(f"Doctor       {app.doctor[0]} findings:" in line and "Leads" in line for line in lines)


async def test_the_filter_and_mine_narrow_the_list(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("at")
        await pilot.pause()
        assert "Mine only (ana)" in text_of(app)[22]
        await pilot.press("at", "slash", *"K07zzz", "enter")
        await pilot.pause()
        assert any("No finding matches" in line for line in text_of(app))


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 15)])
async def test_doctor_promote_and_playbook_keep_to_the_signs_of_the_terminal(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app, store = app_on(tmp_path, glyphs=ASCII)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert "".join(text_of(app)).isascii()
        await pilot.press("f", "i")
        await pilot.pause()
        assert "".join(text_of(app)).isascii()
        for name, metric in (("promote", "rate"), ("playbook", "leads")):
            metric_id = int(store.one("SELECT id FROM metric WHERE slug = ?", (metric,)))
            await app.open(app.made(name, metric_id))
            await pilot.press(*(">=6%" if name == "promote" else ""))
            await pilot.pause()
            assert "".join(text_of(app)).isascii(), name
            app.go_back()
