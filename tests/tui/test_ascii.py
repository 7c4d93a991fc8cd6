"""Where the terminal is not UTF-8 nothing but ASCII is drawn, whatever people have written."""

from __future__ import annotations

from pathlib import Path

from kpitui.charts.glyphs import ASCII, speaks_utf8
from kpitui.domain import figure_style
from kpitui.domain.figures import show, show_bound
from kpitui.text import ascii_only
from tests.tui.sample import at_rest, text_of
from tests.tui.values import MODEL, POINTS, running, workspace


def test_letters_lose_their_accents_and_keep_their_width() -> None:
    assert ascii_only("Café Zoë – 日本") == "Cafe Zoe - ????"
    assert ascii_only("57 against 399: looks like ÷ 10, or × 10") == "57 against 399: looks like / 10, or x 10"


def test_the_locale_says_what_the_terminal_knows() -> None:
    assert speaks_utf8({"LC_ALL": "de_AT.UTF-8"}) and speaks_utf8({"LANG": "C.utf8"})
    assert not speaks_utf8({"LC_ALL": "C", "LANG": "C.UTF-8"}) and not speaks_utf8({})


def test_figures_need_no_signs_of_their_own() -> None:
    with figure_style.plainly():
        figure_style.use(figure_style.of(".", "minus", ascii=True))
        assert show_bound(30, None) == ">= 30" and show(None) == "-"


async def test_every_tab_is_ascii(tmp_path: Path) -> None:
    store = workspace(tmp_path, POINTS, MODEL.replace('name = "CAC"', 'name = "Café ≥ 日"'))
    async with running(store, "home", glyphs=ASCII, utf8=False) as (app, pilot):
        for name in ("tree", "entry", "due", "review", "doctor", "log", "library", "settings", "home"):
            await app.go(name)
            await pilot.pause()
            wrong = [line for line in text_of(app) if not line.isascii()]
            assert not wrong, f"{name}: {wrong}"
        await pilot.press(":")
        await pilot.pause()
        await pilot.press(*"caf")
        await at_rest(app)
        await pilot.pause()
        assert all(line.isascii() for line in text_of(app))
