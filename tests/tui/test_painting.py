"""What is painted is what changed, and the terminal shows it all the same."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kpitui.tui.painting import Cell, Picture, cells_of, change_of, changed, jump, look_of

SIZE = (12, 3)
STYLES = ("", "1", "38;2;91;192;240;48;2;18;18;18", "7;38;2;1;2;3;48;5;7", "1;4;31;44", "2;97;100", "1;2")
LETTERS = ("a", "b", " ", "é", "▁")


def narrow(text: str, codes: str = "") -> list[Cell]:
    return [(char, codes) for char in text]


@st.composite
def paints(draw: st.DrawFn) -> tuple[int, int, list[Cell]]:
    """Some cells somewhere, wide characters among them."""
    y, x = draw(st.integers(0, SIZE[1] - 1)), draw(st.integers(0, SIZE[0] - 1))
    out: list[Cell] = []
    for char, codes in draw(
        st.lists(st.tuples(st.sampled_from([*LETTERS, "日"]), st.sampled_from(STYLES)), min_size=1, max_size=12)
    ):
        out += [(char, codes), ("", codes)] if char == "日" else [(char, codes)]
    out = out[: SIZE[0] - x]
    if out and out[-1][0] == "日":
        out[-1] = (" ", out[-1][1])  # only its left half would fit
    return y, x, out


def on(screen: pyte.Screen) -> list[list[tuple[str, str, str, bool, bool]]]:
    def seen(y: int, x: int) -> tuple[str, str, str, bool, bool]:
        char = screen.buffer[y][x]
        if char.data == " " and not char.reverse and not char.underscore:
            return " ", "", char.bg, False, False  # nothing is seen of its front
        return char.data, char.fg, char.bg, char.bold, char.reverse

    return [[seen(y, x) for x in range(SIZE[0])] for y in range(SIZE[1])]


@settings(max_examples=40)
@given(st.lists(st.lists(paints(), min_size=1, max_size=3), max_size=6))
def test_the_terminal_shows_the_same_as_when_all_is_painted(frames: list[list[tuple[int, int, list[Cell]]]]) -> None:
    picture, tight, whole = Picture(), pyte.Screen(*SIZE), pyte.Screen(*SIZE)
    streams = pyte.Stream(tight), pyte.Stream(whole)
    model: dict[tuple[int, int], Cell] = {(y, x): (" ", "") for y in range(SIZE[1]) for x in range(SIZE[0])}
    frames = [[(y, 0, narrow(" " * SIZE[0])) for y in range(SIZE[1])], *frames]
    for frame in frames:
        for y, x, cells in frame:
            for step, cell in enumerate(cells):
                model[y, x + step] = cell
            # A wide character loses both halves with one of them; widgets draw what is beside it anew.
            for edge, half in ((x - 1, "日"), (x + len(cells), "")):
                if model.get((y, edge), (" ", ""))[0] == half:
                    model[y, edge] = (" ", "")
                    cells = [(" ", ""), *cells] if half else [*cells, (" ", "")]
                    x -= bool(half)
            streams[0].feed(picture.update(SIZE, [(y, x, cells)]))
    everything = [(y, 0, [model[y, x] for x in range(SIZE[0])]) for y in range(SIZE[1])]
    streams[1].feed(Picture().update(SIZE, everything))
    assert on(tight) == on(whole)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_a_list_that_scrolls_is_moved_by_the_terminal(tops: list[int], above: int, below: int) -> None:
    size = (8, 14)
    picture, screen = Picture(), pyte.Screen(*size)
    stream = pyte.Stream(screen)
    for top in tops:
        lines = [narrow(f"head {y}".ljust(8), "1") for y in range(above)]
        rows = range(top, top + size[1] - above - below)
        lines += [narrow(f"row {row}".ljust(8), "7" if row == top + 3 else "31") for row in rows]
        lines += [narrow(f"foot {top}".ljust(8)) for _ in range(below)]
        stream.feed(picture.update(size, [(y, 0, cells) for y, cells in enumerate(lines)]))
        assert [line.rstrip() for line in screen.display] == ["".join(c for c, _ in line).rstrip() for line in lines]
        assert screen.buffer[above + 3][0].reverse and not screen.buffer[above + 4][0].reverse


def test_one_line_of_scrolling_costs_little() -> None:
    picture = Picture()
    size = (80, 24)

    def lines(top: int) -> list[tuple[int, int, list[Cell]]]:
        return [(y, 0, narrow(f"row {top + y} ".ljust(80, "x"), "31")) for y in range(24)]

    whole = picture.update(size, lines(0))
    assert len(picture.update(size, lines(1))) < 150 < 1500 < len(whole)
    sent = picture.update(size, lines(0))
    assert sent.startswith("\x1b[39m\x1b[1;24r\x1b[1;1H\x1bM\x1b[r") and len(sent) < 150
    # A screen that is only partly known is painted.
    picture.forget()
    assert "\x1bM" not in picture.update(size, lines(1))


def test_nothing_changed_is_nothing_sent_until_it_is_forgotten() -> None:
    picture = Picture()
    line = [(0, 0, narrow("hello world ", "1"))]
    assert picture.update(SIZE, line) and picture.update(SIZE, line) == ""
    picture.forget()
    assert picture.update(SIZE, line)
    assert picture.update((10, 3), [(0, 0, narrow("hello worl", "1"))]), "another size is another terminal"


def test_only_the_cells_that_differ_are_sent_and_a_style_once() -> None:
    picture = Picture()
    picture.update(SIZE, [(0, 0, narrow("aaaaaaaaaaaa", "1;31"))])
    sent = picture.update(SIZE, [(0, 0, narrow("baaaaaaaabaa", "1;31"))])
    assert sent == "\x1b[1;1Hb\x1b[8Cb", "it goes on in the style it was left in"


def test_close_changes_are_one_stretch_and_wide_characters_stay_whole() -> None:
    old, new = narrow("aaaaaaaaaa"), narrow("baabaaaaab")
    assert list(changed(old, new)) == [(0, 4), (9, 10)]
    wide: list[Cell] = [("a", ""), ("日", ""), ("", "")]
    assert list(changed([("a", ""), ("日", ""), (" ", "")], wide)) == [(1, 3)]


def test_a_style_is_named_by_what_is_other() -> None:
    assert look_of("1;38;2;9;8;7;48;5;3").front == "38;2;9;8;7" and look_of("97;104").back == "104"
    cases = {("31;44", "1;31;44"): "1", ("1;31", "32"): ";32", ("1;2;31;44", "2;31;44"): "22;2", ("31", ""): "39"}
    cases |= {("7;38;5;9;48;5;8", "38;5;9;48;5;8"): "27", ("1;7;9", ""): ""}
    for (before, after), parts in cases.items():
        assert change_of(look_of(before), look_of(after)) == f"\x1b[{parts}m"
    assert change_of(look_of("31"), look_of("31")) == ""


def test_of_a_blank_only_the_ground_is_named() -> None:
    picture = Picture()
    picture.update(SIZE, [(0, 0, narrow("a b c d e f ", "1;31"))])
    sent = picture.update(SIZE, [(0, 0, [("a", "32"), (" ", ""), ("b", "32"), *narrow(" c d e f ", "1;31")])])
    assert sent == "\x1b[1;1H\x1b[;32ma b"
    assert picture.update(SIZE, [(0, 11, narrow(" ", "7;31"))]) == "\x1b[1;12H\x1b[7;31m ", "a reversed one is seen"


def test_whoever_paints_next_finds_a_plain_terminal() -> None:
    picture = Picture()
    picture.update(SIZE, [(0, 0, narrow("hello", "1"))])
    assert picture.forget() and not picture.forget()
    assert picture.update(SIZE, [(0, 0, narrow("hello", ""))]).startswith("\x1b[0m\x1b[1;1Hhello")


def test_the_next_line_is_a_line_feed_away() -> None:
    assert (jump((3, -1), (4, 0)), jump((3, 5), (4, 2)), jump((3, 5), (3, 9))) == ("\r\n", "\r\n\x1b[2C", "\x1b[4C")
    assert jump((3, 5), (2, 0)) == "\x1b[3;1H" and jump((-1, -1), (0, 0)) == "\x1b[1;1H"


def test_a_strip_is_its_cells() -> None:
    strip = Strip([Segment("a日", Style(bold=True)), Segment("é"), Segment("e\u0301")])
    cells = cells_of(strip, ColorSystem.TRUECOLOR)
    assert cells == [("a", "1"), ("日", "1"), ("", "1"), ("é", ""), ("e\u0301", "")]
