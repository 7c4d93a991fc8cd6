"""The process behaviour chart of one metric: limits, phases, what is more than noise, and how far to trust it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, boundaries, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.proportion import p_chart, wilson
from kpitui.domain.quoting import quote
from kpitui.domain.runs import RunTest, run_test
from kpitui.domain.season import length_of
from kpitui.domain.signal_phases import Phase, hits_of, phases, proposal
from kpitui.domain.signal_season import adjusted, factors
from kpitui.domain.signal_warnings import Warning, warnings
from kpitui.domain.signals import Hit, Limits
from kpitui.services.outlooks import bounds_of
from kpitui.services.phases import baselines, begun, drawn_at
from kpitui.services.reworked import reworked
from kpitui.storage import points

if TYPE_CHECKING:
    from kpitui.services.book import Book
    from kpitui.services.judging import Row
    from kpitui.storage.reading import MetricRow, PhaseRow
    from kpitui.storage.store import Store

WIDER = 1.25
"""By how much the limits may differ from those of the samples for the samples to be what varies."""


class How(NamedTuple):
    """How limits are worked out and which rules count."""

    rules: str = "wheeler"
    median: bool = False
    """By the median moving range, which single large ones do not move."""
    trend: bool = False
    """Limits along the line through the half averages."""
    season: bool = False
    """Of the values with their season divided out."""
    screened: bool = False
    """Without moving ranges above 3.267 times their mean."""
    log: bool = False
    """Of the logarithms, for positive values with a long tail upwards."""


class Sampling(NamedTuple):
    """What the size of the sample alone says of the last value of a share."""

    part: float
    whole: float
    low: float
    high: float
    """The 95 % interval of Wilson, fractions."""
    outside: int
    """Values beyond the limits of a p chart."""
    mostly: bool
    """Whether the natural limits are as wide as samples of this size make them."""


class Chart(NamedTuple):
    """A series of whole periods, from `begin` on, with its limits and hits. Values are in the metric's unit."""

    row: Row
    grain: str
    how: How
    spans: tuple[Span, ...]
    labels: tuple[str, ...]
    raw: tuple[float | None, ...]
    """As entered; None where nothing is known of the whole period."""
    judged: tuple[float | None, ...]
    """What the limits judge: without the season, as logarithms, or the same."""
    begin: int
    """The first place shown; what stands before it only serves to lock limits."""
    phases: tuple[Phase, ...]
    hits: tuple[Hit, ...]
    proposed: Hit | None
    """A run that may be a new phase, at its first value."""
    warnings: tuple[Warning, ...]
    runs: RunTest
    sampling: Sampling | None
    drawn: tuple[PhaseRow, ...] = ()
    """The phases as people drew them and reviews locked them, oldest first; those before the first one are nobody's."""
    reworked: str = ""
    """That the locked limits are not those that locked, because values of theirs were corrected."""

    @property
    def limits(self) -> Limits | None:
        """Those of the current phase."""
        return self.phases[-1].limits if self.phases else None

    @property
    def known(self) -> int:
        return sum(value is not None for value in self.raw[self.begin :])

    @property
    def state(self) -> str:
        return self.limits.state if self.limits else "too_early"

    def unit(self, value: float | None) -> float | None:
        """A judged value or limit in the metric's unit."""
        if value is None or not self.how.log:
            return value
        return math.exp(value) if value < 700 else None


def signals(
    store: Store,
    today: int,
    item: str,
    *,
    grain: str | None = None,
    locks: Sequence[str] = (),
    last: int | None = None,
    how: How | None = None,
) -> Chart:
    """The chart of a metric (its slug, or `slug@scope`), at its own cadence or at `grain`, of all its whole periods.

    `locks` are `FROM..TO` in words of periods: each begins a phase, the first one reaches back to the beginning.
    Without them the phases count that people have drawn, and what reviews have locked.
    `last` leaves only so many periods; with locks, those before still make limits. Raises NotFound with the nearest
    names, Problem for what cannot be worked out.
    """
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named
    from kpitui.services.judging import kpi_row, metric_row

    with store.snapshot():
        book = Book(store, today)
        metric, kpi = metric_named(book, item)
        row = kpi_row(book, kpi) if kpi else metric_row(book, metric)
        return chart_of(book, metric, row, grain=grain, locks=locks, last=last, how=how or How())


