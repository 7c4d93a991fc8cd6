"""From entered points to one value per period: the table of maths.md §1.2, with what is missing kept missing.

Which point belongs to which period: a period takes the points that **end** in it. A week that straddles two months is
therefore counted once, in the month that holds its last day, and the number of weeks a month expects follows the same
rule. Nothing is split, so re-bucketing loses and invents nothing.

Which points count: those of the cadence. Points at other grains stay stored and count only for dates that no point of
the cadence speaks for (`points_in_force`), so that a cadence can be changed without losing the past.

What is expected: a unit of the cadence is due once its last day is not after the as-of day. The running unit counts as
soon as somebody has entered it. Points that start after the as-of day do not exist yet. Of a metric that is expected on
working days only, units without a working day are not expected: a value that stands in one all the same counts, and
says nothing of those that are; where nothing else is expected, it is all there is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from math import fsum

from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Calendar, Span, boundaries, numbered, span_of, spans_between
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kpitui.domain.workdays import Workdays

RULES = (
    "sum", "mean", "last", "min", "max", "median", "first", "ratio", "weighted_mean", "formula", "distinct", "count",
)  # fmt: skip
ADDITIVE = frozenset({"sum", "count"})
_NEW = tuple.__new__
"""Tens of thousands of cells are made for one screen, and this takes two thirds of the time of `Cell(…)`."""
_EXACT = {
    "distinct": "the same one may be counted in several: enter the number for this whole period",
    "ratio": "a ratio is never averaged: it needs its numerator and denominator",
    "weighted_mean": "a weighted mean needs its weights",
}


class Point(NamedTuple):
    """One entered value for the epoch days `[start, end)`."""

    start: int
    end: int
    value: float


class Cell(NamedTuple):
    """What is known of one period.

    `value` None is unknown, and `why` says what is missing or why it is undefined. `present` of `expected` units due up
    to the as-of day have a value. `partial` is the sum of what is there where the full sum is unknown. `at` is the day
    of the point a "last" or "first" was taken from. `whole` is False while anything the rule needs is still missing
    from the period, be it late or not due yet. `extra` are the values of units in which none was expected.
    """

    span: Span
    value: float | None
    present: int
    expected: int
    why: str = ""
    partial: float | None = None
    at: int | None = None
    whole: bool = True
    extra: int = 0

    @property
    def missing(self) -> int:
        """How many due units have no value."""
        return max(self.expected - self.present, 0)

    @property
    def coverage(self) -> float | None:
        """Present over expected units (maths.md §1.4); None when nothing is due."""
        return self.present / self.expected if self.expected else None


def state(cell: Cell, asof: int) -> str:
    """One of `value`, `zero`, `missing`, `not_due`, `partial`, `n/a` (maths.md §1.5)."""
    if cell.value is not None:
        return "partial" if not cell.whole else "value" if cell.value else "zero"
    if cell.present < cell.expected:
        return "partial" if cell.present or cell.extra else "missing"
    if cell.span.start > asof or not cell.why:
        return "not_due"
    return "n/a"


def default_rule(kind: str, weighted: bool = False) -> str:
    """The aggregation that follows from a metric's kind; `weighted` says whether an index has a weight metric."""
    if kind == "index":
        return "weighted_mean" if weighted else "mean"
    rules = {"flow": "sum", "level": "last", "ratio": "ratio", "distinct": "distinct"}
    try:
        return rules[kind]
    except KeyError:
        raise Problem(f"“{kind}” is not a kind of metric: use flow, level, ratio, index or distinct.") from None


class _Slot(NamedTuple):
    """Everything about one span that does not depend on the points."""

    empty: Cell
    start: int
    stop: int
    """Points that end after this day do not count: the end of the span or of the running unit, whichever is first."""
    due: int
    total: int
    first_end: int
    last_due: int
    final: int
    """Ends of the first unit, of the last one due, and of the last one that end in the span."""


@lru_cache(maxsize=128)
def _slots(
    cadence: str, spans: tuple[Span, ...], cal: Calendar, asof: int, work: Workdays | None = None
) -> tuple[_Slot, ...]:
    limit = span_of(cadence, asof, cal).end
    now = boundaries(cadence, asof + 1, cal)
    slots = []
    for span in spans:
        start, end = span
        holder = span_of(cadence, end - 1, cal)
        if holder.end - holder.start > end - start:
            empty = Cell(span, None, 0, 0, f"it has one value a {cadence}, nothing for shorter periods", whole=False)
            slots.append(_Slot(empty, start, start, 0, 0, start, start, start))
            continue
        first, last = boundaries(cadence, start, cal), boundaries(cadence, end, cal)
        due = max(min(last, now) - first, 0)
        if work is None:
            total, until = last - first, last
            opened, ended = numbered(cadence, first, cal).end, numbered(cadence, first + due, cal).start
        else:
            due, total, opened, ended, until = _of_workdays(cadence, first, last, first + due, cal, work)
        slots.append(
            _Slot(
                Cell(span, None, 0, due, "no value" if due else "", whole=False),
                start,
                max(min(end, limit), start),
                due,
                total,
                opened,
                ended,
                numbered(cadence, until, cal).start,
            )
        )
    return tuple(slots)


