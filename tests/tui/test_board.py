"""The board: its cursor by key, what it repaints, and how many rows it bears."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot

from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, blank, heading
from tests.tui.sample import sample_app, text_of


def rows_of(*names: str) -> list[BoardRow]:
    return [BoardRow(name, (name, "1")) for name in names]


LAYOUT = Layout((Column("name", gap=0), Column("value", 5, "value", "right")))


@asynccontextmanager
async def board_of(rows: Sequence[BoardRow], **size: Any) -> AsyncIterator[tuple[Board, Pilot[None]]]:
    app = sample_app()
    async with app.run_test(size=(80, 24)) as pilot:
        board = app.screen.board  # type: ignore[attr-defined]
        board.layouts = {"": LAYOUT, "one": Layout((Column("all"),))}
        app.screen.draw = lambda view: None  # type: ignore[attr-defined]
        board.show([])
        board.restyle()
        board.show(rows)
        await pilot.pause()
        yield board, pilot


async def test_the_cursor_stays_on_its_row_when_rows_move() -> None:
    async with board_of(rows_of("a", "b", "c")) as (board, _):
        board.move(1)
        assert board.cursor_key == "b"
        board.show(rows_of("x", "y", "a", "b"))
        assert board.cursor_key == "b" and board.cursor == 3


async def test_when_its_row_is_gone_the_cursor_stays_in_its_place() -> None:
    async with board_of(rows_of("a", "b", "c")) as (board, _):
        board.move(1)
        board.show(rows_of("a", "c"))
        assert board.cursor_key == "c"
        board.show(rows_of("a"))
        assert board.cursor_key == "a"
        board.show([])
        assert board.row is None
        board.show(rows_of("z"))
        assert board.cursor_key == "z"


async def test_a_row_can_be_asked_for_before_it_is_there() -> None:
    async with board_of(rows_of("a", "b")) as (board, _):
        assert not board.go_to("late")
        board.show(rows_of("a", "b", "late"))
        assert board.cursor_key == "late"
        assert board.go_to("a") and board.cursor_key == "a"


async def test_headings_titles_and_blanks_are_passed_over() -> None:
    rows = [heading("One"), BoardRow("", (), "header"), *rows_of("a"), blank(), heading("Two"), *rows_of("b")]
    async with board_of(rows) as (board, _):
        assert board.cursor_key == "a"
        board.action_down()
        assert board.cursor_key == "b"
        board.action_down()
        assert board.cursor_key == "b"
        board.action_up()
        assert board.cursor_key == "a"
        board.action_up()
        assert board.cursor_key == "a"


async def test_a_heading_comes_into_view_with_its_first_row() -> None:
    rows = [heading("One"), *rows_of(*(f"r{n}" for n in range(60)))]
    async with board_of(rows) as (board, _):
        board.action_bottom()
        assert board.cursor_key == "r59" and board.scroll_offset.y > 0
        board.action_top()
        assert board.cursor_key == "r0" and board.scroll_offset.y == 0


async def test_pages_and_halves() -> None:
    async with board_of(rows_of(*(f"r{n}" for n in range(100)))) as (board, _):
        height = board.size.height
        board.action_half_down()
        assert board.cursor == height // 2
        board.action_page_down()
        assert board.cursor == height // 2 + height - 1
        board.action_page_up()
        board.action_half_up()
        assert board.cursor == 0


@pytest.mark.parametrize("step", [1, -1, 7, -13, 50])
async def test_a_hundred_thousand_rows_are_moved_through_by_looking_at_a_screenful(step: int) -> None:
    asked: set[int] = set()

    class Many(Sequence[BoardRow]):
        def __len__(self) -> int:
            return 100_000

        def __getitem__(self, place: Any) -> Any:
            if isinstance(place, int):
                asked.add(place)
                return BoardRow(f"r{place}", (f"row {place}", str(place)))
            raise TypeError

        def __iter__(self) -> Any:
            raise AssertionError("nobody needs all of them")

    async with board_of(Many()) as (board, pilot):
        board.action_bottom()
        await pilot.pause()
        assert board.cursor == 99_999 and any("row 99999" in line for line in text_of(pilot.app))  # type: ignore[arg-type]
        board.move(step)
        await pilot.pause()
        assert len(asked) < 300


async def test_a_cursor_move_repaints_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    async with board_of(rows_of(*"abcdef")) as (board, pilot):
        drawn: list[int] = []
        line = Board.render_line
        monkeypatch.setattr(Board, "render_line", lambda self, y: drawn.append(y) or line(self, y))
        board.move(1)
        await pilot.pause()
        assert sorted(set(drawn)) == [0, 1]


async def test_showing_rows_again_repaints_only_those_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with board_of(rows_of(*"abcdef")) as (board, pilot):
        drawn: list[int] = []
        line = Board.render_line
        monkeypatch.setattr(Board, "render_line", lambda self, y: drawn.append(y) or line(self, y))
        rows = rows_of(*"abcdef")
        board.show(rows)
        await pilot.pause()
        assert drawn == []
        board.show([*rows[:3], BoardRow("d", ("d", "2")), *rows[4:]])
        await pilot.pause()
        assert set(drawn) == {3}
        assert board.line_text(3).endswith("2")


async def test_rows_of_several_layouts_stand_in_one_board() -> None:
    rows = [*rows_of("a"), BoardRow("w", ("a whole line of words",), layout="one")]
    async with board_of(rows) as (board, _):
        assert board.line_text(0).split() == ["a", "1"]
        assert board.line_text(1).strip() == "a whole line of words"


async def test_an_indent_moves_the_name_and_not_the_columns() -> None:
    rows = [BoardRow("a", ("a", "1")), BoardRow("b", ("b", "1"), indent=4)]
    async with board_of(rows) as (board, _):
        first, second = board.line_text(0), board.line_text(1)
        assert second.index("b") == first.index("a") + 4 and second.index("1") == first.index("1")


async def test_an_empty_board_says_what_would_be_here() -> None:
    async with board_of(rows_of("a")) as (board, pilot):
        board.empty = ([("Nothing is measured weekly. n new metric", "dim")],)
        board.show([])
        await pilot.pause()
        assert any("Nothing is measured weekly" in line for line in text_of(pilot.app))  # type: ignore[arg-type]


async def test_messages_tell_the_row() -> None:
    async with board_of(rows_of("a", "b")) as (board, _):
        heard: list[tuple[str, str]] = []
        post = board.post_message

        def listen(message: Message) -> bool:
            if isinstance(message, Board.Highlighted):
                heard.append((type(message).__name__, message.row.key))
            return post(message)

        board.post_message = listen  # type: ignore[method-assign]
        board.move(1)
        board.action_open()
        assert heard == [("Highlighted", "b"), ("Opened", "b")]


async def test_marks_go_with_their_rows() -> None:
    async with board_of(rows_of(*"abc")) as (board, _):
        board.action_mark()
        board.action_mark()
        assert [row.key for row in board.marked_rows()] == ["a", "b"] and board.cursor_key == "c"
        board.show(rows_of("b", "c"))
        assert board.marked == {"b"}
        assert board.clear_marks() and not board.clear_marks()
        assert [row.key for row in board.marked_rows()] == ["c"]


async def test_the_mouse_puts_the_cursor_and_a_second_click_opens() -> None:
    async with board_of(rows_of("a", "b", "c")) as (board, pilot):
        await pilot.click(Board, offset=(5, 2))
        assert board.cursor_key == "c"
