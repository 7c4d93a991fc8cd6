"""Reading one number: every row of maths.md §9, and no text that breaks it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.numbers import Unsure, read_number
from kpitui.domain.problem import Problem

UNITS = ("number", "currency", "percent", "duration", "score")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", 1234.5),
        ("1,234.5", 1234.5),
        (" 1 234.5 ", 1234.5),
        ("1\u00a0234.5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("1’234.5", 1234.5),
        ("1'234.5", 1234.5),
        ("1_234", 1234.0),
        ("1,234,567", 1234567.0),
        ("1,234", 1234.0),
        ("1.234", 1.234),
        ("1.2k", 1200.0),
        ("3.4M", 3.4e6),
        ("2.3m", 2.3e6),
        ("2mn", 2e6),
        ("2bn", 2e9),
        ("1T", 1e12),
        ("(5)", -5.0),
        ("-5", -5.0),
        ("−5", -5.0),
        ("5-", -5.0),
        ("+5", 5.0),
        ("=120+30", 150.0),
        ("=3*1.2k", 3600.0),
        ("=9*31+4", 283.0),
        ("1e3", 1000.0),
        ("3.2E5", 320000.0),
        ("11 5/8", 11.625),
        ("-11 5/8", -11.625),
        (".5", 0.5),
        ("5.", 5.0),
        ("0", 0.0),
        ("-0", 0.0),
    ],
)
def test_usual_spellings_are_read(text: str, value: float) -> None:
    read = read_number(text, "number")
    assert (read.value, read.state, read.entered) == (value, "value", text.strip())
    assert math.copysign(1, read.value or 0.0) == math.copysign(1, value)


@pytest.mark.parametrize(
    "text",
    "1,2345 45,00 1,23,456 12,34,567.8 0,123 nan inf Infinity 0x10 1_0_0 True 3..1 1.2.3 1e999 1e-999 abc 12x --5 +-5 "
    "(-5) 5%% 1.2kk 1.2k3 =1/0 =a+1 =__import__('os') =2**9 ٣ ① 1,234;5".split(),
)
def test_what_is_no_number_is_refused_with_the_text_in_the_sentence(text: str) -> None:
    with pytest.raises(Problem) as caught:
        read_number(text, "number")
    assert str(caught.value).endswith(".")
    assert not isinstance(caught.value, Unsure)


def test_a_decimal_comma_is_refused_with_a_hint_in_a_point_setting_and_read_in_its_own() -> None:
    with pytest.raises(Problem, match=r"type 1234\.5"):
        read_number("1.234,5", "number")
    assert read_number("1.234,5", "number", decimal=",").value == 1234.5
    assert read_number("1.234", "number", decimal=",").value == 1234.0
    assert read_number("1,234", "number", decimal=",").value == 1.234
    with pytest.raises(Problem, match="type 1234,5"):
        read_number("1,234.5", "number", decimal=",")


@pytest.mark.parametrize(
    ("text", "decimal", "last", "asks"),
    [
        ("1,234", ".", [1.2, 1.3], True),
        ("1,234", ".", [1200.0], False),
        ("1,234", ".", [40.0], False),
        ("1,234", ".", [], False),
        ("1.234", ",", [1.2], True),
        ("1,234", ",", [1200.0], True),
        ("1234", ".", [1.2], False),
        ("1.2340", ".", [1200.0], False),
    ],
)
def test_a_comma_is_asked_about_when_the_values_before_fit_the_other_reading_alone(
    text: str, decimal: str, last: list[float], asks: bool
) -> None:
    if not asks:
        assert read_number(text, "number", decimal=decimal, last=last).state == "value"
        return
    with pytest.raises(Unsure) as caught:
        read_number(text, "number", decimal=decimal, last=last)
    one, two = caught.value.readings
    assert {one, two} == {1234.0, 1.234}
    # Both ways out that the sentence offers are read without another question.
    for way in str(caught.value).partition(": type ")[2].rstrip(".").split(" or "):
        assert read_number(way, "number", decimal=decimal, last=last).value in (one, two)


@pytest.mark.parametrize(
    ("text", "typed", "in_file"),
    [
        ("12", 0.12, 12.0),
        ("0.52", 0.0052, 0.52),
        ("12%", 0.12, 0.12),
        ("12 %", 0.12, 0.12),
        ("%5", 0.05, 0.05),
        ("3.4%", 0.034, 0.034),
        ("1e1", 0.1, 10.0),
    ],
)
def test_people_type_percent_points_and_files_hold_fractions(text: str, typed: float, in_file: float) -> None:
    assert read_number(text, "percent").value == typed
    assert read_number(text, "percent", file=True).value == in_file


def test_a_percent_far_from_values_below_one_percent_is_asked_about() -> None:
    with pytest.raises(Unsure, match="12%, or 1200%"):
        read_number("12", "percent", last=[0.004, 0.005])
    with pytest.raises(Unsure, match=r"0\.52%, or 52%"):
        read_number("0.52", "percent", last=[0.5, 0.55])
    assert read_number("12%", "percent", last=[0.004]).value == 0.12
    assert read_number("0.52%", "percent", last=[0.5]).value == 0.0052
    assert read_number("1.1", "percent", last=[0.009]).value == 0.011
    assert read_number("0.52", "percent", last=[0.5], file=True).value == 0.52


def test_a_percent_sign_is_refused_where_no_percentage_is_kept() -> None:
    for unit in ("number", "currency", "score", "duration"):
        with pytest.raises(Problem, match="12% is a percentage"):
            read_number("12%", unit)


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("$1,200", "USD", 1200.0),
        ("USD 1200", "USD", 1200.0),
        ("1200 usd", "USD", 1200.0),
        ("$1.2k", "USD", 1200.0),
        ("1.2k$", "USD", 1200.0),
        ("1200 €", "EUR", 1200.0),
        ("CA$5", "CAD", 5.0),
        ("$5", "CAD", 5.0),
        ("KWD 1,234.500", "KWD", 1234.5),
        ("($5)", "USD", -5.0),
        ("$(5)", "USD", -5.0),
        ("-$5", "USD", -5.0),
        ("$-5", "USD", -5.0),
        ("1200 zł", "PLN", 1200.0),
    ],
)
def test_a_currency_sign_must_be_the_metrics(text: str, currency: str, value: float) -> None:
    assert read_number(text, "currency", currency=currency).value == value
    with pytest.raises(Problem, match="is not in JPY"):
        read_number(text, "currency", currency="JPY")
    with pytest.raises(Problem):
        read_number(text, "number")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("1:30", 1.5),
        ("1h30", 1.5),
        ("90m", 1.5),
        ("90 min", 1.5),
        ("1h 30m", 1.5),
        ("1.5h", 1.5),
        ("1.5", 1.5),
        ("1:30:36", 1.51),
        ("36s", 0.01),
        ("-1:30", -1.5),
        ("2 hours", 2.0),
    ],
)
def test_durations_are_hours_and_only_in_duration_metrics(text: str, hours: float) -> None:
    assert read_number(text, "duration").value == pytest.approx(hours, abs=1e-12)
    if ":" in text or "h" in text or "s" in text:
        with pytest.raises(Problem):
            read_number(text, "number")


def test_days_and_loose_numbers_are_no_duration() -> None:
    for text in ("2d", "30 15s", "1:75", "1h30m20", "(90m)", "1,000.5m"):
        with pytest.raises(Problem):
            read_number(text, "duration")


def test_empty_dash_and_na_are_told_apart_and_zero_only_when_typed() -> None:
    assert read_number("  ", "number")[:2] == (None, "cleared")
    assert read_number("-", "number")[:2] == (None, "missing")
    assert read_number("na", "number")[:2] == (None, "none")
    assert read_number("n/a", "number")[:2] == (None, "none")
    for text in ("", "-", "NA", "N/A", "null"):
        assert read_number(text, "number", file=True)[:2] == (None, "missing")


def test_the_understood_value_is_echoed_where_it_is_not_plain() -> None:
    assert read_number("1.2k", "number").hint == "1.2k → 1,200"
    assert read_number("12", "percent").hint == "12 → 12%"
    assert read_number("11 5/8", "currency", currency="USD").hint == "11 5/8 → 11.625"
    assert read_number("359", "number").hint == ""
    assert read_number("1,234.5", "number").hint == ""


def test_published_parser_cases_agree_where_our_rules_are_the_same(reference: Path) -> None:
    """Babel's strict parser; its locales are our two settings.

    Not ours: the minus, brackets, `%` and ’ that it refuses and maths.md §9 accepts, the plain spaces in fr_FR, nan
    and Infinity that it takes, and the lakh groups of en_IN.
    """
    cases = json.loads((reference / "numbers.json").read_text())["babel_parse_decimal_strict"]["cases"]
    settings = {"en_US": ".", "de_DE": ",", "fr_FR": ",", "de_CH": "."}
    ours = {"−5", "(5)", "12%", "nan", "Infinity", "1'234.5", "1 234,5"}
    checked = 0
    for text, locale, expected in cases:
        if locale not in settings or text in ours:
            continue
        checked += 1
        if expected is None:
            with pytest.raises(Problem):
                read_number(text, "number", decimal=settings[locale])
        else:
            assert read_number(text, "number", decimal=settings[locale]).value == float(expected), text
    assert checked >= 10
    # Theirs is to refuse these; by maths.md §9 they have a value here, or the other way round.
    told = {text: read_number(text, "number").value for text in ("−5", "(5)", "1'234.5", "1_000")}
    assert told == {"−5": -5, "(5)": -5, "1'234.5": 1234.5, "1_000": 1000}
    assert read_number("1 234,5", "number", decimal=",").value == 1234.5
    for text in ("nan", "Infinity", "12%", "12,34,567.8"):
        with pytest.raises(Problem):
            read_number(text, "number")


def test_spreadsheet_rules_agree(reference: Path) -> None:
    """What spreadsheets read from a typed cell (rows with a note on the cell's format say it in the text)."""
    rules = json.loads((reference / "numbers.json").read_text())["spreadsheet_entry_rules"]["rules"]
    for rule in rules:
        text = rule["typed"].removesuffix(" in a percent cell")
        percent = text != rule["typed"] or "%" in text
        unit = "percent" if percent else "currency" if "$" in text else "number"
        if rule["value"] is None:
            with pytest.raises(Problem):
                read_number(text, unit, currency="USD")
        else:
            assert read_number(text, unit, currency="USD").value == rule["value"], text


NUMBERISH = st.text(alphabet="0123456789.,-+()%$€kmbt eE:=hs/'_*;<>≥@x−" + '"', max_size=24)


@given(text=st.one_of(st.text(max_size=80), NUMBERISH), unit=st.sampled_from(UNITS), decimal=st.sampled_from(".,"),
       file=st.booleans(), last=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3))  # fmt: skip
