"""`kpitui history`: every revision of a metric's values."""

from __future__ import annotations

import click

from kpitui.cli.for_programs import SPAN, emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, say, table

COLUMNS = (
    *SPAN, "period_partial", "value", "entered", "note", "rev", "who", "at", "why", "current", "restated", "state",
    "odd", "via",
)  # fmt: skip
"""Of `--csv`."""


@click.command(name="history")
@click.argument("metric")
@click.option("--on", "period", help="Only this period: 2026-W47, oct, a date.")
@options
@row_options
@click.pass_obj
def command(
    db: str | None, metric: str, period: str | None, as_of: str | None, as_known: str | None, form: str | None
) -> int:
    """Every revision of METRIC's values: who, when, what, why."""
    from kpitui.services.revisions import revisions
    from kpitui.storage.points import STATES

    with open_known(db, as_of, as_known) as looked:
        today = looked.day
        found = revisions(looked.store, metric, today, period)
        found = found._replace(rows=tuple(one for one in found.rows if one.row.start <= today or today == looked.today))
    if form:
        from kpitui.domain.periods import iso

        emit_rows(
            form,
            [
                {
                    "period": {
                        "label": one.period,
                        "start": iso(one.row.start),
                        "end": iso(one.row.end),
                        "partial": one.row.start <= today < one.row.end,
                    },
                    "value": one.row.value,
                    "entered": one.row.entered,
                    "note": one.row.note,
                    "rev": one.row.rev,
                    "who": one.row.who,
                    "at": one.row.at,
                    "why": one.row.why,
                    "current": one.row.current,
                    "restated": one.restated,
                    "state": STATES[one.row.state],
                    "odd": bool(one.row.odd),
                    "via": one.row.via,
                }
                for one in found.rows
            ],
            COLUMNS,
        )
        return 0
    looked.say()
    if not found.rows:
        say(f"{found.name} has no values{' there' if period else ' yet'}.")
        return 0
    rows = [
        (
            one.period,
            one.row.rev,
            STATES[one.row.state] if one.row.value is None else f"{one.row.value:.15g}",
            one.row.entered,
            one.row.who,
            one.row.at[:16].replace("T", " "),
            "restated" if one.restated else "now" if one.row.current else "",
            one.row.why or one.row.note or "",
        )
        for one in found.rows
    ]
    emit(table(("period", "rev", "value", "as typed", "who", "at (UTC)", "", "why, note"), rows, right=(1, 2)))
    return 0
