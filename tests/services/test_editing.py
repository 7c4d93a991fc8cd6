"""The line that is edited, the form of all fields, renaming, and putting away."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.services import actions, editing, forms, putting_away
from kpitui.services.naming import Done
from kpitui.storage.store import Store
from tests.services.hierarchy_model import TODAY, company, node, outline, undo
from tests.workspace import join

DAY = date(2026, 11, 20)


def edited(store: Store, name: str, old: str, new: str) -> Done:
    one = node(store, name)
    before = editing.line_of(store, one, TODAY)
    assert old in before
    return editing.edit(store, one, before, before.replace(old, new, 1), TODAY)


@pytest.mark.parametrize("name", ["$5.0M ARR by 31 Dec", "MRR", "Demos booked", "Calls made", "NPS", "Sales", "Deals"])
def test_every_line_can_be_read_again_and_nothing_is_saved_when_nothing_changed(tmp_path: Path, name: str) -> None:
    store = company(tmp_path)
    one, txns = node(store, name), store.one("SELECT count(*) FROM txn")
    line = editing.line_of(store, one, TODAY)
    assert editing.check_line(one, line, DAY, "USD")
    assert editing.edit(store, one, line, f"{line} ", TODAY).sentence.endswith("is as it was")
    assert store.one("SELECT count(*) FROM txn") == txns


def test_only_what_was_changed_is_saved(tmp_path: Path) -> None:
    store = company(tmp_path)
    assert editing.line_of(store, node(store, "Demos booked"), TODAY) == (
        "Demos booked, weekly @bo lead number flow up >=30 feeds MRR, Trials"
    )
    done = edited(store, "Demos booked", "weekly @bo", "monthly @cy")
    assert done.sentence == "Saved Demos booked: every month (was week), owner cy (was bo)"
    assert store.row("SELECT cadence, owner, good_low FROM metric WHERE slug = 'demos'") == ("month", "cy", 30.0)
    undo(store)
    assert store.row("SELECT cadence, owner FROM metric WHERE slug = 'demos'") == ("week", "bo")


def test_feeds_are_edited_with_the_line(tmp_path: Path) -> None:
    store = company(tmp_path)
    edited(store, "Demos booked", "feeds MRR, Trials", "feeds Trials")
    assert outline(store)[2:5] == ["    Trials", "      Demos booked", "        Calls made"]
    with pytest.raises(Refused, match="would feed itself"):
        edited(store, "Trials", "feeds MRR", "feeds Calls made")


def test_a_new_name_is_the_new_name_everywhere(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = edited(store, "MRR", "MRR", "Recurring revenue")
    assert done.sentence == "Saved MRR: now called Recurring revenue, 1 formula rewritten"
    assert store.one("SELECT formula FROM metric WHERE slug = 'arr'") == "recurring_revenue * 12"
    with pytest.raises(Refused, match="There is a metric called Trials already"):
        edited(store, "NPS", "NPS", "trials")
    undo(store)
    assert store.one("SELECT formula FROM metric WHERE slug = 'arr'") == "mrr * 12"


def test_a_name_with_a_comma_stands_in_quotes(tmp_path: Path) -> None:
    store = company(tmp_path)
    edited(store, "NPS", "NPS", '"Reply, hours"')
    assert editing.line_of(store, node(store, "Reply, hours"), TODAY).startswith('"Reply, hours", quarterly')
    assert edited(store, "Reply, hours", "quarterly", "monthly").sentence.startswith("Saved Reply, hours: every month")


def test_the_target_of_a_kpi_is_edited_with_its_line_in_one_change(tmp_path: Path) -> None:
    store = company(tmp_path)
    txns = store.one("SELECT count(*) FROM txn")
    done = edited(store, "Deals", "@bo number flow up >=5", "@cy number flow up >=7")
    assert "target of Deals: ≥ 7 (was ≥ 5)" in done.sentence
    assert store.one("SELECT count(*) FROM txn") == txns + 1
    with pytest.raises(Problem, match="keeps its target"):
        edited(store, "Deals", ">=7", "")


def test_goals_and_scopes_are_edited_by_their_line(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = edited(store, "$5.0M ARR by 31 Dec", "$5000000 by 31 dec 2026 @ana", "$6m by 30 jun 2027 @bo")
    assert done.sentence.endswith("owner bo (was ana), by 2027-06-30 (was 2026-12-31), target $6M (was $5M)")
    assert edited(store, "Sales", "team Sales", "role Closers").sentence == (
        "Saved Sales: name Closers (was Sales), kind role (was team)"
    )
    assert store.one("SELECT slug FROM scope WHERE name = 'Closers'") == "closers"
    with pytest.raises(Refused, match="There is one organisation"):
        edited(store, "Closers", "role", "org")


def test_who_was_faster_is_told_and_not_overwritten(tmp_path: Path) -> None:
    store = company(tmp_path)
    one = node(store, "NPS")
    line = editing.line_of(store, one, TODAY)
    other = join(store, "bo")
    editing.edit(other, one, line, line.replace("quarterly", "monthly"), TODAY)
    with pytest.raises(Conflict, match="changed meanwhile by bo"):
        editing.edit(store, one, line, line.replace("quarterly", "yearly"), TODAY)
    assert store.one("SELECT cadence FROM metric WHERE slug = 'nps'") == "month"


def test_two_who_edit_the_line_of_a_kpi_do_not_go_over_each_other(tmp_path: Path) -> None:
    """Its target and what its metric is are no part of the role, whose revision the row knows."""
    store = company(tmp_path)
    one = node(store, "Deals")
    line = editing.line_of(store, one, TODAY)
    other = join(store, "bo")
    editing.edit(other, one, line, line.replace(">=5", ">=7"), TODAY)
    theirs = editing.line_of(store, one, TODAY)
    with pytest.raises(Conflict, match=r"bo at \d\d:\d\d made it “Deals, .*>=7.*” meanwhile. NOT saved"):
        editing.edit(store, one, line, line.replace(">=5", ">=9"), TODAY)
    assert editing.line_of(store, one, TODAY) == theirs
    # What they changed elsewhere in it is kept.
    assert editing.edit(store, one, line, line.replace(" flow ", " level "), TODAY).sentence.endswith(
        "kind level (was flow)"
    )
    assert editing.line_of(store, one, TODAY) == theirs.replace(" flow ", " level ")
    with pytest.raises(Conflict, match="made it"):
        editing.edit(other, one, line, line.replace(" flow ", " index "), TODAY)


# ---- all fields --------------------------------------------------------------------------------------------------


def put(store: Store, name: str, field: str, text: str, table: str = "metric") -> Done:
    one = node(store, name)
    seen = forms.form(store, one, TODAY)
    id, rev = next((id, rev) for known, id, rev in seen.revs if known == table)
    return forms.set_field(store, table, id, rev, field, text, TODAY)


def test_the_form_shows_the_role_and_the_metric_and_reads_its_own_texts(tmp_path: Path) -> None:
    store = company(tmp_path)
    for name in ("MRR", "Demos booked", "$5.0M ARR by 31 Dec", "Sales"):
        one = node(store, name)
        seen = forms.form(store, one, TODAY)
        revs = {table: (id, rev) for table, id, rev in seen.revs}
        for _, fields in seen.parts:
            for field in fields:
                done = forms.set_field(store, field.table, *revs[field.table], field.name, field.text, TODAY)
                assert done.sentence.endswith(" already"), (field, done)


def test_fields_are_saved_one_by_one_and_checked(tmp_path: Path) -> None:
    store = company(tmp_path)
    assert put(store, "NPS", "definition", "Promoters less detractors").sentence == (
        "Set definition of NPS: Promoters less detractors (was -)"
    )
    assert put(store, "NPS", "timing", "lag").sentence == "Set leading or lagging of NPS: lagging (was -)"
    # A first day that says no year lies before the deadline, not after it.
    assert put(store, "$5.0M ARR by 31 Dec", "start", "1 feb", "goal").sentence.endswith("1 feb 2026 (was 1 jan 2026)")
    assert put(store, "NPS", "watch_band", "10%").sentence == "Set watch band of NPS: 10% (was -)"
    assert put(store, "NPS", "influence", "y").sentence.endswith("yes (was -)")
    assert put(store, "MRR", "counter_id", "trials", "kpi").sentence == "Set guarded by of MRR: Trials (was -)"
    assert put(store, "MRR", "deadline", "31 mar 2027", "kpi").sentence.startswith("Set deadline of MRR: 31 mar 2027")
    for field, text, why in (
        ("timing", "sideways", "use one of"),
        ("decimals", "two", "whole number"),
        ("formula", "mrr *", "formula|Formula"),
        ("name", "", "is empty"),
        ("currency", "dollars", "three capitals"),
        ("numerator_id", "zzz", "nothing called"),
    ):
        with pytest.raises((Problem, Refused, NotFound), match=why):
            put(store, "NPS", field, text)
    with pytest.raises(Refused, match="circle"):
        put(store, "MRR", "formula", "arr / 12")


def test_there_is_one_main_goal_a_year(tmp_path: Path) -> None:
    from tests.services.test_creating import type_line

    store = company(tmp_path)
    type_line(store, "", "300 customers by 30 nov")
    with pytest.raises(Refused, match=r"one main goal a year|is the main goal of 2026"):
        put(store, "300 customers by 30 Nov", "main", "yes", "goal")


# ---- putting away ------------------------------------------------------------------------------------------------


def test_a_metric_that_others_are_worked_out_from_is_refused_by_name(tmp_path: Path) -> None:
    store = company(tmp_path)
    with pytest.raises(Refused, match="ARR is worked out from MRR: put that away first"):
        putting_away.archive(store, [node(store, "MRR")], TODAY)
    putting_away.archive(store, [node(store, "MRR"), node(store, "ARR")], TODAY)
    assert "  ARR" not in outline(store)
    undo(store)
    assert "  ARR" in outline(store) and "  KPI MRR" in outline(store)


def test_archiving_names_what_is_left_over(tmp_path: Path) -> None:
    store = company(tmp_path)
    actions.add(store, "Ring them up @bo 27 nov", TODAY, metric_id=node(store, "Deals").metric_id)
    done = putting_away.archive(store, [node(store, "Deals")], TODAY)
    assert done.sentence == "Archived KPI Deals · 1 action stays open: bo, Ring them up"
    assert putting_away.archive(store, [node(store, "Demos booked")], TODAY).sentence == (
        "Archived Demos booked, 1 metric below it stands free"
    )
    assert "  Calls made" in outline(store)
    done = putting_away.archive(store, [node(store, "$5.0M ARR by 31 Dec")], TODAY)
    assert done.sentence.endswith("1 KPI without a goal now: M ties them to another")
    assert outline(store)[:2] == ["KPIs without a goal", "  KPI MRR"]


def test_a_scope_goes_when_it_is_empty(tmp_path: Path) -> None:
    store = company(tmp_path)
    with pytest.raises(Refused, match="Sales still holds 1 KPI, 1 metric"):
        putting_away.archive(store, [node(store, "Sales")], TODAY)
    putting_away.archive(store, [node(store, "Deals")], TODAY)
    assert putting_away.archive(store, [node(store, "Sales")], TODAY).sentence == "Archived Sales"
    assert "Sales" not in outline(store)


def test_choices_are_words_both_ways(tmp_path: Path) -> None:
    store = company(tmp_path)
    one = node(store, "MRR")

    def field(name: str) -> forms.Field:
        seen = forms.form(store, one, TODAY)
        return next(field for _, part in seen.parts for field in part if field.name == name)

    kind = field("target_kind")
    assert "at least" in kind.choices and not any("_" in text for text in (kind.text, *kind.choices))
    put(store, "MRR", "review", "weekly, monthly", "kpi")
    assert field("review").text == "weekly, monthly"
    put(store, "MRR", "target_kind", "at least", "kpi")
    assert field("target_kind").text == "at least"
