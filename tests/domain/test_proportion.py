"""Shares of counted things, and the moving average chart, by their published cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.ewma import ewma
from kpitui.domain.problem import Problem
from kpitui.domain.proportion import p_chart, wilson


@pytest.fixture
def published(reference: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((reference / "signals.json").read_text())
    return found


def test_intervals_of_newcombe(published: dict[str, Any]) -> None:
    cases, tolerance = published["wilson_interval"]["cases"], published["wilson_interval"]["tol"]
    assert len(cases) >= 4
    for case in cases:
        assert wilson(case["x"], case["n"]) == pytest.approx((case["lo"], case["hi"]), abs=tolerance)


@given(st.integers(1, 10000), st.data())
def test_an_interval_holds_its_share_and_mirrors(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole + 1e-12 and part / whole - 1e-12 <= high <= 1
    assert (1 - high, 1 - low) == pytest.approx(wilson(whole - part, whole))
    wide = wilson(part, whole, 2.575829)
    assert wide[0] <= low + 1e-12 and high <= wide[1] + 1e-12


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(part: int, whole: int) -> None:
    with pytest.raises(Problem, match="is no share"):
        wilson(part, whole)


def test_a_p_chart_has_limits_by_the_size_of_each_sample() -> None:
    chart = p_chart([10, 12, None, 30, 8, 1], [100, 100, 100, 100, 400, 4])
    assert chart is not None
    assert chart.centre == pytest.approx(61 / 704)
    assert chart.limits[2] is None and chart.outside == (3, 4)
    assert chart.limits[0] is not None and chart.limits[0][0] == pytest.approx(0.0022523, abs=1e-6)
    assert chart.limits[5] is not None and chart.limits[5][0] is None
    assert p_chart([None, 1], [5, 0]) is None


def test_the_moving_average_of_nist(published: dict[str, Any]) -> None:
    (case,) = published["ewma"]
    chart = ewma(case["values"], case["target"], case["sigma"], case["lambda"], case["L"])
    expected = case["expected"]
    assert (chart.lower, chart.upper) == pytest.approx((expected["lcl"], expected["ucl"]), abs=case["tol"])
    assert list(chart.values) == pytest.approx(expected["ewma"], abs=case["tol"])
    assert chart.outside == ()


def test_a_gap_changes_no_average() -> None:
    chart = ewma([10, None, 10, 20], 10, 1, 0.5, 3)
    assert list(chart.values) == [10, None, 10, 15] and chart.outside == (3,)
    with pytest.raises(ValueError, match="weight"):
        ewma([1], 0, 1, 0)
