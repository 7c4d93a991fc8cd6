"""Showing a figure: the words for one number, a change, a range or a target (maths.md §9, screens.md §4).

Rounding is half up on `Decimal(repr(x))`, as ICU does: 2.675 becomes 2.68.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from kpitui.domain.compact_words import GROUPED, SPACE, shortened
from kpitui.domain.currencies import decimals_of, symbol_of
from kpitui.domain.figure_style import style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.model import TargetKind, Unit

MISSING = "–"
NOT_DEFINED = "n/a"
MOST = 4
"""Significant figures in a table."""
EXACT = 12
"""Significant figures outside tables: what people type is kept, the noise of binary fractions is not."""
_WIDE = Context(prec=800, rounding=ROUND_HALF_UP)


def whole_percent(share: float) -> int:
    """A share as whole percent, rounded; 99 for what is not quite all of it."""
    whole = int(share * 100 + (0.5 if share >= 0 else -0.5))
    return 99 if share < 1 <= whole / 100 else whole


def show(
    value: float | None,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimals: int | None = None,
    compact: bool = False,
    figures: int = 3,
    least: int = 1,
    decimal: str | None = None,
    signed: bool = False,
    accounting: bool | None = None,
    bare: bool = False,
    ascii: bool = False,
    words: str | None = None,
) -> str:
    """Words for one value, in the metric's unit (percent values are fractions, durations hours).

    `compact` is for tables: at most `figures` significant figures and k, M, B, T from 1,000 (percent from 10,000 %)
    up, or the `words` of another language (`compact_words.py`); `decimals` (the metric's) then holds below 1,000, and
    `least` pads (2 makes `5.0M`). Otherwise the value is written out with `decimals`, by default those of the currency
    or as many as it has. `bare` leaves the unit out, `accounting` puts negatives in brackets, `signed` adds a plus.
    None is `–` (`-` with `ascii`), not finite `n/a`. Without `decimal`, `accounting` and `words` the style in force
    decides; a figure that is `signed` keeps its minus then.
    """
    if value is None:
        return "-" if ascii or style().ascii else MISSING
    if not math.isfinite(value):
        return NOT_DEFINED
    exact = Decimal(repr(float(value)))
    if unit == "percent":
        exact = exact.scaleb(2, _WIDE)
    size, money = abs(exact), unit == "currency"
    person, word = style(), ""
    if compact:
        text, word = _compact(size, unit, decimals, figures, least, ascii or person.ascii, words or person.words)
    else:
        if decimals is None and money and currency:
            decimals = decimals_of(currency)
        text = _written_out(size, decimals)
    zero = not any(c in "123456789" for c in text.partition("e")[0])
    if (decimal or person.decimal) == ",":
        text = text.translate({ord(","): ".", ord("."): ","})
    before, after = ("", "") if bare else _unit_words(unit, currency, ascii or person.ascii)
    if after and word[:1].isspace():
        word += word[0]
    text = f"{before}{text}{word}{after}"
    if exact < 0 and not zero:
        brackets = person.accounting and not signed if accounting is None else accounting
        return f"({text})" if brackets else f"-{text}"
    return f"+{text}" if signed and not zero else text


def show_change(
    change: float | None,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimals: int | None = None,
    bps: bool = False,
    decimal: str | None = None,
    ascii: bool = False,
) -> str:
    """A difference of two values of a metric: `+3`, `-$1.2k`, and for percent `+0.4 pp` or `+40 bps` (§1.3)."""
    if change is None or not math.isfinite(change) or unit != "percent":
        return show(
            change, unit, currency=currency, decimals=decimals, compact=True, decimal=decimal, signed=True, ascii=ascii
        )
    points = Decimal(repr(float(change))).scaleb(4 if bps else 2, _WIDE)
    # A difference of two fractions carries binary noise in its last digits: 0.05 - 0.03 is 200 bps.
    value = float(_round(points, EXACT - 1 - points.adjusted()) if points else points)
    if decimals is None and 0.01 <= abs(value) < 1:
        decimals = 2  # as fine as the percentages beside it; three figures of a small change would be noise
    text = show(value, decimals=(0 if bps else decimals), compact=not bps, decimal=decimal, signed=True)
    return f"{text} {'bps' if bps else 'pp'}"


def show_relative(share: float | None, *, decimals: int = 1, decimal: str | None = None, ascii: bool = False) -> str:
    """A relative change or gap with its sign: 0.057 is `+5.7%`; None is `–`."""
    if share is not None and abs(share) >= 10:
        return show(share, "percent", compact=True, decimal=decimal, signed=True, ascii=ascii)
    return show(share, "percent", decimals=decimals, decimal=decimal, signed=True, ascii=ascii)


def show_chance(chance: float) -> str:
    """`<5%`, `10%`, in steps of 5 to `95%`, `>95%`: no finer than it is known."""
    if chance < 0.05:
        return "<5%"
    if chance > 0.95:
        return ">95%"
    return f"{min(max(math.floor(chance * 20 + 0.5) * 5, 10), 95)}%"


def show_range(
    low: float | None,
    high: float | None,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimals: int | None = None,
    decimal: str | None = None,
    bare: bool = False,
    ascii: bool = False,
) -> str:
    """Two bounds in one word, the unit said once: `2.6-3.8`, `2.8-3.3%`, `$382-436`, `-5 to 3`."""

    def words(value: float | None, plain: bool) -> str:
        return show(
            value, unit, currency=currency, decimals=decimals, compact=True, decimal=decimal, bare=plain, ascii=ascii
        )

    if low is None or high is None:
        return (
            words(None, bare)
            if low is None and high is None
            else show_bound(
                low, high, unit, currency=currency, decimals=decimals, decimal=decimal, bare=bare, ascii=ascii
            )
        )
    before, after = ("", "") if bare else _unit_words(unit, currency, ascii or style().ascii)
    if low < 0 or high < 0:
        return f"{words(low, bare)} to {words(high, bare)}"
    return f"{before}{words(low, True)}-{words(high, True)}{after}"


def show_bound(
    low: float | None,
    high: float | None,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimals: int | None = None,
    decimal: str | None = None,
    bare: bool = False,
    ascii: bool = False,
) -> str:
    """One bound with its side: `≥ 30`, `≤ $400` (`>=`, `<=` with `ascii`)."""
    value = high if low is None else low
    ascii = ascii or style().ascii
    sign = ("<=" if ascii else "≤") if low is None else (">=" if ascii else "≥")
    text = show(
        value, unit, currency=currency, decimals=decimals, compact=True, decimal=decimal, bare=bare, ascii=ascii
    )
    return text if value is None else f"{sign} {text}"


def show_target(
    kind: TargetKind,
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    unit: Unit = "number",
    *,
    currency: str | None = None,
    decimals: int | None = None,
    decimal: str | None = None,
    bare: bool = False,
    ascii: bool = False,
) -> str:
    """A target: `≥ 30` at least, `≤ $400` at most, `25-35` between, the plain figure for those with a date.

    The bound of at least and at most is `low`, `high`, or `value` where only that is set.
    """
    if kind == "between":
        return show_range(
            low, high, unit, currency=currency, decimals=decimals, decimal=decimal, bare=bare, ascii=ascii
        )
    if kind in ("at_least", "at_most"):
        least = kind == "at_least"
        bound = value if (low if least else high) is None else (low if least else high)
        return show_bound(
            bound if least else None,
            None if least else bound,
            unit,
            currency=currency,
            decimals=decimals,
            decimal=decimal,
            bare=bare,
            ascii=ascii,
        )
    return show(
        value, unit, currency=currency, decimals=decimals, compact=True, decimal=decimal, bare=bare, ascii=ascii
    )


def _unit_words(unit: Unit, currency: str | None, ascii: bool) -> tuple[str, str]:
    if unit == "currency":
        symbol = symbol_of(currency or "")
        # Where € cannot be written its code stands, as for a currency that has no symbol.
        return (f"{currency} " if ascii and currency and not symbol.isascii() else symbol), ""
    return "", {"percent": "%", "duration": "h"}.get(unit, "")


def _round(size: Decimal, places: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(-places, _WIDE), context=_WIDE)


def _strip(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _power(size: Decimal, figures: int) -> str:
    """`1.5e20`: for what no letter and no row of zeros says well."""
    rounded = _round(size, figures - 1 - size.adjusted())
    return f"{_strip(f'{rounded.scaleb(-rounded.adjusted(), _WIDE):f}')}e{rounded.adjusted()}"


def _written_out(size: Decimal, decimals: int | None) -> str:
    if size and not -6 <= size.adjusted() < 15:
        if decimals is None or size.adjusted() >= 15:
            return _power(size, EXACT)
    if decimals is not None:
        return f"{_round(size, decimals):,f}"
    return _strip(f"{_round(size, EXACT - 1 - size.adjusted()) if size else size:,f}")


def _compact(
    size: Decimal, unit: Unit, decimals: int | None, figures: int, least: int, ascii: bool, words: str
) -> tuple[str, str]:
    """The figure and its word."""
    if size and size.adjusted() < -6 and decimals is None:
        return _power(size, figures), ""
    first = 10_000 if unit == "percent" else 1_000
    plain = _unscaled(size, unit, decimals, figures)
    if Decimal(plain) < first:
        return (f"{Decimal(plain):,f}" if Decimal(plain) >= 1000 else plain), ""
    # Where nothing but ASCII can be shown, there are no words for it but the English ones.
    found = shortened(size, figures, "en" if ascii and words == "ja" else words)
    if found is None:
        return _power(size, figures), ""
    rounded, word = found
    text = _strip(f"{rounded:,f}" if rounded >= GROUPED else f"{rounded:f}")
    missing = least - len(text.replace(".", "")) if word else 0
    if missing > 0:
        text += ("" if "." in text else ".") + "0" * missing
    return text, word.replace(SPACE, " ") if ascii else word


def _unscaled(size: Decimal, unit: Unit, decimals: int | None, figures: int) -> str:
    """Below the first letter: the metric's decimals as far as four figures go, or as many figures as asked."""
    ahead = size.adjusted() if size else 0
    if decimals is None and unit == "currency" and size < 100:
        # Cents are written in full; a price below one has as many figures as any other number.
        text = f"{_round(size, max(2, figures - 1 - ahead) if ahead < 0 else 2):f}".removesuffix(".00")
        return text if len(text.partition(".")[2]) <= 2 else text.rstrip("0").ljust(text.index(".") + 3, "0")
    if decimals is not None:
        return f"{_round(size, min(decimals, max(0, MOST - 1 - ahead)) if ahead >= 0 else decimals):f}"
    return _strip(f"{_round(size, max(0, figures - 1 - ahead)):f}")
