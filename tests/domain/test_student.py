"""Student's t against published tables (Fisher & Yates; Abramowitz & Stegun table 26.10)."""

from __future__ import annotations

import math

import pytest

from kpitui.domain.student import LARGE, cdf, quantile


@pytest.mark.parametrize(
    ("p", "df", "expected"),
    [
        (0.90, 1, 3.078), (0.975, 1, 12.706), (0.90, 2, 1.886), (0.975, 2, 4.303), (0.95, 5, 2.015),
        (0.975, 10, 2.228), (0.995, 20, 2.845), (0.90, 30, 1.310), (0.975, 60, 2.000), (0.975, 120, 1.980),
    ],
)  # fmt: skip
def test_quantiles_are_those_of_the_tables(p: float, df: int, expected: float) -> None:
    assert quantile(p, df) == pytest.approx(expected, abs=5e-4)
    assert quantile(1 - p, df) == pytest.approx(-expected, abs=5e-4)


def test_one_degree_is_cauchy_and_two_have_a_plain_formula() -> None:
    for x in (-40.0, -1.5, 0.0, 0.3, 2.0, 1e6):
        assert cdf(x, 1) == pytest.approx(0.5 + math.atan(x) / math.pi, abs=1e-12)
        assert cdf(x, 2) == pytest.approx(0.5 + x / (2 * math.sqrt(2 + x * x)), abs=1e-12)


def test_the_series_and_its_normal_approximation_meet() -> None:
    for x in (-4.0, -1.0, 0.2, 1.96, 3.0):
        assert cdf(x, LARGE + 1) == pytest.approx(cdf(x, LARGE), abs=2e-5)


def test_quantile_and_distribution_are_each_others_inverse() -> None:
    for df in (2, 3, 9, 24, 117, 1000):
        for p in (0.001, 0.2, 0.5, 0.7, 0.9, 0.999):
            assert cdf(quantile(p, df), df) == pytest.approx(p, abs=1e-12)
    assert (cdf(math.inf, 3), cdf(-math.inf, 3)) == (1.0, 0.0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile(1.0, 3)
