"""The chance of reaching a target: known answers, agreement of formula and simulation, and the status it gives."""

from __future__ import annotations

import math
import random

import pytest

from kpitui.domain import student
from kpitui.domain.chance import Outlook, Run, at_least, of_total, run, settled, total_at_least, word
from kpitui.domain.figures import show_chance
from kpitui.domain.forecast import Model, fit
from kpitui.domain.paths import simulate
from kpitui.domain.target import Aim


def noisy(n: int, seed: int = 3, level: float = 100.0, sd: float = 5.0) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(level, sd) for _ in range(n)]


def counted(draw: random.Random, mean: float) -> int:
    """A Poisson count, as the number of arrivals in a unit of time."""
    left, count = draw.expovariate(mean), 0
    while left <= 1:
        left, count = left + draw.expovariate(mean), count + 1
    return count


# ---- totals --------------------------------------------------------------------------------------------------------


def test_a_total_by_hand() -> None:
    """w = 4, L = 9, T = 500: need 500/13, m = (150 + 2 need) / 6, v = s^2, t with 5 degrees of freedom."""
    values = [30.0, 45.0, 35.0, 40.0]
    need = 500 / 13
    rate = (150 + 2 * need) / 6
    spread = math.sqrt((125 / 3) * (9 + 81 / 6))
    assert of_total(values, 500, 9) == pytest.approx(1 - student.cdf((350 - 9 * rate) / spread, 5))
    whole = math.sqrt(max(125 / 3, rate) * (9 + 81 / 6))
    assert of_total(values, 500, 9, counts=True) == pytest.approx(1 - student.cdf((349.5 - 9 * rate) / whole, 5))


def test_a_total_that_is_reached_or_over_is_certain() -> None:
    assert of_total([300.0, 300.0], 500, 3, counts=True) == 1.0
    assert of_total([100.0, 100.0], 500, 0) == 0.0
    assert of_total([0.0, 0.0, 0.0], 0.0, 4) == 1.0
    assert of_total([-40.0] * 4, -100, 2) > 0.99


@pytest.mark.parametrize(
    ("pace", "dispersion", "green_at_11", "red_at_8"),
    [(1.15, 1, 1.00, 0.00), (1.00, 1, 0.42, 0.33), (0.90, 1, 0.01, 0.91), (0.80, 1, 0.00, 1.00)],
)
def test_500_leads_in_13_weeks(pace: float, dispersion: int, green_at_11: float, red_at_8: float) -> None:
    """The published simulation: how often the status is green in week 11 and red in week 8."""
    draw, runs = random.Random(11), 300
    green = red = 0
    for _ in range(runs):
        weeks = [float(counted(draw, pace * 500 / 13)) for _ in range(11)]
        green += of_total(weeks, 500, 2, counts=True) >= 0.70
        red += of_total(weeks[:8], 500, 5, counts=True) < 0.30
    assert green / runs == pytest.approx(green_at_11, abs=0.08)
    assert red / runs == pytest.approx(red_at_8, abs=0.08)


# ---- values and sums to come ---------------------------------------------------------------------------------------


def by_courses(model: Model, periods: int, test: object) -> float:
    assert callable(test)
    courses = list(simulate(model, periods, "seed", 8000))
    return sum(bool(test(course)) for course in courses) / len(courses)


@pytest.mark.parametrize("values", [noisy(9), noisy(30), [100 * 1.02**t + (-3) ** (t % 3) for t in range(40)]])
def test_the_formula_gives_what_the_courses_do(values: list[float]) -> None:
    model = fit(values, 1, 6)
    assert model is not None
    for bound in (model.means[5] - 12, model.means[5], model.means[5] + 8):
        assert at_least(model, 6, bound) == pytest.approx(by_courses(model, 6, lambda c, b=bound: c[-1] >= b), abs=0.03)
        rest = 6 * bound
        assert total_at_least(model, 6, rest, "x") == pytest.approx(
            by_courses(model, 6, lambda c, r=rest: math.fsum(c) >= r), abs=0.03
        )


def test_a_season_is_in_the_sum() -> None:
    values = [100 * (1 + 0.4 * math.sin(math.pi * t / 2)) + t % 7 for t in range(40)]
    model = fit(values, 4, 4)
    assert model is not None and model.season is not None and model.season.multiplied
    rest = math.fsum(model.shown(h, model.means[h - 1]) for h in range(1, 5))
    assert total_at_least(model, 4, rest, "x") == pytest.approx(0.5, abs=1e-6)
    assert total_at_least(model, 4, rest + 20, "x") == pytest.approx(
        by_courses(model, 4, lambda c: math.fsum(c) >= rest + 20), abs=0.03
    )


