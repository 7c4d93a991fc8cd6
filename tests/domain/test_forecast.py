"""Season, smoothing, bands and courses: known answers, properties, and real series."""

from __future__ import annotations

import csv
import math
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain import season, smoothing
from kpitui.domain.forecast import fit, forecast, growth, usable
from kpitui.domain.forecast import seasonal as has_season
from kpitui.domain.paths import simulate

REAL = Path(__file__).parents[3] / "shared" / "reference" / "real"
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))


def noisy(n: int, seed: int = 3, level: float = 100.0, sd: float = 5.0) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(level, sd) for _ in range(n)]


def seasonal(n: int, length: int = 12, seed: int = 5) -> list[float]:
    draw = random.Random(seed)
    return [100 * (1 + 0.3 * math.sin(2 * math.pi * t / length)) + t + draw.gauss(0, 2) for t in range(n)]


# ---- season --------------------------------------------------------------------------------------------------------


def test_a_season_is_found_from_three_cycles_and_not_in_noise() -> None:
    assert season.repeats(seasonal(60), 12)
    assert not season.repeats(seasonal(35), 12)
    assert not season.repeats(seasonal(60), 1)
    false = sum(season.repeats(noisy(60, seed), 12) for seed in range(200))
    assert false <= 30  # about a tenth, by the 90 % bound of the test


def test_decomposition_gives_back_the_factors_a_series_was_made_with() -> None:
    factors = [0.8, 1.1, 1.3, 0.8]
    found = season.decompose([(50 + t) * factors[t % 4] for t in range(24)], 4)
    assert found.multiplied and found.factors == pytest.approx(factors, rel=0.01)
    assert math.fsum(found.factors) == pytest.approx(4)
    added = season.decompose([t + (-5, 0, 5)[t % 3] for t in range(18)], 3)
    assert not added.multiplied and added.factors == pytest.approx([-5, 0, 5])
    assert added.without([t + (-5, 0, 5)[t % 3] for t in range(18)]) == pytest.approx(list(range(18)))


# ---- smoothing -----------------------------------------------------------------------------------------------------


def test_simple_smoothing_by_hand() -> None:
    # One error of 10, after which any constant is as good as another for the level it leaves: 0.01 is tried first.
    assert smoothing.simple([10.0, 20.0]) == smoothing.Simple(0.01, 10.1, 100.0)
    # A single lasting step is followed best by the largest constant.
    assert smoothing.simple([0.0] * 5 + [10.0] * 15).alpha == 0.99


def test_every_fourth_constant_and_those_around_the_best_are_enough() -> None:
    for seed in range(30):
        values = seasonal(40, 9, seed) if seed % 2 else noisy(30, seed)
        best = min(smoothing.simple_with(values, alpha).squares for alpha in smoothing.ALPHAS)
        assert smoothing.simple(values).squares <= best * 1.001


def test_theta_runs_along_half_the_slope() -> None:
    found = smoothing.theta([10.0, 12.0, 14.0, 16.0])
    assert found.slope == pytest.approx(2.0)
    alpha, first, second = found.simple.alpha, *found.ahead(2)
    assert first == pytest.approx(found.simple.level + (1 - (1 - alpha) ** 4) / alpha)
    assert second - first == pytest.approx(1.0)


def test_a_damped_trend_fades() -> None:
    found = smoothing.damped([float(t * 3) for t in range(20)])
    ahead = found.ahead(6)
    moves = [ahead[0] - found.level, *(b - a for a, b in pairwise(ahead))]
    assert moves == pytest.approx([found.trend * found.phi**h for h in range(1, 7)])


