"""Values that wait to be checked, and taking the `?` from them: somebody looked, and they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.domain.periods import Span, grain_of
from kpitui.services.asked import Asked
from kpitui.services.book import Book
from kpitui.storage import points, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpitui.storage.store import Store

NOTHING = "There is nothing to check: no value is marked ?."
CHANGED = "Nothing was accepted: what was asked about was changed or accepted meanwhile."
NAMED = 2
"""Values named in a sentence about several."""


class ToCheck(NamedTuple):
    """A value that is odd and not accepted."""

    metric_id: int
    slug: str
    name: str
    period: Span
    period_label: str
    value: str
    number: float

    @property
    def said(self) -> str:
        return f"{self.name} {self.period_label} = {self.value}"


def to_check(book: Book) -> tuple[ToCheck, ...]:
    """The values that wait, newest first, then in the metrics' own order."""
    found = []
    order = {metric_id: place for place, metric_id in enumerate(book.metrics)}
    for metric_id, doubted in book.unchecked.items():
        metric = book.metrics[metric_id]
        asked = Asked(metric.id, "", "", metric.unit, book.currency_of(metric), metric.decimals, Span(0, 1), "")
        for span, value in doubted.items():
            label = book.period_label(grain_of(span, book.calendar) or metric.cadence, span)
            found.append(ToCheck(metric_id, metric.slug, metric.name, span, label, asked.show(value), value))
    found.sort(key=lambda one: (-one.period.end, order[one.metric_id]))
    return tuple(found)


def waiting(store: Store, today: int) -> tuple[ToCheck, ...]:
    """As `to_check`, of a workspace."""
    with store.snapshot():
        return to_check(Book(store, today))


def acceptable(store: Store, today: int) -> tuple[tuple[ToCheck, ...], tuple[str, ...]]:
    """Those that this account may accept, and who may accept the others."""
    from kpitui.services.members import may_enter

    mine, others = list[ToCheck](), dict[str, None]()
    with store.snapshot():
        for one in waiting(store, today):
            metric = reading.metric_numbered(store, one.metric_id)
            if metric is not None and may_enter(store, metric):
                mine.append(one)
            elif metric is not None:
                others[metric.owner or metric.updater or "an editor"] = None
    return tuple(mine), tuple(others)


def accept(store: Store, looked_at: Iterable[ToCheck], *, today: int) -> str:
    """Takes the `?` from these values as they were looked at, as one change with one undo, and says so in a sentence.
    Values that were accepted, corrected or emptied meanwhile stay as they are."""
    wanted = set(looked_at)
    if not (wanted and wanted.intersection(waiting(store, today))):
        return CHANGED if wanted else NOTHING
    found = []
    with store.write("record") as tx:
        for one in sorted(wanted, key=lambda one: (-one.period.end, one.metric_id)):
            row = points.point(tx, one.metric_id, *one.period)
            # Another odd value has not been looked at by whoever says yes to this one.
            if row is None or not row.odd or row.value != one.number:
                continue
            points.save(tx, one.metric_id, one.slug, *one.period, value=row.value, entered=row.entered, note=None)
            found.append(one)
        tx.summary = f"accepted {counted(len(found))}"
    left = len(wanted) - len(found)
    return f"Accepted {named(found)}" + (f"; {counted(left)} changed meanwhile" if left else "")


def counted(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"


def named(found: Sequence[ToCheck]) -> str:
    """`3 values: CAC W46 = $4.12k, NPS Q3 = 4 and 1 more`; one by itself without the count."""
    said = ", ".join(one.said for one in found[:NAMED])
    if len(found) == 1:
        return said
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{counted(len(found))}: {said}{more}"
