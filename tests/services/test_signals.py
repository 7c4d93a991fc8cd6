"""The chart of a metric: which periods count, locks in words, bounds, shares of counted things."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.periods import iso
from kpitui.domain.problem import Problem
from kpitui.errors import NotFound
from kpitui.services.signals import Chart, How, signals
from kpitui.storage.store import Store
from tests.workspace import build

TODAY = 20777  # 2026-11-20
MODEL = """
[[metric]]
slug = "temp"
name = "Temperature"
kind = "level"
cadence = "week"

[[metric]]
slug = "sold"
name = "Sold"
kind = "flow"
cadence = "week"

[[metric]]
slug = "asked"
name = "Asked"
kind = "flow"
cadence = "week"

[[metric]]
slug = "rate"
name = "Rate"
kind = "ratio"
unit = "percent"
cadence = "week"
numerator = "sold"
denominator = "asked"
"""
QUIET = "10 12 11 9 10 11 9 10 12 9 11 10"


def store_of(tmp_path: Path, points: str) -> Store:
    return build(tmp_path, MODEL, points)


def indices(chart: Chart, rule: str) -> list[int]:
    return [hit.index for hit in chart.hits if hit.rule == rule]


def test_all_whole_periods_count_and_the_gap_stays_a_gap(tmp_path: Path) -> None:
    chart = signals(store_of(tmp_path, f"temp 2026-W20 {QUIET} - 50 51"), TODAY, "temp")
    assert len(chart.spans) == 15 and iso(chart.spans[0].start) == "2026-05-11"
    assert chart.raw[12] is None and chart.known == 14
    assert chart.limits is not None and chart.limits.n == 14
    # Ten ranges of the quiet weeks and one beside the gap: nothing bridges it.
    assert chart.limits.mr_centre == pytest.approx((2 + 1 + 2 + 1 + 1 + 2 + 1 + 2 + 3 + 2 + 1 + 1) / 12)


def test_partial_periods_are_left_out(tmp_path: Path) -> None:
    """November has two of its weeks to come, and September has one without a value."""
    store = store_of(tmp_path, "sold 2026-W27 1 1 1 1 2 2 2 2 3 3 - 3 4 4 4 4 5 5 5")
    chart = signals(store, TODAY, "sold", grain="month")
    assert list(zip(chart.labels, chart.raw, strict=True)) == [
        ("Jul", 4.0),
        ("Aug", 11.0),
        ("Sep", None),
        ("Oct", 17.0),
    ]
    assert chart.state == "too_early" and chart.hits == ()


def test_locked_limits_judge_what_comes_after(tmp_path: Path) -> None:
    store = store_of(tmp_path, f"temp 2026-W20 {QUIET} 11 10 15.9 11 22")
    chart = signals(store, TODAY, "temp", locks=["2026-W20..2026-W31"])
    assert indices(chart, "outside") == [14, 16]
    assert chart.limits is not None and (chart.limits.n, chart.state) == (12, "firm")
    # The last three are judged by limits made of what stands before them.
    short = signals(store, TODAY, "temp", locks=["w20..w31"], last=3)
    assert (short.begin, indices(short, "outside")) == (14, [14, 16])
    assert short.limits == chart.limits


def test_two_locks_are_two_phases_and_an_open_end_is_the_last_value(tmp_path: Path) -> None:
    high = " ".join(str(int(one) + 90) for one in QUIET.split())
    store = store_of(tmp_path, f"temp 2026-W20 {QUIET} {high}")
    chart = signals(store, TODAY, "temp", locks=["2026-W20..2026-W31", "2026-W32.."])
    assert [(phase.first, phase.end) for phase in chart.phases] == [(0, 12), (12, 24)]
    assert chart.hits == () and chart.proposed is None
    one = signals(store, TODAY, "temp", locks=["2026-W20..2026-W31"])
    assert one.proposed is not None and one.proposed.points[0] == 12


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        ("2026-W20", "FROM..TO"),
        ("..2026-W20", "FROM..TO"),
        ("2026-W30..2026-W20", "ends before it begins"),
        ("2025-W01..2025-W09", "W20 to W31"),
        ("2026-W20..soon", "Not a period"),
    ],
)
def test_locks_that_name_nothing_are_refused(tmp_path: Path, lock: str, says: str) -> None:
    store = store_of(tmp_path, f"temp 2026-W20 {QUIET}")
    with pytest.raises(Problem, match=says):
        signals(store, TODAY, "temp", locks=[lock])


def test_a_metric_without_values_or_name(tmp_path: Path) -> None:
    store = store_of(tmp_path, "")
    chart = signals(store, TODAY, "temp")
    assert (chart.spans, chart.phases, chart.state, chart.limits) == ((), (), "too_early", None)
    assert [one.kind for one in chart.warnings] == ["too_few"]
    with pytest.raises(Problem, match="no whole period"):
        signals(store, TODAY, "temp", locks=["2026-W20.."])
    with pytest.raises(NotFound, match="temp"):
        signals(store, TODAY, "tempp")


def test_no_lower_limit_below_zero_for_what_is_counted(tmp_path: Path) -> None:
    low = "1 5 0 4 1 3 2 5"
    store = store_of(tmp_path, f"sold 2026-W20 {low}\ntemp 2026-W20 {low}")
    assert signals(store, TODAY, "sold").phases[0].lower(0) is None
    below = signals(store, TODAY, "temp").phases[0].lower(0)
    assert below is not None and below < 0


def test_ways_to_work_limits_out(tmp_path: Path) -> None:
    store = store_of(tmp_path, f"temp 2026-W20 {QUIET} 60 {QUIET}")

    def reach(how: How) -> float:
        by = signals(store, TODAY, "temp", how=how).limits
        assert by is not None
        return by.reach

    # 24 ranges: 50 twice, and eleven on either side that add up to 18 and have the median 2.
    assert reach(How(median=True)) == pytest.approx(3.145 * 2)
    assert reach(How(screened=True)) == pytest.approx(2.66 * 36 / 22)
    assert reach(How()) == pytest.approx(2.66 * 136 / 24)
    logs = signals(store, TODAY, "temp", how=How(log=True))
    lower = logs.unit(logs.phases[0].lower(0))
    assert lower is not None and lower > 0 and indices(logs, "outside") == [12]
    with pytest.raises(Problem, match="two whole cycles, 104 values"):
        signals(store, TODAY, "temp", how=How(season=True))


def test_no_logarithm_of_zero(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no logarithm"):
        signals(store_of(tmp_path, "temp 2026-W20 1 0 2"), TODAY, "temp", how=How(log=True))


def test_a_share_of_counted_things_says_what_its_sample_allows(tmp_path: Path) -> None:
    """81 of 263: Newcombe 1998, Table I."""
    sold = "79 83 75 88 80 77 84 81"
    store = store_of(tmp_path, f"sold 2026-W20 {sold}\nasked 2026-W20 {'263 ' * 8}")
    found = signals(store, TODAY, "rate").sampling
    assert found is not None and (found.part, found.whole) == (81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert found.outside == 0
    assert signals(store, TODAY, "sold").sampling is None
