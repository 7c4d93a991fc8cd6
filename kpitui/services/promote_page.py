"""Metric to KPI on one page: objective, driving metric, target; six questions; counter metric; a free slot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kpitui.domain.line_target import TargetLine
from kpitui.domain.quoting import quote
from kpitui.domain.target import baseline_of
from kpitui.domain.usual import usual
from kpitui.errors import Refused
from kpitui.services import promotion
from kpitui.services.book import Book, book_of
from kpitui.services.naming import Done, as_seen
from kpitui.text import clean, fold

if TYPE_CHECKING:
    from kpitui.domain.model import Kpi, Unit
    from kpitui.domain.workdays import Workdays
    from kpitui.services.leading import Pair as Pair
    from kpitui.storage.reading import KpiRow, MetricRow
    from kpitui.storage.store import Store

SHOWN = 26
QUESTIONS = ("impact", "results", "measured", "purpose", "success", "change")
WORDS = ("goal_id", "objective", "watch_band", "counter_id", "tolerance", "review")
RHYTHMS = ("weekly", "monthly", "quarterly", "annual")


class Slot(NamedTuple):
    """A scope and how many KPIs it has of how many that go unnoticed."""

    scope_id: int
    name: str
    kpis: int
    limit: int


class Page(NamedTuple):
    """What is known of a metric before it is promoted, or of a KPI that is to be finished. Days are epoch days."""

    metric_id: int
    metric_rev: int
    kpi_id: int | None
    kpi_rev: int
    state: str
    """Of the KPI: live, draft, paused; empty while there is none."""
    name: str
    slug: str
    feeds: tuple[str, ...]
    unit: Unit
    currency: str
    direction: str
    cadence: str
    owner: str
    source: str
    goals: tuple[tuple[int, str, int | None], ...]
    """Number, title and deadline, the one to offer first."""
    baseline: float | None
    baseline_of: str
    best: float | None
    best_label: str
    usual: tuple[float, float] | None
    values: tuple[float | None, ...]
    """The last closed periods, oldest first."""
    labels: tuple[str, ...]
    counters: tuple[tuple[int, str], ...]
    """Every other metric, those that would guard it first."""
    percents: frozenset[int]
    """Metrics that are percentages, whose worsening is counted in points."""
    suggested: int
    """How many of them are suggestions."""
    slot: Slot
    teams: tuple[Slot, ...]
    """Scopes below with room."""
    others: tuple[tuple[int, str], ...]
    """KPIs of its scope that could be swapped out."""
    filled: dict[str, Any]
    """The fields of the KPI that is there already."""
    lead: Pair | None = None
    """The metric against a KPI it moves before, or else against one that it feeds and no link to has shown."""
    work: Workdays | None = None
    """The days it is expected on; None for every one."""


class Form(NamedTuple):
    """The page as it was filled in. Without goal, baseline, target, deadline or owner it is a draft."""

    goal_id: int | None
    objective: str
    baseline: float | None
    target: TargetLine | None
    deadline: int | None
    watch_band: float | None
    answers: Mapping[str, str]
    counter_id: int | None
    review: tuple[str, ...]
    scope_id: int | None = None
    """Another scope than the metric's: a team that has room."""
    swap: int | None = None
    """A KPI that becomes a plain metric in its place."""
    tolerance: float | None = None
    """How much worse the counter metric may get; see `Kpi.tolerance`."""


def page(store: Store, metric_id: int, kpi_id: int | None, today: int) -> Page:
    """The page of a metric, or of one of its roles. Raises Refused when the metric was put away."""
    from kpitui.domain.model import Kpi, Metric
    from kpitui.storage import definitions

    with store.snapshot():
        book = book_of(store, today)
        metric = book.metrics.get(metric_id)
        if metric is None:
            raise Refused("The metric was put away meanwhile: u or the log brings it back.")
        role = book.kpis.get(kpi_id or 0)
        if role is None:
            role = next((one for one in book.roles_of(metric_id) if one.scope_id == metric.scope_id), None)
        scope_id = role.scope_id if role else metric.scope_id
        main = book.main_goal
        goals = sorted(
            (goal for goal in book.goals.values() if goal.deadline is None or goal.deadline >= today),
            key=lambda goal: (
                role is None or goal.id != role.goal_id,
                goal.scope_id != scope_id,
                main is None or goal.id != main.id,
                goal.position,
            ),
        )
        cells = [c for c in book.last_cells(metric_id, 60) if c.span.end <= today + 1 and c.whole]
        known = [cell for cell in cells if cell.value is not None]
        last = known[-promotion.PERIODS :]
        names = ", ".join(book.period_label(metric.cadence, cell.span) for cell in last)
        worst_first = sorted(known, key=lambda cell: cell.value or 0.0, reverse=metric.direction == "down")
        best = worst_first[-1] if worst_first and metric.direction != "range" else None
        shown = cells[-SHOWN:]
        numbers = tuple(cell.value for cell in shown)
        counters, suggested = _counters(book, metric)
        stored = definitions.get(store, Kpi, role.id) if role else None
        whole = definitions.get(store, Metric, metric_id)
        return Page(
            metric.id,
            metric.rev,
            role.id if role else None,
            stored.rev if stored else 0,
            role.state if role else "",
            metric.name,
            metric.slug,
            tuple(book.metrics[id].name for id in book.feeds(metric_id)),
            metric.unit,
            book.currency_of(metric),
            metric.direction,
            metric.cadence,
            metric.owner,
            whole.source,
            tuple((goal.id, goal.title, goal.deadline) for goal in goals),
            baseline_of([cell.value for cell in known], promotion.PERIODS),
            f"mean of {names}" if len(last) > 1 else names,
            best.value if best else None,
            book.period_label(metric.cadence, best.span) if best else "",
            usual(
                [cell.value for cell in book.of_process(metric_id, shown)],
                floor=metric.hard_min,
                ceiling=metric.hard_max,
            ),
            numbers,
            tuple(book.period_label(metric.cadence, cell.span) for cell in shown),
            counters,
            frozenset(one.id for one in book.metrics.values() if one.unit == "percent"),
            suggested,
            _slot(book, scope_id, role),
            tuple(
                slot
                for scope in book.scopes.values()
                if scope.parent_id == scope_id and (slot := _slot(book, scope.id, None)).kpis < slot.limit
            ),
            tuple(
                (one.id, book.metrics[one.metric_id].name)
                for one in book.kpis_of(scope_id)
                if one.state == "live" and (role is None or one.id != role.id)
            ),
            _filled(stored) if stored else {},
            _lead(store, book, metric_id),
            book.days_of(metric_id),
        )


