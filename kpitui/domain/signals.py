"""Process behaviour (XmR) charts: natural limits of a series, and which of its values are more than noise.

Wheeler, Understanding Variation and Making Sense of Data. Constants 2.66 and 3.268 are his (3 / 1.128 elsewhere).
Values are given at one cadence, oldest first, None for a missing period; partial periods are left out by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from kpitui.domain.named import NamedTuple

SCALES = {"mean": (2.66, 3.268), "median": (3.145, 3.865)}
PROVISIONAL, FIRM = 6, 12
RUN = 8
NEAR, NEAR_OF = 3, 4
SCREEN = 3.267
RULES = ("outside", "near", "beyond", "run", "trend", "alternating", "inside", "spread")
"""In precedence: the first is the one a value is shown with. Wheeler's are outside, near and run; see signal_rules."""


class Limits(NamedTuple):
    centre: float
    upper: float | None
    """Natural process limits; None where it would lie beyond a hard bound, and is not drawn."""
    lower: float | None
    mr_centre: float
    mr_upper: float
    n: int
    state: str
    """too_early (below 6 values), provisional (below 12) or firm."""
    reach: float
    """Unrounded distance of the limits from the centre; 0 is "no variation"."""


class Hit(NamedTuple):
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs of a hit
    """The value that completes it."""
    rule: str
    direction: str
    points: tuple[int, ...]
    """All values it is made of: the whole run, the whole window."""


class Signal(NamedTuple):
    rule: str
    index: int  # type: ignore[assignment]
    direction: str
    good: bool | None
    """None where neither up nor down is better."""
    sentence: str


def moving_ranges(values: Sequence[float | None]) -> list[float | None]:
    """|x_i - x_(i-1)| beside each value; None for the first one, a missing one and the one after it."""
    ranges: list[float | None] = [None] if values else []
    for before, value in pairwise(values):
        ranges.append(None if before is None or value is None else abs(value - before))
    return ranges


def limits(
    values: Sequence[float | None],
    rule: str = "mean",
    *,
    floor: float | None = None,
    ceiling: float | None = None,
    screened: bool = False,
) -> Limits | None:
    """Mean of the values plus and minus 2.66 x the mean moving range; "median": 3.145 x the median moving range.

    `floor` and `ceiling` are the metric's hard bounds. `screened` leaves moving ranges above 3.267 x their mean out
    of it, once (NHS Making Data Count); the median needs no screening and gets none. None when no two adjacent
    periods have values.
    """
    present = [value for value in values if value is not None]
    ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    if not ranges:
        return None
    scale, mr_scale = SCALES[rule]
    if rule == "mean":
        mr_centre = math.fsum(ranges) / len(ranges)
        if screened:
            kept = [one for one in ranges if one <= SCREEN * mr_centre]
            mr_centre = math.fsum(kept) / len(kept)
    else:
        ranges.sort()
        middle = len(ranges) // 2
        mr_centre = ranges[middle] if len(ranges) % 2 else (ranges[middle - 1] + ranges[middle]) / 2
    centre, reach = math.fsum(present) / len(present), scale * mr_centre
    state = "too_early" if len(present) < PROVISIONAL else "provisional" if len(present) < FIRM else "firm"
    return Limits(
        centre,
        None if ceiling is not None and centre + reach > ceiling else centre + reach,
        None if floor is not None and centre - reach < floor else centre - reach,
        mr_centre,
        mr_scale * mr_centre,
        len(present),
        state,
        reach,
    )


def locked(lower: float, upper: float, n: int = FIRM) -> Limits:
    """Limits set elsewhere, to judge other values by (2.66 and 3.268 assumed for the moving range)."""
    reach = (upper - lower) / 2
    mr_centre = reach / SCALES["mean"][0]
    return Limits((upper + lower) / 2, upper, lower, mr_centre, mr_centre * SCALES["mean"][1], n, "firm", reach)


def hits(values: Sequence[float | None], by: Limits) -> list[Hit]:
    """Wheeler's rules: outside a limit; 8 running on one side; 3 of 4 nearer to a limit than to the centre.

    Unrounded and strict: a value on a limit is inside, one on the centre neither breaks a run nor counts in it, and
    neither does a missing one. Sorted by the value that completes them, outside before near before run. None in a
    series without variation or with too few values for limits.
    """
    slack = slack_of(by)
    if by.state == "too_early" or by.reach <= slack:
        return []
    offsets = [(index, value - by.centre) for index, value in enumerate(values) if value is not None]
    found = [
        hit
        for hit in outside(offsets, by.reach + slack)
        if (by.upper if hit.direction == "up" else by.lower) is not None
    ]
    return in_order([*found, *wheeler(offsets, by.reach, slack)])


def slack_of(by: Limits) -> float:
    """What the last bits of binary fractions may come to: neither they nor a shift or scale of the series decide."""
    return max(by.reach * 1e-9, abs(by.centre) * 1e-12)


def outside(offsets: Sequence[tuple[int, float]], reach: float) -> list[Hit]:
    """The values further than `reach` from the centre; `offsets` are (index, value - centre)."""
    return [
        Hit(index, "outside", "up" if offset > 0 else "down", (index,))
        for index, offset in offsets
        if abs(offset) > reach
    ]


