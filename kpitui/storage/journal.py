"""Back to the write-ahead log, after an older SQLite library has taken a workspace out of it.

Such a library can lose data in WAL mode, so whoever has one changes the file to the rollback journal, and there it
stays: slower, and nobody reads while somebody saves. One with a fixed library may change it back.
"""

from __future__ import annotations

import os
from contextlib import suppress

from kpitui.storage.driver import sqlite3, wal_is_safe
from kpitui.storage.failing import typed
from kpitui.storage.holder import holder, process
from kpitui.storage.opening import connect
from kpitui.storage.place import LOCAL, file_system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store


def left_wal(store: Store) -> bool:
    """Whether a workspace that this account may write is without the log that its library and its disk allow."""
    kind = file_system(store.path)
    allowed = wal_is_safe() and not store.refusal and (kind is None or kind in LOCAL)
    return allowed and store.journal_mode() == "delete"


def words(path: str) -> str:
    return (
        f"{path} is without the write-ahead log, so nobody reads while somebody saves: a kpitui with an older SQLite "
        f"had it open. When nobody else has it open, this puts the log back: kpitui check --fix --db {typed(path)}"
    )


def enter_wal(path: str) -> str:
    """Puts the workspace back into WAL mode; who has it open where that cannot be, as far as the system says."""
    others = open_in(path)
    if others:
        return others
    connection = connect(path, "mode=rw", 0.0)
    try:
        done = connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        done = False
    finally:
        connection.close()
    return "" if done else str(holder(path) or "somebody")


def open_in(path: str) -> str:
    """Another process that has the file open, as this account is let see; empty where none is known."""
    found = os.stat(path)
    for pid in _processes():
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    there = os.stat(f"/proc/{pid}/fd/{name}")
                    if (there.st_dev, there.st_ino) == (found.st_dev, found.st_ino):
                        return str(process(pid))
    return ""


def _processes() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    except OSError:
        return []
