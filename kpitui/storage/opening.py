"""Connections to a workspace's file, and the making of a new one."""

from __future__ import annotations

import os

from kpitui.errors import KpituiError, NotFound, Refused
from kpitui.storage import schema
from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.failing import told, unsafe
from kpitui.storage.place import check_disk, locked_out, wal_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PRAGMAS = (
    # What is acknowledged is on the disk. NORMAL loses dozens of edits in a power cut, and without a write-ahead log
    # FULL the last one: the journal's removal, which commits, is then not on the disk itself.
    "synchronous = EXTRA",
    "foreign_keys = ON",
    "trusted_schema = OFF",  # any member may have written the schema
    "cell_size_check = ON",
    "mmap_size = 0",
    "recursive_triggers = ON",  # a REPLACE is a deletion, too
    "journal_size_limit = 67108864",
    "temp_store = MEMORY",  # no team data in a shared temporary folder
    "secure_delete = FAST",
)
STEPS = 5_000_000
"""Of SQLite's machine, some tenths of a second, after which Python looks whether Ctrl-C was pressed: without that, a
view that never ends, which any member may have written, keeps a command for ever."""
SHARED_MEMORY = 32768
"""Bytes that SQLite gives a -shm before the first page is read."""
SAFE_IN_A_URI = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-~")


def connect(path: str, how: str, patience: float, pragmas: tuple[str, ...] = PRAGMAS) -> sqlite3.Connection:
    """A connection to an existing file; `how` is SQLite's URI query (`mode=rw`). It opens no transaction by itself."""
    quoted = "".join(chr(byte) if byte in SAFE_IN_A_URI else f"%{byte:02X}" for byte in os.fsencode(path))
    connection = sqlite3.connect(f"file:{quoted}?{how}", uri=True, isolation_level=None, timeout=patience)
    try:
        # One byte that is no UTF-8 would make every read of its row fail.
        connection.text_factory = _text()
        connection.set_progress_handler(_go_on, STEPS)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except UnicodeDecodeError as error:
        # SQLite's sentence on a damaged table quotes it, and the driver cannot read what stands there.
        connection.close()
        raise sqlite3.DatabaseError("malformed database schema") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _go_on() -> int:
    """What Ctrl-C raises in here ends the statement as `interrupted`."""
    return 0


def _text() -> Callable[[bytes], str]:
    from functools import partial

    return partial(str, encoding="utf-8", errors="replace")


def connect_reader(path: str, patience: float) -> tuple[sqlite3.Connection, bool]:
    """A connection for an account that cannot write, and whether it reads without locks (`immutable`).

    A reader who makes the -wal and -shm himself leaves them behind and locks the owner out. So where there is no -wal,
    he reads the file as it stands, and has to see for himself whether it changes.
    """
    wal, shm, journal = (os.path.exists(path + name) for name in ("-wal", "-shm", "-journal"))
    if wal and not shm and os.path.getsize(path + "-wal"):
        raise _not_closed(path)
    if wal and shm and not _never_opened(path):
        left = locked_out(path)
        if left and not all(os.access(path + name, os.R_OK) for name in ("-wal", "-shm")):
            raise Refused(left)
        return connect(path, "mode=ro", patience), False
    if journal or not os.access(os.path.dirname(path), os.W_OK):
        # Without WAL SQLite's read locks work; with it, opening fails here and leaves nothing behind.
        try:
            connection = connect(path, "mode=ro", patience)
            try:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            except BaseException:
                connection.close()
                raise
            return connection, False
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise
            if journal:
                raise _not_closed(path) from error
    return connect(path, "mode=ro&immutable=1", patience), True


def _never_opened(path: str) -> bool:
    """Whether the disk was full when the -wal and -shm were made, so that nobody can have written to them."""
    return os.path.getsize(path + "-wal") == 0 and os.path.getsize(path + "-shm") < SHARED_MEMORY


def look(path: str) -> tuple[object, ...]:
    """What changes when somebody writes: who reads without locks compares it."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, _size(path + "-wal"), _size(path + "-journal")


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None


def leave_wal(connection: sqlite3.Connection, patience: float) -> bool:
    """Changes the file to the rollback journal, which only works while nobody else has it open; whether it did."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        return bool(connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",))
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")


def followed(connection: sqlite3.Connection, path: str, wal: int) -> int:
    """The number of the write-ahead log to be kept in sight, `wal` being the one known; 0 without any.

    Somebody may have put the file back into WAL mode since it was opened: Refused where this library can lose data.
    """
    if wal or connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        return wal
    if not wal_is_safe():
        raise Refused(unsafe(path))
    return wal_of(path)


def stored_mode(path: str) -> str:
    """The journal mode that a file asks for. Only for who reads it without locks: SQLite says `delete` there, and
    closing the file drops nothing."""
    with open(path, "rb") as file:
        return "wal" if file.read(20)[18:19] == b"\2" else "delete"


def _not_closed(path: str) -> KpituiError:
    return Refused(f"{path} was not closed properly: somebody who may write it has to open it once.")


def team_umask() -> None:
    """Takes the group bits out of the umask: SQLite makes -wal and -shm with it and repairs their mode afterwards, and
    a process killed in between would lock the team out."""
    before = os.umask(0o007)
    os.umask(before & ~0o070 | 0o007)


def create(folder: str, name: str, mode: int) -> None:
    """Makes an empty workspace `name` in `folder` with the permissions `mode`, its tables in one transaction."""
    path = os.path.join(folder, name)
    if not os.path.isdir(folder):
        raise NotFound(f"There is no folder {folder}: make it first, then the workspace in it.")
    check_disk(path)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    try:
        file = os.open(path, flags, mode)
    except FileExistsError:
        raise Refused(f"There is something at {path} already. Nothing was overwritten: choose another path.") from None
    except OSError as error:
        raise KpituiError(f"{path} cannot be made: {error.strerror}.") from error
    try:
        # The umask may have taken bits away. No connection exists yet whose locks closing could drop.
        os.fchmod(file, mode)
    finally:
        os.close(file)
    if mode & 0o020:
        team_umask()
    try:
        _fill(path)
    except BaseException as error:
        for left in ("", "-wal", "-shm", "-journal"):
            if os.path.lexists(path + left):
                os.unlink(path + left)
        if isinstance(error, sqlite3.Error):
            raise told(error, path, writing=True) from error
        raise
    sync_folder(folder)


def _fill(path: str) -> None:
    from kpitui.storage.migrate import apply

    connection = connect(path, "mode=rw", 15.0)
    try:
        connection.execute(f"PRAGMA journal_mode = {'WAL' if wal_is_safe() else 'DELETE'}").fetchall()
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        apply(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def sync_folder(folder: str) -> None:
    """Puts a folder's entries on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
