"""`kpitui propose`: ask for a correction that is somebody else's to make."""

from __future__ import annotations

import click

from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json


@click.command(name="propose", context_settings={"ignore_unknown_options": True})
@click.argument("metric")
@click.argument("value")
@click.option("--on", "period", help="The period: 2026-W47, oct, a date; without it as for kpitui record.")
@click.option("--why", default="", help="Why; the owner reads it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, metric: str, value: str, period: str | None, why: str, as_json: bool) -> int:
    """Ask the owner of METRIC to save VALUE. They see it in Due and with kpitui proposals."""
    from kpitui.cli.record import Recording
    from kpitui.services import entry, proposals

    with open_store(db, write=True) as store:
        asked = Recording(store)
        row = entry.metric_named(store, metric)
        span = asked.period(period, row)
        done = proposals.propose(store, metric, span, value, why, today=today_of(store), decimal=asked.decimal)
    if as_json:
        emit_json({"id": done.id, "sentence": done.sentence})
    else:
        emit(f"{done.sentence}.")
    return 0
