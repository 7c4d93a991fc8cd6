"""What the chances of a KPI are worked out from, and those worked out before, for as long as they are true.

A chance depends on the values of one metric and on what is asked of it, so a save elsewhere leaves it alone: of several
hundred KPIs only those that a change touches are worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpitui.domain.aggregate import median
from kpitui.domain.chance import Course, Outlook
from kpitui.domain.forecast import LONGEST_GAP
from kpitui.domain.periods import boundaries
from kpitui.domain.season import length_of
from kpitui.services.kept_by_metric import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.target import Aim
    from kpitui.domain.workdays import Workdays
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow

PAST = {"day": 91, "week": 160, "month": 60, "quarter": 32, "year": 30}
"""Periods looked back on: three cycles of the season and more, not the whole life of a metric."""

FOLDS: dict[str, Callable[[Sequence[float]], float]] = {"min": min, "max": max, "median": median}
"""What a window makes of its periods, where that is not their mean."""

Known = dict[tuple[object, ...], float | None]


class KeptOutlook(Outlook):
    """An outlook that remembers its answers."""

    known_chances: Known
    today: int

    def chance(
        self, aim: Aim, end: int, left: int, window: Sequence[float], course: Course | None = None
    ) -> float | None:
        key = (self.today, aim, end, left, len(window), course)
        known = self.known_chances
        if key not in known:
            known[key] = super().chance(aim, end, left, window, course)
        return known[key]


def outlook_of(book: Book, metric: MetricRow | None, aim: Aim) -> Outlook | None:
    """The outlook of a metric at its own cadence as of the day of the book; None where no chance can be asked for."""
    if metric is None or aim.deadline is None:
        return None
    grain = metric.cadence
    floor, ceiling, share = bounds_of(metric)

    def history() -> list[tuple[int, float | None]]:
        return whole_values(book, metric, grain)

    def trials(end: int) -> float | None:
        return cases_of(book, metric, grain, end)

    outlook = KeptOutlook(
        history,
        season_length=length_of(grain, book.calendar, book.days_of(metric.id)),
        share=share,
        counts=metric.unit == "number" and metric.kind in ("flow", "distinct"),
        floor=floor,
        ceiling=ceiling,
        trials=trials if share and metric.denominator_id else None,
        seed=str(metric.id),
        fold=FOLDS.get(book.measures[metric.id].rule) if aim.window > 1 else None,
    )
    outlook.today = book.today
    outlook.known_chances = kept(book, "chances").setdefault(metric.id, {})
    return outlook


def bounds_of(metric: MetricRow) -> tuple[float | None, float | None, bool]:
    """(floor, ceiling, whether values are shares): the hard bounds, and 0 for what is counted or timed."""
    share = metric.kind == "ratio" and metric.unit == "percent"
    floor = metric.hard_min
    if floor is None and (
        share or metric.kind == "distinct" or (metric.kind == "flow" and metric.unit in ("number", "duration"))
    ):
        floor = 0.0
    return floor, metric.hard_max, share


def whole_values(
    book: Book, metric: MetricRow, grain: str, days: Workdays | None = None
) -> list[tuple[int, float | None]]:
    """(end, value) of the past periods of a metric; None where one is missing or not whole.

    Of days only those of the working week where values are expected on no others (`days`: of this metric, or of the one
    it is held against): each weekday keeps its place, holidays are gaps to be bridged.
    """
    work = book.days_of(metric.id) if days is None else days
    if work is None or grain != "day":
        spans = book.spans_since(grain, boundaries(grain, book.today, book.calendar) - PAST[grain])
    else:
        first = work.back(book.today, PAST[grain])
        spans = tuple(span for span in book.spans_since(grain, first) if regular(span.start, work))
    known = book.checked_cells if book.doubts(metric.id, spans[0].start) else book.cells
    cells = known(metric.id, grain, spans)
    return [(cell.span.end, cell.value if cell.whole else None) for cell in cells]


def regular(day: int, work: Workdays) -> bool:
    """Whether a day has its place in the rhythm of working weeks: a working day, or a holiday on the day of one; of a
    longer time off, which would be a gap, whole weeks are left out, and then all of it."""
    if not work.in_week(day):
        return False
    off, last = work.back(day, 1) + 1, work.first_from(day)
    count = sum(map(work.in_week, range(off, last)))
    kept = count % len(work.week)
    return work.on(day) or (kept <= LONGEST_GAP and sum(map(work.in_week, range(day, last))) <= kept)


def cases_of(book: Book, metric: MetricRow, grain: str, end: int) -> float | None:
    """The denominator of a share in the period that ends on a day, where it is a count."""
    below = book.metrics.get(metric.denominator_id or 0)
    if below is None or below.unit != "number":
        return None
    number = boundaries(grain, end - 1, book.calendar)
    spans = book.spans_since(grain, number)[:1]
    cells = book.cells(below.id, grain, spans) if spans else []
    return cells[0].value if cells else None
