"""The other screens as sentences: tree, due, entry, review and log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.reports.plain_home import late_said
from kpitui.reports.spoken import amount, date_said, day_said, goal_said, row_said, sentence
from kpitui.reports.wording import ADVERBS
from kpitui.services.due_lines import earlier_words, folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.due import Coming, Owed
    from kpitui.services.entry_grid import Grid, GridCell, GridLine
    from kpitui.services.hierarchy import Tree
    from kpitui.services.history import Log
    from kpitui.services.review import Choice, Past

LOGGED = 50


def tree_lines(view: Tree) -> list[str]:
    """A line a node; its depth is said, because nobody hears an indent."""
    goals, kpis, metrics = view.counted
    lines = [sentence(f"{counted(goals, 'goal')}, {counted(kpis, 'KPI')}, {counted(metrics, 'metric')}")]
    for node in view.nodes:
        level = f"Level {node.depth + 1}."
        row = view.row_of(node)
        goal = view.goals.get(node.id) if node.kind == "goal" else None
        if goal is not None:
            lines.append(f"{level} {goal_said(goal)}")
        elif row is not None and node.again:
            lines.append(f"{level} {node.name}, shown above.")
        elif row is not None:
            lines.append(f"{level} {'KPI' if node.kind == 'kpi' else 'Metric'} {row_said(row)}")
        else:
            lines.append(f"{level} {sentence(node.name)}")
    return lines


def counted(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def due_lines(due: Sequence[Owed], coming: Sequence[Coming], today: int) -> list[str]:
    late = sum(1 for item in due if item.late_days)
    lines = [
        sentence(f"Due. {counted(len(due), 'value')}{f', {late} late' if late else ''}" if due else "Due. Nothing")
    ]
    for item, earlier in folded(due):
        words = [f"{item.name} {item.period_label}, {late_said(item, today)}."]
        if earlier:
            words.append(sentence(earlier_words(len(earlier), earlier[0].period_label)))
        if item.last is not None:
            words.append(f"Last {amount(item.last, item.unit, item.currency)}.")
        if item.usual is not None:
            low, high = (amount(bound, item.unit, bare=True) for bound in item.usual)
            words.append(f"Usually {low} to {high}.")
        if item.updater:
            words.append(f"From {item.updater}.")
        lines.append(" ".join(words))
    for one in coming[:3]:
        more = f" and {len(one.names) - 1} more" if len(one.names) > 1 else ""
        lines.append(f"Next. {one.names[0]}{more}, {day_said(one.day, today)}.")
    lines.append("kpitui record METRIC VALUE saves one.")
    return lines


def entry_lines(view: Grid) -> list[str]:
    """A line a metric, the newest period first."""
    lines = [sentence(f"Values, {ADVERBS.get(view.cadence, view.cadence)}. {view.to_fill} to fill")]
    labels = [column.label for column in view.columns]
    for line in view.lines:
        cells = getattr(line, "cells", ())
        said = [
            f"{label} {cell_said(line, cell)}"
            for label, cell in zip(reversed(labels), reversed(cells), strict=False)
            if cell.period is not None
        ]
        lines.append(f"{sentence(line.name)} {sentence(', '.join(said) or 'not asked for here')}")
    return lines


def cell_said(line: GridLine, cell: GridCell) -> str:
    if cell.value is not None:
        return f"{amount(cell.value, line.unit, line.currency)}{', to be checked' if cell.odd else ''}"
    return "none on purpose" if cell.state == "none" else "due" if cell.due else "empty"


def review_lines(choices: Sequence[Choice], past: Sequence[Past], today: int) -> list[str]:
    lines = []
    for one in choices:
        state = (
            "running" if one.open_id is not None else "due" if one.due else "signed off" if one.signed_id else "over"
        )
        lines.append(f"{one.rhythm.capitalize()} review of {one.period_label}, {state}.")
    for held in past[:10]:
        lines.append(f"{held.title}, {held.state}, {date_said(held.held, today)}, led by {held.leader or 'nobody'}.")
    lines.append("kpitui review start begins one; kpitui review minutes prints what was said.")
    return lines


def log_lines(view: Log) -> list[str]:
    lines = [sentence(f"Log. {counted(view.total, 'change')}")]
    for line in view.lines[:LOGGED]:
        moved = f", from {line.old} to {line.new}" if line.old and line.new else f", {line.new}" if line.new else ""
        why = f", because {line.why}" if line.why else ""
        lines.append(f"{line.who}, {line.what} {line.on_short}{moved}{why}.")
    return lines
