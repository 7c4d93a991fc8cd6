"""The report of a period: what it is of, what moved, what people said, and what is missing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.model import Metric
from kpitui.domain.periods import parse_label, to_day
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound
from kpitui.services import actions, annotate, closing, entry, overview, review, review_lines, signing
from kpitui.services.as_known import as_known
from kpitui.services.calendar import calendar_of
from kpitui.services.report import report
from kpitui.storage import definitions
from kpitui.storage.head import head
from kpitui.storage.store import Store
from tests.services.acme import MODEL, POINTS, TODAY
from tests.workspace import build, clock, record

MONDAY = TODAY + 3


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return build(tmp_path_factory.mktemp("report"), MODEL, POINTS.replace("389 392 391", "389 420 391"))


def test_without_a_period_it_is_the_last_whole_week(store: Store) -> None:
    assert report(store, TODAY, today=TODAY).label == "2026-W46"
    assert report(store, MONDAY, today=MONDAY).label == "2026-W47"
    # A past Sunday is over; today's is not.
    assert report(store, MONDAY - 1, today=MONDAY).label == "2026-W47"
    assert report(store, MONDAY - 1, today=MONDAY - 1).label == "2026-W46"


def test_the_figures_are_those_of_the_last_day_of_the_period(store: Store) -> None:
    found = report(store, TODAY, "w45", today=TODAY)
    card = overview.scorecard(store, found.as_of)
    assert found.as_of == found.period.end - 1 == to_day(date(2026, 11, 8)) and not found.partial
    assert {one.row for one in found.lines} == {*card.kpis, *card.metrics}
    assert found.goal is not None and found.goal.view == card.goal
    assert found.goal.was == overview.scorecard(store, found.before.end - 1).goal
    running = report(store, TODAY, "this week", today=TODAY)
    assert running.partial and running.as_of == TODAY and running.label == "2026-W47"


def test_the_period_itself_is_counted_and_held_against_the_one_before(store: Store) -> None:
    found = {one.row.slug: one for one in report(store, MONDAY, today=MONDAY).lines}
    calls = found["calls"]  # by day; W47 has values up to Thursday
    assert calls.figure is not None and (calls.figure.value, calls.figure.partial) == (None, 52.0)
    assert (calls.figure.present, calls.figure.expected) == (4, 7)
    assert calls.change is not None and calls.change.fraction is None
    demos = found["demos"]
    assert demos.figure is not None and demos.figure.value == 26
    assert demos.change is not None and demos.change.absolute == -1
    assert found["arr"].figure is None  # it has one value a month, none a week
    month = {one.row.slug: one for one in report(store, TODAY, "oct", today=TODAY).lines}
    arr = month["arr"].figure
    assert arr is not None and arr.value == 4_310_000


def test_what_moved_is_told_once_and_by_its_kind(store: Store) -> None:
    found = report(store, MONDAY, today=MONDAY)
    moves = {one.row.slug: (one.was, one.move) for one in found.lines if one.move}
    assert moves["cac"] == ("on_track", "worse")
    assert moves["demos"][1] == "still" and moves["mrr"][1] == "still"
    before = {one.row.slug: (one.was, one.move) for one in report(store, TODAY, "w44", today=TODAY).lines}
    assert before["cac"] == ("at_risk", "better") and before["csat"] == ("on_track", "")


def test_a_scope_is_what_it_is_in_the_scorecard(store: Store) -> None:
    found = report(store, MONDAY, scope="sales", today=MONDAY)
    assert [group.scope for group in found.groups] == ["sales"] and found.metrics == ()
    assert {item.slug for item in found.missing} == {"calls"}
    assert found.goal is not None and found.goals == ()
    assert [group.scope for group in report(store, MONDAY, today=MONDAY).groups] == ["org", "sales"]
    with pytest.raises(NotFound, match="org, sales"):
        report(store, MONDAY, scope="nowhere", today=MONDAY)


@pytest.mark.parametrize(("period", "said"), [("2027-W02", "not begun"), ("soon", "Not a period")])
def test_what_is_no_period_yet_is_refused(store: Store, period: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        report(store, TODAY, period, today=TODAY)


def test_what_is_missing_is_as_of_the_day_looked_at(store: Store) -> None:
    friday = {item.slug for item in report(store, TODAY, today=TODAY).missing}
    assert friday == set()  # W46 is complete, W47 is not asked of it
    monday = {item.slug: item.late_days for item in report(store, MONDAY, today=MONDAY).missing}
    assert monday["mrr"] == 3 and "demos" not in monday


def test_a_signal_that_stood_before_is_no_news_and_none_rests_on_a_value_to_check(tmp_path: Path) -> None:
    points = "demos 2026-W20 " + "30 32 31 33 30 32 31 33 30 32 31 33 30 32 31 33 30 32 31 33 30 32 31 33 " * 1
    with build(tmp_path, MODEL, points + "60 61") as store:
        week = {label: report(store, MONDAY, label, today=MONDAY) for label in ("w44", "w45")}
        first, again = (next(one for one in week[name].lines if one.row.slug == "demos") for name in ("w44", "w45"))
        assert first.signal is not None and first.move == "signal"
        assert again.row.signal is not None and again.signal is None and again.move == ""
        record(store, "demos 2026-W46 90?")
        doubted = report(store, MONDAY, "w46", today=MONDAY)
        assert next(one for one in doubted.lines if one.row.slug == "demos").signal is None
        assert [(one.slug, one.label, one.number) for one in doubted.doubts] == [("demos", "2026-W46", 90.0)]


def test_notes_reviews_and_restatements_of_the_period(tmp_path: Path) -> None:
    with build(tmp_path, MODEL, POINTS) as store:
        annotate.annotate(store, "mrr", "Price test", today=TODAY)
        annotate.annotate(store, "calls", "Fair", today=TODAY, day=TODAY - 7)
        held = review.start(store, "weekly", TODAY)
        review_lines.write(store, held.id, "decision", "Go on", TODAY)
        review_lines.write(store, held.id, "action", "Call them @bo fri", TODAY)
        signing.sign(store, held.id, 8, TODAY)
        actions.add(store, "Old thing @cy tomorrow", TODAY)
        closing.close(store, "oct", "books", TODAY)
        _, span = parse_label("2026-W41", calendar_of({}))
        entry.record_value(store, "mrr", span, "333000", today=TODAY, why="late invoice")
        found = report(store, MONDAY, today=MONDAY)
        assert [(note.slug, note.text) for note in found.notes] == [("mrr", "Price test")]
        (seen,) = found.reviews
        assert seen.title == "Weekly review W47" and [one.text for one in seen.decisions] == ["Go on"]
        assert [(task.owner, task.state) for task in seen.tasks] == [("bo", "open")]
        assert (found.open_before, found.late_before) == (1, 1)
        (again,) = found.restated
        assert (again.slug, again.was, again.now, again.why) == ("mrr", 332_000, 333_000, "late invoice")
        assert report(store, MONDAY, "oct", today=MONDAY).restated == found.restated
        before = report(store, MONDAY, "w46", today=MONDAY)
        assert [note.text for note in before.notes] == ["Fair"] and before.restated == before.reviews == ()
        newest = head(store)
        assert newest is not None and found.head == (newest[0], newest[1].hex())


def test_what_was_known_then_is_told_with_the_head_of_then(tmp_path: Path) -> None:
    with build(tmp_path, MODEL, POINTS, today="2026-11-16") as store:
        known = TODAY - 2
        first = head(store)
        store.now = clock("2026-11-20")
        record(store, "cac 2026-W46 390")
        with store.write("metric") as tx:
            metric = definitions.find(store, Metric, slug="cac")
            assert metric is not None
            definitions.change(tx, metric, name="Cost")
        with as_known(store, known) as past:
            then = report(past, known, today=TODAY, known=known)
        now = report(store, known, today=TODAY)
        names = [next(one.row for one in found.lines if one.row.slug == "cac") for found in (then, now)]
        assert [(row.name, row.value) for row in names] == [("CAC", 399), ("Cost", 390)]
        assert first is not None and then.head == (first[0], first[1].hex()) != now.head


def test_an_empty_workspace_has_a_report_too(tmp_path: Path) -> None:
    with build(tmp_path) as store:
        found = report(store, TODAY, today=TODAY)
        assert found.empty and found.goal is None and found.missing == ()
