"""What a value cell accepts, in the screens and elsewhere."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.numbers import Unsure
from kpitui.domain.problem import Problem
from kpitui.domain.typed import read_typed


@pytest.mark.parametrize(
    ("text", "screen", "negative", "value", "relative"),
    [
        ("359", True, True, 359.0, False),
        ("12k", True, True, 12000.0, False),
        ("+5", True, True, 305.0, True),
        ("+5", False, True, 5.0, False),
        ("-5", True, True, -5.0, False),
        ("-5", True, False, 295.0, True),
        ("−5", True, False, 295.0, True),
        ("-5", False, False, -5.0, False),
        ("5%", True, True, 315.0, True),
        ("+5%", True, True, 315.0, True),
        ("-5%", True, True, 285.0, True),
        ("-5%", True, False, 285.0, True),
        ("+=5", False, True, 305.0, True),
        ("-=5", False, True, 295.0, True),
        ("+= 5%", False, True, 315.0, True),
        ("-=1.2k", True, True, -900.0, True),
        ("=9*31+4", True, True, 283.0, False),
        ("=-5", True, False, -5.0, False),
        ('"', True, True, 300.0, True),
        ("'", True, True, 300.0, True),
        ("(5)", True, True, -5.0, False),
    ],
)
def test_a_count_metric(text: str, screen: bool, negative: bool, value: float, relative: bool) -> None:
    typed = read_typed(text, unit="number", last=300.0, can_be_negative=negative, screen=screen, recent=[300.0])
    assert (typed.value, typed.state, typed.relative) == (value, "value", relative)
    assert typed.entered == text


@pytest.mark.parametrize(
    ("text", "negative", "value"),
    [("3.4%", True, 0.034), ("3.4", True, 0.034), ("+5%", True, 0.0315), ("+0.5", True, 0.035), ("-0.5", False, 0.025),
     ("-5%", False, 0.0285), ("-5%", True, -0.05), ("+=0.1", True, 0.031)],
)  # fmt: skip
def test_in_a_percent_metric_a_bare_percentage_is_the_value(text: str, negative: bool, value: float) -> None:
    assert read_typed(text, unit="percent", last=0.03, can_be_negative=negative).value == value


def test_steps_are_exact_on_the_digits() -> None:
    assert read_typed("+0.2", unit="number", last=0.1).value == 0.3
    assert read_typed("+10%", unit="number", last=1.1).value == 1.21


def test_the_old_and_the_new_value_are_shown() -> None:
    assert read_typed("+5", unit="currency", currency="USD", last=300.0).hint == "+5: $300.00 → $305.00"
    assert read_typed("12k", unit="number").hint == "12k → 12,000"


def test_a_note_stands_behind_a_semicolon() -> None:
    typed = read_typed("359 ; SDR left; see chart", unit="number")
    assert (typed.value, typed.entered, typed.note) == (359.0, "359", "SDR left; see chart")
    assert read_typed("28;typo", unit="number")[0::3] [:2] == (28.0, "typo")  # fmt: skip
    assert read_typed("x ; holiday", unit="number").note == "holiday"
    with pytest.raises(Problem, match="no value"):
        read_typed("; why", unit="number")
    assert read_typed("=max(1,5;2) ; why", unit="number", decimal=",")[:4] == (2.0, "value", "=max(1,5;2)", "why")


def test_none_and_nothing_are_told_apart() -> None:
    assert read_typed("x", unit="number").state == "none"
    assert read_typed("none", unit="number", screen=False).state == "none"
    assert read_typed("", unit="number").state == "missing"
    assert read_typed("", unit="number", screen=False).state == "cleared"


def test_a_step_needs_a_last_value_and_keeps_its_bounds() -> None:
    for text in ("+5", '"', "+=5", "5%"):
        with pytest.raises(Problem, match=r"last value|type the"):
            read_typed(text, unit="number", last=None)
    with pytest.raises(Problem, match="would be negative"):
        read_typed("-500", unit="number", last=300.0, can_be_negative=False)
    for text in ("+", "+=", "+abc", "+=-", "=", "++5"):
        with pytest.raises(Problem):
            read_typed(text, unit="number", last=300.0)


def test_the_last_value_helps_to_ask() -> None:
    with pytest.raises(Unsure):
        read_typed("1,234", unit="number", last=1.2)
    assert read_typed("1,234", unit="number", last=1.2, recent=[1000.0, 1100.0, 1.2]).value == 1234.0


TYPED = st.text(alphabet="0123456789.,-+()%$k=;x\"'−* ", max_size=14)


@given(text=st.one_of(st.text(max_size=50), TYPED), last=st.one_of(st.none(), st.floats(-1e308, 1e308)),
       unit=st.sampled_from(("number", "currency", "percent", "duration", "score")), decimal=st.sampled_from(".,"),
       negative=st.booleans(), screen=st.booleans())  # fmt: skip
def test_no_text_makes_anything_but_a_value_or_a_problem(
    text: str, last: float | None, unit: Any, decimal: str, negative: bool, screen: bool
) -> None:
    try:
        typed = read_typed(
            text, unit=unit, currency="USD", decimal=decimal, last=last, can_be_negative=negative, screen=screen
        )
    except Problem as problem:
        assert str(problem).endswith(".") and str(problem).isprintable()
    else:
        assert (typed.state == "value") == (typed.value is not None)
        assert typed.value is None or math.isfinite(typed.value)
        assert negative or not typed.relative or typed.value is None or typed.value >= 0 or typed.value == last
