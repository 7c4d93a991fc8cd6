"""The aggregation table of maths.md §1.2, cell states of §1.5, and what no re-bucketing may lose or invent."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import date
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.aggregate import RULES, Cell, Point, bucket, default_rule, state
from kpitui.domain.mixed_grains import bucket_mixed, points_in_force
from kpitui.domain.periods import (
    GRAINS,
    Calendar,
    Span,
    last_spans,
    parse_label,
    span_of,
    spans_between,
    to_date_span,
    to_day,
)
from kpitui.domain.problem import Problem

ISO = Calendar()
FAR = to_day(date(2100, 1, 1))


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def period(text: str) -> Span:
    return parse_label(text, ISO)[1]


def daily(first: str, *values: float | None) -> list[Point]:
    start = day(first)
    return [Point(start + i, start + i + 1, v) for i, v in enumerate(values) if v is not None]


def weekly(**values: float) -> list[Point]:
    return [Point(*period(f"2026-{week.upper()}"), value) for week, value in values.items()]


def one(points: Sequence[Point], rule: str, cadence: str, span: Span, asof: int = FAR) -> Cell:
    [cell] = bucket(points, rule, cadence, [span], ISO, asof)
    return cell


WEEK = period("2026-W47")  # Monday 16 to Sunday 22 November
FULL = daily("2026-11-16", 4, 1, 0, 2, 8, 5, 1)
HOLES = daily("2026-11-16", 4, None, 0, 2, 8, None, None)


@pytest.mark.parametrize(
    ("rule", "value"),
    [("sum", 21), ("mean", 3), ("last", 1), ("first", 4), ("min", 0), ("max", 8), ("median", 2), ("count", 7)],
)
def test_a_week_with_all_its_days(rule: str, value: float) -> None:
    cell = one(FULL, rule, "day", WEEK)
    assert (cell.value, cell.present, cell.expected, cell.why, cell.whole) == (value, 7, 7, "", True)
    assert state(cell, FAR) == ("value" if value else "zero")


@pytest.mark.parametrize(
    ("rule", "value"), [("mean", 3.5), ("last", 8), ("first", 4), ("min", 0), ("max", 8), ("median", 3), ("count", 4)]
)
def test_a_week_with_missing_days_uses_those_present_and_says_so(rule: str, value: float) -> None:
    cell = one(HOLES, rule, "day", WEEK)
    assert (cell.value, cell.present, cell.expected) == (value, 4, 7)
    if rule in ("count", "first"):
        assert (cell.why, state(cell, FAR)) == ("", "value")
    else:
        assert cell.why == ("its last value is 2 days old" if rule == "last" else "4 of 7 days have a value")
        assert state(cell, FAR) == "partial"


def test_a_sum_with_a_missing_day_is_unknown_but_keeps_what_is_there() -> None:
    cell = one(HOLES, "sum", "day", WEEK)
    assert cell == Cell(WEEK, None, 4, 7, "4 of 7 days have a value", partial=14, whole=False)
    assert state(cell, FAR) == "partial"
    assert cell.missing == 3
    assert cell.coverage == pytest.approx(4 / 7)


def test_last_and_first_tell_their_day() -> None:
    assert one(HOLES, "last", "day", WEEK).at == day("2026-11-20")
    late = one(HOLES[1:], "first", "day", WEEK)
    assert (late.value, late.at, late.why) == (0, day("2026-11-18"), "its first value is 2 days late")
    assert state(late, FAR) == "partial"


@pytest.mark.parametrize("rule", [r for r in RULES if r != "formula"])
def test_no_value_is_missing_when_due_and_not_due_before(rule: str) -> None:
    assert state(one([], rule, "week", WEEK, asof=WEEK.end - 1), WEEK.end - 1) == "missing"
    assert state(one([], rule, "week", WEEK, asof=WEEK.end - 2), WEEK.end - 2) == "not_due"
    for asof in (WEEK.end - 2, WEEK.end - 1):
        cell = one([], rule, "week", WEEK, asof)
        assert cell.value is None and cell.partial is None and cell.coverage == (None if asof < WEEK.end - 1 else 0)


def test_zero_is_a_value() -> None:
    cell = one(daily("2026-11-16", 0, 0, 0, 0, 0, 0, 0), "sum", "day", WEEK)
    assert cell.value == 0
    assert state(cell, FAR) == "zero"


def test_a_running_week_is_known_so_far_and_not_whole() -> None:
    asof = day("2026-11-18")
    cell = one(FULL, "sum", "day", WEEK, asof)
    assert (cell.value, cell.present, cell.expected, cell.whole) == (5, 3, 3, False)
    assert state(cell, asof) == "partial"
    assert one(FULL, "sum", "day", WEEK, asof) == one(FULL[:3], "sum", "day", WEEK, asof)


def test_a_to_date_range_is_whole_when_every_day_of_it_is_there() -> None:
    asof = day("2026-11-18")
    month = daily("2026-11-01", *range(1, 19))
    cell = one(month, "sum", "day", to_date_span("mtd", asof, ISO), asof)
    assert (cell.value, cell.present, cell.expected, state(cell, asof)) == (171, 18, 18, "value")
    without = one(month[1:], "sum", "day", to_date_span("mtd", asof, ISO), asof)
    assert (without.value, without.partial, without.coverage) == (None, 170, 17 / 18)


def test_this_weeks_number_counts_on_friday() -> None:
    friday = day("2026-11-20")
    cell = one(weekly(w46=5, w47=7), "sum", "week", WEEK, friday)
    assert (cell.value, cell.present, cell.expected, state(cell, friday)) == (7, 1, 1, "value")
    month = one(weekly(w45=1, w46=5, w47=7), "sum", "week", period("2026-11"), friday)
    assert (month.value, month.partial, month.present, month.expected) == (None, 13, 3, 4)
    assert state(one(weekly(w48=7), "sum", "week", period("2026-W48"), friday), friday) == "not_due"


def test_a_week_belongs_to_the_month_that_holds_its_last_day() -> None:
    points = weekly(w44=1, w45=10, w46=100, w47=1000, w48=10000, w49=100000)
    november = one(points, "sum", "week", period("2026-11"))
    assert (november.value, november.present, november.expected) == (11111, 5, 5)
    december = one(points, "sum", "week", period("2026-12"))
    assert (december.partial, december.present, december.expected) == (100000, 1, 4)


@pytest.mark.parametrize("rule", ["sum", "mean", "last", "max", "count", "ratio", "distinct"])
def test_a_grain_finer_than_the_cadence_is_unknown_with_the_reason(rule: str) -> None:
    cell = one(weekly(w47=7), rule, "week", Span(WEEK.end - 1, WEEK.end))
    assert (cell.value, cell.why) == (None, "it has one value a week, nothing for shorter periods")
    assert state(cell, FAR) == "n/a"
    month = Point(*period("2026-11"), 5)
    assert one([month], rule, "month", period("2026-W48")).value is None


def test_distinct_is_never_added_up_but_read_where_it_was_entered() -> None:
    points = [*weekly(w46=30, w47=40), Point(*period("2026-11"), 55)]
    assert one(points, "distinct", "week", WEEK).value == 40
    assert one(points, "distinct", "week", period("2026-11")).value == 55
    quarter = one(points, "distinct", "week", period("2026-Q4"))
    assert (quarter.value, state(quarter, FAR)) == (None, "n/a")
    assert "enter the number for this whole period" in quarter.why
    assert "numerator and denominator" in one(weekly(w46=0.3, w47=0.4), "ratio", "week", period("2026-11")).why


def test_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    assert one(daily("2026-11-16", 9, 1, 4, 2), "median", "day", Span(WEEK.start, WEEK.start + 4)).value == 3


def test_default_rules() -> None:
    assert [default_rule(k) for k in ("flow", "level", "ratio", "index", "distinct")] == [
        "sum", "last", "ratio", "mean", "distinct",
    ]  # fmt: skip
    assert default_rule("index", weighted=True) == "weighted_mean"
    with pytest.raises(Problem, match="flow"):
        default_rule("stock")


def test_unknown_rules_are_refused() -> None:
    for rule in ("total", "formula"):
        with pytest.raises(Problem, match="worked out"):
            bucket([], rule, "day", [WEEK], ISO, FAR)


def test_sums_are_exact() -> None:
    assert one(daily("2026-11-16", *[0.1] * 7), "sum", "day", WEEK).value == fsum([0.1] * 7)
    month = daily("2026-11-01", *[0.1] * 10)
    assert one(month, "sum", "day", Span(month[0].start, month[-1].end)).value == 1.0


# Points of several grains: what is left when a cadence was changed.


def test_after_a_change_from_days_to_weeks_the_days_still_add_up() -> None:
    points = [*daily("2026-11-02", *[1.0] * 14), *weekly(w47=70)]
    cells = bucket(points, "sum", "week", [period(f"2026-W{n}") for n in (45, 46, 47)], ISO, FAR)
    assert [(c.value, c.present, c.expected) for c in cells] == [(7, 7, 7), (7, 7, 7), (70, 1, 1)]
    month = one(points, "sum", "week", period("2026-11"))
    assert (month.value, month.partial, month.present, month.expected) == (None, 84, 3, 5)
    assert one(points, "sum", "week", Span(day("2026-11-03"), day("2026-11-04"))).value == 1


def test_after_a_change_from_months_to_weeks_the_month_counts_until_weeks_end_in_it() -> None:
    june, july = Point(*period("2026-06"), 300), Point(*period("2026-07"), 999)
    points = sorted([june, july, *weekly(w27=70, w28=71, w29=72, w30=73)])
    cells = bucket(points, "sum", "week", [period("2026-06"), period("2026-07")], ISO, FAR)
    assert [(c.value, c.present, c.expected) for c in cells] == [(300, 4, 4), (286, 4, 4)]
    week = one(points, "sum", "week", period("2026-W24"))
    assert (week.value, state(week, FAR)) == (None, "missing")
    assert week.why == "only a value for 30 days in one is there"


def test_points_of_the_cadence_win_over_others_for_their_dates() -> None:
    points = sorted([Point(*WEEK, 1000), *FULL])
    assert one(points, "sum", "day", WEEK).value == 21
    assert one(points, "sum", "week", WEEK).value == 1000
    assert points_in_force(points, "day", ISO) == FULL


def test_a_mean_over_mixed_grains_weighs_days() -> None:
    points = [*weekly(w46=10), *daily("2026-11-16", *[3.0] * 7)]
    assert one(points, "mean", "day", Span(WEEK.start - 7, WEEK.end)).value == 6.5


# Properties.

calendars = st.builds(
    Calendar, week_start=st.integers(0, 6), week_min_days=st.integers(1, 7), fiscal_month=st.integers(1, 12)
)
starts = st.integers(to_day(date(2019, 1, 1)), to_day(date(2027, 1, 1)))
values = st.floats(-1e6, 1e6, allow_nan=False)


@given(calendars, starts, st.lists(values, min_size=1, max_size=60), st.sampled_from(GRAINS), st.sampled_from(GRAINS))
def test_the_sum_of_the_children_is_the_parent(
    cal: Calendar, first: int, numbers: list[float], cadence: str, grain: str
) -> None:
    spans = last_spans(cadence, first, len(numbers), cal)
    points = [Point(*span, number) for span, number in zip(spans, numbers, strict=True)]
    parents = spans_between(grain, points[0].start, points[-1].end + 400, cal)
    cells = bucket(points, "sum", cadence, parents, cal, FAR)
    if GRAINS.index(grain) < GRAINS.index(cadence):
        assert all(cell.value is None for cell in cells)
        return
    known = [cell.value if cell.value is not None else cell.partial for cell in cells]
    assert fsum(v for v in known if v is not None) == pytest.approx(fsum(numbers), rel=1e-9, abs=1e-6)
    for cell in cells:
        own = [p.value for p in points if cell.span.start < p.end <= cell.span.end]
        assert cell.present == len(own)
        assert (cell.value is not None) == (len(own) == cell.expected > 0)
        assert not own or fsum(own) in (cell.value, cell.partial)


@given(calendars, starts, st.lists(st.none() | values, min_size=1, max_size=80), st.integers(0, 90))
def test_missing_never_becomes_zero_and_as_of_never_looks_ahead(
    cal: Calendar, first: int, numbers: list[float | None], after: int
) -> None:
    points = [Point(first + i, first + i + 1, v) for i, v in enumerate(numbers) if v is not None]
    spans = spans_between("week", first, first + len(numbers), cal)
    asof = first + after
    for rule in ("sum", "mean", "last", "first", "min", "max", "median", "count"):
        cells = bucket(points, rule, "day", spans, cal, asof)
        assert cells == bucket([p for p in points if p.start <= asof], rule, "day", spans, cal, asof)
        for cell in cells:
            own = [p.value for p in points if cell.span.start <= p.start < min(cell.span.end, asof + 1)]
            assert cell.present == len(own)
            assert cell.expected == max(min(cell.span.end, asof + 1) - cell.span.start, 0)
            if not own:
                assert cell.value is None and state(cell, asof) in ("missing", "not_due")
            if rule == "sum" and len(own) < cell.expected:
                assert cell.value is None


@given(calendars, starts, st.lists(values, min_size=4, max_size=60))
def test_weeks_to_months_and_back_loses_nothing(cal: Calendar, first: int, numbers: list[float]) -> None:
    weeks = last_spans("week", first, len(numbers), cal)
    points = [Point(*week, number) for week, number in zip(weeks, numbers, strict=True)]
    again = bucket(points, "sum", "week", weeks, cal, FAR)
    assert [Point(*cell.span, cell.value or 0.0) for cell in again] == [Point(*p[:2], p[2] or 0.0) for p in points]
    months = bucket(points, "sum", "week", spans_between("month", weeks[0].end - 1, weeks[-1].end, cal), cal, FAR)
    assert sum(cell.present for cell in months) == len(points)
    figures = [c.value if c.value is not None else c.partial or 0.0 for c in months]
    assert fsum(figures) == pytest.approx(fsum(numbers), rel=1e-9, abs=1e-6)


@given(calendars, starts, st.lists(st.none() | values, min_size=1, max_size=60), st.integers(0, 90))
def test_the_path_for_mixed_grains_agrees_with_the_fast_one(
    cal: Calendar, first: int, numbers: list[float | None], after: int
) -> None:
    points = [Point(first + i, first + i + 1, v) for i, v in enumerate(numbers) if v is not None]
    asof = first + after
    spans = spans_between("month", first, first + len(numbers), cal)
    for rule in ("sum", "mean", "last", "first", "min", "max", "median", "count"):
        fast = bucket(points, rule, "day", spans, cal, asof)
        empty = bucket([], rule, "day", spans, cal, asof)
        slots = [(cell, min(cell.span.end, asof + 1), cell.span.end) for cell in empty]
        slow = bucket_mixed(points, rule, "day", slots, cal, asof)
        for a, b in zip(fast, slow, strict=True):
            assert a._replace(value=None, partial=None) == b._replace(value=None, partial=None)
            assert (a.value, a.partial) == pytest.approx((b.value, b.partial), nan_ok=False)


@given(st.lists(values, min_size=1, max_size=31))
def test_median_is_that_of_the_standard_library(numbers: list[float]) -> None:
    first = day("2026-10-01")
    cell = one([Point(first + i, first + i + 1, v) for i, v in enumerate(numbers)], "median", "day", period("2026-10"))
    assert cell.value == pytest.approx(statistics.median(numbers), rel=1e-12, abs=1e-9)


@given(calendars, starts, st.sampled_from(["day", "week", "month"]))
def test_every_unit_is_expected_in_exactly_one_period(cal: Calendar, first: int, cadence: str) -> None:
    year = span_of("year", first, cal)
    months = spans_between("month", year.start, year.end, cal)
    total = sum(c.expected for c in bucket([], "sum", cadence, months, cal, FAR))
    assert total == bucket([], "sum", cadence, [year], cal, FAR)[0].expected


@given(
    calendars,
    starts,
    st.lists(st.none() | values, min_size=1, max_size=90),
    st.sampled_from(["week", "month", "quarter"]),
    st.sampled_from(["sum", "mean", "last", "first", "min", "max", "median", "count"]),
    st.integers(0, 100),
)
def test_days_alone_are_counted_as_among_other_grains(
    cal: Calendar, start: int, found: list[float | None], cadence: str, rule: str, seen: int
) -> None:
    points = [Point(start + i, start + i + 1, v) for i, v in enumerate(found) if v is not None]
    asof = start + seen
    spans = tuple(spans_between(cadence, start, start + len(found), cal))
    cells = bucket(points, rule, cadence, spans, cal, asof)
    slots = [(bucket([], rule, cadence, [span], cal, asof)[0], min(span.end, asof + 1), span.end) for span in spans]
    for cell, other in zip(cells, bucket_mixed(points, rule, cadence, slots, cal, asof), strict=True):
        assert cell._replace(value=None) == other._replace(value=None)
        assert cell.value == other.value or cell.value == pytest.approx(other.value)
