"""Showing figures: ICU's published texts where our form is theirs, and what is shown is read back."""

from __future__ import annotations

import json
import math
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.figure_style import PLAIN, FigureStyle, use
from kpitui.domain.figures import show, show_change, show_range, show_relative, show_target
from kpitui.domain.numbers import read_number


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (359_000.0, "currency", "$359k"),
        (4_310_000.0, "currency", "$4.31M"),
        (5_200.0, "currency", "$5.2k"),
        (412.0, "currency", "$412"),
        (4.5, "currency", "$4.50"),
        (-1_234.0, "currency", "-$1.23k"),
        (0.029, "percent", "2.9%"),
        (1.04, "percent", "104%"),
        (12.5, "percent", "1,250%"),
        (26.0, "number", "26"),
        (999_499.0, "number", "999k"),
        (999_500.0, "number", "1M"),
        (999_999.0, "number", "1M"),
        (999.6, "number", "1k"),
        (3.2, "duration", "3.2h"),
        (1e15, "number", "1000T"),
        (1e16, "number", "1e16"),
        (1e-9, "number", "1e-9"),
        (0.0, "number", "0"),
        (-0.0, "number", "0"),
    ],
)
def test_tables_say_numbers_in_few_figures(value: float, unit: Any, text: str) -> None:
    assert show(value, unit, currency="USD", compact=True) == text


def test_the_metrics_decimals_hold_below_a_thousand() -> None:
    assert show(0.03, "percent", decimals=1, compact=True) == "3.0%"
    assert show(4.0, decimals=1, compact=True) == "4.0"
    assert show(-0.004, decimals=1, compact=True) == "0.0"
    assert show(1234.5678, decimals=4, compact=True) == "1.23k"
    assert show(5e6, "currency", currency="USD", compact=True, least=2) == "$5.0M"


def test_rounding_is_half_up_on_the_digits() -> None:
    assert show(2.675, decimals=2) == "2.68"
    assert show(2.5, decimals=0) == "3"
    assert show(-2.5, decimals=0) == "-3"
    assert show(1234.5, "currency", currency="JPY") == "¥1,235"


def test_signs_brackets_and_what_does_not_exist() -> None:
    assert show(3.0, signed=True) == "+3" and show(0.0, signed=True) == "0"
    assert show(-1234.5, decimals=2, accounting=True) == "(1,234.50)"
    assert show(None) == "–" and show(None, ascii=True) == "-"
    assert show(math.nan) == show(math.inf) == "n/a"
    assert show(0.1 + 0.2) == "0.3"
    assert show(0.029, "percent", bare=True) == "2.9"


def test_differences_of_percentages_are_points() -> None:
    assert show_change(0.05 - 0.03, "percent") == "+2 pp"
    assert show_change(0.000693, "percent") == "+0.07 pp" and show_change(0.00002, "percent") == "+0.002 pp"
    assert show_change(0.05 - 0.03, "percent", bps=True) == "+200 bps"
    assert show_change(-0.0005, "percent", bps=True) == "-5 bps"
    assert show_change(-1234.0, "currency", currency="USD") == "-$1.23k"
    assert show_change(None, "percent") == "–"
    assert show_relative(-0.13333) == "-13.3%" and show_relative(0.0) == "0.0%" and show_relative(None) == "–"
    assert show_relative(99.0) == "+9,900%"


def test_ranges_and_targets() -> None:
    assert show_range(2.6, 3.8) == "2.6-3.8"
    assert show_range(0.028, 0.033, "percent") == "2.8-3.3%"
    assert show_range(382.0, 436.0, "currency", currency="USD") == "$382-436"
    assert show_range(-5.0, 3.0) == "-5 to 3"
    assert show_range(None, 3.0) == "≤ 3" and show_range(None, None) == "–"
    assert show_target("at_least", 30.0) == "≥ 30"
    assert show_target("at_most", 400.0, unit="currency", currency="USD", ascii=True) == "<= $400"
    assert show_target("between", None, 25.0, 35.0) == "25-35"
    assert show_target("at_least", 0.03, unit="percent", decimals=1) == "≥ 3.0%"
    assert show_target("reach", 5e6, unit="currency", currency="EUR") == "€5M"
    assert show_target("at_least", None) == "–"


