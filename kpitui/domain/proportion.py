"""Shares of counted things: how far a share may be off by the smallness of its sample alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from kpitui.domain.problem import Problem

Z95 = 1.959963984540054


def wilson(part: float, whole: float, z: float = Z95) -> tuple[float, float]:
    """The interval of Wilson (1927), `z` 1.96 for 95 %, around the share `part` / `whole`, both counts.

    Newcombe, Statistics in Medicine 17 (1998) 857, method 3. Fractions between 0 and 1; true of small samples and of
    shares of 0 and 1, too. Raises Problem unless 0 <= part <= whole and whole > 0.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise Problem(f"{part:g} of {whole:g} is no share: the part lies between 0 and the whole.")
    share, square = part / whole, z * z
    middle = share + square / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    below = 1 + square / whole
    return (0.0 if part == 0 else (middle - spread) / below), (1.0 if part == whole else (middle + spread) / below)


class PChart(NamedTuple):
    centre: float
    limits: tuple[tuple[float | None, float | None] | None, ...]
    """(lower, upper) a period; None for one beyond 0 or 1, and for a period without a count."""
    outside: tuple[int, ...]
    """The periods whose share lies beyond its limit."""


def p_chart(parts: Sequence[float | None], wholes: Sequence[float | None]) -> PChart | None:
    """`p +- 3 sqrt(p (1 - p) / n_i)` (Shewhart), for shares of samples that are small and independent.

    With large samples everything lies outside, because the share itself moves: XmR limits are then the right ones.
    None where no period has a count.
    """
    pairs = [
        (a, b) if a is not None and b is not None and b > 0 and 0 <= a <= b else None
        for a, b in zip(parts, wholes, strict=True)
    ]
    known = [pair for pair in pairs if pair is not None]
    if not known:
        return None
    centre = math.fsum(a for a, _ in known) / math.fsum(b for _, b in known)
    found: list[tuple[float | None, float | None] | None] = []
    beyond = []
    for place, pair in enumerate(pairs):
        if pair is None:
            found.append(None)
            continue
        reach = 3 * math.sqrt(centre * (1 - centre) / pair[1])
        if abs(pair[0] / pair[1] - centre) > reach * (1 + 1e-9):
            beyond.append(place)
        low, high = centre - reach, centre + reach
        found.append((None if low < 0 else low, None if high > 1 else high))
    return PChart(centre, tuple(found), tuple(beyond))
