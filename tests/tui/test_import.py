"""Importing a file from the palette, with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from textual.pilot import Pilot

from kpitui import config as own
from kpitui import paths, themes
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp, build_app
from kpitui.tui.palette import Palette
from tests.tui.sample import text_of
from tests.tui.test_app import until
from tests.workspace import build


def app_on(tmp_path: Path) -> tuple[KpituiApp, Store]:
    store = build(tmp_path)
    app = build_app(
        lambda: Store.open(store.path, who=store.who, via="tui", now=store.now),
        config=own.Config(),
        themes=themes.load_themes([paths.shipped_themes()]),
        today=lambda: date(2026, 11, 20),
    )
    return app, store


async def asked(pilot: Pilot[None], app: KpituiApp, line: str) -> None:
    """`: import`, Enter, and the line."""
    await pilot.press("colon")
    await until(pilot, lambda: isinstance(app.screen, Palette))
    await pilot.press(*"import")
    # Typed, and the only one that is left.
    await until(pilot, lambda: [text_of(app)[row].strip() for row in (5, 8)] == ["import", "Import a file of values"])
    await pilot.press("enter")
    await until(pilot, lambda: app.kpi_screen is not None and app.kpi_screen.prompt.mode == "line")
    await instead(pilot, app, line)


async def instead(pilot: Pilot[None], app: KpituiApp, line: str) -> None:
    """Another line where one is asked for, and Enter."""
    await pilot.press("ctrl+u")
    app.kpi_screen.prompt.take_paste(line)  # type: ignore[union-attr]
    await pilot.press("enter")


def said(app: KpituiApp) -> str:
    return " ".join(line.strip() for line in text_of(app)[18:23])


async def test_a_file_is_shown_in_counts_and_saved_with_enter(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Month;Sales\n03/09/2026;1,5\n03/10/2026;2,5\n")
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, f"{tmp_path}/sales.csv --decimal ,")
        await until(pilot, lambda: "can be two dates: say --dates dmy" in said(app))
        await instead(pilot, app, f"{tmp_path}/sales.csv --decimal , --dates dmy --cadence month")
        await until(pilot, lambda: "sales.csv: 2 new, makes 1 metric. Save? [Y/n]" in text_of(app)[22])
        assert store.one("SELECT count(*) FROM point") == 0
        await pilot.press("enter")
        await until(pilot, lambda: "Imported sales.csv: 2 new · made 1 metric · u undo" in text_of(app)[22])
        assert store.rows("SELECT value FROM point ORDER BY start") == [(1.5,), (2.5,)]
        await asked(pilot, app, f"{tmp_path}/sales.csv --decimal , --dates dmy")
        await until(pilot, lambda: "no month" in said(app))
        await pilot.press("escape", "u")
        await until(pilot, lambda: store.one("SELECT count(*) FROM point WHERE value IS NOT NULL") == 0)


async def test_what_cannot_be_imported_is_said_in_full_and_the_line_stays_open(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, f"{tmp_path}/none.csv")
        await until(pilot, lambda: "There is no file" in said(app))
        assert app.kpi_screen is not None and app.kpi_screen.prompt.editor.text == f"{tmp_path}/none.csv"
        (tmp_path / "none.csv").write_text("Date,Sales\n2026-11-01,many\n")
        await pilot.press("enter")
        await until(pilot, lambda: "none.csv has no column of numbers" in said(app))
        (tmp_path / "x.csv").write_text("Date,Sales\n2026-11-01,many\n2026-11-02,5\n")
        await instead(pilot, app, f"{tmp_path}/x.csv")
        await until(
            pilot,
            lambda: "line 2, Sales: Not a number: many. Type it like 1234.5 or 1.2k. Nothing was saved." in said(app),
        )
        assert store.one("SELECT count(*) FROM point") == 0
