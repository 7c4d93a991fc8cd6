"""Which backups stay when older ones make room: the newest of each of the last days, weeks and months that have one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from datetime import datetime

DAILY, WEEKLY, MONTHLY = 7, 5, 12


def kept(times: Iterable[datetime], daily: int = DAILY, weekly: int = WEEKLY, monthly: int = MONTHLY) -> set[datetime]:
    """Of the times of backups (all in one time zone) those to keep; the newest is always among them.

    Only days, ISO weeks and months that have a backup count, so that a job that stood still for a year loses nothing.
    """
    newest = sorted(set(times), reverse=True)
    rules: tuple[tuple[int, Callable[[datetime], Hashable]], ...] = (
        (daily, lambda time: time.date()),
        (weekly, lambda time: time.isocalendar()[:2]),
        (monthly, lambda time: (time.year, time.month)),
    )
    found = set(newest[:1])
    for count, span in rules:
        seen: set[Hashable] = set()
        for time in newest:
            if span(time) not in seen and len(seen) < count:
                seen.add(span(time))
                found.add(time)
    return found
