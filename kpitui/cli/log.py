"""`kpitui log`: who changed what, when and why, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, say, table

if TYPE_CHECKING:
    from kpitui.services.history import Line

COLUMNS = ("id", "at", "who", "via", "what", "on", "before", "after", "why", "batch")
"""Of `--csv`, and of an export of the log."""


@click.command(name="log")
@click.option("--item", help="Only lines whose item has this in its name.")
@click.option("--who", help="Only changes by this account.")
@click.option("--since", help="Only changes from this date on (2026-11-20, yesterday, -2w).")
@click.option("--kind", type=click.Choice(["values", "targets", "structure", "notes", "reviews", "settings"]))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many lines.")
@click.option("--verify", is_flag=True, help="Work the log's digests out again and say what does not agree.")
@click.option(
    "--head",
    is_flag=False,
    flag_value="",
    metavar="[FILE|LINE|-]",
    help="One line that stands for the whole log, to be signed; with --verify, whether such a line is of this log.",
)
@options
@row_options
@click.pass_obj
def command(
    db: str | None,
    item: str | None,
    who: str | None,
    since: str | None,
    kind: str | None,
    limit: int,
    verify: bool,
    head: str | None,
    as_of: str | None,
    as_known: str | None,
    form: str | None,
) -> int:
    """Who changed what, when and why, newest first."""
    from kpitui.services import history

    if verify or head is not None:
        from kpitui.cli import log_head

        if item or who or since or kind or as_known or form == "csv":
            word = "--verify" if verify else "--head"
            raise click.UsageError(f"{word} is about the whole log: beside it go --as-of DATE and --json only.")
        return log_head.answer(db, verify, head, as_of, form == "json")
    with open_known(db, as_of, as_known) as looked:
        store, today = looked.store, looked.day
        moment = None if since is None else start_of(since, today)
        found = history.log(
            store, today, limit=limit, kind=kind, who=who, item=item, since=moment, until=looked.until
        )  # fmt: skip
    if form:
        emit_rows(form, [as_object(line) for line in found.lines], COLUMNS)
        return 0
    looked.say()
    if not found.lines:
        say("No change matches." if found.total else "Nothing was changed yet.")
        return 0
    rows = [
        (line.id, f"{day_of(line.at)} {line.time}", line.who, line.on, line.what, f"{line.old} > {line.new}"
         if line.old or line.new else "", line.why)
        for line in found.lines
    ]  # fmt: skip
    emit(table(("id", "when", "who", "on", "change", "old > new", "why"), rows, right=(0,)))
    if len(found.lines) == limit < found.total:
        say(f"{limit} of {found.total} lines: --limit shows more.")
    return 0


def day_of(at: str) -> str:
    return at[:10]


def start_of(text: str, today: int) -> str:
    """The UTC time a day begins, from what was typed."""
    from kpitui.domain.dates import read_date
    from kpitui.domain.periods import to_date

    return read_date(text, to_date(today), past=True, edge="start").isoformat()


def as_object(line: Line) -> dict[str, object]:
    """A line as the promised JSON object; a value's before and after are its numbers, else the fields that changed."""
    before: object = line.before
    after: object = line.after
    fields = {**(line.before or {}), **(line.after or {})}
    if line.kind == "values" and line.span is not None and ("value" in fields or not fields):
        before = None if line.before is None else line.before.get("value")
        after = None if line.after is None else line.after.get("value")
    return {
        "id": line.id,
        "at": line.at,
        "who": line.who,
        "via": line.via,
        "what": line.what,
        "on": line.on,
        "before": before,
        "after": after,
        "why": line.why,
        "batch": line.batch,
    }
