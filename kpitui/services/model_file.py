"""The model file: the whole set-up of a workspace as one TOML text, out and in (product.md, "The model file").

`export` writes it, `read` checks the text, `diff` says what it would change, `apply` does it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.errors import Conflict
from kpitui.services.model_diff import Change, changes, diff
from kpitui.services.model_export import export
from kpitui.services.model_keys import KEYS
from kpitui.services.model_plan import WRITTEN, Plan, Step, plan
from kpitui.services.model_read import Entry, Model, read, text_of
from kpitui.services.model_standing import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.model_standing import Standing
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

__all__ = ["Applied", "Change", "Entry", "Model", "Plan", "apply", "diff", "export", "read", "text_of"]

WORDS = {"add": "added", "change": "changed", "revive": "brought back", "archive": "put away"}


class Applied(NamedTuple):
    """What was done; `counts` by added, changed, brought back, put away (those that are not 0)."""

    sentence: str
    counts: dict[str, int]
    changes: tuple[Change, ...]


def apply(
    store: Store, model: Model, prune: bool = False, why: str = "", seen: Sequence[Change] | None = None
) -> Applied:
    """Makes the workspace as the file says, all of it or nothing; a second time changes nothing.

    `prune` as in `plan`. `seen` is the difference a person agreed to: Conflict when it is another one by now.
    Raises Problem for a file that contradicts itself or the workspace.
    """
    if not diff(store, model, prune):
        return Applied(f"{model.filename} says what is there already: nothing was changed.", {}, ())
    with store.write("model.apply", why=why) as tx:
        now = standing(store)
        wanted = plan(store, model, prune=prune)
        found = changes(wanted, now)
        if seen is not None and list(seen) != found:
            raise Conflict(
                "The workspace was changed by somebody else since the preview. NOT applied: look at the difference "
                "again."
            )
        first = _first_admin(tx, wanted, now)
        _save(tx, wanted)
        counts = dict(Counter(WORDS[change.what] for change in found))
        told = ", ".join(f"{counts[word]} {word}" for word in WORDS.values() if word in counts)
        tx.summary = f"applied {model.filename}: {told}"
    return Applied(f"Applied {model.filename}: {told}{first}.", counts, tuple(found))


def _first_admin(tx: Txn, wanted: Plan, now: Standing) -> str:
    """Whoever brings the first members stays an admin where they name none; what to say of that."""
    given = {step.after.account: step.after.role for step in wanted.steps if step.table == "member"}
    if not given or not all(one.archived for one in now.members.values()):
        return ""
    from kpitui.services.members import first_admin

    return f"; {tx.who} is admin" if first_admin(tx, given) else ""


def _save(tx: Txn, wanted: Plan) -> None:
    from kpitui.storage import definitions, settings

    if wanted.workspace != wanted.seen:
        settings.save_workspace(tx, wanted.workspace, wanted.seen)
    # Roles and edges make room first: a metric has one live KPI role in a scope.
    late = ("goal", "metric", "scope")
    archived = [step for step in wanted.steps if step.what == "archive"]
    for step in archived:
        if step.table not in late:
            definitions.archive(tx, step.before)
    stored: dict[tuple[str, int], int] = {}
    for table in WRITTEN:
        mine = [step for step in wanted.steps if step.table == table]
        waiting = [step for step in mine if step.what == "add"]
        for step in _parts_first(waiting, table):
            new = _with_ids(table, step.after, stored)
            stored[table, step.after.id] = definitions.add(tx, replace(new, id=0)).id
        for step in mine:
            if step.what in ("change", "revive"):
                after = _with_ids(table, step.after, stored)
                names = [name for name in _fields(after) if getattr(after, name) != getattr(step.before, name)]
                definitions.written(tx, step.before, _word(step), {name: getattr(after, name) for name in names})
    for step in sorted(archived, key=lambda step: late.index(step.table) if step.table in late else -1):
        if step.table in late:
            definitions.archive(tx, step.before)


def _word(step: Step) -> str:
    return "restore" if step.what == "revive" else "change"


def _fields(one: Any) -> list[str]:
    return [name for name in type(one).__dataclass_fields__ if name not in ("id", "rev")]


def _references(table: str) -> list[tuple[str, str]]:
    """The fields of a table that hold ids, with the table they are of."""
    if table == "driver":
        return [("metric_id", "metric"), ("feeds_id", "metric")]
    return [(key.field, key.to) for key in KEYS[table] if key.kind == "ref"]


def _with_ids(table: str, one: Any, stored: dict[tuple[str, int], int]) -> Any:
    """`one` with the ids that new definitions got when they were stored."""
    ids = {field: getattr(one, field) for field, _ in _references(table)}
    new = {
        field: stored[to, ids[field]]
        for field, to in _references(table)
        if ids[field] is not None and (to, ids[field]) in stored
    }
    return replace(one, **new)


def _parts_first(steps: list[Step], table: str) -> list[Step]:
    """New definitions so that each comes after those it refers to, else in their order."""
    own = [field for field, to in _references(table) if to == table]
    waiting = {step.after.id: step for step in steps}
    found: list[Step] = []

    def take(step: Step) -> None:
        stack = [step]
        while stack:
            top = stack[-1]
            needed = [
                waiting[id] for field in own if (id := getattr(top.after, field)) in waiting and id != top.after.id
            ]
            if needed:
                stack.append(needed[0])
                continue
            stack.pop()
            if waiting.pop(top.after.id, None):
                found.append(top)

    for step in steps:
        take(step)
    return found
