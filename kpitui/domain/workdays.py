"""Working days: which days of a week people work on, without holidays, and how many of them a stretch of days has."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem

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

    def in_week(self, day: int) -> bool:
        """Whether it is a day of the working week, a holiday or not."""
        return (day + _THURSDAY) % 7 in self.week

    def on(self, day: int) -> bool:
        """Whether it is a working day."""
        return self.between(day, day + 1) > 0

    def place(self, first: int, day: int) -> int | None:
        """How many days of the working week, holidays among them, lie before a day from `first` on, so that every week
        has as many; None for a day that is none of them."""
        return Workdays(self.week).between(first, day) if self.in_week(day) else None

    def without(self, spans: Iterable[tuple[int, int]]) -> list[int]:
        """The ends of those stretches of days that have no working day."""
        week, holidays = {(day - _THURSDAY) % 7 for day in self.week}, set(self.holidays)
        # Thousands of days for one screen: a single one needs no counting.
        return [
            end
            for start, end in spans
            if (start % 7 not in week or start in holidays) and (end - start == 1 or not self.between(start, end))
        ]

    def first_from(self, day: int) -> int:
        """The day, or the first working day after it."""
        while not self.on(day):
            day += 1
        return day

    def number(self, day: int) -> int:
        """The running number of a working day: how many there are from day 0 up to it."""
        return self.between(0, day) if day >= 0 else -self.between(day, 0)

    def numbered(self, number: int) -> int:
        """The working day with this running number."""
        # A holiday puts it off by a week at the most, before day 0 forward.
        near, away = number * 7 // len(self.week), 14 + 7 * len(self.holidays)
        days = range(near - away, near + away)
        return days[bisect_left(days, number + 1, key=lambda day: self.number(day + 1))]

    def back(self, day: int, count: int) -> int:
        """The working day that is `count` of them before `day`, which is not counted itself."""
        while count > 0:
            day -= 1
            count -= self.on(day)
        return day

    def ahead(self, day: int, count: int) -> int:
        """The working day that is `count` of them after `day`, which is not counted itself."""
        while count > 0:
            day += 1
            count -= self.on(day)
        return day


def workdays(week: Iterable[int], holidays: Iterable[int] = ()) -> Workdays:
    """The working days of these weekdays without these days; a holiday on another weekday takes nothing away."""
    days = tuple(sorted(set(week)))
    return Workdays(days, tuple(sorted({day for day in holidays if (day + _THURSDAY) % 7 in days})))


def read_week(text: str) -> tuple[int, ...]:
    """Weekdays as people type them: `mon,tue,wed`, `mon-fri`, `sun-thu`, `monday to friday`. Raises Problem."""
    if set(names := text.split(",")) <= set(NAMES):
        # As it is stored; commands that only tell something need no more.
        return tuple(sorted({NAMES.index(name) for name in names}))
    import re

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
    from kpitui.domain.quoting import quote

    return Problem(f"“{quote(text)}” does not say which days are worked on: type them like mon-fri or sun,mon,tue.")
