"""The calendar in force when something was done: the periods of a signed review keep the names they had then."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from kpitui.domain.periods import Span, label, short_label
from kpitui.domain.review import grain_of
from kpitui.services.calendar import calendar_in

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.storage.store import Store


class Calendars:
    """The calendars that a workspace has had, `now` the present one. Mostly there was never another, and nothing but
    two queries is asked; else the past is opened once for each."""

    def __init__(self, store: Store, now: Calendar) -> None:
        self.store, self.now = store, now
        self._changes: list[int] | None = None
        self._signed: dict[int, int] | None = None
        self._known: dict[int, Calendar] = {}

    def at(self, transaction: int) -> Calendar:
        """The calendar that a transaction was made under."""
        from kpitui.storage import settings

        if self._changes is None:
            self._changes = settings.calendar_changes(self.store)
        changes = self._changes
        if not changes or transaction >= changes[-1]:
            return self.now
        place = bisect_right(changes, transaction)
        if place not in self._known:
            from kpitui.storage.as_known import PastStore

            with PastStore(self.store, transaction, "") as past:
                self._known[place] = calendar_in(past)
        return self._known[place]

    def of_review(self, review_id: int) -> Calendar:
        """The calendar that a review was signed off under; the present one while it is not."""
        from kpitui.storage import reviewing

        if self._signed is None:
            self._signed = reviewing.signed_in(self.store)
        transaction = self._signed.get(review_id)
        return self.now if transaction is None else self.at(transaction)


def title_of(rhythm: str, period: Span, calendar: Calendar, today: int) -> str:
    """`Weekly review W47`."""
    return f"{rhythm.capitalize()} review {short_label(grain_of(rhythm), period, calendar, today)}"


def label_of(rhythm: str, period: Span, calendar: Calendar) -> str:
    """`2026-W47`."""
    return label(grain_of(rhythm), period, calendar)
