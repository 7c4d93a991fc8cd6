"""Closing periods: from then on a correction there needs a reason, and is shown as a restatement."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, grain_of, iso, label, short_label, to_date
from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.storage import closings
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kpitui.domain.periods import Calendar
    from kpitui.services.log_words import Teller
    from kpitui.storage.closings import SpellRow
    from kpitui.storage.store import Store

LONGEST_REASON = 4000


class Closed(NamedTuple):
    """A period that is closed."""

    id: int
    label: str
    span: Span
    who: str
    day: int
    why: str
    restatements: int
    """Values that were changed in it since."""


class Restated(NamedTuple):
    """A value that was changed in a closed period. `at` is UTC, ISO 8601."""

    slug: str
    name: str
    label: str
    short: str
    span: Span
    was: float | None
    now: float | None
    was_text: str
    now_text: str
    who: str
    at: str
    day: int
    why: str
    """The reason, or the note of the value."""
    closed: str
    """The period that was closed."""


class Done(NamedTuple):
    """What was closed or opened again."""

    sentence: str
    label: str
    span: Span


def close(store: Store, period: str, why: str, today: int) -> Done:
    """Close a period (`oct`, `2026-Q3`, `2026-W40`). Raises Problem for what is no period or gives no reason, Refused
    for one that is not over, or closed already."""
    from kpitui.domain.closing import Closing
    from kpitui.storage import definitions

    name, span = named(store, period, today)
    reason = checked_reason(why, f"Closing {name}")
    if span.end > today:
        raise Refused(f"{name} is not over: it can be closed from {iso(span.end)} on.")
    with store.write("close", why=reason, summary=name) as tx:
        for one in definitions.all_of(store, Closing):
            if one.start <= span.start and span.end <= one.end:
                by = f"{clean(one.who)} closed it on {iso(one.day)} ({clean(one.why)})"
                raise Refused(f"{name} is closed already: {by}.")
        new = Closing(start=span.start, end=span.end, why=reason, who=store.who.name, day=today)
        definitions.add(tx, new)
    return Done(f"Closed {name}: a change there needs a reason now, and is shown", name, span)


def reopen(store: Store, period: str, why: str, today: int) -> Done:
    """Open a closed period again. Raises NotFound when it is not closed, Problem without a reason."""
    from kpitui.domain.closing import Closing
    from kpitui.storage import definitions

    name, span = named(store, period, today)
    reason = checked_reason(why, f"Opening {name} again")
    with store.write("reopen", why=reason, summary=name) as tx:
        found = [one for one in definitions.all_of(store, Closing) if (one.start, one.end) == span]
        if not found:
            said = ", ".join(one.label for one in closed(store, today)) or "none is"
            raise NotFound(f"{name} is not closed. Closed: {said}.")
        for one in found:
            definitions.archive(tx, one)
    return Done(f"Opened {name} again", name, span)


def close_or_reopen(store: Store, text: str, today: int, seen: Collection[Span] | None = None) -> Done:
    """`oct ; books closed` closes a period; one that is closed is opened again. `seen` are those that were closed when
    it was typed. Raises as both do, and Conflict where somebody closed or opened it since: two who close the books at
    once do not open them."""
    period, why = typed(text)
    name, span = named(store, period, today)
    by = next((one for one in closed(store, today) if one.span == span), None)
    if seen is not None and (by is not None) != (span in seen):
        did = f"{clean(by.who)} closed {name} meanwhile ({clean(by.why)})" if by else f"{name} was opened meanwhile"
        raise Conflict(f"{did}. NOT saved: look again.")
    return (reopen if by else close)(store, period, why, today)


def typed(text: str) -> tuple[str, str]:
    """Period and reason of a line. Raises Problem when one is missing."""
    period, _, why = text.partition(";")
    if not period.strip():
        raise Problem("Type the period and why: oct ; books closed")
    return period.strip(), checked_reason(why, f"A reason goes behind “;”: {period.strip()} ; books closed. It")


def preview(text: str) -> str:
    """What stands beside the line while it is typed."""
    period, why = typed(text)
    return f"{period}: a change there will need a reason ({why}); one that is closed is opened again"


def closed_words(found: Sequence[Closed]) -> str:
    """`closed: 2026-10, 2026-09`; empty when nothing is."""
    return f"closed: {', '.join(one.label for one in found[:6])}{' …' if len(found) > 6 else ''}" if found else ""


def checked_reason(why: str, what: str) -> str:
    """A reason for the log. Raises Problem when there is none, or too much of it."""
    reason = " ".join(clean(why).split())
    if not reason:
        raise Problem(f"{what} needs a reason: say why.")
    if len(reason) > LONGEST_REASON:
        raise Problem(f"This reason has {len(reason)} characters, {LONGEST_REASON} are the most: shorten it.")
    return reason


def named(store: Store, period: str, today: int) -> tuple[str, Span]:
    """The label and days of a period as typed; a date is its month."""
    from kpitui.domain.dates import read_period
    from kpitui.services.calendar import calendar_in

    calendar = calendar_in(store)
    grain, span = read_period(period, calendar, to_date(today), "month")
    return label(grain, span, calendar), span


def closed(store: Store, today: int, until: int | None = None) -> tuple[Closed, ...]:
    """The periods that are closed, the latest first; with `until` only those that were closed by that day."""
    from kpitui.services.calendar import calendar_in

    with store.snapshot():
        calendar = calendar_in(store)
        spells = [one for one in closings.spells(store) if one.until is None]
        spells = [one for one in spells if until is None or one.day <= until]
        found = [
            Closed(
                one.id,
                label_of(Span(one.start, one.end), calendar),
                Span(one.start, one.end),
                one.who,
                one.day,
                one.why,
                len(closings.restated(store, one)),
            )
            for one in spells
        ]
        return tuple(sorted(found, key=lambda one: (one.span.end, one.span.start), reverse=True))


def restatements(store: Store, today: int, item: str | None = None) -> tuple[Restated, ...]:
    """The values changed in periods that were closed then, newest first; of one metric or KPI when asked. Raises
    NotFound."""
    from kpitui.services.log_words import Teller

    with store.snapshot():
        metric_id = None
        if item is not None:
            from kpitui.services.book import Book
            from kpitui.services.detail import metric_named

            metric_id = metric_named(Book(store, today), item)[0].id
        teller = Teller(store, today)
        found: dict[tuple[int, int, int, int], Restated] = {}
        for spell in closings.spells(store):
            for row in closings.restated(store, spell, metric_id):
                found.setdefault((row.txn_id, row.metric_id, row.start, row.end), _told(teller, spell, row))
        return tuple(found[key] for key in sorted(found, reverse=True))


def label_of(span: Span, calendar: Calendar) -> str:
    grain = grain_of(span, calendar)
    return label(grain, span, calendar) if grain else f"{iso(span.start)}/{iso(span.end)}"


def _told(teller: Teller, spell: SpellRow, row: closings.RestatedRow) -> Restated:
    metric, span = teller.metrics[row.metric_id], Span(row.start, row.end)
    full = label_of(span, teller.calendar)
    grain = grain_of(span, teller.calendar)
    return Restated(
        slug=metric.slug,
        name=metric.name,
        label=full,
        short=short_label(grain, span, teller.calendar, teller.today) if grain else full,
        span=span,
        was=row.was,
        now=row.now,
        was_text=teller.value(row.metric_id, row.was) or "empty",
        now_text=teller.value(row.metric_id, row.now) or "empty",
        who=row.who,
        at=row.at,
        day=teller.when(row.at)[0],
        why=row.why or row.note or "",
        closed=label_of(Span(spell.start, spell.end), teller.calendar),
    )
