"""The tree of drivers walked both ways: from a goal down to what each driver must reach, from drivers up to the goal.

Nothing is saved: what is supposed lives with who supposes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kpitui.domain.credible import Credible, credible
from kpitui.domain.drivers import Solved, elasticity, solve
from kpitui.domain.expected import after, before
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Calendar, Span, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.supposing import Link, Supposed, held_beside, reach
from kpitui.errors import NotFound, Refused
from kpitui.services.book import Book, book_of
from kpitui.services.links import links_around
from kpitui.services.wanted import Wanted as Wanted
from kpitui.services.wanted import down, wanted_of

if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays
    from kpitui.services import targets
    from kpitui.services.naming import Done
    from kpitui.storage.reading import GoalRow, KpiRow
    from kpitui.storage.reading import MetricRow as MetricRow
    from kpitui.storage.store import Store

LOOKED_AT = 52
"""Past periods a needed value is held against."""


class Driver(NamedTuple):
    """One metric that the result is made of, at whatever depth."""

    metric: MetricRow
    currency: str
    depth: int
    into: str
    """Name of what it goes into."""
    value: float | None
    """As it stands in the period."""
    would_be: float | None
    """With what is supposed."""
    supposed: bool
    elasticity: float | None
    """Percent that the result moves for one percent of this one."""
    needed: Solved | None
    """What it must be for the result to be what is wanted, all else held; None where nothing is wanted."""
    seen: Credible | None
    """That value beside its own past; None where what is wanted is there as it is."""


class Above(NamedTuple):
    """A metric that is worked out from the one looked at, or a supposed one, with what it would become."""

    metric: MetricRow
    currency: str
    value: float | None
    would_be: float | None
    wanted: Wanted | None


class WhatIf(NamedTuple):
    """A metric in one period: as it is, as it would be, and what each driver must reach."""

    title: str
    metric: MetricRow
    kpi_id: int | None
    currency: str
    calendar: Calendar
    work: Workdays | None
    """The days it is expected on; None for every one."""
    grain: str
    span: Span
    label: str
    partial: bool
    value: float | None
    why: str
    """Why there is no value; empty when there is one."""
    would_be: float | None
    wanted: Wanted | None
    no_target: str
    """Why nothing is wanted, where nothing is."""
    made: str
    """`formula`, `ratio`, `rate`, `price`, `sum`; empty where it is entered and made of nothing."""
    drivers: tuple[Driver, ...]
    above: tuple[Above, ...]
    unknown: tuple[tuple[str, str], ...]
    """Edges of the tree that no rule works out: (driver, what it feeds)."""
    without_effect: tuple[str, ...]
    """Names of what was supposed and does not reach the metric."""

    @property
    def change(self) -> float | None:
        return None if self.value is None or self.would_be is None else self.would_be - self.value


def beside(view: WhatIf, by: int) -> Span:
    """The period before (`by` -1) or after (1) the one looked at, of those that a value is expected in."""
    step = before if by < 0 else after
    return step(view.grain, view.span, view.calendar, view.work)


def whatif(
    store: Store,
    today: int,
    item: str,
    changes: Sequence[str] = (),
    *,
    target: str = "",
    on: str = "",
) -> tuple[WhatIf, dict[int, float]]:
    """`item` is a goal, a metric or a KPI (`slug@scope`); `changes` are typed as `visits=12k`, `conversion=+10%`.

    Gives what would be, and what was supposed, by metric. Raises NotFound for a name that is none, Problem for a change
    or target that cannot be read.
    """
    with store.snapshot():
        book = book_of(store, today)
        metric, kpi, goal = _item(book, item)
        grain, span = _period(book, metric, on)
        values: dict[int, float] = {}
        for text in changes:
            key, value = read_change(book, text, grain, span)
            if key in values:
                raise Problem(f"{book.metrics[key].name} is changed twice: leave one of them out.")
            values[key] = value
        wanted = None
        if target:
            base = book.cells(metric.id, grain, (span,))[0].value
            # What is asked for as a step reads as one: a small step from a large figure cannot be seen in it.
            asked = f"as asked ({target.strip()})" if target.strip()[0] in "+-" else "as asked"
            wanted = Wanted(*_wanted_typed(book, metric, target, base), asked)
        return of(book, metric, kpi, goal, grain, span, values, wanted), values


def page(
    store: Store,
    today: int,
    metric_id: int,
    kpi_id: int | None,
    goal_id: int | None,
    changes: tuple[tuple[int, float], ...] = (),
    target: float | None = None,
    on: tuple[str, Span] | None = None,
) -> WhatIf:
    """The same for what is known by number, with what is supposed by metric. Raises NotFound when it was put away."""
    with store.snapshot():
        book = book_of(store, today)
        metric = book.metrics.get(metric_id)
        if metric is None:
            raise NotFound("The metric was put away meanwhile: u or the log brings it back.")
        grain, span = on or _period(book, metric, "")
        wanted = None
        if target is not None:
            base = book.cells(metric.id, grain, (span,))[0].value
            wanted = Wanted(target, down(metric, target, base), "as asked")
        kpi, goal = book.kpis.get(kpi_id or 0), book.goals.get(goal_id or 0)
        known = {key: value for key, value in changes if key in book.metrics}
        return of(book, metric, kpi, goal, grain, span, known, wanted)


def of(
    book: Book,
    metric: MetricRow,
    kpi: KpiRow | None,
    goal: GoalRow | None,
    grain: str,
    span: Span,
    values: Mapping[int, float],
    wanted: Wanted | None = None,
) -> WhatIf:
    """A metric in a period with values supposed. Inside the caller's snapshot."""
    links = links_around(book, metric.id, grain, span)
    cell = book.cells(metric.id, grain, (span,))[0]
    reason = ""
    if wanted is None:
        wanted, reason = wanted_of(book, metric, kpi, goal, grain)
    below = reach(links, metric.id)
    moved = _Moved(book, grain, span, links)
    would_be = moved.value(metric.id, values)
    moved.met = wanted is not None and wanted.met(would_be) is True
    drivers = tuple(
        _driver(book, moved, metric, key, into, depth, values, wanted, would_be is not None)
        for key, into, depth in below
    )
    inside = {key for key, _, _ in below} | {metric.id}
    above = tuple(one for one in _above(book, moved, links, metric.id, values, grain) if one.metric.id not in inside)
    reached = inside | {one.metric.id for one in above}
    edges = [(edge.metric_id, edge.feeds_id) for edge in book.drivers if edge.feeds_id in inside]
    return WhatIf(
        title=goal.title if goal else metric.name,
        metric=metric,
        kpi_id=kpi.id if kpi else None,
        currency=book.currency_of(metric),
        calendar=book.calendar,
        work=book.days_of(metric.id),
        grain=grain,
        span=span,
        label=book.period_label(grain, span),
        partial=cell.value is not None and not cell.whole,
        value=cell.value,
        why="" if cell.value is not None else cell.why or f"{metric.name} has no value for that period",
        would_be=would_be,
        wanted=wanted,
        no_target=reason,
        made=links[metric.id].kind if metric.id in links else "",
        drivers=drivers,
        above=above,
        unknown=tuple(
            (book.metrics[one].name, book.metrics[into].name)
            for one, into in edges
            if one not in inside and not (into in links and one in links[into].parts)
        ),
        without_effect=tuple(book.metrics[key].name for key in values if key not in reached),
    )


