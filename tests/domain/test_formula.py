"""Formulas: what the whitelist lets through, what they work out to, and that nothing else gets in."""

from __future__ import annotations

import ast
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.formula import FUNCTIONS, Result, calculate, evaluate, find_cycle, order, parse, rename
from kpitui.domain.problem import Problem


class Values:
    """Metrics by name; `x` periods earlier they were `x` less."""

    def __init__(self, **values: float | None) -> None:
        self.values = values

    def value(self, name: str, lag: int) -> float | None:
        now = self.values.get(name)
        return None if now is None else now - lag

    def ytd(self, name: str, lag: int = 0) -> float | None:
        now = self.value(name, lag)
        return None if now is None else now * 10

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        now = self.value(name, lag)
        return None if now is None else now * n


ENV = Values(a=3.0, b=4.0, zero=0.0, gone=None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 11.0),
        ("(a + b) * 2", 14.0),
        ("-a - +b", -7.0),
        ("a / b", 0.75),
        ("min(a, b, 1)", 1.0),
        ("max(a, b)", 4.0),
        ("abs(a - b)", 1.0),
        ("round(2.675, 2)", 2.68),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("safe_div(a, b, 0)", 0.75),
        ("safe_div(a, zero, 0)", 0.0),
        ("safe_div(a, zero, b)", 4.0),
        ("lag(a, 2)", 1.0),
        ("lag(a + b, 1)", 5.0),
        ("lag(lag(a, 1), 1)", 1.0),
        ("ytd(a)", 30.0),
        ("lag(ytd(a), 1)", 20.0),
        ("rolling(a, 4)", 12.0),
        ("  a+b ", 7.0),
        ("a − b × 2", -5.0),
        ("1_000 + .5 + 1e3", 2000.5),
    ],
)
def test_formulas_are_worked_out(text: str, value: float) -> None:
    assert evaluate(parse(text), ENV) == Result(value)


@pytest.mark.parametrize(
    ("text", "undefined", "why"),
    [
        ("a + gone", False, "gone is missing"),
        ("min(a, gone)", False, "gone is missing"),
        ("lag(gone, 1)", False, "gone 1 period earlier is missing"),
        ("ytd(gone)", False, "gone for ytd is missing"),
        ("a / zero", True, "zero is zero"),
        ("a / (b - 4)", True, "b - 4 is zero"),
        ("safe_div(a, zero)", True, "no third number"),
        ("safe_div(gone, zero, 0)", False, "gone is missing"),
        ("1e308 * 10", True, "too large"),
        ("a / 1e-320", True, "too large"),
    ],
)
def test_no_value_says_why_and_missing_is_not_undefined(text: str, undefined: bool, why: str) -> None:
    result = evaluate(parse(text), ENV)
    assert (result.value, result.undefined) == (None, undefined)
    assert why in result.why


