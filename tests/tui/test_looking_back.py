"""Looking back in the screens: a day as it was known then, read-only, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kpitui.domain.model import Metric
from kpitui.domain.periods import parse_label
from kpitui.services import backup, entry
from kpitui.services.calendar import calendar_of
from kpitui.services.restore import Place, prepared, restore
from kpitui.storage import definitions, reading
from tests.services.acme import MODEL, POINTS, TODAY
from tests.tui.test_home import home_of, settled
from tests.workspace import build


async def test_an_earlier_day_as_known_then_on_every_screen(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS, today="2026-11-14")
    metric = reading.metric(store, "mrr")
    assert metric is not None
    store.now = lambda: datetime(2026, 11, 19, 9, tzinfo=UTC)
    entry.record_value(store, "mrr", parse_label("2026-W45", calendar_of({}))[1], "399000", today=TODAY)
    async with home_of(store, (100, 24)) as (app, pilot):
        await pilot.press("8")
        assert any("> $399,000" in line for line in await settled(app, pilot))
        await pilot.press("1", "W")
        assert "empty stays on today" in (await settled(app, pilot))[22]
        await pilot.press(*"15 nov", "enter")
        lines = await settled(app, pilot)
        assert "as of 15 Nov, as known then" in lines[1]
        await pilot.press("2")
        assert "as of 15 Nov, as known then" in (await settled(app, pilot))[1]
        await pilot.press("n")
        assert "the past is read-only: W and Enter" in (await settled(app, pilot))[22]
        await pilot.press("1", "[")
        assert "Nothing was known here then" in (await settled(app, pilot))[22]
        await pilot.press("W")
        assert "back to today" in (await settled(app, pilot))[22]
        await pilot.press(*"15 nov", "enter", "enter")
        assert "as of 15 Nov, as known then" in (await settled(app, pilot))[1]
        assert not any("$399k" in line for line in await settled(app, pilot))
        await pilot.press("~")
        lines = await settled(app, pilot)
        assert "as of 15 Nov, as known now" in lines[1] and any("$399k" in line for line in lines)
        await pilot.press("8")
        assert not any("> $399,000" in line for line in await settled(app, pilot))  # a line of the log of a later day
        await pilot.press("1", "~", "[")
        assert "Nothing was known here then" in (await settled(app, pilot))[22]
        await pilot.press("q", "q", "q")
        lines = await settled(app, pilot)
        assert "as of" not in lines[1] and "Nothing was known" not in lines[22]
        assert app.looking is None and not app.read_only


async def test_what_others_save_changes_no_day_looked_at_and_a_restored_backup_is_read_anew(tmp_path: Path) -> None:
    store = build(tmp_path, MODEL, POINTS, today="2026-11-12")
    file = backup.back_up(store, str(tmp_path / "kept")).copy.path
    week = parse_label("2026-W46", calendar_of({}))[1]
    store.now = lambda: datetime(2026, 11, 14, 9, tzinfo=UTC)
    entry.record_value(store, "mrr", week, "399000", today=TODAY - 6)
    async with home_of(store, (100, 24)) as (app, pilot):
        await app._poll()
        await pilot.press("W", *"15 nov", "enter")
        shown = await settled(app, pilot)
        assert any("$399k" in line for line in shown) and app.in_past
        store.now = lambda: datetime(2026, 11, 20, 9, tzinfo=UTC)
        entry.record_value(store, "mrr", week, "111000", today=TODAY)
        with store.write("metric.edit") as tx:
            definitions.change(tx, definitions.get(store, Metric, 1), name="Renamed")
        await app._poll()
        assert await settled(app, pilot) == shown
        here = Place(store.path, store.who, "test", lambda: datetime(2026, 11, 20, 10, tzinfo=UTC))
        with prepared(file, here) as offer:
            restore(offer, here, None)
        await app._poll()
        lines = await settled(app, pilot)
        assert "restored a backup" in lines[22] and "as of 15 Nov, as known then" in lines[1]
        assert not any("$399k" in line for line in lines)
