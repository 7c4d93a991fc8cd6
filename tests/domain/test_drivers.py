"""Solving for one driver, and how strongly a result hangs on it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.drivers import elasticity, rounded, solve

sizes = st.floats(0.01, 1e6)


def test_a_factor_has_elasticity_one_and_a_term_its_share() -> None:
    assert elasticity(lambda x: x * 0.02 * 50, 12_000) == pytest.approx(1)
    assert elasticity(lambda x: 1000 / x, 40) == pytest.approx(-1, rel=1e-6)
    assert elasticity(lambda x: 300 + x, 700) == pytest.approx(0.7)
    assert elasticity(lambda x: 10 - x, 10) is None
    assert elasticity(lambda x: x, 0) is None
    assert elasticity(lambda x: None, 5) is None


@settings(max_examples=40)
@given(sizes, sizes, sizes)
def test_what_is_solved_for_gives_what_is_wanted(start: float, rate: float, wanted: float) -> None:
    for result in (lambda x: x * rate, lambda x: x * x + rate * x, lambda x: rate + x / 3):
        found = solve(result, start, wanted)
        if found.value is not None:
            assert result(found.value) == pytest.approx(wanted, rel=1e-8)
    assert solve(lambda x: x * rate, start, wanted).value == pytest.approx(wanted / rate)


def test_the_nearest_solution_within_the_bounds_counts() -> None:
    assert solve(lambda x: (x - 3) * (x - 9), 4, 0).value == pytest.approx(3)
    assert solve(lambda x: 100 - x, 40, 100, low=0).value == 0
    assert solve(lambda x: x * 2, 10, 30, high=12).why == "no value of it is enough"
    assert solve(lambda x: x * 2, 10, 20).value == 10


def test_what_has_no_solution_says_why() -> None:
    assert solve(lambda x: 7.0, 1, 8).why == "it does not move the result"
    assert solve(lambda x: x * x, 0, -1).why == "moving it either way only leads away"
    assert solve(lambda x: None, 1, 8).why == "it has no result to begin with"
    # Across a division by 0 the sign changes and nothing is solved.
    assert solve(lambda x: None if x == 0 else 1 / x, 2, -math.inf).value is None
    assert solve(lambda x: 1 / x if x else None, 1, 0.0).value is None


def test_a_value_to_write_down_is_never_short_of_enough() -> None:
    assert rounded(1100.4, 1000, whole=True) == 1101
    assert rounded(899.6, 1000, whole=True) == 899
    assert rounded(899.6, 1000, whole=True, enough=True) == 900
    assert rounded(0.0218333, 0.02, whole=False) == pytest.approx(0.02184)
    assert rounded(41.6666667, 50, whole=False, enough=True) == pytest.approx(41.67)
    assert rounded(22.0000000001, 20, whole=True) == 22
