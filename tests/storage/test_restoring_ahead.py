"""A bulk write taken back by what was worked out before the lock: the same file, to the last hash, as row by row."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpitui.domain.model import Metric, Scope
from kpitui.errors import Conflict, KpituiError
from kpitui.identity import Who
from kpitui.storage import definitions, points, restoring
from kpitui.storage.changes import lines_of
from kpitui.storage.preparing import Prepared
from kpitui.storage.transaction import Txn
from kpitui.storage.undo import redo, undo
from kpitui.storage.verify import verify
from tests.storage.processes import child, made, opened

PEOPLE = (Who(1001, "ana", "mill"), Who(1002, "bo", "mill"))
STORED = ("point", "point_history", "metric", "metric_history", "change", "txn")


def begun(path):
    """A workspace with two metrics and a clock of its own, so that two of them get the same log."""
    ticks = count()
    store = made(path)
    store.now = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC) + timedelta(seconds=next(ticks))
    with store.write("init") as tx:
        root = definitions.add(tx, Scope(slug="org", name="Org"))
        for slug in ("visits", "leads"):
            definitions.add(tx, Metric(slug=slug, name=slug, scope_id=root.id))
    return store


def load(store, days, value=1.0, note=None, metrics=(1, 2), *, one_line=True, made=""):
    with store.write("import", summary="sheet") as tx:
        if made:
            metrics = (*metrics, definitions.add(tx, Metric(slug=made, name=made, scope_id=1)).id)
        rows = [(metric, day, day + 1, value + day, f"{value}", note, 0, day % 2) for metric in metrics for day in days]
        counts = points.save_many(tx, rows)
        if counts.new + counts.changed:
            for metric in [None] if one_line else metrics:
                tx.note("import", "point", metric, "sheet", None, counts._asdict())
        return tx.id


def record(store, metric, day, value):
    with store.write("record", summary=f"{value}") as tx:
        points.save(tx, metric, "it", day, day + 1, value=value, entered="e")


def stored(store):
    return {table: store.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4") for table in STORED}


people = st.sampled_from(PEOPLE)
spans = st.tuples(st.integers(0, 5), st.integers(1, 5)).map(lambda given: range(given[0], sum(given)))
values = st.sampled_from([1.0, 2.0, -0.0])
steps = st.one_of(
    st.tuples(st.just(load), people, spans, values, st.sampled_from([None, "", "n"]), st.sampled_from([(1,), (1, 2)])),
    st.tuples(st.just(load), people, spans, values),
    st.tuples(st.just(record), people, st.integers(1, 2), st.integers(0, 9), values),
    st.tuples(st.just(undo), people),
    st.tuples(st.just(undo), people),
    st.tuples(st.just(undo), people, st.integers(2, 6)),
    st.tuples(st.just(redo), people),
)


def lived(path, history, one_line):
    """What the file holds after all of it, and what each step gave or was refused with."""
    with begun(path) as store:
        said = []
        for step, who, *more in history:
            store.who = who
            try:
                given = {"one_line": one_line} if step is load else {}
                said.append(step(store, *more, **given))
            except KpituiError as error:
                said.append((type(error), str(error)))
        assert verify(store) == []
        return stored(store), said


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(history=st.lists(steps, min_size=4, max_size=10), one_line=st.booleans())
def test_what_was_worked_out_before_the_lock_leaves_what_row_by_row_leaves(tmp_path_factory, history, one_line):
    folder = tmp_path_factory.mktemp("both")
    history = [(load, PEOPLE[0], range(3), 5.0), *history]
    quick = lived(folder / "quick.db", history, one_line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(restoring.Ahead, "holds", lambda *_: False)
        patch.setattr(restoring.Ahead, "write", None)
        assert lived(folder / "slow.db", history, one_line) == quick


@pytest.fixture
def store(tmp_path):
    with begun(tmp_path / "team.db") as store:
        yield store


@pytest.fixture
def bo(store):
    with opened(store.path, who=PEOPLE[1]) as other:
        yield other


def late(monkeypatch, store, work):
    """Lets somebody do `work` after everything was worked out and before the lock is taken."""
    write = store.write

    def then(*args, **more):
        work()
        return write(*args, **more)

    monkeypatch.setattr(store, "write", then)


@pytest.fixture
def row_by_row(monkeypatch):
    """The metrics whose values were written row by row."""
    found, write = [], restoring.insert_or_update

    def told(tx, metric_id, rows):
        found.append(metric_id)
        write(tx, metric_id, rows)

    monkeypatch.setattr(restoring, "insert_or_update", told)
    return found


def test_no_value_is_gone_through_under_the_lock(store, row_by_row, monkeypatch):
    asked = restoring.touched

    def outside(ask, metric_id, target):
        assert not store.writing
        return asked(ask, metric_id, target)

    monkeypatch.setattr(restoring, "touched", outside)
    first, second = load(store, range(30)), load(store, range(5, 35), 2.0, "n")
    # The second below the first leaves versions of a kind that no single statement could find.
    for step, target in ((undo, second), (undo, first), (redo, None), (redo, None), (undo, None)):
        step(store, target) if target else step(store)
    assert row_by_row == []
    assert [row.value for row in points.between(store, 2, 3, 7)] == [4.0, 5.0, 6.0, 7.0]
    assert verify(store) == []


def test_nobody_waits_while_it_is_worked_out(store, bo):
    target = load(store, range(3))
    bo._patience = 0
    with restoring.Ahead(store, target, lines_of(store, target)):
        record(bo, 1, 9, 7.0)
        assert store.one("SELECT count(*) FROM prepared") == 6
    assert store.rows("SELECT * FROM sqlite_temp_master") == []
    undo(store)
    assert store.rows("SELECT * FROM sqlite_temp_master") == []


def test_a_value_that_a_colleague_saves_just_before_the_lock_is_not_undone(store, bo, monkeypatch, row_by_row):
    load(store, range(3))
    before = stored(store)
    late(monkeypatch, store, lambda: record(bo, 2, 1, 7.0))
    with pytest.raises(
        Conflict, match=r"^sheet was changed since by bo at 09:30 \(7\.0, change 3\)\. Nothing was undone"
    ):
        undo(store)
    after = stored(store)
    assert [row for row in after["point"] if row not in before["point"]] == [(2, 1, 2, 7.0, "e", None, 0, 0, 2, 3)]
    assert (len(after["txn"]), verify(store)) == (len(before["txn"]) + 1, [])


def test_a_value_saved_beside_them_just_before_the_lock_stays_and_the_rest_goes(store, bo, monkeypatch, row_by_row):
    load(store, [0, 1, 3])
    late(monkeypatch, store, lambda: record(bo, 2, 2, 7.0))
    assert undo(store).rows == 6
    assert row_by_row == [2], "only the metric that somebody saved a value of is done again"
    assert [(row.start, row.value) for row in points.between(store, 2, 0, 9) if row.state == 0] == [(2, 7.0)]
    assert verify(store) == []


def test_what_stands_in_the_way_is_said_before_anything_is_written(store, bo, monkeypatch):
    load(store, range(3))
    record(bo, 2, 1, 7.0)
    monkeypatch.setattr(Prepared, "move", None)
    with pytest.raises(Conflict, match="changed since by bo"):
        undo(store)


def test_an_import_that_made_its_metric_goes_back_whole(store, row_by_row):
    load(store, range(3), made="new")
    undo(store)
    assert [metric.slug for metric in definitions.all_of(store, Metric)] == ["visits", "leads"]
    redo(store)
    assert [row.value for row in points.between(store, 3, 0, 9)] == [1.0, 2.0, 3.0]
    assert (row_by_row, verify(store)) == ([], [])


@pytest.mark.parametrize("step", [undo, redo])
@pytest.mark.parametrize("at", ["move", "note", "seal", "after"])
def test_killed_in_the_middle_it_is_all_there_or_nothing(store, step, at):
    load(store, range(200))
    if step is redo:
        undo(store)
    before, path = stored(store), store.path
    store.close()

    def work():
        writes = count(1)

        def end(*_):
            if at != "move" or next(writes) == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        owner = Prepared if at == "move" else Txn
        if at != "after":
            name, really = at, getattr(owner, at)
            setattr(owner, name, lambda *args, **more: (really(*args, **more), end())[0])
        with opened(path) as mine:
            step(mine)
            end()

    pid = child(work)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    with opened(path) as again:
        assert verify(again) == []
        if at == "after":
            assert len(stored(again)["point_history"]) == len(before["point_history"]) + 400
            return
        assert stored(again) == before
        assert step(again).rows == 400
