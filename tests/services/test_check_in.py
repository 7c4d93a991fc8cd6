"""A check-in: value, note, and how sure the owner of a KPI is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services import check_in
from kpitui.services.book import Book
from kpitui.services.history import undo
from kpitui.storage import points
from tests.services.acme import MODEL, POINTS, TODAY
from tests.workspace import build


@pytest.mark.parametrize(
    ("typed", "value", "sure"),
    [
        ("359", "359", None),
        ("359 2/3", "359", 2),
        ("359 2/3 ; renewals", "359 ; renewals", 2),
        ("359 ; 2/3 of them late", "359 ; 2/3 of them late", None),
        ("359 4/3", "359 4/3", None),
    ],
)
def test_the_confidence_stands_behind_the_value(typed: str, value: str, sure: int | None) -> None:
    assert check_in.split(typed) == (value, sure)


def test_value_and_confidence_are_one_change(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    book = Book(store, TODAY)
    metric = book.named("mrr")
    assert metric is not None
    kpi = book.roles_of(metric.id)[0]
    cell = check_in.cell_of(store, metric.id, TODAY)
    assert (cell.label, cell.last) == ("W47", 345_000.0)
    done = check_in.check_in(store, cell, "351k 2/3 ; renewals", TODAY, kpi.id)
    assert done.sentence.startswith("Saved MRR W47 = $351")
    assert done.sentence.endswith("confidence 2 of 3")
    row = points.between(store, metric.id, *cell.period)[0]
    assert (row.value, row.note) == (351_000.0, "renewals")
    assert Book(store, TODAY).kpis[kpi.id].confidence == 2
    undo(store, today=TODAY)
    assert Book(store, TODAY).kpis[kpi.id].confidence is None
    assert points.between(store, metric.id, *cell.period)[0].value is None


def test_what_is_understood_is_said_before_it_is_saved(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS)
    metric = Book(store, TODAY).named("mrr")
    assert metric is not None
    cell = check_in.cell_of(store, metric.id, TODAY)
    assert check_in.preview(cell, "").startswith("last $345k")
    assert check_in.preview(cell, "351k 3/3") == "$351k, last $345k, confidence 3 of 3"
    with pytest.raises(Problem):
        check_in.preview(cell, "3..1")


def test_a_derived_metric_has_nothing_to_check_in(tmp_path: Path) -> None:
    model = MODEL + '\n[[metric]]\nslug = "double"\nname = "Double"\nformula = "demos * 2"\ncadence = "week"\n'
    store = build(tmp_path, model, POINTS)
    metric = Book(store, TODAY).named("double")
    assert metric is not None
    with pytest.raises(Refused, match="worked out"):
        check_in.cell_of(store, metric.id, TODAY)
