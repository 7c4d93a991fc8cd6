"""The goal of the year, written in one line where there is none yet: `5m ARR by 31 dec`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.periods import to_date
from kpitui.services.creating import Place, add, read_line

if TYPE_CHECKING:
    from datetime import date

    from kpitui.services.naming import Done
    from kpitui.storage.store import Store

ADVICE = "profitable: revenue, break even: profit, venture: users"
"""What the goal of the year is about, by how a company does."""
OUTERMOST = Place("goal", "", None, None, 0, "", "week", None, None)


def understood(text: str, today: date, currency: str) -> str:
    """`$5.0M ARR by 31 Dec, by Thu 31 Dec 2026`; raises Problem with what is missing."""
    if not text.strip():
        return f"5m ARR by 31 dec · {ADVICE}"
    line = read_line(text, OUTERMOST, today, currency)
    assert line.goal is not None
    day = to_date(line.goal.deadline)
    return f"{line.name}, {day:%a} {day.day} {day:%b} {day.year}"


def write(store: Store, text: str, today: int, currency: str) -> Done:
    """Save the goal; it is the main goal of its year unless that year has one. Raises Problem, Refused."""
    return add(store, read_line(text, OUTERMOST, to_date(today), currency), OUTERMOST, today)
