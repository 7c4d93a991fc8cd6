"""Which period a report is of, and what moved."""

from __future__ import annotations

from datetime import date

import pytest

from kpitui.domain.periods import Calendar, Span, parse_label, to_day
from kpitui.domain.report import belongs, last_whole, move


@pytest.mark.parametrize(
    ("before", "now", "news", "moved"),
    [
        ("on_track", "at_risk", False, "worse"),
        ("at_risk", "off_track", True, "worse"),
        ("not_started", "missed", False, "worse"),
        ("", "off_track", False, "worse"),
        ("on_track", "on_track", True, "signal"),
        ("off_track", "off_track", True, "signal"),
        ("off_track", "stale", False, "silent"),
        ("on_track", "no_data", False, "silent"),
        ("stale", "stale", False, ""),
        ("off_track", "at_risk", False, "better"),
        ("missed", "achieved", False, "better"),
        ("off_track", "paused", False, ""),
        ("stale", "on_track", False, ""),
        ("at_risk", "at_risk", False, "still"),
        ("missed", "missed", False, ""),
        ("on_track", "achieved", False, ""),
    ],
)
def test_what_a_row_did_since_the_period_before(before: str, now: str, news: bool, moved: str) -> None:
    assert move(before, now, news) == moved


@pytest.mark.parametrize(
    ("grain", "day", "label"),
    [
        ("week", "2026-11-22", "2026-W46"),  # Sunday: its own week is not over
        ("week", "2026-11-23", "2026-W47"),
        ("month", "2026-11-01", "2026-10"),
        ("quarter", "2027-01-01", "2026-Q4"),
    ],
)
def test_the_last_period_that_was_over(grain: str, day: str, label: str) -> None:
    assert last_whole(grain, to_day(date.fromisoformat(day)), Calendar()) == parse_label(label, Calendar())[1]


def test_a_review_belongs_to_one_report_of_each_kind() -> None:
    def span(label: str) -> Span:
        return parse_label(label, Calendar())[1]

    held = to_day(date(2026, 11, 6))  # a Friday in W45
    month, week = span("2026-10"), span("2026-W44")
    assert [belongs(month, held, span(label)) for label in ("2026-W44", "2026-W45", "2026-10", "2026-11")] == [
        *(False, True, True, False)
    ]
    # 26 October to 1 November: it ends in November, whenever it was held.
    assert [belongs(week, held - 7, span(label)) for label in ("2026-W44", "2026-W45", "2026-10", "2026-11")] == [
        *(True, False, False, True)
    ]
