"""A backup back into a workspace's file, through SQLite: who has it open sees the restored state, and nobody's locks,
-wal or permissions are touched. Copying over the file would mix the two."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import NamedTuple

from kpitui.errors import Damaged, DiskFull, KpituiError, NotFound, Refused, Replaced
from kpitui.storage import schema
from kpitui.storage.backup import verified_copy
from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.failing import busy, newer, told
from kpitui.storage.opening import PRAGMAS, connect, connect_reader, team_umask
from kpitui.storage.staging import Staging, refuse_foreign_link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

PAGES = 256
"""Pages that are copied before the next look at the clock: 1 MB."""


class Inside(NamedTuple):
    """What is in a backup. `txn` and `head` are its newest transaction and its hash (hex), `at` that one's UTC time."""

    file: str
    schema: int
    name: str
    txn: int
    head: str
    at: str


class Overtaken(Exception):
    """Somebody has committed since the copy of what is there was made."""


def look_into(file: str, patience: float = 15.0) -> Inside:
    """Reads a backup and checks its pages and references.

    Raises NotFound, Damaged when it is damaged or no workspace, NewerSchema, Refused when it cannot be read.
    """
    refuse_foreign_link(file)
    path = os.path.realpath(file)
    try:
        os.stat(path)
    except PermissionError:
        raise Refused(f"This account may not look into the folder of {path}: ask its owner.") from None
    except OSError:
        raise NotFound(f"There is no file {path}: kpitui backup --list shows the backups there are.") from None
    if not os.path.isfile(path):
        raise Damaged(f"{path} is no file, so it is no backup of a workspace.")
    if not os.access(path, os.R_OK):
        raise Refused(f"This account may not read {path}: ask its owner.")
    try:
        connection, _ = connect_reader(path, patience)
        try:
            return _inside(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        said = told(error, path)
        if "not a database" in str(error):
            raise _foreign(path) from error
        if isinstance(said, Damaged):
            raise _broken(path, str(error)) from error
        raise said from error


def _inside(connection: sqlite3.Connection, path: str) -> Inside:
    def one(sql: str) -> Any:
        found = connection.execute(sql).fetchone()
        return found[0] if found else None

    have = one("PRAGMA user_version")
    if one("PRAGMA application_id") != schema.APPLICATION_ID or have == 0:
        raise _foreign(path)
    if have > schema.SCHEMA:
        raise newer(path, have)
    wrong = [row[0] for row in connection.execute("PRAGMA integrity_check(1)").fetchall() if row[0] != "ok"]
    if wrong or connection.execute("PRAGMA foreign_key_check").fetchall():
        raise _broken(path, wrong[0] if wrong else "rows refer to what does not exist")
    head = connection.execute("SELECT id, hash, at FROM txn ORDER BY id DESC LIMIT 1").fetchone()
    name = one("SELECT value FROM setting WHERE key = 'name' AND archived = 0")
    return Inside(
        path, int(have), str(name or ""), int(head[0]) if head else 0,
        bytes(head[1] or b"").hex() if head else "", str(head[2]) if head else "",
    )  # fmt: skip


def ours(path: str) -> bool | None:
    """Whether a file that cannot be opened as a workspace is one all the same, by its first bytes; None for an empty
    one. Only while this process has no connection to it: closing the file drops SQLite's locks."""
    with open(path, "rb") as file:
        start = file.read(100)
    return is_workspace(start) if start else None


def is_workspace(start: bytes) -> bool:
    """Whether the first 100 bytes of a file are a workspace's."""
    return start.startswith(b"SQLite format 3\0") and int.from_bytes(start[68:72], "big") == schema.APPLICATION_ID


def raw_copy(path: str, target: str) -> None:
    """The bytes of a workspace that cannot be read any more, and of its -wal, as they are: for somebody who may still
    get something out of them. Only while this process has no connection to it."""
    from shutil import copyfileobj

    for beside in ("", "-wal"):
        if not os.path.isfile(path + beside):
            continue
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
        try:
            with open(path + beside, "rb") as old, os.fdopen(os.open(target + beside, flags, 0o600), "wb") as new:
                copyfileobj(old, new)
                new.flush()
                os.fsync(new.fileno())
        except OSError as error:
            raise KpituiError(
                f"No copy of {path} can be made at {target}: {error.strerror}. Nothing was changed."
            ) from None


def _foreign(path: str) -> Damaged:
    return Damaged(f"{path} is not a kpitui workspace, so it cannot be restored. Nothing was changed.")


def _broken(path: str, why: str) -> Damaged:
    return Damaged(f"{path} is damaged ({why}). Nothing was changed: restore another backup.")


@contextmanager
def staged(file: str, folder: str, page_size: int | None = None, patience: float = 15.0) -> Iterator[str]:
    """The path of a private copy of a backup in `folder`, checked and of this program's schema, for as long as it is
    needed.

    The backup itself is only read. Raises Damaged and the like; nothing is left behind in any case.
    """
    with Staging(folder, os.path.basename(file), "restore") as private:
        copy = os.path.join(private.path, private.new_file())
        connection, _ = connect_reader(file, patience)
        try:
            if page_size is not None:
                connection.execute(f"PRAGMA page_size = {int(page_size)}")
            verified_copy(connection, copy)
            connection.close()
            _upgrade(copy)
        except DiskFull:
            # What it was to be copied to is nobody's business.
            raise DiskFull(
                f"There is no space left in {folder} for a copy of {file}. Nothing was restored: make room, then try "
                "again."
            ) from None
        finally:
            connection.close()
        yield copy


def _upgrade(staged: str) -> None:
    from kpitui.storage.migrate import apply

    connection = connect(staged, "mode=rw", 1.0)
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] < schema.SCHEMA:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("BEGIN IMMEDIATE")
            apply(connection)
            connection.execute("COMMIT")
    finally:
        connection.close()


