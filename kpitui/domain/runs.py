"""Whether a series shifts or clusters, without any limits: Anhøj & Olesen, PLoS ONE 9 (2014) e113825.

The longest run after Schilling (2012), the crossings after Chen (2010). About the median both are known beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from kpitui.domain.aggregate import median

LEAST = 10


class RunTest(NamedTuple):
    n: int
    """Values that do not lie on the median; the others are left out."""
    longest: int
    longest_allowed: int
    crossings: int
    crossings_needed: int

    @property
    def signal(self) -> bool:
        """Whether the values are not just noise about one median; never below 10 of them."""
        return self.n >= LEAST and (self.longest > self.longest_allowed or self.crossings < self.crossings_needed)


def run_test(values: Sequence[float | None]) -> RunTest:
    """Longest run on one side of the median, and how often the series crosses it; unknown values are left out."""
    known = [value for value in values if value is not None]
    middle = median(known) if known else 0.0
    slack = 1e-12 * max((abs(value) for value in known), default=0.0)
    above = [value > middle for value in known if abs(value - middle) > slack]
    longest = run = 0
    for place, side in enumerate(above):
        run = run + 1 if place and side == above[place - 1] else 1
        longest = max(longest, run)
    crossings = sum(a != b for a, b in pairwise(above))
    return RunTest(len(above), longest, longest_allowed(len(above)), crossings, crossings_needed(len(above)))


def longest_allowed(n: int) -> int:
    """round(log2 n) + 3 values in a row of `n`; 0 of none."""
    return round(math.log2(n)) + 3 if n else 0


def crossings_needed(n: int) -> int:
    """The 5 % quantile of the binomial distribution of n - 1 tosses of a coin, exactly."""
    if n < 2:
        return 0
    tosses, ways, sum_of_ways = n - 1, 1, 1
    whole, count = 2 ** (n - 1), 0
    while sum_of_ways * 20 < whole:
        ways = ways * (tosses - count) // (count + 1)
        count += 1
        sum_of_ways += ways
    return count
