"""The phases of a metric as people drew them: which limits count now, and what is news since the last review.

A phase begins where somebody said so, with a reason; its limits are made of all its values, or of those before the day
they were locked at. What was before the first one has limits of its own. See `redrawing` for how they are drawn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, boundaries
from kpitui.domain.signal_phases import Phase, hits_of, phases, proposal
from kpitui.domain.signals import FIRM, Hit, Limits, Signal, hit_sentence, latest_signal, limits

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
    if found and found[0][0] > 0:
        found.insert(0, (0, found[0][0]))
    return found


def charted(
    book: Book, metric: MetricRow, grain: str, spans: Sequence[Span], values: Sequence[float | None]
) -> Charted:
    """The phases of these periods: as drawn, of the whole series; else one, made of the values given."""
    floor, ceiling, drawn = metric.hard_min, metric.hard_max, book.phases.get(metric.id, ())
    if not drawn or not spans:
        some = phases(values, floor=floor, ceiling=ceiling)
        found = hits_of(values, some)
        return Charted(tuple(some), tuple(found), proposal(values, some, found))
    from kpitui.services.signals import whole_series

    every, raw = whole_series(book, metric, grain)
    if not every:
        return Charted((), (), None)
    cal, count = book.calendar, len(spans)
    before = boundaries(grain, spans[0].start, cal) - boundaries(grain, every[0].start, cal)
    some = phases(raw, baselines(drawn, every), floor=floor, ceiling=ceiling)
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


def latest_of(book: Book, metric: MetricRow, cells: Sequence[Cell], show: Callable[[float], str]) -> Signal | None:
    """The signal the last of these values is part of, by the limits of the current phase as it was drawn.

    Of values before the phase nothing is known here: no run reaches over its border.
    """
    drawn = book.phases[metric.id]
    begin = boundaries(metric.cadence, drawn[-1].start, book.calendar)
    spans = book.spans_since(metric.cadence, begin)
    if not spans:
        return None
    known = book.checked_cells if book.unchecked else book.cells
    values = [
        cell.value if cell.whole or cell.span.end <= book.today + 1 else None
        for cell in known(metric.id, metric.cadence, spans)
    ]
    made_of = baselines([drawn[-1]._replace(start=spans[0].start)], spans)
    by = limits(values[slice(*made_of[-1])], floor=metric.hard_min, ceiling=metric.hard_max) if made_of else None
    if by is None:
        return None
    found = latest_signal(values, metric.direction, by=by, show=show)
    if found is None:
        return None
    # Told by its place among the cells; what was complete before them is known since their first.
    return found._replace(index=max(found.index + len(cells) - len(values), 0))


def news(book: Book, row: Row, since: int, show: Callable[[float], str]) -> Signal | None:
    """The newest signal that values of periods after the day `since` completed; None where there is no news.

    Judged by limits from before, as far as there are enough values (maths: false alarms grow with what is judged
    again and again); the first in precedence of the newest value that completes one.
    """
    metric = book.metrics[row.metric_id]
    cells = row.series
    fresh = next((place for place, cell in enumerate(cells) if cell.span.end > since), len(cells))
    known = row.signal
    if known is not None and known.index >= fresh:
        return known
    values = [cell.value if cell.whole or cell.span.end <= book.today + 1 else None for cell in cells]
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
