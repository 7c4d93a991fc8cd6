"""The line that filters a list: words, `!off`, `@bo`, `kind:lead`, `due`, and `-word` to leave out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kpitui.domain.named import NamedTuple

STATUSES = {
    "on": ("on_track", "achieved"),
    "watch": ("at_risk",),
    "risk": ("at_risk",),
    "off": ("off_track", "missed"),
    "none": ("no_data", "no_target", "not_started"),
    "stale": ("stale",),
    "draft": ("draft",),
    "paused": ("paused",),
    "achieved": ("achieved",),
    "missed": ("missed",),
}
EXCEPTIONS = ("off_track", "missed", "at_risk", "stale")
"""What a lone `!` stands for."""
FLAGS = frozenset({"due", "late"})
"""Words that ask for a field that is true, not for letters."""
KEYS = {
    "kind": ("kind", "timing", "nature", "role"),
    "status": ("status",),
    "owner": ("owner",),
    "unit": ("unit",),
    "every": ("cadence",),
    "cadence": ("cadence",),
    "scope": ("scope",),
    "name": ("name", "slug"),
    "feeds": ("feeds",),
}
_TEXT = ("name", "slug", "owner", "title", "text", "scope")
_WORD = re.compile(r'-?"[^"]*"?|\S+')


class Term(NamedTuple):
    """One condition: `what` is text, flag, status, owner or one of KEYS."""

    what: str
    said: str
    without: bool = False


class Filter(NamedTuple):
    """Conditions that must all hold; none lets every row pass."""

    terms: tuple[Term, ...]

    def matches(self, row: Mapping[str, object]) -> bool:
        """Whether a row passes: a mapping of the fields it has (name, owner, status, kind, timing, due, …)."""
        return all(_holds(term, row) != term.without for term in self.terms)


def read_filter(text: str) -> Filter:
    """Read the line; every text is a filter, what has no meaning of its own is a word to look for."""
    terms = []
    for word in _WORD.findall(text.casefold()):
        without = len(word) > 1 and word[0] == "-"
        term = _term(word[1:] if without else word)
        if term is not None:
            terms.append(term._replace(without=without))
    return Filter(tuple(terms))


def _term(word: str) -> Term | None:
    if word.startswith('"'):
        said = word.strip('"')
        return Term("text", said) if said else None
    if word.startswith("!"):
        return Term("status", word[1:])
    if word.startswith("@"):
        return Term("owner", word[1:]) if len(word) > 1 else None
    key, colon, said = word.partition(":")
    if colon and key in KEYS:
        return Term(key, said.strip('"')) if said else None
    if word in FLAGS:
        return Term("flag", word)
    return Term("text", word)


def _words(row: Mapping[str, object], fields: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for field in fields:
        value = row.get(field)
        if isinstance(value, str):
            found.append(value.casefold())
        elif isinstance(value, (list, tuple, set, frozenset)):
            found += [str(part).casefold() for part in value]
    return found


def _holds(term: Term, row: Mapping[str, object]) -> bool:
    match term.what:
        case "text":
            return any(term.said in words for words in _words(row, _TEXT))
        case "flag":
            return bool(row.get(term.said))
        case "owner":
            return any(words.startswith(term.said) for words in _words(row, ("owner", "who", "updater")))
        case "status":
            return _has_status(term.said, str(row.get("status") or "").casefold())
    if term.what == "kind" and "counter".startswith(term.said) and row.get("counter"):
        return True
    if term.what == "kind" and term.said == "kpi":
        return bool(row.get("kpi"))
    return any(words.startswith(term.said) for words in _words(row, KEYS[term.what]))


def _has_status(said: str, status: str) -> bool:
    if not said:
        return status in EXCEPTIONS
    if said in STATUSES:
        return status in STATUSES[said]
    # Half typed: whatever it may still become.
    return status.startswith(said) or any(
        status in statuses for name, statuses in STATUSES.items() if name.startswith(said)
    )
