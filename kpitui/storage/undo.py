"""Undo and redo: new transactions that bring back what stood before, from the histories.

Undoing A is a transaction U that `undoes` A; redoing it is one that undoes U, and so on, so every version stays and no
revision is used twice. Whether a change stands is seen from the end of its chain A ← U ← R …: `tip`. A row that an
undo wrote holds what an earlier version held; `origin` follows that back to the version a person made, and two
versions of one origin are equal. So a row was changed after A, for undo's purposes, when its newest version has
another origin than the one A left.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kpitui.errors import Conflict, NotFound, Refused
from kpitui.storage.changes import ChangeRow, lines_of
from kpitui.storage.restoring import Ahead, bring_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

SIGNED = "review.sign"
BEGINNING = "init"
REVIEW_TABLES = ("review", "review_line", "review_figure")
PAGE = 100


class Undone(NamedTuple):
    """What was taken back (or brought back again): the root change a person made, and the transaction that did it."""

    txn_id: int
    root: int
    who: str
    at: str
    what: str
    summary: str
    items: tuple[str, ...]
    """The names of what was touched, each once, at most ten."""
    rows: int


def undo(store: Store, txn_id: int | None = None, *, why: str = "") -> Undone:
    """Takes back transaction `txn_id`, whoever made it; without it this account's last change that stands.

    Raises NotFound when there is nothing to undo, Refused for the sign-off of a review and whatever is in a signed
    one, and for what is undone already, Conflict when a row was changed since by a change that stands.
    """
    if txn_id is None:
        last = last_standing(store)
        if last is None:
            raise NotFound("There is nothing of yours to undo.")
        return reverse(store, last, why)
    what = what_of(store, txn_id)
    if what == BEGINNING:
        raise Refused(f"Change {txn_id} made the workspace and cannot be undone.")
    end = tip(store, txn_id)
    if (depth(store, end) - depth(store, txn_id)) % 2:
        raise Refused(f"Change {txn_id} is undone already.")
    return reverse(store, end, why)


def redo(store: Store, *, why: str = "") -> Undone:
    """Brings back what this account undid last, as long as it made no other change since.

    Raises NotFound when there is nothing to redo, Conflict as `undo` does.
    """
    for txn_id, _, undone in own(store):
        deep = depth(store, txn_id)
        if deep == 0:
            break
        if deep % 2 and not undone:
            return reverse(store, txn_id, why)
    raise NotFound("There is nothing of yours to redo: a redo follows an undo at once.")


def standing(store: Store, txn_id: int) -> bool:
    """Whether the change is in force: not undone, or redone since."""
    return (depth(store, tip(store, txn_id)) - depth(store, txn_id)) % 2 == 0


def last_standing(store: Store) -> int | None:
    """This account's newest change that stands and that is no undo (a redo is a change again)."""
    return next((txn_id for txn_id, _ in own_standing(store)), None)


class Tried(Exception):
    """Ends a trial, which is rolled back."""


TRIALS, LARGEST_TRIAL = 20, 5000
"""Changes that are tried, and the rows of one: beyond, others would wait for the lock."""


def other_way(store: Store) -> tuple[int, str, str, int] | None:
    """This account's newest change before its last one that can be taken back: number, what, summary, rows; None where
    there is none among the next ones. Found out by taking them back, which is rolled back."""
    for txn_id, what in islice(own_standing(store), 1, TRIALS + 1):
        (summary, rows), *_ = store.rows("SELECT summary, rows FROM txn WHERE id = ?", (txn_id,))
        if rows > LARGEST_TRIAL:
            return None
        try:
            reverse(store, txn_id, "", trial=True)
        except Tried:
            return txn_id, what, str(summary), int(rows)
        except (Refused, Conflict):
            continue
    return None


def own_standing(store: Store) -> Iterator[tuple[int, str]]:
    """This account's changes that stand and that are no undo, newest first."""
    for txn_id, what, undone in own(store):
        if what != BEGINNING and not undone and depth(store, txn_id) % 2 == 0:
            yield txn_id, what


