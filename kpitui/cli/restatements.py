"""`kpitui restatements`: values that were changed in closed periods."""

from __future__ import annotations

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, say, table


@click.command(name="restatements")
@click.argument("item", metavar="[METRIC|KPI]", required=False)
@row_options
@click.pass_obj
def command(db: str | None, item: str | None, form: str | None) -> int:
    """Values that were changed in a period while it was closed: what stood, what stands, by whom and why."""
    from kpitui.domain.periods import iso
    from kpitui.services import closing

    with open_store(db) as store:
        found = closing.restatements(store, today_of(store), item)
    if form:
        emit_rows(
            form,
            [
                {
                    "slug": one.slug,
                    "name": one.name,
                    "period": {"label": one.label, "start": iso(one.span.start), "end": iso(one.span.end)},
                    "was": one.was,
                    "now": one.now,
                    "who": one.who,
                    "at": one.at,
                    "why": one.why,
                    "closed": one.closed,
                }
                for one in found
            ],
        )
    elif not found:
        say("Nothing was changed in a closed period.")
    else:
        rows = [
            (one.name, one.label, one.was_text, one.now_text, one.who, iso(one.day), one.closed, one.why)
            for one in found
        ]
        emit(table(("metric", "period", "was", "now", "by", "on", "closed", "why"), rows, right=(2, 3)))
    return 0
