"""Rules about KPIs: what hangs under them, what guards them, what they lead to, and whom they measure."""

from __future__ import annotations

from collections.abc import Iterator

from kpitui.domain.lint import ADD_UNDER, ATTACH, PROMOTE, TARGET, Finding, Fix, Rule
from kpitui.domain.lint_facts import PERSONAL, Facts, KpiFact, MetricFact

QUALITY_KINDS = ("ratio", "index")
QUALITY_UNITS = ("percent", "score", "duration")

RULES = (
    Rule(
        "K03",
        "each KPI has a leading indicator",
        "error",
        "Lagging numbers tell you what already happened: by the time they drop, the quarter is gone. Balance leading "
        "and lagging, or every review becomes a report on the past.",
        "Add something under it that moves first and that you control, or mark what feeds it as leading.",
    ),
    Rule(
        "K04",
        "each KPI has goal, target, date and owner",
        "error",
        "A metric wears the badge only with a goal, a target, a deadline and an owner; until then nobody can say "
        "whether it is good or bad, and nobody has to.",
        "Fill in what is missing on its promote page.",
    ),
    Rule(
        "K06",
        "the six questions are answered",
        "warning",
        "Would a big change in it move the business? What does it show, how is it measured, what is it for, how will "
        "you know it worked, what changes if not? A number nobody can answer for is not key.",
        "Answer them on its promote page; who cannot, has found a metric to demote.",
    ),
    Rule(
        "K07",
        "each KPI has a counter metric with a band",
        "warning",
        "When a measure becomes a target, it stops being a good measure (Goodhart). A counter metric shows what is "
        "paid for it, and only a band says when that is too much.",
        "Name one when promoting, with how much worse it may get (Refund rate, 0.5 points), or set the bounds it must "
        "stay in.",
    ),
    Rule(
        "K10",
        "no quantity without quality",
        "warning",
        "Whoever is asked for many gets many: calls without answers, articles nobody reads. A count needs a rate, a "
        "score or a price beside it.",
        "Make a rate, score or cost its counter metric, or a KPI of the same scope.",
    ),
    Rule(
        "K12",
        "each KPI leads to revenue, customers or the main goal",
        "warning",
        "A KPI that leads nowhere is steered for its own sake.",
        "Tie it to a goal under the main one, or attach its metric to one that leads there.",
    ),
    Rule(
        "K13",
        "activity is not promoted as success",
        "warning",
        "Impressions, likes, calls and posts are what is done, not what came of it. Done more and more, they can leave "
        "the result where it was.",
        "Promote the result it is done for, and keep this one as a metric under it.",
    ),
    Rule(
        "K14",
        "the KPI stands at its own stage",
        "warning",
        "What comes before the result is easier to move and to fool: traffic in the place of leads, leads in the "
        "place of customers. It is then the stand-in that grows.",
        "Promote what it feeds, and demote this one to the metric that drives it.",
    ),
    Rule(
        "P01",
        "who is measured has a playbook",
        "warning",
        "A person who misses a number needs to know what happens next: find the cause, offer support, act. Without a "
        "playbook a miss is only blame.",
        "Write the playbook of the KPI or the role: causes to look for, support to offer, first steps.",
    ),
)


def found(rule: str, facts: Facts, kpi: KpiFact, text: str, fix: Fix, severity: str = "warning") -> Finding:
    """A finding about a KPI."""
    metric = facts.metric(kpi)
    owner = kpi.owner or metric.owner
    return Finding(rule, severity, "kpi", kpi.id, metric.name, text, fix, owner, kpi.since, metric.id)


