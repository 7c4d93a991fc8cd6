"""How believable a target is: against the best so far, how often it was reached, and by today's spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from kpitui.domain.signals import PROVISIONAL, limits


class Credible(NamedTuple):
    """What a target looks like beside the past; shares are 0 to 1."""

    times_best: float | None
    """The target over the best value; None where that says nothing (a bound from above, a best of 0 or less)."""
    reached: int
    of: int
    """Of how many values."""
    chance: float | None
    """Of a single value being there at the level and spread of today; None below six values."""

    @property
    def word(self) -> str:
        """`usual`, `reachable`, `a stretch`, `out of reach`; empty without values."""
        if not self.of:
            return ""
        if self.reached * 2 >= self.of:
            return "usual"
        if self.reached or (self.chance is not None and self.chance >= 0.05):
            return "reachable"
        if self.times_best is not None and self.times_best > 1.5:
            return "out of reach"
        return "a stretch"


def credible(values: Sequence[float | None], target: float, *, down: bool = False) -> Credible:
    """A target beside the values of the past, oldest first; `down` where less is better.

    The chance is that of a normal value with the mean of the last 13 and a standard deviation of mean moving range
    / 1.128 (Wheeler), the same noise that the limits are made of.
    """
    known = [value for value in values if value is not None]
    reached = sum(1 for value in known if (value <= target if down else value >= target))
    best = min(known, default=None) if down else max(known, default=None)
    times = target / best if best is not None and best > 0 and target > 0 and not down else None
    by = limits(values)
    chance = None
    if by is not None and by.n >= PROVISIONAL:
        recent = known[-13:]
        level, spread = math.fsum(recent) / len(recent), by.mr_centre / 1.128
        distance = (level - target) * (-1 if down else 1)
        chance = 0.5 * math.erfc(-distance / spread / math.sqrt(2)) if spread > 0 else float(distance >= 0)
    return Credible(times, reached, len(known), chance)
