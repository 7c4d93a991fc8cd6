"""What a KPI should reach from a day on, and the thresholds of a plain metric."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from kpitui.domain.bands import fitting
from kpitui.domain.line_band import band_words
from kpitui.domain.line_target import TargetLine
from kpitui.domain.line_window import refuse_kind, refuse_other_grain, time_words
from kpitui.domain.named import NamedTuple
from kpitui.domain.periods import to_date
from kpitui.domain.quoting import quote
from kpitui.domain.target import Aim, baseline_of, has_target, in_force, way
from kpitui.errors import Conflict, Refused
from kpitui.services.book import Book
from kpitui.services.naming import Done, as_seen
from kpitui.services.promotion import (
    PERIODS,
    aim_fields,
    aim_of,
    is_live,
    lacking,
    refuse_contradiction,
    slots,
    time_fields,
)
from kpitui.text import clean

if TYPE_CHECKING:
    from kpitui.domain.model import Kpi, Metric
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store
    from kpitui.storage.transaction import Txn


class Standing(NamedTuple):
    """What a KPI or plain metric is to reach, as it stands: in words, `$430k, $450k from 1 Jan`; what tells it from any
    other state; who changed it last and when."""

    words: str
    revs: tuple[tuple[int, int], ...]
    by: str


def standing(store: Store, metric_id: int, kpi_id: int | None, today: int) -> Standing:
    """The target that stands, for somebody who is about to type another. Raises NotFound when it was put away."""
    from kpitui.domain.model import Kpi, Metric, Target
    from kpitui.services.revisions import who_changed_last
    from kpitui.storage import definitions

    with store.snapshot():
        book = Book(store, today)
        if kpi_id is None:
            metric = as_seen(store, Metric, metric_id)
            words = _band(metric, book.currency_of(book.metrics[metric_id]))
            return Standing(words, ((metric.id, metric.rev),), who_changed_last(store, [("metric", metric.id)]))
        kpi = as_seen(store, Kpi, kpi_id)
        own, steps = aim_of(kpi, book.metrics[kpi.metric_id].direction), book.steps.get(kpi.id, [])
        row = book.metrics[kpi.metric_id]
        said = [_words(in_force(own, steps, today), row, book)]
        said += coming(book, kpi.id, today)
        dated = definitions.all_of(store, Target, kpi_id=kpi.id)
        rows = [("kpi", kpi.id), *(("target", one.id) for one in dated)]
        revs = ((kpi.id, kpi.rev), *((one.id, one.rev) for one in dated))
        return Standing(", ".join(said), revs, who_changed_last(store, rows))


def coming(book: Book, kpi_id: int, day: int) -> list[str]:
    """The dated targets of a KPI that begin after `day`: `$430k from 1 Jan 2027`."""
    kpi, steps = book.kpis[kpi_id], book.steps.get(kpi_id, [])
    metric = book.metrics[kpi.metric_id]
    own = aim_of(kpi, metric.direction)
    return [
        f"{_words(in_force(own, steps, one.start), metric, book)} from {day_words(one.start)}"
        for one in sorted(steps, key=lambda one: one.start)
        if one.start > day
    ]


def set_target(
    store: Store,
    metric_id: int,
    kpi_id: int | None,
    target: TargetLine,
    today: int,
    *,
    rev: int = 0,
    said_kind: bool = True,
    within: Txn | None = None,
    seen: Standing | None = None,
) -> Done:
    """What a KPI should reach from a day on, or the thresholds of a plain metric. Earlier periods keep their target.

    `said_kind` is False for a bare number, which keeps the kind that the KPI has; `within` is the change it is part of,
    `seen` what stood when it was typed.
    Raises Refused for another kind of target than the KPI is judged by, whose past it would judge anew, Conflict when
    something else stands than was `seen`.
    """
    from kpitui.domain.model import Kpi, Metric

    if seen is not None:
        what = "metric.target" if kpi_id is None else "kpi.target"
        with store.write(what, why=target.why) as tx:
            now = standing(store, metric_id, kpi_id, today)
            if now.revs != seen.revs:
                raise Conflict(f"{now.by} changed what it is judged by: now {now.words}. NOT saved: look again.")
            done = set_target(store, metric_id, kpi_id, target, today, rev=rev, said_kind=said_kind, within=tx)
            tx.summary = f"target of {Book(store, today).metrics[metric_id].name}"
            return done
    if kpi_id is None:
        return _thresholds(store, as_seen(store, Metric, metric_id, rev), target, today)
    kpi = as_seen(store, Kpi, kpi_id, rev)
    metric = Book(store, today).metrics[kpi.metric_id]
    return _dated(store, kpi, metric, target, today, said_kind, within)


def _change(store: Store, target: TargetLine, name: str, within: Txn | None) -> AbstractContextManager[Txn]:
    if within is not None:
        return nullcontext(within)
    return store.write("kpi.target", why=target.why, summary=f"target of {name}")


def _thresholds(store: Store, metric: Metric, target: TargetLine, today: int) -> Done:
    from kpitui.services.creating import thresholds
    from kpitui.storage import definitions

    book = Book(store, today)
    currency = book.currency_of(book.metrics[metric.id])
    if target.start > today:
        raise Refused(f"{quote(metric.name)} is no KPI, and only those have dated targets: leave the date out.")
    fields = thresholds(target)
    with store.write("metric.target", why=target.why, summary=f"target of {metric.name}") as tx:
        new = definitions.change(tx, metric, **fields)
    was, now = _band(metric, currency), _band(new, currency)
    return Done(f"Target of {clean(metric.name)}: {now} (was {was})", f"metric:{metric.id}")


def _band(metric: Metric, currency: str) -> str:
    """A plain metric's thresholds in words."""
    from kpitui.domain.figures import show_target

    low, high = metric.good_low, metric.good_high
    if low is None and high is None:
        return "none"
    kind: Any = "between" if low is not None and high is not None else "at_least" if low is not None else "at_most"
    value = low if high is None else high if low is None else None
    return show_target(kind, value, low, high, metric.unit, currency=currency, decimals=metric.decimals)


