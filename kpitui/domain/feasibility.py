"""Whether a goal is realistic: how many times the best so far it is, and in how many past windows it was reached.

A window is as long as the goal's own time, and every one that the history holds counts, each beginning one period after
the one before (product.md, "Targets are ambitious yet achievable: how often was this level reached before, how many
times the best period?"). Windows overlap, so their share is a yardstick and no probability.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

REALISTIC = 1.5
"""Times the best window so far above which a goal is asked about."""


class Feasibility(NamedTuple):
    """Numbers in the metric's unit; `times` is a factor."""

    times: float | None
    """What is asked over the best window; None where the best brought nothing."""
    best: float | None
    """What the best window brought, in the direction that is asked for."""
    best_at: int | None
    """The place of the period that the best window begins with."""
    windows: int
    """Whole windows in the history."""
    reached: int
    """Those that brought what is asked."""

    @property
    def known(self) -> bool:
        return self.windows > 0


def of_total(values: Sequence[float | None], length: int, target: float, down: bool = False) -> Feasibility:
    """For what adds up: the sums of every `length` whole periods in a row against a total."""
    sums = [
        (math.fsum(part), at)
        for at in range(len(values) - length + 1)
        if None not in (part := [value for value in values[at : at + length] if value is not None])
        and len(part) == length
    ]
    return _against(sums, target, down)


def of_change(values: Sequence[float | None], length: int, baseline: float, target: float) -> Feasibility:
    """For what stands at a level: how far it moved from the end of one period to `length` periods later, against the
    way from `baseline` to `target`. Moves in the other direction count as nothing reached."""
    sign = 1.0 if target >= baseline else -1.0
    moves = [
        (sign * (after - before), at + 1)
        for at in range(len(values) - length)
        if (before := values[at]) is not None and (after := values[at + length]) is not None
    ]
    return _against(moves, sign * (target - baseline), False)


def of_bound(values: Sequence[float | None], bound: float, down: bool = False) -> Feasibility:
    """For a line to hold: each period by itself."""
    return _against([(value, at) for at, value in enumerate(values) if value is not None], bound, down)


def _against(found: Sequence[tuple[float, int]], wanted: float, down: bool) -> Feasibility:
    if not found:
        return Feasibility(None, None, None, 0, 0)
    best, at = min(found) if down else max(found, key=lambda one: (one[0], -one[1]))
    # Sums of hundredths differ from the number meant by the last bit.
    slack = 1e-9 * max(abs(wanted), 1e-12)
    reached = sum(value <= wanted + slack if down else value >= wanted - slack for value, _ in found)
    if down:
        times = best / wanted if wanted > 0 and best > 0 else None
    else:
        times = wanted / best if best > 0 and wanted > 0 else None
    return Feasibility(times, best, at, len(found), reached)
