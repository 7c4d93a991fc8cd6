"""`kpitui restatements`: values that were changed in closed periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import SPAN, emit_rows, row_options, span_object
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, say, table

if TYPE_CHECKING:
    from kpitui.services.closing import Restated

COLUMNS = ("slug", "name", *SPAN, "was", "now", "who", "at", "why", "closed")
"""Of `--csv`."""


@click.command(name="restatements")
@click.argument("item", metavar="[METRIC|KPI]", required=False)
@options
@row_options
@click.pass_obj
def command(db: str | None, item: str | None, as_of: str | None, as_known: str | None, form: str | None) -> int:
    """Values that were changed in a period while it was closed: what stood, what stands, by whom and why."""
    from kpitui.domain.periods import iso
    from kpitui.services import closing

    with open_known(db, as_of, as_known) as looked:
        found = closing.restatements(looked.store, looked.day, item)
    if form:
        emit_rows(form, [restated_object(one) for one in found], COLUMNS)
    elif not found:
        say("Nothing was changed in a closed period.")
    else:
        looked.say()
        rows = [
            (one.name, one.label, one.was_text, one.now_text, one.who, iso(one.day), one.closed, one.why)
            for one in found
        ]
        emit(table(("metric", "period", "was", "now", "by", "on", "closed", "why"), rows, right=(2, 3)))
    return 0


def restated_object(one: Restated) -> dict[str, object]:
    """A value that was changed in a closed period, as `--json` says it."""

    return {
        "slug": one.slug,
        "name": one.name,
        "period": span_object(one.label, one.span),
        "was": one.was,
        "now": one.now,
        "who": one.who,
        "at": one.at,
        "why": one.why,
        "closed": one.closed,
    }
