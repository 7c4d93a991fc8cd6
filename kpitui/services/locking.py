"""Natural limits that lock when a review is signed: of all that it judged, as it judged it, and from then on they stay.

Limits that move with every new value take a shift in without a word (maths.md §3.3: they lock, and are drawn anew only
on command). What is locked is which values make them: nothing bridges to a new phase, and no value is judged apart.
Left as they are: those of fewer than twelve values, of values that wait to be checked, and of values that follow a
trend or a season, for which level limits are wrong sooner or later whatever they are made of.
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, boundaries, span_of
from kpitui.domain.season import CYCLES, length_of
from kpitui.domain.signal_phases import hits_of, phases, proposal
from kpitui.domain.signal_trend import trended
from kpitui.domain.signal_warnings import seasonal, warnings
from kpitui.domain.signals import FIRM, limits, slack_of
from kpitui.services.judging import SHOWN
from kpitui.services.kept_by_metric import kept
from kpitui.services.reworked import reworked
from kpitui.storage import points, reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kpitui.services.book import Book
    from kpitui.services.judging import Row
    from kpitui.storage.reading import MetricRow, PhaseRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn

EVER = 1 << 31
"""A day after all others: what was drawn after the figures of a review counts, too."""
NAMED = 8
"""Metrics named in one line; the others are counted."""
QUIET = ("few", "level")
"""Reasons that nobody has to be told of in a review: there is nothing to lock yet, or nothing that varies."""
REASONS = {
    "few": f"they are firm from {FIRM} values on",
    "level": "the values never vary",
    "doubt": "a value waits to be checked",
    "season": "the values follow a season",
    "trend": "the values follow a trend",
}


class Window(NamedTuple):
    """The values that limits would be made of: days `[start, end)`, as labels, and how many there are."""

    start: int
    end: int
    labels: str
    known: int


class Lock(NamedTuple):
    metric_id: int
    name: str
    window: Window
    phase_id: int | None
    """The phase that somebody drew and nobody has locked; None where there is none."""


class Left(NamedTuple):
    name: str
    reason: str
    """One of `REASONS`."""


class Plan(NamedTuple):
    locks: tuple[Lock, ...]
    left: tuple[Left, ...]
    kept: tuple[Lock, ...] = ()
    """What an earlier sign-off of the same review has locked and what still stands: its minutes name it, too."""


def plan(book: Book, rows: Iterable[Row], before: Collection[int] = ()) -> Plan:
    """What signing a review of these rows locks and leaves alone, as of the day of the book they were judged by.

    `before` are the phases that it has locked when it was signed before.
    """
    drawn: dict[int, list[PhaseRow]] = {}
    for phase in reading.phases(book.store, EVER):
        drawn.setdefault(phase.metric_id, []).append(phase)
    locks, left, still = [], [], []
    for metric_id in dict.fromkeys(row.metric_id for row in rows):
        metric, own = book.metrics[metric_id], drawn.get(metric_id, ())
        if own and own[-1].locked is not None and own[-1].id in before:
            window = Window(own[-1].start, own[-1].locked, made_of(book, metric, own[-1]), 0)
            still.append(Lock(metric_id, metric.name, window, own[-1].id))
        if own and (own[-1].locked is not None or own[-1].day > book.today):
            continue
        found, reason = firm(book, metric, own[-1] if own else None)
        if found is not None and not reason:
            locks.append(Lock(metric_id, metric.name, found, own[-1].id if own else None))
        else:
            left.append(Left(metric.name, reason))
    return Plan(tuple(locks), tuple(left), tuple(still))


def firm(book: Book, metric: MetricRow, phase: PhaseRow | None) -> tuple[Window | None, str]:
    """The values that make the limits of a metric, as the screens go by them, and why they are not locked yet (empty
    where nothing speaks against it). `phase` is the open one somebody drew; without it the last periods count."""
    mine = kept(book, "locking").setdefault(metric.id, {})
    key = phase.start if phase else None
    if key not in mine:
        mine[key] = _firm(book, metric, phase)
    found: tuple[Window | None, str] = mine[key]
    return found


def _firm(book: Book, metric: MetricRow, phase: PhaseRow | None) -> tuple[Window | None, str]:
    grain, cal = metric.cadence, book.calendar
    first = book.number_before(metric.id, grain, SHOWN - 1) if phase is None else boundaries(grain, phase.start, cal)
    spans = book.spans_of(metric.id, grain, first, extra=False)
    values = [cell.value if cell.whole else None for cell in book.cells(metric.id, grain, spans)] if spans else []
    there = [place for place, value in enumerate(values) if value is not None]
    if not there:
        return None, "few"
    spans, values = spans[there[0] : there[-1] + 1], values[there[0] : there[-1] + 1]
    labels = between(book, grain, spans)
    window = Window(spans[0].start if phase is None else phase.start, spans[-1].end, labels, len(there))
    by = limits(values)
    if by is None or by.state != "firm":
        return window, "few"
    if by.reach <= slack_of(by):
        return window, "level"
    if book.doubts(metric.id, spans[0].start):
        return window, "doubt"
    length = length_of(grain, cal, book.days_of(metric.id))
    if _repeats(values, length) or (CYCLES * length > len(values) and _repeats(_longer(book, metric, length), length)):
        return window, "season"
    if any(one.offer == "trend" for one in warnings(values)) and not shifted(values):
        return window, "trend"
    return window, ""


def _repeats(values: Sequence[float | None], length: int) -> bool:
    """Whether the values have a season beside the line through them."""
    known = sum(value is not None for value in values)
    line = trended(values) if length > 1 and known >= CYCLES * length else None
    return line is not None and seasonal(
        [None if value is None else value - line.at(place) for place, value in enumerate(values)], length
    )


def _longer(book: Book, metric: MetricRow, length: int) -> list[float | None]:
    """The values of the last cycles: a season of twelve months shows in no 26 of them."""
    grain, cal = metric.cadence, book.calendar
    last, begun = boundaries(grain, book.today, cal), points.first_start(book.store, sorted(book.needs([metric.id])))
    if begun is None or last - boundaries(grain, begun, cal) < CYCLES * length:
        return []
    first = book.number_before(metric.id, grain, (CYCLES + 1) * length)
    cells = book.cells(metric.id, grain, book.spans_of(metric.id, grain, first, extra=False))
    known = [place for place, cell in enumerate(cells) if cell.whole and cell.value is not None]
    return [cell.value if cell.whole else None for cell in cells[known[0] : known[-1] + 1]] if known else []


def shifted(values: Sequence[float | None]) -> bool:
    """Whether the last values run on another level than those before, and two levels fit better than a line: then the
    limits lock, and where to draw them anew is proposed."""
    some = phases(values)
    run = proposal(values, some, hits_of(values, some))
    line = trended(values)
    if run is None or line is None:
        return False
    border = run.points[0]
    before = [value for value in values[:border] if value is not None]
    after = [value for value in values[border:] if value is not None]
    by_levels = _squares(before) + _squares(after)
    by_line = fsum((value - line.at(place)) ** 2 for place, value in enumerate(values) if value is not None)
    return by_levels <= by_line


def _squares(values: Sequence[float]) -> float:
    mean = fsum(values) / len(values) if values else 0.0
    return fsum((value - mean) ** 2 for value in values)


def between(book: Book, grain: str, spans: Sequence[Span]) -> str:
    """`W21 to W46`, or the one period there is."""
    first, last = (book.period_label(grain, span) for span in (spans[0], spans[-1]))
    return first if first == last else f"{first} to {last}"


def made_of(book: Book, metric: MetricRow, phase: PhaseRow) -> str:
    """The periods whose values make the limits of a phase that is locked, `W21 to W46`."""
    assert phase.locked is not None
    days = (phase.start, phase.locked - 1)
    return between(book, metric.cadence, [span_of(metric.cadence, day, book.calendar) for day in days])


def lock_all(tx: Txn, store: Store, found: Plan, why: str, today: int) -> None:
    """Writes the locks into the transaction that signs the review; `why` names it."""
    from kpitui.domain.phase import Phase
    from kpitui.storage import definitions

    for one in found.locks:
        if one.phase_id is not None:
            phase = definitions.get(store, Phase, one.phase_id)
            definitions.change(tx, phase, locked=one.window.end)
            continue
        definitions.add(
            tx,
            # Nobody drew a border here.
            Phase(metric_id=one.metric_id, start=one.window.start, locked=one.window.end, why=why, who="", day=today),
        )


def told(found: Plan) -> tuple[tuple[str, str], ...]:
    """What is locked and what is left alone, in lines of a cause and names: `locked, made of W21 to W46`, `Leads, CAC`;
    `not locked, the values follow a trend`, `MRR`."""
    lines: dict[str, list[str]] = {}
    for one in (*found.kept, *found.locks):
        lines.setdefault(f"locked, made of {one.window.labels}", []).append(one.name)
    for other in found.left:
        if other.reason not in QUIET:
            lines.setdefault(f"not locked, {REASONS[other.reason]}", []).append(other.name)
    return tuple((cause, named(names)) for cause, names in lines.items())


def named(names: Sequence[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def counted(found: Plan) -> str:
    """`limits of 5 metrics locked`; empty where none are."""
    count = len(found.locks)
    return f"limits of {count} metric{'s' if count > 1 else ''} locked" if count else ""


def standing(book: Book, metric: MetricRow) -> str:
    """What is to be known of how the limits of a metric stand: `locked, made of W21 to W46`, that they were reworked
    since, or why they still move; empty where there are none to speak of."""
    drawn = book.phases.get(metric.id, ())
    last = drawn[-1] if drawn else None
    if last is not None and last.locked is not None:
        since = reworked(book, metric, last)
        return f"locked, made of {made_of(book, metric, last)}" + (f"; {since}" if since else "")
    window, reason = firm(book, metric, last)
    if window is None or reason in QUIET:
        return ""
    made = f"of all values since {window.labels.split(' to ')[0]}" if last else f"of the last {SHOWN} periods"
    until = f"{REASONS[reason]}, so they stay {made}" if reason else f"{made}, until a review is signed"
    return f"not locked yet: {until}"
