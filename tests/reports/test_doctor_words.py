"""What changed for the KPI doctor, in as many words as there is room for."""

from __future__ import annotations

import pytest

from kpitui.reports.doctor_words import moved_text
from kpitui.services.doctor_history import Since

SINCE = Since(0, 72, ("K07 MRR",), ("D02 NPS", "M01 Calls", "M01 Orders", "M02 Calls"))


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (3, "new: D02 NPS, M01 Calls, M01 Orders and 1 more; closed: K07 MRR"),
        (1, "new: D02 NPS and 3 more; closed: K07 MRR"),
        (0, "4 new; 1 closed"),
    ],
)
def test_as_many_are_named_as_asked(named: int, words: str) -> None:
    assert moved_text(SINCE, named) == words and moved_text(SINCE._replace(closed=(), fresh=())) == ""
