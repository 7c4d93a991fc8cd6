"""Formulas of derived metrics: our own small language, read with `ast` and a whitelist (maths.md §8).

Numbers, names of metrics, `+ - * /`, signs, brackets, and calls to min, max, abs, round, safe_div, lag, ytd, rolling.
Everything else is refused before anything is worked out.
"""

from __future__ import annotations

import _ast as ast  # the classes of nodes alone: `ast` itself takes a fifteenth of the time of a login message to load
import math
from collections.abc import Container, Iterable, Iterator, Mapping

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.slugs import FUNCTIONS, is_slug, nearest
from kpitui.domain.slugs import check_slug as check_slug
from kpitui.domain.slugs import slugify as slugify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Env(Protocol):
        """Where the values of metrics come from, each at the period asked for, `lag` periods earlier."""

        def value(self, name: str, lag: int) -> float | None: ...

        def ytd(self, name: str, lag: int = 0) -> float | None: ...

        def rolling(self, name: str, n: int, lag: int = 0) -> float | None: ...


LONGEST = 500
MOST_NODES = 300
MOST_BRACKETS = 30
FURTHEST = 10_000
"""The most periods `lag` and `rolling` may reach back."""

_CALLS = {
    "min": (1, 50, "min(a, b)"),
    "max": (1, 50, "max(a, b)"),
    "abs": (1, 1, "abs(a)"),
    "round": (1, 2, "round(a, 2)"),
    "safe_div": (2, 3, "safe_div(a, b, 0)"),
    "lag": (2, 2, "lag(a, 1)"),
    "ytd": (1, 1, "ytd(a)"),
    "rolling": (2, 2, "rolling(a, 4)"),
}
_SIGNS = str.maketrans("−×÷·", "-*/*")
_BETWEEN = str.maketrans("+-*/(),", "       ")
_NUMBER = r"0[xX][0-9a-fA-F]+|(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+)?)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_DIGIT_RUN = r"(?<![\w.])\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*"


class Formula(NamedTuple):
    """A formula that passed the whitelist: its text as typed and the metrics it needs, each once, in order."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr


class Result(NamedTuple):
    """`value`, or None and `why`: an input is missing, or (`undefined`) the arithmetic has no answer: n/a."""

    value: float | None
    why: str = ""
    undefined: bool = False


class _NoValue(Exception):
    def __init__(self, why: str, undefined: bool) -> None:
        super().__init__(why)
        self.result = Result(None, why, undefined)


def parse(text: str, known: Container[str] | None = None) -> Formula:
    """Read a formula; with `known`, names outside it are refused. Raises `Problem` naming what is not allowed."""
    source = _checked_text(text)
    tree = _tree(source)
    names: dict[str, None] = {}
    _check(tree, names)
    if known is not None:
        for name in names:
            if name not in known:
                near = nearest(name, known) if isinstance(known, Iterable) else ""
                hint = f" Did you mean {near}?" if near else ""
                raise Problem(f"There is no metric called {quote(name)}: the formula {quote(text)} needs it.{hint}")
    return Formula(text, tuple(names), tree)


def evaluate(formula: Formula, env: Env) -> Result:
    """Work the formula out on the values of `env`.

    A missing input gives a missing result, `x / 0` an undefined one, both with the reason; never an exception.
    """
    try:
        return Result(_finite(_work(formula.tree, env, 0), formula.tree))
    except _NoValue as stop:
        return stop.result


def calculate(text: str, decimal: str = ".") -> float:
    """The value of a formula of numbers only, as typed after `=`: `120+30`, `3*1.2k`. Raises `Problem`."""
    import re

    from kpitui.domain.numbers import SCALES

    if not text.strip():
        raise Problem("There is nothing behind the “=”: type a sum like =9*31+4.")
    source = text
    if decimal == ",":
        if re.search(r"[0-9]\.[0-9]", text):
            raise Problem(f"={quote(text)} has a point in a number: type a decimal comma there.")
        source = re.sub(r"([0-9]),([0-9])", r"\1.\2", text).replace(";", ",")
    source = re.sub(
        r"(?<![\w.])((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))([A-Za-z]+)(?![\w(])",
        lambda m: f"{m[1]}e{SCALES[m[2].lower()]}" if m[2].lower() in SCALES else m[0],
        source,
    )
    formula = parse(source)
    if formula.names:
        raise Problem(f"={quote(text)} names {quote(formula.names[0])}: only numbers can be worked out in a cell.")
    result = evaluate(formula, _NOTHING)
    if result.value is None:
        raise Problem(f"={quote(text)} has no value: {result.why}.")
    return result.value


def rename(text: str, old: str, new: str) -> str:
    """`text` with the metric `old` called `new`; spaces and brackets stay as typed. Raises `Problem`."""
    tree = _tree(_checked_text(text))
    called = {id(node.func) for node in _parts(tree) if isinstance(node, ast.Call)}
    places = [
        node.col_offset
        for node in _parts(tree)
        if isinstance(node, ast.Name) and node.id == old and id(node) not in called
    ]
    for at in sorted(places, reverse=True):
        text = f"{text[:at]}{new}{text[at + len(old) :]}"
    return text


def order(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Names so that each comes after those it needs (`graph` maps a name to what it needs).

    Raises `Problem` that names the cycle when there is one.
    """
    from graphlib import CycleError, TopologicalSorter

    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        cycle = find_cycle(graph) or []
        raise Problem(
            f"These metrics need each other in a circle: {' → '.join(map(quote, cycle))}. Change one of their formulas."
        ) from None


