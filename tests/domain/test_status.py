from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.status import WORDS, Verdict, judge, judge_metric
from kpitui.domain.target import Aim, Step

MONDAY = (date(2026, 1, 5) - date(1970, 1, 1)).days
WEEKS = 13
LAST = MONDAY + 7 * WEEKS - 1
LEADS = Aim("reach", None, 500, start=MONDAY, deadline=LAST)
RATE = Aim("from_to", 0.02, 0.03, start=MONDAY, deadline=LAST)
CALLS = Aim("at_least", value=30, start=MONDAY, deadline=LAST)


def cells(values: Sequence[float | None], first: int = 0, partial: Sequence[int] = ()) -> list[Any]:
    return [
        (MONDAY + 7 * week, MONDAY + 7 * week + 7, value, week in partial)
        for week, value in enumerate(values, start=first)
    ]


def verdict(aim: Aim | None, values: Sequence[float | None], today: int | None = None, **more: Any) -> Verdict:
    """Judged, unless said otherwise, on the first day after the values given."""
    first = more.pop("first", 0)
    given = {"cadence": "week", "grace_days": 0, "period_days": 7.0, "state": "live", "show": lambda v: f"{v:g}"} | more
    partial = given.pop("partial", ())
    today = MONDAY + 7 * (first + len(values)) if today is None else today
    return judge(aim, cells(values, first, partial), today=today, **given)


def test_every_word_is_promised() -> None:
    promised = "on_track at_risk off_track achieved missed no_target no_data not_started stale paused draft"
    assert set(WORDS) == set(promised.split())


@pytest.mark.parametrize(
    ("a_week", "status"), [(40, "on_track"), (500 / 13 * 0.95, "on_track"), (35, "at_risk"), (28, "off_track")]
)
def test_a_total_is_paced_by_the_periods_reported(a_week: float, status: str) -> None:
    assert verdict(LEADS, [a_week] * 8).status == status


def test_a_total_in_figures() -> None:
    found = verdict(LEADS, [40.0] * 8)
    assert found.why == "320 of 500 after 8 of 13 weeks, 307.692 was due by 1 Mar 2026"
    assert found.progress == pytest.approx(0.64)
    assert found.expected == pytest.approx(500 * 8 / 13)
    assert found.ahead == pytest.approx(320 - 500 * 8 / 13)
    assert (found.gap, found.gap_share, found.actual) == (-180, -0.36, 320)
    assert (found.needed, found.rate, found.chance) == (36, 40, None)
    assert found.time_gone == pytest.approx(57 / 91)


def test_nobody_is_behind_for_a_period_that_is_not_due_yet() -> None:
    values = [40.0] * 8
    on_the_day = verdict(LEADS, values)
    days_later = verdict(LEADS, [*values, None], today=MONDAY + 7 * 9)
    assert days_later.status == on_the_day.status == "on_track"
    assert days_later.why == on_the_day.why
    assert days_later.expected == on_the_day.expected


def test_what_was_before_the_window_does_not_count_in_its_total() -> None:
    assert verdict(LEADS, [900.0] * 4 + [40.0] * 8, first=-4).actual == 320


def test_a_period_belongs_to_the_window_its_last_day_is_in() -> None:
    thursdays = LEADS._replace(start=MONDAY + 3, deadline=LAST + 3)
    assert verdict(thursdays, [40.0] * 14, today=LAST + 30).actual == 13 * 40


def test_a_missing_period_is_no_zero_and_is_said() -> None:
    found = verdict(LEADS, [40.0, 40, None, 40, 40])
    assert found.actual == 160
    assert "after 5 of 13 weeks, 1 without a value" in found.why


def test_a_partial_period_counts_in_the_total_and_not_in_the_pace() -> None:
    found = verdict(LEADS, [40.0] * 8 + [3.0], today=MONDAY + 7 * 8 + 4, partial=[8])
    assert (found.status, found.actual, found.rate) == ("on_track", 323, 40)
    assert found.ahead == pytest.approx(320 - 500 * 8 / 13)
    assert verdict(LEADS, [40.0] * 8 + [185.0], today=MONDAY + 7 * 8 + 4, partial=[8]).status == "achieved"
    first = verdict(LEADS, [30.0], today=MONDAY + 3, partial=[0])
    assert (first.status, first.progress) == ("no_data", 0.06)
    assert "No whole week" in first.why


