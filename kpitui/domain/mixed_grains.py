"""Points of several grains in one series: what is left behind when the cadence of a metric was changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import fsum
from operator import attrgetter

from kpitui.domain.aggregate import FOLDS, Cell, Point, age, days, share
from kpitui.domain.periods import GRAINS, Calendar, Span, boundaries, grain_of, numbered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays


def points_in_force(points: Sequence[tuple[int, int, float]], cadence: str, cal: Calendar) -> list[Point]:
    """The points that count, sorted by end: those of the cadence, then others where these leave dates free.

    Two points are rivals when the shorter one ends in the longer one; sharing days at an edge is no quarrel, since
    each is counted where it ends. Among points that are not of the cadence the finer wins, because it can be added up
    to the coarser.
    """
    first: list[Point] = []
    others: list[Point] = []
    for point in map(Point._make, points):
        (first if grain_of(Span(point.start, point.end), cal) == cadence else others).append(point)
    others.sort(key=lambda p: (p.end - p.start, p.start))
    kept = sorted(first, key=attrgetter("end"))
    ends = [p.end for p in kept]
    for point in others:
        length = point.end - point.start
        at = bisect_left(ends, point.end)
        inside = kept[bisect_right(ends, point.start) : bisect_right(ends, point.end)]
        if any(rival.end - rival.start <= length for rival in inside):
            continue
        if at < len(kept) and kept[at].start < point.end and kept[at].end - kept[at].start >= length:
            continue
        kept.insert(at, point)
        ends.insert(at, point.end)
    return kept


def bucket_mixed(
    points: Sequence[tuple[int, int, float]],
    rule: str,
    cadence: str,
    slots: Sequence[tuple[Cell, int, int]],
    cal: Calendar,
    asof: int,
    work: Workdays | None = None,
) -> list[Cell]:
    """`aggregate.bucket` for points of any length.

    `slots` hold per span the cell it gets without points, the day after which ends of points do not count, and the
    end of its last unit. A unit is present when every day of it (with `work`, every working day) is covered. A point
    longer than the span says nothing about the span, so the value is unknown. A mean weighs each point by its days.
    """
    kept = [p for p in points_in_force(points, cadence, cal) if p.start <= asof]
    ends = [p.end for p in kept]
    covered = _runs(kept, work)
    cells = []
    for empty, stop, final in slots:
        span = empty.span
        if not empty.expected and empty.why:
            cells.append(_shorter(span, kept, ends, empty))
            continue
        own = kept[bisect_right(ends, span.start) : bisect_right(ends, stop)]
        holder = _longer(span, kept, ends)
        if holder is not None:
            why = f"only a value for {days(holder.end - holder.start)} in one is there"
            cells.append(Cell(span, None, 0, max(empty.expected, 1), why, whole=False))
        elif not own:
            cells.append(empty)
        else:
            cells.append(_cell(span, own, covered, rule, _unit(own, cadence, cal), final, cal, asof, work))
    return cells


def _shorter(span: Span, kept: list[Point], ends: list[int], empty: Cell) -> Cell:
    """A period shorter than the cadence: known only where an older, finer point is exactly it."""
    at = bisect_left(ends, span.end)
    if at < len(kept) and kept[at][:2] == span:
        return Cell(span, kept[at].value, 1, 1)
    return empty


def _longer(span: Span, kept: list[Point], ends: list[int]) -> Point | None:
    """The first point that shares days with the span and is longer than it."""
    for point in kept[bisect_right(ends, span.start) :]:
        if point.start < span.end and point.end - point.start > span.end - span.start:
            return point
        if point.start >= span.end:
            return None
    return None


def _runs(kept: Sequence[Point], work: Workdays | None) -> tuple[list[int], list[int]]:
    """Starts and ends of the stretches of days that the points cover, in order; nothing is missing between two of them
    that no working day is between."""
    starts: list[int] = []
    ends: list[int] = []
    for point in sorted(kept):
        if ends and (point.start <= ends[-1] or (work is not None and not work.between(ends[-1], point.start))):
            ends[-1] = max(ends[-1], point.end)
        else:
            starts.append(point.start)
            ends.append(point.end)
    return starts, ends


def _unit(own: Sequence[Point], cadence: str, cal: Calendar) -> str:
    """The grain to count in: that of the points when they are all of one grain finer than the cadence."""
    found = {grain_of(Span(p.start, p.end), cal) for p in own}
    only = found.pop() if len(found) == 1 else None
    return only if only is not None and GRAINS.index(only) < GRAINS.index(cadence) else cadence


def _cell(
    span: Span,
    own: Sequence[Point],
    covered: tuple[list[int], list[int]],
    rule: str,
    unit: str,
    final: int,
    cal: Calendar,
    asof: int,
    work: Workdays | None = None,
) -> Cell:
    run_starts, run_ends = covered
    first, last = boundaries(unit, span.start, cal), boundaries(unit, span.end, cal)
    present = expected = 0
    total = last - first
    for number in range(first, last):
        part = numbered(unit, number, cal)
        if part.start > asof and work is None:
            break
        if work is not None:
            if not work.between(*part):
                total -= 1
                continue
            if part.start > asof:
                continue
            # What is asked for are its working days.
            part = Span(work.first_from(part.start), work.back(part.end, 1) + 1)
        at = bisect_right(run_starts, part.start) - 1
        there = at >= 0 and run_ends[at] >= part.end
        present += there
        expected += there or part.end <= asof + 1
    values = [p.value for p in own]
    extra = 0
    if work is not None:
        extra = len(work.without((p.start, p.end) for p in own))
        if extra == len(own) and not expected:
            present = expected = extra
            total, extra = total or present, 0
    whole = present == total
    why = "" if present >= expected else share(present, expected, unit)
    if rule == "sum":
        figure = fsum(values)
        if present < expected:
            return Cell(span, None, present, expected, why, figure, None, False, extra)
        return Cell(span, figure, present, expected, "", None, None, whole, extra)
    if rule == "last":
        newest = own[-1]
        due = min(final, asof + 1)
        if work is not None:
            due = work.back(due, 1) + 1
        # Weeks of another calendar straddle the edges: where every day has a value, nothing is missing or old.
        old = newest.end < numbered(unit, boundaries(unit, due, cal), cal).start and not whole
        why = age(due - newest.end) if old else ""
        return Cell(
            span, newest.value, present, expected, why, None, newest.end - 1, newest.end >= final or whole, extra
        )
    if rule == "first":
        begin = numbered(unit, first, cal).start
        late = own[0].start - (begin if work is None else work.first_from(begin))
        why = f"its first value is {days(late)} late" if late > 0 else ""
        return Cell(span, own[0].value, present, expected, why, None, own[0].start, late <= 0, extra)
    if rule == "mean":
        lengths = [p.end - p.start for p in own]
        figure = fsum(v * n for v, n in zip(values, lengths, strict=True)) / sum(lengths)
        return Cell(span, figure, present, expected, why, None, None, whole, extra)
    if rule == "count":
        return Cell(span, float(len(own)), present, expected, "", None, None, span.end <= asof + 1, extra)
    return Cell(span, FOLDS[rule](values), present, expected, why, None, None, whole, extra)
