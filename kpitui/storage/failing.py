"""What SQLite's messages mean, in sentences for people.

The classes of its errors do not tell enough (and differ between drivers), so the text decides. Each sentence says what
happened, whether something was saved, and what to do.
"""

from __future__ import annotations

import os

from kpitui.errors import Busy, Damaged, DiskFull, KpituiError, NewerSchema, ReadOnly
from kpitui.storage.holder import holder

LOOK = "kpitui check says what is wrong, "
"""Part of a sentence, which `kpitui check` itself leaves out."""
DAMAGE = ("malformed", "corrupt", "unsupported file format", "could not decode")


def told(error: Exception, path: str, *, writing: bool = False, patience: float = 15.0) -> Exception:
    """The KpituiError for an error of SQLite about the file `path`; other errors, mistakes of a statement among them,
    as they are. `writing` says that something was to be saved, `patience` how many seconds were waited for a lock.

    Raises KeyboardInterrupt where that is what broke it off.
    """
    text = str(error).lower()
    if text == "interrupted":
        raise KeyboardInterrupt from error
    lost = " NOT saved." if writing else ""
    if "locked" in text or "busy" in text:
        return busy(path, writing, patience)
    if "disk is full" in text:
        return full(path)
    if "readonly" in text or "read-only" in text:
        return read_only(path)
    if "not a database" in text:
        return not_ours(path)
    if any(sign in text for sign in DAMAGE):
        return Damaged(f"{path} is damaged.{lost} {LOOK}kpitui restore puts a backup in its place.")
    if text.startswith("no such table: ") and _ours(text):
        return Damaged(
            f"{path} lacks a part of every kpitui workspace ({text.rpartition(': ')[2]}).{lost} {LOOK}kpitui restore "
            "puts a backup in its place."
        )
    if "disk i/o" in text:
        return _disk(path, lost)
    if "unsafe use of" in text or "not authorized" in text:
        return Damaged(
            f"{path} has tables or triggers that kpitui did not make, and they were not run.{lost} kpitui check says "
            "which: restore a backup, or have them removed by whoever put them there."
        )
    if "unable to open" in text:
        return KpituiError(
            f"{path} cannot be opened by this account.{lost} Its folder must let you in and, if you are to change "
            "something, let you write: ask its owner."
        )
    return error


def _ours(text: str) -> bool:
    from kpitui.storage import schema, schema_2

    name = text.rpartition(": ")[2].removeprefix("main.").removesuffix("_history")
    return name in {*schema.DEFINITIONS_1, *schema_2.DEFINITIONS, "point", "txn", "change", "open_txn"}


def busy(path: str, writing: bool, patience: float) -> KpituiError:
    by = holder(path)
    name = str(by) if by else "Somebody else"
    lost = "NOT saved: try again" if writing else "Try again"
    if by is not None and by.stopped:
        return Busy(f"{name} has stopped in the middle of writing to {path}. {lost} when it was continued or ended.")
    return Busy(f"{name} has been writing to {path} for more than {patience:g} s. {lost} in a moment.")


def full(path: str) -> DiskFull:
    return DiskFull(
        f"There is no space left on the disk of {path}. NOT saved; what was saved earlier is intact. "
        "Make room, then try again."
    )


def no_room(path: str) -> str:
    return (
        f"The disk of {path} is full: nothing can be saved. What was saved earlier is intact and can be read: "
        "make room, then start kpitui again."
    )


def read_only(path: str) -> KpituiError:
    return ReadOnly(f"This account may only read {path}. NOT saved: ask {owner(path)}, who owns it, to let you write.")


def newer(path: str, have: int) -> KpituiError:
    from kpitui.storage.schema import SCHEMA

    return NewerSchema(
        f"{path} was written by a newer kpitui (schema {have}, this one knows {SCHEMA}). Nothing was changed: update "
        "kpitui, and start it again."
    )


def too_old(path: str, have: int) -> KpituiError:
    return ReadOnly(f"{path} is from an older kpitui (schema {have}): somebody who may write it has to open it once.")


def unsafe(path: str) -> str:
    from kpitui.storage.driver import DRIVER, VERSION

    return (
        f"SQLite {VERSION} ({DRIVER}) can lose data in {path} while others have it open. NOT saved: install pysqlite3, "
        "or try again when nobody else has it open."
    )


def not_ours(path: str) -> KpituiError:
    return Damaged(f"{path} is not a kpitui workspace. Nothing was changed: check the path, or restore a backup.")


def owner(path: str) -> str:
    """The name of the account that owns `path`."""
    try:
        return account(os.stat(path).st_uid)
    except OSError:
        return "somebody"


def account(uid: int) -> str:
    """The name of an account."""
    from kpitui.storage.holder import plain

    try:
        import pwd

        return plain(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return f"uid{uid}"
    except (OSError, ImportError):
        return "somebody"


def typed(path: str) -> str:
    """A path as it is to be typed in a shell: a name may hold what a shell obeys."""
    from kpitui.text import clean

    path = clean(path)
    # As `shlex.quote`, which an error of a moment need not load.
    fine = path and all(sign.isascii() and (sign.isalnum() or sign in "_@%+=:,./-") for sign in path)
    return path if fine else "'" + path.replace("'", "'\"'\"'") + "'"


def group(path: str) -> str:
    """The name of the group that `path` belongs to, or its number."""
    from kpitui.storage.holder import plain

    number = os.stat(path).st_gid
    try:
        import grp

        return plain(grp.getgrgid(number).gr_name)
    except (KeyError, ImportError):
        return str(number)


def _disk(path: str, lost: str) -> KpituiError:
    try:
        # In WAL mode a full disk leaves no room even for the shared memory that reading needs.
        full = os.statvfs(os.path.dirname(path) or ".").f_bavail == 0
    except OSError:
        full = False
    if full:
        return DiskFull(
            f"The disk of {path} is full.{lost} What was saved earlier is intact: make room, then try again."
        )
    return Damaged(
        f"{path} could not be read or written: the disk reports an error, or the -wal or -shm beside it was removed."
        f"{lost} Close every kpitui that has it open, then try kpitui check."
    )
