"""Names and slugs of metrics, goals and scopes: what is taken, what stands, what can be found, what it means."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpitui.storage.store import Store

TABLES = ("metric", "goal", "scope")
CALLED = {"metric": "name", "goal": "title", "scope": "name"}
"""The column that holds what people read."""


def taken(store: Store) -> set[str]:
    """Every slug that anything has or had, so that what was put away can come back."""
    return {slug for table in TABLES for (slug,) in store.rows(f"SELECT slug FROM {table}")}


def stands(store: Store, table: str, slug: str) -> bool:
    """Whether something of this kind has the slug and was not put away."""
    assert table in TABLES
    return store.row(f"SELECT 1 FROM {table} WHERE slug = ? AND archived = 0", (slug,)) is not None


def put_away(store: Store, table: str, slug: str, called: str) -> bool:
    """Whether something of this kind had the slug under just this name and was put away."""
    sql = f"SELECT 1 FROM {table} WHERE slug = ? AND {CALLED[table]} = ? AND archived = 1"
    return store.row(sql, (slug, called)) is not None


def metric_put_away(store: Store, slug: str) -> tuple[str, str, str, str] | None:
    """Name, unit, kind and cadence of the metric of this slug that was put away."""
    found: tuple[str, str, str, str] | None = store.row(
        "SELECT name, unit, kind, cadence FROM metric WHERE slug = ? AND archived = 1", (slug,)
    )
    return found


def slugs_of(store: Store, metric_ids: Iterable[int]) -> dict[int, str]:
    """The slugs of a few metrics, archived or not."""
    ids = tuple(metric_ids)
    return dict(store.rows(f"SELECT id, slug FROM metric WHERE id IN ({', '.join('?' * len(ids))})", ids))


def metrics_by_slug(store: Store) -> dict[str, str]:
    """The name of each live metric."""
    return dict(store.rows("SELECT slug, name FROM metric WHERE archived = 0"))


def meanings(store: Store) -> dict[int, str]:
    """The definition of each live metric that has one."""
    return dict(store.rows("SELECT id, definition FROM metric WHERE archived = 0 AND definition <> ''"))


def metric_count(store: Store) -> int:
    return int(store.one("SELECT count(*) FROM metric WHERE archived = 0"))


def everything(store: Store) -> list[tuple[str, str, str, str]]:
    """Name, kind (kpi, metric, goal, scope), slug and owner of all that has a name: KPIs first, then by kind, each in
    its own order."""
    return [
        *store.rows(
            """SELECT name, CASE WHEN EXISTS (SELECT 1 FROM kpi WHERE metric_id = metric.id AND archived = 0
            AND state <> 'retired') THEN 'kpi' ELSE 'metric' END, slug, owner FROM metric WHERE archived = 0
            ORDER BY 2, position, id"""
        ),
        *store.rows("SELECT title, 'goal', slug, owner FROM goal WHERE archived = 0 ORDER BY position, id"),
        *store.rows("SELECT name, 'scope', slug, owner FROM scope WHERE archived = 0 ORDER BY position, id"),
    ]
