"""How the KPIs of a goal or scope stand together: progress as a weighted mean, status as the worst of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SEVERITY = {"on_track": 1, "achieved": 1, "at_risk": 2, "off_track": 3, "missed": 3}
NOT_ASKED = ("paused", "draft", "not_started")
"""Not expected to report, so not counted."""
REASONS = ("stale", "no_data", "no_target", "not_started", "draft", "paused")
"""Of several reasons for no status, the one that something can be done about comes first."""
ENOUGH = 0.5


class Part(NamedTuple):
    progress: float | None
    status: str
    weight: float = 1.0
    key: bool = True
    """A KPI; a supporting metric never colours a goal and does not count in its progress."""


class Rollup(NamedTuple):
    progress: float | None
    """0 to 1; None when less than half of the weight has data."""
    status: str
    reporting: int
    total: int
    share: float
    """Share of the weight that has data."""
    all_beaten: bool
    """Every one of several targets is beaten: they were hardly ambitious."""

    @property
    def coverage(self) -> str:
        return f"{self.reporting} of {self.total} reporting"


def worst(statuses: Iterable[str]) -> str | None:
    """The worst of the statuses that are verdicts; reasons for having none do not count. None if there is none.

    A missed part leaves the whole off track, and is "missed" only when nothing is running any more.
    """
    judged = [status for status in statuses if status in SEVERITY]
    if not judged:
        return None
    top = max(SEVERITY[status] for status in judged)
    over = all(status in ("achieved", "missed") for status in judged)
    if top == 1:
        return "achieved" if over else "on_track"
    if top == 2:
        return "at_risk"
    return "missed" if over else "off_track"


def latest(statuses: Sequence[str]) -> str | None:
    """The last verdict of a series of check-ins."""
    return next((status for status in reversed(statuses) if status in SEVERITY), None)


def roll_up(parts: Iterable[Part]) -> Rollup:
    """Weighted mean of progress cut to 0..1 over the parts with data (Perdoo: negatives as 0), and the worst status.

    Below half of the weight with data there is no progress, and nothing good is said: a bad status stays, a good one
    becomes "no_data". Parts that are paused, drafts or not begun are left out.
    """
    keys = [part for part in parts if part.key]
    asked = [part for part in keys if part.status not in NOT_ASKED]
    reporting = [part for part in asked if part.status in SEVERITY]
    counted = [(part.progress, part.weight) for part in reporting if part.progress is not None]
    whole = math.fsum(part.weight for part in asked)
    weight = math.fsum(weight for _, weight in counted)
    share = weight / whole if whole else 0.0
    enough = weight > 0 and share >= ENOUGH - 1e-12
    progress = math.fsum(w * min(1.0, max(0.0, p)) for p, w in counted) / weight if enough else None
    status = worst(part.status for part in reporting)
    heard = math.fsum(part.weight for part in reporting)
    if status is None:
        present = {part.status for part in asked or keys}
        status = next((reason for reason in REASONS if reason in present), "no_target")
    elif SEVERITY[status] == 1 and heard < whole * (ENOUGH - 1e-12):
        status = "no_data"
    beaten = len(counted) > 1 and len(counted) == len(asked) and all(p > 1 for p, _ in counted)
    return Rollup(progress, status, len(reporting), len(asked), share, beaten)
