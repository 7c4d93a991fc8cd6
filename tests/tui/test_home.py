"""Home with keys pressed: sizes, filters, scopes, the past, what is saved from it; and the first-run page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widget import Widget

from kpitui.charts.glyphs import ASCII, UNICODE, Glyphs
from kpitui.services import actions, overview
from kpitui.storage import definitions, points, reading
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from kpitui.tui.screens.home_rows import Look
from kpitui.tui.screens.home_tail import small_tail
from tests.services.acme import MODEL, POINTS, TODAY
from tests.tui.sample import app_over, at_rest, text_of
from tests.workspace import build


@asynccontextmanager
async def home_of(
    store: Store, size: tuple[int, int] = (80, 24), glyphs: Glyphs = UNICODE
) -> AsyncIterator[tuple[KpituiApp, Pilot[None]]]:
    app = app_over(store, glyphs=glyphs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def settled(app: KpituiApp, pilot: Pilot[None]) -> list[str]:
    """Everything saved, read again and drawn; the screen's lines."""
    await pilot.pause()
    await app._free.wait()
    await at_rest(app)
    await pilot.pause()
    return text_of(app)


@pytest.fixture
def acme(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


async def test_the_screen_of_80_by_24_is_that_of_the_mock_up(acme: Store) -> None:
    async with home_of(acme) as (app, _):
        lines = [line.rstrip() for line in text_of(app)]
        assert lines[1] == "★ $5.0M ARR by 31 Dec  $4.31M ████████████▎    │   ✗ 62% done 89% time 41d left"
        assert lines[2] == " KPIs  org, 3 of 3                                 weekly · W47 ends Sun 22 Nov"
        assert lines[3] == "    S KPI                 W35 13 weeks W47    value   target    gap  tr   owner"
        assert lines[4].startswith(" ▸  ✗ MRR                 ·····▁▂▁▃▆▇█·       $345k    $400k -13.8%  ↗*")
        assert lines[4].endswith("     ana")
        assert lines[6].startswith("    ● Net rev. retention  ") and "104%   ≥ 102%  +2.0%" in lines[6]
        assert lines[8].startswith(" Metrics  3 exceptions of 4")
        assert lines[9].startswith("    ✗ Demos booked ") and lines[10].startswith("    ◆ CAC ")
        assert lines[14] == " Due  4 values                                    4 or g i = fill them in order"
        assert lines[15] == "      MRR                 W47     today     [       ]"
        assert lines[17] == "      CSAT                W47     today     [       ] +1 more"
        assert lines[19] == " Next review  weekly · today 14:00 · 30 min · 5 exceptions · 3 of 6 values in"
        assert lines[23].startswith(" ⏎ open  c check-in  r review") and lines[23].endswith("? help  : cmd")


async def test_40_by_15_keeps_name_value_and_gap(acme: Store) -> None:
    async with home_of(acme, (40, 15)) as (app, _):
        lines = [line.rstrip() for line in text_of(app)]
        assert lines[1] == "    KPI        8 weeks    value     gap"
        assert lines[2] == "▸ ✗ MRR        ▁▂▁▃▆▇█·   $345k  -13.8%"
        assert lines[5] == " 3 exceptions of 4"
        assert lines[11].startswith(" Due     4") and lines[12].startswith(" Review  weekly today 14:00   r")
        assert all(len(line) <= 40 for line in lines)


def test_a_review_that_runs_is_said_in_whole_words_on_a_small_terminal(acme: Store) -> None:
    view = overview.home(acme, TODAY)
    assert view.review is not None
    later = small_tail(view._replace(review=view.review._replace(day=TODAY + 7)), Look("small", 40, 15, UNICODE, TODAY))
    assert any("Fri 27 Nov 14:00  " in str(row.cells) for row in later)
    told = small_tail(view._replace(review=view.review._replace(running=True)), Look("small", 40, 15, UNICODE, TODAY))
    assert "weekly runs          r" in "".join(text for row in told for part in row.cells for text, _ in part)


async def test_120_by_40_has_frames_and_panes(acme: Store) -> None:
    actions.add(acme, "Call the trials @bo tue", TODAY)
    async with home_of(acme, (120, 40)) as (app, pilot):
        lines = await settled(app, pilot)
        assert lines[2].startswith("┌─ KPIs · org · 3 of 3 ──") and "─ MRR · 13 weeks ─" in lines[2]
        assert any("ana · lag · week" in line and "$450k" in line for line in lines)
        assert any(line.startswith("┌─ Due · 4 values ─") for line in lines)
        assert any("Next review · weekly · today 14:00 · 30 min" in line for line in lines)
        assert any("bo  Call the trials" in line and "24 Nov" in line for line in lines)
        assert any("value $345k" in line and "w/w" in line for line in lines)
        assert any("─ Feeds MRR ─" in line for line in lines) and any("lead" in line for line in lines)
        assert any("─ Notes on MRR ─" in line for line in lines)
        await pilot.press("j")
        lines = await settled(app, pilot)
        assert "─ Trial>paid conv. · 13 weeks ─" in lines[2]


@pytest.mark.parametrize("cells", [60, 70, 79, 90, 100, 119])
async def test_nothing_is_cut_in_the_middle_at_odd_widths(acme: Store, cells: int) -> None:
    async with home_of(acme, (cells, 24)) as (app, _):
        lines = text_of(app)
        row = next(line for line in lines if "Net rev." in line)
        assert "104%" in row and "+2.0%" in row and len(row.rstrip()) <= cells
        assert ("cy" in row.split()) == (cells >= 79)


async def test_ascii_needs_no_other_sign(acme: Store) -> None:
    for size in ((80, 24), (120, 40), (40, 15)):
        async with home_of(acme, size, ASCII) as (app, pilot):
            await pilot.press("F")
            assert all(line.isascii() for line in text_of(app))
            await pilot.press("F")
            lines = await settled(app, pilot)
            assert all(line.isascii() for line in lines), [line for line in lines if not line.isascii()]
            assert any(line.lstrip(" |>").startswith("! MRR") for line in lines)


async def test_exceptions_mine_and_the_filter(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("!")
        lines = text_of(app)
        assert not any("● Net rev." in line or "● CSAT" in line for line in lines)
        assert "Exceptions only: 5 of 7" in lines[22]
        await pilot.press("escape", "@")
        lines = text_of(app)
        assert any("MRR" in line for line in lines[3:8]) and not any("Demos" in line for line in lines)
        await pilot.press("escape", "/", *"@bo !off")
        assert any("Demos booked" in line for line in text_of(app))
        assert "1 of 7" in text_of(app)[22]
        await pilot.press("escape")
        assert any("Net rev." in line for line in text_of(app))


async def test_quiet_metrics_are_folded_where_there_is_no_room(acme: Store) -> None:
    async with home_of(acme, (80, 20)) as (app, pilot):
        lines = text_of(app)
        assert any("f = show all" in line for line in lines) and not any("● CSAT" in line for line in lines)
        await pilot.press("f")
        assert any("f = fold quiet ones" in line for line in text_of(app))
        await pilot.press("G", "k", "k", "k")
        assert any("CSAT" in line for line in text_of(app))


async def test_sorting_and_back(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("s")
        assert [line[6:9] for line in text_of(app)[4:7]] == ["MRR", "Net", "Tri"]
        await pilot.press("S")
        assert [line[6:9] for line in text_of(app)[4:7]] == ["Tri", "Net", "MRR"]
        await pilot.press("escape")
        assert [line[6:9] for line in text_of(app)[4:7]] == ["MRR", "Tri", "Net"]


async def test_scopes_are_turned_with_h_and_l(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("l")
        lines = await settled(app, pilot)
        assert lines[2].startswith(" KPIs  sales, 1 of 3") and "Calls made" in lines[4]
        await pilot.press("l")
        lines = await settled(app, pilot)
        assert lines[2].startswith(" KPIs  all scopes, 4") and any("Calls made @sales" in line for line in lines)
        await pilot.press("l")
        assert (await settled(app, pilot))[2].startswith(" KPIs  org, 3 of 3")


async def test_older_periods_and_back(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("[", "[")
        lines = await settled(app, pilot)
        assert "as of 8 Nov" in lines[1] and "W45" in lines[3] and "$343k" in lines[4]
        await pilot.press("]")
        assert "as of 15 Nov" in (await settled(app, pilot))[1]
        await pilot.press("t")
        lines = await settled(app, pilot)
        assert "as of" not in lines[1] and "$345k" in lines[4]
        await pilot.press("]")
        assert "present period" in (await settled(app, pilot))[22]


async def test_check_in_action_note_and_target_from_the_row(acme: Store) -> None:
    metric = reading.metric(acme, "mrr")
    assert metric is not None
    async with home_of(acme) as (app, pilot):
        await pilot.press("c", *"351k 2/3 ; renewals", "enter")
        lines = await settled(app, pilot)
        assert "$351k" in lines[4] and lines[22].startswith(" Saved MRR W47")
        assert not any("MRR                 W47" in line for line in lines)
        await pilot.press("a", *"Call them @bo fri", "enter")
        assert "bo" in (await settled(app, pilot))[22]
        await pilot.press("m", *"two renewals moved", "enter")
        assert any("Last word    ana 20 Nov: 'two renewals moved'" in line for line in await settled(app, pilot))
        await pilot.press("T", *"420k ; more", "enter")
        assert "$420k" in (await settled(app, pilot))[4]
        await pilot.press("T", *"430k from 1 jan ; later", "enter")
        await settled(app, pilot)
        # Over a target that begins later another one can be typed, too.
        await pilot.press("T")
        assert text_of(app)[22].startswith(" Target of MRR")
    row = points.last_n(acme, [metric.id], 1, TODAY + 10)[metric.id][0]
    assert (row.value, row.note) == (351_000.0, "renewals")
    assert [action.metric_id for action in reading.actions(acme)] == [metric.id]
    assert [note.text for note in reading.notes(acme)] == ["two renewals moved"]
    assert [target.value for target in reading.targets(acme)] == [420_000.0, 430_000.0]


async def test_a_wrong_value_is_said_and_not_saved(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("c", *"3..1", "enter")
        assert "3..1" in text_of(app)[22] and "number" in text_of(app)[22]
        await pilot.press("escape")
    assert acme.one("SELECT count(*) FROM txn WHERE via = 'tui'") == 0


async def test_a_due_value_is_checked_in_for_its_period(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("j", "j", "j", "j", "j", "j", "j", "j")
        assert text_of(app)[16].startswith(" ▸    Trial>paid conv.    W47")
        await pilot.press("c")
        assert "Trial>paid conv. W47" in text_of(app)[22]


async def test_enter_opens_detail_and_g_with_a_digit_does(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.name == "detail"
        await pilot.press("q", "g", "2")
        await settled(app, pilot)
        assert app.screen.name == "detail" and any("Trial>paid conv." in line for line in text_of(app)[:4])


async def test_full_screen_has_figures_three_lines_tall(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("F")
        lines = text_of(app)
        assert any("╭" in line or "╶" in line for line in lines)
        assert any("62% done, 89% of time, 41d left" in line for line in lines)
        assert not any("Demos" in line for line in lines)
        await pilot.press("q", "j")
        assert text_of(app)[5].startswith(" ▸")


async def test_copying_gives_the_row(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard.startswith("MRR\tW46\t$345k\ttarget $400k\t-13.8%\toff track")


async def test_the_cursor_stays_on_its_row_when_others_save_and_on_resize(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await pilot.press("j", "j")
        with Store.open(acme.path, who=acme.who, via="cli", now=acme.now) as other:
            actions.add(other, "Look at it @cy fri", TODAY)
        await app._poll()
        lines = await settled(app, pilot)
        assert any("Look at it" in line for line in lines)
        assert lines[6].startswith(" ▸  ● Net rev.")
        await pilot.resize_terminal(40, 15)
        await pilot.pause()
        assert any(line.startswith("▸ ● Net rev") for line in text_of(app))


async def test_a_cursor_move_repaints_two_lines(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        board = app.screen.query_one("#rows")
        before = dict(board._strips)  # type: ignore[attr-defined]
        await pilot.press("j")
        await pilot.pause()
        changed = [place for place, strip in board._strips.items() if before.get(place) is not strip]  # type: ignore[attr-defined]
        assert sorted(changed) == [2, 3]


async def test_names_with_markup_are_only_text(acme: Store) -> None:
    metric = definitions.find(acme, definitions.Metric, slug="mrr")
    assert metric is not None
    with acme.write("test") as tx:
        definitions.change(tx, metric, name="bad [/x] [red]MRR[/]")
    async with home_of(acme, (120, 40)) as (app, pilot):
        lines = await settled(app, pilot)
        assert any("bad [/x] [red]MRR" in line for line in lines)


async def test_kpis_without_values_show_dots_and_the_key_that_fills_them(tmp_path: Path) -> None:
    async with home_of(build(tmp_path, MODEL)) as (app, _):
        lines = text_of(app)
        assert "·············" in lines[4] and "○" in lines[4]
        assert any("4 or g i = fill them in order" in line for line in lines)


async def test_the_first_run_page_writes_the_goal_and_leads_on(tmp_path: Path) -> None:
    store = build(tmp_path)
    async with home_of(store) as (app, pilot):
        lines = text_of(app)
        assert lines[1].startswith("★ No goal yet.  n writes one")
        assert any("▸ 1  One goal for the year" in line for line in lines)
        assert any("the first weekly one is Fri 20 Nov" in line for line in lines)
        assert "n goal  9 templates" in lines[23] and any("9   take a template" in line for line in lines)
        assert any("In a team?" in line and "opens its workspace" in line for line in lines)
        await pilot.press("j", "n", *"5m ARR by yesterday", "enter")
        said = " ".join((await settled(app, pilot))[20:23])
        assert "past" in said or "By when" in said
        await pilot.press("ctrl+u", *"5m ARR by 31 dec", "enter")
        lines = await settled(app, pilot)
        assert lines[1].startswith("★ $5.0M ARR by 31 Dec")
        assert any("✓ 1  One goal for the year" in line for line in lines)
        assert any("▸ 2  Three KPIs" in line for line in lines) and lines[23].startswith(" n KPI ")
    assert [goal.title for goal in reading.goals(store)] == ["$5.0M ARR by 31 Dec"]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 15)])
async def test_the_first_run_page_fits(tmp_path: Path, size: tuple[int, int]) -> None:
    async with home_of(build(tmp_path), size) as (app, _):
        lines = text_of(app)
        assert any("One goal for the year" in line for line in lines)
        assert any("A rhythm" in line for line in lines) and any(": demo" in line for line in lines)
        assert not any("…" in line for line in lines)


async def test_mine_shows_what_i_answer_for_in_every_scope_and_comes_back(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        before = text_of(app)
        app.user = "bo@host"
        await pilot.press("@")
        lines = await settled(app, pilot)
        assert "all scopes" in lines[2] and any("Calls made" in line for line in lines)
        assert not any("MRR" in line for line in lines[4:12])
        assert "Mine only (bo), of every scope" in lines[22]
        await pilot.press("escape")
        app.user = "ana@host"
        after = await settled(app, pilot)
        assert [line[4:] for line in after[2:8]] == [line[4:] for line in before[2:8]]


@pytest.mark.parametrize("size", [(120, 40), (40, 15)])
async def test_pace_and_signal_are_two_verdicts_with_what_they_ask_for(acme: Store, size: tuple[int, int]) -> None:
    async with home_of(acme, size) as (app, pilot):
        assert "act now" in "\n".join(await settled(app, pilot))
        await pilot.press("j", "j")
        last = "\n".join(await settled(app, pilot))
        assert "act now" not in last and "pass on" in last


async def test_the_verdicts_of_the_next_row_take_the_place_of_what_was_said(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        await settled(app, pilot)
        app.kpi_screen.say("Saved")  # type: ignore[union-attr]
        app.kpi_screen.redraw()  # type: ignore[union-attr]
        await pilot.pause()
        assert text_of(app)[22].strip() == "Saved"
        await pilot.press("j", "j")
        await pilot.pause()
        assert text_of(app)[22].startswith(" Net rev. retention: on pace, no signal. As expected: pass on.")


async def test_a_key_typed_ahead_of_enter_on_a_row_goes_to_what_that_opens(acme: Store) -> None:
    async with home_of(acme) as (app, pilot):
        # In one packet: nothing is waited for between them.
        app.post_message(Key("enter", "\r"))
        app.post_message(Key("E", "E"))
        for _ in range(100):
            await pilot.pause()
            if len(app.screen_stack) == 3:
                break
        assert [screen.name for screen in app.screen_stack] == ["home", "detail", "playbook"]


async def test_what_is_found_out_while_the_app_leaves_touches_no_row_that_is_gone(
    acme: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = 0
    exit_of = Widget._message_loop_exit

    async def leaving(self: Widget) -> None:
        nonlocal gone
        await exit_of(self)
        gone += 1
        # As the worker of the doctor does, and a view or a sentence that comes at that moment.
        for screen in screens:
            screen.show_chrome()
            screen.doctor_looked()
            screen.show_plain()
        app.say("said into the void")

    async with home_of(acme) as (app, pilot):
        await pilot.press("2")
        screens = app.our_screens()
        assert len(screens) > 1
        monkeypatch.setattr(Widget, "_message_loop_exit", leaving)
    assert gone > 10
