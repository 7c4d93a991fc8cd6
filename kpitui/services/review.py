"""A review as people hold it: started or resumed, listed, its place kept, its lead handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, label, short_label
from kpitui.domain.problem import Problem
from kpitui.domain.review import GRAIN, OPEN_FOR, RHYTHMS, with_seconds
from kpitui.errors import NotFound, Refused
from kpitui.services.book import Book
from kpitui.services.calendars_then import Calendars, label_of, title_of
from kpitui.services.due import latest_asked, weekday_of
from kpitui.services.review_session import names
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpitui.domain.model import Rhythm
    from kpitui.storage.reading import ReviewRow
    from kpitui.storage.store import Store


class Choice(NamedTuple):
    """A review that could be started, or goes on."""

    rhythm: str
    period: Span
    label: str
    """`2026-W47`."""
    period_label: str
    """`W47`."""
    due: bool
    open_id: int | None
    signed_id: int | None


class Past(NamedTuple):
    """A review in the list."""

    id: int
    title: str
    rhythm: str
    label: str
    scope: str
    held: int
    state: str
    leader: str
    rating: int | None
    decisions: int
    actions: int
    open_actions: int


class Started(NamedTuple):
    id: int
    sentence: str
    resumed: bool


def choices(store: Store, today: int, scope: str | None = None) -> tuple[Choice, ...]:
    """The four reviews of a scope as of today, weekly first. Raises NotFound for a scope that does not exist."""
    from kpitui.storage import reading

    with store.snapshot():
        book = Book(store, today)
        scope_id = scope_id_of(book, scope)
        held = [row for row in reading.reviews(store) if row.scope_id == scope_id]
    return tuple(choice(book, rhythm, held) for rhythm in RHYTHMS)


def choice(book: Book, rhythm: str, held: Iterable[ReviewRow]) -> Choice:
    grain = GRAIN[rhythm]
    period = latest_asked(grain, book.today, book.calendar, weekday_of(book))
    mine = [row for row in held if row.rhythm == rhythm]
    running = next((row.id for row in mine if row.state == "open"), None)
    signed = next((row.id for row in mine if row.state == "signed" and row.start == period.start), None)
    due = signed is None and book.today < period.end + OPEN_FOR[rhythm] and bool(book.metrics or book.goals)
    return Choice(
        rhythm,
        period,
        label(grain, period, book.calendar),
        short_label(grain, period, book.calendar, book.today),
        due,
        running,
        signed,
    )


def suggested(found: Sequence[Choice]) -> Choice:
    """What `r` means: the one that runs, else the one that is due, the shortest first, else the weekly one."""
    running = [one for one in found if one.open_id is not None]
    due = [one for one in found if one.due]
    return (running or due or list(found))[0]


def start(store: Store, rhythm: str, today: int, *, scope: str | None = None, people: str = "") -> Started:
    """Starts the review of the last period whose day has come, or resumes the one that runs.

    Issues parked in the last one are taken along. Raises Refused when that period's was signed off, NotFound for a
    scope that does not exist, Problem for another rhythm.
    """
    from kpitui.domain.model import Review, ReviewLine
    from kpitui.storage import definitions, reading

    if rhythm not in RHYTHMS:
        raise Problem(f"“{rhythm}” is no rhythm of reviews: use {', '.join(RHYTHMS)}.")
    known: Rhythm = rhythm  # type: ignore[assignment]
    book = Book(store, today)
    scope_id = scope_id_of(book, scope)
    with store.write("review.start") as tx:
        # Looked at under the lock: two people may press r at once.
        held = [row for row in reading.reviews(store) if row.scope_id == scope_id and row.rhythm == rhythm]
        found = choice(book, rhythm, held)
        if found.open_id is not None:
            running = next(row for row in held if row.id == found.open_id)
            title = title_of(running.rhythm, Span(running.start, running.end), book.calendar, today)
            return Started(running.id, f"{title} goes on at step {running.step}", True)
        title = title_of(rhythm, found.period, book.calendar, today)
        if found.signed_id is not None:
            raise Refused(f"{title} was signed off already: its leader may reopen it, with a reason.")
        tx.summary = title
        made = definitions.add(
            tx,
            Review(
                rhythm=known,
                scope_id=scope_id,
                start=found.period.start,
                end=found.period.end,
                held=today,
                leader=store.who.name,
                people=", ".join(names(people)),
                started_at=tx.at,
            ),
        )
        last = next((row for row in held if row.state == "signed"), None)
        parked = definitions.all_of(store, ReviewLine, review_id=last.id, kind="issue") if last else []
        for issue in parked:
            if issue.state == "parked":
                definitions.add(
                    tx,
                    ReviewLine(
                        review_id=made.id,
                        kind="issue",
                        text=issue.text,
                        metric_id=issue.metric_id,
                        goal_id=issue.goal_id,
                        who=issue.who,
                        at=issue.at,
                    ),
                )
    return Started(made.id, f"Started {title[0].lower()}{title[1:]}, led by {made.leader}", False)


def place(store: Store, review_id: int, step: int, item: int, *, spent_in: int = 0, seconds: int = 0) -> bool:
    """Keeps where the review stands, and adds the seconds spent in a step. Only its leader's place is kept."""
    from kpitui.domain.model import Review
    from kpitui.storage import definitions, reviewing

    seen = definitions.get(store, Review, review_id)
    if seen.state != "open" or seen.leader != store.who.name:
        return False
    with store.write("review.place", summary=f"step {step}") as tx:
        seen = definitions.get(store, Review, review_id)
        spent = with_seconds(seen.seconds, spent_in, seconds) if spent_in else seen.seconds
        return reviewing.place(tx, review_id, step, item, spent)


