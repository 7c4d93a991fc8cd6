"""Which values of an import stand in signed reviews: as of the preview, and once more as of the moment it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kpitui.storage import reviewing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpitui.services.import_plan import Batch
    from kpitui.storage.reading import MetricRow
    from kpitui.storage.store import Store


def standing_in_reviews(store: Store, metric_id: int, days: Sequence[int]) -> int:
    """How many of these days (sorted) lie in a signed review with a figure of the metric."""
    spans = reviewing.signed_spans(store, metric_id, days[0], days[-1])
    return sum(any(start <= day < end for start, end in spans) for day in days)


def newest_signed(store: Store) -> int:
    """The number of the change that the newest signature of a review belongs to; 0 without any."""
    return reviewing.newest_signed(store)


def reviewed_by_now(store: Store, batches: Iterable[Batch], before: int, signed: int) -> int:
    """How many corrected values stand in signed reviews now, where `before` did when the newest was signed by `signed`.

    Looked at again only where something is corrected and another review was signed since.
    """
    # What is made anew corrects nothing.
    corrected = [(cast("MetricRow", batch.metric).id, batch.corrected) for batch in batches if batch.corrected]
    if not corrected or reviewing.newest_signed(store) == signed:
        return before
    return sum(standing_in_reviews(store, metric_id, days) for metric_id, days in corrected)


def reviewed_sentence(count: int) -> str:
    """`3 changed values stand in a signed review`"""
    return f"{count:,} changed {'value stands' if count == 1 else 'values stand'} in a signed review"
