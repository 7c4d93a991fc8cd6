from __future__ import annotations

import pytest

from kpitui.domain.model import Driver, Kpi, Metric, Review, ReviewLine, Scope
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.storage import changes, definitions, points, settings
from kpitui.storage.undo import redo, standing, undo


@pytest.fixture
def visits(store):
    with store.write("init") as tx:
        root = definitions.add(tx, Scope(slug="org", name="Org"))
    with store.write("add") as tx:
        return definitions.add(tx, Metric(slug="visits", name="Visits", scope_id=root.id))


def save(store, value, day=100, metric_id=1):
    with store.write("record", summary=f"visits {value}") as tx:
        points.save(tx, metric_id, "visits", day, day + 1, value=value, entered=str(value), note=f"n{value}")
        return tx.id


def change(store, **values):
    with store.write("change") as tx:
        definitions.change(tx, definitions.get(store, Metric, 1), **values)
        return tx.id


def value(store, day=100):
    found = points.between(store, 1, day, day + 1)
    return found[0].value if found else None


def owner(store):
    return definitions.get(store, Metric, 1).owner


def test_a_value_goes_back_to_the_one_before_and_forth_again(store, visits):
    save(store, 1.0)
    last = save(store, 2.0)
    done = undo(store, why="wrong sheet")
    assert (done.root, done.who, done.what, done.summary) == (last, "ana", "record", "visits 2.0")
    assert (done.items, done.rows) == (("visits",), 1)
    row = points.between(store, 1, 100, 101)[0]
    assert row[2:8] == (1.0, "1.0", "n1.0", 0, 0, 3)
    line = changes.log(store, limit=1)[0]
    assert (line.what, line.undoes, line.why) == ("undo", last, "wrong sheet")
    assert (line.before["value"], line.after["value"]) == (2.0, 1.0)
    assert changes.lines_of(store, last)[0].undone_by == done.txn_id
    assert redo(store).root == last
    assert points.between(store, 1, 100, 101)[0][2:8] == (2.0, "2.0", "n2.0", 0, 0, 4)
    assert changes.log(store, limit=1)[0].what == "redo"
    assert [row.value for row in points.history(store, 1)] == [1.0, 2.0, 1.0, 2.0]


def test_an_added_value_is_cleared_and_an_added_definition_archived(store, visits):
    save(store, 1.0)
    undo(store)
    assert points.between(store, 1, 100, 101)[0].state == points.CLEARED
    undo(store)
    assert definitions.all_of(store, Metric) == []
    assert changes.log(store, limit=1)[0].after == {"archived": True}
    redo(store)
    assert definitions.get(store, Metric, 1).archived is False
    redo(store)
    assert value(store) == 1.0


def test_there_is_nothing_to_undo_before_the_first_change(store, visits, open_as):
    undo(store)
    with pytest.raises(NotFound, match="nothing of yours to undo"):
        undo(store)
    with pytest.raises(NotFound, match="nothing of yours to undo"):
        undo(open_as("bo"))
    with pytest.raises(Refused, match="made the workspace"):
        undo(store, 1)
    with pytest.raises(NotFound, match="no change 99"):
        undo(store, 99)


def test_undo_goes_down_and_redo_up_the_own_changes(store, visits):
    for one in (1.0, 2.0, 3.0):
        save(store, one)
    seen = []
    for step in (undo, undo, redo, undo, undo, redo, redo, redo, undo):
        step(store)
        seen.append(value(store))
    assert seen == [2.0, 1.0, 2.0, 1.0, None, 1.0, 2.0, 3.0, 2.0]


def test_a_new_change_ends_redo(store, visits):
    save(store, 1.0)
    undo(store)
    save(store, 5.0, day=200)
    with pytest.raises(NotFound, match="nothing of yours to redo"):
        redo(store)
    undo(store)
    redo(store)
    with pytest.raises(NotFound):
        redo(store)
    assert (value(store), value(store, 200)) == (None, 5.0)


def test_each_person_undoes_their_own(store, visits, open_as):
    bo = open_as("bo")
    save(store, 1.0)
    save(bo, 2.0, day=200)
    undo(store)
    assert (value(store), value(store, 200)) == (None, 2.0)
    redo(store)
    undo(bo)
    assert (value(store), value(store, 200)) == (1.0, None)
    with pytest.raises(NotFound):
        redo(store)


def test_what_somebody_changed_since_is_not_undone_and_they_are_named(store, visits, open_as):
    mine = save(store, 1.0)
    theirs = save(open_as("bo"), 2.0)
    with pytest.raises(
        Conflict, match=rf"visits was changed since by bo at 09:00 \(visits 2.0, change {theirs}\)\. Nothing was undone"
    ):
        undo(store)
    assert value(store) == 2.0
    assert standing(store, mine) and changes.lines_of(store, mine)[0].undone_by is None


