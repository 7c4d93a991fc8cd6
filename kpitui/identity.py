"""Who is at work: the account of the process, as the system knows it. `$USER` can be set by anyone and is not asked."""

from __future__ import annotations

import os
import sys

from kpitui.domain.named import NamedTuple
from kpitui.text import clean


class Who(NamedTuple):
    uid: int
    name: str
    host: str


def who() -> Who:
    """The account of this process: its real user id, its name there, and the machine's name."""
    if sys.platform == "win32":
        return Who(-1, clean(os.getlogin()), clean(os.environ.get("COMPUTERNAME", "windows")))
    import pwd

    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        # A container often runs under a number without a name.
        name = f"uid{uid}"
    return Who(uid, clean(name), clean(os.uname().nodename))
