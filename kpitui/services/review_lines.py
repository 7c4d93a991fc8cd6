"""What is written in a review, each line saved as it is written: notes, decisions, issues, actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.line_action import read_action
from kpitui.domain.periods import iso, to_date
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services import actions
from kpitui.services.actions import day_words
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.model import LineKind, Review, ReviewLine
    from kpitui.storage.store import Store

LONGEST = 400
WORDS = {"note": "note", "decision": "decision", "issue": "issue", "action": "action"}


class Saved(NamedTuple):
    """The number of the line and the sentence that says what was saved."""

    id: int
    sentence: str


def checked(text: str, kind: str) -> str:
    """The text of a line, on one line. Raises Problem when it is empty or too long."""
    line = " ".join(clean(text).split())
    if not line:
        raise Problem(f"A {WORDS.get(kind, 'line')} needs words: type what it says.")
    if len(line) > LONGEST:
        raise Problem(f"This {WORDS.get(kind, 'line')} is too long: {len(line)} characters, at most {LONGEST}.")
    return line


def write(
    store: Store,
    review_id: int,
    kind: LineKind,
    text: str,
    today: int,
    *,
    metric_id: int | None = None,
    goal_id: int | None = None,
) -> Saved:
    """Writes a note, a decision or an issue; a note on a metric stands at its chart too, under the day.

    Raises Problem for an empty or too long one, Refused once the review is signed off.
    """
    from kpitui.domain.model import Annotation, ReviewLine
    from kpitui.storage import definitions

    if kind == "action":
        return agree(store, review_id, text, today, metric_id=metric_id, goal_id=goal_id)
    line = checked(text, kind)
    with store.write(f"review.{kind}", summary=line) as tx:
        open_one(store, review_id)
        made = definitions.add(
            tx,
            ReviewLine(
                review_id=review_id,
                kind=kind,
                text=line,
                metric_id=metric_id,
                goal_id=goal_id,
                who=store.who.name,
                at=tx.at,
            ),
        )
        if kind == "note" and (metric_id is not None or goal_id is not None):
            definitions.add(
                tx,
                Annotation(
                    metric_id=metric_id,
                    goal_id=None if metric_id is not None else goal_id,
                    day=today,
                    text=line,
                    who=store.who.name,
                ),
            )
    return Saved(made.id, f"Saved {kind}: {line}")


def agree(
    store: Store,
    review_id: int,
    text: str,
    today: int,
    *,
    metric_id: int | None = None,
    goal_id: int | None = None,
) -> Saved:
    """Saves an action agreed in the review. Raises Problem with what is missing of what, who and when."""
    from kpitui.domain.model import ReviewLine
    from kpitui.storage import definitions

    said = read_action(text, to_date(today))
    with store.write("review.action", summary=f"{said.who}, {said.text}, {iso(said.due)}") as tx:
        open_one(store, review_id)
        done = actions.add(store, text, today, metric_id=metric_id, goal_id=goal_id, review_id=review_id)
        made = definitions.add(
            tx,
            ReviewLine(
                review_id=review_id,
                kind="action",
                text=done.task.text,
                metric_id=metric_id,
                goal_id=goal_id,
                action_id=done.task.id,
                who=store.who.name,
                at=tx.at,
            ),
        )
    return Saved(made.id, done.sentence)


def preview(text: str, today: int, about: str = "") -> str:
    """`bo · Fri 27 Nov · on Demos booked`, while an action is typed. Raises Problem with what is missing."""
    said = read_action(text, to_date(today))
    return " · ".join(part for part in (said.who, day_words(said.due), f"on {about}" if about else "") if part)


def close_issue(store: Store, line_id: int, *, rev: int | None = None) -> Saved:
    """Closes an issue, or opens it again. Raises Refused for another kind of line or a signed review."""
    from kpitui.storage import definitions

    line = stored(store, line_id, rev)
    if line.kind != "issue":
        raise Refused("Only an issue is closed: a decision stands, and an action is done.")
    again = line.state == "closed"
    with store.write("review.issue", summary=f"{'open again' if again else 'closed'}: {line.text}") as tx:
        open_one(store, line.review_id)
        definitions.change(tx, line, state="open" if again else "closed")
    return Saved(line.id, f"{'Open again' if again else 'Closed'}: {clean(line.text)}")


def reword(store: Store, line_id: int, text: str, *, rev: int | None = None) -> Saved:
    """Changes the words of a note, decision or issue. Raises Problem and Refused as `write` does."""
    from kpitui.storage import definitions

    line = stored(store, line_id, rev)
    if line.kind == "action":
        raise Refused("An action is changed as an action: what @who when.")
    new = checked(text, line.kind)
    with store.write("review.edit", summary=new) as tx:
        open_one(store, line.review_id)
        definitions.change(tx, line, text=new)
    return Saved(line.id, f"Saved {line.kind}: {new} (was {clean(line.text)})")


def stored(store: Store, line_id: int, rev: int | None) -> ReviewLine:
    from dataclasses import replace

    from kpitui.domain import model
    from kpitui.storage import definitions

    found = definitions.get(store, model.ReviewLine, line_id)
    return found if rev is None else replace(found, rev=rev)


def open_one(store: Store, review_id: int) -> Review:
    """The review, as long as lines may be written in it. Raises Refused once it is signed off."""
    from kpitui.domain import model
    from kpitui.storage import definitions

    review = definitions.get(store, model.Review, review_id)
    if review.state != "open":
        raise Refused("This review was signed off meanwhile: its leader may reopen it. NOT saved.")
    return review
