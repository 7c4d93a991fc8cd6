from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kpitui.domain import rules
from kpitui.domain.model import Driver, Goal, Kpi, Metric, Scope, Target
from kpitui.domain.periods import to_day


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


SCOPES = {1: Scope(id=1, slug="org", name="Acme", kind="org"), 2: Scope(id=2, slug="sales", name="Sales", parent_id=1)}
METRICS = {
    1: Metric(id=1, slug="visits", name="Visits", scope_id=1),
    2: Metric(id=2, slug="orders", name="Orders", scope_id=1),
    3: Metric(id=3, slug="conversion", name="Conversion", unit="percent", kind="ratio", scope_id=1,
              numerator_id=2, denominator_id=1),
    4: Metric(id=4, slug="churn", name="Churn", unit="percent", kind="level", direction="down", scope_id=1),
}  # fmt: skip
GOALS = {1: Goal(id=1, slug="arr", title="ARR", scope_id=1, main=True, metric_id=2, baseline=1.0, target=2.0,
                 start=day("2026-01-01"), deadline=day("2026-12-31"))}  # fmt: skip
KPIS = {1: Kpi(id=1, metric_id=3, scope_id=1, goal_id=1, state="live", baseline=0.02, target=0.03,
               start=day("2026-01-01"), deadline=day("2026-06-30"))}  # fmt: skip
TARGETS = {1: Target(id=1, kpi_id=1, start=day("2026-03-01"), value=0.04)}
DRIVERS = {1: Driver(id=1, metric_id=1, feeds_id=2), 2: Driver(id=2, metric_id=2, feeds_id=3)}
SOUND = rules.Setup(SCOPES, METRICS, GOALS, KPIS, TARGETS, DRIVERS)


def with_one(table: str, id: int, **values: Any) -> list[str]:
    """What is found when one definition of the sound set-up is another."""
    field = f"{table}s"
    old = dict(getattr(SOUND, field))
    return said(SOUND._replace(**{field: {**old, id: replace(old[id], **values)}}))


def said(setup: rules.Setup) -> list[str]:
    return [finding.text for finding in rules.findings(setup)]


def test_a_sound_setup_has_no_findings() -> None:
    assert said(SOUND) == []


@pytest.mark.parametrize(
    ("id", "values", "words"),
    [
        (1, {"hard_min": 5.0, "hard_max": 4.0}, "metric visits: hard_min is above hard_max"),
        (1, {"good_low": 5.0, "good_high": 4.0}, "metric visits: good_low is above good_high"),
        (3, {"denominator_id": None}, "metric conversion: a ratio needs numerator and denominator"),
        (3, {"kind": "level"}, "numerator and denominator are for the kind ratio, and this is a level"),
        (3, {"formula": "orders / visits"}, "it has a formula and a numerator or denominator"),
        (3, {"numerator_id": 9}, "its numerator was put away"),
        (1, {"aggregation": "formula"}, "the aggregation formula needs a formula"),
        (1, {"aggregation": "weighted_mean"}, "needs a weight"),
        (1, {"aggregation": "ratio"}, "the aggregation ratio needs numerator and denominator"),
        (1, {"formula": "orders +"}, "cannot be read"),
        (1, {"formula": "ordrs * 2"}, "no metric called ordrs"),
        (1, {"formula": "__import__('os')"}, "not allowed"),
        (1, {"scope_id": 7}, "its scope was put away"),
        (4, {"good_high": 30.0}, "good_high is 30, which is 3000 %: percent values are fractions"),
        (2, {"formula": "conversion * 2"}, "in a circle: "),
        (1, {"formula": "visits * 2"}, "in a circle: visits → visits"),
        (1, {"weight_id": 1}, "in a circle: visits → visits"),
    ],
)  # fmt: skip
def test_a_metric_that_contradicts_itself_is_named(id: int, values: dict[str, Any], words: str) -> None:
    found = with_one("metric", id, **values)
    assert len(found) == 1 and words in found[0]


def test_a_circle_of_formulas_names_its_way() -> None:
    [text] = with_one("metric", 1, formula="conversion / 2")
    assert text.startswith("These metrics need each other in a circle: visits → conversion")
    assert text.count("→") >= 2


