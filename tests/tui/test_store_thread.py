"""One thread owns the store."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kpitui.errors import NotFound
from kpitui.tui.store_thread import Closed, StoreThread
from tests.tui.sample import MadeUpStore


def test_opening_work_and_closing_happen_on_one_other_thread() -> None:
    where: list[int] = []

    class Store(MadeUpStore):
        def close(self) -> None:
            where.append(threading.get_ident())

    def opened() -> Store:
        where.append(threading.get_ident())
        return Store()

    thread = StoreThread(opened)  # type: ignore[arg-type]
    thread.submit(lambda store: where.append(threading.get_ident())).wait(5)
    thread.close()
    assert len(where) == 3 and len(set(where)) == 1 and where[0] != threading.get_ident()


def test_jobs_run_in_the_order_they_were_given() -> None:
    thread = StoreThread(MadeUpStore)  # type: ignore[arg-type]
    done: list[int] = []
    jobs = [thread.submit(lambda store, n: done.append(n), number) for number in range(200)]
    jobs[-1].wait(5)
    assert done == list(range(200))
    thread.close()


def test_what_a_job_raises_is_raised_where_it_is_waited_for() -> None:
    thread = StoreThread(MadeUpStore)  # type: ignore[arg-type]

    def refuse(store: object) -> None:
        raise NotFound("There is no such thing.")

    with pytest.raises(NotFound, match="no such thing"):
        thread.submit(refuse).wait(5)
    assert thread.submit(lambda store: 7).wait(5) == 7
    thread.close()


def test_what_opening_raised_is_what_every_job_raises() -> None:
    def missing() -> MadeUpStore:
        raise NotFound("There is no workspace at x.")

    thread = StoreThread(missing)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(NotFound, match="no workspace"):
            thread.submit(lambda store: 1).wait(5)
    thread.close()


def test_closing_finishes_what_was_asked_for_and_refuses_more() -> None:
    store = MadeUpStore()
    thread = StoreThread(lambda: store)  # type: ignore[arg-type, return-value]
    go = threading.Event()
    held = thread.submit(lambda _: go.wait(5))
    last = thread.submit(lambda s: s.written.append("kept"))
    go.set()
    thread.close()
    held.wait(0)
    last.wait(0)
    assert store.written == ["kept"] and store.closed
    with pytest.raises(Closed):
        thread.submit(lambda s: 1)
    thread.close()


async def test_a_cancelled_waiter_does_not_stop_the_job() -> None:
    store = MadeUpStore()
    thread = StoreThread(lambda: store)  # type: ignore[arg-type, return-value]
    go = threading.Event()

    def slow(s: MadeUpStore) -> None:
        go.wait(5)
        s.written.append("kept")

    waiting = asyncio.ensure_future(thread.run(slow))
    await asyncio.sleep(0)
    waiting.cancel()
    go.set()
    assert await thread.run(lambda s: list(s.written)) == ["kept"]
    with pytest.raises(asyncio.CancelledError):
        await waiting
    thread.close()


def test_waiting_for_a_job_can_be_given_up() -> None:
    thread = StoreThread(MadeUpStore)  # type: ignore[arg-type]
    go = threading.Event()
    job = thread.submit(lambda _: go.wait(5))
    with pytest.raises(TimeoutError):
        job.wait(0.01)
    go.set()
    thread.close()


def loaded(what: str, *names: str) -> list[str]:
    """Which of these modules a fresh interpreter has loaded after importing `what`."""
    import subprocess
    import sys

    code = f"import sys, {what}\nprint(*[name for name in {names!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_the_thread_starts_without_asyncio_and_textual() -> None:
    assert loaded("kpitui.tui.store_thread", "textual", "asyncio", "concurrent.futures", "rich") == []


def test_the_first_screen_is_there_before_sqlite_is_loaded() -> None:
    assert loaded("kpitui.tui.app, kpitui.tui.screens.home", "textual", "sqlite3", "pysqlite3") == ["textual"]
