"""Floor, target, stretch: typed, checked by direction, said in the status, judging nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kpitui.domain.bands import Place, said
from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.problem import Problem
from kpitui.domain.target import Aim, Step, check, in_force
from tests.domain.test_status import CALLS, LAST, LEADS, MONDAY, RATE, verdict

TODAY = date(2026, 11, 20)


def read(text: str, **more: Any) -> TargetLine:
    return read_target(text, TODAY, **more)


def test_a_target_line_says_floor_and_stretch_in_any_order() -> None:
    for text in ("30 floor 25 stretch 36 by 31 dec ; plan", "30 by 31 dec stretch 36 floor 25; plan"):
        line = read(text)
        assert (line.kind, line.value, line.floor, line.stretch, line.why) == ("from_to", 30, 25, 36, "plan")
        assert line.deadline is not None
    line = read("<=4% floor 6 % stretch 3%", unit="percent")
    assert (line.kind, line.value, line.floor, line.stretch) == ("at_most", 0.04, 0.06, 0.03)
    assert read("500 total by 31 dec floor 400").floor == 400


def test_a_band_alone_leaves_the_target_and_may_begin_later() -> None:
    line = read("floor 25 stretch none")
    assert line.only_band and line.floor == 25 and line.without == ("stretch",)
    assert read("floor 25 from 1 jan").start > line.start
    with pytest.raises(Problem, match="dated with the target"):
        read("by 1 jan floor 25")


@pytest.mark.parametrize(
    ("text", "direction", "sentence"),
    [
        ("30 floor 32", "up", "least that is acceptable: type one below"),
        ("30 stretch 28", "up", "excellent: type one above"),
        ("<=30 floor 25", "up", "least that is acceptable: type one above"),
        ("30 stretch 33", "down", "excellent: type one below"),
        ("30 floor 30", "up", "type one below"),
        ("25-35 floor 20", "range", "two ends"),
        ("floor 30 stretch 20", "up", "wrong way round"),
        ("30 floor", "up", "no number after"),
        ("30 floor 20 floor 21", "up", "twice"),
    ],
)
def test_a_band_on_the_wrong_side_is_refused(text: str, direction: Any, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        read(text, direction=direction)


def test_the_order_is_checked_where_a_kpi_is_checked() -> None:
    sound = Aim("from_to", 20, 30, start=MONDAY, deadline=LAST, floor=25, stretch=36)
    assert not check(sound)
    assert "below the target" in check(sound._replace(floor=31))[0]
    assert "leave floor out" in check(Aim("between", low=1, high=2, direction="range", floor=0))[0]
    assert "not a finite number" in check(sound._replace(stretch=float("inf")))[0]


def test_a_dated_target_brings_its_own_band_and_leaves_the_days_before() -> None:
    aim = Aim("at_least", value=30, start=MONDAY, deadline=LAST, floor=25, stretch=36)
    steps = [Step(MONDAY + 28, 20, floor=15)]
    before, after = in_force(aim, steps, MONDAY + 27), in_force(aim, steps, MONDAY + 28)
    assert (before.floor, before.stretch, after.floor, after.stretch) == (25, 36, 15, None)
    assert in_force(aim, [Step(MONDAY + 28, floor=15)], MONDAY + 28).value == 30


def test_the_status_is_the_targets_and_the_sentence_says_the_band() -> None:
    aim = CALLS._replace(floor=25, stretch=36)
    for value, word, tail in ((28, "floor", "above the floor 25"), (24, "below_floor", "below the floor 25"),
                              (36, "stretch", "stretch 36 reached"), (31, "", "")):  # fmt: skip
        bare, found = verdict(CALLS, [30.0, float(value)]), verdict(aim, [30.0, float(value)])
        assert (found.status, found.band, found.why) == (bare.status, word, said(bare.why, Place(word, tail)))
        assert found._replace(band="", why="") == bare._replace(why="")
    down = Aim("at_most", value=4, start=MONDAY, deadline=LAST, floor=6, stretch=3)
    assert verdict(down, [5.0, 5.0]).why.startswith("5 misses at most 4 by 1, within the floor 6, ")
    assert ", beyond the floor 6" in verdict(down, [5.0, 7.0]).why


def test_nobody_on_the_way_is_below_a_floor_above_the_baseline_until_it_is_over() -> None:
    aim = RATE._replace(floor=0.025)
    assert verdict(aim, [0.02, 0.021]).band == ""
    assert verdict(aim, [0.02, 0.026]).band == "floor"
    assert verdict(aim, [0.021] * 13).band == "below_floor"
    assert verdict(LEADS._replace(floor=400.0), [20.0] * 8).band == ""
    assert verdict(LEADS._replace(floor=400.0), [32.0] * 13).why.endswith(", above the floor 400")
