"""Why a value moved: the change between two periods shared out among what the metric is made of (maths.md §5)."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.aggregate import Cell
from kpitui.domain.periods import Calendar, Span, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.services.made_of import Made, by_drivers, by_formula, by_parts, by_segments

if TYPE_CHECKING:
    from kpitui.domain.decompose import MixAndRate
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

METHODS = ("shapley", "lmdi")


class Part(NamedTuple):
    """What one input did to the change."""

    metric: MetricRow
    currency: str
    before: float | None
    """Its own value in the earlier period; None where the formula only looks further back."""
    after: float | None
    effect: float
    """In the unit of the metric that moved."""
    factor: float | None
    """By LMDI: what it multiplied the value with."""


class Mixed(NamedTuple):
    """The change of a ratio by its segments, in the order of their metrics."""

    metrics: tuple[MetricRow, ...]
    found: MixAndRate
    sides: tuple[tuple[float | None, float | None], ...]
    """Each segment's ratio before and after; None where it was not there."""


class Why(NamedTuple):
    """How a metric moved from one period to another, and by what."""

    metric: MetricRow
    currency: str
    calendar: Calendar
    grain: str
    before: Cell
    after: Cell
    labels: tuple[str, str]
    change: float | None
    parts: tuple[Part, ...]
    """In the order of the formula; their effects add up to `change`. Empty where nothing can be worked out."""
    mixed: Mixed | None
    method: str
    """shapley or lmdi; empty where nothing can be worked out."""
    made_of: str
    """What the parts make the metric by: its formula, `a / b`, `a + b`."""
    why: str
    """Why nothing can be worked out, without a full stop; empty when it can."""


def why(
    store: Store, today: int, item: str, *, begin: str | None = None, end: str | None = None, method: str = "shapley"
) -> Why:
    """Why a metric (its slug, or `slug@scope`) moved between two periods typed as people do.

    By default the last reported period against the one before. Raises NotFound with the nearest names, Problem for
    periods that cannot be compared, and, with the method lmdi, for values it does not work for.
    """
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named

    with store.snapshot():
        book = Book(store, today)
        metric, _ = metric_named(book, item)
        grain, before, after = periods(book, metric, begin, end)
        return why_of(book, metric, grain, before, after, method)


def why_between(store: Store, today: int, metric_id: int, grain: str, before: Span, after: Span) -> Why:
    """The same between two periods that are known, by Shapley."""
    from kpitui.services.book import book_of

    with store.snapshot():
        book = book_of(store, today)
        return why_of(book, book.metrics[metric_id], grain, before, after)


def item_of(store: Store, metric_id: int, kpi_id: int | None) -> str:
    """The name of a row: its slug, with the scope behind it where it is a KPI."""
    from kpitui.domain.model import Kpi, Metric, Scope
    from kpitui.storage import definitions

    with store.snapshot():
        slug = definitions.get(store, Metric, metric_id).slug
        if kpi_id is None:
            return slug
        return f"{slug}@{definitions.get(store, Scope, definitions.get(store, Kpi, kpi_id).scope_id).slug}"


def periods(book: Book, metric: MetricRow, begin: str | None, end: str | None) -> tuple[str, Span, Span]:
    """Grain, earlier and later period. Raises Problem."""
    from kpitui.domain.period_words import read_period

    day = to_date(book.today)
    first = read_period(begin, book.calendar, day, metric.cadence) if begin else None
    last = read_period(end, book.calendar, day, metric.cadence) if end else None
    if first and last and first[0] != last[0]:
        raise Problem(
            f"{quote(begin or '')} is a {first[0]} and {quote(end or '')} a {last[0]}: compare two periods of one "
            "length."
        )
    grain = (first or last or (metric.cadence,))[0]
    known = [] if first and last else reported(book, metric, grain)
    after = last[1] if last else (known[-1] if known else None)
    if after is None:
        raise Problem(f"{metric.name} has no value of a whole {grain} yet: enter one, or give --from and --to.")
    if first:
        before = first[1]
    else:
        earlier = [span for span in known if span.start < after.start]
        if not earlier:
            raise Problem(
                f"{metric.name} has no value of a whole {grain} before {book.period_label(grain, after)}: "
                "there is nothing to compare it with."
            )
        before = earlier[-1]
    if before.start >= after.start:
        names = " and ".join(book.period_label(grain, span) for span in (before, after))
        raise Problem(f"Give the earlier period with --from and the later one with --to; these are {names}.")
    return grain, before, after


def reported(book: Book, metric: MetricRow, grain: str) -> list[Span]:
    """The whole periods with a value, oldest first."""
    from kpitui.services.signals import whole_series

    spans, values = whole_series(book, metric, grain)
    return [span for span, value in zip(spans, values, strict=True) if value is not None]


def why_of(book: Book, metric: MetricRow, grain: str, before: Span, after: Span, method: str = "shapley") -> Why:
    """The change of a metric from `before` to `after`, shared out.

    Raises Problem where `method` is lmdi and values are below 0 or the formula is no sum of products.
    """
    cells = book.cells(metric.id, grain, (before, after))
    old, new = cells[0].value, cells[1].value
    nothing = Why(
        metric,
        book.currency_of(metric),
        book.calendar,
        grain,
        cells[0],
        cells[1],
        (book.period_label(grain, before), book.period_label(grain, after)),
        None if old is None or new is None else new - old,
        (),
        None,
        "",
        "",
        "",
    )
    for cell, name in zip(cells, nothing.labels, strict=True):
        if cell.value is None:
            return nothing._replace(why=f"{metric.name} has no value for {name}{': ' if cell.why else ''}{cell.why}")
    too_large = f"The values of {metric.name} are too large to be taken apart"
    if not isfinite(nothing.change or 0.0):
        return nothing._replace(change=None, why=too_large)
    try:
        made = _split(book, metric)(book, metric, grain, (before, after), method)
        mixed = _mixed(book, metric, grain, (before, after))
        if not all(map(isfinite, made.effects)):
            raise OverflowError
    except Problem as problem:
        if method == "lmdi":
            raise
        return nothing._replace(why=str(problem).rstrip("."))
    except (OverflowError, ValueError):
        # Sums of floats near the largest one have no number.
        return nothing._replace(why=too_large)
    sides = [book.cells(key, grain, (before, after)) for key in made.metrics]
    parts = tuple(
        Part(
            book.metrics[key],
            book.currency_of(book.metrics[key]),
            one.value,
            other.value,
            effect,
            None if made.factors is None else made.factors[place],
        )
        for place, (key, (one, other), effect) in enumerate(zip(made.metrics, sides, made.effects, strict=True))
    )
    return nothing._replace(parts=parts, method=method, made_of=made.words, mixed=mixed)


def _split(book: Book, metric: MetricRow) -> Callable[..., Made]:
    if metric.formula:
        return by_formula
    return by_parts if book.derived(metric) else by_drivers


def _mixed(book: Book, metric: MetricRow, grain: str, spans: tuple[Span, Span]) -> Mixed | None:
    if metric.formula or not book.derived(metric):
        return None
    found = by_segments(book, metric, grain, spans)
    if found is None:
        return None
    ids, segments, shares = found
    sides = tuple(
        (one.top0 / one.bottom0 if one.bottom0 else None, one.top1 / one.bottom1 if one.bottom1 else None)
        for one in segments
    )
    return Mixed(tuple(book.metrics[key] for key in ids), shares, sides)
