"""A small team's workspace for the screens where values are typed, and looking at it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from kpitui import config as own
from kpitui import paths, themes
from kpitui.charts.glyphs import UNICODE, Glyphs
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp, build_app
from kpitui.tui.screens.value_screen import ValueScreen
from tests.tui.sample import at_rest, text_of
from tests.workspace import build

MODEL = """
[[goal]]
slug = "growth"
title = "Grow"
main = true
target = 100
start = 2026-01-01
deadline = 2026-12-31

[[metric]]
slug = "mrr"
name = "MRR"
unit = "currency"
kind = "level"
cadence = "week"
owner = "ana"

[[metric]]
slug = "cac"
name = "CAC"
unit = "currency"
kind = "level"
cadence = "week"
direction = "down"
hard_min = 0
owner = "bo"
feeds = ["mrr"]

[[metric]]
slug = "visits"
name = "Site visits"
kind = "flow"
cadence = "week"
hard_min = 0
owner = "dee"

[[metric]]
slug = "reply"
name = "First reply"
unit = "duration"
kind = "level"
cadence = "week"
direction = "down"
good_high = 4
owner = "dee"

[[metric]]
slug = "runway"
name = "Cash runway"
kind = "level"
cadence = "month"
owner = "ana"

[[metric]]
slug = "twice"
name = "Twice"
kind = "flow"
cadence = "week"
formula = "visits * 2"

[[kpi]]
metric = "mrr"
goal = "growth"
target_kind = "at_least"
target = 400
start = 2026-01-01
"""
POINTS = """
mrr 2026-W38 343 345 346 348 350 352 354 355 356
cac 2026-W38 395 401 398 402 409 400 396 402 398
visits 2026-W38 52 50 51 53 52 54 53 55 52
reply 2026-W38 3.2 3.1 3.3 3.2 3.1 3.3 3.2 3.0 3.2
runway 2026-06 10 11 12 11
"""


def workspace(tmp_path: Path, points: str = POINTS, model: str = MODEL) -> Store:
    return build(tmp_path, model, points)


def app_on(store: Store, start: str, glyphs: Glyphs = UNICODE, utf8: bool = True, **config: Any) -> KpituiApp:
    return build_app(
        lambda: Store.open(store.path, who=store.who, via="tui", now=store.now),
        config=own.Config(**config),
        glyphs=glyphs,
        themes=themes.load_themes([paths.shipped_themes()]),
        today=lambda: date(2026, 11, 20),
        user=f"{store.who.name}@host",
        start=start,
        utf8=utf8,
    )


@asynccontextmanager
async def running(
    store: Store, start: str, size: tuple[int, int] = (80, 24), **kw: Any
) -> AsyncIterator[tuple[KpituiApp, Pilot[None]]]:
    app = app_on(store, start, **kw)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def saved(app: KpituiApp, pilot: Pilot[None]) -> list[str]:
    """Wait until everything is saved and shown; the screen's lines."""
    screen = app.screen
    assert isinstance(screen, ValueScreen)
    while screen._saves:
        await asyncio.gather(*screen._saves)
    await at_rest(app)
    await pilot.pause()
    return text_of(app)


def stored(store: Store, slug: str, label: str = "") -> list[Any]:
    """The values of a metric, oldest first."""
    return [
        value
        for (value,) in store.rows(
            'SELECT value FROM point p JOIN metric m ON m.id = p.metric_id WHERE m.slug = ? ORDER BY "start"', (slug,)
        )
    ]


def line_with(lines: list[str], text: str) -> str:
    return next(line for line in lines if text in line)
