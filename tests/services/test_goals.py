"""Goals in full: against history, rolled up, past years, and next year's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.line_target import read_target
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound, Refused
from kpitui.services import goal_roll_over, goals, history, targets
from kpitui.services.book import Book
from kpitui.storage import reading
from kpitui.storage.store import Store
from tests.workspace import build

TODAY = to_day(date(2026, 11, 20))
AFTER = to_day(date(2027, 1, 4))
MODEL = """
[[metric]]
slug = "revenue"
name = "Revenue"
unit = "currency"
cadence = "month"
owner = "ana"

[[metric]]
slug = "satisfaction"
name = "Satisfaction"
unit = "percent"
kind = "level"
cadence = "month"
owner = "bo"

[[goal]]
slug = "revenue_2025"
title = "$200k Revenue by 31 Dec 2025"
main = true
metric = "revenue"
target_kind = "reach"
target = 200
start = 2025-01-01
deadline = 2025-12-31
owner = "ana"

[[goal]]
slug = "revenue_2026"
title = "$504 Revenue by 31 Dec"
main = true
metric = "revenue"
target_kind = "reach"
target = 504
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"
why = "It pays for the new shop."

[[goal]]
slug = "q4"
title = "90% Satisfaction in Q4"
parent = "revenue_2026"
metric = "satisfaction"
baseline = 0.8
target = 0.9
start = 2026-10-01
deadline = 2026-12-31
owner = "bo"

[[kpi]]
metric = "revenue"
goal = "revenue_2026"
target_kind = "reach"
target = 504
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"
weight = 3

