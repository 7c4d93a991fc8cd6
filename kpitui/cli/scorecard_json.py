"""Goals, KPIs and metrics as the objects that `--json` promises. What does not exist is null, never 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.cli.for_programs import SPAN
from kpitui.domain.periods import iso, label

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar, Span
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.judging import Row
    from kpitui.services.overview import Scorecard

ROW_COLUMNS = (
    "slug", "name", "scope", "unit", *SPAN, "period_partial", "value", "target", "low", "high", "target_kind",
    "baseline", "floor", "stretch", "band", "gap", "progress", "time_gone", "window", "window_present", "sustain",
    "held", "status", "why", "chance", "worked_out", "override", "needed", "rate", "signal", "to_check", "owner",
    "cadence", "currency", "start", "deadline",
)  # fmt: skip
"""Of `--csv`: `row_object` without its series."""


def scorecard_object(card: Scorecard) -> dict[str, object]:
    """What `status --json` prints."""
    return {
        "workspace": card.workspace,
        "as_of": iso(card.as_of),
        "goal": None if card.goal is None else goal_object(card.goal),
        "goals": [goal_object(goal) for goal in card.goals],
        "kpis": [row_object(row, card.calendar) for row in card.kpis],
        "metrics": [row_object(row, card.calendar) for row in card.metrics],
        "limits": None if card.limits is None else card.limits._asdict(),
    }


def scorecard_lines(card: Scorecard) -> list[dict[str, object]]:
    """What `status --csv` prints: a KPI or metric a line."""
    lines = []
    for role, rows in (("kpi", card.kpis), ("metric", card.metrics)):
        for row in rows:
            told = row_object(row, card.calendar)
            period = told["period"] or {"label": None, "start": None, "end": None, "partial": None}
            lines.append({"role": role, **told, "period": period})
    return lines


def goal_object(goal: GoalView) -> dict[str, object]:
    return {
        "slug": goal.slug,
        "title": goal.title,
        "target": goal.target,
        "value": goal.value,
        "progress": goal.progress,
        "time_gone": goal.time_gone,
        "days_left": goal.days_left,
        "status": goal.status,
        "why": goal.why,
        "baseline": goal.baseline,
        "start": day(goal.start),
        "deadline": day(goal.deadline),
        "needed": goal.needed,
        "rate": goal.rate,
        "chance": goal.chance,
        "owner": goal.owner,
        "main": goal.main,
    }


def row_object(row: Row, calendar: Calendar) -> dict[str, object]:
    signal = None
    if row.signal is not None:
        at = row.series[row.signal.index].span
        signal = {"rule": row.signal.rule, "at": iso(at.start), "direction": row.signal.direction}
    return {
        "slug": row.slug,
        "name": row.name,
        "scope": row.scope,
        "unit": row.unit,
        "period": None if row.period is None else period_object(row.cadence, row.period, row.partial, calendar),
        "value": row.value,
        "target": row.target,
        "low": row.low,
        "high": row.high,
        "target_kind": row.target_kind or None,
        "baseline": row.baseline,
        "floor": row.floor,
        "stretch": row.stretch,
        "band": row.band or None,
        "gap": row.gap,
        "progress": row.progress,
        "time_gone": row.time_gone,
        "window": row.aim.window if row.kpi_id else None,
        "window_present": row.present or None,
        "sustain": row.aim.sustain if row.kpi_id else None,
        "held": row.held if row.kpi_id and row.aim.sustain > 1 else None,
        "status": row.status,
        "why": row.why,
        "chance": row.chance,
        "worked_out": row.worked_out or row.status,
        "override": None
        if row.override is None
        else {
            "status": row.override.status,
            "why": row.override.why,
            "who": row.override.who,
            "on": iso(row.override.day),
        },
        "needed": row.needed,
        "rate": row.rate,
        "signal": signal,
        "series": [
            {
                "start": iso(cell.span.start),
                "end": iso(cell.span.end),
                "value": cell.value,
                "present": cell.present,
                "expected": cell.expected,
            }
            for cell in row.series
        ],
        "to_check": row.to_check,
        "owner": row.owner,
        "cadence": row.cadence,
        "currency": row.currency if row.unit == "currency" else None,
        "start": day(row.start),
        "deadline": day(row.deadline),
    }


def period_object(grain: str, span: Span, partial: bool, calendar: Calendar) -> dict[str, object]:
    """A period as the promised object."""
    return {
        "label": label(grain, span, calendar),
        "start": iso(span.start),
        "end": iso(span.end),
        "partial": partial,
    }


def day(number: int | None) -> str | None:
    return None if number is None else iso(number)
