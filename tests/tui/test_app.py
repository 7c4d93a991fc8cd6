"""The shell with keys pressed: tabs, verbs, the prompt row, saving, and what comes from others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot

from kpitui.errors import Busy, Replaced
from kpitui.tui.app import KpituiApp
from tests.tui.sample import MadeUpStore, SampleScreen, sample_app, text_of, write

SIZE = (80, 24)


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Let the app go on until something is so; the test's own time limit ends it otherwise."""
    for _ in range(400):
        if true():
            return
        await pilot.pause(0.005)
    raise AssertionError("it did not happen:\n" + "\n".join(text_of(pilot.app)))  # type: ignore[arg-type]


def typed(app: KpituiApp, text: str) -> None:
    """Keys that arrive all at once, as they do over a slow line."""
    names = {"\r": "enter", "\x1b": "escape", " ": "space", "\t": "tab"}
    for char in text:
        app.post_message(events.Key(names.get(char, char), char))


async def test_the_first_frame_has_the_five_rows() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE):
        lines = text_of(app)
        assert lines[0].startswith(" 1 Home 2 Tree ")
        assert lines[1] == "★ $5.0M ARR by 31 Dec  $4.31M ████████████▍    │   ✗ 62% done 89% time 41d left "
        assert lines[4].startswith(" ▸ ✗ Metric 1 ")
        assert lines[23].endswith("? help  : cmd")
        assert len(lines) == 24


async def test_only_the_tabs_whose_screens_exist_are_shown_and_digits_stay_fixed() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        assert [(tab.name, tab.digit) for tab in app.tabs()] == [("home", "1"), ("tree", "2")]
        await pilot.press("8")
        assert "Log is not part of this version." in text_of(app)[22]
        assert app.tab == "home"


async def test_what_was_said_on_a_tab_is_gone_when_somebody_comes_back() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        app.say("Saved this · u undo")
        await pilot.press("2")
        app.say("It is not saved", "error")
        await pilot.press("1")
        assert "Saved this" not in text_of(app)[22]
        await pilot.press("2")
        assert "It is not saved" in text_of(app)[22], "an error stays until the next message"


async def test_tabs_by_digit_and_by_g_keep_their_cursor() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "j", "2")
        assert app.screen.name == "tree"
        assert text_of(app)[4].startswith(" ▸ ✗ Metric 1 ")
        await pilot.press("g")
        assert text_of(app)[23].startswith(" g then  h Home  t Tree")
        await pilot.press("h")
        assert app.screen.name == "home"
        assert text_of(app)[6].startswith(" ▸ ● Metric 3 ")


async def test_a_key_that_may_not_follow_g_only_ends_the_waiting() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("g", "j")
        assert text_of(app)[4].startswith(" ▸ ")
        await pilot.press("j")
        assert text_of(app)[5].startswith(" ▸ ")
        assert text_of(app)[23].startswith(" ⏎ open")


async def test_gg_and_G_go_to_the_ends() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("G")
        assert any(line.startswith(" ▸ ✗ Metric 40") for line in text_of(app))
        await pilot.press("g", "g")
        assert text_of(app)[4].startswith(" ▸ ✗ Metric 1 ")


async def test_what_is_asked_is_saved_said_and_shown_everywhere() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a", "x")
        assert text_of(app)[22].startswith(" action x   as: x")
        assert text_of(app)[23].startswith(" ⏎ save  esc drop")
        await pilot.press("enter")
        await until(pilot, lambda: "1 written" in text_of(app)[2])
        assert store.written == ["x"]
        assert text_of(app)[22].startswith(" Wrote x · u undo")
        await until(pilot, lambda: "2 Tree 1" in text_of(app)[0])


async def test_keys_typed_ahead_go_to_the_question_they_were_meant_for() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        typed(app, "aone q\rmtwo\r2")
        await until(pilot, lambda: app.screen.name == "tree")
        assert store.written == ["one q", "two"]


async def test_esc_drops_a_line_and_nothing_is_saved() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a", "x", "escape")
        assert not store.written and text_of(app)[23].startswith(" ⏎ open")


async def test_a_refusal_is_a_sentence_in_the_message_row() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a", "enter")
        await until(pilot, lambda: "An action needs words." in text_of(app)[22])
        assert await app.save(write, "x", fail=True) is None
        assert app.return_code is None and not store.written


