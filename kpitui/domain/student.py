"""Student's t distribution, for whole degrees of freedom, and the normal one, without a numeric library."""

from __future__ import annotations

import math
from functools import lru_cache

LARGE = 400


def cdf(x: float, df: int) -> float:
    """P(T <= x) with `df` >= 1 degrees of freedom: the finite series of Abramowitz & Stegun 26.7.3 and 26.7.4.

    From 400 degrees on their normal approximation 26.7.8, which is then right to six digits.
    """
    if math.isinf(x):
        return 1.0 if x > 0 else 0.0
    if df > LARGE:
        z = x * (1 - 1 / (4 * df)) / math.sqrt(1 + x * x / (2 * df))
        return 0.5 * math.erfc(-z / math.sqrt(2))
    root = math.sqrt(df + x * x)
    sin, square = x / root, df / (df + x * x)
    # cos to the powers 0, 2, 4 … for even degrees, 1, 3, 5 … for odd ones.
    odd = df % 2
    term = math.sqrt(square) if odd else 1.0
    total = 0.0
    for power in range(odd, df - 1, 2):
        total += term
        term *= square * (power + 1) / (power + 2)
    inside = sin * total
    if odd:
        inside = (math.atan(x / math.sqrt(df)) + inside) * 2 / math.pi
    return min(max(0.5 * (1 + inside), 0.0), 1.0)


@lru_cache(maxsize=1024)
def quantile(p: float, df: int) -> float:
    """The x with `cdf(x, df)` = `p`, 0 < p < 1, by bisection to the last bits."""
    if not 0 < p < 1:
        raise ValueError("a quantile is asked for a probability between 0 and 1")
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -quantile(1 - p, df)
    low, high = 0.0, 1.0
    while cdf(high, df) < p:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if cdf(middle, df) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=1024)
def normal_quantile(p: float) -> float:
    """The x of the standard normal distribution with P(X <= x) = `p`, 0 < p < 1, by bisection to the last bits."""
    if not 0 < p < 1:
        raise ValueError("a quantile is asked for a probability between 0 and 1")
    if p > 0.5:
        return -normal_quantile(1 - p)
    low, high = -40.0, 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if 0.5 * math.erfc(-middle / math.sqrt(2)) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2
