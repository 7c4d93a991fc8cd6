from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpitui.charts.bullet import bullet, nice_top, progress
from kpitui.charts.glyphs import ASCII, SETS, UNICODE

VALUES = st.none() | st.floats()
GLYPHS = st.sampled_from(list(SETS.values()))


@given(VALUES, VALUES, st.integers(0, 90), GLYPHS, VALUES, VALUES)
def test_it_is_as_wide_as_asked(value, target, width, glyphs, top, watch):
    assert len(bullet(value, target, width, glyphs, top=top, watch=watch)) == width


@given(st.floats(0, 1e12), st.floats(1e-3, 1e12), st.integers(12, 60), GLYPHS)
def test_the_bar_reaches_the_tick_exactly_when_the_value_reaches_the_target(value, target, width, glyphs):
    text = bullet(value, target, width, glyphs).removeprefix(glyphs.left_end)
    tick = text.index(glyphs.tick)
    # A target too small for the scale has its tick in the first cell, where no bar can end before it.
    assume(tick > 0)
    assert (text[:tick] == glyphs.eighths[-1] * tick) == (value >= target)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.integers(1, 60), GLYPHS)
def test_a_greater_value_is_never_shorter(values, width, glyphs):
    low, high = sorted(values)

    def length(value: float) -> list[int]:
        order = [glyphs.empty, *glyphs.eighths]
        return [order.index(cell) for cell in bullet(value, None, width, glyphs, top=100) if cell in order]

    assert length(low) <= length(high)


def test_the_goal_row_of_the_design():
    assert progress(1.11 / 1.80, 324 / 365, 20, UNICODE) == "████████████▎    │  "
    assert progress(1.11 / 1.80, 324 / 365, 8, UNICODE) == "████▉  │"
    assert progress(1.11 / 1.80, 324 / 365, 21, ASCII) == "[############----|--]"


@pytest.mark.parametrize("share", [None, -0.2, 0.0])
def test_no_progress_is_an_empty_bar(share):
    assert progress(share, 0.5, 10, UNICODE) == "     │    "


def test_more_than_all_the_way_is_a_full_bar():
    assert progress(1.7, None, 5, UNICODE) == "█████"
    assert progress(1.7, 1.0, 5, UNICODE) == "████│"


def test_the_watch_band_needs_twenty_cells():
    assert "░" in bullet(20, 30, 20, UNICODE, watch=25)
    assert "░" not in bullet(20, 30, 19, UNICODE, watch=25)
    assert bullet(412, 400, 26, UNICODE, watch=440).rstrip().endswith("│▍░")


def test_below_zero_is_said_and_not_drawn_as_zero():
    assert bullet(-5, 30, 12, UNICODE)[0] == "‹"
    assert bullet(0, 30, 12, UNICODE)[0] == " "


def test_a_loss_grows_from_a_zero_at_the_right_end():
    assert bullet(-6, -10, 12, ASCII) == "[-|---#####]"
    assert bullet(-12, -10, 12, ASCII) == "[--#|######]"


@pytest.mark.parametrize(
    ("value", "target", "top"),
    [(359, 400, 450), (26, 30, 40), (0.029, 0.03, 0.04), (1.04, 1.02, 1.2), (9.9, 1, 12), (0, 0, 1), (None, None, 1),
     (-3, -10, -12), (float("nan"), 30, 40)],
)  # fmt: skip
def test_the_right_end_is_a_round_number_beyond_both(value, target, top):
    assert nice_top(value, target) == top


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300))
def test_the_right_end_is_beyond_both_and_not_far(value, target):
    assert 1.09 * max(value, target) <= nice_top(value, target) <= 1.7 * max(value, target)
