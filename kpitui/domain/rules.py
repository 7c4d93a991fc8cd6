"""Rules of a set-up that need more than one key or more than one definition (product.md, "Settled").

What is only not filled in yet is allowed: drafts are how people work, and the KPI doctor asks about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain import bands, kpi_limits, trajectory
from kpitui.domain.formula import find_cycle, parse
from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.target import LEVEL, PLANNED, Aim, Step, check, has_target, in_force, plannable, way

if TYPE_CHECKING:
    from kpitui.domain.model import Driver, Goal, Kpi, Metric, Scope, Target

MOST_PERCENT = 10.0
"""A percent value above this is taken for percent points typed where a fraction is meant."""


class Setup(NamedTuple):
    """The live definitions of a workspace, each by its id."""

    scopes: Mapping[int, Scope]
    metrics: Mapping[int, Metric]
    goals: Mapping[int, Goal]
    kpis: Mapping[int, Kpi]
    targets: Mapping[int, Target]
    drivers: Mapping[int, Driver]


class Finding(NamedTuple):
    """What is wrong, as a sentence that begins with the name, and the definition that says so."""

    table: str
    id: int
    text: str
    others: tuple[int, ...] = ()
    """More of that table that have a part in it."""


def findings(setup: Setup) -> list[Finding]:
    """Everything that contradicts itself."""
    found: list[Finding] = []
    for metric in setup.metrics.values():
        found += _named("metric", metric.id, f"metric {metric.slug}", of_metric(metric, setup))
    for goal in setup.goals.values():
        found += _named("goal", goal.id, f"goal {goal.slug}", of_goal(goal, setup))
    for kpi in setup.kpis.values():
        if texts := of_kpi(kpi, setup):
            found += _named("kpi", kpi.id, f"KPI {kpi_name(kpi, setup)}", texts)
    for target in setup.targets.values():
        if texts := of_target(target, setup):
            name = f"target of {kpi_name(setup.kpis[target.kpi_id], setup)} from {to_date(target.start)}"
            found += _named("target", target.id, name, texts)
    for scope in setup.scopes.values():
        found += _named("scope", scope.id, f"scope {scope.slug}", of_scope(scope))
    return found + _circles(setup) + _only_one(setup)


def kpi_name(kpi: Kpi, setup: Setup) -> str:
    """The metric's slug, with `@scope` where the metric is a KPI in several scopes."""
    metric = setup.metrics.get(kpi.metric_id)
    slug = metric.slug if metric else "?"
    several = sum(other.metric_id == kpi.metric_id for other in setup.kpis.values()) > 1
    scope = setup.scopes.get(kpi.scope_id)
    return f"{slug}@{scope.slug}" if several and scope else slug


def of_scope(scope: Scope) -> list[str]:
    """What is wrong with one scope by itself."""
    return kpi_limits.check((scope.kpi_notice, scope.kpi_warn, scope.kpi_strong))


