"""A level over its last periods: the rule of the metric, on the scale of one period; missing is not zero."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.aggregate import Point
from kpitui.domain.series import Measure, Workings
from kpitui.domain.trailing import Over, Trailing, words
from tests.domain.test_series import FAR, ISO, Book, period


def over(book: Book, slug: str, window: int, end: str = "2026-W08") -> Over | None:
    workings = Workings(book.measures, book.read, ISO, FAR)
    spans = [period(f"2026-W{week:02}") for week in range(1, 9)]
    return Trailing(workings, book.slugs[slug], "week", spans).at(period(end).end, window)


def weeks(*values: float | None) -> dict[str, float]:
    """Values of the weeks that end with the eighth."""
    first = 9 - len(values)
    return {f"2026-W{first + at:02}": value for at, value in enumerate(values) if value is not None}


ORDERS = Measure(1, "orders", "sum", "week")
VISITS = Measure(2, "visits", "sum", "week")
CONVERSION = Measure(3, "conversion", "ratio", "week", "ratio", numerator=1, denominator=2, unit="percent")
CUSTOMERS = Measure(4, "customers", "last", "week", "level")
LOST = Measure(5, "lost", "sum", "week")
CHURN = Measure(6, "churn", "ratio", "week", "ratio", numerator=5, denominator=4, unit="percent")


def test_a_ratio_is_the_ratio_of_the_sums_and_never_a_mean_of_ratios() -> None:
    book = Book(ORDERS, VISITS, CONVERSION, orders=weeks(1, 30, 3, 2), visits=weeks(10, 1000, 100, 90))
    assert over(book, "conversion", 4) == Over(pytest.approx(36 / 1200), 4, 4)
    assert over(book, "conversion", 2) == Over(pytest.approx(5 / 190), 2, 2)


def test_a_missing_period_is_not_zero_and_is_counted() -> None:
    book = Book(ORDERS, VISITS, CONVERSION, orders=weeks(1, None, 3, 2), visits=weeks(10, 1000, 100, 90))
    found = over(book, "conversion", 4)
    # The visits of the week without orders are left out with it.
    assert found == Over(pytest.approx(6 / 200), 3, 4) and words(found, "week") == "over 3 of the last 4 weeks"
    each = over(book, "orders", 4)
    assert each == Over(pytest.approx(2.0), 3, 4, True) and words(each, "week") == "a week over 3 of the last 4 weeks"
    assert words(Over(0.1, 4, 4), "week") == "over the last 4 weeks"


def test_a_week_of_nothing_over_nothing_takes_part_with_its_sums() -> None:
    book = Book(ORDERS, VISITS, CONVERSION, orders=weeks(1, 0, 3), visits=weeks(10, 0, 90))
    assert over(book, "conversion", 3) == Over(pytest.approx(0.04), 3, 3)


def test_what_stands_at_something_is_added_up_below_a_fraction_line() -> None:
    book = Book(LOST, CUSTOMERS, CHURN, lost=weeks(2, 4, 3, 3), customers=weeks(100, 102, 99, 99))
    # A weekly churn over four weeks stays one of a week.
    assert over(book, "churn", 4) == Over(pytest.approx(12 / 400), 4, 4)
    assert over(book, "customers", 4) == Over(pytest.approx(100.0), 4, 4)


@pytest.mark.parametrize(
    ("rule", "kind", "expected"),
    [("sum", "flow", 4.0), ("mean", "level", 4.0), ("min", "level", 1.0), ("max", "level", 9.0),
     ("median", "level", 3.0), ("last", "level", 4.0), ("distinct", "distinct", 4.0)],
)  # fmt: skip
def test_every_rule_gives_a_value_for_one_period(rule: str, kind: str, expected: float) -> None:
    book = Book(Measure(1, "some", rule, "week", kind), some=weeks(1, 2, 9, 4))
    found = over(book, "some", 4)
    assert found == Over(pytest.approx(expected), 4, 4, rule == "sum")


def test_days_under_a_weekly_metric_count_each_in_a_mean() -> None:
    measure = Measure(1, "score", "mean", "week", "index")
    monday = period("2026-W08").start
    book = Book(measure, score=weeks(9, None))
    book.points[1] += [Point(monday + day, monday + day + 1, 2.0) for day in range(7)]
    assert over(book, "score", 2) == Over(pytest.approx((9 + 7 * 2) / 8), 2, 2)


def test_a_formula_is_evaluated_on_its_inputs_over_the_same_time() -> None:
    price = Measure(7, "price", "mean", "week", "level")
    takings = Measure(8, "takings", formula="orders * price")
    growth = Measure(9, "growth", formula="orders / lag(orders, 1) - 1", kind="ratio")
    book = Book(ORDERS, price, takings, growth, orders=weeks(8, 10, 20), price=weeks(5, 5, 8))
    assert over(book, "takings", 2) == Over(pytest.approx(15 * 6.5), 2, 2, True)
    assert over(book, "growth", 2) == Over(pytest.approx(30 / 18 - 1), 2, 2)


def test_a_ratio_without_its_parts_is_never_averaged() -> None:
    book = Book(Measure(1, "rate", "ratio", "week", "ratio"), rate=weeks(0.1, 0.2))
    assert over(book, "rate", 2) is None


def test_nothing_known_is_unknown_and_a_period_outside_too() -> None:
    book = Book(ORDERS, orders=weeks(1))
    assert over(book, "orders", 3, "2026-W06") is None
    assert over(book, "orders", 4, "2026-W20") is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 500)) | st.none(), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_window_lies_between_its_periods_and_one_period_is_itself(parts: list[tuple[int, int] | None]) -> None:
    orders, visits = ([None if one is None else float(one[at]) for one in parts] for at in (0, 1))
    book = Book(ORDERS, VISITS, CONVERSION, orders=weeks(*orders), visits=weeks(*visits))
    rates = [one[0] / one[1] for one in parts if one is not None]
    found = over(book, "conversion", len(parts))
    if found is None:
        assert not rates
        return
    assert min(rates) - 1e-12 <= found.value <= max(rates) + 1e-12 and found.present == len(rates)
    last = over(book, "conversion", 1)
    assert (last is None) == (parts[-1] is None) and (last is None or last.value == rates[-1])
