"""Brings an older workspace to this program's schema: all pending steps in one transaction, after a verified copy."""

from __future__ import annotations

import os
from contextlib import contextmanager

from kpitui.errors import Damaged
from kpitui.storage import schema
from kpitui.storage.opening import connect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from kpitui.storage.driver import sqlite3

TRIES = 3
"""Copies that are made while others may write; then they have to wait."""


def migrate(connection: sqlite3.Connection, path: str, patience: float = 15.0) -> str | None:
    """Applies what is pending and gives the path of the copy made before, or None when somebody else was first.

    Raises Damaged when the workspace does not pass the checks before or after: it is as it was then.
    """
    for _ in range(TRIES):
        have = _schema(connection)
        if have >= schema.SCHEMA:
            return None
        seen = _seen(connection)
        copy = _copy(connection, path, f"{path}.schema-{have}.backup")
        with _locked(connection):
            if _seen(connection) == seen:
                apply(connection)
                connection.execute("COMMIT")
                return copy
        # Somebody committed after the copy was made, or has migrated: the copy is not what this one starts from.
        os.unlink(copy)
    # Others keep writing: now they wait until the copy is made. Another connection makes it, because this one is in a
    # transaction; it reads what the last of them has committed.
    with _locked(connection):
        have = _schema(connection)
        if have >= schema.SCHEMA:
            return None
        reader = connect(path, "mode=rw", patience)
        try:
            copy = _copy(reader, path, f"{path}.schema-{have}.backup")
        finally:
            reader.close()
        apply(connection)
        connection.execute("COMMIT")
        return copy


@contextmanager
def _locked(connection: sqlite3.Connection) -> Iterator[None]:
    """The write lock, with foreign keys off; what was not committed at the end is taken back."""
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA foreign_keys = ON")


def _schema(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _seen(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def apply(connection: sqlite3.Connection) -> None:
    """The pending steps, inside the caller's transaction and with foreign keys off."""
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    steps = Migrations("kpitui")
    for name, step in schema.MIGRATIONS:
        steps(name=name)(_over_connection(step))
    steps.apply(Database(connection, execute_plugins=False, recursive_triggers=False))
    connection.execute(f"PRAGMA user_version = {schema.SCHEMA}")
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        table, row, other = broken[0][:3]
        raise Damaged(
            f"The workspace cannot be upgraded: row {row} of {table} refers to a {other} that does not exist, and "
            f"{len(broken)} such rows in all. Nothing was changed: restore a backup."
        )


def _over_connection(step: Callable[[sqlite3.Connection], None]) -> Callable[[Any], None]:
    def migration(db: Any) -> None:
        step(db.conn)

    return migration


def upgraded(connection: sqlite3.Connection, path: str, patience: float) -> list[str]:
    """Migrates, and gives what is said of it, in a line of a terminal: the names, as both lie in one folder."""
    copy = migrate(connection, path, patience)
    if not copy:
        return []
    names = (os.path.basename(path), os.path.basename(copy))
    return [f"{names[0]} was upgraded to schema {schema.SCHEMA}; as it was: {names[1]} beside it"]


def _copy(connection: sqlite3.Connection, path: str, wanted: str) -> str:
    from kpitui.storage.backup import NOT_WRITABLE, Taken, verified_copy

    name, number = wanted, 2
    while True:
        try:
            found = os.stat(path)
            return verified_copy(connection, name, found.st_mode & NOT_WRITABLE, found.st_gid).path
        except Taken:
            # From an earlier upgrade, or by somebody who upgrades at this very moment.
            pass
        name, number = f"{wanted}-{number}", number + 1
