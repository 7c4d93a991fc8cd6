"""The grid of values: the metrics of a cadence in the order of the tree, their last periods, and what is asked for.

A metric of a longer cadence stands in it, too: in the column its period closes in. Derived metrics are shown where they
belong and take nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import GRAINS, Span, boundaries, numbered, span_of
from kpitui.services.asked import Asked
from kpitui.services.book import Book
from kpitui.services.due import WINDOW, aim_at, owed
from kpitui.storage import points, recent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpitui.domain.model import Unit
    from kpitui.domain.target import Aim
    from kpitui.services.judging import Row
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store


class Column(NamedTuple):
    """A period of the grid's cadence."""

    period: Span
    label: str
    running: bool


class GridCell(NamedTuple):
    """What stands for a metric in a column. `period` None: it is not asked for there."""

    period: Span | None
    label: str = ""
    value: float | None = None
    state: str = ""
    """value, none, cleared, or empty for nothing."""
    rev: int = 0
    odd: bool = False
    corrected: bool = False
    note: str = ""
    due: bool = False
    off: bool = False
    """No value is expected there, none stands, and one can be entered all the same: a weekend, a holiday."""


class GridLine(NamedTuple):
    """A metric in the grid. Shares and percent values are fractions."""

    metric_id: int
    slug: str
    name: str
    depth: int
    kpi_id: int | None
    """Of its first live KPI."""
    unit: Unit
    currency: str
    decimals: int | None
    cadence: str
    direction: str
    hard_min: float | None
    hard_max: float | None
    owner: str
    updater: str
    status: str
    why: str
    aim: Aim | None
    derived: str
    """What it is worked out from; empty when it is entered."""
    cells: tuple[GridCell, ...]
    periods: tuple[Span, ...]
    """The metric's own periods, oldest first, up to the newest column, with `values` for each."""
    values: tuple[float | None, ...]
    older: float | None
    """The newest value before `periods`."""

    @property
    def key(self) -> str:
        return str(self.metric_id)

    def asked(self, period: Span, label: str) -> Asked:
        """Everything needed to read what is typed for one of its periods."""
        before = [value for span, value in zip(self.periods, self.values, strict=True) if span.start < period.start]
        last = next((value for value in reversed(before) if value is not None), self.older)
        return Asked(
            self.metric_id,
            self.slug,
            self.name,
            self.unit,
            self.currency,
            self.decimals,
            period,
            label,
            self.hard_min,
            self.hard_max,
            tuple(before[-WINDOW:]),
            last,
            self.aim,
            (self.owner, self.updater),
        )


class Grid(NamedTuple):
    cadence: str
    back: int
    """Periods between its newest column and the present one."""
    columns: tuple[Column, ...]
    lines: tuple[GridLine, ...]
    to_fill: int
    """Values asked for and not given, of the metrics of the cadence and of the longer ones shown."""
    to_check: int
    """Values in the columns that are odd and not accepted."""
    cadences: tuple[str, ...]
    """Those that something is measured in, finest first."""
    workspace: str
    """The path of the file."""


def grid(
    store: Store,
    today: int,
    cadence: str = "",
    back: int = 0,
    count: int = 6,
    mine: str | None = None,
) -> Grid:
    """The grid whose newest column lies `back` periods before the present one.

    `cadence` empty is the one most is due in, else the most used. `mine` keeps the metrics that one person enters.
    """
    with store.snapshot():
        book = Book(store, today)
        due = [item for item in owed(book, detail=False) if mine is None or item.updater == mine]
        entered = [row for row in book.metrics.values() if not book.derived(row)]
        cadences = tuple(grain for grain in GRAINS if any(row.cadence == grain for row in entered))
        cadence = cadence or _first_cadence(cadences, [item.cadence for item in due], [row.cadence for row in entered])
        columns = _columns(book, cadence, back, count)
        ids = set(book.metrics)
        if mine is not None:
            ids = {row.id for row in entered if mine == (row.updater or row.owner)}
        lines = tuple(_lines(book, cadence, columns, ids, {(item.metric_id, item.period) for item in due}))
        shown = {line.metric_id for line in lines}
        return Grid(
            cadence,
            back,
            columns,
            lines,
            sum(item.cadence == cadence or item.metric_id in shown for item in due),
            sum(cell.odd for line in lines for cell in line.cells),
            cadences,
            store.path,
        )


