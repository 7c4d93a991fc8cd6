"""Signing a review off: figures frozen, minutes stored and written beside the workspace; and opening it again."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.figure_style import plainly
from kpitui.domain.figures import show, whole_percent
from kpitui.domain.minutes import Figure, Minutes, Said, plain, written
from kpitui.domain.minutes import Task as ToldTask
from kpitui.domain.periods import to_date
from kpitui.domain.problem import Problem
from kpitui.domain.review import carried_text, first_due
from kpitui.errors import NotFound, Refused
from kpitui.services import locking, minutes_file
from kpitui.services.actions import MONTHS, day_words
from kpitui.services.book import Book
from kpitui.services.review_items import against, figure, gap_words
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.model import Review
    from kpitui.services.actions import Task
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.review_session import Session, Written
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

LONGEST_REASON = 200


class Signed(NamedTuple):
    """The minutes as stored, the file that holds them (empty when it could not be written), and what was done."""

    sentence: str
    minutes: str
    path: str


class Shown(NamedTuple):
    """A review to read: its minutes, and what was corrected in its figures since."""

    minutes: str
    signed: bool
    corrections: tuple[str, ...]


def file_of(workspace: str, rhythm: str, label: str, scope: str) -> str:
    """The path of a review's minutes: `reviews/2026-W47-weekly.md`, the scope behind it when it is not the root."""
    name = f"{label}-{rhythm}{f'-{scope}' if scope else ''}.md"
    return os.path.join(os.path.dirname(workspace), minutes_file.FOLDER, name)


@plainly()
def sign(store: Store, review_id: int, rating: int | None, today: int, *, beside: bool = True) -> Signed:
    """Freezes the figures, stores the minutes and writes their file; without `beside` only the workspace has them.

    Raises Problem for a rating that is not 1 to 10, Refused when it is signed off already or led by somebody else.
    """
    from kpitui.domain import model
    from kpitui.services.review_session import day_looked_at, session_of
    from kpitui.storage import definitions

    if rating is not None and not 1 <= rating <= 10:
        raise Problem("A review is rated from 1 to 10.")
    with store.write("review.sign") as tx:
        review = definitions.get(store, model.Review, review_id)
        if review.state == "signed":
            raise Refused("This review was signed off already.")
        if review.leader != store.who.name:
            raise Refused(f"{clean(review.leader)} leads this review and signs it off: take the lead first.")
        book = Book(store, day_looked_at(review, today))
        carry_over(tx, store, session_of(book, review))
        view = session_of(Book(store, book.today), review)
        park(tx, store, review)
        freeze(tx, store, review, view)
        locking.lock_all(tx, store, view.locking, f"{view.title[0].lower()}{view.title[1:]}", today)
        text = minutes_of(view, book, tx.at, rating)
        locked = locking.counted(view.locking)
        tx.summary = f"{view.title}, {locked}" if locked else view.title
        definitions.change(
            tx,
            review,
            state="signed",
            step=6,
            rating=rating,
            ended_at=tx.at,
            minutes=text,
            people=", ".join(view.people),
        )
    if not beside:
        return Signed(_signed(view) + _locked(view), text, "")
    return with_file(store, view, text)


def _signed(view: Session) -> str:
    return f"Signed off {view.title[0].lower()}{view.title[1:]}"


def _locked(view: Session) -> str:
    locked = locking.counted(view.locking)
    return f" · {locked}" if locked else ""


def with_file(store: Store, view: Session, text: str) -> Signed:
    """The minutes are safe in the workspace; the file beside it may still fail, and then that is said."""
    done, locked = _signed(view), _locked(view)
    wanted = os.path.basename(view.file)
    try:
        path = minutes_file.save(store.path, wanted, text)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        return Signed(f"{done}; its file {clean(view.file)} could not be written: {why}{locked}", text, "")
    name = os.path.join(minutes_file.FOLDER, os.path.basename(path))
    other = f" ({wanted} holds another text)" if os.path.basename(path) != wanted else ""
    return Signed(f"{done} · minutes in {clean(name)}{other}{locked}", text, path)


def reopen(store: Store, review_id: int, why: str) -> str:
    """Opens a signed review again: by its leader, with a reason that the log keeps."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    reason = " ".join(clean(why).split())
    if not reason:
        raise Problem("A signed review is opened again for a reason: say which.")
    if len(reason) > LONGEST_REASON:
        raise Problem(f"This reason is too long: {len(reason)} characters, at most {LONGEST_REASON}.")
    with store.write("review.reopen", why=reason) as tx:
        review = definitions.get(store, model.Review, review_id)
        if review.state != "signed":
            raise Refused("This review is not signed off: there is nothing to open again.")
        if review.leader != store.who.name:
            raise Refused(f"Only {clean(review.leader)}, who led it, may reopen this review.")
        tx.summary = f"{review.rhythm} review"
        definitions.change(tx, review, state="open")
    return f"Opened again: {reason}"


def stored_minutes(store: Store, review_id: int) -> str:
    """The minutes exactly as they were signed off. Raises NotFound while there are none."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    review = definitions.get(store, model.Review, review_id)
    if not review.minutes:
        raise NotFound(
            "This review is not signed off yet: it has no minutes. kpitui review show prints where it stands."
        )
    return review.minutes


@plainly()
def draft_minutes(store: Store, review_id: int, today: int) -> str:
    """What the minutes would say now; of a signed review what they say."""
    from kpitui.domain import model
    from kpitui.services.review_session import day_looked_at, session_of
    from kpitui.storage import definitions, head
    from kpitui.storage.as_known import PastStore

    with store.snapshot():
        review = definitions.get(store, model.Review, review_id)
        if review.state == "signed":
            return review.minutes
        book = Book(store, day_looked_at(review, today))
        # What was known then has stood since the last change before.
        at = head.saved_at(store) if isinstance(store, PastStore) else store.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return minutes_of(session_of(book, review), book, at, None, running=True)


