"""Actions: what somebody does by a day, agreed in a review or between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.line_action import MENTION, read_action
from kpitui.domain.periods import Calendar, iso, to_date, to_day
from kpitui.domain.problem import Problem
from kpitui.domain.review import first_due
from kpitui.errors import NotFound, Refused
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from kpitui.domain.model import Action
    from kpitui.storage.reading import ActionRow, GoalRow, MetricRow
    from kpitui.storage.store import Store

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
STATES = ("open", "done", "dropped")


class Task(NamedTuple):
    """An action where it stands. Days are epoch days."""

    id: int
    rev: int
    text: str
    owner: str
    due: int
    late_days: int
    state: str
    metric_id: int | None
    goal_id: int | None
    review_id: int | None
    about: str
    """The name of what it should move; empty when it hangs on nothing."""
    slug: str
    carried: int
    first_due: int | None
    closed: int | None


class Done(NamedTuple):
    """An action as it is now, and the sentence that says what was done."""

    sentence: str
    task: Task


def day_words(day: int) -> str:
    """`Fri 27 Nov`."""
    date = to_date(day)
    return f"{WEEKDAYS[date.weekday()]} {date.day} {MONTHS[date.month - 1]}"


def task_of(
    row: ActionRow, today: int, metrics: Mapping[int, MetricRow], goals: Mapping[int, GoalRow] | None = None
) -> Task:
    metric = metrics.get(row.metric_id or 0)
    goal = (goals or {}).get(row.goal_id or 0)
    late = max(today - row.due, 0) if row.state == "open" else 0
    return Task(
        row.id,
        row.rev,
        row.text,
        row.owner,
        row.due,
        late,
        row.state,
        row.metric_id,
        row.goal_id,
        row.review_id,
        metric.name if metric else goal.title if goal else "",
        metric.slug if metric else goal.slug if goal else "",
        row.carried,
        row.first_due,
        row.closed,
    )


def tasks(
    store: Store, today: int, *, mine: bool = False, late: bool = False, state: str | None = "open"
) -> tuple[Task, ...]:
    """Actions by due day: the open ones, or those of another state (None is every state); `mine` are the account's."""
    from kpitui.storage import reading

    with store.snapshot():
        metrics = {row.id: row for row in reading.metrics(store, archived=True)}
        goals = {row.id: row for row in reading.goals(store, archived=True)}
        found = [task_of(row, today, metrics, goals) for row in reading.actions(store, state=state)]
    return tuple(task for task in found if (not mine or task.owner == store.who.name) and (not late or task.late_days))


def add(
    store: Store,
    text: str,
    today: int,
    *,
    metric_id: int | None = None,
    goal_id: int | None = None,
    review_id: int | None = None,
    cal: Calendar | None = None,
) -> Done:
    """Saves `what @who when`. Raises Problem with what is missing: an action has an owner and a date."""
    from kpitui.domain.model import Action
    from kpitui.storage import definitions

    said = read_action(text, to_date(today), cal=cal or Calendar())
    with store.write("action.add", summary=f"{said.who}, {said.text}, {iso(said.due)}") as tx:
        made = definitions.add(
            tx,
            Action(
                text=clean(said.text),
                owner=clean(said.who),
                due=said.due,
                metric_id=metric_id,
                goal_id=goal_id,
                review_id=review_id,
            ),
        )
    return Done(f"Saved action: {made.owner}, {made.text}, {day_words(made.due)}", one(store, made.id, today))


def close(store: Store, action_id: int, today: int, *, state: str = "done", rev: int | None = None) -> Done:
    """Marks an action done (or dropped); one that is closed is opened again with `state="open"`.

    Raises NotFound, Refused when it is so already, Conflict when somebody changed it since revision `rev`.
    """
    from kpitui.storage import definitions

    if state not in STATES:
        raise Problem(f"“{state}” is no state of an action: use {', '.join(STATES)}.")
    seen = stored(store, action_id, rev)
    if seen.state == state:
        raise Refused(f"“{clean(seen.text)}” is {state} already.")
    with store.write(f"action.{state}", summary=f"{seen.owner}, {seen.text}") as tx:
        definitions.change(tx, seen, state=state, closed=None if state == "open" else today)
    word = {"done": "Done", "dropped": "Dropped", "open": "Open again"}[state]
    return Done(f"{word}: {clean(seen.owner)}, {clean(seen.text)} (was {seen.state})", one(store, action_id, today))


def redate(
    store: Store, action_id: int, when: str, today: int, *, rev: int | None = None, cal: Calendar | None = None
) -> Done:
    """Gives an open action a new date; the first one is kept. Raises Problem for what is no date."""
    due = _due(when, today, cal)
    seen = _open(store, action_id, rev, "gets a new date")
    return _amended(store, seen, seen.owner, due, "action.date", today)


