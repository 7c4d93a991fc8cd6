"""Goals in full: read back as one sentence, held against history, rolled up from KPIs, and those of past years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain import feasibility, smart
from kpitui.domain.feasibility import Feasibility
from kpitui.domain.figures import show, show_target
from kpitui.domain.periods import boundaries, numbered, to_date
from kpitui.domain.quoting import quote
from kpitui.domain.rollup import Part, Rollup, roll_up
from kpitui.errors import NotFound
from kpitui.services.book import DAYS, Book
from kpitui.services.goal_standing import GoalView, goal_view
from kpitui.services.judging import Row, judge_rows

if TYPE_CHECKING:
    from kpitui.domain.model import Unit
    from kpitui.domain.periods import Span
    from kpitui.domain.smart import Smart
    from kpitui.storage.reading import GoalRow, MetricRow, NoteRow
    from kpitui.storage.store import Store

LONGEST = 72
"""Periods of history that windows are looked for in."""


class Held(NamedTuple):
    """A goal held against what was reached before."""

    figures: Feasibility
    words: str
    """`2.1 × your best year (2025); reached in 0 of 12 past windows`, or what is missing to say so."""


class Past(NamedTuple):
    """A goal whose day is over, and how it ended."""

    id: int
    slug: str
    title: str
    year: int
    """Of its last day."""
    scope: str
    main: bool
    owner: str
    unit: Unit
    currency: str
    target: float | None
    value: float | None
    """Where its metric stood on its last day."""
    progress: float | None
    status: str
    """achieved or missed, or why neither can be said."""
    why: str


class GoalPage(NamedTuple):
    """Everything a goal's own screen shows."""

    view: GoalView
    rev: int
    scope: str
    scope_slug: str
    metric: str
    metric_slug: str
    parent: str
    parent_slug: str
    description: str
    why: str
    smart: Smart
    held: Held
    kpis: tuple[Row, ...]
    together: Rollup
    """Its KPIs as one: weighted progress, worst status."""
    goals: tuple[GoalView, ...]
    goals_together: Rollup
    series: tuple[float | None, ...]
    """The metric's last values, for a sparkline."""
    notes: tuple[NoteRow, ...]
    past: tuple[Past, ...]
    """What was wanted in earlier years, of the same scope."""
    today: int


def main_goal(store: Store, today: int) -> int | None:
    """The number of the main goal, if there is one."""
    goal = Book(store, today).main_goal
    return None if goal is None else goal.id


def page(store: Store, today: int, item: int | str) -> GoalPage:
    """A goal in full as of `today`, by its number or slug. Raises NotFound when it was put away."""
    from kpitui.domain.model import Goal
    from kpitui.storage import definitions, reading

    with store.snapshot():
        book = Book(store, today)
        goal = next((one for one in book.goals.values() if item in (one.id, one.slug)), None)
        if goal is None:
            if isinstance(item, str):
                raise NotFound(f"There is no goal “{quote(item)}”: kpitui goals --json has their slugs.")
            raise NotFound("There is no such goal any more: the log says who put it away.")
        goal_id = goal.id
        full = definitions.get(store, Goal, goal_id)
        view = goal_view(book, goal)
        kpis = [kpi for kpi in book.kpis.values() if kpi.goal_id == goal_id]
        rows, _ = judge_rows(book, kpis, [])
        weights = {kpi.id: kpi.weight for kpi in kpis}
        below = [one for one in book.goals.values() if one.parent_id == goal_id]
        goals = tuple(goal_view(book, one) for one in below)
        metric = book.metrics.get(goal.metric_id or 0)
        parent = book.goals.get(goal.parent_id or 0)
        scope = book.scopes.get(goal.scope_id)
        held = held_against(book, goal)
        cells = book.last_cells(metric.id, 26) if metric is not None else ()
        return GoalPage(
            view=view,
            rev=goal.rev,
            scope=scope.name if scope else "",
            scope_slug=scope.slug if scope else "",
            metric=metric.name if metric else "",
            metric_slug=metric.slug if metric else "",
            parent=parent.title if parent else "",
            parent_slug=parent.slug if parent else "",
            description=full.description,
            why=full.why,
            smart=read_back(book, goal, full.why, full.description, held.figures),
            held=held,
            kpis=tuple(rows),
            together=roll_up(Part(row.progress, row.status, weights.get(row.kpi_id or 0, 1.0)) for row in rows),
            goals=goals,
            goals_together=roll_up(
                Part(one.progress, one.status, row.weight) for one, row in zip(goals, below, strict=True)
            ),
            series=tuple(cell.value for cell in cells),
            notes=tuple(note for note in reversed(reading.notes(store, goal_id=goal_id)) if note.day <= today),
            past=tuple(
                one for one in past_of(book) if one.id != goal_id and one.scope == (scope.slug if scope else "")
            ),
            today=today,
        )


