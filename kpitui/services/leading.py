"""Which metrics have moved before which KPIs, which drivers show no link, and which metrics only climb (§5.4, §5.5).

All metrics of a scope, of those above and below it, are tried against each KPI of the scope, and the findings are
thinned out for how many pairs were tried: of those left, one in twenty is there by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.leading import ENOUGH, LAGS, Innovations, Link, discoveries, innovations, link
from kpitui.domain.periods import GRAINS
from kpitui.domain.season import length_of
from kpitui.domain.vanity import FLAT, Vanity, vanity
from kpitui.services.book import DAYS
from kpitui.services.kept_by_metric import kept
from kpitui.services.outlooks import whole_values

if TYPE_CHECKING:
    from kpitui.domain.workdays import Workdays
    from kpitui.services.book import Book
    from kpitui.services.kept_by_metric import Kept
    from kpitui.storage.reading import MetricRow, ScopeRow
    from kpitui.storage.store import Store

QUICK = 1500
"""Pairs of a scope that are tried while somebody waits for a screen."""
YEAR = 365
VANITY_OVER = {"day": 91, "week": 52, "month": 36, "quarter": 32, "year": 30}
"""Periods over which a metric's climb is held against an outcome."""


class Pair(NamedTuple):
    """A metric tried against an outcome."""

    metric: MetricRow
    outcome: MetricRow
    grain: str
    """The coarser cadence of the two: periods and lags are of this one."""
    link: Link | None
    """None where the values do not suffice."""
    found: bool
    """Shown to have moved before the outcome."""
    why: str
    """Why nothing can be said, or what speaks against it; empty where it is found."""

    @property
    def size(self) -> float:
        """Of the correlation where they go together most."""
        return 0.0 if self.link is None else abs(self.link.r)


class Tried(NamedTuple):
    """All pairs of a scope's KPIs."""

    scope: ScopeRow
    pairs: tuple[Pair, ...]

    @property
    def found(self) -> tuple[Pair, ...]:
        """Those shown, the strongest first."""
        return tuple(sorted((pair for pair in self.pairs if pair.found), key=lambda pair: -pair.size))

    @property
    def told(self) -> int:
        """How many pairs had values enough to be tried."""
        return sum(1 for pair in self.pairs if pair.link is not None)


class Dead(NamedTuple):
    """A driver that is written down, and whose link to what it feeds does not show over a year and more."""

    pair: Pair
    n: int
    """Periods over which it was looked for."""

    @property
    def sentence(self) -> str:
        """`CAC feeds MRR, and no link has shown over 110 weeks`."""
        pair = self.pair
        return f"{pair.metric.name} feeds {pair.outcome.name}, and no link has shown over {self.n} {pair.grain}s"


class Leading(NamedTuple):
    """What `kpitui leading` tells."""

    item: MetricRow | None
    tried: tuple[Tried, ...]
    """With an item: only its pairs."""
    dead: tuple[Dead, ...]
    too_many: int = 0
    """Pairs that were left untried because somebody waits."""
    vanity: tuple[tuple[MetricRow, Vanity], ...] = ()
    """With an item that is no KPI: the test against each KPI it feeds, or its scope has."""


def leading(store: Store, today: int, item: str = "", scope: str | None = None) -> Leading:
    """All pairs of a workspace, of a scope, or of one metric or KPI (`slug`, `slug@scope`). Raises NotFound."""
    from kpitui.services.book import book_of
    from kpitui.services.detail import metric_named
    from kpitui.services.overview import scope_named

    with store.snapshot():
        book = book_of(store, today)
        metric = metric_named(book, item)[0] if item else None
        only = scope_named(book, scope)
        families = [tried(book, one) for one in scopes_of(book) if only in (None, one)]
        if metric is not None:
            families = [one for one in (about(family, metric) for family in families) if one.pairs]
        held = against_outcomes(book, metric) if metric is not None and not book.roles_of(metric.id) else ()
        return Leading(metric, tuple(families), dead_levers(book, metric, only), vanity=held)


def beside(store: Store, today: int, metric_id: int) -> Leading:
    """What Detail shows of a metric; nothing is tried where there are too many pairs for somebody who waits."""
    from kpitui.services.book import book_of

    with store.snapshot():
        book = book_of(store, today)
        metric = book.metrics[metric_id]
        scopes = [one for one in scopes_of(book) if any(metric in pair for pair in pairs_of(book, one))]
        count = sum(len(list(pairs_of(book, one))) for one in scopes)
        if count > QUICK:
            return Leading(metric, (), (), count)
        families = (about(tried(book, one), metric) for one in scopes)
        return Leading(metric, tuple(one for one in families if one.pairs), dead_levers(book, metric))


