"""Who holds the write lock of a database file, as far as this system tells."""

from __future__ import annotations

import os

# Where SQLite locks: byte 120 of the -shm in WAL mode; else reserved, pending and shared bytes of the file itself.
WAL_WRITE = range(120, 121)
ROLLBACK_WRITE = range(0x40000000, 0x40000002)
ROLLBACK_ALL = range(0x40000000, 0x40000200)


class Holder:
    """A process that keeps others waiting: its `pid`, account, command and whether it is stopped (Ctrl-Z)."""

    __slots__ = ("command", "pid", "stopped", "who")

    def __init__(self, pid: int, who: str, command: str, stopped: bool) -> None:
        self.pid = pid
        self.who = who
        self.command = command
        self.stopped = stopped

    def __str__(self) -> str:
        return f"{self.who} (pid {self.pid}{', ' if self.command else ''}{self.command})"


def holder(path: str) -> Holder | None:
    """The process that holds the write lock of `path`, or None when none does or the system does not say."""
    for beside, wanted in (("-shm", WAL_WRITE), ("", ROLLBACK_WRITE), ("", ROLLBACK_ALL)):
        pid = _locking(path + beside, wanted)
        if pid:
            return process(pid)
    return None


def _locking(path: str, wanted: range) -> int:
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii", errors="replace") as locks:
            lines = locks.read().splitlines()
    except OSError:
        return 0
    for line in lines:
        # 1: POSIX  ADVISORY  WRITE 18658 fe:01:1234567 120 120      ("->" after the number: waiting, not holding)
        words = line.split()
        if len(words) < 8 or words[1] == "->" or words[3] != "WRITE" or words[5].rpartition(":")[2] != str(inode):
            continue
        first, last = int(words[6]), wanted.stop if words[7] == "EOF" else int(words[7])
        if first < wanted.stop and last >= wanted.start and int(words[4]) > 0:
            return int(words[4])
    return 0


def process(pid: int) -> Holder:
    """What the system says of a running process."""
    who, words, stopped = "somebody", [""], False
    try:
        import pwd

        uid = os.stat(f"/proc/{pid}").st_uid
        try:
            who = pwd.getpwuid(uid).pw_name
        except KeyError:
            who = f"uid{uid}"
        with open(f"/proc/{pid}/stat", "rb") as stat:
            stopped = stat.read().rpartition(b")")[2].split()[:1] in ([b"T"], [b"t"])
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            words = [word.decode("utf-8", "replace") for word in line.read().split(b"\0")]
    except OSError:
        pass
    # python /usr/bin/kpitui import leads.csv -> kpitui import. Words after a command may be private.
    program = os.path.basename(words[0])
    if program.startswith("python") and len(words) > 1 and not words[1].startswith("-"):
        words = words[1:]
        program = os.path.basename(words[0])
    if program == "kpitui":
        program = " ".join([program, *(word for word in words[1:2] if word.isalpha())])
    return Holder(pid, plain(who), plain(program), stopped)


def plain(text: str) -> str:
    """Text of another account, without anything that is not a printing character."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:80]