def test_few_values_are_said() -> None:
    assert "too few values for a probability" in verdict(LEADS, [40.0] * 2).why
    assert "too few" not in verdict(LEADS, [40.0] * 3).why


def test_a_level_on_its_way() -> None:
    found = verdict(RATE, [0.021, 0.022, 0.023, 0.024])
    assert found.status == "on_track"
    assert found.progress == pytest.approx(0.4)
    assert found.expected == pytest.approx(0.02 + 0.01 * 4 / 13)
    assert found.rate == pytest.approx(0.001)
    assert found.needed == pytest.approx(0.006 / 9)
    assert found.gap == pytest.approx(-0.006)


def test_a_level_going_down() -> None:
    cost = Aim("from_to", 500, 400, start=MONDAY, deadline=LAST, direction="down")
    assert verdict(cost, [460.0] * 4).status == "on_track"
    found = verdict(cost, [490.0] * 4)
    assert (found.status, found.gap, found.needed) == ("off_track", -90, -10)
    assert verdict(cost, [380.0] * 4).gap == 20


@given(st.lists(st.integers(-50, 150).map(float), min_size=1, max_size=12))
def test_up_and_down_are_judged_alike(values: list[float]) -> None:
    up = verdict(Aim("from_to", 0, 100, start=MONDAY, deadline=LAST), values)
    mirrored = [-value for value in values]
    down = verdict(Aim("from_to", 0, -100, start=MONDAY, deadline=LAST, direction="down"), mirrored)
    assert (up.status, up.progress, up.gap, up.ahead) == (down.status, down.progress, down.gap, down.ahead)


@pytest.mark.parametrize(("value", "status"), [(30, "on_track"), (28.5, "at_risk"), (28.4, "off_track")])
def test_at_least_with_its_watch_band(value: float, status: str) -> None:
    found = verdict(CALLS, [31.0, None, 29, value])
    assert found.status == status
    assert (found.met, found.due) == (2 if value >= 30 else 1, 4)
    assert found.progress == found.met / 4
    assert found.needed == 30


def test_at_most_and_negative_targets() -> None:
    hours = Aim("at_most", value=4, direction="down")
    assert [verdict(hours, [value]).status for value in (3.2, 4, 4.2, 4.3)] == ["on_track"] * 2 + [
        "at_risk",
        "off_track",
    ]
    loss = Aim("at_least", value=-100)
    assert [verdict(loss, [value]).status for value in (-90, -104, -106)] == ["on_track", "at_risk", "off_track"]
    zero = Aim("at_most", value=0, direction="down")
    assert [verdict(zero, [value]).status for value in (0, 0.001)] == ["on_track", "off_track"]


def test_between() -> None:
    stock = Aim("between", low=100, high=200, direction="range")
    given = {95: "at_risk", 94: "off_track", 100: "on_track", 200: "on_track", 210: "at_risk", 211: "off_track"}
    assert {value: verdict(stock, [value]).status for value in given} == given
    assert verdict(stock, [211]).gap == -11
    assert verdict(stock, [211]).why == "211 misses between 100 and 200 by 11"


def test_milestone() -> None:
    launch = Aim("milestone", start=MONDAY, deadline=LAST)
    assert verdict(launch, [0.0, 0]).status == "on_track"
    assert verdict(launch, [0.0] * 12, today=LAST - 5).status == "at_risk"
    done = verdict(launch, [0.0, 1], today=LAST + 300)
    assert (done.status, done.progress) == ("achieved", 1)
    assert verdict(launch, [0.0] * 13, today=LAST + 1).status == "missed"
    assert verdict(launch, [None] * 2).status == "no_data"
    assert verdict(launch, [0.0] * 12 + [None], today=LAST + 2, grace_days=3).status == "at_risk"


