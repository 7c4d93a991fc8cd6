"""Corrections asked for by those who may not make them: proposed, then accepted or declined by whoever may."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, grain_of, iso, label, short_label
from kpitui.domain.roles import READER
from kpitui.domain.typed import Typed
from kpitui.errors import Conflict, NotAllowed, NotFound, Refused
from kpitui.services.closing import checked_reason
from kpitui.services.members import may_enter, role_of
from kpitui.storage import definitions, points, reading, recent
from kpitui.storage.head import head
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.member import Proposal
    from kpitui.storage.store import Store


NEWS = 7
"""Days for which an answer is news to whoever proposed."""


class Asking(NamedTuple):
    """A proposal. `now` is what stands, as `value_text` is what is asked for, in the metric's unit."""

    id: int
    metric_id: int
    slug: str
    name: str
    label: str
    short: str
    span: Span
    value: float
    value_text: str
    now: float | None
    now_text: str
    why: str
    who: str
    day: int
    state: str
    answer: str
    answered_by: str
    owner: str

    @property
    def sentence(self) -> str:
        """`bo proposes CAC W46 = $412 (now $401): an invoice came late`."""
        return f"{self.who} proposes {self.name} {self.short} = {self.value_text} (now {self.now_text}): {self.why}"

    @property
    def outcome(self) -> str:
        """`ana declined your CAC W46 = $412: it is of W47`, for whoever proposed it."""
        why = f": {self.answer}" if self.answer else ""
        return f"{self.answered_by} {self.state} your {self.name} {self.short} = {self.value_text}{why}"


class Done(NamedTuple):
    """What was proposed or answered; `id` is the proposal's number."""

    id: int
    sentence: str


def propose(
    store: Store,
    metric: str | int,
    period: Span,
    text: str | Typed,
    why: str,
    *,
    today: int,
    decimal: str | None = None,
) -> Done:
    """Ask for a value in place of the one that stands. Raises as `entry.record_value`, and Problem without a reason."""
    from kpitui.domain.member import Proposal
    from kpitui.services import entry
    from kpitui.services.asked import understand
    from kpitui.services.calendar import calendar_in
    from kpitui.storage import settings

    row = entry.metric_named(store, metric)
    values = settings.load(store)
    calendar = calendar_in(store, values)
    entry.check_period(row, period, today, calendar)
    cell = entry.asked_for(store, row, period, calendar, today, row.currency or values.get("currency", "USD"))
    typed = text if isinstance(text, Typed) else understand(cell, text, decimal=decimal, screen=False).typed
    if typed.value is None:
        raise Refused(f"Propose a number for {row.name}: none and an empty cell are for {row.owner or 'its owner'}.")
    reason = checked_reason(typed.note or why, "A proposal")
    stands = _standing(store, row.id, period)
    if stands is not None and stands.value == typed.value:
        raise Refused(f"{row.name} {cell.label} is {cell.show(typed.value)} already: there is nothing to propose.")
    with store.write("propose", why=reason, summary=f"{row.name} {cell.label} = {cell.show(typed.value)}") as tx:
        made = definitions.add(
            tx,
            Proposal(
                metric_id=row.id,
                start=period.start,
                end=period.end,
                seen=stands.rev if stands else 0,
                value=typed.value,
                entered=clean(typed.entered),
                why=reason,
                who=store.who.name,
                day=today,
            ),
        )
    to = " or ".join(sorted(_answering(store, row))) or "whoever may enter it"
    return Done(made.id, f"Proposed {row.name} {cell.label} = {cell.show(typed.value)} to {to} (number {made.id})")


def _answering(store: Store, row: reading.MetricRow) -> set[str]:
    """Those it belongs to who may enter its values. Without one, a proposal is for everybody who may."""
    return {name for name in (row.owner, row.updater) if name and role_of(store, name) != READER}


def accept(store: Store, number: int, why: str = "", *, today: int) -> Done:
    """Save the value that was proposed. Raises NotFound, Refused for one that was answered, NotAllowed, and Conflict
    when the value was changed since it was proposed."""
    from kpitui.services.entry import record_value

    one = _open(store, number)
    reason = f"proposed by {clean(one.who)}: {clean(one.why)}" + (f"; {clean(why).strip()}" if why.strip() else "")
    typed = Typed(one.value, "value", one.entered)
    with store.write("proposal.accept", why=reason) as tx:
        one = _open(store, number)
        rev = _rev_to_replace(store, one, today)
        saved = record_value(
            store, one.metric_id, Span(one.start, one.end), typed, today=today, if_rev=rev, judged=False
        )
        said = f"{saved.name} {saved.period_label}"
        tx.summary = f"{said}, proposed by {one.who}"
        definitions.change(tx, one, state="accepted", answer=clean(why).strip(), answered_by=store.who.name)
    return Done(number, f"Accepted what {clean(one.who)} proposed · {saved.sentence}")


