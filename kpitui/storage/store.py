"""The workspace's file, open: one connection, read by `rows` and changed only inside `write`."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager

from kpitui.errors import Busy, Damaged, DiskFull, ReadOnly, Refused
from kpitui.storage import schema
from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.failing import newer, no_room, not_ours, told, too_old, unsafe
from kpitui.storage.opening import connect, connect_reader, followed, leave_wal, look, stored_mode, team_umask
from kpitui.storage.place import check_place, check_same, identity, let_in_since, wal_of, why_not
from kpitui.storage.restored import noticed, refused, seen_now, with_top

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from typing import Any, NoReturn, Protocol

    from sqlite_utils import Database

    from kpitui.storage.transaction import Txn

    class Person(Protocol):
        """`kpitui.identity.Who`."""

        @property
        def uid(self) -> int: ...
        @property
        def name(self) -> str: ...
        @property
        def host(self) -> str: ...


class Store:
    """One open workspace. It belongs to the thread that opened it and is not carried over a fork.

    `path` is the real path, `readonly` says that nothing can be saved (`refusal` mostly why), `warnings` what is unwise
    about the place, `notices` what opening it did.
    `who`, `via` (the face: `cli`, `tui`, …) and `now` (the time in UTC) go into every transaction and may be replaced.
    """

    _refused: type[ReadOnly | DiskFull] = ReadOnly  # what a save is answered with that cannot be

    def __init__(
        self, path: str, who: Person, via: str, now: Callable[[], datetime], write: bool, patience: float
    ) -> None:
        self.path = os.path.realpath(path)
        self.who = who
        self.via = via
        self.now = now
        self.reason = ""
        """Why the next changes are made, for those that do not say it themselves."""
        self.warnings = check_place(self.path)
        self.notices: list[str] = []
        self._patience = patience
        self._file = identity(self.path)
        self._txn: Txn | None = None
        self._database: Database | None = None
        self.commits = self._snapshots = 0
        self.waiting: Callable[[str], None] | None = None
        """Told once who is writing when a save waits for more than a moment."""
        self.kept: dict[str, Any] = {}
        """What was worked out from this file, for services to use again as long as `version` is the same."""
        self._unlocked: tuple[object, ...] | None = None
        self._closed = False
        if os.stat(self.path).st_mode & stat.S_IWGRP:
            team_umask()
        self.refusal = self._shut = why_not(self.path, self.warnings)
        self.readonly = bool(self.refusal) or not write
        try:
            self._start()
        except DiskFull as error:
            self._start_without_room(error)

    def _start(self) -> None:
        try:
            self._connection = self._connected()
        except sqlite3.Error as error:
            self._fail(error, writing=False)
        try:
            self._check_ours()
            if self.readonly and not self.refusal:
                self._connection.execute("PRAGMA query_only = ON")
            self._data_version = self._one("PRAGMA data_version")
            # What changes when something takes the place of what was read here.
            self._log = seen_now(self.rows)
            self._kept_cookie = self._log.cookie
            self._wal = wal_of(self.path) if self._one("PRAGMA journal_mode") == "wal" else 0
        except BaseException as error:
            self.close()
            if isinstance(error, sqlite3.Error):
                self._fail(error, writing=False)
            raise

    def _start_without_room(self, error: DiskFull) -> None:
        # With a write-ahead log even reading makes a file. What is there can be read, and copied elsewhere, without.
        if self.refusal:
            raise error
        self.refusal, self._refused, self.readonly, self._closed = no_room(self.path), DiskFull, True, False
        self.warnings.append(self.refusal)
        try:
            self._start()
        except (Refused, Busy):
            raise error from None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        who: Person,
        via: str,
        now: Callable[[], datetime],
        write: bool = True,
        patience: float = 15.0,
    ) -> Store:
        """Opens a workspace; never makes one. Without `write`, nothing can be changed through it.

        `patience` is how many seconds to wait for somebody else who is writing. An account that may not write gets a
        store that is `readonly`. Raises NotFound, Damaged, NewerSchema, Refused, Busy and the like.
        """
        return cls(os.fspath(path), who, via, now, write, patience)

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        who: Person,
        via: str,
        now: Callable[[], datetime],
        mode: int = 0o600,
    ) -> Store:
        """Makes a new workspace with the permissions `mode` (0o660 for a team, in a folder 2770) and opens it.

        Raises Refused when something stands at `path` already, NotFound when its folder does not exist.
        """
        from kpitui.storage.opening import create

        create(os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.basename(path), mode)
        return cls.open(path, who=who, via=via, now=now)

    # Reading

    def rows(self, sql: str, args: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query, all of them: a query that is not read to its end would hold back other people."""
        try:
            if self._unlocked is not None:
                return self._rows_unlocked(sql, tuple(args))
            return self._connection.execute(sql, tuple(args)).fetchall()
        except sqlite3.Error as error:
            self._fail(error, writing=self._txn is not None)

    def row(self, sql: str, args: Iterable[Any] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        return next(iter(self.rows(sql, args)), None)

    def one(self, sql: str, args: Iterable[Any] = ()) -> Any:
        """The first value of the first row of a query, or None."""
        found = self.rows(sql, args)
        return found[0][0] if found else None

    def batches(self, sql: str, args: Iterable[Any] = (), size: int = 5000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query that may be too many for memory, some at a time. Only inside `snapshot()`."""
        assert self._snapshots or self._txn, "batches are read inside a snapshot"
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql, tuple(args))
            while batch := cursor.fetchmany(size):
                yield batch
        except sqlite3.Error as error:
            self._fail(error, writing=False)
        finally:
            cursor.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several reads of one state, whatever others commit meanwhile. Inside `write` there is nothing to add."""
        if self._txn is not None or self._snapshots:
            yield
            return
        if self._unlocked is not None and look(self.path) != self._unlocked:
            self._reopen()
        self._snapshots = 1
        try:
            if self._unlocked is None:
                self._run("BEGIN")
            yield
            if self._unlocked is not None and look(self.path) != self._unlocked:
                raise self._changed_meanwhile()
        finally:
            self._snapshots = 0
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def changed(self) -> bool:
        """Whether somebody else has committed since the last call (or since opening). Cheap enough for twice a second.

        Raises Replaced when the file is gone, NewerSchema when a newer kpitui has upgraded it meanwhile.
        """
        self._check_same_file(saving=False)
        if self._unlocked is not None:
            if look(self.path) == self._unlocked:
                return False
            self._reopen()
            return True
        version = self.one("PRAGMA data_version")
        if version == self._data_version:
            return False
        self._data_version = version
        self._check_schema()
        self._log = with_top(self.rows, self._log)
        return True

    def version(self) -> tuple[int, int]:
        """Stays the same as long as nothing in the workspace does: a key for what was read from it."""
        if self._unlocked is not None and not self._snapshots and look(self.path) != self._unlocked:
            self._reopen()
        cookie = self.one("PRAGMA schema_version")
        if cookie != self._kept_cookie:
            self._kept_cookie = cookie
            self.kept.clear()
        return int(self.one("PRAGMA data_version")), self.commits

    @property
    def writing(self) -> bool:
        """Whether what is read now may still be rolled back."""
        return self._txn is not None

    def database(self) -> Database:
        """sqlite-utils over the same connection. Its writes belong inside `write`, and are counted with `saw`."""
        if self._database is None:
            from sqlite_utils import Database

            # Its plugins could do anything, and are not asked; recursive triggers are on already.
            self._database = Database(self._connection, execute_plugins=False, recursive_triggers=False)
        return self._database

    # Writing

    @contextmanager
    def write(self, what: str, *, why: str = "", summary: str = "", undoes: int | None = None) -> Iterator[Txn]:
        """One action of a person: everything inside is saved together, or nothing is.

        It is on the disk when the block ends. Nothing written means no line in the log. Inside another `write` it joins
        that one, and is rolled back alone when it fails and the outer block goes on.
        Raises Busy, ReadOnly, DiskFull, Replaced and the like: nothing was saved then.
        """
        from kpitui.storage.writing import Writing, joined

        if self._txn is not None:
            with joined(self._connection, self._txn):
                yield self._txn
            return
        if self.readonly:
            raise self._refused(self.shut())
        if self._snapshots:
            raise RuntimeError("a snapshot cannot write: leave it first")
        who = self.who
        row = (who.uid, who.name, who.host, self.via, what, summary, why or self.reason, undoes)
        self._check_same_file(saving=True)
        writing = Writing(self._connection, self.path, self._patience, self._fail, self.waiting)
        try:
            with writing.transaction(self.now, row, self._check_standing) as txn:
                self._txn = txn
                yield txn
                self._txn = None
        finally:
            self._txn = None
        if writing.committed:
            self._log = with_top(self.rows, self._log)
        self._check_same_file(saving=True, done=True)
        self.commits += writing.committed

    def shut(self) -> str:
        """Why nothing can be saved here, or that it could by now; only of a store that is `readonly`."""
        if self._shut == self.refusal != "" == why_not(self.path, []):
            return let_in_since(self.path)
        return self.refusal or f"{self.path} was opened for reading only. NOT saved."

    # The connection

    def close(self) -> None:
        """Closes the file; once is enough, twice does no harm."""
        if not self._closed:
            self._closed = True
            self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def journal_mode(self) -> str:
        return stored_mode(self.path) if self._unlocked is not None else str(self.one("PRAGMA journal_mode"))

    def _connected(self) -> sqlite3.Connection:
        if not self.refusal:
            return connect(self.path, "mode=rw", self._patience)
        connection, immutable = connect_reader(self.path, self._patience)
        self._unlocked = look(self.path) if immutable else None
        return connection

    def _check_ours(self) -> None:
        if self._one("PRAGMA application_id") != schema.APPLICATION_ID:
            raise not_ours(self.path)
        have = self._one("PRAGMA user_version")
        self._check_schema()
        self._one("SELECT count(*) FROM sqlite_master")
        if have == 0:
            raise Damaged(f"{self.path} has no tables: its making was cut off. Restore a backup, or delete it.")
        if not wal_is_safe():
            self._leave_wal()
        if have < schema.SCHEMA:
            if self.refusal:
                raise too_old(self.path, have)
            from kpitui.storage.migrate import upgraded

            self.notices += upgraded(self._connection, self.path, self._patience)

    def _check_schema(self) -> None:
        have = self._one("PRAGMA user_version")
        if have > schema.SCHEMA:
            raise newer(self.path, have)

    def _check_standing(self) -> None:
        self._check_schema()
        self._wal = followed(self._connection, self.path, self._wal)
        self._log, found = noticed(self.rows, self._log)
        if found is not None:
            raise refused(found)

    def _leave_wal(self) -> None:
        if self._one("PRAGMA journal_mode") != "wal":
            return
        if not self.refusal and leave_wal(self._connection, self._patience):
            return
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self.readonly, self.refusal = True, self.refusal or unsafe(self.path)
        self.warnings.append(self.refusal)

    def _check_same_file(self, *, saving: bool, done: bool = False) -> None:
        check_same(self.path, self._file, self._wal, saving=saving, done=done)

    # Reading without locks: a WAL file in a folder this account cannot write, while nobody has it open

    def _rows_unlocked(self, sql: str, args: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        for _ in range(100):
            if look(self.path) != self._unlocked:
                if self._snapshots:
                    raise self._changed_meanwhile()
                self._reopen()
            if self._unlocked is None:
                return self._connection.execute(sql, args).fetchall()
            try:
                found = self._connection.execute(sql, args).fetchall()
            except sqlite3.Error:
                if look(self.path) == self._unlocked:
                    raise
                continue
            if look(self.path) == self._unlocked:
                return found
        raise self._changed_meanwhile()

    def _reopen(self) -> None:
        self._check_same_file(saving=False)
        self._connection.close()
        self._database = None
        self.commits += 1
        try:
            self._connection = self._connected()
            self._check_schema()
            self._data_version = self._one("PRAGMA data_version")
        except sqlite3.Error as error:
            self._fail(error, writing=False)

    def _changed_meanwhile(self) -> Busy:
        return Busy(f"{self.path} was changed by somebody else while it was read. Try again.")

    # Errors

    def _one(self, sql: str) -> Any:
        return self._connection.execute(sql).fetchone()[0]

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            self._fail(error, writing=False)

    def _fail(self, error: sqlite3.Error, writing: bool = True) -> NoReturn:
        said = told(error, self.path, writing=writing, patience=self._patience)
        if said is error:
            raise error
        raise said from error
