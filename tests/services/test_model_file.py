"""The model file out and in, on real workspaces."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.model import Goal, Kpi, Metric, Scope
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.errors import Conflict
from kpitui.services.detail import detail
from kpitui.services.model_file import apply, diff, export, read
from kpitui.storage import changes, definitions, points, reading
from kpitui.storage.store import Store
from tests.workspace import build, join

FULL = """
[workspace]
name = "Acme"
currency = "EUR"
time_zone = "Europe/Vienna"
watch_band = 0.1

[[scope]]
slug = "sales"
kind = "team"
name = "Sales"

[[goal]]
slug = "arr"
title = "€5M ARR"
main = true
metric = "revenue"
baseline = 3_200_000
target = 5_000_000
start = 2026-01-01
deadline = 2026-12-31

[[goal]]
slug = "more_leads"
title = "More leads"
parent = "arr"
scope = "sales"

[[metric]]
slug = "conversion"
name = "Conversion rate"
unit = "percent"
kind = "ratio"
numerator = "orders"
denominator = "visits"
feeds = ["revenue"]

[[metric]]
slug = "revenue"
unit = "currency"
formula = "visits * conversion * 40"

[[metric]]
slug = "visits"
name = "Site [visits] \\"all\\""
cadence = "day"
owner = "dee"
feeds = ["orders"]
good_low = 100
how = '''
open C:\\stats
read "total" '''

[[metric]]
slug = "orders"
feeds = ["conversion"]

[[kpi]]
metric = "conversion"
goal = "arr"
baseline = 0.02
target = 0.03
start = 2026-01-01
deadline = 2026-06-30
counter = "orders"
review = ["weekly"]

[[kpi]]
metric = "conversion"
scope = "sales"
target_kind = "between"
low = 0.02
high = 0.04
state = "paused"

[[target]]
kpi = "conversion@org"
from = 2026-04-01
value = 0.035
why = "two\\nlines"

[[annotation]]
metric = "visits"
day = 2026-02-03
text = "campaign"
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with build(tmp_path, FULL) as store:
        yield store


def lines(store: Store) -> int:
    return changes.count(store)


def metric(store: Store, slug: str) -> Metric:
    found = definitions.find(store, Metric, slug=slug, archived=True)
    assert found is not None
    return found


def test_everything_of_the_file_is_in_the_workspace(store: Store) -> None:
    goal = definitions.find(store, Goal, slug="arr")
    below = definitions.find(store, Goal, slug="more_leads")
    sales = definitions.find(store, Scope, slug="sales")
    revenue = metric(store, "revenue")
    assert goal and below and sales
    assert (goal.metric_id, goal.unit, goal.main) == (revenue.id, "currency", True)
    assert (below.parent_id, below.scope_id) == (goal.id, sales.id)
    conversion = metric(store, "conversion")
    assert (conversion.numerator_id, conversion.denominator_id) == (
        metric(store, "orders").id,
        metric(store, "visits").id,
    )
    assert revenue.name == "Revenue"
    roles = definitions.all_of(store, Kpi)
    assert [(kpi.scope_id == sales.id, kpi.state) for kpi in roles] == [(False, "live"), (True, "paused")]
    assert (roles[0].goal_id, roles[0].counter_id, roles[0].review) == (goal.id, metric(store, "orders").id, "weekly")
    assert [(row.kpi_id, row.value) for row in reading.targets(store)] == [(roles[0].id, 0.035)]
    assert [row.who for row in reading.notes(store)] == ["ana"]
    assert len(reading.drivers(store)) == 3


def test_what_is_exported_is_readable_and_says_only_what_matters(store: Store) -> None:
    text = export(store)
    assert "target = 5_000_000\n" in text
    assert "deadline = 2026-12-31\n" in text
    assert 'kpi = "conversion@org"\n' in text
    assert 'why = """\ntwo\nlines"""\n' in text
    assert "grace_days" not in text and "rev" not in tomllib.loads(text)["metric"][0]
    assert [one["slug"] for one in tomllib.loads(text)["metric"]] == ["conversion", "revenue", "visits", "orders"]


