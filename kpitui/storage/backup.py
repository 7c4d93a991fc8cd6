"""A copy of a workspace that is checked before it gets its name."""

from __future__ import annotations

import os
import stat
from errno import ENOSPC
from typing import NamedTuple

from kpitui.errors import Damaged, KpituiError, Refused
from kpitui.storage.driver import sqlite3
from kpitui.storage.failing import full, told
from kpitui.storage.opening import connect, look
from kpitui.storage.staging import Staging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store

NOT_WRITABLE = 0o640
"""What a copy may have of the permissions of its original: nobody but its owner writes it."""


class Taken(Refused):
    """Something stands under the copy's name."""


class Copy(NamedTuple):
    """A copy that was checked. `txn` and `head` are the newest transaction in it and its hash (hex), which stands for
    the whole log; 0 and empty when nothing was done yet."""

    path: str
    size: int
    sha256: str
    schema: int
    txn: int
    head: str


def copy_of(store: Store, target: str) -> Copy:
    """A verified copy of a workspace, readable for who may read the original and writable for its owner alone.

    Raises as `verified_copy`.
    """
    found = os.stat(store.path)
    for _ in range(10):
        # Somebody who reads without locks sees for himself whether the file has changed while it was copied.
        before = look(store.path) if store._unlocked is not None else None
        made = verified_copy(store._connection, target, stat.S_IMODE(found.st_mode) & NOT_WRITABLE, found.st_gid)
        if before is None or look(store.path) == before:
            return made
        os.unlink(target)
        store._reopen()
    raise store._changed_meanwhile()


def verified_copy(connection: sqlite3.Connection, target: str, mode: int = 0o600, gid: int | None = None) -> Copy:
    """Writes what `connection` sees into the new file `target` with the permissions `mode` for the group `gid`.

    The copy is compact, one file without a -wal, and appears under its name only when it passed integrity and foreign
    key checks and is on the disk. Others may write meanwhile. `connection` must not be in a transaction.
    Raises Taken when `target` exists, Damaged when the copy does not pass, DiskFull and the like.
    """
    folder, name = os.path.split(target)
    file = -1
    with Staging(folder or ".", name) as staging:
        part = staging.new_file()
        path = os.path.join(staging.path, part)
        try:
            _copy(connection, path)
            file = staging.open(part, os.O_RDWR)
            schema, txn, head = _check(path, target)
            size, digest = _sync(file, mode, gid)
            _name(part, name, staging, target)
            os.fsync(staging.above)
        except sqlite3.Error as error:
            raise told(error, target, writing=True) from error
        except OSError as error:
            if error.errno == ENOSPC:
                raise full(target) from error
            raise KpituiError(f"No copy can be made at {target}: {error.strerror}.") from error
        finally:
            if file >= 0:
                os.close(file)
    return Copy(target, size, digest, schema, txn, head)


def put_beside(copy: Copy, text: bytes) -> None:
    """Writes the file `COPY.sha256` with the owner, group and permissions of the copy; one that is there makes room.

    Raises DiskFull, and KpituiError where it cannot be.
    """
    folder, name = os.path.split(f"{copy.path}.sha256")
    with Staging(folder or ".", name) as staging:
        part = staging.new_file()
        try:
            found = os.stat(os.path.basename(copy.path), dir_fd=staging.above, follow_symlinks=False)
            with os.fdopen(staging.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY), "wb") as file:
                file.write(text)
                file.flush()
                if found.st_gid != os.fstat(file.fileno()).st_gid:
                    os.fchown(file.fileno(), -1, found.st_gid)
                os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode))
                os.fsync(file.fileno())
            os.rename(part, name, src_dir_fd=staging.handle, dst_dir_fd=staging.above)
            os.fsync(staging.above)
        except OSError as error:
            if error.errno == ENOSPC:
                raise full(copy.path) from error
            raise KpituiError(f"{copy.path} was made, but not its .sha256: {error.strerror}.") from error


def _copy(connection: sqlite3.Connection, part: str) -> None:
    # VACUUM INTO counts as writing for query_only, although it writes another file.
    guarded = connection.execute("PRAGMA query_only").fetchone()[0]
    connection.execute("PRAGMA query_only = OFF")
    try:
        # `backup()` in steps never ends while others write; this takes one snapshot.
        connection.execute("VACUUM INTO ?", (part,))
    finally:
        connection.execute(f"PRAGMA query_only = {int(guarded)}")


def _check(part: str, target: str) -> tuple[int, int, str]:
    """Its schema, newest transaction and hash."""
    copy = connect(part, "mode=ro&immutable=1", 1.0)
    try:
        said = [row[0] for row in copy.execute("PRAGMA integrity_check(5)").fetchall()]
        broken = copy.execute("PRAGMA foreign_key_check").fetchall()
        schema = int(copy.execute("PRAGMA user_version").fetchone()[0])
        head = copy.execute("SELECT id, hash FROM txn ORDER BY id DESC LIMIT 1").fetchone() if said == ["ok"] else None
    finally:
        copy.close()
    if said != ["ok"] or broken:
        what = said[0] if said != ["ok"] else f"{len(broken)} rows refer to something that does not exist"
        raise Damaged(
            f"The copy for {target} does not pass its check ({what}), so it was not kept. kpitui check says more."
        )
    return schema, int(head[0]) if head else 0, bytes(head[1] or b"").hex() if head else ""


def _sync(handle: int, mode: int, gid: int | None) -> tuple[int, str]:
    """Puts the copy on the disk with its permissions; its size and SHA-256."""
    from hashlib import file_digest

    if gid is not None and mode & 0o070 and os.fstat(handle).st_gid != gid:
        try:
            os.fchown(handle, -1, gid)
        except OSError:
            # Another group than the original's may not read it.
            mode &= ~0o070
    os.fchmod(handle, mode)
    os.fsync(handle)
    with open(handle, "rb", closefd=False) as file:
        return os.fstat(handle).st_size, file_digest(file, "sha256").hexdigest()


def _name(part: str, name: str, staging: Staging, target: str) -> None:
    taken = Taken(f"There is something at {target} already. It was not overwritten.")
    try:
        os.link(part, name, src_dir_fd=staging.handle, dst_dir_fd=staging.above, follow_symlinks=False)
    except FileExistsError:
        raise taken from None
    except OSError:
        # Some file systems know no second names; the gap between asking and renaming is theirs.
        if os.path.lexists(target):
            raise taken from None
        os.rename(part, name, src_dir_fd=staging.handle, dst_dir_fd=staging.above)
