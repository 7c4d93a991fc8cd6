"""Gathers what the KPI doctor looks at: one book, each metric's values once, and a handful of queries."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kpitui.domain.expected import WEEK, WEEKS, fed_on_workdays
from kpitui.domain.lint_facts import DataFact, Facts, GoalFact, KpiFact, MetricFact, ReviewFact, ScopeFact
from kpitui.domain.periods import Span, boundaries, label, numbered, short_label, span_of, to_day
from kpitui.domain.review import GRAIN, OPEN_FOR, RHYTHMS
from kpitui.domain.target import in_force, lacks
from kpitui.services.aims import aim_of
from kpitui.services.book import DAYS, Book
from kpitui.services.goal_total import counted
from kpitui.services.judging import kpi_row, shown_as
from kpitui.services.leading import vanities
from kpitui.storage import changes, points
from kpitui.storage import doctor_facts as stored

if TYPE_CHECKING:
    from kpitui.storage.reading import GoalRow, KpiRow, MetricRow

SHOWN = 52
"""Periods of a metric that are looked at."""
DAILY = 60
"""The same of days: they also say on which days values come in, over eight weeks."""
TYPED = 26
"""Points of it, as they were entered."""
BACK = 91
"""Days that say how values come in and actions go."""
YEARS = 6
YEARLY = 300
"""Days from which on a goal's window is held against whole years."""
ASKED = {"weekly": 4, "monthly": 3, "quarterly": 1, "annual": 1}
"""How many of each rhythm's last reviews are asked for."""
WORDS = {"value": "target", "low": "target", "high": "target"}


def gather(book: Book) -> Facts:
    """The facts of a workspace at the end of the book's day, inside the caller's snapshot."""
    store, today = book.store, book.today
    begun = _begun(book)
    year = span_of("year", today, book.calendar)
    said = stored.described(store)
    typed = _typed(book)
    kpis = _kpis(book)
    idle = vanities(book)
    doubts = _doubts(book)
    away = _gone(book)
    return Facts(
        today,
        (year.start, year.end),
        label("year", year, book.calendar),
        {one.id: ScopeFact(one.id, one.slug, one.name, one.kind, one.parent_id, one.owner, book.limits_of(one.id))
         for one in book.scopes.values()},
        {one.id: _goal(book, one) for one in book.goals.values()},
        {one.id: _metric(book, one, said[one.id], typed.get(one.id, ()), idle.get(one.id, ""),
                        doubts.get(one.id, ()))
         for one in book.metrics.values()},
        kpis,
        tuple((edge.metric_id, edge.feeds_id) for edge in book.drivers),
        stored.with_playbook(store),
        _data(book, begun, bool(kpis), away),
        tuple(away.items()),
    )  # fmt: skip


def _begun(book: Book) -> int:
    """The day of the first change."""
    first = changes.first_at(book.store)
    return _day(first) if first else book.today


def _day(at: str) -> int:
    return to_day(changes.moment(at).date())


def _typed(book: Book) -> dict[int, tuple[float, ...]]:
    """The last values of what is entered, as they were."""
    entered = [one.id for one in book.metrics.values() if not book.derived(one)]
    found = points.last_n(book.store, entered, TYPED, book.today + 1)
    return {
        key: tuple(value for row in sorted(rows, key=lambda row: row.start) if (value := row.value) is not None)
        for key, rows in found.items()
    }


def _doubts(book: Book) -> dict[int, tuple[tuple[str, str], ...]]:
    """What the audit finds, by metric; values marked `?` are left to Home and Due, which count and list them."""
    from kpitui.services.data_audit import audit_of

    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for one in audit_of(book, book.metrics.values()).findings:
        if one.rule != "odd":
            said = (one.severity, f"{one.period}: {one.text}" if one.value is not None else one.text)
            found[one.metric_id] = (*found.get(one.metric_id, ()), said)
    return found


