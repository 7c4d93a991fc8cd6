"""Home as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.reports.spoken import amount, day_said, gap_said, goal_said, row_said, sentence, target_said
from kpitui.reports.wording import status_word

if TYPE_CHECKING:
    from kpitui.services.due import Owed
    from kpitui.services.judging import Row
    from kpitui.services.overview import Home

NAMED = 3


def home_lines(view: Home, offers: bool = True) -> list[str]:
    """A sentence or a few for each part of the screen, exceptions first; `offers`: who reads may write goals."""
    card, today = view.card, view.card.as_of
    if view.empty:
        return first_run(view)
    none = f"Goal. None yet{': n on the first screen writes one' if offers else ''}."
    lines = [goal_said(card.goal) if card.goal else none]
    count = len(card.kpis)
    for place, row in enumerate(card.kpis, 1):
        lines.append(f"KPI {place} of {count}. {row_said(row)}")
    if not count:
        lines.append("KPIs. None in this scope yet.")
    odd = [row for row in card.metrics if row.key in view.loud]
    if odd:
        lines.append(f"Exceptions. {' '.join(exception_said(row) for row in odd)}")
    elif card.metrics:
        lines.append(f"Exceptions. None among {len(card.metrics)} metrics.")
    lines.append(due_said(view.due, today) if view.due else nothing_due(view))
    if view.to_check:
        values = "1 value is" if view.to_check == 1 else f"{view.to_check} values are"
        lines.append(f"To check. {values} marked ?, which no status rests on: the screen Due lists them.")
    if view.review is not None:
        review = view.review
        when = "running" if review.running else f"{day_said(review.day, today)} {review.time}"
        said = f"{review.rhythm}, {when}, {review.exceptions_said}, {review.values_said}"
        lines.append(f"Next review. {sentence(said)}")
    if view.actions:
        late = sum(1 for action in view.actions if action.due < today)
        first = view.actions[0]
        lines.append(
            f"Actions. {len(view.actions)} open{f', {late} late' if late else ''}. "
            f"First: {first.owner}, {first.text}, due {day_said(first.due, today)}."
        )
    if view.last_word is not None:
        word = view.last_word
        lines.append(f"Last word. {word.who}, {day_said(word.day, today)}: {word.text}")
    return lines


def first_run(view: Home) -> list[str]:
    goal = view.card.goal
    return [
        goal_said(goal) if goal else "Goal. None yet.",
        "Nothing is measured yet. Three steps: one goal for the year, three KPIs that show whether you get there, and "
        "a weekly review.",
        "kpitui in a terminal leads through them, kpitui import reads a spreadsheet, kpitui demo shows a made-up "
        "company.",
    ]


def exception_said(row: Row) -> str:
    """`Demos booked, off track, 26, target at least 30, signal.`"""
    words = [
        row.name,
        status_word(row.status),
        amount(row.value, row.unit, row.currency),
        target_said(row),
        gap_said(row),
    ]
    if row.signal is not None:
        words.append("signal")
    return sentence(", ".join(word for word in words if word))


def due_said(due: tuple[Owed, ...], today: int) -> str:
    named = [f"{item.name} {item.period_label}, {late_said(item, today)}." for item in due[:NAMED]]
    more = len(due) - len(named)
    values = "1 value" if len(due) == 1 else f"{len(due)} values"
    return f"Due. {values}. {' '.join(named)}{f' {more} more.' if more else ''}"


def late_said(item: Owed, today: int) -> str:
    if item.late_days:
        return f"{item.late_days} days late" if item.late_days > 1 else "1 day late"
    return day_said(item.due, today)


def nothing_due(view: Home) -> str:
    if not view.coming:
        return "Due. Nothing."
    first = view.coming[0]
    more = f" and {len(first.names) - 1} more" if len(first.names) > 1 else ""
    return f"Due. Nothing. Next: {first.names[0]}{more}, {day_said(first.day, view.card.as_of)}."
