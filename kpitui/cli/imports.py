"""`kpitui import`: values from a CSV, TSV, JSON or XLSX file: preview, then all or nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json, say
from kpitui.text import clean, cut

if TYPE_CHECKING:
    from kpitui.services.imports import Plan
    from kpitui.storage.store import Store

MOST_LINES = 20
MAP = "What a column is: a metric, or date, name, value, note, start, end or skip. Visits=visits,Country=name"


@click.command()
@click.argument("file")
@click.option("--map", "columns", multiple=True, metavar="COLUMN=ROLE,…", help=MAP)
@click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="How 03/04/2026 is meant.")
@click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", help="What decimals begin with (default: a point)."
)
@click.option(
    "--cadence",
    type=click.Choice(["day", "week", "month", "quarter", "year"]),
    help="Of new metrics; a date then stands for the whole period it lies in.",
)
@click.option("--create", is_flag=True, help="Make metrics that do not exist, named as in the file.")
@click.option("--scope", default="", help="Where new metrics belong (default: the root).")
@click.option("--sheet", help="The sheet of a workbook (default: the first).")
@click.option("--encoding", help="How the file is written, if it is not UTF-8 or UTF-16.")
@click.option("--dry-run", is_flag=True, help="Only say what would be saved.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--why", default="", help="A reason for the log, and for the minutes whose values it corrects.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(
    db: str | None,
    file: str,
    columns: tuple[str, ...],
    dates: str | None,
    decimal: str,
    cadence: str | None,
    create: bool,
    scope: str,
    sheet: str | None,
    encoding: str | None,
    dry_run: bool,
    yes: bool,
    why: str,
    as_json: bool,
) -> int:
    """Save the values in FILE (- is standard input): dates down or across, one metric a column or named in one."""
    from kpitui.connectors.base import open_table
    from kpitui.services import imports
    from kpitui.services.import_map import parse_map

    wanted = imports.Wanted(parse_map(columns), dates, decimal, cadence, create, scope)  # type: ignore[arg-type]
    with open_store(db, write=not dry_run) as store:
        today = today_of(store)
        with open_table(file, stdin=sys.stdin.buffer, sheet=sheet, encoding=encoding) as table:
            plan = imports.preview(store, table, wanted, today)
        possible = not plan.refused.count and not plan.unknown
        if dry_run or not possible:
            report(plan, as_json)
            return 0 if possible else 1
        asking = sys.stdin.isatty() and file != "-" and not yes and not as_json and not plan.empty
        if asking:
            report(plan, False)
            if not click.confirm("Save them?", err=True):
                say("Nothing was saved.")
                return 1
        if plan.reviewed and not clean(why).strip():
            from kpitui.cli import reasons

            said = imports.reviewed_sentence(plan.reviewed)
            answer = reasons.ask(said) if asking else None
            if answer == "":
                say("Nothing was saved.")
                return 1
            if answer is None:
                say(f"kpitui: {reasons.unexplained(said)}")
            why = answer or ""
        return saved(store, plan, why, as_json, talk=not asking)


def saved(store: Store, plan: Plan, why: str, as_json: bool, talk: bool) -> int:
    from kpitui.cli import reasons
    from kpitui.errors import NeedsReason
    from kpitui.services import imports

    # Whoever is asked has answered for the reviews that were signed when it was previewed.
    try:
        done = imports.save(store, plan, clean(why), ask_why=not talk)
    except NeedsReason as error:
        answer = reasons.ask(str(error))
        if answer == "":
            raise
        done = imports.save(store, plan, answer or "")
    if done.reviewed > plan.reviewed:
        say(f"kpitui: {reasons.unexplained(imports.reviewed_sentence(done.reviewed))}")
    if as_json:
        emit_json(as_dict(plan) | {"saved": done.txn_id is not None, "created": [m.slug for m in plan.created]})
        return 0
    if talk:
        for note in plan.notes:
            say(note)
    emit(done.sentence)
    return 0


def report(plan: Plan, as_json: bool) -> None:
    """What would be saved: as promised JSON, or for people as talk, the wrong cells first."""
    if as_json:
        emit_json(as_dict(plan))
        return
    for line in lines_of(plan):
        say(line)


def as_dict(plan: Plan) -> dict[str, object]:
    return {
        "new": plan.said.new,
        "changed": plan.said.changed,
        "same": plan.said.same,
        "changes": [
            {"metric": one.metric, "period": one.period, "was": was, "now": now, "note": one.noted}
            for one in plan.changes
            for was, now in (one.values,)
        ],
        "refused": [one._asdict() for one in plan.refused.named],
        "refused_count": plan.refused.count,
        "unknown_metrics": plan.unknown,
        "create": [metric.slug for metric in plan.created],
        "odd": plan.odd,
        "reviewed": plan.reviewed,
        "notes": plan.notes,
        "file": plan.file,
        "sha256": plan.sha256,
    }


def lines_of(plan: Plan) -> list[str]:
    from kpitui.domain.expected import period_word
    from kpitui.services.import_words import changes_text, unknown_sentence
    from kpitui.services.imports import reviewed_sentence

    lines = []
    for line, column, value, why in plan.refused.named[:MOST_LINES]:
        where = f"{plan.file}, {plan.word} {line}" + (f", {column}" if column else "")
        # Most reasons quote the cell; it is said here when they do not.
        found = f"“{value}”: " if value and value != column and value not in why else ""
        lines.append(f"{where}: {found}{why}")
    if plan.refused.count > MOST_LINES:
        lines.append(f"… and {plan.refused.count - MOST_LINES:,} more; --json lists them.")
    lines += plan.notes
    if plan.unknown:
        lines.append(unknown_sentence(plan))
    new, changed, same = plan.said
    if plan.created:
        names = ", ".join(
            f"{metric.slug} ({period_word(metric.cadence, metric.days == 'working')})" for metric in plan.created[:6]
        )
        more = f" and {len(plan.created) - 6:,} more" if len(plan.created) > 6 else ""
        lines.append(f"New metrics: {cut(names, 400)}{more}")
    if not plan.unknown or new or changed or same or plan.refused.count:
        lines.append(
            f"{plan.file}: {new:,} new, {changed:,} changed, {same:,} the same, {plan.refused.count:,} refused"
        )
    if changed:
        lines.append(f"Changed: {changes_text(plan)}.")
    if plan.odd:
        far = "1 of them is" if plan.odd == 1 else f"{plan.odd:,} of them are"
        lines.append(f"{far} far from the values before and will be marked with ?.")
    if plan.reviewed:
        lines.append(f"{reviewed_sentence(plan.reviewed)}: --why TEXT says why.")
    if plan.refused.count:
        lines.append("Nothing was saved: an import is all or nothing. Mend the file, or leave columns out with --map.")
    return lines
