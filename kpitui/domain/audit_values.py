"""What a value is: beyond its bounds, of the wrong sign, a spike, a copy of the one before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from kpitui.domain.audit_checks import FACTORS, NEAR, entry_check
from kpitui.domain.data_audit import Entry, Facts, Found
from kpitui.domain.named import NamedTuple
from kpitui.domain.season import CYCLES, LENGTHS

SPIKE = 6.0
"""Times the median absolute deviation of the changes, to and fro."""
LEAST = math.log(1.05)
"""A spike of less is not worth a question, however even the series."""
CHANGES = 12
"""Changes below which the usual one is not known."""
RUN = 4
"""Equal values in a row."""
BY_CHANCE = 0.05
"""Runs as long as one that come about by chance, from the share of equal neighbours elsewhere, from which on it says
nothing: small counts, prices, targets, coarse rounding."""
COUNTED = 4.0
"""Times the root of a count that a count may lie off its neighbours without a cause (Poisson)."""
RARE = 0.05
SIGNS = 20
"""Values below which a rare sign is not known to be rare."""
FAR = 0.2
"""Of the median: the entry check's share below which a value is asked about."""
RISES = 24
"""Changes without a fall after which one is worth a look."""


def bounds(facts: Facts) -> Iterator[Found]:
    """Values beyond what the metric says it can be; on a bound is within it."""
    floor, ceiling, show = facts.floor, facts.ceiling, facts.show
    if floor is None and ceiling is None:
        return
    for entry in facts.entries:
        if floor is not None and entry.value < floor:
            yield at(entry, "bounds", f"{show(entry.value)} is below {show(floor)}, the least this metric can be")
        elif ceiling is not None and entry.value > ceiling:
            yield at(entry, "bounds", f"{show(entry.value)} is above {show(ceiling)}, the most this metric can be")


def odd(facts: Facts) -> Iterator[Found]:
    """Values marked `?`, with what the entry check says about them now."""
    for place, entry in enumerate(facts.entries):
        if entry.odd:
            before = [one.value for one in facts.entries[max(place - 60, 0) : place] if not one.odd]
            doubt = entry_check(entry.value, before, facts.show)
            # What to do first: the end of a row may be cut.
            against, _, what = doubt.sentence.rpartition(": ") if doubt else ("", "", "")
            text = f"{what}: {against}" if against else what
            yield at(entry, "odd", text or f"{facts.show(entry.value)}, marked ? when it came in")


def spikes(facts: Facts) -> Iterator[Found]:
    """A period that lies off both its neighbours, to the same side, by more than 6 MAD of the changes of logarithms.

    The changes are taken from the median of their season where there are three cycles, so that a Sunday is no spike.
    """
    grid = {number: entry for number, entry in facts.known.items() if entry.value > 0}
    changes = {
        number: math.log(entry.value / grid[number - 1].value) for number, entry in grid.items() if number - 1 in grid
    }
    changes = {number: change for number, change in changes.items() if math.isfinite(change)}
    if len(changes) < CHANGES:
        return
    length = LENGTHS[facts.cadence] if facts.work is None else len(facts.work.week)
    seasonal = length > 1 and len(changes) >= CYCLES * length

    def place(number: int) -> int:
        """Which season a period is: of working days the weekday, which holidays do not put off."""
        if not seasonal:
            return 0
        return number % length if facts.work is None else grid[number].start % 7

    places: dict[int, list[float]] = {}
    for number, change in changes.items():
        places.setdefault(place(number), []).append(change)
    usual = {season: median(some) for season, some in places.items()}
    rests = {number: change - usual[place(number)] for number, change in changes.items()}
    spread = median([abs(rest) for rest in rests.values()])
    if spread <= 0:
        return
    counts = all(entry.value.is_integer() for entry in grid.values())
    # A season may be noisier than the rest: a Sunday of ten visitors moves by more than a Monday of a thousand.
    own = {
        season: max(median([abs(change - usual[season]) for change in some]), spread) for season, some in places.items()
    }
    for number, rest in rests.items():
        back = rests.get(number + 1)
        if back is None or rest * back >= 0:
            continue
        wide = max(own[place(at)] for at in (number, number + 1))
        if min(abs(rest), abs(back)) <= max(SPIKE * wide, LEAST):
            continue
        entry = grid[number]
        if entry.odd:
            continue
        near = (grid[number - 1].value * grid[number + 1].value) ** 0.5
        if counts and abs(entry.value - near) <= COUNTED * math.sqrt(near):
            continue
        yield at(entry, "spike", f"{facts.show(entry.value)} between {facts.show(grid[number - 1].value)} and "
                                 f"{facts.show(grid[number + 1].value)}{factor(entry.value / near)}")  # fmt: skip


