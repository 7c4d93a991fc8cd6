"""A backup restored: looked into, held against what is there, and put in its place with a trace in the log.

What was there is kept as a backup of its own. The line of the restore is written into the copy that takes the place, so
that there is no moment at which the restored state stands without it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.quoting import quote
from kpitui.domain.roles import ADMIN
from kpitui.errors import Busy, Damaged, DiskFull, KpituiError, NotAllowed, ReadOnly, Refused
from kpitui.services import backup
from kpitui.storage import changes, restoring_file, settings, write_rules
from kpitui.storage.head import hash_of, head
from kpitui.storage.place import why_not
from kpitui.storage.restored import TABLE, WHAT, restores_of
from kpitui.storage.staging import clear_left
from kpitui.storage.store import Store
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.storage.restored import Restore
    from kpitui.storage.restoring_file import Inside
    from kpitui.storage.store import Person


TRIES, PATIENCE = 5, 15.0
"""How often it is tried at least, and for how many seconds, while others keep saving."""
MOST_OVER = 50
"""Restores that a restore names as gone with what it replaced."""


class Standing(NamedTuple):
    """What is there now: its name, its newest transaction, and the restores that its log names."""

    name: str
    txn: int
    head: str
    at: str
    who: str
    restores: tuple[Restore, ...] = ()


class Offer(NamedTuple):
    """What restoring would do. `standing` is None where nothing is there, or it is damaged (`damage` says how)."""

    path: str
    inside: Inside
    standing: Standing | None
    damage: str
    later: int | None
    """How many changes were made since the backup and are not in it; None where it is no earlier state of this."""
    doubts: tuple[str, ...]
    """What in the backup does not agree with its own log."""


class Restored(NamedTuple):
    sentence: str
    path: str
    txn: int
    """The restore's own number in the log."""
    kept: str
    """Path of the copy of what was there before; empty where nothing was."""


class Place(NamedTuple):
    """Where to, who restores, and when: what opening a store takes."""

    path: str
    who: Person
    via: str
    now: Callable[[], datetime]

    def open(self, path: str, *, write: bool = True) -> Store:
        return Store.open(path, who=self.who, via=self.via, now=self.now, write=write)


@contextmanager
def prepared(file: str, place: Place) -> Iterator[Offer]:
    """Looks into the backup `file`, makes a private copy of it beside the workspace and checks that.

    Raises NotFound, Damaged, NewerSchema and Refused for a backup that cannot be restored, ReadOnly where this account
    cannot save, Damaged where something else than a workspace stands at the path.
    """
    inside = restoring_file.look_into(file)
    path = os.path.realpath(place.path)
    total = backup.sum_beside(inside.file)
    if total is not None and total != _sha256(inside.file):
        raise Damaged(
            f"{inside.file} is not what its .sha256 says: it was changed since it was made. Nothing was restored: take "
            "another backup."
        )
    if inside.file == path or (os.path.exists(path) and os.path.samefile(inside.file, path)):
        raise Refused(f"{path} is the workspace itself: name a backup of it. kpitui backup --list shows them.")
    standing, damage, later = _standing(place, path, inside)
    clear_left(os.path.dirname(path), os.path.basename(path), place.now().timestamp())
    with restoring_file.staged(inside.file, os.path.dirname(path), restoring_file.page_size(path)) as staged:
        doubts = tuple(_doubts(place, staged))
        foreign = next((doubt for doubt in doubts if doubt.startswith("there is a trigger")), "")
        if foreign:
            # It would run with every line that is saved, the restore's own among them.
            raise Damaged(f"{inside.file}: {foreign}. Nothing was restored: take another backup.")
        yield Offer(path, inside, standing, damage, later, doubts)


def restore(offer: Offer, place: Place, folder: str | None, *, why: str = "") -> Restored:
    """Puts the backup in the place of what is there, of which a copy goes to `folder` (or, where this account may not
    write in it, beside the workspace); None for what is not worth a copy.

    Raises Busy when others keep saving, DiskFull and the like: what was there still stands then.
    """
    end, attempt = time.monotonic() + PATIENCE, 0
    while attempt < TRIES or time.monotonic() < end:
        size = restoring_file.page_size(offer.path)
        with restoring_file.staged(offer.inside.file, os.path.dirname(offer.path), size) as staged:
            # Somebody who has saved while the copy was made waits for the next one.
            hold = restoring_file.Hold(offer.path) if attempt else None
            kept = ""
            try:
                kept, seen = _kept(offer, place, folder)
                txn = _traced(offer, place, staged, kept, seen, why)
                restoring_file.pour(staged, offer.path, seen, release=hold.release if hold else lambda: None)
                return Restored(_sentence(offer, txn, seen), offer.path, txn, kept)
            except restoring_file.Overtaken:
                # The copy lacks what was saved since it was made: between the giving back of the lock and the first
                # page somebody who waits for it may get it.
                backup.discard(kept)
                attempt += 1
            finally:
                if hold is not None:
                    hold.close()
    raise Busy(f"Others keep saving to {offer.path}. Nothing was restored: try again when they have finished.")


