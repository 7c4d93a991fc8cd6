"""What the KPI doctor asks of all definitions at once: is it said, is it answered, since when does it stand so?"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.storage.store import Store

ANSWERS = tuple(f"answer_{word}" for word in ("impact", "results", "measured", "purpose", "success", "change"))


def described(store: Store) -> dict[int, tuple[bool, bool, str]]:
    """Of each live metric whether it has a definition and a source, and the UTC time it was last changed."""
    rows = store.rows(
        """SELECT m.id, m.definition <> '', m.source <> '', t.at FROM metric m CROSS JOIN txn t ON t.id = m.txn_id
        WHERE m.archived = 0"""
    )
    return {key: (bool(definition), bool(source), at) for key, definition, source, at in rows}


def answered(store: Store) -> dict[int, tuple[str, tuple[int, ...]]]:
    """Of each KPI the UTC time it was last changed, and 1 or 0 for each of the six `ANSWERS`."""
    columns = ", ".join(f"k.{name} <> ''" for name in ANSWERS)
    rows = store.rows(
        f"SELECT k.id, t.at, {columns} FROM kpi k CROSS JOIN txn t ON t.id = k.txn_id WHERE k.archived = 0"
    )
    return {row[0]: (row[1], tuple(row[2:])) for row in rows}


def with_playbook(store: Store) -> frozenset[tuple[str, int]]:
    """Kind (kpi or scope) and id of what has a playbook."""
    return frozenset(
        store.rows(
            """SELECT CASE WHEN kpi_id IS NULL THEN 'scope' ELSE 'kpi' END, coalesce(kpi_id, scope_id)
            FROM playbook WHERE archived = 0"""
        )
    )
