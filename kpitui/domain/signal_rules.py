"""Which values of a series are more than noise, by the rule sets that are in use besides Wheeler's.

Western Electric (Statistical Quality Control Handbook, 1956), Nelson (Journal of Quality Technology 16, 1984) and NHS
Making Data Count. A sigma is a third of the way from the centre to a limit. One on the centre neither breaks a run nor
counts in it; all comparisons are strict.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from kpitui.domain.problem import Problem
from kpitui.domain.signals import Hit, in_order, outside, wheeler

Offsets = Sequence[tuple[int, float]]
"""(index in the series, value - centre) of the known values, oldest first."""


class Rule(NamedTuple):
    """`needed` of `length` values in a row, `sigmas` away where the rule speaks of a distance."""

    name: str
    length: int
    needed: int
    sigmas: float = 0.0
    one_side: bool = False
    """Whether the other values of the window must lie on the same side of the centre, too."""


SETS: dict[str, tuple[Rule, ...]] = {
    "wheeler": (),
    "western": (Rule("near", 3, 2, 2), Rule("beyond", 5, 4, 1), Rule("run", 8, 8)),
    "nelson": (
        Rule("run", 9, 9),
        Rule("trend", 6, 6),
        Rule("alternating", 14, 14),
        Rule("near", 3, 2, 2),
        Rule("beyond", 5, 4, 1),
        Rule("inside", 15, 15, 1),
        Rule("spread", 8, 8, 1),
    ),
    "nhs": (Rule("run", 7, 7), Rule("trend", 7, 7), Rule("near", 3, 2, 2, one_side=True)),
}
"""Every set has the rule `outside`, too; Wheeler's other two are in `signals`."""


class Window(NamedTuple):
    """One stretch of values that satisfies a rule."""

    completes: int
    direction: str
    """up, down, or both where the rule has no side."""
    points: tuple[int, ...]


def found_by(rules: str, offsets: Offsets, reach: float, slack: float) -> list[Hit]:
    """The hits of a rule set, sorted by the value that completes them; windows that overlap are one hit.

    `reach` is the distance of the limits from the centre, `slack` what rounding may amount to, in the metric's unit.
    Raises Problem for a set that does not exist.
    """
    if rules not in SETS:
        raise Problem(f"“{rules}” is no set of rules: use {', '.join(SETS)}.")
    found = outside(offsets, reach + slack)
    if rules == "wheeler":
        return in_order([*found, *wheeler(list(offsets), reach, slack)])
    for rule in SETS[rules]:
        found += merged(rule.name, windows(rule, offsets, reach / 3, slack))
    return in_order(found)


def merged(name: str, some: Sequence[Window]) -> list[Hit]:
    """Overlapping windows of the same side as one hit, dated where the first of them completes."""
    hits: list[Hit] = []
    latest: dict[str, int] = {}
    for window in some:
        place = latest.get(window.direction)
        if place is not None and window.points[0] <= hits[place].points[-1]:
            points = tuple(sorted({*hits[place].points, *window.points}))
            hits[place] = hits[place]._replace(points=points)
        else:
            latest[window.direction] = len(hits)
            hits.append(Hit(window.completes, name, window.direction, window.points))
    return hits


def windows(rule: Rule, offsets: Offsets, sigma: float, slack: float = 0.0) -> list[Window]:
    """Every window of the rule, oldest first. The values that complete them are those qcc and Minitab mark."""
    if rule.name == "run":
        offsets = [one for one in offsets if abs(one[1]) > slack]
    out: list[Window] = []
    for end in range(rule.length, len(offsets) + 1):
        window = offsets[end - rule.length : end]
        found = _judged(rule, [offset for _, offset in window], sigma, slack)
        if found is not None:
            direction, last = found
            out.append(Window(window[last][0], direction, tuple([index for index, _ in window])))
    return out


def completions(rule: Rule, offsets: Offsets, sigma: float, slack: float = 0.0) -> list[int]:
    """The values at which the rule is satisfied, the later ones while it lasts included."""
    return sorted({window.completes for window in windows(rule, offsets, sigma, slack)})


def _judged(rule: Rule, window: Sequence[float], sigma: float, slack: float) -> tuple[str, int] | None:
    """Direction and place of the completing value in the window; None where the rule is not satisfied."""
    last = len(window) - 1
    if rule.name == "trend":
        steps = [after - before for before, after in pairwise(window)]
        if all(step > slack for step in steps):
            return "up", last
        return ("down", last) if all(step < -slack for step in steps) else None
    if rule.name == "alternating":
        steps = [after - before for before, after in pairwise(window)]
        turns = all((a > slack and b < -slack) or (a < -slack and b > slack) for a, b in pairwise(steps))
        return ("both", last) if turns else None
    bound = rule.sigmas * sigma + slack
    if rule.name == "inside":
        return ("both", last) if all(abs(offset) <= bound for offset in window) else None
    if rule.name == "spread":
        # Nelson's eighth rule: on both sides of the centre. On one side it is a run, and the others say so.
        far = all(abs(offset) > bound for offset in window)
        return ("both", last) if far and min(window) < 0 < max(window) else None
    for sign, direction in ((1, "up"), (-1, "down")):
        beyond = [place for place, offset in enumerate(window) if offset * sign > bound]
        if len(beyond) >= rule.needed and not (rule.one_side and any(offset * sign <= slack for offset in window)):
            return direction, beyond[-1]
    return None
