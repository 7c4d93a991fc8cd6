"""What the first frame shows, read before Textual is imported: nothing of it here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kpitui.domain.named import NamedTuple
from kpitui.tui.chrome import Chrome, goal_line, read_chrome, week_text

if TYPE_CHECKING:
    from datetime import date

    from kpitui.services.overview import Home
    from kpitui.storage.store import Store


class First(NamedTuple):
    """`view` holds for the screen `name` and the arguments `args` of its `load`; None where it has to ask itself."""

    zone: str
    readonly: bool
    chrome: Chrome
    name: str
    args: tuple[Any, ...]
    view: Any
    notices: tuple[str, ...] = ()
    """What opening the workspace did to it."""


def home(store: Store, today: int, scope: str | None = None) -> Home:
    """Home's view; the screen loads it with the same function."""
    from kpitui.services import overview

    return overview.home(store, today, scope)


def read(store: Store, name: str, today: Callable[[str], date]) -> First:
    """The first screen's view with its shipped settings, and what stands around it; `today` is told the time zone."""
    from kpitui.domain.periods import to_day
    from kpitui.services.calendar import time_zone

    zone = time_zone(store)
    day = to_day(today(zone))
    if name != "home":
        return First(zone, store.readonly, read_chrome(store, day), name, (), None, tuple(store.notices))
    view = home(store, day)
    goal = goal_line(view.card.goal) if view.card.goal else None
    chrome = Chrome(goal, {"due": len(view.due)}, week_text(day, view.card.calendar), store.path)
    return First(zone, store.readonly, chrome, name, (day,), view, tuple(store.notices))
