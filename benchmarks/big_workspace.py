"""A workspace of 500 KPIs that are looked at by the week and entered by the day, ten years of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from kpitui.domain.model import Goal, Kpi, Metric, Scope
from kpitui.domain.periods import to_day
from kpitui.identity import Who
from kpitui.storage import definitions
from kpitui.storage.store import Store

TODAY = to_day(datetime(2026, 11, 20).date())
KPIS = 500
DAYS = 3652


def now() -> datetime:
    return datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def opened(path: Path) -> Store:
    return Store.open(path, who=Who(1000, "ana", "bench"), via="bench", now=now)


def build(path: Path) -> Store:
    """Makes the workspace at `path` and opens it."""
    store = Store.create(path, who=Who(1000, "ana", "bench"), via="bench", now=now)
    with store.write("benchmark") as tx:
        org = definitions.add(tx, Scope(slug="org", name="Acme", kind="org"))
        goal = definitions.add(
            tx,
            Goal(slug="goal", title="5000 by 31 Dec", scope_id=org.id, main=True, baseline=0.0, target=5000.0,
                 start=TODAY - 323, deadline=TODAY + 41),
        )  # fmt: skip
        ids = []
        for number in range(KPIS):
            metric = definitions.add(
                tx,
                Metric(
                    slug=f"metric_{number:03}", name=f"Metric number {number}", cadence="week", scope_id=org.id,
                    owner="ana", kind="flow" if number % 2 else "level", direction="up",
                ),
            )  # fmt: skip
            kind = ("at_least", "from_to", "at_most", "reach")[number % 4]
            definitions.add(
                tx,
                Kpi(
                    metric_id=metric.id, scope_id=org.id, goal_id=goal.id, state="live", target_kind=kind,
                    baseline=500.0, target=900.0 if kind != "reach" else 20_000.0,
                    start=TODAY - 130, deadline=TODAY + 41, owner="bo",
                ),
            )  # fmt: skip
            ids.append(metric.id)
        tx.executemany(
            'INSERT INTO point (metric_id, "start", "end", value, entered, state, odd, rev, txn_id)'
            " VALUES (?, ?, ?, ?, ?, 0, 0, 1, ?)",
            rows(ids, tx.id),
        )
    return store


def rows(ids: list[int], txn: int) -> Iterator[tuple[object, ...]]:
    for metric in ids:
        level = 100.0
        for place in range(DAYS):
            day = TODAY - DAYS + 1 + place
            # A walk without a random generator: every run builds the same file.
            level += ((metric * 7919 + place * 104_729) % 1000) / 500 - 0.97
            yield metric, day, day + 1, round(level, 2), f"{level:.2f}", txn
