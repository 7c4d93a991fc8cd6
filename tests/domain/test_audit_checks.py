from __future__ import annotations

import pytest

from kpitui.domain.audit_checks import bounds_check, entry_check

VISITS = [50.0, 55.0, 52.0, 58.0, 55.0]


@pytest.mark.parametrize(
    ("new", "kind", "words"),
    [
        (550, "factor", "looks like × 10"),
        (5_500, "factor", "looks like × 100"),
        (55_000, "factor", "looks like × 1,000"),
        (55e6, "factor", "looks like × 1,000,000"),
        (0.55, "factor", "looks like ÷ 100"),
        (5.2, "factor", "looks like ÷ 10"),
        (1_000, "size", "more than 5 times"),
        (10, "size", "less than a fifth"),
        (0, "zero", "all values before were above"),
        (-55, "sign", "all values before were above"),
    ],
)
def test_doubts(new: float, kind: str, words: str) -> None:
    doubt = entry_check(new, VISITS)
    assert doubt is not None and doubt.kind == kind and words in doubt.sentence


@pytest.mark.parametrize("new", [11, 55, 110, 275])
def test_what_may_well_be_is_not_doubted(new: float) -> None:
    assert entry_check(new, VISITS) is None


def test_the_median_is_of_the_last_five_values_that_are_there() -> None:
    assert entry_check(500, [1.0, 1.0, 1.0, 480, None, 500, 520, None, 510, 490]) is None
    assert entry_check(5, [1.0, 1.0, 1.0, 480, None, 500, 520, None, 510, 490]) is not None


def test_negative_series_are_judged_in_the_mirror() -> None:
    losses = [-v for v in VISITS]
    assert (entry_check(-550, losses) or ("", ""))[0] == "factor"
    assert (entry_check(55, losses) or ("", ""))[0] == "sign"
    assert entry_check(-60, losses) is None


def test_values_that_cross_zero_have_no_usual_size() -> None:
    assert entry_check(40, [-3.0, 2, 1, -1, 4]) is None


def test_a_sign_nearly_never_seen() -> None:
    profits = [5.0] * 24 + [-1.0] + [5.0] * 25
    assert (entry_check(-5, profits) or ("", ""))[0] == "sign"
    assert entry_check(-5, [5.0] * 12 + [-4.0, -5.0] + [5.0] * 12) is None


def test_zero_is_normal_where_zeros_were() -> None:
    assert entry_check(0, [0.0, 1, 2, 1, 1]) is None
    assert entry_check(0, [0.0, 0, 0, 0]) is None
    assert entry_check(9, [0.0, 0, 0, 0]) is None


def test_too_little_history_is_silent() -> None:
    assert entry_check(5_500, [55, None, 54]) is None


def test_hard_bounds() -> None:
    assert bounds_check(5, 0, 10) is None
    assert bounds_check(0, 0, 0) is None
    below, above = bounds_check(-1, 0, None), bounds_check(101, None, 100, lambda v: f"{v:g} %")
    assert below is not None and below.kind == "bounds"
    assert above is not None and above.sentence == "101 % is above 100 %, the most this metric can be"
