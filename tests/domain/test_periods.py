"""Periods: the published calendar cases, and what must hold for every calendar."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.periods import (
    GRAINS,
    Calendar,
    Span,
    boundaries,
    grain_of,
    iso,
    label,
    last_spans,
    month_index,
    month_start,
    parse_label,
    prior_to_date,
    same_week,
    shift,
    short_label,
    span_of,
    spans_between,
    to_date,
    to_date_span,
    to_day,
    year_ago,
)
from kpitui.domain.problem import Problem

CASES = Path(__file__).parents[3] / "shared" / "reference" / "calendars.json"
ISO = Calendar()
US = Calendar(week_start=6, week_min_days=1)
NOVEMBER = Calendar(fiscal_month=11)

calendars = st.builds(
    Calendar,
    week_start=st.integers(0, 6),
    week_min_days=st.integers(1, 7),
    fiscal_month=st.integers(1, 12),
    fiscal_name=st.sampled_from(["last", "first"]),
)
grains = st.sampled_from(GRAINS)
days = st.integers(to_day(date(1900, 1, 1)), to_day(date(2300, 1, 1)))


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def span(start: str, end: str) -> Span:
    return Span(day(start), day(end))


@pytest.fixture(scope="module")
def cases() -> dict[str, Any]:
    if not CASES.exists():
        pytest.skip("the reference figures are not here")
    return json.loads(CASES.read_text())


def test_published_iso_weeks(cases: dict[str, Any]) -> None:
    for text, expected in cases["iso_week"]["cases"]:
        week = span_of("week", day(text), ISO)
        assert f"{label('week', week, ISO)}-{day(text) - week.start + 1}" == expected


def test_long_years_are_the_71_of_cpython(cases: dict[str, Any]) -> None:
    long = [
        k for k in range(400) if label("week", span_of("week", to_day(date(2000 + k, 12, 28)), ISO), ISO)[-2:] == "53"
    ]
    assert long == cases["iso_long_years"]["offset_from_2000"]
    for year in cases["iso_long_years"]["recent"]:
        assert parse_label(f"{year}-W53", ISO)[0] == "week"
    with pytest.raises(Problem):
        parse_label("2025-W53", ISO)


def test_same_week_last_year_is_364_days_back(cases: dict[str, Any]) -> None:
    for row in cases["yoy_week_mapping_DERIVED"]["rows"]:
        earlier = year_ago("week", span_of("week", day(row["week_start"]), ISO), ISO)
        assert iso(earlier.start) == row["minus_364_days_start"]
        assert label("week", earlier, ISO) == row["minus_364_iso"]
        numbered = same_week(span_of("week", day(row["week_start"]), ISO), ISO)
        assert (numbered and iso(numbered.start)) == row["same_iso_week_number_prior_year_start"]


@given(days)
def test_iso_weeks_agree_with_the_standard_library(d: int) -> None:
    year, week, _ = to_date(d).isocalendar()
    assert label("week", span_of("week", d, ISO), ISO) == f"{year:04d}-W{week:02d}"


def test_weeks_of_the_united_states() -> None:
    assert label("week", span_of("week", day("2026-01-01"), US), US) == "2026-W01"
    assert span_of("week", day("2026-01-01"), US) == span("2025-12-28", "2026-01-04")
    assert label("week", span_of("week", day("2025-12-27"), US), US) == "2025-W52"


def test_labels_of_the_product_page() -> None:
    d = day("2026-11-20")
    assert [label(g, span_of(g, d, ISO), ISO) for g in GRAINS] == [
        "2026-11-20",
        "2026-W47",
        "2026-11",
        "2026-Q4",
        "2026",
    ]
    july = Calendar(fiscal_month=7)
    assert label("quarter", span_of("quarter", day("2026-02-10"), july), july) == "FY2026-Q3"
    assert label("year", span_of("year", day("2026-02-10"), july), july) == "FY2026"
    first = july._replace(fiscal_name="first")
    assert label("year", span_of("year", day("2026-02-10"), first), first) == "FY2025"
    assert label("month", span_of("month", d, july), july) == "2026-11"


def test_a_fiscal_year_that_starts_or_ends_in_november() -> None:
    assert span_of("year", day("2026-11-20"), NOVEMBER) == span("2026-11-01", "2027-11-01")
    assert span_of("quarter", day("2026-11-20"), NOVEMBER) == span("2026-11-01", "2027-02-01")
    assert label("year", span_of("year", day("2026-11-20"), NOVEMBER), NOVEMBER) == "FY2027"
    ends = Calendar(fiscal_month=12)
    assert span_of("year", day("2026-11-30"), ends) == span("2025-12-01", "2026-12-01")
    assert label("quarter", span_of("quarter", day("2026-11-30"), ends), ends) == "FY2026-Q4"


def test_short_labels_name_the_year_only_when_it_is_another() -> None:
    d, today = day("2025-11-20"), day("2026-11-20")
    assert [short_label(g, span_of(g, d, ISO), ISO) for g in GRAINS] == ["20 Nov", "W47", "Nov", "Q4", "2025"]
    assert [short_label(g, span_of(g, d, ISO), ISO, today) for g in GRAINS] == [
        "20 Nov '25", "W47 '25", "Nov '25", "Q4 '25", "2025",
    ]  # fmt: skip
    assert short_label("week", span_of("week", today, ISO), ISO, today) == "W47"
    assert short_label("quarter", span_of("quarter", d, NOVEMBER), NOVEMBER, today + 30) == "Q1 FY26"
    assert short_label("week", span_of("week", day("2027-01-02"), ISO), ISO, day("2026-12-31")) == "W53"


def test_to_date_ranges_and_their_prior() -> None:
    asof = day("2026-11-20")
    assert to_date_span("mtd", asof, ISO) == span("2026-11-01", "2026-11-21")
    assert to_date_span("qtd", asof, ISO) == span("2026-10-01", "2026-11-21")
    assert to_date_span("ytd", asof, ISO) == span("2026-01-01", "2026-11-21")
    assert to_date_span("ytd", asof, NOVEMBER) == span("2026-11-01", "2026-11-21")
    assert prior_to_date(span("2024-02-01", "2024-03-01")) == span("2023-02-01", "2023-03-01")
    assert prior_to_date(span("2025-02-01", "2025-03-01")) == span("2024-02-01", "2024-02-29")
    assert prior_to_date(span("2024-02-29", "2024-03-01")) == span("2023-02-28", "2023-03-01")
    with pytest.raises(Problem):
        to_date_span("wtd", asof, ISO)


def test_year_ago_of_months_keeps_the_dates() -> None:
    assert year_ago("quarter", span("2026-10-01", "2027-01-01"), ISO) == span("2025-10-01", "2026-01-01")
    assert year_ago("day", span("2024-02-29", "2024-03-01"), ISO) == span("2023-03-02", "2023-03-03")


@pytest.mark.parametrize("month", range(1, 13))
def test_year_ago_of_february_is_a_whole_february_in_leap_years_too(month: int) -> None:
    cal = Calendar(fiscal_month=month)
    for year in range(1999, 2030):
        for grain, back in (("month", -12), ("quarter", -4), ("year", -1)):
            period = span_of(grain, to_day(date(year, 2, 28)), cal)
            assert year_ago(grain, period, cal) == shift(grain, period, back, cal)


NO_LABELS = """
2026-13 2026-00 2026-W00 2026-W54 2026-Q5 2026-02-29 26-11 FY2026 2026-w47 ２０２６ 0000 0000-W01 9999-W53
"""


@pytest.mark.parametrize("text", ["", "2026-11-20 ", "2026-Q4\n", *NO_LABELS.split()])
def test_what_is_no_label_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Problem, match=r"write 2026-11-20"):
        parse_label(text, ISO)


def test_a_calendar_year_is_no_label_of_a_fiscal_calendar() -> None:
    with pytest.raises(Problem, match="FY2026"):
        parse_label("2026", NOVEMBER)


def test_the_ends_of_the_calendar() -> None:
    assert parse_label("9999", ISO) == ("year", Span(day("9999-01-01"), day("9999-12-31") + 1))
    assert parse_label("0001-01-01", ISO) == ("day", Span(day("0001-01-01"), day("0001-01-02")))
    with pytest.raises(Problem, match="between the years"):
        to_date(10**9)
    with pytest.raises(Problem, match="not a grain"):
        span_of("fortnight", 0, ISO)


@given(st.integers(-2_000_000, 4_000_000))
def test_month_arithmetic_holds_beyond_the_dates_of_python(d: int) -> None:
    index = month_index(d)
    assert month_start(index) <= d < month_start(index + 1)
    if date.min.toordinal() <= d + 719163 <= date.max.toordinal():
        assert index == to_date(d).year * 12 + to_date(d).month - 1


@given(grains, days, calendars)
def test_spans_tile_the_line(grain: str, d: int, cal: Calendar) -> None:
    period = span_of(grain, d, cal)
    assert period.start <= d < period.end
    assert shift(grain, period, 1, cal).start == period.end
    assert shift(grain, shift(grain, period, -7, cal), 7, cal) == period
    assert grain_of(period, cal) == grain
    assert boundaries(grain, period.end, cal) == boundaries(grain, d, cal) + 1


@given(grains, days, st.integers(0, 800), calendars)
def test_spans_between_are_those_that_share_a_day(grain: str, start: int, length: int, cal: Calendar) -> None:
    found = spans_between(grain, start, start + length, cal)
    assert all(a.end == b.start for a, b in pairwise(found))
    if length == 0:
        assert found == []
    else:
        assert found[0].start <= start < found[0].end
        assert found[-1].start < start + length <= found[-1].end


@given(grains, days, st.integers(1, 60), calendars)
def test_last_spans_end_with_the_one_that_holds_the_day(grain: str, d: int, n: int, cal: Calendar) -> None:
    found = last_spans(grain, d, n, cal)
    assert len(found) == n
    assert found[-1] == span_of(grain, d, cal)
    assert found == spans_between(grain, found[0].start, found[-1].end, cal)


@given(grains, days, calendars)
def test_a_label_reads_back_as_what_it_names(grain: str, d: int, cal: Calendar) -> None:
    period = span_of(grain, d, cal)
    assert parse_label(label(grain, period, cal), cal) == (grain, period)


@given(days, calendars)
def test_week_numbers_run_from_one_without_a_break(d: int, cal: Calendar) -> None:
    period = span_of("week", d, cal)
    this, following = (label("week", p, cal) for p in (period, shift("week", period, 1, cal)))
    if this[:4] == following[:4]:
        assert int(following[-2:]) == int(this[-2:]) + 1
    else:
        assert following[-2:] == "01" and int(this[-2:]) in (52, 53)


@given(st.sampled_from(["mtd", "qtd", "ytd"]), days, calendars)
def test_prior_ranges_have_equal_days_but_for_a_leap_day(which: str, d: int, cal: Calendar) -> None:
    now = to_date_span(which, d, cal)
    prior = prior_to_date(now)

    def without_leap_day(s: Span) -> int:
        dates = (to_date(s.start) + timedelta(i) for i in range(s.end - s.start))
        return sum((x.month, x.day) != (2, 29) for x in dates)

    assert without_leap_day(now) == without_leap_day(prior) or to_date(d).strftime("%m-%d") == "02-29"
    assert to_date(prior.start).replace(year=2000) == to_date(now.start).replace(year=2000)
