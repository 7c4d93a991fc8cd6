from __future__ import annotations

from datetime import date

import pytest

from kpitui.domain.line_band import without_band
from kpitui.domain.line_metric import read_metric
from kpitui.domain.line_target import TargetLine, read_target
from kpitui.domain.line_window import Time, refuse_other_grain, time_words, typed_words
from kpitui.domain.problem import Problem

TODAY = date(2026, 11, 20)


def read(text: str, **more: object) -> TargetLine:
    return read_target(text, TODAY, "percent", **more)  # type: ignore[arg-type]


def test_a_way_with_the_time_it_is_judged_over_and_holds_for() -> None:
    line = read("2% to 3% by jun over 4 weeks held 3 weeks ; Q2 plan")
    assert (line.kind, line.baseline, line.value, line.why) == ("from_to", 0.02, 0.03, "Q2 plan")
    assert line.deadline == read("2% to 3% by jun").deadline
    assert line.time == Time(4, 3, ("week",))
    assert typed_words(line.time) == ", over 4 weeks, held 3 weeks"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("3% by jun over the last 4 weeks", Time(4, None, ("week",))),
        ("3% over 28d by jun", Time(28, None, ("day",))),
        (">=3% over 4weeks floor 2.5%", Time(4, None, ("week",))),
        ("2% to 3% by jun sustained for 3 months", Time(None, 3, ("month",))),
        ("2% to 3% by jun over none held none", Time(1, 1)),
    ],
)
def test_how_else_it_can_be_said(text: str, time: Time) -> None:
    assert read(text).time == time


def test_the_time_alone_leaves_the_target_as_it_is() -> None:
    line = read("over 4 weeks")
    assert line.only_time and line.only_band and line.time.window == 4
    assert not read("over 4 weeks floor 2%").only_time and read("over 4 weeks floor 2%").floor == 0.02
    assert typed_words(read("over none").time) == ", over the last period alone"
    assert without_band("3% over 4 weeks held 2 weeks floor 2%") == "3%"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("500 total by jun over 4 weeks", "A total counts all its periods"),
        (">=3% by jun held 3 weeks", "Only a way to a target is held"),
        ("3% held", "nothing after “held”"),
        ("3% held often", "no count of periods: type it like held 4 weeks"),
        ("3% over 0 weeks", "type 1 to 366"),
        ("3% over 4 weeks over 2 weeks", "there twice"),
        ("over 30", "over 30"),
    ],
)
def test_what_is_no_time_is_refused(text: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        read(text)


def test_periods_are_those_of_the_metric() -> None:
    refuse_other_grain(Time(4, None, ("week",)), "week", "Orders")
    with pytest.raises(Problem, match="Orders has monthly values: count months, like over 4 months"):
        refuse_other_grain(Time(4, None, ("week",)), "month", "Orders")
    assert time_words(1, 1, "week") == "" and time_words(4, 3, "month") == ", over 4 months, held 3 months"


def test_the_line_of_a_metric_takes_the_time_along() -> None:
    line = read_metric(
        "Conversion, weekly @bo percent target 3% over the last 4 weeks held 3 weeks by 30 jun lead", TODAY
    )
    assert line.target is not None and line.target.time == Time(4, 3, ("week",))
    assert (line.cadence, line.timing, line.owner) == ("week", "leading", "bo")
