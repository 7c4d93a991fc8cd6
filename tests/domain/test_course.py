"""The chance of a total whose way is not straight: held against what each period had to bring."""

from __future__ import annotations

import pytest

from kpitui.domain.chance import Course, Outlook, course_of, of_course, of_total
from kpitui.domain.target import Aim, Trajectory
from kpitui.domain.trajectory import Course as Typed
from kpitui.domain.trajectory import along
from kpitui.domain.workdays import workdays

START = 20000
AIM = Aim("reach", 0, 120, start=START, deadline=START + 83)  # twelve weeks
LATE: Trajectory = [(0.5, 0.2)]
"""A fifth of the way in the first half."""


def weeks(count: int) -> list[tuple[int, int, float]]:
    return [(START + 7 * place, START + 7 * place + 7, 0.0) for place in range(count)]


def test_a_straight_way_and_what_is_no_total_have_none() -> None:
    assert course_of(AIM, weeks(6), 6, None) is None
    assert course_of(AIM._replace(kind="from_to"), weeks(6), 6, LATE) is None


def test_who_is_on_a_late_course_has_an_even_chance_and_who_is_behind_it_less() -> None:
    course = course_of(AIM, weeks(6), 6, LATE)
    assert course is not None and course.ahead == pytest.approx(1.6)
    assert course.weights == pytest.approx((0.4,) * 6)
    on, behind = [4.0, 3.9, 4.1, 4.0, 3.8, 4.2], [3.0, 2.9, 3.1, 3.0, 2.8, 3.2]
    even, less = of_course(on, 120, 6, course), of_course(behind, 120, 6, course)
    assert even == pytest.approx(0.5, abs=0.01) and less is not None and less < 0.05
    # By the rate alone nobody would ever be on such a course.
    assert of_total(on, 120, 6) < 0.05
    outlook = Outlook(list)
    assert outlook.chance(AIM, START + 42, 6, on, course) == pytest.approx(even)
    # A straight course is the rule itself.
    assert of_course(on, 50, 6, Course((1.0,) * 6, 1.0)) == pytest.approx(of_total(on, 50, 6))


def test_where_nothing_was_due_yet_there_is_no_chance() -> None:
    step = along(Typed("step"), AIM)
    course = course_of(AIM, weeks(6), 6, step)
    assert course is not None and of_course([1.0] * 6, 120, 6, course) is None
    values = [9.0, 11.0, 10.0, 9.5, 10.5, 10.0]
    # Nor is there one by the rate, which such a course does not ask for: the pace decides.
    assert Outlook(list).chance(AIM, START + 42, 6, values, course) is None


def test_fewer_working_days_ahead_lower_the_chance() -> None:
    holidays = range(START + 63, START + 84)
    aim = AIM._replace(work=workdays(range(5), holidays))
    course = course_of(aim, weeks(6), 6, None)
    assert course is not None and not course.weights and course.ahead == pytest.approx(15 / 42 * 84 / 45)
    values = [10.0, 11.0, 10.5, 9.5, 10.5, 10.0]
    outlook = Outlook(list)
    with_days = outlook.chance(aim, START + 42, 6, values, course)
    assert with_days is not None and with_days < 0.1 < 0.6 < (outlook.chance(AIM, START + 42, 6, values) or 0)
