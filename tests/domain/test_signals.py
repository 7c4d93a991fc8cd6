from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.signals import RULES, hits, labels, latest_signal, limits, locked, moving_ranges, mr_outside

OTHER_SCALE = 2.66 / 2.659574
QUIET = [10.0, 12, 11, 9, 10, 11, 9, 10, 12, 9, 11, 10]
series = st.lists(st.one_of(st.none(), st.integers(-100, 100).map(float)), max_size=40)


def points(values: list[float | None], rule: str) -> list[int]:
    by = limits(values)
    found = hits(values, by) if by else []
    return sorted({index for hit in found if hit.rule == rule for index in hit.points})


@pytest.fixture
def published(reference: Path) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads((reference / "signals.json").read_text())["xmr_cases"]}


def test_limits_of_published_series(published: dict[str, dict[str, Any]]) -> None:
    seen = 0
    for case in published.values():
        expected, how = case.get("expected", {}), case.get("convention", {})
        if case.get("kind") == "trend" or how.get("mr") == "screened" or not expected:
            continue
        first, end = case.get("baseline", [0, len(case["values"])])
        by = limits(case["values"][first:end], how.get("mr", "mean"))
        assert by is not None and by.upper is not None and by.lower is not None
        # The figures of those who use 3 / 1.128 are compared at their scale.
        scale = OTHER_SCALE if str(how.get("npl_scale", "")).startswith("3/") else 1.0
        tolerance = case["tol"]
        assert by.upper - (by.reach - by.reach / scale) == pytest.approx(expected["unpl"], abs=tolerance)
        if "lnpl" in expected:
            assert by.lower + (by.reach - by.reach / scale) == pytest.approx(expected["lnpl"], abs=tolerance)
        for name, figure in (("centre", by.centre), ("mr_bar", by.mr_centre), ("url", by.mr_upper)):
            if name in expected:
                assert figure == pytest.approx(expected[name], abs=tolerance)
        if "moving_ranges" in expected:
            assert moving_ranges(case["values"]) == expected["moving_ranges"]
        seen += 1
    assert seen >= 7


def test_limits_are_not_made_from_the_standard_deviation(published: dict[str, dict[str, Any]]) -> None:
    case = published["antifreeze"]
    by = limits(case["values"])
    assert by is not None and by.upper is not None
    assert abs(by.upper - case["also"]["sd_based"]["ucl"]) > 0.1


def test_hits_of_published_series(published: dict[str, dict[str, Any]]) -> None:
    names = {"rule1_outside": "outside", "rule2_run8": "run", "rule3_3of4_quartile": "near"}
    seen = 0
    for case in published.values():
        if case.get("kind") == "trend" or "baseline" in case:
            continue
        by = limits(case["values"])
        theirs = {**case.get("third_party_hits", {}).get("xmrit", {}), **case.get("rule_hits", {})}
        for name, rule in names.items():
            if name in theirs and by is not None and by.state != "too_early":
                assert points(case["values"], rule) == theirs[name], (case["id"], rule)
                seen += 1
        if "mr_outside" in theirs and by is not None:
            assert mr_outside(case["values"], by) == theirs["mr_outside"], case["id"]
    assert seen >= 20


def test_one_group_judged_by_the_limits_of_another(published: dict[str, dict[str, Any]]) -> None:
    case = published["wheeler_accidents_cross"]
    for name in ("values", "second_values"):
        by = locked(*case["locked_limits"][f"{name}_vs"])
        found = [hit.index for hit in hits(case[name], by) if hit.rule == "outside"]
        assert found == case["rule_hits"][f"{name}_rule1_outside"]


def test_states_of_limits() -> None:
    assert limits([]) is None and limits([1]) is None and limits([1, None, 2]) is None
    states = [getattr(limits(QUIET[:n]), "state", None) for n in (5, 6, 11, 12)]
    assert states == ["too_early", "provisional", "provisional", "firm"]
    few = limits([1, 2, 1, 2, 900])
    assert few is not None and hits([1, 2, 1, 2, 900], few) == []


def test_moving_ranges_do_not_bridge_a_gap() -> None:
    assert moving_ranges([1, 2, None, 50, 51]) == [None, 1, None, None, 1]
    by = limits([1, 2, None, 50, 51])
    assert by is not None and by.mr_centre == 1 and by.n == 4


def test_no_limit_is_drawn_beyond_a_hard_bound() -> None:
    by = limits([1, 5, 0, 4, 1, 3], floor=0, ceiling=100)
    assert by is not None and by.lower is None and by.upper is not None
    assert by.upper == pytest.approx(by.centre + by.reach)


def test_a_value_on_the_limit_is_inside() -> None:
    by = locked(0, 10)
    assert [hit.index for hit in hits([10, 0, 5, 10.0001, -0.0001], by) if hit.rule == "outside"] == [3, 4]


