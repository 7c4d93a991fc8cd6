"""Saving values: one, none on purpose, emptied, accepted, or many at once.

Two checks refuse (no number; outside the hard bounds), one marks (odd: `?` until accepted), one only speaks (unusual).
Light to import: `kpitui record` is this and the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import Span, grain_of, label, short_label, span_of
from kpitui.domain.typed import Typed
from kpitui.errors import Conflict, KpituiError, NeedsReason, NotAllowed, NotFound, ReadOnly, Refused, Replaced
from kpitui.services.asked import Asked, doubted, not_entered, understand
from kpitui.services.calendar import calendar_in, days_expected
from kpitui.services.reasons import ask_for_signed
from kpitui.storage import names, points, reading, settings
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpitui.domain.audit_checks import Doubt
    from kpitui.domain.model import Unit
    from kpitui.domain.periods import Calendar
    from kpitui.storage.points import PointRow
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store

STATE = {"value": points.VALUE, "none": points.NONE, "cleared": points.CLEARED}
LONGEST_NOTE = 4000
SAID = {"at_risk": "watch", "off_track": "off track", "missed": "missed", "achieved": "achieved"}
"""Statuses worth a word after a save: good news is silent."""


class Recorded(NamedTuple):
    """What stands after a save. `rev` is the point's revision, 0 where nothing stands."""

    metric_id: int
    slug: str
    name: str
    unit: Unit
    currency: str
    decimals: int | None
    period: Span
    label: str
    """For a program: `2026-W47`."""
    period_label: str
    """For a person: `W47`."""
    value: float | None
    state: str
    """value, none or cleared."""
    rev: int
    previous: PointRow | None
    changed: bool
    odd: bool
    doubt: Doubt | None = None
    unusual: bool = False
    usual: tuple[float, float] | None = None
    status: str = ""
    """Of its KPI or of the metric itself, as it stands now; empty when it was not asked for."""
    why: str = ""

    @property
    def sentence(self) -> str:
        """`Saved CAC W47 = $412 (was empty) · watch: $412 misses $400`."""
        what, old = f"{self.name} {self.period_label}", self.previous
        was = "empty" if old is None else self._words(old.value, old.state)
        now = self._words(self.value, STATE[self.state])
        if not self.changed:
            return f"{what} is {now} already"
        if self.state == "cleared":
            return f"Emptied {what} (was {was})"
        if was == now:
            text = f"Accepted {what} = {now}" if old is not None and old.odd and not self.odd else f"Noted {what}"
        else:
            text = f"Saved {what} = {now} (was {was})"
        if self.odd and self.doubt is not None:
            # What to do first: the end of the row may be cut.
            against, _, what = self.doubt.sentence.rpartition(": ")
            return f"{text} · check it: {what}{f', {against}' if against else ''}"
        if self.unusual and self.usual is not None and was != now:
            from kpitui.domain.figures import show_range

            band = show_range(*self.usual, self.unit, currency=self.currency, decimals=self.decimals)
            text += f" · outside the usual {band}"
        said = SAID.get(self.status)
        if self.why and not said:
            from kpitui.domain.status import COUNTED

            return f"{text} · {self.why}" if self.why.endswith(COUNTED) else text
        return f"{text} · {said}: {self.why}" if said else text

    def _words(self, value: float | None, state: int) -> str:
        """A value as it is kept, to the last digit."""
        from kpitui.domain.figures import show

        if state != points.VALUE or value is None:
            return "none" if state == points.NONE else "empty"
        whole = self.unit == "currency" and value.is_integer()
        return show(value, self.unit, currency=self.currency, decimals=0 if whole else None)


class NotSaved(NamedTuple):
    """A save that was refused, as a value: for a screen that keeps what was typed."""

    sentence: str
    conflict: bool
    """Somebody else changed the point meanwhile."""
    needs: str = ""
    """`reason`: with one it is saved; `proposal`: it may only be proposed."""


class Cell(NamedTuple):
    """One of many values to be saved together."""

    metric_id: int
    period: Span
    text: str | Typed
    if_rev: int | None = None


class Many(NamedTuple):
    """What came of saving many values as one change."""

    recorded: tuple[Recorded, ...]
    sentence: str


