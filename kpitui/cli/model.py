"""`kpitui model`: the whole set-up as one TOML file, out and in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store
from kpitui.cli.output import emit, emit_json, for_files, say
from kpitui.errors import Refused
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.model_file import Change, Model
    from kpitui.storage.store import Store

SIGNS = {"add": "+", "change": "~", "revive": "+", "archive": "-"}
MOST_LINES = 200
PRUNE = "The file is the whole truth: put away what it does not mention, and set keys it leaves out to their defaults."


@click.group()
def command() -> None:
    """The whole set-up (goals, metrics, KPIs, targets, …) as one readable TOML file."""


@command.command()
@options
@click.pass_obj
def export(db: str | None, as_of: str | None, as_known: str | None) -> int:
    """Write the set-up to standard output."""
    from kpitui.services import model_file

    with open_known(db, as_of, as_known) as looked:
        # Not emit(): the text escapes what a terminal would obey, and must stay as it is to be read back.
        for_files()
        sys.stdout.write(model_file.export(looked.store))
    return 0


@command.command()
@click.argument("file")
@click.option("--prune", is_flag=True, help=PRUNE)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def diff(db: str | None, file: str, prune: bool, as_json: bool) -> int:
    """Say what applying FILE (- is standard input) would change. Exit 0: nothing, 1: something."""
    from kpitui.services import model_file

    model = read_model(file)
    with open_store(db) as store:
        found = model_file.diff(store, model, prune)
        counted = "" if as_json or not found else recount(store, model, prune)
    if as_json:
        emit_json([as_dict(change) for change in found])
    elif not found:
        say(f"{model.filename} says what is there already.")
    for line in [] if as_json else lines_of(found):
        emit(line)
    if counted:
        say(counted)
    return 1 if found else 0


@command.command()
@click.argument("file")
@click.option("--prune", is_flag=True, help=PRUNE)
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal needed where something is put away.")
@click.option("--why", default="", help="A reason for the log.")
@click.pass_obj
def apply(db: str | None, file: str, prune: bool, yes: bool, why: str) -> int:
    """Make the workspace as FILE (- is standard input) says: all of it or nothing. What it does not mention stays."""
    from kpitui.services import model_file

    model = read_model(file)
    asking = file != "-" and sys.stdin.isatty() and not yes
    with open_store(db, write=True) as store:
        found = model_file.diff(store, model, prune)
        if found and asking:
            for line in lines_of(found, MOST_LINES):
                say(line)
            if counted := recount(store, model, prune):
                say(counted)
            if not agreed():
                say("Nothing was changed.")
                return 1
        elif not yes:
            refuse_putting_away(found, model.filename)
        # Without a preview nobody agreed to anything in particular: what the file says by then is done.
        done = model_file.apply(store, model, prune, clean(why), seen=found if asking else None)
    emit(done.sentence)
    return 0


def recount(store: Store, model: Model, prune: bool) -> str:
    """What another calendar or other cadences in the file change in what is counted, as a sentence; or nothing."""
    from kpitui.cli.opening import today_of
    from kpitui.services import calendar_change
    from kpitui.services.model_plan import plan

    found = calendar_change.of_plan(store, today_of(store), plan(store, model, prune=prune))
    return f"{found.sentence}." if found else ""


def agreed() -> bool:
    """What the person answers; Ctrl-C and the end of the input are a no."""
    try:
        return click.confirm("Apply this?", err=True)
    except click.Abort:
        say("")
        return False


def refuse_putting_away(found: Sequence[Change], filename: str) -> None:
    gone = [change for change in found if change.what == "archive"]
    if not gone:
        return
    items = ", ".join(f"{change.table} {change.item}" for change in gone[:3])
    more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
    raise Refused(
        f"{filename} would put away {items}{more}. Nothing was changed: look with kpitui model diff, then add --yes."
    )


def read_model(file: str) -> Model:
    """The model in a file, or on standard input for `-`. Raises NotFound, Refused or Problem with one sentence."""
    from kpitui.services.model_file import read, text_of

    name = "standard input" if file == "-" else clean(file)
    return read(text_of(bytes_of(file), name), name)


def bytes_of(file: str) -> bytes:
    from kpitui.connectors.base import opened, unreadable
    from kpitui.services.model_read import LARGEST

    with opened(file, sys.stdin.buffer if sys.stdin else None) as source:
        try:
            # One byte more than is allowed tells a file that is too large from one that just fits.
            return source.file.read(LARGEST + 1)
        except OSError as error:
            raise unreadable(error, clean(file)) from None


def lines_of(found: Sequence[Change], most: int | None = None) -> list[str]:
    """One line a definition, and below it the keys that change."""
    lines = []
    for change in found:
        said = {"revive": " (it was put away)", "archive": " is put away"}.get(change.what, "")
        lines.append(f"{SIGNS[change.what]} {change.table} {change.item}{said}")
        if change.what == "add":
            continue
        for key, before, after in change.fields:
            lines.append(f"    {key}: {one_line(before)} → {one_line(after)}")
    if most is not None and len(lines) > most:
        lines = [*lines[:most], f"… and {len(lines) - most} lines more: kpitui model diff shows them all."]
    return lines


def one_line(value: str | None) -> str:
    return "–" if value is None else " ".join(value.split())


def as_dict(change: Change) -> dict[str, object]:
    """`before` and `after` are the values as the file writes them, null where there is none."""
    fields = [{"key": key, "before": before, "after": after} for key, before, after in change.fields]
    return {"what": change.what, "table": change.table, "on": change.item, "fields": fields}
