"""The short forms of large figures in some languages: `1.2M`, `1,2 Mio.`, `120万`, `12L`.

One small table in place of a library of locales; what is rounded up to the next word takes it (999,999 is `1M`). The
words and where they begin are those of CLDR 48 as ICU 78 writes them, but for the small k of the English ones here.
The decimal sign is a setting of its own.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

SPACE = "\u00a0"
"""Between a figure and its word: a line is never broken there."""
_WIDE = Context(prec=800, rounding=ROUND_HALF_UP)


WORDS: dict[str, tuple[tuple[int, int, str], ...]] = {
    "en": ((3, 3, "k"), (6, 6, "M"), (9, 9, "B"), (12, 12, "T")),
    # Below a million a German figure is written out.
    "de": ((3, 0, ""), (6, 6, "\u00a0Mio."), (9, 9, "\u00a0Mrd."), (12, 12, "\u00a0Bio.")),
    "fr": ((3, 3, "\u00a0k"), (6, 6, "\u00a0M"), (9, 9, "\u00a0Md"), (12, 12, "\u00a0Bn")),
    "es": ((3, 3, "\u00a0mil"), (6, 6, "\u00a0M"), (10, 9, "\u00a0mil\u00a0M"), (12, 12, "\u00a0B")),
    "ja": ((3, 0, ""), (4, 4, "万"), (8, 8, "億"), (12, 12, "兆"), (16, 16, "京")),
    "en-IN": ((3, 3, "K"), (5, 5, "L"), (7, 7, "Cr"), (10, 10, "KCr"), (12, 12, "LCr")),
}
"""By language: from which power of ten on a figure is divided by which, and followed by what."""
LANGUAGES = tuple(WORDS)
WIDER = {"en": 0, "de": 4, "fr": 2, "es": 3, "ja": 1, "en-IN": 2}
"""Cells that a table's figure needs more than in English."""
GROUPED = 10_000
"""From here on what stands before a word, or without one, is in groups."""
MOST = 10_000
"""So many of the last word and more are written with a power of ten."""


def shortened(size: Decimal, figures: int, language: str = "en") -> tuple[Decimal, str] | None:
    """The rounded figure and its word (a space before it where there is one) of a size from 1,000 on.

    To `figures` significant figures, or to units where there are more before the point; half is rounded up. None for
    what even the last word does not shorten.
    """
    steps = WORDS[language]
    place = max((at for at, (start, _, _) in enumerate(steps) if size >= _power(start)), default=0)
    while True:
        _, by, word = steps[place]
        scaled = size.scaleb(-by, _WIDE)
        places = max(0, figures - 1 - scaled.adjusted())
        rounded = scaled.quantize(_power(-places), context=_WIDE)
        if place + 1 == len(steps):
            return (rounded, word) if rounded < MOST else None
        if rounded.scaleb(by, _WIDE) < _power(steps[place + 1][0]):
            return rounded, word
        place += 1


def _power(exponent: int) -> Decimal:
    return Decimal(1).scaleb(exponent, _WIDE)


def plain(word: str) -> str:
    """A word as it is typed: without the space before it and the dot behind it, in small letters."""
    return " ".join(word.split()).rstrip(".").lower()


def take_word(tail: str, language: str) -> tuple[int, str] | None:
    """The power of ten that a word of the language at the front of `tail` stands for, and what follows it; None for
    none. The longest word counts; upper or lower case does not matter."""
    said = " ".join(tail.split())
    found = [(plain(word), power) for _, power, word in WORDS[language] if word]
    for word, power in sorted(found, key=lambda one: -len(one[0])):
        rest = said[len(word) :]
        if said.lower().startswith(word) and not rest[:1].isalpha():
            return power, rest.removeprefix(".")
    return None
