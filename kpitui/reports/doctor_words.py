"""What changed for the KPI doctor since an earlier day, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.reports.wording import day_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.doctor_history import Since

NAMED = 3


def was_text(since: Since, today: int) -> str:
    """`was 72 on 13 Nov`."""
    return f"was {since.health} on {day_text(since.day, today)}"


def moved_text(since: Since) -> str:
    """`new: D02 NPS; closed: K07 MRR, K02 Sales and 2 more`; empty where nothing moved."""
    parts = [f"{word}: {_listed(names)}" for word, names in (("new", since.fresh), ("closed", since.closed)) if names]
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
