"""The minutes as a file beside the workspace, `reviews/2026-W47-weekly.md`: never another text over one there."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

FOLDER = "reviews"
MOST = 100


def save(workspace: str, name: str, text: str) -> str:
    """Writes `text` into the workspace's folder of minutes and gives the path of the file that holds it.

    A file of that name with the same bytes is left alone; with others, the text goes to `…-2.md` and so on. The file
    gets the workspace's permissions. Links are not followed. Raises OSError when it cannot be written.
    """
    mode = stat.S_IMODE(os.stat(workspace).st_mode) & 0o666
    folder = opened_folder(os.path.join(os.path.dirname(workspace), FOLDER), mode)
    data = text.encode("utf-8")
    stem, ending = os.path.splitext(name)
    try:
        for number in range(1, MOST):
            one = name if number == 1 else f"{stem}-{number}{ending}"
            if written(folder, one, data, mode) or holds(folder, one, data):
                return os.path.join(os.path.dirname(workspace), FOLDER, one)
    finally:
        os.close(folder)
    raise FileExistsError(errno.EEXIST, f"{MOST} minutes of this review are there already", name)


def opened_folder(path: str, mode: int) -> int:
    """A descriptor of the folder, made as wide as the workspace is when it is missing."""
    made = False
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
        made = True
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    if made and os.fstat(folder).st_uid == os.geteuid():
        # By the descriptor: the name may be a link by now.
        os.fchmod(folder, 0o2770 if mode & 0o020 else 0o700)
    return folder


def written(folder: int, name: str, data: bytes, mode: int) -> bool:
    """Whether a new file was made with these bytes; False when something of that name is there."""
    try:
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
    except FileExistsError:
        return False
    try:
        with os.fdopen(file, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
            os.fchmod(out.fileno(), mode)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise
    return True


def holds(folder: int, name: str, data: bytes) -> bool:
    """Whether a plain file of that name has exactly these bytes."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return False
    with os.fdopen(file, "rb") as there:
        if not stat.S_ISREG(os.fstat(there.fileno()).st_mode):
            return False
        return there.read(len(data) + 1) == data
