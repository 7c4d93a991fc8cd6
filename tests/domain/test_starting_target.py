"""Usual targets before there are numbers, and answers like `356k > 400k @ana`."""

from __future__ import annotations

import pytest

from kpitui.domain.problem import Problem
from kpitui.domain.starting_target import Ground, read_answer, read_usual, work_out

TODAY, END = 20_458, 20_818
GROUND = Ground(5_000_000.0, TODAY, END, TODAY - 4, 356_000.0, {"mrr": 356_000.0})


@pytest.mark.parametrize(
    ("said", "unit", "kind", "direction", "target"),
    [
        ("goal / 12", "currency", "level", "up", ("from_to", 5_000_000 / 12, 356_000.0)),
        ("goal / 12", "currency", "flow", "up", ("at_least", 5_000_000 / 12, None)),
        ("goal", "currency", "flow", "up", ("reach", 5_000_000.0, None)),
        ("base +10%", "currency", "flow", "up", ("from_to", 391_600.0, 356_000.0)),
        ("base -10%", "currency", "flow", "down", ("from_to", 320_400.0, 356_000.0)),
        ("base", "currency", "flow", "down", ("at_most", 356_000.0, None)),
        ("base", "currency", "flow", "up", ("at_least", 356_000.0, None)),
        ("<= 0.5% of mrr", "currency", "flow", "down", ("at_most", 1_780.0, None)),
        (">= 70%", "percent", "level", "up", ("at_least", 0.7, None)),
        ("<= 4 h", "duration", "level", "down", ("at_most", 4.0, None)),
    ],
)
def test_a_usual_target_is_worked_out_on_what_is_known(
    said: str, unit: str, kind: str, direction: str, target: tuple[str, float, float | None]
) -> None:
    usual = read_usual(said, unit, "USD", direction)  # type: ignore[arg-type]
    line = work_out(usual, kind, direction, GROUND)  # type: ignore[arg-type]
    assert line is not None
    assert (line.kind, line.baseline, line.deadline) == (target[0], target[2], END)
    assert line.value == pytest.approx(target[1])


def test_a_step_of_a_percent_metric_is_in_points_and_a_total_begins_with_the_goal() -> None:
    ground = GROUND._replace(baseline=0.025)
    line = work_out(read_usual("base +0.5", "percent", "USD"), "ratio", "up", ground)
    assert line is not None and line.value == 0.03
    total = work_out(read_usual("goal", "number", "USD"), "flow", "up", ground)
    assert total is not None and total.start == TODAY - 4


@pytest.mark.parametrize("said", ["goal / 12", "base +10%", "<= 1% of visits"])
def test_what_it_needs_and_does_not_have_leaves_it_open(said: str) -> None:
    nothing = Ground(None, TODAY, END, None, None, {})
    assert work_out(read_usual(said, "number", "USD"), "level", "up", nothing) is None


def test_without_a_deadline_a_way_is_a_bound() -> None:
    line = work_out(read_usual("base +10%", "number", "USD"), "flow", "up", GROUND._replace(deadline=None, baseline=10))
    assert line is not None and (line.kind, line.value) == ("at_least", 11)


@pytest.mark.parametrize("said", ["goal / 0", "twice", "<= 5% of"])
def test_what_is_no_usual_target_is_refused(said: str) -> None:
    with pytest.raises(Problem):
        read_usual(said, "number", "USD")


@pytest.mark.parametrize(
    ("text", "unit", "baseline", "target", "owner"),
    [
        ("356k > 400k @ana", "currency", 356_000.0, ("from_to", 400_000.0), "ana"),
        ("356>400", "number", 356.0, ("from_to", 400.0), ""),
        ("2.5 > +0.5", "percent", 0.025, ("from_to", 0.03), ""),
        ("14 > <=12", "number", 14.0, ("at_most", 12.0), ""),
        ("40 > 500 total", "number", 40.0, ("reach", 500.0), ""),
        (">=30", "number", None, ("at_least", 30.0), ""),
        ("-5", "number", -5.0, None, ""),
        ("@bo", "number", None, None, "bo"),
        ("", "number", None, None, ""),
    ],
)
def test_an_answer_is_baseline_target_and_owner(
    text: str, unit: str, baseline: float | None, target: tuple[str, float] | None, owner: str
) -> None:
    answer = read_answer(text, TODAY, unit, "USD", "up", END)  # type: ignore[arg-type]
    assert (answer.baseline, answer.owner) == (baseline, owner)
    assert target == (None if answer.target is None else (answer.target.kind, answer.target.value))
    if answer.target is not None:
        assert answer.target.deadline == END


@pytest.mark.parametrize("text", ["3..1 > 5", "soon", "5 > much"])
def test_an_answer_that_is_no_number_says_so(text: str) -> None:
    with pytest.raises(Problem):
        read_answer(text, TODAY, "number", "USD", "up", END)