def test_counts_near_zero_are_simulated_with_their_floor() -> None:
    values = [0.0, 3.0, 1.0, 0.0, 2.0, 5.0, 0.0, 1.0, 2.0, 0.0, 4.0, 1.0, 0.0, 2.0]
    model = fit(values, 1, 8, floor=0.0)
    assert model is not None
    assert total_at_least(model, 8, 0.0, "x") == 1.0
    found = total_at_least(model, 8, 20.0, "x")
    assert found == total_at_least(model, 8, 20.0, "x") and 0.05 < found < 0.6


def test_hard_bounds_are_certain() -> None:
    model = fit([5.0, 7.0, 6.0, 5.0, 8.0, 6.0], 1, 3, floor=0.0, ceiling=10.0)
    assert model is not None
    assert (at_least(model, 3, 0.0), at_least(model, 3, 10.5)) == (1.0, 0.0)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.7, 40.0])
@pytest.mark.parametrize("floor", [None, 0.0])
@pytest.mark.parametrize("window", [1, 3])
@pytest.mark.parametrize("count", [8, 24])
def test_what_stands_at_its_target_is_sure_to_meet_it_from_either_side(
    value: float, floor: float | None, window: int, count: int
) -> None:
    """P(at most T) is 1 - P(more than T), not 1 - P(T or more)."""
    steady = outlook([value] * count, floor=floor)

    def chance(kind: str, **bounds: float) -> float | None:
        return steady.chance(Aim(kind, window=window, deadline=400, **bounds), 7 * count, 4, [value] * 6)

    assert chance("at_most", value=value) == 1.0 == chance("at_least", value=value)
    assert chance("between", low=value, high=value) == 1.0
    assert chance("at_most", value=value - 0.05) == 0.0 == chance("at_least", value=value + 0.05)


