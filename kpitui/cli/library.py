"""`kpitui library`: templates to start from, shipped ones and a team's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpitui import paths
from kpitui.cli.opening import chosen_workspace, open_store, today_of
from kpitui.cli.output import emit, emit_json, say, table
from kpitui.errors import WrongUsage
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.services.library import Preview, Template
    from kpitui.services.library_use import Answers
    from kpitui.storage.store import Store


def folders(db: str | None) -> list[str]:
    return paths.template_folders(chosen_workspace(db).path)


@click.group()
def command() -> None:
    """Templates to start from: list them, look into one, use it, or save a scope of yours as one."""


@command.command("list")
@click.option("--by", default="", metavar="GROUP", help="business, goal, stage, team, role, campaign or yours.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(db: str | None, by: str, as_json: bool) -> int:
    """Every template, by group."""
    from kpitui.services import library

    if by and by not in library.GROUPS:
        raise WrongUsage(f"--by is one of {', '.join(library.GROUPS)}.")
    found = library.shelf(folders(db))
    listed = [one for one in found.templates if by in ("", one.by)]
    if as_json:
        emit_json([header_object(one) for one in listed])
    elif not listed:
        say("No template here. kpitui library save SCOPE --as NAME makes one of yours.")
    else:
        rows = [
            (one.name, library.GROUPS[one.by], one.title, f"{one.kpis} KPI + {one.metrics}", one.for_whom)
            for one in listed
        ]
        emit(table(("name", "group", "template", "lines", "for"), rows))
    for problem in found.problems:
        say(problem)
    return 1 if found.problems else 0


@command.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def show(db: str | None, name: str, as_json: bool) -> int:
    """What a template holds, what it leaves out, and its usual targets."""
    from kpitui.services import library

    found = library.preview(library.named(folders(db), name))
    if as_json:
        emit_json(preview_object(found))
        return 0
    for line in lines_of(found):
        emit(line)
    return 0


@command.command()
@click.argument("name")
@click.option(
    "--goal", default="", metavar="TEXT", help="The goal's number, or a whole line: 5m, 3.2m > 5m ARR by 31 dec."
)
@click.option("--kpi", "kpis", multiple=True, metavar="SLUG=TEXT", help='Today and target: "mrr=356k > 400k @ana".')
@click.option("--without", multiple=True, metavar="SLUG", help="Leave this line out.")
@click.option("--with", "also", multiple=True, metavar="SLUG", help="Take this line, too.")
@click.option("--scope", default="", metavar="NAME", help="Whom it is for; a new name makes a new scope.")
@click.option("--dry-run", is_flag=True, help="Only say what would be created.")
@click.pass_obj
def use(
    db: str | None,
    name: str,
    goal: str,
    kpis: tuple[str, ...],
    without: tuple[str, ...],
    also: tuple[str, ...],
    scope: str,
    dry_run: bool,
) -> int:
    """Create a template's KPIs and metrics as one change. KPIs without numbers stay drafts until they have some."""
    from kpitui.services import library, library_use

    found = library.preview(library.named(folders(db), name))
    known = {line.slug for line in found.lines}
    for slug in (*without, *also):
        if slug not in known:
            raise WrongUsage(f"The template has no line {clean(slug)}: there are {', '.join(sorted(known))}.")
    picked = ({line.slug for line in found.lines if line.picked} | set(also)) - set(without)
    with open_store(db, write=not dry_run) as store:
        today = today_of(store)
        offer = library_use.offer(store, today, found, picked, clean(scope))
        if goal and offer.goal is not None:
            raise WrongUsage(f"There is a goal already, “{clean(offer.goal.title)}”: leave --goal out.")
        said = library_use.goal_said(clean(goal), found.template.goal, today, offer.currency)
        answers = library_use.Answers(offer, said)
        asked = {ask.slug: ask for ask in offer.asks}
        for one in kpis:
            slug, equals, text = one.partition("=")
            if not equals or slug.strip() not in asked:
                choice = ", ".join(asked) or "none"
                raise WrongUsage(f"--kpi takes SLUG=TEXT, and the KPIs to be made are {choice}.")
            answers.keep(asked[slug.strip()], clean(text))
        if dry_run:
            for line in planned(answers):
                emit(line)
            return 0
        done = library_use.use(store, answers)
    emit(f"{done.sentence}.")
    if done.warning:
        say(f"{done.warning}.")
    return 0


