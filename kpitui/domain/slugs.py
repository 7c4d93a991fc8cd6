"""Slugs: the names by which formulas, files and commands know a metric, goal or scope."""

from __future__ import annotations

from collections.abc import Container, Iterable

from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

LONGEST = 64
FUNCTIONS = frozenset({"min", "max", "abs", "round", "safe_div", "lag", "ytd", "rolling"})
"""The function names of the formula language."""

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ħ": "h",
        "%": " pct ",
    }
)


def is_slug(text: str) -> bool:
    """Whether it is `[a-z][a-z0-9_]*`; said without a pattern, for a login message that has no need of any."""
    return text.isascii() and text.isidentifier() and text == text.lower() and text[0] != "_"


def check_slug(slug: str) -> None:
    """Raise `Problem` unless `slug` is `[a-z][a-z0-9_]*`, at most 64 long, no Python keyword, no function name."""
    from keyword import iskeyword

    if not is_slug(slug):
        better = slugify(slug, ())
        raise Problem(
            f"“{quote(slug)}” cannot be a slug: use small letters, digits and _, a letter first, for example {better}."
        )
    if len(slug) > LONGEST:
        raise Problem(f"The slug {quote(slug)} is too long: {len(slug)} characters, at most {LONGEST}.")
    if slug in FUNCTIONS or iskeyword(slug):
        what = (
            "a function of the formula language" if slug in FUNCTIONS else "a word that formulas cannot have as a name"
        )
        raise Problem(f"“{slug}” cannot be a slug: it is {what}. {slug}_value would do.")


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of the known slugs that was probably meant; empty when none is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name.lower(), list(known), 1, 0.5)), "")


def slugify(name: str, taken: Container[str] = ()) -> str:
    """A slug for `name` that is not in `taken`: accents dropped, the rest `_`, a number behind it where needed."""
    import re
    from keyword import iskeyword
    from unicodedata import combining, normalize

    letters = normalize("NFKD", name.casefold().translate(_LETTERS)[:400])
    plain = "".join(c for c in letters if not combining(c))
    slug = re.sub(r"[^a-z0-9]+", "_", plain.translate(_LETTERS)).strip("_")
    if not slug or not slug[0].isalpha():
        slug = f"m_{slug}".rstrip("_")
    slug = slug[:LONGEST].rstrip("_")
    if slug in FUNCTIONS or iskeyword(slug):
        slug += "_value"
    free, number = slug, 1
    while free in taken:
        number += 1
        free = f"{slug[: LONGEST - len(str(number)) - 1].rstrip('_')}_{number}"
    return free
