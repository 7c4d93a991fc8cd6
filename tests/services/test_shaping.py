"""Moving lines of the tree, each move one change that can be taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.model import Goal
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound, Refused
from kpitui.services import creating, doctor, forms, shaping
from kpitui.storage import definitions
from tests.services.hierarchy_model import TODAY, company, lines, node, outline, undo

YEAR = 20_454
"""2026-01-01."""


def test_a_line_goes_up_and_down_among_its_siblings(tmp_path: Path) -> None:
    store = company(tmp_path)
    before = outline(store)
    done = shaping.move(store, node(store, "Trials").key, -1, TODAY)
    assert done.sentence == "Moved Trials above Demos booked"
    assert outline(store)[2:6] == ["    Trials", "      Demos booked", "        Calls made", "    = Demos booked"]
    undo(store)
    assert outline(store) == before
    with pytest.raises(Refused, match="is the first here"):
        shaping.move(store, node(store, "Demos booked").key, -1, TODAY)


def test_a_line_is_not_indented_under_what_feeds_it(tmp_path: Path) -> None:
    store = company(tmp_path)
    before = outline(store)
    with pytest.raises(Refused, match="Trials would feed itself: Trials > Demos booked > Trials"):
        shaping.indent(store, node(store, "Trials").key, TODAY)
    assert outline(store) == before


def test_a_line_is_indented_under_the_one_above_it(tmp_path: Path) -> None:
    store = company(tmp_path)
    shaping.attach(store, [node(store, "NPS").key], "mrr", TODAY)
    assert "    NPS" in outline(store)
    done = shaping.indent(store, node(store, "NPS").key, TODAY)
    assert done.sentence == "Moved NPS under Trials" and "      NPS" in outline(store)
    assert shaping.outdent(store, node(store, "NPS").key, TODAY).sentence == "Moved NPS under MRR"
    names = [line.strip() for line in outline(store) if line.startswith("    ") and not line.startswith("     ")]
    assert names == ["Demos booked", "Trials", "NPS"]
    assert "feeds no KPI now" in shaping.outdent(store, node(store, "NPS").key, TODAY).sentence


def test_a_metric_is_never_made_to_feed_itself_and_the_circle_is_named(tmp_path: Path) -> None:
    store = company(tmp_path)
    txns = store.one("SELECT count(*) FROM txn")
    with pytest.raises(Refused, match="MRR would feed itself: MRR > Calls made > Demos booked > MRR"):
        shaping.attach(store, [node(store, "MRR").key], "Calls made", TODAY)
    with pytest.raises(Refused, match="NPS would feed itself: NPS > NPS"):
        shaping.attach(store, [node(store, "NPS").key], "nps", TODAY)
    assert store.one("SELECT count(*) FROM txn") == txns


def test_attach_moves_from_the_parent_it_stands_under_and_plus_keeps_that(tmp_path: Path) -> None:
    store = company(tmp_path)
    shaping.attach(store, [node(store, "Calls made").key], "tri", TODAY)
    assert outline(store)[2:7] == [
        "    Demos booked",
        "    Trials",
        "      = Demos booked",
        "      Calls made",
        "  ARR",
    ]
    done = shaping.attach(store, [node(store, "Calls made").key], "+ MRR, Demos booked", TODAY)
    assert done.sentence == "Calls made feeds MRR, Demos booked, too"
    assert outline(store).count("      = Calls made") + outline(store).count("    = Calls made") == 2
    with pytest.raises(NotFound, match="did you mean Trials"):
        shaping.attach(store, [node(store, "NPS").key], "Trails", TODAY)
    with pytest.raises(Problem, match="Type a name"):
        shaping.attach(store, [node(store, "NPS").key], "", TODAY)


def test_several_lines_are_attached_in_one_change(tmp_path: Path) -> None:
    store = company(tmp_path)
    before, txns = outline(store), store.one("SELECT count(*) FROM txn")
    keys = [node(store, "NPS").key, node(store, "Calls made").key]
    assert shaping.attach(store, keys, "trials", TODAY).sentence == "Moved 2 lines under Trials"
    assert store.one("SELECT count(*) FROM txn") == txns + 1
    undo(store)
    assert outline(store) == before


def test_what_is_detached_feeds_nothing(tmp_path: Path) -> None:
    store = company(tmp_path)
    again = next(one for one in lines(store) if one.again)
    done = shaping.attach(store, [again.key], "-", TODAY)
    assert done.sentence == "Moved Demos booked out; it still feeds MRR"
    assert not any(one.again for one in lines(store))


def test_scopes_and_goals_move_and_never_into_themselves(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = shaping.attach(store, [node(store, "NPS").key], "sales", TODAY)
    assert done.sentence == "Moved NPS under Sales" and outline(store)[-2:] == ["  KPI Deals", "  NPS"]
    with pytest.raises(Refused, match="Sales would lie in itself"):
        shaping.attach(store, [node(store, "Sales").key], "Sales", TODAY)
    shaping.outdent(store, node(store, "NPS").key, TODAY)
    assert "  NPS" in outline(store)[: outline(store).index("Sales")]
    with pytest.raises(Refused, match="stands under its goal"):
        shaping.outdent(store, node(store, "MRR").key, TODAY)
    with pytest.raises(Refused, match="is a KPI and stands under its goal"):
        shaping.indent(store, node(store, "MRR").key, TODAY)


def test_a_metric_is_tied_to_a_goal(tmp_path: Path) -> None:
    store = company(tmp_path)
    goal = node(store, "$5.0M ARR by 31 Dec")
    done = shaping.attach(store, [goal.key], "mrr", TODAY)
    assert done.sentence == "MRR says how far $5.0M ARR by 31 Dec is"
    assert store.one("SELECT metric_id FROM goal") == node(store, "MRR").metric_id
    with pytest.raises(Refused, match="p makes NPS one"):
        shaping.attach(store, [node(store, "NPS").key], "$5.0m", TODAY)


def test_a_goal_tied_to_what_adds_up_is_a_total(tmp_path: Path) -> None:
    store = company(tmp_path)
    with store.write("t", summary="no baseline yet") as tx:
        definitions.change(tx, definitions.get(store, Goal, 1), baseline=None)
    done = shaping.attach(store, [node(store, "$5.0M ARR by 31 Dec").key], "Demos booked", TODAY)
    assert ": its total since " in done.sentence
    assert store.one("SELECT target_kind FROM goal") == "reach"


def test_a_goal_of_an_earlier_version_about_what_adds_up_is_found_and_made_a_total(tmp_path: Path) -> None:
    store = company(tmp_path)
    place = creating.Place("goal", "Acme", None, None, 1, "ana", "week", None, None)
    line = creating.read_line("goal 300k beers by 31 dec", place, date(2026, 11, 20), "USD")
    creating.add_goal(store, line, place, TODAY)
    goal, demos = definitions.get(store, Goal, 2), node(store, "Demos booked").metric_id
    with store.write("t", summary="tied as 0.4 did") as tx:
        definitions.change(tx, goal, metric_id=demos, baseline=26.0)
    found = [case for case in doctor.examine(store, TODAY).cases if case.finding.rule == "G04"]
    assert [case.finding.on for case in found] == [goal.title] and found[0].finding.fix.screen == "form"
    done = forms.set_field(store, "goal", 2, goal.rev + 1, "target_kind", "reach", TODAY)
    assert done.sentence.endswith("reach (was from to), its total since 1 Jan 2026")
    assert store.row("SELECT target_kind, baseline, start FROM goal WHERE id = 2") == ("reach", None, YEAR)
    assert "G04" not in {case.finding.rule for case in doctor.examine(store, TODAY).cases}


def test_a_first_day_that_was_chosen_stays_when_a_goal_becomes_a_total(tmp_path: Path) -> None:
    store = company(tmp_path)
    demos = node(store, "Demos booked").metric_id
    with store.write("t", summary="of demos") as tx:
        definitions.change(tx, definitions.get(store, Goal, 1), metric_id=demos, unit="number", start=YEAR + 90)
    rev = definitions.get(store, Goal, 1).rev
    forms.set_field(store, "goal", 1, rev, "target_kind", "reach", TODAY)
    assert store.row("SELECT target_kind, start FROM goal WHERE id = 1") == ("reach", YEAR + 90)


def test_a_line_that_somebody_moved_meanwhile_is_told(tmp_path: Path) -> None:
    store = company(tmp_path)
    key = next(one for one in lines(store) if one.again).key
    shaping.attach(store, [key], "-", TODAY)
    with pytest.raises(NotFound, match="somebody moved it meanwhile"):
        shaping.move(store, key, 1, TODAY)


def test_places_between_two_siblings_never_run_out(tmp_path: Path) -> None:
    from kpitui.domain.model import Driver
    from kpitui.storage import definitions

    store = company(tmp_path)
    parent, other = node(store, "NPS").metric_id or 0, node(store, "ARR").metric_id or 0
    with store.write("many") as tx:
        first = definitions.add(tx, Driver(metric_id=other, feeds_id=parent, position=1.0))
        last = definitions.add(tx, Driver(metric_id=node(store, "Deals").metric_id or 0, feeds_id=parent, position=2.0))
        for _ in range(70):
            siblings = definitions.all_of(store, Driver, feeds_id=parent)
            place = shaping.place_behind(tx, siblings, first.id)
            now = definitions.all_of(store, Driver, feeds_id=parent)
            assert now[0].position < place < now[1].position
            moved = next(one for one in now if one.id == last.id)
            last = definitions.change(tx, moved, position=place)
