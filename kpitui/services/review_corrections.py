"""What reads otherwise today in a signed review than when it was signed: the footnote below its minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.services.calendar import calendar_in
from kpitui.services.review_items import figure
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpitui.domain.model import Review, ReviewFigure
    from kpitui.services.judging import Row
    from kpitui.storage.store import Store


def corrections(store: Store, review: Review) -> tuple[str, ...]:
    """The figures of the review that read otherwise today, as of the same day.

    What differs is held against what is worked out now from what was known then, by the calendar of then: only what
    people changed is a correction, not what a later version of kpitui counts otherwise.
    """
    from kpitui.domain import model
    from kpitui.services.calendars_then import Calendars
    from kpitui.services.review_figures import book_of_figures
    from kpitui.services.review_session import rows_of
    from kpitui.storage import definitions, reviewing
    from kpitui.storage.as_known import PastStore

    frozen = definitions.all_of(store, model.ReviewFigure, review_id=review.id)
    day = day_signed(store, review)
    calendar = Calendars(store, calendar_in(store)).of_review(review.id)
    now = by_role(rows_of(book_of_figures(store, review, day, calendar), review)[1])
    other = [one for one in frozen if one.status and (row := row_for(now, one)) is not None and not same(row, one)]
    if not other:
        return ()
    with PastStore(store, reviewing.written_by(store, review.id), "") as past:
        then = by_role(rows_of(book_of_figures(past, review, day), review)[1])
        was = {one.id: row_for(then, one) for one in other}
    found = []
    for one in other:
        row, before = row_for(now, one), was[one.id]
        if row is None:
            continue
        value, reads = one.value if before is None else before.value, row.value
        if before is not None and before.aim.window != row.aim.window:
            # Another window is a decision on how to judge, no correction: the period's own values are compared.
            value, reads = before.last, row.last
        if before is not None and value == reads:
            continue
        if before is not None and before.period and row.period and before.period.start < row.period.start:
            # What was not there yet is late and no correction; what stood in its place may be corrected beside it.
            late = f"{figure(row, reads)} ({row.period_label}) came later{_entered_by(store, row, review)}"
            found.append(f"{clean(row.name)}: {figure(row, value)} ({before.period_label}) when signed off, {late}")
            stands = next((cell.value for cell in row.series if cell.span == before.period), before.last)
            if stands != before.last:
                was_is = f"{figure(row, before.last)} when signed off, {figure(row, stands)} now"
                by = _corrected_by(store, row._replace(period=before.period), review)
                found.append(f"{clean(row.name)} {before.period_label}: {was_is}{by}")
            continue
        now_says = f"{clean(row.name)}: {figure(row, value)} when signed off, {figure(row, reads)} now"
        found.append(now_says + _corrected_by(store, row, review))
    return tuple(found)


def day_signed(store: Store, review: Review) -> int:
    """The day of the sign-off, where the workspace is."""
    from kpitui.services.log_words import Teller

    return max(Teller(store, review.end).when(review.ended_at)[0] if review.ended_at else 0, review.held)


def by_role(rows: Iterable[Row]) -> dict[tuple[int, int | None], Row]:
    """Rows by metric and KPI, and by metric alone: a role that was given back is still its metric."""
    found: dict[tuple[int, int | None], Row] = {}
    for row in rows:
        found.setdefault((row.metric_id, None), row)
        found[row.metric_id, row.kpi_id] = row
    return found


def row_for(rows: Mapping[tuple[int, int | None], Row], frozen: ReviewFigure) -> Row | None:
    return rows.get((frozen.metric_id, frozen.kpi_id)) or rows.get((frozen.metric_id, None))


def _corrected_by(store: Store, row: Row, review: Review) -> str:
    """` (ana, 19 Nov: typo)`: who changed a value of the figure's days last since it was signed off, and why; of any
    of the review's days where those stand. Empty where none was: the figures of derived metrics move with others'."""
    from kpitui.services.log_words import Teller
    from kpitui.storage import points, reviewing

    signed = reviewing.written_by(store, review.id)
    versions = points.history(store, row.metric_id)
    since = [one for one in versions if one.txn_id > signed and one.start < review.end and one.rev > 1]
    if not since:
        return ""
    of = row.period
    own = [one for one in since if of is not None and one.start < of.end and one.end > of.start]
    last = max(own or since, key=lambda one: one.txn_id)
    teller = Teller(store, review.end)
    # A note that stood there before says nothing of the correction.
    kept = next((one.note for one in versions if (one[:2], one.rev) == (last[:2], last.rev - 1)), None)
    why = clean(last.why or (last.note if last.note != kept else "") or "")
    said = f"{clean(last.who)}, {teller.short_day(teller.when(last.at)[0])}"
    return f" ({said}: {why})" if why else f" ({said}, no reason given)"


def _entered_by(store: Store, row: Row, review: Review) -> str:
    """` (ana, 23 Nov)`: who entered the newest value of a row's period, and when; empty for a derived metric."""
    from kpitui.services.log_words import Teller
    from kpitui.storage import points

    of, teller = row.period, Teller(store, review.end)
    came = [one for one in points.history(store, row.metric_id) if of and of.start <= one.start < of.end]
    if not came:
        return ""
    last = max(came, key=lambda one: one.txn_id)
    return f" ({clean(last.who)}, {teller.short_day(teller.when(last.at)[0])})"


def same(row: Row, frozen: ReviewFigure) -> bool:
    return row.value == frozen.value
