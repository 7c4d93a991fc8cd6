from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain import pace, target
from kpitui.domain.problem import Problem
from kpitui.domain.target import Aim, Gap, Step

numbers = st.floats(-1e9, 1e9).map(lambda x: round(x, 3))


def level(b: float | None, t: float | None, direction: str = "up") -> Aim:
    return Aim("from_to", b, t, start=100, deadline=199, direction=direction)


def test_progress_of_published_examples(reference: Path) -> None:
    for case in json.loads((reference / "status.json").read_text())["progress"]:
        share = target.progress(level(case["start"], case["target"]), case["actual"])
        assert share is not None
        assert share * 100 == pytest.approx(case.get("progress_pct_correct", case.get("progress_pct")), abs=0.05)
        colour = "green" if share >= 0.9 else "yellow" if share >= 0.75 else "red"
        assert colour == case["status"]


def test_the_pace_rule_of_upraise(reference: Path) -> None:
    """At and above 0.95 of the way due on track, below 0.75 off it; at 0.75 itself, which they leave open, not yet."""
    scales = json.loads((reference / "status.json").read_text())["thresholds"]
    rule = next(scale for scale in scales if "lagging" in scale)
    high, low = float(rule["on_track"].split()[-1]), float(rule["at_risk"].split()[-1])
    assert (pace.ON_TRACK, pace.AT_RISK) == (high, low)
    words = [pace.pace(done * 0.4, 0.4) for done in (high, high - 1e-6, low + 1e-6, low - 1e-6)]
    assert words == ["on_track", "at_risk", "at_risk", "off_track"]


def test_maintained_periods_of_published_examples(reference: Path) -> None:
    at_least, between = json.loads((reference / "status.json").read_text())["maintain"]
    aim = Aim("at_least", value=at_least["threshold"])
    assert (
        round(100 * (target.progress(aim, 99, at_least["met"], at_least["periods"]) or 0)) == at_least["progress_pct"]
    )
    band = Aim("between", low=between["band"][0], high=between["band"][1], direction="range")
    assert [target.meets(band, value) for value in (237.5, 250, 262.5, *between["outside"])] == [True] * 3 + [False]
    assert round(100 * (target.progress(band, 250, between["met"], between["periods"]) or 0)) == between["progress_pct"]
    assert target.progress(band, None, 0, 0) is None


def test_progress_serves_decrease_and_crosses_zero() -> None:
    assert target.progress(level(500_000, 400_000, "down"), 420_000) == pytest.approx(0.8)
    assert target.progress(level(-100, 100), 50) == 0.75
    assert target.progress(level(-100, -20), -60) == 0.5
    assert target.progress(level(100, -100, "down"), -50) == 0.75


def test_progress_is_shown_beyond_both_ends() -> None:
    assert target.progress(level(100, 200), 50) == -0.5
    assert target.progress(level(100, 200), 250) == 1.5


def test_progress_is_unknown_and_never_zero_without_value_baseline_or_target() -> None:
    assert target.progress(level(1, 2), None) is None
    assert target.progress(level(None, 2), 1) is None
    assert target.progress(level(1, None), 1) is None


def test_a_total_starts_at_zero_whatever_the_baseline() -> None:
    assert target.progress(Aim("reach", 40, 500), 125) == 0.25


@given(numbers, numbers, numbers)
def test_progress_is_the_same_seen_in_a_mirror(b: float, t: float, a: float) -> None:
    if b == t:
        return
    assert target.progress(level(b, t), a) == target.progress(level(-b, -t, "down"), -a)


@given(numbers, numbers, numbers, st.floats(0.01, 100))
def test_gap_is_positive_exactly_where_the_target_is_met(t: float, spread: float, a: float, watch: float) -> None:
    low, high = sorted((t, t + abs(spread)))
    aims = [
        Aim("at_least", value=t),
        Aim("at_most", value=t, direction="down"),
        Aim("between", low=low, high=high, direction="range"),
        Aim("reach", value=t, direction="up" if t >= 0 else "down"),
        level(t - 1, t),
        level(t + 1, t, "down"),
    ]
    for aim in aims:
        gap = target.gap(aim, a)
        assert gap is not None
        if abs(gap.absolute) > 1e-6:
            assert (gap.absolute > 0) == target.meets(aim, a)


