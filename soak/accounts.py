"""Several accounts of the system on one workspace, made up for the occasion: only their numbers exist.

First the whole matrix of permissions of a folder and a file: whoever opens, reads or writes is let in or gets a
sentence, and nobody is kept out by what another has left. Then a team whose members have any umask and are killed at
the moments when files appear.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import product
from pathlib import Path

from kpitui.errors import KpituiError
from soak import preload, workspace
from soak.part import Form, Found, Mutant, Part, Skipped, ended, folder, forked, instead

TEAM = 61000
OUTSIDER = 61009
PEOPLE = (61001, 61002, 61003, 61004)
UMASKS = (0o002, 0o022, 0o027, 0o077)
FOLDERS = (0o700, 0o750, 0o755, 0o770, 0o2750, 0o2770, 0o2775, 0o3770, 0o1777, 0o2777)
FILES = (0o600, 0o640, 0o644, 0o660, 0o664, 0o666, 0o440)
STEPS = 70
"""Changes of files in which a member may be told to die: opening, two values, closing."""


def become(uid: int, home: Path) -> None:
    """Goes on as this account, for good."""
    own = home / str(uid)
    own.mkdir(0o700, exist_ok=True)
    os.chown(own, uid, uid)
    os.environ["HOME"] = str(own)
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        del os.environ[name]
    os.setgroups([] if uid == OUTSIDER else [TEAM])
    os.setgid(uid)
    os.setuid(uid)


def as_account(uid: int, home: Path, work: Callable[[], str]) -> str:
    """What `work` says as this account: its answer, a sentence of kpitui's, or anything else behind `!`."""
    reading, writing = os.pipe()

    def tell() -> None:
        become(uid, home)
        try:
            text = work()
        except KpituiError as error:
            text = f"{type(error).__name__}: {error}"
        except BaseException as error:
            text = f"!{type(error).__name__}: {error}"
        os.write(writing, text.encode(errors="replace"))

    pid = forked(tell)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode()
    return text if ended(pid) == 0 and text else f"!ended without a word: {text}"


def use(path: Path, uid: int) -> str:
    """Opens, reads, and saves where it may; `wrote`, or `read` and the sentence."""
    with workspace.opened(path, uid - TEAM, patience=1.0) as store:
        store.one("SELECT count(*) FROM metric")
        with store.snapshot():
            store.rows("SELECT * FROM txn")
        try:
            workspace.record(store, "m1", uid - TEAM, store.one("SELECT count(*) FROM txn"))
        except KpituiError as error:
            return f"read {type(error).__name__}: {error}"
        return "wrote"


@contextmanager
def held(path: Path, uid: int, home: Path, killed: bool) -> Iterator[None]:
    """Meanwhile, this account has the workspace open and has just saved; it is killed at the end, or closes it."""
    reading, writing = os.pipe()
    waiting, let = os.pipe()

    def work() -> None:
        become(uid, home)
        os.close(let)
        with workspace.opened(path, uid - TEAM, patience=1.0) as store:
            workspace.record(store, "m2", uid - TEAM, 1)
            os.write(writing, b".")
            os.read(waiting, 1)

    pid = forked(work)
    os.close(writing)
    os.close(waiting)
    os.read(reading, 1)
    try:
        yield
    finally:
        if killed:
            os.kill(pid, signal.SIGKILL)
        os.close(let)
        os.close(reading)
        ended(pid)


def one_place(place: Path, folder_mode: int, file_mode: int, journal: str) -> Iterator[str]:
    """Everybody at one combination of permissions; what went wrong."""
    where = f"folder {folder_mode:o}, file {file_mode:o}, {journal}"
    home, box = place / "home", place / "box"
    box.mkdir()
    path = box / "a.db"
    workspace.made(path).close()
    if journal == "DELETE":
        workspace.in_delete_mode(path)
    owner, member = PEOPLE[0], PEOPLE[1]
    os.chown(path, owner, TEAM)
    os.chown(box, owner, TEAM)
    path.chmod(file_mode)
    box.chmod(folder_mode)
    could = as_account(owner, home, lambda: use(path, owner))
    for person in (member, OUTSIDER):
        for meanwhile in ("nobody", "owner", "owner killed"):
            with ExitStack() as stack:
                if meanwhile != "nobody" and could == "wrote":
                    stack.enter_context(held(path, owner, home, killed=meanwhile == "owner killed"))
                said = [as_account(person, home, partial(use, path, person))]
            said.append(as_account(person, home, partial(use, path, person)))
            who = "a member" if person == member else "an outsider"
            for text in said:
                if text.startswith("!") or (text != "wrote" and not text.endswith(".") and "chmod" not in text):
                    yield f"{where}: {who}, {meanwhile} has it open: no sentence: {text}"
            after = as_account(owner, home, lambda: use(path, owner))
            if after != could:
                yield f"{where}: after {who} ({said}) the owner can not do what he could: {could} -> {after}"
                return
    if file_mode & 0o020 and could == "wrote":
        # The other way round: a member who saves and is killed must not keep the owner out.
        if as_account(member, home, lambda: use(path, member)) == "wrote":
            with held(path, member, home, killed=True):
                pass
            after = as_account(owner, home, lambda: use(path, owner))
            if after != could and "chmod" not in after:
                yield f"{where}: after a member was killed the owner gets {after}"


