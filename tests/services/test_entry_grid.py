"""The grid of values and the queue of what is due, as the screens get them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, parse_label, to_day
from kpitui.errors import NotFound
from kpitui.services import due_queue, entry, entry_grid, metric_texts
from kpitui.services.book import Book
from kpitui.storage import reading
from kpitui.storage.store import Store
from tests.tui.values import MODEL, POINTS
from tests.workspace import build

TODAY = to_day(date(2026, 11, 20))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def line(grid: entry_grid.Grid, slug: str) -> entry_grid.GridLine:
    return next(one for one in grid.lines if one.slug == slug)


def test_the_order_is_that_of_the_tree(store: Store) -> None:
    book = Book(store, TODAY)
    assert [(book.metrics[key].slug, depth) for key, depth in entry_grid.tree_order(book)] == [
        ("mrr", 0),
        ("cac", 1),
        ("visits", 0),
        ("reply", 0),
        ("runway", 0),
        ("twice", 0),
    ]


def test_metrics_that_feed_each_other_stand_once(tmp_path: Path) -> None:
    model = MODEL.replace(
        'owner = "dee"\n\n[[metric]]\nslug = "reply"', 'owner = "dee"\nfeeds = ["cac"]\n\n[[metric]]\nslug = "reply"'
    )
    book = Book(build(tmp_path, model), TODAY)
    order = entry_grid.tree_order(book)
    assert len(order) == len(book.metrics) == len({key for key, _ in order})
    assert [(book.metrics[key].slug, depth) for key, depth in order[:3]] == [("mrr", 0), ("cac", 1), ("visits", 2)]


def test_a_longer_cadence_is_asked_for_where_its_period_closes(store: Store) -> None:
    grid = entry_grid.grid(store, TODAY, "week", 0, 6)
    cells = line(grid, "runway").cells
    assert [cell.label for cell in cells if cell.period] == ["Oct"]
    assert [cell.due for cell in cells if cell.period] == [True]
    # 31 October lies in W44.
    assert [column.label for column, cell in zip(grid.columns, cells, strict=True) if cell.period] == ["W44"]


def test_a_finer_cadence_has_no_row(store: Store) -> None:
    assert [one.slug for one in entry_grid.grid(store, TODAY, "month", 0, 6).lines] == ["runway"]


def test_what_is_derived_is_worked_out_and_said(store: Store) -> None:
    twice = line(entry_grid.grid(store, TODAY, "week", 0, 6), "twice")
    assert twice.derived == "visits * 2"
    assert [cell.value for cell in twice.cells] == [104, 108, 106, 110, 104, None]


def test_counts_and_cadences(store: Store) -> None:
    grid = entry_grid.grid(store, TODAY)
    assert (grid.cadence, grid.cadences, grid.to_fill, grid.to_check) == ("week", ("week", "month"), 5, 0)
    mine = entry_grid.grid(store, TODAY, "week", mine="bo")
    assert ([one.slug for one in mine.lines], mine.to_fill) == (["cac"], 1)


def test_corrected_notes_and_odd_are_told_apart(store: Store) -> None:
    def put(slug: str, week: str, text: str) -> None:
        entry.record_value(store, slug, parse_label(f"2026-{week}", Calendar())[1], text, today=TODAY)

    put("cac", "W45", "405")
    put("cac", "W46", "398 ; same value, now explained")
    put("visits", "W46", "520")
    grid = entry_grid.grid(store, TODAY, "week", 0, 3)
    cac, visits = line(grid, "cac").cells, line(grid, "visits").cells
    assert [(cell.corrected, bool(cell.note)) for cell in cac] == [(True, False), (False, True), (False, False)]
    assert (visits[1].odd, grid.to_check) == (True, 1)


def test_nothing_counts_from_a_value_that_waits_to_be_checked(store: Store) -> None:
    week = parse_label("2026-W46", Calendar())[1]
    entry.record_value(store, "visits", week, "520", today=TODAY)
    grid = entry_grid.grid(store, TODAY, "week", 0, 3)
    newest = line(grid, "visits").cells[-1]
    assert newest.period is not None
    asked = line(grid, "visits").asked(newest.period, newest.label)
    assert asked.last == 55 and asked.before[-1] is None
    again = entry.record_value(store, "visits", newest.period, "+=1", today=TODAY)
    assert again.value == 56


def test_lines_are_read_anew_after_a_save(store: Store) -> None:
    grid = entry_grid.grid(store, TODAY, "week", 0, 3)
    entry.record_value(store, "cac", parse_label("2026-W47", Calendar())[1], "412", today=TODAY)
    (fresh,) = entry_grid.lines(store, TODAY, "week", grid.columns, [line(grid, "cac")])
    assert (fresh.cells[-1].value, fresh.cells[-1].due, fresh.depth) == (412, False, 1)


def test_where_a_metric_stands(store: Store) -> None:
    runway = reading.metric(store, "runway")
    assert runway
    assert entry_grid.place_of(store, TODAY, runway.id) == ("month", 0)
    august = parse_label("2026-08", Calendar())[1]
    assert entry_grid.place_of(store, TODAY, runway.id, august) == ("month", 3)
    assert entry_grid.place_of(store, TODAY, 999) == ("", 0)


def test_the_queue_keeps_the_place_of_what_is_answered(store: Store) -> None:
    before = due_queue.queue(store, TODAY, "ana")
    assert (before.left, before.mine) == (5, 2)
    keep = [(one.owed.metric_id, one.owed.period) for one in before.lines]
    entry.record_value(store, "mrr", parse_label("2026-W47", Calendar())[1], "359", today=TODAY)
    after = due_queue.queue(store, TODAY, "ana", keep=keep)
    assert [one.owed.slug for one in after.lines] == [one.owed.slug for one in before.lines]
    assert [one.done for one in after.lines] == [False, True, False, False, False]
    assert (after.left, after.lines[1].cell.value) == (4, 359)


def test_the_queue_of_one_person_and_of_what_is_late(store: Store) -> None:
    assert [one.owed.slug for one in due_queue.queue(store, TODAY, "ana", only_mine=True).lines] == ["runway", "mrr"]
    assert [one.owed.slug for one in due_queue.queue(store, TODAY, "ana", late_only=True).lines] == ["runway"]


def test_what_else_waits(store: Store) -> None:
    found = due_queue.queue(store, TODAY, "ana")
    assert found.unexplained == ("MRR",)
    entry.record_value(store, "visits", parse_label("2026-W47", Calendar())[1], "530", today=TODAY)
    entry.record_value(store, "mrr", parse_label("2026-W46", Calendar())[1], "356 ; big customer left", today=TODAY)
    found = due_queue.queue(store, TODAY, "ana")
    assert [(one.name, one.period_label, one.value) for one in found.to_check] == [("Site visits", "W47", "530")]
    assert found.unexplained == ()


def test_the_texts_of_a_metric(store: Store) -> None:
    cac = reading.metric(store, "cac")
    assert cac
    texts = metric_texts.about(store, cac.id)
    assert (texts.updater, texts.feeds, texts.notes) == ("bo", "MRR", ())
    with pytest.raises(NotFound):
        metric_texts.about(store, 999)
