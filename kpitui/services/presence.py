"""Who is where in a workspace right now, without a daemon and without SQLite, so that nobody's screen reloads for it.

Everybody who enters values or holds a review keeps one small file, `UID-PID`, in a folder `.NAME-here` beside the
workspace. Whose file it is says who it is: only an account itself can make files that belong to it. A file counts
while its process runs (on this machine) and was touched within some minutes. Nothing here ever blocks or fails: where
files cannot be made, nobody is told.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from typing import NamedTuple

from kpitui.text import cut

BEAT = 60.0
"""Seconds between two signs of life."""
STALE = 240.0
"""Seconds without one after which nobody is there."""
LONGEST = 512
"""Bytes of a file that are read, and cells of its words that are shown."""
SHOWN = 40
DOING = {"entry": "entering", "review": "in the", "due": "entering"}


class Here(NamedTuple):
    """Somebody who is somewhere: `place` is entry, due or review, `what` a period or the review's name."""

    who: str
    uid: int
    pid: int
    host: str
    place: str
    what: str

    @property
    def sentence(self) -> str:
        """`bo is entering W47`, `bo is in the weekly review W47`."""
        what = self.what[:1].lower() + self.what[1:] if self.place == "review" else self.what
        return f"{self.who} is {DOING.get(self.place, 'in')} {what}".rstrip()


def folder_of(workspace: str) -> str:
    folder, name = os.path.split(workspace)
    return os.path.join(folder, f".{name}-here")


def here(workspace: str, now: float) -> tuple[Here, ...]:
    """Everybody who is somewhere at the time `now` (seconds since 1970), by name; this process, too."""
    folder = _opened(workspace, make=False)
    if folder is None or sys.platform == "win32":
        return ()
    try:
        names = sorted(os.listdir(folder))[:1000]
        found = [one for name in names if (one := _read(folder, name, now)) is not None]
    except OSError:
        return ()
    finally:
        os.close(folder)
    return tuple(sorted(found, key=lambda one: (one.who, one.pid)))


class Presence:
    """This process's own sign in a workspace."""

    def __init__(self, workspace: str, host: str) -> None:
        self.workspace = workspace
        self.host = host
        self._said: tuple[str, str] | None = None
        self._touched = 0.0
        self._seen: tuple[int, int] | None = None
        self._looked = 0.0
        self._others: tuple[Here, ...] = ()

    @property
    def name(self) -> str:
        return f"{os.getuid()}-{os.getpid()}"

    def be(self, place: str, what: str, now: float) -> None:
        """Say where this person is; without a place, that they have left. Cheap when it is what was said last."""
        wanted = (place, what) if place else None
        if wanted == self._said and (wanted is None or now - self._touched < BEAT):
            return
        if sys.platform == "win32":
            return
        try:
            self._write(wanted, now)
        except OSError:
            return  # a folder that cannot be written: nobody is told
        self._said, self._touched = wanted, now

    def leave(self) -> None:
        """Take the sign away. The folder goes with the last one."""
        if self._said is not None:
            self.be("", "", 0.0)

    def others(self, now: float) -> tuple[Here, ...]:
        """Everybody else; read again when a file came or went, and once a minute."""
        try:
            found = os.stat(folder_of(self.workspace), follow_symlinks=False)
        except OSError:
            self._seen, self._others = None, ()
            return ()
        seen = (found.st_ino, found.st_mtime_ns)
        if seen != self._seen or now - self._looked >= BEAT:
            self._seen, self._looked = seen, now
            mine = (os.getuid(), os.getpid(), self.host)
            self._others = tuple(one for one in here(self.workspace, now) if (one.uid, one.pid, one.host) != mine)
        # Whoever was killed has taken no file away.
        self._others = tuple(one for one in self._others if _runs(one))
        return self._others

    def _write(self, wanted: tuple[str, str] | None, now: float) -> None:
        folder = _opened(self.workspace, make=wanted is not None)
        if folder is None:
            return
        try:
            if wanted == self._said:
                os.utime(self.name, (now, now), dir_fd=folder, follow_symlinks=False)
                return
            if wanted is None:
                with suppress(FileNotFoundError):
                    os.unlink(self.name, dir_fd=folder)
                _remove_if_empty(self.workspace)
                return
            # Made apart and then named, so that nobody looks while there is none.
            fresh = f".{self.name}"
            with suppress(FileNotFoundError):
                os.unlink(fresh, dir_fd=folder)
            file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
            with os.fdopen(file, "wb") as out:
                said = {"place": wanted[0], "what": wanted[1], "host": self.host}
                out.write(json.dumps(said).encode("ascii")[:LONGEST])
                os.fchmod(out.fileno(), stat.S_IMODE(os.stat(self.workspace).st_mode) & 0o640)
            os.utime(fresh, (now, now), dir_fd=folder, follow_symlinks=False)
            os.rename(fresh, self.name, src_dir_fd=folder, dst_dir_fd=folder)
            _clear_own(folder)
        finally:
            os.close(folder)


