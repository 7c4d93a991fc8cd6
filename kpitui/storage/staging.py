"""A private folder beside what is to be made, for as long as it is being made.

A team's folder can be written by people who would like a file or a link of theirs to stand, for a moment, where ours
does. So what is made lies in a folder that only its account may enter, is reached through that folder's descriptor, and
gets its name from there. The folder is locked while somebody works in it: one that is not was left by a killed process.
"""

from __future__ import annotations

import os
import re
import stat

from kpitui.errors import KpituiError, Refused
from kpitui.storage.failing import account

OURS = re.compile(r"\..*\.[0-9a-f]{12}\.(part|restore)")
LONG_AGO = 24 * 3600
"""Seconds without a change after which nobody works any more on a file that kpitui 0.2 made instead, without a lock."""
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Staging:
    """A private folder `path` in `folder` until `close`; `handle` and `above` are descriptors of both.

    Raises KpituiError where this account cannot make one.
    """

    def __init__(self, folder: str, name: str, ending: str = "part") -> None:
        self.handle = -1
        try:
            self.above = open_folder(folder)
        except OSError as error:
            raise KpituiError(f"No copy can be made in {folder}: {error.strerror}.") from error
        try:
            while self.handle < 0:
                self.name = f".{name[:100]}.{os.urandom(6).hex()}.{ending}"
                os.mkdir(self.name, 0o700, dir_fd=self.above)
                self.handle = _taken(self.name, self.above)
        except OSError as error:
            self.close()
            raise KpituiError(f"No copy can be made in {folder}: {error.strerror}.") from error
        self.path = os.path.join(folder, self.name)

    def new_file(self) -> str:
        """A name in it that nobody else can know: not even who puts another folder in this one's place can have a link
        waiting there."""
        return f"{os.urandom(12).hex()}.db"

    def open(self, name: str, flags: int) -> int:
        """A descriptor of a file in it."""
        return os.open(name, flags | NO_LINK, 0o600, dir_fd=self.handle)

    def close(self) -> None:
        """Takes the folder away with whatever is in it; twice does no harm."""
        if self.handle >= 0:
            _clear(self.name, self.handle, self.above)
            self.handle = -1
        if self.above >= 0:
            os.close(self.above)
            self.above = -1

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _taken(name: str, above: int) -> int:
    """A descriptor of a private folder with its lock; -1 when another process of this account was quicker and has taken
    it for one that was left."""
    import fcntl

    try:
        handle = os.open(name, FOLDER | NO_LINK, dir_fd=above)
    except FileNotFoundError:
        return -1
    found = os.fstat(handle)
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        os.close(handle)
        raise PermissionError(1, "somebody has put a folder of theirs in its place")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return -1
    if os.fstat(handle).st_nlink == 0:
        os.close(handle)
        return -1
    return handle


def _clear(name: str, handle: int, above: int) -> None:
    try:
        for left in os.listdir(handle):
            if stat.S_ISDIR(os.stat(left, dir_fd=handle, follow_symlinks=False).st_mode):
                inner = os.open(left, FOLDER | NO_LINK, dir_fd=handle)
                _clear(left, inner, handle)
            else:
                os.unlink(left, dir_fd=handle)
        os.rmdir(name, dir_fd=above)
    except OSError:
        pass  # moved away meanwhile, or there again: what is left is found by the next one that looks
    finally:
        os.close(handle)


def clear_left(folder: str, stem: str, now: float) -> list[str]:
    """Takes away what killed processes of this account have left in `folder` while they made a backup, a copy or a
    restore of the workspace whose file's name begins with `stem`, and gives the paths. `now` is in seconds since 1970.

    What others have left, or are working on, stays.
    """
    older = re.compile(
        rf"\.?{re.escape(stem)}.*\.[0-9a-f]{{12}}\.part|\..+\.[0-9a-f]{{12}}\.restore(-wal|-shm|-journal)?"
    )
    try:
        above = open_folder(folder)
    except (OSError, Refused):
        return []
    try:
        names = sorted(os.listdir(above))
        return [os.path.join(folder, name) for name in names if _left(name, above, older, now)]
    finally:
        os.close(above)


def _left(name: str, above: int, older: re.Pattern[str], now: float) -> bool:
    try:
        found = os.stat(name, dir_fd=above, follow_symlinks=False)
        if found.st_uid != os.geteuid():
            return False
        if stat.S_ISDIR(found.st_mode) and OURS.fullmatch(name):
            handle = _taken(name, above)
            if handle < 0:
                return False
            _clear(name, handle, above)
            return True
        if stat.S_ISREG(found.st_mode) and older.fullmatch(name) and found.st_mtime < now - LONG_AGO:
            os.unlink(name, dir_fd=above)
            return True
    except OSError:
        pass
    return False


def open_folder(path: str) -> int:
    """A descriptor of a folder, in which names then stay what they are whatever is put in the folder's own place.

    Raises OSError, and as `refuse_foreign_link`.
    """
    refuse_foreign_link(path)
    return os.open(os.path.realpath(path) if os.path.islink(path) else path, FOLDER | NO_LINK)


def refuse_foreign_link(path: str) -> None:
    """Raises Refused where `path` is a link that a colleague has put there: it would lead this account's own rights to
    what the colleague has chosen."""
    try:
        found = os.lstat(path)
    except OSError:
        return
    if stat.S_ISLNK(found.st_mode) and found.st_uid not in (0, os.geteuid()):
        by, to = account(found.st_uid), os.path.realpath(path)
        raise Refused(f"{path} is a link that {by} has made to {to}. Nothing was done: name that place if you mean it.")
