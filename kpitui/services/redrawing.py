"""Drawing the limits of a metric anew from a day on, locking them, and letting go: by a person, with a reason.

Nothing here is done by itself: a shift is proposed where it shows (`phases.charted`), and answered or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kpitui.domain.period_words import read_period
from kpitui.domain.periods import Span, span_of, to_date
from kpitui.domain.problem import Problem
from kpitui.domain.quoting import quote
from kpitui.domain.signals import FIRM, PROVISIONAL
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

Seen: TypeAlias = "tuple[tuple[int, int], ...]"
"""Number and revision of each phase that limits were drawn or locked for."""
EXAMPLE = "from W41 ; new landing page"
VERBS = ("from", "lock", "unlock", "join")


class Typed(NamedTuple):
    """What to do with the limits: `from` a day a new phase, `lock` or `unlock` the current one, `join` it to the one
    before. `day` is the first of the period that was named, None where none was."""

    verb: str
    day: int | None
    why: str


class Redrawn(NamedTuple):
    sentence: str


def read_typed(text: str, cal: Calendar, today: int, cadence: str) -> Typed:
    """`from W41 ; why`, `lock`, `lock W47`, `unlock`, `join ; why`. Raises Problem with what to type instead."""
    words, _, why = clean(text).partition(";")
    verb, _, period = " ".join(words.split()).partition(" ")
    verb = verb.casefold()
    if verb not in VERBS:
        raise Problem(f"Type from PERIOD ; why, or lock, unlock or join: {EXAMPLE}.")
    why = " ".join(why.split())
    if len(why) > 4000:
        raise Problem(f"The reason has {len(why)} characters, 4000 are the most: shorten it.")
    if verb == "from" and not period:
        raise Problem(f"From which period on are limits drawn anew? Type it: {EXAMPLE}.")
    if verb in ("unlock", "join") and period:
        raise Problem(f"{verb} takes no period: it is about the current phase.")
    if verb in ("from", "join") and not why:
        raise Problem(f"Limits are drawn anew for a reason; type it behind “;”: {EXAMPLE}.")
    span = read_period(period, cal, to_date(today), cadence)[1] if period else None
    return Typed(verb, None if span is None else span.start if verb == "from" else span.end - 1, why)


def preview(typed: Typed) -> str:
    """What will be done, before it is done."""
    return {
        "from": "limits made of the values from there on; those before keep theirs",
        "lock": "the limits stay as they are made now, whatever comes",
        "unlock": "the limits are made of all values of the phase again",
        "join": "the current phase ends, the limits before it count again",
    }[typed.verb]


def redraw(
    store: Store, item: str, typed: Typed, today: int, *, last: int | None = None, seen: Seen | None = None
) -> Redrawn:
    """Do it, for a metric by its slug. Raises NotFound, Refused for what cannot be, Conflict where the limits are not
    as they were `seen` (`limits_seen`) when it was typed.

    `last` is how many periods make the limits that are looked at where no phase was drawn, for those to be locked; all
    without it.
    """
    if seen is not None:
        what = {"from": "split"}.get(typed.verb, typed.verb)
        with store.write(f"limits.{what}", why=typed.why):
            _as_seen(store, item, seen, today)
            return redraw(store, item, typed, today, last=last)
    if typed.verb == "lock":
        return lock(store, item, typed.day, typed.why, today, last=last)
    act = {"from": split, "unlock": unlock, "join": join}[typed.verb]
    return act(store, item, typed.day, typed.why, today)


def limits_seen(book: Book, metric_id: int) -> Seen:
    """What tells the limits of a metric as they stand from any other state."""
    return tuple((row.id, row.rev) for row in book.phases.get(metric_id, ()))


def _as_seen(store: Store, item: str, seen: Seen, today: int) -> None:
    """Raises Conflict, with who and when and what stands now, where somebody drew, locked or let go since."""
    from kpitui.errors import Conflict
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named
    from kpitui.services.revisions import who_changed_last

    book = Book(store, today)
    metric, _ = metric_named(book, item)
    now = limits_seen(book, metric.id)
    if now == seen:
        return
    changed = {id for id, _ in set(now) ^ set(seen)}
    by = who_changed_last(store, [("phase", id) for id in sorted(changed)])
    row = next(iter(book.phases.get(metric.id, ())[-1:]), None)
    stands = "they move with new values"
    if row is not None:
        at = row.start if row.locked is None else row.locked - 1
        label = book.period_label(metric.cadence, span_of(metric.cadence, at, book.calendar))
        stands = f"drawn from {label} on" if row.locked is None else f"locked at {label}"
        stands += f" ({clean(row.why)})" if row.who else " by a signed review"
    raise Conflict(f"{by} changed the limits of {metric.name}: now {stands}. NOT saved: look again.")


def split(store: Store, item: str, day: int | None, why: str, today: int) -> Redrawn:
    """Limits of its own from the period that holds `day` on."""
    from kpitui.domain.phase import Phase
    from kpitui.errors import Refused
    from kpitui.storage import definitions

    with store.write("limits.split", why=why) as tx:
        book, metric, spans, values = _looked_up(store, item, today)
        assert day is not None
        start = span_of(metric.cadence, day, book.calendar).start
        label = book.period_label(metric.cadence, span_of(metric.cadence, day, book.calendar))
        if not spans[0].start < start < spans[-1].end:
            first, last = (book.period_label(metric.cadence, span) for span in (spans[0], spans[-1]))
            raise Refused(
                f"A phase begins behind the first value and not behind the last: {metric.name} has values for {first} "
                f"to {last}, and {quote(label)} is not between them. Nothing was changed."
            )
        drawn = book.phases.get(metric.id, ())
        if any(row.start == start and row.who for row in drawn):
            raise Refused(f"Limits of {metric.name} are drawn from {label} on already. Nothing was changed.")
        for row in drawn:
            if not row.who and row.start >= start:
                # Locked to what is now the inside of a phase.
                definitions.archive(tx, definitions.get(store, Phase, row.id))
        definitions.add(tx, Phase(metric_id=metric.id, start=start, why=why, who=store.who.name, day=today))
        tx.summary = f"limits of {metric.name} from {label}"
        count = sum(1 for span, value in zip(spans, values, strict=True) if span.start >= start and value is not None)
    return Redrawn(f"Limits of {metric.name} are drawn anew from {label} on{_enough(count)}")


def lock(store: Store, item: str, day: int | None, why: str, today: int, *, last: int | None = None) -> Redrawn:
    """The limits of the current phase stay as its values up to `day` (the last whole period without it) make them.

    Where nobody drew one, of the `last` periods up to today; of all without it.
    """
    from kpitui.domain.phase import Phase
    from kpitui.errors import Refused
    from kpitui.storage import definitions

    with store.write("limits.lock", why=why) as tx:
        book, metric, spans, values = _looked_up(store, item, today)
        until = spans[-1] if day is None else span_of(metric.cadence, day, book.calendar)
        label = book.period_label(metric.cadence, until)
        drawn = book.phases.get(metric.id, ())
        begin = drawn[-1].start if drawn else spans[0].start
        if last is not None and not drawn:
            begin = max(
                begin,
                book.last_spans_of(metric.id, metric.cadence, last, today)[0].start,
            )
        count = sum(
            1 for span, value in zip(spans, values, strict=True) if begin < span.end <= until.end and value is not None
        )
        if count < PROVISIONAL:
            raise Refused(
                f"Limits need {PROVISIONAL} values, and up to {label} the current phase of {metric.name} has {count}. "
                "Nothing was changed: lock them at a later period."
            )
        if drawn:
            phase = definitions.get(store, Phase, drawn[-1].id)
            if phase.locked == until.end:
                raise Refused(f"The limits of {metric.name} are locked at {label} already. Nothing was changed.")
            own = {} if phase.who else {"why": why or f"locked by {store.who.name}", "day": today}
            definitions.change(tx, phase, locked=until.end, **own)
        else:
            definitions.add(
                tx,
                Phase(
                    metric_id=metric.id,
                    start=begin,
                    locked=until.end,
                    why=why or ("limits locked" if begin <= spans[0].start else f"locked by {store.who.name}"),
                    # Behind the first value no border is drawn with it.
                    who=store.who.name if begin <= spans[0].start else "",
                    day=today,
                ),
            )
        tx.summary = f"limits of {metric.name} locked at {label}"
    return Redrawn(f"Limits of {metric.name} are locked at {label}{_enough(count)}")


def unlock(store: Store, item: str, day: int | None, why: str, today: int) -> Redrawn:
    """The limits of the current phase are made of all its values again."""
    from kpitui.domain.phase import Phase
    from kpitui.errors import Refused
    from kpitui.storage import definitions

    with store.write("limits.unlock", why=why) as tx:
        book, metric, spans, _ = _looked_up(store, item, today)
        drawn = book.phases.get(metric.id, ())
        if not drawn or drawn[-1].locked is None:
            raise Refused(f"The limits of {metric.name} are not locked. Nothing was changed.")
        phase = definitions.get(store, Phase, drawn[-1].id)
        if phase.start <= spans[0].start or not phase.who:
            # It was there for the lock alone.
            definitions.archive(tx, phase)
        else:
            definitions.change(tx, phase, locked=None)
        tx.summary = f"limits of {metric.name} unlocked"
    if not phase.who:
        return Redrawn(f"Limits of {metric.name} move with new values again, until a review is signed")
    return Redrawn(f"Limits of {metric.name} are made of all values of the phase again")


def join(store: Store, item: str, day: int | None, why: str, today: int) -> Redrawn:
    """The current phase is taken back: its values belong to the one before again."""
    from kpitui.domain.phase import Phase
    from kpitui.errors import Refused
    from kpitui.storage import definitions

    with store.write("limits.join", why=why) as tx:
        book, metric, _, _ = _looked_up(store, item, today)
        drawn = book.phases.get(metric.id, ())
        if not drawn or not drawn[-1].who:
            raise Refused(f"{metric.name} has one phase only. Nothing was changed.")
        definitions.archive(tx, definitions.get(store, Phase, drawn[-1].id))
        label = book.period_label(metric.cadence, span_of(metric.cadence, drawn[-1].start, book.calendar))
        tx.summary = f"limits of {metric.name} from {label}"
    return Redrawn(f"The phase of {metric.name} from {label} on was taken back")


def _looked_up(store: Store, item: str, today: int) -> tuple[Book, MetricRow, tuple[Span, ...], list[float | None]]:
    """The metric, and its whole periods with their values. Raises NotFound, Refused where there are none."""
    from kpitui.errors import Refused
    from kpitui.services.book import Book
    from kpitui.services.detail import metric_named
    from kpitui.services.signals import whole_series

    book = Book(store, today)
    metric, _ = metric_named(book, item)
    spans, values = whole_series(book, metric, metric.cadence)
    if not spans:
        raise Refused(f"{metric.name} has no whole period with a value yet: there are no limits to draw.")
    return book, metric, spans, values


def _enough(count: int) -> str:
    """What is still to be known of limits made of so many values."""
    if count < PROVISIONAL:
        return f"; they need {PROVISIONAL} values, {PROVISIONAL - count} to go"
    return f" ({count} values, provisional below {FIRM})" if count < FIRM else f" ({count} values)"
