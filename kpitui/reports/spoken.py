"""Figures and rows as a person would say them, for screen readers, pipes and dumb terminals: no marks, no columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.figures import show
from kpitui.domain.periods import to_date
from kpitui.reports.wording import status_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.aggregate import Cell
    from kpitui.domain.model import Unit
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.judging import Row

MONTHS = (
    "January February March April May June July August September October November December".split()
)  # fmt: skip
SCALES = {"k": "thousand", "M": "million", "B": "billion", "T": "trillion"}
MONEY = {"USD": "dollars", "EUR": "euros", "GBP": "pounds", "CHF": "francs", "JPY": "yen", "INR": "rupees"}
NOUNS = {"day": "days", "week": "weeks", "month": "months", "quarter": "quarters", "year": "years"}


def amount(value: float | None, unit: Unit, currency: str = "", *, bare: bool = False) -> str:
    """`359 thousand dollars`, `2.9 percent`, `26`; `bare` leaves the unit out."""
    if value is None:
        return "no value"
    text = show(abs(value), unit, compact=True, bare=True)
    scale = SCALES.get(text[-1:], "")
    words = [f"{'minus ' if value < 0 else ''}{text[:-1] if scale else text}", scale]
    if not bare:
        words.append(
            {"currency": MONEY.get(currency, currency), "percent": "percent", "duration": "hours"}.get(unit, "")
        )
    return " ".join(word for word in words if word)


def date_said(day: int, today: int) -> str:
    """`31 December`, with the year when it is another one."""
    date = to_date(day)
    year = "" if date.year == to_date(today).year else f" {date.year}"
    return f"{date.day} {MONTHS[date.month - 1]}{year}"


def day_said(day: int, today: int) -> str:
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(day - today)
    return named or date_said(day, today)


def share_said(share: float | None) -> str:
    return "unknown" if share is None else f"{round(share * 100)} percent"


def sentence(*words: str) -> str:
    """Words as one sentence with a capital and one full stop."""
    text = " ".join(word for word in words if word).strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def goal_said(goal: GoalView) -> str:
    """Where a goal stands, in one line."""
    said = [f"Goal. {goal.title}."]
    said.append(f"Now {amount(goal.value, goal.unit, goal.currency)}." if goal.value is not None else f"{goal.why}.")
    if goal.progress is not None:
        gone = "" if goal.time_gone is None else f", {share_said(goal.time_gone)} of time gone"
        said.append(f"{share_said(goal.progress)} done{gone}.")
    elif goal.time_gone is not None:
        said.append(f"{share_said(goal.time_gone)} of time gone.")
    return f"{' '.join(said)} {sentence(status_word(goal.status))}"


def target_said(row: Row) -> str:
    """`target 400`, `target at least 3`, `target between 25 and 35`; empty without one."""
    if row.target_kind == "milestone":
        return "a milestone"
    if row.target_kind == "between" and row.low is not None and row.high is not None:
        low, high = (amount(bound, row.unit, bare=True) for bound in (row.low, row.high))
        return f"target between {low} and {high}"
    if row.target is None:
        return ""
    least = {"at_least": "at least ", "at_most": "at most "}.get(row.target_kind, "")
    return f"target {least}{amount(row.target, row.unit, bare=True)}"


def gap_said(row: Row) -> str:
    """`10.2 percent short`, empty where the target is met or there is none."""
    if row.gap_share is None or row.gap_share >= 0:
        return ""
    return f"{abs(row.gap_share) * 100:.1f} percent {'over' if row.target_kind == 'at_most' else 'short'}"


def movement_said(cells: Sequence[Cell], cadence: str) -> str:
    """`Rising 4 weeks.`: how many values in a row went the way the last one did."""
    values = [cell.value for cell in cells if cell.value is not None]
    if len(values) < 2 or values[-1] == values[-2]:
        return ""
    up = values[-1] > values[-2]
    streak = 0
    for before, after in zip(values[-2::-1], values[:0:-1], strict=True):
        if before == after or (after > before) != up:
            break
        streak += 1
    word = "Rising" if up else "Falling"
    return f"{word} {streak} {NOUNS[cadence]}." if streak > 1 else f"{word}."


def row_said(row: Row) -> str:
    """Where a KPI or metric stands, in one line."""
    value = amount(row.value, row.unit, row.currency)
    if row.present:
        value = f"{value} over {row.aim.window} {NOUNS[row.cadence]}"
    figures = ", ".join(word for word in (value, target_said(row), gap_said(row)) if word)
    said = [sentence(row.name), sentence(status_word(row.status)), sentence(figures)]
    said.append(movement_said(row.series, row.cadence))
    if row.signal is not None:
        said.append(sentence("signal:", row.signal.sentence))
    if row.owner:
        said.append(f"Owner {row.owner}.")
    return " ".join(word for word in said if word)
