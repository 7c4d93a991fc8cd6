"""Whether a countermeasure shifted the level, by values made by hand."""

from __future__ import annotations

import pytest

from kpitui.domain.effect import effect

NOISE = [30.0, 31, 29, 30, 32, 30, 29, 31, 30, 31, 29, 30]
"""Mean 30.17, mean moving range 1.36: limits 26.5 to 33.8."""


@pytest.mark.parametrize(
    ("after", "direction", "state"),
    [
        ([35.0, 36, 35], "up", "better"),
        ([35.0, 36, 35], "down", "worse"),
        ([35.0, 36, 35], "range", "shifted"),
        ([31.0] * 8, "up", "better"),
        ([29.0] * 8, "up", "worse"),
        ([32.5, 32.4, 32.6, 30], "up", "better"),
        ([30.0, 31, 29, 30, 31], "up", "none"),
        ([31.0, 31, 31], "up", "too_early"),
        ([], "up", "too_early"),
        ([None, 31.0, None], "up", "too_early"),
    ],
)
def test_a_shift_is_shown_by_the_rules_and_never_by_a_mean_alone(
    after: list[float | None], direction: str, state: str
) -> None:
    found = effect(NOISE, after, direction, show="{:.1f}".format)
    assert found.state == state
    assert found.n == len([value for value in after if value is not None])


def test_the_sentence_says_both_levels() -> None:
    assert effect(NOISE, [31.0] * 8, "up", show="{:.1f}".format).sentence == (
        "shifted up, 8 in a row: 31.0 on average against 30.2 before"
    )
    assert effect(NOISE, [30.0] * 5, "up", show="{:.1f}".format).sentence == (
        "no shift shown in 5 values: 30.0 on average against 30.2 before"
    )
    assert effect(NOISE[:3], [40.0] * 9, "up").sentence == "too few values before it to compare with"


def test_only_the_last_half_year_before_counts() -> None:
    assert effect([*[100.0, 120.0] * 20, *NOISE, *NOISE, *NOISE], [35.0, 35, 35, 35], "up").state == "better"
