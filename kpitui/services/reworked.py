"""Locked limits keep their values, not their figures: where one of those was wrong, the limits were wrong, too. They
follow a correction, and it is said that they did (maths.md §3.3: drawn anew they are only on command)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.storage import locked_values

if TYPE_CHECKING:
    from kpitui.services.book import Book
    from kpitui.storage.reading import MetricRow, PhaseRow


def reworked(book: Book, metric: MetricRow, phase: PhaseRow) -> str:
    """`reworked since 2 of their values were corrected, last on 20 Nov`; empty while they are as they locked."""
    from kpitui.services.log_words import Teller

    corrected, late, last = 0, 0, ""
    for at, value, there, before in locked_values.written_since(book.store, phase.id, sorted(book.needs([metric.id]))):
        if there and value != before:
            corrected, last = corrected + 1, at
        elif not there and value is not None:
            late, last = late + 1, at
    if not last:
        return ""
    told = []
    if corrected:
        told.append(f"{corrected} of their values {'was' if corrected == 1 else 'were'} corrected")
    if late:
        told.append(f"{late} {'more ' if corrected else 'of their values '}came in later")
    teller = Teller(book.store, book.today)
    when = f"{'on' if corrected + late == 1 else 'last on'} {teller.short_day(teller.when(last)[0])}"
    return f"reworked since {' and '.join(told)}, {when}"
