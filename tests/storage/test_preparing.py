"""Points made ready before the lock: stored as `points.save_many` would, whatever happens in between."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitui.domain.model import Metric, Scope
from kpitui.errors import ReadOnly, Refused
from kpitui.storage import definitions, digest, points
from kpitui.storage.driver import sqlite3
from kpitui.storage.points import Counts
from kpitui.storage.preparing import Prepared
from kpitui.storage.store import Store
from kpitui.storage.verify import verify


@pytest.fixture
def two(store):
    with store.write("add") as tx:
        root = definitions.add(tx, Scope(slug="org", name="Org"))
        return [definitions.add(tx, Metric(slug=s, name=s, scope_id=root.id)).id for s in ("visits", "leads")]


def rows(metric_id, days, value=1.0, note=None, state=0, odd=0):
    return [(metric_id, day, day + 1, None if state else value, str(value), note, state, odd) for day in days]


def first(prepared, metric_id, days, value=1.0):
    starts = array("i", days)
    return prepared.add_first(
        metric_id, starts, [day + 1 for day in starts], [value] * len(starts), ["x"] * len(starts)
    )


def stored(store):
    listed = f"metric_id, {points.COLUMNS}"
    return [store.rows(f"SELECT {listed} FROM {table} ORDER BY 1, 2, 3, rev") for table in ("point", "point_history")]


cells = st.tuples(
    st.sampled_from([1.0, 2.0, -0.0]), st.sampled_from([None, "", "n"]), st.sampled_from([0, 0, 1, 2]), st.booleans()
)
days = st.dictionaries(st.integers(0, 12), cells, min_size=1)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=days, given=days)
def test_what_was_prepared_is_stored_as_if_it_had_been_saved(store, two, monkeypatch, before, given):
    monkeypatch.setattr(points, "CHUNK", 4)

    def made(of, metric_id):
        return [
            (metric_id, day, day + 1, None if state else value, str(value), note, state, int(odd and not state))
            for day, (value, note, state, odd) in sorted(of.items())
        ]

    for metric_id in two:
        with store.write("import") as tx:
            points.save_many(tx, made(before, metric_id))
    with store.write("import") as tx:
        want = points.save_many(tx, made(given, two[0]))
        whole = tx.count
    with Prepared(store) as prepared:
        prepared.add(two[1], made(given, two[1]))
        with store.write("import") as tx:
            assert prepared.write(tx, 0, two[1]) == want
            assert tx.count == whole
    for table in stored(store):
        one, other = ([row[1:-1] for row in table if row[0] == metric_id] for metric_id in two)
        assert one == other
    assert verify(store) == []


@pytest.mark.parametrize("since", [digest.POINTS_ALONE, 99], ids=["alone", "with its transaction"])
def test_the_log_is_right_whoever_saves_between_the_preparation_and_the_lock(store, two, open_as, monkeypatch, since):
    monkeypatch.setattr(digest, "POINTS_ALONE", since)
    other = open_as("bo")
    with Prepared(store) as prepared:
        assert first(prepared, two[0], range(5))
        assert first(prepared, None, range(5))
        prepared.add(two[1], rows(two[1], range(5), note="kept"))
        with other.write("add") as tx:
            definitions.add(tx, Metric(slug="taken", name="Taken", scope_id=1))
            points.save_many(tx, rows(two[0], [9]))
        with store.write("import") as tx:
            made = definitions.add(tx, Metric(slug="made", name="Made", scope_id=1)).id
            assert made != prepared.parts[1].metric_id
            counts = [prepared.write(tx, at, metric_id) for at, metric_id in enumerate((two[0], made, two[1]))]
    assert counts == [Counts(5, 0, 0)] * 3, "what bo saved lies beside what was prepared"
    assert [len(points.between(store, metric_id, 0, 9)) for metric_id in (*two, made)] == [5, 5, 5]
    assert verify(store) == []


def test_what_somebody_wrote_since_is_not_overwritten_unseen(store, two, open_as):
    other = open_as("bo")
    with Prepared(store) as prepared:
        assert first(prepared, two[0], range(5))
        prepared.add(two[1], rows(two[1], range(5)))
        with other.write("record") as tx:
            points.save_many(tx, rows(two[0], [3], 7.0) + rows(two[1], [4], 8.0))
        with store.write("import") as tx:
            assert prepared.write(tx, 0, two[0]) is None
            assert prepared.write(tx, 1, two[1]) is None
            assert tx.count == 0
    assert [row.value for row in points.between(store, two[0], 0, 9)] == [7.0]
    with Prepared(store) as prepared:
        assert not first(prepared, two[0], range(5)), "something stands there now"
        assert prepared.parts == []


def test_nothing_is_locked_and_nobody_waits_while_points_are_prepared(store, two, open_as):
    other = open_as("bo")
    other._patience = 0
    with Prepared(store) as prepared:
        prepared.add(two[0], rows(two[0], range(5)))
        with other.write("record") as tx:
            points.save_many(tx, rows(two[1], [1]))
        assert store.rows("SELECT count(*) FROM prepared") == [(5,)]
    assert store.rows("SELECT count(*) FROM sqlite_temp_master") == [(0,)]
    assert store.rows("PRAGMA temp_store") == [(2,)], "in memory, not in a folder that others share"


def test_a_part_that_cannot_be_stored_takes_the_whole_back(store, two):
    with pytest.raises(Refused, match="twice"), Prepared(store) as prepared:
        assert first(prepared, two[0], range(5))
        assert first(prepared, two[1], [1, 2, 2])
        with store.write("import") as tx:
            prepared.write(tx, 0, two[0])
            prepared.write(tx, 1, two[1])
    assert stored(store) == [[], []]
    with Prepared(store) as prepared:
        with pytest.raises(sqlite3.IntegrityError):
            prepared.add(two[0], [(two[0], None, 1, 1.0, "1", None, 0, 0)])
    assert verify(store) == []


def test_who_may_only_read_is_refused_at_the_save(store, two):
    with Store.open(store.path, who=store.who, via="test", now=store.now, write=False) as reader:
        with pytest.raises(ReadOnly), Prepared(reader) as prepared:
            assert first(prepared, two[0], range(5))
            prepared.add(two[1], rows(two[1], range(5)))
            with reader.write("import"):
                raise AssertionError("it was allowed to write")