def _lead(store: Store, book: Book, metric_id: int) -> Pair | None:
    """What the values say of the metric and a KPI: the strongest link that is shown, else the lack of one."""
    from kpitui.services.leading import beside

    pairs = [pair for family in beside(store, book.today, metric_id).tried for pair in family.pairs
             if pair.metric.id == metric_id and pair.link is not None]  # fmt: skip
    found = sorted((pair for pair in pairs if pair.found), key=lambda pair: -pair.size)
    fed = [pair for pair in pairs if pair.outcome.id in book.feeds(metric_id)]
    return next(iter(found or fed), None)


def _slot(book: Book, scope_id: int, role: KpiRow | None) -> Slot:
    """The KPIs that stand in a scope, the one in question left out."""
    live = [one for one in book.kpis_of(scope_id) if one.state == "live" and (role is None or one.id != role.id)]
    return Slot(scope_id, book.scopes[scope_id].name, len(live), book.limits_of(scope_id).notice)


def _counters(book: Book, metric: MetricRow) -> tuple[tuple[tuple[int, str], ...], int]:
    """All metrics but this one: first those marked as counters that feed the same, then other rates beside it."""
    feeds = set(book.feeds(metric.id)) | {metric.id}
    near = {edge.metric_id for edge in book.drivers if edge.feeds_id in feeds} | set(book.drivers_of(metric.id))

    def rank(other: MetricRow) -> int:
        quality = other.kind in ("ratio", "index") or other.unit in ("percent", "score")
        if not other.counter and not quality:
            return 9
        beside = 0 if other.id in near else 2 if other.scope_id == metric.scope_id else 4
        return beside + (not other.counter) if beside < 4 or other.counter else 9

    found = sorted((one for one in book.metrics.values() if one.id != metric.id), key=rank)
    suggested = sum(1 for one in found if rank(one) < 9)
    return tuple((one.id, one.name) for one in found), suggested


def _filled(kpi: Kpi) -> dict[str, Any]:
    names = ("goal_id", "objective", "target_kind", "baseline", "target", "low", "high", "floor", "stretch", "window",
             "sustain", "deadline", "watch_band", "counter_id", "tolerance", "review")  # fmt: skip
    values = {name: getattr(kpi, name) for name in names}
    return {**values, **{name: getattr(kpi, f"answer_{name}") for name in QUESTIONS}}


class Counter(NamedTuple):
    """The counter metric that a text means."""

    id: int
    name: str
    tolerance: float | None
    said: str
    """The same as it would be typed: `Refund rate, 0.5 points`."""


def guarded_by(page: Page, metric_id: int, name: str, tolerance: float | None) -> Counter:
    """A counter metric with what is tolerated of it."""
    from kpitui.domain.guard import tolerance_words

    unit = "percent" if metric_id in page.percents else "number"
    said = name if tolerance is None else f"{name}, {tolerance_words(tolerance, unit)}"  # type: ignore[arg-type]
    return Counter(metric_id, name, tolerance, said)


def meant_counter(page: Page, text: str) -> Counter | None:
    """The metric a typed name means (the same, or the first that holds its words), and the worsening behind a comma
    that is tolerated. None for an empty text.

    Raises Problem for a name that no other metric has, and for what is no tolerance.
    """
    from kpitui.domain.guard import read_tolerance, take_tolerance

    exactly = any(fold(one[1]) == fold(text) for one in page.counters)
    name, tolerated = (text, "") if exactly else take_tolerance(text)
    found = _named_counter(page, name)
    if found is None:
        return None
    unit: Any = "percent" if found[0] in page.percents else "number"
    return guarded_by(page, *found, read_tolerance(tolerated, unit) if tolerated else None)


