"""Forecasts and chances: what a fit costs, how well they do on real series, and whether stated chances come true."""

from __future__ import annotations

import csv
import gc
import math
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks import big_workspace as big
from benchmarks.row import Row
from benchmarks.world import World
from kpitui.domain import smoothing
from kpitui.domain.chance import at_least, of_total, total_at_least
from kpitui.domain.figures import show_chance
from kpitui.domain.forecast import fit, forecast
from kpitui.services.overview import scorecard
from kpitui.storage.store import Store

REAL = Path(__file__).parents[2] / "shared" / "reference" / "real"
RUNS = 31
SIMULATIONS = 700
BINS = 5


def measure(world: World) -> list[Row]:
    return [*speed(), *judged(world), *accuracy(), *calibration()]


# ---- speed ---------------------------------------------------------------------------------------------------------


def monthly() -> list[float]:
    draw = random.Random(120)
    return [100 + t + 20 * math.sin(math.pi * t / 6) + draw.gauss(0, 4) for t in range(120)]


def clocked(work: Callable[[], object], times: int = 20) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begun) / times


def speed() -> list[Row]:
    values = monthly()

    def plain() -> float:
        total = 0.0
        for value in values:
            total += value
        return total

    theta = median(clocked(lambda: smoothing.theta(values)) for _ in range(RUNS)) * 1000
    loop = median(clocked(plain, 200) for _ in range(RUNS)) * 1000
    whole = median(clocked(lambda: forecast(values, 12, 6), 5) for _ in range(RUNS)) * 1000
    return [
        Row("one Theta fit, 120 months", theta, 3.0, "ms", f"{theta / loop:.0f} × a plain loop over the data"),
        Row("one whole forecast, 120 months", whole, 5.0, "ms", "season test, three methods, bands"),
    ]


def judged(world: World) -> list[Row]:
    """500 KPIs with status, signal and chance: the first time, then from what is kept while nothing changes."""
    with big.build(world.folder / "judged.db") as store:
        first, again = [], []
        for _ in range(3):
            store.kept.clear()
            first.append(seen(store))
            again.append(seen(store))
    return [
        Row("500 KPIs judged at first sight", median(first), 2.0, "s", "of the processor, definitions and points read"),
        Row("500 KPIs judged again", median(again) * 1000, 50.0, "ms", "from the cache, nothing changed"),
    ]


def seen(store: Store) -> float:
    gc.collect()
    begun = time.process_time()
    card = scorecard(store, big.TODAY)
    took = time.process_time() - begun
    assert len(card.kpis) == big.KPIS and all(row.chance is not None for row in card.kpis)
    return took


# ---- accuracy ------------------------------------------------------------------------------------------------------


def real_series() -> Iterator[tuple[str, int, int, int, list[list[float]]]]:
    """(name, season, horizon, first origin, series) of the published series; none where their folder is not."""
    quarterly = REAL / "accommodation_quarterly_long.csv"
    if quarterly.is_file():
        for column in ("Takings", "Occupancy"):
            states: dict[str, list[float]] = {}
            with quarterly.open() as file:
                for row in csv.DictReader(file):
                    states.setdefault(row["State"], []).append(float(row[column]))
            yield f"{column.lower()}, quarterly", 4, 4, 32, list(states.values())
    months = REAL / "insurance_monthly_wide.csv"
    if months.is_file():
        with months.open() as file:
            rows = list(csv.DictReader(file))
        yield "insurance, monthly", 12, 6, 24, [[float(row[name]) for row in rows] for name in ("Quotes", "TVadverts")]


def accuracy() -> list[Row]:
    """Rolling origins; MASE is the error over the mean in-sample change from season to season."""
    found = []
    for name, season, horizon, begin, group in real_series():
        ours, naive, in80, in95 = [], [], [], []
        for values in group:
            for origin in range(begin, len(values) - horizon + 1):
                points = forecast(values[:origin], season, horizon).points
                scale = math.fsum(abs(values[t] - values[t - season]) for t in range(season, origin))
                scale /= origin - season
                for h, one in enumerate(points):
                    real = values[origin + h]
                    ours.append(abs(real - one.mean) / scale)
                    naive.append(abs(real - values[origin + h - season * (h // season + 1)]) / scale)
                    in80.append(one.low80 <= real <= one.high80)
                    in95.append(one.low95 <= real <= one.high95)
        mase, peer = (math.fsum(errors) / len(errors) for errors in (ours, naive))
        held = f"80 % band holds {share(in80)}, 95 % {share(in95)}, {len(ours)} forecasts"
        found.append(
            Row(f"MASE, {name}", mase / peer, 1.0, "×", f"{mase:.2f}, seasonal naive {peer:.2f}; {held}"),
        )
    return found


def share(hits: list[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.0f} %"


# ---- calibration ---------------------------------------------------------------------------------------------------


def calibration() -> list[Row]:
    """Stated chances against how often they came true, in five bins, for processes that nobody tells the methods of."""
    return [
        binned("a total of counts, 13 weeks", totals()),
        binned("a level, 8 periods ahead", levels()),
        binned("a sum of 6 periods", sums()),
    ]


def binned(name: str, cases: Iterator[tuple[float, bool]]) -> Row:
    """The distance of stated and observed over all cases, and both by bins of the stated chance."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for chance, came in cases:
        bins[min(int(chance * BINS), BINS - 1)].append((chance, came))
    apart, told, count = 0.0, [], sum(map(len, bins))
    for some in bins:
        if some:
            stated = math.fsum(chance for chance, _ in some) / len(some)
            observed = sum(came for _, came in some) / len(some)
            apart += abs(stated - observed) * len(some) / count
            told.append(f"{show_chance(stated)} {100 * observed:.0f}%")
    return Row(f"chances off, {name}", apart * 100, 10.0, "pp", f"stated, observed: {'; '.join(told)}")


def totals() -> Iterator[tuple[float, bool]]:
    """500 in 13 weeks, the true pace around the needed one, counts three times as scattered as Poisson's."""
    draw = random.Random(13)
    for _ in range(SIMULATIONS * 3):
        rate = 500 / 13 * draw.uniform(0.8, 1.2)
        weeks = [float(round(draw.gammavariate(rate / 2, 2) + draw.gauss(0, math.sqrt(rate)))) for _ in range(13)]
        weeks = [max(week, 0.0) for week in weeks]
        after = draw.choice((3, 6, 9))
        yield of_total(weeks[:after], 500, 13 - after, counts=True), math.fsum(weeks) >= 500


def walks(draw: random.Random, count: int) -> list[float]:
    """A level that moves a little for good and a lot for once; every third with a drift."""
    level, drift, stay = 100.0, draw.choice((0.0, 0.0, draw.gauss(0, 0.6))), draw.uniform(0.0, 1.0)
    out = []
    for _ in range(count):
        shock = draw.gauss(0, 3)
        out.append(level + shock)
        level += drift + stay * shock
    return out


def levels() -> Iterator[tuple[float, bool]]:
    draw = random.Random(8)
    for _ in range(SIMULATIONS):
        values = walks(draw, 44)
        model = fit(values[:36], 1, 8)
        assert model is not None
        bound = values[35] + draw.gauss(0, 6)
        yield at_least(model, 8, bound), values[43] >= bound


def sums() -> Iterator[tuple[float, bool]]:
    draw = random.Random(6)
    for _ in range(SIMULATIONS):
        values = walks(draw, 42)
        model = fit(values[:36], 1, 6)
        assert model is not None
        bound = 6 * values[35] + draw.gauss(0, 25)
        yield total_at_least(model, 6, bound, "bench"), math.fsum(values[36:]) >= bound
