"""One review as one view: its agenda, what it talks about, what was written in it, and what is still open."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, iso, shift
from kpitui.domain.review import Set, grain_of, questions, read_seconds, timeboxes
from kpitui.errors import NotFound
from kpitui.services.actions import Task, day_words, task_of
from kpitui.services.book import Book
from kpitui.services.calendars_then import Calendars, label_of, title_of
from kpitui.services.countermeasures import Countermeasure, countermeasures
from kpitui.services.data_audit import for_review
from kpitui.services.due import due_day, weekday_of
from kpitui.services.locking import Plan, plan
from kpitui.services.review_exceptions import asked_for, looked_at, loud, seen_until
from kpitui.services.review_figures import book_of_figures, looked_on
from kpitui.services.review_items import Item, Panel, items_of, panel_of, target_words
from kpitui.services.waivers import waived
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.domain.model import Review, ReviewLine
    from kpitui.domain.periods import Calendar
    from kpitui.services.data_audit import Finding
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.judging import Row
    from kpitui.services.overview import Scorecard
    from kpitui.storage.reading import ScopeRow
    from kpitui.storage.store import Store

LENGTHS = {"weekly": 30, "monthly": 60, "quarterly": 120, "annual": 240}
"""Minutes, unless the workspace's settings say otherwise."""
MISSES_OF = 13


class Written(NamedTuple):
    """A line of a review. `clock` is the time of day it was written, in the workspace's time zone."""

    id: int
    rev: int
    kind: str
    text: str
    who: str
    clock: str
    metric_id: int | None
    goal_id: int | None
    action_id: int | None
    about: str
    state: str


class Flow(NamedTuple):
    """An input and the output it feeds, with where each stands."""

    source: Row
    feeds: Row
    words: str


class Session(NamedTuple):
    """Everything a running (or signed) review shows."""

    id: int
    rhythm: str
    title: str
    """`Weekly review W47`."""
    label: str
    period: Span
    period_label: str
    scope: str
    scope_name: str
    """Empty for the root."""
    state: str
    leader: str
    people: tuple[str, ...]
    leading: bool
    """Whether the account that asks leads it."""
    step: int
    item: int
    boxes: tuple[int, ...]
    """Minutes of each step."""
    seconds: tuple[int, ...]
    started: str
    """Time of day."""
    held: int
    as_of: int
    figures_of: int
    """The day that values, verdicts and targets stand as of: not after the period."""
    goal: GoalView | None
    rows: tuple[Row, ...]
    """KPIs, then the other metrics."""
    items: tuple[Item, ...]
    """Exceptions first, then the quiet ones."""
    loud: int
    """How many of the items are exceptions."""
    at: int
    """The item `panel` is of."""
    panel: Panel | None
    last_time: tuple[Task, ...]
    agreed: tuple[Task, ...]
    lines: tuple[Written, ...]
    flows: tuple[Flow, ...]
    targets: tuple[str, ...]
    questions: tuple[str, ...]
    warnings: tuple[str, ...]
    next: str
    file: str
    """The path of the minutes beside the workspace."""
    minutes: str
    """As signed off; empty while it runs."""
    rating: int | None
    signed_before: bool
    """It was signed off once and opened again."""
    calendar: Calendar
    effects: tuple[Countermeasure, ...] = ()
    """Countermeasures that are open or were done lately, with what they did."""
    doubts: tuple[Finding, ...] = ()
    """What the audit finds among its values, new since the period before, and all errors; none once it is signed."""
    locking: Plan = Plan((), ())
    """The natural limits that signing it locks, and those it leaves moving; none once it is signed."""

    def of_kind(self, kind: str) -> tuple[Written, ...]:
        return tuple(line for line in self.lines if line.kind == kind)


def session(store: Store, review_id: int, today: int, at: int | None = None) -> Session:
    """The review as it stands; `at` is the item whose panel is wanted (the stored one without it). Raises NotFound."""
    from kpitui.domain.model import Review
    from kpitui.storage import definitions

    with store.snapshot():
        review = definitions.get(store, Review, review_id)
        if review.archived:
            raise NotFound("This review was taken back: r starts another one.")
        return session_of(Book(store, day_looked_at(review, today)), review, at)


def day_looked_at(review: Review, today: int) -> int:
    return looked_on(review.end, review.held, today)