def of_metric(metric: Metric, setup: Setup) -> list[str]:
    """What is wrong with one metric by itself and with what it names, without circles."""
    found = []
    if metric.hard_min is not None and metric.hard_max is not None and metric.hard_min > metric.hard_max:
        found.append("hard_min is above hard_max: swap them.")
    if metric.good_low is not None and metric.good_high is not None and metric.good_low > metric.good_high:
        found.append("good_low is above good_high: swap them.")
    parts = {"numerator": metric.numerator_id, "denominator": metric.denominator_id, "weight": metric.weight_id}
    for name, id in parts.items():
        if id is not None and id not in setup.metrics:
            found.append(f"its {name} was put away: name another metric, or leave it out.")
    if (metric.numerator_id is None) != (metric.denominator_id is None):
        missing = "numerator" if metric.numerator_id is None else "denominator"
        found.append(
            f"a ratio needs numerator and denominator, and the {missing} is missing: add it, or leave out both."
        )
    if metric.numerator_id is not None and metric.kind != "ratio":
        found.append(f"numerator and denominator are for the kind ratio, and this is a {metric.kind}: change one.")
    if metric.formula and (metric.numerator_id is not None or metric.denominator_id is not None):
        found.append("it has a formula and a numerator or denominator: leave one of the two out.")
    if metric.aggregation == "formula" and not metric.formula:
        found.append("the aggregation formula needs a formula: write one, or another aggregation.")
    if metric.aggregation == "weighted_mean" and metric.weight_id is None:
        found.append("the aggregation weighted_mean needs a weight: name the metric that weighs.")
    if metric.aggregation == "ratio" and (metric.numerator_id is None or metric.denominator_id is None):
        found.append("the aggregation ratio needs numerator and denominator: name them, or another aggregation.")
    if metric.formula:
        try:
            parse(metric.formula, {other.slug for other in setup.metrics.values()})
        except Problem as problem:
            found.append(str(problem))
    if metric.scope_id not in setup.scopes:
        found.append("its scope was put away: name another one.")
    values = {name: getattr(metric, name) for name in ("hard_min", "hard_max", "good_low", "good_high")}
    # Hard bounds of a percent metric are often far away on purpose.
    return found + _fractions(metric.unit, {name: values[name] for name in ("good_low", "good_high")})


def of_goal(goal: Goal, setup: Setup) -> list[str]:
    """What is wrong with one goal by itself and with what it names, without circles."""
    metric = setup.metrics.get(goal.metric_id or 0)
    found = []
    if goal.scope_id not in setup.scopes:
        found.append("its scope was put away: name another one.")
    if goal.parent_id is not None and goal.parent_id not in setup.goals:
        found.append("the goal above it was put away: name another one, or none.")
    if goal.metric_id is not None and metric is None:
        found.append("its metric was put away: name another one, or none.")
    if goal.target_kind == "between" and goal.low is None and goal.high is None and goal.target is None:
        return found
    aim = Aim(goal.target_kind, goal.baseline, goal.target, goal.low, goal.high, goal.start, goal.deadline)
    if metric is not None:
        aim = aim._replace(direction=metric.direction)
    elif goal.target is not None and goal.baseline is not None and goal.target < goal.baseline:
        aim = aim._replace(direction="down")
    return found + check(aim) + _fractions(goal.unit, _numbers(goal))


def of_kpi(kpi: Kpi, setup: Setup) -> list[str]:
    """What is wrong with one KPI by itself and with what it names."""
    metric = setup.metrics.get(kpi.metric_id)
    if metric is None:
        return ["its metric was put away: bring it back, or put the KPI away, too."]
    found = []
    if kpi.scope_id not in setup.scopes:
        found.append("its scope was put away: name another one.")
    if kpi.goal_id is not None and kpi.goal_id not in setup.goals:
        found.append("its goal was put away: name another one, or none.")
    if kpi.counter_id is not None and kpi.counter_id not in setup.metrics:
        found.append("its counter metric was put away: name another one, or none.")
    if kpi.counter_id == kpi.metric_id:
        found.append("a metric cannot guard itself: name another counter metric.")
    aim = _aim(kpi, metric)
    steps = [step for step in setup.targets.values() if step.kpi_id == kpi.id]
    bounded = any(step.low is not None and step.high is not None for step in steps)
    # A draft may wait for its bounds, and dated targets can bring them.
    if not (aim.kind == "between" and ((kpi.state == "draft" and not has_target(aim)) or bounded)):
        found += check(aim)
    if kpi.trajectory:
        found += trajectory.check(kpi.trajectory, aim)
    found += _of_time(kpi, metric)
    for name, number in _numbers(kpi).items():
        if number is not None and name != "baseline":
            found += _within(name, number, metric)
    return found + _fractions(metric.unit, _numbers(kpi))


