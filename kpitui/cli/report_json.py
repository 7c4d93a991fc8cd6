"""A report as the object that `report --format json` promises: the status objects, and what a report adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.cli.actions import task_object
from kpitui.cli.due import owed_object
from kpitui.cli.restatements import restated_object
from kpitui.cli.scorecard_json import day, goal_object, period_object, row_object, scorecard_object
from kpitui.domain.periods import iso

if TYPE_CHECKING:
    from kpitui.services.forecasting import Step
    from kpitui.services.report_view import GoalLine, Held, Line, Prospect, Report


def report_object(report: Report) -> dict[str, object]:
    """What does not exist is null, never 0. Shares and percent values are fractions, days ISO dates."""
    calendar = report.card.calendar
    return {
        **scorecard_object(report.card),
        "goal": None if report.goal is None else goal_line(report.goal),
        "goals": [goal_line(line) for line in report.goals],
        "kpis": [row_line(report, line) for group in report.groups for line in group.lines],
        "metrics": [row_line(report, line) for line in report.metrics],
        "scope": report.scope or None,
        "period": period_object(report.grain, report.period, report.partial, calendar),
        "before": period_object(report.grain, report.before, False, calendar),
        "looked_at": iso(report.day),
        "as_known": day(report.known),
        "forecasts": [prospect(report, one) for one in report.prospects],
        "annotations": [
            {"day": iso(note.day), "who": note.who, "on": note.slug, "name": note.name, "text": note.text}
            for note in report.notes
        ],
        "reviews": [review(held) for held in report.reviews],
        "open_actions": {"others": report.open_before, "late": report.late_before},
        "restatements": [restated_object(one) for one in report.restated],
        "missing": [owed_object(item) for item in report.missing],
        "to_check": [
            {"slug": one.slug, "name": one.name, "period": one.label, "value": one.number} for one in report.doubts
        ],
        "made": {"at": report.made_at, "by": report.made_by},
        "change": None if report.head is None else report.head[0],
        "head": None if report.head is None else report.head[1],
    }


def goal_line(line: GoalLine) -> dict[str, object]:
    was = line.was
    return goal_object(line.view) | {"was": {"status": was.status, "value": was.value, "progress": was.progress}}


def row_line(report: Report, line: Line) -> dict[str, object]:
    """The status object of a row with `was`, `move`, `new_signal`, `in_period` and `change`."""
    cell, change = line.figure, line.change
    return row_object(line.row, report.card.calendar) | {
        "was": line.was or None,
        "move": line.move or None,
        "new_signal": None
        if line.signal is None
        else {"rule": line.signal.rule, "direction": line.signal.direction, "sentence": line.signal.sentence},
        "in_period": None
        if cell is None
        else {"value": cell.value, "present": cell.present, "expected": cell.expected, "why": cell.why or None},
        "change": None
        if change is None
        else {"absolute": change.absolute, "relative": change.fraction, "bps": change.bps, "why": change.why or None},
    }


def prospect(report: Report, one: Prospect) -> dict[str, object]:
    def told(step: Step | None) -> dict[str, object] | None:
        if step is None:
            return None
        point = step.point
        return {
            "start": iso(step.span.start),
            "end": iso(step.span.end),
            "mean": point.mean,
            "low80": point.low80,
            "high80": point.high80,
            "low95": point.low95,
            "high95": point.high95,
        }

    row = one.row
    return {
        "slug": row.slug,
        "scope": row.scope,
        "method": one.method,
        "next": told(one.next),
        "deadline": told(one.last),
        "chance": row.chance,
        "needed": row.needed,
        "rate": row.rate,
    }


def review(held: Held) -> dict[str, object]:
    return {
        "id": held.id,
        "title": held.title,
        "scope": held.scope or None,
        "held": iso(held.held),
        "state": held.state,
        "leader": held.leader,
        "decisions": [{"text": one.text, "who": one.who, "about": one.about or None} for one in held.decisions],
        "actions": [task_object(task) for task in held.tasks],
    }
