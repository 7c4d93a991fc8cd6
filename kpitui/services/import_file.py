"""A file of values by its path, as a screen asks for it: read, previewed, and said in one line before it is saved."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kpitui.services import imports

if TYPE_CHECKING:
    from kpitui.services.imports import Plan
    from kpitui.storage.store import Store


def preview(store: Store, path: str, today: int) -> Plan:
    """What saving the file would do; metrics it names that do not exist would be made. Raises as `imports.preview`."""
    from kpitui.connectors.base import open_table

    with open_table(os.path.expanduser(path)) as table:
        return imports.preview(store, table, imports.Wanted(create=True), today)


def question(plan: Plan) -> str:
    """`sales.csv: 120 new, 3 changed, makes 4 metrics. Save?`"""
    new, changed, same = plan.counts
    parts = [f"{count:,} {word}" for count, word in ((new, "new"), (changed, "changed"), (same, "the same")) if count]
    made = len(plan.created)
    if made:
        parts.append(f"makes {made} {'metric' if made == 1 else 'metrics'}")
    return f"{plan.file}: {', '.join(parts) or 'no values'}. Save?"


def offers(text: str) -> list[str]:
    """The files and folders that a typed path may become."""
    folder, name = os.path.split(os.path.expanduser(text))
    try:
        found = sorted(os.listdir(folder or "."))
    except OSError:
        return []
    shown = text[: len(text) - len(os.path.split(text)[1])]
    kept = [one for one in found if one.startswith(name) and (name.startswith(".") or not one.startswith("."))]
    return [
        shown + one + (os.sep if os.path.isdir(os.path.join(folder, one)) else "")
        for one in kept
        if os.path.isdir(os.path.join(folder, one)) or one.lower().endswith((".csv", ".tsv", ".txt", ".json", ".xlsx"))
    ]
