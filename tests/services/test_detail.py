"""One item in full: values with who and when, comparisons, targets, corrections, notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, parse_label, to_day
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound
from kpitui.services import detail
from kpitui.services.annotate import annotate
from kpitui.services.entry import record_value
from kpitui.services.revisions import revisions
from kpitui.storage.store import Store
from tests.workspace import build, join

TODAY = to_day(date(2026, 11, 20))
MODEL = """
[[scope]]
slug = "sales"
kind = "team"
name = "Sales"

[[goal]]
slug = "arr_2026"
title = "5m ARR"
scope = "org"
main = true
metric = "arr"
baseline = 3_200_000
target = 5_000_000
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"

[[metric]]
slug = "arr"
name = "ARR"
unit = "currency"
kind = "level"
cadence = "month"

[[metric]]
slug = "visits"
cadence = "day"

[[metric]]
slug = "orders"
cadence = "day"

[[metric]]
slug = "conversion"
unit = "percent"
kind = "ratio"
cadence = "day"
numerator = "orders"
denominator = "visits"
feeds = ["arr"]

[[metric]]
slug = "demos"
name = "Demos booked"
cadence = "week"
owner = "bo"
feeds = ["arr"]

[[kpi]]
metric = "demos"
goal = "arr_2026"
scope = "org"
target_kind = "at_least"
target = 32
start = 2026-01-01
deadline = 2026-12-31
owner = "bo"

[[kpi]]
metric = "demos"
goal = "arr_2026"
scope = "sales"
target_kind = "at_least"
target = 20
start = 2026-01-01
deadline = 2026-12-31
owner = "bo"

[[target]]
kpi = "demos@org"
from = 2026-11-09
value = 30
why = "two people left"
"""
POINTS = """
demos 2026-W40 31 33 30 29 28 27 25
visits 2026-11-09 100 100 100 100 100 100 100
orders 2026-11-09 1 2 3 4 5 6 7
arr 2026-09 4100000 4200000
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def span(label: str) -> detail.Span:
    return parse_label(label, Calendar())[1]


def test_values_say_who_when_and_which_target_was_in_force(store: Store) -> None:
    with join(store, "bo") as bo:
        record_value(bo, "demos", span("2026-W46"), "26 ; no-shows", today=TODAY)
    found = detail.detail(store, TODAY, "demos")
    by_label = {value.label: value for value in found.values}
    assert by_label["W46"].who == "bo" and by_label["W46"].rev == 2 and by_label["W46"].note == "no-shows"
    assert by_label["W46"].change == -1
    assert (by_label["W45"].target, by_label["W46"].target) == (32, 30)
    assert found.goal is not None and found.goal.slug == "arr_2026"
    assert [one.slug for one in found.feeds] == ["arr"]


def test_a_kpi_of_a_scope_is_named_with_it(store: Store) -> None:
    assert detail.detail(store, TODAY, "demos").row.scope == "org"
    assert detail.detail(store, TODAY, "demos@sales").row.target == 20
    with pytest.raises(NotFound, match="org, sales"):
        detail.detail(store, TODAY, "demos@finance")


def test_an_unknown_name_offers_those_near(store: Store) -> None:
    with pytest.raises(NotFound, match="demos"):
        detail.detail(store, TODAY, "demo")


def test_a_ratio_is_worked_out_at_the_grain_asked_for(store: Store) -> None:
    week = {value.label: value for value in detail.detail(store, TODAY, "conversion", grain="week").values}["W46"]
    assert week.cell.value == pytest.approx(28 / 700)
    assert week.who == ""


def test_corrections_are_listed_newest_first_with_their_reason(store: Store) -> None:
    record_value(store, "demos", span("2026-W45"), "72", today=TODAY)
    record_value(store, "demos", span("2026-W45"), "28", today=TODAY, why="typo")
    found = detail.detail(store, TODAY, "demos").corrections
    assert [(one.label, one.old, one.new, one.why) for one in found] == [
        ("W45", 72, 28, "typo"),
        ("W45", 27, 72, ""),
    ]


def test_a_goal_lists_its_kpis(store: Store) -> None:
    assert detail.is_goal(store, "arr_2026") and not detail.is_goal(store, "arr")
    found = detail.goal_detail(store, TODAY, "arr_2026")
    assert [row.slug for row in found.kpis] == ["demos", "demos"]
    assert found.view.value == 4_200_000


def test_notes_are_dated_and_never_of_the_future(store: Store) -> None:
    annotate(store, "demos", "SDR left", today=TODAY, day=TODAY - 30)
    annotate(store, "arr_2026", "board met", today=TODAY)
    assert [note.text for note in detail.detail(store, TODAY, "demos").notes] == ["SDR left"]
    assert [note.text for note in detail.detail(store, TODAY, "arr").notes] == ["board met"]
    assert not detail.detail(store, TODAY - 31, "demos").notes
    with pytest.raises(Problem, match="future"):
        annotate(store, "demos", "x", today=TODAY, day=TODAY + 1)
    with pytest.raises(Problem, match="empty"):
        annotate(store, "demos", "  \x1b ", today=TODAY)


def test_revisions_of_one_period_or_of_all(store: Store) -> None:
    record_value(store, "demos", span("2026-W45"), "28", today=TODAY)
    one = revisions(store, "demos", TODAY, "2026-W45").rows
    assert [(row.period, row.row.value, row.row.current) for row in one] == [
        ("2026-W45", 27, False),
        ("2026-W45", 28, True),
    ]
    assert len(revisions(store, "demos", TODAY).rows) == 8


def test_show_json_keeps_its_promises(
    store: Store, kpitui: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    code, out, _ = kpitui("--db", store.path, "show", "demos", "--json", "--last", "4")
    found = json.loads(out)
    assert code == 0
    assert [cell["value"] for cell in found["series"]] == [28, 27, 25, None]
    assert [target["value"] for target in found["targets"]] == [32, 30]
    assert found["status"] == "off_track" and found["target"] == 30 and found["value"] == 25
    assert set(found["compare"]) == {"previous", "wow", "yoy", "mtd", "qtd", "ytd"}
    for one in found["compare"].values():
        assert {"value", "prior", "change", "bps", "coverage"} <= set(one)
    assert found["compare"]["wow"]["change"] == pytest.approx(25 / 27 - 1)
    assert found["compare"]["yoy"]["prior"] is None and found["compare"]["yoy"]["why"]
    code, out, _ = kpitui("--db", store.path, "show", "conversion", "--json", "--grain", "week")
    assert json.loads(out)["compare"]["wow"]["bps"] is None
    code, out, _ = kpitui("--db", store.path, "show", "arr_2026", "--json")
    assert [kpi["slug"] for kpi in json.loads(out)["kpis"]] == ["demos", "demos"]


def test_history_json_keeps_its_promises(
    store: Store, kpitui: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    code, out, _ = kpitui("--db", store.path, "history", "demos", "--json")
    assert code == 0
    assert set(json.loads(out)[0]) >= {"period", "value", "entered", "note", "rev", "who", "at", "why", "current"}


def test_a_series_that_ended_long_ago_shows_its_last_periods(store: Store) -> None:
    later = to_day(date(2029, 3, 1))
    found = detail.detail(store, later, "demos", last=4)
    assert [(value.full, value.cell.value) for value in found.values] == [
        ("2026-W43", 29),
        ("2026-W44", 28),
        ("2026-W45", 27),
        ("2026-W46", 25),
    ]
    assert found.compare["previous"].change.absolute == -2
