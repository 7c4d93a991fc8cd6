"""`kpitui status`: the scorecard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kpitui.cli.for_programs import emit_rows, row_options
from kpitui.cli.looking_back import open_known, options
from kpitui.cli.output import emit, emit_json, table
from kpitui.cli.scorecard_json import ROW_COLUMNS, scorecard_lines, scorecard_object
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.charts.glyphs import Glyphs
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.judging import Row
    from kpitui.services.overview import Scorecard

SPARK = 13


@click.command()
@click.option("--scope", metavar="SCOPE", help="Only the goals, KPIs and metrics of this scope.")
@click.option("--mine", is_flag=True, help="Only what this account answers for, of every scope or of SCOPE.")
@options
@row_options
@click.pass_obj
def command(
    db: str | None, scope: str | None, mine: bool, as_of: str | None, as_known: str | None, form: str | None
) -> int:
    """Where the goals, KPIs and metrics stand."""
    from kpitui.services import members
    from kpitui.services.overview import owned_by, scorecard

    with open_known(db, as_of, as_known) as looked:
        card = scorecard(looked.store, looked.day, scope)
        card = owned_by(card, looked.store.who.name) if mine else card
        offers = members.offered(looked.store, "goal")
    if form == "csv":
        emit_rows(form, scorecard_lines(card), ("role", *ROW_COLUMNS))
    elif form:
        emit_json(scorecard_object(card) | {"as_known": looked.known_json})
    else:
        from kpitui.charts import glyphs

        emit(told(card, glyphs.choose(os.environ), looked.words, offers))
    return 0


def told(card: Scorecard, glyphs: Glyphs, known: str = "", offers: bool = True) -> str:
    """The scorecard for a person, a row a line; `known` says whose knowledge it is, where it is not today's, `offers`
    that who reads it may write goals."""
    from kpitui.reports.wording import day_text

    plain = glyphs.name == "ascii"
    where = f" {glyphs.dot} {card.scope}" if card.scope else ""
    day = day_text(card.as_of, weekday=True) + (f", {known}" if known else "")
    lines = [f"{clean(card.workspace)}{where} {glyphs.dot} {day}"]
    goals = card.goals or ((card.goal,) if card.goal else ())
    for goal in sorted(goals, key=lambda goal: not goal.main):
        lines += ["", goal_line(goal, glyphs)]
    if not goals:
        lines += ["", f"No goal yet{': kpitui opens the screens, where n writes one' if offers else ''}."]
    for title, rows in (("KPIs", card.kpis), ("Metrics", card.metrics)):
        if rows:
            lines += ["", title + (many(card) if title == "KPIs" else ""), rows_table(rows, glyphs, plain)]
    if not card.kpis and not card.metrics:
        lines += ["", "No KPI and no metric here yet."]
    return "\n".join([*lines, *waiting(card)])


def waiting(card: Scorecard) -> list[str]:
    """Whose values are marked `?`, so that nobody wonders on what a status rests."""
    named = [f"{clean(row.name)} {row.to_check}" for row in (*card.kpis, *card.metrics) if row.to_check]
    if not named:
        return []
    return ["", f"To check: {', '.join(named)}. Nothing rests on a value marked ? until it is accepted."]


def many(card: Scorecard) -> str:
    """What is said of a scope with more KPIs than go unnoticed."""
    count = sum(1 for row in card.kpis if row.state == "live")
    if card.limits is None or count <= card.limits.notice:
        return ""
    return f" ({count} live ones, and {card.limits.notice} keep the eye on what matters)"


def goal_line(goal: GoalView, glyphs: Glyphs) -> str:
    from kpitui.charts.glyphs import mark
    from kpitui.reports.wording import days_left_text, goal_figure, percent, status_word

    plain = glyphs.name == "ascii"
    star = glyphs.goal if goal.main else " "
    parts = [f"{star} {clean(goal.title)}", f"{mark(goal.status, glyphs)} {status_word(goal.status)}"]
    if goal.value is not None:
        parts.append(f"now {goal_figure(goal, goal.value, ascii=plain)}")
    if goal.progress is not None:
        parts.append(f"{percent(goal.progress)} done")
    if goal.time_gone is not None:
        parts.append(f"{percent(goal.time_gone)} of time")
    parts.append(days_left_text(goal.days_left))
    return "   ".join(part for part in parts if part) + (f"\n    {goal.why}." if goal.value is None else "")


def rows_table(rows: Sequence[Row], glyphs: Glyphs, plain: bool) -> str:
    from kpitui.charts.glyphs import mark
    from kpitui.charts.sparkline import sparkline
    from kpitui.reports.wording import (
        chance_text,
        gap_text,
        needed_text,
        period_text,
        status_word,
        target_text,
        value_text,
    )

    header = ("", "", "status", "last 13", "value", "target", "gap", "needed", "chance", "at", "owner")
    return table(
        header,
        [
            (
                mark(row.status, glyphs),
                row.name,
                status_word(row.status) + (f" {glyphs.signal}" if row.signal else ""),
                sparkline([cell.value for cell in row.series], SPARK, glyphs),
                value_text(row, ascii=plain),
                target_text(row, ascii=plain),
                gap_text(row, ascii=plain),
                needed_text(row, ascii=plain),
                chance_text(row, ascii=plain),
                period_text(row),
                row.owner,
            )
            for row in rows
        ],
        right=(4, 5, 6, 8),
        widest=32,
    )
