"""A target by its rate: `40 at 0.5 a week` gives the date, `0.5 a week by 31 dec` gives the value."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from kpitui.domain.dates import read_date
from kpitui.domain.figure_style import style
from kpitui.domain.numbers import read_number
from kpitui.domain.periods import to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.target import Solved, solve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.model import Unit

DAYS = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "quarter": 365.2425 / 4, "year": 365.2425}
_RATE = re.compile(
    r"(?:(?P<value>(?!at\b)\S+)\s+)?(?:at\s+)?(?P<rate>[+−-]?[^\s;]*\d[^\s;/]*)\s*(?:/|per|a|an|each|every)\s*"
    r"(?P<grain>day|week|month|quarter|year)\b(?:\s+by\s+(?P<by>[^;]+))?\s*(?P<why>;.*)?$",
    re.IGNORECASE,
)


class Rated(NamedTuple):
    """What was worked out, and the line that says the same without a rate."""

    solved: Solved
    line: str
    gave: str
    """`date` or `value`: what was worked out."""
    grain: str


def read_rate(text: str, today: date, unit: Unit = "number", *, currency: str | None = None,
              current: float | None = None) -> Rated | None:  # fmt: skip
    """A target with a rate; None for a line that names none. Of date, value and rate any two give the third.

    Raises Problem where both or neither of value and date are there, or where the way never gets there.
    """
    found = _RATE.match(text.strip())
    if found is None:
        return None
    grain = found["grain"].lower()
    rate = read_number(found["rate"], unit, currency=currency).value
    value = read_number(found["value"], unit, currency=currency).value if found["value"] else None
    by = to_day(read_date(found["by"].strip(), today, edge="end")) if found["by"] else None
    if current is None:
        raise Problem("There is no value to start from yet: type the target and its date.")
    solved = solve(current=current, today=to_day(today), period_days=DAYS[grain], date=by, value=value, rate=rate)
    shown = found["value"] if value is not None else _plain(solved.value, unit)
    line = f"{shown} by {to_date(solved.date).isoformat()}{' ' + found['why'] if found['why'] else ''}"
    return Rated(solved, line, "date" if value is not None else "value", grain)


def _plain(value: float, unit: str) -> str:
    """As a person would type it: percent points for a percent."""
    text = f"{value * 100:.6g}%" if unit == "percent" else f"{value:.6g}"
    return text.replace(".", style().decimal)
