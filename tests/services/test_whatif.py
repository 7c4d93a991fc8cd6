"""The tree walked both ways: what would be, what each driver must reach, and what nothing can be said of."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.cli import whatif as cli
from kpitui.cli.main import main
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound, Refused
from kpitui.reports import whatif_words
from kpitui.services import whatif
from kpitui.services.whatif import WhatIf
from kpitui.storage.store import Store
from tests.workspace import build

TODAY = 20_777
"""2026-11-20."""
MODEL = """
[[metric]]
slug = "visits"
name = "Visits"
feeds = ["orders"]
hard_min = 0
[[metric]]
slug = "orders"
name = "Orders"
[[metric]]
slug = "conversion"
name = "Conversion"
unit = "percent"
kind = "ratio"
numerator = "orders"
denominator = "visits"
[[metric]]
slug = "order_value"
name = "Order value"
unit = "currency"
kind = "level"
[[metric]]
slug = "revenue"
name = "Revenue"
unit = "currency"
formula = "orders * order_value"
[[metric]]
slug = "quarter_run"
name = "Run rate"
unit = "currency"
formula = "rolling(revenue, 4) / 4"
[[metric]]
slug = "profit"
name = "Profit"
unit = "currency"
formula = "revenue - costs"
[[metric]]
slug = "costs"
name = "Costs"
unit = "currency"
[[metric]]
slug = "wages"
name = "Wages"
unit = "currency"
feeds = ["costs"]
[[metric]]
slug = "rent"
name = "Rent"
unit = "currency"
feeds = ["costs"]
[[metric]]
slug = "articles"
name = "Articles"
feeds = ["visits"]
[[metric]]
slug = "spend"
name = "Spend"
unit = "currency"
feeds = ["leads"]
[[metric]]
slug = "leads"
name = "Leads"
[[metric]]
slug = "cost_per_lead"
name = "Cost per lead"
unit = "currency"
kind = "ratio"
direction = "down"
numerator = "spend"
denominator = "leads"
good_high = 40
[[goal]]
slug = "year"
title = "$400 profit a week"
metric = "profit"
target_kind = "at_least"
target = 400
deadline = 2026-12-31
owner = "ana"
main = true
"""
POINTS = """
visits 2026-W40 1000 1100 1000 1200 1000 1000 1000
orders 2026-W40 20 22 20 24 20 20 20
order_value 2026-W40 50 50 50 50 50 50 50
costs 2026-W40 700 700 700 700 700 700 700
wages 2026-W40 300 300 300 300 300 300 300
rent 2026-W40 400 400 400 400 400 400 400
articles 2026-W40 3 3 3 3 3 3 3
spend 2026-W40 900 900 900 900 900 900 1000
leads 2026-W40 30 30 30 30 30 30 20
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return build(tmp_path_factory.mktemp("whatif"), MODEL, POINTS)


def view(store: Store, item: str, *changes: str, **more: str) -> WhatIf:
    return whatif.whatif(store, TODAY, item, changes, **more)[0]


def needs(found: WhatIf) -> dict[str, float | None]:
    return {one.metric.slug: one.needed.value if one.needed else None for one in found.drivers}


def test_from_the_goal_down_each_driver_must_reach_something_alone(store: Store) -> None:
    found = view(store, "year")
    assert (found.value, found.would_be, found.label) == (300, 300, "W46")
    assert needs(found) == pytest.approx(
        {"revenue": 1100, "costs": 600, "orders": 22, "order_value": 55, "visits": 1100, "conversion": 0.022,
         "wages": 200, "rent": 300}
    )  # fmt: skip
    by = {one.metric.slug: one for one in found.drivers}
    assert [by[slug].depth for slug in ("revenue", "orders", "visits")] == [0, 1, 2]
    assert by["visits"].elasticity == pytest.approx(1000 / 300)
    assert by["rent"].elasticity == pytest.approx(-400 / 300)
    seen = by["visits"].seen
    assert seen is not None and (seen.reached, seen.of) == (2, 7)
    assert found.unknown == (("Articles", "Visits"),)
    assert any("no formula or ratio says how much" in text for text in whatif_words.remarks(found))
    assert whatif_words.DEPEND in whatif_words.remarks(found)


def test_from_the_drivers_up_with_several_changes_at_once(store: Store) -> None:
    found = view(store, "year", "visits=1.2k", "conversion=+10%")
    assert found.would_be == pytest.approx(1200 * 0.022 * 50 - 700)
    assert {one.metric.slug: one.would_be for one in found.drivers}["orders"] == pytest.approx(26.4)
    assert whatif_words.verdict(found) == "$300, would be $620, goal $400: reached"
    up = view(store, "visits", "visits=+20%")
    assert {one.metric.slug: one.would_be for one in up.above} == pytest.approx(
        {"orders": 24, "revenue": 1200, "profit": 500, "quarter_run": 1100}
    )
    assert [one.wanted.met(one.would_be) for one in up.above if one.wanted] == [True]