def about(family: Tried, metric: MetricRow) -> Tried:
    return Tried(family.scope, tuple(pair for pair in family.pairs if metric.id in (pair.metric.id, pair.outcome.id)))


def scopes_of(book: Book) -> list[int]:
    """The scopes that have KPIs, in their own order."""
    return [key for key in book.scopes if book.kpis_of(key)]


def line_of(book: Book, scope_id: int) -> set[int]:
    """The scope, all below it and all above it."""
    found = book.beneath(scope_id)
    above = book.scopes[scope_id].parent_id
    while above is not None and above not in found and above in book.scopes:
        found.add(above)
        above = book.scopes[above].parent_id
    return found


def pairs_of(book: Book, scope_id: int) -> Iterator[tuple[MetricRow, MetricRow]]:
    """Metrics and the KPIs of a scope that they could lead; what one is worked out from the other is no lead."""
    line = line_of(book, scope_id)
    near = [metric for metric in book.metrics.values() if metric.scope_id in line]
    for outcome in {kpi.metric_id: book.metrics[kpi.metric_id] for kpi in book.kpis_of(scope_id)}.values():
        for metric in near:
            if metric.id != outcome.id and not related(book, metric, outcome):
                yield metric, outcome


def related(book: Book, one: MetricRow, other: MetricRow) -> bool:
    """Whether one is worked out from the other, or both from a third: they move together by arithmetic."""
    needs = _needs(book)
    return not needs[one.id].isdisjoint(needs[other.id])


def _needs(book: Book) -> dict[int, set[int]]:
    known: dict[int, set[int]] | None = book.memo.get("needs")
    if known is None:
        known = book.memo["needs"] = {key: book.needs([key]) for key in book.metrics}
    return known


def tried(book: Book, scope_id: int) -> Tried:
    """All pairs of a scope's KPIs, with those marked that still count when so many were tried."""
    memo = book.memo.setdefault("leading tried", {})
    if scope_id not in memo:
        seen = [(one, other, grain_of(one, other)) for one, other in pairs_of(book, scope_id)]
        links = [link_of(book, *each) for each in seen]
        told = [one for one in links if one is not None]
        counts = iter(discoveries([one.p for one in told]))
        pairs = []
        for (metric, outcome, grain), one in zip(seen, links, strict=True):
            counts_here = one is not None and next(counts)
            found = one is not None and counts_here and one.ahead
            why = "" if found else against(book, metric, outcome, grain, one)
            pairs.append(Pair(metric, outcome, grain, one, found, why))
        memo[scope_id] = Tried(book.scopes[scope_id], tuple(pairs))
    result: Tried = memo[scope_id]
    return result


def against(book: Book, metric: MetricRow, outcome: MetricRow, grain: str, one: Link | None) -> str:
    """What keeps a pair from being shown, without a full stop."""
    if one is None:
        days = days_of(book, metric, outcome)
        for side in (metric, outcome):
            known = sum(value is not None for _, value in whole_values(book, side, grain, days))
            if known < ENOUGH:
                return f"{side.name} has {known} whole {grain}s, {ENOUGH} are needed"
            if series(book, side, grain, days) is None:
                return f"{side.name} has gaps or does not vary: {ENOUGH} {grain}s in a row that do are needed"
        return f"fewer than {ENOUGH} {grain}s in which both are known in a row"
    if abs(one.r) <= one.bound:
        return "no more than chance"
    if one.lag == 0:
        return f"they move in the same {grain}"
    if not one.steady:
        return "the link turns round when the last quarter of the time is left out"
    if abs(one.reverse) >= abs(one.r):
        return f"{outcome.name} has moved before it at least as clearly"
    return "no more than chance among so many pairs"


def grain_of(one: MetricRow, other: MetricRow) -> str:
    """The longer of two cadences; one that is none, written by another program, counts as the shortest."""
    return max(one.cadence, other.cadence, key=lambda grain: GRAINS.index(grain) if grain in GRAINS else -1)


def days_of(book: Book, one: MetricRow, other: MetricRow) -> Workdays | None:
    """The days that two metrics are held against each other on: those on which both are expected."""
    return book.days_of(one.id) or book.days_of(other.id)


def series(book: Book, metric: MetricRow, grain: str, days: Workdays | None) -> Innovations | None:
    """What the metric's own past does not explain."""
    mine, key = _kept_of(book, metric), (grain, days)
    if key not in mine:
        values = [value for _, value in whole_values(book, metric, grain, days)]
        mine[key] = innovations(values, length_of(grain, book.calendar, days))
    found: Innovations | None = mine[key]
    return found


