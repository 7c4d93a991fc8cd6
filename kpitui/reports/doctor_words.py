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


def moved_text(since: Since, named: int = NAMED) -> str:
    """`new: D02 NPS; closed: K07 MRR, K02 Sales and 2 more`; `1 new; 4 closed` with none `named`; empty where nothing
    moved."""
    moved = [(word, names) for word, names in (("new", since.fresh), ("closed", since.closed)) if names]
    if not named:
        return "; ".join(f"{len(names)} {word}" for word, names in moved)
    return "; ".join(f"{word}: {_listed(names, named)}" for word, names in moved)


def _listed(names: Sequence[str], named: int) -> str:
    more = len(names) - named
    return ", ".join(names[:named]) + (f" and {more} more" if more > 0 else "")
