from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.rotation import kept

NOON = datetime(2026, 11, 20, 12)


def test_a_year_of_nightly_backups_leaves_days_weeks_and_months() -> None:
    nights = [NOON - timedelta(days=day) for day in range(400)]
    days = [f"{time:%m-%d}" for time in sorted(kept(nights), reverse=True)]
    assert days[:7] == ["11-20", "11-19", "11-18", "11-17", "11-16", "11-15", "11-14"]
    # The 20th is a Friday: of the four weeks before, each Sunday; then the last night of each month before.
    weekly, monthly = "11-08 11-01 10-31 10-25", "09-30 08-31 07-31 06-30 05-31 04-30 03-31 02-28 01-31 12-31"
    assert days[7:] == [*weekly.split(), *monthly.split()]


def test_the_newest_of_a_day_stays() -> None:
    day = [NOON.replace(hour=hour) for hour in (3, 9, 17)]
    assert kept(day) == {day[2]}


def test_a_job_that_stood_still_loses_nothing() -> None:
    old = [NOON - timedelta(days=700 + 40 * number) for number in range(7)]
    assert kept([NOON, *old]) >= {NOON, *old[:6]}


@settings(max_examples=40)
@given(st.lists(st.integers(0, 20_000), max_size=60))
def test_rotating_again_changes_nothing_and_the_newest_always_stays(hours: list[int]) -> None:
    times = [NOON - timedelta(hours=hour) for hour in hours]
    once = kept(times)
    assert kept(once) == once
    assert not times or max(times) in once
    assert len(once) <= 7 + 5 + 12