def wheeler(offsets: list[tuple[int, float]], reach: float, slack: float) -> list[Hit]:
    """The runs of 8 and the 3 of 4 near a limit; `offsets` are (index, value - centre)."""
    return [
        *_runs([(index, offset) for index, offset in offsets if abs(offset) > slack]),
        *_near(offsets, reach / 2 + slack),
    ]


def in_order(found: Sequence[Hit]) -> list[Hit]:
    """By the place where each completes; at one place outside the limits first, then near them, then runs."""
    return sorted(found, key=lambda hit: (hit.index, RULES.index(hit.rule)))


def _runs(offsets: list[tuple[int, float]]) -> list[Hit]:
    found: list[Hit] = []
    begin = 0
    for at in range(1, len(offsets) + 1):
        if at < len(offsets) and (offsets[at][1] > 0) == (offsets[begin][1] > 0):
            continue
        if at - begin >= RUN:
            points = tuple(index for index, _ in offsets[begin:at])
            found.append(Hit(points[RUN - 1], "run", "up" if offsets[begin][1] > 0 else "down", points))
        begin = at
    return found


def _near(offsets: list[tuple[int, float]], half: float) -> list[Hit]:
    found: list[Hit] = []
    for sign, direction in ((1, "up"), (-1, "down")):
        beyond = [offset * sign > half for _, offset in offsets]
        if sum(beyond) < NEAR:
            continue
        open_hit: Hit | None = None
        for at in range(NEAR_OF, len(offsets) + 1):
            if sum(beyond[at - NEAR_OF : at]) < NEAR:
                continue
            points = tuple([index for index, _ in offsets[at - NEAR_OF : at]])
            if open_hit is not None and points[0] <= open_hit.points[-1]:
                open_hit = open_hit._replace(points=tuple(sorted({*open_hit.points, *points})))
                found[-1] = open_hit
            else:
                completes = [place for place in range(at - NEAR_OF, at) if beyond[place]][NEAR - 1]
                open_hit = Hit(offsets[completes][0], "near", direction, points)
                found.append(open_hit)
    return found


def _latest(values: Sequence[float | None], by: Limits) -> Hit | None:
    """Of the `hits` that the last value belongs to the first in precedence, without looking for the others."""
    slack = slack_of(by)
    if by.state == "too_early" or by.reach <= slack:
        return None
    offsets = [(index, value - by.centre) for index, value in enumerate(values) if value is not None]
    if not offsets:
        return None
    last, offset = offsets[-1]
    side = "up" if offset > 0 else "down"
    if abs(offset) > by.reach + slack and (by.upper if offset > 0 else by.lower) is not None:
        return Hit(last, "outside", side, (last,))
    half, tail = by.reach / 2 + slack, offsets[-NEAR_OF:]
    if len([1 for _, near in tail if near > half]) >= NEAR or len([1 for _, near in tail if -near > half]) >= NEAR:
        touching = [hit for hit in _near(offsets, half) if last in hit.points]
        if touching:
            return touching[0]
    if abs(offset) <= slack:
        return None
    run: list[int] = []
    for index, other in reversed(offsets):
        if abs(other) > slack:
            if (other > 0) != (offset > 0):
                break
            run.append(index)
    points = tuple(reversed(run))
    return Hit(points[RUN - 1], "run", side, points) if len(points) >= RUN else None


def labels(count: int, found: Sequence[Hit]) -> list[str | None]:
    """The rule each of `count` values is shown with: of the hits it belongs to, the first in precedence."""
    names: list[str | None] = [None] * count
    for hit in sorted(found, key=lambda hit: -RULES.index(hit.rule)):
        for index in hit.points:
            names[index] = hit.rule
    return names


def mr_outside(values: Sequence[float | None], by: Limits) -> list[int]:
    """Where a value differs from the one before by more than the upper limit of moving ranges."""
    if not by.mr_centre:
        return []
    return [
        index
        for index, value in enumerate(moving_ranges(values))
        if value is not None and value > by.mr_upper * (1 + 1e-9)
    ]


def latest_signal(
    values: Sequence[float | None],
    direction: str,
    *,
    by: Limits | None = None,
    floor: float | None = None,
    ceiling: float | None = None,
    show: Callable[[float], str] = str,
) -> Signal | None:
    """The signal the last present value is part of, if any; the first in precedence when there are several.

    `direction` is the metric's: up, down or range. `by` are limits to judge by instead of the series' own.
    """
    by = by or limits(values, floor=floor, ceiling=ceiling)
    hit = _latest(values, by) if by else None
    if hit is None or by is None:
        return None
    last = hit.points[-1]
    good = None if direction == "range" else hit.direction == direction
    value = values[last]
    assert value is not None
    return Signal(hit.rule, hit.index, hit.direction, good, hit_sentence(hit, value, by, show))


def hit_sentence(hit: Hit, value: float, by: Limits, show: Callable[[float], str]) -> str:
    """What a hit of Wheeler's rules says: `41 is above the upper limit 38`, without a full stop."""
    side = "above" if hit.direction == "up" else "below"
    limit = "upper" if hit.direction == "up" else "lower"
    if hit.rule == "outside":
        bound = by.upper if hit.direction == "up" else by.lower
        return f"{show(value)} is {side} the {limit} limit" + (f" {show(bound)}" if bound is not None else "")
    if hit.rule == "run":
        return f"{len(hit.points)} values in a row are {side} the mean {show(by.centre)}"
    return f"{NEAR} of the last {NEAR_OF} values are nearer to the {limit} limit than to the mean {show(by.centre)}"