def lead(store: Store, review_id: int) -> str:
    """Takes the lead of a running review, for when its leader cannot go on; the log keeps who had it."""
    from kpitui.domain.model import Review
    from kpitui.storage import definitions

    with store.write("review.lead") as tx:
        seen = definitions.get(store, Review, review_id)
        if seen.state != "open":
            raise Refused("This review was signed off: there is nothing to lead.")
        if seen.leader == store.who.name:
            raise Refused("You lead this review already.")
        others = [name for name in (*names(seen.people), seen.leader) if name != store.who.name]
        tx.summary = f"{store.who.name} leads (was {seen.leader})"
        definitions.change(tx, seen, leader=store.who.name, people=", ".join(dict.fromkeys(others)))
    return f"{store.who.name} leads this review now (was {clean(seen.leader)})"


def past(store: Store, today: int) -> tuple[Past, ...]:
    """All reviews held up to a day, the newest first."""
    from kpitui.domain.model import ReviewLine
    from kpitui.storage import definitions, reading

    with store.snapshot():
        book = Book(store, today)
        lines = definitions.all_of(store, ReviewLine)
        made = reading.actions(store)
        calendars = Calendars(store, book.calendar)
        found = []
        for row in reading.reviews(store):
            if row.held > today:
                continue
            period, calendar = Span(row.start, row.end), calendars.of_review(row.id)
            scope = book.scopes.get(row.scope_id)
            own = [action for action in made if action.review_id == row.id]
            found.append(
                Past(
                    row.id,
                    title_of(row.rhythm, period, calendar, today),
                    row.rhythm,
                    label_of(row.rhythm, period, calendar),
                    scope.slug if scope else "",
                    row.held,
                    row.state,
                    row.leader,
                    row.rating,
                    sum(1 for line in lines if line.review_id == row.id and line.kind == "decision"),
                    len(own),
                    sum(1 for action in own if action.state == "open"),
                )
            )
        return tuple(found)


def named(store: Store, today: int, words: str = "") -> int:
    """The number of the review meant: by number, by period (`W47`, `2026-W47`, `Oct`), by rhythm, else the newest.

    Raises NotFound with those there are.
    """
    found = past(store, today)
    if not found:
        raise NotFound("No review was held yet: kpitui review start begins one, and so does r in the screens.")
    wanted = words.strip().casefold()
    for one in found:
        period = one.title.rsplit(" review ", 1)[-1]
        if not wanted or wanted in (str(one.id), one.label.casefold(), period.casefold(), one.rhythm):
            return one.id
    listed = ", ".join(f"{one.id} ({one.label} {one.rhythm})" for one in found[:6])
    raise NotFound(f"There is no review “{clean(words)}”. The last ones are: {listed}.")


def scope_id_of(book: Book, scope: str | None) -> int:
    from kpitui.services.overview import scope_named

    found = scope_named(book, scope or None)
    if found is not None:
        return found
    if book.root is None:
        raise Refused("There is nothing to review yet: set a goal first, kpitui opens the screens, where n writes one.")
    return book.root.id
