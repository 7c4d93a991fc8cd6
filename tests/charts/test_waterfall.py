"""The steps of a change: they hang together and end where the value stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.charts.glyphs import ASCII, BLOCKS, SETS, UNICODE, Glyphs
from kpitui.charts.waterfall import waterfall


def ends(line: str) -> tuple[int, int]:
    marked = [place for place, sign in enumerate(line) if sign != " "]
    return marked[0], marked[-1]


@pytest.mark.parametrize("glyphs", [UNICODE, BLOCKS])
def test_the_revenue_example(glyphs: Glyphs) -> None:
    assert waterfall(10_000, [1993.3, -1156.7, 1043.3], 11_880, 20, glyphs) == [
        "│                   ",
        "████████████████████",
        "        ░░░░░░░░░░░░",
        "        ███████████ ",
        "                  │ ",
    ]


def test_in_ascii() -> None:
    assert waterfall(100, [-50, 0, 25], 75, 8, ASCII) == [
        "       |",
        "~~~~~~~~",
        "|       ",
        "#####   ",
        "    |   ",
    ]


def test_nothing_moved_and_no_room() -> None:
    assert waterfall(5, [0], 5, 4, UNICODE) == ["│   "] * 3
    assert waterfall(5, [1], 6, 0, UNICODE) == ["", "", ""]
    assert waterfall(5, [], 5, 2, UNICODE) == ["│ ", "│ "]


@given(
    st.floats(-1e308, 1e308),
    st.lists(st.floats(-1e307, 1e307), max_size=6),
    st.integers(1, 60),
    st.sampled_from(sorted(SETS)),
)
def test_bars_hang_together_and_end_at_the_value(before: float, effects: list[float], width: int, name: str) -> None:
    glyphs = SETS[name]
    effects = [effect / 10 for effect in effects]
    before /= 10
    after = before
    for effect in effects:
        after += effect
    lines = waterfall(before, effects, after, width, glyphs)
    assert len(lines) == len(effects) + 2 and all(len(line) == width for line in lines)
    at = ends(lines[0])[0]
    for effect, line in zip(effects, lines[1:-1], strict=True):
        first, last = ends(line)
        assert at in (first, last)
        assert (glyphs.eighths[-1] in line) == (effect > 0) and (glyphs.band in line) == (effect < 0)
        at = last if at == first else first
    assert ends(lines[-1]) == (at, at)
