"""What many people in one workspace meet in the screens: closed periods, roles, proposals, presence."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kpitui.domain.line_target import read_target
from kpitui.domain.model import Metric
from kpitui.domain.periods import Span, to_date
from kpitui.services import closing, entry, members, presence, proposals, settings, targets
from kpitui.services.presence import Here
from kpitui.storage import definitions
from kpitui.tui.app import KpituiApp
from kpitui.tui.screens.entry import EntryScreen
from kpitui.tui.screens.review import ReviewScreen
from tests.services.test_entry import TODAY
from tests.tui.sample import text_of
from tests.tui.test_home import settled
from tests.tui.test_tree import app_on as tree_on
from tests.tui.test_tree import at, company
from tests.tui.values import running, saved, stored, workspace
from tests.workspace import join


async def test_a_closed_period_asks_why_in_the_grid_and_at_undo(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    async with running(store, "log", (100, 24)) as (app, pilot):
        await pilot.press("x", *"2026-W46 ; books closed", "enter")
        assert "Closed 2026-W46" in (await settled(app, pilot))[22]
        await pilot.press("3")
        await settled(app, pilot)
        await pilot.press("left", *"357", "enter")
        assert "ana closed that period of MRR (books closed)" in (await saved(app, pilot))[22]
        await pilot.press(*"late invoice", "enter")
        assert "Saved MRR W46 = $357" in (await saved(app, pilot))[22]
        await pilot.press("u")
        await saved(app, pilot)
        await pilot.press("escape")
        assert "NOT saved" in (await saved(app, pilot))[22]
    assert stored(store, "mrr")[-1] == 357
    assert [(one.was, one.now, one.why) for one in closing.restatements(store, TODAY)] == [(356, 357, "late invoice")]


async def test_a_reader_is_offered_to_propose_and_the_owner_answers_in_due(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    for name, role in (("ana", "admin"), ("bo", "reader")):
        members.add(store, name, role)
    with join(store, "bo") as bo:
        async with running(bo, "entry", (100, 24)) as (app, pilot):
            await app.look_around()
            assert text_of(app)[1].rstrip().endswith("reader")
            await pilot.press("g", "g", "left", *"357", "enter")
            assert "MRR W46 = $357 is not yours to save: say why" in (await saved(app, pilot))[22]
            await pilot.press(*"late invoice", "enter")
            assert "Proposed MRR W46 = $357 to ana" in (await saved(app, pilot))[22]
            assert "357" not in "".join(text_of(app)[:22])
            await pilot.press("g", "g", "x")
            await shown(app, pilot, "None is for ana to say here; a value you may propose.")
            await pilot.press("enter")
            assert app.screen.grid.typing  # type: ignore[attr-defined]
            await pilot.press("escape", "j")
            await pilot.press("c", *"358", "enter")
            await shown(app, pilot, "CAC W46 = 358 is not yours to save")
            await pilot.press("escape")
            await shown(app, pilot, "You are a reader here")
            # What becomes of it is told while one is in the screens.
            await app._poll()
            with join(store, "bo") as again:
                made = proposals.propose(again, "mrr", Span(20_759, 20_766), "340", "typo", today=TODAY)
            proposals.decline(store, made.id, "the invoice is right", today=TODAY)
            await app._poll()
            await shown(app, pilot, "ana declined your MRR W45 = $340: the invoice is right.")
            await app._poll()
        proposals.propose(bo, "mrr", Span(20_766, 20_773), "355", "counted twice", today=TODAY)
    assert stored(store, "mrr")[-1] == 356
    async with running(store, "due", (40, 15)) as (app, pilot):
        assert "2 proposals (Y)" in text_of(app)[1]
        await pilot.press("Y")
        lines = [" ".join(line.split()) for line in await saved(app, pilot)]
        assert lines[13].startswith("3: y, n ; why")
        assert " ".join(lines[11:13]) == "bo proposes MRR W46 = $355 (now $356): counted twice"
        await pilot.press("n", *"; no", "enter")
        lines = [" ".join(line.split()) for line in await saved(app, pilot)]
        assert " ".join(lines[9:13]).endswith(
            "Declined the proposal 3: MRR stays as it is. bo proposes MRR W46 = $357 (now $356): late invoice"
        )
        entry.record_value(store, "mrr", Span(20_766, 20_773), "354", today=TODAY)
        await pilot.press("y", "enter")
        assert "NOT saved" in " ".join(await saved(app, pilot))
        await pilot.press("Y")
        # A bare y for what stood before is not there again.
        assert (await saved(app, pilot))[13].rstrip() == " 1: y, n ; why"
        await pilot.press("escape")
        entry.record_value(store, "mrr", Span(20_766, 20_773), "356", today=TODAY)
        await pilot.press("Y", "y", "enter")
        lines = await saved(app, pilot)
        assert "Accepted" in lines[13] and "proposal" not in lines[1]
    assert stored(store, "mrr")[-1] == 357


async def test_why_a_reason_is_asked_is_told_whole_on_a_small_terminal(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    closing.close(store, "2026-W46", "books closed", today=TODAY)
    async with running(store, "entry", (40, 15)) as (app, pilot):
        await pilot.press("g", "g", "left", *"357", "enter")
        said = " ".join(" ".join(await saved(app, pilot)).split())
        assert "ana closed that period of MRR (books closed)" in said


async def test_who_enters_and_who_is_in_the_review_stands_in_the_heading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = workspace(tmp_path)
    bo = Here("bo", os.getuid() + 1, 1, "host", "entry", "W47")
    async with running(store, "entry", (100, 24)) as (app, pilot):
        await app.look_around()
        (me,) = presence.here(store.path, time.time())
        assert (me.place, me.what, me.uid) == ("entry", "W47", os.getuid())
        monkeypatch.setattr(presence, "BEAT", 0.0)  # every look reads anew
        dee = bo._replace(who="dee", uid=os.getuid() + 2, place="review", what="Weekly review W47")
        monkeypatch.setattr(presence, "here", lambda workspace, now: (bo, dee))
        await pilot.press("left")
        await app.look_around()
        assert "bo is entering W47, dee is in the weekly review W47" in (await saved(app, pilot))[2]
        await pilot.press("g", "r", "r")
        await settled(app, pilot)
        monkeypatch.setattr(presence, "here", lambda workspace, now: (bo._replace(place="review", what=title(app)),))
        await app.look_around()
        await pilot.pause()
        assert "ana leads, with bo" in text_of(app)[0]
    app.thread.close()
    assert not Path(presence.folder_of(store.path)).exists()


def title(app: KpituiApp) -> str:
    assert isinstance(app.screen, ReviewScreen) and app.screen.session is not None
    return app.screen.session.title


async def shown(app: KpituiApp, pilot: Pilot[None], text: str) -> None:
    """Waits until the screen says so."""
    for _ in range(200):
        if any(text in line for line in text_of(app)):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{text!r} is not on the screen:\n" + "\n".join(text_of(app)))


async def test_a_field_changed_by_somebody_else_is_shown_beside_ones_own(tmp_path: Path) -> None:
    store = company(tmp_path)
    app = tree_on(store)

    def theirs(**values: object) -> None:
        with join(store, "bo") as bo:
            metric = definitions.find(bo, Metric, slug="nps")
            assert metric is not None
            with bo.write("metric.edit") as tx:
                definitions.change(tx, metric, **values)

    async with app.run_test(size=(120, 40)) as pilot:
        await at(app, pilot, "NPS")
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("e")
        await shown(app, pilot, "definition")
        app.screen.board.go_to("metric:source")  # type: ignore[union-attr]
        await pilot.press("enter", *"Survey")
        theirs(definition="Promoters")
        await pilot.press("enter")
        await shown(app, pilot, "Set source of NPS: Survey")
        app.screen.board.go_to("metric:source")  # type: ignore[union-attr]
        await pilot.press("enter", *"s of May")
        theirs(source="CRM")
        await pilot.press("enter")
        await shown(app, pilot, "bo at 10:00 made source “CRM”. Save yours, “Surveys of May”, over it?")
        await pilot.press("n")
        await shown(app, pilot, "Kept theirs: source is CRM")
        app.screen.board.go_to("metric:source")  # type: ignore[union-attr]
        await pilot.press("enter", *" II")
        theirs(source="ERP")
        await pilot.press("enter")
        await shown(app, pilot, "made source “ERP”")
        await pilot.press("y")
        await shown(app, pilot, "Set source of NPS: CRM II (was ERP)")
        await pilot.press("q")
        await shown(app, pilot, "Goal > KPI > metric")
        await pilot.press("e")
        await shown(app, pilot, "Edit NPS")
        await pilot.press(*" lag")
        theirs(owner="dee")
        await pilot.press("enter")
        await shown(app, pilot, "made it “NPS, quarterly @dee")
        await pilot.press("y")
        await shown(app, pilot, "Saved NPS")
        await at(app, pilot, "Deals")
        await pilot.press("e")
        await shown(app, pilot, "Edit Deals")
        await pilot.press("backspace", "8")
        with join(store, "bo") as bo:
            targets.set_target(bo, 5, 2, read_target(">=7", to_date(TODAY), "number"), TODAY)
        await pilot.press("enter")
        await shown(app, pilot, "bo at 10:00 made it “Deals, weekly @bo number flow up >=7”. Save yours over it?")
        await pilot.press("n")
        await shown(app, pilot, "Kept theirs: Deals")
        assert not app.screen.prompt.asking  # type: ignore[attr-defined]
    row = store.row("SELECT definition, source, timing, owner FROM metric WHERE slug = 'nps'")
    assert row == ("Promoters", "CRM II", "lagging", "")


async def test_values_and_targets_typed_in_a_line_do_not_go_over_what_somebody_else_saved(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    span = Span(20_773, 20_780)

    def theirs(text: str) -> None:
        with join(store, "bo") as bo:
            entry.record_value(bo, "mrr", span, text, today=TODAY)

    async with running(store, "home", (120, 30)) as (app, pilot):
        await shown(app, pilot, "MRR")
        await pilot.press("c", *"358 2/3")
        theirs("357")
        await pilot.press("enter")
        await shown(app, pilot, "bo at 10:00 saved $357. Save yours, 358 2/3, over it?")
        await pilot.press("n")
        await shown(app, pilot, "Kept $357.")
        await pilot.press("T", *">=420")
        with join(store, "bo") as bo:
            targets.set_target(bo, 1, 1, read_target(">=410", to_date(TODAY), "currency"), TODAY)
        await pilot.press("enter")
        await shown(app, pilot, "bo at 10:00 made it ≥ $410. Save yours, “>=420”, over it?")
        await pilot.press("n")
        await shown(app, pilot, "Kept theirs: the target of MRR is ≥ $410")
        await app.open(app.made("detail", "mrr"))
        await shown(app, pilot, "Values")
        app.screen.board.go_to(next(row.key for row in app.screen.board.rows if row.cells[:1] == ("W47",)))  # type: ignore[union-attr]
        await pilot.press("e", "ctrl+u", *"359")
        theirs("356")
        await pilot.press("enter")
        await shown(app, pilot, "bo at 10:00 saved $356. Save yours, 359, over it?")
        await pilot.press("y")
        await shown(app, pilot, "Saved MRR W47 = $359 (was $356)")
    assert stored(store, "mrr")[-1] == 359 and store.one("SELECT confidence FROM kpi") is None
    assert store.rows("SELECT value FROM target") == [(410.0,)]


async def test_a_setting_of_the_team_that_somebody_else_changed_is_shown_beside_ones_own(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    async with running(store, "settings", (100, 50)) as (app, pilot):
        await shown(app, pilot, "everybody")
        app.screen.board.go_to("team:name")  # type: ignore[union-attr]
        await pilot.press("enter", "ctrl+u", *"Mine")
        with join(store, "bo") as bo:
            settings.change(bo, "name", "Theirs")
        await app._poll()  # seen before Enter: what is shown then is theirs, what was typed over is not
        await pilot.press("enter")
        await shown(app, pilot, "“Theirs”. Save yours, “Mine”, over it?")
        assert any("bo at 10:00 made" in line for line in text_of(app))
        await pilot.press("y")
        await shown(app, pilot, "Set")
    assert store.one("SELECT value FROM setting WHERE key = 'name'") == "Mine"


async def test_roles_are_given_changed_and_taken_away_in_settings(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    async with running(store, "settings", (100, 50)) as (app, pilot):
        await shown(app, pilot, "everybody")
        await pilot.press("n", *"bo contributor", "enter")
        await shown(app, pilot, "bo is contributor now")
        app.screen.board.go_to("member:bo")  # type: ignore[union-attr]
        await pilot.press("l")
        await shown(app, pilot, "bo is editor now")
        # Neither is here under that name, and roles are no lock.
        await shown(app, pilot, "unknown here: also changes")
        await shown(app, pilot, "Courtesy: who may write the file can change it without kpitui")
        await pilot.press("d")
        await pilot.press("y")
        await shown(app, pilot, "bo has no role any more")
    assert [(one.account, one.role) for one in members.members(store).members] == [("ana", "admin")]


async def test_entry_begins_at_the_first_value_that_is_due_from_oneself(tmp_path: Path) -> None:
    store = workspace(tmp_path)
    for who, slug in (("ana", "mrr"), ("bo", "cac"), ("eve", "mrr")):
        with join(store, who) as theirs:
            async with running(theirs, "entry") as (app, _):
                screen = app.screen
                assert isinstance(screen, EntryScreen)
                asked = screen.asked_at(screen.grid.at) if screen.grid.at else None
                assert asked is not None and asked.slug == slug
