"""What an import would save: every cell checked, compared with what is stored, and nothing written yet."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from math import isnan
from operator import lt
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.audit_checks import AT_LEAST, bounds_check, entry_check
from kpitui.domain.figures import show
from kpitui.domain.numbers import read_number
from kpitui.domain.problem import Problem
from kpitui.services.import_names import Labelled
from kpitui.services.import_periods import Grid, Periods
from kpitui.services.import_read import GAP, Extra, Refusals, Series
from kpitui.services.import_reviewed import standing_in_reviews
from kpitui.services.import_words import NAMED
from kpitui.storage import points

if TYPE_CHECKING:
    from kpitui.domain.model import Cadence, Days, Unit
    from kpitui.storage.points import ImportRow
    from kpitui.storage.preparing import Prepared
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

BEFORE = 50
"""Values before a new one that it is judged by."""


class ChangedPoint(NamedTuple):
    """A point that is put in the place of another; each side is a state and a value."""

    start: int
    end: int
    was: tuple[int, float | None]
    now: tuple[int, float | None]
    noted: bool
    """Only its note is another."""


class NewMetric(NamedTuple):
    """A metric that the import makes first."""

    slug: str
    name: str
    unit: Unit
    cadence: Cadence
    days: Days = "every"


class Batch(NamedTuple):
    """The points of one metric, sorted by period, none twice; `odd` by position."""

    metric: MetricRow | NewMetric
    starts: array[int]
    ends: array[int]
    values: array[float]
    packed: list[str]
    extras: dict[int, Extra]
    odd: frozenset[int]
    counts: points.Counts
    reviewed: int = 0
    """How many of the changed values stand in a signed review, and say nothing of why they change."""
    corrected: Sequence[int] = ()
    """The first days of those that say nothing of why, whether a review has seen them or not."""
    again: int = 0
    """How many of the changed values stand where one was taken back or emptied."""
    changed: Sequence[ChangedPoint] = ()
    """The first of the others."""

    def prepare(self, prepared: Prepared) -> None:
        """Makes the points ready to be stored."""
        metric_id = None if isinstance(self.metric, NewMetric) else self.metric.id
        if not self.extras and not self.odd and self.counts.new == len(self.starts):
            if prepared.add_first(metric_id, self.starts, self.ends, self.values, self._cells()):
                return
        prepared.add(metric_id, self.rows(metric_id or 0))

    def _cells(self) -> Iterator[str]:
        return chain.from_iterable(part.split(GAP) for part in self.packed)

    def rows(self, metric_id: int) -> Iterator[ImportRow]:
        """What is stored, row by row."""
        cells = self._cells()
        if not self.extras and not self.odd:
            same = repeat(metric_id), self.starts, self.ends, self.values, cells
            return zip(*same, repeat(None), repeat(points.VALUE), repeat(0), strict=False)
        return self._full(metric_id, cells)

    def _full(self, metric_id: int, cells: Iterable[str]) -> Iterator[ImportRow]:
        rows = zip(self.starts, self.ends, self.values, cells, strict=True)
        for at, (start, end, value, cell) in enumerate(rows):
            extra = self.extras.get(at)
            state = points.VALUE
            if extra is not None and extra.state:
                state = points.STATES.index(extra.state)
            number = value if state == points.VALUE else None
            entered = (cell or None) if extra is None else extra.entered
            note = extra.note if extra is not None else None
            odd = at in self.odd or bool(extra is not None and extra.odd)
            yield metric_id, start, end, number, entered, note, state, int(odd)


class Checking(NamedTuple):
    """What the cells of every metric are checked against."""

    store: Store
    periods: Periods
    refused: Refusals
    column_of: Callable[[Series], str]
    date_column: str
    decimal: str
    currency: str
    loose: bool
    date_lines: set[tuple[int, str]]
    """Lines whose date has been refused: once is enough, however many metrics stand there."""


def make_batch(found: Labelled, metric: MetricRow | NewMetric, using: Checking) -> Batch | None:
    """The points of one metric; None when nothing is left of them. Wrong cells go to `using.refused`."""
    joined = join(found.series)
    grid = using.periods.grid(metric.cadence, using.loose or using.periods.cadence() == metric.cadence)
    if grid.bad and not grid.bad.keys().isdisjoint(joined.dates):
        own = set(joined.dates)
        if not using.loose and len(own) > 2 and using.periods.cadence(own) == metric.cadence:
            grid = using.periods.grid(metric.cadence, True)
    dropped = bad_dates(joined, grid, using)
    if joined.odd_ones or joined.extras:
        dropped |= read_odd_ones(joined, metric, using)
    dropped |= out_of_bounds(joined, metric, using)
    if dropped:
        joined = without(joined, dropped)
    if not joined.dates:
        return None
    starts = array("i", map(grid.starts.__getitem__, joined.dates))
    ends = array("i", map(grid.ends.__getitem__, joined.dates))
    if not all(map(lt, starts, islice(starts, 1, None))):
        order, twice = sort_out(joined, starts, ends, using)
        joined = picked(joined, order)
        starts = array("i", [starts[at] for at in order])
        ends = array("i", [ends[at] for at in order])
        if twice:
            return None
    batch = Batch(
        metric, starts, ends, joined.values, joined.packed, joined.extras, frozenset(), points.Counts(len(starts), 0, 0)
    )
    return batch if isinstance(metric, NewMetric) else compared(batch, metric, using.store)


def join(series: Sequence[Series]) -> Series:
    """Several series as one, in the order of the file's lines when they are sorted later."""
    first = series[0]
    if len(series) == 1:
        return first
    whole = Series(first.column, first.key)
    for one in series:
        whole.extras |= {at + len(whole.dates): extra for at, extra in one.extras.items()}
        whole.dates.extend(one.dates)
        whole.lines.extend(one.lines)
        whole.values.extend(one.values)
        whole.packed.extend(one.packed)
        whole.odd_ones |= one.odd_ones
    return whole


