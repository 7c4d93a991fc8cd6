"""`kpitui audit`: the values that somebody should look at, and those that were found right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, say, table

if TYPE_CHECKING:
    from kpitui.services.data_audit import Accepted, DataAudit, Finding

COLUMNS = (
    "slug", "name", "rule", "severity", "period", "start", "end", "value", "finding", "meant", "owner", "accepted",
)  # fmt: skip
"""Of `--csv`."""
RULE_COLUMNS = ("rule", "title", "severity", "why")


@click.group(invoke_without_command=True)
@click.option("--metric", metavar="METRIC", help="Only this one.")
@click.option("--accepted", "with_accepted", is_flag=True, help="Those that were accepted, too.")
@click.option("--rules", "list_rules", is_flag=True, help="List what is looked at, and why.")
@options
@row_options
@click.pass_context
def command(
    context: click.Context, metric: str | None, with_accepted: bool, list_rules: bool, as_of: str | None,
    as_known: str | None, form: str | None,
) -> int:  # fmt: skip
    """Values that cannot be, hardly can, or wait to be looked at; exit 1 when an error is among them.

    `kpitui audit accept METRIC PERIOD` confirms one: it is not reported again while the value stands.
    """
    if context.invoked_subcommand is not None:
        return 0
    if list_rules:
        if form:
            emit_rows(form, rule_objects(), RULE_COLUMNS)
        else:
            emit(rules_text())
        return 0
    from kpitui.services.data_audit import audit

    with open_known(context.obj, as_of, as_known) as looked:
        found = audit(looked.store, looked.day, metric)
        if looked.day < looked.today:
            # With what is known now there are later values: they were not to come then.
            found = found._replace(findings=tuple(one for one in found.findings if one.span.start <= looked.day))
    if form:
        accepted = [accepted_object(one) for one in found.accepted] if with_accepted else []
        emit_rows(form, [*map(finding_object, found.findings), *accepted], COLUMNS)
    else:
        looked.say()
        told(found, with_accepted)
    return 1 if found.count("error") else 0


@command.command()
@click.argument("metric")
@click.argument("period")
@click.option("--rule", default="", metavar="RULE", help="Which finding, where there are several.")
@click.option("--why", default="", metavar="TEXT", help="What speaks for the value.")
@click.pass_obj
def accept(db: str | None, metric: str, period: str, rule: str, why: str) -> int:
    """Confirm that a value is right as it stands: `kpitui audit accept visits 2026-W44 --why "press day"`."""
    from kpitui.domain.period_words import read_period
    from kpitui.domain.periods import to_date
    from kpitui.services.book import book_of
    from kpitui.services.data_audit import accept as confirm
    from kpitui.services.data_audit import audit, named
    from kpitui.services.detail import metric_named

    with open_store(db, write=True) as store:
        today = today_of(store)
        book = book_of(store, today)
        row = metric_named(book, metric)[0]
        span = read_period(period, book.calendar, to_date(today), row.cadence)[1]
        emit(confirm(store, named(audit(store, today, row.slug), row.slug, span, rule), today, why))
    return 0


def finding_object(one: Finding) -> dict[str, Any]:
    """What `audit --json` says of a finding. Days are ISO dates, half-open; percent values fractions."""
    from kpitui.domain.periods import iso

    return {
        "slug": one.slug,
        "name": one.name,
        "rule": one.rule,
        "severity": one.severity,
        "period": one.period,
        "start": iso(one.span.start),
        "end": iso(one.span.end),
        "value": one.value,
        "finding": one.text,
        "meant": one.meant or None,
        "owner": one.owner,
        "accepted": None,
    }


def accepted_object(one: Accepted) -> dict[str, Any]:
    from kpitui.domain.periods import iso

    said = {"who": one.who, "on": iso(one.day), "why": one.why}
    return {**finding_object(one.finding), "accepted": said}


def told(found: DataAudit, with_accepted: bool) -> None:
    from kpitui.domain.periods import iso

    if found.findings:
        rows = [
            (one.severity, one.rule, one.name, one.period, one.text + (f"; meant {one.meant}?" if one.meant else ""))
            for one in found.findings
        ]
        emit(table(("", "rule", "metric", "period", "finding"), rows, widest=100))
    if with_accepted and found.accepted:
        emit("\nAccepted" if found.findings else "Accepted")
        said = [
            (one.finding.rule, one.finding.name, one.finding.period, one.finding.text, one.who, iso(one.day), one.why)
            for one in found.accepted
        ]
        emit(table(("rule", "metric", "period", "finding", "by", "on", "why"), said))
    say(summary(found))


def summary(found: DataAudit) -> str:
    """`3 findings: 1 error, 2 warnings. 12 accepted before. 28 metrics looked at.`"""
    accepted = f" {len(found.accepted)} accepted before." if found.accepted else ""
    looked = f" {found.metrics} metric{'' if found.metrics == 1 else 's'} looked at."
    if not found.findings:
        return f"Nothing to look at.{accepted}{looked}"
    parts = [
        f"{count} {name}{'' if count == 1 else 's'}"
        for name in ("error", "warning", "notice")
        if (count := found.count(name))
    ]
    total = len(found.findings)
    return (
        f"{total} finding{'' if total == 1 else 's'}: {', '.join(parts)}.{accepted}{looked} Correct them, or "
        "kpitui audit accept METRIC PERIOD."
    )


def rule_objects() -> list[dict[str, object]]:
    from kpitui.domain.data_audit import RULES

    return [{"rule": rule.id, "title": rule.title, "severity": rule.severity, "why": rule.why} for rule in RULES]


def rules_text() -> str:
    from kpitui.domain.data_audit import RULES

    lines: list[str] = []
    for rule in RULES:
        lines += [f"{rule.id:<9} {rule.title} ({rule.severity})", f"          {rule.why}"]
    return "\n".join(lines)