def test_an_undo_that_came_since_is_named_and_not_the_old_change_it_brought_back(store, visits, open_as):
    save(store, 1.0)
    save(store, 2.0)
    bo = open_as("bo")
    save(bo, 3.0)
    undo(bo)
    taken_back = undo(store).txn_id
    with pytest.raises(
        Conflict, match=rf"by ana at 09:00 \(undo of .*, change {taken_back}\)\. Nothing was brought back"
    ):
        redo(bo)


def test_all_or_nothing_of_a_change_is_undone(store, visits, open_as):
    with store.write("paste") as tx:
        for day in (100, 101):
            points.save(tx, 1, "visits", day, day + 1, value=1.0, entered="1")
        definitions.change(tx, definitions.get(store, Metric, 1), owner="ana")
    save(open_as("bo"), 2.0, day=100)
    before = store.rows("SELECT * FROM point"), store.rows("SELECT * FROM metric"), changes.count(store)
    with pytest.raises(Conflict):
        undo(store)
    assert before == (store.rows("SELECT * FROM point"), store.rows("SELECT * FROM metric"), changes.count(store))


def test_a_later_change_that_is_undone_is_not_in_the_way(store, visits, open_as):
    mine = change(store, owner="cy")
    bo = open_as("bo")
    theirs = change(bo, owner="bo", name="V")
    undo(bo)
    undo(store, mine)
    assert owner(store) == ""
    with pytest.raises(Refused, match=f"Change {mine} is undone already"):
        undo(store, mine)
    redo(store)
    redo(bo)
    assert owner(store) == "bo"
    with pytest.raises(Conflict, match=f"change {theirs}"):
        undo(store, mine)
    undo(store, theirs)
    undo(store, mine)
    assert (owner(store), definitions.get(store, Metric, 1).name) == ("", "Visits")


def test_an_older_change_is_undone_when_nothing_stands_on_it(store, visits):
    first, second = save(store, 1.0), save(store, 2.0, day=101)
    undo(store, first)
    assert (value(store), value(store, 101)) == (None, 2.0)
    assert (standing(store, first), standing(store, second)) == (False, True)
    redo(store)
    assert value(store) == 1.0 and standing(store, first)


def test_an_undo_can_be_undone_by_its_number(store, visits):
    first = save(store, 1.0)
    taken = undo(store, first).txn_id
    assert undo(store, taken).root == first
    assert value(store) == 1.0
    undo(store, first)
    assert value(store) is None and not standing(store, first)


def test_what_others_built_on_keeps_an_addition_from_being_undone(store, visits, open_as):
    added = changes.log(store, limit=1)[0].txn_id
    bo = open_as("bo")
    save(bo, 1.0)
    with pytest.raises(Conflict, match="visits is in use: bo gave it values at 09:00"):
        undo(store, added)
    undo(bo)
    with bo.write("add") as tx:
        definitions.add(tx, Kpi(metric_id=1, scope_id=1))
    with pytest.raises(Conflict, match="visits is in use: bo gave it a kpi"):
        undo(store, added)
    undo(bo)
    undo(store, added)
    assert definitions.all_of(store, Metric) == []


def test_what_took_the_place_of_something_makes_way_again(store, visits):
    with store.write("add") as tx:
        old = definitions.add(tx, Kpi(metric_id=1, scope_id=1))
    with store.write("replace") as tx:
        definitions.archive(tx, old)
        definitions.add(tx, Kpi(metric_id=1, scope_id=1, owner="bo"))
    for step, live in ((undo, ""), (redo, "bo"), (undo, "")):
        step(store)
        assert [kpi.owner for kpi in definitions.all_of(store, Kpi)] == [live]


def test_what_took_the_place_in_another_change_is_not_pushed_out(store, visits, open_as):
    with store.write("add") as tx:
        other = definitions.add(tx, Metric(slug="leads", name="Leads", scope_id=1))
        driver = definitions.add(tx, Driver(metric_id=1, feeds_id=other.id))
    with store.write("archive") as tx:
        definitions.archive(tx, driver)
    bo = open_as("bo")
    with bo.write("add") as tx:
        definitions.add(tx, Driver(metric_id=1, feeds_id=other.id))
    with pytest.raises(Conflict, match="visits → leads cannot come back as it was"):
        undo(store)
    assert len(definitions.all_of(store, Driver)) == 1


def test_settings_go_back_too(store, visits):
    for name in ("Acme", "Apex"):
        with store.write("settings") as tx:
            settings.save(tx, {"name": name})
    undo(store)
    assert settings.load(store) == {"name": "Acme"}
    undo(store)
    assert settings.load(store) == {}
    redo(store)
    redo(store)
    assert settings.load(store) == {"name": "Apex"}


