"""The dates of a table as periods: every spelling is read once, and laid on the grid of a metric's cadence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kpitui.domain.dates import (
    Ambiguous,
    NoSuchDay,
    Order,
    last_week,
    proven_orders,
    read_period_cell,
    seen_cadence,
    week_number,
)
from kpitui.domain.periods import Calendar, Span, label, span_of, to_day, week_of
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.errors import Refused


class Grid(NamedTuple):
    """By number of spelling: the day on which the period starts and the one after its end, or why there is none."""

    starts: list[int]
    ends: list[int]
    bad: dict[int, str]


class Periods:
    """The periods that the spellings of a table name. `exact` says that they hold start and end days, `note` what was
    supposed.

    Raises Refused when the order of day and month cannot be known.
    """

    def __init__(
        self,
        spellings: Sequence[tuple[str, ...]],
        first_lines: Sequence[int],
        cal: Calendar,
        order: Order | None,
        today: int,
        file: str,
        word: str,
    ) -> None:
        self.texts = [" ".join(filter(None, spelling)) for spelling in spellings]
        self.exact = bool(spellings) and len(spellings[0]) == 3
        self._cal = cal
        self._today = today
        self._found: list[tuple[str, Span] | str] = []
        self._grids: dict[tuple[str, bool], Grid] = {}
        self._seen: dict[frozenset[int], str] = {}
        self.note = ""
        firsts = [spelling[0] for spelling in spellings]
        if order is None and not self.exact:
            proven = proven_orders(firsts)
            if len(proven) > 1:
                lines = {way: first_lines[firsts.index(text)] for way, text in proven.items()}
                raise Refused(
                    f"{file} mixes two orders of dates: {word} {lines['dmy']} has the day first, {word} {lines['mdy']} "
                    "the month. Make them one, or write them like 2026-11-20."
                )
            order = next(iter(proven), None)
        weeks = {} if self.exact else {text: week for text in firsts if (week := week_number(text)) is not None}
        supposed = self._of_one_year(weeks) if weeks else {}
        for spelling, line in zip(spellings, first_lines, strict=True):
            if (meant := supposed.get(spelling[0])) is not None:
                self._found.append(meant)
                continue
            try:
                self._found.append(self._between(spelling) if self.exact else read_period_cell(spelling[0], cal, order))
            except Ambiguous as problem:
                raise Refused(f"{file}, {word} {line}: {problem}") from None
            except NoSuchDay:
                self._found.append(f"there is no day {quote(spelling[0])}")
            except Problem as problem:
                self._found.append(str(problem))

    def _of_one_year(self, weeks: Mapping[str, int]) -> dict[str, tuple[str, Span] | str]:
        """Weeks that say no year: each the last that has begun, as when it is typed, but all of them of one year.

        Where the older ones would fall into the year before, nobody can know: those are told.
        """
        found: dict[str, tuple[str, Span] | str] = {}
        for text, number in weeks.items():
            try:
                found[text] = "week", last_week(number, self._cal, self._today)
            except Problem as problem:
                found[text] = str(problem)
        years = {
            text: week_of(week[1].start, self._cal)[0] for text, week in found.items() if not isinstance(week, str)
        }
        newest = max(years.values(), default=0)
        for text, year in years.items():
            if year != newest:
                found[text] = (
                    f"{quote(text)} says no year, and another week here that says none is of {newest}: write "
                    f"{year}-W{weeks[text]:02d} or {newest}-W{weeks[text]:02d}"
                )
        if years:
            self.note = f"Weeks that say no year are taken for those of {newest}."
        return found

    def cadence(self, dates: Iterable[int] | None = None) -> str:
        """The cadence seen in these spellings; in all of them without any."""
        wanted = frozenset(range(len(self._found)) if dates is None else dates)
        if wanted not in self._seen:
            spans = [found[1] for number in wanted if not isinstance(found := self._found[number], str)]
            self._seen[wanted] = seen_cadence(spans, self._cal)
        return self._seen[wanted]

    def few(self, dates: Iterable[int]) -> bool:
        return len(set(dates)) < 3

    def grid(self, cadence: str, loose: bool) -> Grid:
        """The periods of this cadence. A date is taken for the period it begins or ends, with `loose` for the one it
        lies in."""
        if (cadence, loose) not in self._grids:
            starts, ends, bad = [], [], {}
            for number, found in enumerate(self._found):
                span = found if isinstance(found, str) else self._on_grid(number, *found, cadence, loose)
                if isinstance(span, str):
                    bad[number] = span
                    span = Span(0, 1)
                starts.append(span.start)
                ends.append(span.end)
            self._grids[cadence, loose] = Grid(starts, ends, bad)
        return self._grids[cadence, loose]

    def _on_grid(self, number: int, grain: str, span: Span, cadence: str, loose: bool) -> Span | str:
        if not self.exact and grain != cadence:
            if grain != "day":
                return f"{quote(self.texts[number])} is a {grain}, and this metric is kept by {cadence}"
            day, span = span.start, span_of(cadence, span.start, self._cal)
            if not loose and day not in (span.start, span.end - 1):
                return (
                    f"{quote(self.texts[number])} is no {cadence}, which this metric is kept by: write "
                    f"{label(cadence, span, self._cal)} if that is meant"
                )
        if span.start > self._today:
            return f"{quote(self.texts[number])} has not begun yet"
        return span

    def _between(self, spelling: tuple[str, ...]) -> tuple[str, Span]:
        try:
            start, end = (to_day(date.fromisoformat(text.strip())) for text in spelling[1:])
        except ValueError:
            raise Problem(f"{quote(' '.join(spelling[1:]))} is no start and end: write them like 2026-11-20.") from None
        if end <= start:
            raise Problem(f"{quote(' '.join(spelling[1:]))} ends before it starts: the end is the day after the last.")
        span = Span(start, end)
        if spelling[0].strip() and read_period_cell(spelling[0], self._cal)[1] != span:
            raise Problem(f"{quote(spelling[0])} is not the period from {spelling[1]} to {spelling[2]}: change one.")
        return "", span