def picked(series: Series, order: Sequence[int]) -> Series:
    """The cells at these positions, in this order."""
    whole = Series(series.column, series.key)
    cells = list(series.cells())
    whole.dates = array("i", [series.dates[at] for at in order])
    whole.lines = array("i", [series.lines[at] for at in order])
    whole.values = array("d", [series.values[at] for at in order])
    whole.packed = [GAP.join([cells[at] for at in order])] if order else []
    whole.odd_ones = series.odd_ones
    if series.extras:
        whole.extras = {new: series.extras[at] for new, at in enumerate(order) if at in series.extras}
    return whole


def without(series: Series, dropped: set[int]) -> Series:
    return picked(series, [at for at in range(len(series.dates)) if at not in dropped])


def bad_dates(series: Series, grid: Grid, using: Checking) -> set[int]:
    dropped: set[int] = set()
    if not grid.bad or grid.bad.keys().isdisjoint(series.dates):
        return dropped
    for at, number in enumerate(series.dates):
        why = grid.bad.get(number)
        if why is None:
            continue
        dropped.add(at)
        line = series.lines[at]
        if (line, why) not in using.date_lines:
            using.date_lines.add((line, why))
            using.refused.add(line, using.date_column, using.periods.texts[number], why)
    return dropped


def read_odd_ones(series: Series, metric: MetricRow | NewMetric, using: Checking) -> set[int]:
    """Reads the cells that are no plain numbers by the rules of the metric; gives those that hold no value."""
    dropped: set[int] = set()
    column = using.column_of(series)
    currency = (None if isinstance(metric, NewMetric) else metric.currency) or using.currency
    for at, (cell, value) in enumerate(zip(series.cells(), series.values, strict=True)):
        extra = series.extras.get(at)
        if extra is not None and extra.state not in ("", *points.STATES):
            using.refused.add(series.lines[at], "state", extra.state, f"a state is {', '.join(points.STATES)}")
            dropped.add(at)
        elif extra is not None and extra.state not in ("", "value"):
            if cell:
                using.refused.add(series.lines[at], column, cell, f"there is a value where the state is {extra.state}")
                dropped.add(at)
        elif isnan(value):
            try:
                read = read_number(cell, metric.unit, currency=currency, decimal=using.decimal, file=True)
            except Problem as problem:
                using.refused.add(series.lines[at], column, cell, str(problem))
                dropped.add(at)
                continue
            if read.value is None:
                dropped.add(at)
            else:
                series.values[at] = read.value
    return dropped


