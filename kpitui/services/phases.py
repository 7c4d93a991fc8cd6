"""The phases of a metric as people drew them: which limits count now, and what is news since the last review.

A phase begins where somebody said so, with a reason; its limits are made of all its values, or of those before the day
they were locked at. What was before the first one has limits of its own. See `redrawing` for how they are drawn.
Where nobody drew a border (`who` is empty) limits were only locked, by a review: nothing is said of the values before
those that make them, nor of the metric at another grain than its own. See `locking`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, boundaries
from kpitui.domain.signal_phases import Phase, hits_of, phases, proposal
from kpitui.domain.signals import FIRM, Hit, Limits, Signal, hit_sentence, latest_signal, limits
from kpitui.services.kept_by_metric import kept

if TYPE_CHECKING:
    from kpitui.domain.aggregate import Cell
    from kpitui.services.book import Book
    from kpitui.services.judging import Row
    from kpitui.storage.reading import MetricRow, PhaseRow


class Charted(NamedTuple):
    """Phases and hits of a stretch of periods, by their places in it; a baseline may lie before it."""

    phases: tuple[Phase, ...]
    hits: tuple[Hit, ...]
    proposed: Hit | None
    """A run that may be a new phase, at its first value."""

    @property
    def limits(self) -> Limits | None:
        """Those of the current phase."""
        return self.phases[-1].limits if self.phases else None


def drawn_at(book: Book, metric: MetricRow, grain: str) -> Sequence[PhaseRow]:
    """The phases that count at a grain: what a review locked at the metric's own one draws no border at others."""
    own = book.phases.get(metric.id, ())
    return own if grain == metric.cadence else [row for row in own if row.who]


