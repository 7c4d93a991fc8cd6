"""The reviews the made-up company has held: the last six weekly ones and one monthly, with what was agreed in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.model import Action, Review, ReviewFigure, ReviewLine, Scope
from kpitui.domain.periods import Span, iso, month_index, month_start, short_label, span_of
from kpitui.services.demo.numbers import CALENDAR, FRIDAY, weekday
from kpitui.services.demo.story import Event, at, metric_id
from kpitui.storage import definitions
from kpitui.storage.store import Store

if TYPE_CHECKING:
    from kpitui.services.overview import Scorecard


class Agreed(NamedTuple):
    """An action as it was written down; `due` in days after the review."""

    text: str
    owner: str
    due: int
    metric: str = ""


class Session(NamedTuple):
    """One weekly review, `back` of them ago."""

    back: int
    rating: int
    minutes: int
    agreed: tuple[Agreed, ...] = ()
    done: tuple[str, ...] = ()
    """Actions reported as done."""
    decisions: tuple[tuple[str, str], ...] = ()
    """(metric, text)."""
    notes: tuple[tuple[str, str, str], ...] = ()
    """(metric, who, text)."""
    issues: tuple[tuple[str, str], ...] = ()
    """(text, state)."""


LATE = "Rewrite demo follow-up mail"

SESSIONS = (
    Session(
        6,
        7,
        29,
        (
            Agreed("Compare no-shows by channel", "bo", 7, "demos_booked"),
            Agreed("Write to the ten oldest trials", "dee", 6),
        ),
        decisions=(("cac", "No second trade fair this year"),),
        notes=(("cac", "bo", "The fair's costs come in four parts."),),
    ),
    Session(
        5,
        8,
        26,
        (Agreed("Ask for the renewal dates of the large accounts", "cy", 12, "nrr"),),
        done=("Write to the ten oldest trials",),
        notes=(("trial_conversion", "bo", "Fewer of the trials come from partners."),),
    ),
    Session(
        4,
        6,
        33,
        (Agreed("Look for a new SDR", "ana", 14, "demos_booked"),),
        done=("Compare no-shows by channel",),
        notes=(("demos_booked", "bo", "One SDR less from Monday on."),),
        issues=(("Who follows up on demo requests in the evening?", "closed"),),
    ),
    Session(
        3,
        8,
        27,
        (Agreed(LATE, "bo", 4, "demos_booked"),),
        done=("Ask for the renewal dates of the large accounts",),
        decisions=(("demos_booked", "Buy the list of 200 trial users"),),
        notes=(("demos_booked", "bo", "14 of the demos came from the webinar."),),
    ),
    Session(
        2,
        7,
        30,
        (
            Agreed("Renewals list", "cy", 6, "nrr"),
            Agreed("Ask the trial users who left why", "dee", 21, "trial_conversion"),
            Agreed("Split the fair's costs by quarter", "bo", 20, "cac"),
        ),
        done=("Look for a new SDR",),
        notes=(("demos_booked", "bo", "SDR post open until January; the webinar saved the week before."),),
    ),
    Session(
        1,
        8,
        27,
        (Agreed("Price test on annual plan", "ana", 11, "mrr"),),
        done=("Renewals list",),
        decisions=(
            ("mrr", "Price test to the end of the month"),
            ("demos_booked", "Contract SDR until the post is filled, cap $6k"),
        ),
        notes=(("cac", "bo", "Above the target for the second week; the fair's last part is in it."),),
        issues=(("Are no-shows counted?", "parked"), ("December renewals", "parked")),
    ),
)


def last_friday(today: int) -> int:
    """The last one before today."""
    return today - 1 - (weekday(today - 1) - FRIDAY) % 7


def events(today: int) -> Iterator[Event]:
    friday = last_friday(today)
    for session in SESSIONS:
        day = friday - 7 * (session.back - 1)
        yield Event(at(day, 14), "ana", "tui", partial(start, rhythm="weekly", day=day))
        yield from talk(session, day, late=today - friday < 5)
        yield Event(at(day, 14, session.minutes), "ana", "tui", partial(sign, day=day, rating=session.rating))
    month = month_index(today)
    day = first_friday(month if first_friday(month) < today else month - 1)
    yield Event(at(day, 15), "ana", "tui", partial(start, rhythm="monthly", day=day))
    note = partial(write, kind="note", text="Inputs fell before the results did: demos in week one.", slug="new_mrr")
    yield Event(at(day, 15, 20), "ana", "tui", note)
    decided = partial(write, kind="decision", text="Keep the target of MRR, look at it again in the quarterly review")
    yield Event(at(day, 15, 40), "ana", "tui", decided)
    yield Event(at(day, 15, 56), "ana", "tui", partial(sign, day=day, rating=7))


def first_friday(month: int) -> int:
    start = month_start(month)
    return start + (FRIDAY - weekday(start)) % 7


def talk(session: Session, day: int, late: bool) -> Iterator[Event]:
    """What was said and agreed, in the order of the six steps."""
    minute = 2
    for text in session.done:
        yield Event(at(day, 14, minute), "ana", "tui", partial(close, text=text, day=day))
        minute += 1
    if session.back == 2 or (session.back == 1 and not late):
        yield Event(at(day, 14, minute), "ana", "tui", partial(carry, text=LATE, due=day + 4))
        minute += 1
    for slug, who, text in session.notes:
        yield Event(at(day, 14, minute), who, "tui", partial(write, kind="note", text=text, slug=slug))
        minute += 2
    for slug, text in session.decisions:
        yield Event(at(day, 14, minute), "ana", "tui", partial(write, kind="decision", text=text, slug=slug))
        minute += 2
    for action in session.agreed:
        yield Event(at(day, 14, minute), "ana", "tui", partial(agree, action=action, day=day))
        minute += 1
    for text, state in session.issues:
        yield Event(at(day, 14, minute), "dee", "tui", partial(write, kind="issue", text=text, state=state))
        minute += 1


def running(store: Store) -> Review:
    review = definitions.find(store, Review, state="open")
    assert review
    return review


def start(store: Store, rhythm: str, day: int) -> None:
    org = definitions.find(store, Scope, slug="org")
    assert org
    month = month_index(day)
    week = span_of("week", day, CALENDAR)
    begin, end = (month_start(month - 1), month_start(month)) if rhythm == "monthly" else week
    with store.write("review.start") as tx:
        definitions.add(
            tx,
            Review(
                rhythm="monthly" if rhythm == "monthly" else "weekly",
                scope_id=org.id,
                start=begin,
                end=end,
                held=day,
                leader="ana",
                people="bo, cy, dee",
                started_at=tx.at,
            ),
        )


def write(store: Store, kind: str, text: str, slug: str = "", state: str = "open") -> None:
    review = running(store)
    with store.write(f"review.{kind}") as tx:
        line = ReviewLine(
            review_id=review.id,
            kind=kind,  # type: ignore[arg-type]
            text=text,
            metric_id=metric_id(store, slug) if slug else None,
            who=store.who.name,
            at=tx.at,
            state=state,  # type: ignore[arg-type]
        )
        definitions.add(tx, line)


def agree(store: Store, action: Agreed, day: int) -> None:
    review = running(store)
    metric = metric_id(store, action.metric) if action.metric else None
    with store.write("action.add") as tx:
        made = definitions.add(
            tx,
            Action(text=action.text, owner=action.owner, due=day + action.due, metric_id=metric, review_id=review.id),
        )
        definitions.add(
            tx,
            ReviewLine(
                review_id=review.id,
                kind="action",
                text=action.text,
                metric_id=metric,
                action_id=made.id,
                who=store.who.name,
                at=tx.at,
            ),
        )


def found(store: Store, text: str) -> Action:
    action = definitions.find(store, Action, text=text)
    assert action
    return action


def close(store: Store, text: str, day: int) -> None:
    with store.write("action.done") as tx:
        definitions.change(tx, found(store, text), state="done", closed=day)


def carry(store: Store, text: str, due: int) -> None:
    action = found(store, text)
    with store.write("action.carry") as tx:
        definitions.change(tx, action, due=due, carried=action.carried + 1, first_due=action.first_due or action.due)


def sign(store: Store, day: int, rating: int) -> None:
    """Freezes what every row said and closes the review."""
    from kpitui.services.book import Book
    from kpitui.services.overview import card_of

    review = running(store)
    book = Book(store, day)
    card = card_of(book, "org")
    with store.write("review.sign") as tx:
        for row in (*card.kpis, *card.metrics):
            definitions.add(
                tx,
                ReviewFigure(
                    review_id=review.id,
                    metric_id=row.metric_id,
                    kpi_id=row.kpi_id,
                    value=row.value,
                    target=row.target,
                    gap=row.gap,
                    progress=row.progress,
                    status=row.status,
                    why=row.why,
                    signal=row.signal.sentence if row.signal else "",
                ),
            )
        text = minutes(store, review, day, rating, card)
        definitions.change(tx, review, state="signed", step=6, rating=rating, ended_at=tx.at, minutes=text)


def minutes(store: Store, review: Review, day: int, rating: int, card: Scorecard) -> str:
    """What was said and agreed, as Markdown."""
    label = short_label("month" if review.rhythm == "monthly" else "week", Span(review.start, review.end), CALENDAR)
    lines = [
        f"# {review.rhythm.capitalize()} review {label}, {iso(day)}, led by ana ({review.people}), rated {rating}",
        "",
    ]
    if card.goal:
        lines += [f"Goal {card.goal.title}: {card.goal.why}.", ""]
    lines += [f"- {row.name}: {row.why}" for row in (*card.kpis, *card.metrics) if row.exception]
    written = definitions.all_of(store, ReviewLine, review_id=review.id)
    for kind, title in (("decision", "Decisions"), ("action", "Actions"), ("issue", "Issues"), ("note", "Notes")):
        said = [f"- {line.text} ({line.who})" for line in written if line.kind == kind]
        lines += ["", f"## {title}", "", *said] if said else []
    return "\n".join(lines) + "\n"