def _dated(
    store: Store, kpi: Kpi, metric: MetricRow, target: TargetLine, today: int, said_kind: bool, within: Txn | None
) -> Done:
    from dataclasses import replace

    from kpitui.domain.model import Target
    from kpitui.storage import definitions

    book = Book(store, today)
    key, name = f"kpi:{kpi.id}", clean(metric.name)
    steps = book.steps.get(kpi.id, [])
    own = aim_of(kpi, metric.direction)
    fresh = not has_target(own) and not steps
    # A draft that lacks its baseline was never judged: a target typed anew begins it, baseline and all.
    begun = kpi.state == "draft" and own.kind == "from_to" and own.baseline is None and not steps
    refuse_other_grain(target.time, metric.cadence, metric.name)
    if fresh and target.only_time:
        raise Refused(f"{quote(metric.name)} has no target yet: type it before its time, like 30 over 4 weeks.")
    if fresh and target.only_band:
        raise Refused(
            f"{quote(metric.name)} has no target yet: type it before its floor and stretch, like 30 floor 25."
        )
    if target.only_band or (not said_kind and not fresh and kpi.target_kind != "between"):
        target = target._replace(kind=kpi.target_kind)
    refuse_kind(target.time, target.kind)
    if target.only_time:
        return _timed(store, kpi, metric, target, within)
    aim = in_force(own, steps, max(today, target.start - 1))
    was = _words(aim, metric, book)
    why = f" · {clean(target.why)}" if target.why else ""
    if fresh or (begun and target.kind == "from_to" and not target.only_band):
        fields = aim_fields(target, today, kpi.deadline)
        if target.kind == "from_to" and fields.get("baseline") is None and kpi.baseline is None:
            fields["baseline"] = offered_baseline(book, metric.id, today)
        wanted = replace(kpi, **fields)
        wanted = replace(wanted, state="live" if kpi.state == "draft" and is_live(wanted, metric.owner) else kpi.state)
        refuse_contradiction(store, wanted)
        with _change(store, target, metric.name, within) as tx:
            definitions.change(tx, kpi, **fields, state=wanted.state)
        now = _words(aim_of(wanted, metric.direction), metric, book)
        if wanted.target_kind == "from_to" and wanted.baseline is not None:
            from kpitui.domain.figures import show

            start = show(wanted.baseline, metric.unit, currency=book.currency_of(metric), decimals=metric.decimals)
            now = f"{start} to {now}"
        became = ", no draft any more" if wanted.state != kpi.state else ""
        if wanted.state == "draft":
            became = f", still a draft: {' and '.join(lacking(wanted, metric.owner))} missing"
        warning = slots(book, kpi.scope_id, 1) if wanted.state != kpi.state else ""
        return Done(f"Target of {name}: {now} (was {'none' if fresh else was}){became}{why}", key, warning)
    if target.kind != kpi.target_kind:
        raise Refused(
            f"{quote(metric.name)} is judged by {_KINDS[kpi.target_kind]}: another kind would judge its past anew. "
            "Type a number of that kind, or P and p begin again with another."
        )
    step = definitions.find(store, Target, kpi_id=kpi.id, start=target.start)
    after, lost = _following(aim, target)
    values: dict[str, Any] = {"floor": after.floor, "stretch": after.stretch, "why": target.why}
    if not target.only_band:
        values |= {"value": target.value, "low": target.low, "high": target.high}
    last = target.deadline if target.deadline is not None and target.deadline != kpi.deadline else None
    time = time_fields(target)
    refuse_contradiction(store, replace(kpi, target=after.value, low=after.low, high=after.high, floor=after.floor,
                                        stretch=after.stretch, deadline=last or kpi.deadline, **time))  # fmt: skip
    with _change(store, target, metric.name, within) as tx:
        if step is not None:
            definitions.change(tx, step, **values)
        else:
            definitions.add(tx, Target(kpi_id=kpi.id, start=target.start, **values))
        definitions.change(tx, kpi, **time, deadline=last or kpi.deadline)
    now = _words(after._replace(**time), metric, book)
    since = "" if target.start == today else f" from {day_words(target.start)}"
    later = sorted(one.start for one in steps if one.start > target.start)
    then = ""
    if later:
        following = _words(in_force(own, steps, later[0]), metric, book)
        then = f", until {following} counts from {day_words(later[0])}"
    moved = f", by {day_words(last)}" if last is not None else ""
    end = last or kpi.deadline
    late = ""
    if end is not None and target.start > end:
        late = f"its last day is {day_words(end)}, so nothing is judged by it: type it with a later day, like by 31 dec"
    return Done(f"Target of {name}: {now}{since}{moved} (was {was}){then}{lost}{why}", key, late)


