"""The definitions a workspace is made of: what people set up, as frozen values.

Every class mirrors one table of `storage/schema.py`, field for column. Days are epoch days (1970-01-01 is 0); the
last day of a window (`deadline`) is part of it. Percent values and shares are fractions. `id` and `rev` are 0 on a
definition that is not stored yet; `archived` says it was put away, never deleted. Constraints stand as annotations
(annotated-types) and are checked by `domain/checking.py` where values come in, not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

Cadence = Literal["day", "week", "month", "quarter", "year"]
Unit = Literal["number", "currency", "percent", "duration", "score"]
Kind = Literal["flow", "level", "ratio", "index", "distinct"]
Aggregation = Literal[
    "sum", "mean", "last", "first", "min", "max", "median", "ratio", "weighted_mean", "formula", "distinct"
]
Direction = Literal["up", "down", "range"]
Timing = Literal["leading", "lagging"]
Nature = Literal["activity", "outcome"]
ScopeKind = Literal["org", "team", "role", "person", "campaign", "client"]
TargetKind = Literal["reach", "from_to", "at_least", "at_most", "between", "milestone"]
KpiState = Literal["draft", "live", "paused", "retired"]
Days = Literal["every", "working"]
Rhythm = Literal["weekly", "monthly", "quarterly", "annual"]
ReviewState = Literal["open", "signed"]
LineKind = Literal["note", "decision", "issue", "action"]
ActionState = Literal["open", "done", "dropped"]

Slug = Annotated[str, MinLen(1), MaxLen(64)]
Name = Annotated[str, MinLen(1), MaxLen(120)]
Note = Annotated[str, MaxLen(4000)]
Person = Annotated[str, MaxLen(120)]
"""Who: an account, a name or several; empty for nobody."""
Strict: dict[str, object] = {"extra": "forbid", "revalidate_instances": "always"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whoever a set of KPIs belongs to; scopes nest. The root has no parent."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    slug: Slug
    name: Name
    kind: ScopeKind = "team"
    parent_id: int | None = None
    owner: Person = ""
    position: float = 0.0
    kpi_notice: Annotated[int, Ge(1)] | None = None
    """KPIs above which this scope says so; None takes the workspace's limit. The same for the next two."""
    kpi_warn: Annotated[int, Ge(1)] | None = None
    kpi_strong: Annotated[int, Ge(1)] | None = None
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A result wanted: a number and a date, in a scope; goals nest."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    slug: Slug
    title: Name
    scope_id: int = 0
    parent_id: int | None = None
    main: bool = False
    """The main goal of its year: at most one live one a year (the year of its deadline)."""
    metric_id: int | None = None
    """The metric that says how far it is; None until chosen."""
    target_kind: TargetKind = "from_to"
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    start: int | None = None
    deadline: int | None = None
    unit: Unit = "number"
    currency: str = ""
    owner: Person = ""
    description: Note = ""
    why: Note = ""
    """Why it matters (the R of SMART)."""
    weight: Annotated[float, Ge(0)] = 1.0
    position: float = 0.0
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """Anything that is counted."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    slug: Slug
    name: Name
    definition: Note = ""
    unit: Unit = "number"
    currency: str = ""
    """ISO code; empty means the workspace's."""
    decimals: Annotated[int, Ge(0), Le(9)] | None = None
    kind: Kind = "flow"
    aggregation: Aggregation | None = None
    """None follows from the kind (flow sum, level last, ratio ratio, index mean, distinct distinct)."""
    cadence: Cadence = "week"
    direction: Direction = "up"
    hard_min: float | None = None
    hard_max: float | None = None
    good_low: float | None = None
    """Own thresholds, used where the metric has no KPI role: good from `good_low` up and `good_high` down."""
    good_high: float | None = None
    watch_band: Annotated[float, Ge(0), Le(1)] | None = None
    timing: Timing | None = None
    nature: Nature | None = None
    counter: bool = False
    """It guards another metric against being gamed."""
    level: Literal["strategic", "operational"] | None = None
    influence: bool | None = None
    """Whether the people who look at it can move it."""
    owner: Person = ""
    updater: Person = ""
    """Who enters it; empty means the owner."""
    scope_id: int = 0
    audience: Person = ""
    source: Note = ""
    how: Note = ""
    """How to measure it, step by step."""
    effort: Note = ""
    benchmark: Note = ""
    grace_days: Annotated[int, Ge(0), Le(366)] = 0
    numerator_id: int | None = None
    denominator_id: int | None = None
    weight_id: int | None = None
    formula: Annotated[str, MaxLen(500)] = ""
    kept_because: Note = ""
    """Why it is kept although it feeds no KPI."""
    position: float = 0.0
    days: Days = "every"
    """On which days a value is expected: on every one, or on the workspace's working days only."""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """The role of a metric: tied to a goal, with baseline, target and deadline, in a scope."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    metric_id: int
    scope_id: int
    goal_id: int | None = None
    state: KpiState = "draft"
    target_kind: TargetKind = "from_to"
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    start: int | None = None
    deadline: int | None = None
    watch_band: Annotated[float, Ge(0), Le(1)] | None = None
    trajectory: Annotated[str, MaxLen(1000)] = ""
    """straight when empty; see `domain/trajectory.py`."""
    counter_id: int | None = None
    """The counter metric."""
    owner: Person = ""
    review: str = "weekly,monthly"
    """Rhythms it is looked at in, comma separated."""
    weight: Annotated[float, Ge(0)] = 1.0
    confidence: Annotated[int, Ge(1), Le(3)] | None = None
    objective: Note = ""
    answer_impact: Note = ""
    answer_results: Note = ""
    answer_measured: Note = ""
    answer_purpose: Note = ""
    answer_success: Note = ""
    answer_change: Note = ""
    position: float = 0.0
    floor: float | None = None
    """The least that is still acceptable, on the bad side of `target`."""
    stretch: float | None = None
    """What would be excellent, on the good side of `target`."""
    window: Annotated[int, Ge(1), Le(366)] = 1
    """Whole periods, the last ones, that the judged value is made of; see `domain/trailing.py`."""
    sustain: Annotated[int, Ge(1), Le(366)] = 1
    """Periods in a row that a level has to be at its target before it counts as reached."""
    tolerance: Annotated[float, Ge(0)] | None = None
    """How much worse the counter metric may get: a share of what it was, of a percentage points; None is as far as its
    natural limits."""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a KPI should reach from a day on; earlier ones keep judging the days before."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    kpi_id: int
    start: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: Note = ""
    floor: float | None = None
    stretch: float | None = None
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """`metric_id` feeds `feeds_id`."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    metric_id: int
    feeds_id: int
    position: float = 0.0
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A dated note on a metric or a goal."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    metric_id: int | None = None
    goal_id: int | None = None
    day: int
    text: Note
    who: Person = ""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A session over one period and scope."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    rhythm: Rhythm
    scope_id: int
    start: int
    end: int
    """The period looked at, half-open."""
    held: int
    """The day it is held."""
    state: ReviewState = "open"
    leader: Person = ""
    people: Note = ""
    step: Annotated[int, Ge(1), Le(6)] = 1
    item: int = 0
    """The exception the session stands at, for resuming."""
    seconds: str = ""
    """Seconds spent in each step so far, comma separated."""
    started_at: str = ""
    """UTC, ISO 8601."""
    ended_at: str = ""
    rating: Annotated[int, Ge(1), Le(10)] | None = None
    minutes: str = ""
    """Markdown as signed off, never changed afterwards."""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """One line written in a review. An action's own record is an `Action`."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    review_id: int
    kind: LineKind
    text: Note
    metric_id: int | None = None
    goal_id: int | None = None
    action_id: int | None = None
    who: Person = ""
    at: str = ""
    state: Literal["open", "parked", "closed"] = "open"
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFigure:
    """What a row said when the review was signed off: frozen."""

    id: int = 0
    review_id: int
    metric_id: int
    kpi_id: int | None = None
    value: float | None = None
    target: float | None = None
    gap: float | None = None
    progress: float | None = None
    status: str = ""
    why: str = ""
    signal: str = ""
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A task with an owner and a due date, tied to what it should move."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    text: Name
    owner: Person
    due: int
    state: ActionState = "open"
    metric_id: int | None = None
    goal_id: int | None = None
    review_id: int | None = None
    """Where it was agreed; None when made outside a review."""
    carried: int = 0
    """How many reviews it was carried over."""
    first_due: int | None = None
    closed: int | None = None
    cause: Note = ""
    """What it is to remove. An action with a cause is a countermeasure: its effect is looked at again later."""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """What to do when a KPI is missed: of one KPI, or of every KPI in a scope (a role, a person)."""

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    kpi_id: int | None = None
    scope_id: int | None = None
    """One of the two is given."""
    causes: Note = ""
    """What to look for, a line each; so are the two below."""
    support: Note = ""
    """What to offer: training, mentoring, time."""
    steps: Note = ""
    """What to do first."""
    archived: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A rule of the KPI doctor that does not count for one thing, with a reason and until a day.

    Of the four, at most one is given; none of them is the workspace as a whole.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = Strict
    id: int = 0
    rule: Annotated[str, MinLen(3), MaxLen(8)]
    kpi_id: int | None = None
    metric_id: int | None = None
    goal_id: int | None = None
    scope_id: int | None = None
    place: int = 0
    """Which of several findings about the workspace as a whole."""
    why: Annotated[str, MinLen(1), MaxLen(4000)]
    until: int
    """Its last day."""
    who: Person = ""
    archived: bool = False
    rev: int = 0
