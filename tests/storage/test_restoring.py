"""Any sequence of edits, undos and redos: what stands is what a plain list of states says, and nothing gets lost."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kpitui.domain.model import Driver, Metric, Scope
from kpitui.errors import NotFound
from kpitui.storage import definitions, points
from kpitui.storage.undo import redo, undo
from kpitui.storage.verify import verify
from tests.storage.processes import made

DAYS = st.integers(0, 3)
METRICS = st.integers(1, 2)
VALUES = st.integers(0, 3).map(float)
TABLES = ("scope", "metric", "driver", "point")


class Editing(RuleBasedStateMachine):
    """One person at work; `past` and `future` are the editor everybody knows."""

    make = None

    @initialize()
    def start(self):
        self.store = self.make()
        self.names = count()
        with self.store.write("init") as tx:
            root = definitions.add(tx, Scope(slug="org", name="Org"))
            for slug in ("a", "b"):
                definitions.add(tx, Metric(slug=slug, name=slug, scope_id=root.id))
        self.past, self.future = [self.standing()], []
        self.written = self.versions()

    def standing(self):
        """What a person can see: live definitions and points that are not cleared, without revisions."""
        return (
            self.store.rows(
                "SELECT id, slug, name, owner, position, numerator_id FROM metric WHERE archived = 0 ORDER BY id"
            ),
            self.store.rows("SELECT id, metric_id, feeds_id, position FROM driver WHERE archived = 0 ORDER BY id"),
            self.store.rows(
                """SELECT metric_id, start, "end", value, entered, note, state, odd FROM point WHERE state <> 2
                ORDER BY 1, 2, 3"""
            ),
        )

    def versions(self):
        """Every version of every row, by key and revision."""
        found = {}
        for table in TABLES:
            key = 'metric_id, start, "end"' if table == "point" else "id"
            for part in (table, f"{table}_history"):
                for row in self.store.rows(f"SELECT {key}, rev, t.*, t.txn_id FROM {part} t"):
                    length = 4 if table == "point" else 2
                    where = (table, *row[:length])
                    assert where not in found, "a revision comes twice"
                    found[where] = row[length:]
        return found

    def edit(self, work):
        before = self.store.one("SELECT max(id) FROM txn")
        with self.store.write("edit") as tx:
            work(tx)
        if self.store.one("SELECT max(id) FROM txn") != before:
            self.past.append(self.standing())
            self.future.clear()

    @rule(metric=METRICS, day=DAYS, value=VALUES, odd=st.booleans(), note=st.sampled_from([None, "", "n"]))
    def record(self, metric, day, value, odd, note):
        self.edit(lambda tx: points.save(tx, metric, "x", day, day + 1, value=value, entered="e", note=note, odd=odd))

    @rule(metric=METRICS, day=DAYS, values=st.lists(VALUES, min_size=2, max_size=3))
    def record_several_times_at_once(self, metric, day, values):
        def work(tx):
            for value in values:
                points.save(tx, metric, "x", day, day + 1, value=value, entered="e")

        self.edit(work)

    @rule(metric=METRICS, day=DAYS, state=st.sampled_from([points.NONE, points.CLEARED]))
    def say_none_or_clear(self, metric, day, state):
        self.edit(lambda tx: points.save(tx, metric, "x", day, day + 1, value=None, entered=None, state=state))

    @rule(keys=st.sets(st.tuples(METRICS, DAYS), min_size=1), value=VALUES, one_line=st.booleans())
    def load(self, keys, value, one_line):
        def work(tx):
            rows = [(metric, day, day + 1, value, "i", None, 0, 0) for metric, day in sorted(keys)]
            counts = points.save_many(tx, rows)
            if counts.new + counts.changed:
                for metric in [None] if one_line else sorted({metric for metric, _ in keys}):
                    tx.note("import", "point", metric, "file", None, counts._asdict())

        self.edit(work)

    @rule(metric=METRICS, owner=st.sampled_from(["", "ana", "bo"]), position=VALUES)
    def change(self, metric, owner, position):
        self.edit(
            lambda tx: definitions.change(
                tx, definitions.get(self.store, Metric, metric), owner=owner, position=position
            )
        )

    @rule()
    def add_and_change(self):
        def work(tx):
            new = definitions.add(tx, Metric(slug=f"m{next(self.names)}", name="New", scope_id=1))
            definitions.change(tx, new, numerator_id=1)

        self.edit(work)

    @rule()
    def join(self):
        def work(tx):
            for driver in definitions.all_of(self.store, Driver):
                definitions.archive(tx, driver)
            definitions.add(tx, Driver(metric_id=1, feeds_id=2))

        self.edit(work)

    @precondition(lambda self: len(self.past) > 1)
    @rule()
    def undo(self):
        undo(self.store)
        self.future.append(self.past.pop())

    @precondition(lambda self: self.future)
    @rule()
    def redo(self):
        redo(self.store)
        self.past.append(self.future.pop())

    @precondition(lambda self: len(self.past) == 1)
    @rule()
    def undo_what_is_not_there(self):
        with pytest.raises(NotFound):
            undo(self.store)

    @precondition(lambda self: not self.future)
    @rule()
    def redo_what_is_not_there(self):
        with pytest.raises(NotFound):
            redo(self.store)

    @rule()
    def all_back_and_all_forth(self):
        states = [*self.past]
        for at in range(len(states) - 2, -1, -1):
            undo(self.store)
            assert self.standing() == states[at]
        for state in states[1:]:
            redo(self.store)
            assert self.standing() == state

    @invariant()
    def what_stands_is_what_the_editor_says(self):
        assert self.standing() == self.past[-1]

    @invariant()
    def every_version_is_still_there_and_counted(self):
        now = self.versions()
        assert self.written.items() <= now.items()
        self.written = now
        last = {}
        for *key, rev in now:
            last.setdefault(tuple(key), set()).add(rev)
        assert all(revs == set(range(1, len(revs) + 1)) for revs in last.values()), "revisions follow one another"

        counted = {}
        for row in now.values():
            counted[row[-1]] = counted.get(row[-1], 0) + 1
        assert counted == dict(self.store.rows("SELECT id, rows FROM txn")), "every row is counted in its transaction"

    def teardown(self):
        assert verify(self.store) == []
        self.store.close()


def test_undo_and_redo_over_any_sequence(tmp_path):
    paths = (tmp_path / f"{at}.db" for at in count())

    class Here(Editing):
        def make(self):
            return made(next(paths))

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
