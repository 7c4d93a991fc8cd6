"""Rules about the work itself: values on time, honest and not copied; reviews held; actions done."""

from __future__ import annotations

from collections.abc import Iterator

from kpitui.domain.expected import too_old
from kpitui.domain.lint import ENTER, REVIEW, Finding, Fix, Rule
from kpitui.domain.lint_facts import Facts
from kpitui.domain.lint_metrics import finding

ON_TIME = 0.9
CORRECTED = 0.05
LATE_ACTIONS = 0.2
OLDEST = 1.5
"""Periods without a value, beside the grace, from which on a metric is stale (as its status says it)."""
COPIED = 8
"""Equal values in a row, in a metric that used to vary."""
FEW = 20
"""Values below which shares of them say nothing."""

AUDIT = Fix("audit", "close", "A", "look at it in the audit")

RULES = (
    Rule(
        "D01",
        "values come on time",
        "warning",
        "A review over last week's number decides about a week that is over. Nine of ten values should be there when "
        "they are asked for.",
        "Look at Due together: ask for less, later, or let a program send it.",
    ),
    Rule(
        "D02",
        "nothing is stale",
        "error",
        "A number nobody has entered for that long is no longer known, whatever the screen shows.",
        "Enter it, say that there is none, or archive the metric.",
    ),
    Rule(
        "D03",
        "values are measured, not copied or mended",
        "warning",
        "Many corrections mean that it is not clear what counts; the same value again and again, that nobody looked.",
        "Draw an audit sample in the log, and write into the metric how it is measured.",
    ),
    Rule(
        "D04",
        "values that look wrong were looked at",
        "error",
        "A slip of the finger moves sums, limits and chances for months. Most of what looks wrong is wrong; what is "
        "right all the same is accepted once and asked about no more.",
        "Look at it in the audit: x accepts, e moves it to the date that was meant, enter goes to the value.",
    ),
    Rule(
        "R01",
        "weekly reviews are held",
        "warning",
        "Who looks weekly corrects in time: four reviews in four weeks are worth more than one long one.",
        "Start it with r; eight keys are enough when nothing is wrong.",
    ),
    Rule(
        "R02",
        "monthly, quarterly and annual reviews are held",
        "warning",
        "Weeks show what happens, months and quarters whether it leads anywhere, and the year whether these are the "
        "right numbers at all.",
        "Start it from Review.",
    ),
    Rule(
        "R03",
        "actions are done when they were promised",
        "warning",
        "Decisions that are not carried out are opinions. More than one in five late means that too much is promised.",
        "Close or drop what will not be done, and move what will to a day somebody stands by.",
    ),
    Rule(
        "R04",
        "whoever promised an action is here",
        "warning",
        "What somebody promised who has left will not be done, and every review asks for it again.",
        "Hand each over with e in the review or kpitui actions owner 5 bo, or drop it: kpitui actions lists them.",
    ),
)


def on_time(facts: Facts) -> Iterator[Finding]:
    data = facts.data
    if data.on_time is not None and data.entered >= FEW and data.on_time < ON_TIME:
        slowest = f", {data.slowest}" if data.slowest else ""
        text = f"{data.on_time:.0%} of {data.entered} on time in 13 weeks{slowest}"
        yield Finding("D01", "warning", "workspace", 1, "values", text, Fix("due", "due", "4", "see what is due"))


def stale(facts: Facts) -> Iterator[Finding]:
    over = {kpi.metric_id for kpi in facts.kpis.values() if kpi.ended} - {kpi.metric_id for kpi in facts.asked()}
    for metric in facts.metrics.values():
        if metric.last_end is None or metric.parts or metric.id in over:
            continue
        if too_old(metric.last_end, facts.today + 1, OLDEST, metric.period_days, metric.grace_days, metric.work):
            text = f"stale: {facts.today - metric.last_end + 1} days since the last period with a value"
            found = finding("D02", metric, text, ENTER, "error")
            yield found._replace(since=metric.last_end)


def honest(facts: Facts) -> Iterator[Finding]:
    data = facts.data
    if data.entered >= FEW and data.corrected > CORRECTED * data.entered:
        text = f"{data.corrected} of {data.entered} values corrected in 13 weeks"
        yield Finding("D03", "warning", "workspace", 2, "values", text, Fix("log", "audit", "A", "audit in Log"))
    for metric in facts.metrics.values():
        last = metric.typed[-COPIED:]
        if len(last) == COPIED and len(set(last)) == 1 and len(set(metric.typed)) >= 4:
            text = f"{COPIED} times the same value in a row: {metric.show(last[-1])}"
            yield finding("D03", metric, text, ENTER)


def looked_at(facts: Facts) -> Iterator[Finding]:
    """Errors and warnings of the audit, one finding a metric; notices are left to who opens the audit."""
    for metric in facts.metrics.values():
        found = [(severity, text) for severity, text in metric.to_look_at if severity != "notice"]
        if found:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            yield finding("D04", metric, f"{found[0][1]}{more}", AUDIT, found[0][0])


def reviews(facts: Facts) -> Iterator[Finding]:
    for place, one in enumerate(facts.data.reviews):
        missed = [(label, day) for label, day, held in one.asked if not held]
        if not missed:
            continue
        rule = "R01" if one.rhythm == "weekly" else "R02"
        when = ", ".join(label for label, _ in reversed(missed))
        text = f"not held for {when}" if len(missed) < 4 else f"not held {len(missed)} times of {len(one.asked)}"
        since = min(day for _, day in missed)
        yield Finding(rule, "warning", "workspace", 10 + place, f"{one.rhythm} review", text, REVIEW, "", since)


def actions(facts: Facts) -> Iterator[Finding]:
    data = facts.data
    if data.late_actions and data.late_actions > LATE_ACTIONS * data.actions:
        some = "action is" if data.late_actions == 1 else "actions are"
        text = f"{data.late_actions} of {data.actions} {some} late"
        yield Finding("R03", "warning", "workspace", 3, "actions", text, REVIEW)


def promised(facts: Facts) -> Iterator[Finding]:
    found = facts.data.gone
    if found:
        said = ", ".join(f"{count} of {who} ({why})" for who, count, why in found)
        text = f"open, and nobody does {'it' if sum(count for _, count, _ in found) == 1 else 'them'}: {said}"
        yield Finding("R04", "warning", "workspace", 4, "actions", text, REVIEW._replace(words="hand them over"))


CHECKS = (on_time, stale, honest, looked_at, reviews, actions, promised)
