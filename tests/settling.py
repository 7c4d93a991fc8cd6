"""When an app has answered: what a pilot waits for after every key.

Textual's own takes an app for idle when its process has hardly used the processor for a fiftieth of a second, and asks
twice for each key. Where all is done that is long, and where a disk is slow it is too short. Here it is asked whether
something is left to do: in the event loop, on the thread of the store, or by a timer that is due at once.
"""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from textual import app, pilot

from kpitui.tui.store_thread import Job, StoreThread, awaited

SOON = 0.04
"""Seconds within which a timer belongs to the answer: Textual paints 60 times in a second, and a timer that has slept
through a turn leaves out the next one, too."""
PATIENCE = 1.0
"""Seconds after which an app that never rests is looked at all the same: as many as Textual waits."""

_threads: WeakKeyDictionary[StoreThread, Job | None] = WeakKeyDictionary()
"""The threads of this test's apps, each with a job that was waited for in vain: a test holds it up, once is enough."""


def install() -> None:
    """Has every pilot wait so."""
    begin = StoreThread.__init__

    def begin_and_tell(thread: StoreThread, *args: Any, **given: Any) -> None:
        begin(thread, *args, **given)
        _threads[thread] = None

    StoreThread.__init__ = begin_and_tell  # type: ignore[method-assign]
    app.wait_for_idle = pilot.wait_for_idle = wait_for_idle  # type: ignore[attr-defined]


def forget() -> None:
    """The apps of the test before are no longer waited for: nobody closes their threads."""
    _threads.clear()


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = PATIENCE) -> None:
    """Waits until nothing is left to do, or `max_sleep` seconds."""
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    await asyncio.sleep(min_sleep)
    saved = False
    while loop.time() < end:
        # A round for those who are ready now; whom they wake comes in the next.
        await asyncio.sleep(0)
        if loop._ready:
            saved = False
        elif not saved:
            await the_store(end - loop.time())
            saved = True
        else:
            due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=end)
            if due > loop.time() + SOON:
                return
            await asyncio.sleep(max(due - loop.time(), 0.0))
            saved = False


async def the_store(seconds: float) -> None:
    """Waits until every thread of a store has done what it was asked for by now, or `seconds`."""
    for thread, held in list(_threads.items()):
        if thread._closed or (held is not None and not held._done.is_set()):
            continue
        last = Job(lambda: None)
        thread._put(last)
        _, waiting = await asyncio.wait([awaited(last)], timeout=max(seconds, 0.0))
        _threads[thread] = last if waiting else None