def _of_time(kpi: Kpi, metric: Metric) -> list[str]:
    """What is wrong with the periods that a KPI is judged over, and has to hold for."""
    if kpi.window > 1 and kpi.target_kind in ("reach", "milestone"):
        return ["a total counts all its periods since the start: set window to 1."]
    if kpi.sustain > 1 and kpi.target_kind not in LEVEL:
        return ["only a way from a baseline to a target is held at its end: set sustain to 1."]
    lacks = {"ratio": metric.numerator_id and metric.denominator_id, "weighted_mean": metric.weight_id}
    rule = None if metric.formula else metric.aggregation or {"ratio": "ratio"}.get(metric.kind)
    if kpi.window > 1 and rule in lacks and not lacks[rule]:
        parts = "numerator and denominator" if rule == "ratio" else "weight"
        return [f"a window needs the {parts} of {metric.slug}, which is never averaged: name them, or set window to 1."]
    return []


def _aim(kpi: Kpi, metric: Metric) -> Aim:
    return Aim(kpi.target_kind, kpi.baseline, kpi.target, kpi.low, kpi.high, kpi.start, kpi.deadline, metric.direction,
               floor=kpi.floor, stretch=kpi.stretch, window=kpi.window, sustain=kpi.sustain)  # fmt: skip


def of_target(target: Target, setup: Setup) -> list[str]:
    """What is wrong with one dated target."""
    found = []
    if all(one is None for one in (target.value, target.low, target.high, target.floor, target.stretch)):
        found.append("it says no number: write value, or low and high.")
    if not plannable(target.start):
        found.append(f"its day is not between the years {PLANNED[0]} and {PLANNED[1]}: mend the year.")
    if target.low is not None and target.high is not None and target.low > target.high:
        found.append("the lower bound is above the upper one: swap them.")
    kpi = setup.kpis[target.kpi_id]
    metric = setup.metrics.get(kpi.metric_id)
    numbers = {"value": target.value, "low": target.low, "high": target.high, "floor": target.floor,
               "stretch": target.stretch}  # fmt: skip
    if metric is not None:
        if target.floor is not None or target.stretch is not None:
            steps = [
                Step(one.start, one.value, one.low, one.high, one.floor, one.stretch)
                for one in setup.targets.values()
                if one.kpi_id == kpi.id and one.start <= target.start
            ]
            aim = in_force(_aim(kpi, metric), steps, target.start)
            found += bands.problems(aim, way(aim))
        for name, number in numbers.items():
            if number is not None:
                found += _within(name, number, metric)
        found += _fractions(metric.unit, numbers)
    return found


def needs(setup: Setup) -> dict[str, list[str]]:
    """For every derived metric the slugs of those it is worked out from."""
    graph: dict[str, list[str]] = {}
    for metric in setup.metrics.values():
        parts = [setup.metrics[id].slug for id in _parts(metric) if id in setup.metrics]
        if metric.formula:
            try:
                parts += parse(metric.formula).names
            except Problem:
                continue  # said by of_metric
        if parts:
            graph[metric.slug] = parts
    return graph


def _circles(setup: Setup) -> list[Finding]:
    found = []
    ids = {metric.slug: metric.id for metric in setup.metrics.values()}
    if circle := find_cycle(needs(setup)):
        text = f"These metrics need each other in a circle: {_way(circle)}. Change one of their formulas or parts."
        found.append(Finding("metric", ids[circle[0]], text, tuple(ids[slug] for slug in circle)))
    feeds: dict[str, list[str]] = {}
    for edge in setup.drivers.values():
        if edge.metric_id in setup.metrics and edge.feeds_id in setup.metrics:
            feeds.setdefault(setup.metrics[edge.metric_id].slug, []).append(setup.metrics[edge.feeds_id].slug)
    if circle := find_cycle(feeds):
        text = f"These metrics feed each other in a circle: {_way(circle)}. Take one of them out of a feeds list."
        found.append(Finding("metric", ids[circle[0]], text, tuple(ids[slug] for slug in circle)))
    trees: tuple[tuple[str, str, Mapping[int, Scope] | Mapping[int, Goal]], ...] = (
        ("goal", "goals", setup.goals),
        ("scope", "scopes", setup.scopes),
    )
    for table, plural, nodes in trees:
        parents = {one.slug: nodes.get(one.parent_id or 0) for one in nodes.values()}
        above = {slug: [parent.slug] for slug, parent in parents.items() if parent}
        if circle := find_cycle(above):
            text = f"These {plural} lie in each other in a circle: {_way(circle)}. Change the parent of one."
            members = tuple(one.id for one in nodes.values() if one.slug in circle)
            found.append(Finding(table, members[0], text, members))
    return found


