"""A room with several people in it: accounts of their own with names and homes, a small disk that they share, and a
terminal for each, in which the real program runs.

All of it stands in a mount namespace of its own (`below`), so that names, disks and what is mounted vanish with the
process that made them, and no account of the machine is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import termios
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from select import select
from tempfile import TemporaryFile
from typing import NamedTuple

from soak.part import Form, Found, Skipped, folder
from tests.tui.terminal import FRAME_END, LIMIT, ROOT, Terminal

GROUP, GROUP_ID, FIRST_ID = "kpi", 61000, 61001
INSIDE = "KPITUI_SOAK_ROOM"
TODAY = "2026-11-20"


def below(module: str, form: Form, without: str = "") -> Found:
    """What `module.tried(form, without)` finds in a mount namespace of its own.

    Raises Skipped where there can be none.
    """
    if os.geteuid() != 0:
        raise Skipped("needs root, to become other accounts and to mount a small disk")
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None:
        raise Skipped("needs Linux and unshare, for names and disks that vanish again")
    words = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*words, "true"], capture_output=True).returncode:
        raise Skipped("no mount namespace can be made here")
    # The folder is removed out here, where nothing is mounted in it.
    with folder(open_to_all=True) as place:
        ran = subprocess.run(
            [*words, sys.executable, "-m", "soak.room", module, json.dumps(form), without],
            env={**os.environ, INSIDE: str(place)}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    if ran.returncode:
        return Found("nothing", [f"{module} ended with {ran.returncode}"])
    return Found(*json.loads(ran.stdout.rpartition("\n\x1e")[2]))


class Ran(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str


class Room:
    """People by name, who share a disk of some kilobytes."""

    def __init__(
        self,
        people: tuple[str, ...],
        kilobytes: int,
        without: str = "",
        name: str = "room",
        outside: tuple[str, ...] = (),
    ) -> None:
        """`without` names what `mutated.py` takes out; who is `outside` is not in the group. The mounts go with the
        process that `below` started."""
        place = Path(os.environ[INSIDE]) / name
        place.mkdir()
        self.place, self.people, self.without, self.outside = place, people, without, outside
        self.seats: list[Seat] = []
        self._mounted: list[str] = []
        self._name_people()
        # Reachable for every account, wherever the interpreter and the checkout lie; and nobody's to change.
        for name, source in (("python", sys.base_prefix), ("code", ROOT), ("site", sysconfig.get_path("purelib"))):
            (place / name).mkdir()
            self._mount("--bind", str(source), str(place / name))
            self._mount("-o", "remount,bind,ro", str(place / name))
        self.python = place / "python/bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.disk = place / "disk"
        self.disk.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(self.disk))
        os.chown(self.disk, self.uid(people[0]), GROUP_ID)
        self.workspace = self.disk / "team/kpi.db"
        if self.command(people[0], "--version").code:
            raise Skipped("another account cannot run this Python")

    def _mount(self, *words: str) -> None:
        if subprocess.run(["mount", *words], capture_output=True).returncode:
            raise Skipped(f"mount {' '.join(words)} is refused here")
        if words[-1] not in self._mounted:
            self._mounted.append(words[-1])

    def _name_people(self) -> None:
        """Names for numbers that nobody has, and a home for each."""
        members = ",".join(name for name in self.people if name not in self.outside)
        lines = {"passwd": [], "group": [f"{GROUP}:x:{GROUP_ID}:{members}"]}  # type: dict[str, list[str]]
        for name in self.people:
            home = self.home(name)
            home.mkdir(0o700)
            os.chown(home, self.uid(name), self.uid(name))
            lines["passwd"].append(f"{name}:x:{self.uid(name)}:{self.uid(name)}::{home}:/bin/sh")
            lines["group"].append(f"{name}:x:{self.uid(name)}:")
        for file, more in lines.items():
            ours = self.place / file
            ours.write_text(Path("/etc", file).read_text().rstrip("\n") + "\n" + "\n".join(more) + "\n")
            ours.chmod(0o644)
            self._mount("--bind", str(ours), f"/etc/{file}")

    def uid(self, name: str) -> int:
        return FIRST_ID + self.people.index(name)

    def home(self, name: str) -> Path:
        return self.place / f"home-{name}"

    def argv(self, *words: str) -> list[str]:
        """The program, or the one with a protection taken out."""
        if self.without:
            return [str(self.python), "-P", "-m", "soak.mutated", self.without, *words]
        return [str(self.python), "-P", "-m", "kpitui", *words]

    def env(self, name: str) -> dict[str, str]:
        return {
            "HOME": str(self.home(name)), "USER": name, "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh",
            "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "TZ": "UTC",
            "PYTHONPATH": f"{self.place / 'code'}:{self.place / 'site'}", "PYTHONDONTWRITEBYTECODE": "1",
            "KPITUI_TODAY": TODAY, "KPITUI_DB": str(self.workspace),
        }  # fmt: skip

    def become(self, name: str) -> Callable[[], None]:
        """Goes on as this account, for good, with the umask that most systems give."""
        uid, home = self.uid(name), self.home(name)

        def account() -> None:
            os.umask(0o022)
            os.setgroups([] if name in self.outside else [GROUP_ID])
            os.setgid(uid)
            os.setuid(uid)
            os.chdir(home)

        return account

    def started(self, name: str, *words: str, stdin: int | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """A command that runs beside everything else."""
        return subprocess.Popen(
            self.argv(*words), env=self.env(name), preexec_fn=self.become(name),
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def command(self, name: str, *words: str, typed: str = "") -> Ran:
        """A command from its start to its end, while all terminals are read on."""
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(typed.encode())
            given.seek(0)
            ran = subprocess.Popen(
                self.argv(*words), env=self.env(name), preexec_fn=self.become(name), stdin=given, stdout=out, stderr=err
            )
            end = time.monotonic() + 60
            while ran.poll() is None:
                if time.monotonic() > end:
                    ran.kill()
                self.read_all(0.02)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
            return Ran(ran.returncode, *texts)

    def sit(self, name: str, *words: str, cols: int = 100, rows: int = 28) -> Seat:
        seat = Seat(self, name, self.argv(*words), cols, rows)
        self.seats.append(seat)
        return seat

    def read_all(self, seconds: float) -> None:
        """Takes what any program has written: none has to wait for its terminal."""
        open_ = {seat.fd: seat for seat in self.seats if seat.open}
        for fd in select(list(open_), [], [], seconds)[0]:
            open_[fd].take()

    def crashes(self) -> list[str]:
        """What anybody's program has written down of an error that has no sentence: its last lines."""
        reports = [one for name in self.people for one in self.home(name).glob(".local/state/kpitui/crashes/*")]
        return [f"crashed: {' '.join(report.read_text().split()[-60:])}" for report in reports]

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        for seat in self.seats:
            seat.close()
        self.seats.clear()
        for mounted in reversed(self._mounted):
            subprocess.run(["umount", "--lazy", mounted], capture_output=True)


