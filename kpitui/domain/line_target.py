"""The line for a target: `≥30`, `<=4`, `25-35`, `30 by 31 dec`, `2% to 3% by 30 jun`, `32 from 1 jan ; Q1 plan`."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.day_words import ISO, Order
from kpitui.domain.line_dates import BY, FROM, checked_line, take_dates
from kpitui.domain.numbers import Unsure, read_number
from kpitui.domain.periods import Calendar, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Direction, TargetKind, Unit

EXAMPLES = ">=30, <=4, 25-35 or 30 by 31 dec"
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


def read_target(
    text: str,
    today: date,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimal: str = ".",
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
    words, start, deadline = take_dates(words, today, order, cal)
    said = " ".join(words)
    if not said or words[0].lower() in BY:
        raise Problem(f"There is no number in the target: type it like {EXAMPLES}.")

    def number(part: str) -> float:
        return _number(part, unit, currency, decimal)

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
    return TargetLine(kind, value, low, high, begins, deadline, why.strip(), baseline if kind == "from_to" else None)


def _number(part: str, unit: Unit, currency: str | None, decimal: str) -> float:
    read = read_number(part, unit, currency=currency, decimal=decimal)
    if read.value is None:
        raise Problem(f"There is no number in {quote(part) or 'the target'}: type it like {EXAMPLES}.")
    return read.value


def _plain_kind(direction: Direction, said: str) -> TargetKind:
    if direction == "range":
        raise Problem(f"This metric is good within a range, and {quote(said)} is one number: type two, like 25-35.")
    return "at_least" if direction == "up" else "at_most"


def _pair(said: str, unit: Unit, currency: str | None, decimal: str) -> tuple[float, float] | None:
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


def _against(relative: re.Match[str], baseline: float | None, number: object, decimal: str) -> float:
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
