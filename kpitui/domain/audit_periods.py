"""When a value is for: not begun, sharing days with another, off the calendar, left out, or typed with a wrong date."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

from kpitui.domain.audit_checks import HIGH, LOW
from kpitui.domain.data_audit import Entry, Facts, Found
from kpitui.domain.periods import Span, grain_of, span_of, to_date, to_day

AGREE = 0.005
"""How far, as a share of the larger, a whole and the sum of its parts may be apart."""
HABIT = 0.10
"""Share of periods left out from which on it is how the metric is kept, and no slip."""
ALONE = 2
"""Periods on either side without a value that make one stand alone."""
KNOWN = 8
"""Values below which nothing is known of how a metric is kept."""


def future(facts: Facts) -> Iterator[Found]:
    """Values of periods that start after today."""
    for entry in facts.entries:
        if entry.start > facts.today:
            text = f"{facts.show(entry.value)} for {facts.label(span(entry))}, which has not begun"
            yield Found("future", entry.start, entry.end, entry.value, text, meant(facts, entry))


def overlap(facts: Facts) -> Iterator[Found]:
    """Two entries that share days without one lying within the other; all of a metric are one finding."""
    pairs = []
    reach: Entry | None = None
    for entry in facts.entries:
        if reach is not None and entry.start < reach.end < entry.end and entry.start > reach.start:
            pairs.append((reach, entry))
        if reach is None or entry.end > reach.end:
            reach = entry
    if pairs:
        one, other = pairs[-1]
        more = f", and {len(pairs) - 1} more such pairs" if len(pairs) > 1 else ""
        text = f"{facts.label(span(one))} and {facts.label(span(other))} share days{more}"
        yield Found("overlap", pairs[0][0].start, other.end, None, text)


def sums(facts: Facts) -> Iterator[Found]:
    """A longer period whose value differs from the sum of all the shorter ones that fill it."""
    if not facts.adds_up or all(entry.end - entry.start == 1 for entry in facts.entries):
        return
    starting: dict[int, list[Entry]] = {}
    for entry in facts.entries:
        starting.setdefault(entry.start, []).append(entry)
    for whole in facts.entries:
        if whole.end - whole.start == 1:
            continue
        parts, day = [], whole.start
        while day < whole.end:
            # The entries are in order, so the first that begins here is the shortest.
            part = next(iter(starting.get(day, ())), None)
            if part is None or part.end > whole.end or part is whole:
                break
            parts.append(part.value)
            day = part.end
        if day != whole.end or len(parts) < 2:
            continue
        total = math.fsum(parts)
        if abs(total - whole.value) > AGREE * max(abs(total), abs(whole.value)):
            text = f"{facts.show(whole.value)}, and its {len(parts)} parts add up to {facts.show(total)}"
            yield Found("sum", whole.start, whole.end, whole.value, text)


def grid(facts: Facts) -> Iterator[Found]:
    """All entries that are no period of the calendar, as one finding."""
    off = [
        entry
        for entry in facts.entries
        if entry.end - entry.start > 1 and grain_of(span(entry), facts.calendar) is None
    ]
    if off:
        days = f"{to_date(off[0].start):%Y-%m-%d} to before {to_date(off[0].end):%Y-%m-%d}"
        more = f", and {len(off) - 1} more" if len(off) > 1 else ""
        text = f"{days}{more}: no period of the calendar"
        yield Found("grid", off[0].start, off[-1].end, None, text)


def gaps(facts: Facts) -> Iterator[Found]:
    """Periods between the first and the last value that have none, unless leaving out is the habit."""
    found = {number for number, entry in facts.known.items() if entry.start <= facts.today and not alone(facts, number)}
    if len(found) < KNOWN:
        return
    first, last = min(found), max(found)
    covered = _days_of_others(facts)
    missing = [
        number
        for number in range(first + 1, last)
        if number not in found
        and (period := facts.period(number)).start not in facts.none
        and not any(start < period.end and period.start < end for start, end in covered)
    ]
    if len(missing) > HABIT * (last - first + 1):
        return
    for begin, count in _joined(missing):
        start, end = facts.period(begin), facts.period(begin + count - 1)
        words = facts.label(start) if count == 1 else f"{facts.label(start)} to {facts.label(end)}"
        yield Found("gap", start.start, end.end, None, f"nothing for {words}")


def typos(facts: Facts) -> Iterator[Found]:
    """A value that stands alone, and fits a period that was left out: a year on or back, day and month swapped; or
    the newest one, when the period before it was skipped."""
    known = facts.known
    if len(known) < KNOWN:
        return
    for number, entry in known.items():
        if entry.start > facts.today:
            continue
        if not alone(facts, number):
            continue
        guess = meant(facts, entry)
        if guess is not None:
            text = (
                f"{facts.show(entry.value)} stands alone in {facts.label(span(entry))}: meant for {facts.label(guess)}?"
            )
            yield Found("typo", entry.start, entry.end, entry.value, text, guess)
    last = max(known)
    entry = known[last]
    before = facts.period(last - 1)
    if (
        entry.start <= facts.today < entry.end
        and last - 1 not in known
        and last - 2 in known
        and before.start not in facts.none
        and fits(facts, entry, last - 1, known)
    ):
        text = f"{facts.label(span(entry))} has a value before it is over, and {facts.label(before)} has none"
        yield Found("typo", entry.start, entry.end, entry.value, text, before)


def alone(facts: Facts, number: int) -> bool:
    """Whether the periods around one have no value."""
    return not any(number + by in facts.known for by in range(-ALONE, ALONE + 1) if by)


def meant(facts: Facts, entry: Entry) -> Span | None:
    """The period that a value was probably typed for; None where nothing speaks for one."""
    known = facts.known
    for day in other_dates(to_date(entry.start), facts.cadence):
        period = span_of(facts.cadence, to_day(day), facts.calendar)
        number = facts.number(period.start)
        if (
            (facts.work is not None and not facts.work.on(period.start))
            or number in known
            or period.start > facts.today
            or period.start in facts.none
        ):
            continue
        if number - 1 in known and (number + 1 in known or number > max(_without(known, entry), default=0)):
            if fits(facts, entry, number, known):
                return period
    return None


def _without(known: dict[int, Entry], entry: Entry) -> list[int]:
    return [number for number, one in known.items() if one is not entry]


def other_dates(day: date, cadence: str) -> Iterator[date]:
    """The dates that are easily typed in place of one: another year, day and month swapped.

    A week of another year is 52 or 53 away, by its number or by its days.
    """
    if cadence == "week":
        yield from (day + timedelta(days=by) for by in (-364, -371, 364, 371))
        return
    for by in (-1, 1):
        try:
            yield day.replace(year=day.year + by)
        except ValueError:
            yield day.replace(year=day.year + by, day=28)
    if cadence == "day" and day.day <= 12 and day.day != day.month:
        yield day.replace(month=day.day, day=day.month)


def fits(facts: Facts, entry: Entry, number: int, known: dict[int, Entry]) -> bool:
    """Whether a value would pass the entry check's bounds beside the neighbours of a period."""
    beside = [known[other].value for other in (number - 1, number + 1) if other in known and known[other] is not entry]
    if not beside:
        return False
    middle = math.fsum(beside) / len(beside)
    if not middle or entry.value * middle <= 0:
        return entry.value == middle
    return LOW <= entry.value / middle <= HIGH


def _days_of_others(facts: Facts) -> list[tuple[int, int]]:
    """Days that entries of other grains speak for."""
    known = {id(entry) for entry in facts.known.values()}
    return [(entry.start, entry.end) for entry in facts.entries if id(entry) not in known]


def _joined(numbers: list[int]) -> list[tuple[int, int]]:
    """(first, count) of numbers that follow one another."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found


def span(entry: Entry) -> Span:
    return Span(entry.start, entry.end)


CHECKS = (future, overlap, sums, grid, gaps, typos)
