"""What the KPI doctor would have said some days ago, by what was known then: what was mended since, what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple
from kpitui.services.as_known import as_known, known_by
from kpitui.services.doctor import GLANCED, Doctor, examine
from kpitui.storage import names

if TYPE_CHECKING:
    from kpitui.storage.store import Store

BACK = 7
"""Days ago that today is held against."""


class Since(NamedTuple):
    """The doctor of an earlier day beside today's."""

    day: int
    health: int
    closed: tuple[str, ...]
    """Findings that are gone, as `K07 MRR`."""
    fresh: tuple[str, ...]
    """Those that came."""

    @property
    def moved(self) -> bool:
        return bool(self.closed or self.fresh)


def since(store: Store, today: int, now: Doctor, day: int | None = None) -> Since | None:
    """What changed since `day` (a week before `today`), `now` being today's findings. What is waived counts as gone.

    None where nothing was known then; and without a `day` for more than `GLANCED` metrics, where looking back takes
    seconds.
    """
    if day is None:
        if names.metric_count(store) > GLANCED:
            return None
        day = today - BACK
    then = _then(store, day)
    if then is None:
        return None
    before, after = _named(then), _named(now)
    return Since(
        day,
        then.health,
        tuple(name for key, name in before.items() if key not in after),
        tuple(name for key, name in after.items() if key not in before),
    )


def examined(store: Store, today: int, day: int | None = None) -> Doctor:
    """Today's findings with what changed since `day` (a week before `today`)."""
    now = examine(store, today)
    return now._replace(since=since(store, today, now, day))


def _then(store: Store, day: int) -> Doctor | None:
    """The doctor of a day that is over: what was known then never changes, so it is looked at once."""
    kept: dict[int, Doctor | None] = store.kept.setdefault("doctor_then", {})
    if day not in kept:
        kept[day] = None
        if known_by(store, day):
            with as_known(store, day) as past:
                kept[day] = examine(past, day)
    return kept[day]


def _named(found: Doctor) -> dict[str, str]:
    return {case.finding.key: f"{case.finding.rule} {case.finding.on}" for case in found.cases}
