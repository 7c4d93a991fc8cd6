"""The scorecard: the goal, the KPIs and the metrics of a scope with where they stand, and what waits beside them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from kpitui.domain.periods import Span, shift
from kpitui.services.book import Book, book_of
from kpitui.services.goal_standing import goal_view
from kpitui.services.judging import Row, judge_rows
from kpitui.services.scorecard import Home as Home
from kpitui.services.scorecard import NextReview as NextReview
from kpitui.services.scorecard import ScopeChoice as ScopeChoice
from kpitui.services.scorecard import Scorecard as Scorecard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.storage.reading import ActionRow as ActionRow
    from kpitui.storage.reading import NoteRow as NoteRow
    from kpitui.storage.reading import ScopeRow
    from kpitui.storage.store import Store

SEVERITY = {"missed": 0, "off_track": 1, "at_risk": 2, "stale": 3, "no_data": 5, "no_target": 6, "paused": 7}
"""Exceptions first: the order of rows inside a group; what is not named stands between stale and no data."""
DETAILED = 12
"""Due values that are shown with their last value and usual band."""


def by_severity(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Exceptions first, the order people gave otherwise kept."""
    return tuple(sorted(rows, key=lambda row: (SEVERITY.get(row.status, 4), not row.exception)))


def scorecard(store: Store, today: int, scope: str | None = None) -> Scorecard:
    """The scorecard of one scope (its slug; None is every scope) with the periods up to the day `today`.

    Raises NotFound for a scope that does not exist.
    """
    with store.snapshot():
        return card_of(book_of(store, today), scope)


def card_of(book: Book, scope: str | None) -> Scorecard:
    """The KPIs, metrics without a KPI role and goals of one scope, or of all; nothing of the scopes below it."""
    scope_id = scope_named(book, scope)
    kpi_rows, metric_rows = rows_in(book, scope_id)
    main = book.main_goal
    goals = tuple(goal_view(book, goal) for goal in book.goals.values() if scope_id in (None, goal.scope_id))
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
        calendar=book.calendar,
        limits=None if scope_id is None else book.limits_of(scope_id),
    )


def rows_in(book: Book, scope_id: int | None) -> tuple[list[Row], list[Row]]:
    """The KPIs, and the metrics without a KPI role, of one scope or of all."""
    with_role = {kpi.metric_id for kpi in book.kpis.values()}
    metrics = [
        metric
        for metric in book.metrics.values()
        if metric.id not in with_role and (scope_id is None or metric.scope_id == scope_id)
    ]
    return judge_rows(book, book.kpis_of(scope_id), metrics)


def owned_by(card: Scorecard, who: str) -> Scorecard:
    """The card with only the goals, KPIs and metrics that somebody answers for; the main goal stays."""
    return card._replace(
        goals=tuple(goal for goal in card.goals if goal.owner == who),
        kpis=tuple(row for row in card.kpis if row.owner == who),
        metrics=tuple(row for row in card.metrics if row.owner == who),
        limits=None,
    )


def scope_named(book: Book, slug: str | None) -> int | None:
    """The scope's id; None for None. Raises NotFound with the scopes there are."""
    if slug is None:
        return None
    for scope in book.scopes.values():
        if scope.slug == slug:
            return scope.id
    from kpitui.errors import NotFound
    from kpitui.text import cut

    known = ", ".join(sorted(row.slug for row in book.scopes.values()))
    raise NotFound(f"There is no scope called “{cut(slug, 40)}”. The scopes here are: {known}.")


