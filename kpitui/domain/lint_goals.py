"""Rules about goals and about how many KPIs whoever has."""

from __future__ import annotations

from collections.abc import Iterator

from kpitui.domain.kpi_limits import severity
from kpitui.domain.lint import DEMOTE, EDIT, TOTAL, Finding, Fix, Rule
from kpitui.domain.lint_facts import Facts, KpiFact, ScopeFact

BEST = 1.5
"""Times the best year so far above which a goal is asked about."""
PLAINLY = 2.0
"""Times the best single period above which a goal's number cannot be meant of one."""

RULES = (
    Rule(
        "G01",
        "one main goal for the year",
        "error",
        "A team that chases several goals reaches none. One goal of the year, seen daily by everyone, decides what is "
        "worth doing today: revenue for the profitable, profit for who breaks even, user growth for who is funded.",
        "Write the goal of the year with a number and a date, or let only one of several be the main one.",
    ),
    Rule(
        "G02",
        "the goal is realistic",
        "notice",
        "A goal far beyond the best year so far is a wish: people stop looking at it by February. Ambitious is good "
        "where somebody can say what will be done differently.",
        "Set the target again, or say in its description what will be different this year.",
    ),
    Rule(
        "G03",
        "each goal has a number, a date and an owner",
        "error",
        "Without a number nobody knows whether it was reached, without a date nobody has to begin, without an owner "
        "nobody does.",
        "Write what is missing into the goal's line: 5m ARR by 31 dec @ana.",
    ),
    Rule(
        "G04",
        "a goal about what adds up is a total",
        "warning",
        "300k revenue by the end of the year is what all its weeks bring together. Read as one week's revenue it is "
        "never reached, and its status, pace and chance are those of another goal.",
        "Make its kind of target reach among all its fields (e twice on the goal): it is the total since its first "
        "day. Waive it where one period is meant.",
    ),
    Rule(
        "K01",
        "no more KPIs than can be steered by",
        "notice",
        "Three KPIs can be remembered and acted on; with twenty everything is key and nothing is. The rest are "
        "metrics, which are still counted and shown.",
        "Demote those that no decision hangs on; their values and targets stay.",
    ),
    Rule(
        "K02",
        "never one KPI alone",
        "warning",
        "A single number gets pushed at the cost of everything it does not count. A second one from another side keeps "
        "it honest.",
        "Promote another metric of this scope, best one that guards the first.",
    ),
)


def one_main_goal(facts: Facts) -> Iterator[Finding]:
    begin, end = facts.year
    mains = [
        goal
        for goal in facts.goals.values()
        if goal.main
        and (goal.deadline is None or goal.deadline >= begin)
        and (goal.start is None or goal.start < end)
        and (goal.deadline is None or goal.deadline >= facts.today)
    ]
    running = [goal for goal in mains if goal.deadline is None or goal.deadline < end]
    write = Fix("tree", "new", "n", "write it")
    if not mains:
        text = f"no main goal for {facts.year_label}"
        yield Finding("G01", "error", "workspace", 0, "goal", text, write)
    elif len(running) > 1:
        names = ", ".join(goal.title for goal in running[:3])
        yield Finding("G01", "error", "workspace", 0, "goal", f"{len(running)} main goals in one year: {names}", EDIT)


def realistic(facts: Facts) -> Iterator[Finding]:
    for goal in facts.goals.values():
        over = goal.deadline is not None and goal.deadline < facts.today
        if goal.times_best is not None and goal.times_best > BEST and not over:
            text = f"{goal.times_best:.1f} x the best year so far, {goal.best}"
            yield Finding("G02", "notice", "goal", goal.id, goal.title, text, EDIT, goal.owner, goal.since)


def number_and_date(facts: Facts) -> Iterator[Finding]:
    for goal in facts.goals.values():
        if goal.deadline is not None and goal.deadline < facts.today:
            continue
        missing = [] if goal.has_number else ["number"]
        missing += [] if goal.deadline is not None else ["date"]
        missing += [] if goal.owner else ["owner"]
        if missing:
            severity = "error" if missing != ["owner"] else "warning"
            text = f"no {_list(missing)}"
            yield Finding("G03", severity, "goal", goal.id, goal.title, text, EDIT, goal.owner, goal.since)


def total(facts: Facts) -> Iterator[Finding]:
    for goal in facts.goals.values():
        metric = facts.metrics.get(goal.metric_id or 0)
        over = goal.deadline is not None and goal.deadline < facts.today
        if metric is None or goal.target is None or not goal.of_one or over:
            continue
        best = max((value for value in metric.values if value is not None), default=goal.baseline)
        if best is not None and goal.target <= PLAINLY * best:
            continue
        text = f"read as one {goal.of_one} of {metric.show(goal.target)}"
        text += "" if best is None else f", the best so far {metric.show(best)}"
        yield Finding("G04", "warning", "goal", goal.id, goal.title, text, TOTAL, goal.owner, goal.since)


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def too_many(facts: Facts) -> Iterator[Finding]:
    for scope, kpis in _by_scope(facts):
        count = len(kpis)
        grave = severity(count, scope.limits)
        if not grave:
            continue
        limit = {"notice": scope.limits.notice, "warning": scope.limits.warn, "error": scope.limits.strong}[grave]
        text = f"{count} KPIs, more than {limit}"
        yield Finding("K01", grave, "scope", scope.id, scope.name, text, DEMOTE, scope.owner)


def alone(facts: Facts) -> Iterator[Finding]:
    for scope, kpis in _by_scope(facts):
        if len(kpis) == 1:
            name = facts.metric(kpis[0]).name
            text = f"{name} is its only KPI"
            fix = Fix("tree", "promote", "p", "promote another")
            yield Finding("K02", "warning", "scope", scope.id, scope.name, text, fix, scope.owner)


def _by_scope(facts: Facts) -> Iterator[tuple[ScopeFact, list[KpiFact]]]:
    """Scopes and the KPIs that count in them: those that are live or wait to be."""
    for scope in facts.scopes.values():
        yield scope, [kpi for kpi in facts.asked() if kpi.scope_id == scope.id]


CHECKS = (one_main_goal, realistic, number_and_date, total, too_many, alone)