def test_going_along_the_grid_leaves_little_more_than_the_best_of_it() -> None:
    worse = []
    for seed in range(15):
        values = seasonal(40, 9, seed) if seed % 2 else noisy(30, seed)
        best = min(
            smoothing.damped_with(values, alpha, beta, phi).squares
            for alpha in smoothing.DAMPED_ALPHAS
            for beta in smoothing.DAMPED_BETAS
            for phi in smoothing.PHIS
        )
        worse.append(smoothing.damped(values, smoothing.simple(values).alpha).squares / best)
    assert sorted(worse)[len(worse) // 2] < 1.01 and max(worse) < 1.05


def test_a_short_series_that_wanders_is_hardly_followed() -> None:
    values = [39.0, 38.0, 39.0, 35.0, 17.0, 8.0, 21.0, 29.0, 24.0, 7.0, 6.0, 26.0]
    found = smoothing.damped(values, smoothing.simple(values).alpha)
    assert (found.alpha, found.beta) == (0.01, 0.01)


def test_errors_of_the_mean_of_three_are_its_one_step_errors() -> None:
    values = seasonal(20, 7)
    simple = smoothing.simple(values)
    theta, damped = smoothing.theta(values, simple), smoothing.damped(values, simple.alpha)
    level, squares = values[0], 0.0
    for t in range(1, len(values)):
        drift = theta.slope / 2 * (1 - (1 - simple.alpha) ** t) / simple.alpha
        trended = run_damped(values[:t], values, damped)
        squares += (values[t] - (level + level + drift + trended) / 3) ** 2
        level += simple.alpha * (values[t] - level)
    assert smoothing.errors_of_three(values, theta, damped) == pytest.approx(squares)


def test_the_errors_alone_are_those_of_level_and_trend() -> None:
    draw = random.Random(3)
    for n in (2, 3, 7, 60):
        values = [100 + draw.gauss(0, 3) + t for t in range(n)]
        changes, trend = smoothing.changes_of(values), smoothing.start_of_trend(values)
        for alpha, beta, phi in ((0.01, 0.5, 0.98), (0.4, 0.1, 0.8), (0.99, 0.3, 0.9)):
            bends = smoothing.bends_of(changes, trend, phi)
            assert smoothing.simple_squares(changes, alpha) == pytest.approx(
                smoothing.simple_with(values, alpha).squares
            )
            fitted = smoothing.damped_with(values, alpha, beta, phi)
            assert smoothing.damped_squares(bends, alpha, beta, phi) == pytest.approx(fitted.squares)


def run_damped(seen: list[float], whole: list[float], fitted: smoothing.Damped) -> float:
    """The one-step forecast after `seen`, with the trend the whole series begins with."""
    level, trend = seen[0], smoothing.start_of_trend(whole)
    for value in seen[1:]:
        ahead = level + fitted.phi * trend
        level = ahead + fitted.alpha * (value - ahead)
        trend = fitted.phi * trend + fitted.alpha * fitted.beta * (value - ahead)
    return level + fitted.phi * trend


# ---- forecasts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "length", "method"),
    [
        (noisy(5), 12, "none"),
        (noisy(6), 12, "simple smoothing"),
        (noisy(11), 12, "simple smoothing"),
        (noisy(12), 12, "mean of three"),
        ([10.0, 50, 20, 40, 15, 60, 12, 44, 18, 55, 11, 42] * 2, 12, "mean of three and last cycle"),
        (noisy(24), 12, "mean of three"),
        (seasonal(60), 12, "mean of three with season"),
        ([0.0, 3.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0], 1, "mean rate"),
    ],
)
def test_the_method_goes_by_the_history(values: list[float], length: int, method: str) -> None:
    found = forecast(values, length, 4)
    assert found.method == method
    assert len(found.points) == (0 if method == "none" else 4)


def test_bands_are_around_the_mean_and_widen() -> None:
    for values, length in ((noisy(10), 1), (seasonal(48), 12), (noisy(40), 12)):
        points = forecast(values, length, 8).points
        for one in points:
            assert one.low95 < one.low80 < one.mean < one.high80 < one.high95
        assert points[-1].high95 - points[-1].low95 > 0
    widths = [one.high80 - one.low80 for one in forecast(noisy(40), 1, 8).points]
    assert widths == sorted(widths)


