"""What a report says, as values; `report` makes it, the documents of `reports/` and JSON show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple

if TYPE_CHECKING:
    from kpitui.domain.aggregate import Cell
    from kpitui.domain.compare import Change
    from kpitui.domain.periods import Span
    from kpitui.domain.signals import Signal
    from kpitui.services.actions import Task
    from kpitui.services.closing import Restated
    from kpitui.services.forecasting import Step
    from kpitui.services.rows import GoalView, Owed, Row
    from kpitui.services.scorecard import Scorecard


class Line(NamedTuple):
    """A KPI or metric in the report."""

    row: Row
    was: str
    """Its status at the end of the period before."""
    move: str
    """What it did since then (`domain.report.MOVES`); empty where nothing is to be said."""
    signal: Signal | None
    """The signal that is new in the period."""
    figure: Cell | None
    """What the period itself brought; None where the metric has longer periods."""
    change: Change | None
    """That against the period before."""
    streak: int
    """How many of its own periods in a row it missed its target; 0 for targets on a way."""


class Group(NamedTuple):
    """The KPIs of one scope."""

    scope: str
    name: str
    lines: tuple[Line, ...]


class GoalLine(NamedTuple):
    """A goal, and where it stood at the end of the period before."""

    view: GoalView
    was: GoalView
    kind: str
    """Of its target: reach, from_to, …"""
    cadence: str
    """Of its metric; empty without one."""


class Prospect(NamedTuple):
    """Where a KPI is heading."""

    row: Row
    next: Step | None
    """Its next period; None where nobody can say."""
    last: Step | None
    """The period its deadline lies in, where that can be foreseen and is comparable with the target."""
    method: str


class Noted(NamedTuple):
    """An annotation and what it is on."""

    day: int
    who: str
    text: str
    name: str
    slug: str


class Held(NamedTuple):
    """A review of the period."""

    id: int
    title: str
    scope: str
    """Empty for the whole workspace."""
    held: int
    state: str
    leader: str
    decisions: tuple[Decision, ...]
    tasks: tuple[Task, ...]
    """The actions agreed in it, open ones first."""


class Decision(NamedTuple):
    text: str
    who: str
    about: str


class Doubt(NamedTuple):
    """A value marked `?` that nobody has accepted."""

    slug: str
    name: str
    label: str
    """Of its period: `2026-W46`."""
    period_label: str
    number: float
    value: str
    """The number as it reads."""


class Report(NamedTuple):
    """Everything a report says. Days are epoch days."""

    workspace: str
    scope: str
    """Slug; empty for all scopes."""
    scope_name: str
    grain: str
    period: Span
    label: str
    """`2026-W46`."""
    short: str
    """`W46`."""
    partial: bool
    """The period is not over."""
    before: Span
    before_short: str
    as_of: int
    """The day the figures stand on: the last of the period, or the one looked at while it runs."""
    day: int
    """The day that is looked at: what is owed and late is as of this one."""
    known: int | None
    """The day whose knowledge it is; None for now's."""
    card: Scorecard
    """As of `as_of`."""
    goal: GoalLine | None
    """The main goal."""
    goals: tuple[GoalLine, ...]
    groups: tuple[Group, ...]
    metrics: tuple[Line, ...]
    """Without a KPI role."""
    prospects: tuple[Prospect, ...]
    notes: tuple[Noted, ...]
    reviews: tuple[Held, ...]
    open_before: int
    """Open actions that were not agreed in these reviews."""
    late_before: int
    """How many of them are late."""
    restated: tuple[Restated, ...]
    missing: tuple[Owed, ...]
    """Values of the period, and of those before it, that were asked for and are not there."""
    doubts: tuple[Doubt, ...]
    head: tuple[int, str] | None
    """The newest change in the log and its hash, hexadecimal."""
    made_at: str
    """UTC, ISO 8601."""
    made_by: str

    @property
    def lines(self) -> tuple[Line, ...]:
        """The KPIs of all groups, then the metrics."""
        return (*(line for group in self.groups for line in group.lines), *self.metrics)

    @property
    def empty(self) -> bool:
        """Nothing is measured and nothing is wanted yet."""
        return not (self.goals or self.goal or self.lines)
