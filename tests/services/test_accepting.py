"""Values marked `?` are shown, carry no verdict, and are accepted one at a time or together."""

from __future__ import annotations

from pathlib import Path

from kpitui.domain.periods import Calendar, parse_label
from kpitui.services import accepting, due_queue, entry, history, overview
from kpitui.services.book import Book
from kpitui.storage.store import Store
from tests.services.test_judging import rows_of
from tests.workspace import build, join

TODAY = parse_label("2026-11-20", Calendar())[1].start
MODEL = """
[[metric]]
slug = "calls"
name = "Calls"
kind = "flow"
cadence = "week"
good_low = 50.0

[[metric]]
slug = "deals"
name = "Deals"
kind = "flow"
cadence = "week"

[[metric]]
slug = "rate"
name = "Close rate"
unit = "percent"
kind = "ratio"
cadence = "week"
numerator = "deals"
denominator = "calls"
good_low = 0.1
"""
POINTS = "\n".join(f"calls 2026-W{week} 60\ndeals 2026-W{week} 12" for week in range(36, 47))


def week(number: int):  # type: ignore[no-untyped-def]
    return parse_label(f"2026-W{number}", Calendar())[1]


def row(store: Store, slug: str):  # type: ignore[no-untyped-def]
    book = Book(store, TODAY)
    metric = book.named(slug)
    assert metric is not None
    return rows_of(book)[f"metric:{metric.id}"]


def test_a_doubtful_value_is_shown_and_judged_only_once_accepted(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    assert entry.record_value(store, "calls", week(47), "6", today=TODAY).odd
    calls = row(store, "calls")
    assert (calls.status, calls.value, calls.period_label, calls.to_check) == ("on_track", 60.0, "W46", 1)
    assert calls.series[-1].value == 6.0
    assert calls.why.endswith("1 to check (W47 = 6?)")
    rate = row(store, "rate")
    assert (rate.period_label, rate.to_check) == ("W46", 1) and "Calls W47 = 6?" in rate.why
    entry.accept_odd(store, "calls", week(47), today=TODAY)
    calls = row(store, "calls")
    assert (calls.status, calls.value, calls.to_check) == ("off_track", 6.0, 0)


def test_without_a_checked_value_the_row_says_so(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "calls 2026-W45 60? 62?")
    calls = row(store, "calls")
    assert (calls.status, calls.value) == ("no_data", None)
    assert calls.why == "Checked value missing: 2 to check (W46 = 62?)"


def test_all_are_accepted_as_one_change_with_one_undo(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    for slug in ("calls", "deals"):
        entry.record_value(store, slug, week(47), "1", today=TODAY)
    assert overview.home(store, TODAY).to_check == 2
    found = accepting.waiting(store, TODAY)
    assert [one.said for one in found] == ["Calls W47 = 1", "Deals W47 = 1"]
    queued = [line for line in due_queue.queue(store, TODAY, "ana").lines if line.cell.odd]
    assert [(line.owed.slug, line.done) for line in queued] == [("calls", False), ("deals", False)]
    said = accepting.accept(store, found, today=TODAY)
    assert said == "Accepted 2 values: Calls W47 = 1, Deals W47 = 1"
    assert overview.home(store, TODAY).to_check == 0
    history.undo(store, today=TODAY)
    assert overview.home(store, TODAY).to_check == 2
    assert accepting.accept(store, [], today=TODAY) == "There is nothing to check: no value is marked ?."


def test_a_value_of_another_grain_can_be_accepted(tmp_path: Path) -> None:
    """Imported daily below a weekly metric."""
    store = build(tmp_path, MODEL, f"{POINTS}\ncalls 2026-11-16 900?")
    (found,) = accepting.waiting(store, TODAY)
    accepting.accept(store, [found], today=TODAY)
    assert accepting.waiting(store, TODAY) == ()


def test_what_was_changed_while_the_question_stood_is_not_accepted_unseen(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    for slug in ("calls", "deals"):
        entry.record_value(store, slug, week(47), "1", today=TODAY)
    calls, deals = accepting.waiting(store, TODAY)
    with join(store, "bo") as bo:
        entry.record_value(bo, "calls", week(47), "2", today=TODAY)
        said = accepting.accept(store, [calls, deals], today=TODAY)
        assert said == "Accepted Deals W47 = 1; 1 value changed meanwhile"
        assert [one.said for one in accepting.waiting(bo, TODAY)] == ["Calls W47 = 2"]
    assert accepting.accept(store, [calls, deals], today=TODAY) == accepting.CHANGED