def restore_new(file: str, place: Place, *, team_group: str | None = None, why: str = "") -> Restored:
    """Restores a backup where nothing is yet: private, or a team's as `create_workspace` makes it.

    Raises what that and `prepared` raise; nothing is left behind then.
    """
    from kpitui.services.setup import create_workspace

    restoring_file.look_into(file)
    done: list[Restored] = []

    def fill(store: Store) -> None:
        store.close()
        with prepared(file, place) as offer:
            done.append(restore(offer, place, None, why=why))

    create_workspace(place.path, place.who, place.via, place.now, team_group=team_group, fill=fill).close()
    return done[0]


def _standing(place: Place, path: str, inside: Inside) -> tuple[Standing | None, str, int | None]:
    """What is there, or how it is damaged; and how many changes came after the backup."""
    try:
        with place.open(path) as store:
            if store.readonly:
                # A save there is answered with the reason: an account that may only read, or a disk that is full.
                with store.write(WHAT):
                    raise ReadOnly(f"{path} cannot be written now. Nothing was restored.")
            if write_rules.role(store) != ADMIN:
                raise NotAllowed("Restoring a backup is for the workspace's admins. Nothing was restored: ask one.")
            name = settings.load(store).get("name", "")
            top = head(store) or (0, b"")
            who, at = changes.writers(store, [top[0]]).get(top[0], ("", ""))
            same = hash_of(store, inside.txn)
            restores = tuple(restores_of(store))
    except Damaged as error:
        if restoring_file.ours(path) is False:
            raise
        if reason := why_not(path, []):
            raise ReadOnly(reason) from None
        return None, str(error), None
    earlier = inside.txn > 0 and same is not None and same.hex() == inside.head
    return Standing(name, top[0], top[1].hex(), at, who, restores), "", top[0] - inside.txn if earlier else None


def _doubts(place: Place, staged: str) -> Iterator[str]:
    from kpitui.storage import verify

    with place.open(staged) as store:
        yield from verify.altered_schema(store)
        yield from verify.verify(store)


def _kept(offer: Offer, place: Place, folder: str | None) -> tuple[str, tuple[int, str] | None]:
    """The path of a copy of what is there, and the newest transaction in that copy."""
    if folder is None or offer.standing is None:
        if folder is not None and os.path.getsize(offer.path):
            return _raw(offer.path, folder, place.now()), None
        return "", None if offer.standing is None else (offer.standing.txn, offer.standing.head)
    try:
        with place.open(offer.path) as store:
            try:
                made = backup.back_up(store, folder, before_restore=True)
            except (DiskFull, Damaged):
                raise
            except KpituiError:
                made = backup.back_up(store, os.path.dirname(offer.path), before_restore=True)
        return made.copy.path, (made.copy.txn, made.copy.head)
    except Damaged:
        # It opens, but its pages cannot all be read.
        return _raw(offer.path, folder, place.now()), None


def _raw(path: str, folder: str, now: datetime) -> str:
    try:
        backup.usable(folder, path)
    except KpituiError:
        folder = os.path.dirname(path)
    stem, ending = os.path.splitext(os.path.basename(path))
    target = os.path.join(folder, f"{stem}-{now.astimezone(UTC).strftime(backup.TIME)}-damaged{ending}")
    restoring_file.raw_copy(path, target)
    return target


def _traced(offer: Offer, place: Place, staged: str, kept: str, seen: tuple[int, str] | None, why: str) -> int:
    """Writes the restore's line into the copy that takes the place; gives the number of its transaction."""
    inside = offer.inside
    file = clean(os.path.basename(inside.file))
    before: dict[str, object] = {} if seen is None else {"change": seen[0], "head": seen[1]}
    if kept:
        before["kept"] = clean(os.path.basename(kept))
    after = {"change": inside.txn, "head": inside.head, "at": inside.at}
    with place.open(staged) as store:
        over = _buried(offer.standing, store)
        if over:
            before["over"] = over
        with store.write(WHAT, why=why, summary=f"restored {file}") as tx:
            tx.note(WHAT, TABLE, None, file, before or None, after)
        return tx.id


def _buried(standing: Standing | None, store: Store) -> list[tuple[int, str]]:
    """What earlier restores replaced whose own lines go with this one: whoever has seen it only learns of it here."""
    gone = [one for one in standing.restores if _hash(store, one.txn) != one.hash] if standing is not None else []
    return [pair for one in gone for pair in ((one.before, one.head), *one.over) if pair[0]][:MOST_OVER]


def _hash(store: Store, txn: int) -> str:
    return (hash_of(store, txn) or b"").hex()


def _sentence(offer: Offer, txn: int, seen: tuple[int, str] | None) -> str:
    inside, gone = offer.inside, ""
    later = seen[0] - inside.txn if seen is not None and offer.later is not None else 0
    if later:
        gone = f" {later} later change{'s are' if later > 1 else ' is'} not in it any more."
    name = quote(inside.name) if inside.name else "The workspace"
    return f"{name} stands as of change {inside.txn}; restoring it is change {txn}.{gone}"


def _sha256(path: str) -> str:
    from hashlib import file_digest

    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()