def test_the_blended_band_by_hand() -> None:
    """alpha, level and errors are known: sd* = sqrt((sigma^2 (1 + (h-1) alpha^2) + h mean(d^2)) / 2), t with n - 3."""
    values = [10.0, 12.0, 9.0, 11.0, 10.0, 12.0, 9.0]
    simple = smoothing.simple(values)
    sigma2 = simple.squares / (7 - 1 - 1)
    step2 = (4 + 9 + 4 + 1 + 4 + 9) / 6
    third = forecast(values, 1, 3).points[2]
    spread = math.sqrt((sigma2 * (1 + 2 * simple.alpha**2) + 3 * step2) / 2)
    assert third.mean == pytest.approx(simple.level)
    assert third.high80 - third.mean == pytest.approx(1.533206 * spread, rel=1e-5)
    assert third.high95 - third.mean == pytest.approx(2.776445 * spread, rel=1e-5)


def test_a_season_comes_again() -> None:
    values = seasonal(60)
    points = forecast(values, 12, 12).points
    truth = [100 * (1 + 0.3 * math.sin(2 * math.pi * t / 12)) + t for t in range(60, 72)]
    for one, real in zip(points, truth, strict=True):
        assert one.mean == pytest.approx(real, rel=0.08)


def test_shares_stay_shares_and_counts_stay_above_zero() -> None:
    shares = [0.97, 0.96, 0.99, 0.98, 0.95, 0.985, 0.97, 0.992]
    for one in forecast(shares, 1, 6, share=True, floor=0.0, ceiling=1.0).points:
        assert 0 < one.low95 < one.mean < one.high95 < 1
    counts = [3.0, 1.0, 2.0, 5.0, 1.0, 0.0, 2.0, 4.0]
    assert forecast(counts, 1, 6, floor=0.0).points[5].low95 == 0.0
    assert forecast(counts, 1, 6).points[5].low95 < 0


def test_many_zeros_have_a_mean_rate_and_no_trend() -> None:
    found = forecast([0, 0, 4, 0, 0, 2, 0, 0], 1, 3)
    assert [one.mean for one in found.points] == pytest.approx([0.75] * 3)


def test_gaps_are_bridged_when_short_and_cut_when_long() -> None:
    assert usable([None, 1.0, None, 3.0, None]) == [1.0, 2.0, 3.0]
    assert usable([1.0, None, None, None, 9.0]) == pytest.approx([1, 3, 5, 7, 9])
    assert usable([1.0, None, None, None, None, 9.0, 8.0]) == [9.0, 8.0]
    assert usable([None, math.nan]) == []
    assert forecast([*noisy(8), None, None], 1, 2).points == forecast(noisy(8), 1, 2).points


def test_a_constant_series_stays_where_it_is() -> None:
    for one in forecast([7.0] * 20, 12, 3).points:
        assert tuple(one) == pytest.approx((7.0,) * 5)


@given(st.lists(numbers, min_size=6, max_size=40), st.floats(0.01, 100), numbers)
def test_the_forecast_goes_with_scale_and_shift(values: list[float], scale: float, shift: float) -> None:
    if sum(not value for value in values) or sum(not value * scale + shift for value in values):
        return
    plain = forecast(values, 1, 3).points
    moved = forecast([value * scale + shift for value in values], 1, 3).points
    size = max(abs(value) for value in values) * scale + abs(shift) + 1
    if plain and fitted_alike(values, scale, shift):
        for one, other in zip(plain, moved, strict=True):
            assert [value * scale + shift for value in one] == pytest.approx(list(other), abs=1e-5 * size)


def fitted_alike(values: list[float], scale: float, shift: float) -> bool:
    """Whether the same constants are the best of the grid, where ties may be broken the other way by the last bits, and
    errors grow with the values in both or in neither, which a shift decides."""
    one, other = fit(values, 1, 1), fit([value * scale + shift for value in values], 1, 1)
    return one is not None and other is not None and math.isclose(one.sigma * scale, other.sigma, rel_tol=1e-6)


# ---- courses -------------------------------------------------------------------------------------------------------


def test_courses_are_the_same_for_the_same_seed() -> None:
    model = fit(noisy(20), 1, 5)
    assert model is not None
    one, same, other = (list(simulate(model, 5, seed, 40)) for seed in ("7:20000", "7:20000", "7:20001"))
    assert one == same != other
    assert len(one) == 40 and all(len(course) == 5 for course in one)