def record_value(
    store: Store,
    metric: str | int,
    period: Span,
    text: str | Typed,
    *,
    today: int,
    if_rev: int | None = None,
    note: str | None = None,
    why: str = "",
    screen: bool = False,
    accept: bool = False,
    decimal: str | None = None,
    judged: bool = True,
    ask_why: bool = False,
) -> Recorded:
    """Save one value of a metric (slug or id) for a period of its cadence.

    `text` is read as `understand` says, or is what was read already. `if_rev` is the revision the caller saw (0:
    nothing there). A `note` beside the text wins over one behind its `;`. `accept` saves an odd value without its `?`,
    and so does a note or typing the odd value again. With `ask_why`, NeedsReason is raised for a value that stands in a
    signed review. Raises NotFound, Refused, Conflict, Problem.
    """
    row = metric_named(store, metric)
    values = settings.load(store)
    cal = calendar_in(store, values)
    if not accept:
        check_period(row, period, today, cal)
    cell = asked_for(store, row, period, cal, today, row.currency or values.get("currency", "USD"))
    if isinstance(text, Typed):
        read = doubted(cell, text)
    else:
        read = understand(cell, text if note is None else f"{text} ; {note}", decimal=decimal, screen=screen)
    typed = read.typed
    if typed.state == "missing":
        raise Refused(f"“{typed.entered}” says no value for {row.name}: type the number, or none.")
    said = clean(typed.note if note is None else note).strip()
    if len(said) > LONGEST_NOTE:
        raise Refused(f"The note has {len(said)} characters: {LONGEST_NOTE} are the most. NOT saved.")
    with store.write("record", why=why) as tx:
        before = points.point(tx, row.id, *period)
        if before is None and typed.state == "cleared" and not if_rev:
            return _recorded(cell, cal, None, None, False)
        if ask_why and not why and not said and if_rev in (None, before.rev if before else 0):
            ask_for_signed(store, row, period, before, typed)
        retyped = before is not None and bool(before.odd) and before.value == typed.value
        saved = points.save(
            tx,
            row.id,
            row.slug,
            *period,
            value=typed.value,
            entered=clean(typed.entered),
            note=said if said or note is not None else None,
            state=STATE[typed.state],
            odd=read.doubt is not None and not accept and not retyped,
            if_rev=if_rev,
        )
    done = _recorded(cell, cal, saved.row, saved.previous, saved.changed)
    done = done._replace(doubt=read.doubt, unusual=read.unusual, usual=cell.usual)
    if judged and done.changed:
        status, why_status = standing(store, row.id, today)
        done = done._replace(status=status, why=why_status)
    return done


def set_none(
    store: Store,
    metric: str | int,
    period: Span,
    reason: str = "",
    *,
    today: int,
    if_rev: int | None = None,
) -> Recorded:
    """Say that there is no value for the period, and why: it is asked for no more."""
    none = Typed(None, "none", "x", reason.strip())
    return record_value(store, metric, period, none, today=today, if_rev=if_rev)


def clear(store: Store, metric: str | int, period: Span, *, today: int, if_rev: int | None = None) -> Recorded:
    """Empty a cell; what stood there stays in the history."""
    return record_value(store, metric, period, Typed(None, "cleared", ""), today=today, if_rev=if_rev)


def accept_odd(store: Store, metric: str | int, period: Span, *, today: int, if_rev: int | None = None) -> Recorded:
    """Take the `?` from a value: somebody looked, and it is right. Raises NotFound when there is none."""
    row = metric_named(store, metric)
    found = [one for one in points.between(store, row.id, period.start, period.start + 1) if one.end == period.end]
    if not found or found[0].value is None:
        raise NotFound(f"{row.name} has no value there to accept.")
    typed = Typed(found[0].value, "value", found[0].entered or "")
    return record_value(store, row.id, period, typed, today=today, if_rev=if_rev, accept=True)


def save_many(
    store: Store, cells: Sequence[Cell], *, today: int, what: str = "paste", decimal: str | None = None
) -> Many:
    """Save many values as one change with one undo: all of them, or nothing. Errors as in `record_value`."""
    with store.write(what) as tx:
        done = [
            record_value(
                store,
                cell.metric_id,
                cell.period,
                cell.text,
                today=today,
                if_rev=cell.if_rev,
                decimal=decimal,
                screen=True,
                judged=False,
                ask_why=True,
            )
            for cell in cells
        ]
        changed = [one for one in done if one.changed]
        cleared = bool(changed) and all(one.state == "cleared" for one in changed)
        values = f"{len(changed)} value{'' if len(changed) == 1 else 's'}"
        tx.summary = f"{'emptied' if cleared else 'entered'} {values}"
    odd = sum(one.odd for one in changed)
    sentence = f"{'Emptied' if cleared else 'Saved'} {values}" if changed else "Nothing was different"
    same = len(done) - len(changed)
    if changed and same:
        sentence += f", {same} the same as before"
    return Many(tuple(done), f"{sentence} · {odd} to check" if odd else sentence)


def attempt(store: Store, save: Callable[..., Recorded | Many], *args: object, **kw: object) -> object:
    """`save(store, …)`, or a NotSaved saying why not. What ends all saving (read-only, replaced file) is raised."""
    from kpitui.domain.problem import Problem

    try:
        return save(store, *args, **kw)
    except (ReadOnly, Replaced):
        raise
    except (KpituiError, Problem) as error:
        needs = "reason" if isinstance(error, NeedsReason) else "proposal" if isinstance(error, NotAllowed) else ""
        return NotSaved(str(error), isinstance(error, Conflict), needs)


