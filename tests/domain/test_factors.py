"""Formulas as sums of products."""

from __future__ import annotations

import math

import pytest

from kpitui.domain.factors import terms
from kpitui.domain.formula import parse
from kpitui.domain.problem import Problem

VALUES = {"a": 2.0, "b": 3.0, "c": 5.0}


@pytest.mark.parametrize(
    ("text", "count", "value"),
    [
        ("a * b * c", 1, 30.0),
        ("a / b", 1, 2 / 3),
        ("a / (b * c) * 100", 1, 200 / 15),
        ("a * (b + c)", 2, 16.0),
        ("(a + b) * (a + c) / b", 4, 35 / 3),
        ("a * a / c", 1, 0.8),
        ("safe_div(a, b, 0) + 2", 2, 2 + 2 / 3),
        ("+a", 1, 2.0),
    ],
)
def test_sums_of_products(text: str, count: int, value: float) -> None:
    found = terms(parse(text))
    names = ("a", "b", "c")
    assert len(found) == count
    assert math.fsum(math.prod(one.factors(names, VALUES)) for one in found) == pytest.approx(value)


@pytest.mark.parametrize("text", ["a - b", "-a", "max(a, b)", "a / (b + c)", "lag(a, 1) * b", "a * 0", "ytd(a)"])
def test_what_is_no_sum_of_products_is_refused_by_name(text: str) -> None:
    with pytest.raises(Problem, match="use the method shapley"):
        terms(parse(text))


def test_a_sum_that_grows_out_of_hand_is_refused() -> None:
    with pytest.raises(Problem, match="more than 200"):
        terms(parse(" * ".join(["(a + b)"] * 9)))


def test_factors_too_large_are_refused() -> None:
    (one,) = terms(parse("a * a"))
    with pytest.raises(Problem, match="too large"):
        one.factors(("a",), {"a": 1e300})


def test_a_square_does_not_hide_a_value_below_zero() -> None:
    (one,) = terms(parse("a * a"))
    assert one.factors(("a",), {"a": 0.0}) == [0.0, 1.0]
    with pytest.raises(Problem, match="at 0 or above"):
        one.factors(("a",), {"a": -2.0})
