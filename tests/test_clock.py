from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kpitui import clock
from kpitui.domain.problem import Problem


def test_the_variable_fixes_today() -> None:
    assert clock.today({"KPITUI_TODAY": "2026-11-20"}) == date(2026, 11, 20)
    assert clock.today({"KPITUI_TODAY": "2026-11-20"}, "Pacific/Kiritimati") == date(2026, 11, 20)


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "20261120", "2026-W47-5", "2026-11-20 ", "\x1b[31m"])
def test_what_is_no_date_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Problem, match=r"KPITUI_TODAY is .* which is no date") as refused:
        clock.today({"KPITUI_TODAY": text})
    assert "\x1b" not in str(refused.value)


def test_without_it_the_machine_or_the_workspaces_zone_says_the_day() -> None:
    days = {clock.today({}, zone) for zone in ("Pacific/Kiritimati", "Etc/GMT+12")}
    # 14 hours ahead and 12 behind: somewhere it is always another day.
    assert len(days) == 2
    assert abs(clock.today({}) - datetime.now(UTC).date()) <= timedelta(days=1)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Problem, match="time zone"):
        clock.today({}, zone)


def test_now_is_real_and_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPITUI_TODAY", "2001-01-01")
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now().year > 2001
