"""How many times the best, and how often reached: windows over past values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain import feasibility
from kpitui.domain.feasibility import of_bound, of_change, of_total

YEAR = [10.0] * 12 + [20.0] * 12


def test_a_total_is_held_against_every_window_of_its_length() -> None:
    found = of_total(YEAR, 12, 504.0)
    assert (found.times, found.best, found.best_at, found.windows, found.reached) == (2.1, 240.0, 12, 13, 0)
    assert of_total(YEAR, 12, 230.0).reached == 2


def test_a_window_with_a_gap_is_none() -> None:
    assert of_total([10.0, None, 10.0, 10.0], 2, 15.0) == feasibility.Feasibility(0.75, 20.0, 2, 1, 1)
    assert not of_total([10.0], 2, 15.0).known


def test_a_level_is_held_against_its_moves_in_the_same_direction() -> None:
    up = of_change([100.0, 110.0, 130.0, 120.0], 1, 120.0, 160.0)
    assert (up.times, up.best, up.best_at, up.windows, up.reached) == (2.0, 20.0, 2, 3, 0)
    down = of_change([100.0, 110.0, 130.0, 120.0], 1, 120.0, 110.0)
    assert (down.times, down.best, down.reached) == (1.0, 10.0, 1)


def test_nothing_ever_gained_gives_no_factor() -> None:
    found = of_change([130.0, 120.0, 110.0], 1, 110.0, 120.0)
    assert (found.times, found.windows, found.reached) == (None, 2, 0)


@pytest.mark.parametrize(("down", "reached"), [(False, 3), (True, 2)])
def test_a_bound_is_held_against_each_period(down: bool, reached: int) -> None:
    assert of_bound([1.0, 2.0, None, 3.0, 4.0], 2.0, down).reached == reached


def test_hundredths_that_add_up_to_the_number_reach_it() -> None:
    assert of_total([0.1] * 10, 10, 1.0).reached == 1


@given(st.lists(st.floats(0, 1e6) | st.none(), max_size=40), st.integers(1, 12), st.floats(1, 1e6))
def test_never_more_reached_than_there_are_and_the_factor_agrees(
    values: list[float | None], length: int, target: float
) -> None:
    found = of_total(values, length, target)
    assert 0 <= found.reached <= found.windows <= max(len(values) - length + 1, 0)
    if found.times is not None and found.times < 1 - 1e-6:
        assert found.reached > 0
    if found.times is not None and found.times > 1 + 1e-6:
        assert found.reached == 0
