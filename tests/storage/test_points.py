from __future__ import annotations

import subprocess
import sys

import pytest

from kpitui.domain.model import Metric, Scope
from kpitui.errors import Conflict, Refused
from kpitui.storage import changes, definitions, points
from kpitui.storage.points import CLEARED, NONE, Counts


@pytest.fixture
def two(store):
    with store.write("add") as tx:
        root = definitions.add(tx, Scope(slug="org", name="Org"))
        return [definitions.add(tx, Metric(slug=s, name=s, scope_id=root.id)).id for s in ("visits", "leads")]


def save(store, metric_id, day, value, *, what="record", days=1, **more):
    with store.write(what, why=more.pop("why", "")) as tx:
        return points.save(tx, metric_id, "visits", day, day + days, value=value, entered=str(value), **more)


def test_a_first_value_has_revision_one_and_no_predecessor(store, two):
    saved = save(store, two[0], 100, 412.0, note="estimate")
    assert saved.previous is None and saved.changed
    assert saved.row[:8] == (100, 101, 412.0, "412.0", "estimate", 0, 0, 1)
    assert points.between(store, two[0], 0, 1000) == [saved.row]
    line = changes.log(store, limit=1)[0]
    assert (line.what, line.row_id, line.start, line.end, line.before) == ("record", two[0], 100, 101, None)
    assert line.after == {"value": 412.0, "entered": "412.0", "note": "estimate"}


def test_a_correction_keeps_its_predecessor_and_its_note(store, two):
    first = save(store, two[0], 100, 412.0, note="estimate").row
    saved = save(store, two[0], 100, 421.0)
    assert saved.previous == first
    assert saved.row[2:8] == (421.0, "421.0", "estimate", 0, 0, 2)
    line = changes.log(store, limit=1)[0]
    assert line.what == "correct"
    assert (line.before, line.after) == ({"value": 412.0, "entered": "412.0"}, {"value": 421.0, "entered": "421.0"})
    assert save(store, two[0], 100, 421.0, note="").row.note is None


def test_the_same_value_writes_nothing_and_says_so(store, two):
    first = save(store, two[0], 100, 412.0, note="a").row
    for more in ({}, {"note": "a"}, {"odd": True}):
        assert save(store, two[0], 100, 412.0, **more) == (first, first, False)
    assert changes.count(store, table="point") == 1


def test_accepting_an_odd_value_is_a_change_and_typing_it_again_is_not(store, two):
    assert save(store, two[0], 100, 9e9, odd=True).row.odd
    assert save(store, two[0], 100, 9e9).changed
    assert not save(store, two[0], 100, 9e9, odd=True).changed
    assert points.between(store, two[0], 100, 101)[0].odd == 0


def test_none_and_cleared_are_states_with_no_value(store, two):
    save(store, two[0], 100, 5.0)
    assert save(store, two[0], 100, None, state=NONE).row.state == NONE
    cleared = save(store, two[0], 100, None, state=CLEARED)
    assert (cleared.row.rev, cleared.row.value) == (3, None)
    assert [line.what for line in changes.log(store, limit=3)] == ["clear", "none", "record"]
    assert changes.log(store, limit=1)[0].after == {"state": "cleared"}
    with pytest.raises(ValueError, match="exactly when"):
        save(store, two[0], 101, None)


def test_a_value_saved_over_another_s_names_who_when_and_both_revisions(store, two, open_as):
    save(store, two[0], 100, 400.0)
    save(open_as("bo"), two[0], 100, 412.0)
    with pytest.raises(Conflict, match=r"^visits: bo saved 412 at 09:00 \(revision 2, you saw 1\)\. NOT saved\.$"):
        save(store, two[0], 100, 420.0, if_rev=1)
    with pytest.raises(Conflict, match="you saw nothing there"):
        save(store, two[0], 100, 420.0, if_rev=0)
    with pytest.raises(Conflict, match="nothing is stored there"):
        save(store, two[0], 200, 420.0, if_rev=1)
    assert save(store, two[0], 100, 420.0, if_rev=2).row.rev == 3
    assert save(store, two[0], 100, 421.0).row.rev == 4
    assert save(store, two[0], 300, 1.0, if_rev=0).changed


def rows(metric_id, days, value=1.0, note=None, odd=0):
    return [(metric_id, day, day + 1, value, str(value), note, 0, odd) for day in days]


def load(store, given):
    with store.write("import") as tx:
        return points.save_many(tx, iter(given))


def test_an_import_counts_new_changed_and_same(store, two):
    save(store, two[0], 5, 1.0, note="kept")
    save(store, two[0], 6, 7.0)
    given = rows(two[0], range(10)) + rows(two[1], range(10))
    assert load(store, given) == Counts(18, 1, 1)
    assert load(store, given) == Counts(0, 0, 20)
    assert changes.count(store, table="point") == 2
    stored = points.between(store, two[0], 5, 7)
    assert [(row.value, row.note, row.rev) for row in stored] == [(1.0, "kept", 1), (1.0, None, 2)]


def test_an_import_crosses_its_chunks_and_any_order(store, two, monkeypatch):
    monkeypatch.setattr(points, "CHUNK", 7)
    given = rows(two[0], range(50)) + rows(two[1], range(50))
    assert load(store, given[::2]) == Counts(50, 0, 0)
    assert load(store, given[::-1]) == Counts(50, 0, 50)
    assert load(store, rows(two[0], range(0, 50, 3), 2)) == Counts(0, 17, 0)
    values = [row.value for row in points.between(store, two[0], 0, 50)]
    assert values == [1.0 if day % 3 else 2.0 for day in range(50)]


