"""The verdict on a KPI or a metric, and the one on a metric by its own thresholds, which has no time."""

from __future__ import annotations

from kpitui.domain import pace, target
from kpitui.domain.expected import too_old
from kpitui.domain.named import NamedTuple
from kpitui.domain.pace import Show
from kpitui.domain.target import Aim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays

STALE_AFTER = 1.5
"""Periods after which, and after its grace, a last value is stale."""


class Verdict(NamedTuple):
    status: str
    why: str
    """One sentence, without a full stop."""
    progress: float | None = None
    time_gone: float | None = None
    """Share of the window gone at the end of today."""
    expected: float | None = None
    """The value due at the end of the last whole period reported; for reach, the total."""
    gap: float | None = None
    """Actual against the target in force now, in its unit, + is good."""
    needed: float | None = None
    """Per period from the last whole one on; `target.needed` says what it means for which kind."""
    rate: float | None = None
    """Recent, to compare `needed` with: mean per period, for from_to mean change per period."""
    chance: float | None = None
    """Probability of reaching the target by its deadline; None where nobody can say."""
    gap_share: float | None = None
    """`gap` as a share of the target's size."""
    ahead: float | None = None
    """Actual against expected, + is good."""
    actual: float | None = None
    """What was judged: for reach the total so far, for a level the value over its window, else the last value."""
    met: int = 0
    due: int = 0
    """Periods of a target to maintain that met it, of those up to the last value."""
    band: str = ""
    """Where the value lies in the target's band: below_floor, floor, stretch; empty where that says nothing."""
    present: int = 0
    """Periods of the window that have a value, where it is longer than one; else 0."""
    held: int = 0
    """Periods in a row, up to the last whole one, that a level which has to hold was at its target."""


def judge_metric(
    low: float | None,
    high: float | None,
    watch: float | None,
    direction: str,
    value: float | None,
    *,
    show: Show = str,
    last_end: int | None = None,
    today: int | None = None,
    period_days: float = 0,
    grace_days: int = 0,
    days: Workdays | None = None,
) -> Verdict:
    """The verdict on a metric without a KPI role by its own thresholds: good from `low` up and from `high` down.

    `watch` is the share of a threshold within which a miss is at risk (5 % when None). `last_end` is the end of the
    value's period; without it and `today` nothing is stale. `days`: those a value is expected on, None for every one.
    """
    if low is None and high is None:
        return Verdict("no_target", "No target is set", actual=value)
    if value is None:
        return Verdict("no_data", "No value yet")
    aim = Aim("between", low=low, high=high, direction=direction, watch=0.05 if watch is None else watch)
    if high is None:
        aim = aim._replace(kind="at_least", value=low)
    elif low is None:
        aim = aim._replace(kind="at_most", value=high)
    gap = target.gap(aim, value)
    status, why = pace.maintained(aim, value, show)
    if (
        last_end is not None
        and today is not None
        and too_old(last_end, today, STALE_AFTER, period_days, grace_days, days)
    ):
        status, why = "stale", f"The last value is {today - last_end + 1} days old"
    return Verdict(
        status, why, expected=aim.value, gap=gap and gap.absolute, gap_share=gap and gap.relative, actual=value
    )