def _only_one(setup: Setup) -> list[Finding]:
    found = []
    mains: dict[int, Goal] = {}
    for goal in setup.goals.values():
        if goal.main and goal.deadline is not None:
            year = to_date(goal.deadline).year
            first = mains.setdefault(year, goal)
            if first is not goal:
                text = f"There is one main goal a year, and {year} has two: {first.slug} and {goal.slug}. Unmark one."
                found.append(Finding("goal", goal.id, text))
    roles: dict[tuple[int, int], Kpi] = {}
    for kpi in setup.kpis.values():
        if kpi.state != "retired" and roles.setdefault((kpi.metric_id, kpi.scope_id), kpi) is not kpi:
            text = f"KPI {kpi_name(kpi, setup)}: the metric is a KPI in this scope already: change that one."
            found.append(Finding("kpi", kpi.id, text))
    roots = [scope for scope in setup.scopes.values() if scope.parent_id is None]
    for scope in roots[1:]:
        text = f"scope {scope.slug}: only {roots[0].slug} lies in no other scope: give this one a parent."
        found.append(Finding("scope", scope.id, text))
    for scope in setup.scopes.values():
        if scope.parent_id is not None and scope.parent_id not in setup.scopes:
            found.append(Finding("scope", scope.id, f"scope {scope.slug}: its parent was put away: name another one."))
    return found


def _named(table: str, id: int, name: str, texts: Iterable[str]) -> list[Finding]:
    return [Finding(table, id, f"{name}: {text[:1].lower()}{text[1:]}") for text in texts]


def _parts(metric: Metric) -> list[int]:
    return [id for id in (metric.numerator_id, metric.denominator_id, metric.weight_id) if id is not None]


def _way(circle: list[str]) -> str:
    return " → ".join(map(quote, circle))


def _numbers(one: Goal | Kpi) -> dict[str, float | None]:
    numbers = {"baseline": one.baseline, "target": one.target, "low": one.low, "high": one.high}
    return {**numbers, "floor": getattr(one, "floor", None), "stretch": getattr(one, "stretch", None)}


def _within(name: str, number: float, metric: Metric) -> list[str]:
    # A cumulative target is a total and may well be above what one period can hold; only the sign is certain.
    if metric.hard_min is not None and number < metric.hard_min:
        return [f"{name} is {number:g}, below the lowest value {metric.slug} can have ({metric.hard_min:g})."]
    if metric.hard_max is not None and number > metric.hard_max and metric.kind != "flow":
        return [f"{name} is {number:g}, above the highest value {metric.slug} can have ({metric.hard_max:g})."]
    return []


def refuse_points(name: str, number: float | None, unit: str) -> None:
    """Raises Problem for a percent value far beyond any that is meant, while it can still be typed again."""
    if unit == "percent" and number is not None and abs(number) > MOST_PERCENT:
        raise Problem(f"{name} {number * 100:,.0f} %? Type percent points: 3 for 3 %.")


def _fractions(unit: str, numbers: Mapping[str, float | None]) -> list[str]:
    """Percent values are fractions: 30 where 0.3 is meant is the usual slip."""
    return [
        f"{name} is {number:g}, which is {number * 100:g} %: percent values are fractions, so 3 % is 0.03."
        for name, number in numbers.items()
        if unit == "percent" and number is not None and abs(number) > MOST_PERCENT
    ]
