"""What is said below signed minutes, and what asks why: corrections of figures in them, and values that came late."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.periods import Calendar, parse_label
from kpitui.errors import NeedsReason
from kpitui.services import entry, review, signing
from kpitui.services.import_reviewed import standing_in_reviews
from kpitui.services.reasons import with_reason
from kpitui.storage.store import Store
from tests.review_sample import TODAY, reviewed

LATE = 3
"""The metric without a value of the week that is reviewed, W47: the minutes hold its figure of W46."""


def say(store: Store, week: str, text: str) -> None:
    entry.record_value(store, "late", parse_label(week, Calendar())[1], text, today=TODAY, judged=False, ask_why=True)


def test_a_value_that_came_late_is_none_and_what_stood_in_its_place_is_one(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    stood = store.one("SELECT value FROM point WHERE metric_id = ? ORDER BY start DESC", (LATE,))
    number = review.start(store, "weekly", TODAY).id
    signing.sign(store, number, 8, TODAY)
    say(store, "2026-W45", "7")  # of no figure in the minutes
    say(store, "2026-W47", "8")
    late = f"Late one: {stood:g} (W46) when signed off, 8 (W47) came later (ana, 20 Nov)"
    assert signing.shown(store, number, TODAY).corrections == (late,)
    # The figure that the minutes hold is another one: now, too, when that of the week itself is there.
    with pytest.raises(NeedsReason, match="Late one stands in a signed weekly review: say why"):
        say(store, "2026-W46", "5")
    with_reason(store, "miscounted", say, "2026-W46", "5")
    corrected = f"Late one W46: {stood:g} when signed off, 5 now (ana, 20 Nov: miscounted)"
    assert signing.shown(store, number, TODAY).corrections == (late, corrected)
    with pytest.raises(NeedsReason):
        say(store, "2026-W47", "9")
    weeks = [parse_label(f"2026-W{week}", Calendar())[1].start for week in (45, 46, 47, 48)]
    assert [standing_in_reviews(store, LATE, [day]) for day in weeks] == [0, 1, 1, 0]
