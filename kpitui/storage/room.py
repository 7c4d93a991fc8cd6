"""Is there room on the disk for the next backup?"""

from __future__ import annotations

import os

from kpitui.storage.failing import no_room


def too_little(path: str, folders: tuple[str, ...]) -> list[str]:
    """What is wrong with the room on the disk of the workspace `path` and on those of the `folders` that its backups go
    into: sentences, none where there is enough as far as the system says. It says nothing of an account's quota."""
    needed = sum(_size(path + name) for name in ("", "-wal"))
    found: dict[int, str] = {}
    for place in (os.path.dirname(path) or ".", *folders):
        folder = _standing(place)
        device, free = os.stat(folder).st_dev, _free(folder)
        if free is None or free >= needed or device in found:
            continue
        if free:
            found[device] = (
                f"The disk of {folder} has {size_text(free)} left, and a backup of {path} needs {size_text(needed)}: "
                "make room, or the next backup, and the copy before an upgrade, are refused."
            )
        elif device == os.stat(path).st_dev:
            found[device] = no_room(path)
        else:
            found[device] = f"The disk of {folder} is full: no backup of {path} can be made there. Make room."
    return list(found.values())


def size_text(size: int) -> str:
    """`4.1 MB`"""
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.1f} GB"


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _standing(folder: str) -> str:
    """The folder, or the nearest above it that stands."""
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder


def _free(folder: str) -> int | None:
    """Bytes that this account may still write; None where the system does not say."""
    if not hasattr(os, "statvfs"):
        return None
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    # Some of a disk is kept for root.
    return (found.f_bfree if os.geteuid() == 0 else found.f_bavail) * found.f_frsize if found.f_blocks else None
