"""Whoever may not write is offered no key that writes, nor by the commands; who may, is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpitui.charts.glyphs import ASCII, UNICODE
from kpitui.cli.due import nothing as none_due
from kpitui.reports.plain_home import home_lines
from kpitui.services import hierarchy, members
from kpitui.services.overview import home
from kpitui.tui.screens.home_first import first_lines
from kpitui.tui.screens.home_rows import Look as HomeLook
from kpitui.tui.screens.tree_panes import low_lines, side_lines
from kpitui.tui.screens.tree_rows import Look, tree_rows
from tests.conftest import Ran
from tests.services.acme import TODAY
from tests.tui.sample import text_of
from tests.tui.test_roles_on_screens import seen_by
from tests.workspace import build, person

TEAMS = """
[[scope]]
slug = "org"
kind = "org"
name = "Acme"

[[scope]]
slug = "sales"
kind = "team"
name = "Sales"
parent = "org"
"""


def test_a_scope_in_the_tree(tmp_path: Path) -> None:
    with build(tmp_path, TEAMS) as store:
        tree = hierarchy.tree(store, TODAY)
    node = next(one for one in tree.nodes if one.kind == "scope")
    look = Look(UNICODE, 13, False, frozenset(), TODAY)

    def said(offers: bool) -> tuple[str, str, str]:
        rows = tree_rows(tree, tree.nodes, look._replace(offers=offers), None)
        return (
            str([row.cells for row in rows]),
            str(low_lines(tree, node, 80, UNICODE, offers)),
            str(side_lines(tree, node, None, 40, UNICODE, offers)),
        )

    wanted = "nothing yet: n", " n writes a team", " n writes a team"
    assert [want in text for want, text in zip(wanted, said(True), strict=True)] == [True] * 3
    assert [want in text for want, text in zip(wanted, said(False), strict=True)] == [False] * 3
    assert "nothing yet" in said(False)[0]


@pytest.mark.parametrize("form", ["single", "small"])
def test_the_first_steps(tmp_path: Path, form: str) -> None:
    with build(tmp_path, "") as store:
        view = home(store, TODAY)
    look = HomeLook(form, 40 if form == "small" else 80, 24, ASCII, TODAY)

    def keys_of(offers: bool) -> set[str]:
        lines = first_lines(view, look._replace(offers=offers), {"library", "review"})
        return {text for line in lines for text, style in line if style == "key"}

    assert {"n", "9", "r", ": import"} <= keys_of(True)
    assert keys_of(False) <= {": demo", "--db PATH"}


def test_sentences_of_screens_and_commands(tmp_path: Path) -> None:
    with build(tmp_path, "") as store:
        view = home(store, TODAY)
    filled = view._replace(empty=False)
    for say in (
        lambda offers: home_lines(filled, offers)[0],
        lambda offers: none_due((), offers),
    ):
        assert ("where n" in say(True) or ": n on" in say(True)) and "n " not in say(False).split(" yet")[1]


async def test_screens_of_a_reader_and_of_who_may_write(tmp_path: Path) -> None:
    store = build(tmp_path, "")
    members.add(store, "ana", "admin")
    members.add(store, "dee", "reader")
    for who in ("ana", "dee"):
        async with seen_by(store, who) as (app, pilot):
            for tab, offer in (("home", "n   write it"), ("due", "n makes a metric"), ("entry", "n makes a metric")):
                await app.go(tab)
                await pilot.pause()
                text = "\n".join(text_of(app))
                assert (offer in text) == (who == "ana"), (who, tab, text)
    async with seen_by(store, "ana", write=False) as (app, _):
        assert "write it" not in "\n".join(text_of(app))


def test_commands_ask_role_and_file(
    tmp_path: Path, kpitui: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = build(tmp_path, "")
    members.add(store, "ana", "admin")
    members.add(store, "dee", "reader")
    monkeypatch.setenv("KPITUI_DB", store.path)
    monkeypatch.setenv("KPITUI_TODAY", "2026-11-20")
    assert members.offered(store, "goal")
    store.refusal = "It is on a read-only disk."
    assert not members.offered(store, "goal")
    for who in ("ana", "dee"):
        store.who, store.refusal = person(who), ""
        assert members.offered(store, "goal") == (who == "ana")
    for offers in (True, False):
        monkeypatch.setattr(members, "offered", lambda store, table, said=offers: said)
        for command in ("goals", "status", "due"):
            assert (" where n " in "".join(map(str, kpitui(command)))) == offers, command
    told = kpitui("tell").out
    assert "No goal yet: kpitui opens the screens." in told
