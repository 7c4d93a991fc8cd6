"""Actions against a named cause, as their effect is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class CountermeasureRow(NamedTuple):
    id: int
    metric_id: int
    cause: str
    text: str
    owner: str
    due: int
    state: str
    closed: int | None


def countermeasures(store: Store) -> list[CountermeasureRow]:
    """The actions with a cause and a metric that were not dropped, the last closed or due first."""
    rows = store.rows(
        f"""SELECT {", ".join(CountermeasureRow._fields)} FROM action
        WHERE archived = 0 AND cause <> '' AND metric_id IS NOT NULL AND state <> 'dropped'
        ORDER BY coalesce(closed, due) DESC, id DESC"""
    )
    return list(map(CountermeasureRow._make, rows))
