"""Which input moved a value how far: exact shares of a change between two periods (maths.md §5.1, §5.2).

Values are floats in the metric's unit, before and after; effects are in that unit too and add up to the change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, factorial, floor, fsum, isfinite, log, log1p
from typing import TypeVar

from kpitui.domain.named import NamedTuple
from kpitui.domain.problem import Problem

MOST = 12
"""The most inputs that are told apart: 2^12 evaluations."""
AGAINST = 0.8
"""The share of the denominator whose segments must move against the whole for Simpson's paradox to be said."""
_NOISE = 1e-12

T = TypeVar("T")


def shapley(f: Callable[[Sequence[T]], float], before: Sequence[T], after: Sequence[T]) -> list[float]:
    """The effect of each input of `f` on `f(after) - f(before)`, whatever order they moved in.

    φ_j = Σ_{S⊆K∖j} |S|!(k-|S|-1)!/k! · (f(after on S∪j, before else) - f(after on S, before else)): Das Gupta 1993,
    "Standardization and decomposition of rates"; Shapley 1953. An input may be anything; one that is the same on both
    sides has the effect 0. Raises Problem when more than `MOST` inputs moved; what `f` raises goes through.
    """
    moved = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    if len(moved) > MOST:
        raise Problem(f"{len(moved)} inputs moved, at most {MOST} can be told apart: put some of them into one metric.")
    count = len(moved)
    worths = []
    for mask in range(1 << count):
        inputs = list(before)
        for bit, place in enumerate(moved):
            if mask >> bit & 1:
                inputs[place] = after[place]
        worths.append(f(inputs))
    weights = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    effects = [0.0] * len(before)
    for bit, place in enumerate(moved):
        own = 1 << bit
        effects[place] = fsum(
            weights[mask.bit_count()] * (worths[mask | own] - worths[mask])
            for mask in range(1 << count)
            if not mask & own
        )
    return effects


class Factors(NamedTuple):
    """Effects of factors: `additive` add up to the change, `multiplicative` multiply to after over before."""

    additive: list[float]
    multiplicative: list[float] | None
    """None where the whole is 0 in one of the periods: nothing multiplies 0 into something."""


def lmdi(before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]) -> Factors:
    """LMDI-I of a sum over segments (rows) of a product of factors (columns), both ways (Ang, Energy Policy 33, 2005).

    Additive Σ_i L(V_i1, V_i0)·ln(x_ij1/x_ij0), multiplicative exp Σ_i L(V_i1, V_i0)/L(V_1, V_0)·ln(x_ij1/x_ij0). A
    factor that is 0 in one period takes the whole of its segment's change, several share it alike: the limit of small
    values (Ang & Liu, Energy Policy 35, 2007). Raises Problem unless every factor is finite and 0 or more.
    """
    if not all(0 <= x and isfinite(x) for rows in (before, after) for row in rows for x in row):
        raise Problem("LMDI needs every factor at 0 or above in both periods: use the method shapley.")
    effects = [_segment(news, olds) for news, olds in zip(after, before, strict=True)]
    additive = [fsum(row[place] for row in effects) for place in range(len(effects[0]) if effects else 0)]
    old, new = (fsum(map(_product, rows)) for rows in (before, after))
    if not old or not new:
        return Factors(additive, None)
    whole = log_mean(new, old)
    return Factors(additive, [exp(effect / whole) for effect in additive])


def _segment(news: Sequence[float], olds: Sequence[float]) -> list[float]:
    """The effects of one segment's factors on its change."""
    new, old = _product(news), _product(olds)
    if new and old:
        weight = log_mean(new, old)
        return [weight * _log_ratio(one, other) for one, other in zip(news, olds, strict=True)]
    ended = [bool(one) != bool(other) for one, other in zip(news, olds, strict=True)]
    return [(new - old) / sum(ended) if moved else 0.0 for moved in ended]


def log_mean(a: float, b: float) -> float:
    """The logarithmic mean (a - b)/(ln a - ln b) of two positive numbers; a where they are equal."""
    return a if a == b else (a - b) / _log_ratio(a, b)


def _log_ratio(a: float, b: float) -> float:
    share = (a - b) / b
    # log1p keeps the digits of ratios near 1, where the logarithms themselves cancel.
    return log1p(share) if -0.5 < share < 1 else log(a) - log(b)


