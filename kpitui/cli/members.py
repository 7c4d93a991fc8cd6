"""`kpitui members`: who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store
from kpitui.cli.output import emit, emit_json, say, table

if TYPE_CHECKING:
    from kpitui.services.members import Said


@click.group(invoke_without_command=True)
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    """Who may do what: reader, contributor (own metrics), editor, admin, by account or @group of the system."""
    if context.invoked_subcommand is not None:
        return 0
    from kpitui.domain.roles import MAY
    from kpitui.services import members

    with open_known(context.obj, as_of, as_known) as looked:
        found = members.members(looked.store)
    then = looked.known is not None
    if as_json:
        listed = [{"account": one.account, "role": one.role, "known": one.known} for one in found.members]
        emit_json({"account": found.me, "role": found.role, "members": listed, **looked.json})
        return 0
    looked.say()
    if not found.members:
        nobody = "Nobody had a role then: everybody who might" if then else "Nobody has a role: everybody who may"
        emit(f"{nobody} write the file {'was' if then else 'is'} an admin.")
    else:
        # What somebody may do is no word to be cut: a narrow terminal wraps it.
        rows = [(called(one), one.role, one.may) for one in found.members]
        emit(table(("member", "role", "may"), rows, widest=200))
        are, is_ = ("were", "was") if then else ("are", "is")
        emit(f"\nYou, {found.me}, {are} {found.role}: {MAY[found.role]}. Whoever is not listed {is_} a reader.")
    say(members.COURTESY)
    return 0


def called(one: Said) -> str:
    return one.account if one.known else f"{one.account} (unknown here)"


@command.command()
@click.argument("account", metavar="ACCOUNT|@GROUP")
@click.argument("role")
@click.pass_obj
def add(db: str | None, account: str, role: str) -> int:
    """Give an account or a group of the system a role, or another one."""
    from kpitui.services import members

    with open_store(db, write=True) as store:
        emit(f"{members.add(store, account, role).sentence}.")
    return 0


@command.command()
@click.argument("account", metavar="ACCOUNT|@GROUP")
@click.pass_obj
def remove(db: str | None, account: str) -> int:
    """Take a role away again."""
    from kpitui.services import members

    with open_store(db, write=True) as store:
        emit(f"{members.remove(store, account).sentence}.")
    return 0