@pytest.mark.parametrize("constant", [0, 5, 0.1, 1e15 / 3])
def test_a_constant_series_has_no_signal(constant: float) -> None:
    values: list[float | None] = [constant] * 20
    by = limits(values)
    assert by is not None and by.reach == 0
    assert hits(values, by) == [] and mr_outside(values, by) == []
    assert latest_signal(values, "up") is None


def test_a_run_of_eight_is_coloured_whole_and_dated_where_it_completes() -> None:
    by = locked(0, 20)
    (hit,) = hits([9, *[12.0] * 10, 9], by)
    assert (hit.rule, hit.direction, hit.index, hit.points) == ("run", "up", 8, tuple(range(1, 11)))
    assert hits([9, *[12.0] * 7, 9], by) == []


def test_the_centre_and_a_gap_neither_break_a_run_nor_count_in_it() -> None:
    by = locked(0, 20)
    (hit,) = hits([12, 12, 10, 12, None, 12, 12, 12, 10, 12, 12], by)
    assert hit.points == (0, 1, 3, 5, 6, 7, 9, 10) and hit.index == 10
    assert hits([12, 12, 10, 12, None, 12, 12, 12, 10, 12], by) == []


def test_three_of_four_near_the_same_limit() -> None:
    by = locked(0, 20)
    (hit,) = hits([10, 16, 10, 16, 16, 9, 10], by)
    assert (hit.rule, hit.index, hit.points) == ("near", 4, (1, 2, 3, 4))
    assert hits([10, 16, 4, 16, 4, 10], by) == []
    assert hits([10, 15, 15, 15, 10], by) == [], "the half-way line itself is not beyond it"
    (longer,) = hits([10, 4, 4, 4, 4, 4, 11, 12, 9], by)
    assert (longer.direction, longer.index, longer.points) == ("down", 3, tuple(range(7)))


def test_outside_comes_before_near_before_run() -> None:
    by = locked(0, 20)
    values: list[float | None] = [11, 11, 11, 11, 11, 16, 16, 21]
    found = hits(values, by)
    assert [(hit.index, hit.rule) for hit in found] == [(7, "outside"), (7, "near"), (7, "run")]
    assert labels(len(values), found) == ["run"] * 4 + ["near"] * 3 + ["outside"]


def test_latest_signal_only_where_it_touches_the_last_value() -> None:
    signal = latest_signal([*QUIET, 30], "up")
    assert signal is not None and (signal.rule, signal.direction, signal.good, signal.index) == (
        "outside",
        "up",
        True,
        12,
    )
    assert "above the upper limit" in signal.sentence
    assert latest_signal([*QUIET, 30, 11], "up") is None
    down = latest_signal([*QUIET, 30, None], "down")
    assert down is not None and down.good is False
    ranged = latest_signal([*QUIET, 30], "range")
    assert ranged is not None and ranged.good is None
    run = latest_signal([9.0] * 8, "down", by=locked(0, 20), show=lambda v: f"{v:g}")
    assert run is not None and run.sentence == "8 values in a row are below the mean 10" and run.good is True
    assert latest_signal([], "up") is None


@given(series, st.integers(-1000, 1000), st.sampled_from([0.25, 2.0, 64.0]))
def test_shift_and_scale_change_nothing(values: list[float | None], shift: int, scale: float) -> None:
    moved = [None if value is None else value * scale + shift for value in values]
    by, other = limits(values), limits(moved)
    assert (by is None) == (other is None)
    if by and other and by.upper is not None:
        assert other.upper == pytest.approx(by.upper * scale + shift, abs=1e-6)
        assert other.mr_upper == pytest.approx(by.mr_upper * scale, abs=1e-6)
        assert hits(moved, other) == hits(values, by)


@given(series)
def test_a_mirror_turns_every_signal_around(values: list[float | None]) -> None:
    mirrored = [None if value is None else -value for value in values]
    by, other = limits(values), limits(mirrored)
    if by and other:
        turned = [hit._replace(direction="down" if hit.direction == "up" else "up") for hit in hits(values, by)]
        assert sorted(hits(mirrored, other)) == sorted(turned)


@given(series, st.booleans())
def test_the_latest_signal_is_the_first_in_precedence_of_those_at_the_last_value(
    values: list[float | None], bounded: bool
) -> None:
    by = limits(values, floor=0.0 if bounded else None)
    signal = latest_signal(values, "up", by=by)
    last = max((index for index, value in enumerate(values) if value is not None), default=None)
    touching = [hit for hit in hits(values, by) if last in hit.points] if by else []
    if not touching:
        assert signal is None
        return
    first = min(touching, key=lambda hit: RULES.index(hit.rule))
    assert signal is not None
    assert (signal.rule, signal.index, signal.direction) == (first.rule, first.index, first.direction)
