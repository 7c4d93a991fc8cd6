"""Limits that are locked to a stretch of a series, and one set of them for each phase of its life.

Limits are worked out from the values of a baseline and judge all values of the phase. Nothing bridges the border of a
phase: no moving range, no run. Where to draw a new one is proposed (Wheeler's four questions), never done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kpitui.domain.problem import Problem
from kpitui.domain.signal_rules import found_by
from kpitui.domain.signal_trend import Trend, trended
from kpitui.domain.signals import RUN, Hit, Limits, in_order, limits, slack_of

QUESTIONS = (
    "do the values behave differently now",
    "is the reason known",
    "is the new behaviour wanted",
    "will it stay",
)
"""Wheeler, When do I recalculate my limits? (1996): all four, before limits are drawn anew."""


class Phase(NamedTuple):
    """Values `first` to `end` (not included) of a series, judged by limits from `made_of`."""

    first: int
    end: int
    made_of: tuple[int, int]
    limits: Limits | None
    """None where no two adjacent periods of the baseline have values. Of a trend, those of the flat values."""
    trend: Trend | None = None
    floor: float | None = None
    ceiling: float | None = None

    def centre(self, place: int) -> float | None:
        if self.limits is None:
            return None
        return self.limits.centre if self.trend is None else self.trend.at(place - self.made_of[0])

    def upper(self, place: int) -> float | None:
        """The limit at a value of the series; None where it lies beyond a hard bound and is not drawn."""
        centre = self.centre(place)
        if centre is None or self.limits is None:
            return None
        bound = centre + self.limits.reach
        return None if self.ceiling is not None and bound > self.ceiling else bound

    def lower(self, place: int) -> float | None:
        centre = self.centre(place)
        if centre is None or self.limits is None:
            return None
        bound = centre - self.limits.reach
        return None if self.floor is not None and bound < self.floor else bound


def phases(
    values: Sequence[float | None],
    locks: Sequence[tuple[int, int]] = (),
    rule: str = "mean",
    *,
    with_trend: bool = False,
    screened: bool = False,
    floor: float | None = None,
    ceiling: float | None = None,
) -> list[Phase]:
    """The phases of a series. `locks` are the baselines, [first, end) by place, in order and apart from each other.

    A phase lasts from the first value of its baseline to the next one's; the first one reaches back to the beginning.
    Without locks there is one phase, made of all values. Raises Problem for baselines that overlap or lie outside.
    """
    count = len(values)
    if not count:
        return []
    chosen = sorted(locks) or [(0, count)]
    before = 0
    for first, end in chosen:
        if not 0 <= first < end <= count:
            raise Problem("The values to lock the limits to lie outside the series: choose periods that have values.")
        if first < before:
            raise Problem("Two stretches to lock limits to overlap: let the second begin after the first has ended.")
        before = end
    out = []
    for place, (first, end) in enumerate(chosen):
        own = values[first:end]
        out.append(
            Phase(
                first if place else 0,
                chosen[place + 1][0] if place + 1 < len(chosen) else count,
                (first, end),
                limits(own, rule, floor=floor, ceiling=ceiling, screened=screened),
                trended(own, rule, screened=screened) if with_trend else None,
                floor,
                ceiling,
            )
        )
    return out


def hits_of(values: Sequence[float | None], some: Sequence[Phase], rules: str = "wheeler") -> list[Hit]:
    """The hits of every phase by its own limits, sorted by the value that completes them.

    None in a phase without variation or whose baseline has too few values. Raises Problem for an unknown set of rules.
    """
    out: list[Hit] = []
    for phase in some:
        by = phase.limits
        if by is None or by.state == "too_early" or by.reach <= slack_of(by):
            continue
        offsets = []
        for place in range(phase.first, phase.end):
            value, centre = values[place], phase.centre(place)
            if value is not None and centre is not None:
                offsets.append((place, value - centre))
        for hit in found_by(rules, offsets, by.reach, slack_of(by)):
            drawn = phase.upper(hit.index) if hit.direction == "up" else phase.lower(hit.index)
            if hit.rule != "outside" or drawn is not None:
                out.append(hit)
    return in_order(out)


def proposal(values: Sequence[float | None], some: Sequence[Phase], found: Sequence[Hit]) -> Hit | None:
    """The run of 8 or more that the last known value is part of: a new phase may begin at its first value, if asked.

    None when the baseline of the current phase begins there already: its limits are as new as they can be.
    """
    last = max((place for place, value in enumerate(values) if value is not None), default=None)
    if not some or last is None:
        return None
    begin = some[-1].made_of[0]
    runs = [hit for hit in found if hit.rule == "run" and len(hit.points) >= RUN and last in hit.points]
    return runs[-1] if runs and runs[-1].points[0] > begin else None
