"""`kpitui show`: one goal, KPI or metric in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, emit_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpitui.domain.aggregate import Cell
    from kpitui.domain.compare import Comparison
    from kpitui.domain.periods import Calendar
    from kpitui.services.detail import Detail, GoalDetail
    from kpitui.storage.reading import NoteRow, TargetRow

COLUMNS = ("label", "start", "end", "value", "present", "expected", "extra", "partial", "so_far", "why")
"""Of a metric's `--csv`: its series."""


@click.command(name="show")
@click.argument("item", metavar="METRIC|KPI|GOAL")
@click.option("--grain", type=click.Choice(["day", "week", "month", "quarter", "year"]), help="Of the series.")
@click.option("--last", type=click.IntRange(1, 5000), default=26, show_default=True, help="How many periods.")
@options
@row_options
@click.pass_obj
def command(
    db: str | None,
    item: str,
    grain: str | None,
    last: int,
    as_of: str | None,
    as_known: str | None,
    form: str | None,
) -> int:
    """One goal, KPI (also slug@scope) or metric in full."""
    from kpitui.services import detail

    with open_known(db, as_of, as_known) as looked:
        store, today = looked.store, looked.day
        if detail.is_goal(store, item):
            goal = detail.goal_detail(store, today, item)
            if form == "csv":
                from kpitui.cli.scorecard_json import ROW_COLUMNS

                emit_rows(form, goal_json(goal)["kpis"], ROW_COLUMNS)
            elif form:
                emit_json(goal_json(goal) | {"as_known": looked.known_json})
            else:
                looked.say()
                show_goal(goal)
            return 0
        found = detail.detail(store, today, item, grain=grain, last=last)
    if form == "csv":
        emit_rows(form, detail_json(found)["series"], COLUMNS)
    elif form:
        emit_json(detail_json(found) | {"as_known": looked.known_json})
    else:
        looked.say()
        show_detail(found)
    return 0


# ---- for programs --------------------------------------------------------------------------------------------------


def detail_json(found: Detail) -> dict[str, Any]:
    """The status object of the metric or KPI, its definition, series, targets, annotations and comparisons."""
    from dataclasses import asdict

    from kpitui.cli.scorecard_json import goal_object, row_object
    from kpitui.domain.periods import iso

    definition = {key: value for key, value in asdict(found.definition).items() if key not in ("id", "rev", "archived")}
    for key in ("numerator_id", "denominator_id", "weight_id", "scope_id", "position"):
        definition.pop(key)
    parts = {row.metric_id: row.slug for row in found.made_of}
    for role in ("numerator", "denominator", "weight"):
        definition[role] = parts.get(getattr(found.definition, f"{role}_id") or 0)
    definition["scope"] = found.row.scope
    definition["feeds"] = [row.slug for row in found.feeds]
    definition["drivers"] = [row.slug for row in found.drivers]
    out = row_object(found.row, found.calendar)
    out.update(
        {
            "as_of": iso(found.as_of),
            "grain": found.grain,
            "definition": definition,
            "kpi": found.row.kpi_id is not None,
            "kpis": [
                {"slug": found.row.slug, "scope": scope, "state": state, "name": f"{found.row.slug}@{scope}"}
                for scope, state in found.roles
            ],
            "goal": None if found.goal is None else goal_object(found.goal),
            "counter": None if found.counter is None else found.counter.slug,
            "tolerance": found.tolerance,
            "series": [cell_json(value.cell, found.grain, found.calendar) for value in found.values],
            "targets": targets_json(found),
            "annotations": [note_json(note) for note in reversed(found.notes)],
            "compare": compare_json(found),
        }
    )
    return out


def cell_json(cell: Cell, grain: str, cal: Calendar) -> dict[str, Any]:
    from kpitui.domain.periods import iso, label

    return {
        "label": label(grain, cell.span, cal),
        "start": iso(cell.span.start),
        "end": iso(cell.span.end),
        "value": cell.value,
        "present": cell.present,
        "expected": cell.expected,
        "extra": cell.extra,
        "partial": not cell.whole and (cell.value is not None or cell.partial is not None),
        "so_far": cell.partial,
        "why": cell.why or None,
    }


def compare_json(found: Detail) -> dict[str, Any]:
    """Every comparison of the grain, all null while no period of it has a value."""
    from kpitui.domain.compare import OWN_NAME
    from kpitui.domain.periods import TO_DATE

    if found.compare:
        return {name: comparison_json(one) for name, one in found.compare.items()}
    numbers = ("value", "prior", "change", "difference", "bps", "coverage", "prior_start", "prior_end")
    nothing = {**dict.fromkeys(numbers), "present": 0, "expected": 0, "why": f"no {found.grain} has a value yet"}
    names = ("previous", *filter(None, [OWN_NAME.get(found.grain)]), "yoy", *TO_DATE)
    return {name: dict(nothing) for name in names}


def comparison_json(one: Comparison) -> dict[str, Any]:
    """`change` is a fraction of the prior value, `difference` is in the metric's unit; what is withheld is null and
    `why` says so. `coverage` is the share of due units that have a value, of the side that has less. `prior_end` is the
    day after the last."""
    from kpitui.domain.periods import iso

    present, expected = one.coverage
    return {
        "value": one.value.value,
        "prior": one.prior.value,
        "change": one.change.fraction,
        "difference": one.change.absolute,
        "bps": one.change.bps,
        "coverage": present / expected if expected else None,
        "present": present,
        "expected": expected,
        "why": one.change.why or None,
        "prior_start": iso(one.prior.span.start),
        "prior_end": iso(one.prior.span.end),
    }