def matrix(form: Form) -> Found:
    needs_root()
    broken, tried = list[str](), 0
    cases = list(product(FOLDERS, FILES, ("WAL", "DELETE")))
    form.chance("matrix").shuffle(cases)
    for folder_mode, file_mode, journal in cases[: form.amount(24, len(cases))]:
        with folder(open_to_all=True) as place:
            (place / "home").mkdir()
            (place / "home").chmod(0o755)
            broken += one_place(place, folder_mode, file_mode, journal)
            tried += 1
    return Found(f"{tried} of {len(cases)} combinations of folder, file and journal, three accounts each", broken)


def needs_root() -> None:
    if os.geteuid() != 0:
        raise Skipped("needs root, to become other accounts")


def killed_members(form: Form, without: str = "") -> Found:
    needs_root()
    try:
        return preload.below("soak.accounts", form, without)
    except Skipped:
        return tried(form, without)


def tried(form: Form, without: str = "") -> Found:
    shim = preload.shim() if preload.LOADED in os.environ else None
    chance, broken, rounds = form.chance("accounts"), list[str](), form.amount(150, 2000)
    with folder(open_to_all=True) as place, protection_off(without):
        home, box = place / "home", place / "box"
        home.mkdir()
        home.chmod(0o755)
        path = box / "a.db"
        for number in range(rounds):
            if number % 50 == 0:
                make_team(box, path, "DELETE" if number // 50 % 3 == 2 else "WAL")
            umask, uid = UMASKS[number % 4], chance.choice(PEOPLE)
            one_kill(path, uid, umask, home, chance, shim)
            for other in [*PEOPLE] if without else [chance.choice(PEOPLE), uid]:
                said = as_account(other, home, partial(use, path, other))
                if said != "wrote":
                    broken.append(f"round {number}, umask {umask:03o} of {uid}: {other} gets {said}")
            if broken:
                break
        broken += workspace.wrong(path) if not broken else []
    aim = "half of them where a file changes" if shim else "at random"
    return Found(f"{rounds:,} kills, {aim}, of {len(PEOPLE)} accounts with the umasks 002 022 027 077", broken)


def make_team(box: Path, path: Path, journal: str) -> None:
    if box.exists():
        for file in box.iterdir():
            file.unlink()
    else:
        box.mkdir()
        os.chown(box, PEOPLE[0], TEAM)
        box.chmod(0o2770)
    workspace.made(path).close()
    if journal == "DELETE":
        workspace.in_delete_mode(path)
    os.chown(path, PEOPLE[0], TEAM)
    path.chmod(0o660)


def one_kill(path: Path, uid: int, umask: int, home: Path, chance: random.Random, shim: preload.Shim | None) -> None:
    """A member opens, saves and closes, and is killed somewhere in it."""
    aimed = shim is not None and chance.random() < 0.7
    # The first files to appear are where a wrong umask shows.
    at = chance.randrange(8) if chance.random() < 0.5 else chance.randrange(2 * STEPS)

    def work() -> None:
        become(uid, home)
        os.umask(umask)
        if aimed and shim is not None:
            shim.watch(path.parent)
            shim.die(at)
        while True:
            with workspace.opened(path, uid - TEAM) as store:
                for value in range(2):
                    workspace.record(store, "m1", uid - TEAM, value)

    pid = forked(work)
    if not aimed:
        for _ in range(chance.randrange(200_000)):
            pass
        os.kill(pid, signal.SIGKILL)
    ended(pid)


@contextmanager
def protection_off(without: str) -> Iterator[None]:
    from kpitui.storage import opening, store

    with ExitStack() as stack:
        if without == "umask":
            for module in (opening, store):
                stack.enter_context(instead(module, "team_umask", lambda: None))
        yield


PERMISSIONS = Part(
    "permissions", "accounts at every combination of permissions: a sentence or it works; lock-outs: 0", matrix
)
PART = Part(
    "accounts",
    "4 accounts × 4 umasks, kills between: lock-outs: 0",
    killed_members,
    (Mutant("the umask of a team", lambda form: killed_members(form, "umask")),),
)
