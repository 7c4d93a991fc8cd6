"""`kpitui redo`: bring back what was taken back."""

from __future__ import annotations

import click

from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json


@click.command(name="redo")
@click.option("--why", default="", help="Why, for the log.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, why: str, as_json: bool) -> int:
    """Bring back what you took back last."""
    from kpitui.services import history

    with open_store(db, write=True) as store:
        done = history.redo(store, today=today_of(store), why=why)
    if as_json:
        emit_json({"sentence": done.sentence, "batch": done.txn_id, "rows": done.rows})
    else:
        emit(f"{done.sentence}.")
    return 0
