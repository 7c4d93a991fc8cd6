"""Long seasons: a smooth year in weeks is found, walks and waves that neighbours make are not taken for one."""

from __future__ import annotations

import math
from random import Random

import pytest

from kpitui.domain.forecast import fit
from kpitui.domain.season import LONG, repeats, wave

YEAR = 365.2425 / 7


def year(draw: Random, n: int, height: float, drift: float = 0.0) -> list[float]:
    return [50 + height * math.sin(2 * math.pi * week / YEAR) + drift * week + draw.gauss(0, 1) for week in range(n)]


def walk(draw: Random, n: int, keep: float) -> list[float]:
    out = [0.0]
    for _ in range(n - 1):
        out.append(keep * out[-1] + draw.gauss(0, 1))
    return out


@pytest.mark.parametrize(("height", "drift"), [(1.5, 0.0), (6.0, 0.0), (3.0, 0.2), (3.0, -0.2)])
def test_a_smooth_year_is_found_in_weeks_from_three_of_them_on(height: float, drift: float) -> None:
    draw = Random(4)
    beside = [[value - drift * at for at, value in enumerate(year(draw, n, height, drift))] for n in (156, 175, 240)]
    assert all(repeats(values, 52) for values in beside)
    assert all(wave(year(draw, n, height, drift), 52) for n in (156, 175, 240))
    assert not repeats(year(draw, 155, height), 52)


def test_noise_and_walks_are_hardly_ever_taken_for_a_year() -> None:
    draw = Random(5)
    assert sum(wave([draw.gauss(0, 1) for _ in range(170)], 52) for _ in range(40)) == 0
    assert sum(wave(walk(draw, 170, 1.0), 52) for _ in range(60)) <= 5
    assert sum(wave(walk(draw, 170, 0.7), 52) for _ in range(60)) <= 3


def test_neither_scale_nor_shift_decides_and_a_line_or_a_level_is_no_wave() -> None:
    draw = Random(6)
    for values in (year(draw, 170, 2.0), walk(draw, 170, 0.9)):
        for times, plus in ((1e-6, 0.0), (1e6, 0.0), (1.0, 1e6)):
            assert wave([value * times + plus for value in values], 52) == wave(values, 52)
    assert not wave([3.0] * 170, 52) and not wave([0.1 * week for week in range(170)], 52)
    assert wave([math.sin(2 * math.pi * week / 52) for week in range(170)], 52)


def test_months_are_looked_at_alike_and_days_and_quarters_by_the_test_of_the_theta_method_alone() -> None:
    draw = Random(8)
    months = [30 + 4 * math.sin(2 * math.pi * month / 12) + draw.gauss(0, 1) for month in range(36)]
    assert repeats(months, 12) and not repeats(months[:35], 12)
    days = [math.sin(2 * math.pi * day / 7) for day in range(21)]
    assert 7 < LONG and not repeats(days, 7) and wave(days, 7)


def test_a_forecast_of_weeks_follows_the_year() -> None:
    values = year(Random(7), 186, 6.0)
    model = fit(values[:160], 52, 26)
    assert model is not None and model.season is not None
    ahead = [one * model.season.at(160 + place) for place, one in enumerate(model.means)]
    assert sum(abs(one - value) for one, value in zip(ahead, values[160:], strict=True)) / 26 < 1.6
