"""Western Electric, Nelson and NHS rules by the published vectors, and the run test of Anhøj."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.problem import Problem
from kpitui.domain.runs import crossings_needed, longest_allowed, run_test
from kpitui.domain.signal_phases import hits_of, phases
from kpitui.domain.signal_rules import SETS, Rule, completions, found_by, windows
from kpitui.domain.signals import RULES, hits, limits

WESTERN = {2: "near", 3: "beyond", 4: "run"}
NELSON = {2: "run", 3: "trend", 4: "alternating", 5: "near", 6: "beyond", 7: "inside", 8: "spread"}
NAMES = {"WER": ("western", WESTERN), "NEL": ("nelson", NELSON)}
series = st.lists(st.one_of(st.none(), st.integers(-100, 100).map(float)), max_size=60)


def rule(rules: str, name: str) -> Rule:
    return next(one for one in SETS[rules] if one.name == name)


@pytest.fixture
def published(reference: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((reference / "signals.json").read_text())
    return found


def test_western_electric_and_nelson_vectors(published: dict[str, Any]) -> None:
    seen = 0
    for case in published["rule_vectors_sigma_units"]["cases"]:
        rules, names = NAMES[case["set"]]
        offsets = list(enumerate(map(float, case["z"])))
        if "label_per_point" in case:
            labelled: list[int | None] = [None] * len(offsets)
            for number, name in sorted(names.items(), reverse=True):
                for index in completions(rule(rules, name), offsets, 1.0):
                    labelled[index] = number
            for hit in found_by(rules, offsets, 3.0, 0.0):
                if hit.rule == "outside":
                    labelled[hit.index] = 1
            assert labelled == case["label_per_point"]
        elif case["rule"] == 1:
            assert [hit.index for hit in found_by(rules, offsets, 3.0, 0.0) if hit.rule == "outside"] == case["hits"]
        else:
            assert completions(rule(rules, names[case["rule"]]), offsets, 1.0) == case["hits"], case
        seen += 1
    assert seen >= 10


def test_vectors_of_the_nhs(published: dict[str, Any]) -> None:
    seen = 0
    for case in published["rule_vectors_nhs"]["cases"]:
        flags = [0] * len(case["flag"])
        if case["fn"] == "two_in_three":
            z = [side * (2.5 if close else 0.5) for close, side in zip(case["close"], case["side"], strict=True)]
            for window in windows(rule("nhs", "near"), list(enumerate(z)), 1.0):
                for index in window.points:
                    flags[index] = 1 if window.direction == "up" else -1
        else:
            name, key = ("run", "sign") if case["fn"] == "seven_one_side" else ("trend", "y")
            for window in windows(rule("nhs", name), list(enumerate(map(float, case[key]))), 1.0):
                flags[window.completes] = 1 if window.direction == "up" else -1
        assert flags == case["flag"], case
        seen += 1
    assert seen >= 7


def test_near_opposite_limits_is_no_signal_of_the_nhs(published: dict[str, Any]) -> None:
    case = next(one for one in published["xmr_cases"] if one["id"] == "nhsr_two_of_three_opposite_sides")
    assert case["rule_hits"]["nhs_point_type_last_two"] == ["common_cause", "common_cause"]
    found = hits_of(case["values"], phases(case["values"]), "nhs")
    assert not {14, 15} & {index for hit in found for index in hit.points}


def test_violations_of_western_electric_in_viscosity(published: dict[str, Any]) -> None:
    case = next(one for one in published["xmr_cases"] if one["id"] == "montgomery_viscosity")
    found = hits_of(case["values"], phases(case["values"]), "western")
    assert len({index for hit in found for index in [hit.index]}) == case["n_violations_WER1_4"]


def test_wheelers_set_is_that_of_signals(published: dict[str, Any]) -> None:
    for case in published["xmr_cases"]:
        by = limits(case["values"])
        assert by is not None
        assert hits_of(case["values"], phases(case["values"])) == hits(case["values"], by), case["id"]


def test_nelsons_other_rules() -> None:
    def found(z: list[float]) -> list[tuple[int, str, str]]:
        hits = found_by("nelson", list(enumerate(z)), 3.0, 0.0)
        return [(hit.index, hit.rule, hit.direction) for hit in hits]

    assert found([0.1, 0.2, 0.4, 0.6, 0.7, 0.9, 0.3]) == [(5, "trend", "up")]
    assert found([0.1, 0.2, 0.4, 0.4, 0.7, 0.9, 0.3]) == [], "a tie is no step"
    assert found([0.5, -0.5, -0.5] * 5) == [(14, "inside", "both")]
    assert (7, "spread", "both") in found([1.5, -1.5] * 4)
    assert "spread" not in {name for _, name, _ in found([1.5] * 8)}, "on one side it is a run"
    assert found([0.0, 2.5, 0.0, 2.5]) == [(3, "near", "up")]
    assert found([2.5, 2.5, 0.0]) == [(1, "near", "up")]


def test_overlapping_windows_are_one_hit_dated_where_the_first_completes() -> None:
    (hit,) = [one for one in found_by("western", list(enumerate([0.5] * 12)), 3.0, 0.0) if one.rule == "run"]
    assert (hit.index, hit.points) == (7, tuple(range(12)))


def test_an_unknown_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(Problem, match="wheeler, western, nelson"):
        found_by("nelsen", [(0, 1.0)], 1.0, 0.0)


@given(series, st.sampled_from(sorted(SETS)), st.integers(-1000, 1000), st.sampled_from([0.25, 2.0, 64.0]))
def test_no_rule_depends_on_shift_or_scale(values: list[float | None], rules: str, shift: int, scale: float) -> None:
    moved = [None if value is None else value * scale + shift for value in values]
    found = hits_of(values, phases(values), rules)
    assert hits_of(moved, phases(moved), rules) == found
    assert all(hit.rule in RULES and hit.index in hit.points and values[hit.index] is not None for hit in found)


@given(series, st.sampled_from(sorted(SETS)))
def test_a_mirror_turns_every_hit_around(values: list[float | None], rules: str) -> None:
    mirrored = [None if value is None else -value for value in values]
    other = {"up": "down", "down": "up", "both": "both"}
    turned = [hit._replace(direction=other[hit.direction]) for hit in hits_of(values, phases(values), rules)]
    assert sorted(hits_of(mirrored, phases(mirrored), rules)) == sorted(turned)


def test_the_table_of_the_run_test(published: dict[str, Any]) -> None:
    rows = published["anhoej_runs_table"]["rows_n_longest_max_crossings_min"]
    assert [[n, longest_allowed(n), crossings_needed(n)] for n, _, _ in rows] == rows


def test_the_run_test_sees_a_shift_without_limits() -> None:
    noise = [3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]
    assert not run_test(noise).signal
    shifted = run_test([*noise, None, *[value + 20 for value in noise]])
    assert shifted.signal and shifted.n == 40 and shifted.crossings == 1 and shifted.longest == 20
    # On the median neither counts nor breaks.
    assert run_test([1, 1, 2, 3, 3]).n == 4 and run_test([1, 1, 2, 3, 3]).crossings == 1
    assert run_test([]) == (0, 0, 0, 0, 0) and not run_test([5.0] * 30).signal
    assert not run_test([1.0, 1, 1, 9, 9, 9]).signal, "six values say nothing"


@given(series, st.integers(-1000, 1000), st.sampled_from([-2.0, 0.25, 64.0]))
def test_the_run_test_does_not_depend_on_shift_or_scale(values: list[float | None], shift: int, scale: float) -> None:
    assert run_test([None if value is None else value * scale + shift for value in values]) == run_test(values)
