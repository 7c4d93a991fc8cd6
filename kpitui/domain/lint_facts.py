"""What the KPI doctor looks at: the set-up and what the numbers say, gathered once: every rule is arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kpitui.domain.kpi_limits import Limits
from kpitui.domain.named import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays

PERSONAL = ("role", "person")
"""Kinds of scopes in which a person is measured."""


class ScopeFact(NamedTuple):
    id: int
    slug: str
    name: str
    kind: str
    parent_id: int | None = None
    owner: str = ""
    limits: Limits = Limits()
    """KPIs above which it is noticed, warned of, warned of strongly."""


class GoalFact(NamedTuple):
    id: int
    slug: str
    title: str
    scope_id: int
    parent_id: int | None = None
    main: bool = False
    has_number: bool = True
    start: int | None = None
    deadline: int | None = None
    """Its last day, an epoch day."""
    owner: str = ""
    metric_id: int | None = None
    times_best: float | None = None
    """The target over the best whole year before its start; None where no year is known or less is better."""
    best: str = ""
    """That year and its value, in words: `2025 with $3.2M`."""
    since: int | None = None
    of_one: str = ""
    """The period, `week`, that its number is held against, where its metric adds up and more is better."""
    target: float | None = None
    baseline: float | None = None


class MetricFact(NamedTuple):
    id: int
    slug: str
    name: str
    scope_id: int
    owner: str = ""
    definition: bool = True
    source: bool = True
    unit: str = "number"
    kind: str = "flow"
    rule: str = "sum"
    """How its values become one of a longer period, as `aggregate` names it."""
    direction: str = "up"
    timing: str | None = None
    nature: str | None = None
    counter: bool = False
    banded: bool = False
    """It has thresholds of its own."""
    parts: tuple[int, ...] = ()
    """The metrics it is worked out from; empty for one that is entered."""
    kept: bool = False
    """Somebody wrote why it is kept."""
    last_end: int | None = None
    """Day after the last period that has a value; None while it never had one."""
    period_days: float = 7.0
    grace_days: int = 0
    values: tuple[float | None, ...] = ()
    """Whole periods, oldest first, at its cadence; up to 52."""
    typed: tuple[float, ...] = ()
    """The last values as they were entered, oldest first; empty for what is worked out."""
    vanity: str = ""
    """The KPI it climbs beside without moving it, where the test of `domain/vanity.py` says so."""
    to_look_at: tuple[tuple[str, str], ...] = ()
    """What the audit of its values finds that nobody accepted: severity and words, the worst first."""
    floor: float | None = None
    ceiling: float | None = None
    show: Callable[[float], str] = str
    since: int | None = None
    work: Workdays | None = None
    """The working days it is expected on; None for every day."""
    fed_on_workdays: bool = False
    """It is expected on every day, and in eight weeks has come in on working days only."""


class KpiFact(NamedTuple):
    id: int
    metric_id: int
    scope_id: int
    goal_id: int | None = None
    state: str = "live"
    ended: bool = False
    """Its window is over: it is history, and nothing is asked of it."""
    lacks: tuple[str, ...] = ()
    """What it still needs of baseline, target, deadline, goal and owner."""
    owner: str = ""
    counter_id: int | None = None
    tolerated: bool = False
    """It says how much worse its counter metric may get."""
    open_questions: int = 0
    """Of the six, how many have no answer."""
    change_said: bool = True
    """The last of them has one: what is changed when it misses."""
    kind: str = "at_least"
    target: float | None = None
    """The bound in force."""
    needed: float | None = None
    """What each period must bring from now on, for a total."""
    since: int | None = None


class ReviewFact(NamedTuple):
    """The reviews of one rhythm that were to be held since the workspace began, newest first."""

    rhythm: str
    asked: tuple[tuple[str, int, bool], ...]
    """Period in words, day from which on it was overdue, held or not."""


class DataFact(NamedTuple):
    """How the values of the last quarter of a year came in, and how actions go."""

    entered: int = 0
    on_time: float | None = None
    corrected: int = 0
    slowest: str = ""
    """Whose values are late most often, in words."""
    actions: int = 0
    """Actions that were open in the last quarter of a year."""
    late_actions: int = 0
    """Those that are open now and past their day."""
    reviews: tuple[ReviewFact, ...] = ()
    gone: tuple[tuple[str, int, str], ...] = ()
    """Who has open actions and is not here: the name, how many, and why, in words."""


class Facts(NamedTuple):
    """A workspace as the rules see it on one day."""

    today: int
    year: tuple[int, int]
    """The running year, half-open epoch days."""
    year_label: str
    scopes: dict[int, ScopeFact]
    goals: dict[int, GoalFact]
    metrics: dict[int, MetricFact]
    kpis: dict[int, KpiFact]
    edges: tuple[tuple[int, int], ...] = ()
    """(metric, the metric it feeds)."""
    playbooks: frozenset[tuple[str, int]] = frozenset()
    """(kpi or scope, id) of those that have one."""
    data: DataFact = DataFact()
    gone: tuple[tuple[str, str], ...] = ()
    """Owners that are not here, and why, in words: `no member any more`."""

    def asked(self) -> list[KpiFact]:
        """The KPIs that something can be asked of: not paused, not over."""
        return [kpi for kpi in self.kpis.values() if kpi.state in ("live", "draft") and not kpi.ended]

    def metric(self, kpi: KpiFact) -> MetricFact:
        return self.metrics[kpi.metric_id]

    def roles(self) -> set[int]:
        """Metrics that are KPIs, also those whose window is over."""
        return {kpi.metric_id for kpi in self.kpis.values()}

    def fed_by(self, metric_id: int) -> set[int]:
        """What feeds a metric or is a part of it, however far below."""
        return _reach([metric_id], self._below())

    def feeding(self, metric_id: int) -> set[int]:
        """What a metric feeds or is a part of, however far above."""
        return _reach([metric_id], self._above())

    def _above(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for metric_id, feeds_id in self._links():
            found.setdefault(metric_id, []).append(feeds_id)
        return found

    def _below(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for metric_id, feeds_id in self._links():
            found.setdefault(feeds_id, []).append(metric_id)
        return found

    def _links(self) -> Iterable[tuple[int, int]]:
        yield from self.edges
        for metric in self.metrics.values():
            for part in metric.parts:
                yield part, metric.id

    def towards(self, kpi: KpiFact) -> list[GoalFact]:
        """The goals above a KPI, its own first."""
        found: list[GoalFact] = []
        goal = self.goals.get(kpi.goal_id or 0)
        while goal is not None and goal not in found:
            found.append(goal)
            goal = self.goals.get(goal.parent_id or 0)
        return found


def _reach(begin: Sequence[int], steps: dict[int, list[int]]) -> set[int]:
    """All that can be reached, what it begins with left out."""
    found: set[int] = set()
    waiting = list(begin)
    while waiting:
        for other in steps.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found - set(begin)
