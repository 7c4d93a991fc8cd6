"""`kpitui check`: is this workspace sound, are its permissions right, does the log agree with what is stored?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from kpitui import witness
from kpitui.cli import output
from kpitui.cli.opening import chosen_workspace, open_store
from kpitui.domain.log_head import short
from kpitui.errors import Damaged, KpituiError, NotFound
from kpitui.storage import driver
from kpitui.storage.failing import LOOK

if TYPE_CHECKING:
    from kpitui.storage.store import Store

FINE, OTHER, DAMAGED = 0, 1, 4


class Found(NamedTuple):
    """What is damaged, what else is wrong, what is worth knowing; journal mode and head of the log where the file could
    be opened; where it could not, the exit code that says why."""

    damage: list[str]
    other: list[str]
    notices: list[str]
    journal_mode: str | None = None
    change: int | None = None
    head: str | None = None
    code: int = OTHER
    mended: tuple[str, ...] = ()


@click.command(help="Is this workspace sound, are its permissions right, is its log the one you know?")
@click.option("--full", is_flag=True, help="Every page and reference, and every digest of the log, worked out again.")
@click.option(
    "--fix", is_flag=True, help="Mend the permissions that this account may mend, and put back the write-ahead log."
)
@click.option("--trust", is_flag=True, help="Take the log as it is now for the right one.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def command(db: str | None, full: bool, fix: bool, trust: bool, as_json: bool) -> int:
    mended, left = mend(db) if fix else ([], [])
    found = examine(db, full=full, trust=trust, fix=fix)
    mended += found.mended
    if left:
        # The same, with whom to ask.
        found = found._replace(other=[one for one in found.other if not any(one in text for text in left)] + left)
    problems = [*found.damage, *found.other]
    if as_json:
        output.emit_json(
            {
                "ok": not problems,
                "full": full,
                "problems": problems,
                "notices": found.notices,
                "mended": mended,
                "change": found.change,
                "head": found.head,
                "driver": driver.DRIVER,
                "sqlite": driver.VERSION,
                "journal_mode": found.journal_mode,
                "here": here_now(db),
            }
        )
    else:
        for line in (*(f"Mended: {one}" for one in mended), *found.notices, *problems):
            output.emit(line)
        counted = {0: "The workspace is sound", 1: "1 problem"}.get(len(problems), f"{len(problems)} problems")
        looked = "" if full or problems else " at a quick look, --full works out the log again"
        output.emit(f"{counted}{looked}: {driver.DRIVER}, SQLite {driver.VERSION}, {state(found)}.")
        for line in here_now(db):
            output.emit(f"Here now: {line}.")
    return DAMAGED if found.damage else found.code if found.other else FINE


def here_now(db: str | None) -> list[str]:
    """`bo is entering W47`: who is at work in it."""
    from kpitui import clock
    from kpitui.services import presence

    path = os.path.realpath(chosen_workspace(db).path)
    return [one.sentence for one in presence.here(path, clock.now().timestamp())]


def state(found: Found) -> str:
    mode = f"journal mode {found.journal_mode or 'unknown'}"
    return f"{mode}, {short(found.change, found.head)}" if found.change and found.head else mode


def mend(db: str | None) -> tuple[list[str], list[str]]:
    """What was mended, and what is left for others to mend; before the workspace is opened, which may need it."""
    from kpitui.storage import permissions

    path = os.path.realpath(chosen_workspace(db).path)
    return permissions.mend(path, backups_of(path)) if os.path.isfile(path) else ([], [])


def backups_of(path: str) -> str:
    """The folder beside the workspace; where somebody keeps his own elsewhere is his business."""
    from kpitui.services import backup

    return backup.folder_of(path)


def left_over(path: str) -> list[str]:
    """Cleans up after what this account was making when it was killed; sentences."""
    from kpitui import clock
    from kpitui.cli.backup import folder_for
    from kpitui.storage.staging import clear_left

    stem, now = os.path.splitext(os.path.basename(path))[0], clock.now().timestamp()
    folders = dict.fromkeys((os.path.dirname(path), backups_of(path), folder_for(path)))
    left = [one for folder in folders for one in clear_left(folder, stem, now)]
    return [f"Taken away, left by a backup or restore of yours that was killed: {one}" for one in left]


def clock_words(change: int, saved: str, following: str) -> str:
    """What follows of a clock that was ahead: days count by when changes were saved, and no later one reaches back."""
    from kpitui.cli.restore import time_text

    return (
        f"The machine's clock was set back after change {change}, from {time_text(saved)} to {time_text(following)}: "
        f"of the days between, --as-of shows what was known before change {change}."
    )


def logged_again(store: Store) -> tuple[list[str], list[str]]:
    """Puts the write-ahead log back where an older library took it away: what was mended, and why not."""
    from kpitui.storage import journal

    if not journal.left_wal(store):
        return [], []
    by = journal.enter_wal(store.path)
    if not by:
        store.version()  # the connection notices with the next thing it reads
        return [f"{store.path} has its write-ahead log again"], []
    return [], [f"The write-ahead log of {store.path} can be put back when nobody else has it open: {by} has."]


def examine(db: str | None, *, full: bool = False, trust: bool = False, fix: bool = False) -> Found:
    from kpitui.cli.backup import folder_for
    from kpitui.storage import journal, room, verify
    from kpitui.storage.head import head, set_back
    from kpitui.storage.permissions import backups_fault, kept_from_all

    path = os.path.realpath(chosen_workspace(db).path)
    left = left_over(path)
    try:
        store = open_store(db)
    except Damaged as error:
        return Found([str(error).replace(LOOK, "")], [], left)
    except NotFound:
        raise
    except KpituiError as error:
        # Refused for its place or permissions, busy, newer: what check is asked for.
        return Found([], [str(error)], left, code=error.exit_code)
    with store:
        damage = verify.damage(store) if full else verify.quick_damage(store)
        top, odd_clock = None, list[str]()
        try:
            damage += verify.verify(store) if full else []
            damage += verify.altered_schema(store)
            top = head(store)
            odd_clock = [clock_words(*one) for one in set_back(store)[-3:]]
        except Damaged as error:
            damage.append(str(error))
        if trust:
            witness.settle(store.path)
        seen = witness.load(store.path)
        closed = backups_fault(store.path, backups_of(store.path))
        mended, notes = logged_again(store) if fix and not damage else ([], [])
        if not notes and journal.left_wal(store):
            notes = [journal.words(store.path)]
        if kept := kept_from_all(store.path):
            notes = [*notes, kept]
        tight = [] if store.refusal else room.too_little(store.path, (folder_for(store.path),))
        return Found(
            list(dict.fromkeys(damage)),
            [*store.warnings, *([closed.text] if closed else ()), *(seen.doubts if seen else ()), *tight],
            [*left, *store.notices, *notes, *odd_clock],
            store.journal_mode(),
            top[0] if top else None,
            top[1].hex() if top else None,
            mended=tuple(mended),
        )
