"""The two tables of how numbers are read and shown, row by row (maths.md §9)."""

from __future__ import annotations

from typing import Any

import pytest

from kpitui.domain.figure_style import PLAIN, FigureStyle, use
from kpitui.domain.figures import show, show_change
from kpitui.domain.numbers import Unsure, read_number
from kpitui.domain.problem import Problem
from kpitui.domain.typed import read_typed

NBSP, THIN = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("text", "unit", "more", "value"),
    [
        *((text, "number", {}, 1234.5) for text in ("1234.5", "1,234.5", " 1 234.5 ", f"1{NBSP}234.5", f"1{THIN}234.5",
                                                    "1’234.5", "1'234.5")),
        ("1_234", "number", {}, 1234),
        ("1.234,5", "number", {"decimal": ","}, 1234.5),
        ("1,234", "number", {}, 1234),
        ("1,234", "number", {"decimal": ","}, 1.234),
        ("12%", "percent", {}, 0.12),
        ("12", "percent", {}, 0.12),
        ("0.52", "percent", {}, 0.0052),
        ("1.2k", "number", {}, 1200),
        ("3.4M", "number", {}, 3.4e6),
        ("2bn", "number", {}, 2e9),
        ("1T", "number", {}, 1e12),
        ("5m", "number", {}, 5e6),
        *((text, "currency", {"currency": "USD"}, 1200) for text in ("$1,200", "USD 1200", "1200 $", "1200")),
        ("1200 €", "currency", {"currency": "EUR"}, 1200),
        *((text, "number", {}, -5) for text in ("(5)", "-5", "−5", "5-")),
        ("+5", "number", {}, 5),
        ("=120+30", "number", {}, 150),
        ("=3*1.2k", "number", {}, 3600),
        ("1e3", "number", {}, 1000),
        ("11 5/8", "number", {}, 11.625),
        ("-11 5/8", "number", {}, -11.625),
        *((text, "duration", {}, 1.5) for text in ("1:30", "1h30", "90m", "1.5")),
        ("0", "number", {}, 0),
    ],
)  # fmt: skip
def test_what_is_read(text: str, unit: Any, more: dict[str, Any], value: float) -> None:
    read = read_number(text, unit, **more)
    assert read.value == pytest.approx(value, rel=1e-15) and read.state == "value"
    # What was typed is kept beside what it means.
    assert read.entered == text.strip()


@pytest.mark.parametrize(
    ("text", "unit", "more"),
    [
        ("1,2345", "number", {}), ("45,00", "number", {}), ("1.234,5", "number", {}), ("12%", "number", {}),
        ("€5", "currency", {"currency": "USD"}), ("$5", "number", {}), ("nan", "number", {}), ("inf", "number", {}),
        ("0x10", "number", {}), ("1_0_0", "number", {}), ("True", "number", {}), ("1:30", "number", {}),
        ("1h30", "number", {}), ("--5", "number", {}), ("1e999", "number", {}), ("11 5/0", "number", {}),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, unit: Any, more: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        read_number(text, unit, **more)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("text", "unit", "last", "readings"),
    [
        ("1,234", "number", (1.2, 1.3), (1234, 1.234)),
        ("12", "percent", (0.0012, 0.0015), (0.12, 12.0)),
        ("0.52", "percent", (0.5, 0.55), (0.0052, 0.52)),
    ],
)
def test_what_is_asked_about(text: str, unit: Any, last: tuple[float, ...], readings: tuple[float, float]) -> None:
    with pytest.raises(Unsure) as asked:
        read_number(text, unit, last=last)
    assert asked.value.readings == pytest.approx(readings)


@pytest.mark.parametrize(
    ("text", "value", "hint"),
    [("+=5", 105, "100 → 105"), ("-=5", 95, "100 → 95"), ("+=10%", 110, "100 → 110"), ("-=1.2k", -1100, "-1,100")],
)
def test_steps_say_old_and_new_everywhere(text: str, value: float, hint: str) -> None:
    for screen in (True, False):
        typed = read_typed(text, unit="number", last=100.0, screen=screen)
        assert typed.value == value and typed.relative and hint in typed.hint


def test_empty_dash_and_na_are_no_zero() -> None:
    assert [read_number(text, "number").state for text in ("", "-", "na", "n/a")] == [
        "cleared",
        "missing",
        "none",
        "none",
    ]


@pytest.mark.parametrize(
    ("value", "more", "text"),
    [
        (999_499, {"compact": True}, "999k"),
        (999_500, {"compact": True}, "1M"),
        (999_950, {"compact": True, "figures": 4}, "1M"),
        (999_949, {"compact": True, "figures": 4}, "999.9k"),
        (1500, {"compact": True}, "1.5k"),
        (2.675, {"decimals": 2}, "2.68"),
        (2.5, {"decimals": 0}, "3"),
        (1234.5, {"unit": "currency", "currency": "JPY"}, "¥1,235"),
        (1234.5, {"unit": "currency", "currency": "USD"}, "$1,234.50"),
        (1234.5, {"unit": "currency", "currency": "KWD"}, "KWD 1,234.500"),
        (1234.5, {"unit": "currency", "currency": "CLF"}, "CLF 1,234.5000"),
        (0.1234, {"unit": "percent", "decimals": 1}, "12.3%"),
        (-1234.5, {"decimals": 2}, "-1,234.50"),
        (-1234.5, {"decimals": 2, "accounting": True}, "(1,234.50)"),
        (-1234.5, {"decimals": 2, "decimal": ","}, "-1.234,50"),
        (None, {}, "–"),
        (float("nan"), {}, "n/a"),
    ],
)
def test_what_is_shown(value: float | None, more: dict[str, Any], text: str) -> None:
    assert show(value, **more) == text


def test_the_style_of_a_person_holds_where_nothing_else_is_said() -> None:
    use(FigureStyle(",", True))
    try:
        assert show(-1234.5, decimals=2) == "(1.234,50)"
        assert read_number("1.234,5", "number").value == 1234.5
        # A change keeps its sign: brackets would hide which way it went.
        assert show_change(-1234.5) == "-1,23k"
    finally:
        use(PLAIN)
    assert show(-1234.5, decimals=2) == "-1,234.50"


def test_a_change_of_a_percentage_is_in_points() -> None:
    assert show_change(0.05 - 0.03, "percent") == "+2 pp"
    assert show_change(0.05 - 0.03, "percent", bps=True) == "+200 bps"