def targets_json(found: Detail) -> list[dict[str, Any]]:
    """The KPI's own target from its start, then the dated ones, oldest first."""
    from kpitui.cli.scorecard_json import day

    if found.row.kpi_id is None:
        row = found.row
        own = {"from": None, "value": row.target, "low": row.low, "high": row.high, "why": None}
        return [own] if row.target_kind else []
    aim = found.row.aim
    first = {"from": day(aim.start), "value": aim.value, "low": aim.low, "high": aim.high, "floor": aim.floor,
             "stretch": aim.stretch, "why": None}  # fmt: skip
    return [first, *(target_json(one) for one in found.targets)]


def target_json(one: TargetRow) -> dict[str, Any]:
    from kpitui.domain.periods import iso

    return {"from": iso(one.start), "value": one.value, "low": one.low, "high": one.high, "floor": one.floor,
            "stretch": one.stretch, "why": one.why or None}  # fmt: skip


def note_json(note: NoteRow) -> dict[str, Any]:
    from kpitui.domain.periods import iso

    return {"day": iso(note.day), "text": note.text, "who": note.who}


def goal_json(found: GoalDetail) -> dict[str, Any]:
    from kpitui.cli.scorecard_json import goal_object, row_object

    out = goal_object(found.view)
    out["kpis"] = [row_object(row, found.calendar) for row in found.kpis]
    out["goals"] = [goal_object(goal) for goal in found.goals]
    out["targets"] = [{"from": out["start"], "value": found.view.target, "low": None, "high": None, "why": None}]
    out["annotations"] = [note_json(note) for note in reversed(found.notes)]
    return out


# ---- for people ----------------------------------------------------------------------------------------------------


def show_goal(found: GoalDetail) -> None:
    import os

    from kpitui.charts.glyphs import choose, mark
    from kpitui.cli.output import table
    from kpitui.domain.figures import show
    from kpitui.reports import wording

    glyphs = choose(os.environ)
    goal = found.view

    def say(value: float | None) -> str:
        return show(value, goal.unit, currency=goal.currency, compact=True)

    emit(f"{glyphs.goal} {goal.title}   {mark(goal.status, glyphs)} {wording.status_word(goal.status)}")
    emit(f"  now {say(goal.value)} from {say(goal.baseline)} to {say(goal.target)}, owner {goal.owner or '-'}")
    emit(f"  {goal.why}.")
    if found.kpis:
        emit()
        emit(
            table(
                ("", "KPI", "status", "value", "target", "gap", "owner"),
                [
                    (mark(row.status, glyphs), row.name, wording.status_word(row.status), wording.value_text(row),
                     wording.target_text(row), wording.gap_text(row), row.owner)
                    for row in found.kpis
                ],
                right=(3, 4, 5),
            )
        )  # fmt: skip
    for note in found.notes:
        emit(f"  {wording.near_day(note.day, found.as_of)} {note.who}: {note.text}")


def show_detail(found: Detail) -> None:
    """The metric in lines: where it stands, its numbers, what it is."""
    import os

    from kpitui.charts.glyphs import choose, mark
    from kpitui.charts.sparkline import sparkline
    from kpitui.cli.output import table
    from kpitui.reports import movement, wording

    glyphs = choose(os.environ)
    row = found.row
    role = "KPI" if row.kpi_id else "metric"
    status = f"{mark(row.status, glyphs)} {wording.status_word(row.status)}"
    target = f" of {wording.target_text(row)} ({wording.gap_text(row)})" if wording.has_target(row) else ""
    days = " on working days" if found.definition.days == "working" else ""
    emit(f"{row.name}   {role}, {wording.ADVERBS[row.cadence]}{days}, owner {row.owner or '-'}   {status}")
    reported = next((value for value in reversed(found.values) if value.cell.value is not None), None)
    if row.period is None and reported is not None:
        emit(f"  last value {reported.full}: {wording.figure(row, reported.cell.value)}, nothing since. {row.why}.")
    else:
        emit(f"  {wording.period_text(row) or 'no value yet'}: {wording.value_text(row)}{target}. {row.why}.")
    emit(f"  {sparkline(found.numbers, min(26, len(found.values)), glyphs)}  last {len(found.values)} {found.grain}s")
    if row.signal:
        emit(f"  signal: {row.signal.sentence}.")
    if rates := wording.rates_text(row):
        emit(f"  {rates}.")
    if found.definition.definition:
        emit(f"  {found.definition.definition}")
    if found.derived:
        emit(f"  worked out as {found.derived}")
    for words, rows in (("feeds", found.feeds), ("fed by", found.drivers)):
        if rows:
            emit(f"  {words} {', '.join(one.name for one in rows)}")
    shown = [value for value in found.values if value.cell.value is not None or value.cell.present][-13:]
    if shown:
        emit()
        emit(
            table(
                ("period", "value", "change", "by", "note"),
                [
                    (value.full, wording.figure(row, value.cell.value), movement.change_text(row, value.change),
                     value.who, ("? " if value.odd else "") + value.note)
                    for value in shown
                ],
                right=(1, 2),
            )
        )  # fmt: skip
    if found.compare:
        emit()
        emit(table(("against", "value", "before", "change", ""), list(comparison_rows(found)), right=(1, 2, 3)))
    for note in found.notes:
        emit(f"  {wording.near_day(note.day, found.as_of)} {note.who}: {note.text}")


def comparison_rows(found: Detail) -> Iterator[tuple[str, str, str, str, str]]:
    from kpitui.reports import movement, wording

    for name, one in found.compare.items():
        nothing = one.prior.value is None and not one.prior.present and name != "previous"
        if name not in ("wow", "dod", "mom", "qoq") and not nothing:
            yield (
                movement.comparison_name(name, found.grain),
                wording.figure(found.row, one.value.value),
                wording.figure(found.row, one.prior.value),
                movement.comparison_text(found.row, one),
                one.change.why,
            )
