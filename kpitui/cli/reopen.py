"""`kpitui reopen`: open a closed period again."""

from __future__ import annotations

import click

from kpitui.cli.close import asked_why, told
from kpitui.cli.opening import open_store, today_of


@click.command(name="reopen")
@click.argument("period")
@click.option("--why", default="", help="Why, for the log.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, period: str, why: str, as_json: bool) -> int:
    """Open a closed PERIOD again; kpitui close lists them."""
    from kpitui.services import closing

    asked_why("Opening", period, why)
    with open_store(db, write=True) as store:
        told(closing.reopen(store, period, why, today_of(store)), as_json)
    return 0
