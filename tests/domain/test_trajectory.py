"""Straight, last year's shape, one's own steps, all at once."""

from __future__ import annotations

from datetime import date

import pytest

from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.domain.target import Aim, expected, way_due
from kpitui.domain.trajectory import Course, along, check, read_trajectory, seasonal

JAN, JUN, DEC = (to_day(date(2026, month, day)) for month, day in ((1, 1), (6, 30), (12, 31)))
YEAR = Aim("from_to", baseline=100.0, value=200.0, start=JAN, deadline=DEC)


def test_how_it_is_typed() -> None:
    assert read_trajectory("") == read_trajectory("straight") == Course("straight")
    assert read_trajectory(" seasonal ") == Course("seasonal")
    assert read_trajectory("2026-06-30 120, 2026-09-30 1.5e2") == Course(
        "own", ((JUN, 120.0), (to_day(date(2026, 9, 30)), 150.0))
    )


@pytest.mark.parametrize(
    "text", ["slow", "2026-06-30", "2026-13-01 5", "2026-06-30 x", "2026-06-30 nan", "5 2026-06-30"]
)
def test_what_is_none_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(Problem, match="straight, seasonal, step"):
        read_trajectory(text)


def test_days_follow_one_another() -> None:
    with pytest.raises(Problem, match="follow one another"):
        read_trajectory("2026-06-30 120, 2026-06-30 130")


def test_own_steps_are_joined_by_straight_lines() -> None:
    course = along(read_trajectory("2026-06-30 110"), YEAR)
    assert expected(YEAR, JUN, course) == pytest.approx(110.0)
    assert expected(YEAR, DEC, course) == pytest.approx(200.0)
    half = JAN + (JUN - JAN + 1) // 2 - 1
    assert expected(YEAR, half, course) == pytest.approx(105.0, abs=0.1)


def test_a_step_is_due_at_the_deadline_only() -> None:
    course = along(Course("step"), YEAR)
    assert expected(YEAR, DEC - 1, course) == pytest.approx(100.0)
    assert expected(YEAR, DEC, course) == pytest.approx(200.0)
    assert along(Course("straight"), YEAR) is None


def test_last_years_shape() -> None:
    """Quarters of 10, 10, 20 and 60: 10, 20, 40 and 100 % are due at their ends."""
    ends = [to_day(date(2026, month, 1)) for month in (4, 7, 10)] + [DEC + 1]
    course = seasonal(YEAR, ends, [[10.0, 10, 20, 60], [None] * 4, [None] * 4])
    assert course is not None
    assert [way_due((end - JAN) / (DEC - JAN + 1), course) for end in ends] == pytest.approx([0.1, 0.2, 0.4, 1.0])
    mean = seasonal(YEAR, ends, [[10.0, 10, 20, 60], [30.0, 10, None, 60], [None] * 4])
    assert mean is not None and mean[0][1] == pytest.approx(20 / 110)


def test_a_shape_with_a_hole_or_without_size_is_none() -> None:
    ends = [JUN + 1, DEC + 1]
    assert seasonal(YEAR, ends, [[1.0, None]]) is None
    assert seasonal(YEAR, ends, [[0.0, 0.0]]) is None
    assert seasonal(YEAR, [], [[]]) is None
    assert seasonal(YEAR._replace(start=None), ends, [[1.0, 2.0]]) is None


def test_what_contradicts_the_target_is_said() -> None:
    assert check("seasonal", YEAR) == [] == check("2026-06-30 120", YEAR)
    assert "outside the time" in check("2025-06-30 120", YEAR)[0]
    assert "Only a target to reach by a date" in check("step", Aim("at_least", value=3.0))[0]
    assert "no part of a trajectory" in check("soon", YEAR)[0]
    assert check("straight", Aim("at_least", value=3.0)) == []
