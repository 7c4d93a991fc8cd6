"""The playbook's screen, opened from a KPI that is off track and filled in with keys."""

from __future__ import annotations

from pathlib import Path

from kpitui.domain.model import Playbook
from kpitui.storage import definitions
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.services.test_playbook import MODEL
from tests.tui.sample import app_over, text_of
from tests.workspace import build, join


def app_on(tmp_path: Path) -> tuple[KpituiApp, Store]:
    text = MODEL + '[[playbook]]\nkpi = "calls"\ncauses = "old list\\nwrong hours"\nsteps = "Call together"\n'
    store = build(tmp_path, text, "calls 2026-W40 30 31 29 30 32 30 29")
    return app_over(store), store


async def test_a_miss_becomes_a_countermeasure_with_owner_and_day(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("detail", "calls"))
        await pilot.press("E")
        await pilot.pause()
        lines = text_of(app)
        assert "Playbook: Calls" in lines[2] and "29" in lines[3]
        assert any("wrong hours" in line for line in lines) and any("Call together" in line for line in lines)
        await pilot.press("j", "enter", *"New hours @bo fri", "enter")
        await pilot.pause()
        assert store.row("SELECT text, owner, cause FROM action") == ("New hours", "bo", "wrong hours")
        assert any("New hours (against wrong hours)" in line for line in text_of(app))
        assert "Saved wrong hours: bo, New hours, Fri 27 Nov" in text_of(app)[22]


async def test_parts_that_two_people_write_are_both_kept_and_the_same_part_is_asked_for(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)

    def theirs(**texts: str) -> None:
        with join(store, "bo") as bo, bo.write("playbook.write") as tx:
            definitions.change(tx, definitions.all_of(bo, Playbook)[0], **texts)

    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("playbook", int(store.one("SELECT metric_id FROM kpi"))))
        await pilot.press("e", "ctrl+u", *"no demand", "enter")
        theirs(steps="Listen in")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert store.row("SELECT causes, steps FROM playbook") == ("no demand", "Listen in")
        await pilot.press("e", "ctrl+u", *"too few", "enter", "enter")
        theirs(causes="no time")
        await pilot.press("enter")
        await pilot.pause()
        assert "bo at 10:00 made" in text_of(app)[22] and "“no time”. Save yours, “too few”" in "".join(text_of(app))
        await pilot.press("n")
        await pilot.pause()
        assert "Kept what bo wrote" in text_of(app)[22]
    assert store.row("SELECT causes, steps FROM playbook") == ("no time", "Listen in")


async def test_it_is_written_in_three_lines_and_fits_a_small_terminal(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(40, 15)) as pilot:
        await pilot.pause()
        await app.open(app.made("playbook", int(store.one("SELECT metric_id FROM kpi"))))
        await pilot.press("e", "ctrl+u", *"no demand", "enter", *"a day off; a coach", "enter", "enter")
        await pilot.pause()
        assert store.row("SELECT causes, support, steps FROM playbook") == (
            "no demand",
            "a day off\na coach",
            "Call together",
        )
        assert any("a coach" in line for line in text_of(app))
