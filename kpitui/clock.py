"""The only place that asks the machine for the time. Everything below is told what day it is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def today(env: Mapping[str, str], zone: str | None = None) -> date:
    """Today in the workspace's time zone `zone` (an IANA name; None is the machine's), or `KPITUI_TODAY` when set.

    Raises Problem when `KPITUI_TODAY` is no date or `zone` is unknown.
    """
    fixed = env.get("KPITUI_TODAY")
    if fixed:
        try:
            day = date.fromisoformat(fixed)
            # Python reads 20261120 and 2026-W47-5, too. Far away nothing can be worked out up to today.
            if day.isoformat() == fixed and 1900 <= day.year < 2200:
                return day
        except ValueError:
            pass
        from kpitui.text import cut

        raise Problem(
            f"KPITUI_TODAY is “{cut(fixed, 40)}”, which is no date to work on: write it as 2026-11-20, or unset it."
        )
    if not zone or zone == zone_of_machine(env):
        return datetime.now().date()
    if zone == "UTC":
        return datetime.now(UTC).date()
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return datetime.now(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Problem(f"The time zone “{zone}” is not known on this machine: write it as Europe/Vienna.") from error


def zone_of_machine(env: Mapping[str, str]) -> str:
    """The IANA name of the machine's own zone; empty where no link tells it, or `TZ` sets another for this process.

    To load `zoneinfo` for what the C library knows would take a tenth of the time of a login message.
    """
    if "TZ" in env:
        return ""
    try:
        return os.readlink("/etc/localtime").partition("/zoneinfo/")[2]
    except (OSError, AttributeError):
        return ""


def now() -> datetime:
    """The real time in UTC, whatever `KPITUI_TODAY` says: what a transaction is stamped with."""
    return datetime.now(UTC)