def session_of(book: Book, review: Review, at: int | None = None) -> Session:
    """The review as it stands on the book's day, with the figures of its period."""
    from kpitui.domain.model import ReviewLine
    from kpitui.services.signing import file_of
    from kpitui.storage import definitions, reading

    store, period = book.store, Span(review.start, review.end)
    root, scope = book.root, book.scopes.get(review.scope_id)
    whole = root is None or review.scope_id == root.id
    then = book if book.today < review.end else book_of_figures(store, review, book.today)
    card, rows = rows_of(then, review)
    since = seen_until(book, review.rhythm, review.scope_id, review.start)
    asked = asked_for(book, then, review.end)
    items = items_of(then, rows, period, asked, reading.notes(store), since, until=book.today)
    place_at = min(max(review.item if at is None else at, 0), max(len(items) - 1, 0))
    zone = zone_of(book)
    lines = definitions.all_of(store, ReviewLine, review_id=review.id)
    written = tuple(line_of(line, book, zone) for line in lines)
    last_time, agreed = tasks_of(book, review, whole)
    grain = grain_of(review.rhythm)
    upcoming = shift(grain, period, 1, book.calendar)
    next_day = due_day(grain, upcoming, weekday_of(book))
    time = book.settings.get("review_time", "14:00")
    people = tuple(
        dict.fromkeys(
            name
            for name in (*names(review.people), *(line.who for line in lines if line.at >= review.started_at))
            if name != review.leader
        )
    )
    minutes = int(book.settings.get(f"review_{review.rhythm}", LENGTHS[review.rhythm]))
    calendar = Calendars(store, book.calendar).of_review(review.id)
    title, name = title_of(review.rhythm, period, calendar, book.today), label_of(review.rhythm, period, calendar)
    return Session(
        id=review.id,
        rhythm=review.rhythm,
        title=title,
        label=name,
        period=period,
        period_label=title.rsplit(" review ", 1)[-1],
        scope=scope.slug if scope else "",
        scope_name="" if whole or scope is None else scope.name,
        state=review.state,
        leader=review.leader,
        people=people,
        leading=review.leader == store.who.name,
        step=review.step,
        item=review.item,
        boxes=timeboxes(minutes),
        seconds=read_seconds(review.seconds),
        started=clock_of(review.started_at, zone),
        held=review.held,
        as_of=book.today,
        figures_of=then.today,
        goal=card.goal,
        rows=rows,
        items=items,
        loud=loud(items),
        at=place_at,
        panel=panel_of(then, items[place_at].row) if items else None,
        last_time=last_time,
        agreed=agreed,
        lines=written,
        flows=flows_of(then, rows) if review.rhythm != "weekly" else (),
        targets=targets_of(book, rows, then.today) if review.rhythm != "weekly" else (),
        questions=questions_of(book, review.rhythm, rows, card.goal),
        warnings=warnings_of(items, written, [*agreed, *(task for task in last_time if task.state == "open")]),
        next=f"{day_words(next_day)} {time}, {clean(review.leader)} leads",
        file=file_of(store.path, review.rhythm, name, "" if whole else scope_slug(scope)),
        minutes=review.minutes if review.state == "signed" else "",
        rating=review.rating,
        signed_before=bool(review.ended_at) and review.state == "open",
        calendar=book.calendar,
        effects=countermeasures(book, [row.metric_id for row in rows]),
        doubts=for_review(then, [row.metric_id for row in rows], period) if review.state == "open" else (),
        locking=plan(then, rows, locked_before(then, review)) if review.state == "open" else Plan((), ()),
    )


def locked_before(book: Book, review: Review) -> set[int]:
    """The phases that the sign-off of a review, which was opened again since, has locked."""
    from kpitui.storage import locked_values

    return locked_values.locked_by(book.store, review.id) if review.ended_at else set()


def scope_slug(scope: ScopeRow | None) -> str:
    return "" if scope is None else scope.slug


def rows_of(book: Book, review: Review) -> tuple[Scorecard, tuple[Row, ...]]:
    """The scorecard of the review's scope, and its rows that are looked at in this rhythm."""
    from kpitui.services.overview import card_of

    scope = book.scopes.get(review.scope_id)
    whole = book.root is not None and review.scope_id == book.root.id and not book.kpis_of(review.scope_id)
    card = card_of(book, None if whole or scope is None else scope.slug)
    kpis = [row for row in card.kpis if row.state != "paused" and looked_at(book, row.kpi_id, review.rhythm)]
    return card, (*kpis, *card.metrics)


def tasks_of(book: Book, review: Review, whole: bool) -> tuple[tuple[Task, ...], tuple[Task, ...]]:
    """Actions from before, open or closed since the last review of this rhythm, and those agreed in this one."""
    from kpitui.storage import reading

    within = book.beneath(review.scope_id)
    held = {row.id: row for row in reading.reviews(book.store, archived=True)}
    before = [
        row.held
        for row in held.values()
        if row.rhythm == review.rhythm and row.scope_id == review.scope_id and row.id != review.id
        if row.state == "signed" and row.held <= review.held
    ]
    since = max(before, default=review.start)
    last_time, agreed = [], []
    for row in reading.actions(book.store):
        metric, goal = book.metrics.get(row.metric_id or 0), book.goals.get(row.goal_id or 0)
        scope_id = metric.scope_id if metric else goal.scope_id if goal else None
        made_in = held.get(row.review_id or 0)
        if row.review_id == review.id:
            agreed.append(task_of(row, book.today, book.metrics, book.goals))
        elif (whole or scope_id in within or (made_in and made_in.scope_id == review.scope_id)) and (
            row.state == "open" or (row.closed is not None and row.closed >= since)
        ):
            last_time.append(task_of(row, book.today, book.metrics, book.goals))
    last_time.sort(key=lambda task: (task.state != "open", task.due))
    return tuple(last_time), tuple(agreed)