def test_applying_what_was_exported_changes_nothing(store: Store) -> None:
    text = export(store)
    before = lines(store), store.one("SELECT max(id) FROM txn")
    for prune in (False, True):
        assert diff(store, read(text, "m.toml"), prune) == []
        done = apply(store, read(text, "m.toml"), prune)
        assert done.counts == {} and "nothing was changed" in done.sentence
    assert (lines(store), store.one("SELECT max(id) FROM txn")) == before


def test_the_example_of_the_guide_is_a_sound_file(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    with build(tmp_path, example) as store:
        assert [row.slug for row in reading.goals(store)] == ["arr_2026"]
        assert [row.state for row in reading.kpis(store)] == ["draft"]


def test_an_exported_file_makes_the_same_workspace_again(store: Store, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    text = export(store)
    with build(tmp_path / "b", text) as other:
        assert export(other) == text


def test_the_file_is_one_line_in_the_log_that_can_be_undone(store: Store) -> None:
    text = export(store)
    done = apply(
        store, read('[[metric]]\nslug = "visits"\nowner = "bo"\n[[metric]]\nslug = "new"\n', "m.toml"), why="q"
    )
    assert done.sentence == "Applied m.toml: 1 added, 1 changed."
    last = store.row("SELECT what, why, summary FROM txn ORDER BY id DESC LIMIT 1")
    assert last == ("model.apply", "q", "applied m.toml: 1 added, 1 changed")
    from kpitui.storage.undo import undo

    undo(store)
    assert export(store) == text


def test_what_is_not_mentioned_stays(store: Store) -> None:
    apply(store, read('[[metric]]\nslug = "visits"\nname = "Visits"\n', "m.toml"))
    visits = metric(store, "visits")
    assert (visits.name, visits.owner, visits.cadence, visits.good_low) == ("Visits", "dee", "day", 100.0)
    assert len(reading.drivers(store)) == 3 and len(reading.metrics(store)) == 4


def test_an_empty_text_takes_a_value_away(store: Store) -> None:
    apply(store, read('[[metric]]\nslug = "visits"\ngood_low = ""\nowner = ""\n', "m.toml"))
    assert (metric(store, "visits").good_low, metric(store, "visits").owner) == (None, "")


def test_a_feeds_list_says_all_that_a_metric_feeds(store: Store) -> None:
    found = diff(store, read('[[metric]]\nslug = "visits"\nfeeds = ["conversion"]\n', "m.toml"))
    assert [(one.what, one.item) for one in found] == [
        ("archive", "visits → orders"),
        ("add", "visits → conversion"),
    ]


def test_prune_puts_away_what_the_file_does_not_mention_and_keeps_its_history(tmp_path: Path) -> None:
    with build(tmp_path, FULL, "visits 2026-11-01 5 6") as store:
        text = export(store)
        done = apply(store, read('[[metric]]\nslug = "visits"\nname = "Visits"\n', "m.toml"), prune=True)
        assert done.counts["put away"] == 12
        assert [row.slug for row in reading.metrics(store)] == ["visits"]
        assert (metric(store, "visits").owner, metric(store, "visits").cadence) == ("", "week")
        assert reading.kpis(store) == reading.goals(store) == reading.targets(store) == reading.drivers(store) == []
        assert [row.slug for row in reading.scopes(store)] == ["org"]
        assert len(reading.notes(store)) == 1, "notes are put away only by a file that has notes"
        assert [row.value for row in points.between(store, metric(store, "visits").id, 0, 99_999)] == [5.0, 6.0]
        back = apply(store, read(text, "m.toml"), prune=True)
        assert back.counts["brought back"] == 12
        assert export(store) == text


def test_settings_that_the_file_leaves_out_stay_unless_pruned(store: Store) -> None:
    apply(store, read('[workspace]\nname = "New"\n', "m.toml"))
    assert 'currency = "EUR"' in export(store) and 'name = "New"' in export(store)
    model = read(re.sub(r'currency = "EUR"\n', "", export(store)), "m.toml")
    apply(store, model, prune=True)
    assert 'currency = "USD"' in export(store)


def test_pruning_puts_things_in_the_files_order(store: Store) -> None:
    parts = tomllib.loads(export(store))["metric"]
    text = export(store)
    blocks = re.split(r"(?=\[\[metric\]\])|(?=# The role)", text)
    turned = "".join([blocks[0], *reversed(blocks[1:5]), *blocks[5:]])
    assert [one["slug"] for one in tomllib.loads(turned)["metric"]] == [one["slug"] for one in reversed(parts)]
    apply(store, read(turned, "m.toml"))
    assert export(store) == text, "without prune the order is left alone"
    apply(store, read(turned, "m.toml"), prune=True)
    assert [row.slug for row in reading.metrics(store)] == ["orders", "visits", "revenue", "conversion"]
    assert diff(store, read(turned, "m.toml"), prune=True) == []


def test_a_root_of_another_name_is_the_same_root(tmp_path: Path) -> None:
    text = '[[scope]]\nslug = "acme"\nkind = "org"\nname = "Acme Corp"\n[[scope]]\nslug = "ops"\n'
    with build(tmp_path, text) as store:
        rows = reading.scopes(store)
        assert [(row.slug, row.parent_id) for row in rows] == [("acme", None), ("ops", rows[0].id)]
        assert diff(store, read(text, "m.toml")) == []


def test_a_retired_kpi_returns_when_the_file_names_it(store: Store) -> None:
    role = definitions.all_of(store, Kpi)[0]
    with store.write("kpi.retire") as tx:
        definitions.change(tx, role, state="retired")
    assert 'state = "retired"' in export(store)
    assert diff(store, read(export(store), "m.toml"), prune=True) == []
    apply(store, read('[[kpi]]\nmetric = "conversion"\nscope = "org"\n', "m.toml"))
    assert definitions.get(store, Kpi, role.id).state == "live"


def test_a_kpi_with_a_retired_predecessor_is_the_live_one(store: Store) -> None:
    role = definitions.all_of(store, Kpi)[0]
    with store.write("kpi.again") as tx:
        definitions.change(tx, role, state="retired")
        definitions.add(tx, replace(role, id=0, rev=0, target=0.05))
    text = export(store)
    assert text.count("[[kpi]]") == 2 and "target = 0.05" in text
    assert diff(store, read(text, "m.toml"), prune=True) == []


A, KPI, TARGET = '[[metric]]\nslug = "a"\n', '[[kpi]]\nmetric = "conversion"\n', "from = 2026-05-01\nvalue = 0.04\n"
WRONG = {
    A + 'numerator = "order"\n': "line 1, metric a: numerator names the metric “order”, which does not exist: did you "
    "mean orders?",
    A + 'scope = "zzz"\n': "line 1, metric a: scope names the scope “zzz”, which does not exist: add it.",
    A + 'formula = "visit + 1"\n': "line 1: metric a: there is no metric called visit",
    A + 'numerator = "orders"\n': "line 1: metric a: a ratio needs numerator and denominator",
    '[[metric]]\nslug = "visits"\nformula = "conversion * 2"\n': "These metrics need each other in a circle: ",
    '[[metric]]\nslug = "orders"\nfeeds = ["visits"]\n': "These metrics feed each other in a circle: ",
    '[[metric]]\nslug = "orders"\nfeeds = ["orders"]\n': "line 1, metric orders: a metric cannot feed itself",
    '[[goal]]\nslug = "arr"\nparent = "more_leads"\n': "line 1: These goals lie in each other in a circle: arr → more",
    '[[goal]]\nslug = "b"\ntitle = "B"\nmain = true\ndeadline = 2026-06-01\n': "line 1: There is one main goal a year, "
    "and 2026 has two: arr and b.",
    '[[goal]]\nslug = "b"\n': "line 1, goal b: title is missing",
    KPI + "target = 30\n": "line 1: KPI conversion@org: target is 30, which is 3000 %",
    KPI + "deadline = 2025-01-01\n": "line 1: KPI conversion@org: the deadline is before the start",
    KPI + KPI + 'scope = "org"\n': "line 3, KPI conversion@org: the file says it twice",
    '[[target]]\nkpi = "conversion"\n' + TARGET: "conversion is a KPI in several scopes: write conversion@org or "
    "conversion@sales.",
    '[[target]]\nkpi = "visits"\n' + TARGET: "there is no KPI visits: add it as a [[kpi]].",
    '[[target]]\nkpi = "conversion@ops"\n' + TARGET: "there is no KPI conversion@ops: there is conversion@org.",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_fit_is_refused_and_nothing_is_saved(store: Store, text: str) -> None:
    before = lines(store), export(store)
    with pytest.raises(Problem) as refused:
        apply(store, read(text + "[workspace]\nkpi_warn = 6\n", "m.toml"))
    assert str(refused.value).startswith("m.toml line 1") or "line 3, KPI" in str(refused.value)
    assert WRONG[text] in str(refused.value)
    assert (lines(store), export(store)) == before


def test_a_time_zone_must_exist(store: Store) -> None:
    with pytest.raises(Problem, match="The time zone “Mars/Olympus” is not known"):
        apply(store, read('[workspace]\ntime_zone = "Mars/Olympus"\n', "m.toml"))


def test_pruning_refuses_to_refer_to_what_it_would_put_away(store: Store) -> None:
    with pytest.raises(
        Problem, match="metric names the metric revenue, which is not in the file and would be put away"
    ):
        diff(store, read('[[goal]]\nslug = "arr"\nmetric = "revenue"\n', "m.toml"), prune=True)


def test_what_was_wrong_before_does_not_stop_the_file(store: Store) -> None:
    with store.write("elsewhere") as tx:
        definitions.change(tx, metric(store, "visits"), hard_min=5.0, hard_max=4.0)
    apply(store, read('[[metric]]\nslug = "orders"\nowner = "bo"\n', "m.toml"))
    assert metric(store, "orders").owner == "bo"


def test_a_preview_that_is_out_of_date_is_not_applied(store: Store) -> None:
    model = read('[[metric]]\nslug = "visits"\nowner = "bo"\n', "m.toml")
    agreed = diff(store, model)
    with join(store, "cy") as other, other.write("metric.edit") as tx:
        definitions.change(tx, metric(other, "visits"), owner="cy")
    with pytest.raises(Conflict, match="NOT applied"):
        apply(store, model, seen=agreed)
    assert metric(store, "visits").owner == "cy"


def test_text_of_people_is_written_so_that_nothing_obeys_it(store: Store) -> None:
    with store.write("elsewhere") as tx:
        definitions.change(tx, metric(store, "visits"), source="a\x1b]52;c;x\x07\u202eb\x7f\t\r\n end ")
    text = export(store)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert tomllib.loads(text)["metric"][2]["source"] == "a\x1b]52;c;x\x07\u202eb\x7f\t\r\n end "


@pytest.mark.parametrize("twin", ["leads ads", "Ｌeads ads", "Leads  ads", "Leads\u200d ads"])
def test_names_that_look_alike_are_refused(tmp_path: Path, twin: str) -> None:
    both = '[[metric]]\nslug = "one"\nname = "Leads ads"\n\n[[metric]]\nslug = "two"\nname = "%s"\n'
    with pytest.raises(Problem, match=r"line 5.*its name looks like that of metric one|invisible"):
        build(tmp_path, both % twin)
    build(tmp_path / "same", both % "Leads ads")


def test_a_month_can_stand_where_its_first_day_stood(tmp_path: Path) -> None:
    model = '[[metric]]\nslug = "stock"\nkind = "level"\ncadence = "day"\naggregation = "first"\n'
    store = build(tmp_path, model, "stock 2026-10-01 40 35 30")
    assert 'aggregation = "first"' in export(store) and not diff(store, read(export(store), "again.toml"))
    seen = detail(store, to_day(date(2026, 10, 31)), "stock", grain="month", last=1)
    assert [value.cell.value for value in seen.values] == [40]
