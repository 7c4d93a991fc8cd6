"""The long texts of a metric: what it is, where it comes from, how it is measured, what was noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.errors import NotFound
from kpitui.storage import reading, recent

if TYPE_CHECKING:
    from kpitui.storage.store import Store


class About(NamedTuple):
    """What the pane beside the grid tells of a metric."""

    metric_id: int
    definition: str
    source: str
    how: str
    updater: str
    feeds: str
    notes: tuple[tuple[int, str, str], ...]
    """Day, who and text of the newest, newest first."""


def about(store: Store, metric_id: int) -> About:
    """The long texts of a metric. Raises NotFound when it is gone."""
    with store.snapshot():
        texts = recent.texts(store, metric_id)
        if texts is None:
            raise NotFound("The metric is archived: u brings it back.")
        notes = reading.notes(store, metric_id=metric_id)[-5:]
        return About(
            metric_id,
            *texts,
            tuple((note.day, note.who, note.text) for note in reversed(notes)),
        )
