"""Is this a good place for a workspace? Asked with `stat` only: opening a database file and closing it again would
drop the locks that SQLite holds on it for this process."""

from __future__ import annotations

import os
import stat

from kpitui.errors import Damaged, KpituiError, NotFound, Refused, Replaced
from kpitui.storage.failing import account, group, owner, typed
from kpitui.storage.permissions import SIDECARS, faults, let_in, own_group, told

NETWORK_VARIABLE = "KPITUI_ALLOW_NETWORK"
# Everything not in here is taken for a network file system, where SQLite's locks do not hold between machines.
LOCAL = frozenset(
    "ext2 ext3 ext4 xfs btrfs zfs tmpfs ramfs rootfs f2fs overlay aufs fuseblk bcachefs jfs reiserfs nilfs2 ntfs ntfs3 "
    "vfat exfat msdos hfs hfsplus apfs ecryptfs squashfs erofs iso9660 udf".split()
)
SYNCED = ("dropbox", "nextcloud", "owncloud", "onedrive", "google drive", "googledrive", "syncthing", "icloud")


def check_place(path: str) -> list[str]:
    """What is unwise about the place of the database `path` (a real path, links resolved): sentences, may be none.

    Raises NotFound when nothing is there, Damaged when it cannot be a workspace, Refused when using it would put data
    at risk.
    """
    file = _file(path)
    if stat.S_ISDIR(file.st_mode):
        raise Damaged(f"{path} is a folder, not a kpitui workspace: give the path of its file.")
    if not stat.S_ISREG(file.st_mode):
        raise Damaged(f"{path} is not a regular file, so it is no kpitui workspace.")
    if file.st_size == 0:
        raise Damaged(
            f"{path} is empty: it was cut off, or is no workspace. It was not overwritten. Restore a backup, or delete "
            "it and make a new one with kpitui init."
        )
    if not os.access(path, os.R_OK):
        raise Refused(_unreadable(path, file))
    if file.st_nlink != 1:
        raise Refused(
            f"{path} has {file.st_nlink} names (hard links). Two programs using different ones would not see each "
            f"other's work: {_other_name(path, file)}"
        )
    warnings = check_disk(path)
    folder = os.stat(os.path.dirname(path) or ".")
    for sidecar in SIDECARS:
        _check_sidecar(path + sidecar, path, file)
    return warnings + [told(one) for one in faults(path, file, folder)]


def check_disk(path: str) -> list[str]:
    """Refuses a network disk for `path` (Refused) unless `KPITUI_ALLOW_NETWORK` is set; warns of sync folders."""
    warnings = []
    kind = file_system(path)
    if kind is not None and kind not in LOCAL:
        if not os.environ.get(NETWORK_VARIABLE):
            raise Refused(
                f"{path} is on a network disk ({kind}), where two machines can damage it. Work over SSH on the machine "
                f"that holds it, or, if only this one ever uses it, set {NETWORK_VARIABLE}=1."
            )
        warnings.append(f"{path} is on a network disk ({kind}): use it from this one machine only.")
    for part in path.lower().split(os.sep)[:-1]:
        if any(name in part for name in SYNCED):
            warnings.append(
                f"{path} is in a folder that is synchronised ({part}): a copy made in mid-write is damaged."
            )
            break
    return warnings