def metric_named(store: Store, metric: str | int) -> MetricRow:
    """The metric, live and entered by people. Raises NotFound, which suggests the nearest name, or Refused."""
    if isinstance(metric, str):
        row = reading.metric(store, metric) or _called(store, metric)
    else:
        row = reading.metric_numbered(store, metric)
    if row is None:
        raise NotFound(_unknown(store, str(metric)))
    parts: list[str] = []
    if row.numerator_id and row.denominator_id:
        both = (row.numerator_id, row.denominator_id)
        named = names.slugs_of(store, both)
        parts = [named.get(key, "?") for key in both]
    if why := not_entered(row, parts):
        raise Refused(why)
    return row


def _called(store: Store, name: str) -> MetricRow | None:
    """The one metric that people call so, upper case or lower."""
    found = reading.metrics_called(store, name)
    return found[0] if len(found) == 1 else None


def _unknown(store: Store, slug: str) -> str:
    from difflib import get_close_matches

    from kpitui.domain.quoting import quote

    called = {name: slug for slug, name in names.metrics_by_slug(store).items()}
    slugs = list(called.values())
    near = get_close_matches(slug, slugs, 1) or [called[name] for name in get_close_matches(slug, called, 1)]
    if near:
        return f"There is no metric {quote(slug)}. Did you mean {near[0]}?"
    if not slugs:
        return f"There is no metric {quote(slug)}, and no other: make one first (n in the Tree, or kpitui model apply)."
    return f"There is no metric {quote(slug)}. kpitui status lists them."


def check_period(row: MetricRow, period: Span, today: int, cal: Calendar) -> None:
    """Raises Refused for a period that is not one of the metric's cadence, or has not begun."""
    if span_of(row.cadence, period.start, cal) != period:
        grain = grain_of(period, cal)
        named = f"{label(grain, period, cal)} is a {grain}" if grain else "that is no such period"
        right = label(row.cadence, span_of(row.cadence, min(period.start, today), cal), cal)
        raise Refused(f"{row.name} has one value a {row.cadence}, {named}: name a {row.cadence}, like {right}.")
    if period.start > today:
        raise Refused(f"{label(row.cadence, period, cal)} has not begun: {row.name} has no value for it yet.")


def asked_for(store: Store, row: MetricRow, period: Span, cal: Calendar, today: int, currency: str) -> Asked:
    """The cell of a metric and a period, with the values before it."""
    from kpitui.services.due import values_at, window_before

    spans = window_before(row.cadence, period, cal, days_expected(store, row))
    # A value that waits to be checked is no fact yet: nothing counts from it.
    found = [one for one in points.between(store, row.id, spans[0].start, period.start) if not one.odd]
    before = values_at(((one.start, one.end, one.value) for one in found if one.value is not None), spans)
    last = next((one.value for one in reversed(found) if one.value is not None and one.end <= period.start), None)
    if last is None:
        older = points.last_n(store, [row.id], 1, period.start)[row.id]
        last = older[0].value if older else None
    return Asked(
        row.id,
        row.slug,
        row.name,
        row.unit,
        currency,
        row.decimals,
        period,
        short_label(row.cadence, period, cal, today),
        row.hard_min,
        row.hard_max,
        tuple(before),
        last,
    )


def default_period(store: Store, row: MetricRow, today: int, values: dict[str, str]) -> Span:
    """The period a value without one is for: the last one asked for, when it has none yet, else the present one."""
    from kpitui.services.due import latest_asked

    cal = calendar_in(store, values)
    present = span_of(row.cadence, today, cal)
    asked = latest_asked(row.cadence, today, cal, int(values.get("review_weekday", 4)), days_expected(store, row))
    if asked == present:
        return present
    known = points.last_n(store, [row.id], 1, present.end)[row.id]
    return asked if known and known[0].end <= asked.start else present


def standing(store: Store, metric_id: int, today: int) -> tuple[str, str]:
    """The status of the metric's first live KPI, or of the metric itself, and the sentence that says why."""
    from kpitui.services.book import Book
    from kpitui.services.judging import kpi_row, metric_row

    with store.snapshot():
        book = Book(store, today)
        metric = book.metrics[metric_id]
        live = [kpi for kpi in book.roles_of(metric_id) if kpi.state == "live"]
        row = kpi_row(book, live[0]) if live else metric_row(book, metric)
        return row.status, row.why


def _recorded(cell: Asked, cal: Calendar, row: PointRow | None, previous: PointRow | None, changed: bool) -> Recorded:
    grain = grain_of(cell.period, cal) or "day"
    return Recorded(
        metric_id=cell.metric_id,
        slug=cell.slug,
        name=cell.name,
        unit=cell.unit,
        currency=cell.currency,
        decimals=cell.decimals,
        period=cell.period,
        label=label(grain, cell.period, cal),
        period_label=cell.label,
        value=row.value if row else None,
        state=points.STATES[row.state] if row else "cleared",
        rev=row.rev if row else 0,
        previous=previous,
        changed=changed,
        odd=bool(row and row.odd),
    )


def many_to_clear(cells: Iterable[tuple[int, Span, int]]) -> list[Cell]:
    """Cells (metric, period, revision seen) as a change that empties them."""
    return [Cell(metric_id, period, Typed(None, "cleared", ""), rev) for metric_id, period, rev in cells]