def read_back(book: Book, goal: GoalRow, why: str, description: str, figures: Feasibility) -> Smart:
    """The goal as one sentence, with what is missing of it."""
    metric, scope = book.metrics.get(goal.metric_id or 0), book.scopes.get(goal.scope_id)
    currency = book.currency_of(goal)
    root = book.root

    def figure(value: float | None) -> str:
        return "" if value is None else show(value, goal.unit, currency=currency, compact=True)

    number = goal.target is not None or goal.low is not None or goal.high is not None
    target = show_target(
        goal.target_kind, goal.target, goal.low, goal.high, goal.unit, currency=currency  # type: ignore[arg-type]
    )  # fmt: skip
    facts = smart.Facts(
        goal.title,
        scope.name if scope and (root is None or scope.id != root.id) else "",
        metric.name if metric else "",
        figure(goal.baseline),
        target if number else "",
        goal.target_kind,
        day_words(goal.start, goal.deadline),
        day_words(goal.deadline),
        goal.owner,
        why,
        figures.times,
        bool(description.strip()),
    )
    return smart.read_back(facts, feasibility.REALISTIC)


def day_words(day: int | None, beside: int | None = None) -> str:
    """`1 Jan 2026`; without the year where `beside` is in the same one."""
    if day is None:
        return ""
    date = to_date(day)
    year = "" if beside is not None and to_date(beside).year == date.year else f" {date.year}"
    return f"{date.day} {date:%b}{year}"


# ---- against history ---------------------------------------------------------------------------------------------


def held_against(book: Book, goal: GoalRow) -> Held:
    """How many times the best it is, and how often that was reached, from the metric's values before the goal began."""
    metric = book.metrics.get(goal.metric_id or 0)
    nothing = Feasibility(None, None, None, 0, 0)
    if metric is None:
        return Held(nothing, "no metric says how far it is, so nothing can be compared")
    if goal.target is None or goal.deadline is None or goal.start is None:
        return Held(nothing, "needs a number, a first and a last day to be compared with the past")
    grain, length = windows_of(metric, goal.start, goal.deadline)
    until = min(goal.start, book.today + 1)
    last = boundaries(grain, until, book.calendar) - 1
    spans = [numbered(grain, place, book.calendar) for place in range(last - LONGEST + 1, last + 1)]
    work = book.days_of(metric.id) if grain == "day" else None
    if work is not None:
        spans = [span for span in spans if work.between(*span)]
        length = max(work.between(goal.start, goal.deadline + 1), 1)
    cells = book.cells(metric.id, grain, spans)
    values = [cell.value if cell.whole else None for cell in cells]
    down = metric.direction == "down"
    kind = goal.target_kind
    total = metric.kind == "flow" and kind in ("reach", "from_to")
    if total:
        found = feasibility.of_total(values, length, goal.target, down)
    elif kind in ("reach", "from_to") and goal.baseline is not None:
        found = feasibility.of_change(values, length, goal.baseline, goal.target)
    elif kind in ("at_least", "at_most"):
        found = feasibility.of_bound(values, goal.target, kind == "at_most")
        length = 1
    else:
        return Held(nothing, "needs to know where it stands today")
    return Held(found, _held_words(book, found, spans, grain, length, moved=not total and kind in ("reach", "from_to")))


def windows_of(metric: MetricRow, start: int, deadline: int) -> tuple[str, int]:
    """The grain the past is looked at in, and how many periods of it the goal's time has."""
    days = deadline + 1 - start
    wanted = "month" if days >= 80 else "week" if days >= 14 else "day"
    grain = wanted if DAYS[wanted] >= DAYS[metric.cadence] else metric.cadence
    return grain, max(1, round(days / DAYS[grain]))


_NAMES = {("month", 12): "year", ("quarter", 4): "year", ("year", 1): "year", ("month", 3): "quarter",
          ("quarter", 1): "quarter", ("week", 13): "quarter", ("month", 1): "month", ("week", 1): "week",
          ("day", 1): "day", ("day", 7): "week", ("week", 52): "year"}  # fmt: skip


def _held_words(book: Book, found: Feasibility, spans: Sequence[Span], grain: str, length: int, *, moved: bool) -> str:
    name = _NAMES.get((grain, length), f"{length} {grain}s")
    if not found.windows:
        return f"no whole {name} before it began to compare with"
    times = f"reached in {found.reached} of {found.windows} past windows"
    if length == 1 and not moved:
        times = f"reached in {found.reached} of {found.windows} past {grain}s"
    if found.times is None:
        return f"the best {name} so far brought nothing of it; {times}"
    at = ""
    if found.best_at is not None and found.best_at < len(spans):
        at = f" (from {book.period_label(grain, spans[found.best_at])})" if length > 1 or moved else ""
    best = f"your best {name}'s change" if moved else f"your best {name}"
    return f"{found.times:.2g} × {best}{at}; {times}"


# ---- past years --------------------------------------------------------------------------------------------------


def past_goals(store: Store, today: int) -> tuple[Past, ...]:
    """Every goal whose day is over, the newest first, with how it ended."""
    with store.snapshot():
        return past_of(Book(store, today))


def past_of(book: Book) -> tuple[Past, ...]:
    over = [goal for goal in book.goals.values() if goal.deadline is not None and goal.deadline < book.today]
    over.sort(key=lambda goal: (-(goal.deadline or 0), not goal.main, goal.position))
    return tuple(_ended(book, goal) for goal in over)


def _ended(book: Book, goal: GoalRow) -> Past:
    view = goal_view(book, goal)
    scope = book.scopes.get(goal.scope_id)
    return Past(
        goal.id,
        goal.slug,
        goal.title,
        to_date(goal.deadline or 0).year,
        scope.slug if scope else "",
        bool(goal.main),
        goal.owner,
        goal.unit,
        book.currency_of(goal),
        goal.target,
        view.value,
        view.progress,
        view.status,
        view.why,
    )
