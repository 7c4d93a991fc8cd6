"""What another calendar, or another cadence of a metric, changes in what is counted: said before it is done.

Values stand on their dates and are only counted into other periods, so the way back gives what was there before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import GRAINS, Calendar, boundaries, label, span_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpitui.services.book import Book
    from kpitui.services.model_plan import Plan
    from kpitui.storage.store import Store

AHEAD = 400
"""Days around today that two calendars are compared over."""


class Difference(NamedTuple):
    """What is counted otherwise."""

    grains: tuple[str, ...]
    """Whose periods are other ones."""
    metrics: int
    """Kept at one of these grains, or moved to another cadence; derived ones too."""
    kpis: int
    """Of these, live KPIs: judged by other periods."""
    coarser: int
    """Other metrics whose weeks, months, quarters or years are added up anew."""
    before: int
    after: int
    """Periods with a value, of the metrics above."""
    partial_before: int
    partial: int
    """Past periods that are there in part, or not for certain."""
    moved: str
    """`2026-W47 becomes 2026-W46, 1 day apart`."""

    @property
    def short(self) -> str:
        """What fits a question: `2026-W47 becomes 2026-W46, 1 day apart; no value is lost`; empty as `sentence`."""
        if not self.grains and not self.metrics:
            return ""
        if self.moved:
            return f"{self.moved}; no value is lost"
        partial = f", {self.partial:,} in part" if self.partial else ""
        return f"{self.before:,} periods with a value become {self.after:,}{partial}; no value is lost"

    @property
    def sentence(self) -> str:
        """All of it for people, without a full stop; empty where nothing differs."""
        if not self.grains and not self.metrics:
            return ""
        words = [self.moved] if self.moved else []
        if self.metrics:
            known = f"{self.before:,} periods with a value become {self.after:,}"
            partial = f", {self.partial:,} of them in part (now {self.partial_before:,})"
            touched = f"{self.metrics} metric{'s are' if self.metrics > 1 else ' is'} counted by other periods"
            judged = f", {self.kpis} KPI{'s' if self.kpis > 1 else ''} among them" if self.kpis else ""
            words.append(f"{touched}{judged}: {known}{partial}")
        elif self.grains:
            words.append("no metric is kept by these periods")
        if self.coarser:
            *some, last = (f"{grain}s" for grain in self.grains)
            named = f"{', '.join(some)} and {last}" if some else last
            words.append(f"{self.coarser} kept by shorter ones are added up to other {named}")
        return f"{'; '.join(words)}. No value is lost: the way back gives what is there now"


def difference(
    store: Store, today: int, calendar: Calendar | None = None, cadences: Mapping[int, str] | None = None
) -> Difference:
    """What another calendar, and other cadences by metric id, would change; nothing is written."""
    from kpitui.services.book import Book

    with store.snapshot():
        now = Book(store, today)
        new = calendar or now.calendar
        then = Book(store, today, calendar=new)
        for metric_id, cadence in (cadences or {}).items():
            row = then.metrics[metric_id]._replace(cadence=cadence)
            then.metrics[metric_id] = row
            then.measures[metric_id] = then.measures[metric_id]._replace(cadence=cadence)
        grains = tuple(grain for grain in GRAINS[1:] if differs(grain, today, now.calendar, new))
        touched = [
            key for key, row in now.metrics.items() if row.cadence in grains or then.metrics[key].cadence != row.cadence
        ]
        coarsest = max((GRAINS.index(grain) for grain in grains), default=0)
        rest = [row for key, row in now.metrics.items() if key not in touched]
        before, partial_before = counted(now, touched)
        after, partial = counted(then, touched)
        return Difference(
            grains,
            len(touched),
            sum(1 for kpi in now.kpis.values() if kpi.metric_id in touched and kpi.state == "live"),
            sum(1 for row in rest if GRAINS.index(row.cadence) < coarsest),
            before,
            after,
            partial_before,
            partial,
            moved(grains, today, now.calendar, new),
        )


def recut(store: Store, today: int, metric_id: int, cadence: str) -> Difference | None:
    """What another cadence of a metric changes; None where it is the same, or there is no value to count."""
    with store.snapshot():
        found = difference(store, today, cadences={metric_id: cadence})
    return found if found.metrics and (found.before or found.after) else None


def of_plan(store: Store, today: int, wanted: Plan) -> Difference | None:
    """What a model file changes in what is counted: another calendar, other cadences; None where it changes nothing."""
    from dataclasses import asdict

    from kpitui.domain.days_of_calendar import Period
    from kpitui.domain.period_table import Listed
    from kpitui.services.calendar import calendar_of
    from kpitui.storage import definitions, settings

    periods = {one.id: one for one in definitions.all_of(store, Period)}
    cadences = {}
    for step in wanted.steps:
        if step.table == "period":
            if step.what == "archive":
                periods.pop(step.before.id, None)
            else:
                periods[step.after.id] = step.after
        elif step.table == "metric" and step.what == "change" and step.before.cadence != step.after.cadence:
            cadences[step.before.id] = step.after.cadence
    values = {name: settings.text(given) for name, given in asdict(wanted.workspace).items()}
    listed = [Listed(one.grain, one.start, one.end, one.name) for one in periods.values()]
    found = difference(store, today, calendar_of(values, listed), cadences)
    return found if found.grains or found.before or found.after else None


def differs(grain: str, today: int, old: Calendar, new: Calendar) -> bool:
    """Whether periods of a grain are cut or called otherwise, looked at a year back and ahead."""
    day, last = today - AHEAD, today + AHEAD
    while day <= last:
        span = span_of(grain, day, old)
        if span != span_of(grain, day, new) or label(grain, span, old) != label(grain, span, new):
            return True
        day = span.end
    return False


def moved(grains: tuple[str, ...], today: int, old: Calendar, new: Calendar) -> str:
    """What the present period of the shortest such grain becomes; empty without one."""
    if not grains:
        return ""
    before, after = span_of(grains[0], today, old), span_of(grains[0], today, new)
    text = f"{label(grains[0], before, old)} becomes {label(grains[0], after, new)}"
    apart = abs(after.start - before.start)
    return f"{text}, {apart} day{'' if apart == 1 else 's'} apart" if apart else text


def counted(book: Book, metrics: list[int]) -> tuple[int, int]:
    """Periods with a value since the first one, and past ones that are there in part."""
    from kpitui.storage import points

    known = partial = 0
    for key in metrics:
        cadence = book.metrics[key].cadence
        first = points.first_start(book.store, sorted(book.needs([key])))
        if first is None or first > book.today:
            continue
        spans = book.spans_of(key, cadence, boundaries(cadence, first, book.calendar))
        for cell in book.cells(key, cadence, spans):
            known += cell.value is not None
            partial += cell.span.end <= book.today and cell.present > 0 and (cell.value is None or not cell.whole)
        book.forget(key)
    return known, partial
