"""What a metric is made of between two periods: the inputs of its formula, its parts, its drivers, its segments.

All of it at the grain asked for, with inputs that were aggregated first. What cannot be shared out raises `Problem`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import fsum, isclose
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.decompose import MOST, MixAndRate, Segment, lmdi, mix_and_rate, shapley
from kpitui.domain.expected import before
from kpitui.domain.periods import Span
from kpitui.domain.problem import Problem

if TYPE_CHECKING:
    from kpitui.domain.formula import Env, Formula
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow

Spans = tuple[Span, Span]
Reading = tuple[str, int, int]
"""What a formula asked of a metric: how, how many periods, how many periods earlier."""
WITNESSES = 6
"""Periods beside the two that drivers must add up in, where all of them have values."""


class Made(NamedTuple):
    """The metrics that make a value, what each did to its change and, by LMDI, what it multiplied it with."""

    metrics: list[int]
    effects: list[float]
    factors: list[float] | None
    words: str


class _Seen:
    """Answers a formula from what is known of a period, and keeps what it asked, by metric."""

    def __init__(self, env: Env) -> None:
        self._env = env
        self.inputs: dict[str, dict[Reading, float | None]] = {}

    def _keep(self, name: str, reading: Reading, value: float | None) -> float | None:
        self.inputs.setdefault(name, {})[reading] = value
        return value

    def value(self, name: str, lag: int) -> float | None:
        return self._keep(name, ("value", 1, lag), self._env.value(name, lag))

    def ytd(self, name: str, lag: int = 0) -> float | None:
        return self._keep(name, ("ytd", 1, lag), self._env.ytd(name, lag))

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        return self._keep(name, ("rolling", n, lag), self._env.rolling(name, n, lag))


class _Mixture:
    """Answers a formula with each metric as it was in one of the two periods."""

    def __init__(self, inputs: Mapping[str, Mapping[Reading, float | None]]) -> None:
        self._inputs = inputs

    def value(self, name: str, lag: int) -> float | None:
        return self._inputs[name].get(("value", 1, lag))

    def ytd(self, name: str, lag: int = 0) -> float | None:
        return self._inputs[name].get(("ytd", 1, lag))

    def rolling(self, name: str, n: int, lag: int = 0) -> float | None:
        return self._inputs[name].get(("rolling", n, lag))


def by_formula(book: Book, metric: MetricRow, grain: str, spans: Spans, method: str) -> Made:
    """By the metrics the formula names, each once however often it is named. Both periods must have a value."""
    from kpitui.domain.formula import evaluate, parse
    from kpitui.domain.series import Inputs

    formula = parse(metric.formula)
    names = formula.names
    if not names:
        raise Problem(f"The formula of {metric.name} names no metric, so nothing can have moved it.")
    cells = Inputs(book.workings, grain, spans)
    sides = []
    for at in (0, 1):
        cells.turn_to(at)
        seen = _Seen(cells)
        evaluate(formula, seen)
        sides.append([seen.inputs.get(name, {}) for name in names])

    def worth(inputs: Sequence[Mapping[Reading, float | None]]) -> float:
        result = evaluate(formula, _Mixture(dict(zip(names, inputs, strict=True))))
        if result.value is None:
            raise Problem(
                f"{metric.name} has no value when only some of its inputs have moved ({result.why}), so the change "
                "cannot be shared out."
            )
        return result.value

    factors = None
    if method == "lmdi":
        effects, factors = _by_factors(formula, sides)
    else:
        effects = shapley(worth, sides[0], sides[1])
    ids = [one.id for name in names if (one := book.named(name)) is not None]
    return Made(ids, effects, factors, metric.formula)


def _by_factors(
    formula: Formula, sides: Sequence[Sequence[Mapping[Reading, float | None]]]
) -> tuple[list[float], list[float] | None]:
    from kpitui.domain.factors import terms

    parts = terms(formula)
    rows = []
    for side in sides:
        values = {
            name: value
            for name, readings in zip(formula.names, side, strict=True)
            if (value := readings.get(("value", 1, 0))) is not None
        }
        rows.append([term.factors(formula.names, values) for term in parts])
    found = lmdi(*rows)
    # The last column is the plain number, which never moves.
    return found.additive[:-1], None if found.multiplicative is None else found.multiplicative[:-1]


def by_parts(book: Book, metric: MetricRow, grain: str, spans: Spans, method: str) -> Made:
    """A ratio by its numerator and denominator."""
    above, below = (book.metrics[key] for key in (metric.numerator_id, metric.denominator_id) if key)
    top, bottom = _values(book, above, grain, spans), _values(book, below, grain, spans)
    ids, words = [above.id, below.id], f"{above.slug} / {below.slug}"
    (old_top, new_top), (old_bottom, new_bottom) = _known(top), _known(bottom)
    if above.id == below.id:
        return Made([above.id], [0.0], None, words)
    if method == "lmdi":
        if min(old_top, new_top) < 0 or min(old_bottom, new_bottom) <= 0:
            raise Problem(
                f"LMDI needs {above.name} at 0 or above and {below.name} above 0 in both periods: use the method "
                "shapley."
            )
        found = lmdi([[old_top, 1 / old_bottom]], [[new_top, 1 / new_bottom]])
        return Made(ids, found.additive, found.multiplicative, words)
    return Made(ids, shapley(_quotient, [old_top, old_bottom], [new_top, new_bottom]), None, words)


def _quotient(parts: Sequence[float]) -> float:
    return parts[0] / parts[1]


def by_drivers(book: Book, metric: MetricRow, grain: str, spans: Spans, method: str) -> Made:
    """An entered metric by those of its drivers that add up to it: of its unit, currency and kind.

    They must add up in both periods and in the periods before in which all are known, so that chance does not do it.
    """
    if metric.kind not in ("flow", "level"):
        raise Problem(
            f"{metric.name} is entered as it is and made of nothing: a ratio with a numerator and a denominator, or a "
            "formula, can be taken apart."
        )
    alike = _alike(book, metric)
    if len(alike) < 2:
        raise Problem(
            f"{metric.name} is entered, and is not fed by two drivers or more of its unit and kind that could add up "
            "to it: give it a formula, or its drivers in the tree."
        )
    found = _adding_up(book, metric, alike, grain, spans)
    sides = [_known(_values(book, one, grain, spans)) for one in found]
    words = " + ".join(one.slug for one in found)
    ids = [one.id for one in found]
    if method == "lmdi":
        rows = [
            [[side[at] if place == row else 1.0 for place in range(len(sides))] for row, side in enumerate(sides)]
            for at in (0, 1)
        ]
        shares = lmdi(*rows)
        return Made(ids, shares.additive, shares.multiplicative, words)
    # In a sum every order gives the same: each part's own change.
    return Made(ids, [new - old for old, new in sides], None, words)


def adding_up(book: Book, metric: MetricRow, grain: str, spans: Spans) -> tuple[int, ...]:
    """The drivers that add up to an entered metric, in both periods and those before; none where none do."""
    alike = _alike(book, metric) if metric.kind in ("flow", "level") else []
    if len(alike) < 2:
        return ()
    try:
        return tuple(one.id for one in _adding_up(book, metric, alike, grain, spans))
    except Problem:
        return ()


def _alike(book: Book, metric: MetricRow) -> list[MetricRow]:
    """The drivers that could add up to a metric: of its unit, currency and kind."""
    currency = book.currency_of(metric)
    return [
        one
        for key in book.drivers_of(metric.id)
        if (one := book.metrics[key]).unit == metric.unit
        and one.kind == metric.kind
        and book.currency_of(one) == currency
    ]


def _adding_up(
    book: Book, metric: MetricRow, alike: Sequence[MetricRow], grain: str, spans: Spans
) -> tuple[MetricRow, ...]:
    looked, days = list(spans), book.days_of(metric.id)
    for _ in range(WITNESSES):
        looked.append(before(grain, looked[-1], book.calendar, days))
    own = [cell.value for cell in book.cells(metric.id, grain, looked)]
    columns = {one.id: [cell.value for cell in book.cells(one.id, grain, looked)] for one in alike}
    usable = [one for one in alike if None not in columns[one.id][:2]]
    names = ", ".join(one.name for one in alike)
    if len(usable) > MOST:
        raise Problem(f"{metric.name} is fed by more than {MOST} drivers of its unit and kind: give it a formula.")
    for size in range(len(usable), 1, -1):
        fits = [some for some in combinations(usable, size) if _fits(own, [columns[one.id] for one in some])]
        if len(fits) == 1:
            return fits[0]
        if fits:
            break
    raise Problem(
        f"{metric.name} is entered, and its drivers of the same unit and kind ({names}) do not add up to it: give it a "
        "formula that says how they make it."
    )


def _fits(own: Sequence[float | None], columns: Sequence[Sequence[float | None]]) -> bool:
    for whole, *parts in zip(own, *columns, strict=True):
        known = [part for part in parts if part is not None]
        if whole is not None and len(known) == len(parts) and not _equal(whole, known):
            return False
    return True


def _equal(whole: float, parts: Sequence[float]) -> bool:
    """Whether the parts add up, but for the noise of floats."""
    return isclose(fsum(parts), whole, rel_tol=1e-9, abs_tol=1e-9 * max(map(abs, parts), default=0.0))


def by_segments(
    book: Book, metric: MetricRow, grain: str, spans: Spans
) -> tuple[list[int], list[Segment], MixAndRate] | None:
    """Mix and rate of a ratio over its segments; None when it has none.

    Its segments are the ratios that feed it, if their numerators and denominators add up to its own in both periods.
    One without values in a period was not there then, if the others add up alone.
    """
    rows = [
        one
        for key in book.drivers_of(metric.id)
        if (one := book.metrics[key]).numerator_id and one.denominator_id and not one.formula
    ]
    if len(rows) < 2:
        return None
    sides = []
    for parts in ("numerator_id", "denominator_id"):
        whole = _values(book, book.metrics[getattr(metric, parts)], grain, spans)
        found = [_values(book, book.metrics[getattr(one, parts)], grain, spans) for one in rows]
        for at in (0, 1):
            total, known = whole[at], [values[at] for values in found if values[at] is not None]
            if total is None or not known or not _equal(total, [value for value in known if value is not None]):
                return None
        sides.append(found)
    segments = [
        Segment(top[0] or 0.0, bottom[0] or 0.0, top[1] or 0.0, bottom[1] or 0.0)
        for top, bottom in zip(*sides, strict=True)
    ]
    try:
        return [one.id for one in rows], segments, mix_and_rate(segments)
    except Problem:
        return None


def _values(book: Book, metric: MetricRow, grain: str, spans: Spans) -> list[float | None]:
    return [cell.value for cell in book.cells(metric.id, grain, spans)]


def _known(values: Sequence[float | None]) -> tuple[float, float]:
    before, after = values
    # A value worked out from them is known, so they are.
    assert before is not None and after is not None
    return before, after
