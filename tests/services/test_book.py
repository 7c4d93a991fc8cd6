"""The book: points that share a day, goals of the year, definitions that cannot be worked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, Span, parse_label, span_of
from kpitui.domain.problem import Problem
from kpitui.services.book import Book, book_of
from kpitui.services.calendar import calendar_of
from kpitui.storage import definitions
from kpitui.storage import points as stored
from tests.services.acme import MODEL, POINTS, TODAY
from tests.workspace import build, join, record

WEEKLY = """
[[metric]]
slug = "visits"
name = "Visits"
cadence = "week"
"""


def span(label: str) -> Span:
    return parse_label(label, Calendar())[1]


def test_points_that_share_a_day_are_found_and_no_others(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "visits 2026-W44 1 2 3 4")
    book = Book(store, TODAY)
    metric = book.named("visits")
    assert metric is not None
    start, end = span("2026-W45").start + 2, span("2026-W46").start + 1
    assert [row[2] for row in book.points(metric.id, start, end)] == [2.0, 3.0]
    # Asked again for less, and then for more than was read.
    assert [row[2] for row in book.points(metric.id, start + 1, start + 2)] == [2.0]
    assert [row[2] for row in book.points(metric.id, span("2026-W44").start, end)] == [1.0, 2.0, 3.0]


def test_a_quarter_that_began_before_the_range_still_speaks_for_it(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY)
    book = Book(store, TODAY)
    metric = book.named("visits")
    assert metric is not None
    with store.write("record") as tx:
        for label, value in (("2026-Q3", 900.0), ("2026-W41", 70.0)):
            stored.save(tx, metric.id, "visits", *span(label), value=value, entered=str(value))
    book = Book(store, TODAY)
    september = span_of("day", span("2026-W38").start, Calendar())
    assert [row[2] for row in book.points(metric.id, september.start, TODAY + 1)] == [900.0, 70.0]
    assert [row[2] for row in book.points(metric.id, span("2026-W41").start, TODAY + 1)] == [70.0]


def test_what_is_looked_at_later_joins_what_was_read_before_without_a_seam(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "visits 2026-W40 5 6 7 8")
    metric = Book(store, TODAY).named("visits")
    assert metric is not None
    with store.write("record") as tx:
        for label in ("2026-Q3", "2026-10", "2026-W36", "2026-W39", "2026-10-01", "2026-10-08", "2027-W02"):
            stored.save(tx, metric.id, "visits", *span(label), value=9.0, entered="9")
    first, last = span("2026-W36").start - 9, span("2026-W43").end
    for early in range(first, last, 3):
        fresh = Book(store, TODAY).points(metric.id, early, TODAY + 1)
        for late in (*range(early + 1, last, 4), TODAY + 90):
            book = Book(store, TODAY)
            book.points(metric.id, late, TODAY + 1)
            assert book.points(metric.id, early, TODAY + 1) == fresh, (early, late)


def test_nothing_that_begins_after_the_day_exists(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "visits 2026-W44 1 2 3 4")
    book = Book(store, span("2026-W45").start)
    metric = book.named("visits")
    assert metric is not None
    cells = book.last_cells(metric.id, 2)
    assert [cell.value for cell in cells] == [1.0, 2.0]
    assert book.points(metric.id, 0, TODAY)[-1][2] == 2.0


def test_a_circle_of_formulas_is_an_unknown_value_that_says_why(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "visits 2026-W44 1 2")
    visits = definitions.find(store, definitions.Metric, slug="visits")
    assert visits is not None
    with store.write("test") as tx:
        # As a file may hold it: whatever sets up a metric refuses circles.
        definitions.change(tx, visits, formula="visits * 2")
    book = Book(store, TODAY)
    metric = book.named("visits")
    assert metric is not None
    cells = book.last_cells(metric.id, 3)
    assert all(cell.value is None and "circle" in cell.why for cell in cells)


def test_the_main_goal_is_the_one_whose_time_it_is(tmp_path: Path) -> None:
    goals = """
[[goal]]
slug = "g{year}"
title = "1M by {year}"
main = true
target = 1_000_000
start = {year}-01-01
deadline = {year}-12-31
"""
    store = build(tmp_path, "".join(goals.format(year=year) for year in (2025, 2026, 2027)))
    for day, slug in ((TODAY, "g2026"), (TODAY + 100, "g2027"), (TODAY + 5000, "g2027"), (TODAY - 400, "g2025")):
        goal = Book(store, day).main_goal
        assert goal is not None and goal.slug == slug


def test_a_scope_and_all_below_it(tmp_path: Path) -> None:
    book = Book(build(tmp_path, MODEL), TODAY)
    slugs = {scope.slug: scope.id for scope in book.scopes.values()}
    assert book.beneath(slugs["org"]) == set(slugs.values())
    assert book.beneath(slugs["sales"]) == {slugs["sales"]}


def test_the_book_is_used_again_until_somebody_saves(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    book = book_of(store, TODAY)
    assert book_of(store, TODAY) is book
    assert book_of(store, TODAY - 1) is not book
    mine = book_of(store, TODAY)
    with join(store, "bo") as other:
        record(other, "mrr 2026-W47 351000")
    theirs = book_of(store, TODAY)
    assert theirs is not mine
    record(store, "trial 2026-W47 0.03")
    assert book_of(store, TODAY) is not theirs


def test_settings_that_cannot_be_read_are_told() -> None:
    with pytest.raises(Problem, match="Settings"):
        calendar_of({"week_start": "someday"})