def test_precedence() -> None:
    late = LAST + 100
    assert verdict(None, [], state="paused").status == "paused"
    assert verdict(None, [], state="draft").status == "draft"
    assert verdict(None, [40.0]).status == "no_target"
    assert verdict(LEADS._replace(value=None), [40.0]).status == "no_target"
    assert verdict(LEADS, [40.0], today=MONDAY - 1, state="paused").status == "paused"
    assert verdict(LEADS, [], today=MONDAY - 1).status == "not_started"
    assert verdict(LEADS, [None] * 4).status == "no_data"
    assert verdict(LEADS, [None] * 4).why == "No value yet"
    assert verdict(LEADS, [None] * 4, earlier=[38.0]).why.startswith("No value since its start on ")
    assert verdict(LEADS, [None] * 13, today=late).status == "no_data"
    assert verdict(LEADS, [600.0] + [None] * 4).status == "stale"
    assert verdict(LEADS, [600.0] + [None] * 12, today=late).status == "stale"
    assert verdict(LEADS, [600.0] + [0.0] * 12, today=late).status == "achieved"
    assert verdict(LEADS, [30.0] * 13, today=late).status == "missed"
    assert verdict(LEADS, [600.0]).status == "achieved"


def test_stale_is_one_and_a_half_periods_and_grace() -> None:
    end = MONDAY + 7 * 8
    values = [40.0] * 8 + [None] * 4
    assert [verdict(LEADS, values, today=end + age).status for age in (10, 11)] == ["on_track", "stale"]
    found = [verdict(LEADS, values, today=end + age, grace_days=3) for age in (13, 14)]
    assert [one.status for one in found] == ["on_track", "stale"]
    assert found[1].why == "The last value is for the week to 1 Mar 2026, 15 days ago"
    assert found[1].progress == pytest.approx(0.64), "the last figures are still known"


def test_nothing_grows_stale_after_the_deadline() -> None:
    assert verdict(CALLS, [31.0] * 13, today=LAST + 1000).status == "achieved"


# Degenerate cases, one by one.


def test_target_equals_baseline_is_maintained() -> None:
    same = Aim("from_to", 30, 30, start=MONDAY, deadline=LAST)
    found = verdict(same, [31.0, 29])
    assert (found.status, found.met, found.due, found.progress) == ("at_risk", 1, 2, 0.5)
    assert verdict(same._replace(direction="down"), [31.0, 29]).status == "on_track"
    nothing = Aim("reach", value=0, start=MONDAY, deadline=LAST, direction="down")
    assert verdict(nothing, [0.0, 0]).status == "on_track"
    assert verdict(nothing, [0.0, 1]).status == "off_track"


def test_worse_than_the_baseline_shows_the_negative() -> None:
    found = verdict(RATE, [0.02, 0.018, 0.015])
    assert found.progress == pytest.approx(-0.5)
    assert found.status == "off_track"
    assert found.why.startswith("0.015 is worse than the baseline 0.02")


def test_overachieved_shows_more_than_all() -> None:
    assert verdict(LEADS, [200.0] * 4).progress == 1.6
    assert verdict(LEADS, [200.0] * 4).needed == 0


def test_a_missing_baseline_is_worked_out_or_asked_for() -> None:
    open_ended = RATE._replace(baseline=None)
    found = verdict(open_ended, [0.5, 0.019, None, 0.02, 0.021, 0.025, 0.025], first=-5)
    assert found.progress == pytest.approx(0.5)
    outside = verdict(open_ended, [0.025], earlier=[0.5, 0.019, None, 0.02, 0.021])
    assert outside.progress == pytest.approx(0.5)
    there_already = verdict(open_ended, [0.03, 0.03, 0.02], earlier=[0.03])
    assert (there_already.met, there_already.due) == (2, 3)
    asked = verdict(open_ended, [0.025])
    assert (asked.status, asked.progress) == ("draft", None)
    assert "baseline" in asked.why
    assert verdict(open_ended, [0.031] * 13, today=LAST + 1).status == "achieved"


def test_a_missing_window_is_asked_for() -> None:
    found = verdict(LEADS._replace(start=None, deadline=None), [40.0])
    assert (found.status, found.why) == ("draft", "A draft until its start and deadline are set")


