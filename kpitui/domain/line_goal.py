"""The line for a goal: `5m ARR by 31 dec`."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.currencies import SYMBOLS, is_currency, names_of
from kpitui.domain.day_words import ISO, Order
from kpitui.domain.figures import show
from kpitui.domain.line_dates import checked_line, take_dates, take_last_date
from kpitui.domain.numbers import read_number
from kpitui.domain.periods import Calendar, to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Unit

MONEY = frozenset(
    "arr mrr acv tcv gmv revenue revenues turnover sales profit profits income earnings ebit ebitda margin bookings"
    " cash funding donations fees".split()
)
"""Words for which an amount is meant when the number has no currency sign."""
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SCALE_WORDS = frozenset({"k", "m", "mn", "mio", "million", "bn", "billion"})
_VERBS = frozenset({"reach", "get", "to", "hit", "make", "grow", "raise", "a", "an", "have"})


class GoalLine(NamedTuple):
    """`title` as it will be shown, the number (a fraction for percent), the last day, and what the number counts."""

    title: str
    value: float
    deadline: int
    unit: Unit
    subject: str


def read_goal(
    text: str,
    today: date,
    currency: str = "USD",
    *,
    decimal: str | None = None,
    order: Order | None = None,
    cal: Calendar = ISO,
) -> GoalLine:
    """Read a number, what it counts and the date it should be reached by. Raises `Problem` with what is missing."""
    words = checked_line(text, "a goal").split()
    if not words:
        raise Problem("A goal is a number and a date: type it like 5m ARR by 31 dec.")
    rest, start, deadline = take_dates(words, today, order, cal)
    if deadline is None:
        rest, deadline = take_last_date(rest, today, order, cal)
    at = next((i for i, word in enumerate(rest) if word[:1].isdigit() or re.match(r"\D{1,3}[0-9]", word)), None)
    if at is None:
        raise Problem(f"How much? Put a number into {quote(text)}: 5m ARR by 31 dec.")
    if deadline is None:
        raise Problem(f"By when? Put a date behind {quote(text)}: by 31 dec.")
    if deadline < to_day(today) or (start is not None and deadline < start):
        raise Problem("The date of the goal lies in the past: type a later one.")
    # `5 m ARR`, `1200 €`, `$ 5m`: the signs may stand apart.
    end = at + 1
    while end < min(len(rest), at + 3) and (_is_sign(rest[end], currency) or rest[end].lower() in _SCALE_WORDS):
        end += 1
    if at and _is_sign(rest[at - 1], currency):
        at -= 1
    figure = " ".join(rest[at:end])
    before = [word for word in rest[:at] if word.lower() not in _VERBS]
    after = rest[end:]
    subject = " ".join([*before, *(w for i, w in enumerate(after) if i or w.lower() != "of")])
    unit = _unit(figure, subject, currency)
    value = read_number(figure, unit, currency=currency, decimal=decimal).value
    if value is None:
        raise Problem(f"How much? Put a number into {quote(text)}: 5m ARR by 31 dec.")
    day = to_date(deadline)
    shown = in_title(value, unit, currency, figure, decimal)
    when = f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != today.year else "")
    title = " ".join(filter(None, (shown, subject, "by", when)))
    if len(title) > 120:
        raise Problem(f"The goal is too long: {len(title)} characters, at most 120.")
    return GoalLine(title, value, deadline, unit, subject)


def in_title(value: float, unit: Unit, currency: str, typed: str, decimal: str | None = None) -> str:
    """A goal's number in its title: `$5.0M`, and what was `typed` in full stays so, `2,000`."""
    counted = unit == "number" and abs(value) < 100_000 and not re.search(r"[^\W\d_]", typed)
    return show(value, unit, currency=currency, compact=not counted, least=2, decimal=decimal)


def _is_sign(word: str, currency: str) -> bool:
    return word == "%" or word.lower() in names_of(currency) or word in SYMBOLS.values() or word in SYMBOLS


def _unit(figure: str, subject: str, currency: str) -> Unit:
    if "%" in figure:
        return "percent"
    signs = re.sub(r"[0-9.,'’_()+\-\s]+", " ", figure).split()
    if any(sign.lower() in names_of(currency) or is_currency(sign) for sign in signs):
        return "currency"
    if any(word.strip(".,").lower() in MONEY for word in subject.split()):
        return "currency"
    return "number"
