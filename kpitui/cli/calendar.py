"""`kpitui calendar`: how the workspace cuts time, setting it, periods from a file, holidays."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import span_object
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.opening import open_store, today_of
from kpitui.cli.output import emit, emit_json, say, table
from kpitui.errors import Refused
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.period_table import Listed
    from kpitui.domain.periods import Span
    from kpitui.services.calendar_setting import Standing
    from kpitui.storage.store import Store

NAMED = 8
"""Metrics named in one line; the others are counted."""


@click.group(invoke_without_command=True)
@options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def command(context: click.Context, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    """How the workspace cuts time: weeks, months, quarters, years, working days."""
    if context.invoked_subcommand is None:
        return shown(context.obj, as_of, as_known, as_json)
    return 0


@command.command()
@options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def show(db: str | None, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    """The calendar as it stands, with the present periods (the same as without a word)."""
    return shown(db, as_of, as_known, as_json)


@command.command("set")
@click.argument("settings", metavar="KEY=VALUE…", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal needed where periods change.")
@click.option("--why", default="", help="A reason for the log.")
@click.pass_obj
def set_(db: str | None, settings: tuple[str, ...], yes: bool, why: str) -> int:
    """Change the calendar: it says first what will be counted otherwise, and asks.

    calendar=retail retail_month=1 retail_weekday=saturday retail_end=nearest retail_pattern=454, or week_start=sunday,
    fiscal_year_start=4, pace_by=working_days working_week=mon-fri. kpitui calendar show lists the keys.
    """
    from kpitui.services import calendar_setting
    from kpitui.services import settings as team

    said = {}
    for word in settings:
        key, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"Write KEY=VALUE, as in week_start=sunday; not {clean(word)}.")
        said[key.strip()] = clean(value)
    with open_store(db, write=True) as store:
        seen = team.read(store)
        return changed(store, calendar_setting.typed(seen, said), None, yes, why)


@command.command("import")
@click.argument("file")
@click.option("--yes", is_flag=True, help="Do not ask; without a terminal needed where periods change.")
@click.option("--why", default="", help="A reason for the log.")
@click.pass_obj
def import_(db: str | None, file: str, yes: bool, why: str) -> int:
    """Cut time by the periods of FILE (CSV, TSV, XLSX): name, grain (month, quarter, year), from, to (its last day).

    Gaps and overlaps are refused. Before and after the table, and for grains it does not list, months go on.
    """
    from dataclasses import replace

    from kpitui.connectors.base import open_table
    from kpitui.services import settings as team
    from kpitui.services.calendar_table import read_periods

    with open_table(file) as rows:
        listed = read_periods(rows.header, rows.rows, rows.name)
    with open_store(db, write=True) as store:
        return changed(store, replace(team.read(store), calendar="table"), listed, yes, why)


@command.command()
@click.argument("file", required=False)
@click.option("--why", default="", help="A reason for the log.")
@options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def holidays(
    db: str | None, file: str | None, why: str, as_of: str | None, as_known: str | None, as_json: bool
) -> int:  # fmt: skip
    """The holidays; with FILE (CSV, TSV, XLSX: day, name) they are added to those that stand."""
    from kpitui.connectors.base import open_table
    from kpitui.domain.days_of_calendar import Holiday
    from kpitui.domain.periods import iso
    from kpitui.services.calendar_table import read_holidays, store_holidays
    from kpitui.storage import definitions

    if file is not None:
        if as_of or as_known:
            raise click.UsageError("Holidays are added today: --as-of and --as-known only list those there were.")
        with open_table(file) as rows:
            days = read_holidays(rows.header, rows.rows, rows.name)
        with open_store(db, write=True) as store:
            done = store_holidays(store, days, clean(why))
        emit(f"{done.sentence}.")
        return 0
    with open_known(db, as_of, as_known) as looked:
        found = sorted((one.day, one.name) for one in definitions.all_of(looked.store, Holiday))
    if not as_json:
        looked.say()
    if as_json:
        emit_json([{"day": iso(day), "name": name} for day, name in found])
    elif not found:
        say("No holidays yet: kpitui calendar holidays FILE reads them (day,name).")
    for day, name in [] if as_json else found:
        emit(f"{iso(day)}  {name}".rstrip())
    return 0


def changed(store: Store, wanted: object, listed: Sequence[Listed] | None, yes: bool, why: str) -> int:
    """Says what will differ, asks, and does it."""
    from kpitui.domain.workspace import Workspace
    from kpitui.services import settings as team
    from kpitui.services.calendar_setting import difference_to, set_calendar

    assert isinstance(wanted, Workspace)
    seen = team.read(store)
    words = difference_to(store, today_of(store), wanted, listed).sentence
    if words and not yes:
        say(f"{words}.")
        if not sys.stdin.isatty():
            raise Refused("Nothing was changed: add --yes if that is meant.")
        try:
            agreed = click.confirm("Change it?", err=True)
        except click.Abort:
            say("")
            agreed = False
        if not agreed:
            say("Nothing was changed.")
            return 1
    emit(f"{set_calendar(store, wanted, seen, listed, clean(why))}.")
    return 0


def shown(db: str | None, as_of: str | None, as_known: str | None, as_json: bool) -> int:
    from kpitui.services.calendar_setting import standing

    with open_known(db, as_of, as_known) as looked:
        found = standing(looked.store, looked.day)
    if as_json:
        emit_json({**as_object(found), **looked.json})
    else:
        looked.say()
        show_lines(found)
    return 0


def as_object(found: Standing) -> dict[str, object]:
    from kpitui.domain.periods import iso
    from kpitui.domain.workdays import NAMES
    from kpitui.services.calendar_setting import KEYS

    def period(name: str, span: Span) -> dict[str, object]:
        return span_object(name, span)

    return {
        "settings": {key: getattr(found.workspace, key) for key in KEYS},
        "now": {grain: period(name, span) for grain, name, span in found.now},
        "year": [period(name, span) for name, span in found.year],
        "working_week": [NAMES[day] for day in found.workdays.week],
        "holidays": [{"day": iso(day), "name": name} for day, name in found.holidays],
        "working_metrics": [slug for slug, _ in found.metrics],
    }


def show_lines(found: Standing) -> None:
    from kpitui.domain.periods import iso
    from kpitui.domain.workdays import NAMES
    from kpitui.services.calendar_setting import KEYS
    from kpitui.services.settings import TEAM, in_words

    workspace = found.workspace
    unused = {
        "iso": ("week_", "fiscal_", "retail_"),
        "fiscal": ("retail_",),
        "retail": ("week_start", "fiscal_year_start"),
        "table": ("retail_",),
    }[workspace.calendar]
    rows = [(key, in_words(key, getattr(workspace, key)), TEAM[key][1]) for key in KEYS if not key.startswith(unused)]
    emit(table(("setting", "value", ""), rows, right=()))
    emit()
    days = {grain: found.workdays.between(span.start, span.end) for grain, _, span in found.now}
    emit(
        table(
            ("now", "label", "from", "to", "days", "working"),
            [
                (grain, name, iso(span.start), iso(span.end - 1), str(span.end - span.start), str(days[grain]))
                for grain, name, span in found.now
            ],
            right=(4, 5),
        )
    )
    emit()
    emit(
        table(
            ("this year", "from", "to", "days"),
            [(name, iso(span.start), iso(span.end - 1), str(span.end - span.start)) for name, span in found.year],
            right=(3,),
        )
    )
    by = "The pace of what adds up goes by working days" if found.by_workdays else "Working days do not weight the pace"
    by += " of other metrics" if found.metrics and not found.by_workdays else ""
    week = ", ".join(NAMES[day] for day in found.workdays.week)
    named = f", {len(found.holidays)} holidays this year" if found.holidays else ""
    if found.metrics:
        names = ", ".join(name for _, name in found.metrics[:NAMED])
        more = f" and {len(found.metrics) - NAMED} more" if len(found.metrics) > NAMED else ""
        emit(f"\nExpected on working days only: {names}{more}.")
    emit(f"\n{by} ({week}{named}).")