def lines(
    store: Store, today: int, cadence: str, columns: Sequence[Column], old: Sequence[GridLine]
) -> tuple[GridLine, ...]:
    """Some lines anew, after a save; without those whose metric is not there any more."""
    with store.snapshot():
        book = Book(store, today)
        due = {(item.metric_id, item.period) for item in owed(book, detail=False)}
        known = [one for one in old if one.metric_id in book.metrics]
        judged = judged_rows(book, [one.metric_id for one in known])
        return tuple(
            _line(book, book.metrics[one.metric_id], one.depth, cadence, columns, due, judged[one.metric_id])
            for one in known
        )


def place_of(store: Store, today: int, metric_id: int, period: Span | None = None) -> tuple[str, int]:
    """The cadence of the grid that a metric stands in, and how far back its newest column is to show a period."""
    with store.snapshot():
        book = Book(store, today)
        row = book.metrics.get(metric_id)
        if row is None:
            return "", 0
        if period is None:
            return row.cadence, 0
        now = boundaries(row.cadence, today, book.calendar)
        return row.cadence, max(now - boundaries(row.cadence, period.start, book.calendar), 0)


def tree_order(book: Book) -> list[tuple[int, int]]:
    """Every metric once, with its depth: the KPIs of each goal, below each what feeds it; then the others."""
    placed: set[int] = set()
    order: list[tuple[int, int]] = []
    feeders: dict[int, list[int]] = {}
    for edge in book.drivers:
        feeders.setdefault(edge.feeds_id, []).append(edge.metric_id)

    def place(metric_id: int, depth: int) -> None:
        waiting = [(metric_id, depth)]
        while waiting:
            key, deep = waiting.pop()
            if key in placed or key not in book.metrics:
                continue
            placed.add(key)
            order.append((key, deep))
            waiting += [(child, deep + 1) for child in reversed(feeders.get(key, []))]

    main = book.main_goal
    goals = sorted(book.goals.values(), key=lambda goal: (goal is not main, goal.position, goal.id))
    kpis = list(book.kpis.values())
    for goal in goals:
        for kpi in kpis:
            if kpi.goal_id == goal.id:
                place(kpi.metric_id, 0)
    for kpi in kpis:
        place(kpi.metric_id, 0)
    # What feeds something comes below it, so the ends of the chains go first.
    feeding = {edge.metric_id for edge in book.drivers}
    for metric_id in book.metrics:
        if metric_id not in feeding:
            place(metric_id, 0)
    for metric_id in book.metrics:
        place(metric_id, 0)
    return order


def _first_cadence(cadences: Sequence[str], due: Sequence[str], used: Sequence[str]) -> str:
    for seen in (due, used):
        if seen:
            return max(cadences, key=lambda grain: (seen.count(grain), -GRAINS.index(grain)))
    return "week"


def _columns(book: Book, cadence: str, back: int, count: int) -> tuple[Column, ...]:
    newest = boundaries(cadence, book.today, book.calendar) - back
    spans = [numbered(cadence, number, book.calendar) for number in range(newest - count + 1, newest + 1)]
    return tuple(Column(span, book.period_label(cadence, span), span.start <= book.today < span.end) for span in spans)


def _lines(
    book: Book, cadence: str, columns: Sequence[Column], ids: set[int], due: set[tuple[int, Span]]
) -> Iterator[GridLine]:
    shown: list[tuple[MetricRow, int]] = []
    for metric_id, depth in tree_order(book):
        row = book.metrics[metric_id]
        if metric_id not in ids:
            continue
        if not book.derived(row):
            finer = GRAINS.index(row.cadence) < GRAINS.index(cadence)
            if finer or not any(_period_in(book, row, cadence, column.period) for column in columns):
                continue
        elif row.cadence != cadence:
            continue
        shown.append((row, depth))
    judged = judged_rows(book, [row.id for row, _ in shown])
    for row, depth in shown:
        yield _line(book, row, depth, cadence, columns, due, judged[row.id])


def judged_rows(book: Book, metric_ids: Iterable[int]) -> dict[int, Row]:
    """The row of each metric: of its first live KPI, else its own."""
    from kpitui.services.judging import judge_rows

    kpis, plain = [], []
    for key in metric_ids:
        live = [kpi for kpi in book.roles_of(key) if kpi.state == "live"]
        if live:
            kpis.append(live[0])
        else:
            plain.append(book.metrics[key])
    kpi_rows, metric_rows = judge_rows(book, kpis, plain)
    return {row.metric_id: row for row in (*kpi_rows, *metric_rows)}


