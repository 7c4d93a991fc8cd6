"""What a model file would change, as lines for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.services.model_export import Names, written
from kpitui.services.model_keys import KEYS
from kpitui.services.model_plan import Plan, plan
from kpitui.services.model_standing import Standing, standing
from kpitui.storage import definitions

if TYPE_CHECKING:
    from kpitui.services.model_read import Model
    from kpitui.storage.store import Store


class Change(NamedTuple):
    """One line of a difference. `what` is add, change, revive or archive; `fields` are (key, before, after), values as
    the file writes them (None: not there)."""

    what: str
    table: str
    item: str
    fields: tuple[tuple[str, str | None, str | None], ...]


def diff(store: Store, model: Model, prune: bool = False) -> list[Change]:
    """What `apply` would change, one entry a definition; empty when the workspace is as the file says."""
    with store.snapshot():
        return changes(plan(store, model, prune=prune), standing(store))


def changes(wanted: Plan, now: Standing) -> list[Change]:
    names = Names(
        {**{one.id: one.slug for one in now.scopes.values()}, **{k: v.slug for k, v in wanted.setup.scopes.items()}},
        {**{one.id: one.slug for one in now.metrics.values()}, **{k: v.slug for k, v in wanted.setup.metrics.items()}},
        {**{one.id: one.slug for one in now.goals.values()}, **{k: v.slug for k, v in wanted.setup.goals.items()}},
        {**now.setup.kpis, **{one.id: one for one in now.kpis.values()}, **wanted.setup.kpis},
    )
    found = []
    settings = []
    for key in KEYS["workspace"]:
        old, new = getattr(wanted.seen, key.field), getattr(wanted.workspace, key.field)
        if old != new:
            settings.append((key.name, written(old), written(new)))
    if settings:
        found.append(Change("change", "workspace", wanted.workspace.name, tuple(settings)))
    for step in wanted.steps:
        one = step.after
        differing: list[tuple[str, str | None, str | None]] = []
        if step.what == "add":
            given = definitions.given(one)
            for key in KEYS.get(step.table, ()):
                if key.field in given and given[key.field] not in (None, ""):
                    differing.append((key.name, None, names.value(key, given[key.field])))
        if step.what in ("change", "revive"):
            for key in KEYS.get(step.table, ()):
                if key.kind == "feeds" or getattr(step.before, key.field) == getattr(one, key.field):
                    continue
                texts = [names.value(key, getattr(side, key.field)) for side in (step.before, one)]
                differing.append((key.name, texts[0], texts[1]))
            if getattr(step.before, "position", 0) != getattr(one, "position", 0):
                differing.append(("order", f"{step.before.position:g}", f"{one.position:g}"))
        found.append(Change(step.what, step.table, names.item(step.table, one), tuple(differing)))
    return found
