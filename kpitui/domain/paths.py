"""Simulated courses of a series, for what no formula gives: totals of values that cannot fall below a floor.

Half of the courses go by the model's own spread, where an error stays with its smoothing constant; half are walks with
the naive spread. Each is stretched by sqrt(df / chi^2_df), so that few values give long tails. The first half of each
kind is mirrored, which halves the scatter of what is worked out from them.
"""

from __future__ import annotations

from collections.abc import Iterator

from kpitui.domain.forecast import Model

COUNT = 1000


def simulate(model: Model, horizon: int, seed: str, count: int = COUNT) -> Iterator[list[float]]:
    """`count` courses (a multiple of four) of `horizon` periods in the metric's unit, within its hard bounds.

    The same `seed` (of metric and the day that is judged) gives the same courses, so that a figure does not flicker.
    """
    from random import Random

    draw = Random(seed)
    means, walk = model.means[:horizon], model.walk[:horizon]
    df = model.df
    kinds = (
        (means, model.sigma, model.alpha, 0.0),
        (walk, model.stray, 1.0, (model.n - 1) ** -0.5 if model.drift else 0.0)
        if model.alpha
        else (means, model.sigma, 0.0, 0.0),
    )
    plain = not model.odds and model.season is None
    floor = model.floor if model.ceiling is None else None
    for middle, spread, alpha, slope in kinds:
        for _ in range(count // 4):
            stretch = (df / draw.gammavariate(df / 2, 2)) ** 0.5 * spread
            stay, off = 0.0, []
            lean = draw.gauss(0, stretch * slope) if slope else 0.0
            for _ in middle:
                shock = draw.gauss(0, stretch)
                off.append(stay + shock + lean)
                stay += alpha * shock + lean
            for sign in (1, -1):
                course = [mean + sign * error for mean, error in zip(middle, off, strict=True)]
                if plain and floor is not None:
                    yield [value if value > floor else floor for value in course]
                else:
                    yield [model.shown(h, value) for h, value in enumerate(course, 1)]
