"""Backups of a workspace: made, named by their UTC time, listed, and the old ones put away.

Beside each lies `NAME.sha256`, which `sha256sum -c` reads; its first line says what is in the backup.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.rotation import kept
from kpitui.errors import KpituiError, NotFound, Refused
from kpitui.storage import backup as stored
from kpitui.storage.backup import Copy, Taken
from kpitui.storage.failing import owner

if TYPE_CHECKING:
    from kpitui.storage.store import Store

TIME = "%Y%m%dT%H%M%SZ"
NAME = r"-(?P<at>\d{8}T\d{6}Z)(?P<number>-\d+)?(?P<before>-before-restore)?"
SAID = re.compile(r"# kpitui schema (?P<schema>\d+), change (?P<txn>\d+), head (?P<head>[0-9a-f]*)")
SUM = re.compile(r"(?P<sum>[0-9a-f]{64}) [ *](?P<name>.+)")
UNDO_DAYS = 90
"""Days that the copies made before a restore are kept; rotation leaves them alone until then."""


class Backup(NamedTuple):
    """A backup that lies in a folder. `at` is its UTC time (ISO 8601, `Z`); what its `.sha256` says is None where that
    is missing or says something else."""

    path: str
    at: str
    size: int
    before_restore: bool
    sha256: str | None
    schema: int | None
    txn: int | None
    head: str | None


class Made(NamedTuple):
    copy: Copy
    at: str
    removed: tuple[str, ...]
    """Paths of the older ones that were put away."""


def folder_of(path: str) -> str:
    """Where the backups of the workspace `path` go when nothing else is said: beside it."""
    return f"{os.path.realpath(path)}-backups"


def back_up(store: Store, folder: str, *, rotate: bool = False, before_restore: bool = False) -> Made:
    """A verified backup in `folder`, which is made when only it is missing; with `rotate` old ones are put away then.

    Raises Refused when this account may not write there, Damaged when the workspace does not pass the check, DiskFull
    and the like: nothing was put away then.
    """
    usable(folder, store.path)
    at = store.now().astimezone(UTC)
    copy = _copy(store, folder, at, "-before-restore" if before_restore else "")
    _write_sum(copy)
    removed = tuple(_rotate(folder, store.path)) if rotate else ()
    return Made(copy, at.strftime("%Y-%m-%dT%H:%M:%SZ"), removed)


def discard(path: str) -> None:
    """Takes a backup away again, with its sum; nothing where there is none."""
    for name in (path, f"{path}.sha256"):
        if path and os.path.lexists(name):
            os.unlink(name)


def listed(folder: str, path: str) -> list[Backup]:
    """The backups of the workspace `path` that lie in `folder`, newest first; none where there is no folder."""
    stem, ending = os.path.splitext(os.path.basename(path))
    wanted = re.compile(re.escape(stem) + NAME + re.escape(ending))
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refused(f"{folder} cannot be looked into by this account: {error.strerror}.") from None
    found = [
        _found(os.path.join(folder, name), match) for name in names if (match := wanted.fullmatch(name)) is not None
    ]
    return newest_first([one for one in found if one is not None])


def newest_first(found: list[Backup]) -> list[Backup]:
    return sorted(found, key=lambda one: (one.at, one.path), reverse=True)


def usable(folder: str, path: str) -> None:
    """Makes `folder` when only it is missing: closed, or readable for the group where the workspace is for one.

    Raises NotFound when the folder above is missing, Refused when backups cannot be written there.
    """
    if not os.path.isdir(folder):
        _make(folder, path)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(
            f"This account may not write in {folder}, which belongs to {owner(folder)}. Nothing was copied: name "
            "another folder with --to."
        )


def _make(folder: str, path: str) -> None:
    above = os.path.dirname(folder)
    if not os.path.isdir(above):
        raise NotFound(f"There is no folder {above}. Nothing was copied: make it first, or name another with --to.")
    found = os.stat(path)
    shared = bool(found.st_mode & stat.S_IRGRP)
    try:
        os.mkdir(folder, 0o700)
        if shared:
            os.chown(folder, -1, found.st_gid)
            # The group reads what its members may read anyway; backups are for their maker alone to change.
            os.chmod(folder, 0o2750)
    except OSError as error:
        if not os.path.isdir(folder):
            raise KpituiError(f"No folder {folder} can be made: {error.strerror}. Nothing was copied.") from None


def _copy(store: Store, folder: str, at: datetime, kind: str) -> Copy:
    stem, ending = os.path.splitext(os.path.basename(store.path))
    name, number = f"{stem}-{at.strftime(TIME)}", 1
    while True:
        try:
            again = f"-{number}" if number > 1 else ""
            return stored.copy_of(store, os.path.join(folder, f"{name}{again}{kind}{ending}"))
        except Taken:
            if number == 100:
                raise
            number += 1  # another one of the same second


def _write_sum(copy: Copy) -> None:
    text = f"# kpitui schema {copy.schema}, change {copy.txn}, head {copy.head}\n"
    text += f"{copy.sha256}  {os.path.basename(copy.path)}\n"
    part = f"{copy.path}.{os.urandom(6).hex()}.part"
    found = os.stat(copy.path)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.fsencode(text))
            file.flush()
            if found.st_gid != os.fstat(file.fileno()).st_gid:
                os.chown(part, -1, found.st_gid)
            os.chmod(part, stat.S_IMODE(found.st_mode))
            os.fsync(file.fileno())
        os.replace(part, f"{copy.path}.sha256")
    except BaseException:
        os.unlink(part)
        raise


def _found(path: str, match: re.Match[str]) -> Backup | None:
    try:
        file = os.lstat(path)
        at = datetime.strptime(match["at"], TIME)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(file.st_mode):
        return None
    said, total = _sum(path)
    return Backup(
        path,
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        file.st_size,
        match["before"] is not None,
        total,
        int(said["schema"]) if said else None,
        int(said["txn"]) if said else None,
        said["head"] if said else None,
    )


def _sum(path: str) -> tuple[re.Match[str] | None, str | None]:
    """What the file beside a backup says is in it, and its SHA-256."""
    try:
        with open(f"{path}.sha256", "rb") as file:
            lines = os.fsdecode(file.read(10_000)).splitlines()
    except OSError:
        return None, None
    said = next((match for line in lines if (match := SAID.fullmatch(line))), None)
    sums = {match["name"]: match["sum"] for line in lines if (match := SUM.fullmatch(line))}
    return said, sums.get(os.path.basename(path))


def sum_beside(path: str) -> str | None:
    """The SHA-256 that stands beside a backup; None where none does."""
    return _sum(path)[1]


def _rotate(folder: str, path: str) -> list[str]:
    """Puts away what need not be kept any more; gives the paths."""
    found = listed(folder, path)
    times = {one.path: datetime.strptime(one.at, "%Y-%m-%dT%H:%M:%SZ") for one in found}
    keep = kept(times[one.path] for one in found if not one.before_restore)
    newest = max(times.values(), default=None)
    removed = []
    for one in found:
        time = times[one.path]
        if newest is None or (newest - time < timedelta(UNDO_DAYS) if one.before_restore else time in keep):
            continue
        try:
            os.unlink(one.path)
        except OSError:
            continue  # a colleague's: his own rotation puts it away
        removed.append(one.path)
        try:
            os.unlink(f"{one.path}.sha256")
        except OSError:
            pass
    return removed
