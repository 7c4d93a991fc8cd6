"""Why a value moved, in figures that add up when read and in a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kpitui.domain.decompose import rounded
from kpitui.domain.figures import show, show_change

if TYPE_CHECKING:
    from kpitui.services.why import Part, Why

FIGURES = 3
"""Significant figures of the largest one; the others have as many decimals."""
METHODS = {"shapley": "Shapley", "lmdi": "LMDI"}


class Figures:
    """The figures of one change, all with the same decimals, so that the effects add up to the change as shown.

    `before`, `after`, `change` and `effects` are what is shown: rounded, and percent points for percent values.
    """

    def __init__(self, found: Why) -> None:
        metric = found.metric
        self.percent = metric.unit == "percent"
        self.unit = metric.unit
        self.currency = found.currency
        change = found.change or 0.0
        scale = 100.0 if self.percent else 1.0
        effects = [part.effect * scale for part in found.parts]
        largest = max(map(abs, [*effects, change * scale]))
        ahead = math.floor(math.log10(largest)) if 0 < largest < math.inf else 0
        self.places = min(max(FIGURES - 1 - ahead, 0), 12)
        self._work_out(effects, scale, found)
        # Decimals that are all 0 say nothing.
        while self.places and not any(map(self._uses_last_decimal, [self.before, self.after, *self.effects])):
            self.places -= 1
            self._work_out(effects, scale, found)

    def _work_out(self, effects: list[float], scale: float, found: Why) -> None:
        self.before, self.after = (
            None if cell.value is None else self._figure(cell.value * scale) for cell in (found.before, found.after)
        )
        self.change = 0.0 if self.before is None or self.after is None else self._figure(self.after - self.before)
        self.effects = rounded(effects, self.change, self.places)

    def _uses_last_decimal(self, figure: float | None) -> bool:
        return figure is not None and math.isfinite(figure) and round(abs(figure) * 10**self.places) % 10 != 0

    def _figure(self, value: float) -> float:
        return rounded([value], value, self.places)[0]

    def value(self, figure: float | None) -> str:
        """`before` or `after`."""
        if self.percent and figure is not None:
            return f"{show(figure, decimals=self.places)}%"
        return show(figure, self.unit, currency=self.currency, decimals=self.places)

    def signed(self, figure: float) -> str:
        """An effect or the change, as `rounded` made it: `+$1,993.3`, `-0.4 pp`."""
        if self.percent:
            return f"{show(figure, decimals=self.places, signed=True)} pp"
        return show(figure, self.unit, currency=self.currency, decimals=self.places, signed=True)


def own_value(part: Part, value: float | None) -> str:
    """An input's own value, as a table shows it."""
    metric = part.metric
    return show(value, metric.unit, currency=part.currency, decimals=metric.decimals, compact=True)


def largest_parts(found: Why) -> str:
    """`mostly by Visits (+$1.99k) and Conversion (-$1.16k)`; empty where nothing moved or can be worked out."""
    moved = [part for part in found.parts if part.effect]
    if not moved:
        return ""
    two = sorted(moved, key=lambda part: -abs(part.effect))[:2]
    metric = found.metric
    words = " and ".join(
        f"{part.metric.name} ({show_change(part.effect, metric.unit, currency=found.currency)})" for part in two
    )
    return f"{'mostly ' if len(moved) > 2 else ''}by {words}"


def mixed_sentence(found: Why) -> str:
    """How much of the change of a ratio is mix and how much rate; empty where there are no segments."""
    if found.mixed is None:
        return ""
    mix, rate = (
        show_change(one, found.metric.unit, currency=found.currency)
        for one in (found.mixed.found.mix, found.mixed.found.rate)
    )
    return f"By segment: {mix} because they count for more or less (mix), {rate} because they moved themselves (rate)."


def simpson_sentence(found: Why) -> str:
    """What Simpson's paradox makes of the change; empty where there is none."""
    if found.mixed is None or not found.mixed.found.simpson:
        return ""
    up = found.mixed.found.after > found.mixed.found.before
    whole, parts = ("rose", "fell") if up else ("fell", "rose")
    return (
        f"Simpson's paradox: {found.metric.name} {whole} although its segments, all or nearly all, {parts}. "
        "What changed is how much each of them counts"
    )
