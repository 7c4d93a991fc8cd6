"""`kpitui where`: every path in use."""

from __future__ import annotations

import os

import click

from kpitui import paths, witness
from kpitui.cli import output
from kpitui.cli.backup import folder_for
from kpitui.cli.opening import chosen_workspace


def places(db: str | None) -> list[dict[str, object]]:
    """Every path in use: `what`, `path`, `exists`, and for the workspace `by`, what chose it."""
    workspace = chosen_workspace(db)
    named = [
        ("config", paths.config_file()),
        ("data", paths.data_folder()),
        ("state", paths.state_folder()),
        ("drafts", paths.drafts_folder()),
        ("seen", witness.file_of(os.path.realpath(workspace.path))),
        ("backups", folder_for(os.path.realpath(workspace.path))),
        ("crashes", paths.crash_folder()),
        *(("themes", folder) for folder in paths.theme_folders()),
        *(("templates", folder) for folder in paths.template_folders(workspace.path)),
    ]
    found: list[dict[str, object]] = [
        {"what": "workspace", "path": workspace.path, "exists": os.path.exists(workspace.path), "by": workspace.by}
    ]
    return found + [{"what": what, "path": path, "exists": os.path.exists(path)} for what, path in named]


def people(workspace: str) -> list[dict[str, object]]:
    """Who is at work in it now: `who`, `doing`, and the file that says so."""
    from kpitui import clock
    from kpitui.services import presence

    folder = presence.folder_of(os.path.realpath(workspace))
    return [
        {
            "what": "here",
            "path": os.path.join(folder, f"{one.uid}-{one.pid}"),
            "exists": True,
            "who": one.who,
            "doing": one.sentence.partition(" is ")[2],
        }
        for one in presence.here(os.path.realpath(workspace), clock.now().timestamp())
    ]


@click.command(help="Every path in use: the workspace, your settings, drafts, reports of crashes, and the themes.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, as_json: bool) -> None:
    found = places(db)
    found += people(str(found[0]["path"]))
    if as_json:
        output.emit_json(found)
        return
    ways = {"--db": "by --db", "KPITUI_DB": "by KPITUI_DB", "config": "by your config", "own": "your own"}
    for place in found:
        notes = [ways[str(place["by"])]] if "by" in place else []
        notes += [] if place["exists"] else ["not there yet"]
        notes += [f"{place['who']} is {place['doing']}"] if "who" in place else []
        note = f"  ({', '.join(notes)})" if notes else ""
        output.emit(f"{place['what']:<10} {place['path']}{note}")
