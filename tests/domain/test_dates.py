"""Reading dates, periods and columns of them. Today is Friday, 20 November 2026."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.dates import Ambiguous, NoSuchDay, read_date, read_period, read_period_column, seen_cadence
from kpitui.domain.periods import GRAINS, Calendar, Span, label, shift, short_label, span_of, to_day
from kpitui.domain.problem import Problem

TODAY = date(2026, 11, 20)
ISO = Calendar()
JULY = Calendar(fiscal_month=7)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026/11/24", "2026-11-24"),
        ("today", "2026-11-20"),
        ("Tomorrow", "2026-11-21"),
        ("yesterday", "2026-11-19"),
        ("fri", "2026-11-27"),
        ("tuesday", "2026-11-24"),
        ("next mon", "2026-11-23"),
        ("last fri", "2026-11-20"),
        ("+2w", "2026-12-04"),
        ("+3d", "2026-11-23"),
        ("−3d", "2026-11-17"),
        ("+1m", "2026-12-20"),
        ("+1q", "2027-02-20"),
        ("in 2 weeks", "2026-12-04"),
        ("3 days ago", "2026-11-17"),
        ("24.11", "2026-11-24"),
        ("24.11.", "2026-11-24"),
        ("24.11.2027", "2027-11-24"),
        ("24.11.27", "2027-11-24"),
        ("24 nov", "2026-11-24"),
        ("20 nov", "2026-11-20"),
        ("19 nov", "2027-11-19"),
        ("24nov", "2026-11-24"),
        ("nov 24", "2026-11-24"),
        ("24th November", "2026-11-24"),
        ("24 Nov 2026", "2026-11-24"),
        ("Nov 24, 2026", "2026-11-24"),
        ("24-Nov-26", "2026-11-24"),
        ("31 dec", "2026-12-31"),
        ("29 feb", "2028-02-29"),
        ("eow", "2026-11-22"),
        ("eom", "2026-11-30"),
        ("eoq", "2026-12-31"),
        ("eoy", "2026-12-31"),
        ("q1", "2027-03-31"),
        ("q4", "2026-12-31"),
        ("q1 2028", "2028-03-31"),
        ("31/12/2026", "2026-12-31"),
        ("12/31/2026", "2026-12-31"),
        ("5/5/2026", "2026-05-05"),
    ],
)
def test_dates_as_people_type_them(text: str, expected: str) -> None:
    assert read_date(text, TODAY).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("fri", "2026-11-20"), ("mon", "2026-11-16"), ("24 nov", "2025-11-24"), ("20.11", "2026-11-20"),
     ("29 feb", "2024-02-29"), ("q1", "2026-03-31"), ("q4", "2025-12-31"), ("next mon", "2026-11-23")],
)  # fmt: skip
def test_of_the_past_the_last_one_is_meant(text: str, expected: str) -> None:
    assert read_date(text, TODAY, past=True).isoformat() == expected


def test_the_order_of_day_and_month_is_asked_for_and_never_guessed() -> None:
    for text in ("03/04/2026", "3/4/26", "3-4-2026", "3/4"):
        with pytest.raises(Ambiguous, match="--dates dmy"):
            read_date(text, TODAY)
    assert read_date("03/04/2026", TODAY, order="dmy") == date(2026, 4, 3)
    assert read_date("03/04/2026", TODAY, order="mdy") == date(2026, 3, 4)
    assert read_date("26/04/03", TODAY, order="ymd") == date(2026, 4, 3)
    with pytest.raises(Problem, match="no month 31"):
        read_date("12/31/2026", TODAY, order="dmy")


def test_days_that_do_not_exist_are_named() -> None:
    for text in ("30 feb", "2026-13-01", "31.4", "29.2.2025", "0.0", "31 apr 2026"):
        with pytest.raises(NoSuchDay, match="no such day"):
            read_date(text, TODAY)


@pytest.mark.parametrize("text", ["", "5", "nov", "soon", "+2", "2w", "1/2/3", "2026-11-240", "+999999y", "fri fri"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Problem, match=r"\.$"):
        read_date(text, TODAY)


def test_quarters_and_years_follow_the_workspace() -> None:
    assert read_date("eoy", TODAY, cal=JULY) == date(2027, 6, 30)
    assert read_date("q1", TODAY, cal=JULY) == date(2027, 9, 30)
    assert read_date("q1", TODAY, edge="start") == date(2027, 1, 1)
    assert read_date("+1m", date(2026, 1, 31)) == date(2026, 2, 28)
    assert read_date("eow", TODAY, cal=Calendar(week_start=6)) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "grain", "expected"),
    [
        ("2026-W47", "week", "2026-W47"),
        ("w47", "week", "2026-W47"),
        ("W 46", "week", "2026-W46"),
        ("w53", "week", "2020-W53"),
        ("2026-11", "month", "2026-11"),
        ("oct", "month", "2026-10"),
        ("dec", "month", "2025-12"),
        ("Oct 2026", "month", "2026-10"),
        ("Oct '25", "month", "2025-10"),
        ("2002 Jan", "month", "2002-01"),
        ("KW 38", "week", "2026-W38"),
        ("kw48", "week", "2025-W48"),
        ("38. KW", "week", "2026-W38"),
        ("KW 38/2026", "week", "2026-W38"),
        ("KW 38/26", "week", "2026-W38"),
        ("2026 KW38", "week", "2026-W38"),
        ("2026/KW 38", "week", "2026-W38"),
        ("W38 2026", "week", "2026-W38"),
        ("CW 38 2026", "week", "2026-W38"),
        ("Jan-02", "month", "2002-01"),
        ("Jan-98", "month", "1998-01"),
        ("1998 Q1", "quarter", "1998-Q1"),
        ("Q3", "quarter", "2026-Q3"),
        ("Q4 2025", "quarter", "2025-Q4"),
        ("2026", "year", "2026"),
        ("2026-11-20", "week", "2026-W47"),
        ("today", "week", "2026-W47"),
        ("last week", "week", "2026-W46"),
        ("last", "week", "2026-W46"),
        ("this month", "month", "2026-11"),
        ("last quarter", "quarter", "2026-Q3"),
        ("fri", "week", "2026-W47"),
        ("13 nov", "week", "2026-W46"),
    ],
)
def test_periods_as_people_type_them(text: str, grain: str, expected: str) -> None:
    found, span = read_period(text, ISO, TODAY, "week")
    assert (found, label(found, span, ISO)) == (grain, expected)


def test_a_date_names_the_period_of_the_cadence() -> None:
    for cadence in GRAINS:
        assert read_period("13.11.2026", ISO, TODAY, cadence) == (
            cadence,
            span_of(cadence, to_day(date(2026, 11, 13)), ISO),
        )


def test_fiscal_periods_are_those_of_the_workspace() -> None:
    assert label("quarter", read_period("FY2026-Q3", JULY, TODAY, "month")[1], JULY) == "FY2026-Q3"
    assert read_period("q1", JULY, TODAY, "month") == read_period("fy2027 q1", JULY, TODAY, "month")
    assert label(*read_period("fy26", JULY, TODAY, "month"), JULY) == "FY2026"


@pytest.mark.parametrize(
    "text", ["", "nope", "w54", "w0", "2026-W60", "2026-13", "2026-Q5", "1/2/2026", "31 feb", "0000"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Problem, match=r"\.$"):
        read_period(text, ISO, TODAY, "week")


DAYS = st.integers(to_day(date(1980, 1, 1)), to_day(date(2060, 12, 31)))
CALENDARS = st.builds(
    Calendar, st.integers(0, 6), st.integers(1, 7), st.integers(1, 12), st.sampled_from(["first", "last"])
)


@given(day=DAYS, grain=st.sampled_from(GRAINS), cal=CALENDARS)
def test_every_label_is_read_back(day: int, grain: str, cal: Calendar) -> None:
    span = span_of(grain, day, cal)
    said = label(grain, span, cal)
    assert read_period(said, cal, TODAY, grain) == (grain, span)
    assert read_period_column([said], cal) == [(grain, span)]


@given(back=st.integers(0, 30), grain=st.sampled_from(GRAINS))
def test_a_short_label_of_a_recent_period_is_read_back(back: int, grain: str) -> None:
    span = shift(grain, span_of(grain, to_day(TODAY), ISO), -back, ISO)
    assert read_period(short_label(grain, span, ISO, to_day(TODAY)).replace(" '", " 20"), ISO, TODAY, grain)[1] == span


@pytest.mark.parametrize(
    ("texts", "labels", "cadence"),
    [
        (["2002 Jan", "2002 Feb", "2002 Mar"], ["2002-01", "2002-02", "2002-03"], "month"),
        (["Jan-02", "Feb-02"], ["2002-01", "2002-02"], "month"),
        (["1998 Q1", "1998 Q2"], ["1998-Q1", "1998-Q2"], "quarter"),
        (["2026-W07"], ["2026-W07"], "week"),
        (["2025", "2026"], ["2025", "2026"], "year"),
        (["11/2026"], ["2026-11"], "month"),
        (["20260105"], ["2026-01-05"], "day"),
        (["31/12/2026", "03/04/2026"], ["2026-12-31", "2026-04-03"], "day"),
        (["12/31/2026", "03/04/2026"], ["2026-12-31", "2026-03-04"], "day"),
        (["03.04.2026"], ["2026-04-03"], "day"),
        (["2020-01-05 00:00:00", "2020-01-06T00:00:00Z", "2020-01-07"],
         ["2020-01-05", "2020-01-06", "2020-01-07"], "day"),
        (["2026-01-01", "2026-02-01", "2026-04-01"], ["2026-01-01", "2026-02-01", "2026-04-01"], "month"),
        (["2026-01-31", "2026-02-28", "2026-03-31"], ["2026-01-31", "2026-02-28", "2026-03-31"], "month"),
        (["2026-03-31", "2026-06-30", "2026-12-31"], ["2026-03-31", "2026-06-30", "2026-12-31"], "quarter"),
        (["2024-12-31", "2025-12-31", "2026-12-31"], ["2024-12-31", "2025-12-31", "2026-12-31"], "year"),
        (["2026-11-06", "2026-11-13", "2026-11-27"], ["2026-11-06", "2026-11-13", "2026-11-27"], "week"),
        (["2026-01-01", "2026-02-01"], ["2026-01-01", "2026-02-01"], "day"),
    ],
)  # fmt: skip
def test_a_column_has_one_spelling_and_a_cadence(texts: list[str], labels: list[str], cadence: str) -> None:
    found = read_period_column(texts, ISO)
    assert [label(grain, span, ISO) for grain, span in found] == labels
    assert seen_cadence([span for _, span in found]) == cadence


def test_a_column_that_cannot_be_read_names_the_row() -> None:
    with pytest.raises(Ambiguous, match=r"Row 1: .*--dates"):
        read_period_column(["01/02/2026", "03/04/2026"], ISO)
    assert read_period_column(["01/02/2026"], ISO, "mdy") == [("day", Span(20455, 20456))]
    with pytest.raises(Problem, match="row 2 has the day first, row 3 the month"):
        read_period_column(["13/02/2026", "03/14/2026"], ISO, first_row=2)
    with pytest.raises(Problem, match="Row 3: total is not a date"):
        read_period_column(["2026-W07", "total"], ISO, first_row=2)
    with pytest.raises(Problem, match="Row 1: the date is empty"):
        read_period_column([""], ISO)
    with pytest.raises(Problem, match=r"Row 2: .*no such day"):
        read_period_column(["2026-01-01", "2026-02-30"], ISO)


def test_the_published_files_are_read_without_being_told_anything(reference: Path) -> None:
    for name, column, cadence, first in (
        ("real/insurance_monthly_wide.csv", "Month", "month", "2002-01"),
        ("real/accommodation_quarterly_long.csv", "Date", "quarter", "1998-Q1"),
        ("wbr/wbr_scenario_1.csv", "Date", "day", "2020-01-05"),
    ):
        with (reference / name).open(encoding="utf-8", newline="") as file:
            found = read_period_column([row[column] for row in csv.DictReader(file)], ISO)
        assert label(*found[0], ISO) == first
        assert seen_cadence([span for _, span in found]) == cadence


@given(first=DAYS, count=st.integers(3, 30), grain=st.sampled_from(GRAINS[1:]), ends=st.booleans())
def test_the_cadence_of_starts_or_ends_of_periods_is_seen(first: int, count: int, grain: str, ends: bool) -> None:
    start = span_of(grain, first, ISO)
    spans = [shift(grain, start, n, ISO) for n in range(count)]
    days = [span.end - 1 if ends else span.start for span in spans]
    assert seen_cadence([Span(day, day + 1) for day in days]) == grain
    assert seen_cadence(spans) == grain


@given(day=st.dates(date(1900, 1, 1), date(2100, 1, 1)), past=st.booleans(), today=st.dates())
def test_a_full_date_is_the_same_in_every_spelling_and_on_every_day(day: date, past: bool, today: date) -> None:
    for said in (day.isoformat(), f"{day:%d.%m.%Y}", f"{day:%d %b %Y}", f"{day:%b} {day.day}, {day.year}"):
        assert read_date(said, today, past=past) == day
    assert read_date(f"{day:%d/%m/%Y}", today, order="dmy") == read_date(f"{day:%m/%d/%Y}", today, order="mdy") == day


@given(today=st.dates(date(1800, 1, 1), date(2200, 1, 1)), day=st.integers(1, 31), month=st.integers(1, 12))
def test_a_date_without_a_year_is_the_nearest_on_its_side(today: date, day: int, month: int) -> None:
    try:
        date(2000, month, day)
    except ValueError:
        return
    ahead, behind = read_date(f"{day}.{month}", today), read_date(f"{day}.{month}", today, past=True)
    assert ahead >= today >= behind
    if (month, day) != (2, 29):
        assert ahead - today <= timedelta(366) and today - behind <= timedelta(366)


DATEISH = st.text(alphabet="0123456789 ./-+'’wWqQfFyYjJanNovdecoksmontag", max_size=20)


@given(text=st.one_of(st.text(max_size=60), DATEISH), today=st.dates(), past=st.booleans(), cal=CALENDARS,
       order=st.sampled_from([None, "dmy", "mdy", "ymd"]), cadence=st.sampled_from(GRAINS))  # fmt: skip
def test_no_text_makes_anything_but_a_date_or_a_problem(
    text: str, today: date, past: bool, cal: Calendar, order: object, cadence: str
) -> None:
    for read in (
        lambda: read_date(text, today, order=order, past=past, cal=cal),  # type: ignore[arg-type]
        lambda: read_period(text, cal, today, cadence),
        lambda: read_period_column([text, "2026-01-01"], cal, order),  # type: ignore[arg-type]
    ):
        try:
            assert read() is not None
        except Problem as problem:
            assert str(problem).endswith(".") and str(problem).isprintable()
