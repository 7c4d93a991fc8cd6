"""The queue of what is due with keys pressed, looked at in SQLite and on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.charts.glyphs import UNICODE
from kpitui.domain.target import Aim
from kpitui.storage.store import Store
from kpitui.tui.screens.due import DueScreen
from kpitui.tui.screens.value_words import target_text
from tests.tui.sample import text_of
from tests.tui.values import line_with, running, saved, stored, workspace
from tests.workspace import record


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return workspace(tmp_path)


def rows(lines: list[str]) -> list[str]:
    return [line[5:22].rstrip() for line in lines[4:9]]


async def test_late_first_with_what_helps_to_answer(store: Store) -> None:
    async with running(store, "due") as (app, _):
        lines = text_of(app)
        assert rows(lines) == ["Cash runway", "MRR, $", "CAC, $", "Site visits", "First reply, h"]
        assert "5 left of 5 · yours 2" in lines[2]
        first = lines[4]
        assert "Oct" in first and "20d late" in first and "11" in first and "ana" in first and "____ ]" in first
        assert "── Coming up" in "\n".join(lines) and "W48       Fri 27 Nov" in line_with(lines, "W48")
        assert "── Also waiting for you" in "\n".join(lines)


async def test_a_value_is_its_digits_and_enter_and_the_next_is_ready(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press(*"12", "enter", *"359", "enter")
        lines = await saved(app, pilot)
        assert lines[4].startswith("   ✓ Cash runway") and lines[5].startswith("   ✓ MRR")
        assert "CAC" in line_with(lines, "▸") and "3 left of 5" in lines[2] and "Due 3" in lines[0]
        assert "Saved MRR W47 = $359 (was empty)" in lines[22]
    assert (stored(store, "runway")[-1], stored(store, "mrr")[-1]) == (12, 359)


async def test_done_rows_stay_until_one_leaves(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press(*"12", "enter")
        await saved(app, pilot)
        await app.go("entry")
        await app.go("due")
        await pilot.pause()
        assert rows(text_of(app))[0] == "MRR, $"


async def test_done_rows_stay_under_help(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press(*"12", "enter")
        await saved(app, pilot)
        await pilot.press("?")
        await pilot.pause()
        await pilot.press("escape")
        lines = await saved(app, pilot)
        assert lines[4].startswith("   ✓ Cash runway") and "MRR" in line_with(lines, "▸")


async def test_enter_passes_over_what_is_done_and_comes_back_to_what_was_skipped(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press("j", *"359", "enter", *"399", "enter", *"54", "enter", *"3", "enter")
        assert "Cash runway" in line_with(await saved(app, pilot), "▸")
        await pilot.press(*"12", "enter")
        lines = await saved(app, pilot)
        assert "all in" in lines[2]
    assert stored(store, "runway")[-1] == 12


async def test_undo_brings_a_row_back(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press(*"12", "enter")
        await saved(app, pilot)
        await pilot.press("u")
        lines = await saved(app, pilot)
        assert "✓" not in lines[4] and "____" in lines[4] and "5 left" in lines[2]


async def test_same_none_and_an_odd_value(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press("quotation_mark", "x", "enter", *"4000", "enter")
        lines = await saved(app, pilot)
        assert "11" in lines[4] and "-" in lines[5] and "4k?" in lines[6]
        assert "1 value to check: CAC W47" in "\n".join(lines)
    assert stored(store, "runway")[-1] == 11
    assert store.one("SELECT state FROM point WHERE value IS NULL") == 1


async def test_what_is_marked_is_listed_and_accepted_all_at_once(store: Store) -> None:
    record(store, "cac 2026-W47 4000?")
    async with running(store, "due") as (app, pilot):
        lines = await saved(app, pilot)
        assert "check it" in next(line for line in lines if "4k?" in line)
        await pilot.press("X")
        await pilot.pause()
        assert "Accept CAC W47 = $4k?" in text_of(app)[22]
        await pilot.press("y")
        lines = await saved(app, pilot)
        assert "Accepted CAC W47 = $4k · u undo" in lines[22]
    assert store.one("SELECT sum(odd) FROM point") == 0


async def test_a_series_that_stopped_is_archived_from_here(tmp_path: Path) -> None:
    store = workspace(tmp_path, "cac 2019-W10 395 400")
    async with running(store, "due") as (app, pilot):
        line = line_with(await saved(app, pilot), "CAC")
        assert "W47" in line and "stopped?" in line
        while "▸" not in line_with(text_of(app), "CAC"):
            await pilot.press("j")
        await pilot.press("d")
        await pilot.pause()
        assert "no value since 17 Mar 2019? [y/N]" in text_of(app)[22]
        await pilot.press("y")
        lines = await saved(app, pilot)
        assert "Archived CAC" in lines[22] and "CAC" not in "\n".join(lines[3:10])


async def test_mine_and_late_only(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press("@")
        assert rows(await saved(app, pilot))[:3] == ["Cash runway", "MRR, $", ""]
        await pilot.press("f")
        lines = await saved(app, pilot)
        assert rows(lines)[:2] == ["Cash runway", ""] and "mine late only" in lines[2]


async def test_a_value_is_put_off_and_comes_back(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press("z")
        await pilot.press(*"mon", "enter")
        lines = await saved(app, pilot)
        assert rows(lines)[0] == "MRR, $" and "Cash runway Oct comes back Mon 23 Nov" in lines[22]
    async with running(store, "due") as (app, pilot):
        assert rows(text_of(app))[0] == "MRR, $"
        await pilot.press("f", "f")
        assert rows(await saved(app, pilot))[0] == "Cash runway"


async def test_all_in_says_what_comes_next(tmp_path: Path) -> None:
    store = workspace(
        tmp_path, "mrr 2026-W47 356\ncac 2026-W47 400\nvisits 2026-W47 52\nreply 2026-W47 3\nrunway 2026-10 11"
    )
    async with running(store, "due") as (app, pilot):
        said = "\n".join(text_of(app))
        assert "All in. Next: MRR and 3 more, Fri 27 Nov." in said
        await pilot.press("5", "enter", "j", "d", "z")


async def test_what_waits_beside_the_queue(store: Store) -> None:
    async with running(store, "due", (120, 40)) as (app, _):
        lines = "\n".join(text_of(app))
        assert "1 owner note missing on an exception" in lines and "MRR" in lines
        assert "How to measure it" in lines and "Coming up" in lines


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 15)])
async def test_it_fits_every_size(store: Store, size: tuple[int, int]) -> None:
    async with running(store, "due", size) as (app, pilot):
        lines = text_of(app)
        assert all(len(line) <= size[0] for line in lines) and "?" in lines[-1]
        await pilot.press(*"12")
        # What it means is told whole, also where the name has no room beside it.
        assert "= 12  " in text_of(app)[-2] and "…" not in text_of(app)[-2]
        await pilot.press("enter")
        await saved(app, pilot)
        assert isinstance(app.screen, DueScreen)
    assert stored(store, "runway")[-1] == 12


async def test_the_panes_have_their_widths_in_the_first_frame(store: Store) -> None:
    async with running(store, "home", size=(120, 40)) as (app, _):
        await app.go("due")
        assert any("MRR and 3 more " in line for line in text_of(app))


async def test_a_filter_that_nothing_matches_says_so_letter_by_letter(store: Store) -> None:
    async with running(store, "due") as (app, pilot):
        await pilot.press("/", *"zzz")
        await pilot.pause()
        assert "Nothing due matches “zzz”" in "\n".join(text_of(app))


async def test_a_line_a_metric_with_the_earlier_periods_behind_it(tmp_path: Path) -> None:
    store = workspace(tmp_path, "mrr 2026-W38 356\nmrr 2026-W40 350\ncac 2026-W46 400\nvisits 2026-W47 52")
    async with running(store, "due") as (app, pilot):
        lines = text_of(app)
        assert "W47" in line_with(lines, "MRR") and "6 earlier from W41" in line_with(lines, "MRR")
        assert sum("MRR, $" in line for line in lines) == 1 and "Due 11" in lines[0] and "11 left of 11" in lines[2]
        await pilot.press("l")
        lines = await saved(app, pilot)
        assert sum("MRR, $" in line for line in lines) == 7 and "W41" in line_with(lines, "▸")
        await pilot.press("h")
        assert "6 earlier from W41" in line_with(await saved(app, pilot), "▸")
        await pilot.press(*"360", "enter")
        app.screen.reload()
        lines = await saved(app, pilot)
        mrr = [line for line in lines if "MRR, $" in line]
        assert "W46" in mrr[0] and "5 earlier from W41" in mrr[0] and "✓" in mrr[1] and "10 left of 11" in lines[2]
        await pilot.press("home")
        assert "W46" in line_with(text_of(app), "▸")
        await pilot.press("z", *"mon", "enter")
        lines = await saved(app, pilot)
        assert "MRR W46 and 5 earlier, from W41 come back Mon 23 Nov" in lines[22]
        assert not [line for line in lines if "____" in line and "MRR" in line]
    assert stored(store, "mrr")[-1] == 360


async def test_the_last_metric_gives_its_next_period_at_once(tmp_path: Path) -> None:
    given = "\n".join(f"{slug} 2026-W47 52" for slug in ("cac", "visits", "reply")) + "\nrunway 2026-10 11"
    store = workspace(tmp_path, f"mrr 2026-W44 356\n{given}")
    async with running(store, "due") as (app, pilot):
        await pilot.press(*"360", "enter")
        await saved(app, pilot)
        await pilot.press(*"361", "enter")
        await saved(app, pilot)
        await pilot.press(*"362", "enter")
        assert "all in" in (await saved(app, pilot))[2]
    assert stored(store, "mrr") == [356, 362, 361, 360]


def test_a_target_has_its_unit_unless_it_stands_beside_it() -> None:
    aim = Aim("at_most", value=0.03)
    assert target_text(aim, "percent", "USD", None, UNICODE) == "≤ 3%"
    assert target_text(aim, "percent", "USD", None, UNICODE, bare=True) == "≤ 3"