@pytest.mark.parametrize(
    ("aim", "actual", "expected"),
    [
        (Aim("at_least", value=30), 26, Gap(-4, -4 / 30)),
        (Aim("at_most", value=4.0, direction="down"), 3.2, Gap(0.8, pytest.approx(0.2))),
        (Aim("at_most", value=-10, direction="down"), -9, Gap(-1, -0.1)),
        (Aim("between", low=10, high=20, direction="range"), 12, Gap(2, 0.2)),
        (Aim("between", low=10, high=20, direction="range"), 25, Gap(-5, -0.25)),
        (Aim("between", low=10, high=20, direction="range"), 20, Gap(0, 0)),
        (Aim("at_least", value=0), -3, Gap(-3, None)),
    ],
)
def test_gap(aim: Aim, actual: float, expected: Gap) -> None:
    assert target.gap(aim, actual) == pytest.approx(expected)


def test_gap_to_what_is_expected() -> None:
    aim = level(500, 400, "down")
    assert target.gap(aim, 440, "expected", day=149) == pytest.approx(Gap(10, 10 / 450))
    assert target.gap(aim, 440) == pytest.approx(Gap(-40, -0.1))
    assert target.gap(Aim("milestone"), 1) is None


def test_equality_counts_as_met_and_lower_can_be_better() -> None:
    assert target.meets(Aim("at_most", value=0.3, direction="down"), 0.1 + 0.2)
    assert target.meets(Aim("at_most", value=4, direction="down"), 3)
    assert not target.meets(Aim("at_most", value=4, direction="down"), 5)
    assert target.meets(level(500, 400, "down"), 400)
    assert not target.meets(level(500, 400, "down"), 401)
    assert target.meets(level(500, 400, "down"), None) is None
    assert target.meets(Aim("milestone"), 1) and target.meets(Aim("milestone"), 0) is False


@pytest.mark.parametrize("value", [12.0, 11.9, 12.1])
def test_target_equal_to_baseline_is_maintained_by_direction(value: float) -> None:
    assert target.progress(level(12, 12), value, 3, 4) == 0.75
    assert target.meets(level(12, 12), value) == (value >= 12)
    assert target.meets(level(12, 12, "down"), value) == (value <= 12)
    ranged = level(12, 12, "range")._replace(low=11.95, high=12.05)
    assert target.meets(ranged, value) == (value == 12)


def test_check_finds_contradictions() -> None:
    assert target.check(level(2, 3)) == []
    assert target.check(level(3, 2, "down")) == []
    assert "above the baseline" in target.check(level(2, 3, "down"))[0]
    assert "below the baseline" in target.check(level(3, 2))[0]
    assert "lower and an upper bound" in target.check(level(3, 3, "range"))[0]
    assert target.check(level(3, 3)) == []
    assert target.check(level(3, 3, "range")._replace(low=2, high=4)) == []
    assert "needs a lower and an upper bound" in target.check(Aim("between", low=1))[0]
    assert "above the upper" in target.check(Aim("between", low=3, high=1))[0]
    assert "before the start" in target.check(level(2, 3)._replace(deadline=99))[0]
    assert "finite" in target.check(level(2, math.nan))[0]
    assert "no kind" in target.check(Aim("above"))[0]
    assert "above the baseline" in target.check(Aim("reach", value=500, direction="down"))[0]
    assert len(target.check(level(math.inf, 1)._replace(watch=2))) == 2


def test_what_a_draft_still_lacks() -> None:
    assert target.lacks(level(2, 3)) == []
    assert target.lacks(Aim("from_to")) == ["value", "baseline", "start", "deadline"]
    assert target.lacks(Aim("reach", value=5)) == ["start", "deadline"]
    assert target.lacks(Aim("at_least")) == ["value"]
    assert target.lacks(Aim("between", low=1)) == ["high"]
    assert target.lacks(Aim("milestone")) == ["deadline"]


