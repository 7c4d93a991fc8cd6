"""Backups of a workspace: made, named by their UTC time, listed, and the old ones put away.

Beside each lies `NAME.sha256`, which `sha256sum -c` reads; its first line says what is in the backup. A team's folder
can be written by all of its members: what stands there under a backup's name counts only when it is one.
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
from kpitui.storage.failing import account, owner
from kpitui.storage.permissions import backups_fault
from kpitui.storage.restoring_file import is_workspace
from kpitui.storage.staging import clear_left, open_folder, refuse_foreign_link

if TYPE_CHECKING:
    from kpitui.storage.store import Store

TIME = "%Y%m%dT%H%M%SZ"
TIME_SAID = "%Y-%m-%dT%H:%M:%SZ"
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
    by: str
    """The account that it belongs to."""
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
    doubtful: tuple[str, ...]
    """Paths of what is no backup, or has another content than its `.sha256` says: it was left, and did not count."""


def folder_of(path: str) -> str:
    """Where the backups of the workspace `path` go when nothing else is said: beside it."""
    return f"{os.path.realpath(path)}-backups"


def back_up(store: Store, folder: str, *, rotate: bool = False, before_restore: bool = False) -> Made:
    """A verified backup in `folder`, which is made when only it is missing; with `rotate` old ones are put away then.

    Raises Refused when this account may not write there, Damaged when the workspace does not pass the check, DiskFull
    and the like: nothing was put away then.
    """
    usable(folder, store.path)
    stem = os.path.splitext(os.path.basename(store.path))[0]
    at = store.now().astimezone(UTC)
    clear_left(folder, stem, at.timestamp())
    copy = _copy(store, folder, at, "-before-restore" if before_restore else "")
    said = f"# kpitui schema {copy.schema}, change {copy.txn}, head {copy.head}\n"
    said += f"{copy.sha256}  {os.path.basename(copy.path)}\n"
    stored.put_beside(copy, os.fsencode(said))
    removed, doubtful = _rotate(folder, store.path, at) if rotate else ([], [])
    return Made(copy, at.strftime(TIME_SAID), tuple(removed), tuple(doubtful))


def discard(path: str) -> None:
    """Takes a backup away again, with its sum; nothing where there is none."""
    for name in (path, f"{path}.sha256"):
        if path and os.path.lexists(name):
            os.unlink(name)


def listed(folder: str, path: str) -> list[Backup]:
    """The backups of the workspace `path` that lie in `folder`, newest first; none where there is no folder."""
    try:
        handle = open_folder(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refused(f"{folder} cannot be looked into by this account: {error.strerror}.") from None
    try:
        return _listed(handle, folder, path)
    finally:
        os.close(handle)


def _listed(handle: int, folder: str, path: str) -> list[Backup]:
    stem, ending = os.path.splitext(os.path.basename(path))
    wanted = re.compile(re.escape(stem) + NAME + re.escape(ending))
    try:
        names = os.listdir(handle)
    except OSError as error:
        raise Refused(f"{folder} cannot be looked into by this account: {error.strerror}.") from None
    found = [_found(handle, folder, match) for name in names if (match := wanted.fullmatch(name)) is not None]
    return newest_first([one for one in found if one is not None])


def newest_first(found: list[Backup]) -> list[Backup]:
    return sorted(found, key=lambda one: (one.at, one.path), reverse=True)


def usable(folder: str, path: str) -> None:
    """Makes `folder` when only it is missing: closed, or for the group as the workspace is: who may write that may make
    backups and put old ones away, who may read it may read them.

    Raises NotFound when the folder above is missing, Refused when backups cannot be written there.
    """
    refuse_foreign_link(folder)
    if not os.path.isdir(folder):
        _make(folder, path)
    if not os.access(folder, os.W_OK | os.X_OK):
        fault = backups_fault(path, folder)
        way = f"ask {owner(folder)} to type kpitui check --fix, or name" if fault is not None else "name"
        raise Refused(
            f"This account may not write in {folder}, which belongs to {owner(folder)}. Nothing was copied: {way} "
            "another folder with --to."
        )


def _make(folder: str, path: str) -> None:
    above = os.path.dirname(folder)
    if not os.path.isdir(above):
        raise NotFound(f"There is no folder {above}. Nothing was copied: make it first, or name another with --to.")
    found = os.stat(path)
    try:
        os.mkdir(folder, 0o700)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(handle).st_uid == os.geteuid() and found.st_mode & stat.S_IRGRP:
                os.fchown(handle, -1, found.st_gid)
                os.fchmod(handle, 0o2770 if found.st_mode & stat.S_IWGRP else 0o2750)
        finally:
            os.close(handle)
    except OSError as error:
        if not os.path.isdir(folder):
            raise KpituiError(
                f"No folder {folder} can be made: {error.strerror}. Nothing was copied: name another with --to."
            ) from None


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


def _found(handle: int, folder: str, match: re.Match[str]) -> Backup | None:
    try:
        file = os.stat(match[0], dir_fd=handle, follow_symlinks=False)
        at = datetime.strptime(match["at"], TIME)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(file.st_mode):
        return None
    said, total = _sum(match[0], handle)
    return Backup(
        os.path.join(folder, match[0]),
        at.strftime(TIME_SAID),
        account(file.st_uid),
        file.st_size,
        match["before"] is not None,
        total,
        int(said["schema"]) if said else None,
        int(said["txn"]) if said else None,
        said["head"] if said else None,
    )


def _sum(path: str, handle: int | None = None) -> tuple[re.Match[str] | None, str | None]:
    """What the file beside a backup says is in it, and its SHA-256; `path` may be one in the folder `handle`."""
    try:
        with os.fdopen(_plain(f"{path}.sha256", handle), "rb") as file:
            lines = os.fsdecode(file.read(10_000)).splitlines()
    except OSError:
        return None, None
    said = next((match for line in lines if (match := SAID.fullmatch(line))), None)
    sums = {match["name"]: match["sum"] for line in lines if (match := SUM.fullmatch(line))}
    return said, sums.get(os.path.basename(path))


def sum_beside(path: str) -> str | None:
    """The SHA-256 that stands beside a backup; None where none does."""
    return _sum(path)[1]


def _plain(path: str, handle: int | None) -> int:
    """A descriptor of a file to read. Raises OSError for what is none: a colleague's link or pipe among them."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.open(path, flags, dir_fd=handle)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(f"{path} is no file")
    return file


