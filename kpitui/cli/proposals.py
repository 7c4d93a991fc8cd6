"""`kpitui proposals`: what is asked for, and answering it."""

from __future__ import annotations

import click

from kpitui.cli.for_programs import SPAN, emit_rows, row_options, span_object
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, say, table


@click.group(invoke_without_command=True)
@click.option("--all", "every", is_flag=True, help="Those that were answered, too.")
@options
@row_options
@click.pass_context
def command(
    context: click.Context, every: bool, as_of: str | None, as_known: str | None, form: str | None
) -> int:  # fmt: skip
    """Corrections that were proposed; their numbers are for accept and decline."""
    if context.invoked_subcommand is not None:
        return 0
    from kpitui.domain.periods import iso
    from kpitui.services import proposals

    with open_known(context.obj, as_of, as_known) as looked:
        found = proposals.proposals(looked.store, looked.day, every=every, until=looked.until)
    if form:
        keys = ("id", "slug", "name", "value", "now", "why", "who", "state", "answer", "answered_by", "owner")
        emit_rows(
            form,
            [
                {
                    **{key: getattr(one, key) for key in keys},
                    "period": span_object(one.label, one.span),
                    "day": iso(one.day),
                }
                for one in found
            ],
            (*keys, *SPAN, "day"),
        )
    elif not found:
        say("Nothing is proposed.")
    else:
        looked.say()
        header = ("no.", "metric", "period", "now", "proposed", "by", "on", "owner", "state", "why", "answer")
        rows = [
            (one.id, one.name, one.label, one.now_text, one.value_text, one.who, iso(one.day), one.owner, one.state,
             one.why, f"{one.answered_by}: {one.answer}" if one.answer else one.answered_by)
            for one in found
        ]  # fmt: skip
        # Only what was answered has an answer.
        shown = len(header) if every else -1
        emit(table(header[:shown], [row[:shown] for row in rows], right=(0, 3, 4)))
    return 0


@command.command()
@click.argument("number", type=int)
@click.option("--why", default="", help="Something to add, for the log.")
@click.pass_obj
def accept(db: str | None, number: int, why: str) -> int:
    """Save what was proposed."""
    from kpitui.services import proposals

    with open_store(db, write=True) as store:
        emit(f"{proposals.accept(store, number, why, today=today_of(store)).sentence}.")
    return 0


@command.command()
@click.argument("number", type=int)
@click.option("--why", default="", help="Why not.")
@click.pass_obj
def decline(db: str | None, number: int, why: str) -> int:
    """Leave the value as it is; of your own proposal, take it back."""
    from kpitui.services import proposals

    with open_store(db, write=True) as store:
        emit(f"{proposals.decline(store, number, why, today=today_of(store)).sentence}.")
    return 0