def page_size(path: str, patience: float = 15.0) -> int | None:
    """The page size of a workspace; None where it cannot be read."""
    try:
        connection = connect(path, "mode=rw", patience)
        try:
            return int(connection.execute("PRAGMA page_size").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return None


class Hold:
    """Keeps others from saving to a workspace while what is there is copied, until `release`."""

    def __init__(self, path: str, patience: float = 15.0) -> None:
        try:
            self._connection: sqlite3.Connection | None = connect(path, "mode=rw", patience)
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self.close()
            raise told(error, path, writing=True, patience=patience) from error

    def release(self) -> None:
        """Gives back the lock and nothing more: closing takes its time, in which somebody who waits gets the lock."""
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def pour(
    staged: str,
    path: str,
    seen: tuple[int, str] | None,
    patience: float = 15.0,
    release: Callable[[], None] = lambda: None,
) -> None:
    """Makes the workspace `path` what `staged` is, as one commit.

    `seen` is the newest transaction (number, hash in hex) of what is there now as the caller has kept it; None where
    that cannot be read. `release` is called when all is ready, and gives up what has kept others from saving.
    Raises Overtaken when `seen` is not the newest any more, Busy after `patience` seconds, Damaged where SQLite cannot
    even lock what is there; nothing is changed then.
    """
    found = os.stat(path)
    if found.st_mode & 0o020:
        team_umask()
    end = time.monotonic() + patience
    source = connect(staged, "mode=ro&immutable=1", patience)
    # SQLite writes over what is cut off only when it is told so, before it looks at anything else.
    target = connect(path, "mode=rw", patience, PRAGMAS if seen is not None else ("writable_schema = ON", *PRAGMAS[:1]))
    watcher: sqlite3.Connection | None = None
    looked = False
    try:
        if seen is None:
            pass  # nothing there can be told from what was kept
        elif target.execute("PRAGMA journal_mode").fetchone() == ("wal",):
            watcher = connect(path, "mode=rw", patience)
            _head(watcher)
        else:
            release()
            # Without WAL nobody reads while it is written: the lock is taken first, and kept for the copying.
            target.execute("PRAGMA locking_mode = EXCLUSIVE").fetchall()
            target.execute("BEGIN EXCLUSIVE")
            standing = _head(target)
            target.execute("COMMIT")
            if standing != seen:
                raise Overtaken

        def step(status: int, remaining: int, total: int) -> None:
            nonlocal looked
            if status in (5, 6):  # SQLITE_BUSY, SQLITE_LOCKED
                if time.monotonic() > end:
                    raise busy(path, True, patience)
            elif watcher is not None and not looked:
                # From its first page on the copying holds the write lock: what stands now, stands until it is done.
                looked = True
                if _head(watcher) != seen:
                    raise Overtaken

        # In two steps at least: the look belongs between them.
        pages = min(PAGES, source.execute("PRAGMA page_count").fetchone()[0] - 1)
        release()
        source.backup(target, pages=pages, progress=step, sleep=0.01)
        if seen is None and wal_is_safe():
            # What is written over a damaged file may have taken the copy's own way.
            target.execute("PRAGMA journal_mode = WAL").fetchall()
    except sqlite3.Error as error:
        raise _not_poured(error, path, patience) from error
    finally:
        for connection in (watcher, target, source):
            if connection is not None:
                connection.close()
    try:
        same = (os.stat(path).st_dev, os.stat(path).st_ino) == (found.st_dev, found.st_ino)
    except OSError:
        same = False
    if not same:
        raise Replaced(f"{path} was removed or replaced while it was restored. Start again.")


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    found = connection.execute("SELECT id, hash FROM txn ORDER BY id DESC LIMIT 1").fetchone()
    return (int(found[0]), bytes(found[1] or b"").hex()) if found else (0, "")


def _not_poured(error: sqlite3.Error, path: str, patience: float) -> Exception:
    if "not a database" in str(error):
        return Damaged(
            f"{path} is damaged so badly that SQLite does not know it as a database, or never was a workspace. Nothing "
            "was changed: when nobody has it open, move it away with its -wal and -shm, and repeat this."
        )
    said = told(error, path, writing=True, patience=patience)
    return said if isinstance(said, KpituiError) else KpituiError(f"{path} could not be restored: {error}.")