def shown(store: Store, review_id: int, today: int) -> Shown:
    """A review to read, with a footnote for every figure that was corrected after the sign-off."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    text = draft_minutes(store, review_id, today)
    with store.snapshot():
        review = definitions.get(store, model.Review, review_id)
        if review.state != "signed":
            return Shown(text, False, ())
        from kpitui.services.review_corrections import corrections

        return Shown(text, True, corrections(store, review))


def carry_over(tx: Txn, store: Store, view: Session) -> None:
    """Counts every action from before that is still open; a second sign-off does not count it twice."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    if view.signed_before:
        return
    for task in view.last_time:
        if task.state == "open":
            action = definitions.get(store, model.Action, task.id)
            first = first_due(action.first_due, action.due)
            definitions.change(tx, action, carried=action.carried + 1, first_due=first)


def park(tx: Txn, store: Store, review: Review) -> None:
    """Issues that are still open wait for the next review."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    for line in definitions.all_of(store, model.ReviewLine, review_id=review.id, kind="issue", state="open"):
        definitions.change(tx, line, state="parked")


def freeze(tx: Txn, store: Store, review: Review, view: Session) -> None:
    """Stores what every row says; of a review that was opened again, over what it said then."""
    from kpitui.domain.model import ReviewFigure
    from kpitui.storage import definitions

    before = {(one.metric_id, one.kpi_id): one for one in definitions.all_of(store, ReviewFigure, review_id=review.id)}
    for row in view.rows:
        values = {
            "value": row.value,
            "target": row.target,
            "gap": row.gap,
            "progress": row.progress,
            "status": row.status,
            "why": row.why,
            "signal": row.signal.sentence if row.signal else "",
        }
        old = before.pop((row.metric_id, row.kpi_id), None)
        if old is not None:
            definitions.change(tx, old, **values)
        else:
            new = ReviewFigure(review_id=review.id, metric_id=row.metric_id, kpi_id=row.kpi_id, **values)  # type: ignore[arg-type]
            definitions.add(tx, new)
    for gone in before.values():
        definitions.change(tx, gone, value=None, status="", why="", signal="")


def minutes_of(view: Session, book: Book, at: str, rating: int | None, *, running: bool = False) -> str:
    """The minutes of a review as it stands at a UTC time."""
    from kpitui.services.review_session import clock_of, zone_of

    zone = zone_of(book)
    ended = clock_of(at, zone)
    hours = f"{view.started}-{ended}" if view.started and not running else view.started
    end_day = datetime.fromisoformat(at).astimezone(zone).date()
    year = f" {to_date(view.held).year}"
    return written(
        Minutes(
            title=view.title,
            day=day_words(view.held) + year,
            hours=hours,
            leader=clean(view.leader),
            people=[clean(name) for name in view.people],
            rating=rating,
            scope=clean(view.scope_name),
            goal=goal_sentence(view.goal),
            figures=[told_figure(view, place) for place in range(len(view.items))],
            decisions=[said(line) for line in view.of_kind("decision")],
            tasks=[*(told_task(task, True) for task in view.agreed), *(told_task(t, False) for t in view.last_time)],
            parked=[said(line) for line in view.of_kind("issue") if line.state != "closed"],
            closed=[said(line) for line in view.of_kind("issue") if line.state == "closed"],
            notes=[said(line, who=True) for line in view.of_kind("note")],
            targets=[clean(target) for target in view.targets],
            limits=[f"{cause[0].upper()}{cause[1:]}: {clean(names)}" for cause, names in locking.told(view.locking)],
            numbers=f"Numbers of {view.period_label} as of {end_day.day} {MONTHS[end_day.month - 1]} {ended}"
            + (": the review still runs." if running else ", frozen."),
            next=clean(view.next),
        )
    )


def told_figure(view: Session, place: int) -> Figure:
    item = view.items[place]
    row = item.row
    return Figure(
        clean(row.name),
        "" if row.value is None and item.group in ("quiet", "missing") else figure(row, row.value),
        against(row),
        gap_words(row),
        row.signal is not None and not item.known,
        item.group,
    )


def told_task(task: Task, new: bool) -> ToldTask:
    state = task.state
    if task.state == "open":
        state = "new" if new else carried_text(task.carried) or "open"
        if task.first_due is not None and task.first_due != task.due:
            date = to_date(task.first_due)
            state += f", was {date.day} {MONTHS[date.month - 1]}"
    return ToldTask(clean(task.owner), clean(task.text), day_words(task.due), state)


def said(line: Written, *, who: bool = False) -> Said:
    return Said(clean(line.text), clean(line.about), clean(line.who) if who else "")


def goal_sentence(goal: GoalView | None) -> str:
    """`Goal $5.0M ARR by 31 Dec: $4.31M, 62% of the way, 89% of the time. Off pace by 10%.`"""
    if goal is None:
        return "No goal is set."
    parts = [
        show(goal.value, goal.unit, currency=goal.currency, compact=True) if goal.value is not None else "no value"
    ]
    if goal.progress is not None:
        parts.append(f"{whole_percent(goal.progress)}% of the way")
    if goal.time_gone is not None:
        parts.append(f"{whole_percent(goal.time_gone)}% of the time")
    why = f" {plain(clean(goal.why))}." if goal.why else ""
    return f"Goal {plain(clean(goal.title))}: {', '.join(parts)}.{why}"
