"""`kpitui review` and `kpitui actions`: held by commands alone, read by people and programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.identity import Who
from kpitui.services import signing
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.review_sample import reviewed
from tests.workspace import record

Run = Callable[..., Ran]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = reviewed(tmp_path)
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    monkeypatch.setattr("kpitui.identity.who", lambda: Who(1001, "ana", "host"))
    return store


def test_held_from_start_to_minutes(store: Store, kpitui: Run, tmp_path: Path) -> None:
    assert kpitui("review", "list").err.startswith("No review was held yet")
    assert kpitui("review", "start").out == "Started weekly review W47, led by ana.\n"
    assert kpitui("review", "start").out == "Weekly review W47 goes on at step 1.\n"
    assert kpitui("review", "write", "action", "Brief them @bo tue", "--on", "demos").out == (
        "Saved action: bo, Brief them, Tue 24 Nov.\n"
    )
    assert kpitui("review", "write", "decision", "Hire").code == 0
    once = kpitui("review", "follow", "--once").out
    assert "Step 1 of 6: Actions\n  off     Demos booked 26 against ≥ 30 (-13.3%)" in once
    assert "action   ana: Brief them (Demos booked)" in once
    assert kpitui("review", "minutes").code == 1
    signed = kpitui("review", "sign", "--rating", "8")
    assert signed.out == (
        "Signed off weekly review W47 · minutes in reviews/2026-W47-weekly.md · limits of 3 metrics locked.\n"
    )
    assert [line.split()[:5] for line in kpitui("review", "list").out.splitlines()[1:]] == [
        ["1", "2026-W47", "weekly", "2026-11-20", "signed"]
    ]
    followed = kpitui("review", "follow", "1").out
    assert "Signed off.\n\n# Weekly review W47" in followed and followed.endswith("ana leads.\n")


def test_minutes_are_the_stored_bytes_and_corrections_stand_below(store: Store, kpitui: Run, tmp_path: Path) -> None:
    kpitui("review", "start")
    kpitui("review", "sign")
    before = (tmp_path / "reviews/2026-W47-weekly.md").read_bytes()
    record(store, "demos 2026-W47 29")
    shown = kpitui("review", "show", "W47").out
    assert shown.startswith(before.decode()[:-1])
    said = "26 when signed off, 29 now (ana, 20 Nov, no reason given)"
    assert shown.endswith(f"not part of the minutes:\n  Demos booked: {said}\n")
    assert signing.stored_minutes(store, 1).encode() == before
    told = json.loads(kpitui("review", "minutes", "--json").out)
    assert told == {"id": 1, "minutes": before.decode(), "corrections": [f"Demos booked: {said}"]}


def test_minutes_on_a_pipe_are_byte_for_byte(store: Store, kpitui: Run, tmp_path: Path) -> None:
    import subprocess

    kpitui("review", "start")
    kpitui("review", "sign")
    record(store, "demos 2026-W47 29")
    ran = subprocess.run([sys.executable, "-m", "kpitui", "review", "minutes"], capture_output=True, check=True)
    assert ran.stdout == (tmp_path / "reviews/2026-W47-weekly.md").read_bytes()
    assert b"not part of the minutes: Demos booked: 26 when signed off, 29 now" in ran.stderr


def test_show_as_json(store: Store, kpitui: Run) -> None:
    kpitui("review", "start", "--people", "bo,cy")
    kpitui("review", "write", "issue", "Are no-shows counted?")
    told = json.loads(kpitui("review", "show", "--json").out)
    assert told["period"] == {"label": "2026-W47", "start": "2026-11-16", "end": "2026-11-23"}
    assert (told["state"], told["leader"], told["people"], told["step"]) == ("open", "ana", ["bo", "cy"], 1)
    assert [(one["slug"], one["group"]) for one in told["exceptions"]] == [
        ("demos", "off"),
        ("cac", "watch"),
        ("mrr", "signal"),
    ]
    assert [(line["kind"], line["text"]) for line in told["lines"]] == [("issue", "Are no-shows counted?")]
    assert told["corrections"] == []


def test_refusals_are_sentences(store: Store, kpitui: Run) -> None:
    assert kpitui("review", "write", "note", "x") == Ran(
        1, "", "kpitui: No review is running: kpitui review start begins one, and so does r in the screens.\n"
    )
    assert kpitui("review", "start", "--rhythm", "daily").err.startswith("kpitui: “daily” is no rhythm")
    assert kpitui("review", "start", "--scope", "moon").err.startswith("kpitui: There is no scope called “moon”")
    kpitui("review", "start")
    kpitui("review", "sign")
    assert kpitui("review", "start", "--rhythm", "weekly").err.endswith("its leader may reopen it, with a reason.\n")
    assert kpitui("review", "reopen", "W47", "wrong").out == "Opened again: wrong.\n"
    assert kpitui("review", "sign", "--rating", "11").code == 2


def test_actions_added_listed_and_done(store: Store, kpitui: Run) -> None:
    assert kpitui("actions").err.startswith("No open action.")
    assert kpitui("actions", "add", "Brief them @bo fri", "--on", "demos").out == (
        "Saved action: bo, Brief them, Fri 27 Nov (no. 1).\n"
    )
    kpitui("actions", "add", "Late one @ana 2026-11-17")
    assert kpitui("actions", "add", "Who does it fri").err == "kpitui: Who does it? Name somebody, like @bo.\n"
    assert [line.split() for line in kpitui("actions").out.splitlines()[1:]] == [
        ["2", "ana", "Late", "one", "Tue", "17", "Nov", "3d", "late"],
        ["1", "bo", "Brief", "them", "Fri", "27", "Nov", "Demos", "booked"],
    ]
    (late,) = json.loads(kpitui("actions", "--late", "--json").out)
    assert (late["id"], late["late_days"], late["due"], late["on"]) == (2, 3, "2026-11-17", None)
    assert [one["id"] for one in json.loads(kpitui("actions", "--mine", "--json").out)] == [2]
    assert kpitui("actions", "date", "2", "+1w").out == "ana, Late one: Fri 27 Nov (was Tue 17 Nov).\n"
    assert kpitui("actions", "done", "2").out == "Done: ana, Late one (was open).\n"
    assert kpitui("actions", "done", "9").code == 1
    assert [one["state"] for one in json.loads(kpitui("actions", "--all", "--json").out)] == ["open", "done"]
