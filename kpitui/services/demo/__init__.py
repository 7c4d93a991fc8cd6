"""The demo: a made-up company with two years of numbers, made anew relative to today."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from kpitui.storage.store import Store

SIZES = ("small", "large")


def make(path: str, today: int, *, seed: int = 1, size: str = "small") -> Store:
    """Writes the made-up company to a new workspace at `path` and gives it open, to be closed by the caller.

    The same `seed` and `today` (an epoch day) give the same content. Raises Refused when there is something at `path`.
    """
    from kpitui.services.demo import people, story
    from kpitui.services.setup import create_workspace

    told = story.events(seed, today)
    clock = Clock(told[0].at)
    store = create_workspace(path, people.PEOPLE["ana"], "cli", clock, name="Acme")
    try:
        for event in told:
            clock.time = event.at
            store.who, store.via = people.PEOPLE[event.who], event.via
            event.do(store)
        if size == "large":
            from kpitui.services.demo import large

            store.who, store.via = people.PEOPLE["cy"], "cli"
            large.add(store, seed, today)
    except BaseException:
        store.close()
        raise
    return store


class Clock:
    """Says what time it is in the story."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def __call__(self) -> datetime:
        return self.time