def test_down_to_nothing_can_be_reached_where_nothing_is_the_floor() -> None:
    """Courses that would go below 0 end at 0, which is the target."""
    bugs = [26.0, 20.0, 15.0, 11.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    aim = Aim("from_to", baseline=26.0, value=0.0, direction="down", deadline=400)
    found = outlook(bugs, floor=0.0).chance(aim, 98, 4, bugs)
    model = fit(bugs, 1, 4, floor=0.0)
    assert model is not None and found == pytest.approx(by_courses(model, 4, lambda c: c[-1] <= 0.0), abs=0.03)
    assert found > 0.4
    assert outlook(bugs, floor=0.0).chance(aim._replace(value=-1.0), 98, 4, bugs) == 0.0


def test_binomial_noise_moves_a_share_towards_even() -> None:
    model = fit([0.10, 0.11, 0.10, 0.105, 0.10, 0.11, 0.105, 0.10], 1, 2, share=True)
    assert model is not None
    sure, small, large = (at_least(model, 2, 0.12, trials) for trials in (None, 200, 1e9))
    assert sure == pytest.approx(large, abs=1e-6)
    assert sure < small < 0.5


def test_steady_growth_is_not_given_up_because_the_deadline_is_far() -> None:
    draw = random.Random(4)
    values = [1000.0]
    for _ in range(60):
        values.append(values[-1] + draw.gauss(20, 10))
    model = fit(values, 1, 30)
    assert model is not None and model.drift
    assert 0.2 < at_least(model, 30, values[-1] + 30 * 20) < 0.6
    assert at_least(model, 30, values[-1] + 30 * 40) < 0.05
    rest = math.fsum(model.walk)
    assert total_at_least(model, 30, rest, "x") == pytest.approx(
        by_courses(model, 30, lambda c: math.fsum(c) >= rest), abs=0.03
    )
    level = fit(noisy(60), 1, 3)
    assert level is not None and not level.drift and level.walk == level.means


# ---- the outlook of a KPI ------------------------------------------------------------------------------------------


def outlook(values: list[float], **words: object) -> Outlook:
    return Outlook(lambda: [(7 * (place + 1), value) for place, value in enumerate(values)], **words)  # type: ignore[arg-type]


def test_a_total_with_little_history_goes_by_its_own_window() -> None:
    aim = Aim("reach", value=500.0, start=0, deadline=90)
    weeks = [30.0, 45.0, 35.0, 40.0]
    found = outlook(weeks, counts=True).chance(aim, 28, 9, weeks)
    assert found == of_total(weeks, 500, 9, counts=True)
    assert outlook(weeks).chance(aim, 14, 11, weeks[:2]) is None


def test_with_twelve_earlier_periods_the_history_counts() -> None:
    aim = Aim("reach", value=520.0, start=140, deadline=230)
    weeks = noisy(24, level=40.0, sd=4.0)
    found = outlook(weeks, counts=True).chance(aim, 168, 9, weeks[20:])
    model = fit(weeks, 1, 9)
    assert model is not None
    assert found == pytest.approx(total_at_least(model, 9, 520 - math.fsum(weeks[20:]), ""))


def test_only_what_was_known_then_counts() -> None:
    values = noisy(10)
    aim = Aim("at_least", value=101.0, deadline=200)
    assert outlook(values).chance(aim, 49, 3, [1.0] * 3) == outlook(values[:7]).chance(aim, 49, 3, [1.0] * 3)
    assert outlook(values).chance(aim, 35, 3, [1.0] * 3) is None  # five values


def test_each_kind_asks_its_own_question() -> None:
    values = noisy(12)
    seen = outlook(values)
    over = seen.chance(Aim("at_least", value=102.0), 84, 2, [1.0] * 3)
    under = seen.chance(Aim("at_most", value=102.0), 84, 2, [1.0] * 3)
    rising = seen.chance(Aim("from_to", baseline=90.0, value=102.0), 84, 2, [1.0] * 3)
    falling = seen.chance(Aim("from_to", baseline=120.0, value=102.0), 84, 2, [1.0] * 3)
    inside = seen.chance(Aim("between", low=95.0, high=102.0), 84, 2, [1.0] * 3)
    above = seen.chance(Aim("at_least", value=95.0), 84, 2, [1.0] * 3)
    assert over is not None and under is not None and above is not None
    assert over + under == pytest.approx(1.0)
    assert (rising, falling) == (over, under)
    assert inside == pytest.approx(above - over)
    assert seen.chance(Aim("milestone"), 84, 2, [1.0] * 3) is None
    assert seen.chance(Aim("at_least", value=102.0), 84, 0, [1.0] * 3) is None


# ---- the status ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chance", "before", "expected"),
    [
        (0.70, None, "on_track"), (0.699, None, "at_risk"), (0.30, None, "at_risk"), (0.299, None, "off_track"),
        (0.66, "on_track", "on_track"), (0.64, "on_track", "at_risk"), (0.74, "at_risk", "at_risk"),
        (0.75, "at_risk", "on_track"), (0.26, "at_risk", "at_risk"), (0.24, "at_risk", "off_track"),
        (0.34, "off_track", "off_track"), (0.35, "off_track", "at_risk"), (0.28, "on_track", "off_track"),
        (0.72, "off_track", "on_track"),
    ],
)  # fmt: skip
def test_a_colour_is_left_only_beyond_its_border(chance: float, before: str | None, expected: str) -> None:
    assert word(chance, before) == expected


def test_the_status_before_is_found_by_going_back_only_while_in_doubt() -> None:
    chances: list[float | None] = [0.9, 0.5, 0.72, 0.68, 0.73]
    asked: list[int] = []

    def chance(place: int) -> float | None:
        asked.append(place)
        return chances[place]

    assert run(chance, 5) == Run(0.73, "at_risk")
    assert asked == [4, 3, 2, 1]
    assert run(chance, 4) == Run(0.68, "at_risk")
    assert run(chance, 1) == Run(0.9, "on_track")


def test_replaying_from_the_very_start_finds_the_same() -> None:
    draw = random.Random(2)
    for _ in range(200):
        chances = [min(max(draw.gauss(0.5, 0.2), 0), 1) for _ in range(12)]
        status: str | None = None
        for one in chances:
            status = word(one, status)
        found = run(chances.__getitem__, 12)
        assert found is not None and found.status == status


def test_no_chance_no_status() -> None:
    assert run(lambda place: None, 3) is None
    assert run(lambda place: 0.72 if place == 2 else None, 3) == Run(0.72, "on_track")
    assert settled(0.5) and not settled(0.72) and not settled(0.27)


@pytest.mark.parametrize(
    ("chance", "text"),
    [(0.0, "<5%"), (0.049, "<5%"), (0.05, "10%"), (0.12, "10%"), (0.13, "15%"), (0.5, "50%"), (0.93, "95%"),
     (0.95, "95%"), (0.951, ">95%")],
)  # fmt: skip
def test_a_chance_is_said_in_steps_of_five(chance: float, text: str) -> None:
    assert show_chance(chance) == text