def _period_in(book: Book, row: MetricRow, cadence: str, column: Span) -> Span | None:
    """The metric's period that is asked for in a column: the column itself, or a longer one that closes in it."""
    if row.cadence == cadence:
        return column
    span = span_of(row.cadence, column.end - 1, book.calendar)
    if span.end > column.end:
        span = span_of(row.cadence, span.start - 1, book.calendar)
    return span if column.start < span.end <= column.end else None


def _line(
    book: Book,
    row: MetricRow,
    depth: int,
    cadence: str,
    columns: Sequence[Column],
    due: set[tuple[int, Span]],
    judged: Row,
) -> GridLine:
    derived = _derived(book, row)
    newest = boundaries(row.cadence, columns[-1].period.end - 1, book.calendar)
    work = book.days_of(row.id)
    first = boundaries(row.cadence, columns[0].period.start, book.calendar)
    first = book.number_before(row.id, row.cadence, WINDOW, first)
    spans = tuple(numbered(row.cadence, number, book.calendar) for number in range(first, newest + 1))
    if derived:
        worked = {cell.span: cell.value for cell in book.cells(row.id, cadence, [column.period for column in columns])}
        cells = tuple(
            GridCell(one.period, one.label, worked[one.period], "value")._replace(
                off=worked[one.period] is None and work is not None and not work.between(*one.period)
            )
            for one in columns
        )
        values: tuple[float | None, ...] = tuple(worked.get(span) for span in spans)
        older = None
    else:
        stored = {
            (one.start, one.end): one for one in points.between(book.store, row.id, spans[0].start, spans[-1].end)
        }
        if work is not None:
            spans = tuple(span for span in spans if work.between(*span))
        # A value that waits to be checked is no fact yet: nothing counts from it.
        values = tuple(stored[span].value if span in stored and not stored[span].odd else None for span in spans)
        before = points.last_n(book.store, [row.id], 1, spans[0].start)[row.id]
        older = before[0].value if before else None
        corrected = _corrected(book.store, row.id, [one for one in stored.values() if one.rev > 1])
        cells = tuple(_cell(book, row, cadence, column.period, stored, corrected, due) for column in columns)
    return GridLine(
        metric_id=row.id,
        slug=row.slug,
        name=row.name,
        depth=depth,
        kpi_id=judged.kpi_id,
        unit=row.unit,
        currency=book.currency_of(row),
        decimals=row.decimals,
        cadence=row.cadence,
        direction=row.direction,
        hard_min=row.hard_min,
        hard_max=row.hard_max,
        owner=row.owner,
        updater=row.updater or row.owner,
        status=judged.status,
        why=judged.why,
        aim=aim_at(book, row, min(book.today, columns[-1].period.end - 1)),
        derived=derived,
        cells=cells,
        periods=spans,
        values=values,
        older=older,
    )


def _derived(book: Book, row: MetricRow) -> str:
    if row.formula:
        return row.formula
    if row.numerator_id and row.denominator_id:
        parts = [book.metrics[key].slug for key in (row.numerator_id, row.denominator_id) if key in book.metrics]
        return " / ".join(parts)
    return ""


def _cell(
    book: Book,
    row: MetricRow,
    cadence: str,
    column: Span,
    stored: dict[tuple[int, int], points.PointRow],
    corrected: set[tuple[int, int]],
    due: set[tuple[int, Span]],
) -> GridCell:
    period = _period_in(book, row, cadence, column)
    if period is None or period.start > book.today:
        return GridCell(None)
    label = book.period_label(row.cadence, period)
    found = stored.get(period)
    if found is None:
        work = book.days_of(row.id)
        off = work is not None and not work.between(*period)
        return GridCell(period, label, due=(row.id, period) in due, off=off)
    return GridCell(
        period,
        label,
        found.value,
        points.STATES[found.state],
        found.rev,
        bool(found.odd),
        (found.start, found.end) in corrected,
        found.note or "",
        (row.id, period) in due,
    )


def _corrected(store: Store, metric_id: int, revised: Sequence[points.PointRow]) -> set[tuple[int, int]]:
    """Which of the points held another value before."""
    if not revised:
        return set()
    now = {(one.start, one.end): one.value for one in revised}
    start, end = min(now)[0], max(now)[0]
    past = recent.past_values(store, metric_id, start, end + 1)
    return {(a, b) for a, b, value in past if now.get((a, b), value) not in (None, value)}
