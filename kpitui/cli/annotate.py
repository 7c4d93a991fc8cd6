"""`kpitui annotate`: a dated note on a metric or goal."""

from __future__ import annotations

import click

from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json


@click.command(name="annotate")
@click.argument("item", metavar="METRIC|GOAL")
@click.argument("text", nargs=-1, required=True)
@click.option("--on", "on", help="The day it happened (2026-11-20, yesterday, fri); today when left out.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, item: str, text: tuple[str, ...], on: str | None, as_json: bool) -> int:
    """Keep a note on a metric or goal; it is drawn on the chart."""
    from kpitui.domain.dates import read_date
    from kpitui.domain.periods import to_date, to_day
    from kpitui.services.annotate import annotate

    with open_store(db, write=True) as store:
        today = today_of(store)
        day = None if on is None else to_day(read_date(on, to_date(today), past=True))
        done = annotate(store, item, " ".join(text), today=today, day=day)
    if as_json:
        emit_json({"id": done.id, "sentence": done.sentence})
    else:
        emit(f"{done.sentence}.")
    return 0
