"""Below 40 columns or 12 rows a screen is a list of sentences, with the same keys, until there is room again."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.storage.store import Store
from kpitui.tui.screens.plain import form_entries
from kpitui.tui.widgets.form import Field, Form
from kpitui.tui.widgets.plain_list import Entry, PlainList, wrapped
from tests.tui.sample import text_of
from tests.tui.values import running, saved, stored, workspace


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return workspace(tmp_path)


def test_words_are_wrapped_and_longer_ones_cut() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("a transformation", 8) == ["a", "transfor", "mation"]
    assert wrapped("日本語", 4) == ["日本", "語"] and wrapped("", 9) == []


async def test_a_small_terminal_has_sentences_and_the_same_keys(store: Store) -> None:
    async with running(store, "due", size=(30, 14)) as (app, pilot):
        lines = text_of(app)
        assert lines[0].startswith("  ★ Grow, 89% time")
        assert any(line.startswith("▸") and "Cash runway" in line for line in lines)
        await pilot.press(*"12", "enter")
        lines = await saved(app, pilot)
        assert any(line.startswith("▸") and "MRR" in line for line in lines)
        assert all(len(line) <= 30 for line in lines) and lines[12].startswith(" Saved Cash runway")
        await pilot.press("j", "j", "j")
        lines = await saved(app, pilot)
        assert any(line.startswith("▸") and "First reply" in line for line in lines), "it scrolls with the cursor"
    assert stored(store, "runway")[-1] == 12


async def test_home_is_spoken_in_few_rows_and_drawn_when_there_are_more(store: Store) -> None:
    async with running(store, "home", size=(90, 9)) as (app, pilot):
        assert any(line.startswith("▸ MRR. ") for line in text_of(app))
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert not app.screen.query(PlainList) and "13 weeks" in "\n".join(text_of(app))
        await pilot.resize_terminal(39, 24)
        await pilot.pause()
        assert app.screen.query(PlainList) and "13 weeks" not in "\n".join(text_of(app))


def test_a_page_of_fields_is_its_lines_with_what_is_typed() -> None:
    form = Form()
    form.rows = [
        [("── is it key? ──", "")],
        [("from ", ""), Field("from", 6), (" to ", ""), Field("to", 6)],
        [("───", "")],
    ]
    form.values, form.at = {"from": "26"}, "to"
    assert list(form_entries(form)) == [Entry("is it key?"), Entry("from  [26]  to  []", True, True)]


async def test_where_no_list_has_the_cursor_the_sentences_move(tmp_path: Path) -> None:
    from tests.workspace import build

    async with running(build(tmp_path), "home", size=(30, 8)) as (app, pilot):
        before = text_of(app)
        assert "No goal yet" in before[0]
        await pilot.press("j", "j")
        await pilot.pause()
        assert text_of(app)[0] == before[2]
        await pilot.press("home")
        await pilot.pause()
        assert text_of(app) == before
