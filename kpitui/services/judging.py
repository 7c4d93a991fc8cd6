"""Where a KPI or a metric stands: its row, the same in every face.

A row is judged at its metric's own cadence, at the last whole period that has a value: a period still running, or due
but not entered, is never held against anybody; it shows as missing, and as late once its grace is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import ceil, inf

from kpitui.domain.aggregate import Cell
from kpitui.domain.figure_style import style
from kpitui.domain.figures import show
from kpitui.domain.periods import boundaries
from kpitui.domain.signals import Signal, latest_signal
from kpitui.domain.status import RECENT, Verdict, judge, judge_metric
from kpitui.domain.target import Aim, in_force
from kpitui.services.aims import aim_of, band_of, thresholds_of
from kpitui.services.book import DAYS, Book
from kpitui.services.kept_by_metric import as_before, cells_as_before, kept
from kpitui.services.outlooks import outlook_of
from kpitui.services.overriding import applied
from kpitui.services.rows import Row as Row
from kpitui.services.trajectories import trajectory_of
from kpitui.services.unchecked import facts_of, with_doubts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kpitui.domain.model import Unit
    from kpitui.storage.reading import KpiRow, MetricRow

SHOWN = 26
"""Periods of a sparkline, and those that signals are looked for in."""
SILENT = 3
"""Periods without a value after which a counter metric guards nothing, the running one included."""
BEFORE = 8
"""Periods before a window that are looked at for a baseline that is not set."""


def trend_of(cells: Sequence[Cell]) -> int:
    """The direction of movement over the last four values; level within one percent of their size."""
    seen = [value for cell in cells[-12:] if (value := cell.value) is not None][-4:]
    if len(seen) < 2:
        return 0
    move = seen[-1] - seen[0]
    return 0 if abs(move) <= 0.01 * max(map(abs, seen)) else (1 if move > 0 else -1)


def first_needed(book: Book, metric: MetricRow, aim: Aim, shown: int) -> int:
    """The running number (`periods.boundaries`) of the first period whose value a verdict or a sparkline needs."""
    today, cal, cadence = book.today, book.calendar, metric.cadence

    def before(count: int, day: int) -> int:
        return book.number_before(metric.id, cadence, count, boundaries(cadence, day, cal))

    first = before(shown - 1, today)
    if aim.deadline is not None and aim.deadline < today:
        first = min(first, before(RECENT + 1, aim.deadline))
    if aim.start is not None and aim.start <= today:
        if aim.kind == "from_to":
            if aim.baseline is None:
                first = min(first, before(BEFORE, aim.start))
        else:
            first = min(first, boundaries(cadence, aim.start, cal))
    return first if aim.window == 1 else book.number_before(metric.id, cadence, aim.window - 1, first)


def judge_rows(
    book: Book, kpis: Iterable[KpiRow], metrics: Iterable[MetricRow], *, shown: int = SHOWN
) -> tuple[list[Row], list[Row]]:
    """The rows of these KPIs and of these metrics (those by their own thresholds).

    The points of one are read, worked out and let go before the next: half a million of them would take long to keep.
    The book keeps the rows for when they are asked for again.
    """
    found: tuple[list[Row], list[Row]] = [], []
    kept: dict[tuple[str, int, int], Row] = book.memo.setdefault("rows", {})
    for kpi in kpis:
        key = "kpi", kpi.id, shown
        if key not in kept:
            kept[key] = kpi_row(book, kpi, shown)
            book.forget(kpi.metric_id)
        found[0].append(kept[key])
    for metric in metrics:
        key = "metric", metric.id, shown
        if key not in kept:
            kept[key] = metric_row(book, metric, shown)
            book.forget(metric.id)
        found[1].append(kept[key])
    return found


def kpi_row(book: Book, kpi: KpiRow, shown: int = SHOWN) -> Row:
    """The row of one KPI."""
    metric = book.metrics[kpi.metric_id]
    aim = aim_of(kpi, metric, book.watch_band, book.pace_days(metric))
    first = first_needed(book, metric, aim, shown)
    cells = cells_as_before(book, metric, book.spans_of(metric.id, metric.cadence, first))
    steps = book.steps.get(kpi.id, ())
    shower = shown_as(book, metric)
    facts, doubts = facts_of(book, metric, cells)
    signal = signal_of(book, metric, facts[-shown:], shower)
    worse, against = counter_worse(book, kpi, bool(signal and signal.good), shown)
    trail = None
    if aim.window > 1:
        from kpitui.services.trailing import trail_of

        trail = trail_of(book, metric, [cell.span for cell in facts], aim.window, bool(doubts))
    course = trajectory_of(book, kpi, metric, aim)
    verdict = as_before(
        # A window asks the book for more than these periods while it is judged.
        kept(book, "judged").setdefault(metric.id, {}) if trail is None else {},
        ("verdict", kpi.id),
        (metric, kpi.state, aim, facts, steps, worse, against, course, book.calendar, book.currency, style()),
        lambda: judge(
            aim,
            [(cell.span.start, cell.span.end, cell.value, not cell.whole) for cell in facts],
            today=book.today,
            cadence=metric.cadence,
            grace_days=metric.grace_days,
            period_days=DAYS[metric.cadence],
            state=kpi.state,
            steps=steps,
            show=shower,
            counter_bad=worse,
            outlook=outlook_of(book, metric, aim),
            trajectory=course,
            calendar=book.calendar,
            expense=against,
            trail=trail,
            days=book.days_of(metric.id),
        ),
    )
    running = aim.deadline is None or book.today <= aim.deadline
    if running and verdict.status in ("on_track", "achieved") and kpi.counter_id in book.metrics:
        counter = book.metrics[kpi.counter_id]
        if silent(book, counter):
            verdict = verdict._replace(why=f"Unguarded, its counter metric has no value: {verdict.why}")
    if verdict.status in ("not_started", "no_data") and running:
        from kpitui.services.early_values import with_earlier

        verdict = verdict._replace(why=with_earlier(book, kpi, verdict.why))
    until = book.today if aim.deadline is None else min(aim.deadline, book.today)
    row = build(book, metric, facts, shown, verdict, in_force(aim, steps, until) if steps else aim, kpi, signal)
    row = with_doubts(row, book, cells[-shown:], doubts)
    row = row._replace(aim=aim, steps=steps, trajectory=course) if steps or course else row
    return applied(row, book.overrides[kpi.id]) if kpi.id in book.overrides else row


def counter_worse(book: Book, kpi: KpiRow, improved: bool, shown: int) -> tuple[bool, str]:
    """Whether the counter metric paid for the KPI, and how that is said where a worsening is tolerated.

    By its natural limits it did when a signal of its own is bad while one of the KPI is good; with a tolerance, once it
    got worse by more, whether the KPI has a signal (`improved`) or only stands well.
    """
    counter = book.metrics.get(kpi.counter_id or 0)
    if counter is None:
        return False, ""
    if kpi.tolerance is not None:
        from kpitui.services.guarding import cost_of, expense

        found = cost_of(book, kpi, counter)
        return (True, expense(found, counter, improved)) if found and found.beyond else (False, "")
    if not improved:
        return False, ""
    facts, _ = facts_of(book, counter, last_cells(book, counter, shown))
    against = signal_of(book, counter, facts, shown_as(book, counter))
    return against is not None and against.good is False, ""


def silent(book: Book, metric: MetricRow) -> bool:
    """Whether nothing is known of a metric in the running period and the two before it, the grace added.

    So it cannot guard a KPI against being gamed (maths.md §6: good, and its counter without data, is unguarded).
    """
    # Another program may have written any number: more than a year of grace nobody can give.
    count = SILENT + ceil(min(metric.grace_days, 366) / DAYS[metric.cadence])
    return all(cell.value is None and cell.partial is None for cell in last_cells(book, metric, count))


def last_cells(book: Book, metric: MetricRow, count: int) -> Sequence[Cell]:
    """As `Book.last_cells`, kept until they change."""
    first = book.number_before(metric.id, metric.cadence, count - 1)
    return cells_as_before(book, metric, book.spans_of(metric.id, metric.cadence, first))


def metric_row(book: Book, metric: MetricRow, shown: int = SHOWN) -> Row:
    """The row of a metric without a KPI role, judged by its own thresholds if it has any."""
    cells = last_cells(book, metric, shown)
    facts, doubts = facts_of(book, metric, cells)
    last = last_reported(facts)
    shower = shown_as(book, metric)
    verdict = judge_metric(
        metric.good_low,
        metric.good_high,
        band_of(metric, book.watch_band),
        metric.direction,
        None if last is None else last.value,
        last_end=None if last is None else last.span.end,
        today=book.today,
        period_days=DAYS[metric.cadence],
        grace_days=metric.grace_days,
        show=shower,
        days=book.days_of(metric.id),
    )
    signal = signal_of(book, metric, facts, shower)
    row = build(book, metric, facts, shown, verdict, thresholds_of(metric, book.watch_band), None, signal)
    return with_doubts(row, book, cells, doubts)


def last_reported(cells: Sequence[Cell], until: float = inf) -> Cell | None:
    """The last whole period with a value that ends by `until`; while there is none, the last one that has any."""
    some = None
    for cell in reversed(cells):
        if cell.value is not None and cell.span.end <= until:
            if cell.whole:
                return cell
            some = some or cell
    return some


def signal_of(book: Book, metric: MetricRow, cells: Sequence[Cell], shower: Callable[[float], str]) -> Signal | None:
    """The signal the last value is part of; a period of which something is missing yet is no evidence."""
    own = book.of_process(metric.id, cells)
    if len(own) < len(cells):
        found = signal_of(book, metric, own, shower)
        return found and found._replace(index=cells.index(own[found.index]))
    if metric.id in book.phases:
        from kpitui.services.phases import latest_of

        return latest_of(book, metric, cells, shower)
    return as_before(
        kept(book, "judged").setdefault(metric.id, {}),
        ("signal", len(cells)),
        (cells, metric, book.currency, style()),
        lambda: latest_signal(
            [cell.value if cell.whole else None for cell in cells],
            metric.direction,
            floor=metric.hard_min,
            ceiling=metric.hard_max,
            show=shower,
        ),
    )


def build(
    book: Book,
    metric: MetricRow,
    cells: Sequence[Cell],
    shown: int,
    verdict: Verdict,
    aim: Aim,
    kpi: KpiRow | None,
    signal: Signal | None,
) -> Row:
    closed = aim.deadline is not None and aim.deadline < book.today and verdict.actual is not None
    last = last_reported(cells, aim.deadline + 1 if closed and aim.deadline is not None else inf)
    if last is None and closed:
        # One period holds the whole window and more: it is what was judged.
        last = last_reported(cells)
    value = verdict.actual
    if value is None and last is not None:
        value = last.value
    scope = book.scopes.get(kpi.scope_id if kpi else metric.scope_id)
    return Row(
        metric_id=metric.id,
        kpi_id=kpi.id if kpi else None,
        slug=metric.slug,
        name=metric.name,
        scope_id=kpi.scope_id if kpi else metric.scope_id,
        scope=scope.slug if scope else "",
        unit=metric.unit,
        currency=book.currency_of(metric),
        decimals=metric.decimals,
        kind=metric.kind,
        cadence=metric.cadence,
        direction=metric.direction,
        timing=metric.timing,
        counter=bool(metric.counter),
        owner=(kpi.owner if kpi else "") or metric.owner,
        state=kpi.state if kpi else "",
        period=last.span if last else None,
        period_label=book.period_label(metric.cadence, last.span) if last else "",
        partial=bool(last and not last.whole),
        value=value,
        last=last.value if last else None,
        target_kind=aim.kind,
        target=aim.value,
        low=aim.low,
        high=aim.high,
        baseline=aim.baseline,
        start=aim.start,
        deadline=aim.deadline,
        gap=verdict.gap,
        gap_share=verdict.gap_share,
        progress=verdict.progress,
        time_gone=verdict.time_gone,
        expected=verdict.expected,
        needed=verdict.needed,
        rate=verdict.rate,
        chance=verdict.chance,
        status=verdict.status,
        why=verdict.why,
        signal=signal,
        trend=trend_of(cells),
        series=tuple(cells[-shown:]),
        confidence=kpi.confidence if kpi else None,
        aim=aim,
        steps=(),
        floor=aim.floor,
        stretch=aim.stretch,
        band=verdict.band,
        present=verdict.present,
        held=verdict.held,
        working=book.days_of(metric.id) is not None,
    )


def shown_as(book: Book, metric: MetricRow) -> Callable[[float], str]:
    """How this metric's values read in a sentence."""
    unit, currency, decimals = metric.unit, book.currency_of(metric), metric.decimals
    written = style()
    decimal, accounting, words = written.decimal, written.accounting, written.words
    return lambda value: _words(value, unit, currency, decimals, decimal, accounting, words)


@lru_cache(maxsize=16_384)
def _words(
    value: float, unit: Unit, currency: str, decimals: int | None, decimal: str, accounting: bool, words: str
) -> str:
    # A view is worked out anew after every save, and nearly all of its figures are those of before.
    return show(
        value,
        unit,
        currency=currency,
        decimals=decimals,
        compact=True,
        decimal=decimal,
        accounting=accounting,
        words=words,
    )