[[kpi]]
metric = "satisfaction"
goal = "revenue_2026"
target_kind = "at_least"
target = 0.85
start = 2026-01-01
deadline = 2026-12-31
owner = "bo"
"""
POINTS = f"""
revenue 2024-01 {"10 " * 12}{"20 " * 12}{"25 " * 10}
satisfaction 2026-01 80% 81% 82% 82% 83% 84% 85% 85% 86% 87%
"""


def company(tmp_path: Path, today: str = "2026-11-20") -> Store:
    return build(tmp_path, MODEL, POINTS, today=today)


def test_a_goal_is_held_against_every_past_year(tmp_path: Path) -> None:
    page = goals.page(company(tmp_path), TODAY, "revenue_2026")
    assert page.held.words == "2.1 × your best year (from Jan '25); reached in 0 of 13 past windows"
    assert page.smart.missing == ("what will be different: it is 2.1 × the best so far",)
    assert page.smart.sentence == (
        "ana brings Revenue to $504 in all between 1 Jan and 31 Dec 2026, because it pays for the new shop."
    )


def test_a_level_goal_is_held_against_moves_of_its_length(tmp_path: Path) -> None:
    page = goals.page(company(tmp_path), TODAY, "q4")
    assert page.held.figures.windows == 6 and page.held.figures.reached == 0
    assert "best quarter's change" in page.held.words
    assert "why it matters" in page.smart.missing


def test_without_history_or_metric_it_says_so(tmp_path: Path) -> None:
    store = build(tmp_path, '[[goal]]\nslug = "g"\ntitle = "Open Graz"\ntarget = 5\ndeadline = 2026-12-31')
    assert goals.page(store, TODAY, "g").held.words.startswith("no metric says how far it is")
    store = build(_new(tmp_path), MODEL)
    assert goals.page(store, TODAY, "revenue_2026").held.words == "no whole year before it began to compare with"


def _new(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


def test_kpis_roll_up_into_the_goal_and_goals_into_their_parent(tmp_path: Path) -> None:
    page = goals.page(company(tmp_path), TODAY, "revenue_2026")
    progress = {row.slug: row.progress or 0.0 for row in page.kpis}
    assert page.together.progress == pytest.approx((3 * progress["revenue"] + min(progress["satisfaction"], 1.0)) / 4)
    assert (page.together.status, page.together.coverage) == ("off_track", "2 of 2 reporting")
    assert [one.slug for one in page.goals] == ["q4"]
    assert page.goals_together.total == 1
    assert goals.page(company(_new(tmp_path)), TODAY, "q4").parent == "$504 Revenue by 31 Dec"


def test_past_years_are_listed_with_how_they_ended(tmp_path: Path) -> None:
    store = company(tmp_path)
    (past,) = goals.past_goals(store, TODAY)
    assert (past.year, past.status, past.value, past.target) == (2025, "achieved", 240, 200)
    assert [one.slug for one in goals.page(store, TODAY, "revenue_2026").past] == ["revenue_2025"]
    with pytest.raises(NotFound):
        goals.page(store, TODAY, "nothing")


# ---- next year ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "deadline", "yearly", "window"),
    [
        ("2026-01-01", "2026-12-31", True, ("2027-01-01", "2027-12-31")),
        ("2026-11-20", "2026-12-31", True, ("2027-01-01", "2027-12-31")),
        ("2026-10-01", "2026-12-31", False, ("2027-01-01", "2027-03-31")),
        ("2026-01-01", "2026-02-28", False, ("2026-03-01", "2026-04-30")),
        ("2027-03-01", "2028-02-29", True, ("2028-03-01", "2029-02-28")),
        ("2026-01-15", "2026-03-14", False, ("2026-03-15", "2026-05-14")),
        (None, "2026-06-30", False, ("2026-07-01", "2027-06-30")),
    ],
)
def test_the_next_window_follows_the_one_before(
    start: str | None, deadline: str, yearly: bool, window: tuple[str, str]
) -> None:
    def day(text: str) -> int:
        return to_day(date.fromisoformat(text))

    found = goal_roll_over.next_window(None if start is None else day(start), day(deadline), yearly)
    assert found == (day(window[0]), day(window[1]))


def test_rolled_over_in_time_the_kpis_stay_and_follow_when_the_year_is_over(tmp_path: Path) -> None:
    store = company(tmp_path)
    old = next(one for one in reading.goals(store) if one.slug == "revenue_2026")
    done = goal_roll_over.roll_over(store, old.id, "+20%", TODAY)
    assert done.sentence.startswith("New goal: $605 Revenue by 31 Dec 2027; its KPIs stay with this one until")
    new = next(one for one in reading.goals(store) if one.slug == "revenue_2027")
    assert (new.target, new.main, new.metric_id) == (pytest.approx(604.8), 1, old.metric_id)
    assert (new.start, new.deadline) == (to_day(date(2027, 1, 1)), to_day(date(2027, 12, 31)))
    assert Book(store, TODAY).main_goal == old
    with pytest.raises(Refused, match="is there already; its KPIs follow after 31 Dec 2026"):
        goal_roll_over.roll_over(store, old.id, "", TODAY)

    given = goal_roll_over.offer(store, AFTER, old.id)
    assert (given.successor, given.kpis) == (new.id, 2)
    done = goal_roll_over.roll_over(store, old.id, "", AFTER)
    assert done.sentence == "$605 Revenue by 31 Dec 2027, 2 KPIs came along, one of them a draft until T gives a target"
    book = Book(store, AFTER)
    roles = {book.metrics[kpi.metric_id].slug: kpi for kpi in book.kpis.values()}
    assert all(kpi.goal_id == new.id for kpi in roles.values())
    assert (roles["revenue"].state, roles["revenue"].target) == ("draft", None)
    assert (roles["satisfaction"].state, roles["satisfaction"].target) == ("live", 0.85)
    kept = store.rows("SELECT state, target, deadline FROM kpi WHERE goal_id = ? ORDER BY id", (old.id,))
    assert [tuple(row) for row in kept] == [
        ("retired", 504, old.deadline),
        ("retired", 0.85, old.deadline),
    ], "what was judged stays as it was"
    with pytest.raises(Refused, match="is there already"):
        goal_roll_over.roll_over(store, old.id, "", AFTER)


def test_a_kpi_that_has_a_target_of_the_next_year_goes_on_under_the_next_goal(tmp_path: Path) -> None:
    store = company(tmp_path)
    old = next(one for one in reading.goals(store) if one.slug == "revenue_2026")
    book = Book(store, AFTER)
    kpi = next(one for one in book.kpis.values() if book.metrics[one.metric_id].slug == "satisfaction")
    line = read_target(">=90% by 31 dec 2027", date(2027, 1, 4), "percent")
    targets.set_target(store, kpi.metric_id, kpi.id, line, AFTER)
    assert goal_roll_over.offer(store, AFTER, old.id).kpis == 2
    done = goal_roll_over.roll_over(store, old.id, "600", AFTER)
    new = next(one for one in reading.goals(store) if f"goal:{one.id}" == done.key)
    there = Book(store, AFTER).kpis[kpi.id]
    assert (there.goal_id, there.state, there.deadline) == (new.id, "live", to_day(date(2027, 12, 31)))


def test_the_same_number_is_said_to_be_there_already(tmp_path: Path) -> None:
    store = company(tmp_path)
    q4 = next(one for one in reading.goals(store) if one.slug == "q4")
    given = goal_roll_over.offer(store, AFTER, q4.id)
    assert goal_roll_over.words(given, "85%", AFTER).endswith("; it stands at 87% already")
    assert "already" not in goal_roll_over.words(given, "", AFTER)
    # What adds up begins at nothing again.
    main = next(one for one in reading.goals(store) if one.slug == "revenue_2026")
    assert "already" not in goal_roll_over.words(goal_roll_over.offer(store, AFTER, main.id), "1", AFTER)


def test_one_undo_takes_a_roll_over_back(tmp_path: Path) -> None:
    store = company(tmp_path)
    old = next(one for one in reading.goals(store) if one.slug == "revenue_2026")
    before = [kpi.id for kpi in Book(store, AFTER).kpis.values()]
    goal_roll_over.roll_over(store, old.id, "600", AFTER)
    history.undo(store, today=AFTER)
    assert [kpi.id for kpi in Book(store, AFTER).kpis.values()] == before
    assert {one.slug for one in reading.goals(store)} == {"revenue_2025", "revenue_2026", "q4"}


def test_a_quarters_goal_goes_on_with_the_next_quarter_under_the_next_parent(tmp_path: Path) -> None:
    store = company(tmp_path)
    ids = {one.slug: one.id for one in reading.goals(store)}
    goal_roll_over.roll_over(store, ids["revenue_2026"], "600", TODAY)
    done = goal_roll_over.roll_over(store, ids["q4"], "92%", TODAY)
    new = next(one for one in reading.goals(store) if f"goal:{one.id}" == done.key)
    assert (new.start, new.deadline) == (to_day(date(2027, 1, 1)), to_day(date(2027, 3, 31)))
    parent = next(one for one in reading.goals(store) if one.id == new.parent_id)
    assert (new.baseline, new.target, parent.slug) == (0.87, 0.92, "revenue_2027")


def test_what_is_no_number_is_refused(tmp_path: Path) -> None:
    store = company(tmp_path)
    old = next(one for one in reading.goals(store) if one.slug == "revenue_2026")
    given = goal_roll_over.offer(store, TODAY, old.id)
    assert goal_roll_over.words(given, "", TODAY) == "$504 Revenue by 31 Dec 2027, from 1 Jan 2027"
    for text in ("much", "600 by 30 jun"):
        with pytest.raises(Problem):
            goal_roll_over.roll_over(store, old.id, text, TODAY)
    assert len(reading.goals(store)) == 3


def test_the_next_window_of_a_retail_year_or_quarter_is_one_too() -> None:
    from kpitui.domain.periods import Calendar, parse_label
    from kpitui.domain.retail_calendar import RetailCut
    from kpitui.domain.retail_years import NRF

    cal = Calendar(week_start=6, cut=RetailCut(NRF))
    year, after = (parse_label(name, cal)[1] for name in ("FY2022", "FY2023"))
    assert goal_roll_over.next_window(year.start, year.end - 1, True, cal) == (after.start, after.end - 1)
    assert after.end - after.start == 53 * 7
    half = parse_label("FY2023-Q1", cal)[1].start, parse_label("FY2023-Q2", cal)[1].end - 1
    then = parse_label("FY2023-Q3", cal)[1].start, parse_label("FY2023-Q4", cal)[1].end - 1
    assert goal_roll_over.next_window(*half, False, cal) == then
