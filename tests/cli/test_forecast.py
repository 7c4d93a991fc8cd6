"""`kpitui forecast`: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.test_outlooks import MODEL, POINTS
from tests.workspace import build

Run = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = build(tmp_path, MODEL, POINTS)
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return store


def test_json_has_the_promised_keys(store: Store, kpitui: Run) -> None:
    found = json.loads(kpitui("forecast", "leads", "--json").out)
    assert found["method"] == "simple smoothing" and found["values"] == 11 and found["why"] is None
    # To the deadline on 27 December: six weeks after the last whole one, W46.
    assert next(one["start"] for one in found["points"]) == "2026-11-16"
    assert found["points"][-1]["end"] == "2026-12-28" and len(found["points"]) == 6
    for one in found["points"]:
        assert one["low95"] < one["low80"] < one["mean"] < one["high80"] < one["high95"]
    assert [one["label"] for one in found["points"]] == [f"2026-W{week}" for week in range(47, 53)]
    assert found["last"] == {"label": "2026-W46", "start": "2026-11-09", "end": "2026-11-16", "partial": False}
    assert 0.7 < found["chance"] <= 1 and found["status"] == "on_track"
    status = json.loads(kpitui("status", "--json").out)
    assert [kpi["chance"] for kpi in status["kpis"] if kpi["slug"] == "leads"] == [found["chance"]]


def test_a_kpi_without_a_chance_says_why(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2027-02-20")
    found = json.loads(kpitui("forecast", "leads", "--json").out)
    assert found["chance"] is None and found["points"]
    assert found["status"] == "stale" and found["why"].startswith("The last value is for the week to 15 Nov")


def test_a_metric_without_a_role_has_no_chance(store: Store, kpitui: Run) -> None:
    found = json.loads(kpitui("forecast", "visits", "--json", "--horizon", "3").out)
    assert "chance" not in found and len(found["points"]) == 3


def test_too_few_values_are_said(store: Store, kpitui: Run) -> None:
    found = json.loads(kpitui("forecast", "leads", "--grain", "month", "--json").out)
    assert found["method"] == "none" and found["points"] == []
    assert found["why"].startswith("Too few values: a forecast by the month needs 6 whole months, there")
    told = kpitui("forecast", "leads", "--grain", "month")
    assert told.code == 0 and "Too few values" in told.out


def test_for_people(store: Store, kpitui: Run) -> None:
    lines = kpitui("forecast", "price", "--horizon", "2").out.splitlines()
    assert lines[0].startswith("Price   Oct: $108")
    assert "; chance " in lines[1]
    assert [line.split()[0] for line in lines[-3:]] == ["period", "Nov", "Dec"]


def test_what_is_wrong_is_said(store: Store, kpitui: Run) -> None:
    ran = kpitui("forecast", "lead")
    assert (ran.code, ran.out) == (1, "") and "did you mean leads" in ran.err
    assert kpitui("forecast", "leads", "--horizon", "0").code == 2
    assert kpitui("forecast", "leads", "--as-of", "2027-01-01").code == 1


def test_status_and_show_say_the_chance(store: Store, kpitui: Run) -> None:
    header = kpitui("status").out
    assert "chance" in header
    assert "chance" in kpitui("show", "leads").out
