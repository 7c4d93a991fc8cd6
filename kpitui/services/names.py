"""What the command palette finds by name: KPIs, metrics, goals, scopes and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.storage import names
from kpitui.text import clean, fold

if TYPE_CHECKING:
    from kpitui.storage.store import Store

MOST = 20


def find(store: Store, text: str) -> list[tuple[str, str, str]]:
    """Label, kind (kpi, metric, goal, scope, person) and slug of what has, for each word typed, a word that begins so.

    Those whose label begins with the whole text come first; a person's slug is the account.
    """
    wanted = fold(text).split()
    if not wanted:
        return []
    found: list[tuple[str, str, str]] = []
    people: dict[str, None] = {}
    for name, kind, slug, owner in names.everything(store):
        if owner:
            people[owner] = None
        if _matches(wanted, f"{name} {slug.replace('_', ' ')}"):
            found.append((clean(name), kind, slug))
    found += [(clean(name), "person", name) for name in people if _matches(wanted, name)]
    start = " ".join(wanted)
    found.sort(key=lambda one: not fold(one[0]).startswith(start))
    return found[:MOST]


def _matches(wanted: list[str], name: str) -> bool:
    words = fold(name).replace(">", " ").split()
    return all(any(word.startswith(start) for word in words) for start in wanted)
