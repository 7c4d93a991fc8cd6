"""The entry grid with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from kpitui import paths
from kpitui.charts.glyphs import ASCII, UNICODE
from kpitui.domain.periods import Calendar, Span, parse_label
from kpitui.services import entry
from kpitui.services.entry_grid import GridCell
from kpitui.storage import points, reading
from kpitui.storage.store import Store
from kpitui.tui.screens.entry import EntryScreen
from kpitui.tui.screens.entry_panes import KEYS, TYPED, legend, signs
from tests.services.test_entry import TODAY
from tests.tui.sample import text_of
from tests.tui.values import line_with, running, saved, stored, workspace
from tests.workspace import join


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return workspace(tmp_path)


def entry_screen(app: object) -> EntryScreen:
    screen = app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, EntryScreen)
    return screen


async def test_rows_stand_in_the_order_of_the_tree_with_what_is_due_under_the_cursor(store: Store) -> None:
    async with running(store, "entry") as (app, _):
        lines = text_of(app)
        names = [line[5:24].rstrip() for line in lines[4:10]]
        # MRR is the goal's KPI and CAC feeds it; Site visits feeds nothing and has no KPI.
        assert names == ["MRR", " CAC", "Site visits", "First reply", "Cash runway", "Twice"]
        assert "W42     W43     W44     W45     W46     W47*" in lines[3]
        assert "5 to fill" in lines[2]
        assert lines[4].startswith(" ▸ ") and lines[4].rstrip().endswith("[ ____ ]")
        assert "____" in line_with(lines, "Cash runway") and "░░" in line_with(lines, "Cash runway")


async def test_help_explains_each_hint_by_what_it_does_here(store: Store) -> None:
    async with running(store, "entry", (100, 60)) as (app, pilot):
        await pilot.press("?")
        here: dict[str, str] = {}
        for line in text_of(app):
            here.setdefault(line[3:22].strip(), line[22:].strip())
        assert here["v"] == 'mark a block, then y, d or "'
        assert here["[ ]"] == "a period back, a period on"
        assert here[";"].startswith("a note on the value")
        assert here["u"] == "undo the last change"


async def test_a_column_is_typed_with_its_digits_and_enter(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"359", "enter", *"399", "enter", *"54", "enter", *"3.1", "enter")
        lines = await saved(app, pilot)
        assert [stored(store, slug)[-1] for slug in ("mrr", "cac", "visits", "reply")] == [359, 399, 54, 3.1]
        assert "359" in line_with(lines, " MRR") and "1 to fill" in lines[2]
        assert "Saved First reply W47 = 3.1h (was empty) · u undo" in lines[22]


async def test_what_is_understood_is_said_while_typing(store: Store) -> None:
    async with running(store, "entry", (120, 40)) as (app, pilot):
        await pilot.press("j", "j", "j", *"3.1")
        row = text_of(app)[38]
        assert "First reply, h W47 = 3.1" in row
        assert "last 3.2h, change -0.1h (-3%), usual 2.71-3.69h" in row and "target ≤ 4h ●" in row
        assert "· esc drops" in row
        assert stored(store, "reply")[-1] == 3.2


async def test_escape_restores_what_stood(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h", *"12", "escape")
        assert "356" in line_with(text_of(app), " MRR")
        await pilot.press("enter")
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == 356


async def test_enter_on_an_empty_cell_only_moves_down(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("enter")
        assert line_with(text_of(app), "▸")[5:9] == " CAC"
    assert len(stored(store, "mrr")) == 9


async def test_what_is_no_number_stays_in_the_cell_with_the_reason(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"3..1", "enter")
        lines = text_of(app)
        assert "[ 3..1▏]" in line_with(lines, " MRR") and "Not a number" in lines[22]
        await pilot.press("escape", *"359", "enter")
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == 359


@pytest.mark.parametrize(
    ("keys", "value"),
    [(["+", "5"], 361), (["quotation_mark"], 356), (["=", *"9*31+4"], 283), ([*"0.36k"], 360), (["-", "5"], -5)],
)
async def test_what_may_be_typed(store: Store, keys: list[str], value: float) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*keys, *([] if keys == ["quotation_mark"] else ["enter"]))
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == pytest.approx(value)


async def test_minus_is_relative_where_a_metric_cannot_be_negative(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("j", "-", "5", "enter")
        await saved(app, pilot)
    assert stored(store, "cac")[-1] == 393


async def test_arrows_and_tab_save_too(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"359", "left", *"357", "tab", "down", *"401", "up")
        await saved(app, pilot)
    assert stored(store, "mrr")[-2:] == [357, 359]
    assert stored(store, "cac")[-1] == 401


async def test_the_old_text_is_kept_for_editing_and_arrows_move_in_it(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h", "e", "left", "backspace", "4", "enter")
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == 346


async def test_a_correction_with_a_reason_is_marked(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h", *"357", ";", *"typo", "enter")
        assert "357¶" in line_with(await saved(app, pilot), " MRR")
    assert store.one("SELECT note FROM point WHERE note IS NOT NULL") == "typo"


async def test_a_note_is_added_to_what_stands(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("h", ";", *"fair", "enter")
        lines = await saved(app, pilot)
        assert "356¶" in line_with(lines, " MRR") and "Noted MRR W46" in lines[22]
    assert store.one("SELECT note FROM point WHERE note IS NOT NULL") == "fair"


async def test_a_metric_is_opened(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("j", "o")
        await pilot.pause()
        assert type(app.screen).__name__ == "DetailScreen"
        await pilot.press("escape")
        assert isinstance(app.screen, EntryScreen)


async def test_none_with_its_reason_and_empty(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("x", ";", *"closed", "enter", "h", "d")
        lines = await saved(app, pilot)
        assert "Emptied CAC W46 (was $398) · u undo" in lines[22]
    assert store.rows("SELECT state, note FROM point WHERE state > 0 ORDER BY state") == [(1, "closed"), (2, None)]


async def test_an_odd_value_is_marked_and_enter_on_it_accepts(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("j", "j", *"540", "enter")
        lines = await saved(app, pilot)
        assert "540?" in line_with(lines, "Site visits") and "1 to check" in lines[2]
        assert "check it" in lines[22] and "× 10" in lines[22]
        assert any("Site visits W47 = 540: the usual is" in line for line in lines)
        await pilot.press("k", "enter")
        lines = await saved(app, pilot)
        assert "540?" not in line_with(lines, "Site visits") and "to check" not in lines[2]
    assert store.one("SELECT sum(odd) FROM point") == 0


async def test_undo_takes_the_last_value_back(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"359", "enter")
        await saved(app, pilot)
        await pilot.press("u")
        await pilot.pause()
        assert "____" in line_with(await saved(app, pilot), " MRR")
    assert stored(store, "mrr")[-1] is None


async def test_what_is_worked_out_takes_nothing_and_the_cursor_passes_over_it(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("G", "j", "j")
        assert "Cash runway" in line_with(text_of(app), "▸")
        await pilot.press("5")
        assert "asked for where the month closes" in text_of(app)[22]


async def test_somebody_elses_newer_value_is_shown_and_asked_about(store: Store) -> None:
    with join(store, "dee") as hers:
        async with running(store, "entry") as (app, pilot):
            await pilot.press("h", *"35")
            entry.record_value(
                hers, "mrr", parse_label("2026-W46", Calendar())[1], "340", today=TODAY, screen=True, judged=False
            )
            await app._poll()
            await saved(app, pilot)
            assert "[   35▏]" in line_with(text_of(app), " MRR")
            assert "Somebody has saved $340 here meanwhile: ⏎ asks which stays" in text_of(app)[22]
            await pilot.press("7")
            assert "MRR, $ W46 = 357" in text_of(app)[22]
            await pilot.press("enter")
            await pilot.pause()
            await asyncio.sleep(0)
            while not app.screen.prompt.asking:  # type: ignore[attr-defined]
                await pilot.pause()
            assert "dee saved $340 at" in text_of(app)[22] and "Save yours, 357, over it?" in text_of(app)[22]
            await pilot.press("y")
            await saved(app, pilot)
        assert stored(store, "mrr")[-1] == 357


async def test_their_value_stays_when_mine_is_not_wanted(store: Store) -> None:
    with join(store, "dee") as hers:
        async with running(store, "entry") as (app, pilot):
            await pilot.press("h", *"35")
            entry.record_value(hers, "mrr", parse_label("2026-W46", Calendar())[1], "340", today=TODAY, judged=False)
            await app._poll()
            await saved(app, pilot)
            await pilot.press("7", "enter")
            while not app.screen.prompt.asking:  # type: ignore[attr-defined]
                await pilot.pause()
            await pilot.press("n")
            lines = await saved(app, pilot)
            assert "340" in line_with(lines, " MRR") and "Kept $340" in lines[22]
        assert stored(store, "mrr")[-1] == 340


async def test_a_save_that_fails_comes_back_into_its_cell(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from kpitui.errors import Busy

    real = points.save

    def busy(*args: object, **kw: object) -> object:
        raise Busy("Somebody else is writing. NOT saved: try again.")

    async with running(store, "entry") as (app, pilot):
        monkeypatch.setattr(points, "save", busy)
        await pilot.press(*"359", "enter")
        lines = await saved(app, pilot)
        assert "359!" in line_with(lines, " MRR") and "NOT saved" in lines[22]
        monkeypatch.setattr(points, "save", real)
        await pilot.press("k", "enter", "enter")
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == 359


async def test_a_draft_outlives_a_lost_terminal(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"359")
        entry_screen(app)._write_draft()
        kept = list(Path(paths.drafts_folder()).iterdir())
        assert kept and {stat.S_IMODE(os.stat(file).st_mode) for file in kept} == {0o600}
    async with running(store, "entry") as (app, pilot):
        lines = text_of(app)
        assert "359!" in line_with(lines, " MRR") and "Typed and not saved: MRR, $ W47 = 359" in lines[22]
        await pilot.press("enter", "enter")
        await saved(app, pilot)
        assert list(Path(paths.drafts_folder()).iterdir()) == []
    assert stored(store, "mrr")[-1] == 359


async def test_a_draft_does_not_go_over_what_somebody_else_saved_since(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"359")
    with join(store, "bo") as bo:
        entry.record_value(bo, "mrr", Span(20_773, 20_780), "357", today=TODAY)
    async with running(store, "entry") as (app, pilot):
        assert "359!" in line_with(text_of(app), " MRR")
        await pilot.press("g", "g", "enter")
        for _ in range(100):
            await pilot.pause(0.02)
            if "bo saved $357 at 10:00. Save yours, 359, over it?" in text_of(app)[22]:
                break
        else:
            raise AssertionError(text_of(app)[22])
        await pilot.press("n")
        await saved(app, pilot)
    assert stored(store, "mrr")[-1] == 357
    assert list(Path(paths.drafts_folder()).iterdir()) == []


async def test_a_draft_is_dropped_with_escape(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press(*"359")
    async with running(store, "entry") as (app, pilot):
        await pilot.press("escape")
        assert "____" in line_with(text_of(app), " MRR")
    assert list(Path(paths.drafts_folder()).iterdir()) == []


async def test_older_newer_and_other_cadences(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("[", "[")
        assert "W40-W45" in (await saved(app, pilot))[2]
        await pilot.press("t")
        assert "W42-W47" in (await saved(app, pilot))[2]
        await pilot.press("b")
        lines = await saved(app, pilot)
        assert "monthly" in lines[2] and "Nov*" in lines[3]
        assert [line[5:16] for line in lines[4:5]] == ["Cash runway"]
        # The cursor stands on what is due there, not on the row that has the number of the one before.
        await pilot.press("G", "b")
        lines = await saved(app, pilot)
        assert "weekly" in lines[2]
        marked = next(line for line in lines if line.startswith(" ▸"))
        assert "____ ]" in marked
        await pilot.press("[", "G", "b", "b")
        assert "____ ]" in next(line for line in await saved(app, pilot) if line.startswith(" ▸"))


async def test_mine_and_the_filter_leave_what_is_asked_for(store: Store) -> None:
    async with running(store, "entry") as (app, pilot):
        await pilot.press("@")
        lines = await saved(app, pilot)
        assert [line[5:16].rstrip() for line in lines[4:6]] == ["MRR", "Cash runway"]
        await pilot.press("@", "/", *"reply", "enter")
        lines = await saved(app, pilot)
        assert lines[4][5:16] == "First reply" and "First reply" in line_with(lines, "▸")


async def test_a_read_only_workspace_takes_no_digit(store: Store) -> None:
    os.chmod(store.path, 0o444)
    async with running(store, "entry") as (app, pilot):
        app.read_only = True
        entry_screen(app).draw(entry_screen(app).view)
        await pilot.press("x")
        assert "read-only" in text_of(app)[22]


async def test_nothing_measured_says_what_to_do(tmp_path: Path) -> None:
    async with running(workspace(tmp_path, "", ""), "entry") as (app, pilot):
        assert any("n makes a metric" in line for line in text_of(app))
        await pilot.press("5", "enter", "v", "d")


async def test_it_comes_with_a_metric_and_its_period(store: Store) -> None:
    runway = reading.metric(store, "runway")
    assert runway
    async with running(store, "due") as (app, pilot):
        await app.go("entry", metric=runway.id, period=parse_label("2026-08", Calendar())[1])
        await pilot.pause()
        lines = text_of(app)
        assert "monthly" in lines[2] and "Cash runway" in line_with(lines, "▸") and "[   12 ]" in line_with(lines, "▸")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 15)])
async def test_it_fits_every_size(store: Store, size: tuple[int, int]) -> None:
    async with running(store, "entry", size) as (app, pilot):
        lines = text_of(app)
        assert all(len(line) <= size[0] for line in lines) and "?" in lines[-1]
        await pilot.press(*"359", "enter")
        assert "359" in line_with(await saved(app, pilot), " MRR")
    assert stored(store, "mrr")[-1] == 359


async def test_without_unicode_the_signs_are_ascii(store: Store) -> None:
    async with running(store, "entry", glyphs=ASCII) as (app, pilot):
        await pilot.press(*"359", "enter")
        lines = await saved(app, pilot)
        assert all(line.isascii() for line in lines[2:22])


async def test_a_name_that_looks_like_markup_is_a_name(tmp_path: Path) -> None:
    store = workspace(tmp_path, "odd 2026-W46 5", '[[metric]]\nslug = "odd"\nname = "bad [/x] [b]"\nkind = "level"\n')
    async with running(store, "entry") as (app, pilot):
        await pilot.press("7")
        assert "bad [/x] [b]" in text_of(app)[4] and "bad [/x] [b] W47 = 7" in text_of(app)[22]


@pytest.mark.parametrize("cells", [60, 66, 80])
def test_the_legend_has_all_its_words_in_the_width_there_is(cells: int) -> None:
    lines = ["".join(text for text, _ in line) for line in legend(None, cells, UNICODE)]
    assert all(len(line) <= cells for line in lines)
    assert "   ".join(line.strip() for line in lines).split("   ") == [*signs(UNICODE), *TYPED, *KEYS]


def test_a_day_off_is_passed_over_and_can_be_typed_into() -> None:
    screen = SimpleNamespace(app=SimpleNamespace(glyphs=UNICODE))
    line = SimpleNamespace(derived="", unit="number", currency="", decimals=None)
    off = GridCell(Span(20_778, 20_779), "21 Nov", off=True)
    value = EntryScreen._value(screen, line, off, 0)  # type: ignore[arg-type]
    assert (value.text, value.done, value.open) == (UNICODE.not_asked, True, True)
    taken = EntryScreen._value(screen, line, off._replace(value=7.0, state="value", off=False), 0)  # type: ignore[arg-type]
    assert (taken.text, taken.done) == ("7", False)