def why_not(path: str, warnings: list[str]) -> str:
    """Why this account cannot save anything in the database `path`; empty when it can. What others should know of it,
    too, is added to `warnings`."""
    if not os.access(path, os.W_OK):
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            return f"The disk of {path} is mounted for reading only. NOT saved: it has to be mounted for writing first."
        return f"This account may only read {path}. NOT saved: ask {owner(path)}, who owns it."
    folder = os.path.dirname(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"This account may not write in {folder}, which SQLite needs. NOT saved: ask {owner(folder)}."
    left = locked_out(path)
    if left:
        warnings.append(left)
    return left or ""


def let_in_since(path: str) -> str:
    """What is said of a save where `why_not` had a reason when the database was opened, and has none any more."""
    return f"When this was opened, {path} could not be written; now it can. NOT saved: start kpitui again."


def locked_out(path: str) -> str | None:
    """The sentence for a -wal, -shm or -journal left by somebody else that this account cannot write; None if all is
    well. Only for an account that may write the database itself."""
    found = [path + name for name in SIDECARS if os.path.exists(path + name)]
    shut = [left for left in found if not os.access(left, os.W_OK)]
    if not shut:
        return None
    lost = "nothing can be saved" if all(os.access(left, os.R_OK) for left in shut) else "the workspace cannot be used"
    by = owner(shut[0])
    commands = " && ".join(command for left in shut if owner(left) == by for command in _let_in(path, left))
    return f"{shut[0]} belongs to {by} and cannot be written by this account, so {lost}. Ask {by} to type: {commands}"


def _let_in(path: str, left: str) -> list[str]:
    """What gives the file `left` the group and the permissions of the database beside it."""
    database, beside = os.stat(path), os.stat(left)
    group_first = [f"chgrp {group(path)} {typed(left)}"] if beside.st_gid != database.st_gid else []
    return [*group_first, f"chmod {stat.S_IMODE(database.st_mode):o} {typed(left)}"]


def file_system(path: str, mounts: str = "/proc/self/mountinfo") -> str | None:
    """The type of the file system that holds `path` (`ext4`, `nfs4`, …), or None when the system does not say."""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as table:
            lines = table.read().splitlines()
    except OSError:
        return None
    best, kind = "", None
    for line in lines:
        # 36 35 98:0 /root /mount/point rw,noatime master:1 - ext3 /dev/root rw
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = fields[4]
        if "\\" in point:
            for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
                point = point.replace(code, sign)
        # Of two mounts on one point the later one is on top.
        if len(point) >= len(best) and (path == point or path.startswith(point.rstrip("/") + "/")):
            best, kind = point, after.split(" ", 1)[0]
    return kind


def identity(path: str) -> tuple[int, int]:
    """What tells the file at `path` from another one put in its place."""
    found = os.stat(path)
    # What SQLite still has in memory of an emptied file would be acknowledged, and lost.
    return found.st_dev, found.st_ino if found.st_size else 0


def wal_of(path: str) -> int:
    """The number of the write-ahead log beside the database, which stays the same while anybody has it open; 0 where
    there is none."""
    try:
        return os.stat(path + "-wal").st_ino
    except OSError:
        return 0


def check_same(path: str, seen: tuple[int, int], wal: int = 0, *, saving: bool, done: bool) -> None:
    """Raises Replaced when the file that was opened is not at `path` any more, or the log `wal` (`wal_of`, 0: none) not
    beside it, Refused when this account may not look there now. `saving` says that something is to be saved, `done`
    that it is in the file already."""
    try:
        if identity(path) == seen:
            if wal and wal_of(path) != wal:
                # SQLite goes on writing into what has no name any more, and others do not see it.
                lost = " NOT saved." if saving else ""
                raise Replaced(
                    f"{path}-wal was removed while it was open.{lost} Leave every kpitui that has it open with q: that "
                    "puts what was saved into the file. Then type kpitui check."
                )
            return
    except PermissionError:
        # A group that was left, a folder that was closed: as far as anybody can tell it is the same file.
        if done:
            return
        lost = " NOT saved: ask its owner." if saving else " Ask its owner."
        raise Refused(f"This account may not look into the folder of {path} any more.{lost}") from None
    except OSError:
        pass
    lost = " NOT saved." if saving else ""
    raise Replaced(f"{path} was removed, replaced or emptied while open.{lost} Start kpitui again.")


def _file(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"There is no workspace at {path}. Nothing was created: check the path, or make one with kpitui init."
        ) from None
    except PermissionError:
        raise Refused(_shut_out(path)) from None
    except OSError as error:
        raise KpituiError(f"{path} cannot be reached: {error.strerror}.") from error


def _shut_out(path: str) -> str:
    """Which folder on the way to `path` does not let this account through, and who may."""
    folder = os.path.dirname(path)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    found = os.stat(folder)
    joining = ""
    ours = found.st_gid in (0, *os.getgroups(), os.getegid())
    if found.st_mode & 0o010 and not ours and not own_group(found.st_uid, found.st_gid):
        joining = f", or have sudo usermod -aG {group(folder)} {account(os.geteuid())} typed and log in again"
    return f"This account may not look into {folder}: ask {owner(folder)}, who owns it{joining}."


def _unreadable(path: str, file: os.stat_result) -> str:
    """Who may let this account read `path`, and what to type where its folder is a team's."""
    folder = os.path.dirname(path)
    said = f"This account may not read {path}: ask {owner(path)}, who owns it"
    if os.access(folder, os.W_OK) and not file.st_mode & stat.S_IWOTH:
        return f"{said}, to type: {let_in(path, folder)}"
    return f"{said}."


def _other_name(path: str, file: os.stat_result) -> str:
    """What removes the other name of the file, or finds it."""
    folder = os.path.dirname(path)
    try:
        with os.scandir(folder) as entries:
            for one in entries:
                if one.inode() == file.st_ino and one.path != path and os.path.samefile(one.path, path):
                    return f"rm {typed(one.path)}"
    except OSError:
        pass
    return f"remove the other one, which this finds: find / -samefile {typed(path)}"


def _check_sidecar(left: str, path: str, file: os.stat_result) -> None:
    try:
        found = os.lstat(left)
    except OSError:
        return
    if not stat.S_ISREG(found.st_mode):
        remove = "rm -r" if stat.S_ISDIR(found.st_mode) else "rm"
        raise Refused(
            f"{left} is not a regular file: somebody put it there. Remove it before using {path}: "
            f"{remove} {typed(left)}"
        )
    others = file.st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_IRGRP | stat.S_IROTH)
    if not others and found.st_uid not in (file.st_uid, 0):
        raise Refused(
            f"{left} belongs to {owner(left)}, who may not even read {path}: it is not from a kpitui. Have it removed."
        )
