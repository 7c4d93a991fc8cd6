"""Playbooks and what comes of them, over a real workspace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.errors import Refused
from kpitui.services import actions, doctor, history, playbook, review
from kpitui.services.book import Book
from kpitui.services.countermeasures import countermeasures
from kpitui.services.review_session import session
from kpitui.storage.store import Store
from tests.workspace import build, record

TODAY = to_day(date(2026, 11, 20))
MODEL = """
[[scope]]
slug = "caller"
name = "Role: caller"
kind = "role"

[[metric]]
slug = "calls"
name = "Calls"
owner = "bo"

[[metric]]
slug = "visits"
name = "Visits"

[[kpi]]
metric = "calls"
scope = "caller"
target_kind = "at_least"
target = 40
deadline = 2026-12-31
"""


def made(tmp_path: Path) -> tuple[Store, int, int]:
    store = build(tmp_path, MODEL, "calls 2026-W20 30 31 29 30 32 30 29 31 30 31 29 30 31 30")
    return store, *store.row("SELECT metric_id, id FROM kpi")  # type: ignore[misc]


def test_a_playbook_is_written_for_a_kpi_or_for_everybody_in_its_scope(tmp_path: Path) -> None:
    store, metric_id, kpi_id = made(tmp_path)
    empty = playbook.playbook(store, metric_id, kpi_id, TODAY)
    assert (empty.id, empty.causes, empty.of) == (0, (), "Calls")
    with pytest.raises(Refused, match="needs words"):
        playbook.write(store, empty, " ", "; ;", "")
    assert "P01" in {case.finding.rule for case in doctor.examine(store, TODAY).cases}
    done = playbook.write(store, empty, "old list; wrong hours", "an hour with bo", "", whole_scope=True)
    assert done.sentence == "Kept the playbook of Calls: 3 points"
    found = playbook.playbook(store, metric_id, kpi_id, TODAY)
    assert found.causes == ("old list", "wrong hours") and found.of == "everybody in Role: caller"
    assert "P01" not in {case.finding.rule for case in doctor.examine(store, TODAY).cases}
    playbook.write(store, found, "old list", "", "call together")
    again = playbook.playbook(store, metric_id, kpi_id, TODAY)
    assert (again.causes, again.support, again.steps) == (("old list",), (), ("call together",))
    assert store.one("SELECT count(*) FROM playbook") == 1
    history.undo(store, today=TODAY)
    assert playbook.playbook(store, metric_id, kpi_id, TODAY).support == ("an hour with bo",)


def test_a_plain_metric_has_none(tmp_path: Path) -> None:
    store, *_ = made(tmp_path)
    visits = store.one("SELECT id FROM metric WHERE slug = 'visits'")
    seen = playbook.playbook(store, visits, None, TODAY)
    with pytest.raises(Refused, match="is no KPI"):
        playbook.write(store, seen, "x", "", "")


def test_filled_in_it_is_an_action_with_a_cause_and_a_note_at_the_chart(tmp_path: Path) -> None:
    store, metric_id, _ = made(tmp_path)
    with pytest.raises(Refused, match="needs a cause"):
        playbook.fill_in(store, metric_id, " ", "New list @bo fri", TODAY)
    with pytest.raises(Problem):
        playbook.fill_in(store, metric_id, "old list", "New list", TODAY)
    done = playbook.fill_in(store, metric_id, "old list", "New list @bo 2026-11-27", TODAY)
    assert done.sentence == "Saved old list: bo, New list, Fri 27 Nov"
    assert store.row("SELECT text, owner, cause FROM action") == ("New list", "bo", "old list")
    assert store.one("SELECT text FROM annotation") == "old list: New list"
    history.undo(store, today=TODAY)
    assert actions.tasks(store, TODAY) == ()


def test_in_a_running_review_it_is_an_issue_and_an_action_there(tmp_path: Path) -> None:
    store, metric_id, _ = made(tmp_path)
    running = review.start(store, "weekly", TODAY).id
    playbook.fill_in(store, metric_id, "old list", "New list @bo 2026-11-27", TODAY, running)
    assert store.rows("SELECT kind, text FROM review_line ORDER BY id") == [
        ("issue", "old list"),
        ("action", "New list"),
    ]
    assert store.one("SELECT review_id FROM action") == running
    assert store.one("SELECT count(*) FROM annotation") == 0
    shown = session(store, running, TODAY).effects
    assert [(one.text, one.sentence) for one in shown] == [("New list", "not in place yet")]


def test_its_effect_is_looked_at_again_in_the_next_reviews(tmp_path: Path) -> None:
    store, metric_id, _ = made(tmp_path)
    done_on = to_day(date(2026, 8, 20))  # W34
    playbook.fill_in(store, metric_id, "old list", "New list @bo 2026-08-27", done_on)
    actions.close(store, int(store.one("SELECT id FROM action")), done_on)
    record(store, "calls 2026-W35 31 30")
    (early,) = countermeasures(Book(store, to_day(date(2026, 9, 7))), [metric_id])
    assert early.effect and early.effect.state == "too_early" and early.sentence == "too early to say: 2 values since"
    record(store, "calls 2026-W37 40 41 39 40 41 40")
    (later,) = countermeasures(Book(store, TODAY), [metric_id])
    assert later.effect and later.effect.state == "better" and "against 30" in later.sentence
    assert countermeasures(Book(store, done_on + 200), [metric_id]) == ()
    assert countermeasures(Book(store, TODAY), [metric_id + 1]) == ()
    running = review.start(store, "weekly", TODAY).id
    assert session(store, running, TODAY).effects[0].sentence.startswith("shifted up")