def home(store: Store, today: int, scope: str | None = None) -> Home:
    """The first screen of a scope as of a day.

    Without a scope it is the root's, or all scopes together while the root has no KPI of its own. "" is all of them.
    """
    from kpitui.services.due import coming, owed, with_details
    from kpitui.services.glance import glance_in
    from kpitui.storage import reading

    with store.snapshot():
        book = book_of(store, today)
        choices = scope_choices(book)
        if scope is None:
            scope = choices[0].slug if not book.kpis or choices[0].kpis else ""
        card = card_of(book, scope or None)
        card = card._replace(kpis=by_severity(card.kpis))
        week = book.current("week")
        due = owed(book, detail=False)
        scope_id = scope_named(book, card.scope or None)
        if scope_id is not None and (book.root is None or scope_id != book.root.id):
            within = book.beneath(scope_id)
            shown = {row.metric_id for row in card.kpis}
            due = [item for item in due if item.scope_id in within or item.metric_id in shown]
        first = next(iter((*card.kpis, *card.metrics)), None)
        return Home(
            card=card,
            scopes=choices,
            currency=book.currency,
            limit=book.limits_of(scope_id).notice,
            week=week,
            week_label=book.period_label("week", week),
            due=(*with_details(book, due[:DETAILED]), *due[DETAILED:]),
            coming=() if due else tuple(coming(book)),
            to_check=sum(map(len, book.unchecked.values())),
            review=next_review(book, card),
            review_weekday=int(book.settings.get("review_weekday", 4)),
            actions=tuple(reading.actions(store, state="open")),
            last_word=reading.last_note(store, today),
            feeds=tuple((edge.metric_id, edge.feeds_id) for edge in book.drivers),
            glance=glance_in(book, first) if first else None,
            empty=not book.metrics,
        )


def scope_choices(book: Book) -> tuple[ScopeChoice, ...]:
    """The root, the scopes with KPIs or metrics of their own from the top down, and all of them together."""
    found = []
    counts: dict[int, int] = {}
    for metric in book.metrics.values():
        counts[metric.scope_id] = counts.get(metric.scope_id, 0) + 1
    waiting: list[ScopeRow] = [scope for scope in book.scopes.values() if scope.parent_id is None]
    while waiting:
        scope = waiting.pop(0)
        waiting[:0] = [below for below in book.scopes.values() if below.parent_id == scope.id]
        kpis = len(book.kpis_of(scope.id))
        metrics = counts.get(scope.id, 0)
        if kpis or metrics or scope.parent_id is None:
            found.append(ScopeChoice(scope.slug, scope.name, kpis, metrics))
    if len(found) != 1:
        found.append(ScopeChoice("", "all scopes", len(book.kpis), len(book.metrics)))
    return tuple(found)


def next_review(book: Book, card: Scorecard) -> NextReview | None:
    """The weekly review that runs, else the one that is due, else the next."""
    if not book.metrics:
        return None
    from kpitui.domain.review import OPEN_FOR
    from kpitui.services.due import due_day, latest_asked, weekday_of
    from kpitui.services.review_exceptions import to_come
    from kpitui.services.review_figures import books_of_late
    from kpitui.storage import reading

    weekday, week = weekday_of(book), book.current("week")
    held = [row for row in reading.reviews(book.store) if row.rhythm == "weekly"]
    period = latest_asked("week", book.today, book.calendar, weekday)
    signed = any(row.state == "signed" and row.start == period.start for row in held)
    missed = bool(held) and book.today < period.end + OPEN_FOR["weekly"]
    meant, day = period, due_day("week", period, weekday)
    if signed or (day < book.today and not missed):
        meant = shift("week", period, 1, book.calendar)
        day = due_day("week", meant, weekday)
    running = [row for row in held if row.state == "open"]
    if running:
        meant = Span(running[-1].start, running[-1].end)
    only = scope_named(book, card.scope or None)
    scope_id = only or (book.root.id if book.root else 0)
    rows = (*card.kpis, *card.metrics)
    loud = exceptions = to_come(book, book, rows, "weekly", meant, scope_id)
    if book.today >= meant.end:
        # Held late, it goes by the figures of its own week.
        looked, then = books_of_late(book, meant.end, running[-1].held if running else book.today)
        exceptions = to_come(looked, then, chain(*rows_in(then, only)), "weekly", meant, scope_id)
    # The values of the week that will be talked about; of one to come, of this week.
    about = meant if meant.start < week.start else week
    asked = [row for row in rows if row.cadence in ("day", "week") and not book.derived(book.metrics[row.metric_id])]
    return NextReview(
        rhythm="weekly",
        day=day,
        time=book.settings.get("review_time", "14:00"),
        minutes=int(book.settings.get("review_weekly", 30)),
        values_in=sum(
            1
            for row in asked
            if any(
                (c.present or c.extra) and c.span.end > about.start and c.span.start < about.end
                for c in reversed(row.series)
            )
        ),
        values_asked=len(asked),
        exceptions=exceptions,
        running=bool(running),
        loud=loud,
        values_of="" if about.start == meant.start else book.period_label("week", about),
    )
