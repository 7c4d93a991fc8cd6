"""A copy of a workspace that is checked before it gets its name."""

from __future__ import annotations

import os

from kpitui.errors import Damaged, KpituiError, Refused
from kpitui.storage.driver import sqlite3
from kpitui.storage.failing import told
from kpitui.storage.opening import connect, sync_folder


class Taken(Refused):
    """Something stands under the copy's name."""


def verified_copy(connection: sqlite3.Connection, target: str, mode: int = 0o600) -> str:
    """Writes what `connection` sees into the new file `target` with the permissions `mode`, and gives its path.

    The copy is compact, one file without a -wal, and appears under its name only when it passed integrity and foreign
    key checks and is on the disk. Others may write meanwhile. `connection` must not be in a transaction.
    Raises Taken when `target` exists, Damaged when the copy does not pass, DiskFull and the like.
    """
    folder = os.path.dirname(target) or "."
    part = os.path.join(folder, f".{os.path.basename(target)}.{os.urandom(6).hex()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    except OSError as error:
        raise KpituiError(f"No copy can be made in {folder}: {error.strerror}.") from error
    try:
        _copy(connection, part)
        _check(part, target)
        _sync(part, mode)
        _name(part, target)
    except sqlite3.Error as error:
        raise told(error, target, writing=True) from error
    finally:
        if os.path.lexists(part):
            os.unlink(part)
    sync_folder(folder)
    return target


def _copy(connection: sqlite3.Connection, part: str) -> None:
    # VACUUM INTO counts as writing for query_only, although it writes another file.
    guarded = connection.execute("PRAGMA query_only").fetchone()[0]
    connection.execute("PRAGMA query_only = OFF")
    try:
        # `backup()` in steps never ends while others write; this takes one snapshot.
        connection.execute("VACUUM INTO ?", (part,))
    finally:
        connection.execute(f"PRAGMA query_only = {int(guarded)}")


def _check(part: str, target: str) -> None:
    copy = connect(part, "mode=ro&immutable=1", 1.0)
    try:
        said = [row[0] for row in copy.execute("PRAGMA integrity_check(5)").fetchall()]
        broken = copy.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        copy.close()
    if said != ["ok"] or broken:
        what = said[0] if said != ["ok"] else f"{len(broken)} rows refer to something that does not exist"
        raise Damaged(
            f"The copy for {target} does not pass its check ({what}), so it was not kept. kpitui check says more."
        )


def _sync(part: str, mode: int) -> None:
    handle = os.open(part, os.O_RDWR)
    try:
        os.chmod(part, mode)
        os.fsync(handle)
    finally:
        os.close(handle)


def _name(part: str, target: str) -> None:
    taken = Taken(f"There is something at {target} already. It was not overwritten.")
    try:
        os.link(part, target)
    except FileExistsError:
        raise taken from None
    except OSError:
        # Some file systems know no second names; the gap between asking and renaming is theirs.
        if os.path.lexists(target):
            raise taken from None
        os.rename(part, target)
