"""New lines from what is typed, with what is inherited."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.line_target import read_target
from kpitui.domain.model import Unit
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound, Refused
from kpitui.services import creating, editing, hierarchy, targets
from kpitui.services.naming import Done
from kpitui.storage.store import Store
from tests.services.hierarchy_model import TODAY, company, node, outline, undo
from tests.workspace import build

DAY = date(2026, 11, 20)


def type_line(store: Store, at: str, text: str, *, sibling: bool = False) -> Done:
    tree = hierarchy.tree(store, TODAY)
    place = creating.place_of(tree, node(store, at) if at else None, sibling=sibling, root=tree.root)
    return creating.add(store, creating.read_line(text, place, DAY, "USD"), place, TODAY)


def test_the_first_line_is_the_main_goal_of_its_year(tmp_path: Path) -> None:
    store = build(tmp_path)
    done = type_line(store, "", "5m ARR by 31 dec @bo")
    assert done.sentence.startswith("New goal: $5.0M ARR by 31 Dec, main goal of 2026")
    row = store.row("SELECT slug, main, target, owner, unit FROM goal")
    assert row == ("arr_2026", 1, 5_000_000.0, "bo", "currency")
    assert "main goal" not in type_line(store, "", "300 customers by 31 dec").sentence
    assert "main goal of 2027" in type_line(store, "", "600 customers by 31 dec 2027").sentence
    undo(store)
    assert len(outline(store)) == 2


def test_a_goal_is_measured_by_the_metric_it_names_and_starts_where_that_stands(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = type_line(store, "", "450k MRR by 31 dec 2027")
    assert done.sentence.endswith("measured by MRR")
    assert store.row("SELECT metric_id, baseline FROM goal WHERE id = 2") == (node(store, "MRR").metric_id, 359_000.0)


def test_a_goal_about_what_adds_up_is_a_total_of_the_year(tmp_path: Path) -> None:
    store = build(tmp_path)
    type_line(store, "", "300k Revenue by 31 dec")
    read = "SELECT target_kind, start, baseline, metric_id IS NULL FROM goal WHERE id = 1"
    assert store.row(read) == ("from_to", TODAY, None, 1)
    done = type_line(store, "$300k Revenue by 31 Dec", "Revenue, weekly @cy >=7k")
    assert done.sentence.endswith("by 31 Dec, which it measures")
    year = date(2026, 1, 1).toordinal() - date(1970, 1, 1).toordinal()
    assert store.row(read) == ("reach", year, None, 0)
    type_line(store, "", "90k Revenue by 31 mar")
    assert store.row(read.replace("id = 1", "id = 2")) == ("reach", TODAY, None, 0)


def test_a_metric_inherits_owner_and_cadence_and_feeds_its_parent(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = type_line(store, "Demos booked", "Mails sent, lead >=100")
    assert done.sentence == "New metric: Mails sent under Demos booked"
    row = store.row("SELECT slug, owner, cadence, timing, good_low, kind FROM metric WHERE name = 'Mails sent'")
    assert row == ("mails_sent", "bo", "week", "leading", 100.0, "flow")
    assert outline(store)[2:5] == ["    Demos booked", "      Mails sent", "      Calls made"]
    undo(store)
    assert "      Mails sent" not in outline(store)
    assert store.one("SELECT count(*) FROM driver WHERE archived = 0") == 4


def test_workdays_are_a_word_of_the_line(tmp_path: Path) -> None:
    store = company(tmp_path)
    type_line(store, "Demos booked", "Mails sent, workdays")
    assert store.row("SELECT cadence, days FROM metric WHERE name = 'Mails sent'") == ("day", "working")
    one = node(store, "Mails sent")
    line = editing.line_of(store, one, TODAY)
    assert line.startswith("Mails sent, daily workdays @bo")
    done = editing.edit(store, one, line, line.replace(" workdays", ""), TODAY)
    assert done.sentence == "Saved Mails sent: days expected every (was working)"


def test_a_sibling_stands_behind_the_line_it_was_written_on(tmp_path: Path) -> None:
    store = company(tmp_path)
    type_line(store, "Demos booked", "Webinars, monthly @cy", sibling=True)
    assert outline(store)[2:6] == ["    Demos booked", "      Calls made", "    Webinars", "    Trials"]


def test_feeds_on_the_line_takes_the_place_of_the_parent(tmp_path: Path) -> None:
    store = company(tmp_path)
    type_line(store, "MRR", "Ads clicked, daily feeds Trials, NPS")
    assert outline(store).count("      Ads clicked") == 1 and "    = Ads clicked" in outline(store)
    with pytest.raises(NotFound, match="There is nothing called “Sales calls”"):
        type_line(store, "MRR", "Ads seen, daily feeds Sales calls")


def test_under_a_goal_a_line_is_a_kpi_live_when_nothing_is_missing(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = type_line(store, "$5.0M ARR by 31 Dec", "Logo retention, monthly @cy >=95%")
    assert done.sentence == "New KPI: Logo retention under $5.0M ARR by 31 Dec"
    row = store.row("SELECT state, target_kind, target, deadline FROM kpi WHERE id = 3")
    assert row == ("live", "at_least", 0.95, TODAY + 41)
    draft = type_line(store, "$5.0M ARR by 31 Dec", "New logos")
    assert draft.sentence.endswith("a draft until T gives it a target")
    assert store.one("SELECT state FROM kpi WHERE id = 4") == "draft"


def test_more_kpis_than_a_scope_can_look_at_are_said(tmp_path: Path) -> None:
    store = company(tmp_path)
    for number in range(2, 4):
        assert type_line(store, "$5.0M ARR by 31 Dec", f"K{number}, @cy >=1").warning == ""
    said = [type_line(store, "$5.0M ARR by 31 Dec", f"K{number}, @cy >=1").warning for number in range(4, 9)]
    assert said[0] == "Acme has 4 KPIs now, 3 keep the eye on what matters"
    assert "more than 5" in said[2] and "far more than 3" in said[4]


def test_a_counter_metric_under_a_kpi_guards_it(tmp_path: Path) -> None:
    store = company(tmp_path)
    assert type_line(store, "MRR", "Refunds, counter <=3").sentence.endswith("under MRR, guarding it")
    assert store.one("SELECT counter_id FROM kpi WHERE id = 1") == node(store, "Refunds").metric_id


@pytest.mark.parametrize(
    ("text", "sentence", "table"),
    [
        ("role closer @cy", "New role: closer", "scope"),
        ("Field sales", "New team: Field sales", "scope"),
        ("Mails, daily", "New metric: Mails", "metric"),
        ("goal 20 deals by 31 mar", "New goal: 20 deals by 31 Mar 2027", "goal"),
    ],
)
def test_a_scope_line_makes_scopes_metrics_and_goals(tmp_path: Path, text: str, sentence: str, table: str) -> None:
    store = company(tmp_path)
    done = type_line(store, "Sales", text)
    assert done.sentence.startswith(sentence)
    last = store.one(f"SELECT max(id) FROM {table}")
    scope = node(store, "Sales").id
    column = "parent_id" if table == "scope" else "scope_id"
    assert store.one(f"SELECT {column} FROM {table} WHERE id = ?", (last,)) == scope


def test_what_cannot_be_is_refused_and_nothing_is_saved(tmp_path: Path) -> None:
    store = company(tmp_path)
    txns = store.one("SELECT count(*) FROM txn")
    with pytest.raises(Refused, match="There is a metric called Trials already: M attaches that one here"):
        type_line(store, "MRR", "TRIALS, weekly")
    with pytest.raises(Problem, match="leave the date out"):
        type_line(store, "MRR", "Talks, weekly 30 by 31 dec")
    with pytest.raises(Problem, match="By when"):
        type_line(store, "", "5m ARR")
    assert store.one("SELECT count(*) FROM txn") == txns


def test_slugs_come_from_names_and_never_twice(tmp_path: Path) -> None:
    store = company(tmp_path)
    type_line(store, "MRR", "Días % Größe, weekly")
    assert store.one("SELECT slug FROM metric ORDER BY id DESC LIMIT 1") == "dias_pct_grosse"
    undo(store)
    type_line(store, "MRR", "Dias % Grosse, weekly")
    assert store.one("SELECT slug FROM metric WHERE archived = 0 ORDER BY id DESC LIMIT 1") == "dias_pct_grosse_2"


@pytest.mark.parametrize(
    ("name", "unit", "kind"),
    [
        ("Cost per lead", "currency", "level"),
        ("Calls per week", "number", "flow"),
        ("Average order", "currency", "level"),
        ("Leads", "number", "flow"),
        ("Churn", "percent", "level"),
    ],
)
def test_what_is_one_number_for_each_of_another_is_never_added_up(name: str, unit: Unit, kind: str) -> None:
    assert creating.kind_of(name, unit) == kind


def test_a_draft_without_a_baseline_is_begun_by_the_target_that_has_one(tmp_path: Path) -> None:
    store = company(tmp_path)
    done = type_line(store, "$5.0M ARR by 31 Dec", "Subscribers, weekly level @cy 120 by 31 dec")
    assert done.sentence.endswith(", a draft: baseline missing")
    kpi = node(store, "Subscribers")
    assert kpi.metric_id is not None
    line = read_target("85 to 120 by 31 dec", DAY)
    said = targets.set_target(store, kpi.metric_id, kpi.id, line, TODAY, rev=store.one("SELECT max(rev) FROM kpi"))
    assert said.sentence == "Target of Subscribers: 85 to 120 (was 120), no draft any more"
    assert store.row("SELECT state, baseline, target FROM kpi WHERE id = ?", (kpi.id,)) == ("live", 85.0, 120.0)
    assert store.one("SELECT count(*) FROM target WHERE kpi_id = ?", (kpi.id,)) == 0
