"""What a value cell accepts: a number, a step from the last value, none, a note behind `;`.

In the screens `+5`, `-5` (where the metric cannot be negative), `5%` and `+5%` count from the last value; `+=5` and
`-=5` do so everywhere. Signs of everything else are literal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpitui.domain.figure_style import style
from kpitui.domain.named import NamedTuple
from kpitui.domain.numbers import Read, State, read_number
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Unit

SAME = {'"', "'", "”", "“", "″"}
_STEP = re.compile(r"([+−-]\s*=?|)\s*([^+−=\s-].*)", re.DOTALL)


class Typed(NamedTuple):
    """What is to be kept; `entered` is the text without its note, `relative` says that the last value was used."""

    value: float | None
    state: State
    entered: str
    note: str = ""
    relative: bool = False
    hint: str = ""


def read_typed(
    text: str,
    *,
    unit: Unit,
    currency: str | None = None,
    decimal: str | None = None,
    last: float | None = None,
    can_be_negative: bool = True,
    screen: bool = True,
    recent: Sequence[float] = (),
) -> Typed:
    """Read what was typed for one period.

    `last` is the value of the period before, which steps count from; `recent` are the values that tell a misread
    number (by default `last` alone). An empty cell is nothing in a screen and clears elsewhere. Raises `Problem`.
    """
    decimal = decimal or style().decimal
    if text.lstrip().startswith("=") and decimal == "," and ";" in text:
        entered, note = _split_sum(text)
    else:
        entered, _, note = text.partition(";")
    entered, note = entered.strip(), note.strip()
    if not entered and note:
        raise Problem("There is a note and no value: type the value before the “;”.")
    if not entered:
        return Typed(None, "missing" if screen else "cleared", "")
    if entered.casefold() in ("x", "none"):
        return Typed(None, "none", entered, note)
    if screen and entered in SAME:
        if last is None:
            raise Problem("There is no last value to repeat: type the number.")
        return Typed(last, "value", entered, note, True)
    step = _step(entered, unit, can_be_negative, screen)
    if step is None:
        known = tuple(recent) or (() if last is None else (last,))
        read = read_number(entered, unit, currency=currency, decimal=decimal, last=known)
        return Typed(read.value, read.state, read.entered, note, False, read.hint)
    sign, amount, percent = step
    if last is None:
        raise Problem(f"{quote(entered)} counts from the last value, and there is none: type the whole number.")
    read = read_number(amount, "percent" if percent else unit, currency=currency, decimal=decimal)
    value = _moved(last, sign, read, percent, entered)
    if value < 0 and not can_be_negative:
        raise Problem(
            f"{quote(entered)} from {last:.12g} would be negative, and this metric cannot be: type the number."
        )
    return Typed(value, "value", entered, note, True, _hint(entered, last, value, unit, currency, decimal))


def _step(entered: str, unit: Unit, can_be_negative: bool, screen: bool) -> tuple[int, str, bool] | None:
    """Sign, amount and whether it is a share of the last value; None when the text is a value itself."""
    match = _STEP.fullmatch(entered)
    if match is None:
        return None
    mark, amount = match[1].replace("−", "-").replace(" ", ""), match[2].strip()
    share = amount.endswith("%") or amount.startswith("%")
    if not mark:
        # In a percent metric `3.4%` is the value itself.
        return (1, amount, True) if screen and share and unit != "percent" and not amount.startswith("%") else None
    sign = -1 if mark[0] == "-" else 1
    if mark.endswith("="):
        return sign, amount, share
    if not screen or (sign < 0 and can_be_negative and not (share and unit != "percent")):
        return None
    return sign, amount, share


def _moved(last: float, sign: int, read: Read, percent: bool, entered: str) -> float:
    """Decimal arithmetic on the digits people see: 0.1 and 0.2 more is 0.3."""
    from decimal import Context, Decimal

    if read.value is None:
        raise Problem(f"{quote(entered)} says no step: type it like +5 or +5%.")
    exact = Context(prec=700)
    step = Decimal(repr(read.value))
    base = Decimal(repr(float(last)))
    value = float(exact.add(base, exact.multiply(step, abs(base)) * sign if percent else step * sign))
    if value in (float("inf"), float("-inf")):
        raise Problem(f"{quote(entered)} gives too large a number to keep.")
    return value + 0.0


def _hint(entered: str, last: float, value: float, unit: Unit, currency: str | None, decimal: str) -> str:
    from kpitui.domain.figures import show

    before, after = (show(v, unit, currency=currency, decimal=decimal) for v in (last, value))
    return f"{quote(entered)}: {before} → {after}"


def _split_sum(text: str) -> tuple[str, str]:
    """With a decimal comma `;` parts the arguments of a function: only one outside brackets starts the note."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == ";" and depth <= 0:
            return text[:at], text[at + 1 :]
    return text, ""
