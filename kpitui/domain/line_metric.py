"""The line for a new metric: `Demos booked, weekly @bo lead >=30 feeds MRR`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.currencies import SYMBOLS, names_of
from kpitui.domain.day_words import ISO, Order
from kpitui.domain.figure_style import style
from kpitui.domain.line_action import MENTION
from kpitui.domain.line_band import MARKS
from kpitui.domain.line_dates import BY, FROM, checked_line
from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.line_window import LEADING
from kpitui.domain.periods import Calendar
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

if TYPE_CHECKING:
    from kpitui.domain.model import Cadence, Days, Direction, Kind, TargetKind, Timing, Unit

CADENCES: dict[str, Cadence] = {
    **dict.fromkeys(("day", "daily"), "day"),
    **dict.fromkeys(("week", "weekly"), "week"),
    **dict.fromkeys(("month", "monthly"), "month"),
    **dict.fromkeys(("quarter", "quarterly"), "quarter"),
    **dict.fromkeys(("year", "yearly", "annual", "annually"), "year"),
}
DAYS: dict[str, Days] = dict.fromkeys(("workdays", "workday", "working"), "working")
TIMINGS: dict[str, Timing] = {
    **dict.fromkeys(("lead", "leading"), "leading"),
    **dict.fromkeys(("lag", "lagging"), "lagging"),
}
KINDS: dict[str, Kind] = {
    "flow": "flow",
    "level": "level",
    "ratio": "ratio",
    "index": "index",
    "distinct": "distinct",
}
UNITS: dict[str, Unit] = {
    **dict.fromkeys(("percent", "%"), "percent"),
    **dict.fromkeys(("currency", "money"), "currency"),
    **dict.fromkeys(("number", "count"), "number"),
    **dict.fromkeys(("duration", "hours", "hour"), "duration"),
    "score": "score",
}
DIRECTIONS: dict[str, Direction] = {
    **dict.fromkeys(("up", "higher"), "up"),
    **dict.fromkeys(("down", "dn", "lower"), "down"),
    "range": "range",
}
_TABLES: dict[str, Mapping[str, str]] = {
    "cadence": CADENCES,
    "days": DAYS,
    "timing": TIMINGS,
    "kind": KINDS,
    "unit": UNITS,
    "direction": DIRECTIONS,
}
_SINGLE = frozenset({"counter", "feeds", "feed", "target"})
_COMPARES = re.compile(r"(>=|=>|>|≥|<=|=<|<|≤).*")
_BARE_COMPARE = re.compile(r"[<>=≥≤]+")
_WAY = re.compile(r"\b(?:from )?\S?\d\S* (?:->|→) \S*\d\S*|\bfrom \S?\d\S* to \S*\d\S*")
"""A baseline and a target as one would say them, where there is no comma to end the name."""
_NUMBER = re.compile(r"[^\w\s@]{0,3}[0-9].*")


class MetricLine(NamedTuple):
    """What the line said; None where it said nothing, so that defaults can be shown dim."""

    name: str
    cadence: Cadence | None = None
    owner: str = ""
    timing: Timing | None = None
    counter: bool = False
    unit: Unit | None = None
    kind: Kind | None = None
    direction: Direction | None = None
    target: TargetLine | None = None
    feeds: tuple[str, ...] = ()
    days: Days | None = None

    @property
    def target_kind(self) -> TargetKind | None:
        return self.target.kind if self.target else None


def read_metric(
    text: str,
    today: date,
    *,
    currency: str = "USD",
    decimal: str | None = None,
    order: Order | None = None,
    cal: Calendar = ISO,
) -> MetricLine:
    """Read a metric line: the name, a comma, then words in any order. Raises `Problem` with what is not understood."""
    line = checked_line(text, "a metric")
    name, comma, rest = line.partition(",")
    # The comma of `30,5` parts no words where it is the sign of the decimals.
    parting = r",(?!(?<=[0-9],)[0-9])" if (decimal or style().decimal) == "," else ","
    words = re.sub(rf"{parting}|;", " , ", rest).split()
    if not comma:
        name, words = _without_comma(line.split())
    name = name.strip()
    if not name:
        raise Problem("The metric has no name: type it like Demos booked, weekly @bo lead >=30 feeds MRR.")
    if len(name) > 120:
        raise Problem(f"The name is too long: {len(name)} characters, at most 120.")
    return _Reader(words, currency).metric(name, today, decimal, order, cal)


def _without_comma(words: list[str]) -> tuple[str, list[str]]:
    """The name ends before the first word that can only be an option; the first word is always the name's."""
    if found := _WAY.search(" ".join(words)):
        raise Problem(
            f"“{quote(found[0])}” would be part of the name: type it like Demos, >=30 by 31 dec; "
            "where it starts from is its baseline, among all its fields."
        )
    for at, word in enumerate(words):
        low = word.lower()
        sure = low in CADENCES and low.endswith("ly")
        if at and (sure or low == "feeds" or MENTION.fullmatch(word) or _COMPARES.fullmatch(word)):
            return " ".join(words[:at]), words[at:]
    return " ".join(words), []