def _timed(store: Store, kpi: Kpi, metric: MetricRow, target: TargetLine, within: Txn | None) -> Done:
    """Only the periods that the KPI is judged over, or has to hold for: nothing of that is dated."""
    from dataclasses import replace

    from kpitui.storage import definitions

    time = time_fields(target)
    refuse_contradiction(store, replace(kpi, **time))
    with _change(store, target, metric.name, within) as tx:
        new = definitions.change(tx, kpi, **time)
    was, now = (_time_said(one.window, one.sustain, metric.cadence) for one in (kpi, new))
    return Done(f"{clean(metric.name)} is judged {now} (was {was})", f"kpi:{kpi.id}")


def _time_said(window: int, sustain: int, cadence: str) -> str:
    said = time_words(window, sustain, cadence).removeprefix(", ")
    return said if window > 1 else f"by its last {cadence}{f', {said}' if said else ''}"


def _following(aim: Aim, target: TargetLine) -> tuple[Aim, str]:
    """The aim from the typed target on, and what of the band before does not fit it any more, in words.

    A floor and a stretch that are not typed go on as they were.
    """
    after = aim
    if not target.only_band:
        after = aim._replace(
            value=aim.value if target.value is None else target.value, low=target.low, high=target.high
        )
    if target.floor is not None or "floor" in target.without:
        after = after._replace(floor=target.floor)
    if target.stretch is not None or "stretch" in target.without:
        after = after._replace(stretch=target.stretch)
    kept = fitting(after, way(after))
    lost = [name for name in ("floor", "stretch")
            if getattr(after, name) != getattr(kept, name) and getattr(target, name) is None]  # fmt: skip
    said = f", without its {' and '.join(lost)}, which would be on the wrong side" if lost else ""
    if "floor" in lost:
        after = after._replace(floor=None)
    if "stretch" in lost:
        after = after._replace(stretch=None)
    return after, said


_KINDS = {
    "reach": "a total by a date",
    "from_to": "a way from a baseline to a target",
    "at_least": "at least",
    "at_most": "at most",
    "between": "a range",
    "milestone": "a milestone",
}


def offered_baseline(book: Book, metric_id: int, today: int) -> float | None:
    cells = book.last_cells(metric_id, 26)
    return baseline_of([cell.value for cell in cells if cell.whole and cell.span.end <= today + 1], PERIODS)


def _words(aim: Aim, metric: MetricRow, book: Book) -> str:
    from kpitui.domain.figures import show_target

    if not has_target(aim):
        return "none"
    kind: Any = aim.kind
    currency = book.currency_of(metric)
    said = show_target(kind, aim.value, aim.low, aim.high, metric.unit, currency=currency, decimals=metric.decimals)
    said += band_words(aim.floor, aim.stretch, metric.unit, currency)
    return said + time_words(aim.window, aim.sustain, metric.cadence)


def day_words(day: int) -> str:
    date = to_date(day)
    return f"{date.day} {date:%b} {date.year}"
