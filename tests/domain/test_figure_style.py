"""Figures are written and read as the person in front of the screen has them, in their own context only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import copy_context
from datetime import date

import pytest

from kpitui.domain import figure_style
from kpitui.domain.figures import show, show_change, show_range
from kpitui.domain.line_metric import read_metric
from kpitui.domain.line_rate import read_rate
from kpitui.domain.line_target import read_target
from kpitui.domain.numbers import read_number
from kpitui.domain.problem import Problem

TODAY = date(2026, 11, 20)


@pytest.fixture
def comma() -> Iterator[None]:
    with figure_style.plainly():
        figure_style.use(figure_style.of(",", "accounting"))
        yield


def test_figures_are_shown_in_the_style_in_force(comma: None) -> None:
    assert show(1234.5) == "1.234,5" and show(4_320_000, "currency", currency="USD", compact=True) == "$4,32M"
    assert show(-5.5) == "(5,5)" and show(-0.102, "percent", signed=True) == "-10,2%"
    assert show_change(-3.5) == "-3,5" and show_range(-5.5, 3) == "(5,5) to 3"
    assert show(1234.5, decimal=".", accounting=False) == "1,234.5"


def test_what_is_typed_is_read_in_it(comma: None) -> None:
    assert read_number("3,5", "number").value == 3.5 and read_number("(5,5)", "number").value == -5.5
    with pytest.raises(Problem):
        read_number("3.5", "number")
    line = read_target("2,5-3,5", TODAY)
    assert (line.low, line.high) == (2.5, 3.5)
    metric = read_metric("Reply, weekly, <=4,5", TODAY)
    assert metric.cadence == "week" and metric.target is not None and metric.target.value == 4.5
    rated = read_rate("0,5 a week by 31 dec", TODAY, current=3.0)
    assert rated is not None and "." not in rated.line.split()[0]


def test_it_ends_where_it_began_and_follows_into_threads(comma: None) -> None:
    with figure_style.plainly():
        assert show(1.5) == "1.5"
    seen: list[str] = []
    for target in (copy_context().run, lambda work: work()):
        thread = threading.Thread(target=target, args=(lambda: seen.append(show(1.5)),))
        thread.start()
        thread.join()
    assert seen == ["1,5", "1.5"]


def test_without_a_style_figures_are_plain() -> None:
    assert figure_style.style() is figure_style.PLAIN and show(1234.5) == "1,234.5" and show(-5.0) == "-5"
