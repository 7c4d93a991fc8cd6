"""What a scorecard is made of: a row, a goal, a value that is owed. Values only, so that a face that was handed them
need not load what works them out."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.domain.target import MAINTAIN, Aim, Step, Trajectory, in_force, meets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.aggregate import Cell
    from kpitui.domain.model import Unit
    from kpitui.domain.periods import Span
    from kpitui.domain.signals import Signal
    from kpitui.storage.reading import OverrideRow


class Row(NamedTuple):
    """A KPI or metric where it stands. Shares and percent values are fractions, days are epoch days."""

    metric_id: int
    kpi_id: int | None
    slug: str
    name: str
    scope_id: int
    scope: str
    unit: Unit
    currency: str
    decimals: int | None
    kind: str
    cadence: str
    direction: str
    timing: str | None
    counter: bool
    owner: str
    state: str
    """Of the KPI: live, draft or paused; empty for a metric without the role."""
    period: Span | None
    """The period `value` is of; None when there is no value."""
    period_label: str
    partial: bool
    value: float | None
    """What is judged: the last reported value, or the value over the last `aim.window` periods; for a cumulative target
    the sum since its start."""
    last: float | None
    """The value of `period` itself."""
    target_kind: str
    target: float | None
    low: float | None
    high: float | None
    baseline: float | None
    start: int | None
    deadline: int | None
    gap: float | None
    """Distance to the target, signed so that + is good."""
    gap_share: float | None
    progress: float | None
    time_gone: float | None
    expected: float | None
    needed: float | None
    rate: float | None
    chance: float | None
    status: str
    why: str
    signal: Signal | None
    trend: int
    """Raw movement over the last four periods: 1 up, -1 down, 0 level."""
    series: tuple[Cell, ...]
    """The last periods at the metric's cadence, oldest first, the running one included."""
    confidence: int | None
    """1 to 3, as said at the last check-in."""
    aim: Aim
    """What it should reach, before the dated targets `steps`."""
    steps: Sequence[Step]
    worked_out: str = ""
    """The status by the numbers, where a person's verdict stands in its place."""
    override: OverrideRow | None = None
    trajectory: Trajectory | None = None
    """The course it is to take, where that is not straight."""
    floor: float | None = None
    """The band of the target in force; it is said and judges nothing."""
    stretch: float | None = None
    band: str = ""
    """Where the value lies in it: below_floor, floor, stretch; empty where that says nothing."""
    to_check: int = 0
    """Values marked `?` in the time looked at: they stand in `series`, and the verdict does not rest on them."""
    present: int = 0
    """Periods with a value of those that `value` is over, where it is over more than one; else 0."""
    held: int = 0
    """Periods in a row at the target, where a level has to hold; see `Aim.sustain`."""
    working: bool = False
    """Values are expected on working days only."""

    @property
    def key(self) -> str:
        return f"kpi:{self.kpi_id}" if self.kpi_id else f"metric:{self.metric_id}"

    def missed(self, cell: Cell) -> bool:
        """Whether a period's value misses a target to maintain, the one in force then; on a way there is no miss."""
        if cell.value is None or self.aim.kind not in MAINTAIN:
            return False
        aim = in_force(self.aim, self.steps, cell.span.end - 1) if self.steps else self.aim
        return meets(aim, cell.value) is False

    @property
    def exception(self) -> bool:
        """Whether the row needs a word: off track, at risk, missed, or a signal to the bad side."""
        return self.status in ("off_track", "at_risk", "missed") or bool(self.signal and self.signal.good is False)


class GoalView(NamedTuple):
    """A goal where it stands; shares are fractions, days are epoch days."""

    id: int
    slug: str
    title: str
    scope_id: int
    main: bool
    owner: str
    unit: Unit
    currency: str
    metric_id: int | None
    value: float | None
    baseline: float | None
    target: float | None
    start: int | None
    deadline: int | None
    progress: float | None
    time_gone: float | None
    days_left: int | None
    status: str
    why: str
    needed: float | None
    """What each period of its metric has to bring from now on (`target.needed`)."""
    rate: float | None
    """What recent periods brought."""
    chance: float | None = None
    """Of making it by its day; None where nobody can say."""
    working: bool = False
    """Its metric is expected on working days only."""


class Owed(NamedTuple):
    """One value that is asked for. Days are epoch days; `due` is the day it was asked for first."""

    metric_id: int
    slug: str
    name: str
    period: Span
    period_label: str
    """For a person: `W47`, `Oct`."""
    label: str
    """For a program: `2026-W47`."""
    due: int
    late_days: int
    """Days since `due` once the grace is over, else 0."""
    owner: str
    updater: str
    """Who enters it: the metric's updater, else its owner."""
    unit: Unit
    currency: str
    decimals: int | None
    cadence: str
    scope_id: int
    scope: str
    running: bool
    """The period is not over yet."""
    last: float | None = None
    """The newest value before the period."""
    usual: tuple[float, float] | None = None
    aim: Aim | None = None
    """What the value will be held against; None without a target."""
    stopped: int | None = None
    """The last day with a value, of a series that has none in all the periods that are asked for."""


class Coming(NamedTuple):
    """Values that will be asked for on the same day for the same period."""

    day: int
    period: Span
    period_label: str
    cadence: str
    names: tuple[str, ...]
