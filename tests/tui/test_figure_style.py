"""The decimal comma and the accountant's brackets on the screens, and changed while they are open."""

from __future__ import annotations

from pathlib import Path

from tests.tui.sample import text_of
from tests.tui.values import running, saved, stored, workspace


async def test_values_are_typed_and_shown_with_a_comma(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    async with running(store, "due", decimal=",") as (app, pilot):
        await pilot.press(*"12", "comma", "5", "enter")
        lines = await saved(app, pilot)
        assert "12,5" in lines[4] and "Saved Cash runway Oct = 12,5 (was empty)" in lines[22]
        assert "$1" not in "\n".join(lines)
    assert stored(store, "runway")[-1] == 12.5


async def test_a_change_in_settings_shows_on_every_screen(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    async with running(store, "entry") as (app, pilot):
        assert "," not in "".join(text_of(app)[4:16]).replace(", ", "")
        app.write_figures(app.config._replace(decimal=","))
        await app.go("due")
        await app.go("entry")
        await pilot.pause()
        assert any("," in line[30:] for line in text_of(app)[4:16])
