"""Leading indicators and vanity: how often nothing is called a lead, and how often a real one is missed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from benchmarks.row import Row
from kpitui.domain.leading import innovations, link
from kpitui.domain.vanity import vanity

PAIRS = 600
LAGS = 6

Series = list[float]
Maker = Callable[[random.Random, int], Series]


def measure() -> list[Row]:
    return [*false_leads(), *missed_leads(), *vanities()]


def noise(draw: random.Random, n: int, sd: float = 1.0) -> Series:
    return [draw.gauss(0, sd) for _ in range(n)]


def remembering(phi: float, drift: float = 0.0) -> Maker:
    """x_t = phi x_{t-1} + drift + noise; phi 1 is a random walk."""

    def make(draw: random.Random, n: int) -> Series:
        level, out = 0.0, []
        for shock in noise(draw, n + 50):
            level = phi * level + shock + drift
            out.append(level)
        return out[50:]

    return make


def growing(draw: random.Random, n: int) -> Series:
    return [100 + t / 2 + shock for t, shock in enumerate(noise(draw, n, 3))]


def seasonal(draw: random.Random, n: int) -> Series:
    turn = draw.uniform(0, math.tau)
    return [100 + 20 * math.sin(math.tau * t / 12 + turn) + shock for t, shock in enumerate(noise(draw, n, 3))]


def false_leads() -> list[Row]:
    """Independent pairs of 60 and 104 periods in which one is said to go ahead: raw correlations say 32 to 100 %."""
    kinds: tuple[tuple[str, Maker, int], ...] = (
        ("noise", lambda draw, n: noise(draw, n), 1),
        ("memory of 0.7", remembering(0.7), 1),
        ("random walks", remembering(1.0), 1),
        ("growth", growing, 1),
        ("seasons", seasonal, 12),
    )
    rows = []
    for name, make, season in kinds:
        draw, found = random.Random(f"leads {name}"), {60: 0, 104: 0}
        for n in found:
            for _ in range(PAIRS):
                one, other = innovations(make(draw, n), season), innovations(make(draw, n), season)
                assert one is not None and other is not None
                pair = link(one, other, LAGS)
                found[n] += pair is not None and pair.ahead
        shares = {n: 100 * count / PAIRS for n, count in found.items()}
        told = ", ".join(f"n = {n} {share:.0f} %" for n, share in shares.items())
        rows.append(Row(f"false leads, {name}", max(shares.values()), 9.0, "%", told))
    return rows


def missed_leads() -> list[Row]:
    """A lead of three periods with r = 0.5 between the steps of two random walks."""
    rows = []
    for n, bound in ((36, 66.0), (60, 25.0), (104, 5.0)):
        draw, found = random.Random(f"power {n}"), 0
        for _ in range(PAIRS):
            early = noise(draw, n + 3)
            late = [0.5 * early[t] + math.sqrt(0.75) * draw.gauss(0, 1) for t in range(n)]
            one, other = innovations(summed(early[3:]), 1), innovations(summed(late), 1)
            assert one is not None and other is not None
            pair = link(one, other, LAGS)
            found += pair is not None and pair.ahead and pair.lag == 3
        rows.append(Row(f"leads of r = 0.5 missed, n = {n}", 100 * (1 - found / PAIRS), bound, "%"))
    return rows


def summed(steps: Series) -> Series:
    level, out = 0.0, []
    for step in steps:
        level += step
        out.append(level)
    return out


def vanities() -> list[Row]:
    """The vanity test on metrics that climb by half a year's doubling rate, beside outcomes of five kinds."""

    def climbing(draw: random.Random, n: int) -> Series:
        return [1000 * math.exp(0.01 * t + shock) for t, shock in enumerate(noise(draw, n, 0.05))]

    def flat(sd: float, growth: float = 0.0) -> Callable[[random.Random, int, Series], Series]:
        return lambda draw, n, metric: [
            200 * math.exp(math.log1p(growth) * t / (n - 1) + shock) for t, shock in enumerate(noise(draw, n, sd))
        ]

    def driven(draw: random.Random, n: int, metric: Series) -> Series:
        return [100 * (metric[max(t - 2, 0)] / 1000) ** 0.5 * math.exp(draw.gauss(0, 0.03)) for t in range(n)]

    def called(name: str, n: int, make: Callable[[random.Random, int, Series], Series]) -> float:
        draw, found = random.Random(f"vanity {name} {n}"), 0
        for _ in range(PAIRS):
            metric = climbing(draw, n)
            found += vanity(metric, make(draw, n, metric)).verdict == "vanity"
        return 100 * found / PAIRS

    return [
        Row("vanity missed, n = 52", 100 - called("flat", 52, flat(0.03)), 8.0, "%"),
        Row("vanity missed, n = 26", 100 - called("flat", 26, flat(0.03)), 28.0, "%"),
        Row("a driver called vanity", called("driver", 52, driven), 0.5, "%", "elasticity 0.5, two periods late"),
        Row("a weak driver called vanity", called("weak", 52, flat(0.03, 0.08)), 1.5, "%", "KPI + 8 %"),
        Row("beside a noisy KPI called vanity", called("noisy", 52, flat(0.10)), 6.0, "%", "sd 10 %"),
    ]