def _named_counter(page: Page, text: str) -> tuple[int, str] | None:
    from kpitui.domain.problem import Problem

    wanted = fold(text)
    if not wanted:
        return None
    same = [one for one in page.counters if fold(one[1]) == wanted]
    near = [one for one in page.counters if all(word in fold(one[1]) for word in wanted.split())]
    if not (same or near):
        raise Problem("No other metric has that name: type part of one.")
    return (same or near)[0]


def missing(page: Page, form: Form) -> list[str]:
    """What a KPI of this form still lacks, in words; with nothing missing it is live, else a draft."""
    return promotion.lacking(_fields(page, form, 0), page.owner)


def asked(page: Page, form: Form) -> list[str]:
    """What is advice and holds nothing back, in words: the doctor asks for it until it is there (K06, K07)."""
    unanswered = sum(1 for name in QUESTIONS if not form.answers.get(name, "").strip())
    found = [] if not unanswered else ["1 answer" if unanswered == 1 else f"{unanswered} answers"]
    if form.counter_id is None:
        found.append("counter metric")
    return found


def _fields(page: Page, form: Form, today: int) -> Any:
    """The KPI that the form describes, not stored."""
    from dataclasses import replace

    from kpitui.domain.model import Kpi

    values: dict[str, Any] = {"deadline": form.deadline}
    if form.target is not None:
        values = promotion.aim_fields(form.target, today, form.deadline)
    if form.baseline is not None:
        values.setdefault("baseline", form.baseline)
    kpi = Kpi(
        id=page.kpi_id or 0,
        metric_id=page.metric_id,
        scope_id=form.scope_id or page.slot.scope_id,
        goal_id=form.goal_id,
        owner=page.owner,
        start=today,
        objective=clean(form.objective).strip(),
        counter_id=form.counter_id,
        tolerance=form.tolerance,
        review=",".join(name for name in RHYTHMS if name in form.review),
        watch_band=form.watch_band,
    )
    values |= {f"answer_{name}": clean(form.answers.get(name, "")).strip() for name in QUESTIONS}
    return replace(kpi, **values)


def save(store: Store, page: Page, form: Form, today: int) -> Done:
    """Promotes, or keeps a draft while something is missing; on a KPI that is there it changes what differs.

    Raises Refused where the workspace refuses another KPI, and for what contradicts itself.
    """
    from dataclasses import replace

    from kpitui.domain.model import Kpi, Metric
    from kpitui.storage import definitions

    book = Book(store, today)
    metric = as_seen(store, Metric, page.metric_id)
    wanted = _fields(page, form, today)
    lacks = missing(page, form)
    before = as_seen(store, Kpi, page.kpi_id, page.kpi_rev) if page.kpi_id else None
    if before is not None:
        # A target that is judged already keeps its start, and its kind unless another one was typed.
        wanted = replace(wanted, id=before.id, start=before.start or today, owner=before.owner or metric.owner)
    begun = before is None or before.state == "draft"
    # A KPI that is live or paused stays so: only a draft becomes something.
    state = before.state if before is not None and not begun else "draft" if lacks else "live"
    if state == "live" and begun and form.swap is None:
        promotion.refuse_full(book, wanted.scope_id)
    if before is None and any(one.scope_id == wanted.scope_id for one in book.roles_of(metric.id)):
        raise Refused(f"{quote(metric.name)} is a KPI there already: put the cursor on that one.")
    promotion.refuse_contradiction(store, wanted)
    with store.write("kpi.promote", summary=f"{metric.name} became a KPI") as tx:
        if form.swap is not None:
            definitions.change(tx, as_seen(store, Kpi, form.swap), state="retired")
        if before is None:
            last = max((kpi.position for kpi in book.kpis.values()), default=0.0)
            made = definitions.add(tx, replace(wanted, state=state, position=last + 1))
        else:
            fields = [*WORDS, *(f"answer_{name}" for name in QUESTIONS)]
            if before.state != "live" or before.target is None:
                # What a live KPI is judged by already is changed by dated targets, which leave the past alone.
                fields += ["target_kind", "baseline", "target", "low", "high", "floor", "stretch", "window", "sustain",
                           "deadline", "start"]  # fmt: skip
            values = {name: getattr(wanted, name) for name in fields if getattr(wanted, name) != getattr(before, name)}
            made = definitions.change(tx, before, **values, state=state) if values or state != before.state else before
    swapped = ""
    if form.swap is not None:
        name = next((name for id, name in page.others if id == form.swap), "")
        swapped = f", {clean(name)} is a plain metric again"
    open_still = asked(page, form)
    still = f" · open: {', '.join(open_still)}" if open_still else ""
    said = f"{clean(metric.name)} {'is a KPI now, live' if begun else 'saved'}{swapped}{still}"
    if state == "draft":
        said = f"{clean(metric.name)} kept as a draft KPI{swapped}: {' and '.join(lacks)} missing"
    return Done(said, f"kpi:{made.id}", promotion.slots(Book(store, today), wanted.scope_id))
