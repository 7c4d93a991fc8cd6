"""What is owed, in the words of a small team on Friday 20 Nov 2026, the day of its weekly review."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import Span, to_day
from kpitui.errors import NotFound
from kpitui.services import due, due_queue, putting_away
from kpitui.services.book import Book
from kpitui.storage.store import Store
from tests.workspace import build, record


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def book(store: Store, today: str = "2026-11-20") -> Book:
    return Book(store, day(today))


def asked(store: Store, today: str = "2026-11-20") -> list[tuple[str, str, int]]:
    return [(item.slug, item.label, item.late_days) for item in due.owed(book(store, today))]


WEEKLY = """
[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"
owner = "bo"
good_high = 400
"""


def test_a_week_is_asked_for_on_the_review_day(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-W40 395 404 398 402 409 412 410")
    assert asked(store, "2026-11-19") == []
    assert asked(store, "2026-11-20") == [("cac", "2026-W47", 0)]
    assert asked(store, "2026-11-21") == [("cac", "2026-W47", 1)]


def test_grace_keeps_a_value_from_being_late(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY + "grace_days = 2\n", "cac 2026-W46 395")
    assert asked(store, "2026-11-22") == [("cac", "2026-W47", 0)]
    assert asked(store, "2026-11-23") == [("cac", "2026-W47", 3)]


def test_only_gaps_after_the_first_value_are_asked_for(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-W43 395 - 398 -\ncac 2026-W47 409")
    assert asked(store) == [("cac", "2026-W44", 21), ("cac", "2026-W46", 7)]


def test_nothing_older_than_eight_periods_is_asked_for(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-W20 395\ncac 2026-W47 400")
    assert [label for _, label, _ in asked(store)] == [f"2026-W{week}" for week in range(40, 47)]


def test_a_series_that_stopped_long_ago_is_asked_for_once(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2019-W10 395 400")
    (item,) = due.owed(book(store))
    assert (item.label, item.late_days, item.stopped) == ("2026-W47", 0, day("2019-03-17"))
    putting_away.archive_metric(store, item.metric_id, day("2026-11-20"))
    assert due.owed(book(store)) == []
    with pytest.raises(NotFound):
        putting_away.archive_metric(store, item.metric_id, day("2026-11-20"))


def test_a_metric_without_a_value_is_asked_for_the_present_only(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY)
    # It was made on the 20th: nobody is late with it for longer than it is there.
    assert asked(store) == [("cac", "2026-W46", 0), ("cac", "2026-W47", 0)]
    assert asked(store, "2026-11-18") == [("cac", "2026-W46", 0)]
    assert asked(store, "2026-11-23") == [("cac", "2026-W47", 3)]


def test_the_first_value_of_a_new_metric_was_not_late_once_it_is_there(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY)
    keep = [(item.metric_id, item.period) for item in due.owed(book(store))]
    record(store, "cac 2026-W46 400")
    shown = due_queue.queue(store, day("2026-11-20"), "ana", keep=keep).lines
    assert [(one.owed.label, one.done, one.owed.late_days) for one in shown] == [
        ("2026-W46", True, 0), ("2026-W47", False, 0)
    ]  # fmt: skip


def test_none_on_purpose_is_an_answer(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-W45 395 x x")
    assert asked(store) == []


def test_a_month_is_asked_for_on_its_last_day(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY.replace('"week"', '"month"'), "cac 2026-09 395 400")
    assert asked(store, "2026-11-29") == []
    assert asked(store, "2026-11-30") == [("cac", "2026-11", 0)]


def test_a_derived_metric_is_never_asked_for(tmp_path: Path) -> None:
    model = WEEKLY + '\n[[metric]]\nslug = "twice"\nkind = "flow"\nformula = "cac * 2"\n'
    assert {slug for slug, _, _ in asked(build(tmp_path, model))} == {"cac"}


def test_values_at_another_grain_answer_for_most_of_a_period(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-10 395\ncac 2026-W46 400 401")
    # W44 has six of its days in October; W45 lies in November.
    assert asked(store) == [("cac", "2026-W45", 14)]


def test_an_answer_for_a_year_begun_long_ago_covers_its_weeks(tmp_path: Path) -> None:
    assert asked(build(tmp_path, WEEKLY, "cac 2026 395")) == []


def test_late_first_then_by_the_order_of_the_metrics(tmp_path: Path) -> None:
    model = WEEKLY + '\n[[metric]]\nslug = "nps"\nname = "NPS"\nkind = "level"\ncadence = "quarter"\n'
    store = build(tmp_path, model, "nps 2026-Q2 41\ncac 2026-W46 400")
    assert asked(store) == [("nps", "2026-Q3", 51), ("cac", "2026-W47", 0)]


def test_what_stands_beside_a_value(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-W38 395 401 398 402 409 400 396 402 398")
    (item,) = due.owed(book(store))
    assert (item.name, item.period_label, item.owner, item.updater) == ("CAC", "W47", "bo", "bo")
    assert item.last == 398
    assert item.usual is not None and item.usual[0] < 398 < item.usual[1]
    assert item.aim is not None and (item.aim.kind, item.aim.high) == ("at_most", 400)
    assert item.period == Span(day("2026-11-16"), day("2026-11-23"))


def test_the_last_value_is_found_however_old(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2025-W10 395")
    assert {item.last for item in due.owed(book(store))} == {395.0}


def test_counting_reads_no_values(tmp_path: Path) -> None:
    store = build(tmp_path, WEEKLY, "cac 2026-W40 395")
    light = due.owed(book(store), detail=False)
    assert len(light) == len(due.owed(book(store))) == 7
    assert light[0].last is None


def test_coming_up_skips_what_is_in_already(tmp_path: Path) -> None:
    model = WEEKLY + '\n[[metric]]\nslug = "nps"\nname = "NPS"\nkind = "level"\ncadence = "quarter"\n'
    store = build(tmp_path, model, "cac 2026-W47 400")
    assert [(item.period_label, item.day, item.names) for item in due.coming(book(store))] == [
        ("W48", day("2026-11-27"), ("CAC",)),
        ("Q4", day("2026-12-31"), ("NPS",)),
    ]


def test_weeks_that_start_on_sunday_are_asked_for_on_the_same_weekday(tmp_path: Path) -> None:
    store = build(tmp_path, '[workspace]\nweek_start = "sunday"\n' + WEEKLY, "")
    asked_on = {item.due for item in due.owed(book(store))}
    assert asked_on == {day("2026-11-13"), day("2026-11-20")}
