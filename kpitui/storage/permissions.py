"""What is unwise about the permissions of a workspace, what would mend it, and mending what this account may.

Asked with `stat` only, and mended through the name: opening a database file and closing it again would drop the locks
that SQLite holds on it for this process.
"""

from __future__ import annotations

import os
import stat

from kpitui.domain.named import NamedTuple
from kpitui.storage.failing import group, owner, typed

SIDECARS = ("-wal", "-shm", "-journal")


class Fault(NamedTuple):
    """Something whose permissions are wrong: a sentence that ends with what to type, which bits are to be added and
    taken away, which group it should have (None: its own), and what is said when that was done where it is not the same
    sentence."""

    path: str
    text: str
    add: int = 0
    take: int = 0
    gid: int | None = None
    done: str = ""


def faults(path: str, file: os.stat_result, folder: os.stat_result) -> list[Fault]:
    """What is wrong with the database `path`, its folder, and what this account has left beside it."""
    if os.name != "posix":
        return []
    where = os.path.dirname(path) or "."
    team = file.st_mode & stat.S_IWGRP
    sticky = folder.st_mode & stat.S_ISVTX
    found: list[Fault] = []
    # Of two groups the team's is the one that is not somebody's own.
    other = file.st_gid != folder.st_gid
    astray = other and own_group(folder.st_uid, folder.st_gid) and not own_group(file.st_uid, file.st_gid)

    if file.st_mode & stat.S_IWOTH:
        text = f"{path} can be written by everybody on this machine: chmod o-rwx {typed(path)}"
        found.append(Fault(path, text, take=0o007))
    if folder.st_mode & stat.S_IWOTH and not sticky:
        text = f"{where} can be written by everybody, who may replace the workspace: chmod o-w {typed(where)}"
        found.append(Fault(where, text, take=0o002))
    if team and astray:
        wide = 0o070 | stat.S_ISGID
        text = (
            f"{path} is for the group {group(path)}, which its folder shuts out: chgrp {group(path)} {typed(where)} && "
            f"chmod g+rwxs {typed(where)}"
        )
        found.append(Fault(where, text, add=wide, gid=file.st_gid))
    elif team and not folder.st_mode & stat.S_ISGID:
        text = (
            f"{path} is for a group, but files made in {where} do not get that group, which locks the others out: "
            f"chmod g+s {typed(where)}"
        )
        found.append(Fault(where, text, add=stat.S_ISGID))
    elif team and folder.st_mode & 0o070 != 0o070:
        text = f"{path} is for a group, which may not work in its folder: chmod g+rwx {typed(where)}"
        found.append(Fault(where, text, add=0o070))
    elif team and other:
        text = (
            f"{path} is for another group than its folder, whose members it locks out: "
            f"chgrp {group(where)} {typed(path)}"
        )
        found.append(Fault(path, text, gid=folder.st_gid))
    if team and sticky:
        text = (
            f"{path} is for a group, but its folder is sticky, so members cannot use each other's files: "
            f"chmod -t {typed(where)}"
        )
        found.append(Fault(where, text, take=stat.S_ISVTX))
    open_folder = not team and folder.st_mode & stat.S_IWGRP and not sticky
    alone = own_group(folder.st_uid, folder.st_gid) or own_group(file.st_uid, file.st_gid)
    if open_folder and file.st_mode & stat.S_IRGRP:
        # A folder whose files get its group was made for a team to work in; of another nobody else can know.
        text = (
            f"{path} is read-only for its group, which may write its folder and so replace it: chmod g+w {typed(path)} "
            f"if the group is to work in it, else chmod g-w {typed(where)}"
        )
        made_so = folder.st_mode & stat.S_ISGID
        done = f"{path} can be written by its group {group(path)}, as its folder can"
        found.append(Fault(path, text, add=0o020 if made_so else 0, done=done))
    elif open_folder and not file.st_mode & stat.S_IWGRP and not alone:
        # Which of the two is meant nobody else can know, so --fix does neither.
        text = (
            f"{path} is {owner(path)}'s alone in a folder of the group {group(where)}, which may replace it: "
            f"{let_in(path, where)} if the group is to work in it, else chmod g-w {typed(where)}"
        )
        found.append(Fault(path, text))
    for name in SIDECARS:
        left = path + name
        try:
            side = os.lstat(left)
        except OSError:
            continue
        lacking = file.st_mode & 0o660 & ~side.st_mode or (team and side.st_gid != file.st_gid)
        if side.st_uid == os.geteuid() and stat.S_ISREG(side.st_mode) and lacking:
            mode = stat.S_IMODE(file.st_mode)
            regroup = f"chgrp {group(path)} {typed(left)} && " if team and side.st_gid != file.st_gid else ""
            text = f"{left}, which you left, locks others out: {regroup}chmod {mode:o} {typed(left)}"
            found.append(Fault(left, text, add=mode, take=~mode & 0o777, gid=file.st_gid))
    return found


