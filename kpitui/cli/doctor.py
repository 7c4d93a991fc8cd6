"""`kpitui doctor`: what is wrong with the set-up or the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options, past_day
from kpitui.cli.output import emit, say, table

if TYPE_CHECKING:
    from kpitui.services.doctor import Case, Doctor

COLUMNS = (
    "rule", "severity", "on", "name", "finding", "fix", "owner", "since", "waived", "waived_why", "waived_until",
)  # fmt: skip
"""Of `--csv`."""
RULE_COLUMNS = ("rule", "title", "severity", "why", "fix")


@click.command(help="What the KPI doctor finds; exit 1 when an error that is not waived is among it.")
@row_options
@click.option("--mine", is_flag=True, help="Only what this account answers for.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules, with why each is asked.")
@click.option("--since", metavar="DATE", help="Say what changed since the end of that day; a week ago without it.")
@options
@click.pass_obj
def command(
    db: str | None, form: str | None, mine: bool, list_rules: bool, since: str | None, as_of: str | None,
    as_known: str | None,
) -> int:  # fmt: skip
    from kpitui.services import doctor, doctor_history

    if list_rules:
        if form:
            emit_rows(form, rule_objects(), RULE_COLUMNS)
        else:
            emit(rules_text())
        return 0
    with open_known(db, as_of, as_known) as looked:
        store, today = looked.store, looked.day
        day = None if since is None else past_day("--since", since, today)
        # JSON is the list of findings that is promised: it has no place for what was.
        found = doctor.examine(store, today) if form else doctor_history.examined(store, today, day)
        if day is not None and found.since is None and not form:
            say(f"Nothing was known here on {since}: the workspace was made later.")
        me = store.who.name
    cases = [case for case in (*found.cases, *found.waived) if not mine or case.finding.owner == me]
    if form:
        emit_rows(form, [case_object(case) for case in cases], COLUMNS)
    else:
        looked.say()
        if cases:
            emit(cases_table(cases))
    if not form:
        say(summary(found, today))
    return 1 if any(case.finding.severity == "error" and not case.waived for case in cases) else 0


def case_object(case: Case) -> dict[str, object]:
    """What `doctor --json` promises of a finding. Days are ISO dates."""
    from kpitui.domain.periods import iso

    finding = case.finding
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "on": case.slug or finding.on,
        "name": finding.on,
        "finding": finding.text,
        "fix": finding.fix.text,
        "owner": finding.owner,
        "since": None if finding.since is None else iso(finding.since),
        "waived": case.waived,
        "waived_why": case.why or None,
        "waived_until": None if case.until is None else iso(case.until),
    }


def cases_table(cases: list[Case]) -> str:
    """For a person, a finding a line; what is waived last."""
    from kpitui.domain.periods import iso

    rows = []
    for case in cases:
        until = f"waived until {iso(case.until)}: {case.why}" if case.until is not None else case.finding.fix.text
        word = "waived" if case.waived else case.finding.severity
        rows.append((word, case.finding.rule, case.finding.on, case.finding.text, until))
    return table(("", "rule", "where", "finding", "fix"), rows)


def summary(found: Doctor, today: int) -> str:
    """`10 findings: 1 error, 9 warnings. 28 rules, health 75 of 100 (was 72 on 13 Nov; closed: K07 MRR). …`."""
    from kpitui.reports.doctor_words import moved_text, was_text

    was = ""
    if found.since is not None:
        was = f" ({'; '.join(text for text in (was_text(found.since, today), moved_text(found.since)) if text)})"
    if not found.cases:
        return f"{len(found.rules)} rules, nothing to do. Health {found.health} of 100{was}."
    parts = [
        f"{count} {name}{'s' if count > 1 else ''}"
        for name in ("error", "warning", "notice")
        if (count := found.counts[name])
    ]
    total = len(found.cases)
    return (
        f"{total} finding{'s' if total > 1 else ''}: {', '.join(parts)}. {len(found.rules)} rules, health "
        f"{found.health} of 100{was}. 7 in the screens leads to where each is mended."
    )


def rule_objects() -> list[dict[str, object]]:
    from kpitui.domain import lint

    return [
        {"rule": rule.id, "title": rule.title, "severity": rule.severity, "why": rule.why, "fix": rule.mend}
        for rule in lint.rules().values()
    ]


def rules_text() -> str:
    from kpitui.domain import lint

    lines: list[str] = []
    for rule in lint.rules().values():
        lines += [f"{rule.id}  {rule.title} ({rule.severity})", f"     {rule.why}", f"     {rule.mend}", ""]
    return "\n".join(lines).rstrip()
