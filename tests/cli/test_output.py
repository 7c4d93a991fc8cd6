from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.cli import output


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\tx",
        "\rx",
        "\nx",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\u200b=1",
        "\ufeff=1",
    ],
)
def test_what_a_spreadsheet_would_run_is_only_text(text: str) -> None:
    assert str(output.guard(text)).startswith("'")


def test_numbers_stay_numbers_and_words_stay_words() -> None:
    assert output.guard(-1.5) == -1.5
    assert output.guard(-3) == -3
    assert output.guard("Net revenue = all") == "Net revenue = all"
    assert output.guard(None) == ""


def test_csv_is_read_back_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit_csv(["slug", "=note"], [["visits", 'a "b", c'], ["leads", "x\ny"], ["mrr", None], ["arr", -0.1]])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["slug", "'=note"], ["visits", 'a "b", c'], ["leads", "x y"], ["mrr", ""], ["arr", "-0.1"]]


@given(st.text())
def test_no_cell_can_start_a_formula(text: str) -> None:
    cell = str(output.guard(text))
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_json_is_ascii_and_exact(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"name": "Umsatz\x1b[31m\u202e €", "value": 0.1 + 0.2, "none": None}
    output.emit_json(value)
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == value


def test_json_never_says_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        output.emit_json(float("nan"))


def test_a_table_is_aligned_by_cells() -> None:
    lines = output.table(["Name", "Value"], [["販売", 1], ["Revenue\x1b[31m", 1200], ["Leads", None]], right=[1])
    assert lines.splitlines() == ["Name     Value", "販売         1", "Revenue   1200", "Leads        –"]


def test_a_wide_cell_is_cut() -> None:
    assert output.table(["Note"], [["x" * 80]], widest=10) == "Note\nxxxxxxxxx…"


def test_lines_for_people_are_cleaned(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit("a\x1b]0;x\x07\nb")
    output.say("c\x9b31m")
    assert capsys.readouterr() == ("a\nb\n", "c\n")
