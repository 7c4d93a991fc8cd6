"""A formula taken apart into a sum of products, which is what LMDI needs (maths.md §5.1)."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NamedTuple

from kpitui.domain.formula import Formula
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote

MOST_TERMS = 200


class Term(NamedTuple):
    """`number` times every metric to its power; a power below 0 divides."""

    number: float
    powers: dict[str, int]

    def factors(self, names: tuple[str, ...], values: Mapping[str, float]) -> list[float]:
        """The factor of each name, and the plain number last. Raises Problem unless every value is above 0, or is 0
        and not divided by."""
        try:
            if min((values[name] for name in self.powers), default=1.0) < 0:
                raise ZeroDivisionError
            return [*(values[name] ** self.powers.get(name, 0) for name in names), self.number]
        except (OverflowError, ZeroDivisionError):
            raise Problem(
                "LMDI needs every factor at 0 or above, what is divided by above 0, and none too large: use the method "
                "shapley."
            ) from None


def terms(formula: Formula) -> list[Term]:
    """The formula as a sum of products of powers of metrics. Raises Problem naming the part that is no such thing."""
    return _terms(formula.tree)


def _terms(node: ast.expr) -> list[Term]:
    match node:
        case ast.Constant(value=int() | float() as number) if number > 0:
            return [Term(float(number), {})]
        case ast.Name(id=name):
            return [Term(1.0, {name: 1})]
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _terms(inner)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _terms(left) + _terms(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            ones, others = _terms(left), _terms(right)
            if len(ones) * len(others) > MOST_TERMS:
                raise Problem(f"The formula is a sum of more than {MOST_TERMS} products: use the method shapley.")
            return [_times(one, other, 1) for one in ones for other in others]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _over(node, left, right)
        case ast.Call(func=ast.Name(id="safe_div"), args=[left, right, *_]):
            # What stands for x / 0 does not matter: nothing that is divided by may be 0.
            return _over(node, left, right)
    raise _unfit(node)


def _over(node: ast.expr, left: ast.expr, right: ast.expr) -> list[Term]:
    below = _terms(right)
    if len(below) != 1:
        raise _unfit(node)
    return [_times(one, below[0], -1) for one in _terms(left)]


def _times(one: Term, other: Term, sign: int) -> Term:
    powers = dict(one.powers)
    for name, power in other.powers.items():
        powers[name] = powers.get(name, 0) + sign * power
    return Term(one.number * other.number**sign, powers)


def _unfit(node: ast.expr) -> Problem:
    return Problem(
        f"LMDI needs a product, or a sum of products; {quote(ast.unparse(node))} is none: use the method shapley."
    )
