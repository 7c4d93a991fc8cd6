"""The tree with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kpitui.charts.glyphs import ASCII, UNICODE
from kpitui.services import hierarchy
from kpitui.services.settings import TEAM
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from kpitui.tui.screens.tree import TreeScreen
from kpitui.tui.screens.tree_panes import GRAMMAR, low_lines
from tests.services.hierarchy_model import TODAY, company, outline
from tests.tui.sample import app_over, text_of
from tests.workspace import build


def app_on(store: Store, glyphs: Any = UNICODE) -> KpituiApp:
    return app_over(store, glyphs=glyphs, start="tree")


def seen(app: KpituiApp, *words: str) -> bool:
    """Whether one line of the screen has all these words."""
    return any(all(word in line for word in words) for line in text_of(app))


def message(app: KpituiApp) -> str:
    return text_of(app)[-2]


async def at(app: KpituiApp, pilot: Any, name: str) -> TreeScreen:
    """Puts the cursor on the own line of what has this name."""
    screen = app.screen
    assert isinstance(screen, TreeScreen)
    await pilot.pause()
    node = next(one for one in screen.view.nodes if one.name == name and not one.again)
    screen.reveal(node.key)
    await pilot.pause()
    return screen


async def test_an_empty_workspace_says_the_key_that_fills_it_and_four_lines_make_a_tree(tmp_path: Path) -> None:
    store = build(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert seen(app, "n  writes the goal: 5m ARR by 31 dec")
        await pilot.press("n", *"5m ARR", "enter")
        assert "By when?" in message(app)
        await pilot.press(*" by 31 dec", "enter", *"MRR, weekly @ana >=400k", "enter", *"NRR, monthly >=100%", "enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert outline(store) == ["$5.0M ARR by 31 Dec", "  KPI MRR", "  KPI NRR"]
        assert seen(app, "★ $5.0M ARR by 31 Dec") and seen(app, "KPI MRR", "≥ $400k") and seen(app, "1 goal · 2 KPIs")
        await pilot.press("k", "n", *"Demos, lead", "enter", "escape")
        await pilot.pause()
        await pilot.pause()
    assert outline(store) == ["$5.0M ARR by 31 Dec", "  KPI MRR", "    Demos", "  KPI NRR"]


async def test_a_metric_under_a_kpi_is_its_letters_and_two_keys(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "MRR")
        await pilot.press("n", *"Webinars")
        # What is inherited stands in the line while it is typed.
        assert seen(app, "□ Webinars", "week", "ana")
        assert seen(app, "Webinars: number, adds up, weekly, higher is better")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert seen(app, "New metric under MRR")
    assert outline(store)[1:3] == ["  KPI MRR", "    Webinars"]


async def test_a_name_that_is_taken_is_told_beside_the_line_and_the_line_stays(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await at(app, pilot, "MRR")
        await pilot.press("n", *"Trials", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "New metric under MRR Trials" in message(app) and "There is a metric called Trials already" in message(
            app
        )
        await pilot.press("escape")
        await pilot.pause()
        assert screen.node is not None and screen.node.name == "MRR"


async def test_p_opens_the_promote_page_and_u_takes_back_what_it_saved(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = app_on(store)
    before = outline(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "Demos booked")
        await pilot.press("p", *"40", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert "Demos booked is a KPI now, live · open: 6 answers" in message(app)
        assert seen(app, "▸", "KPI Demos booked", "40", "26")
        await pilot.press("u")
        await pilot.pause()
        await pilot.pause()
        assert "Took back Demos booked became a KPI" in message(app)
    assert outline(store) == before


async def test_moving_marking_and_attaching(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "Trials")
        await pilot.press("K")
        await pilot.pause()
        assert "Moved Trials above Demos booked · u undo" in message(app)
        screen = await at(app, pilot, "Calls made")
        await pilot.press("space")
        await at(app, pilot, "NPS")
        await pilot.press("space", "M", *"arr")
        await pilot.pause()
        assert "2 lines under ARR" in message(app)
        await pilot.press("ctrl+u", *"zzz", "enter")
        assert any("nothing called" in line for line in text_of(app)[18:23])
        await pilot.press("ctrl+u", *"mr", "tab", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "Moved 2 lines under MRR" in message(app) and not screen.tree_board.marked
        await at(app, pilot, "NPS")
        await pilot.press("L")
        await pilot.pause()
        await pilot.press("H")
        await pilot.pause()
        await pilot.pause()
        assert "Moved NPS under MRR" in message(app)
    assert "    NPS" in outline(store) and "    Calls made" in outline(store)


async def test_edit_shows_the_line_as_it_would_be_typed_and_a_second_e_all_fields(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await at(app, pilot, "NPS")
        await pilot.press("e")
        await pilot.pause()
        assert "Edit NPS, quarterly score level up" in message(app)
        await pilot.press(*" lag", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "Saved NPS: moves lagging (was -) · u undo" in message(app)
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        await pilot.pause()
        assert seen(app, "leading or lagging", "lagging")
        app.screen.board.go_to("metric:definition")  # type: ignore[union-attr]
        await pilot.press("enter", *"Promoters", "enter")
        await pilot.pause()
        await pilot.pause()
        assert seen(app, "definition", "Promoters")
        app.screen.board.go_to("metric:direction")  # type: ignore[union-attr]
        await pilot.press("l")
        await pilot.pause()
        await pilot.pause()
        assert "Set direction of NPS: down (was up)" in message(app)
        await pilot.press("q")
        await pilot.pause()
        assert seen(app, "Goal > KPI > metric")
    assert store.row("SELECT timing, definition, direction FROM metric WHERE slug = 'nps'") == (
        "lagging",
        "Promoters",
        "down",
    )


async def test_target_demote_archive_and_a_note_on_the_line(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = app_on(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await at(app, pilot, "Deals")
        await pilot.press("T", *"8 from 1 dec;plan", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "Target of Deals: ≥ 8 from 1 Dec 2026 (was ≥ 5) · plan" in message(app)
        await pilot.press("P", *"later", "enter")
        await pilot.pause()
        await pilot.pause()
        assert "Deals is a plain metric again · later · u undo" in message(app)
        await pilot.press("d")
        await pilot.pause()
        await pilot.pause()
        assert "Archived Deals" in message(app)
        await at(app, pilot, "MRR")
        await pilot.press("d")
        await pilot.pause()
        assert "ARR is worked out from MRR: put that away first" in message(app)
    assert outline(store)[-1] == "Sales"
    assert store.one("SELECT why FROM txn WHERE what = 'kpi.demote'") == "later"


async def test_folding_filtering_and_what_stands_below(tmp_path: Path) -> None:
    app = app_on(company(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at(app, pilot, "MRR")
        assert seen(app, "▸ Sales  1 KPI") and not seen(app, "KPI Deals")
        await pilot.press("h")
        assert seen(app, "KPI MRR (3)") and not seen(app, "Trials")
        await pilot.press("l", "*")
        assert not seen(app, "KPI MRR") and seen(app, "$5.0M ARR by 31 Dec (5)")
        await pilot.press("*")
        assert seen(app, "KPI Deals")
        await pilot.press("slash", *"deals", "enter")
        assert screen.node is not None and screen.node.name == "Deals"
        assert not seen(app, "KPI MRR") and seen(app, "Sales")
        await pilot.press("escape", "exclamation_mark")
        assert seen(app, "KPI MRR") and not seen(app, "NPS")
        await pilot.press("escape", "f")
        assert "KPIs only: 2 of" in message(app)
        await pilot.press("escape")
        await at(app, pilot, "Demos booked")
        assert seen(app, "band ● ≥ 30", "◆ 28.5-30", "feeds MRR, Trials", "7 of 13 values")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 15)])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
async def test_every_size_shows_names_values_and_sparklines(tmp_path: Path, size: tuple[int, int], glyphs: Any) -> None:
    app = app_on(company(tmp_path), glyphs)
    async with app.run_test(size=size) as pilot:
        await at(app, pilot, "MRR")
        await pilot.pause()
        levels = glyphs.levels
        line = next(line for line in text_of(app) if "KPI MRR" in line)
        assert "$359k" in line and levels[-1] in line
        assert all(len(text) <= size[0] for text in text_of(app))
        if glyphs is ASCII:
            assert all(ord(char) < 128 for text in text_of(app) for char in text)
        assert ("what      not said yet" in "".join(text_of(app))) == (size == (120, 40))


async def test_what_the_palette_finds_is_shown_where_it_stands(tmp_path: Path) -> None:
    app = app_on(company(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.open_named("scope", "sales")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, TreeScreen) and screen.node is not None and screen.node.name == "Sales"
        await app.open_named("person", "cy")
        await pilot.pause()
        assert seen(app, "Trials") and not seen(app, "NPS")


async def test_a_read_only_workspace_refuses_by_a_sentence(tmp_path: Path) -> None:
    app = app_on(company(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.read_only = True
        await pilot.press("n")
        assert "read-only" in message(app)


async def test_what_is_unfolded_at_the_end_of_the_screen_comes_into_view(tmp_path: Path) -> None:
    app = app_on(company(tmp_path))
    async with app.run_test(size=(80, 15)) as pilot:
        await at(app, pilot, "Sales")
        assert not seen(app, "KPI Deals")
        await pilot.press("l")
        await pilot.pause()
        assert seen(app, "KPI Deals") and seen(app, "▸", "Sales")


def test_what_may_be_typed_fits_the_line_that_80_columns_have() -> None:
    assert max(map(len, GRAMMAR.values())) <= 78


def test_what_a_setting_is_for_is_said_to_its_end_at_80_columns() -> None:
    assert max(len(use) for _, use in TEAM.values()) <= 30


def test_a_definition_is_told_whole_where_it_fits_the_line(tmp_path: Path) -> None:
    tree = hierarchy.tree(company(tmp_path), TODAY)
    demos = next(one for one in tree.nodes if one.name == "Demos booked")
    row = tree.row_of(demos)
    assert row is not None
    for words, first in (
        ("Booked.", " Booked. Adds up, higher is better."),
        ("Booked product demos per week, no-shows included, from the CRM export.", None),
    ):
        _, lines = low_lines(tree._replace(definitions={row.metric_id: words}), demos, 80, UNICODE)
        assert "".join(text for text, _ in lines[0]) == (first or f" {words}")
    assert all(sum(len(text) for text, _ in line) <= 80 for line in lines)


def test_what_a_draft_lacks_and_which_values_do_not_count_are_said_with_the_key(tmp_path: Path) -> None:
    end = "target = 9\ndeadline = 2026-12-31\n"
    kpi = (
        f'[[metric]]\nslug = "a"\nname = "A"\n[[goal]]\nslug = "g"\ntitle = "G"\n{end}'
        f'[[kpi]]\nmetric = "a"\ngoal = "g"\nowner = "ana"\ntarget_kind = "from_to"\nstart = 2026-11-20\n{end}'
    )

    def said(name: str, model: str, points: str) -> str:
        tree = hierarchy.tree(build(tmp_path / name, model, points), TODAY)
        node = next(one for one in tree.nodes if one.kind == "kpi")
        return "".join(text for text, _ in low_lines(tree, node, 80, UNICODE)[1][0])

    values = "a 2026-W40 5 6 7"
    bare = '[[metric]]\nslug = "a"\nname = "A"\n[[kpi]]\nmetric = "a"\nowner = "ana"\nstate = "draft"\n'
    assert said("bare", bare, "") == " A draft without a target: T gives it one, >=30 or 20 to 30 by 31 dec"
    assert "is set. T types both" in said("empty", kpi + 'state = "draft"\n', "")
    assert "is set. p takes it from its values" in said("known", kpi + 'state = "draft"\n', values)
    early = said("early", kpi + "baseline = 5\n", values)
    assert early.startswith(" Starts on 20 Nov 2026, values since 28 Sep: e e gives it an earlier start")
