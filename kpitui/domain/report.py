"""A report: which period it is of, and what moved since the one before."""

from __future__ import annotations

from kpitui.domain.periods import Calendar, Span, shift, span_of

GRAIN = "week"
"""Of the period when nobody names one: the rhythm of the weekly review."""
MOVES = ("worse", "signal", "silent", "better", "still")
"""What a row did since the period before, in the order it is told."""
GOOD = frozenset({"on_track", "achieved"})
SILENT = frozenset({"stale", "no_data"})
_RANK = {"off_track": 2, "missed": 2, "at_risk": 1}


def last_whole(grain: str, day: int, calendar: Calendar) -> Span:
    """The last period that was over before the day `day` began."""
    return shift(grain, span_of(grain, day, calendar), -1, calendar)


def move(before: str, now: str, news: bool) -> str:
    """What a row did between two statuses, one of `MOVES`; empty where nothing is to be said of it.

    `news` is a signal that was not there before. A row that got worse and shows a signal got worse; a target that was
    missed before is over.
    """
    was, stands = _RANK.get(before, 0), _RANK.get(now, 0)
    if stands > was:
        return "worse"
    if news:
        return "signal"
    if now in SILENT and before not in SILENT:
        return "silent"
    if stands < was and (stands or now in GOOD):
        return "better"
    return "still" if stands and now != "missed" else ""


def within(day: int, span: Span) -> bool:
    return span.start <= day < span.end


def belongs(review: Span, held: int, period: Span) -> bool:
    """Whether a review belongs to the report of a period.

    One that looks at no longer time belongs where its last day lies, a longer one (the month's, in a week) where it
    was held.
    """
    # Months, quarters and years are not all of one length.
    if 2 * (review.end - review.start) <= 3 * (period.end - period.start):
        return within(review.end - 1, period)
    return within(held, period)
