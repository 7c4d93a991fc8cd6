from __future__ import annotations

import pytest

from kpitui.domain.model import Action, Annotation, Driver, Goal, Kpi, Metric, Review, Scope, Target
from kpitui.storage import definitions, reading

READERS = [
    (Scope, reading.ScopeRow, reading.scopes),
    (Goal, reading.GoalRow, reading.goals),
    (Metric, reading.MetricRow, reading.metrics),
    (Kpi, reading.KpiRow, reading.kpis),
    (Target, reading.TargetRow, reading.targets),
    (Driver, reading.DriverRow, reading.drivers),
    (Annotation, reading.NoteRow, reading.notes),
    (Action, reading.ActionRow, reading.actions),
    (Review, reading.ReviewRow, reading.reviews),
]


@pytest.fixture
def full(store):
    """One of everything, twice; the second is archived."""
    with store.write("fill") as tx:
        for at in (1, 2):
            for new in (
                Scope(slug=f"s{at}", name="S"),
                Metric(slug=f"m{at}", name="M", scope_id=1, formula="a + b", counter=True),
                Metric(slug=f"n{at}", name="N", scope_id=1, position=1.0),
                Goal(slug=f"g{at}", title="G", scope_id=1, target=5.0),
                Kpi(metric_id=2 * at - 1, scope_id=1, goal_id=at),
                Target(kpi_id=at, start=3, value=1.0),
                Driver(metric_id=2 * at - 1, feeds_id=2 * at),
                Annotation(metric_id=1, day=5, text="Sale"),
                Action(text="Call", owner="bo", due=9, state="open" if at == 1 else "done"),
                Review(rhythm="weekly", scope_id=1, start=1, end=8, held=9, minutes="# Minutes"),
            ):
                stored = definitions.add(tx, new)
                if at == 2:
                    definitions.archive(tx, stored)
    return store


@pytest.mark.parametrize(("cls", "row", "read"), READERS)
def test_rows_say_the_same_as_the_definitions(full, cls, row, read):
    for archived in (False, True):
        found = read(full, archived=archived)
        expected = definitions.all_of(full, cls, archived=archived)
        assert sorted(tuple(one) for one in found) == sorted(
            tuple(getattr(one, name) for name in row._fields) for one in expected
        )
        assert found


def test_lists_come_in_the_order_people_gave_them(full):
    assert [row.slug for row in reading.metrics(full)] == ["m1", "n1"]
    assert [row.slug for row in reading.metrics(full, archived=True)] == ["m1", "m2", "n1", "n2"]


def test_one_metric_is_found_by_its_slug_archived_or_not(full):
    assert reading.metric(full, "m2").archived == 1
    assert reading.metric(full, "nope") is None


def test_notes_and_actions_can_be_chosen(full):
    assert [row.text for row in reading.notes(full, metric_id=1)] == ["Sale"]
    assert reading.notes(full, goal_id=1) == [] == reading.notes(full, metric_id=2)
    assert [row.state for row in reading.actions(full, state="open")] == ["open"]
    assert reading.actions(full, state="done") == []
    assert [row.state for row in reading.actions(full, state="done", archived=True)] == ["done"]
