"""The audit screen with keys pressed: accepting, moving, emptying, and the sample of five."""

from __future__ import annotations

from pathlib import Path

from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp
from tests.services.test_data_audit import MODEL, noisy
from tests.tui.sample import app_over, text_of
from tests.workspace import build


def app_on(tmp_path: Path, start: str = "log") -> tuple[KpituiApp, Store]:
    """A spike in W25; the value of W40 stands in the year before."""
    values: list[object] = list(noisy())
    values[20] = 99_000
    values[35] = "-"
    points = f"visits 2026-W05 {' '.join(map(str, values))}\nvisits 2025-W40 1001"
    store = build(tmp_path, MODEL, points)
    return app_over(store, start=start), store


async def test_findings_are_mended_and_accepted_by_one_key_each(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("A")
        await pilot.pause()
        lines = text_of(app)
        assert "Audit of the values" in lines[2] and "2 ◆" in lines[2] and "1 ○" in lines[2]
        assert any("Visits" in line and "W25" in line and "99k between" in line for line in lines)
        assert any("Six times the usual change" in line for line in lines)
        await pilot.press("x", *"press day", "enter")
        await pilot.pause()
        assert not any("99k between" in line for line in text_of(app)[3:18])
        # The value that stands alone in the year before goes where it was meant for, as one change with one undo.
        assert any("meant for W40?" in line for line in text_of(app))
        await pilot.press("e")
        await pilot.pause()
        lines = text_of(app)
        assert "Moved Visits from W40 '25 to W40 · u undo" in lines[22]
        assert any("Nothing to look at" in line for line in lines)
        await pilot.press("f")
        await pilot.pause()
        assert any("accepted by ana" in line and "press day" in line for line in text_of(app))
    assert store.rows("SELECT rule, why, who FROM acceptance") == [("spike", "press day", "ana")]
    assert store.one("SELECT count(*) FROM point WHERE value = 1001") == 1
    assert store.one("SELECT start FROM point WHERE value = 1001") == 20724


async def test_a_value_is_gone_to_emptied_and_sampled(tmp_path: Path) -> None:
    app, store = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.open(app.made("audit"))
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.NAME == "detail"  # type: ignore[attr-defined]
        assert any("▸" in line and "W25" in line and "99k" in line for line in text_of(app))
        await pilot.press("escape", "d", *"not ours", "enter")
        await pilot.pause()
        assert "Emptied Visits W25 · u undo" in text_of(app)[38]
        await pilot.press("A", "y", "enter", "n", "enter", "escape")
        await pilot.pause()
        assert "Audit sample: 1 of 2 values agree with their source" in text_of(app)[38]
    assert store.one("SELECT count(*) FROM point WHERE value = 99000") == 0
    assert store.one("SELECT count(*) FROM annotation WHERE text LIKE 'audit: %'") == 2


async def test_it_fits_the_smallest_screen(tmp_path: Path) -> None:
    app, _ = app_on(tmp_path)
    async with app.run_test(size=(40, 15)) as pilot:
        await app.open(app.made("audit", "visits"))
        await pilot.pause()
        lines = text_of(app)
        assert any("Visits" in line and "W25" in line for line in lines) and all(len(line) <= 40 for line in lines)
