"""What `--size large` adds: 500 metrics of 20 regions, each with ten years of daily values under a weekly cadence."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from kpitui.domain.model import Goal, Kpi, Metric, Scope
from kpitui.domain.periods import to_date
from kpitui.services.demo.numbers import season, weekday
from kpitui.storage import definitions, points
from kpitui.storage.store import Store

DAYS = 3652
"""Ten years."""
REGIONS = (
    "Vienna", "Graz", "Linz", "Salzburg", "Berlin", "Hamburg", "Munich", "Zurich", "Geneva", "Milan",
    "Turin", "Prague", "Brno", "Warsaw", "Gdansk", "Lyon", "Paris", "Lisbon", "Porto", "Madrid",
)  # fmt: skip
MEASURES: tuple[tuple[str, float, str, str], ...] = (
    ("Visits", 2400, "number", "leading"),
    ("Visits from search", 1300, "number", "leading"),
    ("Visits from ads", 420, "number", "leading"),
    ("Visits from mail", 260, "number", "leading"),
    ("Sign-ups", 96, "number", "leading"),
    ("Trials", 61, "number", "leading"),
    ("Demos", 14, "number", "leading"),
    ("Calls", 130, "number", "leading"),
    ("Mails sent", 900, "number", "leading"),
    ("Offers", 22, "number", "leading"),
    ("Orders", 38, "number", "lagging"),
    ("Revenue", 5200, "currency", "lagging"),
    ("Revenue from new customers", 1400, "currency", "lagging"),
    ("Refunds", 180, "currency", "lagging"),
    ("Ad spend", 610, "currency", "leading"),
    ("Deliveries", 41, "number", "lagging"),
    ("Returns", 5, "number", "lagging"),
    ("Tickets", 74, "number", "lagging"),
    ("Tickets solved", 71, "number", "lagging"),
    ("Complaints", 6, "number", "lagging"),
    ("Hours on the phone", 33, "number", "leading"),
    ("Hours of training", 4, "number", "leading"),
    ("Log-ins", 1800, "number", "leading"),
    ("Projects opened", 210, "number", "leading"),
    ("Invoices sent", 47, "number", "lagging"),
)
"""Name, level of a day, unit, leading or lagging."""
WORSE_UP = ("Refunds", "Ad spend", "Returns", "Tickets", "Complaints")
KPIS = ("Revenue", "Orders", "Trials")
"""What the regions aim at."""


def add(store: Store, seed: int, today: int) -> None:
    """Adds the regions' metrics, KPIs and 1.8 million values, as two changes."""
    ids = define(store, today)
    with store.write("import", summary="imported regions.csv") as tx:
        counts = points.save_many(tx, rows(seed, today, ids))
        tx.note("import", "point", None, "regions.csv", None, {"new": counts.new})


def define(store: Store, today: int) -> list[tuple[int, float]]:
    """Sets the regions up and gives the metrics' numbers with the level of a day."""
    org = definitions.find(store, Scope, slug="org")
    goal = definitions.find(store, Goal, slug=f"arr_{to_date(today).year}")
    assert org and goal
    found: list[tuple[int, float]] = []
    with store.write("model.apply", why="the regions") as tx:
        for region in REGIONS:
            place = region.lower()
            scope = definitions.add(tx, Scope(slug=f"region_{place}", name=region, parent_id=org.id, owner="cy"))
            for name, level, unit, timing in MEASURES:
                slug = f"{name.lower().replace(' ', '_').replace('-', '_')}_{place}"
                metric = definitions.add(
                    tx,
                    Metric(
                        slug=slug,
                        name=f"{name}, {region}",
                        unit="currency" if unit == "currency" else "number",
                        decimals=0,
                        kind="flow",
                        cadence="week",
                        direction="down" if name in WORSE_UP else "up",
                        timing="leading" if timing == "leading" else "lagging",
                        scope_id=scope.id,
                        owner="cy",
                        source="Shop, every night",
                        hard_min=0.0,
                        grace_days=4,
                        position=float(len(found) + 100),
                    ),
                )
                found.append((metric.id, level))
                if name in KPIS:
                    definitions.add(
                        tx,
                        Kpi(
                            metric_id=metric.id,
                            scope_id=scope.id,
                            goal_id=goal.id,
                            state="live",
                            target_kind="at_least",
                            target=float(round(level * 7 * 0.93)),
                            start=goal.start,
                            deadline=goal.deadline,
                            owner="cy",
                            position=float(len(found) + 100),
                        ),
                    )
    return found


def rows(seed: int, today: int, ids: list[tuple[int, float]]) -> Iterator[points.ImportRow]:
    """Ten years of every metric, sorted by metric and day: growth, the seasons, the weekend and noise."""
    days = range(today - DAYS, today)
    shape = [
        (day, day + 1, (0.45 + 0.55 * at / DAYS) * season(day) * (1.0 if weekday(day) < 5 else 0.7))
        for at, day in enumerate(days)
    ]
    for number, level in ids:
        random = Random(f"kpitui demo {seed} region {number}").random
        high = level * 1.08
        noise = level * 0.3 / 1.08
        for start, end, part in shape:
            yield number, start, end, float(math.floor(part * (high - noise * random()))), None, None, 0, 0
