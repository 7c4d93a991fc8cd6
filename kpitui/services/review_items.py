"""What a review talks about: its rows as items, exceptions first, and the 6-12 panel of one of them."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.compare import compare
from kpitui.domain.figures import show, show_change, show_relative, show_target
from kpitui.domain.periods import Span, boundaries, numbered, shift, short_label, span_of, year_ago
from kpitui.domain.review import GROUPS, group
from kpitui.domain.target import MAINTAIN, effective, gap, has_target, in_force
from kpitui.services.judging import shown_as
from kpitui.services.phases import news

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpitui.domain.model import TargetKind
    from kpitui.domain.signals import Signal
    from kpitui.domain.target import Aim
    from kpitui.services.book import Book
    from kpitui.services.due import Owed
    from kpitui.services.judging import Row
    from kpitui.storage.reading import NoteRow

WEEKS, MONTHS, QUARTERS, YEARS = 6, 12, 8, 5
LAST = {"week": "last wk", "month": "last mo", "quarter": "last q", "year": "last yr"}
DOUBTS = {
    "autocorrelation": "neighbouring values are alike, and limits fire too often then",
    "season": "the values follow a season, and limits take it for signals",
    "skew": "the values have a long tail upwards, and the upper limit is too near",
}
"""Warnings that are worth a line where a signal is talked about."""
NOTES_BACK = 28
"""Days before the period from which a note still belongs to what is talked about."""


class Note(NamedTuple):
    who: str
    day: int
    text: str


class Item(NamedTuple):
    """A row, why it is talked about (`domain.review.GROUPS`) and what its owner said of it."""

    key: str
    row: Row
    group: str
    notes: tuple[Note, ...]
    """Newest first."""
    noted: bool
    """Whether somebody has written a note since the period began."""
    streak: int
    """How many periods in a row it missed its target, the last one included; 0 for targets on a way."""
    feeds: tuple[str, ...]
    """Names of the metrics it feeds."""
    known: bool = False
    """Its signal stood at the last signed review already: it is no news."""


class Column(NamedTuple):
    """One column of the table: the mean of a stretch of periods, its target and the gap, as they read."""

    title: str
    value: str
    target: str
    gap: str


class Panel(NamedTuple):
    """Six weeks and twelve months of a metric, for level marks; values None where they are not known."""

    near_title: str
    near: tuple[float | None, ...]
    near_labels: tuple[str, ...]
    far_title: str
    far: tuple[float | None, ...]
    far_labels: tuple[str, ...]
    target: float | None
    """None where a line would compare unlike things, too."""
    limits: tuple[float, ...]
    """Both ends of a range that is the target."""
    target_words: str
    table: tuple[Column, ...]
    doubt: str = ""
    """What speaks against believing its signal; empty where nothing does or there is none."""


def items_of(
    book: Book,
    rows: Sequence[Row],
    period: Span,
    owed: Iterable[Owed],
    notes: Sequence[NoteRow],
    since: int | None = None,
    until: int | None = None,
) -> tuple[Item, ...]:
    """The rows as items: off before watch, then signals, then what is missing unexplained, then the quiet ones.

    `until` is the last day from which notes belong to them, the book's own without it.

    `since` is the end of what the last signed review saw: only what values after it completed counts as a signal, also
    where the last of them is quiet again.
    """
    found = [
        Item(
            row.key,
            row,
            where,
            said,
            noted,
            streak_of(row),
            tuple(book.metrics[key].name for key in book.feeds(row.metric_id)),
            fresh is None and row.signal is not None,
        )
        for row, where, said, noted, fresh in grouped(book, rows, period, owed, notes, since, until)
    ]
    return tuple(sorted(found, key=lambda item: GROUPS.index(item.group)))


def grouped(
    book: Book,
    rows: Iterable[Row],
    period: Span,
    owed: Iterable[Owed],
    notes: Sequence[NoteRow],
    since: int | None = None,
    until: int | None = None,
) -> Iterator[tuple[Row, str, tuple[Note, ...], bool, Signal | None]]:
    """Each row with its group, its notes, whether one is of the period, and the signal that is news.

    All that an exception is told by: Home counts hundreds of rows by it, and needs no more of an item.
    """
    late = {item.metric_id for item in owed if item.late_days}
    last_note = book.today if until is None else until
    by_metric: dict[int, list[Note]] = {}
    for note in reversed(notes):
        if note.metric_id is not None and period.start - NOTES_BACK <= note.day <= last_note:
            by_metric.setdefault(note.metric_id, []).append(Note(note.who, note.day, note.text))
    for row in rows:
        said = tuple(by_metric.get(row.metric_id, ()))
        noted = any(note.day >= period.start for note in said)
        fresh = row.signal
        if since is not None:
            fresh = news(book, row, since, shown_as(book, book.metrics[row.metric_id]))
            row = row._replace(signal=fresh or row.signal)
        missing = (row.metric_id in late or row.status == "stale") and not noted
        yield row, group(row.status, fresh is not None, missing), said, noted, fresh


def streak_of(row: Row) -> int:
    count = 0
    for cell in reversed(row.series):
        if cell.value is None and not count:
            continue
        if not row.missed(cell):
            break
        count += 1
    return count


def target_words(row: Row) -> str:
    """`≥ 30`, `25-35`; empty without a target."""
    if row.target is None and row.low is None and row.high is None:
        return ""
    kind: TargetKind = row.target_kind  # type: ignore[assignment]
    return show_target(kind, row.target, row.low, row.high, row.unit, currency=row.currency, decimals=row.decimals)


def against(row: Row) -> str:
    """The target in a sentence about the value: `of $400k` on the way up, else `against ≤ $400`; empty without."""
    words = target_words(row)
    upwards = row.target_kind not in MAINTAIN and row.direction == "up"
    return words and f"{'of' if upwards else 'against'} {words}"


def figure(row: Row, value: float | None) -> str:
    return show(value, row.unit, currency=row.currency, decimals=row.decimals, compact=True)


def gap_words(row: Row) -> str:
    """`-10.2%` of the target, + is good; empty where there is none."""
    return "" if row.gap_share is None else show_relative(row.gap_share)


def panel_of(book: Book, row: Row) -> Panel:
    """Six weeks beside twelve months of a metric kept by day or week; of rarer ones what there is.

    What adds up is shown as the mean of its weeks (or other periods), so that one target line fits both halves.
    """
    own = "week" if row.cadence == "day" else row.cadence
    far_grain = "month" if own == "week" else own
    count = {"month": MONTHS, "quarter": QUARTERS, "year": YEARS}[far_grain]
    near: Sequence[float | None] = ()
    near_labels: tuple[str, ...] = ()
    reached = span_of(own, book.today, book.calendar)
    levels = Levels(book, row, own)
    if own == "week":
        spans = [shift("week", reached, back - WEEKS + 1, book.calendar) for back in range(WEEKS)]
        near = [levels.cell(span) for span in spans]
        near_labels = tuple(short_label("week", span, book.calendar, None) for span in spans)
    last = boundaries(far_grain, book.today, book.calendar)
    far_spans = [numbered(far_grain, last - count + 1 + place, book.calendar) for place in range(count)]
    far = [levels.mean(span) for span in far_spans]
    comparable = row.target_kind != "reach" and not (row.cadence == "day" and row.kind == "flow")
    bounds = tuple(bound for bound in (row.low, row.high) if bound is not None) if row.target_kind == "between" else ()
    mean = row.kind == "flow" and own != far_grain
    return Panel(
        near_title=f"{WEEKS} weeks" if near else "",
        near=tuple(near),
        near_labels=near_labels,
        far_title=f"{count} {far_grain}s" + (" (mean of weeks)" if mean else ""),
        far=tuple(far),
        far_labels=tuple(far_label(far_grain, span, book) for span in far_spans),
        target=row.target if comparable else None,
        limits=bounds if comparable else (),
        target_words=target_words(row) if comparable else "",
        table=table_of(book, row, own, levels, comparable),
        doubt=doubt_of(row, book) if row.signal is not None else "",
    )


def doubt_of(row: Row, book: Book) -> str:
    """Why the limits that a row is judged by fire too often, from the values they are made of (maths.md §3.2)."""
    from kpitui.services.signals import How, chart_of

    metric = book.metrics[row.metric_id]
    chart = chart_of(book, metric, row, grain=None, locks=(), last=len(row.series), how=How(), checked=True)
    return next((DOUBTS[one.kind] for one in chart.warnings if one.kind in DOUBTS), "")


def far_label(grain: str, span: Span, book: Book) -> str:
    """`J` for January, `10` for the tenth period of a year cut otherwise: twelve of them have four cells each."""
    text = short_label(grain, span, book.calendar, None)
    if grain == "month" and book.calendar.cut is not None:
        return text[-3:].lstrip("P0 ") or text[-1:]
    return text[0] if grain == "month" else text


class Levels:
    """The height of a metric in a stretch of time: of what adds up the mean of its periods, else its own value."""

    def __init__(self, book: Book, row: Row, own: str) -> None:
        self.book, self.row, self.own = book, row, own
        last = boundaries(own, book.today, book.calendar)
        back = {"week": 58, "month": 25, "quarter": 9, "year": 6}[own]
        spans = book.spans_since(own, last - back)
        self.values: Mapping[Span, float | None] = {
            cell.span: cell.value for cell in book.cells(row.metric_id, own, spans)
        }

    def cell(self, span: Span) -> float | None:
        return self.values.get(span)

    def mean(self, span: Span) -> float | None:
        """Of a flow the mean of the periods that end in `span`; None while there is none."""
        if self.row.kind == "flow" and self.own != grain_name(span):
            found = [v for s, v in self.values.items() if v is not None and span.start < s.end <= span.end]
            return fsum(found) / len(found) if found else None
        grain = grain_name(span)
        cell = self.book.cells(self.row.metric_id, grain, [span])[0]
        if cell.value is None and self.row.kind == "level":
            found = [v for s, v in self.values.items() if v is not None and span.start < s.end <= span.end]
            return found[-1] if found else None
        return cell.value


def grain_name(span: Span) -> str:
    """The grain whose length comes nearest from below; a stretch to date is worked out like its whole."""
    length = span.end - span.start
    return "week" if length <= 7 else "month" if length <= 35 else "quarter" if length <= 98 else "year"


def table_of(book: Book, row: Row, own: str, levels: Levels, comparable: bool) -> tuple[Column, ...]:
    """Last week, four weeks, month, quarter, year so far, and against last year."""
    if row.period is None:
        return ()
    end = min(book.today + 1, row.period.end) if own == grain_name(row.period) else book.today + 1
    last = span_of(own, row.period.start, book.calendar)
    aim = row.aim
    columns = [column(row, aim, LAST[own], levels.cell(last), last.end - 1, comparable)]
    if own == "week":
        month_back = Span(last.end - 28, last.end)
        columns.append(column(row, aim, "4 weeks", four(levels, month_back), last.end - 1, comparable))
    day = max(end - 1, row.period.start)
    for grain in ("month", "quarter", "year"):
        whole = span_of(grain, day, book.calendar)
        if ("week", "month", "quarter", "year").index(grain) <= ("week", "month", "quarter", "year").index(own):
            continue
        title = short_label(grain, whole, book.calendar, None)
        value = levels.mean(Span(whole.start, max(row.period.end, whole.start + 1)))
        columns.append(column(row, aim, title, value, day, comparable))
    now, before = book.cells(row.metric_id, own, [last, year_ago(own, last, book.calendar)])
    additive, days = book.measures[row.metric_id].additive, book.days_of(row.metric_id)
    found = compare(now, before, row.unit, book.calendar, additive, work=days).change
    against = "-" if found.fraction is None else show_relative(found.fraction)
    if row.unit == "percent" or (before.value is not None and before.value < 0):
        # Of shares a relative change misleads: 3 % to 5 % is two points; of a loss it has the wrong sign.
        against = (
            "-"
            if found.absolute is None
            else show_change(found.absolute, row.unit, currency=row.currency, decimals=row.decimals)
        )
    columns.append(Column("y/y", against, "", ""))
    return tuple(columns)


def four(levels: Levels, span: Span) -> float | None:
    found = [v for s, v in levels.values.items() if v is not None and span.start < s.end <= span.end]
    if levels.row.kind in ("flow", "level"):
        return fsum(found) / len(found) if found else None
    return levels.book.cells(levels.row.metric_id, "month", [span])[0].value


def column(row: Row, aim: Aim, title: str, value: float | None, day: int, comparable: bool) -> Column:
    shown = figure(row, value) if value is not None else "-"
    then = in_force(aim, row.steps, day)
    if not comparable or not has_target(then):
        return Column(title, shown, "", "")
    off = gap(effective(then), value)
    bound = then.value if then.kind != "between" else None
    words = figure(row, bound) if bound is not None else target_words(row)
    return Column(title, shown, words, show_relative(off.relative) if off and off.relative is not None else "-")