def as_shown(store: Store, today: int, item: str, last: int, how: How) -> Chart:
    """The chart of the last periods as the screens judge them: without values that wait to be checked. As `signals`."""
    from kpitui.services.book import book_of
    from kpitui.services.detail import metric_named
    from kpitui.services.judging import kpi_row, metric_row

    with store.snapshot():
        book = book_of(store, today)
        metric, kpi = metric_named(book, item)
        row = kpi_row(book, kpi) if kpi else metric_row(book, metric)
        return chart_of(book, metric, row, grain=None, locks=(), last=last, how=how, checked=True)


def chart_of(
    book: Book,
    metric: MetricRow,
    row: Row,
    *,
    grain: str | None,
    locks: Sequence[str],
    last: int | None,
    how: How,
    checked: bool = False,
) -> Chart:
    """`checked` leaves out values that wait to be checked."""
    used = grain or metric.cadence
    spans, raw = whole_series(book, metric, used, checked=checked)
    drawn = () if locks else drawn_at(book, metric, used)
    if last is not None and not locks and not drawn:
        spans, raw = spans[-last:], raw[-last:]
    begin = max(len(raw) - last, 0) if last is not None else 0
    floor, ceiling = drawn_bounds(metric, raw, how)
    days = book.days_of(metric.id) if used == "day" else None
    season = length_of(used, book.calendar, days)
    judged, back = transformed(raw, season, how, days and [days.place(spans[0].start, span.start) for span in spans])
    places = [place_of(book, lock, used, spans) for lock in locks] or baselines(drawn, spans)
    rule = "median" if how.median else "mean"
    some = phases(
        judged,
        places,
        rule,
        with_trend=how.trend,
        screened=how.screened,
        floor=floor,
        ceiling=ceiling,
    )
    some = begun(some, drawn)
    found = [hit for hit in hits_of(judged, some, how.rules) if hit.index >= begin]
    made_of = judged[slice(*some[-1].made_of)] if some else []
    length = 1 if how.season else season
    return Chart(
        row,
        used,
        how,
        spans,
        tuple(book.period_label(used, span) for span in spans),
        tuple(raw),
        tuple(judged),
        begin,
        tuple(phase for phase in some if phase.end > begin),
        tuple(found),
        proposal(judged, some, found),
        tuple(warnings(made_of, length, rule=rule, with_trend=how.trend, log=how.log)),
        run_test(beside(judged, some)[begin:] if how.trend else judged[begin:]),
        sampling(book, metric, used, spans, raw, some, back) if not (how.trend or how.season) else None,
        tuple(drawn),
        reworked(book, metric, drawn[-1]) if drawn and drawn[-1].locked is not None else "",
    )


def whole_series(
    book: Book, metric: MetricRow, grain: str, *, checked: bool = False
) -> tuple[tuple[Span, ...], list[float | None]]:
    """The periods from the first with a value to the last, with None for what is missing, undefined or not whole, and
    `checked` for values that wait to be checked."""
    first = points.first_start(book.store, sorted(book.needs([metric.id])))
    if first is None or first > book.today:
        return (), []
    spans = book.spans_of(metric.id, grain, boundaries(grain, first, book.calendar), extra=False)
    cells = book.checked_cells if checked and book.doubts(metric.id, first) else book.cells
    values = [cell.value if cell.whole else None for cell in cells(metric.id, grain, spans)]
    known = [place for place, value in enumerate(values) if value is not None]
    if not known:
        return (), []
    return spans[known[0] : known[-1] + 1], values[known[0] : known[-1] + 1]


def drawn_bounds(metric: MetricRow, raw: Sequence[float | None], how: How) -> tuple[float | None, float | None]:
    """Bounds beyond which no limit is drawn; one that the values themselves have broken is none."""
    if how.log:
        return None, None
    floor, ceiling, _ = bounds_of(metric)
    known = [value for value in raw if value is not None]
    if floor is not None and known and min(known) < floor:
        floor = None
    if ceiling is not None and known and max(known) > ceiling:
        ceiling = None
    return floor, ceiling


