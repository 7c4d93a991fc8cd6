"""Changes between periods: what is said, and what is withheld with its reason (maths.md §1.3, §1.4)."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.aggregate import Cell, Point
from kpitui.domain.compare import Change, Comparison, change, compare, comparisons
from kpitui.domain.periods import Calendar, Span, parse_label, prior_to_date, to_date_span, to_day
from kpitui.domain.series import Measure, Workings

ISO = Calendar()
WBR = Path(__file__).parents[3] / "shared" / "reference" / "wbr" / "wbr_cases.json"


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def period(text: str) -> Span:
    return parse_label(text, ISO)[1]


def cell(label: str, value: float | None, present: int, expected: int, **more: Any) -> Cell:
    return Cell(period(label), value, present, expected, **more)


def of(measure: Measure, points: list[Point], grain: str, label: str, asof: int) -> dict[str, Comparison]:
    def read(metric_id: int, start: int, end: int) -> list[Point]:
        return [p for p in points if p.start < end and p.end > start]

    workings = Workings({measure.id: measure}, read, ISO, asof)
    return comparisons(
        lambda g, spans: workings.series(measure, g, spans),
        grain,
        period(label),
        ISO,
        asof,
        measure.unit,
        measure.additive,
    )


def test_change() -> None:
    assert change(120, 100) == Change(20, pytest.approx(20), None)
    assert change(0.05, 0.03, "percent").bps == pytest.approx(200)
    assert change(0.02, 0.05, "percent").bps == pytest.approx(-300)
    assert change(0, 5) == Change(-5, -100, None)
    assert change(5, 0) == Change(5, None, None, "the earlier value is 0")
    assert change(5, -5) == Change(10, None, None, "the signs differ")
    assert change(None, 5) == Change(None, None, None, "no value")
    assert change(5, None) == Change(None, None, None, "no earlier value")
    assert change(110, 100).fraction == pytest.approx(0.1)
    assert change(1, 0).fraction is None
    assert change(1e9, 5e-324) == Change(1e9, None, None, "the earlier value is next to 0")


@pytest.mark.skipif(not WBR.exists(), reason="the reference figures are not here")
def test_published_changes() -> None:
    cases = [case for case in json.loads(WBR.read_text())["unit_cases"]["cases"] if case["fn"] == "yoy"]
    assert len(cases) == 4
    for case in cases:
        found = change(case["cy"], case["py"], "percent" if case["method"] == "bps" else "number")
        ours = found.bps if case["method"] == "bps" else found.percent
        if isinstance(case["expected"], str):
            assert ours is None
        else:
            assert ours == pytest.approx(case["expected"])


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_percentage_exists_only_between_like_signs_and_agrees_with_the_difference(cur: float, prev: float) -> None:
    found = change(cur, prev)
    assert found.absolute == cur - prev
    undefined = prev == 0 or (cur != 0 and (cur > 0) != (prev > 0)) or math.isinf(cur / prev * 100)
    assert (found.percent is None) == undefined
    assert (found.percent is None) == bool(found.why)


def test_a_whole_period_is_never_compared_with_a_partial_one() -> None:
    whole = cell("2026-W46", 70.0, 7, 7)
    running = cell("2026-W47", 30.0, 3, 3, whole=False)
    found = compare(running, whole, "number", ISO)
    assert found.change == Change(None, None, None, "the period is not over (3 so far)")
    level = compare(running, whole, "percent", ISO, additive=False)
    assert (level.change.absolute, level.change.percent) == (-40, None)
    assert level.change.bps == -400_000
    late = compare(whole, cell("2026-W45", None, 5, 7, why="5 of 7 days have a value", whole=False), "number", ISO)
    assert late.change.why == "earlier: 5 of 7 days have a value"
    assert late.coverage == (5, 7)


def test_months_of_unequal_length_are_periods_alike_but_ranges_are_not() -> None:
    assert compare(cell("2026-10", 31.0, 31, 31), cell("2026-09", 30.0, 30, 30), "number", ISO).change.percent
    start = day("2026-11-01")
    longer = Cell(Span(start, start + 9), 9.0, 9, 9)
    shorter = Cell(Span(start - 31, start - 26), 5.0, 5, 5)
    assert compare(longer, shorter, "number", ISO).change == Change(None, None, None, "9 days against 5")
    assert compare(longer, shorter, "number", ISO, additive=False).change.percent == pytest.approx(80)


def test_a_leap_day_does_not_make_year_to_date_ranges_unlike() -> None:
    now = to_date_span("ytd", day("2021-09-25"), ISO)
    prior = prior_to_date(now)
    assert (now.end - now.start, prior.end - prior.start) == (268, 269)
    found = compare(Cell(now, 200.0, 268, 268), Cell(prior, 100.0, 269, 269), "number", ISO)
    assert found.change.percent == 100


def test_months_with_four_weeks_and_five_are_not_alike_for_sums() -> None:
    weeks = Measure(1, "leads", "sum", "week")
    points = [Point(s, s + 7, 10.0) for s in range(period("2025-W01").start, period("2026-W50").start, 7)]
    found = of(weeks, points, "month", "2026-11", period("2026-11").end - 1)
    assert found["mom"].change == Change(None, None, None, "5 values against 4")
    averaged = of(weeks._replace(rule="mean", kind="level"), points, "month", "2026-11", period("2026-11").end - 1)
    assert averaged["mom"].change.percent == 0
    assert of(weeks, points, "week", "2026-W47", period("2026-W47").end - 1)["wow"].change.percent == 0


@pytest.mark.parametrize(
    ("grain", "label", "own"),
    [
        ("day", "2026-11-20", "dod"),
        ("week", "2026-W47", "wow"),
        ("month", "2026-11", "mom"),
        ("quarter", "2026-Q4", "qoq"),
        ("year", "2026", None),
    ],
)
def test_names_of_the_comparisons(grain: str, label: str, own: str | None) -> None:
    found = of(Measure(1, "x"), [], grain, label, day("2026-11-20"))
    assert set(found) == {"previous", "yoy", "mtd", "qtd", "ytd"} | ({own} if own else set())
    assert own is None or found[own] is found["previous"]
    assert all(c.change.absolute is None and c.change.why for c in found.values())


def test_every_comparison_of_a_week() -> None:
    first, asof = day("2025-01-01"), day("2026-11-22")
    points = [Point(d, d + 1, 1.0 if d < day("2026-01-01") else 2.0) for d in range(first, asof + 1)]
    found = of(Measure(1, "x"), points, "week", "2026-W47", asof)
    assert {k: (c.value.value, c.prior.value, c.change.percent) for k, c in found.items()} == {
        "previous": (14, 14, 0),
        "wow": (14, 14, 0),
        "yoy": (14, 7, 100),
        "mtd": (44, 22, 100),
        "qtd": (106, 53, 100),
        "ytd": (652, 326, 100),
    }
    assert found["mtd"].value.span == Span(day("2026-11-01"), asof + 1)
    assert found["yoy"].prior.span == period("2025-W47")


def test_to_date_of_a_closed_period_runs_to_its_end() -> None:
    first, asof = day("2024-01-01"), day("2026-11-20")
    points = [Point(d, d + 1, 1.0) for d in range(first, asof + 1)]
    found = of(Measure(1, "x"), points, "month", "2026-10", asof)
    assert found["mtd"].value.span == period("2026-10")
    assert found["ytd"].value.value == 304


def test_missing_last_year_is_no_zero() -> None:
    points = [Point(d, d + 1, 1.0) for d in range(day("2026-01-01"), day("2026-11-23"))]
    found = of(Measure(1, "x"), points, "week", "2026-W47", day("2026-11-22"))
    for name in ("yoy", "mtd", "qtd", "ytd"):
        assert found[name].change == Change(None, None, None, "earlier: no value")
        assert found[name].prior.value is None and found[name].coverage[0] == 0


def test_real_zeros_are_kept() -> None:
    points = [Point(d, d + 1, 0.0) for d in range(day("2026-11-09"), day("2026-11-16"))]
    points += [Point(d, d + 1, 1.0) for d in range(day("2026-11-16"), day("2026-11-23"))]
    found = of(Measure(1, "x"), points, "week", "2026-W47", day("2026-11-22"))
    assert found["wow"].prior.value == 0
    assert found["wow"].change == Change(7, None, None, "the earlier value is 0")


def test_a_53rd_week_is_held_against_the_same_weekdays_whatever_its_number() -> None:
    """The weeks after a year of 53: 364 days back, never the week of the same number (maths.md §1.3)."""
    points = [Point(start, start + 7, float(start)) for start in range(day("2019-12-30"), day("2021-02-01"), 7)]
    for week, before in (("2020-W53", "2020-W01"), ("2021-W01", "2020-W02"), ("2021-W04", "2020-W05")):
        found = of(Measure(1, "sold", "sum", "week", "flow"), points, "week", week, day("2021-02-01"))
        assert found["yoy"].prior.span == period(before) and found["yoy"].change.absolute == 364