class Seat(Terminal):
    """One person's terminal, and every sentence of its message row."""

    def __init__(self, room: Room, name: str, argv: list[str], cols: int, rows: int) -> None:
        self.room, self.name, self.open = room, name, True
        self.said: list[str] = []
        """The message row, each time it was another, in the order it came."""
        self.mark = 0
        """How many of these are over."""
        super().__init__(argv, cols, rows, room.env(name), become=room.become(name))
        self.first_attributes = termios.tcgetattr(self.fd)

    def show(self, data: bytes) -> None:
        for frame in data.split(FRAME_END):
            super().show(frame)
            said = self.message()
            if not self.said or self.said[-1] != said:
                self.said.append(said)

    def take(self) -> None:
        """Reads what is there; nothing more comes from a program that has ended."""
        if not super().read(0):
            self.open = False

    def read(self, seconds: float) -> bytes:
        before = len(self.bytes)
        self.room.read_all(seconds)
        return self.bytes[before:]

    def message(self) -> str:
        """What the message row says."""
        return self.lines()[-2].strip()

    def text(self) -> str:
        return "\n".join(self.lines())

    def type(self, keys: str) -> None:
        """Sends keys. What is said from now on is the answer to them."""
        self.mark = len(self.said)
        os.write(self.fd, keys.encode())

    def told(self, *words: str) -> None:
        """Waits for a sentence with these words, said since the last keys of this person."""
        self.until(lambda: self.was_told(*words), f"{' … '.join(words)!r} was not said to {self.name}")

    def was_told(self, *words: str) -> bool:
        """In the message row since then, or in the lines above it where a long sentence is shown whole."""
        whole = " ".join(" ".join(self.lines()[-7:]).split())
        return any(all(word in one for word in words) for one in (*self.said[max(self.mark - 1, 0) :], whole))

    def sees(self, *words: str) -> None:
        """Waits for these words anywhere on the screen."""
        self.until(lambda: all(word in self.text() for word in words), f"{self.name} does not see {words}")

    def until(self, true: Callable[[], object], otherwise: str) -> None:
        end = time.monotonic() + LIMIT
        while not true():
            if time.monotonic() > end or not self.open:
                ended = "" if self.open else f", whose program ended with {self.ended()}"
                raise Missed(f"{otherwise}{ended}: its message row says “{self.message()}” ({self.lines()[0].strip()})")
            self.room.read_all(0.02)

    def hang_up(self) -> None:
        self.open = False
        super().hang_up()

    def pause(self, seconds: float) -> None:
        """Goes on reading for a while, as somebody who waits does."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.room.read_all(min(left, 0.05))

    def close(self) -> None:
        self.open = False
        super().close()


class Missed(Exception):
    """Something that somebody had to see did not come."""


def main(module: str, form: str, without: str) -> None:
    tried: Callable[[Form, str], Found] = import_module(module).tried
    found = tried(Form(*json.loads(form)), without)
    sys.stdout.write("\n\x1e" + json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
