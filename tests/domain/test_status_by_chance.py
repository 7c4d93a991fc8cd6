"""The verdict once there are values enough for a chance: what it decides, and what goes before it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from kpitui.domain.chance import Outlook, word
from kpitui.domain.status import Verdict, judge
from kpitui.domain.target import Aim, Step

WEEK = 7
WINDOW = Aim("reach", value=500.0, start=0, deadline=13 * WEEK - 1)


def verdict(aim: Aim, values: Sequence[float | None], before: Sequence[float] = (), **more: Any) -> Verdict:
    """Judged on the day after the last of the weekly `values` of the window, `before` reported ahead of it."""
    first = -len(before) * WEEK
    weeks = [(first + WEEK * place, value) for place, value in enumerate([*before, *values])]
    outlook = Outlook(lambda: [(start + WEEK, value) for start, value in weeks], counts=True, seed="1:1")
    return judge(
        aim,
        [(start, start + WEEK, value, False) for start, value in weeks if start >= 0],
        today=more.pop("today", len(values) * WEEK),
        cadence="week",
        grace_days=0,
        period_days=7.0,
        state="live",
        show=lambda value: f"{value:g}",
        outlook=outlook,
        **more,
    )


def test_a_pace_of_four_fifths_is_off_track_weeks_before_the_pace_rule_sees_it() -> None:
    weeks = [31.0, 30, 33, 29, 31, 32, 30, 31]
    found = verdict(WINDOW, weeks)
    assert (found.status, found.progress) == ("off_track", pytest.approx(0.494))
    assert found.chance is not None and found.chance < 0.05
    assert found.why == "247 of 500 after 8 of 13 weeks, 307.692 was due by 25 Feb 1970; chance <5%"
    assert found.needed == pytest.approx(253 / 5) and found.rate == pytest.approx(31.0)


def test_the_first_two_values_are_judged_by_pace() -> None:
    found = verdict(WINDOW, [20.0, 22.0])
    assert (found.status, found.chance) == ("off_track", None)
    assert found.why.endswith("too few values for a probability")
    assert verdict(WINDOW, [20.0, 22.0, 21.0]).chance is not None


def test_reached_early_is_certain_and_over_has_none() -> None:
    assert verdict(WINDOW, [200.0, 200.0, 150.0])[0] == "achieved"
    assert verdict(WINDOW, [200.0, 200.0, 150.0]).chance == 1.0
    closed = verdict(WINDOW, [40.0] * 13, today=200)
    assert (closed.status, closed.chance) == ("achieved", None)


def test_a_level_at_its_target_can_still_fall() -> None:
    aim = Aim("from_to", baseline=50.0, value=60.0, start=0, deadline=20 * WEEK - 1)
    found = verdict(aim, [52.0, 58, 51, 59, 50, 57, 61])
    assert found.status == "on_track" and found.chance is not None and found.chance < 0.7
    assert "has to hold until the deadline, chance" in found.why


def test_a_bound_that_noise_crosses_is_at_risk_although_it_is_met_now() -> None:
    draw = random.Random(9)
    aim = Aim("at_least", value=100.0, start=0, deadline=30 * WEEK - 1)
    values = [draw.gauss(100.5, 4) for _ in range(20)] + [103.0]
    found = verdict(aim, values)
    assert found.status == "at_risk" and "meets at least 100" in found.why
    assert found.chance is not None and 0.3 <= found.chance < 0.7


def test_without_a_deadline_the_bound_decides() -> None:
    found = verdict(Aim("at_least", value=100.0, start=0), [101.0] * 8)
    assert (found.status, found.chance) == ("on_track", None)


def test_stale_missing_and_paused_come_first() -> None:
    weeks = [40.0, 41, 39, 42]
    assert verdict(WINDOW, weeks, today=50)[0] == "stale"
    assert verdict(WINDOW, weeks, today=50).chance is None
    assert verdict(WINDOW, []).status == "no_data"


def test_a_counter_metric_caps_it_and_the_chance_stays_said() -> None:
    weeks = [45.0, 46, 44, 47, 45, 46]
    assert verdict(WINDOW, weeks).status == "on_track"
    capped = verdict(WINDOW, weeks, counter_bad=True)
    assert capped.status == "at_risk" and capped.chance is not None and capped.chance > 0.7


def test_twelve_earlier_periods_speak_too() -> None:
    weeks = [36.0, 37, 35]
    own = verdict(WINDOW, weeks)
    rich = verdict(WINDOW, weeks, before=[45.0, 46, 44, 45, 47, 44, 46, 45, 44, 46, 45, 47])
    assert own.chance is not None and rich.chance is not None and own.chance != rich.chance


def test_the_status_is_that_of_a_replay_from_the_start_of_the_window() -> None:
    """Whatever the chances did on the way: the same word as going through all weeks with the one before in mind."""
    for seed in range(40):
        draw = random.Random(seed)
        weeks = [float(max(round(draw.gauss(38, 7)), 0)) for _ in range(12)]
        status: str | None = None
        for place in range(3, len(weeks) + 1):
            if sum(weeks[:place]) >= 500:
                break
            chance = verdict(WINDOW, weeks[:place]).chance
            assert chance is not None
            status = word(chance, status)
            assert verdict(WINDOW, weeks[:place]).status == status


def test_an_eased_target_does_not_repaint_the_weeks_before() -> None:
    weeks = [31.0, 30, 33, 29, 31, 32, 30, 31]
    eased = verdict(WINDOW, weeks, steps=[Step(8 * WEEK + 1, value=300.0)])
    assert eased.status == "off_track"  # the week that was judged ended before
    earlier = verdict(WINDOW, weeks, steps=[Step(7 * WEEK, value=300.0)])
    assert earlier.status == "on_track"
    # Also once it is in force: sentence, chance and status are all of the target that the week was held against.
    since = verdict(WINDOW, weeks, steps=[Step(8 * WEEK, value=300.0)], today=8 * WEEK + 2)
    assert (since.status, since.chance) == ("off_track", verdict(WINDOW, weeks).chance)
    assert since.why.startswith("247 of 500")


def test_what_a_course_asks_for_later_is_not_missed_yet() -> None:
    """maths.md §2.4: nothing due, no ratio; and nobody can say from weeks in which nothing was asked for."""
    late = [(0.99, 0.0)]
    found = verdict(WINDOW, [3.0, 3, 3, 3], trajectory=late)
    assert (found.status, found.chance) == ("on_track", None) and found.why.endswith("nothing is due yet")
    assert verdict(WINDOW, [3.0, 3, 3, 3], trajectory=late, before=[3.0] * 12).chance is None
    assert verdict(WINDOW, [3.0, 3, 3, 3]).status == "off_track"
