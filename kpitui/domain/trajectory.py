"""The course a KPI is to take to its target: straight, in the shape of the year before, in steps of one's own, at once.

A trajectory says what share of the way is due when a share of the time is gone (`target.way_due`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from kpitui.domain import target
from kpitui.domain.problem import Problem
from kpitui.domain.target import Aim, Trajectory

KINDS = ("straight", "seasonal", "step")
EXAMPLE = "2026-03-31 120, 2026-06-30 150"
YEARS = 3
LAST_MOMENT = 1 - 1e-9
"""Where a course that is due only at the deadline begins to rise."""


class Course(NamedTuple):
    """A trajectory as typed: a kind, or the values that are due on days (epoch days, in the metric's unit)."""

    kind: str
    points: tuple[tuple[int, float], ...] = ()


def read_trajectory(text: str) -> Course:
    """`straight` (or nothing), `seasonal`, `step`, or `DATE VALUE, DATE VALUE …`; raises Problem with what to type."""
    from datetime import date

    from kpitui.domain.periods import to_day

    said = text.strip()
    if not said or said in KINDS:
        return Course(said or "straight")
    points = []
    for part in said.split(","):
        day, _, value = part.strip().partition(" ")
        try:
            points.append((to_day(date.fromisoformat(day)), float(value)))
        except ValueError:
            raise _unread(part) from None
        if not math.isfinite(points[-1][1]):
            raise _unread(part)
    if any(a >= b for (a, _), (b, _) in pairwise(points)):
        raise Problem(f"The days of a trajectory follow one another: {EXAMPLE}.")
    return Course("own", tuple(points))


def _unread(part: str) -> Problem:
    from kpitui.domain.quoting import quote

    return Problem(
        f"{quote(part.strip())} is no part of a trajectory: use {', '.join(KINDS)}, or days with the value due on "
        f"each, as in {EXAMPLE}."
    )


def check(text: str, aim: Aim) -> list[str]:
    """What contradicts the aim, a sentence each."""
    try:
        course = read_trajectory(text)
    except Problem as problem:
        return [str(problem)]
    if course.kind == "straight":
        return []
    if aim.kind not in ("reach", "from_to"):
        return ["Only a target to reach by a date has a trajectory: leave it out."]
    if aim.start is None or aim.deadline is None:
        return []
    out = [day for day, _ in course.points if not aim.start <= day <= aim.deadline]
    return (
        ["A day of the trajectory is outside the time of the target: move it between start and deadline."]
        if out
        else []
    )


def along(course: Course, aim: Aim) -> Trajectory | None:
    """The shares of time and way of steps of one's own or of a step at the deadline; None for a straight one."""
    if course.kind == "step":
        return [(LAST_MOMENT, 0.0)]
    begin = target.base(aim)
    if course.kind != "own" or aim.value is None or begin is None or aim.value == begin:
        return None
    found = []
    for day, value in course.points:
        gone = target.elapsed(aim, day)
        if gone is not None:
            found.append((gone, (value - begin) / (aim.value - begin)))
    return found


def seasonal(aim: Aim, ends: Sequence[int], years: Sequence[Sequence[float | None]]) -> Trajectory | None:
    """The shape of the same periods in earlier years: e = sum of s up to now over sum of all s, s their mean.

    `ends` are where the periods of the window end, `years` their values a year ago, two and three years ago. None where
    a period has no earlier value, or they do not add up to something positive.
    """
    if aim.start is None or aim.deadline is None or not ends:
        return None
    shape = []
    for values in zip(*years, strict=True):
        known = [value for value in values if value is not None]
        if not known:
            return None
        shape.append(math.fsum(known) / len(known))
    whole = math.fsum(shape)
    if len(shape) != len(ends) or whole <= 0:
        return None
    found, so_far = [], 0.0
    for end, part in zip(ends, shape, strict=True):
        so_far += part
        found.append((target.elapsed(aim, end - 1) or 0.0, so_far / whole))
    return found