def factor(ratio: float) -> str:
    """`: looks like × 100`, where a value is such a multiple of what was to be expected; else nothing."""
    for one in FACTORS:
        if abs(ratio / one - 1) <= NEAR:
            return f": looks like × {one:,}"
        if abs(1 / ratio / one - 1) <= NEAR:
            return f": looks like ÷ {one:,}"
    return ""


class Run(NamedTuple):
    first: int
    """Running number of its first period."""
    length: int


def runs(facts: Facts) -> Iterator[Found]:
    """The same value four times and more, in a metric whose neighbours are hardly ever equal otherwise."""
    grid = facts.known
    equal = [number for number, entry in grid.items() if number - 1 in grid and entry.value == grid[number - 1].value]
    pairs = sum(1 for number in grid if number - 1 in grid)
    for run in runs_of(sorted(equal)):
        if run.length < RUN:
            continue
        others, own = len(equal) - (run.length - 1), pairs - (run.length - 1)
        share = (others + 0.5) / (own + 1)
        if own < 2 * RUN or own * share ** (run.length - 1) >= BY_CHANCE:
            continue
        first, last = grid[run.first], grid[run.first + run.length - 1]
        text = f"{facts.show(first.value)} {run.length} times in a row, {words(facts, first, last)}"
        yield Found("run", first.start, last.end, first.value, text)


def runs_of(equal: Sequence[int]) -> list[Run]:
    """Runs of equal values from the numbers, in order, of those that equal the one before."""
    found: list[Run] = []
    for number in equal:
        if found and found[-1].first + found[-1].length == number:
            found[-1] = Run(found[-1].first, found[-1].length + 1)
        else:
            found.append(Run(number - 1, 2))
    return found


def signs(facts: Facts) -> Iterator[Found]:
    """Values of a sign that fewer than one in twenty has."""
    signed = [entry for entry in facts.entries if entry.value]
    if len(signed) < SIGNS:
        return
    for side in (1, -1):
        rare = [entry for entry in signed if entry.value * side > 0]
        if 0 < len(rare) < RARE * len(signed):
            for entry in rare:
                few = "the only" if len(rare) == 1 else "one of few"
                kind = "positive" if side > 0 else "negative"
                yield at(
                    entry, "sign", f"{facts.show(entry.value)} is {few} {kind} among {len(signed)}: check the minus"
                )


def zeros(facts: Facts) -> Iterator[Found]:
    """Single zeros in a series that is nowhere else near zero: what a file says that means "nothing known".

    Fewer than one in twenty, none beside another; nine in ten of the others above a fifth of their median, and that
    above what a count falls to 0 from by chance.
    """
    entries = facts.entries
    others = sorted(abs(entry.value) for entry in entries if entry.value)
    none = [place for place, entry in enumerate(entries) if not entry.value]
    if len(others) < SIGNS or not 0 < len(none) < RARE * len(entries):
        return
    middle = median(others)
    if others[len(others) // 10] < FAR * middle or (all(one.is_integer() for one in others) and middle <= COUNTED**2):
        return
    for place in none:
        if all(entry.value for entry in entries[max(place - 1, 0) : place + 2] if entry is not entries[place]):
            yield at(
                entries[place], "zero", f"0 among {len(others)} values around {facts.show(middle)}: none, or not known?"
            )


def falls(facts: Facts) -> Iterator[Found]:
    """The one fall of a level that rose, or stood, in all other periods."""
    if not facts.stands:
        return
    grid = facts.known
    changes = [(number, entry.value - grid[number - 1].value) for number, entry in grid.items() if number - 1 in grid]
    fell = [number for number, change in changes if change < 0]
    rose = sum(1 for _, change in changes if change > 0)
    if len(fell) == 1 and len(changes) > RISES and 2 * rose > len(changes):
        entry, before = grid[fell[0]], grid[fell[0] - 1]
        yield at(entry, "falls", f"{facts.show(entry.value)} after {facts.show(before.value)}: it never fell in "
                                 f"{len(changes) - 1} other periods")  # fmt: skip


def at(entry: Entry, rule: str, text: str) -> Found:
    return Found(rule, entry.start, entry.end, entry.value, text)


def words(facts: Facts, first: Entry, last: Entry) -> str:
    """`W40 to W43`."""
    from kpitui.domain.periods import Span

    return f"{facts.label(Span(first.start, first.end))} to {facts.label(Span(last.start, last.end))}"


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the middle two; there has to be one."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


CHECKS = (bounds, odd, spikes, runs, signs, zeros, falls)
