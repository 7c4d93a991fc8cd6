"""The reviews the made-up company has held: the last six weekly ones and one monthly, with what was agreed in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from kpitui.domain.model import Action, LineKind, Review, ReviewLine
from kpitui.domain.periods import iso, month_index, month_start
from kpitui.domain.review import SHARES
from kpitui.services import actions, review_lines, signing
from kpitui.services import review as services
from kpitui.services.demo.numbers import FRIDAY, weekday
from kpitui.services.demo.story import Event, at, metric_id
from kpitui.storage import definitions
from kpitui.storage.store import Store


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
    issues: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    """Issues that an earlier review had parked."""


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
        issues=("Who follows up on demo requests in the evening?",),
    ),
    Session(
        3,
        8,
        27,
        (Agreed(LATE, "bo", 4, "demos_booked"),),
        done=("Ask for the renewal dates of the large accounts",),
        decisions=(("demos_booked", "Buy the list of 200 trial users"),),
        settled=("Who follows up on demo requests in the evening?",),
        notes=(("demos_booked", "bo", "The SDR left on Monday; his calendar is shared out."),),
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
        notes=(
            ("demos_booked", "bo", "14 of the demos came from the webinar, so the week is not as good as it looks."),
        ),
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
        notes=(
            ("demos_booked", "bo", "SDR post open for two more months; expect 26 to 28 until then."),
            ("cac", "bo", "Above the target for the second week; the fair's last part is in it."),
        ),
        issues=("Are no-shows counted?", "The renewals of next month"),
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
        end = at(day, 14, session.minutes)
        yield Event(end, "ana", "tui", partial(sign, rating=session.rating, minutes=session.minutes, day=day))
    month = month_index(today)
    day = first_friday(month if first_friday(month) < today else month - 1)
    yield Event(at(day, 15), "ana", "tui", partial(start, rhythm="monthly", day=day))
    note = "Inputs fell before the results did: demos in the first week."
    yield Event(at(day, 15, 20), "ana", "tui", partial(write, kind="note", text=note, slug="new_mrr", day=day))
    decision = "Keep the target of MRR, look at it again in the quarterly review"
    yield Event(at(day, 15, 40), "ana", "tui", partial(write, kind="decision", text=decision, slug="mrr", day=day))
    yield Event(at(day, 15, 56), "ana", "tui", partial(sign, rating=7, minutes=56, day=day))


def first_friday(month: int) -> int:
    start = month_start(month)
    return start + (FRIDAY - weekday(start)) % 7


def talk(session: Session, day: int, late: bool) -> Iterator[Event]:
    """What was said and agreed, in the order of the six steps."""
    minute = 2

    def said(who: str, do: Callable[[Store], None]) -> Event:
        nonlocal minute
        minute += 1
        return Event(at(day, 14, minute), who, "tui", do)

    for text in session.done:
        yield said("ana", partial(done, text=text, day=day))
    if session.back == 2 or (session.back == 1 and not late):
        yield said("ana", partial(redate, text=LATE, due=day + 4, day=day))
    for slug, who, text in session.notes:
        yield said(who, partial(write, kind="note", text=text, slug=slug, day=day))
    for slug, text in session.decisions:
        yield said("ana", partial(write, kind="decision", text=text, slug=slug, day=day))
    for action in session.agreed:
        yield said("ana", partial(agree, action=action, day=day))
    for text in session.settled:
        yield said("ana", partial(settle, text=text))
    for text in session.issues:
        yield said("dee", partial(write, kind="issue", text=text, slug="", day=day))


def running(store: Store) -> int:
    review = definitions.find(store, Review, state="open")
    assert review
    return review.id


def start(store: Store, rhythm: str, day: int) -> None:
    services.start(store, rhythm, day, scope="org", people="bo, cy, dee")


def write(store: Store, kind: LineKind, text: str, slug: str, day: int) -> None:
    metric = metric_id(store, slug) if slug else None
    review_lines.write(store, running(store), kind, text, day, metric_id=metric)


def agree(store: Store, action: Agreed, day: int) -> None:
    line = f"{action.text} @{action.owner} {iso(day + action.due)}"
    metric = metric_id(store, action.metric) if action.metric else None
    review_lines.agree(store, running(store), line, day, metric_id=metric)


def found(store: Store, text: str) -> int:
    action = definitions.find(store, Action, text=text)
    assert action
    return action.id


def done(store: Store, text: str, day: int) -> None:
    actions.close(store, found(store, text), day)


def redate(store: Store, text: str, due: int, day: int) -> None:
    actions.redate(store, found(store, text), iso(due), day)


def settle(store: Store, text: str) -> None:
    """Closes an issue that an earlier review had parked."""
    line = definitions.find(store, ReviewLine, review_id=running(store), text=text)
    assert line
    review_lines.close_issue(store, line.id)


def sign(store: Store, rating: int, minutes: int, day: int) -> None:
    """Keeps how long each step took, and signs off. Only PATH of `demo --keep` is to be written, nothing beside it."""
    review = running(store)
    for step, share in enumerate(SHARES, 1):
        services.place(store, review, step, 0, spent_in=step, seconds=60 * minutes * share // sum(SHARES))
    signing.sign(store, review, rating, day, beside=False)
