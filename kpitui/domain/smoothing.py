"""Exponential smoothing in three forms, fitted by trying a grid: simple, with a damped trend, and Theta."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kpitui.domain.named import NamedTuple

ALPHAS = tuple(place / 100 for place in range(1, 100, 2))
DAMPED_ALPHAS = (0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
DAMPED_BETAS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5)
PHIS = (0.8, 0.85, 0.9, 0.95, 0.98)


class Simple(NamedTuple):
    """Simple exponential smoothing: the next value is about `level`."""

    alpha: float
    level: float
    squares: float
    """Sum of the squared one-step errors."""


class Damped(NamedTuple):
    """Holt's method with a trend that fades by `phi` a period."""

    alpha: float
    beta: float
    phi: float
    level: float
    trend: float
    squares: float

    def ahead(self, periods: int) -> list[float]:
        """f_h = l + b (phi + phi^2 + … + phi^h)."""
        out, way, power = [], 0.0, 1.0
        for _ in range(periods):
            power *= self.phi
            way += power
            out.append(self.level + self.trend * way)
        return out


class Theta(NamedTuple):
    """The Theta method: simple smoothing with half the slope of the straight line as drift."""

    simple: Simple
    slope: float
    """Per period, of the least-squares line."""
    n: int

    def ahead(self, periods: int) -> list[float]:
        """f_h = l + b/2 (h - 1 + (1 - (1 - alpha)^n) / alpha) (Hyndman & Billah 2003)."""
        alpha = self.simple.alpha
        first = (1 - (1 - alpha) ** self.n) / alpha
        return [self.simple.level + self.slope / 2 * (h + first) for h in range(periods)]


def simple(values: Sequence[float]) -> Simple:
    """The smoothing constant of {0.01, 0.03, …, 0.99} with the smallest squared one-step errors; starts at x_0.

    Every fourth is tried, then those around the best: the errors change slowly with the constant.
    """
    coarse = min((simple_with(values, alpha) for alpha in ALPHAS[::4]), key=_squares)
    at = ALPHAS.index(coarse.alpha)
    near = [alpha for alpha in ALPHAS[max(at - 3, 0) : at + 4] if alpha != coarse.alpha]
    return min([coarse, *(simple_with(values, alpha) for alpha in near)], key=_squares)


def simple_with(values: Sequence[float], alpha: float) -> Simple:
    """With a constant that is given (0 to 1): `l = l + alpha (x - l)` from `l_0 = x_0` on."""
    level, squares = values[0], 0.0
    for value in values:
        error = value - level
        squares += error * error
        level += alpha * error
    return Simple(alpha, level, squares)


def _squares(one: Simple) -> float:
    return one.squares


def slope_of(values: Sequence[float]) -> float:
    """Per period, of the least-squares line; 0 for a single value."""
    n = len(values)
    if n < 2:
        return 0.0
    middle = (n - 1) / 2
    return math.fsum((place - middle) * value for place, value in enumerate(values)) * 12 / (n * (n * n - 1))


def theta(values: Sequence[float], fitted: Simple | None = None) -> Theta:
    """Fitted to a series without season; `fitted` is its simple smoothing where that is known already."""
    return Theta(fitted or simple(values), slope_of(values), len(values))


def start_of_trend(values: Sequence[float]) -> float:
    """The mean change over the first four periods: a single one is mostly noise."""
    over = min(len(values) - 1, 4)
    return (values[over] - values[0]) / over if over else 0.0


def damped_with(values: Sequence[float], alpha: float, beta: float, phi: float) -> Damped:
    """Holt's method with constants that are given, 0 to 1 each (Gardner & McKenzie 1985).

    Starts at the first value, with the mean change over the first four periods as trend.
    """
    level, trend, squares = values[0], start_of_trend(values), 0.0
    both = alpha * beta
    for value in values[1:]:
        trend *= phi
        level += trend
        error = value - level
        squares += error * error
        level += alpha * error
        trend += both * error
    return Damped(alpha, beta, phi, level, trend, squares)


STARTS = ((2, 2), (5, 4))
"""Places of beta and phi that the search begins from; the second follows smooth, strong swings."""


def damped(values: Sequence[float], near: float = 0.3) -> Damped:
    """The best constants of the grid, one after the other until none gets better, from the smoothing constant `near`.

    Some sixty tries in place of all 330, for errors within a few percent of the best.
    """
    grids = (DAMPED_ALPHAS, DAMPED_BETAS, PHIS)
    close = min(range(len(DAMPED_ALPHAS)), key=lambda at: abs(DAMPED_ALPHAS[at] - near))
    tried: dict[tuple[int, ...], Damped] = {}

    def at(places: tuple[int, ...]) -> Damped:
        if places not in tried:
            tried[places] = damped_with(values, *(grid[place] for grid, place in zip(grids, places, strict=True)))
        return tried[places]

    for alpha, (beta, phi) in zip((close, len(DAMPED_ALPHAS) - 3), STARTS, strict=True):
        here: tuple[int, ...] = (alpha, beta, phi)
        better = True
        while better:
            better = False
            for axis, grid in enumerate(grids):
                for by in (1, -1):
                    there = (*here[:axis], here[axis] + by, *here[axis + 1 :])
                    while 0 <= there[axis] < len(grid) and at(there).squares < at(here).squares:
                        here, better = there, True
                        there = (*here[:axis], here[axis] + by, *here[axis + 1 :])
    return min(tried.values(), key=lambda one: one.squares)


def errors_of_three(values: Sequence[float], fitted: Theta, trended: Damped) -> float:
    """Sum of the squared one-step errors of the mean of simple smoothing, damped trend and Theta."""
    alpha, keep = fitted.simple.alpha, 1 - fitted.simple.alpha
    level, other, trend = values[0], values[0], start_of_trend(values)
    both, left, squares = trended.alpha * trended.beta, 1.0, 0.0
    drift = fitted.slope / 2 / alpha
    for value in values[1:]:
        left *= keep
        trend *= trended.phi
        other += trend
        off, own = value - other, value - level
        # Theta's forecast is the simple one plus its drift so far.
        error = (own + own - drift * (1 - left) + off) / 3
        squares += error * error
        level += alpha * own
        other += trended.alpha * off
        trend += both * off
    return squares