def test_no_text_makes_anything_but_a_finite_value_or_a_problem(
    text: str, unit: str, decimal: str, file: bool, last: list[float]
) -> None:
    try:
        read = read_number(text, unit, currency="EUR", decimal=decimal, file=file, last=last)  # type: ignore[arg-type]
    except Problem as problem:
        assert str(problem).endswith(".") and str(problem).isprintable()
    else:
        assert (read.state == "value") == (read.value is not None)
        assert read.value is None or math.isfinite(read.value)


@pytest.mark.parametrize(
    ("text", "decimal", "said"),
    [
        ("16.2k", ",", "type 162k or 16,2k."),
        ("-61,5 k", ".", "type -615 k or -61.5 k."),
        ("1.234,5k", ".", "type 1234.5k, or"),
    ],
)
def test_what_is_offered_instead_keeps_what_stands_around_the_digits(text: str, decimal: str, said: str) -> None:
    with pytest.raises(Problem) as refused:
        read_number(text, "number", decimal=decimal)
    assert said in str(refused.value)


def test_importing_it_loads_none_of_the_slow_modules() -> None:
    code = (
        "import sys; from kpitui.domain.numbers import read_number; read_number('1234.5', 'currency', currency='USD'); "
        "print([m for m in ('dataclasses', 'ast', 'decimal', 'pydantic', 'kpitui.domain.model') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


ROOT = Path(__file__).resolve().parents[2]