def _genuine(one: Backup, handle: int) -> bool:
    """Whether a file under a backup's name may stand for that time: it is a workspace, and either this account's own or
    what its sum says."""
    from hashlib import file_digest

    try:
        with os.fdopen(_plain(os.path.basename(one.path), handle), "rb") as file:
            if not is_workspace(file.read(100)):
                return False
            if os.fstat(file.fileno()).st_uid == os.geteuid():
                return True
            file.seek(0)
            return one.sha256 is not None and file_digest(file, "sha256").hexdigest() == one.sha256
    except OSError:
        return False


def _rotate(folder: str, path: str, now: datetime) -> tuple[list[str], list[str]]:
    """Puts away what need not be kept any more; gives the paths, and those of what is none of ours.

    What is not genuine would let others push true backups out of their days.
    """
    handle = open_folder(folder)
    try:
        return _rotated(handle, _listed(handle, folder, path), now)
    finally:
        os.close(handle)


def _rotated(handle: int, found: list[Backup], now: datetime) -> tuple[list[str], list[str]]:
    times = {one.path: datetime.strptime(one.at, TIME_SAID).replace(tzinfo=UTC) for one in found}
    true = [one for one in found if times[one.path] <= now and _genuine(one, handle)]
    keep = kept(times[one.path] for one in true if not one.before_restore)
    removed = []
    for one in true:
        time = times[one.path]
        if now - time < timedelta(UNDO_DAYS) if one.before_restore else time in keep:
            continue
        try:
            os.unlink(os.path.basename(one.path), dir_fd=handle)
        except OSError:
            continue  # a colleague's in a folder where only its owner may: his own rotation puts it away
        removed.append(one.path)
        try:
            os.unlink(f"{os.path.basename(one.path)}.sha256", dir_fd=handle)
        except OSError:
            pass
    return removed, [one.path for one in found if one not in true]
