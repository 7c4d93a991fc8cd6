"""What a report says of itself: its days, whose knowledge it is, and what the log stood at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.domain.log_head import short
from kpitui.domain.periods import to_date
from kpitui.reports.wording import MONTHS, day_text

if TYPE_CHECKING:
    from kpitui.domain.periods import Span
    from kpitui.services.report_view import Report


def days_of(span: Span) -> str:
    """`9 to 15 Nov 2026`, `28 Sep to 4 Oct 2026`; a day by itself."""
    first, last = to_date(span.start), to_date(span.end - 1)
    if first == last:
        return day_text(span.start, weekday=True)
    begin = str(first.day)
    if (first.year, first.month) != (last.year, last.month):
        begin += f" {MONTHS[first.month - 1]}"
    if first.year != last.year:
        begin += f" {first.year}"
    return f"{begin} to {day_text(span.end - 1)}"


def under(report: Report) -> str:
    """The line below the title."""
    words = [days_of(report.period)]
    if report.partial:
        words.append(f"not over: figures of {day_text(report.as_of, weekday=True)}")
    if report.known is not None:
        words.append(f"as it was known on {day_text(report.known, weekday=True)}")
    return ", ".join(words)


def foot(report: Report) -> tuple[tuple[str, str], ...]:
    """Workspace, scope, period, day, knowledge, who made it, the log's head."""
    looked = day_text(report.day, weekday=True)
    as_of = day_text(report.as_of, weekday=True)
    if report.as_of != report.day:
        as_of += f"; what is late and open as of {looked}"
    known = "now" if report.known is None else f"at the end of {day_text(report.known, weekday=True)}"
    made = f"{report.made_at[:16].replace('T', ' ')} UTC by {report.made_by}"
    head = "nothing was saved yet"
    if report.head is not None:
        head = short(*report.head)
    return (
        ("Workspace", report.workspace),
        ("Scope", report.scope or "all"),
        ("Period", f"{report.label}, {days_of(report.period)}{', not over' if report.partial else ''}"),
        ("As of", as_of),
        ("As known", known),
        ("Made", made),
        ("Log", head),
        ("Signs", "* is a signal, more than noise; a gap with + is good; what is not known is a dash, never 0"),
    )