@pytest.mark.parametrize("chunk", [2, 100])
def test_an_import_that_names_a_period_twice_saves_nothing(store, two, monkeypatch, chunk):
    monkeypatch.setattr(points, "CHUNK", chunk)
    with pytest.raises(Refused, match="twice"):
        load(store, [*rows(two[0], range(3)), *rows(two[0], [2], 9.0)])
    assert points.between(store, two[0], 0, 10) == []


def test_everything_an_import_wrote_is_digested(store, two):
    save(store, two[0], 5, 3)
    with store.write("import") as tx:
        points.save_many(tx, rows(two[0], range(10), 2))
        assert tx.count == 10


def test_what_overlaps_is_found_beside_what_begins(store, two):
    save(store, two[0], 70, 1.0, days=31)
    save(store, two[0], 101, 2.0, days=30)
    assert [row.start for row in points.between(store, two[0], 90, 110)] == [101]
    assert [row.start for row in points.overlapping(store, two[0], 90, 110)] == [70, 101]
    assert [row.start for row in points.overlapping(store, two[0], 101, 102)] == [101]


def test_many_metrics_are_read_at_once_values_only(store, two):
    load(store, rows(two[0], range(4)) + rows(two[1], [2], 8.0))
    save(store, two[0], 2, None, state=NONE)
    assert points.many_between(store, [*two, 99], 1, 4) == {
        two[0]: [(1, 2, 1.0), (3, 4, 1.0)],
        two[1]: [(2, 3, 8.0)],
        99: [],
    }


def test_what_stood_at_a_time_can_be_read_again(store, two):
    load(store, rows(two[0], range(3)))
    at = changes.last_by(store, "9999")
    save(store, two[0], 1, 5.0)
    save(store, two[0], 2, None, state=CLEARED)
    save(store, two[0], 3, 4.0)
    then = points.many_as_of(store, two, 0, 10, at)
    assert then == {two[0]: [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)], two[1]: []}
    now = points.many_as_of(store, two, 0, 10, changes.last_by(store, "9999"))
    assert (
        now == points.many_between(store, two, 0, 10) == {two[0]: [(0, 1, 1.0), (1, 2, 5.0), (3, 4, 4.0)], two[1]: []}
    )
    assert changes.last_by(store, "2000") == 0


def test_the_latest_has_ended_and_is_not_cleared(store, two):
    load(store, rows(two[0], range(5)))
    save(store, two[0], 3, None, state=NONE)
    save(store, two[0], 4, None, state=CLEARED)
    found = points.latest(store, two, 5)
    assert {key: (row.start, row.state) for key, row in found.items()} == {two[0]: (3, NONE)}
    assert points.latest(store, two, 3)[two[0]].start == 2
    assert [row.start for row in points.last_n(store, two, 3, 5)[two[0]]] == [1, 2, 3]
    assert points.last_n(store, two, 3, 0) == {two[0]: [], two[1]: []}


def test_the_history_has_every_revision_with_who_and_why(store, two, open_as):
    save(store, two[0], 100, 1.0)
    save(open_as("bo"), two[0], 100, 2.0, why="typo")
    save(store, two[0], 101, 3.0)
    found = points.history(store, two[0], 100)
    assert [(row.value, row.rev, row.who, row.why, row.current) for row in found] == [
        (1.0, 1, "ana", "", False),
        (2.0, 2, "bo", "typo", True),
    ]
    assert [row.value for row in points.history(store, two[0])] == [1.0, 2.0, 3.0]


def test_reading_seeks_and_never_scans(store, two):
    asked = []

    class Spy:
        def rows(self, sql, args):
            asked.append((sql, args))
            return store.rows(sql, args)

    points.between(Spy(), two[0], 0, 10)
    points.many_between(Spy(), two, 0, 10)
    points.last_n(Spy(), two, 3, 10)
    points.many_as_of(Spy(), two, 0, 10, 1)
    assert len(asked) == 7
    for sql, args in asked:
        plan = " ".join(row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}", args))
        assert "SEARCH point USING PRIMARY KEY (metric_id=? AND start" in plan
        assert "SCAN point" not in plan
        assert "max(rev)" in sql or "TEMP B-TREE" not in plan


def test_points_are_light_to_import():
    heavy = ("dataclasses", "pydantic", "sqlite_utils", "zoneinfo", "json", "kpitui.domain.model", "sqlite3.dbapi2")
    code = """import sys
before = set(sys.modules)
import kpitui.storage.points, kpitui.storage.reading
print(*(set(sys.modules) - before))"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "kpitui.storage.points" in loaded
    assert not set(heavy) & set(loaded)


def sharing(store, metric_id, start, end):
    return next(points.sharing_days(store, [(metric_id, start)], end))[2]


def test_values_that_share_a_day_with_a_range(store, two):
    for start, days, value in ((90, 30, 1.0), (130, 1, 2.0), (131, 1, 3.0), (132, 1, 4.0)):
        save(store, two[0], start, value, days=days)
    save(store, two[0], 131, None, state=CLEARED, days=1)
    assert sharing(store, two[0], 131, 133) == [(132, 133, 4.0)]
    assert sharing(store, two[0], 110, 131) == [(90, 120, 1.0), (130, 131, 2.0)]
    assert sharing(store, two[0], 120, 130) == []
    assert sharing(store, two[1], 0, 1000) == []


def test_what_was_read_is_cut_by_the_same_rule():
    found = [(90, 120, 1.0), (130, 131, 2.0), (131, 132, 3.0)]
    assert points.within(found, 110, 131) == [(90, 120, 1.0), (130, 131, 2.0)]
    assert list(points.within(found, 131, 140)) == [(131, 132, 3.0)]
    assert list(points.within(found, 120, 130)) == []
