"""Rules about metrics: whose they are, what they mean, and what they are counted for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from kpitui.domain.lint import ATTACH, Finding, Fix, Rule
from kpitui.domain.lint_facts import Facts, MetricFact

RISE = 0.10
"""Fitted growth over the values looked at from which on a metric climbs."""
ENOUGH = 26

RULES = (
    Rule(
        "M01",
        "every metric has an owner",
        "warning",
        "What is everybody's is entered by nobody, and nobody notices when it goes wrong.",
        "Write who answers for it into its line: @bo. Archive it if nobody does.",
    ),
    Rule(
        "M02",
        "definition and source are written",
        "notice",
        "Two people who count differently talk about two numbers. Where it comes from and what counts must be readable "
        "for whoever is measured by it.",
        "Write one sentence each: what counts, and which report it is read from.",
    ),
    Rule(
        "M03",
        "every metric feeds a KPI or says why it is kept",
        "warning",
        "A number that no decision hangs on costs time every week, and hides those that matter.",
        "Attach it to what it moves, write why it is kept, or archive it.",
    ),
    Rule(
        "M04",
        "nothing that only climbs",
        "warning",
        "Up and to the right feels good and decides nothing: a metric that climbs while the KPI stays where it is, or "
        "that feeds none, is vanity.",
        "Attach it to a KPI and see whether that moves with it; if not, archive it.",
    ),
    Rule(
        "M05",
        "values are expected on the days they come on",
        "warning",
        "A week with five values of seven is never whole: it has no sum, no limits, no forecast and no status, and "
        "each weekend is late.",
        "Add workdays to its line. Days off are the workspace's: kpitui calendar set, kpitui calendar holidays.",
    ),
    Rule(
        "M06",
        "whoever owns something is here",
        "warning",
        "What belongs to somebody who left is nobody's, and looks as if it were theirs: it is due, and nobody is told.",
        "Write who answers for it now: @bo in its line, or owner in the model file for many at once.",
    ),
)
HAND_OVER = Fix("tree", "edit", "e", "hand it over")
WORKDAYS = Fix("tree", "edit", "e", "add workdays")
OR_ARCHIVE = Fix("tree", "edit", "e", "or d archive")


def finding(rule: str, metric: MetricFact, text: str, fix: Fix, severity: str = "warning") -> Finding:
    return Finding(rule, severity, "metric", metric.id, metric.name, text, fix, metric.owner, metric.since, metric.id)


def unborn(metric: MetricFact) -> bool:
    """Nobody owns it and it never had a value: that comes first, and the rest would only be noise."""
    return not metric.owner and metric.last_end is None and not metric.parts


def owner(facts: Facts) -> Iterator[Finding]:
    for metric in facts.metrics.values():
        if not metric.owner:
            text = "no owner, no value ever" if unborn(metric) else "no owner"
            yield finding("M01", metric, text, OR_ARCHIVE)


def owner_here(facts: Facts) -> Iterator[Finding]:
    """Goals, metrics and KPIs of somebody who is not here; a KPI of its metric's owner is said with the metric."""
    gone = dict(facts.gone)
    for goal in facts.goals.values():
        if goal.owner in gone and (goal.deadline is None or goal.deadline >= facts.today):
            text = f"its owner {goal.owner} is {gone[goal.owner]}"
            yield Finding("M06", "warning", "goal", goal.id, goal.title, text, HAND_OVER, goal.owner)
    for metric in facts.metrics.values():
        if metric.owner in gone:
            yield finding("M06", metric, f"its owner {metric.owner} is {gone[metric.owner]}", HAND_OVER)
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        if kpi.owner in gone and kpi.owner != metric.owner:
            text = f"its owner {kpi.owner} is {gone[kpi.owner]}"
            yield Finding("M06", "warning", "kpi", kpi.id, metric.name, text, HAND_OVER, kpi.owner, None, metric.id)


def defined(facts: Facts) -> Iterator[Finding]:
    for metric in facts.metrics.values():
        if unborn(metric) and metric.id not in facts.roles():
            continue
        missing = [] if metric.definition else ["definition"]
        missing += [] if metric.source or metric.parts else ["source"]
        if missing:
            text = f"no {' and no '.join(missing)}"
            yield finding("M02", metric, text, Fix("detail", "edit", "e", "write it"), "notice")


def useful(facts: Facts) -> set[int]:
    """Metrics that something hangs on: KPIs, what goals are read from, counters, and all that feeds those."""
    ends = facts.roles()
    ends |= {goal.metric_id for goal in facts.goals.values() if goal.metric_id}
    ends |= {kpi.counter_id for kpi in facts.kpis.values() if kpi.counter_id}
    return {id for end in ends for id in facts.fed_by(end)} | ends


def orphan(facts: Facts) -> Iterator[Finding]:
    known = useful(facts)
    for metric in facts.metrics.values():
        if metric.id in known or metric.kept or unborn(metric) or (climbs(metric.values) and not metric.banded):
            continue
        if any(metric.id in other.parts for other in facts.metrics.values()):
            continue
        yield finding("M03", metric, "feeds no KPI, and nothing says why it is kept", ATTACH)


def vanity(facts: Facts) -> Iterator[Finding]:
    known = useful(facts)
    for metric in facts.metrics.values():
        if metric.vanity:
            yield finding("M04", metric, f"vanity? it climbs while {metric.vanity} stays where it is", ATTACH)
        elif metric.id not in known and not metric.kept and not metric.banded and climbs(metric.values):
            yield finding("M04", metric, "vanity? climbs, feeds no KPI, no target", ATTACH)


def weekdays(facts: Facts) -> Iterator[Finding]:
    for metric in facts.metrics.values():
        if metric.fed_on_workdays:
            yield finding("M05", metric, "on working days only, 8 weeks", WORKDAYS)


def climbs(values: Sequence[float | None]) -> bool:
    """Whether the line fitted through at least 26 values rises by a tenth of where it begins, and clearly so.

    Clearly: Mann-Kendall's S above 2.33 of its standard deviations (one-sided 1 %).
    """
    seen = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(seen) < ENOUGH:
        return False
    n = len(seen)
    mean_x = math.fsum(place for place, _ in seen) / n
    mean_y = math.fsum(value for _, value in seen) / n
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in seen) / math.fsum((x - mean_x) ** 2 for x, _ in seen)
    begin, rise = mean_y + slope * (seen[0][0] - mean_x), slope * (seen[-1][0] - seen[0][0])
    if rise <= RISE * abs(begin):
        return False
    score = sum((b > a) - (b < a) for at, (_, a) in enumerate(seen) for _, b in seen[at + 1 :])
    return score > 2.33 * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)


CHECKS = (owner, owner_here, defined, orphan, vanity, weekdays)
