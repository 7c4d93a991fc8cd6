"""Periods that somebody wrote down one by one: thirteen of four weeks, a short year, what a group's accounts use.

A table says for one or more of month, quarter and year which days its periods have. Before and after it, and for the
grains it says nothing of, the calendar of months goes on; the period at its edge ends or begins with it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from kpitui.domain.periods import Calendar, Span, boundaries, iso, numbered
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

GRAINS = ("month", "quarter", "year")
LONGEST = 32
"""Letters of a name: it stands in columns and headings."""
_TAKEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|(?:[0-9]{4}-?)?w[0-9]{1,2}|.*[;,].*", re.IGNORECASE)


class Listed(NamedTuple):
    """One period of a table: `start` to `end` (not included), its name as it is shown and typed."""

    grain: str
    start: int
    end: int
    name: str


class TableCut:
    """A checked table over the calendar `base`. Equal tables are equal, whoever read them."""

    fiscal = False
    __slots__ = ("_by_grain", "_hash", "_names", "_of_span", "_starts", "base", "grains", "rows")

    def __init__(self, rows: Iterable[Listed], base: Calendar) -> None:
        """Raises Problem as `checked` does."""
        self.rows = checked(rows)
        self.base = base
        self._by_grain = {grain: [row for row in self.rows if row.grain == grain] for grain in GRAINS}
        self.grains = tuple(grain for grain in GRAINS if self._by_grain[grain])
        self._starts = {grain: [row.start for row in self._by_grain[grain]] for grain in self.grains}
        self._names = {_typed(row.name): row for row in self.rows}
        self._of_span = {(row.grain, row.start, row.end): row.name for row in self.rows}
        self._hash = hash((self.rows, base))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TableCut) and (self.rows, self.base) == (other.rows, other.base)

    @property
    def spelling(self) -> str:
        name = self.rows[-1].name
        return f"2026-11-20, 2026-W47 or a period of the table, such as {name}"

    def number(self, grain: str, day: int) -> int:
        rows, starts = self._by_grain[grain], self._starts[grain]
        before = boundaries(grain, starts[0] - 1, self.base)
        if day < starts[0]:
            return boundaries(grain, day, self.base)
        if day < rows[-1].end:
            return before + bisect_right(starts, day)
        after = boundaries(grain, rows[-1].end, self.base)
        return boundaries(grain, day, self.base) - after + before + 1 + len(rows)

    def span(self, grain: str, number: int) -> Span:
        rows, starts = self._by_grain[grain], self._starts[grain]
        before = boundaries(grain, starts[0] - 1, self.base)
        if number <= before:
            own = numbered(grain, number, self.base)
            return Span(own.start, min(own.end, starts[0]))
        place = number - before - 1
        if place < len(rows):
            return Span(rows[place].start, rows[place].end)
        own = numbered(grain, place - len(rows) + boundaries(grain, rows[-1].end, self.base), self.base)
        return Span(max(own.start, rows[-1].end), own.end)

    def label(self, grain: str, span: Span) -> str | None:
        return self._of_span.get((grain, span.start, span.end))

    def short(self, grain: str, span: Span, today: int | None) -> str | None:
        return self.label(grain, span)

    def parse(self, text: str) -> tuple[str, Span] | None:
        row = self._names.get(_typed(text))
        return None if row is None else (row.grain, Span(row.start, row.end))

    def week(self, span: Span) -> tuple[int, int] | None:
        return None

    def year(self, day: int) -> int | None:
        return None

    def year_ago(self, grain: str, span: Span) -> Span:
        """The period in the same place of the year before; where that year is shorter, the one 364 days earlier."""
        now = self._year(self._year_number(span.start))
        then = self._year(self._year_number(now.start) - 1)
        if grain == "year":
            return then
        place = self.number(grain, span.start) - self.number(grain, now.start)
        found = self.span(grain, self.number(grain, then.start) + place)
        return found if found.start < then.end else self.span(grain, self.number(grain, span.start - 364))

    def same_week(self, span: Span) -> Span | None:
        return None

    def per_year(self, grain: str) -> int:
        """How many periods of a grain the last listed year has; of a calendar year where none is listed."""
        rows = self._by_grain[grain]
        end = rows[-1].end
        year = self._year(self._year_number(end - 1))
        return max(self.number(grain, year.end - 1) - self.number(grain, year.start) + 1, 1)

    def _year_number(self, day: int) -> int:
        return self.number("year", day) if "year" in self.grains else boundaries("year", day, self.base)

    def _year(self, number: int) -> Span:
        return self.span("year", number) if "year" in self.grains else numbered("year", number, self.base)


def checked(rows: Iterable[Listed]) -> tuple[Listed, ...]:
    """The rows in order. Raises Problem for the first gap, overlap or name that cannot be."""
    found = sorted(rows, key=lambda row: (GRAINS.index(row.grain) if row.grain in GRAINS else -1, row.start, row.end))
    if not found:
        raise Problem("The table has no periods: write at least one.")
    names: dict[str, Listed] = {}
    days: dict[tuple[int, int], Listed] = {}
    for row in found:
        if row.grain not in GRAINS:
            raise Problem(f"{quote(row.name)} is no {quote(row.grain)}: a table lists {', '.join(GRAINS)}.")
        if row.end <= row.start:
            raise Problem(f"{quote(row.name)} ends on {iso(row.end - 1)}, before it starts: swap the two days.")
        if row.end - row.start < 8:
            raise Problem(f"{quote(row.name)} has {row.end - row.start} days: a {row.grain} is longer than a week.")
        if not row.name.strip() or len(row.name) > LONGEST:
            raise Problem(f"The {row.grain} from {iso(row.start)} needs a name of up to {LONGEST} letters.")
        if _TAKEN.fullmatch(row.name):
            raise Problem(f"{quote(row.name)} reads like a day, a week or a list: give the {row.grain} another name.")
        other = names.setdefault(_typed(row.name), row)
        if other is not row:
            raise Problem(f"{quote(row.name)} names two periods, from {iso(other.start)} and from {iso(row.start)}.")
        other = days.setdefault((row.start, row.end), row)
        if other is not row:
            raise Problem(
                f"{quote(other.name)} and {quote(row.name)} have the same days: their values could not be told apart."
            )
    for grain in GRAINS:
        for one, two in pairwise(row for row in found if row.grain == grain):
            if two.start < one.end:
                raise Problem(
                    f"{quote(one.name)} ends on {iso(one.end - 1)} and {quote(two.name)} starts on {iso(two.start)}: "
                    "they overlap."
                )
            if two.start > one.end:
                raise Problem(
                    f"Between {quote(one.name)} and {quote(two.name)} nothing holds the days from {iso(one.end)} to "
                    f"{iso(two.start - 1)}: close the gap."
                )
    _nested(found)
    return tuple(found)


def _typed(name: str) -> str:
    """A name as it is found by, however it is typed."""
    return " ".join(name.casefold().replace("–", "-").replace("’", "'").split())


def _nested(found: Sequence[Listed]) -> None:
    """Raises Problem where a quarter or year is not made of whole shorter periods of the table."""
    for outer, inner in (("quarter", "month"), ("year", "month"), ("year", "quarter")):
        parts = [row for row in found if row.grain == inner]
        if not parts:
            continue
        edges = {row.start for row in parts} | {parts[-1].end}
        for row in found:
            if row.grain != outer:
                continue
            for day in (row.start, row.end):
                if parts[0].start <= day <= parts[-1].end and day not in edges:
                    raise Problem(
                        f"The {outer} {quote(row.name)} has an edge on {iso(day)}, inside a {inner} of the table: let "
                        "both begin on one day."
                    )