def baselines(drawn: Sequence[PhaseRow], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The places [first, end) of the values that make the limits of each phase; empty without phases that were drawn.

    A period belongs to the phase that its last day is in. A phase without a period yet has none.
    """
    ends = [span.end for span in spans]
    begins = [bisect_right(ends, row.start) for row in drawn]
    found: list[tuple[int, int]] = []
    for place, row in enumerate(drawn):
        first = begins[place]
        until = begins[place + 1] if place + 1 < len(drawn) else len(ends)
        end = until if row.locked is None else min(until, bisect_right(ends, row.locked))
        if first < end:
            found.append((first, end))
    bordered = next((row.who for row, first in zip(drawn, begins, strict=True) if first < len(ends)), "")
    if found and found[0][0] > 0 and bordered:
        found.insert(0, (0, found[0][0]))
    return found


def begun(some: list[Phase], drawn: Sequence[PhaseRow]) -> list[Phase]:
    """The phases of a series, the first one from the values that make its limits on where it was only locked."""
    if some and drawn and not drawn[0].who:
        some[0] = some[0]._replace(first=some[0].made_of[0])
    return some


def charted(
    book: Book, metric: MetricRow, grain: str, spans: Sequence[Span], values: Sequence[float | None]
) -> Charted:
    """The phases of these periods: as drawn, of the whole series; else one, made of the values given.

    Values that wait to be checked are no facts here, as in a row.
    """
    work = book.days_of(metric.id)
    expected = [place for place, span in enumerate(spans) if work is None or work.between(*span)]
    if len(expected) < len(spans):
        own = [spans[place] for place in expected], [values[place] for place in expected]
        return _among(charted(book, metric, grain, *own), expected, len(spans))
    floor, ceiling, drawn = metric.hard_min, metric.hard_max, drawn_at(book, metric, grain)
    if not drawn or not spans:
        some = phases(values, floor=floor, ceiling=ceiling)
        found = hits_of(values, some)
        return Charted(tuple(some), tuple(found), proposal(values, some, found))
    from kpitui.services.signals import whole_series

    every, raw = whole_series(book, metric, grain, checked=True)
    if not every:
        return Charted((), (), None)
    count, before = len(spans), place_in(book, grain, every, spans)
    some = begun(phases(raw, baselines(drawn, every), floor=floor, ceiling=ceiling), drawn)
    # The last phase goes on over periods that have no value yet.
    some[-1] = some[-1]._replace(end=max(some[-1].end, before + count))
    found = hits_of([*raw, *[None] * (some[-1].end - len(raw))], some)
    run = proposal(raw, some, found)
    return Charted(
        tuple(
            one._replace(
                first=max(one.first - before, 0),
                end=min(one.end - before, count),
                made_of=(one.made_of[0] - before, one.made_of[1] - before),
            )
            for one in some
            if one.first - before < count and one.end > before
        ),
        tuple(
            hit._replace(index=hit.index - before, points=tuple(max(place - before, 0) for place in hit.points))
            for hit in found
            if 0 <= hit.index - before < count
        ),
        None if run is None else run._replace(points=tuple(max(place - before, 0) for place in run.points)),
    )


def _among(by: Charted, places: Sequence[int], count: int) -> Charted:
    """A chart of some of `count` periods, told by their places among all: the others take no part in it."""

    def at(place: int) -> int:
        # Before the first and behind the last the periods go on one by one.
        return place if place < 0 else places[place] if place < len(places) else count + place - len(places)

    def hit(one: Hit) -> Hit:
        return one._replace(index=at(one.index), points=tuple(map(at, one.points)))

    return Charted(
        tuple(
            one._replace(
                first=at(one.first), end=at(one.end - 1) + 1, made_of=(at(one.made_of[0]), at(one.made_of[1] - 1) + 1)
            )
            for one in by.phases
        ),
        tuple(map(hit, by.hits)),
        by.proposed and hit(by.proposed),
    )


def place_in(book: Book, grain: str, every: Sequence[Span], spans: Sequence[Span]) -> int:
    """The place among all periods of the first of some: below 0 where it is before them. Not by the running numbers of
    the periods, because those in which nothing is expected are left out."""
    starts = [span.start for span in every]
    day = spans[0].start
    if day < starts[0]:
        return -sum(span.start < starts[0] for span in spans)
    if day <= starts[-1]:
        return bisect_right(starts, day) - 1
    return len(starts) - 1 + boundaries(grain, day, book.calendar) - boundaries(grain, starts[-1], book.calendar)


def latest_of(book: Book, metric: MetricRow, cells: Sequence[Cell], show: Callable[[float], str]) -> Signal | None:
    """The signal the last of these values is part of, by the limits of the current phase as it was drawn.

    Of values before the phase nothing is known here: no run reaches over its border.
    """
    phase = book.phases[metric.id][-1]
    # A list is judged again after every save, and limits that are locked are still those of the last time.
    mine = kept(book, "limits").setdefault(metric.id, {})
    key = (phase.start, phase.locked, metric.hard_min, metric.hard_max)
    fresh = next((place for place, cell in enumerate(cells) if cell.span.end > phase.start), len(cells))
    if phase.locked is not None and key in mine:
        found = _latest(metric, cells[fresh:], mine[key], show)
        # How long a run is that may have begun before these values takes all of them to tell.
        if found is None or found.rule != "run" or fresh:
            return None if found is None else found._replace(index=found.index + fresh)
    begin = boundaries(metric.cadence, phase.start, book.calendar)
    spans = book.spans_of(metric.id, metric.cadence, begin, extra=False)
    if not spans:
        return None
    known = book.checked_cells if book.unchecked else book.cells
    every = known(metric.id, metric.cadence, spans)
    made_of = baselines([phase._replace(start=spans[0].start)], spans)
    values = _whole(every[slice(*made_of[-1])]) if made_of else []
    by = mine[key] = limits(values, floor=metric.hard_min, ceiling=metric.hard_max)
    found = _latest(metric, every, by, show)
    # Told by its place among the cells; what was complete before them is known since their first.
    return None if found is None else found._replace(index=max(found.index + len(cells) - len(every), 0))


def _latest(metric: MetricRow, cells: Sequence[Cell], by: Limits | None, show: Callable[[float], str]) -> Signal | None:
    return None if by is None else latest_signal(_whole(cells), metric.direction, by=by, show=show)


def _whole(cells: Sequence[Cell]) -> list[float | None]:
    return [cell.value if cell.whole else None for cell in cells]


def news(book: Book, row: Row, since: int, show: Callable[[float], str]) -> Signal | None:
    """The newest signal that values of periods after the day `since` completed; None where there is no news.

    Judged by limits from before, as far as there are enough values (maths: false alarms grow with what is judged
    again and again); the first in precedence of the newest value that completes one.
    """
    metric = book.metrics[row.metric_id]
    cells: Sequence[Cell] = row.series
    if row.to_check:
        cells = book.checked_cells(metric.id, metric.cadence, [cell.span for cell in cells])
    own = tuple(book.of_process(metric.id, cells))
    if len(own) < len(cells):
        known = row.signal and row.signal._replace(index=own.index(cells[row.signal.index]))
        newest_one = news(book, row._replace(series=own, signal=known), since, show)
        return newest_one and newest_one._replace(index=cells.index(own[newest_one.index]))
    fresh = next((place for place, cell in enumerate(cells) if cell.span.end > since), len(cells))
    known = row.signal
    if known is not None and known.index >= fresh:
        return known
    values = _whole(cells)
    spans = [cell.span for cell in cells]
    if book.phases.get(metric.id):
        by = charted(book, metric, metric.cadence, spans, values)
    else:
        earlier = [value for value in values[:fresh] if value is not None]
        locks = [(0, fresh)] if len(earlier) >= FIRM else []
        some = phases(values, locks, floor=metric.hard_min, ceiling=metric.hard_max)
        by = Charted(tuple(some), tuple(hits_of(values, some)), None)
    found = [hit for hit in by.hits if hit.index >= fresh]
    if not found:
        return None
    newest = next(hit for hit in found if hit.index == found[-1].index)
    phase = next(one for one in by.phases if one.first <= newest.index < one.end)
    value = values[newest.index]
    if phase.limits is None or value is None:
        return None
    good = None if metric.direction == "range" else newest.direction == metric.direction
    sentence = hit_sentence(newest, value, phase.limits, show)
    label = book.period_label(metric.cadence, spans[newest.index])
    return Signal(newest.rule, newest.index, newest.direction, good, f"{label}: {sentence}")
