"""Which metrics are made of which by a rule that can be worked out, around one metric: below it and above it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kpitui.domain.expected import before
from kpitui.domain.periods import Span
from kpitui.domain.supposing import Link
from kpitui.services.book import names_in
from kpitui.services.made_of import adding_up

if TYPE_CHECKING:
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow


def links_around(book: Book, metric_id: int, grain: str, span: Span) -> dict[int, Link]:
    """How the metrics below and above one are made. Whether drivers add up is seen in the period and those before it.

    Where the one is a ratio itself, its numerator stands for itself: it is not worked out from the ratio.
    """
    kept: dict[tuple[int, str, Span], dict[int, Link]] = book.memo.setdefault("links", {})
    if (metric_id, grain, span) not in kept:
        kept[metric_id, grain, span] = _links_around(book, metric_id, grain, span)
    return kept[metric_id, grain, span]


def _links_around(book: Book, metric_id: int, grain: str, span: Span) -> dict[int, Link]:
    near = _reached(metric_id, _parts_below(book)) | _reached(metric_id, _parts_above(book)) | {metric_id}
    found: dict[int, Link] = {}
    for key in near:
        link = _link(book, book.metrics[key], metric_id, grain, span)
        if link is not None:
            found[key] = link
    return found


def _link(book: Book, metric: MetricRow, top: int, grain: str, span: Span) -> Link | None:
    if metric.formula:
        parts = [one.id for name in names_in(metric.formula) if (one := book.named(name)) is not None]
        return Link("formula", tuple(dict.fromkeys(parts))) if parts else None
    if metric.numerator_id in book.metrics and metric.denominator_id in book.metrics:
        return Link("ratio", (metric.numerator_id or 0, metric.denominator_id or 0))
    rate = _beside_a_ratio(book, metric)
    if rate is not None and rate.parts[1] != top:
        return rate
    earlier = before(grain, span, book.calendar, book.days_of(metric.id))
    parts_of_sum = adding_up(book, metric, grain, (earlier, span))
    return Link("sum", parts_of_sum) if parts_of_sum else None


def _beside_a_ratio(book: Book, metric: MetricRow) -> Link | None:
    """The ratio that the metric is a part of, with the other part, where the tree says that it is led by them.

    That is where the other part or the ratio feeds it; of a share (percent) also where both parts feed the share: then
    the numerator follows the denominator.
    """
    drivers = set(book.drivers_of(metric.id))
    for ratio in book.metrics.values():
        above, below = ratio.numerator_id, ratio.denominator_id
        if ratio.formula or above not in book.metrics or below not in book.metrics or above is None or below is None:
            continue
        if above == below or metric.id not in (above, below):
            continue
        other = below if metric.id == above else above
        share = ratio.unit == "percent" and metric.id == above and {above, below} <= set(book.drivers_of(ratio.id))
        if other in drivers or ratio.id in drivers or (share and metric.id not in book.drivers_of(other)):
            return Link("rate" if metric.id == above else "price", (other, ratio.id))
    return None


def _edges(book: Book) -> Iterable[tuple[int, int]]:
    for edge in book.drivers:
        yield edge.metric_id, edge.feeds_id
    for metric in book.metrics.values():
        parts = [metric.numerator_id, metric.denominator_id] if not metric.formula else []
        parts += [one.id for name in names_in(metric.formula) if (one := book.named(name))] if metric.formula else []
        for part in parts:
            if part in book.metrics and part is not None:
                yield part, metric.id
        # Beside a ratio either part may be worked out by it.
        for part in parts if not metric.formula else ():
            if part in book.metrics and part is not None:
                yield metric.id, part


def _parts_below(book: Book) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for part, whole in _edges(book):
        found.setdefault(whole, []).append(part)
    return found


def _parts_above(book: Book) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for part, whole in _edges(book):
        found.setdefault(part, []).append(whole)
    return found


def _reached(begin: int, steps: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    waiting = [begin]
    while waiting:
        for other in steps.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