def test_an_entered_ratio_needs_no_parts() -> None:
    assert with_one("metric", 3, numerator_id=None, denominator_id=None) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"deadline": day("2025-12-31")}, "goal arr: the deadline is before the start"),
        ({"target": 0.5}, "goal arr: the target is below the baseline although more is better"),
        ({"low": 3.0, "high": 2.0}, "goal arr: the lower bound is above the upper one"),
        ({"target_kind": "between", "low": 3.0}, "needs a lower and an upper bound"),
        ({"metric_id": 9}, "its metric was put away"),
        ({"parent_id": 9}, "the goal above it was put away"),
        ({"scope_id": 9}, "its scope was put away"),
        ({"parent_id": 1}, "These goals lie in each other in a circle: arr → arr"),
        ({"unit": "percent", "baseline": 3.0, "target": 40.0}, "goal arr: target is 40, which is 4000 %"),
    ],
)
def test_a_goal_that_contradicts_itself_is_named(values: dict[str, Any], words: str) -> None:
    found = with_one("goal", 1, **values)
    assert len(found) == 1 and words in found[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"deadline": day("2025-06-30")}, "KPI conversion: the deadline is before the start"),
        ({"target": 0.01}, "the target is below the baseline although more is better"),
        ({"target_kind": "between"}, "needs a lower and an upper bound"),
        ({"target_kind": "between", "low": 0.4, "high": 0.3}, "the lower bound is above the upper one"),
        ({"target": 30.0}, "target is 30, which is 3000 %"),
        ({"counter_id": 3}, "a metric cannot guard itself"),
        ({"counter_id": 9}, "its counter metric was put away"),
        ({"goal_id": 9}, "its goal was put away"),
        ({"scope_id": 9}, "its scope was put away"),
        ({"metric_id": 9}, "its metric was put away"),
    ],
)
def test_a_kpi_that_contradicts_itself_is_named(values: dict[str, Any], words: str) -> None:
    setup = SOUND._replace(kpis={1: replace(KPIS[1], **values)}, targets={})
    found = said(setup)
    assert len(found) == 1 and words in found[0]


def test_a_draft_may_wait_for_its_bounds_and_dated_targets_may_bring_them() -> None:
    between = replace(KPIS[1], target_kind="between", target=None)
    assert said(SOUND._replace(kpis={1: replace(between, state="draft")}, targets={})) == []
    bounds = Target(id=1, kpi_id=1, start=day("2026-01-01"), low=0.02, high=0.03)
    assert said(SOUND._replace(kpis={1: between}, targets={1: bounds})) == []


def test_a_target_beyond_what_the_metric_can_be_is_refused() -> None:
    metrics = {**METRICS, 3: replace(METRICS[3], hard_min=0.0, hard_max=1.0)}
    setup = SOUND._replace(metrics=metrics, targets={1: replace(TARGETS[1], value=1.5)})
    assert said(setup) == [
        "target of conversion from 2026-03-01: value is 1.5, above the highest value conversion can have (1)."
    ]
    below = SOUND._replace(metrics=metrics, kpis={1: replace(KPIS[1], target_kind="at_least", target=-0.1)})
    assert "target is -0.1, below the lowest value" in said(below)[0]


def test_a_dated_target_needs_a_number_in_order() -> None:
    assert "it says no number" in with_one("target", 1, value=None)[0]
    assert "the lower bound is above" in with_one("target", 1, low=0.3, high=0.2)[0]


def test_there_is_one_main_goal_a_year() -> None:
    twin = replace(GOALS[1], id=2, slug="profit")
    found = said(SOUND._replace(goals={**GOALS, 2: twin}))
    assert found == ["There is one main goal a year, and 2026 has two: arr and profit. Unmark one."]
    next_year = replace(twin, deadline=day("2027-12-31"))
    assert said(SOUND._replace(goals={**GOALS, 2: next_year})) == []


def test_a_metric_has_one_live_role_in_a_scope() -> None:
    twin = replace(KPIS[1], id=2)
    assert "is a KPI in this scope already" in said(SOUND._replace(kpis={**KPIS, 2: twin}))[0]
    for other in (replace(twin, state="retired"), replace(twin, scope_id=2)):
        assert said(SOUND._replace(kpis={**KPIS, 2: other})) == []


def test_kpis_of_one_metric_are_told_apart_by_scope() -> None:
    setup = SOUND._replace(kpis={**KPIS, 2: replace(KPIS[1], id=2, scope_id=2)})
    assert [rules.kpi_name(kpi, setup) for kpi in setup.kpis.values()] == ["conversion@org", "conversion@sales"]
    assert rules.kpi_name(KPIS[1], SOUND) == "conversion"


def test_scopes_have_one_root_and_no_circle() -> None:
    assert "only org lies in no other scope" in with_one("scope", 2, parent_id=None)[0]
    assert "its parent was put away" in with_one("scope", 2, parent_id=9)[0]
    assert "These scopes lie in each other in a circle: sales → sales" in with_one("scope", 2, parent_id=2)[0]


def test_drivers_make_no_circle() -> None:
    setup = SOUND._replace(drivers={**DRIVERS, 3: Driver(id=3, metric_id=3, feeds_id=1)})
    [text] = said(setup)
    assert "These metrics feed each other in a circle: visits → orders → conversion → visits" in text
