"""How believable a target is, and targets given by their rate."""

from __future__ import annotations

from datetime import date

import pytest

from kpitui.domain.credible import credible
from kpitui.domain.line_rate import read_rate
from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem

TODAY = date(2026, 11, 20)
VALUES = [26.0, 28, 27, 30, 29, 31, 28, 27, 26, 25, 27, 28]


@pytest.mark.parametrize(
    ("target", "down", "word", "reached"),
    [(26.0, False, "usual", 11), (30.0, False, "reachable", 2), (33.0, False, "a stretch", 0),
     (60.0, False, "out of reach", 0), (26.0, True, "reachable", 3), (20.0, True, "a stretch", 0)],
)  # fmt: skip
def test_a_target_beside_the_past(target: float, down: bool, word: str, reached: int) -> None:
    seen = credible(VALUES, target, down=down)
    assert (seen.word, seen.reached, seen.of) == (word, reached, 12)


def test_the_best_and_the_chance_are_said_only_where_they_mean_something() -> None:
    seen = credible(VALUES, 62.0)
    assert seen.times_best == 2.0 and seen.chance is not None and seen.chance < 1e-6
    assert credible(VALUES, 20.0, down=True).times_best is None
    assert credible([-3.0, -2.0], 4.0).times_best is None and credible([-3.0, -2.0], 4.0).chance is None
    assert credible([None, None], 4.0).word == ""
    flat = credible([5.0] * 8, 5.0)
    assert flat.chance == 1.0 and credible([5.0] * 8, 6.0).chance == 0.0
    centre = credible([10.0, 12, 10, 12, 10, 12, 10, 12], 11.0).chance
    assert centre == pytest.approx(0.5)


def test_of_date_value_and_rate_two_give_the_third() -> None:
    by_rate = read_rate("40 at 2 a week", TODAY, current=26.0)
    assert by_rate and by_rate.gave == "date" and by_rate.line == "40 by 2027-01-08"
    assert by_rate.solved.date == to_day(TODAY) + 49
    by_date = read_rate("0.5/week by 2026-12-25 ; plan", TODAY, current=26.0)
    assert by_date and by_date.gave == "value" and by_date.line == "28.5 by 2026-12-25 ; plan"
    percent = read_rate("3% at 0.1% per month", TODAY, "percent", current=0.025)
    assert percent and percent.solved.value == 0.03 and percent.grain == "month"
    assert read_rate("30 by 31 dec", TODAY, current=26.0) is None
    assert read_rate(">=30", TODAY, current=26.0) is None


@pytest.mark.parametrize(
    ("text", "current", "why"),
    [("40 at -1 a week", 26.0, "never reached"), ("40 at 2 a week by 31 dec", 26.0, "Type two"),
     ("at 2 a week", 26.0, "Type two"), ("40 at 2 a week", None, "no value to start from")],
)  # fmt: skip
def test_what_cannot_be_solved_says_why(text: str, current: float | None, why: str) -> None:
    with pytest.raises(Problem, match=why):
        read_rate(text, TODAY, current=current)
