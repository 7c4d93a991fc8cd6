"""Help and the command palette come from the same table as the keys, and do what they list."""

from __future__ import annotations

import sys
import types

import pytest

from kpitui import footers, keys
from kpitui.tui.palette import Commands, Palette
from kpitui.tui.screens.help import HelpScreen
from tests.tui.sample import MadeUpStore, sample_app, text_of
from tests.tui.test_app import SIZE, typed, until


async def test_help_lists_the_keys_of_where_i_am_and_closes_where_it_was() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("?")
        text = "\n".join(text_of(app))
        assert "Help: Home" in text and "check in: value, note" in text and "Only here" not in text
        await pilot.press("f1")
        assert app.screen.name == "home"


async def test_help_finds_undo_by_typing_it_and_enter_does_it() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("?", "p", "r", "o", "m", "o", "t", "e")
        lines = text_of(app)
        assert any(line.startswith(" ▸ p ") and "promote to KPI" in line for line in lines)
        await pilot.press("enter")
        await until(pilot, lambda: "No “promote” here" in text_of(app)[22])


async def test_after_a_slash_every_letter_searches() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("?", "slash", "k", "p", "i")
        assert text_of(app)[1].startswith(" / kpi")
        await pilot.press("escape")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        assert app.screen.name == "home"


async def test_help_has_words_marks_and_first_steps() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("?", "tab")
        text = "\n".join(text_of(app))
        assert "guards a KPI against being gamed" in text and "✗" in text
        await pilot.press("tab")
        assert "The first values" in "\n".join(text_of(app))


async def test_help_shows_only_the_verbs_of_the_screen_below() -> None:
    app = sample_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await pilot.press("2", "?")
        help_rows = [row.cells[1] for row in app.screen.query_one("#help").rows if len(row.cells) > 1]  # type: ignore[attr-defined]
        assert "outdent the row" in help_rows and "write a decision" not in help_rows


async def test_the_palette_finds_by_word_starts_and_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MadeUpStore()
    app = sample_app(store)
    names = types.ModuleType("kpitui.services.names")
    names.find = lambda store, text: [("Acti[/x]vation", "metric", "activation")] if "ac" in text else []  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kpitui.services.names", names)
    import kpitui.services

    monkeypatch.setattr(kpitui.services, "names", names, raising=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("colon")
        assert isinstance(app.screen, Palette)
        await pilot.press("n", "e", "w", "space", "a", "c")
        await until(pilot, lambda: any("New action" in line for line in text_of(app)))
        await pilot.press("enter")
        await until(pilot, lambda: text_of(app)[22].startswith(" action "))
        typed(app, "call bo\r")
        await until(pilot, lambda: store.written == ["call bo"])


async def test_names_are_found_and_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    names = types.ModuleType("kpitui.services.names")
    names.find = lambda store, text: [("Acti[/x]vation", "metric", "activation")]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kpitui.services.names", names)
    import kpitui.services

    monkeypatch.setattr(kpitui.services, "names", names, raising=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("ctrl+p", "z", "q", "j", "x")
        await until(pilot, lambda: any("Acti[/x]vation" in line for line in text_of(app)))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.name == "detail")
        assert app.screen.slug == "activation"  # type: ignore[attr-defined]


async def test_a_name_comes_before_a_command_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    names = types.ModuleType("kpitui.services.names")
    names.find = lambda store, text: [("Thematic reviews", "metric", "themes")]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kpitui.services.names", names)
    import kpitui.services

    monkeypatch.setattr(kpitui.services, "names", names, raising=False)
    async with app.run_test(size=SIZE):
        provider = Commands(app.screen)

        async def best(query: str) -> str:
            hits = [hit async for hit in provider.search(query)]
            return max(hits, key=lambda hit: hit.score).text  # type: ignore[union-attr, return-value]

        assert await best("them") == "Thematic reviews"
        assert (await best("theme")).startswith("Theme ")


async def test_the_palette_offers_what_can_be_done_here_with_its_key() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE):
        provider = Commands(app.screen)
        offered = {command.text: command.right for command in provider._commands()}
        assert offered["New action"] == "a" and offered["Undo"] == "u" and offered["Go to Tree"] == "2, g t"
        assert "Go to Log" not in offered, "there is no such screen"
        assert "Promote to KPI" not in offered, "nobody does it here"
        assert "Theme kpitui-light" in offered and "Mouse on" in offered


def test_a_hint_with_a_word_of_its_own_has_a_help_of_its_own() -> None:
    table = {verb.id: verb for verb in keys.VERBS}
    for footer, hints in footers.FOOTERS.items():
        for hint in hints:
            verbs = hint.verbs.split()
            own = hint.word.partition("|")[0] not in ("", table[verbs[0]].verb)
            assert hint.help or (not own and len(verbs) == 1), (footer, hint)
