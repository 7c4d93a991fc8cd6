"""Derived metrics: ratios of sums, weighted means and formulas, worked out at the grain asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpitui.domain.aggregate import Cell, Point, state
from kpitui.domain.periods import Calendar, Span, parse_label, spans_between, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.series import DEEPEST, Measure, Workings, series

ISO = Calendar()
FAR = to_day(date(2100, 1, 1))
WBR = Path(__file__).parents[3] / "shared" / "reference" / "wbr" / "wbr_cases.json"


def period(text: str) -> Span:
    return parse_label(text, ISO)[1]


class Book:
    """Metrics by slug with their values per label; counts how often values are read."""

    def __init__(self, *measures: Measure, **values: dict[str, float]) -> None:
        self.measures = {measure.id: measure for measure in measures}
        self.slugs = {measure.slug: measure for measure in measures}
        self.points = {
            self.slugs[slug].id: sorted(Point(*period(label), value) for label, value in by_label.items())
            for slug, by_label in values.items()
        }
        self.reads: Counter[int] = Counter()

    def read(self, metric_id: int, start: int, end: int) -> Sequence[Point]:
        self.reads[metric_id] += 1
        return [p for p in self.points.get(metric_id, []) if p.start < end and p.end > start]

    def cells(self, slug: str, grain: str, *labels: str, asof: int = FAR) -> list[Cell]:
        spans = [period(label) for label in labels]
        return series(self.slugs[slug], self.measures, self.read, grain, spans, ISO, asof)

    def cell(self, slug: str, grain: str, label: str, asof: int = FAR) -> Cell:
        return self.cells(slug, grain, label, asof=asof)[0]


ORDERS = Measure(1, "orders", "sum", "week")
VISITS = Measure(2, "visits", "sum", "week")
CONVERSION = Measure(3, "conversion", "ratio", "week", "ratio", numerator=1, denominator=2, unit="percent")


def shop() -> Book:
    return Book(
        ORDERS,
        VISITS,
        CONVERSION,
        orders={"2026-W45": 10, "2026-W46": 1, "2026-W47": 9, "2026-W48": 0, "2026-W44": 5},
        visits={"2026-W45": 100, "2026-W46": 1000, "2026-W47": 300, "2026-W48": 0, "2026-W44": 100},
    )


def test_a_ratio_is_the_ratio_of_sums_at_the_grain_asked_for() -> None:
    book = shop()
    weekly = book.cells("conversion", "week", "2026-W45", "2026-W46", "2026-W47")
    assert [c.value for c in weekly] == [0.1, 0.001, 0.03]
    month = book.cell("conversion", "month", "2026-11")
    assert month.value == 25 / 1500
    assert (month.present, month.expected, state(month, FAR)) == (5, 5, "value")


def test_division_by_zero_is_not_applicable_and_missing_parts_are_missing() -> None:
    book = shop()
    cell = book.cell("conversion", "week", "2026-W48")
    assert (cell.value, cell.why, state(cell, FAR)) == (None, "visits is 0", "n/a")
    book.points[1] = book.points[1][:2]
    cell = book.cell("conversion", "week", "2026-W47")
    assert (cell.value, cell.why, state(cell, FAR)) == (None, "orders: no value", "missing")
    month = book.cell("conversion", "month", "2026-11")
    assert (month.value, month.present, month.expected) == (None, 2, 5)
    assert month.why == "orders: 2 of 5 weeks have a value"
    future = book.cell("conversion", "week", "2026-W51", asof=period("2026-W50").start)
    assert state(future, period("2026-W50").start) == "not_due"


def test_an_entered_ratio_without_parts_is_never_averaged() -> None:
    nps = Measure(1, "nps", "ratio", "week", "ratio")
    book = Book(nps, nps={"2026-W46": 0.3, "2026-W47": 0.5})
    assert book.cell("nps", "week", "2026-W47").value == 0.5
    month = book.cell("nps", "month", "2026-11")
    assert (month.value, state(month, FAR)) == (None, "n/a")
    assert "needs its numerator and denominator" in month.why


def test_a_part_that_is_gone_is_named() -> None:
    book = Book(Measure(3, "conversion", "ratio", "week", "ratio", numerator=1, denominator=2))
    cell = book.cell("conversion", "week", "2026-W47")
    assert (cell.value, cell.why) == (None, "its numerator: it is not a metric of this workspace")


def test_a_weighted_mean_uses_complete_pairs() -> None:
    price = Measure(1, "price", "weighted_mean", "week", "index", weight=2)
    units = Measure(2, "units", "sum", "week")
    weights = {"2026-W44": 0.0, "2026-W45": 1, "2026-W46": 2, "2026-W47": 3, "2026-W48": 4}
    values = {"2026-W44": 99.0, "2026-W45": 10, "2026-W46": 20, "2026-W47": 30, "2026-W48": 40}
    full = Book(price, units, price=values, units=weights).cell("price", "month", "2026-11")
    assert (full.value, full.present, full.expected, full.whole) == (30, 5, 5, True)
    del weights["2026-W48"]
    pairs = Book(price, units, price=values, units=weights).cell("price", "month", "2026-11")
    assert pairs.value == pytest.approx(140 / 6)
    assert (pairs.present, pairs.expected, state(pairs, FAR)) == (4, 5, "partial")
    assert pairs.why == "units is missing for 1 of 5 values"
    none = Book(price, units, price=values, units={"2026-W44": 0.0}).cell("price", "week", "2026-W44")
    assert (none.value, none.why, state(none, FAR)) == (None, "units adds up to 0", "missing")
    absent = Book(price, units, price=values).cell("price", "week", "2026-W45")
    assert (absent.value, absent.why, state(absent, FAR)) == (None, "units is missing", "missing")
    assert state(Book(price, units).cell("price", "month", "2026-11"), FAR) == "missing"


def test_weights_may_be_finer_than_the_values() -> None:
    price = Measure(1, "price", "weighted_mean", "week", "index", weight=2)
    units = Measure(2, "units", "sum", "day")
    daily = {f"2026-11-{d:02d}": 1.0 if d < 16 else 3.0 for d in range(9, 23)}
    book = Book(price, units, price={"2026-W46": 10, "2026-W47": 20}, units=daily)
    spans = [Span(period("2026-W46").start, period("2026-W47").end)]
    [cell] = series(price, book.measures, book.read, "week", spans, ISO, FAR)
    assert cell.value == 17.5


def test_a_formula_works_on_aggregated_inputs() -> None:
    book = shop()
    book.slugs["revenue"] = Measure(4, "revenue", formula="visits * conversion * 50")
    book.measures[4] = book.slugs["revenue"]
    assert book.cell("revenue", "month", "2026-11").value == pytest.approx(25 * 50)
    assert book.cell("revenue", "week", "2026-W47").value == pytest.approx(450)
    zero = book.cell("revenue", "week", "2026-W48")
    assert (zero.value, zero.why, state(zero, FAR)) == (None, "conversion: visits is 0", "n/a")
    missing = book.cell("revenue", "week", "2026-W50")
    assert (missing.why, state(missing, FAR)) == ("visits: no value", "missing")


def test_none_in_none_out_and_division_by_zero_in_a_formula() -> None:
    a, b = Measure(1, "a", "sum", "week"), Measure(2, "b", "sum", "week")
    c = Measure(3, "c", formula="a / b")
    book = Book(a, b, c, a={"2026-W46": 1, "2026-W47": 1}, b={"2026-W47": 0})
    missing, undefined = book.cells("c", "week", "2026-W46", "2026-W47")
    assert (missing.value, missing.why, state(missing, FAR)) == (None, "b: no value", "missing")
    assert (undefined.value, state(undefined, FAR)) == (None, "n/a")
    assert "b" in undefined.why and "zero" in undefined.why
    unknown = Book(Measure(1, "x", formula="nowhere + 1")).cell("x", "week", "2026-W47")
    assert (unknown.value, unknown.why) == (None, "nowhere: there is no metric of this name")


def test_lag_ytd_and_rolling() -> None:
    months = {f"2026-{m:02d}": float(10**m) for m in range(1, 7)} | {"2025-12": 5.0}
    base = Measure(1, "base", "sum", "month")
    level = Measure(2, "stock", "last", "month", "level")

    def value(formula: str, label: str) -> float | None:
        book = Book(base, level, Measure(3, "out", formula=formula), base=months, stock=months)
        return book.cell("out", "month", label).value

    assert value("base - lag(base, 1)", "2026-03") == 900
    assert value("lag(base, 1)", "2026-01") == 5
    assert value("lag(base, 2)", "2026-01") is None
    assert value("ytd(base)", "2026-03") == 1110
    assert value("rolling(base, 3)", "2026-04") == 11100
    assert value("rolling(base, 3)", "2026-01") is None
    assert value("rolling(stock, 3)", "2026-04") == 10000
    assert value("lag(ytd(base), 1)", "2026-03") == 110
    assert value("lag(rolling(base, 2), 1)", "2026-03") == 110


def test_ytd_follows_the_fiscal_year() -> None:
    cal = Calendar(fiscal_month=11)
    base = Measure(1, "base", "sum", "month")
    out = Measure(2, "out", formula="ytd(base)")
    book = Book(base, out, base={"2025-10": 1, "2025-11": 10, "2025-12": 100, "2026-01": 1000})
    [cell] = series(out, book.measures, book.read, "month", [period("2026-01")], cal, FAR)
    assert cell.value == 1110


def test_coverage_of_a_formula_is_that_of_its_worst_input() -> None:
    a = Measure(1, "a", "mean", "day", "level")
    b = Measure(2, "b", "mean", "day", "level")
    c = Measure(3, "c", formula="a + b")
    days = {f"2026-11-{d}": 1.0 for d in range(16, 23)}
    book = Book(a, b, c, a=days, b={k: v for k, v in days.items() if k < "2026-11-20"})
    cell = book.cell("c", "week", "2026-W47")
    assert (cell.value, cell.present, cell.expected, state(cell, FAR)) == (2, 4, 7, "partial")
    assert cell.why == "b: 4 of 7 days have a value"


def test_a_diamond_costs_once_and_the_published_diamond_holds() -> None:
    m1, m2 = Measure(1, "m1", "sum", "week"), Measure(2, "m2", "sum", "week")
    d, b = Measure(3, "d", formula="m1 + m2"), Measure(4, "b", formula="d + m1")
    c, a = Measure(5, "c", formula="d + m2"), Measure(6, "a", formula="b + c")
    book = Book(m1, m2, d, b, c, a, m1={"2026-W47": 10}, m2={"2026-W47": 20})
    workings = Workings(book.measures, book.read, ISO, FAR)
    found = {m.slug: workings.series(m, "week", [period("2026-W47")])[0].value for m in (a, b, c, d)}
    assert found == {"d": 30, "b": 40, "c": 50, "a": 90}
    assert book.reads == {1: 1, 2: 1}


@pytest.mark.skipif(not WBR.exists(), reason="the reference figures are not here")
def test_the_diamond_above_is_the_reference_one() -> None:
    cases: list[dict[str, Any]] = json.loads(WBR.read_text())["unit_cases"]["cases"]
    [diamond] = [case for case in cases if case["fn"] == "dependency_diamond"]
    assert diamond["expected"] == {"D": 30, "B": 40, "C": 50, "A": 90}
    assert (diamond["M1"], diamond["M2"]) == (10, 20)


def test_cycles_are_named() -> None:
    a, b = Measure(1, "a", formula="b + 1"), Measure(2, "b", formula="c * 2")
    c = Measure(3, "c", "ratio", "week", "ratio", numerator=1, denominator=2)
    with pytest.raises(Problem, match="a → b → c → a"):
        Book(a, b, c).cell("a", "week", "2026-W47")
    with pytest.raises(Problem, match="a → a"):
        Book(a._replace(formula="lag(a, 1) + 1")).cell("a", "week", "2026-W47")
    with pytest.raises(Problem, match="p → p"):
        p = Measure(1, "p", "weighted_mean", "week", weight=1)
        Book(p, p={"2026-W47": 1}).cell("p", "week", "2026-W47")


def test_after_a_cycle_other_metrics_still_work() -> None:
    a, b = Measure(1, "a", formula="a + 1"), Measure(2, "b", "sum", "week")
    book = Book(a, b, b={"2026-W47": 4})
    workings = Workings(book.measures, book.read, ISO, FAR)
    with pytest.raises(Problem):
        workings.series(a, "week", [period("2026-W47")])
    assert workings.series(b, "week", [period("2026-W47")])[0].value == 4


def test_a_chain_too_long_is_refused_in_a_sentence() -> None:
    chain = [Measure(i, f"m{i}", formula=f"m{i + 1} + 1") for i in range(1, DEEPEST + 50)]
    with pytest.raises(Problem, match="in a row"):
        Book(*chain).cell("m1", "week", "2026-W47")
    end = Measure(DEEPEST, f"m{DEEPEST}", "sum", "week")
    assert (
        Book(*chain[: DEEPEST - 1], end, **{end.slug: {"2026-W47": 1.0}}).cell("m1", "week", "2026-W47").value
        == DEEPEST
    )


def test_inputs_of_different_cadence_meet_in_the_period_asked_for() -> None:
    spend = Measure(1, "spend", "sum", "month")
    leads = Measure(2, "leads", "sum", "day")
    cost = Measure(3, "cost_per_lead", formula="spend / leads")
    days = {f"2026-11-{d:02d}": 2.0 for d in range(1, 31)}
    book = Book(spend, leads, cost, spend={"2026-11": 600}, leads=days)
    assert book.cell("cost_per_lead", "month", "2026-11").value == 10
    week = book.cell("cost_per_lead", "week", "2026-W47")
    assert (week.value, state(week, FAR)) == (None, "n/a")
    assert week.why == "spend: it has one value a month, nothing for shorter periods"


def test_a_formula_metric_without_a_formula_says_so() -> None:
    cell = Book(Measure(1, "x", "formula")).cell("x", "week", "2026-W47")
    assert (cell.value, cell.why) == (None, "it has no formula")


def test_no_spans_no_cells() -> None:
    assert shop().cells("conversion", "week") == []


def test_points_are_asked_for_with_the_whole_units_at_the_edges() -> None:
    asked: list[tuple[int, int]] = []

    def read(metric_id: int, start: int, end: int) -> list[Point]:
        asked.append((start, end))
        return []

    spans = spans_between("month", period("2026-11").start, period("2026-12").end, ISO)
    series(ORDERS, {1: ORDERS}, read, "month", spans, ISO, FAR)
    assert asked == [(period("2026-W44").start, period("2026-W53").end)]


def test_what_others_are_made_of_is_not_forgotten_and_the_rest_is_worked_out_again() -> None:
    share = Measure(4, "share", formula="conversion * 100 + gone")
    book = Book(ORDERS, VISITS, CONVERSION, share, orders={"2026-W46": 1}, visits={"2026-W46": 4})
    workings = Workings(book.measures, book.read, ISO, FAR)
    spans = [period("2026-W46")]
    assert workings.parts == {1, 2, 3}
    before = workings.series(CONVERSION, "week", spans)
    for key in book.measures:
        workings.forget(key)
    assert workings.series(CONVERSION, "week", spans) == before and book.reads == {1: 1, 2: 1}
    alone = Workings({1: ORDERS}, book.read, ISO, FAR)
    for _ in range(2):
        assert alone.series(ORDERS, "week", spans)[0].value == 1
        alone.forget(1)
    assert book.reads[1] == 3
