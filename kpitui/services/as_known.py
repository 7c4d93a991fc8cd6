"""Looking back: the workspace as it was known at the end of a day, or that day with what is known now."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound
from kpitui.storage import settings
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
    last = last_before(store, ended(store, day))
    if not last:
        raise NotFound(f"Nothing was known here on {said}: the workspace was made later.")
    return PastStore(store, last, said)


def known_by(store: Store, day: int) -> bool:
    """Whether anything was known here at the end of a day."""
    return bool(last_before(store, ended(store, day)))


def ended(store: Store, day: int) -> str:
    """The UTC time at which a day ended in the time zone that the workspace had then: to set another one later does
    not move the days that were over."""
    begun, zone = "", "UTC"
    for since, following in settings.time_zones(store):
        end = end_of(day, zone)
        if end <= since:
            return max(end, begun)
        begun, zone = max(begun, since), following
    return max(end_of(day, zone), begun)


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