async def test_a_save_is_done_even_when_its_asker_is_cancelled() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        saving = asyncio.ensure_future(app.save(write, "kept"))
        await asyncio.sleep(0)
        saving.cancel()
        await pilot.pause()
        assert await app.read(lambda s: list(s.written)) == ["kept"]


async def test_a_question_takes_y_n_enter_and_esc() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("d")
        assert text_of(app)[22].startswith(" Archive it? [Y/n]")
        await pilot.press("n")
        await pilot.press("d", "j", "escape")
        assert not store.written
        await pilot.press("d", "enter")
        await pilot.press("d", "y")
        await until(pilot, lambda: len(store.written) == 2)


async def test_a_read_only_workspace_says_so_and_refuses_what_writes() -> None:
    app = sample_app(MadeUpStore(readonly=True))
    async with app.run_test(size=SIZE) as pilot:
        assert "read-only" in text_of(app)[1]
        await pilot.press("a")
        assert "This workspace is read-only for you" in text_of(app)[22]


async def test_filter_narrows_while_typing_and_swallows_every_letter() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        typed(app, "/12q")
        await until(pilot, lambda: "0 of 40" in text_of(app)[22])
        await pilot.press("backspace")
        assert text_of(app)[4].startswith(" ▸ ● Metric 12")
        assert "1 of 40" in text_of(app)[22]
        await pilot.press("enter")
        assert "Esc clears" in text_of(app)[22]
        await pilot.press("escape")
        assert text_of(app)[4].startswith("   ✗ Metric 1 ") or text_of(app)[4].startswith(" ▸ ✗ Metric 1 ")
        assert app.screen.filter_text == ""  # type: ignore[attr-defined]


async def test_minus_excludes_in_a_filter() -> None:
    keep = SampleScreen.matches(None, "metric -2 -")  # type: ignore[arg-type]
    assert keep("Metric 1-") and not keep("Metric 2-") and not keep("Metric 1")


async def test_esc_never_leaves_and_q_does() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        assert "q leaves kpitui" in text_of(app)[22] and app.return_code is None
        await pilot.press("q")
        assert app.return_code == 0


async def test_esc_and_q_take_one_layer_away() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await app.open(app.made("detail", "mrr"))
        await pilot.pause()
        assert app.screen.name == "detail"
        await pilot.press("space", "escape")
        assert app.screen.name == "detail", "the mark went first"
        await pilot.press("q")
        assert app.screen.name == "home"


async def test_esc_and_a_letter_arriving_as_one_chord_are_two_keys() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a", "x", "alt+j")
        assert text_of(app)[5].startswith(" ▸ "), "Esc dropped the line, j moved"


async def test_marks_are_set_one_by_one_and_as_a_range() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space", "j", "v", "j", "v")
        board = app.screen.board  # type: ignore[attr-defined]
        assert [row.key for row in board.marked_rows()] == ["Metric 1", "Metric 3", "Metric 4"]
        assert text_of(app)[4].startswith("✓")


async def test_what_others_wrote_is_shown() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        store.names[0] = "Renamed"
        store.others += 1
        await until(pilot, lambda: "Renamed" in text_of(app)[4])


async def test_what_others_wrote_waits_while_somebody_types() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a", "x")
        store.names[0] = "Renamed"
        store.others += 1
        await until(pilot, lambda: store.seen == 1)
        await pilot.pause()
        assert "Metric 1 " in text_of(app)[4]
        await pilot.press("escape")
        await until(pilot, lambda: "Renamed" in text_of(app)[4])


async def test_a_tab_changed_meanwhile_is_right_in_its_first_frame() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2", "1")
        await app.save(write, "x")
        await pilot.press("2")
        assert "1 written" in text_of(app)[2]


async def test_the_same_view_again_draws_nothing() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        drawn: list[object] = []
        screen = app.screen
        screen.draw = drawn.append  # type: ignore[attr-defined]
        loads = store.loads
        store.others += 1
        await until(pilot, lambda: store.loads > loads)
        await pilot.pause()
        assert drawn == []


async def test_a_replaced_file_is_said_once_and_not_asked_again() -> None:
    store = MadeUpStore()
    app = sample_app(store)
    async with app.run_test(size=SIZE) as pilot:
        store.failure = Replaced("x.db was replaced while it was open. Leave with q and open it again.")
        await until(pilot, lambda: "was replaced while it was open" in text_of(app)[22])
        store.failure = Busy("asked again")
        await pilot.pause(1.1)
        assert "asked again" not in text_of(app)[22]


