"""Every version of a metric's roles as a KPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kpitui.domain.model import TargetKind
    from kpitui.storage.store import Store


class RoleRow(NamedTuple):
    """One version of a role: what it was to reach, and who wrote it when (UTC, ISO 8601) and why."""

    kpi_id: int
    rev: int
    scope: str
    state: str
    archived: int
    target_kind: TargetKind
    target: float | None
    low: float | None
    high: float | None
    deadline: int | None
    window: int
    sustain: int
    at: str
    who: str
    why: str


def revisions(store: Store, metric_id: int) -> list[RoleRow]:
    """The versions of the metric's roles, by role and revision."""
    columns = (
        "id, rev, scope_id, state, archived, target_kind, target, low, high, deadline, "
        '"window", sustain, txn_id, metric_id'
    )
    rows = store.rows(
        f"""SELECT k.id, k.rev, s.name, k.state, k.archived, k.target_kind, k.target, k.low, k.high, k.deadline,
        k."window", k.sustain, t.at, t.who, t.why
        FROM (SELECT {columns} FROM kpi UNION ALL SELECT {columns} FROM kpi_history) k
        JOIN txn t ON t.id = k.txn_id JOIN scope s ON s.id = k.scope_id
        WHERE k.metric_id = ? ORDER BY k.id, k.rev""",
        (metric_id,),
    )
    return list(map(RoleRow._make, rows))
