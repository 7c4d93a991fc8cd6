from __future__ import annotations

import subprocess
import sys
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


def test_the_machines_own_zone_needs_no_zoneinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    def linked(to: str) -> str:
        monkeypatch.setattr("os.readlink", lambda path: to)
        return clock.zone_of_machine({})

    assert linked("/usr/share/zoneinfo/Europe/Vienna") == "Europe/Vienna"
    assert linked("../usr/share/zoneinfo/Etc/UTC") == "Etc/UTC"
    assert linked("/etc/clock") == "" and linked("/usr/share/zoneinfo/right/UTC") != "UTC"
    linked("/usr/share/zoneinfo/Pacific/Kiritimati")
    assert clock.zone_of_machine({"TZ": "America/Lima"}) == ""
    assert abs(clock.today({}, "Pacific/Kiritimati") - datetime.now().date()) < timedelta(days=1)
    # Elsewhere the zone is looked up; by the machine's own clock it would be the same day as there.
    days = {clock.today({"TZ": "UTC"}, zone) for zone in ("Pacific/Kiritimati", "Etc/GMT+12")}
    assert len(days) == 2


def test_the_day_in_utc_needs_no_zoneinfo() -> None:
    code = "import sys; from kpitui import clock; clock.today({'TZ': 'x'}, 'UTC'); print('zoneinfo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