def out_of_bounds(series: Series, metric: MetricRow | NewMetric, using: Checking) -> set[int]:
    """Cells that cannot be right, by the bounds of their metric."""
    if isinstance(metric, NewMetric) or (metric.hard_min is None and metric.hard_max is None) or not series.values:
        return set()
    dropped: set[int] = set()

    def shown(value: float) -> str:
        return show(value, metric.unit, currency=metric.currency or using.currency)

    for at, value in enumerate(series.values):
        doubt = bounds_check(value, metric.hard_min, metric.hard_max, shown) if not isnan(value) else None
        if doubt is not None:
            cell = next(islice(series.cells(), at, None))
            using.refused.add(series.lines[at], using.column_of(series), cell, doubt.sentence)
            dropped.add(at)
    return dropped


def sort_out(series: Series, starts: array[int], ends: array[int], using: Checking) -> tuple[list[int], bool]:
    """The positions by period, one each; and whether one period has two values that differ."""
    order = sorted(range(len(starts)), key=lambda at: (starts[at], ends[at], series.lines[at]))
    kept: list[int] = []
    differ = False
    for at in order:
        if kept and (starts[at], ends[at]) == (starts[kept[-1]], ends[kept[-1]]):
            first = kept[-1]
            one, two = series.values[first], series.values[at]
            alike = (one == two or (isnan(one) and isnan(two))) and series.extras.get(first) == series.extras.get(at)
            if not alike:
                differ = True
                found = next(islice(series.cells(), at, None))
                period = using.periods.texts[series.dates[at]]
                before = next(islice(series.cells(), first, None))
                why = (
                    f"{period} has two values: {before} in {using.refused.word} {series.lines[first]} and {found} here"
                )
                using.refused.add(series.lines[at], using.column_of(series), found, why)
            continue
        kept.append(at)
    return kept, differ


def compared(batch: Batch, metric: MetricRow, store: Store) -> Batch:
    """The batch with what is new, changed and the same, and its odd values marked by those stored before them."""
    starts = batch.starts
    stored = {row[:2]: row for row in points.between(store, metric.id, starts[0], starts[-1] + 1)}
    before = points.last_n(store, [metric.id], BEFORE, starts[0]).get(metric.id, [])
    window = [row.value for row in before if row.value is not None]
    if not stored and len(window) < AT_LEAST:
        return batch
    new = changed = same = again = 0
    others: list[ChangedPoint] = []
    # A first load is taken as it is; what follows values that stand already is judged as if it were typed.
    known = len(window)
    odd: set[int] = set()
    corrected = array("i")
    for at, (_, start, end, value, _, note, state, _) in enumerate(batch.rows(metric.id)):
        old = stored.get((start, end))
        keeps = old is not None and (old.value, old.state) == (value, state)
        if keeps and old is not None and old.odd:
            # Importing a doubtful value again is no answer to the doubt.
            odd.add(at)
        elif not keeps and known >= AT_LEAST and value is not None and entry_check(value, window) is not None:
            odd.add(at)
        known += old is not None and old.value is not None
        if value is not None:
            window = [*window[1 - BEFORE :], value]
        if old is None:
            new += 1
        elif keeps and (note is None or old.note == note):
            same += 1
        else:
            changed += 1
            if old.state == points.CLEARED and state == points.VALUE:
                again += 1
            elif len(others) < NAMED:
                others.append(ChangedPoint(start, end, (old.state, old.value), (state, value), keeps))
            if not keeps and old.value is not None and (note is None or note == old.note):
                corrected.append(start)
    reviewed = standing_in_reviews(store, metric.id, corrected) if corrected else 0
    counts = points.Counts(new, changed, same)
    return batch._replace(odd=frozenset(odd), counts=counts, reviewed=reviewed, corrected=corrected,
                          again=again, changed=others)  # fmt: skip


def summed(counts: Iterable[points.Counts]) -> points.Counts:
    return points.Counts(*map(sum, zip(points.Counts(0, 0, 0), *counts, strict=True)))


def percent_only(series: Sequence[Series]) -> bool:
    """Whether every cell is written with a percent sign."""
    return all(re.fullmatch(r"\S.*%", cell) for one in series for cell in one.cells())
