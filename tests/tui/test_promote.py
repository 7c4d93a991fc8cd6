"""The promote page with keys pressed: four keys for a KPI, thirteen and the texts for a KPI."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.model import Kpi
from kpitui.storage import definitions
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from kpitui.tui.widgets.form import Form
from tests.services.test_promote_page import FULL, MODEL
from tests.tui.sample import app_over, text_of
from tests.workspace import build, join

KPIS = "".join(
    f'[[metric]]\nslug = "m{n}"\nname = "Other {n}"\n[[kpi]]\nmetric = "m{n}"\ngoal = "arr"\n'
    'target_kind = "at_least"\ntarget = 3\n'
    for n in range(3)
)


def app_on(tmp_path: Path, more: str = "") -> tuple[KpituiApp, Store]:
    store = build(tmp_path, MODEL + more, FULL)
    return app_over(store), store


def demos(store: Store) -> int:
    return int(store.one("SELECT id FROM metric WHERE slug = 'demos'"))


def said(app: KpituiApp) -> str:
    return "\n".join(text_of(app))


async def test_the_cursor_starts_at_the_target_and_ctrl_s_makes_it_live(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        assert app.screen.query_one(Form).at == "to"
        assert "Missing         target. ctrl+s saves a draft. Open: 6 answers, counter metric" in said(app)
        await pilot.press("3", "0")
        assert "Still open      6 answers, counter metric. ctrl+s makes it live" in said(app)
        assert "= Raise Demos booked from 26 to 30 a week by 31 Dec, bo." in said(app)
        assert "met 9 of" in said(app) and "best 32" in said(app)
        app.screen.query_one(Form).go_to("impact")
        await pilot.press("y", *"T", "enter", "y", *"T", "enter", *"T")
        assert "Still open      1 answer (Changed on a miss?), counter metric. ctrl+s: live" in said(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert store.row("SELECT state, baseline, target, target_kind FROM kpi") == ("live", 26.0, 30.0, "from_to")
        assert "is a KPI now, live · open: 1 answer" in said(app)


async def test_thirteen_keys_and_the_texts_make_a_kpi_over_the_limit(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, KPIS)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        keys = ["3", "0", "enter", "y", *"T", "enter", "y", *"T", "enter", *"T", "enter", *"T", "enter", "enter", "k"]
        await pilot.press(*keys)
        await pilot.pause()
        assert "Nothing missing: ctrl+s promotes it, live" in said(app)
        assert "over the limit" in said(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert 1 + len(keys) - len("TTTT") + 1 == 13  # with the p that opens the page, and ctrl+s
        row = store.row(
            "SELECT state, answer_impact, answer_results, answer_measured, counter_id FROM kpi ORDER BY id DESC"
        )
        assert row[:4] == ("live", "yes", "T", "yes: CRM export") and row[4] is not None  # type: ignore[index]
        assert "Demos booked is a KPI now" in said(app) and "4 KPIs now" in said(app)


async def test_finishing_a_kpi_keeps_what_was_answered_in_words(tmp_path: Path) -> None:
    more = (
        '[[kpi]]\nmetric = "demos"\ngoal = "arr"\ntarget_kind = "at_least"\ntarget = 30\nbaseline = 26\n'
        'answer_impact = "Half of the deals begin there."\nanswer_measured = "Notes and calls."\n'
    )
    app, store = app_on(tmp_path, more)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        assert "Live KPI: Demos booked" in said(app) and "T changes it" in said(app)
        form = app.screen.query_one(Form)
        form.go_to("change")
        await pilot.press(*"Hours", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        row = store.row("SELECT answer_impact, answer_measured, answer_change, target, state FROM kpi")
        assert row == ("Half of the deals begin there.", "Notes and calls.", "Hours", 30.0, "live")
        await app.open(app.made("promote", demos(store)))
        app.screen.query_one(Form).go_to("impact")
        await pilot.press("n", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert store.one("SELECT answer_impact FROM kpi") == "no"


async def test_the_page_of_a_live_kpi_has_nothing_to_promote(tmp_path: Path) -> None:
    answers = "".join(
        f'answer_{name} = "Said."\n' for name in ("impact", "results", "measured", "purpose", "success", "change")
    )
    more = (
        '[[metric]]\nslug = "noshows"\nname = "No-shows"\ndirection = "down"\n[[kpi]]\nmetric = "demos"\ngoal = "arr"\n'
        'target_kind = "at_least"\ntarget = 30\nbaseline = 26\ncounter = "noshows"\nowner = "bo"\n'
        "start = 2026-01-01\ndeadline = 2026-12-31\n"
    )
    app, store = app_on(tmp_path, more + answers)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        shown = said(app)
        assert "Live KPI: Demos booked" in shown
        assert "Nothing missing: ctrl+s saves it" in shown


async def test_s_swaps_one_out_and_t_gives_it_to_a_team(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, KPIS)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        form = app.screen.query_one(Form)
        form.go_to("slot")
        await pilot.press("s", *"Other 1", "enter")
        await pilot.pause()
        assert "Other 1 becomes a plain metric" in said(app)
        form.go_to("slot")
        await pilot.press("t")
        await pilot.pause()
        assert "goes to Sales" in said(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert store.one("SELECT count(*) FROM kpi k JOIN scope s ON s.id = k.scope_id WHERE s.slug = 'sales'") == 1


async def test_what_cannot_be_read_is_said_and_nothing_is_saved(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        await pilot.press(*"soon")
        assert "soon" in text_of(app)[22]
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        assert app.screen.query_one(Form).at == "to" and "soon" in text_of(app)[22]
        await pilot.press("ctrl+u", *"30 at 0.5 a week", "shift+tab", "tab")
        assert "by 15 Jan 2027" in said(app)
        await pilot.press("escape")
        await pilot.pause()
        assert store.one("SELECT count(*) FROM kpi") == 0


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 15)])
async def test_the_page_fits_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    app, store = app_on(tmp_path, KPIS)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        await pilot.pause()
        lines = text_of(app)
        assert "Promote to KPI: Demos booked" in "\n".join(lines) and all(len(line) <= size[0] for line in lines)
        assert ("Checklist" in said(app)) == (size[0] >= 120)
        for _ in range(len(app.screen.query_one(Form).fields)):
            await pilot.press("tab")
            assert "[" in said(app)
        form = app.screen.query_one(Form)
        form.go_to("slot")
        await pilot.pause()
        assert "s swap" in said(app)


async def test_what_is_missing_never_ends_in_half_a_hint(tmp_path: Path) -> None:
    app, store = app_on(tmp_path, '[[metric]]\nslug = "new"\nname = "New"\nowner = "ana"\n')
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", int(store.one("SELECT id FROM metric WHERE slug = 'new'"))))
        line = next(line for line in text_of(app) if line.startswith(" Missing"))
        assert line.rstrip().endswith("target, baseline. a draft. Open: 6 answers, counter metric")


async def test_what_somebody_else_changed_meanwhile_is_kept_and_the_same_field_is_asked_for(tmp_path: Path) -> None:
    kpi = '[[kpi]]\nmetric = "demos"\ngoal = "arr"\ntarget_kind = "at_least"\ntarget = 30\nobjective = "More demos"\n'
    app, store = app_on(tmp_path, kpi)

    def theirs(**values: object) -> None:
        with join(store, "bo") as bo, bo.write("kpi.edit") as tx:
            definitions.change(tx, definitions.all_of(bo, Kpi)[0], **values)

    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await app.open(app.made("promote", demos(store)))
        app.screen.query_one(Form).go_to("objective")
        await pilot.press("end", *" by May")
        theirs(answer_change="To see it early")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert store.row("SELECT objective, answer_change FROM kpi") == ("More demos by May", "To see it early")
        await app.open(app.made("promote", demos(store)))
        app.screen.query_one(Form).go_to("objective")
        await pilot.press("end", *" or June")
        theirs(objective="Fewer demos")
        await pilot.press("ctrl+s")
        for _ in range(50):
            await pilot.pause()
        assert "bo at 10:00 made objective “Fewer demos”. Save yours, “More demos by May or June”," in said(app)
        await pilot.press("n")
        await pilot.pause()
        # Taken away meanwhile: not made a KPI again without a word.
        await app.open(app.made("promote", demos(store)))
        app.screen.query_one(Form).go_to("objective")
        await pilot.press("end", *" too")
        theirs(state="retired")
        await pilot.press("ctrl+s")
        for _ in range(50):
            await pilot.pause()
        assert "bo at 10:00 made it a plain metric. Make it a KPI again, as typed here?" in said(app)
        await pilot.press("n")
        await pilot.pause()
        assert store.one("SELECT count(*) FROM kpi WHERE state <> 'retired'") == 0
        # Who has been told so may want it all the same.
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert store.rows("SELECT objective FROM kpi ORDER BY id") == [("Fewer demos",), ("Fewer demos too",)]