def test_no_data_is_no_progress_and_no_colour() -> None:
    found = verdict(LEADS, [None, None])
    assert (found.status, found.progress, found.gap, found.rate) == ("no_data", None, None, None)
    assert found.needed == pytest.approx(500 / 13)


def test_the_final_value_is_awaited_until_grace_ends() -> None:
    values = [40.0] * 12 + [None]
    waiting = verdict(LEADS, values, today=LAST + 3, grace_days=3)
    assert waiting.status == "on_track"
    assert waiting.why.startswith("Awaiting the final value until 8 Apr 2026: 480 of 500 after 12 of 13 weeks")
    over = verdict(LEADS, values, today=LAST + 4, grace_days=3)
    assert over.status == "missed"
    assert over.why == (
        "480 on 5 Apr 2026 missed 500 by 20, judged on the week to 29 Mar 2026 because the final value is missing"
    )
    assert verdict(LEADS, [42.0] * 12 + [None], today=LAST + 2, grace_days=3).status == "achieved"
    level = verdict(RATE, [0.03] * 12, today=LAST + 4)
    assert level.status == "achieved" and "the final value is missing" in level.why


def test_a_target_changed_midway_does_not_repaint_the_past() -> None:
    eased = [Step(MONDAY + 14, 20)]
    found = verdict(CALLS, [25.0, 25, 25], steps=eased)
    assert (found.status, found.met, found.due) == ("on_track", 1, 3)
    assert found.gap == 5
    raised = verdict(CALLS, [31.0, 31], today=MONDAY + 16, steps=[Step(MONDAY + 14, 40)])
    assert (raised.status, raised.gap, raised.needed) == ("on_track", -9, 40)
    later = verdict(LEADS, [40.0] * 13, today=LAST + 90, steps=[Step(LAST + 30, 900)])
    assert later.status == "achieved"


def test_values_that_cross_zero() -> None:
    profit = Aim("from_to", -100, 100, start=MONDAY, deadline=LAST)
    found = verdict(profit, [-90.0, -80, -60])
    assert (found.progress, found.status) == (0.2, "at_risk")


def test_a_level_can_fall_back_and_is_achieved_only_at_the_deadline() -> None:
    found = verdict(RATE, [0.03] * 4)
    assert found.status == "on_track" and "has to hold until the deadline" in found.why
    assert verdict(RATE, [0.03] * 13, today=LAST + 1).status == "achieved"
    assert verdict(RATE, [0.03] * 12 + [0.029], today=LAST + 1).status == "missed"


def test_one_period_has_a_result_and_no_pace() -> None:
    week = LEADS._replace(value=40, deadline=MONDAY + 6)
    assert verdict(week, [None], today=MONDAY + 3).status == "no_data"
    assert verdict(week, [10.0], today=MONDAY + 3, partial=[0]).status == "no_data"
    assert verdict(week, [41.0], today=MONDAY + 3).status == "achieved"
    short = verdict(week, [39.0], today=MONDAY + 6)
    assert short.status == "at_risk" and "there is no pace" in short.why
    assert verdict(week, [20.0], today=MONDAY + 6).status == "off_track"
    assert verdict(week, [39.0], today=MONDAY + 7).status == "missed"


def test_a_window_within_one_period_is_judged_by_it() -> None:
    days = LEADS._replace(value=40, start=MONDAY + 1, deadline=MONDAY + 3)
    assert verdict(days, [41.0], today=MONDAY + 8).status == "achieved"


def test_where_nothing_is_due_yet_there_is_no_ratio() -> None:
    step = [(1.0, 1.0), (0.999, 0.0)]
    found = verdict(RATE, [0.02, 0.021], trajectory=step)
    assert found.status == "on_track" and "nothing is due yet" in found.why
    assert verdict(RATE, [0.02, 0.019], trajectory=step).status == "at_risk"
    assert found.expected == pytest.approx(0.02)