def test_beside_a_changed_metric_the_others_are_held(store: Store) -> None:
    found = view(store, "revenue", "visits=1200")
    assert {one.metric.slug: one.would_be for one in found.drivers}["conversion"] == pytest.approx(0.02)
    # Asked for itself, a ratio is its two parts: more visits with the same orders.
    ratio = view(store, "conversion", "visits=1250")
    assert ratio.would_be == pytest.approx(0.016)
    assert view(store, "revenue", "orders=30").would_be == 1500
    assert view(store, "conversion", "orders=30").would_be == pytest.approx(0.03)


def test_what_is_bought_at_a_price_and_what_adds_up_is_worked_out_too(store: Store) -> None:
    leads = view(store, "leads", "spend=2000", target="50")
    assert leads.made == "price" and leads.would_be == pytest.approx(40)
    assert needs(leads) == pytest.approx({"spend": 2500, "cost_per_lead": 40})
    assert view(store, "costs", "rent=+25%").would_be == 800
    cost = view(store, "cost_per_lead")
    assert cost.wanted is not None and cost.wanted.down and cost.wanted.met(cost.value) is False
    assert needs(cost) == pytest.approx({"spend": 800, "leads": 25})


def test_a_formula_over_several_periods_sees_the_change_in_its_own(store: Store) -> None:
    assert view(store, "quarter_run", "orders=40").would_be == pytest.approx((1200 + 1000 + 1000 + 2000) / 4)
    assert view(store, "quarter_run", "visits=2000").would_be == pytest.approx((1200 + 1000 + 1000 + 2000) / 4)


def test_another_period_and_another_target_can_be_asked_for(store: Store) -> None:
    found = view(store, "revenue", on="2026-W43", target="+10%")
    assert found.label == "W43" and found.value == 1200
    assert needs(found)["visits"] == pytest.approx(1320)
    hardly = view(store, "revenue", on="2026-W43", target="-0.01")
    assert "as asked (-0.01): reached" in whatif_words.verdict(hardly)
    visits = next(one for one in hardly.drivers if one.metric.slug == "visits")
    assert " may fall by next to nothing from " in whatif_words.solved_sentence(hardly, visits)
    quarter = view(store, "revenue", on="2026-Q4")
    assert quarter.wanted is None and "say what is wanted" in quarter.no_target
    empty = view(store, "revenue", on="2026-W30")
    assert empty.value is None and "nothing can be worked out" in whatif_words.remarks(empty)[0]
    plan = view(store, "revenue", "orders=30", "order_value=50", on="2026-W30")
    assert plan.would_be == 1500 and "only what is supposed counts" in whatif_words.remarks(plan)[0]


def test_what_cannot_be_worked_out_is_said(store: Store) -> None:
    alone = view(store, "articles", "articles=5")
    assert not alone.drivers and not alone.above and "give it a formula" in whatif_words.remarks(alone)[-1]
    assert view(store, "year", "articles=5").without_effect == ("Articles",)
    with pytest.raises(Problem, match="says no value"):
        view(store, "year", "visits")
    with pytest.raises(Problem, match="changed twice"):
        view(store, "year", "visits=1", "visits=2")
    with pytest.raises(Problem, match=r"negative|below 0"):
        view(store, "year", "visits=-200%")
    with pytest.raises(NotFound):
        view(store, "year", "nothing=2")
    with pytest.raises(NotFound, match="there are revenue"):
        cli.driver_named(view(store, "year"), "articles")


def test_only_what_is_asked_for_is_kept_as_a_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = build(tmp_path, MODEL, POINTS)
    path, last = store.path, store.one("SELECT max(id) FROM txn")
    store.close()
    assert main(["whatif", "year", "visits=1.2k", "--db", path]) == 0
    assert main(["whatif", "year", "--solve", "visits", "--json", "--db", path]) == 0
    assert '"needed": 1100.0' in capsys.readouterr().out
    assert main(["whatif", "revenue", "--solve", "visits", "--db", path]) == 1
    assert "no target" in capsys.readouterr().err
    with Store.open(path, who=store.who, via="test", now=store.now) as again:
        assert again.one("SELECT max(id) FROM txn") == last
    assert main(["whatif", "year", "--solve", "visits", "--save", "--db", path]) == 0
    said = capsys.readouterr()
    assert "Visits must reach 1.1k (+10.0%) for Profit to be $400; there in 2 of 7 weeks." in said.out
    assert "Target of Visits: ≥ 1.1k (was none)" in said.err


def test_a_target_of_another_kind_is_not_overwritten(tmp_path: Path) -> None:
    store = build(
        tmp_path,
        MODEL
        + '[[kpi]]\nmetric = "visits"\ngoal = "year"\ntarget_kind = "reach"\ntarget = 9000\nstart = 2026-10-01\n'
        + 'deadline = 2026-12-31\nowner = "ana"\n',
        POINTS,
    )
    visits = whatif.whatif(store, TODAY, "visits")[0]
    assert visits.wanted is not None and "needed a week for 9k" in visits.wanted.words
    with pytest.raises(Refused, match="judged by a total"):
        whatif.as_target(store, TODAY, visits.metric.id, 1100, "")
