"""`kpitui due`: for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.identity import Who
from kpitui.services.due_lines import earlier_words
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.workspace import build

MODEL = """
[[metric]]
slug = "nps"
name = "NPS"
kind = "level"
cadence = "quarter"
owner = "dee"

[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"
owner = "ana"
updater = "bo"
"""
Run = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = build(tmp_path, MODEL, "cac 2026-W40 395 404 398 402 409 412 410\nnps 2026-Q2 41")
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    return store


def test_late_first_for_people(store: Store, kpitui: Run) -> None:
    ran = kpitui("due")
    assert ran.code == 0 and ran.err == ""
    assert [line.split() for line in ran.out.splitlines()] == [
        ["metric", "name", "period", "due", "last", "usual", "by"],
        ["nps", "NPS", "2026-Q3", "51d", "late", "41", "–", "dee"],
        ["cac", "CAC", "2026-W47", "2026-11-20", "$410", "$393-427", "bo"],
    ]


def test_json_has_the_promised_keys(store: Store, kpitui: Run) -> None:
    nps, cac = json.loads(kpitui("due", "--json").out)
    assert {key: nps[key] for key in ("slug", "due", "late_days", "owner", "last", "usual")} == {
        "slug": "nps",
        "due": "2026-09-30",
        "late_days": 51,
        "owner": "dee",
        "last": 41.0,
        "usual": None,
    }
    assert cac["period"] == {"label": "2026-W47", "start": "2026-11-16", "end": "2026-11-23", "partial": True}
    assert cac["usual"] == pytest.approx([410 - 3.27 * 31 / 6, 410 + 3.27 * 31 / 6])


def test_mine_is_what_my_account_enters(store: Store, kpitui: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpitui.identity.who", lambda: Who(1002, "bo", "host"))
    assert [item["slug"] for item in json.loads(kpitui("due", "--mine", "--json").out)] == ["cac"]


def test_nothing_due_says_what_comes(store: Store, kpitui: Run) -> None:
    kpitui("record", "cac", "400")
    kpitui("record", "nps", "43", "--on", "2026-Q3")
    ran = kpitui("due")
    assert ran == Ran(0, "", "All in. Next: CAC, W48, on 2026-11-27.\n")
    assert kpitui("due", "--json").out == "[]\n"


def test_what_is_marked_is_said_to_people(store: Store, kpitui: Run) -> None:
    kpitui("record", "cac", "4100")
    ran = kpitui("due")
    assert "To check, marked ?: CAC W47 = $4.1k." in ran.err
    assert kpitui("due", "--json").err == ""
    kpitui("record", "cac", "4100")
    assert "To check" not in kpitui("due").err


def test_a_line_a_metric_for_people_and_a_line_a_period_for_programs(
    tmp_path: Path, kpitui: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = build(tmp_path, MODEL, "cac 2026-W40 395\nnps 2026-Q2 41")
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    lines = kpitui("due").out.splitlines()
    cac = next(line for line in lines if line.startswith("cac"))
    assert "2026-W47 and 6 earlier, from 2026-W41" in cac and "2026-11-20" in cac
    assert lines[-1] == "8 values of 2 metrics are due, 7 late. kpitui due --csv has a line for each."
    assert len(kpitui("due", "--csv").out.splitlines()) == 9
    assert len(json.loads(kpitui("due", "--json").out)) == 8
    assert "CAC W47, today. And 6 earlier, from W41." in kpitui("--plain", "due").out


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (0, "and 7 earlier, from W38"),
        (21, "7 earlier, from W38"),
        (18, "7 earlier from W38"),
        (14, "+7 from W38"),
        (6, "+7"),
    ],
)
def test_as_much_is_said_as_there_is_room_for(room: int, words: str) -> None:
    assert earlier_words(7, "W38", room) == words and earlier_words(1, "W46") == "and 1 earlier, W46"