def _of_workdays(
    cadence: str, first: int, last: int, now: int, cal: Calendar, work: Workdays
) -> tuple[int, int, int, int, int]:
    """Of the units numbered `[first, last)` those with a working day: how many are due before `now` and how many there
    are, the ends of the first and of the last due one, and the number after the last one."""
    if cadence == "day":
        # The same, for years of days.
        due, total = work.between(first, now), work.between(first, last)
        opened = work.first_from(first) + 1 if total else first
        return due, total, opened, work.back(now, 1) + 1 if due else first, work.back(last, 1) + 1 if total else first
    units = [number for number in range(first, last) if work.between(*numbered(cadence, number, cal))]
    past = [number for number in units if number < now]
    start = numbered(cadence, first, cal).start
    opened = numbered(cadence, units[0], cal).end if units else start
    ended = numbered(cadence, past[-1], cal).end if past else start
    return len(past), len(units), opened, ended, units[-1] + 1 if units else first


@lru_cache(maxsize=128)
def _by_days(
    cadence: str, spans: tuple[Span, ...], cal: Calendar, asof: int, work: Workdays | None = None
) -> tuple[_Slot, ...] | None:
    """Slots that count days, empty where they hold none as the cadence has it; None when one is shorter than that."""
    slots = _slots(cadence, spans, cal, asof, work)
    if cadence == "day":
        return slots
    if not all(slot.total for slot in (slots if work is None else _slots(cadence, spans, cal, asof))):
        return None
    daily = _slots("day", spans, cal, asof, work)
    return tuple(days._replace(empty=slot.empty) for days, slot in zip(daily, slots, strict=True))


@lru_cache(maxsize=128)
def _units(cadence: str, first: int, last: int, cal: Calendar) -> frozenset[tuple[int, int]]:
    return frozenset(spans_between(cadence, first, last, cal))


def bucket(
    points: Sequence[tuple[int, int, float]],
    rule: str,
    cadence: str,
    spans: Sequence[Span],
    cal: Calendar,
    asof_day: int,
    work: Workdays | None = None,
) -> list[Cell]:
    """One cell per span, in the order given.

    `points` are sorted by start and reach over all spans; `spans` are any half-open ranges, whole periods or to-date
    ones. With `work` only units that have a working day are expected. Rules follow maths.md §1.2. "distinct", and
    "ratio" and "weighted_mean" without their parts, only have values for exactly the periods that were entered. Raises
    Problem for an unknown rule and for "formula".
    """
    if rule not in RULES or rule == "formula":
        raise Problem(f"“{rule}” cannot be worked out from entered values: use {', '.join(RULES[:7])} or count.")
    spans = tuple(spans)
    if rule in _EXACT:
        return _exact(points, _slots(cadence, spans, cal, asof_day, work), _EXACT[rule], asof_day)
    if not points:
        return [slot.empty for slot in _slots(cadence, spans, cal, asof_day, work)]
    # Not `zip(*points)`: a thousand iterators at once are twice the work, most of it the garbage collector's.
    flat: list[Any] = list(chain.from_iterable(points))
    starts, ends, values = flat[::3], flat[1::3], flat[2::3]
    slots = None
    if sum(ends) - sum(starts) == len(points):
        # Days alone, also under a coarser cadence: there is nothing to weigh against one another.
        slots = _by_days(cadence, spans, cal, asof_day, work)
        cadence = cadence if slots is None else "day"
    elif cadence != "day" and _units(cadence, starts[0], ends[-1], cal).issuperset(zip(starts, ends, strict=True)):
        slots = _slots(cadence, spans, cal, asof_day, work)
    if slots is None:
        from kpitui.domain.mixed_grains import bucket_mixed

        plain = [(slot.empty, slot.stop, slot.final) for slot in _slots(cadence, spans, cal, asof_day, work)]
        return bucket_mixed(points, rule, cadence, plain, cal, asof_day, work)
    off = [] if work is None else work.without(zip(starts, ends, strict=True))
    if rule == "sum":
        return _sums(ends, values, slots, cadence, asof_day, off)
    if rule in ("last", "first"):
        return _ends(starts, ends, values, slots, rule == "last", asof_day, off)
    return _folds(ends, values, slots, rule, cadence, asof_day, off)


def _counted(
    present: int, due: int, expected: int, total: int, off: list[int], start: int, stop: int, newest: int
) -> tuple[int, int, int, int]:
    """Present, expected, total and extra units, where `off` are the ends of points that nothing was expected in.

    `newest` is the end of the last point, that of the running unit where `expected` is more than `due`.
    """
    last = bisect_right(off, stop)
    extra = last - bisect_right(off, start)
    if extra and off[last - 1] == newest:
        expected = due
    if extra == present and not expected:
        return extra, extra, total or extra, 0
    return present - extra, expected, total, extra


