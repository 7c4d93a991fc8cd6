"""The scorecard: the goal, the KPIs and the metrics of a scope with where they stand, and what waits beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span
from kpitui.services.book import Book
from kpitui.services.judging import GoalView, Row, goal_view, judge_rows

if TYPE_CHECKING:
    from kpitui.services.due import Owed
    from kpitui.storage.reading import ActionRow, NoteRow
    from kpitui.storage.store import Store

SEVERITY = {"missed": 0, "off_track": 1, "at_risk": 2, "stale": 3, "no_data": 5, "no_target": 6}
"""Exceptions first: the order of rows inside a group; what is not named stands between stale and no data."""


class NextReview(NamedTuple):
    """The review that comes next, and how ready it is."""

    rhythm: str
    day: int
    time: str
    minutes: int
    values_in: int
    values_asked: int
    exceptions: int
    running: bool


class Scorecard(NamedTuple):
    """Goals, KPIs and metrics of a scope as of a day."""

    workspace: str
    as_of: int
    scope: str
    goal: GoalView | None
    goals: tuple[GoalView, ...]
    kpis: tuple[Row, ...]
    metrics: tuple[Row, ...]


class Home(NamedTuple):
    """Everything the first screen shows."""

    card: Scorecard
    week: Span
    week_label: str
    due: tuple[Owed, ...]
    review: NextReview | None
    actions: tuple[ActionRow, ...]
    last_word: NoteRow | None
    scopes: int
    kpis_elsewhere: int
    empty: bool
    """Nothing is set up yet: the first-run page."""


def by_severity(rows: list[Row]) -> tuple[Row, ...]:
    """Exceptions first, the order people gave otherwise kept."""
    return tuple(sorted(rows, key=lambda row: SEVERITY.get(row.status, 4)))


def scorecard(store: Store, today: int, scope: str | None = None, *, whole: bool = False) -> Scorecard:
    """The scorecard of one scope (its slug; None is every scope).

    Raises NotFound for a scope that does not exist.
    """
    with store.snapshot():
        return card_of(Book(store, today), scope, whole=whole)


def card_of(book: Book, scope: str | None, *, whole: bool = False, shown: int = 26) -> Scorecard:
    scope_id = scope_named(book, scope)
    kpis = book.kpis_of(scope_id)
    with_role = {kpi.metric_id for kpi in (book.kpis.values() if whole or scope_id is None else kpis)}
    metrics = [
        metric
        for metric in book.metrics.values()
        if metric.id not in with_role and (scope_id is None or metric.scope_id == scope_id)
    ]
    kpi_rows, metric_rows = judge_rows(book, kpis, metrics, shown=shown)
    main = book.main_goal
    goals = tuple(
        goal_view(book, goal) for goal in book.goals.values() if scope_id is None or goal.scope_id == scope_id
    )
    main_view = next((view for view in goals if main and view.id == main.id), None)
    if main and main_view is None:
        main_view = goal_view(book, main)
    return Scorecard(
        workspace=book.settings.get("name", "Workspace"),
        as_of=book.today,
        scope=scope or "",
        goal=main_view,
        goals=goals,
        kpis=tuple(kpi_rows),
        metrics=by_severity(metric_rows),
    )


def scope_named(book: Book, slug: str | None) -> int | None:
    if slug is None:
        return None
    for scope in book.scopes.values():
        if scope.slug == slug:
            return scope.id
    from kpitui.errors import NotFound

    known = ", ".join(sorted(row.slug for row in book.scopes.values()))
    raise NotFound(f"There is no scope called '{slug}'. The scopes here are: {known}.")


def home(store: Store, today: int, scope: str | None = None, me: str | None = None) -> Home:
    """The first screen of a scope; `me` narrows due values and actions to one person."""
    from kpitui.services.due import owed
    from kpitui.storage import reading

    with store.snapshot():
        book = Book(store, today)
        card = card_of(book, scope)
        due = tuple(item for item in owed(book) if me is None or me in (item.owner, item.updater))
        actions = tuple(row for row in reading.actions(store, state="open") if me is None or row.owner == me)
        notes = [note for note in reading.notes(store) if note.day <= today]
        week = book.current("week")
        return Home(
            card=card,
            week=week,
            week_label=book.period_label("week", week),
            due=due,
            review=next_review(book, card),
            actions=tuple(sorted(actions, key=lambda row: row.due)),
            last_word=notes[-1] if notes else None,
            scopes=len(book.scopes),
            kpis_elsewhere=len(book.kpis) - len(card.kpis),
            empty=not book.goals and not book.metrics,
        )


def next_review(book: Book, card: Scorecard) -> NextReview | None:
    """The next weekly review: on the workspace's review day of this week, or of the next when it is held."""
    if not book.metrics:
        return None
    from kpitui.storage import reading

    week = book.current("week")
    weekday = int(book.settings.get("review_weekday", 4))
    day = week.start + (weekday - book.calendar.week_start) % 7
    held = [row for row in reading.reviews(book.store) if row.rhythm == "weekly"]
    running = any(row.state == "open" for row in held)
    if not running and (day < book.today or any(row.held >= week.start and row.state == "signed" for row in held)):
        day += 7
    weekly = [row for row in (*card.kpis, *card.metrics) if row.cadence in ("day", "week")]
    return NextReview(
        rhythm="weekly",
        day=day,
        time=book.settings.get("review_time", "14:00"),
        minutes=int(book.settings.get("review_weekly", 30)),
        values_in=sum(1 for row in weekly if row.period and row.period.end > week.start),
        values_asked=len(weekly),
        exceptions=sum(1 for row in (*card.kpis, *card.metrics) if row.exception),
        running=running,
    )
