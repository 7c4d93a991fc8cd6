from __future__ import annotations

from dataclasses import fields

import pytest

from kpitui.domain.model import Action, Driver, Goal, Kpi, Metric, Review, Scope, Target
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.storage import changes, definitions


def scope(store, slug="org"):
    with store.write("add") as tx:
        return definitions.add(tx, Scope(slug=slug, name=slug.title()))


def metric(store, slug="visits", **values):
    parent = definitions.find(store, Scope, slug="org") or scope(store)
    with store.write("add") as tx:
        return definitions.add(tx, Metric(slug=slug, name=slug, scope_id=parent.id, **values))


def test_every_class_lies_in_its_table_field_for_column(store):
    for cls in definitions.CLASSES:
        shape = definitions.shape(cls)
        stored = [row[0] for row in store.rows("SELECT name FROM pragma_table_info(?)", (shape.table,))]
        assert sorted(set(stored) - {"txn_id", "archived"}) == sorted(
            field.name for field in fields(cls) if field.name != "archived"
        )


def test_what_is_added_comes_back_the_same(store):
    new = metric(store, counter=True, influence=None, hard_min=0, decimals=2)
    assert (new.id, new.rev) == (1, 1)
    assert definitions.get(store, Metric, new.id) == new
    assert new.counter is True and new.influence is None and new.hard_min == 0.0


def test_adding_tells_the_log_what_was_given_and_no_more(store):
    metric(store, counter=True)
    line = changes.log(store, limit=1)[0]
    assert (line.what, line.tbl, line.row_id, line.item, line.before) == ("add", "metric", 1, "visits", None)
    assert line.after == {"slug": "visits", "name": "visits", "counter": True, "scope_id": 1}


def test_a_change_stores_and_logs_only_what_differs(store):
    old = metric(store, owner="ana")
    with store.write("change") as tx:
        new = definitions.change(tx, old, owner="bo", name="visits", influence=True)
    assert (new.owner, new.influence, new.rev) == ("bo", True, 2)
    line = changes.log(store, limit=1)[0]
    assert line.before == {"owner": "ana", "influence": None}
    assert line.after == {"owner": "bo", "influence": True}
    assert store.rows("SELECT owner, rev FROM metric_history") == [("ana", 1)]


def test_a_change_to_the_same_writes_nothing(store):
    old = metric(store)
    with store.write("change") as tx:
        assert definitions.change(tx, old, name="visits") is old
    assert changes.count(store) == 2
    assert store.rows("SELECT * FROM metric_history") == []


def test_a_change_to_what_somebody_else_changed_is_refused_and_names_them(store, open_as):
    seen = metric(store, owner="ana")
    bo = open_as("bo")
    with bo.write("change") as tx:
        definitions.change(tx, definitions.get(bo, Metric, seen.id), owner="bo")
    with (
        pytest.raises(
            Conflict,
            match=r"^visits was changed meanwhile by bo at 09:00: now owner is bo \(revision 2, you saw 1\). NOT saved",
        ),
        store.write("change") as tx,
    ):
        definitions.change(tx, seen, owner="cy")
    assert definitions.get(store, Metric, seen.id).owner == "bo"


def test_another_day_s_conflict_says_the_date_in_the_workspace_s_zone():
    class Fake:
        at = "2026-11-22T09:00:00Z"

        def execute(self, sql, args=()):
            self.found = ("bo", "2026-11-20T23:30:00Z") if "FROM txn" in sql else ("Europe/Vienna",)
            return self

        def fetchone(self):
            return self.found

    assert changes.who_and_when(Fake(), 1) == ("bo", "2026-11-21 00:30")


def test_archived_ones_are_put_away_and_come_back(store):
    one, two = metric(store, "a", position=2.0), metric(store, "b", position=1.0)
    with store.write("archive") as tx:
        gone = definitions.archive(tx, one)
    assert gone.archived
    assert definitions.all_of(store, Metric) == [two]
    assert definitions.all_of(store, Metric, archived=True) == [two, gone]
    assert definitions.find(store, Metric, slug="a") is None
    assert definitions.find(store, Metric, archived=True, slug="a") == gone
    with store.write("restore") as tx:
        back = definitions.restore(tx, gone)
    assert (back.archived, back.rev) == (False, 3)
    assert [line.what for line in changes.log(store, limit=2)] == ["restore", "archive"]


def test_all_of_chooses_by_columns_none_included(store):
    root = scope(store)
    with store.write("add") as tx:
        child = definitions.add(tx, Scope(slug="web", name="Web", parent_id=root.id))
    assert definitions.all_of(store, Scope, parent_id=None) == [root]
    assert definitions.all_of(store, Scope, parent_id=root.id, kind="team") == [child]
    with pytest.raises(TypeError, match="no field colour"):
        definitions.all_of(store, Scope, colour="red")


def test_a_taken_slug_is_refused_and_says_what_to_do(store):
    one = metric(store)
    with pytest.raises(Refused, match="There is a metric visits already: choose another name"):
        metric(store)
    with store.write("archive") as tx:
        definitions.archive(tx, one)
    with pytest.raises(Refused, match="restore that one, or choose another name"):
        metric(store)
    other = metric(store, "leads")
    with pytest.raises(Refused, match="There is a metric visits already"), store.write("change") as tx:
        definitions.change(tx, other, slug="visits")


def test_a_reference_to_nothing_is_refused(store):
    with pytest.raises(Refused, match="refers to something"), store.write("add") as tx:
        definitions.add(tx, Metric(slug="x", name="x", scope_id=99))


def test_a_second_live_role_in_a_scope_is_refused(store):
    one = metric(store)
    with store.write("add") as tx:
        definitions.add(tx, Kpi(metric_id=one.id, scope_id=1))
    with pytest.raises(Refused, match="There is a KPI visits already"), store.write("add") as tx:
        definitions.add(tx, Kpi(metric_id=one.id, scope_id=1))


def test_a_missing_id_is_not_found(store):
    with pytest.raises(NotFound, match="no KPI with the number 7"):
        definitions.get(store, Kpi, 7)


def test_every_kind_is_named_for_people(store):
    one, two = metric(store), metric(store, "leads")
    with store.write("add") as tx:
        kpi = definitions.add(tx, Kpi(metric_id=one.id, scope_id=1))
        definitions.add(tx, Target(kpi_id=kpi.id, start=20454, value=5.0))
        definitions.add(tx, Driver(metric_id=one.id, feeds_id=two.id))
        definitions.add(tx, Review(rhythm="weekly", scope_id=1, start=20410, end=20417, held=20418))
        definitions.add(tx, Action(text="Call\n" + "x" * 100, owner="bo", due=20420))
        definitions.add(tx, Goal(slug="arr", title="ARR", scope_id=1))
    assert [line.item for line in changes.lines_of(store, tx.id)] == [
        "visits",
        "visits from 2026-01-01",
        "visits → leads",
        "weekly review 2025-11-18",
        "Call " + "x" * 74 + "…",
        "arr",
    ]


def test_what_was_written_is_in_the_digest_as_it_is_stored(store):
    with store.write("add") as tx:
        new = definitions.add(tx, Scope(slug="org", name="Org"))
        definitions.change(tx, new, position=3)
        assert tx.count == 2