async def test_what_is_wrong_at_the_start_is_said() -> None:
    app = sample_app(messages=("Settings file: line 3 is odd.",))
    async with app.run_test(size=SIZE):
        assert "line 3 is odd" in text_of(app)[22]


async def test_everything_that_is_to_be_said_at_the_start_is_said_the_first_first() -> None:
    messages = ("The log was replaced. Ask who did it", "Not finished: note “a”. The same key brings it back.")
    app = sample_app(messages=messages)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        said = " ".join(" ".join(text_of(app)).split())
        assert "The log was replaced. Ask who did it. Not finished: note “a”. The same key brings it back." in said


async def test_keys_of_ones_own_work_in_list_and_footer() -> None:
    store = MadeUpStore()
    app = sample_app(store, keys={"action": "Z", "check_in": "ctrl+g"})
    async with app.run_test(size=SIZE) as pilot:
        assert "ctrl+g check-in" in text_of(app)[23]
        await pilot.press("a")
        assert not text_of(app)[22].strip()
        await pilot.press("Z", "x", "enter")
        await until(pilot, lambda: store.written == ["x"])


async def test_keys_that_clash_are_refused_by_name_and_the_shipped_ones_stay() -> None:
    app = sample_app(keys={"undo": "a"})
    async with app.run_test(size=SIZE) as pilot:
        assert "a cannot be 'undo', it is 'action'" in text_of(app)[22]
        await pilot.press("a")
        assert text_of(app)[22].startswith(" action ")


async def test_a_verb_nobody_does_here_says_so() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("p")
        assert "No “promote” here. ? lists the keys" in text_of(app)[22]


async def test_hostile_names_are_shown_as_text() -> None:
    store = MadeUpStore()
    store.names[:3] = ["bad [/x] tag", "MRR [draft]", "esc\x1b[2Jape\nline"]
    app = sample_app(store)
    async with app.run_test(size=(120, 24)) as pilot:
        lines = text_of(app)
        assert "bad [/x] tag" in lines[4] and "MRR [draft]" in lines[5] and "escape line" in lines[6]
        app.say("a [/b] message")
        await pilot.pause()
        assert "a [/b] message" in text_of(app)[22]


@pytest.mark.parametrize(("size", "there", "gone"), [((40, 15), "value", "owner"), ((120, 40), "26 weeks", "+")])
async def test_columns_give_way_in_their_order(size: tuple[int, int], there: str, gone: str) -> None:
    app = sample_app()
    async with app.run_test(size=size):
        header = next(line for line in text_of(app) if "KPI " in line and "S" in line)
        assert there in header and gone not in header
        assert all(len(line) == size[0] for line in text_of(app))


async def test_at_40_the_tab_bar_is_gone_and_on_resize_the_cursor_stays() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("G")
        await pilot.resize_terminal(40, 15)
        await until(pilot, lambda: text_of(app)[0].startswith("★ $5.0M ARR $4.31M"))
        assert any(line.startswith("▸ ✗ Metric 40") for line in text_of(app))
        assert text_of(app)[14].endswith("? help  :")
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: text_of(app)[0].startswith(" 1 Home"))


async def test_a_size_that_is_out_of_date_is_not_laid_out_for(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        laid_out: list[Size | None] = []
        monkeypatch.setattr(app.screen, "_refresh_layout", lambda size=None, *_, **__: laid_out.append(size))
        now, other = Size(*SIZE), Size(SIZE[0], SIZE[1] + 1)
        for size in (other, now):
            app.screen.post_message(events.Resize(size, size))
            await pilot.pause()
        assert now in laid_out and other not in laid_out


async def test_opening_that_fails_ends_the_app_with_its_sentence_and_code() -> None:
    class Broken(MadeUpStore):
        @property
        def names(self) -> list[str]:
            raise Busy("Somebody else is writing. Try again.")

        @names.setter
        def names(self, value: list[str]) -> None:
            pass

    app = sample_app(Broken())
    async with app.run_test(size=SIZE):
        pass
    assert app.return_code == 5 and app.last_words == "Somebody else is writing. Try again."


async def test_the_theme_can_be_changed_while_running() -> None:
    app = sample_app()
    async with app.run_test(size=SIZE) as pilot:
        assert app.theme == "kpitui-dark"
        assert app.use_theme("light") and app.theme == "kpitui-light"
        assert app.use_theme("textual-dark"), "Textual's own get our colours worked out"
        await pilot.pause()
        assert not app.use_theme("no-such")
