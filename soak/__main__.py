"""`python -m soak [NAME …]`: the long promises, tried out one after the other and printed as one table.

    --full           as much as is promised; without it, a form that takes some minutes
    --seed N         other random choices
    --write FILE     put the results into the table of this document, each with its day; what was kept in full is not
                     replaced by what was kept in the form of some minutes

A promise is kept when its part finds nothing. Then the part is run again with each of its protections taken out, and
has to find something each time. The exit code is 1 when either is not so. What this machine or account cannot try is
said.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import NamedTuple

from soak import document
from soak.part import Form, Found, Mutant, Part, Skipped, folder

MODULES = (
    *("forgeries", "damage", "formulas", "fuzz", "hostile", "wal_reset", "backups", "full_disk", "accounts", "crowd"),
    *("meeting", "kills", "cuts", "roles", "roles_screens"),
)


class Outcome(NamedTuple):
    """How one part, or one of its mutants, went. `kept` is None when it could not be tried."""

    name: str
    what: str
    kept: bool | None
    tried: str
    note: str
    seconds: float


def parts() -> list[Part]:
    modules = [import_module(f"soak.{name}") for name in MODULES]
    return [part for module in modules for part in vars(module).values() if isinstance(part, Part)]


def main(words: Sequence[str]) -> int:
    names = [word for word in words if not word.startswith("--")]
    form = Form(full="--full" in words)
    write = None
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--seed":
            form = form._replace(seed=int(following))
            names.remove(following)
        elif word == "--write":
            write = following
            names.remove(following)
    every = {part.name: part for part in parts()}
    if "--help" in words:
        print(f"{__doc__}\nThe parts: {', '.join(every)}.")
        return 0
    foreign = [word for word in words if word.startswith("--") and word not in ("--full", "--seed", "--write")]
    if foreign:
        sys.stderr.write(f"There is no option {foreign[0]}: there are --full, --seed N and --write FILE.\n")
        return 2
    unknown = [name for name in names if name not in every]
    if unknown:
        sys.stderr.write(f"There is no part {unknown[0]}: there are {', '.join(every)}.\n")
        return 2
    print(f"{document.machine()}, the {'full' if form.full else 'quick'} form, seed {form.seed}")
    outcomes = []
    with folder(open_to_all=True) as home:
        own_world(str(home))
        for name in names or every:
            for outcome in tried(every[name], form):
                outcomes.append(outcome)
                print(said(outcome), flush=True)
    if write:
        document.write(write, outcomes, form)
    broken = [outcome for outcome in outcomes if outcome.kept is False]
    skipped = sum(outcome.kept is None for outcome in outcomes)
    print(f"{len(outcomes) - len(broken) - skipped} kept, {len(broken)} broken, {skipped} not tried.")
    return 1 if broken else 0


def own_world(home: str) -> None:
    """Nothing of the user's own settings and files is used, and nothing is left in them."""
    for name in [name for name in os.environ if name.startswith(("KPITUI_", "XDG_"))]:
        del os.environ[name]
    os.environ["HOME"] = home


def tried(part: Part, form: Form) -> list[Outcome]:
    """A part's outcome, and those of its mutants."""
    outcomes = [one(part.name, part.promise, part, form)]
    return outcomes + [one(part.name, f"noticed without {mutant.without}", mutant, form) for mutant in part.mutants]


def one(name: str, what: str, part: Part | Mutant, form: Form) -> Outcome:
    mutant = isinstance(part, Mutant)
    began = time.monotonic()
    try:
        with unheard() if mutant else nullcontext():
            found = part.run(form)
    except Skipped as why:
        return Outcome(name, what, None, "", str(why), time.monotonic() - began)
    except Exception as error:
        found = Found("", [f"ended with {type(error).__name__}: {error}"])
    seconds = time.monotonic() - began
    if mutant:
        return Outcome(name, what, bool(found.broken), found.tried, f"{len(found.broken)} found", seconds)
    for text in found.broken[:20]:
        sys.stderr.write(f"  {name}: {ascii(text)[1:-1][:500]}\n")
    return Outcome(name, what, not found.broken, found.tried, found.note, seconds)


@contextmanager
def unheard() -> Iterator[None]:
    """What goes wrong in the processes of a mutant is what is wanted: it is counted, and does not stand in the way."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def said(outcome: Outcome) -> str:
    word = {True: "kept  ", False: "BROKEN", None: "not tried"}[outcome.kept]
    details = "; ".join(text for text in (outcome.tried, outcome.note) if text)
    return f"{word}  {outcome.name}: {outcome.what}\n        {details} ({outcome.seconds:.0f} s)"


if __name__ == "__main__":
    if platform.system() == "Windows":
        sys.stderr.write("The soak run needs a Unix system.\n")
        sys.exit(2)
    sys.exit(main(sys.argv[1:]))
