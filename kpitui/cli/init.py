"""`kpitui init`: make a workspace."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import click

from kpitui import clock, identity, paths, witness
from kpitui.cli.opening import Chosen, chosen_workspace, today_of
from kpitui.cli.output import emit, say
from kpitui.errors import NotFound, WrongUsage
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.library import Preview
    from kpitui.services.model_file import Model
    from kpitui.storage.store import Store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@click.command()
@click.argument("path", required=False)
@click.option("--name", help="What the workspace is called; else its file's name.")
@click.option("--currency", metavar="CODE", help="Three capitals, like EUR; USD unless said.")
@click.option("--week-start", type=click.Choice(WEEKDAYS, case_sensitive=False), help="monday unless said.")
@click.option("--fiscal-year-start", type=click.IntRange(1, 12), metavar="MONTH", help="1 to 12; 1 unless said.")
@click.option("--time-zone", metavar="ZONE", help="Like Europe/Vienna; what TZ says, else UTC.")
@click.option("--group", metavar="GROUP", help="A workspace for a team: every member of this Unix group may use it.")
@click.option(
    "--template", metavar="NAME", help="A template of the library (kpitui library list), or a model file to begin with."
)
@click.pass_obj
def command(
    db: str | None,
    path: str | None,
    name: str | None,
    currency: str | None,
    week_start: str | None,
    fiscal_year_start: int | None,
    time_zone: str | None,
    group: str | None,
    template: str | None,
) -> int:
    """Make a workspace: PATH, or the one that --db, KPITUI_DB or the configuration name, or your own. Private, unless
    --group is given."""
    if path is not None and db is not None and os.path.abspath(path) != os.path.abspath(db):
        raise WrongUsage("PATH and --db name two workspaces: give one of them.")
    if path == "":
        raise WrongUsage("PATH is empty: give the path of the new workspace, or leave it out.")
    from kpitui.services.setup import create_workspace

    chosen = chosen_workspace(path or db)
    model, shelved = (None, None) if template is None else read_template(template, chosen.path)
    told: list[str] = []

    def filled(store: Store) -> None:
        from kpitui.cli.library import fill

        if shelved is not None:
            told.append(fill(store, shelved, today_of(store)))

    from kpitui.domain.currencies import code_of

    store = create_workspace(
        chosen.path,
        identity.who(),
        "cli",
        clock.now,
        name=name,
        currency=code_of(currency) if currency else currency,
        week_start=week_start.lower() if week_start else None,
        fiscal_year_start=fiscal_year_start,
        time_zone=time_zone or (None if model and (model.workspace or {}).get("time_zone") else zone_of_machine()),
        team_group=group,
        template=model,
        fill=filled,
    )
    warnings = list(store.warnings)
    store.close()
    witness.forget(chosen.path)
    whose = f"for the group {group}" if group else "private"
    emit(f"Made the workspace {chosen.path} ({whose}).")
    for line in told:
        emit(f"{line}.")
    for warning in warnings:
        say(warning)
    for line in next_steps(chosen, group):
        say(line)
    return 0


def read_template(template: str, workspace: str) -> tuple[Model | None, Preview | None]:
    """The model in a file, or the template of that name or in that file. Raises NotFound or a Problem."""
    from kpitui.cli.model import read_model
    from kpitui.services import library

    named_file = template == "-" or os.sep in template or template.endswith(".toml")
    if not named_file and not os.path.isfile(template):
        return None, library.preview(library.named(paths.template_folders(workspace), template))
    if template != "-" and not os.path.lexists(template):
        raise NotFound(
            f"There is no file {clean(template)}. Nothing was made: give the path of a model file, such as kpitui "
            "model export writes, or a name of kpitui library list."
        )
    if template != "-" and is_template(template):
        return None, library.preview(library.header(template, own=True))
    return read_model(template), None


def is_template(path: str) -> bool:
    """Whether a file begins as templates do."""
    try:
        with open(path, "rb") as file:
            return any(line.strip() == b"[template]" for line in file.read(4000).splitlines())
    except OSError:
        return False


def zone_of_machine() -> str | None:
    """The zone that TZ names, when it is one."""
    from zoneinfo import ZoneInfo

    zone = os.environ.get("TZ", "").removeprefix(":")
    try:
        return ZoneInfo(zone).key if zone else None
    except (ValueError, OSError, LookupError):
        return None


def next_steps(chosen: Chosen, group: str | None) -> list[str]:
    """What to type next, so that this workspace is the one that opens."""
    own = chosen.by in ("own", "config", "KPITUI_DB")
    path = shlex.quote(chosen.path)
    opens = "kpitui" if own else f"kpitui --db {path}"
    lines = [f"Next: {opens} opens the screens, where n writes your goal."]
    if group:
        lines.append(f"Everybody in {group}: export KPITUI_DB={path}, then kpitui.")
    elif not own:
        lines.append(f"To leave out --db: export KPITUI_DB={path}")
    return lines
