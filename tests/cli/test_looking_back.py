"""Log, members, proposals, closings and calendar of an earlier day: as they stood then, and that day as known now."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpitui.domain.periods import parse_label
from kpitui.domain.workspace import Workspace
from kpitui.services import calendar_setting, closing, history, members, proposals
from kpitui.services.calendar import calendar_of
from tests.conftest import Ran
from tests.services.acme import MODEL, TODAY
from tests.workspace import build, clock

Run = Callable[..., Ran]
THEN = "2026-11-05"


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something of each before the fifth, and other things a fortnight later."""
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    with build(tmp_path, MODEL, "mrr 2026-W40 340000 343000", today="2026-11-02") as store:
        monkeypatch.setenv("KPITUI_DB", store.path)
        _, span = parse_label("2026-W41", calendar_of({}))
        closing.close(store, "2026-09", "books closed", TODAY - 18)
        proposals.propose(store, "mrr", span, "344000", "an invoice", today=TODAY - 18)
        members.add(store, "bo", "editor")
        store.now = clock("2026-11-19")
        closing.close(store, "2026-10", "closed, too", TODAY - 1)
        proposals.decline(store, 1, "counted twice", today=TODAY - 1)
        proposals.propose(store, "mrr", span, "345000", "another", today=TODAY - 1)
        members.add(store, "bo", "reader")
        history.undo(store)
        members.add(store, "cy", "contributor")
        calendar_setting.set_calendar(store, Workspace(name="Acme", week_start="sunday"), Workspace(name="Acme"))


def test_what_stood_then_and_what_is_known_of_it_now(acme: None, kpitui: Run) -> None:
    def said(words: str, *past: str) -> Any:
        return json.loads(kpitui(*words.split(), "--json", *past).out)

    then, since = ("--as-of", THEN), ("--as-of", THEN, "--as-known", "now")
    assert [one["period"]["label"] for one in said("close", *then)] == ["2026-09"]
    assert [one["period"]["label"] for one in said("close", *since)] == ["2026-09"]
    assert [one["period"]["label"] for one in said("close")] == ["2026-10", "2026-09"]
    assert [(one["id"], one["state"]) for one in said("proposals --all", *then)] == [(1, "open")]
    assert [(one["id"], one["state"]) for one in said("proposals --all", *since)] == [(1, "declined")]
    assert [one["id"] for one in said("proposals --all")] == [2, 1]
    assert [one["account"] for one in said("members", *then)["members"]] == ["ana", "bo"]
    assert [one["account"] for one in said("members", *since)["members"]] == ["ana", "bo", "cy"]
    assert said("calendar show", *then)["settings"]["week_start"] == "monday"
    assert said("calendar show", *since)["settings"]["week_start"] == "sunday"
    assert said("calendar", *since)["now"]["week"]["end"] == "2026-11-08"
    lines, known_now = said("log", *then), said("log", *since)
    assert [one["id"] for one in lines] == [one["id"] for one in known_now] and all(one["at"] < THEN for one in lines)
    # The calendar of then names the period, or the one of now.
    assert [next(one["on"] for one in found if one["after"] == 343_000) for found in (lines, known_now)] == [
        "MRR 2026-W41", "MRR 2026-10-05..2026-10-12"
    ]  # fmt: skip
    assert len(said("log", "--as-known", THEN)) == len(lines) < len(said("log"))
    plain = [kpitui("--plain", "log", *past).out.splitlines()[1:] for past in (then, since)]
    assert len(plain[0]) == len(plain[1]) < len(kpitui("--plain", "log").out.splitlines())


def test_people_are_told_whose_knowledge_it_is(acme: None, kpitui: Run) -> None:
    for words in ("log", "members", "proposals", "close", "calendar", "calendar show"):
        assert kpitui(*words.split(), "--as-of", THEN).out.startswith("Thu 5 Nov 2026, as known then\n"), words
    assert "were " in kpitui("members", "--as-of", THEN).out
    assert "1 of 23 lines" in kpitui("log", "--limit", "1", "--as-of", THEN, "--as-known", "now").err


@pytest.mark.parametrize(
    "words",
    ["close oct --as-of -1w", "calendar holidays days.csv --as-of -1w", "calendar --as-of -1w show",
     "members --as-known now add dee reader"],
)  # fmt: skip
def test_what_changes_something_is_refused_beside_a_day(acme: None, kpitui: Run, words: str) -> None:
    ran = kpitui(*words.split())
    assert ran.code == 2 and "--as-of and --as-known" in ran.err
