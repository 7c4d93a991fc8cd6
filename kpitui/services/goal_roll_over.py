"""Next year's goal from this year's: same metric, next window, a new number; its KPIs follow when the year is over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.figures import show
from kpitui.domain.line_goal import in_title
from kpitui.domain.line_target import read_target
from kpitui.domain.periods import boundaries, month_index, month_start, shift, span_of, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.target import in_force
from kpitui.errors import NotFound, Refused
from kpitui.services.aims import aim_of
from kpitui.services.book import Book
from kpitui.services.naming import Done, free_slug
from kpitui.services.shaping import latest
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.model import Goal, Unit
    from kpitui.domain.periods import Calendar
    from kpitui.storage.reading import GoalRow, KpiRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

_TITLE = re.compile(r"^\S*[0-9]\S*\s+(.*?)(?:\s+(?:by|in|until)\s.*)?$")
_SLUG_YEAR = re.compile(r"(?:^|_)(?:19|20|21)\d\d(?=_|$)")
_YEAR = re.compile(r"\b(?:19|20|21)\d\d\b")


class Next(NamedTuple):
    """What rolling over a goal would make."""

    goal_id: int
    title: str
    unit: Unit
    currency: str
    target: float | None
    """Of the goal that is rolled over."""
    value: float | None
    """Where its metric stands."""
    start: int
    deadline: int
    kpis: int
    """KPIs that would follow; 0 while the old goal is running."""
    successor: int | None
    """The goal of the next window that is there already."""
    less: bool | None = None
    """Whether less of it is better; None of what begins at nothing again."""


def next_window(start: int | None, deadline: int, yearly: bool, cal: Calendar | None = None) -> tuple[int, int]:
    """First and last day of the window after one: a year when it is a goal of the year or has no first day, else as
    many whole months as it had, at least one. The last day of a month stays one. Where the calendar cuts years or
    quarters otherwise and the window is made of them, so is the next one."""
    for grain in ("year", "quarter", "month") if cal is not None and cal.cut is not None else ():
        assert cal is not None
        ending = span_of(grain, deadline, cal)
        if ending.end != deadline + 1:
            continue
        if start is None or yearly:
            count = 1 if grain == "year" else 0
        else:
            whole = span_of(grain, start, cal).start == start
            count = boundaries(grain, deadline + 1, cal) - boundaries(grain, start, cal) if whole else 0
        if count > 0:
            return deadline + 1, shift(grain, ending, count, cal).end - 1
    day = to_date(deadline)
    months = 12 if start is None or yearly else max(1, month_index(deadline + 1) - month_index(start))
    index = month_index(deadline) + months
    first, after = month_start(index), month_start(index + 1)
    at_end = deadline + 1 == month_start(month_index(deadline) + 1)
    return deadline + 1, after - 1 if at_end else min(first + day.day - 1, after - 1)


def yearly(goal: GoalRow | Goal, calendar: Calendar) -> bool:
    """Whether a goal is one of a year, even where it was written in the middle of it."""
    deadline, start = goal.deadline or 0, goal.start
    within = start is not None and start == month_start(month_index(start))
    return bool(goal.main) or (span_of("year", deadline, calendar).end == deadline + 1 and not within)


def offer(store: Store, today: int, goal_id: int) -> Next:
    """What `roll_over` would do. Raises NotFound, and Refused for a goal without a last day."""
    with store.snapshot():
        return _next(Book(store, today), goal_id)


def _next(book: Book, goal_id: int) -> Next:
    goal = book.goals.get(goal_id)
    if goal is None:
        raise NotFound("The goal was put away meanwhile: the log says by whom.")
    if goal.deadline is None:
        raise Refused(f"{quote(goal.title)} has no last day, so there is no year after it: e gives it one.")
    start, deadline = next_window(goal.start, goal.deadline, yearly(goal, book.calendar), book.calendar)
    later = next((one.id for one in book.goals.values() if _follows(goal, one, start)), None)
    metric = book.metrics.get(goal.metric_id or 0)
    value = latest(book, metric.id) if metric is not None else None
    return Next(
        goal.id,
        goal.title,
        goal.unit,
        book.currency_of(goal),
        goal.target,
        value,
        start,
        deadline,
        len(_following(book, goal)) if goal.deadline < book.today else 0,
        later,
        metric.direction == "down" if metric is not None and metric.kind != "flow" else None,
    )


def _follows(goal: GoalRow, other: GoalRow, start: int) -> bool:
    """Whether a goal is this one's next window."""
    same = other.metric_id == goal.metric_id if goal.metric_id is not None else other.parent_id == goal.parent_id
    return other.id != goal.id and other.scope_id == goal.scope_id and other.start == start and same


