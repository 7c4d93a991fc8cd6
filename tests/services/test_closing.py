"""Closed periods: a change there needs a reason and is shown; a signed review asks for one in the screens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpitui.domain.periods import parse_label
from kpitui.domain.problem import Problem
from kpitui.errors import NeedsReason, NotFound, Refused
from kpitui.services import closing, detail, entry, history
from kpitui.services.calendar import calendar_of
from kpitui.services.reasons import with_reason
from kpitui.storage import points, reading
from kpitui.storage.store import Store
from tests.services.acme import MODEL, TODAY
from tests.workspace import build

OCT = "2026-10"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = build(tmp_path, MODEL, "mrr 2026-W40 341000 343000\nmrr 2026-W46 345000")
    closing.close(made, "oct", "books closed", TODAY)
    return made


def save(store: Store, week: str, text: str, **kw: object) -> object:
    span = parse_label(week, calendar_of({}))[1]
    return entry.record_value(store, "mrr", span, text, today=TODAY, judged=False, **kw)  # type: ignore[arg-type]


def value(store: Store, week: str) -> float | None:
    metric = reading.metric(store, "mrr")
    assert metric is not None
    start, end = parse_label(week, calendar_of({}))[1]
    return next(row.value for row in points.between(store, metric.id, start, start + 1) if row.end == end)


def test_a_closed_period_wants_a_reason_and_shows_what_was_restated(store: Store) -> None:
    with pytest.raises(NeedsReason, match="books closed"):
        save(store, "2026-W41", "350000")
    for nothing in ("", "  ", "\u200b \x1b[0m"):
        with pytest.raises(NeedsReason):
            save(store, "2026-W41", "350000", why=nothing, note=nothing)
    assert value(store, "2026-W41") == 343_000
    save(store, "2026-W41", "350000", why="two invoices were late")
    save(store, "2026-W40", "342000", note="counted again")
    save(store, "2026-W46", "346000")  # nobody closed November
    found = closing.restatements(store, TODAY)
    assert [(one.label, one.was, one.now, one.who, one.why) for one in found] == [
        ("2026-W40", 341_000, 342_000, "ana", "counted again"),
        ("2026-W41", 343_000, 350_000, "ana", "two invoices were late"),
    ]
    assert [one.restated for one in detail.detail(store, TODAY, "mrr").corrections] == [False, True, True]
    assert found[0].closed == OCT and closing.restatements(store, TODAY, "cac") == ()
    assert [(one.label, one.restatements) for one in closing.closed(store, TODAY)] == [(OCT, 2)]


def test_a_week_that_only_reaches_into_it_is_closed_too_and_so_is_what_is_new_there(store: Store) -> None:
    for week in ("2026-W39", "2026-W44"):
        with pytest.raises(NeedsReason):
            save(store, week, "350000") if week == "2026-W44" else save(store, "2026-W40", "1")
    save(store, "2026-W39", "350000")  # ends on 27 September


def test_undo_and_many_at_once_ask_too(store: Store) -> None:
    save(store, "2026-W41", "350000", why="late")
    with pytest.raises(NeedsReason):
        history.undo(store, today=TODAY)
    with_reason(store, "wrong after all", history.undo, today=TODAY)
    assert value(store, "2026-W41") == 343_000 and store.reason == ""
    metric = reading.metric(store, "mrr")
    assert metric is not None
    cells = [entry.Cell(metric.id, parse_label(week, calendar_of({}))[1], "1") for week in ("2026-W46", "2026-W41")]
    with pytest.raises(NeedsReason):
        entry.save_many(store, cells, today=TODAY)
    assert value(store, "2026-W46") == 345_000


def test_reopening_lets_go_and_what_was_changed_then_is_no_restatement(store: Store) -> None:
    closing.reopen(store, "2026-10", "an invoice is missing", TODAY)
    save(store, "2026-W41", "350000")
    assert closing.restatements(store, TODAY) == () == closing.closed(store, TODAY)
    with pytest.raises(NotFound, match="is not closed"):
        closing.reopen(store, "sep", "x", TODAY)
    history.undo(store, today=TODAY)  # the value
    history.undo(store, today=TODAY)  # the reopening
    with pytest.raises(NeedsReason):
        save(store, "2026-W41", "351000")


def test_what_cannot_be_closed(store: Store) -> None:
    with pytest.raises(Refused, match="closed already: ana closed it on 2026-11-20"):
        closing.close(store, "2026-W41", "x", TODAY)
    with pytest.raises(Refused, match="is not over"):
        closing.close(store, "nov", "x", TODAY)
    with pytest.raises(Problem, match="needs a reason"):
        closing.close(store, "sep", " ", TODAY)


def test_the_commands(store: Store, kpitui, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    refused = kpitui("record", "mrr", "1", "--on", "2026-W41")
    assert refused.code == 1 and refused.err.endswith("needs a reason. NOT saved: say why. --why TEXT does.\n")
    assert kpitui("record", "mrr", "350000", "--on", "2026-W41", "--why", "late").code == 0
    told = json.loads(kpitui("history", "mrr", "--on", "w41", "--json").out)
    assert [one["restated"] for one in told] == [False, True]
    assert "343,000" in kpitui("restatements").out and '"was": 343000.0' in kpitui("restatements", "--json").out
    assert "books closed" in kpitui("close").out
    for word in ("close", "reopen"):
        assert kpitui(word, "sep").err.endswith(" sep needs a reason. --why TEXT does.\n")
    assert kpitui("close", "sep", "--why", "books").out == (
        "Closed 2026-09: a change there needs a reason now, and is shown.\n"
    )
    assert kpitui("reopen", "sep", "--why", "more").code == 0 and kpitui("reopen", "sep", "--why", "more").code == 1
