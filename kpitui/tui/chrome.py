"""What stands around every screen: the goal row and the counts in the tab bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.services.goal_standing import GoalView
    from kpitui.storage.store import Store


class GoalLine(NamedTuple):
    """A goal as its row shows it; shares are 0 to 1, None is unknown."""

    title: str
    value: str
    """As it reads: `$4.31M`, or a dash."""
    baseline: str = ""
    year: str = ""
    done: float | None = None
    gone: float | None = None
    days_left: int | None = None
    status: str = "no_data"
    short: str = ""
    """The title without its date, for narrow terminals."""


class Chrome(NamedTuple):
    """`counts` maps a tab's name to what waits there."""

    goal: GoalLine | None
    counts: dict[str, int]
    week: str = ""
    """The present week by the workspace's calendar: `W47`."""
    path: str = ""
    """Of the workspace; what is typed and not saved yet is kept for it."""


def read_chrome(store: Store, today: int) -> Chrome:
    """The main goal and how many values are due."""
    from kpitui.services.book import book_of
    from kpitui.services.due import owed
    from kpitui.services.goal_standing import goal_view

    with store.snapshot():
        book = book_of(store, today)
        main = book.main_goal
        goal = goal_line(goal_view(book, main)) if main else None
        return Chrome(goal, {"due": len(owed(book, detail=False))}, week_text(today, book.calendar), store.path)


def week_text(day: int, calendar: Calendar) -> str:
    from kpitui.domain.periods import week_of

    return f"W{week_of(day, calendar)[1]:02d}"


def goal_line(goal: GoalView) -> GoalLine:
    """A goal's view in the words of its row."""
    from kpitui.domain.figures import show
    from kpitui.domain.periods import to_date

    def number(value: float | None) -> str:
        return "-" if value is None else show(value, goal.unit, currency=goal.currency, compact=True)

    return GoalLine(
        title=goal.title,
        value=number(goal.value),
        baseline="" if goal.baseline is None else number(goal.baseline),
        year="" if goal.deadline is None else str(to_date(goal.deadline).year),
        done=goal.progress,
        gone=goal.time_gone,
        days_left=goal.days_left,
        status=goal.status,
        short=goal.title.partition(" by ")[0],
    )
