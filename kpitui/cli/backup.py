"""`kpitui backup`: a verified copy of the workspace, and the list of those there are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kpitui.cli.opening import chosen_workspace, open_store
from kpitui.cli.output import emit, emit_json, say, table
from kpitui.domain.log_head import SHORT, short
from kpitui.storage.room import size_text

if TYPE_CHECKING:
    from kpitui.services.backup import Backup, Made


@click.command(help="A verified copy of the workspace, named by its UTC time; others may work meanwhile.")
@click.option("--to", metavar="DIR", help="The folder; else the config's, else one beside the workspace.")
@click.option("--rotate", is_flag=True, help="Keep the newest of 7 days, 5 weeks and 12 months, put away the rest.")
@click.option("--list", "only_list", is_flag=True, help="Only list the backups there are.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, to: str | None, rotate: bool, only_list: bool, as_json: bool) -> int:
    from kpitui.errors import WrongUsage
    from kpitui.services import backup

    if only_list and rotate:
        raise WrongUsage("--list only looks: leave out --rotate, or --list.")
    if only_list:
        path = os.path.realpath(chosen_workspace(db).path)
        folder = folder_for(path, to)
        found = backup.listed(folder, path)
        if not to and os.path.dirname(path) != folder:
            # Copies made before a restore by an account that may not write in the folder.
            found = backup.newest_first(found + backup.listed(os.path.dirname(path), path))
        show(found, folder, as_json)
        return 0
    with open_store(db) as store:
        made = backup.back_up(store, folder_for(store.path, to), rotate=rotate)
    if as_json:
        emit_json(as_dict(made))
    else:
        tell(made)
    return 0


def folder_for(path: str, to: str | None = None) -> str:
    """Where backups of the workspace `path` go: `to`, else the config's folder, else beside it."""
    from kpitui import config
    from kpitui.services import backup

    wanted = to or config.load().config.backups
    return os.path.abspath(os.path.expanduser(wanted)) if wanted else backup.folder_of(path)


def as_dict(made: Made) -> dict[str, object]:
    copy = made.copy
    return {
        "path": copy.path,
        "at": made.at,
        "size": copy.size,
        "sha256": copy.sha256,
        "schema": copy.schema,
        "change": copy.txn,
        "head": copy.head,
        "removed": list(made.removed),
        "doubtful": list(made.doubtful),
    }


def tell(made: Made) -> None:
    copy = made.copy
    emit(copy.path)
    emit(f"  {size_text(copy.size)}, checked; {short(copy.txn, copy.head)}")
    emit(f"  SHA-256 {copy.sha256}")
    if made.removed:
        emit(f"  {len(made.removed)} older one{'s' if len(made.removed) > 1 else ''} put away")
    for path in made.doubtful:
        say(f"{path} is no backup, or not what its .sha256 says: it was left alone, and did not count.")


def show(found: list[Backup], folder: str, as_json: bool) -> None:
    if as_json:
        emit_json(
            [
                {
                    "path": one.path,
                    "at": one.at,
                    "by": one.by,
                    "size": one.size,
                    "sha256": one.sha256,
                    "schema": one.schema,
                    "change": one.txn,
                    "head": one.head,
                    "before_restore": one.before_restore,
                }
                for one in found
            ]
        )
        return
    if not found:
        say(f"There is no backup in {folder}. kpitui backup makes one.")
        return
    emit(folder)
    rows = [
        (
            one.at.replace("T", " ").removesuffix("Z"),
            os.path.basename(one.path) if os.path.dirname(one.path) == folder else one.path,
            one.by,
            size_text(one.size),
            one.txn,
            (one.head or "")[:SHORT],
            "before a restore" if one.before_restore else "",
        )
        for one in found
    ]
    emit(table(("UTC", "file", "by", "size", "change", "head", ""), rows, right=(3, 4), widest=80))
