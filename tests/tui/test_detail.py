"""The detail screen with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.services.test_detail import MODEL, POINTS
from tests.tui.sample import app_over, text_of
from tests.workspace import build


def app_on(tmp_path: Path, model: str = MODEL, points: str = POINTS) -> tuple[KpituiApp, Store]:
    store = build(tmp_path, model, points)
    return app_over(store, start="log"), store


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 15)])
async def test_it_fits_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=size) as pilot:
        await app.open(app.made("detail", "demos"))
        await pilot.pause()
        lines = text_of(app)
        assert any("[Values]" in line for line in lines)
        # The gap is the figure one came for: a long name gives way to it.
        assert any("Demos" in line and "25 vs ≥ 30 (-16.7%)" in line for line in lines)
        assert any("act now" in line or "change the process" in line for line in lines)
        assert "?" in lines[-1] and all(len(line) <= size[0] for line in lines)


async def test_the_chart_shows_limits_and_changes_its_kind(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open(app.made("detail", "demos"))
        await pilot.pause()
        assert any("trial upper" in line for line in text_of(app))
        await pilot.press("C")
        await pilot.pause()
        assert not any("trial upper" in line for line in text_of(app))
        assert any("target 30" in line for line in text_of(app))


async def test_too_few_values_say_how_many_are_to_go(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open(app.made("detail", "arr"))
        await pilot.pause()
        assert any("limits need 6 values, 4 to go" in line for line in text_of(app))


async def test_a_value_is_typed_anew_and_the_old_one_stays(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open(app.made("detail", "demos"))
        await pilot.pause()
        detail = app.screen
        detail.board.go_to(next(row.key for row in detail.board.rows if row.cells[:1] == ("W46",)))  # type: ignore[union-attr]
        await pilot.press("enter", "ctrl+u", *"28", "enter")
        await pilot.pause()
        assert "Demos booked W46 = 28 (was 25)" in text_of(app)[22]
        assert any("28" in line and "W46" in line for line in text_of(app)[16:20])
    rows = store.rows("SELECT value FROM point_history")
    assert rows == [(25.0,)]


async def test_parts_and_neighbours_are_reached_by_keys(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.open(app.made("detail", "demos"))
        await pilot.pause()
        await pilot.press("l")
        await pilot.pause()
        assert any("two people left" in line for line in text_of(app))
        await pilot.press("h", "h")
        await pilot.pause()
        assert any("[Definition]" in line for line in text_of(app))
        await pilot.press(")")
        await pilot.pause()
        assert "ARR" in text_of(app)[2]


async def test_why_names_the_parts_that_moved_a_derived_metric_most(tmp_path: Path) -> None:
    from tests.services import test_why

    app, _ = app_on(tmp_path, test_why.MODEL, test_why.POINTS)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open(app.made("detail", "revenue"))
        await pilot.pause()
        await pilot.press("w")
        await pilot.pause()
        said = "+18.8% on the period before, mostly by Visits (+$1.99k) and Conversion (-$1.16k)"
        lines = text_of(app)
        assert any(f"Revenue W46 is $11.9k; {said}" in line for line in lines)
        # The parts stand in the place of the chart, and add up; w again brings the chart back.
        head = next(place for place, line in enumerate(lines) if "W45 to W46  +$1,880" in line)
        assert [line.split()[0] for line in lines[head + 1 : head + 6]] == [
            "W45",
            "Visits",
            "Conversion",
            "Order",
            "W46",
        ]
        assert "+$1,993" in lines[head + 2] and "█" in lines[head + 2]
        await pilot.press("w")
        await pilot.pause()
        assert not any("W45 to W46" in line for line in text_of(app))
        await pilot.press("w", "escape")
        await pilot.pause()
        assert app.screen.NAME == "detail" and not any("W45 to W46" in line for line in text_of(app))  # type: ignore[attr-defined]
        # One that is entered has no parts, and nothing is asked of it.
        await app.open(app.made("detail", "orders"))
        await pilot.pause()
        await pilot.press("w")
        await pilot.pause()
        assert any("Orders W46 is 216; +8.0% on the period before" in line for line in text_of(app))
        assert not any(" by Visits" in line for line in text_of(app))


async def test_what_is_needed_stands_whole_beside_a_shift_or_not_at_all(tmp_path: Path) -> None:
    from tests.services.test_phases import MODEL as SHIFTED
    from tests.services.test_phases import NEW, OLD

    aimed = '[[kpi]]\nmetric = "temp"\ntarget_kind = "from_to"\nbaseline = 20\ntarget = 90\nstart = 2026-06-01\n'
    app, _ = app_on(tmp_path, SHIFTED + aimed + "deadline = 2026-12-31\n", f"temp 2026-W21 {OLD} {NEW}")
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open(app.made("detail", "temp"))
        await pilot.pause()
        line = next(line for line in text_of(app) if line.startswith(" signal: "))
        assert "shift since W39" in line and "needed" in line and "…" not in line


async def test_a_shift_is_proposed_and_drawn_by_one_key(tmp_path: Path) -> None:
    from tests.services.test_phases import MODEL as SHIFTED
    from tests.services.test_phases import NEW, OLD

    app, store = app_on(tmp_path, SHIFTED, f"temp 2026-W21 {OLD} {NEW}")
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open(app.made("detail", "temp"))
        await pilot.pause()
        assert any("shift since W39: R draws limits anew" in line for line in text_of(app))
        await pilot.press("R", *"new thermostat", "enter")
        await pilot.pause()
        lines = text_of(app)
        assert any("Limits of Temperature are drawn anew from W39 on" in line for line in lines)
        assert any("no signal: trial limits, 8 values since W39" in line for line in lines)
        await pilot.press("h")
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        assert any("drawn from 21 Sep on by ana: new thermostat" in line for line in text_of(app))
        assert any("mean 20.3" in line or "mean 20.25" in line or "mean 20" in line for line in lines)
    assert store.rows("SELECT why, who FROM phase") == [("new thermostat", "ana")]
