"""What was reported within a target's window: the facts a verdict is made from.

A period belongs to the window that its last day is in, as points belong to periods (`aggregate`), so that the total of
a target agrees with the total of the same months.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kpitui.domain import target
from kpitui.domain.named import NamedTuple
from kpitui.domain.target import Aim, Step

Cell = tuple[int, int, float | None, bool]
"""(start, end, value, partial) of one period, half-open; a partial one is not whole yet."""


class Seen(NamedTuple):
    whole: list[tuple[int, int, float]]
    part: tuple[int, int, float] | None
    """The partial period after the last whole one, if it has a value."""
    before: list[float]
    """Values of whole periods before the window."""
    last_end: int
    """End of the window's last period among the cells, with or without a value."""
    met: int
    """Periods at the target, each by the one in force on its last day."""
    due: int
    """Periods up to the last whole one; those without a value among them count as not met (ServiceNow)."""
    total: float
    so_far: float
    """`total` and the partial period's value."""


def look(aim: Aim, cells: Sequence[Cell], today: int, steps: Sequence[Step], earlier: Sequence[float | None]) -> Seen:
    """What `cells`, oldest first, say within the window of `aim` as of `today` (an epoch day).

    An unknown value is never 0: it counts as due and not met between known ones, and as nothing after the last. `steps`
    are the dated targets that periods are held against, `earlier` values of whole periods before the cells.
    """
    whole: list[tuple[int, int, float]] = []
    part: tuple[int, int, float] | None = None
    before = [value for value in earlier if value is not None]
    last_end = waiting = met = due = 0
    # Hundreds of rows are judged for one screen: what no step changes is asked once, what nobody reads not at all.
    # (A baseline still to be worked out may turn out to be the target, which then is one to maintain.)
    open_ended = aim.kind == "from_to" and aim.baseline is None
    maintain = open_ended or target.effective(aim).kind in target.MAINTAIN
    passes = target.passing(aim) if maintain and target.has_target(aim) else None
    first = -math.inf if aim.start is None else aim.start + 1
    last = math.inf if aim.deadline is None else aim.deadline + 1
    for start, end, value, partial in cells:
        if start > today:
            break
        if not first <= end <= last and not _within_one(aim, start, end):
            if aim.start is not None and start < aim.start and value is not None and not partial:
                before.append(value)
            continue
        last_end = end
        if value is None or partial:
            # Without a start nobody knows since when it is measured: empty periods count from the first value on.
            waiting += 1 if whole or aim.start is not None else 0
            part = part if value is None else (start, end, value)
            continue
        whole.append((start, end, value))
        due, waiting, part = due + waiting + 1, 0, None
        if steps:
            met += 1 if target.meets(target.in_force(aim, steps, last_day(aim, end)), value) else 0
        elif passes is not None:
            met += passes(value)
    total = math.fsum([value for _, _, value in whole])
    return Seen(whole, part, before, last_end, met, due, total, total + part[2] if part else total)


def last_day(aim: Aim, end: int) -> int:
    """The last day of a period that ends at `end`, or of the window when that is sooner."""
    return end - 1 if aim.deadline is None else min(end - 1, aim.deadline)


def _within_one(aim: Aim, start: int, end: int) -> bool:
    """Whether the window is no longer than this one period it lies in, which then judges it."""
    return aim.start is not None and aim.deadline is not None and start <= aim.start and aim.deadline < end