def _sums(
    ends: list[int], values: list[float], slots: tuple[_Slot, ...], cadence: str, asof: int, off: list[int]
) -> list[Cell]:
    cells, extra = [], 0
    # Most periods begin where the one before them ends.
    high, before = 0, None
    for empty, start, stop, due, total, _, _, _ in slots:
        low = high if start == before else bisect_right(ends, start)
        high, before = bisect_right(ends, stop, low), stop
        if low == high:
            cells.append(empty)
            continue
        present = high - low
        expected = due + 1 if ends[high - 1] > asof + 1 else due
        if off:
            present, expected, total, extra = _counted(present, due, expected, total, off, start, stop, ends[high - 1])
        figure = fsum(values[low:high])
        if present == expected:
            cells.append(_NEW(Cell, (empty.span, figure, present, expected, "", None, None, present == total, extra)))
        else:
            why = share(present, expected, cadence)
            cells.append(Cell(empty.span, None, present, expected, why, figure, None, False, extra))
    return cells


def _ends(
    starts: list[int],
    ends: list[int],
    values: list[float],
    slots: tuple[_Slot, ...],
    last: bool,
    asof: int,
    off: list[int],
) -> list[Cell]:
    cells, extra = [], 0
    high, before = 0, None
    for empty, start, stop, due, total, first_end, last_due, final in slots:
        low = high if start == before else bisect_right(ends, start)
        high, before = bisect_right(ends, stop, low), stop
        if low == high:
            cells.append(empty)
            continue
        present = high - low
        expected = due + 1 if ends[high - 1] > asof + 1 else due
        if off:
            present, expected, total, extra = _counted(present, due, expected, total, off, start, stop, ends[high - 1])
        if last:
            end = ends[high - 1]
            why = age(last_due - end) if end < last_due else ""
            known = (empty.span, values[high - 1], present, expected, why, None, end - 1, end >= final, extra)
            cells.append(_NEW(Cell, known))
        else:
            late = max(ends[low] - first_end, 0)
            why = f"its first value is {days(late)} late" if late else ""
            cells.append(Cell(empty.span, values[low], present, expected, why, None, starts[low], not late, extra))
    return cells


def _folds(
    ends: list[int],
    values: list[float],
    slots: tuple[_Slot, ...],
    rule: str,
    cadence: str,
    asof: int,
    off: list[int],
) -> list[Cell]:
    extra = 0
    fold = FOLDS[rule]
    count = rule == "count"
    cells = []
    high, before = 0, None
    for empty, start, stop, due, total, _, _, final in slots:
        low = high if start == before else bisect_right(ends, start)
        high, before = bisect_right(ends, stop, low), stop
        if low == high:
            cells.append(empty)
            continue
        present = high - low
        expected = due + 1 if ends[high - 1] > asof + 1 else due
        if off:
            present, expected, total, extra = _counted(present, due, expected, total, off, start, stop, ends[high - 1])
        why = share(present, expected, cadence) if present < expected and not count else ""
        whole = final <= asof + 1 if count else present == total
        cells.append(_NEW(Cell, (empty.span, fold(values[low:high]), present, expected, why, None, None, whole, extra)))
    return cells


def _exact(points: Sequence[tuple[int, int, float]], slots: tuple[_Slot, ...], why: str, asof: int) -> list[Cell]:
    """Only what was entered for exactly this period, at whatever grain; nothing is ever put together."""
    entered = {(start, end): value for start, end, value in points if start <= asof}
    cells = []
    for slot in slots:
        span = slot.empty.span
        value = entered.get(span)
        if value is not None:
            cells.append(Cell(span, value, 1, 1))
        elif slot.total == 1 and slot.final == span.end and slot.first_end - span.start == span.end - span.start:
            cells.append(slot.empty)
        elif span.start > asof:
            cells.append(Cell(span, None, 0, 0, whole=False))
        else:
            cells.append(Cell(span, None, 0, 0, slot.empty.why if not slot.total else why, whole=False))
    return cells


def mean(values: Sequence[float]) -> float:
    """Their sum over their number; there has to be one."""
    return fsum(values) / len(values)


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the middle two (type 7 at one half)."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else fsum(ordered[middle - 1 : middle + 1]) / 2


def _count(values: Sequence[float]) -> float:
    return float(len(values))


FOLDS: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": mean,
    "min": min,
    "max": max,
    "median": median,
    "count": _count,
}


def days(n: int) -> str:
    """“1 day”, “7 days”."""
    return "1 day" if n == 1 else f"{n} days"


def age(n: int) -> str:
    return f"its last value is {days(n)} old"


def share(present: int, expected: int, unit: str) -> str:
    """“5 of 7 days have a value”."""
    return f"{present} of {expected} {unit}{'' if expected == 1 else 's'} {'has' if present == 1 else 'have'} a value"
