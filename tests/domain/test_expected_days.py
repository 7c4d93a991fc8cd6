"""Metrics that are expected on working days only; every figure is counted by hand from a calendar of 2026."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.aggregate import Cell, Point, bucket, state
from kpitui.domain.compare import comparisons
from kpitui.domain.expected import days_late, idle, last_of_grace, silence, too_old
from kpitui.domain.mixed_grains import bucket_mixed
from kpitui.domain.period_table import Listed, TableCut
from kpitui.domain.periods import Calendar, Span, to_day
from kpitui.domain.retail_calendar import RetailCut
from kpitui.domain.retail_years import RetailYears
from kpitui.domain.series import Measure, Workings
from kpitui.domain.workdays import Workdays, workdays

ISO = Calendar()
DAILY = range(5)


def on(text: str) -> int:
    return to_day(date.fromisoformat(f"2026-{text}"))


MON, WED, FRI, SAT, SUN = (on(f"11-{day}") for day in (16, 18, 20, 21, 22))
WEEK = Span(MON, MON + 7)
PLAIN = workdays(DAILY)
HOLIDAY = workdays(DAILY, [WED])
SHUT = workdays(DAILY, range(on("12-21"), on("12-28")))
"""The week of 21 December is holiday all through."""


def days(values: dict[int, float]) -> list[Point]:
    return [Point(day, day + 1, value) for day, value in sorted(values.items())]


def week(*missing: int, **extra: float) -> list[Point]:
    """Monday to Friday of W47: 10, 20, 30, 40, 50."""
    found = {MON + place: 10.0 * (place + 1) for place in range(5) if MON + place not in missing}
    return days(found | ({SAT: extra["saturday"]} if extra else {}))


def one(points: list[Point], span: Span = WEEK, work: Workdays = PLAIN, asof: int = SUN, **how: str) -> Cell:
    return bucket(points, how.get("rule", "sum"), how.get("cadence", "day"), [span], ISO, asof, work)[0]


@pytest.mark.parametrize("asof", [FRI, SAT, SUN])
def test_a_whole_week_needs_only_its_working_days(asof: int) -> None:
    assert one(week(), asof=asof) == Cell(WEEK, 150.0, 5, 5)
    every = bucket(week(), "sum", "day", [WEEK], ISO, asof)[0]
    assert (every.value, every.whole) == ((150.0, False) if asof == FRI else (None, False))


@pytest.mark.parametrize(
    ("rule", "value"), [("sum", 120.0), ("mean", 30.0), ("last", 50.0), ("min", 10.0), ("max", 50.0), ("median", 30.0)]
)
def test_a_week_with_a_holiday(rule: str, value: float) -> None:
    found = one(week(WED), work=HOLIDAY, rule=rule)
    assert (found.value, found.present, found.expected, found.why, found.whole) == (value, 4, 4, "", True)


def test_a_day_that_is_missing_is_missing_whatever_stands_on_saturday() -> None:
    found = one(week(WED, saturday=7))
    assert (found.value, found.partial, found.present, found.expected) == (None, 127.0, 4, 5)
    assert found.why == "4 of 5 days have a value" and found.extra == 1 and not found.whole
    only = one(days({SAT: 7.0}))
    assert (only.value, only.partial, only.why) == (None, 7.0, "0 of 5 days have a value")
    assert state(only, SUN) == "partial"


def test_a_value_on_a_day_off_counts_and_is_no_error() -> None:
    assert one(week(saturday=7)) == Cell(WEEK, 157.0, 5, 5, extra=1)
    assert one(week(), work=HOLIDAY) == Cell(WEEK, 150.0, 4, 4, extra=1)
    assert one(week(saturday=60), rule="mean").value == 35.0
    assert one(week(saturday=7), rule="last")[1:6] == (7.0, 5, 5, "", None)
    assert one(week(saturday=7), rule="count").value == 6.0
    saturday = Span(SAT, SUN)
    assert one(week(saturday=7), saturday) == Cell(saturday, 7.0, 1, 1)
    assert one(week(), saturday) == Cell(saturday, None, 0, 0, whole=False)
    assert state(one(week(), saturday), SUN) == "not_due"


def test_a_week_that_is_not_over() -> None:
    found = one(week(FRI, FRI - 1), asof=WED)
    assert (found.value, found.present, found.expected, found.whole) == (60.0, 3, 3, False)
    late = one(week(WED), asof=WED + 1)
    assert (late.value, late.partial, late.present, late.expected) == (None, 70.0, 3, 4)


def test_the_last_value_is_as_old_as_the_working_days_since() -> None:
    assert one(week(FRI), rule="last", asof=SUN).why == "its last value is 1 day old"
    first = one(week(MON, saturday=7), rule="first")
    assert (first.value, first.why, first.whole) == (20.0, "its first value is 1 day late", False)
    # The month begins on a Sunday: its first working day is the second.
    november = Span(on("11-01"), on("12-01"))
    assert one(days({on("11-02"): 3.0}), november, rule="first", asof=on("11-30")).whole


def test_a_month_has_twenty_one_working_days_and_twenty_with_a_holiday() -> None:
    november = Span(on("11-01"), on("12-01"))
    every = {day: 1.0 for day in range(*november) if PLAIN.on(day)}
    assert one(days(every), november, asof=on("11-30")) == Cell(november, 21.0, 21, 21)
    del every[WED]
    assert one(days(every), november, HOLIDAY, on("11-30")) == Cell(november, 20.0, 20, 20)
    assert one(days(every), november, PLAIN, on("11-30")).why == "20 of 21 days have a value"


def test_a_week_of_nothing_but_holidays_is_neither_missing_nor_zero() -> None:
    shut, later = Span(on("12-21"), on("12-28")), on("12-31")
    for cadence in ("day", "week"):
        nothing = one([], shut, SHUT, later, cadence=cadence)
        assert nothing == Cell(shut, None, 0, 0, whole=False) and state(nothing, later) == "not_due"
    around = days({on("12-18"): 5.0, on("12-28"): 6.0})
    assert one(around, shut, SHUT, later) == Cell(shut, None, 0, 0, whole=False)
    # What came in all the same is all there is.
    assert one(days({on("12-22"): 4.0}), shut, SHUT, later) == Cell(shut, 4.0, 1, 1)
    # December has 23 working days, and these five are none.
    december = Span(on("12-01"), on("12-31") + 1)
    every = days({day: 2.0 for day in range(*december) if SHUT.on(day)})
    assert one(every, december, SHUT, later) == Cell(december, 36.0, 18, 18)


def test_weeks_that_are_fed_by_working_days() -> None:
    assert one(week(saturday=7), cadence="week") == Cell(WEEK, 157.0, 5, 5, extra=1)
    assert one(week(WED), cadence="week").why.startswith("4 of 5")
    # A month of four weeks (those that end in it), one of them entered as a whole, one of nothing but holidays.
    weeks = [Point(*Span(start, start + 7), 100.0) for start in (on("11-30"), on("12-07"))]
    daily = days(dict.fromkeys(range(on("12-14"), on("12-19")), 10.0))
    december = Span(on("12-01"), on("12-31") + 1)
    assert one([*weeks, *daily], december, SHUT, on("12-31"), cadence="week") == Cell(december, 250.0, 3, 3)
    assert one([*weeks, *daily], december, PLAIN, on("12-31"), cadence="week").why == "3 of 4 weeks have a value"


def test_a_value_for_a_whole_week_among_days() -> None:
    mixed = [Point(MON - 7, MON, 140.0), *week()]
    spans = [Span(MON - 7, MON), WEEK, Span(MON - 7, MON + 7)]
    found = bucket(mixed, "sum", "day", spans, ISO, SUN, PLAIN)
    assert [(cell.value, cell.whole) for cell in found] == [(140.0, True), (150.0, True), (290.0, True)]
    short = bucket([Point(MON - 7, MON, 140.0), *week(WED)], "sum", "day", spans, ISO, SUN, PLAIN)
    assert [cell.value for cell in short] == [140.0, None, None] and short[2].why == "9 of 10 days have a value"


@pytest.mark.parametrize(
    "cut",
    [
        RetailCut(RetailYears(month=1, weekday=5, nearest=True, pattern=(4, 5, 4), extra_quarter=4, named="first")),
        TableCut([Listed("month", MON - 14, MON + 7, "P1"), Listed("month", MON + 7, MON + 28, "P2")], ISO),
    ],
    ids=["retail", "table"],
)
def test_calendars_of_other_periods(cut: RetailCut | TableCut) -> None:
    calendar = ISO._replace(cut=cut)
    number = cut.number("month", MON)
    month = cut.span("month", number)
    every = days({day: 1.0 for day in range(*month) if HOLIDAY.on(day)})
    found = bucket(every, "sum", "day", [month], calendar, month.end, HOLIDAY)[0]
    weeks = (month.end - month.start) // 7
    assert found == Cell(month, 5.0 * weeks - 1, 5 * weeks - 1, 5 * weeks - 1)


# Metrics made of others


ORDERS = Measure(1, "orders", work=HOLIDAY)
VISITS = Measure(2, "visits")
SHARE = Measure(3, "share", "ratio", kind="ratio", numerator=1, denominator=2)
BOTH = Measure(4, "both", formula="orders + visits")
STEP = Measure(5, "step", formula="orders - lag(orders, 1)")
LEVEL = Measure(6, "level", "last", kind="level")


def workings(asof: int = SUN) -> Workings:
    held = {1: week(WED, saturday=8), 2: days(dict.fromkeys(range(MON, MON + 7), 100.0))}
    measures = {one.id: one for one in (ORDERS, VISITS, SHARE, BOTH, STEP, LEVEL)}
    return Workings(measures, lambda key, start, end: held.get(key, []), ISO, asof)


def test_what_is_made_of_metrics_of_different_days() -> None:
    made = workings()
    assert [made.days(key) for key in (1, 2, 3, 4, 5, 6)] == [HOLIDAY, None, HOLIDAY, HOLIDAY, HOLIDAY, None]
    # 10 + 20 + 40 + 50 + 8 orders of 700 visits; the holiday is not missed.
    assert made.series(SHARE, "week", [WEEK])[0].value == pytest.approx(128 / 700)
    assert made.series(BOTH, "week", [WEEK])[0].value == 828.0
    daily = made.series(SHARE, "day", [Span(day, day + 1) for day in (MON, WED, SAT, SUN)])
    assert [cell.value for cell in daily] == [0.1, None, 0.08, None]
    assert [state(cell, SUN) for cell in daily] == ["value", "not_due", "value", "not_due"]


def test_the_day_before_is_the_working_day_before() -> None:
    thursday, tuesday = Span(WED + 1, WED + 2), Span(WED - 1, WED)
    found = workings().series(STEP, "day", [tuesday, thursday])
    assert [cell.value for cell in found] == [10.0, 20.0]


def test_a_circle_of_formulas_has_no_days() -> None:
    round_ = {7: Measure(7, "a", formula="b + 1"), 8: Measure(8, "b", formula="a + 1"), 1: ORDERS}
    assert Workings(round_, lambda *_: [], ISO, SUN).days(7) is None


# Comparisons


def test_the_year_to_date_is_compared_with_other_working_days() -> None:
    work = workdays(DAILY, [WED])
    first, asof = to_day(date(2025, 1, 1)), FRI
    held = days({day: 2.0 for day in range(first, asof + 1) if work.on(day)})

    def cells(grain: str, spans: object) -> list[Cell]:
        return bucket(held, "sum", "day", spans, ISO, asof, work)  # type: ignore[arg-type]

    found = comparisons(cells, "week", WEEK, ISO, asof, work=work)
    # 1 January to 20 November: 231 working days in 2026 without the holiday, 232 in 2025.
    assert (found["ytd"].value.expected, found["ytd"].prior.expected) == (231, 232)
    assert found["ytd"].change.percent == pytest.approx((231 / 232 - 1) * 100)
    assert found["ytd"].change.why == "231 working days against 232" and found["ytd"].coverage == (231, 231)
    # Four days against five of the week before, said beside the change.
    assert found["wow"].change.percent == pytest.approx(-20.0) and found["wow"].coverage == (4, 4)
    assert found["wow"].change.why == "4 working days against 5"
    # A day that is missing withholds the week, and leaves the year a word about it.
    held = [point for point in held if point.start != to_day(date(2025, 11, 18))]
    gap = comparisons(cells, "week", WEEK, ISO, asof, work=work)
    assert gap["ytd"].change.why == "earlier: 231 of 232 days have a value" and gap["ytd"].coverage == (231, 232)
    assert gap["yoy"].change.percent is None and gap["yoy"].change.why == "earlier: 4 of 5 days have a value"


def test_monday_is_compared_with_friday() -> None:
    held = days({FRI - 7: 40.0, MON: 50.0})
    found = comparisons(
        lambda grain, spans: bucket(held, "sum", "day", spans, ISO, MON, PLAIN), "day", Span(MON, MON + 1), ISO, MON,
        work=PLAIN,
    )  # fmt: skip
    assert found["dod"].prior.span == (FRI - 7, FRI - 6) and found["dod"].change.percent == pytest.approx(25.0)


# Time


def test_time_is_counted_in_working_days() -> None:
    assert PLAIN.back(MON, 1) == FRI - 7 and PLAIN.ahead(FRI, 1) == MON + 7 and HOLIDAY.first_from(WED) == WED + 1
    # A value of Friday is one day late on Monday, not three.
    assert [days_late(FRI, day, PLAIN) for day in (FRI - 1, FRI, SAT, SUN, MON + 7)] == [-1, 0, 0, 0, 1]
    assert days_late(FRI, MON + 7, None) == 3
    # Nothing could have come on a weekend; of weeks a working day is as much as a week has of it.
    assert silence(SAT, MON + 7, 1.0, PLAIN) == 0 and silence(SAT, MON + 8, 1.0, PLAIN) == 1
    assert silence(MON, MON + 14, 7.0, PLAIN) == 14.0 and silence(MON, MON + 14, 7.0, None) == 14
    # One and a half weeks and two days of grace are nine and a half working days.
    assert [too_old(MON, MON + more, 1.5, 7.0, 2, PLAIN) for more in (11, 12)] == [False, True]
    assert last_of_grace(FRI, 1, PLAIN) == MON + 7 and last_of_grace(FRI, 1, None) == SAT
    assert idle("day", MON, MON + 7, HOLIDAY, None) == 3
    assert idle("week", on("12-14"), on("12-31"), SHUT, ISO) == 1 and idle("month", 0, 99, SHUT, ISO) == 0


@settings(max_examples=30, deadline=None)
@given(
    st.sets(st.integers(0, 6), min_size=1, max_size=6),
    st.sets(st.integers(0, 40), max_size=12),
    st.sets(st.integers(0, 41), max_size=30),
    st.integers(0, 41),
    st.integers(1, 20),
    st.integers(0, 45),
)
def test_counting_them_one_by_one_gives_the_same(
    of_week: set[int], off: set[int], with_value: set[int], start: int, length: int, asof: int
) -> None:
    work = workdays(of_week, off)
    span, expected = Span(start, start + length), {day for day in range(42 + 20) if work.on(day)}
    there = {day for day in with_value if day <= asof}
    found = bucket(days(dict.fromkeys(there, 1.0)), "sum", "day", [span], ISO, asof, work)[0]
    inside, due = there & set(range(*span)), {day for day in expected & set(range(*span)) if day <= asof}
    if inside and not due:
        assert (found.value, found.present, found.expected) == (len(inside), len(inside), len(inside))
    else:
        assert (found.present, found.expected) == (len(inside & due), len(due))
        assert found.value == (len(inside) if inside and due <= inside else None)
        assert found.whole == (bool(inside) and expected & set(range(*span)) <= inside)
        assert found.extra == len(inside - due)
    slot = [(bucket([], "sum", "day", [span], ISO, asof, work)[0], min(span.end, asof + 1), span.end)]
    mixed = bucket_mixed(days(dict.fromkeys(there, 1.0)), "sum", "day", slot, ISO, asof, work)[0]
    assert mixed[:4] == found[:4] and (mixed.whole, mixed.extra) == (found.whole, found.extra)
    for day in expected:
        assert work.numbered(work.number(day)) == day