class _Moved:
    """Values with something supposed. `met` says that what is wanted is there as it is."""

    def __init__(self, book: Book, grain: str, span: Span, links: Mapping[int, Link]) -> None:
        self.book, self.grain, self.span, self.links = book, grain, span, links
        self.met = False

    def value(self, metric_id: int, values: Mapping[int, float]) -> float | None:
        book = self.book
        workings = Supposed(
            book.workings, book.measures, book.points, self.grain, self.span, values, self.links
        )  # fmt: skip
        try:
            found = workings.value(metric_id)
        except (Problem, OverflowError):
            return None
        return found if found is None or math.isfinite(found) else None


def _driver(
    book: Book, moved: _Moved, metric: MetricRow, key: int, into: int, depth: int, values: Mapping[int, float],
    wanted: Wanted | None, known: bool,
) -> Driver:  # fmt: skip
    own = book.metrics[key]
    value = book.cells(key, moved.grain, (moved.span,))[0].value
    would_be = moved.value(key, values)

    def result(at: float) -> float | None:
        return moved.value(metric.id, {**values, key: at})

    strength = needed = seen = None
    if would_be is not None and known:
        strength = elasticity(result, would_be)
        if wanted is not None:
            needed = solve(result, would_be, wanted.value, low=own.hard_min, high=own.hard_max)
            if needed.value is not None and not moved.met:
                past = [cell.value for cell in book.last_cells(key, LOOKED_AT, moved.grain) if cell.whole]
                seen = credible(past, needed.value, down=needed.value < would_be)
    return Driver(
        own, book.currency_of(own), depth, book.metrics[into].name, value, would_be, key in values, strength, needed,
        seen,
    )  # fmt: skip


def _above(
    book: Book, moved: _Moved, links: Mapping[int, Link], metric_id: int, values: Mapping[int, float], grain: str
) -> tuple[Above, ...]:
    """What is worked out from the metric, the nearest first; not the rate that is held while it moves."""
    found: list[int] = []
    waiting = [metric_id]
    while waiting:
        one = waiting.pop(0)
        for key, link in links.items():
            held = held_beside(links, key) not in (None, metric_id)
            if one in link.parts and key not in found and key != metric_id and not held:
                found.append(key)
                waiting.append(key)
    rows = []
    for key in found:
        own = book.metrics[key]
        value = book.cells(key, moved.grain, (moved.span,))[0].value
        wanted, _ = wanted_of(book, own, None, None, grain)
        rows.append(Above(own, book.currency_of(own), value, moved.value(key, values), wanted))
    return tuple(rows)


