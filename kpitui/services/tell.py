"""The goal, its pace and what somebody owes, as three lines of facts for a login message. Light to import."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.services.book import Book
from kpitui.services.judging import GoalView, goal_view

if TYPE_CHECKING:
    from kpitui.services.due import Owed
    from kpitui.storage.store import Store


class Told(NamedTuple):
    """`needed` is what each `cadence` from now on has to bring, `rate` what the recent ones brought, in the goal's unit."""

    goal: GoalView | None
    kind: str
    needed: float | None
    rate: float | None
    cadence: str
    mine: tuple[Owed, ...]
    """Late first."""
    others: int
    """Values that other people owe."""


def told(store: Store, today: int, me: str) -> Told:
    """What `me` should know at login on the day `today`."""
    from kpitui.services.due import owed

    with store.snapshot():
        book = Book(store, today)
        main = book.main_goal
        due = owed(book)
        mine = tuple(item for item in due if me in (item.owner, item.updater))
        if main is None:
            return Told(None, "", None, None, "", mine, len(due) - len(mine))
        view, metric = goal_view(book, main), book.metrics.get(main.metric_id or 0)
        return Told(
            view,
            main.target_kind,
            view.needed,
            view.rate,
            metric.cadence if metric else "",
            mine,
            len(due) - len(mine),
        )
