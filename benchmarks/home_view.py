"""Home's view of 500 KPIs, 26 periods each, from ten years of daily points, against the queries that fetch its rows.

All run in this process on an open store, in turn: the floor is what any program that keeps nothing would have to read.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from benchmarks import big_workspace as big
from benchmarks.row import Row
from benchmarks.world import World, alternated
from kpitui.domain.periods import Calendar, last_spans
from kpitui.services.overview import home
from kpitui.storage import points
from kpitui.storage.store import Store

RUNS = 7
TABLES = ("setting", "scope", "metric", "goal", "kpi", "target", "driver", "action", "review")


def measure(world: World) -> list[Row]:
    with big.build(world.folder / "weekly.db") as store:
        ours, floor = alternated(lambda: timed(anew, store), lambda: timed(plain, store), RUNS)
        saved, other = alternated(lambda: timed(view, store, before=save), lambda: timed(plain, store), RUNS)
    return [
        Row("Home's view of 500 KPIs", ours / floor, 3.0, "×", said(ours, floor)),
        Row("the same after one value is saved", saved / other, 1.5, "×", said(saved, other)),
    ]


def said(ours: float, floor: float) -> str:
    return f"{ours * 1000:.0f} ms, the queries {floor * 1000:.0f} ms"


def timed(work: Callable[[Store], None], store: Store, *, before: Callable[[Store], None] | None = None) -> float:
    if before is not None:
        before(store)
    gc.collect()
    begun = time.perf_counter()
    work(store)
    return time.perf_counter() - begun


def anew(store: Store) -> None:
    """Set-up and points are read anew, as when a definition was changed; verdicts and chances of metrics that are as
    they were are still true (at first sight they are judged, too: `judged` in benchmarks/forecast.py)."""
    for what in ("book", "cells"):
        store.kept.pop(what, None)
    view(store)


def view(store: Store) -> None:
    found = home(store, big.TODAY)
    assert len(found.card.kpis) == big.KPIS and all(len(row.series) == 26 for row in found.card.kpis)


def save(store: Store) -> None:
    """Today's value of one metric, by somebody: all that is read anew after it is the set-up and this metric."""
    metric, value = store.rows("SELECT metric_id, value FROM point WHERE start = ? LIMIT 1", (big.TODAY,))[0]
    with store.write("record") as tx:
        points.save(tx, metric, "metric", big.TODAY, big.TODAY + 1, value=value + 1, entered=str(value + 1))


def plain(store: Store) -> None:
    """The same rows: the definitions, and the points of the 26 weeks of each metric."""
    first = last_spans("week", big.TODAY, 26, Calendar())[0].start
    for table in TABLES:
        store.rows(f"SELECT * FROM {table}")
    points = 'SELECT "start", "end", value FROM point WHERE metric_id = ? AND "start" >= ? AND "start" <= ?'
    fetched = 0
    for (metric,) in store.rows("SELECT id FROM metric"):
        fetched += len(store.rows(points, (metric, first, big.TODAY)))
    assert fetched >= big.KPIS * 25 * 7
