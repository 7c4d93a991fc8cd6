"""What is owed, a line a metric: the newest missing period with the earlier ones behind it, as it is shown to people.

After a first import a metric may have gaps in all the periods looked back on. Each stays a value of its own, in every
count, to programs and where it is filled; only the lines are folded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.services.due import Owed


class DueLine(NamedTuple):
    newest: Owed
    earlier: tuple[Owed, ...] = ()
    """The same metric's other periods that are owed, oldest first."""


def folded(items: Iterable[Owed]) -> list[DueLine]:
    """The values as lines: each metric once, where the first of its values stands."""
    by_metric: dict[int, list[Owed]] = {}
    for item in items:
        by_metric.setdefault(item.metric_id, []).append(item)
    lines = []
    for found in by_metric.values():
        *earlier, newest = sorted(found, key=lambda item: item.period)
        lines.append(DueLine(newest, tuple(earlier)))
    return lines


def earlier_words(many: int, since: str, room: int = 0) -> str:
    """`and 7 earlier, from W38`; where it has only `room` cells, the longest form that fits: at least `+7`."""
    begins = f"from {since}" if many > 1 else since
    ways = (
        f"and {many} earlier, {begins}",
        f"{many} earlier, {begins}",
        f"{many} earlier {begins}",
        f"+{many} {begins}",
    )
    return next((way for way in ways if not room or len(way) <= room), f"+{many}")