def test_published_hostile_expressions_are_refused_and_the_good_ones_worked_out(reference: Path) -> None:
    for case in json.loads((reference / "expressions.json").read_text())["cases"]:
        if case["accept"]:
            assert evaluate(parse(case["expr"], {"a", "b"}), ENV).value == case["value"]
        else:
            with pytest.raises(Problem):
                parse(case["expr"], {"a", "b"})


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a) + (b", "a ** 2", "a // b", "a % b", "a.b", "a[0]", "a if b else 1", "x := 1", "'a'", '"a"',
        "a # b", "a;b", "a\tb", "a, b", "{a}", "*a", "max(*a)", "max(a, key=b)", "max()", "abs(a, b)",
        "lag(a)", "lag(a, -1)", "lag(a, b)", "lag(a, 1.5)", "lag(a, True)", "lag(a, 10001)", "rolling(a, 0)",
        "ytd(a + b)", "rolling(a + b, 3)",
        "min", "eval(a)", "a(b)", "1j", "1e999", "9" * 400, "0b1", "1__0", "1if a else 2", "1.2k", "A", "_a",
        "__import__", "é", "lambda: 1", "await a", "not a", "a == b", "~a", "-" * 499 + "a", "(" * 31 + "a" + ")" * 31,
        "a" * 501, "+".join("a" * 160), "a\x00b", "a\u202eb", "print(a)", "f'{a}'", "...", "None", "True",
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(text)
    assert str(caught.value).isprintable() and str(caught.value).endswith(".")


def test_the_metrics_a_formula_needs_are_listed_once_in_order() -> None:
    assert parse("b / a + lag(b, 1) * ytd(c)").names == ("b", "a", "c")
    assert parse("1 + 2").names == ()
    with pytest.raises(Problem, match="no metric called c"):
        parse("a + c", {"a", "b"})
    with pytest.raises(Problem, match=r"no metric called costs.* Did you mean cost_of_goods\?"):
        parse("costs * 2", {"basket", "cost_of_goods"})


def test_renaming_touches_the_metric_alone() -> None:
    text = "  visits * min(visits,  visits_x) - lag(visits,1)"
    assert rename(text, "visits", "v") == "  v * min(v,  visits_x) - lag(v,1)"
    assert rename("a − a", "a", "bb") == "bb − bb"


def test_order_puts_needs_first_and_a_circle_is_named() -> None:
    graph = {"revenue": ["orders", "value"], "orders": ["visits", "rate"], "value": []}
    found = order(graph)
    assert all(found.index(need) < found.index(name) for name, needs in graph.items() for need in needs)
    assert find_cycle(graph) is None
    circle = {"a": ["b"], "b": ["d", "c"], "c": ["a"]}
    assert find_cycle(circle) == ["a", "b", "c", "a"]
    with pytest.raises(Problem, match="a → b → c → a"):
        order(circle)
    assert find_cycle({"a": ["a"]}) == ["a", "a"]


def test_a_long_chain_needs_no_deep_stack() -> None:
    chain = {f"m{i}": [f"m{i + 1}"] for i in range(5000)}
    assert find_cycle(chain) is None
    assert find_cycle({**chain, "m5000": ["m0"]}) is not None


NAMES = [f"m{i}" for i in range(6)]


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4)))
def test_a_circle_is_found_exactly_when_there_is_no_order(graph: dict[str, list[str]]) -> None:
    cycle = find_cycle(graph)
    if cycle is None:
        assert len(order(graph)) >= len(graph)
    else:
        assert cycle[0] == cycle[-1] and len(cycle) > 1
        assert all(need in graph[name] for name, need in pairwise(cycle))
        with pytest.raises(Problem):
            order(graph)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [("3*1.2k", ".", 3600.0), ("1,5*2", ",", 3.0), ("max(1,5;2)", ",", 2.0), ("2m/4", ".", 5e5)],
)
def test_sums_of_numbers(text: str, decimal: str, value: float) -> None:
    assert calculate(text, decimal) == value


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "1", "2.5", "zero", "gone"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda x: f"-{x}"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_what_python_works_out_is_what_we_work_out(text: str) -> None:
    if text.count("(") > 30:
        return
    result = evaluate(parse(text), ENV)
    names = {"a": 3.0, "b": 4.0, "zero": 0.0, "max": max, "__builtins__": {}}
    if "gone" in text:
        assert result.value is None
        return
    try:
        expected = eval(text, names)
    except ZeroDivisionError:
        assert result.undefined
    else:
        assert result.value == pytest.approx(expected)


@given(st.one_of(st.text(max_size=60), st.text(alphabet="ab1 .,()+-*/_=<>[]{}'\":;\\\n#@!%~^&|eExk", max_size=40)))
def test_no_text_makes_anything_but_a_formula_or_a_problem(text: str) -> None:
    try:
        formula = parse(text)
    except Problem as problem:
        assert str(problem).isprintable()
        return
    assert {type(node) for node in ast.walk(formula.tree)} <= {
        ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.Call, ast.Load,
        ast.UAdd, ast.USub, ast.Add, ast.Sub, ast.Mult, ast.Div,
    }  # fmt: skip
    assert not FUNCTIONS & set(formula.names)
    evaluate(formula, ENV)
