"""Who may do what, in the model file: an admin's to change, and never without an admin."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui.domain.problem import Problem
from kpitui.errors import NotAllowed, Refused
from kpitui.services import library, members, model_file
from kpitui.storage import write_rules
from kpitui.storage.store import Store
from tests.services.acme import MODEL
from tests.workspace import build, join

TEAM = """
[[member]]
account = "ana"
role = "admin"

[[member]]
account = "bo"
role = "contributor"
"""


@pytest.fixture(autouse=True)
def everybody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_rules, "is_somebody", lambda account, me="": "nosuch" not in account)


def roles(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT account, role FROM member WHERE archived = 0"))


def apply(store: Store, text: str, prune: bool = False) -> str:
    return model_file.apply(store, model_file.read(text, "m.toml"), prune=prune).sentence


def test_members_go_out_and_in_and_a_file_without_them_takes_none_away(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    assert "[[member]]" not in model_file.export(store)
    assert apply(store, TEAM) == "Applied m.toml: 2 added."
    assert roles(store) == {"ana": "admin", "bo": "contributor"}
    whole = model_file.export(store)
    assert whole.endswith(TEAM.lstrip("\n")) and apply(store, whole, prune=True).endswith("nothing was changed.")
    without = whole.partition("# Who may do what")[0]
    assert apply(store, without, prune=True).endswith("nothing was changed.")
    assert apply(store, TEAM.replace('"bo"', '"cy"')) == "Applied m.toml: 1 added."
    assert apply(store, whole.replace("contributor", "editor"), prune=True) == "Applied m.toml: 1 changed, 1 put away."
    assert roles(store) == {"ana": "admin", "bo": "editor"}
    assert apply(store, TEAM.replace('"bo"', '"cy"')) == "Applied m.toml: 1 brought back."


def test_only_an_admins_apply_changes_them_and_the_last_admin_stays(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    apply(store, TEAM.replace("contributor", "editor"))
    with join(store, "bo") as bo:
        assert apply(bo, TEAM.replace("contributor", "editor")).endswith("nothing was changed.")
        for text in (TEAM.replace("contributor", "admin"), TEAM.replace('"bo"', '"cy"')):
            with pytest.raises(NotAllowed, match="roles are not for you to change"):
                apply(bo, text)
        apply(bo, '[[metric]]\nslug = "mrr"\nname = "Monthly"\n')
    for text, prune in (
        (TEAM.replace('"admin"', '"editor"'), False),
        (TEAM.partition('[[member]]\naccount = "bo"')[0].replace("ana", "cy").replace("admin", "reader"), True),
        (TEAM.replace('"ana"', '"nosuch"'), True),
    ):
        with pytest.raises(Refused, match="ana is the only admin"):
            apply(store, text, prune)
    assert roles(store) == {"ana": "admin", "bo": "editor"}


def test_whoever_brings_the_first_members_stays_admin_where_they_name_none(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL)
    with pytest.raises(Refused, match="Nobody would be admin if you are editor"):
        apply(store, TEAM.replace('"admin"', '"editor"'))
    with pytest.raises(Refused, match="Nobody would be admin if you are reader"):
        members.add(store, "ana", "reader")
    assert roles(store) == {}
    from_elsewhere = TEAM.replace('"ana"', '"nosuch"')
    assert apply(store, from_elsewhere) == "Applied m.toml: 2 added; ana is admin."
    assert roles(store) == {"ana": "admin", "nosuch": "admin", "bo": "contributor"}
    # Nobody is told to ask those who are not here.
    with join(store, "bo") as theirs:
        assert members.standing(theirs).admins == "ana"


def test_what_is_no_member_is_refused_at_its_line(tmp_path: Path) -> None:
    for wrong, said in (
        (TEAM.replace('"bo"', '"b o"'), "m.toml line 6, member b o: Give the name of an account"),
        (TEAM.replace('"contributor"', '"boss"'), "line 8.*role"),
        (TEAM + TEAM, "in the file already"),
        ('[[member]]\naccount = "ana"\n', "role is missing"),
    ):
        with pytest.raises(Problem, match=said):
            model_file.read(wrong, "m.toml")
    store = build(tmp_path, MODEL)
    with pytest.raises(Problem, match="says it twice"):
        apply(store, TEAM + '[[member]]\naccount = "bo"\nrole = "admin"\n')


def test_a_template_brings_no_members(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[template]\ntitle = "T"\nby = "yours"\nfor_whom = "all"\n' + TEAM)
    with pytest.raises(Problem, match="member"):
        library.preview(library.header(str(own), own=True))
