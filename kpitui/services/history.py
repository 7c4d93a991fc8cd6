"""The log for people and programs, and taking changes back: every undo and revert is a change of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.errors import Conflict, Overtaken
from kpitui.services.log_words import KINDS, Line, Reviewed, Teller
from kpitui.storage import changes
from kpitui.storage import undo as undoing
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.storage.store import Store

__all__ = ["KINDS", "Done", "Explained", "Line", "Log", "explain", "log", "redo", "revert", "undo"]


class Log(NamedTuple):
    """A page of the log, newest first."""

    lines: tuple[Line, ...]
    total: int
    since: int | None
    """The day of the first change of all."""


class Explained(NamedTuple):
    """One change in full."""

    line: Line
    revisions: tuple[tuple[str, str, str, str], ...]
    """When, who, value, note of every revision of the value; empty for other changes."""
    siblings: int
    """Other lines of the same action."""
    seen_in: tuple[Reviewed, ...]
    fields: tuple[tuple[str, str, str], ...] = ()
    """Name, before and after of every field that changed, in words."""


class Done(NamedTuple):
    """What was taken back or brought back, as a sentence."""

    sentence: str
    txn_id: int
    rows: int


def log(
    store: Store,
    today: int,
    *,
    limit: int = 200,
    before_id: int | None = None,
    kind: str | None = None,
    who: str | None = None,
    item: str | None = None,
    since: str | None = None,
    words: str = "",
    until: int | None = None,
) -> Log:
    """The newest `limit` lines that fit: `kind` is one of `KINDS`, `who` an account, `item` part of a name or slug,
    `since` a UTC time; every one of `words` is somewhere in the line. With `until` only what was saved by the end of
    that day in the workspace's time zone."""
    with store.snapshot():
        teller = Teller(store, today)
        bound = None if until is None else first_after(store, until)
        if bound is not None:
            before_id = bound if before_id is None else min(before_id, bound)
        found: list[Line] = []
        wanted = [word.casefold() for word in words.split()]
        below = before_id
        while len(found) < limit:
            rows = changes.log(store, limit=max(limit, 200), before_id=below, who=who, since=since)
            if not rows:
                break
            below = rows[-1].id
            for row in rows:
                if kind is not None and row.tbl not in KINDS[kind]:
                    continue
                line = teller.line(row)
                if item is not None and item.casefold() not in f"{line.on} {row.item}".casefold():
                    continue
                text = f"{line.on} {line.what} {line.who} {line.old} {line.new} {line.why}".casefold()
                if all((word[1:] not in text) if word[:1] == "-" and word[1:] else word in text for word in wanted):
                    found.append(line)
                    if len(found) == limit:
                        break
        first = changes.first_at(store)
        return Log(tuple(found), changes.count(store, before_id=bound), teller.when(first)[0] if first else None)


def explain(store: Store, today: int, change_id: int) -> Explained | None:
    """One change in full; None when there is no such line."""
    with store.snapshot():
        rows = changes.log(store, limit=1, before_id=change_id + 1)
        if not rows or rows[0].id != change_id:
            return None
        teller = Teller(store, today)
        row = rows[0]
        line = teller.line(row)
        revisions: list[tuple[str, str, str, str]] = []
        seen: list[Reviewed] = []
        if row.tbl == "point" and row.row_id is not None and row.start is not None:
            from kpitui.storage import points

            for one in points.history(store, row.row_id, row.start):
                if one.end != row.end:
                    continue
                day, time = teller.when(one.at)
                said = teller.value(row.row_id, one.value) if one.value is not None else points.STATES[one.state]
                revisions.append((f"{teller.short_day(day)} {time}", one.who, said, one.why or one.note or ""))
            seen = teller.reviews_of(row.row_id, row.start)
        siblings = changes.count(store, txn_id=row.txn_id) - 1
        return Explained(line, tuple(revisions), siblings, tuple(seen), teller.fields(row))


def first_since(store: Store, at: str) -> int | None:
    """The number of the first line from the UTC time `at` on; None when nothing was changed since."""
    return changes.first_since(store, at)


def first_after(store: Store, day: int) -> int | None:
    """The number of the first line saved after the end of a day in the workspace's time zone; None when none was."""
    from kpitui.services.as_known import ended

    return changes.first_since(store, ended(store, day))


def slug_of(store: Store, metric_id: int) -> str | None:
    """The slug of the metric that a line is about, archived or not."""
    from kpitui.storage import reading

    return next((row.slug for row in reading.metrics(store, archived=True) if row.id == metric_id), None)


def undo(store: Store, *, today: int = 0, txn_id: int | None = None, why: str = "") -> Done:
    """Take back this account's last change, or transaction `txn_id`, as a new change.

    Raises what `storage.undo.undo` raises: NotFound, Refused, Conflict naming who changed it since, and which of this
    account's changes can be taken back instead.
    """
    if txn_id is None:
        try:
            return _said(store, undoing.undo(store, why=why), "Took back", today)
        except Overtaken:
            raise
        except Conflict as error:
            other = undoing.other_way(store)
            if other is None:
                raise
            words = clean(_told(store, *other, today))
            # In the screens nobody wants to leave them for it.
            how = "B on its line in the Log" if store.via == "tui" else f"kpitui undo {other[0]}"
            way = f"{how} takes back the one before ({words})."
            raise Conflict(f"{error} {way}") from error
    return _said(store, undoing.undo(store, txn_id, why=why), "Took back", today)


def redo(store: Store, *, today: int = 0, why: str = "") -> Done:
    """Bring back what this account took back last."""
    return _said(store, undoing.redo(store, why=why), "Brought back", today)


def revert(store: Store, change_id: int, *, today: int = 0, why: str = "") -> Done:
    """Take back the action that a line of the log belongs to, whoever made it. Raises as `undo` does."""
    from kpitui.errors import NotFound

    txn_id = changes.txn_of(store, change_id)
    if txn_id is None:
        raise NotFound(f"There is no line {change_id} in the log: kpitui log lists them.")
    return undo(store, today=today, txn_id=txn_id, why=why)


def _said(store: Store, done: undoing.Undone, verb: str, today: int) -> Done:
    words = _told(store, done.txn_id, done.what, done.summary, done.rows, today)
    return Done(f"{verb} {words}", done.txn_id, done.rows)


def _told(store: Store, txn_id: int, what: str, summary: str, rows: int, today: int) -> str:
    """A transaction in words, of an action that is called so."""
    teller = Teller(store, today)
    lines = [teller.line(row) for row in changes.lines_of(store, txn_id)]
    if what == "propose":
        return f"the proposal {summary}"
    if what == "import" or (len(lines) == 1 and lines[0].what == "import"):
        # The digest of the file is for the log: nobody reads it in a sentence. What stands before it counts the values.
        said, digest, _ = summary.partition(" (SHA-256 ")
        return said if digest else f"{said or 'an import'}, {rows:,} value{'' if rows == 1 else 's'}"
    if len(lines) == 1 and lines[0].kind == "values":
        return f"{lines[0].on_short}: {lines[0].old or '-'} > {lines[0].new or '-'}"
    if summary and summary != what:
        return summary
    names = ", ".join(dict.fromkeys(line.on_short for line in lines[:3]))
    return f"{what.replace('.', ' ')}: {names}{' and more' if len(lines) > 3 else ''}"
