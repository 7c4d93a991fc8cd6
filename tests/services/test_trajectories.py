"""A KPI's course: from the model file to what is due, and refused where it contradicts the target."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import to_day
from kpitui.services.judging import Row
from kpitui.services.model_export import export
from kpitui.services.overview import scorecard
from kpitui.storage.store import Store
from tests.workspace import build

TODAY = to_day(date(2026, 4, 10))
MODEL = """
[[metric]]
slug = "orders"
kind = "flow"
cadence = "month"

[[kpi]]
metric = "orders"
target_kind = "reach"
target = 1000
start = 2026-01-01
deadline = 2026-12-31
owner = "ana"
trajectory = "{}"
"""
POINTS = "orders 2025-01 10 10 20 40 50 60 70 80 90 100 200 270 20 20 40"


def row(tmp_path: Path, trajectory: str) -> Row:
    return only(build(tmp_path, MODEL.format(trajectory), POINTS, today="2026-04-10"))


def only(store: Store) -> Row:
    found: Row = scorecard(store, TODAY).kpis[0]
    return found


@pytest.mark.parametrize(
    ("trajectory", "due"),
    [("", 1000 * 90 / 365), ("seasonal", 40.0), ("step", 0.0), ("2026-03-31 50, 2026-06-30 200", 50.0)],
)
def test_what_is_due_follows_the_course(tmp_path: Path, trajectory: str, due: float) -> None:
    assert row(tmp_path, trajectory).expected == pytest.approx(due, abs=1e-5)


def test_without_a_year_before_it_is_straight(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL.format("seasonal"), "orders 2026-01 20 20 40", today="2026-04-10")
    assert only(store).expected == pytest.approx(1000 * 90 / 365)


def test_it_is_in_the_model_file(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL.format("seasonal"), POINTS, today="2026-04-10")
    assert 'trajectory = "seasonal"' in export(store)


def test_a_course_that_cannot_be_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no part of a trajectory"):
        build(tmp_path, MODEL.format("soon"), POINTS, today="2026-04-10")