def line_of(line: ReviewLine, book: Book, zone: tzinfo) -> Written:
    metric, goal = book.metrics.get(line.metric_id or 0), book.goals.get(line.goal_id or 0)
    return Written(
        line.id,
        line.rev,
        line.kind,
        line.text,
        line.who,
        clock_of(line.at, zone),
        line.metric_id,
        line.goal_id,
        line.action_id,
        metric.name if metric else goal.title if goal else "",
        line.state,
    )


def flows_of(book: Book, rows: Sequence[Row]) -> tuple[Flow, ...]:
    """Inputs against the outputs they feed, those that disagree first."""
    by_metric = {row.metric_id: row for row in rows}
    good, bad = ("on_track", "achieved"), ("off_track", "at_risk", "missed")
    found = []
    for edge in book.drivers:
        source, feeds = by_metric.get(edge.metric_id), by_metric.get(edge.feeds_id)
        if source is None or feeds is None:
            continue
        words = ""
        if source.status in good and feeds.status in bad:
            words = "the input is there, the output is not: does it still drive it?"
        elif source.status in bad and feeds.status in good:
            words = "the output holds without the input: what carries it?"
        elif source.status in bad and feeds.status in bad:
            words = "both are behind: work on the input"
        found.append(Flow(source, feeds, words))
    return tuple(sorted(found, key=lambda flow: not flow.words))


def targets_of(book: Book, rows: Sequence[Row], day: int) -> tuple[str, ...]:
    """The targets of the KPIs on a day, and those that begin later."""
    from kpitui.services.targets import coming

    return tuple(
        ", then ".join(
            [
                f"{row.name} {target_words(row)}" + (f" by {iso(row.deadline)}" if row.deadline is not None else ""),
                *coming(book, row.kpi_id, day),
            ]
        )
        for row in rows
        if row.kpi_id and target_words(row)
    )


def questions_of(book: Book, rhythm: str, rows: Sequence[Row], goal: GoalView | None) -> tuple[str, ...]:
    if rhythm not in ("quarterly", "annual"):
        return ()
    sets = []
    for row in rows:
        if row.kpi_id is None:
            continue
        kpi = book.kpis[row.kpi_id]
        recent = [cell for cell in row.series[-MISSES_OF:] if cell.value is not None]
        band = book.watch_band if kpi.watch_band is None else kpi.watch_band
        misses = sum(1 for cell in recent if row.missed(cell))
        sets.append(Set(row.name, row.status, kpi.counter_id is not None, misses, len(recent), f"{band:.0%}"))
    roles = {row.metric_id for row in rows if row.kpi_id}
    promote = [
        row.name
        for row in rows
        if row.kpi_id is None and row.signal and any(f in roles for f in book.feeds(row.metric_id))
    ]
    return (*questions(rhythm, sets, promote, goal.title if goal else "", dead_of(book, rhythm, rows)), *waived(book))


def dead_of(book: Book, rhythm: str, rows: Sequence[Row]) -> list[str]:
    """The drivers between the review's metrics without a link shown for a year, those of KPIs first."""
    from kpitui.services.leading import dead_levers

    if rhythm != "annual":
        return []
    within = {row.metric_id for row in rows}
    roles = {row.metric_id for row in rows if row.kpi_id}
    found = [dead for dead in dead_levers(book) if {dead.pair.metric.id, dead.pair.outcome.id} <= within]
    found.sort(key=lambda dead: dead.pair.outcome.id not in roles)
    return [dead.sentence for dead in found]


def warnings_of(items: Sequence[Item], lines: Sequence[Written], tasks: Sequence[Task]) -> tuple[str, ...]:
    """What is still open before the sign-off: exceptions without a decision or an action, of this review or before."""
    answered = {line.metric_id for line in lines if line.kind in ("decision", "action", "issue")}
    answered |= {task.metric_id for task in tasks}
    return tuple(
        f"{item.row.name} has no decision, action or issue yet"
        for item in items
        if item.group in ("off", "watch") and item.row.kpi_id and item.row.metric_id not in answered
    )


def names(text: str) -> list[str]:
    """Account names, separated by commas or blanks."""
    return [clean(name) for name in text.replace(",", " ").split()]


def zone_of(book: Book) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(book.settings.get("time_zone", "UTC"))
    except (KeyError, ValueError, OSError):
        return UTC


def clock_of(at: str, zone: tzinfo) -> str:
    """`14:09` of a UTC time as it is stored; empty when it is none."""
    try:
        return datetime.fromisoformat(at).astimezone(zone).strftime("%H:%M")
    except ValueError:
        return ""
