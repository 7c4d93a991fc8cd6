"""Rules about what the numbers say of a KPI: how it is added up, and whether its target says anything."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kpitui.domain.lint import EDIT, PROMOTE, TARGET, Finding, Fix, Rule
from kpitui.domain.lint_facts import Facts, KpiFact, MetricFact
from kpitui.domain.lint_kpis import found
from kpitui.domain.signals import PROVISIONAL, limits

MEANS = ("mean", "median", "weighted_mean")
ENTERED = ("formula", "weighted_mean", "last", "first")
"""Rules that a ratio without numerator and denominator may have: nothing is put together, or by what weighs."""
MISSES = 3.0
"""Misses that the spread of the values would lead one to expect: none at all then has a chance of 5 % (Poisson)."""
LOOKED_AT = 26

RULES = (
    Rule(
        "K05",
        "no KPI is only an average",
        "warning",
        "An average of 2 days can be everybody in 2, or half in an hour and half in 4. It hides the fluctuation that "
        "customers feel.",
        "Put a metric under it that shows the spread: the share within a limit, the worst, or the highest tenth.",
    ),
    Rule(
        "K08",
        "the target is within what the process can do",
        "warning",
        "Outside the natural limits of its own values (Wheeler) a target is met by luck, by bending the number, or by "
        "changing the process. Only the last is worth asking for.",
        "Set the target inside the limits, or answer on its promote page what will be changed.",
    ),
    Rule(
        "K09",
        "no ratio is averaged",
        "error",
        "The mean of two rates is the rate of neither: 10 of 10 and 0 of 90 are not 50%. Numerator and denominator "
        "are added up first.",
        "Name its numerator and denominator, so that it is worked out from them at every grain.",
    ),
    Rule(
        "K11",
        "the target is not always just met",
        "notice",
        "Values that vary, never miss, and stay right above the line say that the line is too low, or that the number "
        "is made to fit it.",
        "Look at how it is counted; then raise the target, or demote the KPI.",
    ),
)


def only_average(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        if metric.rule not in MEANS:
            continue
        beside = [facts.metrics[id] for id in facts.fed_by(metric.id) if id in facts.metrics]
        if not any(one.rule in ("min", "max", "ratio", "distinct") for one in beside):
            text = f"only a {metric.rule.replace('_', ' ')}, nothing shows its spread"
            yield found("K05", facts, kpi, text, Fix("tree", "new", "n", "add its spread"))


def ratio_averaged(facts: Facts) -> Iterator[Finding]:
    for metric in facts.metrics.values():
        if metric.kind == "ratio" and not metric.parts and metric.rule not in ENTERED:
            taken = "its values cannot be added up" if metric.rule == "ratio" else f"its {metric.rule} is taken"
            text = f"a ratio without numerator and denominator: {taken}"
            yield Finding(
                "K09", "error", "metric", metric.id, metric.name, text, EDIT, metric.owner, metric.since, metric.id
            )


def out_of_reach(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        text = beyond(kpi, metric)
        if text:
            yield found("K08", facts, kpi, text, TARGET if kpi.change_said else PROMOTE)


def beyond(kpi: KpiFact, metric: MetricFact) -> str:
    """What about the target lies outside the natural limits of the metric's values; empty when nothing does.

    A level on its way to a target is to leave its limits: it counts only while nobody said what will be changed.
    """
    by = limits(metric.values[-LOOKED_AT:], floor=metric.floor, ceiling=metric.ceiling)
    if by is None or by.n < PROVISIONAL or by.reach <= 0:
        return ""
    upper, lower = by.centre + by.reach, by.centre - by.reach
    if kpi.kind == "reach":
        if kpi.needed is not None and kpi.needed > upper and not kpi.change_said:
            return f"needs {metric.show(kpi.needed)} a period, the process gives at most {metric.show(upper)}"
        return ""
    if kpi.target is None or (kpi.kind == "from_to" and kpi.change_said):
        return ""
    worse = kpi.kind == "at_most" or (kpi.kind == "from_to" and metric.direction == "down")
    if not worse and kpi.target > upper:
        return f"target {metric.show(kpi.target)} is above what the process does, at most {metric.show(upper)}"
    if worse and kpi.target < lower:
        return f"target {metric.show(kpi.target)} is below what the process does, at least {metric.show(lower)}"
    return ""


def always_just_met(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        count = just_met(kpi, metric)
        if count:
            text = f"met {count} times of {count}, always only just"
            yield found("K11", facts, kpi, text, TARGET, "notice")


def just_met(kpi: KpiFact, metric: MetricFact) -> int:
    """How many values never missed a target to maintain although their spread should have made them; 0 if none.

    With a standard deviation of mean moving range / 1.128 and the mean d above the target, each value misses with
    probability Phi(-d / sd); it is suspicious when `MISSES` were to be expected and there is none.
    """
    values = [value for value in metric.values[-LOOKED_AT:] if value is not None]
    if kpi.kind not in ("at_least", "at_most") or kpi.target is None or len(values) < 8:
        return 0
    sign = 1 if kpi.kind == "at_least" else -1
    over = [sign * (value - kpi.target) for value in values]
    slack = 1e-9 * max(abs(kpi.target), 1e-12)
    if min(over) < -slack:
        return 0
    if max(over) <= slack:
        return len(values)
    by = limits(values)
    spread = by.mr_centre / 1.128 if by else 0.0
    if spread <= 0:
        return 0
    chance = 0.5 * math.erfc(math.fsum(over) / len(over) / spread / math.sqrt(2))
    return len(values) if chance * len(values) >= MISSES else 0


CHECKS = (only_average, ratio_averaged, out_of_reach, always_just_met)
