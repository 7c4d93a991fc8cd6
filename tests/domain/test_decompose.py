"""Shares of a change against published cases, and what holds for any numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpitui.domain.decompose import Segment, lmdi, log_mean, mix_and_rate, rounded, shapley
from kpitui.domain.problem import Problem

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference" / "decomposition.json"
NUMBER = st.floats(-1e4, 1e4).map(lambda x: round(x, 3))
POSITIVE = st.floats(0.01, 1e4)


def reference() -> Any:
    if not CASES.exists():
        pytest.skip("the reference figures are not here")
    return json.loads(CASES.read_text())


def product(xs: Sequence[float]) -> float:
    return math.prod(xs)


def of_form(case: Any) -> Callable[[Sequence[Any]], float]:
    """The function of a published case; a factor may be a vector over segments."""
    forms: dict[str, Callable[[Sequence[Any]], float]] = {
        "sum_i bm_i*mw_i*wp_i": lambda xs: math.fsum(a * b * c for a, b, c in zip(*xs, strict=True)),
        "sum(size*rate)/sum(size)": lambda xs: math.fsum(s * r for s, r in zip(*xs, strict=True)) / math.fsum(xs[0]),
    }
    if case["form"] in forms:
        return forms[case["form"]]
    assert case["form"] == "*".join(case["period0"])
    return product


def test_every_published_shapley_case() -> None:
    cases = reference()["shapley_cases"]
    assert len(cases) == 5
    for case in cases:
        names, tolerance = list(case["period0"]), case["tol"]
        before = [case["period0"][name] for name in names]
        after = [case["period1"][name] for name in names]
        f = of_form(case)
        expected = case["expected"]
        assert f(before) == pytest.approx(expected["value0"], abs=tolerance)
        assert f(after) == pytest.approx(expected["value1"], abs=tolerance)
        effects = dict(zip(names, shapley(f, before, after), strict=True))
        assert effects == pytest.approx(expected["effects"], abs=tolerance), case["id"]
        assert math.fsum(effects.values()) == pytest.approx(f(after) - f(before), abs=1e-12)


def test_every_published_lmdi_case() -> None:
    cases = reference()["lmdi"]
    assert cases
    for case in cases:
        rows, tolerance = case["x_rows_are_segments"], case["tol"]
        assert len(case["expected_additive"]) == 3
        for pair, expected in case["expected_additive"].items():
            first, last = pair.split("-")
            found = lmdi(rows[first], rows[last])
            change, ratio = case["totals_dV_and_D"][pair]
            assert found.additive == pytest.approx(expected, abs=tolerance)
            assert found.multiplicative == pytest.approx(case["expected_multiplicative"][pair], abs=tolerance)
            assert math.fsum(found.additive) == pytest.approx(change, abs=tolerance)
            assert product(found.multiplicative) == pytest.approx(ratio, abs=tolerance)


def test_published_mix_and_rate() -> None:
    case = next(one for one in reference()["shapley_cases"] if one.get("kind") == "mix_rate")
    sizes0, rates0, sizes1, rates1 = (
        case[period][name] for period in ("period0", "period1") for name in ("size", "rate")
    )
    found = mix_and_rate(
        [Segment(s0 * r0, s0, s1 * r1, s1) for s0, r0, s1, r1 in zip(sizes0, rates0, sizes1, rates1, strict=True)]
    )
    assert found.mix == pytest.approx(case["expected"]["effects"]["size"], abs=case["tol"])
    assert found.rate == pytest.approx(case["expected"]["effects"]["rate"], abs=case["tol"])
    assert not found.simpson


def test_kidney_stones_are_simpsons_paradox() -> None:
    kidney = reference()["simpson"]["kidney"]
    a, b = kidney["A"], kidney["B"]
    segments = [
        Segment(*numbers) for numbers in zip(a["success"], a["n"], b["success"], b["n"], strict=True)
    ]  # fmt: skip
    found = mix_and_rate(segments)
    # maths.md §5.2: 78.0 to 82.6 %, mix +9.94 and rate -5.37 points.
    assert (found.before, found.after) == pytest.approx((0.78, 0.826), abs=5e-4)
    assert (found.mix, found.rate) == pytest.approx((0.0994, -0.0537), abs=5e-5)
    assert found.simpson
    back = mix_and_rate([Segment(one.top1, one.bottom1, one.top0, one.bottom0) for one in segments])
    assert back.simpson and back.mix == pytest.approx(-found.mix)


def test_revenue_by_both_methods() -> None:
    before, after = [10_000, 0.02, 50], [12_000, 0.018, 55]
    assert shapley(product, before, after) == pytest.approx([1993.3, -1156.7, 1043.3], abs=0.05)
    found = lmdi([before], [after])
    assert found.additive == pytest.approx([1989.7, -1149.8, 1040.1], abs=0.05)
    assert found.multiplicative == pytest.approx([1.2, 0.9, 1.1])


@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=5), st.randoms())
def test_effects_add_up_whatever_the_order_and_the_signs(pairs: list[tuple[float, float]], random: Any) -> None:
    def mixed(order: Sequence[int]) -> Callable[[Sequence[float]], float]:
        def f(xs: Sequence[float]) -> float:
            own = dict(zip(order, xs, strict=True))
            return own[0] * own[len(own) - 1] - sum(own.values()) + max(own.values()) / 3

        return f

    order = list(range(len(pairs)))
    before, after = [old for old, _ in pairs], [new for _, new in pairs]
    effects = shapley(mixed(order), before, after)
    size = max(1.0, *(abs(x) for pair in pairs for x in pair)) ** 2
    assert math.fsum(effects) == pytest.approx(mixed(order)(after) - mixed(order)(before), abs=1e-12 * size)
    shuffled = order[:]
    random.shuffle(shuffled)
    other = shapley(mixed(shuffled), [before[at] for at in shuffled], [after[at] for at in shuffled])
    assert [other[shuffled.index(at)] for at in order] == pytest.approx(effects, abs=1e-12 * size)
    back = shapley(mixed(order), after, before)
    assert [-effect for effect in back] == pytest.approx(effects, abs=1e-12 * size)


@given(NUMBER, NUMBER, NUMBER, NUMBER)
def test_two_factors_are_the_textbook_formula(a0: float, b0: float, a1: float, b1: float) -> None:
    expected = [(a1 - a0) * (b0 + b1) / 2, (b1 - b0) * (a0 + a1) / 2]
    assert shapley(product, [a0, b0], [a1, b1]) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_inputs_of_equal_standing_have_equal_effects_and_idle_ones_none() -> None:
    first, second, idle = shapley(lambda xs: xs[0] * xs[1] + 0 * xs[2], [2, 2, 1], [5, 5, 9])
    assert first == second == 10.5 and idle == 0


def test_twelve_inputs_are_told_apart_and_thirteen_refused() -> None:
    before, after = [1.0] * 12, [1.1] * 12
    effects = shapley(product, before, after)
    assert effects == pytest.approx([(1.1**12 - 1) / 12] * 12)
    with pytest.raises(Problem, match="13 inputs moved, at most 12"):
        shapley(product, [1.0] * 13, [1.1] * 13)
    # One that stood still costs nothing.
    assert shapley(product, [1.0] * 13, [*after, 1.0])[:12] == pytest.approx(effects)


@given(st.lists(st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE), min_size=1, max_size=5))
def test_lmdi_adds_up_and_multiplies_up(rows: list[tuple[float, float, float, float]]) -> None:
    before, after = [row[:2] for row in rows], [row[2:] for row in rows]
    v0, v1 = math.fsum(map(product, before)), math.fsum(map(product, after))
    found = lmdi(before, after)
    assert math.fsum(found.additive) == pytest.approx(v1 - v0, rel=1e-9, abs=1e-9 * max(v0, v1))
    assert found.multiplicative is not None
    assert product(found.multiplicative) == pytest.approx(v1 / v0, rel=1e-6)
    back = lmdi(after, before)
    assert [-effect for effect in back.additive] == pytest.approx(found.additive, rel=1e-9, abs=1e-9 * max(v0, v1))


@pytest.mark.parametrize("bad", [-1.0, math.inf, math.nan])
def test_lmdi_refuses_what_is_below_zero(bad: float) -> None:
    with pytest.raises(Problem, match="at 0 or above"):
        lmdi([[1.0, bad]], [[1.0, 2.0]])
    with pytest.raises(Problem, match="at 0 or above"):
        lmdi([[1.0, 2.0]], [[1.0, bad]])


def test_a_factor_that_is_zero_at_one_end_takes_the_whole_of_its_segments_change() -> None:
    found = lmdi([[100.0, 0.0, 5.0], [10.0, 2.0, 3.0]], [[120.0, 0.5, 6.0], [11.0, 2.0, 3.0]])
    assert found.additive == pytest.approx([6.0, 360.0, 0.0])
    assert found.multiplicative is not None and product(found.multiplicative) == pytest.approx(426 / 60)
    # The same on the way down, and what is 0 in both periods did nothing.
    assert lmdi([[120.0, 0.5]], [[100.0, 0.0]]) == ([0.0, -60.0], None)
    assert lmdi([[3.0, 0.0]], [[4.0, 0.0]]) == ([0.0, 0.0], None)
    # Several share it, as small values in their place would.
    assert lmdi([[0.0, 7.0, 0.0]], [[2.0, 8.0, 3.0]]).additive == [24.0, 0.0, 24.0]
    assert lmdi([[0.0, 7.0]], [[2.0, 0.0]]).additive == [0.0, 0.0]
    assert lmdi([[1e-150, 7.0, 1e-150]], [[2.0, 8.0, 3.0]]).additive == pytest.approx([24.0, 0.0, 24.0], abs=0.2)


@given(st.lists(st.tuples(*[st.sampled_from((0.0, 0.5, 2.0, 30.0))] * 4), min_size=1, max_size=4))
@settings(max_examples=40)
def test_lmdi_adds_up_with_zeros_too(rows: list[tuple[float, float, float, float]]) -> None:
    before, after = [row[:2] for row in rows], [row[2:] for row in rows]
    v0, v1 = math.fsum(map(product, before)), math.fsum(map(product, after))
    found = lmdi(before, after)
    assert math.fsum(found.additive) == pytest.approx(v1 - v0, abs=1e-9)
    assert (found.multiplicative is None) == (not v0 or not v1)


def test_the_logarithmic_mean_near_equal_numbers() -> None:
    assert log_mean(3.0, 3.0) == 3.0
    assert log_mean(1 + 1e-12, 1.0) == pytest.approx(1.0, rel=1e-12)
    assert log_mean(math.e, 1.0) == pytest.approx(math.e - 1)


SIDE = st.one_of(st.just((0.0, 0.0)), st.tuples(st.floats(-100, 100), st.floats(0.5, 100)))


@given(st.lists(st.tuples(SIDE, SIDE), max_size=5), st.tuples(NUMBER, POSITIVE, NUMBER, POSITIVE))
def test_mix_and_rate_add_up_with_new_and_lost_segments(rows: Any, firm: Any) -> None:
    segments = [Segment(*firm), *(Segment(*old, *new) for old, new in rows)]
    found = mix_and_rate(segments)
    size = max(1.0, *(abs(one.top0 / one.bottom0) for one in segments if one.bottom0),
               *(abs(one.top1 / one.bottom1) for one in segments if one.bottom1))  # fmt: skip
    assert found.mix + found.rate == pytest.approx(found.after - found.before, abs=1e-9 * size)
    for one, moved in zip(segments, found.segments, strict=True):
        if moved.new or moved.lost:
            assert moved.rate == 0 and (one.bottom0 == 0) != (one.bottom1 == 0)


def test_a_new_segment_is_all_mix() -> None:
    found = mix_and_rate([Segment(10, 100, 10, 100), Segment(0, 0, 40, 100)])
    assert (found.before, found.after, found.rate) == (0.1, 0.25, 0)
    assert found.mix == pytest.approx(0.15) and found.segments[1].new and not found.segments[0].new
    assert not found.simpson


def test_simpson_needs_four_fifths_of_the_weight() -> None:
    # Rates rise in segments with 79 and 81 % of the denominator, the whole falls through the last one's rate.
    def case(weight: float) -> bool:
        return mix_and_rate(
            [Segment(0.5 * weight, weight, 0.51 * weight, weight), Segment(100 - weight, 100 - weight, 0, 100 - weight)]
        ).simpson

    assert not case(79) and case(81)


def test_mix_and_rate_refuse_what_has_no_shares() -> None:
    for segments in ([Segment(1, 0, 1, 1)], [Segment(1, -1, 1, 1), Segment(1, 2, 1, 2)], []):
        with pytest.raises(Problem):
            mix_and_rate(segments)
    with pytest.raises(Problem, match="numerator"):
        mix_and_rate([Segment(1, 0, 1, 1), Segment(1, 1, 1, 1)])


@given(st.lists(NUMBER, min_size=1, max_size=8), st.integers(0, 2), st.sampled_from([-1, 0, 1]))
def test_rounded_figures_add_up(effects: list[float], places: int, off: int) -> None:
    total = math.fsum(effects) + off * 0.9 / 10**places
    shown = rounded(effects, total, places)
    assert math.fsum(shown) == pytest.approx(total, abs=0.5 / 10**places + 1e-6)
    assert math.fsum(shown) * 10**places == pytest.approx(round(math.fsum(shown) * 10**places), abs=1e-4)
    assert all(abs(a - b) <= 2.5 / 10**places for a, b in zip(shown, effects, strict=True))


def test_rounded_figures_of_the_revenue_example() -> None:
    # Each alone would be 1993 - 1157 + 1043 = 1879.
    assert rounded([1993.34, -1156.67, 1043.33], 1880, 0) == [1994, -1157, 1043]
