"""`kpitui goals`: the goals, how those of past years ended, and next year's from this one's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json, say, table
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.goals import GoalPage, Past


@click.group(invoke_without_command=True)
@click.option("--past", is_flag=True, help="Only those whose day is over, with how they ended.")
@options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, past: bool, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    """Every goal as one sentence, what is missing of it, whether it is realistic; and those of past years."""
    if context.invoked_subcommand is not None:
        return 0
    from kpitui.services import goals
    from kpitui.services.members import offered
    from kpitui.storage import reading

    with open_known(context.obj, as_of, as_known) as looked:
        store, today = looked.store, looked.day
        over = goals.past_goals(store, today)
        ended = {one.id for one in over}
        offers = offered(store, "goal")
        pages = (
            [] if past else [goals.page(store, today, one.id) for one in reading.goals(store) if one.id not in ended]
        )
    if as_json:
        told = {"goals": [page_object(page) for page in pages], "past": [past_object(one) for one in over]}
        emit_json(told | looked.json)
        return 0
    looked.say()
    if not pages and not over:
        say(f"No goal yet{': kpitui opens the screens, where n writes one' if offers else ''}.")
    for page in pages:
        for line in lines_of(page):
            emit(line)
        emit()
    if over:
        emit(past_table(over))
    elif past:
        say("No goal's day is over yet.")
    return 0


@command.command("roll-over")
@click.argument("goal")
@click.option("--number", default="", metavar="NUMBER", help="The next number, or +20% of this one; else the same.")
@click.option("--dry-run", is_flag=True, help="Only say what would be made.")
@click.pass_obj
def roll_over(db: str | None, goal: str, number: str, dry_run: bool) -> int:
    """Make the goal that follows GOAL; once its day is over, its KPIs follow as drafts for the new one."""
    from kpitui.services import goal_roll_over, goals

    with open_store(db, write=not dry_run) as store:
        today = today_of(store)
        found = goals.page(store, today, goal).view.id
        if dry_run:
            given = goal_roll_over.offer(store, today, found)
            emit(f"{goal_roll_over.words(given, clean(number), today)}.")
            return 0
        done = goal_roll_over.roll_over(store, found, clean(number), today)
    emit(f"{done.sentence}.")
    return 0


def lines_of(page: GoalPage) -> list[str]:
    from kpitui.charts.glyphs import choose, mark
    from kpitui.reports.wording import status_word

    glyphs, view = choose(os.environ), page.view
    lines = [f"{mark(view.status, glyphs)} {view.title}   {status_word(view.status)}", f"  {page.smart.sentence}"]
    lines += [f"  missing: {'; '.join(page.smart.missing)}"] if page.smart.missing else []
    lines += [f"  {view.why}.", f"  {page.held.words}."]
    if page.kpis:
        done = "" if page.together.progress is None else f"{page.together.progress:.0%} of the way, "
        lines.append(f"  KPIs: {done}{status_word(page.together.status)}, {page.together.coverage}")
    return lines


def past_table(over: tuple[Past, ...]) -> str:
    from kpitui.domain.figures import show
    from kpitui.reports.wording import status_word

    rows = [
        (
            one.year,
            one.title,
            show(one.value, one.unit, currency=one.currency, compact=True),
            show(one.target, one.unit, currency=one.currency, compact=True),
            "" if one.progress is None else f"{one.progress:.0%}",
            status_word(one.status),
            one.owner,
        )
        for one in over
    ]
    return table(("year", "goal", "reached", "target", "done", "how it ended", "owner"), rows, right=(0, 2, 3, 4))


def page_object(page: GoalPage) -> dict[str, object]:
    view, figures = page.view, page.held.figures
    return {
        "slug": view.slug,
        "title": view.title,
        "main": view.main,
        "scope": page.scope_slug,
        "owner": view.owner,
        "value": view.value,
        "target": view.target,
        "progress": view.progress,
        "status": view.status,
        "why": view.why,
        "sentence": page.smart.sentence,
        "missing": list(page.smart.missing),
        "times_best": figures.times,
        "windows": figures.windows,
        "reached": figures.reached,
        "realistic": page.held.words,
        "kpis": {
            "progress": page.together.progress,
            "status": page.together.status,
            "reporting": page.together.reporting,
            "total": page.together.total,
        },
    }


def past_object(one: Past) -> dict[str, object]:
    return {
        "slug": one.slug,
        "title": one.title,
        "year": one.year,
        "main": one.main,
        "scope": one.scope,
        "owner": one.owner,
        "value": one.value,
        "target": one.target,
        "progress": one.progress,
        "status": one.status,
        "why": one.why,
    }
