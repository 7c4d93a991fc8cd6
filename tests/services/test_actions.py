"""Actions: owner and date are compulsory, dates move and keep the first, done can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.problem import Problem
from kpitui.errors import Conflict, NotFound, Refused
from kpitui.services import actions
from tests.review_sample import TODAY, reviewed
from tests.workspace import join


def test_what_who_and_when_or_a_sentence_says_what_is_missing(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    done = actions.add(store, "Brief the agency @bo tue", TODAY)
    assert done.sentence == "Saved action: bo, Brief the agency, Tue 24 Nov"
    assert (done.task.due, done.task.late_days, done.task.state) == (TODAY + 4, 0, "open")
    for line, missing in (("Brief them fri", "Who"), ("Brief them @bo", "When"), ("@bo", "What")):
        with pytest.raises(Problem, match=missing):
            actions.add(store, line, TODAY)
    assert len(actions.tasks(store, TODAY)) == 1


def test_mine_and_late(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    actions.add(store, "A @ana 2026-11-17", TODAY)
    actions.add(store, "B @bo 2026-11-27", TODAY)
    assert [task.text for task in actions.tasks(store, TODAY, mine=True)] == ["A"]
    late = actions.tasks(store, TODAY, late=True)
    assert [(task.text, task.late_days) for task in late] == [("A", 3)]
    assert actions.tasks(join(store, "cy"), TODAY, mine=True) == ()


def test_a_new_date_keeps_the_first_one(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = actions.add(store, "A @ana 2026-11-17", TODAY).task.id
    actions.redate(store, number, "fri", TODAY)
    moved = actions.redate(store, number, "+2w", TODAY)
    assert (moved.task.due, moved.task.first_due) == (TODAY + 14, TODAY - 3)
    assert moved.sentence == "ana, A: Fri 4 Dec (was Fri 27 Nov)"
    with pytest.raises(Problem, match="over"):
        actions.redate(store, number, "2026-11-19", TODAY)


def test_an_action_is_handed_over_with_or_without_another_date(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    number = actions.add(store, "A @ana 2026-11-27", TODAY).task.id
    moved = actions.hand_over(store, number, "@bo", TODAY)
    assert moved.sentence == "bo, A: Fri 27 Nov (was ana)"
    assert (moved.task.owner, moved.task.due, moved.task.first_due) == ("bo", TODAY + 7, None)
    assert actions.date_preview("@cy", TODAY) == "cy, on the same day"
    assert actions.date_preview("@cy +2w", TODAY) == "cy, Fri 4 Dec, in 14 days"
    both = actions.amend(store, number, "@cy +2w", TODAY)
    assert both.sentence == "cy, A: Fri 4 Dec (was bo, Fri 27 Nov)" and both.task.first_due == TODAY + 7
    assert actions.amend(store, number, "@ana", TODAY).task.owner == "ana"
    assert actions.amend(store, number, "fri", TODAY).task.due == TODAY + 7
    with pytest.raises(Refused, match="belongs to ana already"):
        actions.hand_over(store, number, "ana", TODAY)
    for wrong in ("", "ana bo", "@"):
        with pytest.raises(Problem, match="one person"):
            actions.hand_over(store, number, wrong, TODAY)
    with pytest.raises(Problem, match="one owner"):
        actions.amend(store, number, "@bo @cy", TODAY)
    actions.close(store, number, TODAY)
    with pytest.raises(Refused, match="only an open action is handed over"):
        actions.hand_over(store, number, "bo", TODAY)


def test_done_and_open_again(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    task = actions.add(store, "A @ana fri", TODAY).task
    done = actions.close(store, task.id, TODAY).task
    assert (done.state, done.closed) == ("done", TODAY)
    with pytest.raises(Refused, match="done already"):
        actions.close(store, task.id, TODAY)
    with pytest.raises(Refused, match="only an open action"):
        actions.redate(store, task.id, "fri", TODAY)
    again = actions.close(store, task.id, TODAY, state="open").task
    assert (again.state, again.closed) == ("open", None)
    with pytest.raises(NotFound, match="no action 99"):
        actions.close(store, 99, TODAY)


def test_somebody_else_was_faster(tmp_path: Path) -> None:
    store = reviewed(tmp_path)
    seen = actions.add(store, "A @ana fri", TODAY).task
    actions.redate(join(store, "bo"), seen.id, "+2w", TODAY)
    with pytest.raises(Conflict, match="changed meanwhile by bo"):
        actions.close(store, seen.id, TODAY, rev=seen.rev)
