"""What stands where in the tree."""

from __future__ import annotations

from pathlib import Path

from kpitui.services import hierarchy, hierarchy_facts
from kpitui.services.names import find
from tests.services.hierarchy_model import TODAY, company, node, outline
from tests.workspace import build


def test_every_metric_has_one_line_and_is_shown_again_where_it_feeds_a_second_one(tmp_path: Path) -> None:
    assert outline(company(tmp_path)) == [
        "$5.0M ARR by 31 Dec",
        "  KPI MRR",
        "    Demos booked",
        "      Calls made",
        "    Trials",
        "      = Demos booked",
        "  ARR",
        "not feeding any KPI",
        "  NPS",
        "Sales",
        "  KPI Deals",
    ]


def test_lines_say_how_much_is_beneath_them(tmp_path: Path) -> None:
    store = company(tmp_path)
    assert node(store, "MRR").beneath == 3
    assert node(store, "$5.0M ARR by 31 Dec").beneath == 5
    assert node(store, "not feeding any KPI").beneath == 1


def test_the_tree_knows_where_everything_stands(tmp_path: Path) -> None:
    store = company(tmp_path)
    tree = hierarchy.tree(store, TODAY)
    mrr, demos = tree.row_of(node(store, "MRR")), tree.row_of(node(store, "Demos booked"))
    assert mrr is not None and mrr.value == 359_000 and mrr.target == 400_000
    assert demos is not None and demos.value == 26 and demos.status == "off_track"
    again = next(one for one in tree.nodes if one.again)
    assert tree.row_of(again) == demos
    assert tree.feeds[demos.metric_id] == ("MRR", "Trials")
    assert tree.counted == (1, 2, 7)
    assert tree.people == ("ana", "bo", "cy")
    assert hierarchy.tree(store, TODAY) == tree


def test_an_empty_workspace_has_no_lines(tmp_path: Path) -> None:
    tree = hierarchy.tree(build(tmp_path), TODAY)
    assert tree.nodes == () and tree.counted == (0, 0, 0)


def test_what_feeds_in_a_circle_is_shown_all_the_same(tmp_path: Path) -> None:
    from kpitui.domain.model import Driver
    from kpitui.storage import definitions

    store = build(tmp_path, '[[metric]]\nslug="a"\nname="A"\nfeeds=["b"]\n[[metric]]\nslug="b"\nname="B"')
    with store.write("broken") as tx:
        definitions.add(tx, Driver(metric_id=2, feeds_id=1))
    assert outline(store) == ["not feeding any KPI", "  A", "    B", "      = A"]


def test_a_goal_of_another_scope_stands_there_and_is_shown_again_below_its_parent(tmp_path: Path) -> None:
    model = """
    [[scope]]
    slug = "ads"
    [[goal]]
    slug = "big"
    title = "Big"
    [[goal]]
    slug = "small"
    title = "Small"
    scope = "ads"
    parent = "big"
    """
    assert outline(build(tmp_path, model)) == ["Big", "  = Small", "Ads", "  Small"]


def test_facts_tell_how_a_metric_came_about(tmp_path: Path) -> None:
    store = company(tmp_path)
    mrr = node(store, "MRR")
    found = hierarchy_facts.facts(store, TODAY, mrr.key, mrr.metric_id or 0, mrr.id)
    assert found is not None
    assert found.history[0].startswith("created ") and found.history[0].endswith(" ana")
    assert found.ends == ("W22", "W47")
    assert hierarchy_facts.facts(store, TODAY, "metric:99", 99, None) is None


def test_names_are_found_by_the_beginnings_of_their_words(tmp_path: Path) -> None:
    store = company(tmp_path)
    assert find(store, "de bo") == [("Demos booked", "metric", "demos")]
    assert find(store, "mrr") == [("MRR", "kpi", "mrr")]
    assert ("Sales", "scope", "sales") in find(store, "sal")
    assert ("bo", "person", "bo") in find(store, "bo")
    assert find(store, "5.0m") == [] and find(store, " ") == []
    assert find(store, "arr") == [("ARR", "metric", "arr"), ("$5.0M ARR by 31 Dec", "goal", "arr_2026")]


def test_how_a_metric_is_worked_out_is_told(tmp_path: Path) -> None:
    store = company(tmp_path)
    found = hierarchy.tree(store, TODAY).formulas
    names = {store.one("SELECT slug FROM metric WHERE id = ?", (key,)): how for key, how in found.items()}
    assert names["arr"] == "mrr * 12" and "nps" not in names