def _metric(
    book: Book,
    metric: MetricRow,
    said: tuple[bool, bool, str],
    typed: tuple[float, ...],
    vanity: str,
    doubts: tuple[tuple[str, str], ...],
) -> MetricFact:
    cells = book.last_cells(metric.id, DAILY if metric.cadence == "day" else SHOWN)
    on_workdays = _fed_on_workdays(book, metric)
    cells = cells[-SHOWN:]
    known = [cell for cell in cells if cell.present or cell.extra]
    last_end = known[-1].span.end if known else None
    if last_end is None and typed:
        last_end = points.last_end(book.store, metric.id)
    book.forget(metric.id)
    measure = book.measures[metric.id]
    return MetricFact(
        metric.id,
        metric.slug,
        metric.name,
        metric.scope_id,
        metric.owner,
        said[0],
        said[1],
        metric.unit,
        metric.kind,
        measure.rule,
        metric.direction,
        metric.timing,
        metric.nature,
        bool(metric.counter),
        metric.good_low is not None or metric.good_high is not None,
        tuple(sorted(book.needs([metric.id]) - {metric.id})) if book.derived(metric) else (),
        bool(metric.kept_because),
        last_end,
        DAYS[metric.cadence],
        metric.grace_days,
        tuple(cell.value for cell in book.of_process(metric.id, cells) if cell.whole),
        typed,
        vanity,
        doubts,
        floor=metric.hard_min,
        ceiling=metric.hard_max,
        show=shown_as(book, metric),
        since=_day(said[2]),
        work=book.days_of(metric.id),
        fed_on_workdays=on_workdays,
    )


def _fed_on_workdays(book: Book, metric: MetricRow) -> bool:
    if metric.days != "every" or book.derived(metric) or metric.cadence not in ("day", "week"):
        return False
    # They were read for the cells already.
    found = book.points(metric.id, book.today - WEEKS * WEEK, book.today)
    return fed_on_workdays((start for start, end, _ in found if end - start == 1), book.today, book.workdays)


def _kpis(book: Book) -> dict[int, KpiFact]:
    said = stored.answered(book.store)
    return {kpi.id: _kpi(book, kpi, *said[kpi.id]) for kpi in book.kpis.values()}


def _kpi(book: Book, kpi: KpiRow, at: str, answered: tuple[int, ...]) -> KpiFact:
    metric = book.metrics[kpi.metric_id]
    aim = in_force(aim_of(kpi, metric, book.watch_band), book.steps.get(kpi.id, ()), book.today)
    missing = [] if kpi.goal_id in book.goals else ["goal"]
    missing += [WORDS.get(name, name) for name in lacks(aim)]
    missing += [] if kpi.deadline is not None else ["deadline"]
    missing += [] if kpi.owner or metric.owner else ["owner"]
    ended = kpi.deadline is not None and kpi.deadline < book.today
    needed = None
    if kpi.target_kind == "reach" and not ended:
        needed = kpi_row(book, kpi).needed
        book.forget(metric.id)
    target = aim.low if aim.kind == "between" else aim.value
    return KpiFact(
        kpi.id,
        kpi.metric_id,
        kpi.scope_id,
        kpi.goal_id,
        kpi.state,
        ended,
        tuple(dict.fromkeys(missing)),
        kpi.owner,
        kpi.counter_id,
        kpi.tolerance is not None,
        answered.count(0),
        bool(answered[-1]),
        aim.kind,
        target,
        needed,
        _day(at),
    )


def _goal(book: Book, goal: GoalRow) -> GoalFact:
    times, best = _against_best(book, goal)
    since = goal.start
    number = goal.target is not None or goal.low is not None or goal.high is not None
    return GoalFact(
        goal.id,
        goal.slug,
        goal.title,
        goal.scope_id,
        goal.parent_id,
        bool(goal.main),
        number or goal.target_kind == "milestone",
        goal.start,
        goal.deadline,
        goal.owner,
        goal.metric_id,
        times,
        best,
        since,
        _of_one(book, goal),
        goal.target,
        goal.baseline,
    )


