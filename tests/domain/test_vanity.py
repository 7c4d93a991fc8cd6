"""The vanity test: both halves have to be shown, and noise is no proof of anything."""

from __future__ import annotations

import math
from random import Random

import pytest

from kpitui.domain.vanity import trend, vanity


def rising(draw: Random, n: int, growth: float = 0.01, spread: float = 0.03) -> list[float]:
    return [1000 * math.exp(growth * at + draw.gauss(0, spread)) for at in range(n)]


def flat(draw: Random, n: int, spread: float = 0.02) -> list[float]:
    return [200 * math.exp(draw.gauss(0, spread)) for _ in range(n)]


def test_a_climb_beside_a_flat_outcome_is_vanity() -> None:
    draw = Random(1)
    found = vanity(rising(draw, 52), flat(draw, 52))
    assert found.verdict == "vanity"
    assert found.metric is not None and found.outcome is not None
    assert found.metric.share == pytest.approx(math.exp(0.51) - 1, rel=0.1)
    assert abs(found.outcome.share) < 0.05


def test_a_driver_is_none_even_when_it_works_late_and_weakly() -> None:
    draw = Random(2)
    metric = rising(draw, 54)
    outcome = [100 * (metric[at] / 1000) ** 0.5 * math.exp(draw.gauss(0, 0.03)) for at in range(52)]
    assert vanity(metric[2:], outcome).verdict == "moved"
    weak = [200 * math.exp(0.08 * at / 51 + draw.gauss(0, 0.02)) for at in range(52)]
    assert vanity(rising(draw, 52), weak).verdict == "moved"


def test_a_noisy_outcome_is_not_called_flat() -> None:
    draw = Random(3)
    found = [vanity(rising(draw, 52), flat(draw, 52, spread=0.12)).verdict for _ in range(30)]
    assert found.count("vanity") <= 4 and found.count("unclear") >= 15


def test_what_does_not_rise_is_none() -> None:
    draw = Random(4)
    assert vanity(flat(draw, 52), flat(draw, 52)).verdict == "steady"
    assert vanity(rising(draw, 52, growth=-0.01), flat(draw, 52)).verdict == "steady"
    assert vanity(rising(draw, 52, growth=0.001, spread=0.001), flat(draw, 52)).verdict == "steady", "5 % is too little"


def test_with_few_values_or_gaps_nothing_is_said() -> None:
    draw = Random(5)
    metric: list[float | None] = list(rising(draw, 40))
    outcome: list[float | None] = list(flat(draw, 40))
    metric[::2] = [None] * 20
    assert vanity(metric, outcome).verdict == "unclear"
    assert vanity(metric, outcome).metric is None
    assert vanity([5.0] * 30, [0.0] * 30).verdict == "unclear", "an outcome that is always 0 has no level"


def test_gaps_are_left_out_and_keep_their_place() -> None:
    places = [0, 1, 2, 5, 6, 9]
    found = trend(places, [10.0 * math.exp(0.1 * at) for at in places])
    assert found is not None and found.logged
    assert found.change == pytest.approx(0.9) and found.error == pytest.approx(0.0, abs=1e-12)
    falling = trend(places, [-3.0 - at for at in places])
    assert falling is not None and not falling.logged and falling.change < 0


def test_scale_does_not_matter() -> None:
    draw = Random(6)
    metric, outcome = rising(draw, 30), flat(draw, 30)
    one, other = vanity(metric, outcome), vanity([7 * value for value in metric], [value / 9 for value in outcome])
    assert one.verdict == other.verdict
    assert one.metric is not None and other.metric is not None
    assert one.metric.change == pytest.approx(other.metric.change)
    assert one.metric.error == pytest.approx(other.metric.error)


def test_neighbours_that_depend_on_each_other_widen_the_error() -> None:
    """The fixed figure of a line by hand: Bartlett's weights over 1.3 sqrt(n) lags."""
    values = [3.0, 1.0, 2.0, 2.0]
    n, lags = 4, 2
    at = [-1.5, -0.5, 0.5, 1.5]
    slope = sum(x * y for x, y in zip(at, values, strict=True)) / 5
    scores = [x * (y - 2 - slope * x) for x, y in zip(at, values, strict=True)]
    spread = sum(s * s for s in scores)
    for lag, weight in ((1, 2 / 3), (2, 1 / 3)):
        spread += 2 * weight * sum(scores[i] * scores[i - lag] for i in range(lag, n))
    assert lags == int(1.3 * math.sqrt(n))
    shifted = [value - 2.5 for value in values]
    found = trend(range(4), shifted)
    assert found is not None and not found.logged
    size = sum(map(abs, shifted)) / 4
    assert found.change == pytest.approx(3 * slope / size)
    assert found.error == pytest.approx(3 * math.sqrt(max(spread, 0) * n / (n - 2)) / 5 / size)