def leading(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        below = [facts.metrics[id] for id in facts.fed_by(metric.id) if id in facts.metrics]
        if metric.timing == "leading" or any(one.timing == "leading" for one in below):
            continue
        text = "no leading indicator under it" if below else "nothing feeds it, and it is not leading itself"
        yield found("K03", facts, kpi, text, ADD_UNDER, "error")


def complete(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        if kpi.lacks:
            missing = ", ".join(kpi.lacks)
            yield found("K04", facts, kpi, f"no {missing}", PROMOTE, "error" if kpi.state == "live" else "warning")


def questions(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        if kpi.open_questions:
            some = "question" if kpi.open_questions == 1 else "questions"
            yield found("K06", facts, kpi, f"{kpi.open_questions} of 6 {some} not answered", PROMOTE)


def guarded(facts: Facts) -> Iterator[Finding]:
    targeted = {kpi.metric_id for kpi in facts.kpis.values() if kpi.target is not None and kpi.state == "live"}
    for kpi in facts.asked():
        counter = facts.metrics.get(kpi.counter_id or 0)
        if counter is None:
            idle = ", so the worsening it tolerates is nobody's" if kpi.tolerated else ""
            yield found("K07", facts, kpi, f"no counter metric{idle}", PROMOTE)
        elif not counter.banded and counter.id not in targeted and not kpi.tolerated:
            text = f"counter metric {counter.name} without a band"
            yield found("K07", facts, kpi, text, TARGET)._replace(metric_id=counter.id)


def quantity(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        if metric.kind not in ("flow", "distinct") or metric.unit != "number" or metric.direction != "up":
            continue
        beside = [facts.metrics.get(kpi.counter_id or 0)]
        beside += [facts.metric(other) for other in facts.asked() if other.scope_id == kpi.scope_id]
        beside += [facts.metrics.get(id) for id in facts.feeding(metric.id) if id in facts.roles()]
        if not any(one is not None and one.id != metric.id and quality(one) for one in beside):
            yield found("K10", facts, kpi, "counts how many, and nothing says how good", PROMOTE)


def quality(metric: MetricFact) -> bool:
    """Whether it says how good rather than how many: a rate, a score, a time, a cost."""
    return (
        metric.kind in QUALITY_KINDS
        or metric.unit in QUALITY_UNITS
        or metric.direction != "up"
        or (metric.unit == "currency" and metric.nature == "outcome")
    )


def leads_somewhere(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        if any(goal.main for goal in facts.towards(kpi)):
            continue
        metric = facts.metric(kpi)
        mains = {goal.metric_id for goal in facts.goals.values() if goal.main and goal.metric_id}
        above = {metric.id, *facts.feeding(metric.id)}
        if above & mains or any(_business(facts.metrics[id]) for id in above if id in facts.metrics):
            continue
        yield found("K12", facts, kpi, "no path to revenue, customers or the main goal", ATTACH)


def _business(metric: MetricFact) -> bool:
    """Revenue, profit or customers won: an outcome in money, or one that counts what comes last."""
    if metric.nature != "outcome" or metric.timing != "lagging":
        return False
    return metric.unit == "currency" or (metric.unit == "number" and metric.kind in ("flow", "distinct", "level"))


def activity(facts: Facts) -> Iterator[Finding]:
    outcomes = {kpi.metric_id for kpi in facts.asked() if facts.metric(kpi).nature != "activity"}
    for kpi in facts.asked():
        metric = facts.metric(kpi)
        if metric.nature != "activity" or facts.feeding(metric.id) & outcomes:
            continue
        if any(other.scope_id == kpi.scope_id and other.metric_id in outcomes for other in facts.asked()):
            continue
        yield found("K13", facts, kpi, "an activity, and no KPI shows what comes of it", ATTACH)


def stage(facts: Facts) -> Iterator[Finding]:
    """A KPI whose metric feeds an outcome of the same scope that is no KPI itself, nor leads to one."""
    roles = facts.roles()
    for kpi in facts.asked():
        scope = facts.scopes.get(kpi.scope_id)
        if scope is None or scope.kind in PERSONAL:
            continue
        goals = {goal.metric_id for goal in facts.towards(kpi)}
        metric = facts.metric(kpi)
        for metric_id, feeds_id in facts.edges:
            result = facts.metrics.get(feeds_id)
            if metric_id != metric.id or result is None or feeds_id in roles or feeds_id in goals or result.counter:
                continue
            if result.scope_id != kpi.scope_id or result.nature != "outcome" or result.parts:
                continue
            if not facts.feeding(feeds_id) & roles:
                text = f"stands in for {result.name}, which it only drives"
                yield found("K14", facts, kpi, text, Fix("tree", "promote", "p", f"promote {result.name}"))
                break


def playbook(facts: Facts) -> Iterator[Finding]:
    for kpi in facts.asked():
        scope = facts.scopes.get(kpi.scope_id)
        if scope is None or scope.kind not in PERSONAL:
            continue
        if ("kpi", kpi.id) in facts.playbooks or ("scope", scope.id) in facts.playbooks:
            continue
        yield found("P01", facts, kpi, f"measures {scope.name}, and there is no playbook", PLAYBOOK)


PLAYBOOK = Fix("detail", "playbook", "E", "write one")
CHECKS = (leading, complete, questions, guarded, quantity, leads_somewhere, activity, stage, playbook)