def test_a_maintained_target_is_judged_on_its_final_value_and_says_the_rest() -> None:
    found = verdict(Aim("at_least", value=98, start=MONDAY, deadline=LAST), [97.0] + [99.0] * 12, today=LAST + 1)
    assert found.status == "achieved"
    assert found.why == "99 met at least 98 by 5 Apr 2026, 12 of 13 weeks met"


def test_a_bad_counter_metric_caps_what_is_good() -> None:
    capped = verdict(LEADS, [40.0] * 4, counter_bad=True)
    assert capped.status == "at_risk"
    assert capped.why.startswith("Improved at the expense of its counter metric: 160 of 500")
    assert verdict(LEADS, [600.0], counter_bad=True).status == "at_risk"
    assert verdict(LEADS, [10.0] * 4, counter_bad=True).status == "off_track"
    assert verdict(LEADS, [40.0] * 13, today=LAST + 1, counter_bad=True).status == "achieved"


def test_monthly_windows_count_their_months() -> None:
    starts = [(date(2026, month, 1) - date(1970, 1, 1)).days for month in range(1, 13)]
    months = [(a, b, 10.0, False) for a, b in pairwise(starts[:6])]
    aim = Aim("reach", value=60, start=starts[0], deadline=starts[6] - 1)
    found = judge(aim, months, today=starts[5], cadence="month", grace_days=5, period_days=30.4375, state="live")
    assert (found.status, found.needed) == ("on_track", 10)
    assert "after 5 of 6 months" in found.why


def test_metrics_without_a_role_by_their_own_thresholds() -> None:
    assert judge_metric(None, None, None, "up", 5).status == "no_target"
    assert judge_metric(30, None, None, "up", None).status == "no_data"
    assert [judge_metric(30, None, None, "up", v).status for v in (30, 28.5, 28)] == [
        "on_track",
        "at_risk",
        "off_track",
    ]
    assert [judge_metric(None, 4, 0.1, "down", v).status for v in (4, 4.4, 5)] == ["on_track", "at_risk", "off_track"]
    assert [judge_metric(1, 4, 0, "range", v).status for v in (1, 4, 4.01)] == ["on_track", "on_track", "off_track"]
    assert judge_metric(None, 4, None, "down", 3.2).gap == pytest.approx(0.8)
    old = [judge_metric(1, 4, None, "range", 2, last_end=100, today=t, period_days=7).status for t in (110, 111)]
    assert old == ["on_track", "stale"]


aims = st.builds(
    Aim,
    st.sampled_from(["reach", "from_to", "at_least", "at_most", "between", "milestone"]),
    *[st.one_of(st.none(), st.integers(-100, 100).map(float))] * 4,
    st.one_of(st.none(), st.integers(MONDAY - 30, MONDAY + 60)),
    st.one_of(st.none(), st.integers(MONDAY - 30, MONDAY + 120)),
    st.sampled_from(["up", "down", "range"]),
)


@given(
    aims,
    st.lists(st.one_of(st.none(), st.integers(-200, 200).map(float)), max_size=20),
    st.integers(MONDAY - 40, MONDAY + 300),
    st.sets(st.integers(0, 19)),
    st.integers(0, 9),
    st.booleans(),
)
def test_whatever_is_given_there_is_one_word_and_never_a_colour_without_number_and_target(
    aim: Aim, values: list[float | None], today: int, partial: set[int], grace: int, bad: bool
) -> None:
    found = verdict(aim, values, today=today, partial=list(partial), grace_days=grace, counter_bad=bad)
    assert found.status in WORDS
    assert found.why and "\n" not in found.why and not found.why.endswith(".")
    if found.status in ("on_track", "at_risk", "off_track", "achieved", "missed"):
        assert found.actual is not None
        if aim.kind != "milestone":
            assert found.gap is not None
    if not any(value is not None for value in values):
        assert found.progress is None


def test_a_draft_says_what_it_lacks() -> None:
    found = verdict(LEADS._replace(kind="from_to", baseline=None), [40.0], state="draft")
    assert (found.status, found.why) == ("draft", "A draft until its baseline is set")
    assert "goal, baseline" in verdict(LEADS, [40.0], state="draft").why
