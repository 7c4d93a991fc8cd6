"""`kpitui check`: is this workspace sound, are its permissions right, does the log agree with what is stored?"""

from __future__ import annotations

import click

from kpitui.cli import output
from kpitui.cli.opening import open_store
from kpitui.errors import Damaged
from kpitui.storage import driver

FINE, OTHER, DAMAGED = 0, 1, 4


@click.command(help="Is this workspace sound, are its permissions right, and is its log intact? Changes nothing.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, as_json: bool) -> int:
    damage, other, notices, journal_mode = examine(db)
    problems = [*damage, *other]
    if as_json:
        output.emit_json(
            {
                "ok": not problems,
                "problems": problems,
                "notices": notices,
                "driver": driver.DRIVER,
                "sqlite": driver.VERSION,
                "journal_mode": journal_mode,
            }
        )
    else:
        for line in (*notices, *problems):
            output.emit(line)
        found = {0: "The workspace is sound", 1: "1 problem"}.get(len(problems), f"{len(problems)} problems")
        output.emit(f"{found}: {driver.DRIVER}, SQLite {driver.VERSION}, journal mode {journal_mode or 'unknown'}.")
    return DAMAGED if damage else OTHER if other else FINE


def examine(db: str | None) -> tuple[list[str], list[str], list[str], str | None]:
    """What is damaged, what else is wrong, what opening it did, and the journal mode (None when the file could not
    even be opened)."""
    from kpitui.storage import verify

    try:
        store = open_store(db)
    except Damaged as error:
        return [str(error)], [], [], None
    with store:
        damage = verify.damage(store)
        try:
            damage += verify.altered_schema(store)
            damage += verify.verify(store)
        except Damaged as error:
            damage.append(str(error))
        return list(dict.fromkeys(damage)), store.warnings, store.notices, store.journal_mode()