def transformed(
    raw: Sequence[float | None], season: int, how: How, places: Sequence[int | None] | None = None
) -> tuple[list[float | None], Callable[[float], float]]:
    """What the limits judge, and the way back to the metric's unit; `season` is its length in periods. `places` say
    where the values stand in their seasons, where periods between them are left out: None for one that has no season.
    """
    values = list(raw)
    if how.season and values and places is None:
        values = adjusted(values, factors(values, season))
    elif how.season and values:
        laid: list[float | None] = [None] * (max((place or 0 for place in places or ()), default=0) + 1)
        for place, value in zip(places or (), values, strict=True):
            if place is not None:
                laid[place] = value
        laid = adjusted(laid, factors(laid, season))
        values = [value if place is None else laid[place] for place, value in zip(places or (), values, strict=True)]
    if not how.log:
        return values, float
    if any(value is not None and value <= 0 for value in values):
        raise Problem("A value of 0 or below has no logarithm: leave the log scale out.")
    return [None if value is None else math.log(value) for value in values], math.exp


def beside(judged: Sequence[float | None], some: Sequence[Phase]) -> list[float | None]:
    """What is left of the values beside the line of their phase."""
    out: list[float | None] = [None] * len(judged)
    for phase in some:
        for place in range(phase.first, phase.end):
            value, centre = judged[place], phase.centre(place)
            if value is not None and centre is not None:
                out[place] = value - centre
    return out


def place_of(book: Book, lock: str, grain: str, spans: Sequence[Span]) -> tuple[int, int]:
    """Places [first, end) of `FROM..TO`; an end left open is that of the series. Raises Problem."""
    begin, dots, end = lock.partition("..")
    if not dots or not begin.strip():
        raise Problem(f"Limits are locked to FROM..TO, as in 2026-W01..2026-W20; not to {quote(lock)}.")
    if not spans:
        raise Problem("There is no whole period with a value yet to lock limits to.")
    today = to_date(book.today)
    from kpitui.domain.period_words import read_period  # a dozen patterns, for what is typed

    first = read_period(begin.strip(), book.calendar, today, grain)[1].start
    last = read_period(end.strip(), book.calendar, today, grain)[1].end - 1 if end.strip() else spans[-1].start
    if last < first:
        raise Problem(f"{quote(lock)} ends before it begins: write the earlier period first.")
    starts = [span.start for span in spans]
    # Not by the numbers of the periods: those that nothing is expected in are left out.
    low, high = bisect_right([span.end for span in spans], first), bisect_right(starts, last)
    if high <= low:
        names = [book.period_label(grain, span) for span in (spans[0], spans[-1])]
        raise Problem(f"No value lies in {quote(lock)}: the whole periods with values are {names[0]} to {names[1]}.")
    return low, high


def sampling(
    book: Book,
    metric: MetricRow,
    grain: str,
    spans: Sequence[Span],
    raw: Sequence[float | None],
    some: Sequence[Phase],
    back: Callable[[float], float],
) -> Sampling | None:
    """For a share of counted things: the interval of its last value and what a p chart says; None for all others."""
    parts = [book.metrics.get(key or 0) for key in (metric.numerator_id, metric.denominator_id)]
    if metric.unit != "percent" or not spans or not some:
        return None
    columns = []
    for part in parts:
        if part is None or part.unit != "number" or part.kind not in ("flow", "distinct"):
            return None
        columns.append([cell.value if cell.whole else None for cell in book.cells(part.id, grain, spans)])
    above, below = columns
    top, bottom = above[-1], below[-1]
    by = some[-1].limits
    if top is None or bottom is None or bottom <= 0 or not 0 <= top <= bottom or by is None:
        return None
    chart = p_chart(above, below)
    if chart is None:
        return None
    low, high = wilson(top, bottom)
    sizes = [size for size in below if size]
    reach = 3 * math.sqrt(chart.centre * (1 - chart.centre) * len(sizes) / math.fsum(sizes))
    own = back(by.centre + by.reach) - back(by.centre)
    return Sampling(top, bottom, low, high, len(chart.outside), reach / WIDER <= own <= WIDER * reach)