def test_an_import_is_undone_whole(store, visits, open_as):
    save(store, 1.0, day=3)
    save(open_as("bo"), 7.0, day=50)
    before = [row[:7] for row in points.between(store, 1, 0, 100)]
    with store.write("import") as tx:
        counts = points.save_many(tx, [(1, day, day + 1, 9.0, "9", None, 0, 0) for day in range(10)])
        tx.note("import", "point", None, "visits.csv", None, counts._asdict())
    after = [row[:7] for row in points.between(store, 1, 0, 100)]
    assert undo(store).rows == 10
    assert [row[:7] for row in points.between(store, 1, 0, 100) if row.state != points.CLEARED] == before
    assert (changes.log(store, limit=1)[0].item, changes.log(store, limit=1)[0].after) == ("visits.csv", {"values": 10})
    redo(store)
    assert [row[:7] for row in points.between(store, 1, 0, 100)] == after
    save(open_as("bo"), 8.0, day=4)
    with pytest.raises(Conflict, match=r"visits\.csv was changed since by bo"):
        undo(store)


def test_an_import_of_one_metric_is_undone_without_touching_others(store, visits):
    with store.write("add") as tx:
        other = definitions.add(tx, Metric(slug="leads", name="Leads", scope_id=1))
    with store.write("paste") as tx:
        points.save_many(tx, [(1, 5, 6, 9.0, "9", None, 0, 0)])
        tx.note("paste", "point", 1, "visits", None, {"new": 1})
        points.save(tx, other.id, "leads", 5, 6, value=4.0, entered="4")
    assert undo(store).rows == 2
    assert [points.between(store, id, 5, 6)[0].state for id in (1, other.id)] == [points.CLEARED] * 2


def test_a_row_touched_twice_in_one_change_goes_back_to_before_both(store, visits):
    save(store, 1.0)
    with store.write("both") as tx:
        for new in (2.0, 3.0):
            points.save(tx, 1, "visits", 100, 101, value=new, entered="")
        first = definitions.change(tx, definitions.get(store, Metric, 1), owner="bo")
        definitions.change(tx, first, owner="cy")
    assert undo(store).rows == 2
    assert (value(store), owner(store)) == (1.0, "")
    redo(store)
    assert (value(store), owner(store)) == (3.0, "cy")


def review(store):
    with store.write("review.start") as tx:
        return definitions.add(tx, Review(rhythm="weekly", scope_id=1, start=1, end=8, held=9))


def sign(store, held):
    with store.write("review.sign") as tx:
        definitions.change(tx, held, state="signed", minutes="# Minutes")


def test_a_signed_review_stays_signed(store, visits):
    held = review(store)
    with store.write("review.line") as tx:
        definitions.add(tx, ReviewLine(review_id=held.id, kind="note", text="Ads down"))
        line = tx.id
    sign(store, held)
    with pytest.raises(Refused, match=r"signed off is not undone: its leader may reopen it\.$"):
        undo(store)
    with pytest.raises(Refused, match="“Ads down” stands in a review that was signed off: its leader may reopen it"):
        undo(store, line)
    assert definitions.get(store, Review, held.id).state == "signed"


def test_a_reopened_review_can_be_signed_again_by_undo_but_not_opened_by_redo(store, visits):
    held = review(store)
    sign(store, held)
    signed = definitions.get(store, Review, held.id)
    with store.write("review.reopen") as tx:
        definitions.change(tx, signed, state="open")
    undo(store)
    assert definitions.get(store, Review, held.id).minutes == "# Minutes"
    assert definitions.get(store, Review, held.id).state == "signed"
    with pytest.raises(Refused, match="leader may reopen"):
        redo(store)


def test_two_windows_that_undo_at_once_undo_once(store, visits, open_as, monkeypatch):
    save(store, 1.0)
    mine = save(store, 2.0)
    other = open_as("ana")
    write = store.write

    def late(*args, **more):
        undo(other, mine)
        return write(*args, **more)

    monkeypatch.setattr(store, "write", late)
    with pytest.raises(Conflict, match=f"Change {mine} was undone or redone meanwhile"):
        undo(store)
    assert value(other) == 1.0


def test_an_undo_inside_another_change_is_a_mistake_of_the_program(store, visits):
    save(store, 1.0)
    with pytest.raises(RuntimeError, match="never part of another"), store.write("both"):
        undo(store)
    assert value(store) == 1.0


def test_what_only_left_a_line_in_the_log_is_passed_over(store, visits):
    save(store, 1.0)
    with store.write("backup") as tx:
        tx.note("backup", "file", None, "team.db", None, {"to": "copy.db"})
        noted = tx.id
    with pytest.raises(Refused, match=rf"Change {noted} \(backup\) touched nothing that can be brought back"):
        undo(store, noted)
    undo(store)
    assert value(store) is None


@pytest.mark.parametrize("metric", [None, 1])
def test_a_value_saved_beside_a_bulk_write_goes_back_once(store, visits, metric):
    save(store, 1.0, day=5)
    with store.write("paste") as tx:
        points.save_many(tx, [(1, day, day + 1, 9.0, "9", None, 0, 0) for day in (5, 6)])
        points.save(tx, 1, "visits", 6, 7, value=4.0, entered="4")
        tx.note("paste", "point", metric, "visits", None, {"new": 1})
    assert undo(store).rows == 2
    assert (value(store, 5), value(store, 6)) == (1.0, None)
    redo(store)
    assert (value(store, 5), value(store, 6)) == (9.0, 4.0)