def find_cycle(graph: Mapping[str, Iterable[str]]) -> list[str] | None:
    """One circle of `graph`, each name before one it needs and the first repeated at the end; None without one."""
    done: set[str] = set()
    for first in graph:
        path: list[str] = []
        on_path: set[str] = set()
        stack = [(first, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(name)
            elif name in on_path:
                return [*path[path.index(name) :], name]
            elif name not in done:
                path.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack.extend((need, False) for need in reversed(list(graph.get(name, ()))))
    return None


def _checked_text(text: str) -> str:
    if len(text) > LONGEST:
        raise Problem(f"The formula is too long: {len(text)} characters, at most {LONGEST}.")
    source = text.translate(_SIGNS)
    for char in source:
        # Strings and comments would only pass through `ast`; none of them is part of the language.
        if not char.isprintable() or not char.isascii() or char in "\"'`\\#$?;":
            raise Problem(f"The formula {quote(text)} has a character that is not allowed: {char!a}.")
    if not source.strip():
        raise Problem("The formula is empty: type one like orders / visits.")
    if source.count("(") > MOST_BRACKETS:
        raise Problem(f"The formula has too many brackets: {source.count('(')}, at most {MOST_BRACKETS}.")
    if not all(word.isdigit() or word.isidentifier() for word in source.translate(_BETWEEN).split()):
        _check_numbers(source, text)
    return source


def _check_numbers(source: str, text: str) -> None:
    """Refuse what Python takes for a number and nobody else does. Digits alone are none of that: `arr = mrr * 12`,
    which a login message reads, spares it the import of `re`."""
    import re

    for match in re.finditer(_DIGIT_RUN, source, re.ASCII):
        if not re.fullmatch(_NUMBER, match[0], re.ASCII):
            raise Problem(f"Not a number: {quote(match[0])} in the formula {quote(text)}.")


def _tree(source: str) -> ast.expr:
    # Leading spaces would be an indent; positions are put right below.
    bare = source.strip(" ")
    lead = source.index(bare)
    try:
        whole = compile(bare, "formula", "eval", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        rest = bare[max(0, (getattr(error, "offset", None) or 1) - 1) :].strip()
        place = f" at “{quote(rest)}”" if rest else " at its end"
        raise Problem(f"The formula {quote(bare)} cannot be read{place}.") from None
    assert isinstance(whole, ast.Expression)
    count = 0
    for node in _parts(whole):
        if isinstance(node, ast.expr):
            count += 1
            node.col_offset += lead
    if count > MOST_NODES:
        raise Problem(f"The formula has too many parts: {count}, at most {MOST_NODES}.")
    return whole.body


def _parts(tree: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it."""
    waiting = [tree]
    for node in waiting:
        yield node
        for name in node._fields:
            part = getattr(node, name, None)
            waiting += [below for below in (part if isinstance(part, list) else [part]) if isinstance(below, ast.AST)]


def _said(node: ast.expr) -> str:
    """A part of a formula as it is written."""
    from ast import unparse

    return quote(unparse(node))


def _check(node: ast.expr, names: dict[str, None]) -> None:
    match node:
        case ast.Constant(value=number):
            _constant(number)
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise Problem(f"{name} is a function: type it like {_CALLS[name][2]}.")
            if not is_slug(name):
                raise Problem(f"{quote(name)} cannot be the name of a metric: names are small letters, digits and _.")
            names[name] = None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _check(inner, names)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            _check(left, names)
            _check(right, names)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            _check_call(name, args)
            for arg in args:
                _check(arg, names)
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            raise Problem(f"{name} takes other arguments: type it like {_CALLS[name][2]}.")
        case ast.Call():
            raise Problem(f"Unknown function {_said(node.func)}: there are {', '.join(sorted(FUNCTIONS))}.")
        case _:
            raise Problem(
                f"{_said(node)} is not allowed in a formula: only numbers, metrics, + - * / and "
                f"{', '.join(sorted(FUNCTIONS))}."
            )


def _constant(number: object) -> float:
    if type(number) not in (int, float):
        raise Problem(f"{quote(repr(number))} is not a number: a formula has only finite numbers.")
    try:
        value = float(number)  # type: ignore[arg-type]
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Problem("A number in the formula is too large: only finite numbers are allowed.")
    return value


def _check_call(name: str, args: list[ast.expr]) -> None:
    least, most, example = _CALLS[name]
    if not least <= len(args) <= most:
        raise Problem(f"{name} takes other arguments: type it like {example}.")
    if name in ("lag", "rolling"):
        count = args[1]
        number = count.value if isinstance(count, ast.Constant) else None
        if type(number) is not int or not (1 if name == "rolling" else 0) <= number <= FURTHEST:
            raise Problem(f"{name} needs a whole number of periods, at most {FURTHEST}: type it like {example}.")
    if name in ("ytd", "rolling") and not isinstance(args[0], ast.Name):
        raise Problem(f"{name} needs the name of a metric: type it like {example}.")


def _finite(value: float, node: ast.expr) -> float:
    if not math.isfinite(value):
        raise _NoValue(f"{_said(node)} is too large", True)
    return value + 0.0


def _found(value: float | None, what: str) -> float:
    if value is None or not math.isfinite(value):
        raise _NoValue(f"{what} is missing", False)
    return float(value)


def _back(lag: int) -> str:
    return "" if not lag else f" {lag} period{'s' if lag > 1 else ''} earlier"


def _work(node: ast.expr, env: Env, lag: int) -> float:
    match node:
        case ast.Constant(value=number):
            return _constant(number)
        case ast.Name(id=name):
            return _found(env.value(name, lag), name + _back(lag))
        case ast.UnaryOp(op=op, operand=inner):
            value = _work(inner, env, lag)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            one, two = _work(left, env, lag), _work(right, env, lag)
            if isinstance(op, ast.Add):
                return _finite(one + two, node)
            if isinstance(op, ast.Sub):
                return _finite(one - two, node)
            if isinstance(op, ast.Mult):
                return _finite(one * two, node)
            if two == 0:
                raise _NoValue(f"{_said(right)} is zero{_back(lag)}, and nothing is divided by zero", True)
            return _finite(one / two, node)
        case ast.Call(func=ast.Name(id=function), args=args):
            return _finite(_call(function, args, env, lag), node)
    raise TypeError(node)  # _check lets nothing else through


def _call(function: str, args: list[ast.expr], env: Env, lag: int) -> float:
    first = args[0]
    if function == "lag":
        return _work(first, env, lag + _whole(args[1]))
    if function in ("ytd", "rolling"):
        name = first.id if isinstance(first, ast.Name) else ""
        if function == "ytd":
            found = env.ytd(name, lag) if lag else env.ytd(name)
        else:
            n = _whole(args[1])
            found = env.rolling(name, n, lag) if lag else env.rolling(name, n)
        return _found(found, f"{name} for {function}{_back(lag)}")
    values = [_work(arg, env, lag) for arg in args]
    if function == "min":
        return min(values)
    if function == "max":
        return max(values)
    if function == "abs":
        return abs(values[0])
    if function == "round":
        return _half_up(values[0], values[1] if len(values) > 1 else 0.0)
    if values[1] != 0:
        return values[0] / values[1]
    if len(values) == 3:
        return values[2]
    raise _NoValue(f"{_said(args[1])} is zero{_back(lag)}, and safe_div has no third number for that", True)


def _whole(node: ast.expr) -> int:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, int) else 0


def _half_up(value: float, places: float) -> float:
    """Half up on the digits as shown, like every figure on the screens."""
    from decimal import ROUND_HALF_UP, Context, Decimal

    digits = int(max(-400.0, min(400.0, places)))
    unit = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(value)).quantize(unit, context=Context(prec=1200, rounding=ROUND_HALF_UP)))


class _Nothing:
    def value(self, name: str, lag: int) -> float | None:
        return None

    def ytd(self, name: str, lag: int = 0) -> float | None:
        return None

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        return None


_NOTHING = _Nothing()