def test_courses_scatter_around_the_mean_and_stop_at_the_floor() -> None:
    model = fit(noisy(20), 1, 3)
    assert model is not None
    ends = [course[-1] for course in simulate(model, 3, "a")]
    assert math.fsum(ends) / len(ends) == pytest.approx(model.means[2], abs=1e-6)  # mirrored
    low = fit([2.0, 1.0, 3.0, 1.0, 2.0, 4.0, 1.0, 2.0], 1, 6, floor=0.0)
    assert low is not None
    lowest = min(min(course) for course in simulate(low, 6, "a"))
    assert lowest == 0.0


# ---- real series ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not REAL.is_dir(), reason="the real series are not here")
def test_takings_are_foreseen_better_than_by_last_year() -> None:
    by_state: dict[str, list[float]] = {}
    with (REAL / "accommodation_quarterly_long.csv").open() as file:
        for row in csv.DictReader(file):
            by_state.setdefault(row["State"], []).append(float(row["Takings"]))
    ours, last_year, inside80, inside95 = [], [], [], []
    for values in by_state.values():
        for origin in range(40, len(values) - 4, 5):
            points = forecast(values[:origin], 4, 4).points
            scale = math.fsum(abs(values[t] - values[t - 4]) for t in range(4, origin)) / (origin - 4)
            for h, one in enumerate(points):
                real = values[origin + h]
                ours.append(abs(real - one.mean) / scale)
                last_year.append(abs(real - values[origin + h - 4]) / scale)
                inside80.append(one.low80 <= real <= one.high80)
                inside95.append(one.low95 <= real <= one.high95)
    assert len(by_state) == 8 and len(ours) > 150
    assert math.fsum(ours) < 0.9 * math.fsum(last_year)
    assert sum(inside80) / len(inside80) > 0.7 and sum(inside95) / len(inside95) > 0.88


def test_the_season_of_a_series_that_grows_is_found() -> None:
    draw = random.Random(5)
    course = [(100 + 4 * t) * (1 + 0.2 * math.sin(t * math.pi / 6)) + 3 * draw.gauss(0, 1) for t in range(54)]
    found = forecast(course[:48], 12, 6)
    assert found.method == "mean of three with season"
    for point, real in zip(found.points, course[48:], strict=True):
        assert abs(point.mean - real) < 0.08 * real
    # A straight line and noise have none.
    lines = [[100 + 4 * t + 3 * draw.gauss(0, 1) for t in range(48)] for _ in range(40)]
    assert sum(has_season(line, 12) for line in lines) <= 6


def test_errors_that_grow_with_the_values_widen_the_band() -> None:
    draw = random.Random(7)
    shocks = [draw.gauss(0, 1) for _ in range(60)]
    shares = [(100 + 4 * t) * (1 + 0.04 * shock) for t, shock in enumerate(shocks)]
    fixed = [100 + 4 * t + 8 * shock for t, shock in enumerate(shocks)]

    def factor(values: list[float]) -> float:
        step = math.sqrt(math.fsum((b - a) ** 2 for a, b in pairwise(values)) / 59)
        return growth(values, step, values[-1])

    assert 1.2 < factor(shares) < 2.0
    assert factor(fixed) == 1.0
    assert factor([5 * value for value in shares]) == pytest.approx(factor(shares))
    # Never narrower: a series that shrank keeps the spread of its whole history.
    assert factor(shares[::-1]) == 1.0
    assert factor([value - 500 for value in shares]) == 1.0


def test_the_bands_hold_what_they_say_on_real_growing_series(reference: Path) -> None:
    states: dict[str, list[float]] = {}
    with (reference / "real" / "accommodation_quarterly_long.csv").open() as file:
        for row in csv.DictReader(file):
            states.setdefault(row["State"], []).append(float(row["Takings"]))
    in80, in95 = [], []
    for values in states.values():
        for origin in range(32, len(values) - 3, 2):
            for point, real in zip(forecast(values[:origin], 4, 4).points, values[origin:], strict=False):
                in80.append(point.low80 <= real <= point.high80)
                in95.append(point.low95 <= real <= point.high95)
    assert 0.75 < sum(in80) / len(in80) < 0.88
    assert 0.90 < sum(in95) / len(in95) < 0.98
