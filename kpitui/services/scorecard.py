"""The views of the first screen: the scorecard and what stands beside it. Values only; `overview` makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple

if TYPE_CHECKING:
    from kpitui.domain.compare import Change
    from kpitui.domain.kpi_limits import Limits
    from kpitui.domain.periods import Calendar, Span
    from kpitui.services.rows import Coming, GoalView, Owed, Row
    from kpitui.storage.reading import ActionRow, NoteRow


class NextReview(NamedTuple):
    """The weekly review that comes next, and how ready it is."""

    rhythm: str
    day: int
    """In the past when it was not held."""
    time: str
    minutes: int
    values_in: int
    values_asked: int
    exceptions: frozenset[str]
    """Keys of the rows it goes through, by the figures it judges: those of its week, also when that is over."""
    running: bool
    """It was started and is not signed off."""
    loud: frozenset[str] = frozenset()
    """Keys of the rows it would go through by the figures of now."""
    values_of: str = ""
    """The week whose values are counted, where it is not that of the review: `W47` for the one of the next Friday."""

    @property
    def exceptions_said(self) -> str:
        """`4 exceptions`."""
        return f"{len(self.exceptions)} exception{'' if len(self.exceptions) == 1 else 's'}"

    @property
    def values_said(self) -> str:
        """`9 of 14 values in`, `8 of 8 values of W47 in`."""
        of = f" of {self.values_of}" if self.values_of else ""
        return f"{self.values_in} of {self.values_asked} values{of} in"


class Scorecard(NamedTuple):
    """Goals, KPIs and metrics of a scope as of a day."""

    workspace: str
    as_of: int
    scope: str
    """Slug; empty for all scopes."""
    goal: GoalView | None
    """The main goal."""
    goals: tuple[GoalView, ...]
    kpis: tuple[Row, ...]
    metrics: tuple[Row, ...]
    """Metrics without a KPI role, exceptions first."""
    calendar: Calendar
    limits: Limits | None = None
    """KPIs above which the scope has many; None for all scopes together, and where only some rows are shown."""


class ScopeChoice(NamedTuple):
    """A scope that has something to show; an empty slug stands for all of them together."""

    slug: str
    name: str
    kpis: int
    metrics: int


class Glance(NamedTuple):
    """`previous` compares the row's period with the one before, `last_year` with the one a year before."""

    key: str
    previous: Change | None
    last_year: Change | None
    usual_move: float | None
    """How far a value usually moves from one period to the next, up or down."""
    notes: tuple[NoteRow, ...]
    """Newest first."""


class Home(NamedTuple):
    """Everything the first screen shows."""

    card: Scorecard
    scopes: tuple[ScopeChoice, ...]
    currency: str
    """Of the workspace."""
    limit: int
    """How many KPIs the scope may have before it is said."""
    week: Span
    week_label: str
    due: tuple[Owed, ...]
    """Late ones first; the first `DETAILED` with their last value and usual band."""
    coming: tuple[Coming, ...]
    """What is asked for next; only looked up when nothing is due."""
    to_check: int
    """Values marked `?` that nobody has accepted."""
    review: NextReview | None
    review_weekday: int
    """Of the weekly review, Monday is 0."""
    actions: tuple[ActionRow, ...]
    """Open ones, by due day."""
    last_word: NoteRow | None
    feeds: tuple[tuple[int, int], ...]
    """(metric, the metric it feeds), in the order people gave."""
    glance: Glance | None
    """The first row, looked at closer."""
    empty: bool
    """There is no metric yet: the first-run page."""

    @property
    def loud(self) -> frozenset[str]:
        """Keys of the rows that need a word as they stand now: exceptions, if the review were of now."""
        return self.review.loud if self.review is not None else frozenset()
