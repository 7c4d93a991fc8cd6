"""Values of any metric per period, entered or derived, always worked out at the grain asked for (maths.md §1.2, §8).

A ratio is the ratio of the sums of its parts in that period, a weighted mean weighs the entered values, a formula is
evaluated on inputs that were aggregated first. Unknown inputs give unknown results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fsum

from kpitui.domain.aggregate import Cell, bucket
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Calendar, Span, shift, span_of
from kpitui.domain.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.formula import Formula, Result
    from kpitui.domain.workdays import Workdays

    Points = Callable[[int, int, int], Sequence[tuple[int, int, float]]]

DEEPEST = 50
"""The most metrics that may need one another in a row."""


class Measure(NamedTuple):
    """What the arithmetic must know of a metric; other metrics are named by id, a formula names them by slug.

    `formula` is the parsed formula or its text; with it, `rule` and `cadence` do not matter.
    """

    id: int
    slug: str
    rule: str = "sum"
    cadence: str = "day"
    kind: str = "flow"
    numerator: int | None = None
    denominator: int | None = None
    weight: int | None = None
    formula: Formula | str | None = None
    direction: str = "up"
    unit: str = "number"
    work: Workdays | None = None
    """The days it is expected on; None for every one."""

    @property
    def additive(self) -> bool:
        """Whether its values grow with the length of the period."""
        return self.kind == "flow" if self.formula else self.rule in ("sum", "count")


def series(
    measure: Measure,
    measures: Mapping[int, Measure],
    points: Points,
    grain: str,
    spans: Sequence[Span],
    cal: Calendar,
    asof: int,
) -> list[Cell]:
    """One cell per span for one metric; for several metrics use one `Workings`, which shares what they have in common.

    `points(metric_id, start, end)` gives the entered points that share a day with `[start, end)`, sorted by start.
    `grain` is what `lag` and `rolling` count in. Raises Problem naming the circle when metrics need each other.
    """
    return Workings(measures, points, cal, asof).series(measure, grain, spans)


class Workings:
    """The values of many metrics as of one day; whatever several of them need is worked out once."""

    def __init__(self, measures: Mapping[int, Measure], points: Points, cal: Calendar, asof: int) -> None:
        self.cal = cal
        self.asof = asof
        self._measures = measures
        self._points = points
        self._slugs: dict[str, Measure] | None = None
        self._formulas: dict[str, Formula] = {}
        self._done: dict[int, dict[tuple[str, tuple[Span, ...]], list[Cell]]] = {}
        self._reach: dict[tuple[str, tuple[Span, ...]], tuple[int, int]] = {}
        self._path: list[Measure] = []
        self._days: dict[int, Workdays | None] | None = None
        self._parts: set[int] | None = None

    def series(self, measure: Measure, grain: str, spans: Sequence[Span]) -> list[Cell]:
        return list(self.cells(measure, grain, tuple(spans)))

    def named(self, slug: str) -> Measure | None:
        if self._slugs is None:
            self._slugs = {measure.slug: measure for measure in self._measures.values()}
        return self._slugs.get(slug)

    def numbered(self, metric_id: int | None) -> Measure | None:
        return None if metric_id is None else self._measures.get(metric_id)

    def days(self, metric_id: int) -> Workdays | None:
        """The working days a metric is expected on, None for every day. What is worked out from others is expected
        where all of these are: one of working days makes it one, as its own definition does."""
        if self._days is None:
            # Nearly always no metric has any, and nothing is looked at further.
            own = {key: measure.work for key, measure in self._measures.items() if measure.work is not None}
            self._days = {}
            for key, measure in self._measures.items() if own else ():
                found = self._inherited(measure, own, set())
                if found is not None:
                    self._days[key] = found
        return self._days.get(metric_id)

    def _inherited(self, measure: Measure, own: Mapping[int, Workdays | None], seen: set[int]) -> Workdays | None:
        if measure.id in own or measure.id in seen:
            return own.get(measure.id)
        if measure.formula:
            try:
                parts = [self.named(name) for name in self.parsed(measure).names]
            except Problem:
                return None
        elif measure.rule == "ratio" and measure.numerator is not None and measure.denominator is not None:
            parts = [self.numbered(measure.numerator), self.numbered(measure.denominator)]
        else:
            return None
        seen.add(measure.id)
        return next((work for part in parts if part is not None and (work := self._inherited(part, own, seen))), None)

    def parsed(self, measure: Measure) -> Formula:
        """The formula of a measure that has one."""
        formula = measure.formula or ""
        if not isinstance(formula, str):
            return formula
        if formula not in self._formulas:
            from kpitui.domain.formula import parse

            self._formulas[formula] = parse(formula)
        return self._formulas[formula]

    def cells(self, measure: Measure, grain: str, spans: tuple[Span, ...]) -> list[Cell]:
        mine, key = self._done.setdefault(measure.id, {}), (grain, spans)
        found = mine.get(key)
        if found is None:
            self._enter(measure)
            try:
                found = mine[key] = self._work(measure, grain, spans) if spans else []
            finally:
                self._path.pop()
        return found

    def forget(self, metric_id: int) -> None:
        """Let what was worked out of a metric go, unless another one is made of it and may ask for it, too."""
        if metric_id not in self.parts:
            self._done.pop(metric_id, None)

    @property
    def parts(self) -> set[int]:
        """The metrics that others are made of."""
        if self._parts is None:
            self._parts = set()
            for measure in self._measures.values():
                self._parts.update(
                    key for key in (measure.numerator, measure.denominator, measure.weight) if key is not None
                )
                try:
                    names = self.parsed(measure).names if measure.formula else ()
                except Problem:
                    continue
                self._parts.update(part.id for name in names if (part := self.named(name)))
        return self._parts

    def _enter(self, measure: Measure) -> None:
        slugs = [other.slug for other in self._path]
        if measure.slug in slugs:
            circle = [*slugs[slugs.index(measure.slug) :], measure.slug]
            raise Problem(f"These metrics need each other in a circle: {' → '.join(circle)}. Change one of them.")
        if len(slugs) >= DEEPEST:
            raise Problem(f"{slugs[0]} needs more than {DEEPEST} metrics in a row: shorten the chain of formulas.")
        self._path.append(measure)

    def _work(self, measure: Measure, grain: str, spans: tuple[Span, ...]) -> list[Cell]:
        if measure.formula:
            return self._formula(measure, grain, spans)
        if measure.rule == "ratio" and measure.numerator is not None and measure.denominator is not None:
            return self._ratio(measure.numerator, measure.denominator, grain, spans)
        if measure.rule == "formula":
            return [_undefined(span, "it has no formula") for span in spans]
        entered = self._entered(measure, spans)
        if measure.rule == "weighted_mean" and measure.weight is not None:
            return self._weighted(measure, measure.weight, entered, spans)
        return bucket(entered, measure.rule, measure.cadence, spans, self.cal, self.asof, measure.work)

    def _entered(self, measure: Measure, spans: tuple[Span, ...]) -> Sequence[tuple[int, int, float]]:
        # Asked once for many metrics over the same periods.
        found = self._reach.get((measure.cadence, spans))
        if found is None:
            first, last = min(span.start for span in spans), max(span.end for span in spans)
            first = span_of(measure.cadence, first, self.cal).start
            found = self._reach[measure.cadence, spans] = first, span_of(measure.cadence, last - 1, self.cal).end
        return self._points(measure.id, *found)

    def _part(self, metric_id: int, role: str, grain: str, spans: tuple[Span, ...]) -> tuple[str, list[Cell]]:
        part = self._measures.get(metric_id)
        if part is None:
            return role, [_undefined(span, "it is not a metric of this workspace") for span in spans]
        return part.slug, self.cells(part, grain, spans)

    def _ratio(self, numerator: int, denominator: int, grain: str, spans: tuple[Span, ...]) -> list[Cell]:
        """Ratio of sums at the grain asked for (maths.md §1.2)."""
        above, tops = self._part(numerator, "its numerator", grain, spans)
        below, bottoms = self._part(denominator, "its denominator", grain, spans)
        cells = []
        for span, top, bottom in zip(spans, tops, bottoms, strict=True):
            inputs = [(above, top), (below, bottom)]
            if top.value is None or bottom.value is None:
                cells.append(_unknown(span, inputs))
            elif bottom.value == 0:
                cells.append(_undefined(span, f"{below} is 0", inputs))
            else:
                cells.append(_known(span, top.value / bottom.value, inputs))
        return cells

    def _weighted(
        self, measure: Measure, weight: int, entered: Sequence[tuple[int, int, float]], spans: tuple[Span, ...]
    ) -> list[Cell]:
        """Σwv/Σw over the entered values that have a weight for the same days (maths.md §1.2)."""
        from kpitui.domain.mixed_grains import points_in_force

        bare = bucket(entered, "mean", measure.cadence, spans, self.cal, self.asof, measure.work)
        kept = [point for point in points_in_force(entered, measure.cadence, self.cal) if point.start <= self.asof]
        units = tuple(Span(point.start, point.end) for point in kept)
        name, weights = self._part(weight, "its weight", measure.cadence, units)
        cells = []
        for span, cell in zip(spans, bare, strict=True):
            if cell.value is None:
                cells.append(cell)
                continue
            own = [(p.value, w.value) for p, w in zip(kept, weights, strict=True) if span.start < p.end <= span.end]
            pairs = [(value, w) for value, w in own if w is not None]
            lost = len(own) - len(pairs)
            present = max(cell.present - lost, 0)
            why = f"{name} is missing for {lost} of {len(own)} values" if lost else cell.why
            total = fsum(w for _, w in pairs)
            if not pairs:
                cells.append(Cell(span, None, 0, cell.expected, f"{name} is missing", whole=False))
            elif total == 0:
                cells.append(Cell(span, None, 0, cell.expected, f"{name} adds up to 0", whole=False))
            else:
                value = fsum(v * w for v, w in pairs) / total
                cells.append(Cell(span, value, present, cell.expected, why, whole=cell.whole and not lost))
        return cells

    def _formula(self, measure: Measure, grain: str, spans: tuple[Span, ...]) -> list[Cell]:
        from kpitui.domain.formula import evaluate

        formula, inputs = self.parsed(measure), Inputs(self, grain, spans, self.days(measure.id))
        for name in formula.names:
            inputs.read(name, spans)
        cells = []
        for at, span in enumerate(spans):
            inputs.turn_to(at)
            cells.append(_formula_cell(span, evaluate(formula, inputs), inputs.used))
        return cells


class Inputs:
    """The inputs of one formula, whole rows of cells at a time; `used` says which were asked for in this period."""

    def __init__(self, workings: Workings, grain: str, spans: tuple[Span, ...], days: Workdays | None = None) -> None:
        """`days` are those on which the formula is expected: a day before is then the one before of these."""
        self.used: list[tuple[str, Cell]] = []
        self._workings = workings
        self._grain = grain
        self._spans = spans
        self._at = 0
        self._rows: dict[tuple[str, int], tuple[Span, ...]] = {}
        self._days = days if grain == "day" else None

    def turn_to(self, at: int) -> None:
        self._at = at
        self.used = []

    def read(self, name: str, spans: tuple[Span, ...]) -> list[Cell]:
        measure = self._workings.named(name)
        if measure is None:
            return [_undefined(span, "there is no metric of this name") for span in spans]
        return self._workings.cells(measure, self._grain, spans)

    def _take(self, name: str, spans: tuple[Span, ...]) -> float | None:
        cell = self.read(name, spans)[self._at]
        self.used.append((name, cell))
        return cell.value

    def value(self, name: str, lag: int) -> float | None:
        return self._take(name, self._row("lag", lag))

    def ytd(self, name: str, lag: int = 0) -> float | None:
        """From the start of the fiscal year that holds the period's last day to the period's end."""
        key = ("ytd", lag)
        if key not in self._rows:
            self._rows[key] = tuple(
                Span(span_of("year", span.end - 1, self._workings.cal).start, span.end)
                for span in self._row("lag", lag)
            )
        return self._take(name, self._rows[key])

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        """The metric over the `n` periods that end with this one, aggregated by its own rule."""
        key = (f"rolling {n}", lag)
        if key not in self._rows:
            self._rows[key] = tuple(Span(self.earlier(span, n - 1).start, span.end) for span in self._row("lag", lag))
        return self._take(name, self._rows[key])

    def _row(self, kind: str, lag: int) -> tuple[Span, ...]:
        if not lag:
            return self._spans
        key = (kind, lag)
        if key not in self._rows:
            self._rows[key] = tuple(self._back(span, lag) for span in self._spans)
        return self._rows[key]

    def earlier(self, span: Span, n: int) -> Span:
        """The period `n` of those that are expected before the one in which `span` starts."""
        if self._days is None:
            return shift(self._grain, span, -n, self._workings.cal)
        day = self._days.back(span.start, n)
        return Span(day, day + 1)

    def _back(self, span: Span, lag: int) -> Span:
        """`lag` periods earlier; a range of several periods or of a part of one keeps its distances to their starts."""
        cal, grain = self._workings.cal, self._grain
        if self._days is not None and span.end - span.start == 1:
            return self.earlier(span, lag)
        moved = []
        for day in span:
            holder = span_of(grain, day, cal)
            moved.append(shift(grain, holder, -lag, cal).start + day - holder.start)
        return Span(moved[0], max(moved[1], moved[0] + 1))


def _formula_cell(span: Span, result: Result, used: Sequence[tuple[str, Cell]]) -> Cell:
    if result.value is not None:
        return _known(span, result.value, used)
    if result.undefined:
        return _undefined(span, result.why, used)
    return _unknown(span, used)


def _worst(inputs: Sequence[tuple[str, Cell]]) -> tuple[int, int]:
    """Present and expected of the input with the lowest coverage."""
    counts = [(cell.present, cell.expected) for _, cell in inputs if cell.expected]
    return min(counts, key=lambda c: c[0] / c[1]) if counts else (0, 0)


def _known(span: Span, value: float, inputs: Sequence[tuple[str, Cell]]) -> Cell:
    present, expected = _worst(inputs)
    whys = [f"{name}: {cell.why}" for name, cell in inputs if cell.why]
    return Cell(span, value, present, expected, whys[0] if whys else "", whole=all(c.whole for _, c in inputs))


def _undefined(span: Span, why: str, inputs: Sequence[tuple[str, Cell]] = ()) -> Cell:
    """n/a: what is there was used up, the arithmetic has no answer; so nothing counts as missing."""
    expected = _worst(inputs)[1]
    return Cell(span, None, expected, expected, why, whole=False)


def _unknown(span: Span, inputs: Sequence[tuple[str, Cell]]) -> Cell:
    absent = [(name, cell) for name, cell in inputs if cell.value is None]
    due = [(name, cell) for name, cell in absent if cell.why]
    if not due:
        return Cell(span, None, 0, 0, whole=False)
    short = [(name, cell) for name, cell in due if cell.present < cell.expected]
    name, cell = (short or due)[0]
    if not short:
        return _undefined(span, f"{name}: {cell.why}", [(name, cell)])
    present, expected = _worst(short)
    return Cell(span, None, present, expected, f"{name}: {cell.why}", whole=False)