def _product(row: Sequence[float]) -> float:
    if not all(row):
        return 0.0
    product = 1.0
    for x in row:
        product *= x
    if not isfinite(product) or product <= 0:
        raise Problem("A product of the factors is too large or too small to be worked out by LMDI: use shapley.")
    return product


class Segment(NamedTuple):
    """A part of a ratio: numerator and denominator before and after; 0 over 0 where it does not exist."""

    top0: float
    bottom0: float
    top1: float
    bottom1: float


class Moved(NamedTuple):
    """What one segment did to the ratio of the whole."""

    mix: float
    """By growing or shrinking."""
    rate: float
    """By its own ratio's move."""
    new: bool
    lost: bool


class MixAndRate(NamedTuple):
    """The change of a ratio shared out; `mix` + `rate` is `after` - `before`."""

    before: float
    after: float
    mix: float
    rate: float
    segments: list[Moved]
    simpson: bool
    """Every segment's ratio, or those with 80 % of the denominator, moved one way and the whole the other."""


def mix_and_rate(segments: Sequence[Segment]) -> MixAndRate:
    """Mix and rate of R = Σ s_i r_i, s the shares of the denominator (maths.md §5.2; Das Gupta 1993).

    rate_i = (r_i1 - r_i0)(s_i0 + s_i1)/2, mix_i = (s_i1 - s_i0)·((r_i0 + r_i1)/2 - (R_0 + R_1)/2). All that a segment
    did that is there on one side only is mix. Raises Problem for a denominator below 0 and for a whole of 0.
    """
    whole0, whole1 = fsum(one.bottom0 for one in segments), fsum(one.bottom1 for one in segments)
    if any(one.bottom0 < 0 or one.bottom1 < 0 for one in segments) or whole0 <= 0 or whole1 <= 0:
        raise Problem("Mix and rate need denominators of 0 or more that are not all 0, in both periods.")
    if any((one.top0 and not one.bottom0) or (one.top1 and not one.bottom1) for one in segments):
        raise Problem("A segment has a numerator and a denominator of 0: mend its values.")
    before = fsum(one.top0 for one in segments) / whole0
    after = fsum(one.top1 for one in segments) / whole1
    level = (before + after) / 2
    moves: list[Moved] = []
    up: list[float] = []
    down: list[float] = []
    for one in segments:
        share0, share1 = one.bottom0 / whole0, one.bottom1 / whole1
        new, lost = share0 == 0 < share1, share1 == 0 < share0
        rate0 = one.top0 / one.bottom0 if share0 else (one.top1 / one.bottom1 if share1 else 0.0)
        rate1 = one.top1 / one.bottom1 if share1 else rate0
        step, weight = rate1 - rate0, (share0 + share1) / 2
        moves.append(Moved((share1 - share0) * ((rate0 + rate1) / 2 - level), step * weight, new, lost))
        if abs(step) > _NOISE * max(abs(rate0), abs(rate1)):
            (up if step > 0 else down).append(weight)
    change = after - before
    moved = abs(change) > _NOISE * max(abs(before), abs(after))
    against = down if change > 0 else up
    return MixAndRate(
        before,
        after,
        fsum(one.mix for one in moves),
        fsum(one.rate for one in moves),
        moves,
        moved and fsum(against) >= AGAINST,
    )


def rounded(effects: Sequence[float], total: float, places: int) -> list[float]:
    """The effects with `places` decimals, so that the figures shown add up to `total` with as many.

    Each is rounded down or up, those nearest to the next figure up (method of largest remainders). `total` is the
    sum of the effects, or that sum as figures rounded before show it, a unit away at most. What is too large to have
    such decimals stays as it is.
    """
    scale = 10.0**places
    units = [effect * scale for effect in effects]
    if not all(map(isfinite, [*units, total * scale])):
        return list(effects)
    wholes = [floor(unit) for unit in units]
    missing = floor(total * scale + 0.5) - sum(wholes)
    by_rest = sorted(range(len(units)), key=lambda place: wholes[place] - units[place])
    step = 1 if missing > 0 else -1
    for place in by_rest[::step][: abs(missing)]:
        wholes[place] += step
    if missing > len(wholes) > 0:
        wholes[by_rest[0]] += missing - len(wholes)
    return [whole / scale for whole in wholes]
