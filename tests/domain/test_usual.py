from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.usual import is_unusual, usual

values = st.lists(st.one_of(st.none(), st.integers(-1000, 1000).map(float)), min_size=6, max_size=40)


def test_last_value_and_the_mean_moving_range() -> None:
    band = usual([10, 12, 11, 13, 12, 14])
    assert band == pytest.approx((14 - 3.27 * 1.6, 14 + 3.27 * 1.6))
    assert [is_unusual(value, band) for value in (14, 8.7, 19.3)] == [False, True, True]


def test_six_values_are_needed_and_some_variation() -> None:
    assert usual([1, 2, 3, 4, 5]) is None
    assert usual([1, None, 2, 3, 4, 5]) is None
    assert usual([5.0] * 9) is None
    assert not is_unusual(9, None)


def test_ranges_do_not_bridge_a_gap() -> None:
    assert usual([1, 2, 1, None, 101, 102, 101]) == pytest.approx((101 - 3.27, 101 + 3.27))
    assert usual([1, None, 2, None, 3, None, 4, None, 5, None, 6]) is None


def test_only_the_last_periods_count() -> None:
    assert usual([0, 1000] * 5 + [1, 2, 1, 2, 1, 2], n=6) == pytest.approx((2 - 3.27, 2 + 3.27))


def test_hard_bounds_cut_the_band() -> None:
    assert usual([1, 2, 1, 2, 1, 2], floor=0, ceiling=3) == (0, 3)


@given(values, st.integers(-500, 500), st.sampled_from([0.5, 2, 8]))
def test_shift_and_scale(series: list[float | None], shift: int, scale: float) -> None:
    band = usual(series)
    moved = usual([None if value is None else value * scale + shift for value in series])
    assert (moved is None) == (band is None)
    if band and moved:
        assert moved == pytest.approx((band[0] * scale + shift, band[1] * scale + shift), abs=1e-6)