@command.command()
@click.argument("scope")
@click.option("--as", "title", required=True, metavar="NAME", help="What the template is called.")
@click.option("--left-out", default="", metavar="TEXT", help="What it leaves out on purpose, and why.")
@click.pass_obj
def save(db: str | None, scope: str, title: str, left_out: str) -> int:
    """Save a scope as a template: a file beside the workspace, without baselines, owners and dates."""
    from kpitui.services import library_save

    with open_store(db) as store:
        done = library_save.save_scope(store, scope, title, today_of(store), left_out)
    emit(f"{done.sentence}.")
    return 0


def planned(answers: Answers) -> list[str]:
    """What would be created, a line each."""
    from kpitui.services import library_use

    offer = answers.offer
    lines = [library_use.question(answers)]
    asked = {ask.slug: ask for ask in offer.asks}
    for line in offer.preview.lines:
        if line.slug not in offer.lines:
            continue
        said = ""
        if line.slug in asked:
            ask, given = asked[line.slug], answers.by_slug.get(line.slug)
            target = answers.target(ask, given) if given else None
            said = "draft" if target is None else f"{target.kind} {target.value if target.value is not None else ''}"
        there = " (there already)" if line.name in offer.there else ""
        lines.append(f"  {'  ' * line.depth}{'KPI ' if line.kpi else ''}{line.name}{there}  {said}".rstrip())
    return lines


def fill(store: Store, found: Preview, today: int) -> str:
    """Everything a template takes by default, into a new workspace, as drafts; gives the sentence."""
    from kpitui.services import library_use

    return library_use.use(store, library_use.Answers(library_use.offer(store, today, found))).sentence


def header_object(one: Template) -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "by": one.by,
        "for": one.for_whom,
        "goal": one.goal,
        "left_out": one.left_out,
        "source": one.source,
        "saved": one.saved,
        "kpis": one.kpis,
        "metrics": one.metrics,
        "path": one.path,
    }


def preview_object(found: Preview) -> dict[str, object]:
    lines = [
        {
            "slug": line.slug,
            "name": line.name,
            "role": "kpi" if line.kpi else "metric",
            "depth": line.depth,
            "kind": line.kind,
            "cadence": line.cadence,
            "direction": line.direction,
            "usual": line.usual or None,
            "picked": line.picked,
            "counter": line.counter or None,
            "definition": line.definition,
            "from": line.worked_out or line.source or None,
        }
        for line in found.lines
    ]
    return {**header_object(found.template), "lines": lines}


def lines_of(found: Preview) -> list[str]:
    """A template for people: its header, its lines as a table, what it leaves out."""
    one = found.template
    lines = [one.title, f"  for       {one.for_whom}"]
    lines += [f"  goal      __ {one.goal}"] if one.goal else []
    lines.append("")
    rows = [
        (
            "x" if line.picked else "",
            f"{'  ' * line.depth}{'* ' if line.kpi else ''}{line.name}",
            line.kind,
            line.cadence,
            line.direction,
            line.usual,
            line.counter,
            line.slug,
        )
        for line in found.lines
    ]
    lines += table(("use", "name", "kind", "every", "better", "usual target", "guarded by", "slug"), rows).split("\n")
    lines += ["", f"Left out on purpose: {one.left_out}"] if one.left_out else []
    lines += [f"Source: {one.source}"] if one.source else []
    lines += [f"Saved from {one.saved}"] if one.saved else []
    return [*lines, "* is a KPI. Targets are only starting points: your own baseline replaces them."]
