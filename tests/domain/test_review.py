"""Agenda, timeboxes, why a row is talked about, and what the two verdicts ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.review import (
    SHARES,
    STEPS,
    Set,
    carried_text,
    clock_state,
    group,
    questions,
    read_seconds,
    timeboxes,
    verdicts,
    with_seconds,
)


def test_a_weekly_review_of_thirty_minutes_is_the_one_drawn() -> None:
    assert timeboxes(30) == SHARES == (5, 5, 12, 5, 2, 1)
    assert timeboxes(60) == (10, 10, 24, 10, 4, 2)


@given(st.integers(1, 1000))
def test_timeboxes_add_up_and_leave_no_step_out(minutes: int) -> None:
    boxes = timeboxes(minutes)
    assert sum(boxes) == max(minutes, 6) and min(boxes) >= 1 and len(boxes) == len(STEPS)


@pytest.mark.parametrize(("seconds", "state"), [(0, ""), (239, ""), (240, "watch"), (299, "watch"), (300, "over")])
def test_the_clock_is_marked_from_eighty_percent(seconds: int, state: str) -> None:
    assert clock_state(seconds, 5) == state


def test_seconds_of_steps_go_in_and_out() -> None:
    stored = with_seconds(with_seconds("", 3, 90), 1, 5)
    assert read_seconds(stored) == (5, 0, 90, 0, 0, 0)
    assert read_seconds(with_seconds(stored, 3, -10)) == (5, 0, 90, 0, 0, 0)
    assert read_seconds("7,x") == (7, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("status", "signal", "missing", "expected"),
    [
        ("off_track", True, True, "off"),
        ("missed", False, False, "off"),
        ("at_risk", True, False, "watch"),
        ("on_track", True, True, "signal"),
        ("on_track", False, True, "missing"),
        ("stale", False, True, "missing"),
        ("stale", True, True, "missing"),
        ("stale", True, False, "signal"),
        ("on_track", False, False, "quiet"),
        ("no_target", False, False, "quiet"),
    ],
)
def test_off_before_watch_before_signal_before_missing(status: str, signal: bool, missing: bool, expected: str) -> None:
    assert group(status, signal, missing) == expected


def test_pace_and_signal_are_two_verdicts() -> None:
    assert verdicts("on_track", False).sentence == "As expected: pass on."
    assert verdicts("achieved", True).sentence == "Something changed: learn why."
    assert verdicts("at_risk", False).sentence.startswith("The process as it is cannot reach this")
    assert verdicts("off_track", True).sentence.endswith("act now.")
    assert verdicts("off_track", False, judged=False).sentence.startswith("Too few values yet")
    assert verdicts("no_target", False) == ("", False, "")


def test_carrying_over_is_counted_in_words() -> None:
    assert [carried_text(n) for n in range(4)] == ["", "carried", "carried twice", "carried 3 times"]


def test_only_the_rarer_rhythms_ask_about_the_set() -> None:
    kpis = [
        Set("A", "on_track", True, 0, 13, "5%"),
        Set("B", "off_track", False, 13, 13, "5%"),
        Set("C", "no_data", True, 0, 0, "5%"),
    ]
    assert questions("weekly", kpis, ["D"], "G") == questions("monthly", kpis, ["D"], "G") == ()
    asked = questions("quarterly", kpis, ["D"], "G")
    assert [line.split()[0] for line in asked] == ["A", "B", "B", "C", "D"]
    yearly = questions("annual", kpis, [], "")
    assert yearly[0].startswith("There was no goal") and yearly[-1].startswith("C cannot be judged")
    dead = [f"X{n} feeds A" for n in range(7)]
    assert questions("quarterly", kpis, ["D"], "G", dead) == asked
    levers = questions("annual", kpis, [], "", dead)[len(yearly) :]
    assert levers[0] == "X0 feeds A: a dead lever?" and len(levers) == 6
    assert levers[-1] == "2 more drivers show no link: kpitui leading lists them. Which do we let go?"
