"""One-line grammars. Today is Friday, 20 November 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.dates import Ambiguous
from kpitui.domain.figures import show_target
from kpitui.domain.lines import (
    ActionLine,
    GoalLine,
    MetricLine,
    TargetLine,
    read_action,
    read_filter,
    read_goal,
    read_metric,
    read_target,
)
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem

TODAY = date(2026, 11, 20)
NOW = to_day(TODAY)


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call the 20 warm trial users @bo fri", ActionLine("Call the 20 warm trial users", "bo", day("2026-11-27"))),
        ("Brief the agency @ana tue", ActionLine("Brief the agency", "ana", day("2026-11-24"))),
        ("Brief the agency tue @ana", ActionLine("Brief the agency", "ana", day("2026-11-24"))),
        ("@ana Brief the agency by 31 dec", ActionLine("Brief the agency", "ana", day("2026-12-31"))),
        ("Prepare q1 @bo +2w", ActionLine("Prepare q1", "bo", day("2026-12-04"))),
        ("Hire, cap $6k 24 Nov 2026", ActionLine("Hire, cap $6k", "me", day("2026-11-24"))),
        ("mail a@b.example tomorrow", ActionLine("mail a@b.example", "me", day("2026-11-21"))),
    ],
)
def test_an_action_is_what_who_when(text: str, expected: ActionLine) -> None:
    assert read_action(text, TODAY, "me") == expected


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "What"),
        ("@bo", "What"),
        ("Plan the launch @bo", "When is it due"),
        ("fri", "When is it due"),
        ("Raise it to 3.99", "When is it due"),
        ("Call @bo 31 feb", "no such day"),
        ("Call @ana @bo fri", "one owner"),
        ("Call fri", "Who does it"),
        ("Call " + "x" * 130 + " @bo fri", "too long"),
    ],
)
def test_an_action_says_what_is_missing(text: str, missing: str) -> None:
    with pytest.raises(Problem, match=missing):
        read_action(text, TODAY)


def test_an_ambiguous_day_is_asked_about() -> None:
    with pytest.raises(Ambiguous):
        read_action("Call @bo on 3/4", TODAY)
    assert read_action("Call @bo on 3/4", TODAY, order="dmy").due == day("2027-04-03")


def target(kind: Any, value: float | None = None, low: float | None = None, high: float | None = None, start: int = NOW,
           deadline: int | None = None, why: str = "", baseline: float | None = None) -> TargetLine:  # fmt: skip
    return TargetLine(kind, value, low, high, start, deadline, why, baseline)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("≥30", target("at_least", 30.0)),
        (">= 30", target("at_least", 30.0)),
        ("at least 30", target("at_least", 30.0)),
        ("<=4", target("at_most", 4.0)),
        ("≤ 4", target("at_most", 4.0)),
        ("30", target("at_least", 30.0)),
        ("25-35", target("between", None, 25.0, 35.0)),
        ("1k-1.5k", target("between", None, 1000.0, 1500.0)),
        ("-5..5", target("between", None, -5.0, 5.0)),
        ("-5--3", target("between", None, -5.0, -3.0)),
        ("25 to 35", target("between", None, 25.0, 35.0)),
        ("30 by 31 dec", target("from_to", 30.0, deadline=day("2026-12-31"))),
        ("20 to 30 by 31 dec", target("from_to", 30.0, deadline=day("2026-12-31"), baseline=20.0)),
        ("from 20 to 30 by 31 dec", target("from_to", 30.0, deadline=day("2026-12-31"), baseline=20.0)),
        ("500 total by 28 feb", target("reach", 500.0, deadline=day("2027-02-28"))),
        ("32 from 1 jan ; Q1 plan", target("at_least", 32.0, start=day("2027-01-01"), why="Q1 plan")),
        ("32;Q1 plan", target("at_least", 32.0, why="Q1 plan")),
        ("≥30 from q1", target("at_least", 30.0, start=day("2027-01-01"))),
        ("30 from 1 jan by q2", target("from_to", 30.0, start=day("2027-01-01"), deadline=day("2027-06-30"))),
    ],
)
def test_targets(text: str, expected: TargetLine) -> None:
    assert read_target(text, TODAY) == expected


def test_targets_in_the_metrics_unit() -> None:
    assert read_target("2% to 3% by 30 jun", TODAY, "percent").value == 0.03
    assert read_target("2.5-3.5%", TODAY, "percent")[2:4] == (0.025, 0.035)
    assert read_target("<=$400", TODAY, "currency", currency="USD").value == 400.0
    assert read_target("$3k-5k", TODAY, "currency", currency="USD")[2:4] == (3000.0, 5000.0)
    assert read_target("2,5-3,5", TODAY, decimal=",")[2:4] == (2.5, 3.5)
    assert read_target("1:30-2:00", TODAY, "duration")[2:4] == (1.5, 2.0)
    with pytest.raises(Problem, match="not in USD"):
        read_target("€400", TODAY, "currency", currency="USD")


def test_the_direction_says_what_a_plain_number_is() -> None:
    assert read_target("4", TODAY, direction="down").kind == "at_most"
    with pytest.raises(Problem, match="25-35"):
        read_target("4", TODAY, direction="range")


def test_relative_targets_are_worked_out_against_the_baseline() -> None:
    assert read_target("+10%", TODAY, baseline=200.0).value == 220.0
    assert read_target("-10%", TODAY, direction="down", baseline=200.0) == target("at_most", 180.0)
    assert read_target("+10% by 31 dec", TODAY, "percent", baseline=0.03)[0:2] == ("from_to", 0.033)
    assert read_target("+5", TODAY, baseline=200.0).value == 205.0
    with pytest.raises(Problem, match="baseline"):
        read_target("+10%", TODAY)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "no number"),
        ("; why", "no number"),
        ("by 31 dec", "no number"),
        (">=", "Not a number"),
        ("-", "no number"),
        ("30 by", "no date after"),
        ("30 by soon", "Not a date"),
        ("2 -> 3", "By when"),
        ("500 total", "By when"),
        ("5-3", "smaller number first"),
        ("30 by 31 dec from 1 jan", "before the one it starts"),
        ("30 by yesterday", "in the past"),
        ("30 by 31 dec by 30 nov", "second date"),
        ("lots", "Not a number"),
    ],
)
def test_a_target_says_what_is_missing(text: str, missing: str) -> None:
    with pytest.raises(Problem, match=missing):
        read_target(text, TODAY)


@given(low=st.integers(0, 999), step=st.integers(1, 99), kind=st.sampled_from(["at_least", "at_most", "between"]),
       ascii=st.booleans(), unit=st.sampled_from(["number", "percent", "currency"]))  # fmt: skip
def test_a_target_that_is_shown_is_read_back(low: int, step: int, kind: Any, ascii: bool, unit: Any) -> None:
    one, two = (low / 100, (low + step) / 100) if unit == "percent" else (float(low), float(low + step))
    if two >= 1000 or (unit == "percent" and two >= 10):
        return
    value, bounds = (None, (one, two)) if kind == "between" else (two, (None, None))
    text = show_target(kind, value, *bounds, unit, currency="USD", ascii=ascii)
    read = read_target(text, TODAY, unit, currency="USD")
    assert (read.kind, read.value, read.low, read.high) == (kind, value, *bounds)


def test_a_metric_in_one_line() -> None:
    assert read_metric("Demos booked, weekly @bo lead >=30 feeds MRR", TODAY) == MetricLine(
        name="Demos booked",
        cadence="week",
        owner="bo",
        timing="leading",
        direction="up",
        target=target("at_least", 30.0),
        feeds=("MRR",),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Demos booked", {"name": "Demos booked", "cadence": None, "owner": "", "unit": None}),
        ("Demos booked weekly @bo", {"name": "Demos booked", "cadence": "week", "owner": "bo"}),
        ("Churn %, monthly <=2 counter", {"unit": "percent", "counter": True, "direction": "down", "cadence": "month"}),
        ("First reply, hours down <=4", {"name": "First reply", "unit": "duration", "direction": "down"}),
        ("CAC, <=$400 lag feeds New MRR and ARR", {"unit": "currency", "feeds": ("New MRR", "ARR")}),
        ("CAC, feeds New MRR, ARR lag $", {"unit": "currency", "feeds": ("New MRR", "ARR"), "timing": "lagging"}),
        ("Trial>paid conv., percent ratio >=3%", {"name": "Trial>paid conv.", "kind": "ratio", "unit": "percent"}),
        ("NPS, quarterly score level up", {"unit": "score", "kind": "level", "direction": "up", "cadence": "quarter"}),
        ("Visits, daily distinct range 40-60", {"kind": "distinct", "direction": "range", "cadence": "day"}),
        ("x, >= 3 % weekly", {"unit": "percent", "cadence": "week"}),
        ("x, 30 by 31 dec weekly", {"cadence": "week", "target_kind": "from_to"}),
        ("x, flow index", None),
        ("x, index number yearly", {"kind": "index", "unit": "number", "cadence": "year"}),
        ("Beta, EUR monthly", {"unit": "currency"}),
        ("Calls, daily workdays feeds Demos", {"cadence": "day", "days": "working", "feeds": ("Demos",)}),
        ("Calls, feeds Demos working", {"cadence": None, "days": "working", "feeds": ("Demos",)}),
    ],
)
def test_the_words_behind_the_comma_come_in_any_order(text: str, expected: dict[str, object] | None) -> None:
    if expected is None:
        with pytest.raises(Problem, match="second kind"):
            read_metric(text, TODAY)
        return
    line = read_metric(text, TODAY, currency="EUR" if "EUR" in text else "USD")
    assert {key: getattr(line, key) for key in expected} == expected


def test_percent_targets_of_a_metric_line_are_fractions() -> None:
    line = read_metric("Churn %, <=2", TODAY)
    assert line.target is not None and line.target.value == 0.02


def test_a_semicolon_parts_the_words_of_a_metric_line_too() -> None:
    assert read_metric("Orders, weekly; lag; feeds MRR; >=30", TODAY) == read_metric(
        "Orders, weekly, lag, feeds MRR, >=30", TODAY
    )


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "no name"),
        (", weekly", "no name"),
        ("x, foo", "“foo” is not understood"),
        ("x, weekly monthly", "second cadence"),
        ("x, @a @b", "second owner"),
        ("x, feeds", "no metric after"),
        ("x, target", "no number after"),
        ("x, >=3 >=4", "second target"),
        ("x, % >=2,5", "“>=2,5” is two targets: type >=2.5"),
        ("x" * 121 + ", weekly", "too long"),
    ],
)
def test_a_metric_line_says_what_is_wrong(text: str, missing: str) -> None:
    with pytest.raises(Problem, match=missing):
        read_metric(text, TODAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5m ARR by 31 dec", GoalLine("$5.0M ARR by 31 Dec", 5e6, day("2026-12-31"), "currency", "ARR")),
        ("$5.0M ARR by 31 Dec", GoalLine("$5.0M ARR by 31 Dec", 5e6, day("2026-12-31"), "currency", "ARR")),
        ("$ 5 m ARR by eoy", GoalLine("$5.0M ARR by 31 Dec", 5e6, day("2026-12-31"), "currency", "ARR")),
        ("Reach 10k users by eoy", GoalLine("10k users by 31 Dec", 10e3, day("2026-12-31"), "number", "users")),
        ("2000 leads by eoy", GoalLine("2,000 leads by 31 Dec", 2e3, day("2026-12-31"), "number", "leads")),
        ("ARR of $5m by 31 dec 2027", None),
        ("churn 2% by q2", GoalLine("2% churn by 30 Jun 2027", 0.02, day("2027-06-30"), "percent", "churn")),
        ("500 qualified leads eoq", GoalLine("500 qualified leads by 31 Dec", 500.0, day("2026-12-31"), "number",
                                             "qualified leads")),
    ],
)  # fmt: skip
def test_a_goal_is_a_number_and_a_date(text: str, expected: GoalLine | None) -> None:
    line = read_goal(text, TODAY, "USD")
    if expected is None:
        assert (line.value, line.unit, line.deadline) == (5e6, "currency", day("2027-12-31"))
    else:
        assert line == expected


@given(
    value=st.integers(1, 999), scale=st.sampled_from(["", "k", "m"]), what=st.sampled_from(["ARR", "users", "leads"])
)
def test_a_goals_title_is_read_as_the_same_goal(value: int, scale: str, what: str) -> None:
    line = read_goal(f"{value}{scale} {what} by 31 dec", TODAY, "USD")
    assert read_goal(line.title, TODAY, "USD") == line


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "a number and a date"),
        ("ARR by 31 dec", "How much"),
        ("5m ARR", "By when"),
        ("5m ARR by yesterday", "in the past"),
        ("5m ARR by 31 feb", "no such day"),
        ("1200 € profit by eoy", "not in USD"),
    ],
)
def test_a_goal_says_what_is_missing(text: str, missing: str) -> None:
    with pytest.raises(Problem, match=missing):
        read_goal(text, TODAY, "USD")


ROWS: dict[str, dict[str, object]] = {
    "demos": {"name": "Demos booked", "owner": "bo", "status": "off_track", "timing": "leading", "due": True,
              "kind": "flow"},
    "mrr": {"name": "MRR", "owner": "ana", "status": "on_track", "timing": "lagging", "kind": "level", "kpi": True},
    "csat": {"name": "CSAT", "owner": "dee", "status": "stale", "counter": True, "unit": "percent", "late": True},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", {"demos", "mrr", "csat"}),
        ("demo", {"demos"}),
        ("DEMOS book", {"demos"}),
        ('"demos b"', {"demos"}),
        ("-demos", {"mrr", "csat"}),
        ("!off", {"demos"}),
        ("!", {"demos", "csat"}),
        ("!o", {"demos", "mrr"}),
        ("-!off", {"mrr", "csat"}),
        ("@bo", {"demos"}),
        ("@", {"demos", "mrr", "csat"}),
        ("-@bo", {"mrr", "csat"}),
        ("kind:lead", {"demos"}),
        ("kind:counter", {"csat"}),
        ("kind:kpi", {"mrr"}),
        ("unit:per", {"csat"}),
        ("due", {"demos"}),
        ("late", {"csat"}),
        ("!off @bo kind:lead due -word", {"demos"}),
        ("!off @ana", set()),
        ("a:b", set()),
    ],
)
def test_filters(text: str, rows: set[str]) -> None:
    found = read_filter(text)
    assert {name for name, row in ROWS.items() if found.matches(row)} == rows


LINE = st.text(alphabet="0123456789 ,.;:@!-+%$€><=≥≤→/'\"abdefimnorstuwyq\t\n", max_size=40)
WORDS = st.lists(
    st.sampled_from(
        "Demos , weekly @bo lead >=30 feeds MRR by from 31 dec 5m ARR ; - -> to 25-35 total % $ +10% q1 target counter "
        "fri 30 1.2k and < ≤4".split()
    ),
    max_size=12,
).map(" ".join)


@given(text=st.one_of(st.text(max_size=80), LINE, WORDS), today=st.dates(), unit=st.sampled_from(["number", "percent"]),
       baseline=st.one_of(st.none(), st.floats(-1e308, 1e308)))  # fmt: skip
def test_no_text_makes_anything_but_a_line_or_a_problem(
    text: str, today: date, unit: Any, baseline: float | None
) -> None:
    readers: list[Callable[[], object]] = [
        lambda: read_action(text, today, "me"),
        lambda: read_target(text, today, unit, baseline=baseline),
        lambda: read_metric(text, today),
        lambda: read_goal(text, today, "USD"),
    ]
    for read in readers:
        try:
            assert read() is not None
        except Problem as problem:
            assert str(problem).endswith(".") and str(problem).isprintable()
    assert read_filter(text).matches(ROWS["mrr"]) in (True, False)


@pytest.mark.parametrize("text", ["Churn from 5% to 3% by 31 dec", "Leads 20 -> 30", "Leads $2k → $3k by 31 dec"])
def test_a_way_from_here_to_there_does_not_silently_become_the_name(text: str) -> None:
    with pytest.raises(Problem, match="would be part of the name"):
        read_metric(text, TODAY)
    assert read_metric("Sign-ups from 2 ads", TODAY).name == "Sign-ups from 2 ads"
