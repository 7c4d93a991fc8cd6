"""Leading indicators: the published series, what must not be found, and how findings are thinned out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random

import pytest

from kpitui.domain.leading import (
    ENOUGH,
    autoregression,
    correlations,
    discoveries,
    innovations,
    link,
    longest_run,
)
from kpitui.domain.student import normal_quantile


def walk(draw: Random, steps: list[float]) -> list[float]:
    level, out = 0.0, []
    for step in steps:
        level += step
        out.append(level)
    return out


def noise(draw: Random, n: int) -> list[float]:
    return [draw.gauss(0, 1) for _ in range(n)]


def coupled(seed: int, n: int, lag: int, r: float) -> tuple[list[float], list[float]]:
    """A random walk, and one whose steps follow it `lag` periods later with correlation `r`."""
    draw = Random(seed)
    early = noise(draw, n + lag)
    late = [r * early[at] + math.sqrt(1 - r * r) * draw.gauss(0, 1) for at in range(n)]
    return walk(draw, early[lag:]), walk(draw, late)


def test_series_m_of_box_and_jenkins_leads_by_three_periods(reference: Path) -> None:
    known = json.loads((reference / "leading_indicator.json").read_text())["BJsales"]
    early, late = innovations(known["leading_indicator"], 1), innovations(known["sales"], 1)
    assert early is not None and late is not None
    found = link(early, late, 8)
    assert found is not None and found.ahead
    assert found.lag == known["published"]["lead_periods"] == 3
    # With both sides prewhitened: 0.95 there, and every other one below 0.15, the other way round too.
    assert found.r == pytest.approx(0.95, abs=0.01)
    others = [r for lag, r in enumerate(found.correlations) if lag != 3] + correlations(late, early, range(9))
    assert max(map(abs, others)) < 0.15
    assert abs(found.reverse) < 0.15 and found.n == 150
    back = link(late, early, 8)
    assert back is not None and not back.ahead


def test_a_link_is_found_with_its_lag_and_its_direction() -> None:
    for seed, r in ((1, 0.8), (2, -0.8)):
        early, late = (innovations(side, 1) for side in coupled(seed, 80, 2, r))
        assert early is not None and late is not None
        found = link(early, late, 6)
        assert found is not None and found.ahead and found.lag == 2 and found.r * r > 0
        other = link(late, early, 6)
        assert other is not None and not other.ahead


@pytest.mark.parametrize("kind", ["noise", "walk", "trend", "season"])
def test_series_that_have_nothing_to_do_with_each_other_are_seldom_linked(kind: str) -> None:
    draw = Random(f"leading {kind}")

    def series() -> list[float]:
        own = noise(draw, 84)
        if kind == "walk":
            return walk(draw, own)
        if kind == "trend":
            return [100 + at / 2 + 3 * one for at, one in enumerate(own)]
        if kind == "season":
            turn = draw.uniform(0, math.tau)
            return [100 + 20 * math.sin(math.tau * at / 12 + turn) + 3 * one for at, one in enumerate(own)]
        return own

    found = 0
    for _ in range(100):
        sides = [innovations(series(), 12 if kind == "season" else 1) for _ in range(2)]
        one = link(sides[0], sides[1], 6) if sides[0] and sides[1] else None
        assert one is not None
        found += one.ahead
    # Raw correlations find 32 to 100 of 100; what is expected here is 3 to 9.
    assert found <= 14


def test_a_common_season_is_no_link() -> None:
    draw = Random(12)
    course = [100 + 60 * (at % 12 == 11) - 30 * (at % 12 == 7) for at in range(72)]
    early = [one + draw.gauss(0, 2) for one in course]
    late = [50 + course[at - 2] / 3 + draw.gauss(0, 2) for at in range(72)]
    with_season = [innovations(side, 1) for side in (early, late)]
    without = [innovations(side, 12) for side in (early, late)]
    assert with_season[0] and with_season[1] and without[0] and without[1]
    assert without[0].season == 12
    raw, clean = link(with_season[0], with_season[1], 6), link(without[0], without[1], 6)
    assert raw is not None and clean is not None
    assert raw.ahead and not clean.ahead


def test_too_few_values_gaps_and_constants_say_nothing() -> None:
    draw = Random(3)
    assert innovations(noise(draw, ENOUGH - 1), 1) is None
    assert innovations([7.0] * 60, 1) is None
    assert innovations([0.1 * at for at in range(60)], 1) is None, "a straight line has no changes to go along with"
    gap: list[float | None] = [*noise(draw, 30), None, *noise(draw, 30)]
    assert innovations(gap, 1) is None
    early = innovations([*noise(draw, 50), *[None] * 50], 1)
    late = innovations([*[None] * 50, *noise(draw, 50)], 1)
    assert early is not None and late is not None and late.begin == 50
    assert link(early, late, 6) is None, "they share no period"
    assert innovations([*noise(draw, 50), math.inf, math.nan], 1) is not None


def test_scale_and_shift_change_nothing() -> None:
    early, late = coupled(5, 60, 3, 0.7)
    one, other = innovations(early, 1), innovations(late, 1)
    scaled = innovations([-1000 + 250 * value for value in late], 1)
    assert one and other and scaled
    a, b = link(one, other, 6), link(one, scaled, 6)
    assert a is not None and b is not None
    assert b.correlations == pytest.approx(a.correlations)


def test_the_longest_run_and_the_latest_of_equal_ones() -> None:
    assert longest_run([1, None, 2, 3, None, 4, 5]) == (5, [4, 5])
    assert longest_run([None]) == (0, [])
    assert longest_run([1, 2, 3, None, 4]) == (0, [1, 2, 3])


def test_the_order_of_an_autoregression_is_found() -> None:
    draw, values = Random(9), [0.0, 0.0]
    for _ in range(600):
        values.append(0.5 * values[-1] + 0.3 * values[-2] + draw.gauss(0, 1))
    mean = math.fsum(values) / len(values)
    weights = autoregression([value - mean for value in values])
    assert len(weights) >= 2 and weights[:2] == pytest.approx([0.5, 0.3], abs=0.1)
    assert autoregression([0.0] * 40) == []


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    # Benjamini & Hochberg (1995), section 3.2: fifteen p values, the first four are found at 0.05.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                 0.4262, 0.5719, 0.6528, 0.7590, 1.0]  # fmt: skip
    assert discoveries(published) == [True] * 4 + [False] * 11
    assert discoveries([1.0, 0.0001, 0.5]) == [False, True, False]
    assert discoveries([]) == []


def test_the_normal_quantile() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-12)
    assert normal_quantile(0.5) == pytest.approx(0.0, abs=1e-12)
    assert normal_quantile(0.01) == pytest.approx(-2.3263478740408408, abs=1e-12)
    with pytest.raises(ValueError):
        normal_quantile(1.0)
