"""What a part of the soak run gives, and what every part is given."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import NamedTuple


class Skipped(Exception):
    """This machine or this account cannot try a part; the text says why."""


class Form(NamedTuple):
    """How much is tried: `full` for the figures promised, else the quick form. `share` is for tests of the soak run."""

    full: bool = False
    seed: int = 1
    share: float = 1.0

    def amount(self, quick: int, full: int) -> int:
        return max(1, round((full if self.full else quick) * self.share))

    def part(self, share: float) -> Form:
        """As much less: a mutant is found sooner."""
        return self._replace(share=self.share * share)

    def chance(self, part: str) -> random.Random:
        return random.Random(f"{part} {self.seed}")


class Found(NamedTuple):
    """What one part found: how much was tried, and every time the promise was not kept, as a sentence each."""

    tried: str
    broken: list[str]
    note: str = ""


class Mutant(NamedTuple):
    """The same part with a protection taken out: it has to find something then."""

    without: str
    run: Callable[[Form], Found]


class Part(NamedTuple):
    """One promise. `run` tries it; `mutants` are what shows that `run` would notice."""

    name: str
    promise: str
    run: Callable[[Form], Found]
    mutants: tuple[Mutant, ...] = ()


@contextmanager
def folder(open_to_all: bool = False) -> Iterator[Path]:
    """A new folder that is removed again. With `open_to_all` every account may look into it."""
    made = Path(mkdtemp(prefix="kpitui-soak-")).resolve()
    if open_to_all:
        made.chmod(0o755)
    try:
        yield made
    finally:
        rmtree(made, ignore_errors=True)


@contextmanager
def instead(owner: object, name: str, value: object) -> Iterator[None]:
    """`owner.name` is `value` for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def forked(work: Callable[[], object]) -> int:
    """Does `work` in another process and gives its pid; it ends with 0 when nothing was raised."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
    finally:
        os._exit(code)


def ended(pid: int) -> int:
    """Waits for a process: its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def answered(work: Callable[[], object]) -> str:
    """What `work` gives in another process, as text; what it raises as `Class: text`."""
    reading, writing = os.pipe()

    def tell() -> None:
        try:
            text = str(work())
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
        os.write(writing, text.encode(errors="replace"))

    pid = forked(tell)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    code = ended(pid)
    return text or f"ended with {code}"
