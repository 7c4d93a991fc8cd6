"""52/53-week years: the published year ends, and what must hold for every such calendar."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain import retail_years as retail
from kpitui.domain.periods import Span, iso, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.retail_years import NRF, RetailYears

LAST_OF_AUGUST = RetailYears(month=8, weekday=5, nearest=False, pattern=(4, 4, 5))
JOHNSON = RetailYears(month=12, weekday=6, nearest=True, pattern=(4, 4, 5))
MICRON = RetailYears(month=8, weekday=3, nearest=True, pattern=(4, 4, 5))
INTEL = RetailYears(month=12, weekday=5, nearest=False, pattern=(4, 4, 5), extra_quarter=1)

calendars = st.builds(
    RetailYears,
    month=st.integers(1, 12),
    weekday=st.integers(0, 6),
    nearest=st.booleans(),
    pattern=st.sampled_from(retail.PATTERNS),
    extra_quarter=st.integers(1, 4),
    named=st.sampled_from(["last", "first"]),
)
days = st.integers(to_day(date(1950, 1, 1)), to_day(date(2150, 1, 1)))


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


@pytest.fixture
def published(reference: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((reference / "calendars.json").read_text())["fiscal_5253"]
    return found


def test_years_that_end_on_the_last_saturday_of_august(published: dict[str, Any]) -> None:
    ends = published["last_saturday_of_august_year_ends"]
    assert {year: iso(retail.year_end(int(year), LAST_OF_AUGUST)) for year in ends} == ends


def test_years_that_end_on_the_sunday_nearest_to_the_end_of_december(published: dict[str, Any]) -> None:
    ends = published["sunday_nearest_end_of_december_year_ends_JNJ_fy2004_2012"]
    assert [iso(retail.year_end(year, JOHNSON)) for year in range(2004, 2013)] == ends


def test_quarters_of_years_that_end_on_the_thursday_nearest_to_the_end_of_august(published: dict[str, Any]) -> None:
    quarters = [*retail.spans_of_year("quarter", 2012, MICRON), *retail.spans_of_year("quarter", 2013, MICRON)]
    assert [iso(span.end - 1) for span in quarters][2:7] == published[
        "thursday_nearest_end_of_august_quarter_ends_Micron"
    ]


def test_the_extra_week_in_the_first_quarter(published: dict[str, Any]) -> None:
    assert retail.quarter_weeks(2011, INTEL) == (14, 13, 13, 13)
    first = retail.spans_of_year("quarter", 2011, INTEL)[0]
    assert iso(first.end - 1) == published["intel_q1_2011_end"]
    assert retail.label("quarter", first, INTEL) == "FY2011-Q1"
    assert retail.month_weeks(2011, INTEL) == (4, 4, 6, 4, 4, 5, 4, 4, 5, 4, 4, 5)


def test_the_long_years_of_the_national_retail_federation() -> None:
    """nrf.com, 4-5-4 calendar: 53 weeks in FY2000, 2006, 2012, 2017 and 2023."""
    assert [year for year in range(1998, 2028) if retail.weeks_in(year, NRF) == 53] == [2000, 2006, 2012, 2017, 2023]
    assert iso(retail.year_end(2017, NRF)) == "2018-02-03"
    assert iso(retail.year_span(2026, NRF).start) == "2026-02-01"
    assert retail.month_weeks(2017, NRF) == (4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5)


def test_a_year_may_end_twice_in_one_calendar_year() -> None:
    tuesday = RetailYears(month=12, weekday=1)
    assert [iso(retail.year_end(year, tuesday)) for year in (2012, 2013)] == ["2013-01-01", "2013-12-31"]


def test_labels() -> None:
    last = retail.spans_of_year("week", 2017, NRF)[-1]
    assert (iso(last.start), retail.label("week", last, NRF)) == ("2018-01-28", "FY2017-W53")
    d = day("2018-02-01")
    assert [retail.label(grain, retail.span_of(grain, d, NRF), NRF) for grain in retail.GRAINS] == [
        "FY2017-W53",
        "FY2017-P12",
        "FY2017-Q4",
        "FY2017",
    ]


def test_after_53_weeks_the_two_ways_to_look_back_differ_by_a_week() -> None:
    first = retail.spans_of_year("week", 2018, NRF)[0]
    assert retail.label("week", retail.year_ago("week", first, NRF), NRF) == "FY2017-W02"
    numbered = retail.same_week(first, NRF)
    assert numbered is not None and retail.label("week", numbered, NRF) == "FY2017-W01"
    assert retail.same_week(retail.spans_of_year("week", 2017, NRF)[-1], NRF) is None
    quarter = retail.spans_of_year("quarter", 2018, NRF)[3]
    assert retail.label("quarter", retail.year_ago("quarter", quarter, NRF), NRF) == "FY2017-Q4"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (RetailYears(month=13), "13 is no month"),
        (RetailYears(weekday=7), "7 is no weekday"),
        (RetailYears(pattern=(5, 5, 3)), "5-5-3 is no pattern"),
        (RetailYears(extra_quarter=0), "0 is no quarter"),
        (RetailYears(named="middle"), "“middle” does not say"),
    ],
)
def test_what_makes_no_calendar_is_refused(wrong: RetailYears, says: str) -> None:
    with pytest.raises(Problem, match=says):
        retail.checked(wrong)
    with pytest.raises(Problem, match="no grain"):
        retail.span_of("day", 0, NRF)
    with pytest.raises(Problem, match="no grain"):
        retail.year_ago("day", Span(0, 1), NRF)


@given(calendars, st.integers(1950, 2150))
def test_a_year_is_filled_by_its_weeks_periods_and_quarters(cal: RetailYears, number: int) -> None:
    year = retail.year_span(retail.checked(cal) and number, cal)
    assert retail.weeks_in(number, cal) in (52, 53)
    assert (year.end - 1 + 3) % 7 == cal.weekday
    for grain, count in (("week", retail.weeks_in(number, cal)), ("month", 12), ("quarter", 4), ("year", 1)):
        spans = retail.spans_of_year(grain, number, cal)
        assert len(spans) == count
        assert (spans[0].start, spans[-1].end) == year
        assert all(a.end == b.start for a, b in pairwise(spans))
    assert retail.year_span(number + 1, cal).start == year.end


@given(calendars, days, st.sampled_from(retail.GRAINS))
def test_every_day_lies_in_the_period_it_names(cal: RetailYears, d: int, grain: str) -> None:
    span = retail.span_of(grain, d, cal)
    assert span.start <= d < span.end
    number = retail.boundaries(grain, d, cal)
    assert retail.numbered(grain, number, cal) == span
    assert retail.boundaries(grain, span.end, cal) == number + 1
    assert retail.label(grain, span, cal) != retail.label(grain, retail.numbered(grain, number + 1, cal), cal)


@given(calendars, st.integers(1950, 2150))
def test_the_end_is_where_the_rule_puts_it(cal: RetailYears, number: int) -> None:
    end = retail.year_end(number, cal)
    anchor = number + (cal.named == "first" and cal.month != 12)
    month_end = to_day(date(anchor + cal.month // 12, cal.month % 12 + 1, 1)) - 1
    if cal.nearest:
        assert abs(end - month_end) <= 3
    else:
        assert 0 <= month_end - end <= 6
