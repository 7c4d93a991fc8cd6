"""`kpitui actions`: what was agreed, by whom, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, say, table

if TYPE_CHECKING:
    from kpitui.services.actions import Task

COLUMNS = ("id", "text", "owner", "due", "late_days", "state", "on", "carried", "first_due", "closed")
"""Of `--csv`."""


@click.group(invoke_without_command=True)
@click.option("--mine", is_flag=True, help="Only those of this account.")
@click.option("--late", is_flag=True, help="Only those whose day is over.")
@click.option("--all", "every", is_flag=True, help="Done and dropped ones, too.")
@options
@row_options
@click.pass_context
def command(
    context: click.Context, mine: bool, late: bool, every: bool, as_of: str | None, as_known: str | None,
    form: str | None,
) -> int:  # fmt: skip
    """Open actions by their day."""
    if context.invoked_subcommand is not None:
        return 0
    from kpitui.domain.review import carried_text
    from kpitui.services.actions import day_words, tasks

    with open_known(context.obj, as_of, as_known) as looked:
        found = tasks(looked.store, looked.day, mine=mine, late=late, state=None if every else "open")
    if form:
        emit_rows(form, [task_object(task) for task in found], COLUMNS)
    elif not found:
        say("No such action." if mine or late else 'No open action. kpitui actions add "what @who when" makes one.')
    else:
        looked.say()
        rows = [
            (
                task.id,
                task.owner,
                task.text,
                day_words(task.due),
                f"{task.late_days}d late" if task.late_days else task.state if task.state != "open" else "",
                carried_text(task.carried),
                task.about,
            )
            for task in found
        ]
        emit(table(("no.", "who", "what", "when", "", "", "on"), rows, right=(0,)))
    return 0


@command.command()
@click.argument("text")
@click.option("--on", "slug", default="", metavar="METRIC", help="What it should move.")
@click.pass_obj
def add(db: str | None, text: str, slug: str) -> int:
    """Add an action: "Call the 20 warm trial users @bo fri". Owner and date are part of it."""
    from kpitui.errors import NotFound
    from kpitui.services import actions
    from kpitui.storage import reading

    with open_store(db, write=True) as store:
        metric = reading.metric(store, slug) if slug else None
        if slug and metric is None:
            raise NotFound(f"There is no metric called “{slug}”: kpitui status lists them.")
        saved = actions.add(store, text, today_of(store), metric_id=metric.id if metric else None)
    emit(f"{saved.sentence} (no. {saved.task.id}).")
    return 0


@command.command()
@click.argument("number", type=int)
@click.pass_obj
def done(db: str | None, number: int) -> int:
    """Mark an action done."""
    return closed(db, number, "done")


@command.command()
@click.argument("number", type=int)
@click.pass_obj
def drop(db: str | None, number: int) -> int:
    """Drop an action: it is not needed any more."""
    return closed(db, number, "dropped")


@command.command("open")
@click.argument("number", type=int)
@click.pass_obj
def reopened(db: str | None, number: int) -> int:
    """Open an action again that was done or dropped."""
    return closed(db, number, "open")


@command.command()
@click.argument("number", type=int)
@click.argument("when")
@click.pass_obj
def date(db: str | None, number: int, when: str) -> int:
    """Give an action another date; the first one is kept."""
    from kpitui.services import actions

    with open_store(db, write=True) as store:
        emit(f"{actions.redate(store, number, when, today_of(store)).sentence}.")
    return 0


@command.command()
@click.argument("number", type=int)
@click.argument("who")
@click.pass_obj
def owner(db: str | None, number: int, who: str) -> int:
    """Give an action to somebody else: 5 bo."""
    from kpitui.services import actions

    with open_store(db, write=True) as store:
        emit(f"{actions.hand_over(store, number, who, today_of(store)).sentence}.")
    return 0


def closed(db: str | None, number: int, state: str) -> int:
    from kpitui.services import actions

    with open_store(db, write=True) as store:
        emit(f"{actions.close(store, number, today_of(store), state=state).sentence}.")
    return 0


def task_object(task: Task) -> dict[str, object]:
    """An action as `--json` says it."""
    from kpitui.domain.periods import iso

    return {
        "id": task.id,
        "text": task.text,
        "owner": task.owner,
        "due": iso(task.due),
        "late_days": task.late_days,
        "state": task.state,
        "on": task.slug or None,
        "carried": task.carried,
        "first_due": None if task.first_due is None else iso(task.first_due),
        "closed": None if task.closed is None else iso(task.closed),
    }
