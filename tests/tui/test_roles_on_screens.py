"""Every saving key of every screen, by those who may not save there, who may only read the file, and who look back:
one sentence before anything is typed, nothing saved, and no key gone astray."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.events import Key
from textual.pilot import Pilot

from kpitui import keys, paths, themes
from kpitui.config import Config
from kpitui.domain.periods import Calendar, span_of, to_date
from kpitui.domain.roles import ANY
from kpitui.errors import NotAllowed
from kpitui.services import entry, members, review, settings, signing
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp, build_app
from kpitui.tui.saves import NOTHING, SAVES
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.form import FormScreen
from kpitui.tui.screens.review import ReviewScreen
from kpitui.tui.screens.tree import TreeScreen
from kpitui.tui.tabbed import SCREENS
from tests.services.test_entry import TODAY
from tests.tui.sample import text_of
from tests.tui.values import MODEL, POINTS, workspace
from tests.workspace import build, clock, join, person

ASK = "are not for you to change. Ask ana."


class Case(NamedTuple):
    screen: str
    key: str
    noun: str
    """What is not theirs to change; empty where the role may begin it."""


CASES = {
    "reader": (
        *(Case("home", key, noun) for key, noun in zip("maTp", ("notes", "actions", "targets", "KPIs"), strict=True)),
        *(Case("tree", key, "metrics") for key in "nNedMJL"),
        Case("tree", "P", "KPIs"),
        Case("entry", "X", "values"),
        Case("review", "I", "review lines"),
        Case("review", "m", "review lines"),
        Case("doctor", "x", "waivers"),
        Case("log", "B", "values"),
        Case("log", "x", "closed periods"),
        Case("library", "n", "metrics"),
        Case("library", "e", "the team's templates"),
        Case("settings", "n", "roles"),
        Case("settings", "e", ""),
        Case("team", "enter", "the team's settings"),
        Case("team", "d", "the team's settings"),
        Case("member", "l", "roles"),
        Case("member", "d", "roles"),
        Case("detail", "O", "verdicts"),
        Case("detail", "R", "natural limits"),
        Case("goal", "n", "goals"),
        Case("form", "enter", "metrics"),
        Case("form", "l", "metrics"),
        Case("playbook", "e", "playbooks"),
        Case("playbook", "enter", "actions"),
        Case("whatif", "T", "targets"),
        Case("audit", "A", "notes"),
    ),
    "contributor": (
        Case("home", "T", "targets"),
        Case("tree", "n", "metrics"),
        Case("detail", "O", "verdicts"),
        Case("detail", "m", ""),
    ),
    "editor": (
        Case("team", "enter", "the team's settings"),
        Case("tree", "n", ""),
    ),
}


def of_a_team(tmp_path: Path) -> Store:
    """Ana is admin, cy contributor, dee reader; a review runs."""
    store = build(tmp_path, MODEL, POINTS, today="2026-11-12")
    store.now = clock("2026-11-20")
    for name, role in (("ana", "admin"), ("bo", "editor"), ("cy", "contributor"), ("dee", "reader")):
        members.add(store, name, role)
    review.start(store, "weekly", TODAY)
    return store


@asynccontextmanager
async def seen_by(store: Store, who: str, write: bool = True) -> AsyncIterator[tuple[KpituiApp, Pilot[None]]]:
    app = build_app(
        lambda: Store.open(store.path, who=person(who), via="tui", now=store.now, write=write),
        config=Config(),
        themes=themes.load_themes([paths.shipped_themes()]),
        today=lambda: to_date(TODAY),
        user=f"{who}@host",
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await app.look_around()
        yield app, pilot


async def at(app: KpituiApp, pilot: Pilot[None], name: str) -> KpiScreen:
    """A screen, with the cursor on what is tried there."""
    tab = {"team": "settings", "member": "settings"}.get(name, name)
    if app.has_screen(tab) and tab in {tab for tab, *_ in keys.TABS}:
        await app.go(tab)
    elif name == "form":
        await app.go("tree")
        tree = app.screen
        assert isinstance(tree, TreeScreen)
        await app.open(FormScreen(next(node for node in tree.view.nodes if node.slug == "cac")))
        app.screen.board.go_to("metric:cadence")  # type: ignore[union-attr]
    else:
        metric, kpi = 1, 1
        made = {"detail": ("mrr",), "goal": ("growth",), "audit": (), "playbook": (metric, kpi)}
        await app.open(app.made(name, *made.get(name, (metric, kpi))))
    screen = app.screen
    assert isinstance(screen, KpiScreen)
    if name in ("team", "member"):
        screen.board.go_to(f"{name}:{'bo' if name == 'member' else 'currency'}")  # type: ignore[union-attr]
    await pilot.pause()
    return screen


def pressed(app: KpituiApp, key: str) -> None:
    """What a key does at once."""
    character = {"quotation_mark": '"', "semicolon": ";"}.get(key, key)
    app.press(Key(key, character if len(character) == 1 else None))


def test_every_verb_that_writes_says_to_which_table(tmp_path: Path) -> None:
    writing = {verb.id for verb in keys.VERBS if verb.writes and not set(verb.screens) & set(keys.APART)}
    assert writing <= set(SAVES)
    named = set(SAVES.values())
    for where in SCREENS.values():
        module, _, kind = str(where).partition(":")
        if find_spec(module) is not None:
            named |= set(getattr(import_module(module), kind).SAVES.values())
    store = workspace(tmp_path)
    # Templates are files beside the workspace.
    for table in named - {ANY, NOTHING, "template"}:
        store.rows(f"SELECT rev FROM {table} LIMIT 0")


@pytest.mark.parametrize(("who", "role"), [("dee", "reader"), ("cy", "contributor"), ("bo", "editor")])
async def test_what_is_not_theirs_is_said_before_anything_is_typed(tmp_path: Path, who: str, role: str) -> None:
    store = of_a_team(tmp_path)
    before = store.one("SELECT max(id) FROM txn")
    async with seen_by(store, who) as (app, pilot):
        place = ""
        for case in CASES[role]:
            if case.screen != place:
                place, screen = case.screen, await at(app, pilot, case.screen)
            app.say("")
            pressed(app, case.key)
            said = screen.prompt.message
            if case.noun:
                way = ASK if case.noun != "values" else "are not for you to change. Type one in Entry"
                assert f"here, and {case.noun} {way}" in said, (case, said)
                assert app.screen is screen and not screen.prompt.asking, case
            else:
                await pilot.pause()
                assert "not for you" not in screen.prompt.message, case
                await pilot.press("escape")
            assert screen.prompt.mode == "", case
    assert store.one("SELECT max(id) FROM txn") == before


@pytest.mark.parametrize("way", ["file", "past"])
async def test_where_nothing_can_be_saved_each_key_says_why_and_digits_stay_values(tmp_path: Path, way: str) -> None:
    store = of_a_team(tmp_path)
    before = store.one("SELECT max(id) FROM txn")
    async with seen_by(store, "ana", write=way == "past") as (app, pilot):
        why, place = "opened for reading only", ""
        if way == "past":
            why = "the past is read-only: W and Enter go back to today"
            await app.look(TODAY - 1)
        tried = [*(("entry", key) for key in ("5", "x", "d", "e", "quotation_mark", "semicolon")), ("team", "l")]
        if way == "past":
            tried += [("due", "7"), ("tree", "n"), ("detail", "e"), ("form", "right"), ("playbook", "enter")]
        for name, key in tried:
            if name != place:
                place, screen = name, await at(app, pilot, name)
                if name == "entry":
                    assert "type" not in text_of(app)[29] and "older" in text_of(app)[2], "no hint of what does nothing"
            app.say("")
            pressed(app, key)
            assert app.screen is screen and not screen.prompt.asking, (name, key)
            assert why in screen.prompt.message, (name, key, screen.prompt.message)
        # What is no part of the workspace goes on working: one's own settings, and what is only supposed.
        one = await at(app, pilot, "settings")
        assert one.board is not None
        one.board.go_to("own:theme")
        theme = app.config.theme
        await pilot.press("l")
        await pilot.press("u")
        assert app.config.theme == theme and "as it was before" in one.prompt.message
        if way == "past":
            whatif = await at(app, pilot, "whatif")
            await pilot.press("e")
            assert whatif.prompt.mode == "line"
            await pilot.press("escape")
    assert store.one("SELECT max(id) FROM txn") == before


async def test_looking_back_says_nothing_of_a_role_that_one_had_then(tmp_path: Path) -> None:
    store = of_a_team(tmp_path)
    async with seen_by(store, "dee") as (app, _):
        await app.look(TODAY - 1)
        app.say("")
        await app.look_around()
        assert app.role == "reader" and "role here" not in app.kpi_screen.prompt.message  # type: ignore[union-attr]
        assert app.in_past


async def test_looking_back_a_review_that_runs_or_is_read_is_left_as_it_was_for_today(tmp_path: Path) -> None:
    store = of_a_team(tmp_path)
    async with seen_by(store, "ana") as (app, pilot):
        screen = await at(app, pilot, "review")
        assert isinstance(screen, ReviewScreen)
        await screen.enter(1)
        await app.look(TODAY - 1)
        await pilot.pause()
        assert screen.session is None and not screen.claims_digits and screen.footer_name == "review"
        await app.look(None)
        await pilot.pause()
        assert screen.session is not None and screen.claims_digits
        signing.sign(store, 1, 7, TODAY)
        screen.leave(read=1)
        await app.look(TODAY - 1)
        await pilot.pause()
        assert screen.footer_name == "review" and "in this workspace" not in screen.prompt.message
        await app.look(None)
        assert screen.footer_name == "review_reading"


def test_a_reader_who_owns_a_metric_is_told_of_it_by_its_name(tmp_path: Path) -> None:
    store = of_a_team(tmp_path)
    with join(store, "dee") as dee, pytest.raises(NotAllowed, match=r"values of Site visits .* kpitui propose visits"):
        entry.record_value(dee, "visits", span_of("week", TODAY, Calendar()), "5", today=TODAY)


async def test_what_was_so_already_does_not_offer_to_take_something_else_back(tmp_path: Path) -> None:
    store = of_a_team(tmp_path)
    async with seen_by(store, "ana") as (app, pilot):
        screen = await at(app, pilot, "team")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert screen.prompt.message == "Currency is USD for the team already"
    assert settings.read(store).currency == "USD"
