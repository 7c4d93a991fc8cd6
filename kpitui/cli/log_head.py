"""`kpitui log --head` and `--verify`: the line that stands for the whole log, and whether the log agrees with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kpitui.cli.looking_back import open_known
from kpitui.cli.output import emit, emit_json
from kpitui.domain.log_head import line, named_in, short
from kpitui.errors import NotFound, Refused
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.cli.looking_back import Looked
    from kpitui.domain.log_head import Head, Named

LONGEST = 1_000_000
"""Characters of a file that are looked through for heads."""


def answer(db: str | None, verify: bool, head: str | None, as_of: str | None, as_json: bool) -> int:
    """What `--verify`, `--head` and both together say; the exit code. `head` is what follows the word, may be empty."""
    from kpitui.services import log_head

    if not verify and head:
        raise click.UsageError("--head prints the head of this log: with --verify it looks for one that is given.")
    if verify and head == "":
        raise click.UsageError("Say which head to look for: its line, a file that holds it, or - for standard input.")
    wanted = given(head) if head else ()
    with open_known(db, as_of, None) as looked:
        top = log_head.head(looked.store)
        if not verify:
            return printed(top, looked, as_json)
        from kpitui.storage.verify import verify as verified

        problems = verified(looked.store)
        missing = {named: log_head.lacking(looked.store, named) for named in wanted}
    return told(top, problems, missing, looked, as_json)


def printed(top: Head | None, looked: Looked, as_json: bool) -> int:
    """The line alone, so that it can be piped into what signs it."""
    if top is None:
        raise Refused("Nothing was saved here yet: there is no head.")
    if as_json:
        emit_json({**as_object(top), "line": line(top), **looked.json})
    else:
        emit(line(top))
    return 0


def as_object(top: Head | None) -> dict[str, object]:
    """The head as `--json` says it, null where nothing was saved yet."""
    if top is None:
        return {"change": None, "head": None, "at": None, "log": None, "workspace": None}
    return {"change": top.txn, "head": top.hash, "at": top.at, "log": top.log, "workspace": top.workspace}


def told(top: Head | None, problems: list[str], missing: dict[Named, str], looked: Looked, as_json: bool) -> int:
    wrong = [*problems, *(said for said in missing.values() if said)]
    if as_json:
        heads = [{"change": one.txn, "head": one.hash, "in_log": not said} for one, said in missing.items()]
        emit_json({"ok": not wrong, "problems": wrong, **as_object(top), "heads": heads, **looked.json})
        return 4 if wrong else 0
    looked.say()
    for problem in problems:
        emit(problem)
    if not problems and top is not None:
        emit(f"The log agrees with what is stored: {short(top.txn, top.hash)}.")
    elif not problems:
        emit("Nothing was saved yet.")
    for one, said in missing.items():
        # A head stands for what is before it only where the chain holds.
        holds = "" if problems else ", and so is everything before it"
        emit(said or f"{short(one.txn, one.hash).capitalize()} is in this log{holds}.")
    return 4 if wrong else 0


def given(text: str) -> tuple[Named, ...]:
    """The heads in a line, a file or, for `-`, standard input. Raises NotFound where there is none."""
    if text == "-":
        found, where = named_in(sys.stdin.read(LONGEST)), "standard input"
    elif found := named_in(text):
        return found
    else:
        try:
            with open(text, encoding="utf-8", errors="replace") as file:
                found, where = named_in(file.read(LONGEST)), text
        except FileNotFoundError:
            raise NotFound(f"{clean(text)} is no head and no file: kpitui log --head prints one.") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "that is no path"
            raise Refused(f"{clean(text)} cannot be read: {reason}.") from None
    if not found:
        raise NotFound(
            f"There is no head in {clean(where)}: kpitui log --head prints one, reports and backups name one."
        )
    return found
