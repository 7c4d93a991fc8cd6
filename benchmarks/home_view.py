"""Home's view of 500 KPIs, 26 periods each, from ten years of daily points, against the queries that fetch its rows.

Both run in this process on an open store, in turn: the floor is what any program would have to read.
"""

from __future__ import annotations

import gc
import time

from benchmarks import big_workspace as big
from benchmarks.row import Row
from benchmarks.world import World, alternated
from kpitui.domain.periods import Calendar, last_spans
from kpitui.services.overview import home
from kpitui.storage.store import Store

RUNS = 7
TABLES = ("setting", "scope", "metric", "goal", "kpi", "target", "driver", "action", "review")


def measure(world: World) -> list[Row]:
    with big.build(world.folder / "weekly.db") as store:
        ours, floor = alternated(lambda: timed(view, store), lambda: timed(plain, store), RUNS)
    rows = f"{ours * 1000:.0f} ms, the queries {floor * 1000:.0f} ms"
    return [Row("Home's view of 500 KPIs", ours / floor, 3.0, "×", rows)]


def timed(work: object, store: Store) -> float:
    assert callable(work)
    gc.collect()
    begun = time.perf_counter()
    work(store)
    return time.perf_counter() - begun


def view(store: Store) -> None:
    # As after a save of somebody's: set-up and points are read anew; verdicts and chances of metrics that are as they
    # were are still true (at first sight they are judged, too: `judged` in benchmarks/forecast.py).
    store.kept.pop("book", None)
    found = home(store, big.TODAY)
    assert len(found.card.kpis) == big.KPIS and all(len(row.series) == 26 for row in found.card.kpis)


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
