"""The goal, its pace and what somebody owes, as three lines of facts for a login message. Light to import."""

from __future__ import annotations

from kpitui.domain.named import NamedTuple
from kpitui.services.book import Book
from kpitui.services.goal_standing import GoalView, goal_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.services.due import Owed
    from kpitui.storage.store import Store


class Told(NamedTuple):
    """The main goal with its kind of target and the cadence of its metric, and what is owed."""

    goal: GoalView | None
    kind: str
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
        due = owed(book, detail=False)
        mine = tuple(item for item in due if item.updater == me)
        if main is None:
            return Told(None, "", "", mine, len(due) - len(mine))
        metric = book.metrics.get(main.metric_id or 0)
        cadence = metric.cadence if metric else ""
        return Told(goal_view(book, main), main.target_kind, cadence, mine, len(due) - len(mine))
