from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.charts.glyphs import ASCII, SETS, UNICODE
from kpitui.charts.sparkline import missed_cells, sparkline

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SERIES = st.lists(st.none() | st.floats(), max_size=60)
WIDTHS = st.integers(0, 90)
GLYPHS = st.sampled_from(list(SETS.values()))


@given(SERIES, WIDTHS, GLYPHS)
def test_it_is_as_wide_as_asked(values, width, glyphs):
    assert len(sparkline(values, width, glyphs)) == width


@given(SERIES, st.integers(1, 90), GLYPHS)
def test_a_cell_is_a_period_and_the_last_stands_at_the_right_end(values, width, glyphs):
    text = sparkline(values, width, glyphs)
    for place, value in enumerate(reversed(values[-width:])):
        drawable = value is not None and abs(value) < float("inf")
        assert (text[-1 - place] != glyphs.missing) == drawable


@given(st.lists(FINITE, min_size=1, max_size=40), GLYPHS)
def test_a_higher_value_never_stands_lower(values, glyphs):
    text = sparkline(values, len(values), glyphs)
    heights = [glyphs.levels.index(cell) for _, cell in sorted(zip(values, text, strict=True))]
    assert heights == sorted(heights)


@given(st.lists(FINITE, min_size=2, max_size=40, unique=True), GLYPHS)
def test_the_extremes_use_the_whole_height_unless_they_differ_by_noise(values, glyphs):
    low, high = min(values), max(values)
    text = sparkline(values, len(values), glyphs)
    if high / 2 - low / 2 > 1e-11 * max(abs(low), abs(high)):
        assert {glyphs.levels[0], glyphs.levels[-1]} <= set(text)


def test_older_values_do_not_reach_into_the_scale():
    assert sparkline([1000, -1000, 1, 2, 3], 3, UNICODE) == sparkline([1, 2, 3], 3, UNICODE) == "▁▅█"


def test_a_missing_period_is_not_a_zero():
    assert sparkline([5, None, 6], 3, UNICODE) == "▁·█"
    assert sparkline([5, float("nan"), 6], 3, ASCII) == "_:^"


@pytest.mark.parametrize(
    ("values", "text"),
    [([], "········"), ([3], "·······▄"), ([0], "·······▄"), ([7, 7, 7], "·····▄▄▄"), ([None, None], "········")],
)
def test_a_series_that_does_not_move_is_drawn_half_high(values, text):
    assert sparkline(values, 8, UNICODE) == text


def test_the_noise_of_binary_fractions_is_no_movement():
    assert sparkline([0.3, 0.1 + 0.2], 2, UNICODE) == "▄▄"


@given(SERIES, st.integers(1, 90))
def test_misses_are_the_cells_of_the_values_that_miss(values, width):
    asked: list[int] = []

    def missed(index: int, value: float) -> bool:
        asked.append(index)
        assert values[index] == value
        return value < 0

    cells = missed_cells(values, width, missed)
    assert cells == [cell for cell in range(width) if (place := len(values) - width + cell) >= 0
                     and (value := values[place]) is not None and float("-inf") < value < 0]  # fmt: skip
    assert all(index >= len(values) - width for index in asked)
