"""Whether a value is where it should be, and the sentence that says so: the rules that need no probability.

Progress over the share of the way due is on track from 0.95 and at risk from 0.75 (UpRaise). A target to maintain is
met or not; within its watch band a miss is at risk.
"""

from __future__ import annotations

from collections.abc import Callable

from kpitui.domain import target
from kpitui.domain.periods import to_date
from kpitui.domain.target import Aim

ON_TRACK, AT_RISK = 0.95, 0.75
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Show = Callable[[float], str]
Word = tuple[str, str]
"""A status and why."""


def pace(done: float, due: float) -> str:
    """The status of having done one share of the way when the other is due."""
    if due <= 0:
        # Nothing is due yet on a course that starts late: there is no ratio, only not being behind it.
        return "on_track" if target.reaches(done, due) else "at_risk"
    ratio = done / due
    if target.reaches(ratio, ON_TRACK):
        return "on_track"
    return "at_risk" if target.reaches(ratio, AT_RISK) else "off_track"


def maintained(aim: Aim, value: float, show: Show, time: str = "") -> Word:
    """Met now or not. The watch band is a share of the target's size, on the far side of it; at 0 there is none.

    `time` says what the value is over: " over the last 4 weeks".
    """
    words, gap = phrase(aim, show), target.gap(aim, value)
    if target.meets(aim, value):
        return "on_track", f"{show(value)}{time} meets {words}"
    if gap is None:
        return "no_target", "No target is set"
    missed = f"{show(value)}{time} misses {words} by {apart(gap.absolute, show)}"
    if gap.relative is not None and target.reaches(aim.watch, abs(gap.relative)):
        return "at_risk", f"{missed}, within the watch band"
    return "off_track", missed


def paced(
    aim: Aim,
    begin: float,
    actual: float,
    due: float,
    after: str,
    on: int,
    show: Show,
    time: str = "",
    held: str = "",
) -> Word:
    """The way from `begin` to the target with `due` of it due at the end of day `on`.

    `after` says for a total how much of its time is over ("8 of 13 weeks"), `time` for a level what the value is over
    (" over the last 4 weeks"), `held` how long it has been at a target that it has to hold ("2 of 3 weeks at target").
    """
    goal = aim.value if aim.value is not None else begin
    done = (actual - begin) / (goal - begin)
    if aim.kind == "reach":
        why = f"{show(actual)} of {show(goal)} after {after}"
    elif target.meets(aim, actual):
        there = f"{show(actual)}{time} is at the target {show(goal)} and has to hold until the deadline"
        return "on_track", f"{there}, {held}" if held else there
    elif done < 0:
        why = f"{show(actual)}{time} is worse than the baseline {show(begin)}"
    else:
        why = f"{show(actual)}{time} on the way from {show(begin)} to {show(goal)}"
    then = "nothing is due yet" if due <= 0 else f"{show(begin + due * (goal - begin))} was due by {day_text(on)}"
    if aim.work is not None and due > 0:
        then += ", counted in working days"
    return pace(done, due), f"{why}, {then}"


def apart(gap: float, show: Show) -> str:
    """The size of a difference in words; one of percentages is in points, not in percent (maths.md §1.3)."""
    said = show(abs(gap))
    return f"{said[:-1].rstrip()} pp" if said.endswith("%") else said


def phrase(aim: Aim, show: Show) -> str:
    """The target in words: "at least 30"."""
    if aim.kind == "between":
        if aim.low is None or aim.high is None:
            return f"at most {show(aim.high)}" if aim.high is not None else f"at least {show(aim.low or 0.0)}"
        return f"between {show(aim.low)} and {show(aim.high)}"
    words = {"at_least": "at least ", "at_most": "at most "}.get(aim.kind, "")
    return words + show(aim.value or 0.0)


def day_text(day: int) -> str:
    """`9 Nov 2026`, in every locale."""
    on = to_date(day)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"
