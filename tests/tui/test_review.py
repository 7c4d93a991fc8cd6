"""The review screen with keys pressed: from r to finished minutes, killed in the middle, followed by others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kpitui import paths, themes
from kpitui.charts.glyphs import ASCII, UNICODE, Glyphs
from kpitui.config import Config
from kpitui.domain.model import Metric
from kpitui.services import actions, review, review_lines
from kpitui.services.book import Book
from kpitui.services.judging import judge_rows
from kpitui.storage import definitions
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp, build_app
from kpitui.tui.drafts import Draft
from kpitui.tui.screens.review import ReviewScreen
from kpitui.tui.screens.review_panel import side_lines, verdict_lines
from kpitui.tui.widgets.prompt import PromptRow
from tests.review_sample import TODAY, reviewed
from tests.services import acme
from tests.tui.sample import text_of
from tests.workspace import build, join, record

SIZE = (80, 24)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return reviewed(tmp_path)


def app_on(store: Store, who: str = "ana", glyphs: Glyphs = UNICODE) -> KpituiApp:
    return build_app(
        lambda: join(store, who),
        config=Config(),
        glyphs=glyphs,
        themes=themes.load_themes(paths.theme_folders()),
        today=lambda: date(2026, 11, 20),
        user=f"{who}@host",
        start="review",
        screens={"review": ReviewScreen},
    )


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    for _ in range(400):
        if true():
            return
        await pilot.pause(0.005)
    raise AssertionError("it did not happen:\n" + "\n".join(text_of(pilot.app)))  # type: ignore[arg-type]


def shows(app: KpituiApp, text: str) -> Callable[[], bool]:
    return lambda: text in "\n".join(text_of(app))


async def begin(app: KpituiApp, pilot: Pilot[None]) -> ReviewScreen:
    screen = app.screen
    assert isinstance(screen, ReviewScreen)
    await screen.action_start_review("weekly")
    await until(pilot, lambda: screen.session is not None)
    return screen


async def test_the_empty_tab_names_the_key_and_r_to_enter_makes_minutes(store: Store, tmp_path: Path) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        assert "No review was held yet. r starts one" in "\n".join(text_of(app))
        await pilot.press("r")
        await until(pilot, shows(app, "[1 Actions]"))
        assert text_of(app)[0].startswith(" Weekly review W47 · ana leads")
        # Actions, scorecard, three exceptions, issues, commit: l is the only key.
        for expected in (
            "[2 Sc",
            "[3 Exceptions 1/3]",
            "[3 Exceptions 2/3]",
            "[3 Exceptions 3/3]",
            "[4 I",
            "[5 C",
            "[6 C",
        ):
            await pilot.press("l")
            await until(pilot, shows(app, expected))
        await pilot.press("1", "0")
        assert "[10]" in "\n".join(text_of(app))
        await pilot.press("enter")
        await until(pilot, shows(app, "# Weekly review W47"))
        assert "Signed off weekly review W47 · minutes in reviews/2026-W47-weekly.md" in text_of(app)[22]
    assert store.rows("SELECT state, rating FROM review") == [("signed", 10)]
    assert (tmp_path / "reviews/2026-W47-weekly.md").read_text() == store.one("SELECT minutes FROM review")


async def test_the_panel_says_value_target_gap_both_verdicts_and_the_missing_note(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("3")
        await until(pilot, shows(app, "6 weeks"))
        lines = text_of(app)
        assert lines[4].startswith(" ✗ Demos booked   26 vs ≥ 30  -13.3%   bo · feeds MRR · 5 weeks ✗")
        assert lines[5].startswith(" 6 weeks                     12 months (mean of weeks)")
        text = "\n".join(lines)
        assert " W42 W43 W44 W45 W46 W47     D   J " in text
        assert "last 26  4wk 26.5  Nov 26.5" in text
        assert " * 26 is below the lower limit" in text
        assert " behind  Something changed: act now." in text
        assert "no note yet: m writes bo's" in text


async def test_what_is_written_is_stored_line_by_line_on_what_is_shown(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("3", "D", "G", "o", "enter")
        await until(pilot, shows(app, "Saved decision: Go · u undo"))
        await pilot.press("a", "x", "enter")
        assert "When is it due?" in text_of(app)[22]
        await pilot.press("space", "@", "b", "o", "space", "f", "r", "i")
        assert "> bo · Fri 27 Nov · on Demos booked" in text_of(app)[22]
        await pilot.press("enter")
        await until(pilot, shows(app, " a  bo  x  Fri 27 Nov"))
    assert store.rows("SELECT kind, text, metric_id FROM review_line ORDER BY id") == [
        ("decision", "Go", 5),
        ("action", "x", 5),
    ]
    assert [task.owner for task in actions.tasks(store, TODAY)] == ["bo"]


async def test_killed_in_the_middle_it_goes_on_there_with_the_line_that_was_typed(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        screen = await begin(app, pilot)
        await pilot.press("3", ")", "D", "H", "i")
        await until(pilot, lambda: store.rows("SELECT step, item FROM review") == [(3, 1)])
        draft = Draft(store.path, f"review-{screen.running}-decision")
        metric, text = draft.kept()
        assert text == "Hi"
    again = app_on(store)
    async with again.run_test(size=SIZE) as pilot:
        await pilot.press("r")
        await until(pilot, shows(again, "[3 Exceptions 2/3]"))
        name = again.screen.item.row.name  # type: ignore[attr-defined]
        assert f"A line was not finished: D brings “Hi”, on {name}, back" in text_of(again)[22]
        # Another kind of line takes nothing from it, and it stays with what it was about.
        await pilot.press("m", "x", "escape", "h", "D")
        await until(pilot, lambda: text_of(again)[22].startswith(" D Hi") and f"on {name}" in text_of(again)[22])
        await pilot.press("enter")
        await until(pilot, shows(again, "Saved decision: Hi"))
        assert draft.kept() == ("", "")
    assert store.rows("SELECT metric_id FROM review_line") == [(int(metric),)]


async def test_others_lines_appear_and_the_follower_goes_where_the_leader_goes(store: Store) -> None:
    number = review.start(store, "weekly", TODAY).id
    app = app_on(store, "bo")
    async with app.run_test(size=SIZE) as pilot:
        screen = await begin(app, pilot)
        assert screen.following
        review.place(store, number, 4, 0)
        review_lines.write(store, number, "issue", "From ana", TODAY)
        await app._poll()
        await until(pilot, shows(app, "[4 Issues]"))
        await until(pilot, shows(app, "From ana"))
        await pilot.press("h")
        await until(pilot, shows(app, "[3 Ex"))
        assert not screen.following
        await pilot.pause()
    assert store.rows("SELECT step FROM review") == [(4,)]


async def test_signed_off_elsewhere_it_turns_into_the_minutes(store: Store) -> None:
    from kpitui.services import signing

    number = review.start(store, "weekly", TODAY).id
    app = app_on(store, "bo")
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("6")
        await until(pilot, shows(app, "ana signs it off."))
        # Who does not lead is not told that Enter signs it.
        assert "sign off" not in text_of(app)[-1] and "copy minutes" in text_of(app)[-1]
        signing.sign(store, number, 8, TODAY)
        await app._poll()
        await until(pilot, shows(app, "# Weekly review W47"))
        await until(pilot, shows(app, "ana signed it off: these are the minutes."))


async def test_actions_of_last_time_are_done_and_moved(store: Store) -> None:
    actions.add(store, "First @bo 2026-11-17", TODAY)
    actions.add(store, "Second @cy 2026-11-18", TODAY)
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await until(pilot, lambda: "First" in text_of(app)[5] and "3d late" in text_of(app)[5])
        await pilot.press("x")
        await until(pilot, shows(app, "1 of 2 done"))
        # What is done goes below what is open, and the cursor to the next one.
        await until(pilot, lambda: text_of(app)[5].startswith(" ▸") and "Second" in text_of(app)[5])
        await pilot.press("G", "e")
        assert "x opens it again" in text_of(app)[22]
        session = app.screen.session  # type: ignore[attr-defined]
        beside = " ".join(text for line in side_lines(session, 0, 0, 30, UNICODE) for text, _ in line)
        assert "Second" in beside and "First" not in beside
        await pilot.press("g", "g", "e", "m", "o", "n")
        assert "Mon 23 Nov, in 3 days" in text_of(app)[22]
        await pilot.press("enter")
        await until(pilot, lambda: "Second" in text_of(app)[5] and "was 18 Nov" in text_of(app)[5])
    assert [(task.text, task.due) for task in actions.tasks(store, TODAY)] == [("Second", TODAY + 3)]


async def test_the_page_stays_on_its_metric_when_what_is_saved_gives_it_another_place(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        screen = await begin(app, pilot)
        await pilot.press("3")
        await until(pilot, lambda: screen.item is not None and screen.item.row.name in text_of(app)[4])
        assert screen.item is not None
        name, loud = screen.item.row.name, screen.session.loud  # type: ignore[union-attr]
        await pilot.press("c", *"33", "enter")
        await until(pilot, lambda: screen.session is not None and screen.session.loud < loud)
        await until(pilot, lambda: name in text_of(app)[4])
        assert screen.item.row.name == name


async def test_a_question_of_the_year_has_the_room_of_its_line(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        await screen.action_start_review("annual")
        await pilot.press("4")
        await until(pilot, shows(app, "Was $5.0M ARR by 31 Dec the right goal, and what did the year teach?"))


async def test_tab_brings_another_review_than_the_one_in_the_line(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        both = [one._replace(due=one.rhythm in ("weekly", "monthly")) for one in review.choices(store, TODAY)]
        line = screen.query_one(PromptRow).editor
        app.do(screen.choose(tuple(both)))
        await until(pilot, lambda: line.text == "weekly")
        await pilot.press("tab")
        assert line.text == "monthly"
        await pilot.press("escape")


async def test_quiet_weeks_say_so_and_all_shows_everything(store: Store) -> None:
    with store.write("archive") as tx:
        from kpitui.domain.model import Metric
        from kpitui.storage import definitions

        for slug in ("demos", "cac", "mrr"):
            metric = definitions.find(store, Metric, slug=slug)
            assert metric
            definitions.archive(tx, metric)
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("3")
        await until(pilot, shows(app, "[3 Exceptions]"))
        assert "All 2 as expected. Anything else? I parks it, l goes on." in "\n".join(text_of(app))
        await pilot.press("!")
        assert "[3 Exceptions 1/2]" in text_of(app)[2] and "Quiet one" in text_of(app)[4]


async def test_esc_leaves_it_running_and_the_list_opens_it_again(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("2", "escape")
        await until(pilot, shows(app, "runs: r goes on"))
        assert app.is_running and text_of(app)[0].startswith(" 5 Review")
        await pilot.press("enter")
        await until(pilot, shows(app, "[2 Scorecard]"))


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (40, 15), (30, 10)])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
async def test_every_step_fits_every_terminal(store: Store, size: tuple[int, int], glyphs: Glyphs) -> None:
    actions.add(store, "Old @bo 2026-11-17", TODAY)
    app = app_on(store, glyphs=glyphs)
    async with app.run_test(size=size) as pilot:
        await begin(app, pilot)
        for step in range(1, 7):
            app.screen.action_step(step)  # type: ignore[attr-defined]
            sentences = size[0] < 40  # the agenda may stand above what is seen
            await until(pilot, (lambda step=step: app.screen.step == step) if sentences else shows(app, f"[{step} "))
            await pilot.pause()
            lines = text_of(app)
            assert len(lines) == size[1] and {len(line) for line in lines} == {size[0]}
            if glyphs is ASCII:
                assert "\n".join(lines).isascii()
            assert sentences or f"[{step} " in lines[2]


async def test_copy_gives_the_minutes_to_be(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("y")
        await until(pilot, shows(app, "Copied the minutes"))
        assert app.clipboard.startswith("# Weekly review W47") and "the review still runs" in app.clipboard


async def test_a_start_taken_back_leads_back_to_the_list(store: Store) -> None:
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        await begin(app, pilot)
        await pilot.press("u")
        await until(pilot, shows(app, "No review was held yet"))
        assert text_of(app)[0].startswith(" 5 Review")


async def test_who_may_only_read_follows_and_writes_nothing(store: Store) -> None:
    number = review.start(store, "weekly", TODAY).id
    app = app_on(store, "bo")
    async with app.run_test(size=SIZE) as pilot:
        app.read_only = True
        await until(pilot, shows(app, "runs: r goes on"))
        await pilot.press("r")
        await until(pilot, shows(app, "[1 Actions]"))
        await pilot.press("l", "D")
        assert "[2 Scorecard]" in text_of(app)[2] and "read-only for you" in text_of(app)[22]
    assert store.rows("SELECT step FROM review WHERE id = ?", (number,)) == [(1,)]


async def test_values_that_look_wrong_stand_before_the_scorecard(store: Store) -> None:
    record(store, "quiet 2026-W46 126\nlate 2026-W49 7")
    app = app_on(store)
    async with app.run_test(size=SIZE) as pilot:
        screen = await begin(app, pilot)
        await pilot.press("2")
        await until(pilot, shows(app, "Values to look at first"))
        lines = text_of(app)
        assert any("Late one W49: 7 for W49, which has not begun" in line for line in lines)
        assert not any("…" in line for line in lines if "Quiet one W46: " in line)
        first, second = (one.rule for one in screen.session.doubts)  # type: ignore[union-attr]
        assert (first, second) == ("future", "spike")
        screen.steps.go_to(f"finding:{screen.session.doubts[1].key}")  # type: ignore[union-attr]
        await pilot.press("x", *"a fair", "enter")
        await until(pilot, lambda: len(screen.session.doubts) == 1)  # type: ignore[union-attr]
        await until(pilot, lambda: not any("Quiet one W46: " in line for line in text_of(app)[3:20]))
    assert store.rows("SELECT rule, why FROM acceptance") == [("spike", "a fair")]


def test_a_signal_that_the_last_review_saw_asks_for_nothing_new(tmp_path: Path) -> None:
    book = Book(build(tmp_path, acme.MODEL, acme.POINTS), acme.TODAY)
    mrr = next(row for row in judge_rows(book, book.kpis_of(), [])[0] if row.slug == "mrr")
    fresh, known = ("".join(part[0] for line in verdict_lines(mrr, 90, UNICODE, seen) for part in line)
                    for seen in (False, True))  # fmt: skip
    assert "Something changed: act now." in fresh
    assert "as at the last review" in known and "The process as it is cannot reach this" in known


async def test_the_empty_page_is_read_to_its_end_on_a_narrow_terminal(store: Store) -> None:
    async with app_on(store).run_test(size=(40, 15)) as pilot:
        await pilot.pause()
        lines = text_of(pilot.app)  # type: ignore[arg-type]
        assert any("r starts one" in line for line in lines) and any("minutes." in line for line in lines)


async def test_beside_the_item_a_long_name_gives_way_to_what_is_missing(store: Store) -> None:
    with store.write("metric.edit") as tx:
        for metric in definitions.all_of(store, Metric):
            definitions.change(tx, metric, name=f"{metric.name} of all that we do")
    async with app_on(store).run_test(size=(120, 40)) as pilot:
        await begin(pilot.app, pilot)  # type: ignore[arg-type]
        pilot.app.screen.action_step(3)  # type: ignore[attr-defined]
        await until(pilot, shows(pilot.app, "Exceptions first"))  # type: ignore[arg-type]
        side = [line[89:].rstrip() for line in text_of(pilot.app) if "│ ▸" in line]  # type: ignore[arg-type]
        assert side and all("…  no note" in line for line in side)


def test_minutes_are_folded_as_they_are_shown() -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    from kpitui.tui.screens.review_rows import reading_rows

    shown = cast(Any, SimpleNamespace(minutes="- CAC $409 against ≤ $400\n\nx", corrections=()))
    for cells in range(14, 40):
        for row in reading_rows(shown, cells, plain=True):
            text = "".join(str(part[0] if isinstance(part, tuple) else part) for part in row.cells)
            assert text.isascii() and len(text) <= cells