def test_the_step_in_force_is_the_last_one_begun() -> None:
    aim = Aim("at_least", value=30)
    steps = [Step(200, 40), Step(100, 32)]
    assert [target.in_force(aim, steps, day).value for day in (99, 100, 199, 200, 900)] == [30, 32, 32, 40, 40]
    band = Aim("between", low=1, high=2, direction="range")
    assert target.in_force(band, [Step(100, low=0.5)], 100)[3:5] == (0.5, 2)


def test_elapsed_counts_today_and_both_ends() -> None:
    aim = level(0, 1)
    assert [target.elapsed(aim, day) for day in (50, 99, 100, 149, 199, 300)] == [0, 0, 0.01, 0.5, 1, 1]
    assert target.elapsed(aim._replace(start=None), 100) is None


def test_expected_along_a_line_and_a_trajectory() -> None:
    aim = level(200, 300)
    assert target.expected(aim, 149) == 250
    late = [(0.5, 0.1)]
    assert target.expected(aim, 149, late) == pytest.approx(210)
    assert target.expected(aim, 174, late) == pytest.approx(255)
    assert target.expected(aim, 124, late) == pytest.approx(205)
    assert (target.expected(aim, 10, late), target.expected(aim, 400, late)) == (200, 300)
    assert target.expected(Aim("at_least", value=7), 10) == 7
    assert target.expected(Aim("between", low=1, high=2), 10) is None


def test_needed_per_period() -> None:
    assert target.needed(Aim("reach", value=500), 310, 5) == 38
    assert target.needed(level(0.02, 0.03), 0.025, 5) == pytest.approx(0.001)
    assert target.needed(level(500, 400, "down"), 440, 4) == -10
    assert target.needed(Aim("reach", value=500), 510, 5) == 0
    assert target.needed(Aim("reach", value=500), 310, 0) is None
    assert target.needed(Aim("at_least", value=30), 26, 3) == 30
    assert target.needed(Aim("between", low=1, high=2), 5, 3) is None


def test_any_two_of_date_value_and_rate_give_the_third() -> None:
    by_rate = target.solve(current=310, today=100, period_days=7, date=135, value=500)
    assert by_rate.rate == 38
    assert target.solve(current=310, today=100, period_days=7, date=135, rate=38).value == 500
    assert target.solve(current=310, today=100, period_days=7, value=500, rate=38).date == 135
    assert target.solve(current=5, today=100, period_days=7, value=5, rate=0).date == 100


@given(numbers, numbers, st.integers(1, 5000), st.sampled_from([1, 7, 30.4375]))
def test_solving_back_gives_the_same_date(current: float, value: float, days: int, period: float) -> None:
    rate = target.solve(current=current, today=0, period_days=period, date=days, value=value).rate
    if abs(value - current) > 1e-3:
        assert target.solve(current=current, today=0, period_days=period, value=value, rate=rate).date == days


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"date": 100, "value": 1.0}, "after today"),
        ({"value": 10.0, "rate": -1.0}, "never reached"),
        ({"value": 10.0, "rate": 0.0}, "never reached"),
        ({"value": 10.0, "rate": 1e-9}, "year 10000"),
        ({"value": 10.0}, "two of date, value and rate"),
        ({"value": 10.0, "rate": 1.0, "date": 200}, "two of date, value and rate"),
    ],
)
def test_no_answer_is_said_in_a_sentence(given: dict[str, float], text: str) -> None:
    with pytest.raises(Problem, match=text):
        target.solve(current=5, today=100, period_days=7, **given)  # type: ignore[arg-type]


def test_baseline_proposed_from_the_last_three_values() -> None:
    assert target.baseline_of([9, None, 1, 2, None, 6]) == 3
    assert target.baseline_of([None]) is None