def _opened(workspace: str, make: bool) -> int | None:
    """A descriptor of the folder, made as wide as the workspace is; None where there is none, or one that is not ours
    to trust: a link, or a folder that outsiders may write to."""
    if sys.platform == "win32":
        return None
    path, made = folder_of(workspace), False
    try:
        if make:
            with suppress(FileExistsError):
                os.mkdir(path, 0o700)
                made = True
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        if made and os.fstat(folder).st_uid == os.geteuid():
            mode = stat.S_IMODE(os.stat(workspace).st_mode)
            # Sticky: nobody takes away another's sign. By the descriptor: the name may be a link by now.
            os.fchmod(folder, 0o3770 if mode & 0o020 else 0o2750 if mode & 0o040 else 0o700)
    except OSError:
        return None
    if os.fstat(folder).st_mode & 0o002:
        os.close(folder)
        return None
    return folder


def _read(folder: int, name: str, now: float) -> Here | None:
    """One sign; None for what is stale, or none at all."""
    uid, _, pid = name.partition("-")
    if not (uid.isdecimal() and pid.isdecimal() and len(name) <= 24):
        return None
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    try:
        found = os.fstat(file)
        # Anybody of the team may put a folder or a pipe there; it hides nobody else's sign.
        if not stat.S_ISREG(found.st_mode) or found.st_uid != int(uid) or found.st_nlink != 1:
            return None
        said = json.loads(os.read(file, LONGEST))
    except (OSError, ValueError, RecursionError):
        return None
    finally:
        os.close(file)
    if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("place", "what", "host")):
        return None
    one = Here(_account(int(uid)), int(uid), int(pid), *(cut(said[key], SHOWN) for key in ("host", "place", "what")))
    return one if _alive(one, found.st_mtime, now) else None


def _alive(one: Here, touched: float, now: float) -> bool:
    if not -STALE < now - touched < STALE:
        return False
    return _runs(one)


def _runs(one: Here) -> bool:
    """Whether the process is there still, as far as this machine can tell."""
    if one.host != cut(os.uname().nodename, SHOWN):
        return True
    try:
        os.kill(one.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def _account(uid: int) -> str:
    import pwd

    try:
        return cut(pwd.getpwuid(uid).pw_name, SHOWN)
    except KeyError:
        return f"uid{uid}"


def _clear_own(folder: int) -> None:
    """Takes away what this account's processes left behind when they were killed."""
    mine = f"{os.getuid()}-"
    for name in os.listdir(folder):
        process = name.removeprefix(".").removeprefix(mine)
        if name.removeprefix(".").startswith(mine) and process.isdecimal():
            try:
                os.kill(int(process), 0)
            except ProcessLookupError:
                with suppress(OSError):
                    os.unlink(name, dir_fd=folder)
            except (PermissionError, OverflowError):
                pass


def _remove_if_empty(workspace: str) -> None:
    with suppress(OSError):
        os.rmdir(folder_of(workspace))
