"""The metrics of a workspace worked out anew with some values supposed, in one period (maths: what-if).

What a metric is made of says how far a supposed value reaches: a formula's names, a ratio's two parts, drivers that
add up to it, and beside a ratio its other part and the ratio itself (`orders = visits x conversion` where conversion is
orders over visits; `leads = spend / cost per lead`). What is named beside a supposed metric is held as it is: with
visits supposed, `visits * conversion` keeps its conversion although that is orders over visits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum
from typing import TYPE_CHECKING

from kpitui.domain.aggregate import Cell
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Span
from kpitui.domain.series import Measure, Workings

if TYPE_CHECKING:
    Points = Callable[[int, int, int], Sequence[tuple[int, int, float]]]


class Link(NamedTuple):
    """How a metric is made of others: `kind` is formula, ratio, rate, price or sum."""

    kind: str
    parts: tuple[int, ...]
    """For a rate the ratio's denominator and the ratio, for a price its numerator and the ratio."""


BY_RATE = ("rate", "price")


Links = Mapping[int, Link]


def held_beside(links: Links, metric_id: int) -> int | None:
    """The part of a ratio that is worked out by the ratio, which is held while the other part moves; None for none."""
    link = links.get(metric_id)
    if link is None or link.kind != "ratio":
        return None
    for part in link.parts:
        made = links.get(part)
        if made is not None and made.kind in BY_RATE and made.parts[1] == metric_id:
            return part
    return None


def reach(links: Links, metric_id: int) -> list[tuple[int, int, int]]:
    """Everything a metric is made of, each once, from the top: (metric, what it goes into, depth)."""
    found: list[tuple[int, int, int]] = []
    seen = {metric_id}

    def walk(id: int, depth: int) -> None:
        link = links.get(id)
        fresh = [part for part in link.parts if part not in seen] if link else []
        seen.update(fresh)
        for part in fresh:
            found.append((part, id, depth))
            if not (link and link.kind in BY_RATE and part == link.parts[1]):
                # The rate is known by itself: what it is worked out from is this metric again.
                walk(part, depth + 1)

    walk(metric_id, 0)
    return found


class Supposed(Workings):
    """The workings with `values` in place of what stands in the period `span`; other periods stay as they are."""

    def __init__(
        self, base: Workings, measures: Mapping[int, Measure], points: Points, grain: str, span: Span,
        values: Mapping[int, float], links: Links,
    ) -> None:  # fmt: skip
        super().__init__(measures, self._scaled, base.cal, base.asof)
        self._base = base
        self._stored = points
        self._grain = grain
        self._span = span
        self._values = values
        self._links = links
        self._formulas = base._formulas
        self._active = frozenset(values)
        self._top: frozenset[int] = frozenset()
        self._kept: dict[object, list[Cell]] = {}
        self._factors: dict[int, float] = {}

    def value(self, metric_id: int) -> float | None:
        """What a metric would be. A supposed one is what it is supposed to be.

        None where it has no value. Raises Problem when metrics need each other in a circle.
        """
        if metric_id in self._values:
            return self._values[metric_id]
        return self._now(metric_id)

    def _now(self, metric_id: int) -> float | None:
        return self.cells(self._measures[metric_id], self._grain, (self._span,))[0].value

    def _before(self, metric_id: int) -> float | None:
        return self._base.cells(self._measures[metric_id], self._grain, (self._span,))[0].value

    def cells(self, measure: Measure, grain: str, spans: tuple[Span, ...]) -> list[Cell]:
        supposed = measure.id in self._top
        if supposed and spans == (self._span,):
            return [Cell(self._span, self._values[measure.id], 1, 1)]
        if not self._active and not supposed:
            return self._base.cells(measure, grain, spans)
        if self._held(measure.id):
            return self._base.cells(measure, grain, spans)
        key = (measure.id, grain, spans, supposed, self._active)
        found = self._kept.get(key)
        if found is None:
            self._enter(measure)
            try:
                found = self._kept[key] = self._with_parts(measure, grain, spans, supposed) if spans else []
            finally:
                self._path.pop()
        return found

    def _held(self, metric_id: int) -> bool:
        """Whether one of its parts is worked out by it: it then moves with nothing but that part."""
        other = held_beside(self._links, metric_id)
        return other is not None and other not in self._active and metric_id not in self._top

    def _with_parts(self, measure: Measure, grain: str, spans: tuple[Span, ...], supposed: bool) -> list[Cell]:
        """Works the metric out with what is supposed of its parts, the other parts held where that would move them."""
        link = self._links.get(measure.id)
        active, top = self._active, self._top
        self._top = active & frozenset(link.parts) if link else frozenset()
        self._active = active - self._top
        try:
            if supposed or (link and link.kind in (*BY_RATE, "sum")):
                return self._entered_anew(measure, link, grain, spans, supposed)
            return self._work(measure, grain, spans)
        finally:
            self._active, self._top = active, top

    def _entered_anew(
        self, measure: Measure, link: Link | None, grain: str, spans: tuple[Span, ...], supposed: bool
    ) -> list[Cell]:
        old = self._before(measure.id)
        new = self._values[measure.id] if supposed else self._made(link, old) if link else old
        if new is None or new == old:
            return self._base.cells(measure, grain, spans)
        # What looks at longer spans sees the period's points in proportion.
        if old:
            self._factors[measure.id] = new / old
        try:
            cells = self._work(measure, grain, spans)
        finally:
            self._factors.pop(measure.id, None)
        return [Cell(cell.span, new, 1, 1) if cell.span == self._span else cell for cell in cells]

    def _made(self, link: Link, old: float | None) -> float | None:
        """An entered metric's value by what stands beside it in a ratio, or by the drivers that add up to it."""
        if old is None:
            return None
        if link.kind == "sum":
            moves = []
            for part in link.parts:
                now, then = self._now(part), self._before(part)
                if now is None or then is None:
                    return None
                moves.append(now - then)
            return fsum([old, *moves])
        other, rate = link.parts
        now, then = self._now(other), self._before(other)
        share = self._values[rate] if rate in self._top else self._before(rate)
        if now is None or then is None or share is None:
            return None
        if now == then and rate not in self._top:
            return old
        return now * share if link.kind == "rate" else now / share if share else None

    def _scaled(self, metric_id: int, start: int, end: int) -> Sequence[tuple[int, int, float]]:
        found = self._stored(metric_id, start, end)
        factor = self._factors.get(metric_id)
        if factor is None:
            return found
        span = self._span
        return [
            (row[0], row[1], row[2] * factor if span.start <= row[0] and row[1] <= span.end else row[2])
            for row in found
        ]
