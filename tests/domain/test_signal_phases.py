"""Locked limits, phases, trended and seasonal limits, screening, and what is said against them."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.problem import Problem
from kpitui.domain.signal_phases import hits_of, phases, proposal
from kpitui.domain.signal_season import adjusted, factors
from kpitui.domain.signal_trend import trended
from kpitui.domain.signal_warnings import lag_one, skewed, warnings
from kpitui.domain.signals import limits

QUIET = [10.0, 12, 11, 9, 10, 11, 9, 10, 12, 9, 11, 10]
series = st.lists(st.one_of(st.none(), st.integers(-100, 100).map(float)), max_size=60)


@pytest.fixture
def published(reference: Path) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads((reference / "signals.json").read_text())["xmr_cases"]}


def test_every_published_case_by_its_own_convention(published: dict[str, dict[str, Any]]) -> None:
    """The figures of those who use 3 / 1.128 for 2.66 are compared at their scale."""
    seen = 0
    for case in published.values():
        expected, how = case.get("expected", {}), case.get("convention", {})
        mean, screened = how.get("mr", "mean"), how.get("mr") == "screened"
        (phase,) = phases(
            case["values"],
            [tuple(case["baseline"])] if "baseline" in case else (),
            "median" if mean == "median" else "mean",
            with_trend="trend" in how,
            screened=screened,
        )
        by = phase.limits
        assert by is not None
        scale = 2.66 / 2.659574 if str(how.get("npl_scale", "")).startswith("3/") else 1.0
        figures = {
            "centre": by.centre, "mr_bar": by.mr_centre, "url": by.mr_upper, "limit_distance": by.reach,
            "unpl": by.centre + by.reach / scale, "lnpl": by.centre - by.reach / scale, "sigma": by.reach / scale / 3,
        }  # fmt: skip
        if phase.trend is not None:
            figures |= {
                "slope": phase.trend.slope,
                "half_avg_1": phase.trend.first_half,
                "half_avg_2": phase.trend.second_half,
            }
        for name, figure in expected.items():
            if name != "moving_ranges":
                assert figures[name] == pytest.approx(figure, abs=case["tol"]), (case["id"], name)
                seen += 1
    assert seen >= 35


def test_a_trended_baseline_judges_what_comes_after(published: dict[str, dict[str, Any]]) -> None:
    case = published["wheeler_trend_region_c"]
    some = phases(case["values"], [tuple(case["baseline"])], "median", with_trend=True)
    found = [hit.index for hit in hits_of(case["values"], some) if hit.rule == "outside"]
    assert found == case["rule_hits"]["rule1_outside"]
    assert some[0].centre(16) == pytest.approx(1110.8 + 19.984375 * 12.5, abs=0.1)


def test_a_line_is_its_own_trend_and_gaps_do_not_bend_it() -> None:
    for values in ([float(3 * x + 7) for x in range(9)], [7.0, 10, None, 16, 19, None, 25, 28]):
        trend = trended(values)
        assert trend is not None
        assert [trend.slope, trend.origin] == pytest.approx([3, 7])
    assert trended([1, None, 2]) is None


def test_limits_made_of_the_first_values_judge_the_later_ones() -> None:
    values = [*QUIET, 11, 10, 15.9, 11, 22]
    (phase,) = phases(values, [(0, 12)])
    assert phase.limits == limits(QUIET) and (phase.first, phase.end) == (0, 17)
    assert [(hit.index, hit.rule) for hit in hits_of(values, [phase])] == [(14, "outside"), (16, "outside")]


def test_nothing_crosses_the_border_of_a_phase() -> None:
    """The jump between the phases is in no moving range: else the second would get limits far too wide."""
    high = [value + 90 for value in QUIET]
    first, second = phases([*QUIET, *high], [(0, 12), (12, 24)])
    assert first.limits and second.limits
    assert second.limits.mr_centre == first.limits.mr_centre
    assert second.limits.centre == pytest.approx(first.limits.centre + 90)
    assert hits_of([*QUIET, *high], [first, second]) == []


def test_a_run_ends_at_the_border_of_a_phase() -> None:
    values = [*QUIET, *[11.0] * 10, *QUIET]

    def runs(locks: list[tuple[int, int]]) -> list[int]:
        return [len(hit.points) for hit in hits_of(values, phases(values, locks)) if hit.rule == "run"]

    assert runs([(0, 12)]) == [10]
    assert runs([(0, 12), (17, 34)]) == []


def test_the_first_phase_reaches_back_and_each_lasts_to_the_next() -> None:
    values = [float(one) for one in range(30)]
    spans = [(phase.first, phase.end, phase.made_of) for phase in phases(values, [(20, 26), (4, 10)])]
    assert spans == [(0, 20, (4, 10)), (20, 30, (20, 26))]
    assert phases([]) == []


@pytest.mark.parametrize("locks", [[(-1, 4)], [(2, 40)], [(5, 5)], [(0, 8), (7, 12)]])
def test_baselines_that_make_no_sense_are_refused(locks: list[tuple[int, int]]) -> None:
    with pytest.raises(Problem, match=r"outside the series|overlap"):
        phases(list(QUIET), locks)


def test_limits_beyond_a_hard_bound_are_not_drawn_and_signal_nothing() -> None:
    values = [1.0, 5, 0, 4, 1, 3, 2, 5]
    (phase,) = phases(values, floor=0, ceiling=100)
    assert phase.lower(3) is None and phase.upper(3) is not None
    trend = phases([9.0, 8, 8, 6, 6, 4, 5, 2, 2, 1], floor=0, with_trend=True)[0]
    assert trend.lower(0) is not None and trend.lower(9) is None


def test_new_limits_are_proposed_where_the_last_run_began() -> None:
    values = [*QUIET, *[11.2] * 9]
    some = phases(values, [(0, 12)])
    run = proposal(values, some, hits_of(values, some))
    assert run is not None and run.points[0] == 12 and len(run.points) == 9
    drawn = phases(values, [(0, 12), (12, 21)])
    assert proposal(values, drawn, hits_of(values, drawn)) is None
    over = [*values, 9.0]
    assert proposal(over, some, hits_of(over, phases(over, [(0, 12)]))) is None, "the run is over"
    assert proposal([], [], []) is None and proposal(QUIET, phases(QUIET), []) is None


def test_screening_leaves_out_one_large_moving_range_once() -> None:
    values = [*QUIET, 60, *QUIET]
    plain, screened = limits(values), limits(values, screened=True)
    assert plain and screened and screened.mr_centre < plain.mr_centre
    ranges = [abs(a - b) for a, b in pairwise(values)]
    kept = [one for one in ranges if one <= 3.267 * plain.mr_centre]
    assert len(kept) == len(ranges) - 2
    assert screened.mr_centre == pytest.approx(sum(kept) / len(kept))
    assert limits(values, "median", screened=True) == limits(values, "median")


def test_factors_of_a_season_are_shares_of_the_mean() -> None:
    values: list[float | None] = [10, 20, 30, 40] * 3
    assert factors(values, 4) == pytest.approx([0.4, 0.8, 1.2, 1.6])
    assert adjusted(values, factors(values, 4)) == pytest.approx([25.0] * 12)
    assert adjusted([5.0, None, 0.0], [0.0, 2.0]) == [5.0, None, 0.0]
    for wrong, length, says in (
        (values[:7], 4, "two whole cycles, 8 values; there are 7"),
        (values, 1, "no season"),
        ([-1.0, 1.0] * 4, 2, "mean of the values is 0"),
        ([1.0, None] * 4, 2, "Season 2 of 2 has no value"),
    ):
        with pytest.raises(Problem, match=says):
            factors(wrong, length)


@given(st.lists(st.integers(1, 100).map(float), min_size=8, max_size=40), st.sampled_from([0.25, 2.0, 64.0]))
def test_the_season_does_not_depend_on_scale(values: list[float], scale: float) -> None:
    assert factors([value * scale for value in values], 4) == pytest.approx(factors(list(values), 4))


@given(series, st.booleans(), st.sampled_from(["mean", "median"]), st.integers(-1000, 1000))
def test_limits_move_with_the_values(values: list[float | None], trend: bool, rule: str, shift: int) -> None:
    moved = [None if value is None else value * 4 + shift for value in values]
    one, other = phases(values, (), rule, with_trend=trend), phases(moved, (), rule, with_trend=trend)
    for a, b in zip(one, other, strict=True):
        for place in range(a.first, a.end):
            for before, after in ((a.centre, b.centre), (a.upper, b.upper), (a.lower, b.lower)):
                was, now = before(place), after(place)
                assert (was is None) == (now is None)
                assert was is None or now is None or now == pytest.approx(was * 4 + shift, abs=1e-6)


@given(series, st.integers(0, 60))
def test_missing_values_stay_missing(values: list[float | None], place: int) -> None:
    """A value that is not known takes part in nothing: neither as 0 nor by bridging."""
    gapped = [*values[:place], None, *values[place:]]
    by = limits(gapped)
    if by is not None:
        known = [value for value in values if value is not None]
        assert by.n == len(known) and by.centre == pytest.approx(math.fsum(known) / len(known))


def kinds(values: list[float | None], length: int = 1) -> list[str]:
    return [one.kind for one in warnings(values, length)]


def test_what_is_said_against_limits() -> None:
    assert kinds([]) == kinds([1.0]) == kinds([1.0, 2, 3, 4, 5]) == ["too_few"]
    assert "adjacent" in warnings([1.0, None] * 8)[0].text
    assert kinds([5.0] * 20) == ["no_variation"]
    still = [*[5.0] * 18, 9.0, 5.0]
    assert kinds(still) != ["no_variation"]
    (none,) = warnings(still, rule="median")
    assert none.kind == "no_variation" and "most of the values" in none.text
    assert kinds([1.0, 2, 1, 2, 1, 2, 1]) == ["provisional"]
    assert kinds([*QUIET, *reversed(QUIET)]) == []
    climbing: list[float | None] = [float(x) + (x % 2) * 3 for x in range(24)]
    (alike,) = [one for one in warnings(climbing) if one.kind == "autocorrelation"]
    assert alike.offer == "trend" and "independent" in alike.text
    assert warnings(climbing, with_trend=True) == []
    yearly: list[float | None] = [100 + 40 * math.sin(month * math.pi / 6) + (month * 7919 % 11) for month in range(48)]
    assert "season" in kinds(yearly, 12)
    tail: list[float | None] = [math.exp(value / 20) for value in (3, 61, 12, 30, 8, 24, 18, 77, 5, 40, 15, 21, 10)]
    assert skewed(tail) and "skew" in kinds(tail) and not skewed([-1.0, *tail])


def test_neighbours_across_a_gap_are_none() -> None:
    assert lag_one([1.0, 2, 1, 2]) < 0 < lag_one([1.0, 1, 2, 2])
    assert lag_one([1.0, None, 1, None, 2]) == 0 == lag_one([3.0, 3, 3]) == lag_one([])