def icu(reference: Path, part: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((reference / "numbers.json").read_text())["intl_reference"][part]
    return cases


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "fr-FR", "es-ES", "ja-JP", "en-IN"])
def test_compact_agrees_with_icu(reference: Path, locale: str) -> None:
    """Two figures, every case of every locale; only the English K is our k."""
    cases = [case for case in icu(reference, "compact") if case["locale"] == locale]
    assert len(cases) == 37 and not any(case["options"] for case in cases)
    words = locale if locale == "en-IN" else locale[:2]
    use(FigureStyle("," if words in ("de", "fr", "es") else ".", words=words))
    try:
        shown = {case["value"]: show(case["value"], compact=True, figures=2) for case in cases}
    finally:
        use(PLAIN)
    expected = {case["value"]: case["text"] for case in cases}
    assert {value: text.replace("k", "K") if words == "en" else text for value, text in shown.items()} == expected


def test_where_babel_and_icu_differ_icu_is_right(reference: Path) -> None:
    compact, two_figures, currency = json.loads((reference / "numbers.json").read_text())["babel_2_18_differences"]
    assert show(999_999, compact=True, figures=2).upper() == compact["icu"]
    assert show(1_500, compact=True, figures=2).upper() == two_figures["icu"].split()[0]
    assert show(1234.5, "currency", currency="JPY")[1:] == currency["icu"].split()[0][1:]


def test_currencies_agree_with_icu(reference: Path) -> None:
    """Where the symbol stands first and groups are of three: en-US and en-IN below a lakh.

    ICU's other locales put the sign behind, use ’ groups or the wide ￥; there the digits alone are compared.
    """
    for case in icu(reference, "currency"):
        locale, code = case["locale"], case["currency"]
        decimal = "," if locale in ("de-DE", "fr-FR") else "."
        accounting = case["sign"] == "accounting"
        expected = case["text"].replace("\u00a0", " ")
        shown = show(case["value"], "currency", currency=code, decimal=decimal, accounting=accounting)
        if locale == "en-US" or (locale == "en-IN" and case["value"] < 100_000):
            assert shown == expected, case
        else:
            assert [c for c in shown if c.isdigit()] == [c for c in expected if c.isdigit()], case


def test_percent_agrees_with_icu(reference: Path) -> None:
    """German and French ICU put a narrow space before the sign; we do not."""
    for case in icu(reference, "percent"):
        decimal = "." if case["locale"] == "en-US" else ","
        expected = "".join(c for c in case["text"] if not c.isspace())
        assert show(case["value"], "percent", decimals=case["digits"], decimal=decimal) == expected


AMOUNTS = st.integers(-(10**11), 10**11).flatmap(lambda n: st.integers(0, 4).map(lambda d: n / 10**d))


@given(value=AMOUNTS, unit=st.sampled_from(("number", "percent", "score", "duration")), decimal=st.sampled_from(".,"))
def test_what_is_written_out_is_read_back(value: float, unit: Any, decimal: str) -> None:
    value = value / 100 if unit == "percent" else value
    assert read_number(show(value, unit, decimal=decimal), unit, decimal=decimal).value == pytest.approx(
        value, rel=1e-11
    )


@given(value=AMOUNTS, code=st.sampled_from(("USD", "EUR", "JPY", "KWD", "CHF", "CAD", "PLN")), book=st.booleans())
def test_an_amount_is_read_back_to_its_decimals(value: float, code: str, book: bool) -> None:
    places = {"JPY": 0, "KWD": 3}.get(code, 2)
    text = show(value, "currency", currency=code, accounting=book)
    rounded = float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
    assert read_number(text, "currency", currency=code).value == rounded


@given(value=st.floats(-1e300, 1e300), unit=st.sampled_from(("number", "percent", "currency")))
def test_a_compact_figure_is_short_and_within_half_a_percent(value: float, unit: Any) -> None:
    text = show(value, unit, currency="USD", compact=True)
    digits = [c for c in text.partition("e")[0] if c.isdigit()]
    assert len("".join(digits).lstrip("0")) <= 4
    if abs(value) > 1e-300:
        assert read_number(text, unit, currency="USD").value == pytest.approx(value, rel=0.0051, abs=1e-300)


@given(value=st.floats(), decimals=st.one_of(st.none(), st.integers(0, 9)), compact=st.booleans())
def test_every_float_has_words(value: float, decimals: int | None, compact: bool) -> None:
    assert show(value, decimals=decimals, compact=compact)
    assert show_change(value, "percent", decimals=decimals)
    assert show_range(value, 1.0)


def test_a_currency_whose_sign_cannot_be_written_shows_its_code() -> None:
    assert show(9880.0, "currency", currency="EUR", compact=True, ascii=True) == "EUR 9.88k"
    assert show(9880.0, "currency", currency="USD", compact=True, ascii=True) == "$9.88k"
    assert show_range(1000.0, 2000.0, "currency", currency="EUR", ascii=True) == "EUR 1k-2k"
