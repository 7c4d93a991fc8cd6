"""The one write transaction: the wait for its lock, the work, the seal, the commit."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from datetime import UTC

from kpitui import __version__
from kpitui.storage import schema, write_rules
from kpitui.storage.driver import sqlite3
from kpitui.storage.holder import holder
from kpitui.storage.transaction import Txn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import Any, NoReturn


A_MOMENT = 1.5
"""Seconds that a save may wait before it is said who is writing."""


class Writing:
    """One transaction on `connection`, of the file `path`. `fail` raises what an error of SQLite means; `waiting`, if
    any, is told who is writing meanwhile; `committed` becomes 1 when something was saved."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: str,
        patience: float,
        fail: Callable[[sqlite3.Error], NoReturn],
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self._connection = connection
        self._path = path
        self._patience = patience
        self._fail = fail
        self._waiting = waiting
        self.committed = 0

    @contextmanager
    def transaction(
        self, now: Callable[[], datetime], row: tuple[Any, ...], check_schema: Callable[[], None]
    ) -> Iterator[Txn]:
        """Holds the write lock while the block runs; then seals and commits, or rolls back when it raised or wrote
        nothing. `row` is the transaction's row from `uid` to `undoes`."""
        time_now = now()
        if time_now.tzinfo is None:
            raise ValueError("the time of a transaction needs a time zone")
        at = time_now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        end = time.monotonic() + self._patience
        with undisturbed():
            try:
                self._begin(end)
                check_schema()
                txn = Txn(self._connection, (at, *row, __version__, schema.SCHEMA), self._fail)
                yield txn
                txn.still_open()
                if not txn.empty:
                    write_rules.check(txn)
                    txn.seal()
                    self._commit(end)
                    self.committed = 1
            except sqlite3.Error as error:
                self._fail(error)
            finally:
                # A full disk has rolled back by itself.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _begin(self, end: float) -> None:
        # SQLite's own waiting is unfair: with 32 people the unlucky one waits three times as long as with ours.
        run = self._connection.execute
        began, waiting = time.monotonic(), self._waiting
        run("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    run("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() >= end:
                        self._fail(error)
                age = time.monotonic() - began
                if waiting is not None and age >= A_MOMENT:
                    waiting(f"{holder(self._path) or 'Somebody else'} is writing: this waits for its turn")
                    waiting = None
                time.sleep(pause(age) * (0.5 + os.urandom(1)[0] / 255))
        finally:
            run(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")

    def _commit(self, end: float) -> None:
        while True:
            try:
                self._connection.execute("COMMIT")
                return
            except sqlite3.OperationalError as error:
                # Without WAL, somebody reading may delay the commit: the work is done, only the commit is repeated.
                waiting = "locked" in str(error) and self._connection.in_transaction
                if not waiting or time.monotonic() >= end:
                    self._fail(error)
                time.sleep(0.01)


def pause(age: float) -> float:
    """Seconds until the lock is tried again, of somebody who has waited `age` seconds for it.

    Whoever has waited longer tries more often, and so comes before those who have only begun: of 32 people who save as
    fast as they can, the unlucky one waits half as long as with pauses of one length. After a moment it is one long
    save that everybody waits for, and asking often would only keep the processor from it.
    """
    return max(0.012 / (1 + (12 * age) ** 2), 0.0003) if age < A_MOMENT else 0.005


@contextmanager
def joined(connection: sqlite3.Connection, txn: Txn) -> Iterator[None]:
    """A part of a transaction that is rolled back alone when it raises."""
    mark = txn.marked()
    txn.execute("SAVEPOINT joined")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO joined")
            connection.execute("RELEASE joined")
            txn.back_to(mark)
        raise
    txn.execute("RELEASE joined")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-Z waits until the lock is given back: stopped in the middle, we would keep everybody else out."""
    if not hasattr(signal, "SIGTSTP"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
