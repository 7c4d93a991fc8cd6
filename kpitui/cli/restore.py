"""`kpitui restore`: a backup back in the place of the workspace, through SQLite, with a trace in the log."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from kpitui.cli.backup import folder_for
from kpitui.cli.opening import chosen_workspace, watched
from kpitui.cli.output import emit, emit_json, say
from kpitui.errors import Refused, WrongUsage
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.restore import Offer, Restored

DOUBTS = 5


@click.command(help="Put a backup in the place of the workspace; what is there now is kept. Others may have it open.")
@click.argument("file")
@click.option("--yes", is_flag=True, help="Do not ask; needed without a terminal where a workspace is there.")
@click.option("--group", metavar="GROUP", help="Where nothing is yet: make it a team workspace of this Unix group.")
@click.option("--why", default="", help="A reason for the log.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, file: str, yes: bool, group: str | None, why: str, as_json: bool) -> int:
    from kpitui import clock, identity, witness
    from kpitui.services import restore

    chosen = chosen_workspace(db)
    if chosen.doubt:
        raise Refused(f"{chosen.doubt} Mend it there, or name the workspace with --db.")
    place = restore.Place(os.path.realpath(chosen.path), identity.who(), "cli", clock.now)
    file = os.path.abspath(backup_named(os.path.expanduser(file), place.path))
    if not os.path.lexists(place.path):
        tell(restore.restore_new(file, place, team_group=group, why=clean(why)), as_json)
        witness.forget(place.path)
        return 0
    if group:
        raise WrongUsage("--group is for a workspace that is not there yet: this one keeps its permissions.")
    with restore.prepared(file, place) as offer:
        asking = sys.stdin.isatty() and not yes and not as_json
        if asking or not yes:
            for line in preview(offer):
                say(line)
        if asking and not click.confirm("Restore it?", err=True):
            say("Nothing was changed.")
            return 1
        if not asking and not yes:
            raise Refused("Nothing was changed: look at the above, then add --yes.")
        tell(restore.restore(offer, place, folder_for(place.path), why=clean(why)), as_json)
    with place.open(place.path, write=False) as store:
        watched(store)  # whoever restored knows of it
    return 0


def backup_named(file: str, workspace: str) -> str:
    """The path of a backup; one that is named as `kpitui backup --list` names it lies in the folder that it lists."""
    listed = os.path.join(folder_for(workspace), file)
    return listed if os.path.basename(file) == file and not os.path.lexists(file) and os.path.lexists(listed) else file


def preview(offer: Offer) -> list[str]:
    """What restoring would do, for somebody who decides it."""
    inside, standing = offer.inside, offer.standing
    lines = [f"{inside.file}", f"  “{inside.name}” up to change {inside.txn}, {time_text(inside.at)}"]
    lines += [f"  ! {doubt}" for doubt in offer.doubts[:DOUBTS]]
    if len(offer.doubts) > DOUBTS:
        lines.append(f"  ! and {len(offer.doubts) - DOUBTS} more: kpitui check --full --db {inside.file}")
    lines.append(f"takes the place of {offer.path}")
    if standing is None:
        return [*lines, f"  {offer.damage}", "  Its bytes as they are now are kept beside the backups."]
    by = f", {time_text(standing.at)} by {standing.who}" if standing.txn else ""
    lines.append(f"  “{standing.name}” up to change {standing.txn}{by}")
    if offer.later is None:
        lines.append("  The backup is no earlier state of this: nothing of what stands there will be left in it.")
    elif offer.later == 0:
        lines.append("  Nothing was changed since the backup was made.")
    else:
        lines.append(
            f"  {offer.later} change{'s were' if offer.later > 1 else ' was'} made since, and will not be in it."
        )
    return [*lines, "  A backup of what stands there now is made first."]


def time_text(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC" if at else "without a change"


def tell(done: Restored, as_json: bool) -> None:
    if as_json:
        emit_json({"path": done.path, "change": done.txn, "kept": done.kept or None})
        return
    emit(done.sentence)
    if done.kept:
        emit(f"As it was before: {done.kept}")
