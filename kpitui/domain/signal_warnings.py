"""What speaks against natural limits of a series: they assume values that are independent and of one level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from kpitui.domain import season as seasons
from kpitui.domain.signal_trend import trended
from kpitui.domain.signals import FIRM, PROVISIONAL, limits, slack_of


class Warning(NamedTuple):
    kind: str
    """too_few, provisional, no_variation, autocorrelation, season or skew."""
    text: str
    """A sentence without its full stop."""
    offer: str = ""
    """What to do instead: trend, season, log, or nothing."""


def lag_one(values: Sequence[float | None]) -> float:
    """The autocorrelation r_1 of the known values over adjacent periods; 0 without variation. No unit, -1 to 1."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return 0.0
    mean = math.fsum(known) / len(known)
    size = math.fsum((value - mean) ** 2 for value in known)
    if size <= (1e-12 * max(abs(value) for value in known)) ** 2:
        return 0.0
    return math.fsum((a - mean) * (b - mean) for a, b in pairwise(values) if a is not None and b is not None) / size


def alike(values: Sequence[float | None]) -> bool:
    """Whether neighbouring values are more alike than by chance: r_1 > 2 / sqrt(n)."""
    n = sum(value is not None for value in values)
    return n >= PROVISIONAL and lag_one(values) > 2 / math.sqrt(n)


def skewness(values: Sequence[float]) -> float:
    """The third standardised moment g_1; 0 without variation."""
    mean = math.fsum(values) / len(values)
    square = math.fsum((value - mean) ** 2 for value in values) / len(values)
    cube = math.fsum((value - mean) ** 3 for value in values) / len(values)
    return cube / square**1.5 if square > (1e-12 * max(abs(value) for value in values)) ** 2 else 0.0


def skewed(values: Sequence[float | None]) -> bool:
    """Whether positive values have a tail to the right that their logarithms have less of.

    g_1 beyond twice its standard error for normal values, sqrt(6 n (n - 1) / ((n - 2) (n + 1) (n + 3))).
    """
    known = [value for value in values if value is not None]
    n = len(known)
    if n < FIRM or min(known) <= 0:
        return False
    bound = 2 * math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    own = skewness(known)
    return own > bound and abs(skewness([math.log(value) for value in known])) < own


def warnings(
    values: Sequence[float | None],
    season_length: int = 1,
    *,
    rule: str = "mean",
    with_trend: bool = False,
    log: bool = False,
) -> list[Warning]:
    """What to know before believing the limits of a series (whole periods, oldest first, None unknown).

    `season_length` in periods, 1 for none. `rule` is that of `signals.limits`. `with_trend` says that the limits rise
    or fall with the values, and looks at what is left beside the line; `log` that the values are logarithms.
    """
    out: list[Warning] = []
    known = sum(value is not None for value in values)
    by = limits(values, rule)
    if by is None or by.state == "too_early":
        text = f"Too few values: {known}, and limits need {PROVISIONAL}"
        if known >= PROVISIONAL:
            text = f"No two of the {known} values are of adjacent periods, so nothing is known of how they vary"
        return [Warning("too_few", text)]
    if by.reach <= slack_of(by):
        same = "most of the values" if len({value for value in values if value is not None}) > 1 else "all values"
        text = f"No variation: {same} that limits are made of are the same, so none are drawn and nothing is a signal"
        return [Warning("no_variation", text)]
    if by.state == "provisional":
        out.append(Warning("provisional", f"Provisional: {known} values, and limits are firm from {FIRM} on"))
    line = trended(values)
    beside = [None if value is None or line is None else value - line.at(place) for place, value in enumerate(values)]
    if seasonal(beside if line else values, season_length):
        text = f"The values repeat every {season_length} periods, so limits take the season for signals"
        out.append(Warning("season", text, "season"))
    judged = beside if with_trend else values
    if alike(judged):
        r, bound = lag_one(judged), 2 / math.sqrt(known)
        text = (
            f"Neighbouring values are alike (r1 = {r:.2f}, above {bound:.2f}): limits assume independent values and "
            "fire too often"
        )
        out.append(Warning("autocorrelation", text, "trend" if not with_trend and not alike(beside) else ""))
    if not with_trend and not log and skewed(values):
        out.append(Warning("skew", "The values have a long tail upwards, so the upper limit is too near", "log"))
    return out


def seasonal(values: Sequence[float | None], length: int) -> bool:
    """The test of the Theta method over the values since the last unknown one; needs three whole cycles of them."""
    last_gap = max((place for place, value in enumerate(values) if value is None), default=-1)
    return seasons.repeats([value for value in values[last_gap + 1 :] if value is not None], length)
