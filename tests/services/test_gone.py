"""Whose things are left behind: owners that are no member, or have no account where a group writes the file."""

from __future__ import annotations

import os
from pathlib import Path

from kpitui.services import actions, doctor, members
from kpitui.services.gone import gone
from kpitui.storage.store import Store
from tests.services.acme import MODEL, TODAY
from tests.workspace import build

NOBODY = "nobody_of_that_name"


def said(store: Store) -> set[tuple[str, str, str]]:
    cases = doctor.examine(store, TODAY).cases
    return {(one.finding.rule, one.finding.on, one.finding.text) for one in cases if one.finding.rule in ("M06", "R04")}


def test_who_is_no_member_any_more_is_named_with_what_is_theirs(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    actions.add(store, "Call them @cy fri", TODAY)
    actions.add(store, "Mail them @cy fri", TODAY)
    actions.add(store, "Write it @dee fri", TODAY)
    actions.close(store, actions.add(store, "Is over @eve fri", TODAY).task.id, TODAY)
    # In somebody's own file a name stands for whom they like.
    assert said(store) == set() and gone(store, {NOBODY}) == {}
    for account in ("bo", "cy"):
        members.add(store, account, "editor")
    members.remove(store, "cy")
    owners = {name for name, _ in store.rows("SELECT owner, id FROM metric WHERE archived = 0") if name}
    assert gone(store, {"ana", "bo", "cy", "dee"}) == {"cy": "no member any more", "dee": "no member"}
    found = said(store)
    text = "open, and nobody does them: 2 of cy (no member any more), 1 of dee (no member)"
    assert ("R04", "actions", text) in found
    metrics = {name for rule, name, _ in found if rule == "M06"}
    theirs = store.rows("SELECT name FROM metric WHERE owner NOT IN ('', 'ana', 'bo') AND archived = 0")
    assert owners and {name for (name,) in theirs} <= metrics
    for task in actions.tasks(store, TODAY):
        actions.hand_over(store, task.id, "bo", TODAY)
    assert not {one for one in said(store) if one[0] == "R04"}


def test_where_a_group_writes_the_file_its_owners_have_accounts_here(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    assert gone(store, {NOBODY, "ana"}) == {}
    os.chmod(store.path, 0o660)
    # ana asks, so she is here, whatever the machine calls her.
    assert gone(store, {NOBODY, "ana", ""}) == {NOBODY: "no account here"}