def _rev_to_replace(store: Store, one: Proposal, today: int) -> int:
    """The revision that stands, 0 for none. Raises Conflict where it says something else than what stood when it was
    proposed; what was changed since and taken back is as it was."""
    from kpitui.services.revisions import who_saved

    known = [row for row in points.history(store, one.metric_id, one.start) if row.end == one.end]
    now = next((row for row in known if row.current), None)
    then = next((row for row in known if row.rev == one.seen), None)
    stands, stood = ((row.state, row.value) if row and row.state != points.CLEARED else None for row in (now, then))
    if stands != stood:
        (told,) = _told(store, today, [one])
        who = who_saved(store, one.metric_id, told.span)
        by = f", saved by {who[0]} at {who[1]}," if who else ""
        raise Conflict(
            f"{told.name} {told.short} is {told.now_text} now{by} and was something else when {clean(one.who)} "
            f"proposed {told.value_text}. NOT saved: decline that, or enter the value yourself."
        )
    return now.rev if now else 0


def decline(store: Store, number: int, why: str = "", *, today: int) -> Done:
    """Leave the value as it is. Whoever proposed may take it back like that, too. Raises as `accept`."""
    with store.write("proposal.decline", why=clean(why).strip()) as tx:
        one = _open(store, number)
        row = _metric(store, one.metric_id)
        mine = one.who == store.who.name
        if not mine and not may_enter(store, row):
            owner = row.owner or row.updater or "an editor"
            raise NotAllowed(f"The values of {row.name} are not yours to decide on. NOT saved: ask {owner}.")
        tx.summary = f"{row.name} {iso(one.start)}, proposed by {one.who}"
        definitions.change(tx, one, state="declined", answer=clean(why).strip(), answered_by=store.who.name)
    verb = "Took back" if mine else "Declined"
    return Done(number, f"{verb} the proposal {number}: {row.name} stays as it is")


def proposals(store: Store, today: int, *, every: bool = False, until: int | None = None) -> tuple[Asking, ...]:
    """The open ones, or all of them, newest first; with `until` only those made by that day."""
    from kpitui.domain.member import Proposal

    with store.snapshot():
        found = definitions.all_of(store, Proposal) if every else definitions.all_of(store, Proposal, state="open")
        return _told(store, today, [one for one in found if until is None or one.day <= until])


def for_me(store: Store, today: int) -> tuple[Asking, ...]:
    """The open ones that this account is asked to answer: of its own metrics, or of nobody's where it may."""
    from kpitui.domain.member import Proposal

    found = definitions.all_of(store, Proposal, state="open")
    if not found:
        return ()
    mine = []
    for one in found:
        row = _metric(store, one.metric_id)
        owners = _answering(store, row)
        if may_enter(store, row) and (not owners or store.who.name in owners) and one.who != store.who.name:
            mine.append(one)
    return _told(store, today, mine)


def answered(store: Store, today: int, *, after: int = 0) -> tuple[Asking, ...]:
    """What became of this account's own proposals in the last days, or since the transaction numbered `after`: those
    that others have accepted or declined, newest first."""
    from kpitui.domain.member import Proposal

    known = recent.answered(store, store.who.name, after, f"{iso(today - NEWS)}T")
    found = {number: place for place, number in enumerate(known)}
    told = _told(store, today, [definitions.get(store, Proposal, number) for number in known])
    return tuple(sorted(told, key=lambda one: found[one.id]))


def answered_since(store: Store, today: int, seen: int | None) -> tuple[int, tuple[str, ...]]:
    """What to ask with the next time (None at first), and the sentences about one's own proposals that others have
    answered since."""
    newest = (head(store) or (0, b""))[0]
    return newest, tuple(one.outcome for one in answered(store, today, after=seen)) if seen is not None else ()


def _told(store: Store, today: int, found: list[Proposal]) -> tuple[Asking, ...]:
    from kpitui.services.log_words import Teller

    if not found:
        return ()
    teller = Teller(store, today)
    out = []
    for one in sorted(found, key=lambda one: one.id, reverse=True):
        row, span = teller.metrics[one.metric_id], Span(one.start, one.end)
        grain = grain_of(span, teller.calendar) or "day"
        stands = _standing(store, one.metric_id, span)
        now = stands.value if stands else None
        out.append(
            Asking(
                id=one.id,
                metric_id=one.metric_id,
                slug=row.slug,
                name=row.name,
                label=label(grain, span, teller.calendar),
                short=short_label(grain, span, teller.calendar, today),
                span=span,
                value=one.value,
                value_text=teller.value(one.metric_id, one.value),
                now=now,
                now_text=teller.value(one.metric_id, now) or "empty",
                why=one.why,
                who=one.who,
                day=one.day,
                state=one.state,
                answer=one.answer,
                answered_by=one.answered_by,
                owner=row.owner or row.updater,
            )
        )
    return tuple(out)


def _open(store: Store, number: int) -> Proposal:
    from kpitui.domain.member import Proposal

    found = definitions.find(store, Proposal, id=number)
    gone = definitions.find(store, Proposal, id=number, archived=True) if found is None else None
    if gone is not None:
        raise Refused(f"Proposal {number} was taken back by {clean(gone.who)}.")
    if found is None:
        raise NotFound(f"There is no proposal {number}: kpitui proposals lists them.")
    if found.state != "open":
        raise Refused(f"Proposal {number} was {found.state} by {clean(found.answered_by)} already.")
    return found


def _metric(store: Store, metric_id: int) -> reading.MetricRow:
    found = reading.metric_numbered(store, metric_id)
    assert found is not None, "a proposal is of a metric, which is never deleted"
    return found


def _standing(store: Store, metric_id: int, period: Span) -> points.PointRow | None:
    found = points.between(store, metric_id, period.start, period.start + 1)
    return next((row for row in found if row.end == period.end), None)
