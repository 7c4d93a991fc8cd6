"""52/53-week years and tables of periods as the calendar: numbers, labels, reading, years ago; nothing is lost."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.compare import comparisons
from kpitui.domain.dates import read_period, seen_cadence
from kpitui.domain.period_table import Listed, TableCut
from kpitui.domain.periods import (
    Calendar,
    Span,
    boundaries,
    grain_of,
    iso,
    label,
    numbered,
    parse_label,
    prior_to_date,
    same_week,
    short_label,
    span_of,
    spans_between,
    to_day,
    year_ago,
)
from kpitui.domain.problem import Problem
from kpitui.domain.retail_calendar import RetailCut
from kpitui.domain.retail_years import NRF, PATTERNS, RetailYears
from kpitui.domain.series import Measure, Workings

SALES = Measure(1, "sales", "sum", "day", "flow")
RETAIL = Calendar(week_start=6, cut=RetailCut(NRF))


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def thirteen(first: str = "2026-01-05", years: int = 2) -> list[Listed]:
    """Thirteen periods of four weeks a year, and the years."""
    rows, at = [], day(first)
    for year in range(26, 26 + years):
        rows.append(Listed("year", at, at + 364, f"FY{year}"))
        for number in range(13):
            rows.append(Listed("month", at, at + 28, f"FY{year}-P{number + 1:02d}"))
            at += 28
    return rows


TABLE = Calendar(cut=TableCut(thirteen(), Calendar()))
calendars = st.one_of(
    st.builds(
        lambda month, weekday, nearest, pattern, extra, named: Calendar(
            week_start=(weekday + 1) % 7, cut=RetailCut(RetailYears(month, weekday, nearest, pattern, extra, named))
        ),
        st.integers(1, 12),
        st.integers(0, 6),
        st.booleans(),
        st.sampled_from(PATTERNS),
        st.integers(1, 4),
        st.sampled_from(["last", "first"]),
    ),
    st.just(TABLE),
)
days = st.integers(day("2024-01-01"), day("2030-12-31"))
grains = st.sampled_from(["day", "week", "month", "quarter", "year"])


@settings(max_examples=40, deadline=None)
@given(cal=calendars, at=days, grain=grains)
def test_periods_fill_time_and_are_found_by_their_labels(cal: Calendar, at: int, grain: str) -> None:
    span = span_of(grain, at, cal)
    number = boundaries(grain, at, cal)
    assert span.start <= at < span.end and numbered(grain, number, cal) == span
    assert numbered(grain, number + 1, cal).start == span.end and numbered(grain, number - 1, cal).end == span.start
    assert boundaries(grain, span.end, cal) == number + 1
    assert parse_label(label(grain, span, cal), cal) == (grain, span)
    if cal.cut is None or grain in ("day", "week") or cal.cut.label(grain, span):
        assert grain_of(span, cal) == grain


def test_the_nrf_calendar_as_published() -> None:
    assert label("year", span_of("year", day("2018-02-03"), RETAIL), RETAIL) == "FY2017"
    assert parse_label("FY2017-W53", RETAIL)[1] == Span(day("2018-01-28"), day("2018-02-04"))
    assert parse_label("FY2017-P12", RETAIL)[1].end == day("2018-02-04")
    with pytest.raises(Problem, match="FY2026-P10"):
        parse_label("FY2016-W53", RETAIL)
    with pytest.raises(Problem, match="no period “2026-10”"):
        parse_label("2026-10", RETAIL)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fy2017-p12", "FY2017-P12"),
        ("p9", "FY2026-P09"),
        ("p12", "FY2025-P12"),
        ("p3 2024", "FY2024-P03"),
        ("fy24 p3", "FY2024-P03"),
        ("w42", "FY2026-W42"),
        ("w42 2025", "FY2025-W42"),
        ("2025-w42", "FY2025-W42"),
        ("q3", "FY2026-Q3"),
        ("fy2025", "FY2025"),
        ("this month", "FY2026-P10"),
        ("last quarter", "FY2026-Q3"),
        ("2026-11-20", "FY2026-P10"),
    ],
)
def test_periods_of_a_retail_calendar_as_people_type_them(typed: str, meant: str) -> None:
    grain, span = read_period(typed, RETAIL, date(2026, 11, 20), "month")
    assert label(grain, span, RETAIL) == meant


def test_months_of_the_other_calendar_are_refused_with_what_to_type() -> None:
    for typed in ("oct", "2026-10", "oct 2026", "p13"):
        with pytest.raises(Problem, match=r"FY2026-P10|p1 to p12"):
            read_period(typed, RETAIL, date(2026, 11, 20), "month")


def test_short_labels_say_another_year() -> None:
    today = day("2026-11-20")
    for text, short in (
        ("FY2026-P09", "P9"),
        ("FY2025-P09", "P9 FY25"),
        ("FY2026-W42", "W42"),
        ("FY2024-Q4", "Q4 FY24"),
    ):
        grain, span = parse_label(text, RETAIL)
        assert short_label(grain, span, RETAIL, today) == short
    assert short_label("day", span_of("day", today, RETAIL), RETAIL, today) == "20 Nov"


def test_a_year_of_53_weeks_is_compared_by_week_by_place_and_by_equal_days() -> None:
    w53 = parse_label("FY2023-W53", RETAIL)[1]
    assert same_week(w53, RETAIL) is None and year_ago("week", w53, RETAIL) == Span(w53.start - 364, w53.end - 364)
    first = parse_label("FY2024-W01", RETAIL)[1]
    # Restated: the week 364 days before; by number it is another one.
    assert label("week", year_ago("week", first, RETAIL), RETAIL) == "FY2023-W02"
    assert same_week(first, RETAIL) == parse_label("FY2023-W01", RETAIL)[1]
    assert year_ago("month", parse_label("FY2024-P12", RETAIL)[1], RETAIL) == parse_label("FY2023-P12", RETAIL)[1]
    so_far = Span(parse_label("FY2024-P03", RETAIL)[1].start, parse_label("FY2024-P03", RETAIL)[1].start + 10)
    before = prior_to_date(so_far, "month", RETAIL)
    assert before.start == parse_label("FY2023-P03", RETAIL)[1].start and before.end - before.start == 10


def test_five_weeks_are_not_compared_with_four() -> None:
    """§1.4: nothing is said of unlike things, by day, by week or by period."""
    for cadence in ("day", "week", "month"):
        points = [
            (one.start, one.end, float(one.end - one.start))
            for one in spans_between(cadence, day("2023-01-29"), day("2025-02-02"), RETAIL)
        ]
        work = Workings(
            {1: SALES._replace(cadence=cadence)},
            lambda *_, points=points: points,
            RETAIL,
            day("2025-02-02"),
        )
        series = partial(work.series, SALES._replace(cadence=cadence))
        found = {
            name: comparisons(series, "month", parse_label(name, RETAIL)[1], RETAIL, day("2025-02-02"))
            for name in ("FY2024-P12", "FY2024-P02")
        }
        last, second = found["FY2024-P12"], found["FY2024-P02"]
        # P12 of FY2023 had five weeks, that of FY2024 four.
        assert last["yoy"].change.absolute is None and "against" in last["yoy"].change.why, cadence
        assert second["yoy"].change.percent == pytest.approx(0) and second["previous"].change.absolute is None
        assert last["ytd"].coverage[0] == last["ytd"].coverage[1]


def test_a_table_of_thirteen_periods() -> None:
    last = parse_label("FY26-P13", TABLE)
    assert last == ("month", Span(day("2026-12-07"), day("2027-01-04"))) and grain_of(last[1], TABLE) == "month"
    assert parse_label("fy26-p13", TABLE) == last == read_period("FY26-P13", TABLE, date(2027, 3, 1), "month")
    assert year_ago("month", parse_label("FY27-P02", TABLE)[1], TABLE) == parse_label("FY26-P02", TABLE)[1]
    # Around the table the months go on; the one at its edge is cut off there.
    assert label("month", span_of("month", day("2025-12-31"), TABLE), TABLE) == "2025-12"
    edge = span_of("month", day("2026-01-01"), TABLE)
    assert (iso(edge.start), iso(edge.end)) == ("2026-01-01", "2026-01-05")
    # A quarter that the table says nothing of is called as the months have it.
    quarter = span_of("quarter", day("2026-11-20"), TABLE)
    assert label("quarter", quarter, TABLE) == "2026-Q4" and parse_label("2026-Q4", TABLE)[1] == quarter
    assert short_label("quarter", quarter, TABLE, day("2026-11-20")) == "Q4"
    assert parse_label("2028-02", TABLE)[1].start == day("2028-02-01")
    assert seen_cadence([last[1]], TABLE) == "month" and TABLE.cut is not None and TABLE.cut.per_year("month") == 13
    assert TableCut(thirteen(), Calendar()) == TABLE.cut and hash(TableCut(thirteen(), Calendar())) == hash(TABLE.cut)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no periods"),
        ([Listed("month", 0, 28, "A"), Listed("month", 30, 58, "B")], "nothing holds the days from 1970-01-29"),
        ([Listed("month", 0, 28, "A"), Listed("month", 27, 58, "B")], "they overlap"),
        ([Listed("month", 0, 28, "A"), Listed("month", 28, 58, "a")], "names two periods"),
        ([Listed("month", 0, 28, "2026-11-20")], "reads like a day"),
        ([Listed("month", 0, 7, "A")], "longer than a week"),
        ([Listed("month", 28, 0, "A")], "before it starts"),
        ([Listed("decade", 0, 28, "A")], "a table lists month, quarter, year"),
        ([Listed("month", 0, 91, "A"), Listed("quarter", 0, 91, "Q")], "have the same days"),
        ([Listed("month", 0, 28, "A"), Listed("month", 28, 56, "B"), Listed("quarter", 0, 30, "Q")], "has an edge on"),
    ],
)
def test_a_table_that_does_not_fill_time_is_refused(rows: list[Listed], said: str) -> None:
    with pytest.raises(Problem, match=said):
        TableCut(rows, Calendar())