def kept_from_all(path: str) -> str:
    """What is said of a database `path` that nobody but root can save anything in, perhaps on purpose; "" of others."""
    where = os.path.dirname(path) or "."
    shut = [one for one in (path, where) if not os.stat(one).st_mode & 0o222]
    if os.name != "posix" or not shut:
        return ""
    commands = " && ".join(f"chmod u+w {typed(one)}" for one in shut)
    return f"Nobody can save here, as {shut[0]} is read-only for everybody; if that is not meant: {commands}"


def own_group(uid: int, gid: int) -> bool:
    """Whether the group is the one that the account has by itself, which is no team."""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_gid == gid
    except (KeyError, ImportError):
        return False


def let_in(path: str, folder: str) -> str:
    """What makes the database `path` one of the group of its folder."""
    regroup = "" if os.stat(path).st_gid == os.stat(folder).st_gid else f"chgrp {group(folder)} {typed(path)} && "
    return f"{regroup}chmod 660 {typed(path)}"


def told(one: Fault) -> str:
    """The sentence, with whom to ask where this account may not do it."""
    try:
        mine = os.geteuid() in (0, os.lstat(one.path).st_uid)
    except OSError:
        mine = True
    return one.text if mine else f"{one.text} (ask {owner(one.path)}, to whom it belongs)"


def backups_fault(path: str, folder: str) -> Fault | None:
    """What keeps the group that may write the database `path` out of `folder`, the one for its backups; None when
    nothing does, or there is none."""
    try:
        file, found = os.stat(path), os.lstat(folder)
    except OSError:
        return None
    wide = 0o2770
    if os.name != "posix" or not file.st_mode & stat.S_IWGRP or not stat.S_ISDIR(found.st_mode):
        return None
    if found.st_mode & wide == wide and found.st_gid == file.st_gid:
        return None
    regroup = f"chgrp {group(path)} {typed(folder)} && " if found.st_gid != file.st_gid else ""
    text = (
        f"{folder} is closed to those who may write {path}, so not all of them can make backups or put old ones away: "
        f"{regroup}chmod 2770 {typed(folder)}"
    )
    return Fault(folder, text, add=wide, gid=file.st_gid)


def mend(path: str, backups: str = "") -> tuple[list[str], list[str]]:
    """Mends what this account may of the database `path` (a real path) and the folder of its backups: what was mended,
    and what is left, as sentences that name who can."""
    tried: dict[str, Fault] = {}
    # One thing mended may show another: a folder's group, then the file's.
    while todo := [one for one in _faults(path, backups) if one.text not in tried]:
        for one in todo:
            tried[one.text] = one
            _change(one)
    left = {one.text: told(one) for one in _faults(path, backups)}
    return [one.done or text for text, one in tried.items() if text not in left], list(left.values())


def _faults(path: str, backups: str) -> list[Fault]:
    closed = backups_fault(path, backups) if backups else None
    found = faults(path, os.stat(path), os.stat(os.path.dirname(path) or "."))
    return found if closed is None else [*found, closed]


def _change(one: Fault) -> None:
    """Gives it the permissions it should have, where this account may."""
    try:
        handle = os.open(one.path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return
    try:
        found = os.fstat(handle)
        if found.st_uid != os.geteuid() and os.geteuid() != 0:
            return
        if stat.S_ISLNK(found.st_mode) or (found.st_mode & stat.S_ISVTX and found.st_mode & stat.S_IWOTH):
            return  # a link put there, or a folder like /tmp that is everybody's on purpose
        # Through the handle: a name in a folder of several people may mean something else a moment later.
        name = f"/proc/self/fd/{handle}"
        if one.gid is not None and found.st_gid != one.gid:
            os.chown(name, -1, one.gid)
        os.chmod(name, stat.S_IMODE(found.st_mode) & ~one.take | one.add)
    except OSError:
        pass  # what is left is said
    finally:
        os.close(handle)