def _following(book: Book, goal: GoalRow) -> list[KpiRow]:
    return [kpi for kpi in book.kpis.values() if kpi.goal_id == goal.id]


def number_of(given: Next, text: str, today: int) -> float | None:
    """The number that is typed: `6m`, or `+20%` of the goal that is rolled over; None for an empty line. Raises
    Problem."""
    said = text.strip()
    if not said:
        return given.target
    line = read_target(said, to_date(today), given.unit, currency=given.currency, baseline=given.target)
    if line.value is None or line.deadline is not None:
        raise Problem("Type the number alone, like 6m or +20%: the days follow from this year's.")
    return line.value


def words(given: Next, text: str, today: int) -> str:
    """What a typed number makes: `$6.0M ARR by 31 Dec 2027, from 1 Jan 2027 · 3 KPIs follow as drafts`."""
    number = number_of(given, text, today)
    day = to_date(given.start)
    follow = f", {given.kpis} KPI{'' if given.kpis == 1 else 's'} follow" if given.kpis else ""
    there = ""
    if given.value is not None and _met(given, number):
        there = f"; it stands at {show(given.value, given.unit, currency=given.currency)} already"
    return f"{_title(given, number, today)}, from {day.day} {day:%b} {day.year}{follow}{there}"


def _met(given: Next, number: float | None) -> bool:
    if given.value is None or number is None or given.less is None:
        return False
    return given.value <= number if given.less else given.value >= number


def _title(given: Next, number: float | None, today: int) -> str:
    day = to_date(given.deadline)
    year = f" {day.year}" if day.year != to_date(today).year else ""
    subject = _TITLE.match(given.title)
    if subject is not None and number is not None:
        shown = in_title(number, given.unit, given.currency, given.title.partition(" ")[0])
        return " ".join(filter(None, (shown, subject[1], f"by {day.day} {day:%b}{year}")))[:120]
    renamed = _YEAR.sub(str(day.year), given.title)
    return renamed if renamed != given.title else f"{given.title[:110]} {day.year}"


def roll_over(store: Store, goal_id: int, text: str, today: int) -> Done:
    """Makes the goal of the next window, and takes the KPIs along once the old one is over.

    What stands is kept: the old goal and the roles under it stay as they were judged; a KPI that follows is a new role,
    a draft until it has a target for the new window (one that holds a bound keeps it and stays live). Raises Refused
    where there is nothing left to do.
    """
    from kpitui.domain.model import Goal
    from kpitui.storage import definitions

    book = Book(store, today)
    given = _next(book, goal_id)
    number = number_of(given, text, today)
    old = definitions.get(store, Goal, goal_id)
    if given.successor is not None and not given.kpis:
        there = book.goals[given.successor]
        when = "" if (old.deadline or 0) < today else f"; its KPIs follow after {_day(old.deadline or 0)}"
        raise Refused(f"{quote(there.title)} is there already{when}.")
    with store.write("goal.roll_over", summary=f"{old.title} into the next year") as tx:
        if given.successor is None:
            goal = definitions.add(tx, _new_goal(store, book, old, given, number, today))
        else:
            goal = definitions.get(store, Goal, given.successor)
            if goal.rev == 1 and goal.baseline is not None and given.value not in (None, goal.target):
                # Written before the year was over, and not touched since: now it is known where that ended.
                goal = definitions.change(tx, goal, baseline=given.value)
        kpis = _following(book, book.goals[goal_id]) if given.kpis else []
        live = [_follow(tx, store, book, kpi, goal, given) for kpi in kpis]
    said = f"New goal: {clean(goal.title)}" if given.successor is None else f"{clean(goal.title)}"
    if kpis:
        drafts = live.count(False)
        said += f", {len(kpis)} KPI{'' if len(kpis) == 1 else 's'} came along"
        some = "one of them a draft" if drafts == 1 else f"{drafts} of them drafts"
        said += f", {some} until T gives a target" if drafts else ""
    elif (old.deadline or 0) >= today and _following(book, book.goals[goal_id]):
        said += f"; its KPIs stay with this one until {_day(old.deadline or 0)}, then roll over again"
    return Done(said, f"goal:{goal.id}")


