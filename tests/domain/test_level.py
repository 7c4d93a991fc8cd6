"""A level judged over its last periods, one that has to hold, and what a KPI may cost its counter metric."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import pytest

from kpitui.domain.chance import Outlook, total_at_least
from kpitui.domain.forecast import fit
from kpitui.domain.guard import Cost, cost, read_tolerance, take_tolerance, tolerance_words
from kpitui.domain.paths import simulate
from kpitui.domain.problem import Problem
from kpitui.domain.target import Aim
from kpitui.domain.trailing import Over
from tests.domain.test_status import LAST, MONDAY, RATE, verdict

HELD = RATE._replace(sustain=3)
TRAILED = RATE._replace(window=4)


def means(values: Sequence[float | None], window: int):  # type: ignore[no-untyped-def]
    """The mean of the last weeks, as `trailing` gives it, of values from the first week on."""

    def over(end: int) -> Over | None:
        last = (end - MONDAY) // 7
        known = [value for value in values[max(last - window, 0) : last] if value is not None]
        return Over(fsum(known) / len(known), len(known), window) if known else None

    return over


def test_a_level_is_judged_over_its_window_and_says_so() -> None:
    values = [0.02, 0.024, 0.026, 0.024, 0.046]
    found = verdict(TRAILED, values, trail=means(values, 4))
    assert found.actual == pytest.approx(0.03) and found.present == 4
    assert found.why.startswith("0.03 over the last 4 weeks is at the target 0.03 and has to hold until the deadline")
    assert found.progress == pytest.approx(1.0)
    # One good week alone is no arrival, and one bad one no fall: both stand in the mean.
    low = verdict(TRAILED, [*values, 0.01], trail=means([*values, 0.01], 4))
    assert low.actual == pytest.approx(0.0265) and low.progress == pytest.approx(0.65)
    # The window counts what is there, and says of how many.
    gap = [0.02, 0.024, None, 0.024, 0.042]
    short = verdict(TRAILED, gap, trail=means(gap, 4))
    assert short.actual == pytest.approx(0.03) and short.present == 3
    assert short.why.startswith("0.03 over 3 of the last 4 weeks is at")


def test_without_a_window_nothing_changes() -> None:
    values = [0.02, 0.024, 0.026, 0.024, 0.046]
    assert verdict(RATE, values, trail=means(values, 4)) == verdict(RATE, values)
    total = Aim("reach", None, 500, start=MONDAY, deadline=LAST)
    # A total counts all its weeks: a window that was stored with it says nothing.
    assert verdict(total._replace(window=4), [40.0] * 8, trail=means([40.0] * 8, 4)) == verdict(total, [40.0] * 8)


def test_the_result_at_the_deadline_is_that_of_the_window() -> None:
    values = [0.03] * 12 + [0.01]
    assert verdict(RATE, values).status == "missed"
    found = verdict(TRAILED, [*[0.035] * 12, 0.02], trail=means([*[0.035] * 12, 0.02], 4))
    assert found.status == "achieved"
    assert found.why == "0.03125 over the last 4 weeks reached 0.03 by 5 Apr 2026"


def test_what_is_to_maintain_is_judged_over_the_window_and_counted_one_by_one() -> None:
    calls = Aim("at_least", value=30, start=MONDAY, deadline=LAST, window=4)
    values = [30.0, 33, 31, 28, 29]
    found = verdict(calls, values, trail=means(values, 4))
    assert (found.status, found.actual, found.met, found.due) == ("on_track", 30.25, 3, 5)
    assert found.why == "30.25 over the last 4 weeks meets at least 30, 3 of 5 weeks met"


def test_a_level_is_achieved_early_only_once_it_has_held() -> None:
    two = verdict(HELD, [0.02, 0.025, 0.031, 0.03])
    assert two.status == "on_track" and two.held == 2
    assert "has to hold until the deadline, 2 of 3 weeks at target" in two.why
    three = verdict(HELD, [0.02, 0.025, 0.031, 0.03, 0.032])
    assert (three.status, three.held) == ("achieved", 3)
    assert three.why == "0.032 is at the target 0.03 and has held: 3 of 3 weeks at target"
    # It is no result yet: it can fall back, and then it is no longer achieved.
    assert three.chance is None and verdict(HELD, [0.025, 0.031, 0.03, 0.032, 0.028]).status != "achieved"
    # A week without a value is not one at target.
    gap = verdict(HELD, [0.025, 0.031, None, 0.032, 0.03])
    assert gap.status == "on_track" and gap.held == 2
    # Without the attribute nothing is reached before the deadline, however long it holds.
    assert verdict(RATE, [0.031] * 12).status == "on_track"


def test_at_the_deadline_the_value_decides_and_the_sentence_says_how_long_it_held() -> None:
    found = verdict(HELD, [0.02] * 12 + [0.031])
    assert found.status == "achieved"
    assert found.why == "0.031 reached 0.03 by 5 Apr 2026, 1 of 3 weeks at target"
    assert verdict(HELD, [0.031] * 12 + [0.02]).status == "missed"


def test_holding_goes_by_the_window_where_there_is_one() -> None:
    values = [0.02, 0.03, 0.045, 0.027, 0.036]
    aim = RATE._replace(window=2, sustain=3)
    assert verdict(aim, values, trail=means(values, 2)).held == 3
    assert verdict(RATE._replace(sustain=3), values).held == 1


# ---- chances


def test_the_chance_of_a_window_is_that_of_the_mean_at_the_deadline() -> None:
    history = [10.0, 12, 9, 11, 13, 10, 12, 11, 9, 12, 10, 11, 12, 9, 11, 10]
    model = fit(history, 1, 8)
    assert model is not None
    courses = list(simulate(model, 8, "1:1", 4000))
    for bound in (9.5, 10.5, 11.5):
        simulated = sum(fsum(course[4:]) / 4 >= bound for course in courses) / len(courses)
        assert total_at_least(model, 8, bound * 4, "1:1", 5) == pytest.approx(simulated, abs=0.02)
    ends = [(7 * at, value) for at, value in enumerate(history, 1)]
    outlook = Outlook(lambda: ends, seed="1:1")
    aim = Aim("at_least", value=10.0, start=0, deadline=24 * 7 - 1)
    single, mean = (outlook.chance(aim._replace(window=w), ends[-1][0], 8, history) for w in (1, 4))
    # What swings around 10.8 is above 10 more surely in its mean than in one week.
    assert single is not None and mean is not None and 0.5 < single < mean
    # With one week to go three of the four are known: 9, 11, 10 and one more for a mean of 10.
    last = outlook.chance(aim._replace(window=4), ends[-1][0], 1, history)
    assert last == pytest.approx(outlook.chance(aim, ends[-1][0], 1, history), abs=1e-9)
    highest = Outlook(lambda: ends, seed="1:1", fold=max).chance(aim._replace(window=4), ends[-1][0], 8, history)
    assert highest is not None and highest > mean


def test_a_share_of_few_cases_keeps_its_noise_over_a_window() -> None:
    shares = [0.02, 0.024, 0.022, 0.026, 0.021, 0.025, 0.023, 0.024]
    ends = [(7 * at, value) for at, value in enumerate(shares, 1)]
    aim = Aim("at_least", value=0.02, start=0, deadline=16 * 7 - 1, window=4)

    def chance(cases: float | None) -> float:
        outlook = Outlook(lambda: ends, share=True, floor=0.0, seed="1:1", trials=lambda _: cases)
        return outlook.chance(aim, 56, 8, shares) or 0.0

    assert chance(None) == pytest.approx(chance(1e9), abs=0.01)
    assert 0.5 < chance(40) < chance(1e9) - 0.02


# ---- the counter metric


def test_points_of_a_percentage_and_a_share_of_anything_else() -> None:
    down = {"direction": "down"}
    assert cost(0.02, 0.031, 0.005, unit="percent", **down) == Cost(
        pytest.approx(0.011), True, "1.1 points worse, 0.5 tolerated"
    )
    found = cost(0.02, 0.025, 0.005, unit="percent", **down)
    assert found is not None and not found.beyond
    assert cost(40, 44.8, 0.1, unit="number", **down) == Cost(pytest.approx(4.8), True, "12% worse, 10% tolerated")
    assert cost(40, 44, 0.1, unit="number", **down).beyond is False  # type: ignore[union-attr]
    assert cost(8.0, 7.0, 0.05, unit="score", direction="up").beyond is True  # type: ignore[union-attr]
    assert cost(0, 3, 0.5, unit="number", **down, show="{:g}".format) == Cost(3, True, "3 worse than 0, 50% tolerated")
    better = cost(40, 30, 0.0, unit="number", **down)
    assert better == Cost(-10, False, "")


def test_a_range_is_worse_the_farther_outside_it_is() -> None:
    found = cost(12, 16, 0.1, unit="number", direction="range", low=10, high=14, show=str)
    assert found is not None and found.worse == 2 and found.beyond
    assert cost(12, 16, 0.1, unit="number", direction="range") is None


def test_the_verdict_names_what_the_counter_metric_paid() -> None:
    said = "Improved at the expense of its counter metric (Refund rate 1.1 points worse, 0.5 tolerated)"
    found = verdict(RATE, [0.022, 0.025, 0.03], counter_bad=True, expense=said)
    assert found.status == "at_risk" and found.why.startswith(f"{said}: 0.03 is at the target")
    assert verdict(RATE, [0.02, 0.018, 0.017], counter_bad=True, expense=said).status == "off_track"


def test_a_tolerance_is_typed_as_points_or_a_share() -> None:
    assert [read_tolerance(text) for text in ("0.5", "0.5 points", "5%", "1 pp")] == pytest.approx(
        [0.005, 0.005, 0.05, 0.01]
    )
    assert take_tolerance("Refund rate, 0.5 points") == ("Refund rate", "0.5 points")
    assert take_tolerance("Refunds, all of them") == ("Refunds, all of them", "")
    assert (tolerance_words(0.005, "percent"), tolerance_words(0.05, "number")) == ("0.5 points", "5%")
    with pytest.raises(Problem, match=r"type 5% of what it was"):
        read_tolerance("5 points", "number")
    with pytest.raises(Problem, match="no tolerance"):
        read_tolerance("a bit")
