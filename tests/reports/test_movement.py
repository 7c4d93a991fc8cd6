"""A change in words: as a share, in points, or as a difference where a share would mislead."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kpitui.domain.compare import change
from kpitui.reports.movement import moved_text


def row(unit: str) -> Any:
    return SimpleNamespace(unit=unit, currency="USD", decimals=None)


@pytest.mark.parametrize(
    ("unit", "now", "before", "said"),
    [
        ("number", 110.0, 100.0, "+10.0%"),
        ("number", 90.0, 100.0, "-10.0%"),
        ("percent", 0.05, 0.03, "+2 pp"),
        ("currency", -114.0, -1253.0, "+$1.14k"),
        ("currency", -1253.0, -114.0, "-$1.14k"),
        ("currency", 50.0, -10.0, "+$60"),
        ("number", 5.0, 0.0, "+5"),
        ("number", 100.0, 100.0, "0.0%"),
    ],
)
def test_a_change_is_a_share_only_of_what_was_above_zero(unit: str, now: float, before: float, said: str) -> None:
    assert moved_text(row(unit), change(now, before, unit)) == said