def hand_over(store: Store, action_id: int, who: str, today: int, *, rev: int | None = None) -> Done:
    """Gives an open action to somebody else: `bo` or `@bo`. Raises Problem for what is no name."""
    name = who if who.startswith("@") else f"@{who}"
    mention = MENTION.fullmatch(name)
    if mention is None:
        raise Problem("Who does it now? Name one person, like bo.")
    seen = _open(store, action_id, rev, "is handed over")
    if seen.owner == mention[1]:
        raise Refused(f"“{clean(seen.text)}” belongs to {clean(seen.owner)} already.")
    return _amended(store, seen, mention[1], seen.due, "action.owner", today)


def amend(store: Store, action_id: int, said: str, today: int, *, rev: int | None = None) -> Done:
    """As typed on one line: `fri` gives an open action a new date, `@bo` hands it over, `@bo fri` does both."""
    who, when = _who_and_when(said)
    if not who:
        return redate(store, action_id, when, today, rev=rev)
    if not when:
        return hand_over(store, action_id, who, today, rev=rev)
    seen = _open(store, action_id, rev, "is handed over")
    return _amended(store, seen, who, _due(when, today), "action.owner", today)


def _who_and_when(said: str) -> tuple[str, str]:
    words = said.split()
    who = [found[1] for word in words if (found := MENTION.fullmatch(word))]
    if len(set(who)) > 1:
        raise Problem("An action has one owner: name one.")
    return (who[0] if who else ""), " ".join(word for word in words if not MENTION.fullmatch(word))


def _due(when: str, today: int, cal: Calendar | None = None) -> int:
    from kpitui.domain.dates import read_date

    due = to_day(read_date(when, to_date(today), cal=cal or Calendar()))
    if due < today:
        raise Problem(f"{day_words(due)} is over: give a day from today on.")
    return due


def _open(store: Store, action_id: int, rev: int | None, only: str) -> Action:
    seen = stored(store, action_id, rev)
    if seen.state != "open":
        raise Refused(f"“{clean(seen.text)}” is {seen.state}: only an open action {only}.")
    return seen


def _amended(store: Store, seen: Action, who: str, due: int, what: str, today: int) -> Done:
    from kpitui.storage import definitions

    first = seen.first_due if due == seen.due else first_due(seen.first_due, seen.due)
    with store.write(what, summary=f"{who}, {seen.text}, {iso(due)}") as tx:
        definitions.change(tx, seen, owner=who, due=due, first_due=first)
    was = [clean(seen.owner)] if who != seen.owner else []
    was += [day_words(seen.due)] if due != seen.due else []
    before = f" (was {', '.join(was)})" if was else ""
    return Done(f"{clean(who)}, {clean(seen.text)}: {day_words(due)}{before}", one(store, seen.id, today))


def date_preview(when: str, today: int) -> str:
    """`Fri 27 Nov, in 7 days`, while typed as `amend` reads it. Raises Problem for what is no date, or is over."""
    who, when = _who_and_when(when)
    if who and not when:
        return f"{who}, on the same day"
    due = _due(when, today)
    days = due - today
    whose = f"{who}, " if who else ""
    return f"{whose}{day_words(due)}, {'today' if not days else 'tomorrow' if days == 1 else f'in {days} days'}"


def reword(store: Store, action_id: int, text: str, today: int, *, rev: int | None = None) -> Done:
    """Changes what, who and when of an action in one line. Raises Problem as `add` does."""
    from kpitui.storage import definitions

    said = read_action(text, to_date(today))
    seen = stored(store, action_id, rev)
    first = seen.first_due if said.due == seen.due else first_due(seen.first_due, seen.due)
    with store.write("action.edit", summary=f"{said.who}, {said.text}, {iso(said.due)}") as tx:
        definitions.change(tx, seen, text=clean(said.text), owner=clean(said.who), due=said.due, first_due=first)
    return Done(f"Saved action: {said.who}, {said.text}, {day_words(said.due)}", one(store, action_id, today))


def one(store: Store, action_id: int, today: int) -> Task:
    """An action where it stands. Raises NotFound."""
    for task in tasks(store, today, state=None):
        if task.id == action_id:
            return task
    _missing(action_id)


def stored(store: Store, action_id: int, rev: int | None = None) -> Action:
    """The action as it is stored, to be changed as seen at `rev`."""
    from dataclasses import replace

    from kpitui.domain import model
    from kpitui.storage import definitions

    found = definitions.find(store, model.Action, id=action_id)
    if found is None:
        _missing(action_id)
    return found if rev is None else replace(found, rev=rev)


def _missing(action_id: int) -> NoReturn:
    raise NotFound(f"There is no action {action_id}: kpitui actions lists them with their numbers.")
