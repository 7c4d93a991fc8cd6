"""Reading one number as people type it or as a file holds it (maths.md §9).

Light to import: the command that records one value loads this and little else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from kpitui.domain.currencies import decimals_of, is_currency, names_of, symbol_of
from kpitui.domain.figure_style import style
from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Unit

State = Literal["value", "missing", "none", "cleared"]

LONGEST = 500
SCALES = {
    "k": 3,
    **dict.fromkeys(("m", "mn", "mio", "million"), 6),
    **dict.fromkeys(("b", "bn", "mrd", "billion"), 9),
    **dict.fromkeys(("t", "tn", "trillion"), 12),
}
GROUPS = " \u00a0\u2009\u202f'’_"
DASHES = {"-", "–", "—", "−"}
NOT_AVAILABLE = {"na", "n/a", "n.a.", "#n/a", "none"}
NULLS = NOT_AVAILABLE | {"null", "nil", "."}

# Compiled when the first cell needs them: plain digits never do, and this module is in the start of every command.
_SHAPE = (
    r"(?P<s1>[+-])?\s*(?P<c1>[^\s\d()+\-.,%'’_]{1,4}[$¥]?)?\s*(?P<s2>[+-])?\s*(?P<p1>%)?\s*"
    r"(?P<body>[0-9.,](?:[0-9.,'’_ \u00a0\u2009\u202f]*[0-9.,])?)(?P<exp>[eE][+-]?[0-9]{1,4})?(?P<tail>[^0-9]*)"
)
_TAIL = r"\s*([^\W\d_]+[$¥]?|%|[^\w\s])"
_MIXED = r"([+-]?)\s*([0-9]{1,15})\s+([0-9]{1,6})/([0-9]{1,6})"
_CLOCK = r"([+-]?)([0-9]{1,9}):([0-5]?[0-9])(?::([0-5]?[0-9]))?"
_SPANS = (
    r"([+-]?)\s*(?:([0-9]+(?:\.[0-9]*)?)\s*(?:hours?|hrs?|h)\s*)?(?:([0-9]+(?:\.[0-9]*)?)\s*(?:minutes?|mins?|m)\s*)?"
    r"(?:([0-9]+(?:\.[0-9]*)?)\s*(?:seconds?|secs?|s))?"
)
_HOURS_AND = r"([+-]?)\s*([0-9]+)\s*h\s*([0-5]?[0-9])()"


class Read(NamedTuple):
    """What a cell says: `value` (a fraction for percent, hours for duration) with what was `entered`.

    `hint` echoes how it was understood where that is not plain from the text, else it is empty.
    """

    value: float | None
    state: State
    entered: str
    hint: str = ""


class Unsure(Problem):
    """The text has two readings and the values before it speak for the other one: ask, never guess."""

    def __init__(self, message: str, readings: tuple[float, float]) -> None:
        super().__init__(message)
        self.readings = readings


def read_number(
    text: str,
    unit: Unit,
    *,
    currency: str | None = None,
    decimal: str | None = None,
    last: Sequence[float] = (),
    file: bool = False,
) -> Read:
    """Read one cell.

    `decimal` is the person's setting, `.` or `,`, by default that of the style in force; the other character groups
    thousands. `last` holds recent values
    of the same metric, used only to ask when they fit the other reading alone. People type percent points (`0.52` is
    0.0052), a `file` holds fractions unless the cell has a `%`. Raises `Problem` with what to type instead.
    """
    entered = text.strip()
    decimal = decimal or style().decimal
    if (file or (not last and unit != "percent")) and _is_plain(entered, decimal):
        return Read(float(entered) + 0.0, "value", entered)
    if len(entered) > LONGEST:
        raise Problem(f"{quote(entered)} is too long for a number: {len(entered)} characters.")
    word = entered.casefold()
    if not entered:
        return Read(None, "missing" if file else "cleared", "")
    if entered in DASHES or (file and word in NULLS):
        return Read(None, "missing", entered)
    if word in NOT_AVAILABLE:
        return Read(None, "none", entered)
    if entered.startswith("=") and not file:
        return _sum(entered, unit, currency, decimal, last)
    plain = entered.replace("−", "-")
    if unit == "duration" and (hours := _duration(plain, entered, decimal)) is not None:
        return Read(hours, "value", entered, _hint(entered, hours, unit, currency, decimal))
    if "/" in plain and (mixed := re.fullmatch(_MIXED, plain)):
        sign, whole, top, bottom = mixed.groups()
        if int(bottom) == 0:
            raise Problem(f"{quote(entered)} divides by zero.")
        part = int(whole) + int(top) / int(bottom)
        digits = repr(-part if sign == "-" else part)
        return _finish(digits, "", 0, False, entered, unit, currency, decimal, last, file)
    return _plain(plain, entered, unit, currency, decimal, last, file)


def _is_plain(entered: str, decimal: str) -> bool:
    """Digits, perhaps a sign before and a decimal point among them: what files are full of."""
    digits = entered[1:] if entered[:1] == "-" else entered
    if decimal == "." and digits[:1] != "." and digits[-1:] != ".":
        digits = digits.replace(".", "", 1)
    return len(digits) <= 300 and digits.isascii() and digits.isdigit()


def _plain(
    plain: str,
    entered: str,
    unit: Unit,
    currency: str | None,
    decimal: str,
    last: Sequence[float],
    file: bool,
) -> Read:
    wrapped = plain.startswith("(") and plain.endswith(")")
    if not wrapped and (opened := re.fullmatch(r"([^\s\d()+\-]{1,4})\s*\((.*)\)", plain)):
        wrapped, plain = True, f"({opened[1]}{opened[2]})"
    match = re.fullmatch(_SHAPE, plain[1:-1].strip() if wrapped else plain)
    if match is None:
        raise _not_a_number(entered, decimal)
    signs = [s for s in (match["s1"], match["s2"]) if s]
    percent = match["p1"] is not None
    money = match["c1"]
    scale: int | None = None
    tail, at = match["tail"].rstrip(), 0
    english = 0
    if tail and not file and (words := style().words) != "en":
        from kpitui.domain.compact_words import take_word

        if found := take_word(tail, words):
            said = tail.split()[0].rstrip(".").lower()
            scale, tail = found
            english = SCALES.get(said, scale)
    while at < len(tail):
        token = re.match(_TAIL, tail[at:])
        if token is None:
            raise _not_a_number(entered, decimal)
        at, said = at + token.end(), token[1]
        if said[-1] in "$¥" and said[:-1].lower() in SCALES:  # `1.2k$`
            at, said = at - 1, said[:-1]
        if said == "%" and not percent:
            percent = True
        elif said == "-" and not signs and at == len(tail):
            signs.append("-")
        elif said.lower() in SCALES and scale is None and not percent and not match["exp"]:
            if unit == "duration" and said.lower() == "m":  # minutes there, and read before; never millions
                raise _not_a_number(entered, decimal)
            scale = SCALES[said.lower()]
        elif unit == "duration" and said.lower() in ("h", "hours", "hour", "hrs", "hr") and at == len(tail):
            pass
        elif money is None and (said.lower() in names_of(currency or "") or is_currency(said)):
            money = said
        else:
            raise _not_a_number(entered, decimal)
    if len(signs) > 1 or (wrapped and signs):
        raise Problem(f"{quote(entered)} has two signs: type one minus, or brackets.")
    if money is not None:
        _check_money(money, entered, unit, currency, decimal)
    if percent and unit != "percent":
        raise Problem(
            f"{quote(entered)} is a percentage, and this metric is {_kept_in(unit, currency)}: type it without %."
        )
    digits = _digits(match["body"], entered, decimal)
    if wrapped or "-" in signs:
        digits = f"-{digits}"
    if scale is not None and english and english != scale:
        one, other = (float(digits) * 10.0**power for power in (scale, english))
        raise Unsure(f"{quote(entered)} is {one:,.0f} in your figures and {other:,.0f} in English ones: which?",
                     (one, other))  # fmt: skip
    exponent = int(match["exp"][1:]) if match["exp"] else 0
    body = match["body"] if scale is None and not match["exp"] else ""
    return _finish(digits, body, exponent + (scale or 0), percent, entered, unit, currency, decimal, last, file)


def _digits(body: str, entered: str, decimal: str) -> str:
    """The digits of `body` with a point, or a `Problem` when groups are not every three digits."""
    other = "," if decimal == "." else "."
    whole, _, fraction = body.partition(decimal)
    if fraction and not fraction.isdigit():
        raise _not_a_number(entered, decimal)
    used = {c for c in whole if not c.isdigit()}
    if used:
        mark = used.pop()
        first, *rest = whole.split(mark)
        good = not used and (mark == other or mark in GROUPS) and first[:1] not in ("", "0") and len(first) <= 3
        if not good or any(len(part) != 3 for part in rest):
            raise _not_a_number(entered, decimal)
        whole = first + "".join(rest)
    if not whole and not fraction:
        raise _not_a_number(entered, decimal)
    return f"{whole or '0'}.{fraction or '0'}"


def _finish(
    digits: str,
    body: str,
    exponent: int,
    percent: bool,
    entered: str,
    unit: Unit,
    currency: str | None,
    decimal: str,
    last: Sequence[float],
    file: bool,
) -> Read:
    points = unit == "percent" and (percent or not file)
    # The exponent goes into the text, so that 2.3m is 2300000 and 3.4% is 0.034 to the last bit.
    value = _float(digits, exponent - (2 if points else 0), entered)
    if last and not file:
        _ask_about_comma(value, body, entered, decimal, last)
        if unit == "percent" and not percent:
            _ask_about_percent(value, entered, decimal, last)
    return Read(value, "value", entered, "" if file else _hint(entered, value, unit, currency, decimal))


def _float(digits: str, exponent: int, entered: str) -> float:
    mantissa, _, power = digits.partition("e")
    value = float(f"{mantissa}e{int(power or 0) + exponent}")
    if not math.isfinite(value):
        raise Problem(f"{quote(entered)} is too large a number to keep.")
    if value == 0 and any(c in "123456789" for c in mantissa):
        raise Problem(f"{quote(entered)} is too small a number to keep.")
    return value + 0.0  # no negative zero


def _sum(entered: str, unit: Unit, currency: str | None, decimal: str, last: Sequence[float]) -> Read:
    from kpitui.domain.formula import calculate

    worked = calculate(entered[1:], decimal=decimal)
    return _finish(repr(worked), "", 0, False, entered, unit, currency, decimal, last, False)


def _duration(plain: str, entered: str, decimal: str) -> float | None:
    """Hours of `1:30`, `1h30`, `90m`; None when the text is not written that way."""
    if clock := re.fullmatch(_CLOCK, plain):
        sign, hours, minutes, seconds = clock[1], clock[2], clock[3], clock[4] or "0"
    else:
        text = plain.lower() if decimal == "." else plain.lower().translate({ord(","): ".", ord("."): ","})
        spans = re.fullmatch(_HOURS_AND, text) or re.fullmatch(_SPANS, text)
        if spans is None or not any(c.isalpha() for c in text):
            if re.fullmatch(r"[+-]?[0-9.,]+\s*d(ays?)?", text):
                raise Problem(f"{quote(entered)}: days are not read, a working day has no fixed length; type hours.")
            return None
        sign, hours, minutes, seconds = spans[1], spans[2] or "0", spans[3] or "0", spans[4] or "0"
    total = math.fsum((float(hours) * 3600, float(minutes) * 60, float(seconds))) / 3600
    if not math.isfinite(total):
        raise Problem(f"{quote(entered)} is too large a number to keep.")
    return (-total if sign == "-" else total) + 0.0


def _near(value: float, last: Sequence[float]) -> bool:
    """Within a fifth and five times the median of `last` (maths.md §7, §9)."""
    sizes = sorted(abs(v) for v in last if v)
    if not sizes:
        return False
    half = len(sizes) // 2
    middle = sizes[half] if len(sizes) % 2 else sizes[half - 1] / 2 + sizes[half] / 2
    return middle / 5 <= abs(value) <= middle * 5


def _ask_about_comma(value: float, body: str, entered: str, decimal: str, last: Sequence[float]) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", body):
        return
    mark = "," if "," in body else "."
    other = value * 1000 if mark == decimal else value / 1000
    if _near(other, last) and not _near(value, last):
        whole, small = re.sub("[.,]", "", body), re.sub("[.,]", decimal, body)
        small = f"{small}0" if mark == decimal else small
        raise Unsure(
            f"{quote(entered)} has two readings, and the values before fit the one that your number setting does not "
            f"mean: type {whole} or {small}.",
            (value, other),
        )


def _ask_about_percent(value: float, entered: str, decimal: str, last: Sequence[float]) -> None:
    if not value or _near(value, last):
        return
    if _near(value * 100, last):
        other = value * 100
    elif abs(value) >= 0.01 and all(abs(v) < 0.01 for v in last) and any(last):
        other = value * 100
    else:
        return
    one, two = f"{value * 100:.6g}%".replace(".", decimal), f"{other * 100:.6g}%".replace(".", decimal)
    raise Unsure(
        f"{quote(entered)} in a percent metric is {one}, far from the values before: type {one}, or {two} if that is "
        "meant.",
        (value, other),
    )


def _check_money(money: str, entered: str, unit: Unit, currency: str | None, decimal: str) -> None:
    low = money.lower()
    known = is_currency(money) or low in names_of(currency or "")
    if not known:
        raise _not_a_number(entered, decimal)
    if unit != "currency":
        raise Problem(
            f"{quote(entered)} names a currency, and this metric is {_kept_in(unit, currency)}: type it without "
            f"{quote(money)}."
        )
    if currency and low not in names_of(currency):
        raise Problem(
            f"{quote(entered)} is not in {currency.upper()}, the currency here: type the amount in "
            f"{symbol_of(currency).strip()}, or change the currency before (Settings; of one metric, its fields)."
        )


def _kept_in(unit: Unit, currency: str | None) -> str:
    return {
        "number": "a plain number",
        "currency": f"an amount in {currency}" if currency else "an amount of money",
        "percent": "a percentage",
        "duration": "a duration in hours",
        "score": "a score",
    }[unit]


def _not_a_number(entered: str, decimal: str) -> Problem:
    """The sentence for a text that is no number, with what probably helps."""
    other = "," if decimal == "." else "."
    said = quote(entered)
    if re.fullmatch(r"[^0-9]*[0-9.,]*[0-9.,][^0-9]*", entered) and any(c in entered for c in ".,"):
        name = "decimal point" if decimal == "." else "decimal comma"
        # What stands around the digits goes with them: 16.2k is 16,2k where the comma is the sign, never 16,2.
        ahead, body, behind = re.fullmatch(r"([^0-9.,]*)([0-9.,]*)(.*)", entered, re.DOTALL).groups()  # type: ignore[union-attr]
        last_mark = max(body.rfind("."), body.rfind(","))
        whole, fraction = re.sub("[.,]", "", body[:last_mark]), body[last_mark + 1 :]
        if body[last_mark] == other and whole and fraction:
            fine = quote(f"{ahead}{whole}{decimal}{fraction}{behind}")
            if len({*body} & {".", ","}) == 2 and body.count(other) == 1:
                return Problem(
                    f"{said} is not a number with a {name}: type {fine}, or change the number setting to "
                    f"{whole}{other}{fraction}."
                )
            choice = fine if whole[0] == "0" else f"{quote(f'{ahead}{whole}{fraction}{behind}')} or {fine}"
            return Problem(
                f"{said} has a “{other}” in the wrong place, groups have three digits and numbers a {name}: type "
                f"{choice}."
            )
    example = f"1234{decimal}5 or 1{decimal}2k"
    return Problem(f"Not a number: {said}. Type it like {example}.")


def _hint(entered: str, value: float, unit: Unit, currency: str | None, decimal: str) -> str:
    """`1.2k → 1,200`; empty for a text of plain digits that can only mean one thing."""
    if unit != "percent" and re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", entered) and entered.count(decimal) <= 1:
        if not re.search("[.,]", entered) or decimal in entered:
            return ""
    from kpitui.domain.figures import show

    # An amount with more decimals than its currency is echoed in full: what is kept is not rounded.
    whole = unit != "currency" or not currency or round(value, decimals_of(currency)) == value
    said = show(value, unit, currency=currency if whole else None, decimal=decimal)
    return "" if said == entered else f"{quote(entered)} → {said}"
