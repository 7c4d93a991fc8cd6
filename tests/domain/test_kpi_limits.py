from __future__ import annotations

import pytest

from kpitui.domain.kpi_limits import Limits, check, limits, severity


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((None, None, None), (3, 5, 7)),
        ((2, None, None), (2, 5, 7)),
        ((6, None, None), (6, 6, 7)),
        ((None, 2, None), (2, 2, 7)),
        ((None, None, 4), (3, 4, 4)),
        ((8, 10, 12), (8, 10, 12)),
    ],
)
def test_a_scopes_own_limits_move_the_workspaces_as_far_as_they_must(
    own: tuple[int | None, ...], expected: tuple[int, int, int]
) -> None:
    assert limits(own, Limits()) == expected


def test_limits_that_go_down_or_are_none_at_all_are_named() -> None:
    assert "5, 4 do not" in check((5, None, 4))[0]
    assert "1 or more" in check((0, None, None))[0]
    assert not check((None, None, None)) and not check((2, 2, 2))


def test_how_bad_so_many_are() -> None:
    assert [severity(count, Limits()) for count in (3, 4, 6, 8)] == ["", "notice", "warning", "error"]
