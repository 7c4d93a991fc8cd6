"""Working days: counted against a plain loop; weekdays as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.domain.workdays import read_week, week_text, workdays


@settings(max_examples=40, deadline=None)
@given(
    week=st.sets(st.integers(0, 6), min_size=1),
    holidays=st.lists(st.integers(20000, 20100), max_size=8),
    start=st.integers(19990, 20110),
    length=st.integers(-3, 120),
)
def test_they_are_counted_as_a_loop_would(week: set[int], holidays: list[int], start: int, length: int) -> None:
    known = workdays(week, holidays)
    days = [day for day in range(start, start + length) if to_date(day).weekday() in week and day not in holidays]
    assert known.between(start, start + length) == len(days)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("mon-fri", "mon,tue,wed,thu,fri"),
        ("mon,tue,wed,thu,fri", "mon,tue,wed,thu,fri"),
        ("Monday to Friday", "mon,tue,wed,thu,fri"),
        ("sun - thu", "mon,tue,wed,thu,sun"),
        ("mon wed fri", "mon,wed,fri"),
        ("mo, sa", "mon,sat"),
        ("mon-wed fri", "mon,tue,wed,fri"),
    ],
)
def test_a_week_as_it_is_typed(text: str, week: str) -> None:
    assert week_text(read_week(text)) == week


@pytest.mark.parametrize("text", ["", "m", "mon-tue-wed", "never", "mon fry"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="mon-fri"):
        read_week(text)
