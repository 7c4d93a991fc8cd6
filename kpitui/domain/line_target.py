"""The line for a target: `≥30`, `<=4`, `25-35`, `30 by 31 dec`, `2% to 3% by 30 jun`, `32 from 1 jan ; Q1 plan`,
`30 floor 25 stretch 36`, `2% to 3% by 30 jun over 4 weeks`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain import bands
from kpitui.domain.day_words import ISO, Order, read_date
from kpitui.domain.line_band import Typed, take_band
from kpitui.domain.line_dates import BY, FROM, checked_line, take_dates
from kpitui.domain.line_window import Time, refuse_kind, take_time
from kpitui.domain.numbers import Unsure, read_number
from kpitui.domain.periods import Calendar, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.target import Aim, way

if TYPE_CHECKING:
    from kpitui.domain.model import Direction, TargetKind, Unit

EXAMPLES = ">=30, <=4, 25-35 or 20 to 30 by 31 dec"
_BOUND = re.compile(r"(>=|=>|>|≥|at least|min(?:imum)?|<=|=<|<|≤|at most|max(?:imum)?)\s*([^=<>].*)", re.IGNORECASE)
_LEAST = frozenset({">=", "=>", ">", "≥", "at least", "min", "minimum"})
_TO = re.compile(r"(.+?)\s*(?:\.\.+|…|->|→|\bto\b)\s*(.+)", re.IGNORECASE)
_TOTAL = re.compile(r"(.+?)\s+(?:in total|total|in all|altogether)|(?:total|reach)\s+(.+)", re.IGNORECASE)
_RELATIVE = re.compile(r"([+−-])\s*(.*%)|(\+)\s*(.+)")


class TargetLine(NamedTuple):
    """A target as typed, in the metric's unit, days as epoch days.

    The bound of `at_least` and `at_most` is `value`; `low` and `high` are set for `between`; `start` is today's day
    unless typed.
    """

    kind: TargetKind
    value: float | None
    low: float | None
    high: float | None
    start: int
    deadline: int | None
    why: str
    baseline: float | None = None
    floor: float | None = None
    stretch: float | None = None
    without: tuple[str, ...] = ()
    """Of floor and stretch, what is taken away."""
    time: Time = Time()
    """The periods it is judged over, and has to hold for."""

    @property
    def only_band(self) -> bool:
        """Whether it says a floor, a stretch or a time and no target: the one there is stays."""
        return self.value is None and self.low is None and self.high is None

    @property
    def only_time(self) -> bool:
        """Whether it says a time and nothing that is dated."""
        return self.only_band and self.floor is None and self.stretch is None and not self.without


def read_target(
    text: str,
    today: date,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimal: str | None = None,
    direction: Direction = "up",
    baseline: float | None = None,
    order: Order | None = None,
    cal: Calendar = ISO,
) -> TargetLine:
    """Read a target line.

    `direction` tells what a plain number is (up at least, down at most); with a date it is `from_to`, with the word
    `total` it is `reach`. `+10%` is worked out against `baseline`. Raises `Problem` with what is missing.
    """
    body, _, why = checked_line(text, "a target").partition(";")
    words = body.split()
    if words and words[0].lower() in FROM:
        words.pop(0)  # `from 2% to 3% by 30 jun`

    def number(part: str) -> float:
        return _number(part, unit, currency, decimal)

    words, time = take_time(words)
    words, band = take_band(words, number)
    words, start, deadline = take_dates(words, today, order, cal)
    said = " ".join(words)
    if (band != Typed() or time != Time()) and deadline is None and (not said or words[0].lower() in BY | FROM):
        start = _only_start(words, today, order, cal)
        only = TargetLine(_any_kind(direction), None, None, None, start, None, why.strip(), time=time)
        return _with_band(only, band, direction)
    if not said or words[0].lower() in BY:
        raise Problem(f"There is no number in the target: type it like {EXAMPLES}.")

    kind: TargetKind
    value = low = high = None
    if bound := _BOUND.fullmatch(said):
        kind = "at_least" if bound[1].lower() in _LEAST else "at_most"
        value = number(bound[2])
    elif total := _TOTAL.fullmatch(said):
        kind, value = "reach", number(total[1] or total[2])
    elif relative := _RELATIVE.fullmatch(said):
        value = _against(relative, baseline, number, decimal)
        kind = "from_to" if deadline is not None else _plain_kind(direction, said)
    elif two := _TO.fullmatch(said):
        one, other = number(two[1]), number(two[2])
        if deadline is not None:
            kind, baseline, value = "from_to", one, other
        elif "->" in said or "→" in said:
            raise Problem(f"By when should {quote(said)} be reached? Add a date: by 31 dec.")
        else:
            kind, low, high = "between", one, other
    elif (pair := _pair(said, unit, currency, decimal)) is not None:
        kind, (low, high) = "between", pair
    else:
        value = number(said)
        kind = "from_to" if deadline is not None else _plain_kind(direction, said)
    if kind == "reach" and deadline is None:
        raise Problem(f"By when should {quote(said)} be reached? Add a date: by 31 dec.")
    if low is not None and high is not None and low >= high:
        raise Problem(f"The lower end of {quote(said)} is not below the upper one: type the smaller number first.")
    begins = to_day(today) if start is None else start
    if deadline is not None and deadline < begins:
        raise Problem("The date it should be reached by lies in the past: type a later one.")
    line = TargetLine(kind, value, low, high, begins, deadline, why.strip(), baseline if kind == "from_to" else None,
                      time=time)  # fmt: skip
    if kind in ("reach", "from_to") or deadline is not None:
        refuse_kind(time, kind)
    return _with_band(line, band, direction)


def _only_start(words: Sequence[str], today: date, order: Order | None, cal: Calendar) -> int:
    """The day of a line that says a band and no target: today, or the one behind `from`."""
    if not words:
        return to_day(today)
    if words[0].lower() not in FROM:
        raise Problem("A floor and a stretch are dated with the target: type from and a day, or the target, too.")
    return to_day(read_date(" ".join(words[1:]), today, order=order, edge="start", cal=cal))


def _any_kind(direction: Direction) -> TargetKind:
    return {"up": "at_least", "down": "at_most"}.get(direction, "between")  # type: ignore[return-value]


def _with_band(line: TargetLine, band: Typed, direction: Direction) -> TargetLine:
    """The line with its floor and stretch. Raises Problem where they lie on the wrong side of the target."""
    if band == Typed():
        return line
    base = 0.0 if line.kind == "reach" else line.baseline
    aim = Aim(line.kind, base, line.value, line.low, line.high, direction=direction, floor=band.floor,
              stretch=band.stretch)  # fmt: skip
    wrong = bands.problems(aim, way(aim))
    if wrong:
        raise Problem(wrong[0])
    return line._replace(floor=band.floor, stretch=band.stretch, without=band.without)


def _number(part: str, unit: Unit, currency: str | None, decimal: str | None) -> float:
    read = read_number(part, unit, currency=currency, decimal=decimal)
    if read.value is None:
        raise Problem(f"There is no number in {quote(part) or 'the target'}: type it like {EXAMPLES}.")
    return read.value


def _plain_kind(direction: Direction, said: str) -> TargetKind:
    if direction == "range":
        raise Problem(f"This metric is good within a range, and {quote(said)} is one number: type two, like 25-35.")
    return "at_least" if direction == "up" else "at_most"


def _pair(said: str, unit: Unit, currency: str | None, decimal: str | None) -> tuple[float, float] | None:
    """The two numbers of `25-35`, `$3k-5k`, `2.5-3.5%`; None when it is not two numbers with a dash."""
    for at, char in enumerate(said):
        if at and char in "-–—":
            try:
                return _number(said[:at], unit, currency, decimal), _number(said[at + 1 :], unit, currency, decimal)
            except Unsure:
                raise
            except Problem:
                continue
    return None


def _against(relative: re.Match[str], baseline: float | None, number: object, decimal: str | None) -> float:
    """`+10%` of the baseline, or `+5` more than it."""
    from decimal import Context, Decimal

    if baseline is None:
        raise Problem(f"{quote(relative[0])} counts from the baseline, and there is none yet: type the number itself.")
    exact = Context(prec=700)
    base = Decimal(repr(float(baseline)))
    if relative[3]:
        assert callable(number)
        step = Decimal(repr(number(relative[4])))
    else:
        share = Decimal(repr(_number(relative[2], "percent", None, decimal)))
        step = exact.multiply(share, abs(base)) * (-1 if relative[1] != "+" else 1)
    value = float(exact.add(base, step))
    if value in (float("inf"), float("-inf")):
        raise Problem(f"{quote(relative[0])} gives too large a number to keep.")
    return value
