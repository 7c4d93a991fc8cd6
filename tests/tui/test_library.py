"""The library with keys pressed: choosing, picking, and a whole set in under forty keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpitui import paths
from kpitui.services.book import Book
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.tui.sample import app_over, text_of
from tests.workspace import build


def app_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str = "library") -> tuple[KpituiApp, Store]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    store = build(tmp_path, today="2026-01-05")
    return app_over(store, today="2026-01-05", start=start), store


async def test_from_an_empty_workspace_to_goal_kpis_and_targets_in_under_forty_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task of screens.md 8: template to three KPIs with baselines and targets."""
    app, store = app_on(tmp_path, monkeypatch, "home")
    pressed = 0

    async with app.run_test(size=(80, 24)) as pilot:

        async def press(*names: str) -> None:
            nonlocal pressed
            pressed += len(names)
            await pilot.press(*names)
            await pilot.pause()

        await pilot.pause()
        assert any("9   take a template" in line for line in text_of(app))
        await press("9")
        assert any("SaaS / subscription" in line for line in text_of(app))
        await press("n", *"5m", "enter")
        await press(*"356k>400k", "enter")
        await press(*"2.5>3", "enter")
        await press(*"98>100", "enter")
        assert "Create the goal, 3 KPIs and 11 metrics, for Acme? [Y/n]" in text_of(app)[22]
        await press("enter")
        await pilot.pause()
        lines = text_of(app)
        assert "Created from SaaS / subscription: 1 goal, 3 KPIs, 11 metrics · u undo" in lines[22]
        assert any("KPI MRR" in line for line in lines)
        assert pressed < 40
        texts = len("5m") + len("356k>400k") + len("2.5>3") + len("98>100")
        assert pressed - texts == 7
        book = Book(store, app.day)
        assert [kpi.state for kpi in book.kpis.values()] == ["live"] * 3
        await press("u")
    assert not Book(store, app.day).metrics


async def test_lines_are_left_out_and_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, store = app_on(tmp_path, monkeypatch)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("enter", "j", "j", "enter")
        await pilot.pause()
        assert any("From: Billing, movements." in line for line in text_of(app))
        await pilot.press("space")
        await pilot.pause()
        lines = text_of(app)
        assert any("[ ]" in line and "New MRR" in line for line in lines)
        assert "New MRR is left out" in lines[38]
        await pilot.press("escape", "n", *"5m", "enter", "enter", "enter", "enter", "y")
        await pilot.pause()
    slugs = {row.slug for row in Book(store, app.day).metrics.values()}
    assert "demos_booked" in slugs and "new_mrr" not in slugs


async def test_a_dropped_question_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, store = app_on(tmp_path, monkeypatch)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("n", *"5m", "enter", *"1>2", "escape")
        await pilot.pause()
        assert "Dropped: nothing was created" in text_of(app)[22]
        await pilot.press("n", *"lots", "enter")
        await pilot.pause()
        assert any("How much?" in line for line in text_of(app)[18:23])
        await pilot.press("escape")
    assert store.one("SELECT count(*) FROM txn WHERE what = 'library.use'") == 0


async def test_a_role_asks_whom_it_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, store = app_on(tmp_path, monkeypatch)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"writer", "enter", "n")
        await pilot.pause()
        assert "for (enter: Writer)" in text_of(app)[22] and "makes the role Writer" in text_of(app)[22]
        await pilot.press(*"Bo, writer", "enter", "enter", "enter", "enter", "enter", "enter")
        await pilot.pause()
    book = Book(store, app.day)
    assert [(one.kind, one.name) for one in book.scopes.values() if one.parent_id] == [("role", "Bo, writer")]
    assert len(book.kpis) == 3


async def test_facets_filter_and_a_copy_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = app_on(tmp_path, monkeypatch)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"xyz", "enter")
        await pilot.pause()
        assert any("No template has 'xyz'. Esc clears" in line for line in text_of(app))
        await pilot.press("escape", *"fffffff")
        await pilot.pause()
        assert any("None of yours yet" in line for line in text_of(app))
        await pilot.press("f", "e", "ctrl+u", *"Ours", "enter")
        await pilot.pause()
        assert "Copied SaaS / subscription to yours as Ours" in text_of(app)[22]
        await pilot.press(*"fffffff")
        await pilot.pause()
        assert any("Ours" in line for line in text_of(app))
    assert (tmp_path / "templates" / "ours.toml").exists()


async def test_at_forty_columns_list_and_template_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = app_on(tmp_path, monkeypatch)
    async with app.run_test(size=(40, 15)) as pilot:
        await pilot.pause()
        assert any("SaaS / subscription" in line for line in text_of(app))
        await pilot.press("enter")
        await pilot.pause()
        lines = text_of(app)
        assert any("★ MRR" in line for line in lines) and not any("eCommerce" in line for line in lines)
        await pilot.press("escape")
        await pilot.pause()
        assert any("eCommerce" in line for line in text_of(app))


def test_the_templates_are_shipped_with_the_package() -> None:
    """They lie inside the package, which the wheel holds whole."""
    assert Path(paths.template_folders()[0]) == Path(paths.__file__).parent / "library"
    assert len(list(Path(paths.template_folders()[0]).glob("*.toml"))) == 26