def _new_goal(store: Store, book: Book, old: Goal, given: Next, number: float | None, today: int) -> Goal:
    from dataclasses import replace

    title = _title(given, number, today)
    year = to_date(given.deadline).year
    mains = [one for one in book.goals.values() if one.main and one.deadline and to_date(one.deadline).year == year]
    parent = book.goals.get(old.parent_id or 0)
    if parent is not None and parent.deadline is not None and parent.deadline < given.deadline:
        start, _ = next_window(parent.start, parent.deadline, yearly(parent, book.calendar), book.calendar)
        parent = next((one for one in book.goals.values() if _follows(parent, one, start)), None)
    metric = book.metrics.get(old.metric_id or 0)
    baseline = given.value if old.target_kind == "from_to" and (metric is None or metric.kind != "flow") else None
    if baseline is not None and baseline == number:
        baseline = None
    return replace(
        old,
        id=0,
        rev=0,
        slug=free_slug(store, f"{_SLUG_YEAR.sub('', old.slug).strip('_') or 'goal'} {year}"),
        title=title,
        main=old.main and not mains,
        parent_id=parent.id if parent is not None else None,
        baseline=baseline,
        target=number,
        start=given.start,
        deadline=given.deadline,
        why="",  # whoever reads the new number must be told its own reason
        position=max((one.position for one in book.goals.values()), default=0.0) + 1,
    )


def _follow(tx: Txn, store: Store, book: Book, row: KpiRow, goal: Goal, given: Next) -> bool:
    """The role of a KPI under the new goal, in place of the old one, or the same where it reaches into the new window;
    gives whether it is live."""
    from dataclasses import replace

    from kpitui.domain.model import Kpi
    from kpitui.services.promotion import is_live
    from kpitui.storage import definitions

    old = definitions.get(store, Kpi, row.id)
    if old.deadline is not None and old.deadline >= given.start:
        # It has its target for the new window already: it goes on, under the new goal.
        definitions.change(tx, old, goal_id=goal.id)
        return old.state != "draft"
    holds = old.target_kind in ("at_least", "at_most", "between")
    # The bound that counted last, not the one it began with.
    aim = in_force(
        aim_of(row, book.metrics[row.metric_id], book.watch_band), book.steps.get(row.id, ()), given.start - 1
    )
    new = replace(
        old,
        id=0,
        rev=0,
        goal_id=goal.id,
        baseline=latest(book, old.metric_id),
        target=aim.value if holds else None,
        low=aim.low if holds else None,
        high=aim.high if holds else None,
        floor=aim.floor if holds else None,
        stretch=aim.stretch if holds else None,
        start=given.start,
        deadline=given.deadline,
        confidence=None,
    )
    live = old.state == "live" and is_live(new, book.metrics[old.metric_id].owner)
    definitions.change(tx, old, state="retired")
    definitions.add(tx, replace(new, state="live" if live else "paused" if old.state == "paused" else "draft"))
    return live


def _day(day: int) -> str:
    date = to_date(day)
    return f"{date.day} {date:%b} {date.year}"
