"""The one thread that owns the store. Everything that touches SQLite in the running app happens there, in turn."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from asyncio import Future

    from kpitui.storage.store import Store

Result = TypeVar("Result")


class Job:
    """Something the thread has to do; `wait` and `when_done` give what came of it."""

    __slots__ = ("_call", "_done", "_listeners", "error", "result")

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._done = threading.Event()
        self._listeners: list[Callable[[Job], None]] = []
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._call()
        except BaseException as error:
            self.error = error
        finally:
            self.finish()

    def drop(self, error: BaseException) -> None:
        self.error = error
        self.finish()

    def finish(self) -> None:
        with _lock:
            self._done.set()
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(self)

    def when_done(self, listener: Callable[[Job], None]) -> None:
        """Call `listener` on the thread that finishes the job, or now when it is done."""
        with _lock:
            if not self._done.is_set():
                self._listeners.append(listener)
                return
        listener(self)

    def wait(self, timeout: float | None = None) -> Any:
        """The result, or raises what the job raised; TimeoutError when it takes longer than `timeout` seconds."""
        if not self._done.wait(timeout):
            raise TimeoutError("the store is still busy")
        if self.error is not None:
            raise self.error
        return self.result


_lock = threading.Lock()


class Closed(RuntimeError):
    """The store thread is closed: the app is leaving."""


class StoreThread:
    """Opens the store in a thread of its own and runs jobs on it, first come first served.

    Started before Textual is imported, so that opening and the first reading overlap with the import: this module
    loads neither asyncio nor concurrent.futures.
    """

    def __init__(self, open_store: Callable[[], Store], ahead: Callable[[], Any] | None = None) -> None:
        """`ahead` is something to wait for on the thread before the store is needed: the store is then opened for the
        first job that does need it, not while the first frame is still in the making."""
        self._open_store = open_store
        self._jobs: deque[Job | None] = deque()
        self._wake = threading.Semaphore(0)
        self._closed = False
        self._store: Store | None = None
        self._past: Store | None = None
        self._opening = False
        self.opened = Job(self._open)
        self.arrived = Job(ahead) if ahead is not None else None
        if self.arrived is None:
            self.open()
        else:
            self._put(self.arrived)
        # A daemon: a job that hangs on a lock must not keep a dead terminal's process alive.
        # Its sentences have the figures written as they are here.
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), name="store", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Open the store now, if nothing has needed it yet."""
        if not self._opening:
            self._opening = True
            self._put(self.opened)

    def _open(self) -> bool:
        self._store = self._open_store()
        return True

    def _put(self, job: Job | None) -> None:
        self._jobs.append(job)
        self._wake.release()

    def _run(self) -> None:
        while True:
            self._wake.acquire()
            job = self._jobs.popleft()
            if job is None:
                break
            job.run()
        for store in (self._past, self._store):
            if store is not None:
                store.close()

    def submit(self, work: Callable[..., Result], *args: Any, **kwargs: Any) -> Job:
        """Run `work(store, *args, **kwargs)` in its turn, on the store that is looked at. What opening raised is raised
        by every job."""
        return self._submit(lambda: self._past or self._live(), work, args, kwargs)

    def _submit(
        self, which: Callable[[], Store], work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Job:
        if self._closed:
            raise Closed("the store is closed")

        def call() -> Any:
            return work(which(), *args, **kwargs)

        self.open()
        job = Job(call)
        self._put(job)
        return job

    async def run(self, work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
        """The same, awaited. The job is done even when whoever waits is cancelled."""
        return await awaited(self.submit(work, *args, **kwargs))  # type: ignore[no-any-return]

    async def run_now(self, work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
        """The same on the workspace as it is now, whatever day is looked at."""
        return await awaited(self._submit(self._live, work, args, kwargs))  # type: ignore[no-any-return]

    def _live(self) -> Store:
        if self._store is None:
            assert self.opened.error is not None
            raise self.opened.error
        return self._store

    async def look(self, chosen: Callable[[Store], tuple[Result, Store | None]]) -> Result:
        """From now on jobs get the store that `chosen` gives for the live one, which stays open; None is the live one
        again. Gives what else it says."""

        def change(live: Store) -> Result:
            said, past = chosen(live)
            before, self._past = self._past, past
            if before is not None:
                before.close()
            return said

        return await self.run_now(change)

    def close(self, timeout: float | None = 5.0) -> None:
        """Finish what was asked for, close the store, end the thread. Safe to call twice."""
        if not self._closed:
            self._closed = True
            self._put(None)
        self._thread.join(timeout)


def awaited(job: Job) -> Future[Any]:
    """A job as a future of the running loop."""
    import asyncio

    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def settle() -> None:
        if not future.done():
            if job.error is not None:
                future.set_exception(job.error)
            else:
                future.set_result(job.result)

    def listener(_: Job) -> None:
        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:
            pass  # the loop is closed: nobody waits any more

    job.when_done(listener)
    return future