def _of_one(book: Book, goal: GoalRow) -> str:
    """The period whose value a goal from one number to another is about, where the metric's values add up."""
    metric = book.metrics.get(goal.metric_id or 0)
    up = metric is not None and metric.direction == "up" and metric.cadence != "year"
    return metric.cadence if metric and up and goal.target_kind == "from_to" and counted(metric) else ""


def _against_best(book: Book, goal: GoalRow) -> tuple[float | None, str]:
    """The target over the best of the whole years before the goal began, and that year in words."""
    from kpitui.domain.figures import show

    metric = book.metrics.get(goal.metric_id or 0)
    if metric is None or goal.target is None or goal.start is None or goal.deadline is None:
        return None, ""
    if metric.direction != "up" or goal.deadline - goal.start < YEARLY:
        return None, ""
    first = boundaries("year", goal.start, book.calendar)
    spans = [numbered("year", place, book.calendar) for place in range(first - YEARS, first)]
    cells = [cell for cell in book.cells(metric.id, "year", spans) if cell.whole and cell.value is not None]
    found = max(cells, key=lambda cell: cell.value or 0.0, default=None)
    if found is None or found.value is None or found.value <= 0:
        return None, ""
    worth = show(found.value, metric.unit, currency=book.currency_of(metric), compact=True)
    return goal.target / found.value, f"{short_label('year', found.span, book.calendar, book.today)} with {worth}"


def _gone(book: Book) -> dict[str, str]:
    """Everybody who owns something and is not here, with why."""
    from kpitui.services.gone import gone
    from kpitui.storage import reading

    names = {one.owner for one in reading.actions(book.store, state="open")}
    names |= {one.owner for one in book.goals.values()} | {one.owner for one in book.metrics.values()}
    return gone(book.store, names | {one.owner for one in book.kpis.values()})


def _data(book: Book, begun: int, any_kpi: bool, away: dict[str, str]) -> DataFact:
    from kpitui.services.data_quality import quality
    from kpitui.storage import reading

    store, today = book.store, book.today
    seen = quality(store, today, today - BACK, today + 1, begun=begun)
    shares = [(share, name) for name, share, _ in seen.owners if share is not None and name != "-"]
    slowest = f"{min(shares)[1]} {min(shares)[0]:.0%}" if len(shares) > 1 else ""
    actions = reading.actions(store)
    lately = [one for one in actions if one.state == "open" or (one.closed or 0) >= today - BACK]
    late = sum(1 for one in lately if one.state == "open" and one.due < today)
    held = {(one.rhythm, one.start) for one in reading.reviews(store) if one.state == "signed"} if any_kpi else set()
    reviews = tuple(_rhythm(book, rhythm, begun, held) for rhythm in RHYTHMS) if any_kpi else ()
    owners = Counter(one.owner for one in lately if one.state == "open" and one.owner in away)
    left = tuple((who, count, away[who]) for who, count in sorted(owners.items()))
    return DataFact(seen.by_hand, seen.on_time, seen.corrected, slowest, len(lately), late, reviews, left)


def _rhythm(book: Book, rhythm: str, begun: int, held: set[tuple[str, int]]) -> ReviewFact:
    """The last periods of a rhythm whose review can no longer be due, and that the workspace was there for."""
    grain = GRAIN[rhythm]
    last = boundaries(grain, book.today, book.calendar)
    asked: list[tuple[str, int, bool]] = []
    for place in range(last - 1, last - 1 - 3 * ASKED[rhythm], -1):
        span: Span = numbered(grain, place, book.calendar)
        overdue = span.end + OPEN_FOR[rhythm]
        if overdue > book.today:
            continue
        if begun > (span.start + span.end) // 2 or len(asked) == ASKED[rhythm]:
            break
        asked.append((book.period_label(grain, span), overdue, (rhythm, span.start) in held))
    return ReviewFact(rhythm, tuple(asked))
