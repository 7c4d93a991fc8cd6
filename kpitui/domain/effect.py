"""What a countermeasure did: whether the level of a series shifted after the day it was in place.

Values from before set the limits, those from after are held against them by Wheeler's rules (Understanding Variation):
a shift is shown by one value outside, three of four near a limit, or eight in a row on one side, never by a mean alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kpitui.domain.signals import PROVISIONAL, hits, limits

BEFORE = 26
"""Values before the day that set the limits."""
ENOUGH = 4
"""Values after it from which on something is said of the level."""


class Effect(NamedTuple):
    """`state` is better, worse, shifted (neither is better), none, or too_early."""

    state: str
    before: float | None
    """Mean of the values before; `after` of those after."""
    after: float | None
    n: int
    """Values after."""
    sentence: str


def effect(
    before: Sequence[float | None],
    after: Sequence[float | None],
    direction: str,
    *,
    floor: float | None = None,
    ceiling: float | None = None,
    show: Callable[[float], str] = str,
) -> Effect:
    """Whether the values after a day show a shift of level against those before it, oldest first at one cadence.

    `direction` is the metric's (up, down, range), `floor` and `ceiling` its hard bounds. Too early below six values
    before or four after, unless a value after is outside the limits already.
    """
    by = limits(before[-BEFORE:], floor=floor, ceiling=ceiling)
    known = [value for value in after if value is not None]
    mean = math.fsum(known) / len(known) if known else None
    if by is None or by.n < PROVISIONAL:
        return Effect("too_early", None, mean, len(known), "too few values before it to compare with")
    found = [hit for hit in hits(list(after), by) if hit.points]
    last = found[-1] if found else None
    said = f"{show(mean)} on average against {show(by.centre)} before" if mean is not None else ""
    count = "1 value" if len(known) == 1 else f"{len(known)} values"
    if last is None:
        if len(known) < ENOUGH:
            return Effect("too_early", by.centre, mean, len(known), f"too early to say: {count} since")
        return Effect("none", by.centre, mean, len(known), f"no shift shown in {count}: {said}")
    state = "shifted" if direction == "range" else "better" if last.direction == direction else "worse"
    why = {"outside": "beyond the limits", "near": "3 of 4 near the limit", "run": f"{len(last.points)} in a row"}
    return Effect(state, by.centre, mean, len(known), f"shifted {last.direction}, {why[last.rule]}: {said}")
