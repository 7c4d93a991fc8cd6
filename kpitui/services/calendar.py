"""The workspace's calendar, from its settings. Apart from the book, because recording one value needs no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.periods import Calendar
from kpitui.domain.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.storage.store import Store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def calendar_of(values: Mapping[str, object]) -> Calendar:
    """The workspace's calendar from its settings. Raises Problem for one that cannot be read."""
    try:
        return Calendar(
            week_start=WEEKDAYS.index(str(values.get("week_start", "monday"))),
            week_min_days=int(str(values.get("week_min_days", 4))),
            fiscal_month=int(str(values.get("fiscal_year_start", 1))),
            fiscal_name=str(values.get("fiscal_year_name", "last")),
        )
    except ValueError as error:
        raise Problem(f"The settings of the calendar cannot be read ({error}): set them again in Settings.") from error


def time_zone(store: Store) -> str:
    """The workspace's time zone, an IANA name."""
    from kpitui.storage import settings

    return settings.load(store).get("time_zone", "UTC")
