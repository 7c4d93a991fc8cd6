"""Working days: which days of a week people work on, without holidays, and how many of them a stretch of days has."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_THURSDAY = 3
"""The weekday of epoch day 0, Monday being 0."""


class Workdays(NamedTuple):
    """The working days of a workspace. Days are epoch days."""

    week: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Weekdays, Monday is 0, in order."""
    holidays: tuple[int, ...] = ()
    """Days of the working week on which nobody works, in order and each once."""

    def between(self, start: int, end: int) -> int:
        """How many working days `[start, end)` has; 0 where it is empty."""
        if end <= start:
            return 0
        weeks, rest = divmod(end - start, 7)
        first = (start + _THURSDAY) % 7
        days = weeks * len(self.week) + sum((day - first) % 7 < rest for day in self.week)
        return days - (bisect_left(self.holidays, end) - bisect_left(self.holidays, start))


def workdays(week: Iterable[int], holidays: Iterable[int] = ()) -> Workdays:
    """The working days of these weekdays without these days; a holiday on another weekday takes nothing away."""
    days = tuple(sorted(set(week)))
    return Workdays(days, tuple(sorted({day for day in holidays if (day + _THURSDAY) % 7 in days})))


def read_week(text: str) -> tuple[int, ...]:
    """Weekdays as people type them: `mon,tue,wed`, `mon-fri`, `sun-thu`, `monday to friday`. Raises Problem."""
    found: set[int] = set()
    for part in re.split(r"[,;]|\s+(?!to\b|-)(?<!to\s)(?<!-\s)", " ".join(text.casefold().split())):
        part = part.strip()
        if not part:
            continue
        ends = [_weekday(word, text) for word in re.split(r"\s*-\s*|\s+to\s+", part)]
        if len(ends) > 2:
            raise _unread(text)
        step = (ends[-1] - ends[0]) % 7
        found |= {(ends[0] + away) % 7 for away in range(step + 1)}
    if not found:
        raise _unread(text)
    return tuple(sorted(found))


def week_text(week: Iterable[int]) -> str:
    """`mon,tue,wed,thu,fri`, as it is stored."""
    return ",".join(NAMES[day] for day in week)


def _weekday(word: str, text: str) -> int:
    place = next((place for place, name in enumerate(NAMES) if len(word) >= 2 and _FULL[place].startswith(word)), None)
    if place is None:
        raise _unread(text)
    return place


_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _unread(text: str) -> Problem:
    return Problem(f"“{quote(text)}” does not say which days are worked on: type them like mon-fri or sun,mon,tue.")
