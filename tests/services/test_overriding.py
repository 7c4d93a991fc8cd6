"""A person's own verdict: both are shown, it ends with the next value, and it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import Span, to_day
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services.entry import record_value
from kpitui.services.history import log, undo
from kpitui.services.judging import Row
from kpitui.services.overriding import Typed, override, read_override
from kpitui.services.overview import scorecard
from kpitui.storage.store import Store
from tests.conftest import Ran
from tests.services.test_outlooks import MODEL, POINTS, TODAY
from tests.workspace import build


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return build(tmp_path, MODEL, POINTS)


def leads(store: Store, today: int = TODAY) -> Row:
    return next(row for row in scorecard(store, today).kpis if row.slug == "leads")


def kpi(store: Store) -> int:
    found = leads(store).kpi_id
    assert found is not None
    return found


def test_both_verdicts_are_shown(store: Store) -> None:
    before = leads(store)
    done = override(store, kpi(store), "at risk ; the best campaign ends", TODAY)
    assert done.sentence == "Leads is at risk by your word until its next value (worked out on track)"
    row = leads(store)
    assert (row.status, row.worked_out, row.chance) == ("at_risk", "on_track", before.chance)
    assert row.why == f"ana says at risk: the best campaign ends (worked out on track: {before.why})"
    assert row.override is not None and row.override.who == "ana"


def test_the_next_value_ends_it_and_a_correction_does_not(store: Store) -> None:
    override(store, kpi(store), "off ; it will not hold", TODAY)
    row = leads(store)
    assert row.period is not None
    record_value(store, row.metric_id, row.period, "37", today=TODAY)
    assert leads(store).status == "off_track"
    following = Span(row.period.end, row.period.end + 7)
    record_value(store, row.metric_id, following, "41", today=following.end)
    assert leads(store, following.end).override is None
    assert leads(store, following.end).status == "on_track"


def test_it_counts_from_the_day_it_was_said(store: Store) -> None:
    override(store, kpi(store), "off ; no", TODAY)
    assert leads(store, TODAY - 1).override is None


def test_it_can_be_taken_back_and_undone(store: Store) -> None:
    override(store, kpi(store), "off ; no", TODAY)
    override(store, kpi(store), "risk ; perhaps", TODAY)
    assert leads(store).status == "at_risk" and leads(store).worked_out == "on_track"
    assert override(store, kpi(store), "-", TODAY).sentence == "Leads is judged by its numbers again: on track"
    assert (leads(store).status, leads(store).worked_out) == ("on_track", "")
    with pytest.raises(Refused, match="judged by its numbers already"):
        override(store, kpi(store), "-", TODAY)
    undo(store, today=TODAY)
    assert leads(store).status == "at_risk"


def test_it_stands_in_the_log_with_its_reason(store: Store) -> None:
    override(store, kpi(store), "off ; no", TODAY)
    line = log(store, TODAY).lines[0]
    assert line.kind == "targets" and line.why == "no" and "Leads" in line.on


@pytest.mark.parametrize(
    "text", ["", "fine ; because", "at risk", "at risk ;  ", "achieved ; yes", "off ; " + "x" * 4001]
)
def test_what_is_no_verdict_is_refused(store: Store, text: str) -> None:
    with pytest.raises(Problem):
        override(store, kpi(store), text, TODAY)
    assert leads(store).override is None


def test_how_it_is_typed() -> None:
    assert read_override("On Track; because") == Typed("on_track", "because")
    assert read_override("off_track ;  a   b") == Typed("off_track", "a b")
    assert read_override("-") == Typed(None, "")


def test_what_is_not_judged_cannot_be_overridden(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, "price 2025-10 100")
    row = next(row for row in scorecard(store, TODAY).kpis if row.slug == "leads")
    assert row.kpi_id is not None
    with pytest.raises(Refused, match="Leads is no data: only a running verdict can be overridden"):
        override(store, row.kpi_id, "off ; no", TODAY)


def test_status_json_says_both(store: Store, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    override(store, kpi(store), "off ; no", TODAY)
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    found = {one["slug"]: one for one in json.loads(kpitui("status", "--json").out)["kpis"]}
    assert found["leads"]["status"] == "off_track" and found["leads"]["worked_out"] == "on_track"
    assert found["leads"]["override"] == {"status": "off_track", "why": "no", "who": "ana", "on": "2026-11-20"}
    assert found["price"]["override"] is None
    assert to_day(date(2026, 11, 20)) == TODAY
