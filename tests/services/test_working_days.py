"""A pace by working days: what adds up is due on working days; everything else as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.status import judge
from kpitui.domain.target import Aim, elapsed, expected
from kpitui.domain.trajectory import Course, along, seasonal
from kpitui.domain.workdays import workdays
from kpitui.services import settings as team
from kpitui.services.calendar_setting import set_calendar, typed
from kpitui.services.calendar_table import store_holidays
from kpitui.services.judging import Row
from kpitui.services.overview import scorecard
from kpitui.storage.store import Store
from tests.workspace import build

START, END = 20788, 20818  # 1 to 31 December 2026, a Tuesday to a Thursday
MODEL = """
[[metric]]
slug = "sold"
name = "Sold"
cadence = "week"

[[metric]]
slug = "users"
name = "Users"
kind = "level"
cadence = "week"

[[kpi]]
metric = "sold"
target_kind = "reach"
target = 100
start = 2026-11-30
deadline = 2027-01-03
owner = "ana"

[[kpi]]
metric = "users"
target_kind = "from_to"
baseline = 100
target = 200
start = 2026-11-30
deadline = 2027-01-03
owner = "ana"
"""
CLOSED = dict.fromkeys(range(20815, 20819), "closed")
HOLIDAYS = {20811: "Christmas Eve", 20812: "Christmas", **CLOSED, 20819: "New Year"}


def test_the_time_gone_and_what_is_due_in_working_days() -> None:
    aim = Aim("reach", 0, 100, start=START, deadline=END, work=workdays(range(5), [20812]))
    # 22 working days of December without Christmas Day.
    assert elapsed(aim, START) == pytest.approx(1 / 22) and elapsed(aim, END) == 1 and elapsed(aim, START - 1) == 0
    saturday, friday = 20792, 20791
    assert elapsed(aim, saturday) == elapsed(aim, friday) == pytest.approx(4 / 22)
    assert expected(aim, friday) == pytest.approx(100 * 4 / 22)
    # Steps of one's own and the shape of last year stand on the same days.
    assert list(along(Course("own", ((friday, 30.0),)), aim) or ()) == [(pytest.approx(4 / 22), 0.3)]
    found = list(seasonal(aim, [friday + 1, END + 1], [[1.0, 3.0]]) or ())
    assert found == [(pytest.approx(4 / 22), 0.25), (1.0, 1.0)]
    # A window without any working day counts all days.
    weekend = aim._replace(start=saturday, deadline=saturday + 1)
    assert elapsed(weekend, saturday) == 0.5


def rows(store: Store, today: int) -> dict[str, Row]:
    return {row.slug: row for row in scorecard(store, today).kpis}


def test_a_quarter_that_ends_on_holidays_is_not_behind_before_them(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "sold 2026-W49 29 29\nusers 2026-W49 110 120", today="2026-12-14")
    today = 20801  # Monday 14 December, two weeks reported
    before = rows(store, today)
    assert before["sold"].expected == pytest.approx(40) and "working" not in before["sold"].why
    seen = team.read(store)
    set_calendar(store, typed(seen, {"pace_by": "working days", "working_week": "mon-fri"}), seen)
    store_holidays(store, HOLIDAYS)
    after = rows(store, today)
    # 10 of 18 working days are over: more is due before the holidays, not after them.
    assert after["sold"].expected == pytest.approx(100 * 10 / 18)
    assert "was due by 13 Dec 2026, counted in working days" in after["sold"].why
    assert after["sold"].time_gone == pytest.approx(11 / 18)
    # A level does not add up by working days.
    assert after["users"].expected == before["users"].expected and "working" not in after["users"].why


def test_periods_left_are_those_of_a_calendar_of_weeks() -> None:
    from kpitui.domain.periods import Calendar, spans_between
    from kpitui.domain.retail_calendar import RetailCut
    from kpitui.domain.retail_years import RetailYears

    cal = Calendar(week_start=6, cut=RetailCut(RetailYears(pattern=(4, 4, 5), named="first")))
    year = spans_between("month", 20850, 20850 + 364, cal)[:12]
    aim = Aim("reach", 0, 120, start=year[0].start, deadline=year[11].end - 1)
    for done in range(1, 12):
        cells = [(span.start, span.end, 10.0, False) for span in year[:done]]
        found = judge(aim, cells, today=year[done - 1].end, cadence="month", grace_days=0, period_days=30.4,
                      state="live", calendar=cal)  # fmt: skip
        assert found.needed == pytest.approx(10) and f"{done} of 12 months" in found.why
