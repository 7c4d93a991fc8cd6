"""What is being typed when the terminal, the program or the power goes: offered again, and saved by Enter."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpitui import config as own
from kpitui import paths, themes
from kpitui.domain.model import Metric
from kpitui.errors import Busy
from kpitui.storage import definitions
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp, build_app
from kpitui.tui.drafts import Draft, unfinished
from kpitui.tui.widgets.form import Form
from tests.services.test_promote_page import FULL, MODEL
from tests.tui import sample
from tests.tui.sample import sample_app, text_of
from tests.tui.terminal import Terminal
from tests.tui.test_tree import app_on as tree_on
from tests.tui.test_tree import at, company
from tests.workspace import build, join

SIZE = (80, 24)
SMALL = """
[[metric]]
slug = "visits"
name = "Visits"
cadence = "week"
kind = "flow"

[[goal]]
slug = "grow"
title = "Grow"
metric = "visits"
main = true
baseline = 0
target = 5000
start = 2026-01-01
deadline = 2026-12-31
"""


def screens(store: Store) -> Terminal:
    terminal = Terminal(["-m", "kpitui", "--db", store.path], 100, 30, {"KPITUI_TODAY": "2026-11-20"})
    terminal.wait_for("? help")
    terminal.settle()
    return terminal


def test_a_note_that_a_signal_cut_off_is_offered_again_and_saved(tmp_path: Path) -> None:
    store = build(tmp_path, SMALL, "visits 2026-W44 120 130 140")
    for end, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 143)):
        with screens(store) as terminal:
            terminal.press("2")
            terminal.press("jm")
            terminal.press("Prices went" if end == signal.SIGKILL else " up")
            os.kill(terminal.pid, end)
            assert terminal.ended() == code
            # A program that is told to end leaves the terminal as it was.
            assert (b"\x1b[?1049l" in terminal.bytes) == (end == signal.SIGTERM)
            (said,) = unfinished(store.path)
            assert "“Prices went" in said
    with screens(store) as terminal:
        terminal.wait_for("Not finished")
        terminal.press("2")
        terminal.press("jm")
        terminal.wait_for("Prices went up")
        terminal.press("\r")
        terminal.wait(lambda: store.rows("SELECT text FROM annotation") == [("Prices went up",)])
        terminal.wait(lambda: unfinished(store.path) == ())


@pytest.fixture
def app(tmp_path: Path) -> KpituiApp:
    made = sample_app()
    at = made.read_chrome
    made.read_chrome = lambda store, day: at(store, day)._replace(path=str(tmp_path / "a.db"))  # type: ignore[method-assign]
    return made


async def test_a_line_is_kept_at_every_key_and_gone_when_it_is_saved_or_dropped(app: KpituiApp, tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a", *"call")
        assert Draft(path, "line-home").kept() == ("action", "call")
        await pilot.press("enter")
        await pilot.pause()
        assert unfinished(path) == ()
        await pilot.press("a", *"never")
        assert unfinished(path) == ("Not finished: action “never”. The same key brings it back.",)
        await pilot.press("escape")
        assert unfinished(path) == ()


async def test_what_was_typed_on_one_line_comes_back_for_that_one_only(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = tree_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "MRR")
        await pilot.press("m", *"Prices up")
        await pilot.pause()
        (said,) = unfinished(store.path)
        assert said == "Not finished in Tree: Note (MRR) “Prices up”. The same key brings it back."
    app = tree_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "NPS")
        await pilot.press("m")
        await pilot.pause()
        assert "Prices up" not in "\n".join(text_of(app))


async def test_a_metric_typed_for_one_goal_is_not_offered_to_another(tmp_path: Path) -> None:
    goals = "".join(f'[[goal]]\nslug = "{name.lower()}"\ntitle = "{name}"\n' for name in ("Grow", "Last"))
    store = build(tmp_path, f'[[metric]]\nslug = "visits"\nname = "Visits"\n{goals}')
    for goal, before in (("Grow", False), ("Last", False), ("Grow", True)):
        app = tree_on(store)
        async with app.run_test(size=SIZE) as pilot:
            await at(app, pilot, goal)
            await pilot.press("M")
            await pilot.pause()
            assert ("Vis" in text_of(app)[-2]) is before, text_of(app)
            if goal == "Grow" and not before:
                await pilot.press(*"Vis")
                await pilot.pause()
                assert unfinished(store.path)[0].startswith("Not finished in Tree: Measured by (Grow) “Vis”")


async def test_a_line_that_comes_back_over_something_else_says_so_and_a_refused_one_is_kept(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = tree_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "NPS")
        await pilot.press("e", *" lag")
        await pilot.pause()
    with join(store, "bo") as bo, bo.write("metric.edit") as tx:
        definitions.change(tx, definitions.all_of(bo, Metric, slug="nps")[0], owner="dee")
    app = tree_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await at(app, pilot, "NPS")
        await pilot.press("e")
        await pilot.pause()
        shown = " ".join(" ".join(text_of(app)).split())
        assert "This was typed over “NPS, quarterly score level up”; by now it is “NPS, quarterly @dee score" in shown
        await pilot.press("ctrl+u", *"MRR, weekly", "enter")
        await pilot.pause()
        assert "There is a metric called MRR already" in " ".join(text_of(app))
        (said,) = unfinished(store.path)
        assert said == "Not finished in Tree: Edit (NPS) “MRR, weekly”. The same key brings it back."


async def test_a_line_that_its_screen_brings_back_itself_is_kept_no_longer_than_until_it_is_saved(
    app: KpituiApp, tmp_path: Path
) -> None:
    path = str(tmp_path / "a.db")
    async with app.run_test(size=SIZE) as pilot:
        Draft(path, "line-home").keep("D", "refused before")
        asked = asyncio.ensure_future(app.kpi_screen.ask("D", initial="refused before"))  # type: ignore[union-attr]
        await pilot.pause()
        assert "This was typed" not in " ".join(text_of(app))
        await pilot.press("enter")
        assert await asked == "refused before"
        await pilot.pause()
        assert unfinished(path) == ()


async def test_a_line_whose_save_was_refused_comes_back(
    app: KpituiApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(store: Any, text: str) -> str:
        raise Busy("bo is writing. NOT saved: try again in a moment.")

    async with app.run_test(size=SIZE) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(sample, "write", busy)
            await pilot.press("a", *"call", "enter")
            await pilot.pause()
        assert "NOT saved" in "\n".join(text_of(app))
        await pilot.press("a", "enter")
        await pilot.pause()
        assert "Wrote call" in "\n".join(text_of(app)) and unfinished(str(tmp_path / "a.db")) == ()


async def test_the_fields_of_promote_are_there_again(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, FULL)
    metric = int(store.one("SELECT id FROM metric WHERE slug = 'demos'"))

    def opened() -> KpituiApp:
        return build_app(
            lambda: Store.open(store.path, who=store.who, via="tui", now=store.now),
            config=own.Config(),
            themes=themes.load_themes([paths.shipped_themes()]),
            today=lambda: date(2026, 11, 20),
        )

    first, second = opened(), opened()
    async with first.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await first.open(first.made("promote", metric))
        await pilot.press("3", "0")
    (said,) = unfinished(store.path)
    assert said == "Not finished: the page that makes a KPI of Demos booked. p on it brings it back."
    async with second.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await second.open(second.made("promote", metric))
        await pilot.pause()
        assert second.screen.query_one(Form).values["to"] == "30"
        assert "Here is what was typed before" in "\n".join(text_of(second))
        await pilot.press("escape")
        assert Draft(store.path, f"promote-{metric}-0").kept() == ("", "")


def test_a_draft_belongs_to_one_workspace_and_to_nobody_else(tmp_path: Path) -> None:
    Draft(str(tmp_path / "a.db"), "line-home").keep("note", "mine\x1b[2J")
    assert unfinished(str(tmp_path / "other.db")) == ()
    (said,) = unfinished(str(tmp_path / "a.db"))
    assert "\x1b" not in said and "“mine”" in said
    folder = Path(os.environ["XDG_STATE_HOME"]) / "kpitui" / "drafts"
    assert {file.stat().st_mode & 0o777 for file in [folder, *folder.iterdir()]} == {0o700, 0o600}