def own(store: Store) -> Iterator[tuple[int, str, bool]]:
    """This account's transactions that changed something, newest first: number, what, whether one undid it."""
    below = 1 << 62
    while True:
        page = store.rows(
            """SELECT id, what, EXISTS (SELECT 1 FROM change c WHERE c.txn_id = t.id AND c.undone_by IS NOT NULL)
            FROM txn t WHERE uid = ? AND id < ? AND rows > 0 AND EXISTS (SELECT 1 FROM change c WHERE c.txn_id = t.id)
            ORDER BY id DESC LIMIT ?""",
            (store.who.uid, below, PAGE),
        )
        for txn_id, what, undone in page:
            yield txn_id, what, bool(undone)
        if len(page) < PAGE:
            return
        below = page[-1][0]


def what_of(store: Store, txn_id: int) -> str:
    row = store.rows("SELECT what FROM txn WHERE id = ?", (txn_id,))
    if not row:
        raise NotFound(f"There is no change {txn_id} in the log.")
    return str(row[0][0])


def tip(store: Store, txn_id: int) -> int:
    """The end of the chain of undoing and redoing that starts at `txn_id`."""
    sql = """WITH RECURSIVE chain(id) AS (SELECT ?1 UNION ALL
        SELECT (SELECT undone_by FROM change WHERE txn_id = chain.id AND undone_by IS NOT NULL LIMIT 1)
        FROM chain WHERE chain.id IS NOT NULL) SELECT max(id) FROM chain"""
    return int(store.rows(sql, (txn_id,))[0][0])


def depth(store: Store, txn_id: int) -> int:
    """0 for a change, 1 for its undo, 2 for its redo, …"""
    return len(chain(store, txn_id)) - 1


def chain(store: Store, txn_id: int) -> list[int]:
    """`txn_id`, what it undoes, what that undoes, … down to the change a person made."""
    sql = """WITH RECURSIVE chain(id, undoes) AS (SELECT id, undoes FROM txn WHERE id = ?1 UNION ALL
        SELECT t.id, t.undoes FROM chain CROSS JOIN txn t ON t.id = chain.undoes) SELECT id FROM chain"""
    return [row[0] for row in store.rows(sql, (txn_id,))]


def reverse(store: Store, target: int, why: str, *, trial: bool = False) -> Undone:
    """One transaction that takes `target` back, the tip of its chain; a `trial` ends with Tried where that can be."""
    line_of_descent = chain(store, target)
    root, word = line_of_descent[-1], "redo" if len(line_of_descent) % 2 == 0 else "undo"
    who, at, what, summary = store.rows("SELECT who, at, what, summary FROM txn WHERE id = ?", (root,))[0]
    if what.startswith(SIGNED):
        raise Refused("A review that was signed off is not undone: its leader may reopen it.")
    with (
        Ahead(store, target, lines_of(store, target)) as ahead,
        store.write(word, why=why, summary=summary or what, undoes=target) as tx,
    ):
        if tx.execute("SELECT undoes FROM txn WHERE id = ?", (tx.id,)).fetchone() != (target,):
            raise RuntimeError("an undo is a transaction of its own, never part of another")
        # Read again under the lock: two windows of one person may press undo at once.
        lines = lines_of(store, target)
        if any(line.undone_by is not None for line in lines):
            raise Conflict(f"Change {root} was undone or redone meanwhile, by you or somebody else. Nothing was done.")
        leave_signed_reviews_alone(tx, lines)
        rows = bring_back(tx, target, lines, word, ahead)
        if not rows:
            raise Refused(f"Change {root} ({summary or what}) touched nothing that can be brought back.")
        if trial:
            raise Tried
        tx.execute("UPDATE change SET undone_by = ? WHERE txn_id = ?", (tx.id, target))
        new = tx.id
    items = tuple(dict.fromkeys(line.item for line in lines))[:10]
    return Undone(new, root, who, at, what, summary, items, rows)


def leave_signed_reviews_alone(tx: Txn, lines: list[ChangeRow]) -> None:
    """Raises Refused when a line stands in a review that is signed off now."""
    for line in lines:
        if line.tbl not in REVIEW_TABLES:
            continue
        review = "SELECT state FROM review WHERE id = ?"
        if line.tbl != "review":
            review = f"SELECT state FROM review WHERE id = (SELECT review_id FROM {line.tbl} WHERE id = ?)"
        if tx.execute(review, (line.row_id,)).fetchone() == ("signed",):
            raise Refused(f"“{line.item}” stands in a review that was signed off: its leader may reopen it.")