class _Reader:
    """Takes the words behind the name one after the other."""

    def __init__(self, words: list[str], currency: str) -> None:
        self.words = words
        self.currency = currency
        self.found: dict[str, object] = {}
        self.feeds: list[str] = []
        self.counter = False
        self.target: list[str] = []

    def metric(self, name: str, today: date, decimal: str | None, order: Order | None, cal: Calendar) -> MetricLine:
        at = 0
        while at < len(self.words):
            at = self._take(at)
        unit: Unit | None = self.found.get("unit")  # type: ignore[assignment]
        direction: Direction | None = self.found.get("direction")  # type: ignore[assignment]
        said = " ".join(self.target)
        unit = unit or _guessed(f"{name} {said}", self.currency)
        target = None
        if said:
            target = read_target(
                said,
                today,
                unit or "number",
                currency=self.currency,
                decimal=decimal,
                direction=direction or "up",
                order=order,
                cal=cal,
            )
            implied: dict[TargetKind, Direction] = {"at_least": "up", "at_most": "down", "between": "range"}
            direction = direction or implied.get(target.kind)
        return MetricLine(
            name=name,
            cadence=self.found.get("cadence"),  # type: ignore[arg-type]
            owner=str(self.found.get("owner", "")),
            timing=self.found.get("timing"),  # type: ignore[arg-type]
            counter=self.counter,
            unit=unit,
            kind=self.found.get("kind"),  # type: ignore[arg-type]
            direction=direction,
            target=target,
            feeds=tuple(self.feeds),
            days=self.found.get("days"),  # type: ignore[arg-type]
        )

    def _take(self, at: int) -> int:
        word = self.words[at]
        low = word.lower()
        if word == ",":
            return at + 1
        if mention := MENTION.fullmatch(word):
            return self._set("owner", mention[1], word, at)
        for what, table in _TABLES.items():
            if low in table:
                return self._set(what, table[low], word, at)
        if word.upper() == self.currency.upper() or word in SYMBOLS.values():
            return self._set("unit", "currency", word, at)
        if low == "counter":
            self.counter = True
            return at + 1
        if low in ("feeds", "feed"):
            return self._names(at + 1)
        if low == "target" or _COMPARES.fullmatch(word) or _NUMBER.fullmatch(word):
            return self._target(at + (low == "target"))
        raise Problem(
            f"“{quote(word)}” is not understood: behind the comma come words like weekly, @bo, lead, counter, percent, "
            "flow, up, >=30 and feeds MRR."
        )

    def _set(self, what: str, value: object, word: str, at: int) -> int:
        if self.found.setdefault(what, value) != value:
            raise Problem(f"“{quote(word)}” is a second {what}, besides {quote(str(self.found[what]))}: leave one out.")
        return at + 1

    def _option(self, word: str) -> bool:
        low = word.lower()
        return bool(
            low in _SINGLE
            or any(low in table for table in _TABLES.values())
            or MENTION.fullmatch(word)
            or _COMPARES.fullmatch(word)
        )

    def _names(self, at: int) -> int:
        """Names of metrics up to the next word that is an option; a comma or `and` parts two of them."""
        names: list[list[str]] = [[]]
        while at < len(self.words) and not self._option(self.words[at]):
            word = self.words[at]
            if word == "," or word.lower() == "and":
                names.append([])
            else:
                names[-1].append(word.strip('"“”'))
            at += 1
        found = [" ".join(name) for name in names if name]
        if not found:
            raise Problem("There is no metric after “feeds”: name the one it moves, like feeds MRR.")
        self.feeds += [name for name in found if name not in self.feeds]
        return at

    def _target(self, at: int) -> int:
        if self.target:
            raise Problem(self._second_target(at))
        while at < len(self.words):
            word, last = self.words[at], self.target[-1].lower() if self.target else ""
            # `>= 3 %` and `30 by 31 dec` go on behind the number; `$` and `%` there are part of it.
            goes_on = not last or _BARE_COMPARE.fullmatch(last) or word == "%" or last in BY | FROM or last in MARKS
            # So does `over the last 4 weeks`, whose last word alone would be a cadence.
            goes_on = goes_on or last in LEADING or (last.isdecimal() and self._counted())
            if word == "," or (not goes_on and self._option(word)):
                break
            self.target.append(word)
            at += 1
        if not self.target:
            raise Problem("There is no number after “target”: type it like >=30.")
        return at

    def _second_target(self, at: int) -> str:
        """A comma between two numbers ends the target, where the decimals begin with a point."""
        word = self.words[at] if at < len(self.words) else "target"
        first = self.target[-1]
        if at > 1 and self.words[at - 1] == "," and first[-1:].isdigit() and word[:1].isdigit():
            return f"“{quote(f'{first},{word}')}” is two targets: type {quote(f'{first}.{word}')} for a decimal."
        return f"“{quote(word)}” is a second target: leave one out."

    def _counted(self) -> bool:
        """Whether the number the target ends in counts periods."""
        before = [word.lower() for word in self.target[:-1] if word.lower() not in ("the", "last", "for", "of")]
        return bool(before) and before[-1] in LEADING


def _guessed(said: str, currency: str) -> Unit | None:
    if "%" in said:
        return "percent"
    signs = {s for s in (*SYMBOLS.values(), *names_of(currency)) if not s.isalnum()}
    return "currency" if any(sign in said for sign in signs) else None
