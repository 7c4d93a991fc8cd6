"""`kpitui undo`: take a change back, as a change of its own."""

from __future__ import annotations

import click

from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json


@click.command(name="undo")
@click.argument("batch", required=False, type=int)
@click.option("--why", default="", help="Why, for the log.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, batch: int | None, why: str, as_json: bool) -> int:
    """Take back your last change, or the change BATCH of the log (its `batch` in kpitui log --json)."""
    from kpitui.services import history

    with open_store(db, write=True) as store:
        done = history.undo(store, today=today_of(store), txn_id=batch, why=why)
    if as_json:
        emit_json({"sentence": done.sentence, "batch": done.txn_id, "rows": done.rows})
    else:
        emit(f"{done.sentence}.")
    return 0