def link_of(book: Book, metric: MetricRow, outcome: MetricRow, grain: str) -> Link | None:
    days = days_of(book, metric, outcome)
    early, late = series(book, metric, grain, days), series(book, outcome, grain, days)
    if early is None or late is None:
        return None
    mine, key = _kept_of(book, metric), (outcome.id, grain)
    before = mine.get(key)
    # The outcome's own series may have been worked out anew since.
    if before is None or before[0] is not late:
        before = mine[key] = (late, link(early, late, LAGS[grain]))
    found: Link | None = before[1]
    return found


def _kept_of(book: Book, metric: MetricRow) -> Kept:
    return kept(book, "leading").setdefault(metric.id, {})


# ---- dead levers ---------------------------------------------------------------------------------------------------


def dead_levers(book: Book, item: MetricRow | None = None, scope_id: int | None = None) -> tuple[Dead, ...]:
    """Drivers whose link to what they feed stays within chance at every lag, over 36 periods and a year at least.

    With an item only its own; with a scope those whose outcome is a metric of it or below.
    """
    within = book.beneath(scope_id) if scope_id is not None else None
    found = []
    for edge in book.drivers:
        metric, outcome = book.metrics[edge.metric_id], book.metrics[edge.feeds_id]
        if item is not None and item.id not in (metric.id, outcome.id):
            continue
        if (within is not None and outcome.scope_id not in within) or related(book, metric, outcome):
            continue
        grain = grain_of(metric, outcome)
        one = link_of(book, metric, outcome, grain)
        if one is None or abs(one.r) > one.bound or one.n * DAYS[grain] < YEAR:
            continue
        pair = Pair(metric, outcome, grain, one, False, against(book, metric, outcome, grain, one))
        found.append(Dead(pair, one.n))
    return tuple(found)


# ---- vanity --------------------------------------------------------------------------------------------------------


def vanity_of(book: Book, metric: MetricRow, outcome: MetricRow) -> Vanity:
    """The test of a metric against an outcome, over the last periods of the coarser cadence of the two."""
    grain = grain_of(metric, outcome)
    mine, key = _kept_of(book, metric), ("vanity", outcome.id, grain)
    days = days_of(book, metric, outcome)
    other = [value for _, value in whole_values(book, outcome, grain, days)][-VANITY_OVER[grain] - 1 :]
    before = mine.get(key)
    flat = float(book.settings.get("flat_band", FLAT))
    if before is None or before[0] != (other, flat):
        own = [value for _, value in whole_values(book, metric, grain, days)][-VANITY_OVER[grain] - 1 :]
        before = mine[key] = ((other, flat), vanity(own, other, flat))
    found: Vanity = before[1]
    return found


def against_outcomes(book: Book, metric: MetricRow) -> tuple[tuple[MetricRow, Vanity], ...]:
    """The test of a metric against each KPI it could be kept for."""
    outcomes = (one for one in outcomes_of(book, metric) if not related(book, metric, one))
    return tuple((one, vanity_of(book, metric, one)) for one in outcomes)


def vanities(book: Book, metrics: Iterable[MetricRow] | None = None) -> dict[int, str]:
    """By metric that is shown to be vanity, the name of the KPI it climbs beside without moving it.

    A metric is held against the KPIs it feeds, however far above, and where it feeds none against those of its scope
    and the scopes above. It is no vanity when one of them moved with it, when it has moved before one, when it is a
    KPI itself or good when it falls.
    """
    roles = {kpi.metric_id for kpi in book.kpis.values()}
    found = {}
    for metric in book.metrics.values() if metrics is None else metrics:
        if metric.id in roles or metric.direction == "down":
            continue
        held = against_outcomes(book, metric)
        flat = [one for one, found_out in held if found_out.verdict == "vanity"]
        if flat and all(found_out.verdict != "moved" for _, found_out in held):
            links = [link_of(book, metric, one, grain_of(metric, one)) for one, _ in held]
            if not any(one is not None and one.ahead for one in links):
                found[metric.id] = flat[0].name
    return found


def outcomes_of(book: Book, metric: MetricRow) -> list[MetricRow]:
    """The KPIs a metric feeds, nearest first; where it feeds none, those of its scope and above."""
    roles: dict[int, set[int]] = {}
    for kpi in book.kpis.values():
        roles.setdefault(kpi.metric_id, set()).add(kpi.scope_id)
    reached, waiting = [], [metric.id]
    for key in waiting:
        for above in book.feeds(key):
            if above not in waiting:
                waiting.append(above)
                if above in roles:
                    reached.append(book.metrics[above])
    if reached:
        return reached
    line = {metric.scope_id}
    scope = book.scopes.get(metric.scope_id)
    while scope is not None and scope.parent_id is not None and scope.parent_id not in line:
        line.add(scope.parent_id)
        scope = book.scopes.get(scope.parent_id)
    return [book.metrics[key] for key, scopes in roles.items() if scopes & line]
