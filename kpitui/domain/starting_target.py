"""The usual target of a line in a template: `goal / 12`, `base +10%`, `>= 70%`, `<= 2% of mrr`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.numbers import read_number
from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Direction, Kind, Unit

_GOAL = re.compile(r"goal(?:\s*/\s*([0-9]+(?:\.[0-9]+)?))?")
_BASE = re.compile(r"base(?:\s*([+-])\s*([0-9]+(?:\.[0-9]+)?)(\s*%)?)?")
_SHARE = re.compile(r"(>=|<=)\s*([0-9]+(?:\.[0-9]+)?)\s*%\s+of\s+([a-z][a-z0-9_]*)")
_DAY = date(2026, 1, 1)
"""Any day: what is read with it holds no date."""


class Usual(NamedTuple):
    """What a template says a line usually has to reach."""

    kind: str
    """`goal`, `base`, `share` or `bound`."""
    number: float = 0.0
    """The divisor of the goal, the step from the baseline, or the share."""
    relative: bool = False
    """The step is a share of the baseline."""
    of: str = ""
    """The line whose baseline the share is of."""
    least: bool = True
    """For a share: at least, not at most."""
    bound: TargetLine | None = None


class Ground(NamedTuple):
    """What is known when a usual target is worked out; days are epoch days."""

    goal: float | None
    """The goal's number."""
    start: int
    deadline: int | None
    """The goal's last day."""
    goal_start: int | None
    baseline: float | None
    """Of the line itself."""
    baselines: Mapping[str, float]
    """Of the other lines, by slug."""


def read_usual(text: str, unit: Unit, currency: str, direction: Direction = "up") -> Usual:
    """Read it. Raises Problem for what it is not."""
    said = text.strip()
    if match := _GOAL.fullmatch(said):
        divisor = float(match[1] or 1)
        if not divisor:
            raise Problem(f"{quote(said)} divides by zero.")
        return Usual("goal", divisor)
    if match := _BASE.fullmatch(said):
        step = float(match[2] or 0) * (-1 if match[1] == "-" else 1)
        if match[3]:
            return Usual("base", step / 100, True)
        return Usual("base", step / 100 if unit == "percent" else step)
    if match := _SHARE.fullmatch(said):
        return Usual("share", float(match[2]) / 100, of=match[3], least=match[1] == ">=")
    return Usual("bound", bound=read_target(said, _DAY, unit, currency=currency, decimal=".", direction=direction))


def work_out(usual: Usual, kind: Kind, direction: Direction, ground: Ground) -> TargetLine | None:
    """The target it gives here, or None while a number it needs is not known.

    `goal` of a flow is its total up to the deadline, `goal / 12` what each period must bring; of what stands at a level
    it is the way there from the baseline. A step from the baseline is a way, no step is a line to hold.
    """
    down = direction == "down"
    if usual.kind == "bound":
        assert usual.bound is not None
        return usual.bound._replace(start=ground.start, deadline=ground.deadline)
    if usual.kind == "share":
        of = ground.baselines.get(usual.of)
        if of is None:
            return None
        return _line("at_least" if usual.least else "at_most", usual.number * abs(of), ground)
    if usual.kind == "goal":
        if ground.goal is None:
            return None
        value = ground.goal / usual.number
        if kind == "flow":
            if usual.number == 1 and ground.deadline is not None:
                start = ground.start if ground.goal_start is None else ground.goal_start
                return _line("reach", value, ground)._replace(start=start)
            return _line("at_most" if down else "at_least", value, ground)
    else:
        if ground.baseline is None:
            return None
        if not usual.number:
            return _line("at_most" if down else "at_least", ground.baseline, ground)
        step = usual.number * abs(ground.baseline) if usual.relative else usual.number
        value = round(ground.baseline + step, 12)
    if ground.deadline is None:
        return _line("at_most" if down else "at_least", value, ground)
    return _line("from_to", value, ground)._replace(baseline=ground.baseline)


def _line(kind: str, value: float, ground: Ground) -> TargetLine:
    return TargetLine(kind, value, None, None, ground.start, ground.deadline, "")  # type: ignore[arg-type]


class Answer(NamedTuple):
    """What somebody said of a line: where it stands, where it is to go, and whose it is."""

    baseline: float | None
    target: TargetLine | None
    """None where the usual one is meant."""
    owner: str


_WAY = re.compile(r"(.*?[^\s<>=≥≤-])\s*(?:->|→|>(?!=))\s*(.+)")
_PLAIN = re.compile(r"[^<>=≥≤+;a-zA-Z]*[0-9][^<>=≥≤;]*")


def without_owner(text: str) -> tuple[str, str]:
    """`356k > 400k @ana` as `356k > 400k` and `ana`; the owner is empty where none is named."""
    owner, words = "", []
    for word in text.split():
        if word.startswith("@") and len(word) > 1 and not owner:
            owner = word[1:].rstrip(",;")
        else:
            words.append(word)
    return " ".join(words), owner


def read_answer(
    text: str,
    today: int,
    unit: Unit,
    currency: str,
    direction: Direction,
    deadline: int | None,
) -> Answer:
    """Read `356k > 400k @ana`: baseline, target, owner. One number alone is the baseline, `>=30` alone the target.

    A plain target number is on the way from the baseline until `deadline`. Raises Problem with what is wrong.
    """
    said, owner = without_owner(text)
    if not said:
        return Answer(None, None, owner)
    if way := _WAY.fullmatch(said):
        baseline = _number(way[1], unit, currency)
        return Answer(baseline, _target(way[2], today, unit, currency, direction, deadline, baseline), owner)
    if _PLAIN.fullmatch(said):
        try:
            return Answer(_number(said, unit, currency), None, owner)
        except Problem:
            pass  # 25-35 is a range, and 30 by 31 dec a target
    return Answer(None, _target(said, today, unit, currency, direction, deadline, None), owner)


_TOTAL = re.compile(r"\b(?:total|in all|altogether|reach)\b", re.IGNORECASE)
_DATED = re.compile(r"\b(?:by|until|till|in \d)", re.IGNORECASE)


def _target(
    text: str,
    today: int,
    unit: Unit,
    currency: str,
    direction: Direction,
    deadline: int | None,
    baseline: float | None,
) -> TargetLine:
    if deadline is not None and _TOTAL.search(text) and not _DATED.search(text):
        text = f"{text} by {to_date(deadline).isoformat()}"
    line = read_target(text, to_date(today), unit, currency=currency, direction=direction, baseline=baseline)
    if line.deadline is None and deadline is not None:
        line = line._replace(deadline=deadline)
        # What says at least or at most is meant so; a plain number, or a step, is where it should get to.
        if baseline is not None and line.kind in ("at_least", "at_most") and not re.match(r"[<>=≥≤amAM]", text):
            line = line._replace(kind="from_to")
    if line.kind == "from_to" and line.baseline is None:
        line = line._replace(baseline=baseline)
    return line


def _number(text: str, unit: Unit, currency: str) -> float:
    value = read_number(text, unit, currency=currency).value
    if value is None:
        raise Problem(f"There is no number in {quote(text)}: type today's value > the target, like 356 > 400.")
    return value
