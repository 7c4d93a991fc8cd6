"""A level over its last periods: the value that is judged in place of the last noisy one (maths.md §2.1).

Everything is put on the scale of one period, because that is what a target of a level is stated for:

- a ratio is the ratio of the sums of its parts over these periods, never a mean of ratios; a part that stands at
  something (customers) is added up over the periods as well, so that a weekly churn stays one of a week;
- a sum or a count is what came in, by period: four weeks of 30, 20, 25 and 25 leads are 25 a week;
- a last (MRR, headcount), a first and distinct visitors are the mean of the periods' own values: the end of the window
  alone would be the one noisy value again, and distinct ones are never added up;
- a mean weighs every entered value the same; min and max are those of all; a median and a weighted mean are worked
  out anew from the entered values;
- a formula is evaluated on its inputs, each of them over these periods.

Missing is not zero: a period without a whole value gives nothing, and `present` says how many had one. A ratio that is
undefined in one period (nothing over nothing) takes part with its sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, isfinite
from typing import TYPE_CHECKING

from kpitui.domain.aggregate import Cell, state
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Span
from kpitui.domain.series import Inputs

if TYPE_CHECKING:
    from kpitui.domain.series import Measure, Workings

ANEW = ("median", "weighted_mean")
"""Rules that need the entered values of the whole time at once."""


class Over(NamedTuple):
    """A value over the last `window` periods, of which `present` had one."""

    value: float
    present: int
    window: int
    each: bool = False
    """Whether the value is what came in by period, of a metric that adds up."""


class Trailing:
    """One metric over its last periods, at the end of any of them."""

    def __init__(self, workings: Workings, measure: Measure, grain: str, spans: Sequence[Span]) -> None:
        """`spans` are consecutive periods of `grain`, oldest first: those asked for and, before them, what their
        windows reach back to."""
        self.workings, self.measure, self.grain = workings, measure, grain
        self.spans = tuple(spans)
        self._ends = {span.end: at for at, span in enumerate(self.spans)}

    def at(self, end: int, window: int) -> Over | None:
        """Over the `window` periods up to the one that ends at `end`; None where nothing is known of them, or where
        the metric cannot be put together from periods (`adds_up`)."""
        last = self._ends.get(end)
        if last is None or not adds_up(self.measure):
            return None
        places = [at for at in range(max(last + 1 - window, 0), last + 1) if self._known(self.measure, self.spans, at)]
        value = self.value(self.measure, self.spans, places) if places else None
        return None if value is None or not isfinite(value) else Over(value, len(places), window, self.measure.additive)

    def value(self, measure: Measure, spans: tuple[Span, ...], places: Sequence[int]) -> float | None:
        """The metric over the periods at these places of `spans`."""
        workings = self.workings
        if measure.formula:
            return self._formula(measure, spans, places)
        if measure.rule == "ratio":
            parts = [workings.numbered(id) for id in (measure.numerator, measure.denominator)]
            above, below = (None if part is None else self.value(part, spans, places) for part in parts)
            return None if above is None or not below else above / below
        cells = self._cells(measure, spans)
        known = [cells[at] for at in places if cells[at].value is not None]
        if not known:
            return None
        values = [cell.value or 0.0 for cell in known]
        if measure.rule == "mean":
            counts = [cell.present + cell.extra for cell in known]
            return fsum(value * count for value, count in zip(values, counts, strict=True)) / sum(counts)
        if measure.rule in ("min", "max"):
            return min(values) if measure.rule == "min" else max(values)
        if measure.rule in ANEW:
            whole = Span(spans[places[0]].start, spans[places[-1]].end)
            return workings.cells(measure, self.grain, (whole,))[0].value
        return fsum(values) / len(values)

    def _formula(self, measure: Measure, spans: tuple[Span, ...], places: Sequence[int]) -> float | None:
        from kpitui.domain.formula import evaluate

        formula = self.workings.parsed(measure)
        return evaluate(formula, _Env(self, measure, spans, places)).value

    def _cells(self, measure: Measure, spans: tuple[Span, ...]) -> list[Cell]:
        return self.workings.cells(measure, self.grain, spans)

    def _known(self, measure: Measure, spans: tuple[Span, ...], at: int) -> bool:
        """Whether all that a period needs is there."""
        cell = self._cells(measure, spans)[at]
        if cell.value is not None:
            return cell.whole
        if state(cell, self.workings.asof) != "n/a":
            return False
        if measure.formula:
            parts = [self.workings.named(name) for name in self.workings.parsed(measure).names]
        else:
            parts = [self.workings.numbered(id) for id in (measure.numerator, measure.denominator)]
        return bool(parts) and all(part is not None and self._known(part, spans, at) for part in parts)


class _Env:
    """The inputs of a formula, each over the same periods."""

    def __init__(self, of: Trailing, measure: Measure, spans: tuple[Span, ...], places: Sequence[int]) -> None:
        self.days = of.workings.days(measure.id)
        self.of, self.spans, self.places = of, spans, places

    def value(self, name: str, lag: int) -> float | None:
        measure, spans = self.of.workings.named(name), self.spans
        if lag:
            inputs = self._inputs()
            spans = tuple(inputs.earlier(span, lag) for span in spans)
        return None if measure is None else self.of.value(measure, spans, self.places)

    def ytd(self, name: str, lag: int = 0) -> float | None:
        inputs = self._inputs()
        return self._mean([inputs.ytd(name, lag) for _ in map(inputs.turn_to, self.places)])

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        inputs = self._inputs()
        return self._mean([inputs.rolling(name, n, lag) for _ in map(inputs.turn_to, self.places)])

    def _inputs(self) -> Inputs:
        return Inputs(self.of.workings, self.of.grain, self.spans, self.days)

    def _mean(self, values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return fsum(known) / len(known) if known and len(known) == len(values) else None


def adds_up(measure: Measure) -> bool:
    """Whether several periods of it can be put together: an entered ratio lacks its parts, a weighted mean its
    weights, and neither is ever averaged."""
    if measure.formula:
        return True
    if measure.rule == "ratio":
        return measure.numerator is not None and measure.denominator is not None
    return measure.rule != "formula" and (measure.rule != "weighted_mean" or measure.weight is not None)


def words(over: Over, unit: str) -> str:
    """`over the last 4 weeks`, `over 3 of the last 4 weeks`, `a week over the last 4 weeks`; `unit` is the cadence."""
    of = "" if over.present >= over.window else f"{over.present} of "
    return f"{f'a {unit} ' if over.each else ''}over {of}the last {over.window} {unit}s"
