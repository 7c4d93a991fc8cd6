"""Looking back: the workspace as it was known at the end of a day, or that day with what is known now."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound
from kpitui.services.calendar import time_zone
from kpitui.storage.as_known import PastStore, last_before

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class Looking(NamedTuple):
    """Which day is looked at, and what is known there: what was known at the end of `known`, or all that is known
    now (None)."""

    day: int
    known: int | None


def as_known(store: Store, day: int) -> Store:
    """Everything (values, targets, definitions, tree, reviews, log) as it was known at the end of a day in the
    workspace's time zone. The caller closes it; nothing can be saved through it.

    Raises NotFound when the workspace was made later.
    """
    said = to_date(day).isoformat()
    last = last_before(store, end_of(day, time_zone(store)))
    if not last:
        raise NotFound(f"Nothing was known here on {said}: the workspace was made later.")
    return PastStore(store, last, said)


def known_by(store: Store, day: int) -> bool:
    """Whether anything was known here at the end of a day."""
    return bool(last_before(store, end_of(day, time_zone(store))))


def end_of(day: int, zone_name: str) -> str:
    """The UTC time at which a day ends in a time zone, as transactions are stamped. Raises Problem for an unknown
    zone."""
    from zoneinfo import ZoneInfo

    try:
        zone = ZoneInfo(zone_name)
    except (ValueError, OSError, KeyError) as error:
        raise Problem(f"The time zone “{zone_name}” is not known on this machine: set it again in Settings.") from error
    midnight = datetime.combine(to_date(day) + timedelta(days=1), time(), zone)
    return midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