# ---- keeping -------------------------------------------------------------------------------------------------------


def standing_target(store: Store, today: int, metric_id: int) -> targets.Standing:
    """The target that `as_target` would change. Raises as it does."""
    from kpitui.services.targets import standing

    metric, role = _judged_by(book_of(store, today), metric_id)
    return standing(store, metric.id, role.id if role else None, today)


def _judged_by(book: Book, metric_id: int) -> tuple[MetricRow, KpiRow | None]:
    metric = book.metrics.get(metric_id)
    if metric is None:
        raise NotFound("The metric was put away meanwhile: u or the log brings it back.")
    return metric, next((one for one in book.roles_of(metric_id) if one.state != "retired"), None)


def as_target(
    store: Store, today: int, metric_id: int, value: float, why: str, seen: targets.Standing | None = None
) -> Done:
    """Sets a value that was worked out as the driver's target from today: of its KPI, else its own threshold.

    Raises Refused for a KPI that is judged by another kind of target, NotFound when the metric was put away, Conflict
    when another target stands than was `seen`.
    """
    from kpitui.domain.line_target import TargetLine
    from kpitui.services.targets import set_target

    metric, role = _judged_by(book_of(store, today), metric_id)
    kind: Any = role.target_kind if role else "at_most" if metric.direction == "down" else "at_least"
    if kind in ("between", "milestone", "reach"):
        raise Refused(
            f"{quote(metric.name)} is judged by {'a total' if kind == 'reach' else 'a range or a milestone'}, and this "
            "is the value of one period: T sets its target."
        )
    line = TargetLine(kind, value, None, None, today, None, why)
    return set_target(store, metric_id, role.id if role else None, line, today, said_kind=False, seen=seen)


# ---- reading what was typed ----------------------------------------------------------------------------------------


def read_change(book: Book, text: str, grain: str, span: Span) -> tuple[int, float]:
    """`visits=12k`: the metric, and its value in the period; `+10%`, `+5` count from the one it has."""
    from kpitui.services.naming import everything, meant

    name, equals, said = text.partition("=")
    if not equals or not said.strip():
        raise Problem(f"“{quote(text)}” says no value: type METRIC=VALUE, like visits=12k or conversion=+10%.")
    metric = book.metrics[meant(everything(book, ("metric",)), name).id]
    return metric.id, read_value(book, metric, said, book.cells(metric.id, grain, (span,))[0].value)


def read_value(book: Book, metric: MetricRow, text: str, base: float | None) -> float:
    return typed_value(text, metric, book.currency_of(metric), base)


def typed_value(text: str, metric: MetricRow, currency: str, base: float | None) -> float:
    """A supposed value: a number as it is entered, or a step from `base`; a signed share is always one of `base`."""
    from kpitui.domain.typed import read_typed

    said = text.strip()
    share = said.endswith("%") and said[:1] in "+-−"
    negative = not share and (metric.hard_min is None or metric.hard_min < 0) and not (base is not None and base > 0)
    read = read_typed(said, unit=metric.unit, currency=currency, last=base, can_be_negative=negative)
    if read.value is None:
        raise Problem(f"“{quote(text)}” is no value: type a number, or a step like +10%.")
    for bound, word in ((metric.hard_min, "below"), (metric.hard_max, "above")):
        if bound is not None and (read.value - bound) * (1 if word == "above" else -1) > 0:
            raise Problem(f"{metric.name} can never be {word} {bound:g}: type another value.")
    return read.value


def _wanted_typed(book: Book, metric: MetricRow, text: str, base: float | None) -> tuple[float, bool]:
    value = read_value(book, metric, text, base)
    return value, down(metric, value, base)


def _item(book: Book, item: str) -> tuple[MetricRow, KpiRow | None, GoalRow | None]:
    from kpitui.services.detail import goal_named, metric_named

    goal = goal_named(book, item)
    if goal is not None and book.named(item) is None:
        metric = book.metrics.get(goal.metric_id or 0)
        if metric is None:
            raise Problem(f"No metric says how far “{quote(goal.title)}” is: tie one to it, with M in the tree.")
        return metric, None, goal
    metric, kpi = metric_named(book, item)
    return metric, kpi, None


def _period(book: Book, metric: MetricRow, on: str) -> tuple[str, Span]:
    """The period meant: the one typed, else the last whole one that has a value."""
    from kpitui.domain.period_words import read_period
    from kpitui.services.signals import whole_series

    if on:
        return read_period(on, book.calendar, to_date(book.today), metric.cadence)
    spans, values = whole_series(book, metric, metric.cadence)
    known = [span for span, value in zip(spans, values, strict=True) if value is not None]
    return metric.cadence, known[-1] if known else book.current(metric.cadence)
