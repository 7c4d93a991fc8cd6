"""How much worse a counter metric got, against what is tolerated (maths.md §6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kpitui.domain import figures
from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Unit

CLOSE = 1e-9
"""Share of a tolerance that only the last bits of a sum in binary are apart by."""


class Cost(NamedTuple):
    """What a KPI cost its counter metric."""

    worse: float
    """In the metric's unit; negative where it got better."""
    beyond: bool
    """Whether that is more than is tolerated."""
    words: str
    """`1.1 points worse, 0.5 tolerated`; empty where it got no worse."""


def cost(
    before: float,
    now: float,
    tolerance: float,
    *,
    direction: str,
    unit: Unit,
    low: float | None = None,
    high: float | None = None,
    show: Callable[[float], str] = str,
) -> Cost | None:
    """How much worse `now` is than `before`, both in the metric's unit, and whether `tolerance` is exceeded.

    Of a percentage the tolerance is in points (0.005 is half a point, maths.md §1.3), of anything else a share of what
    it was. `direction` is the metric's; one that is good within a range (`low` to `high`) is worse the farther outside
    it is. None where a range has no bounds: nobody can say what is worse. As much as is tolerated is tolerated.
    """
    if direction == "range":
        if low is None and high is None:
            return None
        worse = outside(now, low, high) - outside(before, low, high)
    else:
        worse = before - now if direction == "up" else now - before
    points = unit == "percent"
    most = tolerance if points else tolerance * abs(before)
    beyond = worse > most + CLOSE * max(abs(most), abs(before))
    if worse <= 0:
        return Cost(worse, False, "")
    if points:
        said, most_said = (figures.show(part * 100, compact=True) for part in (worse, tolerance))
        return Cost(worse, beyond, f"{said} points worse, {most_said} tolerated")
    said = (
        f"{figures.show(worse / abs(before), 'percent', compact=True)} worse"
        if before
        else f"{show(worse)} worse than {show(before)}"
    )
    return Cost(worse, beyond, f"{said}, {figures.show(tolerance, 'percent', compact=True)} tolerated")


def tolerance_words(tolerance: float, unit: Unit) -> str:
    """`0.5 points` of a percentage, `5%` of anything else."""
    if unit == "percent":
        return f"{figures.show(tolerance * 100, compact=True)} points"
    return figures.show(tolerance, "percent", compact=True)


def outside(value: float, low: float | None, high: float | None) -> float:
    """How far a value lies outside a range; 0 within it."""
    return max(0.0 if low is None else low - value, 0.0 if high is None else value - high, 0.0)


_TYPED = re.compile(r"([0-9][0-9.,]*)\s*(%|points?|pts?|pp)?", re.IGNORECASE)


def read_tolerance(text: str, unit: Unit | None = None) -> float:
    """`0.5`, `0.5 points`, `5%` as a fraction: points of a percentage, a share of anything else; `unit` is the counter
    metric's, where it is known. Raises Problem for what is neither."""
    from kpitui.domain.numbers import read_number

    found = _TYPED.fullmatch(text.strip())
    value = read_number(found[1], "percent").value if found else None
    if found is None or value is None:
        raise Problem(f"{quote(text)} is no tolerance: type points of a percentage, 0.5, or a share, 5%.")
    if unit is not None and unit != "percent" and (found[2] or "%") != "%":
        raise Problem(f"The counter metric is no percentage: type {found[1]}% of what it was.")
    return value


def take_tolerance(text: str) -> tuple[str, str]:
    """`Refund rate, 0.5 points` as its name and its tolerance; the second is empty where none is typed."""
    name, comma, tail = text.rpartition(",")
    if comma and name.strip() and _TYPED.fullmatch(tail.strip()):
        return name.strip(), tail.strip()
    return text, ""
