"""`kpitui close`: close a period, or list the closed ones."""

from __future__ import annotations

import click

from kpitui.cli.for_programs import span_object
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json, say, table
from kpitui.text import cut


@click.command(name="close")
@click.argument("period", required=False)
@click.option("--why", default="", help="Why; it is said to whoever wants to change a value there.")
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(
    db: str | None, period: str | None, why: str, as_of: str | None, as_known: str | None, as_json: bool
) -> int:  # fmt: skip
    """Close PERIOD (oct, 2026-Q3, 2026-W40): a value there is then only changed with a reason, and the change is shown
    as a restatement. Without PERIOD: what is closed."""
    from kpitui.domain.periods import iso
    from kpitui.services import closing

    if period is not None:
        if as_of or as_known:
            raise click.UsageError("A period is closed today: --as-of and --as-known only list what was closed.")
        asked_why("Closing", period, why)
        with open_store(db, write=True) as store:
            done = closing.close(store, period, why, today_of(store))
        told(done, as_json)
        return 0
    with open_known(db, as_of, as_known) as looked:
        found = closing.closed(looked.store, looked.day, until=looked.until)
    if as_json:
        emit_json(
            [
                {
                    "period": span_object(one.label, one.span),
                    "who": one.who,
                    "day": iso(one.day),
                    "why": one.why,
                    "restatements": one.restatements,
                }
                for one in found
            ]
        )
    elif not found:
        say("No period is closed: kpitui close oct --why TEXT closes one.")
    else:
        looked.say()
        rows = [(one.label, one.who, iso(one.day), one.restatements or "", one.why) for one in found]
        emit(table(("closed", "by", "on", "restated", "why"), rows, right=(3,)))
    return 0


def asked_why(doing: str, period: str, why: str) -> None:
    """Raises NeedsReason, which says how one is given here, where there is no reason."""
    from kpitui.errors import NeedsReason

    if not why.strip():
        raise NeedsReason(f"{doing} {cut(period, 40)} needs a reason.")


def told(done: object, as_json: bool) -> None:
    """What `close` and `reopen` answer."""
    from kpitui.services.closing import Done

    assert isinstance(done, Done)
    if as_json:
        emit_json({"sentence": done.sentence, "period": span_object(done.label, done.span)})
    else:
        emit(f"{done.sentence}.")
