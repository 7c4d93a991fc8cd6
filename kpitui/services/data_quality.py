"""How the values of a stretch of time came in: how many, how late, how often corrected, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.expected import days_late
from kpitui.domain.periods import iso
from kpitui.services.calendar import workdays_in
from kpitui.services.log_words import Teller
from kpitui.storage import incoming

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Quality(NamedTuple):
    """How the values of a stretch of days came in."""

    entered: int
    on_time: float | None
    late_mean: float | None
    corrected: int
    odd: int
    none: int
    by_hand: int
    by_import: int
    owners: tuple[tuple[str, float | None, int], ...]
    """Name, share on time, corrections."""


def quality(store: Store, today: int, since: int, until: int, *, begun: int | None = None) -> Quality:
    """How the values entered between two days (half-open) came in, by the first revision of each point.

    Of what was entered by hand, only periods that ended after the day `begun` count: what is brought along when a
    workspace is made is not late.
    """
    with store.snapshot():
        teller = Teller(store, today)
        work = workdays_in(store) if any(one.days == "working" for one in teller.metrics.values()) else None
        first, last = iso(since), iso(until)
        rows = incoming.entered(store, first, last)
        counts = incoming.kinds(store, first, last)
        imported = incoming.imported(store, first, last)
        fixed = incoming.corrected(store, first, last)
        late: list[int] = []
        people: dict[str, list[int]] = {}
        corrections: dict[str, int] = {}
        for metric_id, end, at, _ in rows:
            metric = teller.metrics.get(metric_id)
            if metric is None or (begun is not None and end <= begun):
                continue
            days = work if metric.days == "working" else None
            behind = max(0, days_late(end - 1, teller.when(at)[0], days) - metric.grace_days)
            late.append(behind)
            people.setdefault(metric.owner or "-", []).append(behind)
        for metric_id, times in fixed.items():
            metric = teller.metrics.get(metric_id)
            if metric is not None:
                corrections[metric.owner or "-"] = corrections.get(metric.owner or "-", 0) + times
        waiting = [days for days in late if days]
        owners = tuple(
            (name, _share(people.get(name, [])), corrections.get(name, 0)) for name in sorted({*people, *corrections})
        )
        return Quality(
            entered=len(late) + imported,
            on_time=_share(late),
            late_mean=sum(waiting) / len(waiting) if waiting else None,
            corrected=int(counts.get("correct", 0)),
            odd=sum(1 for row in rows if row.odd),
            none=int(counts.get("none", 0)),
            by_hand=len(late),
            by_import=imported,
            owners=owners,
        )


def _share(late: list[int]) -> float | None:
    return sum(1 for days in late if not days) / len(late) if late else None
