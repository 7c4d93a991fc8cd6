"""A made-up store and screens to try the shell with; `python -m tests.tui.sample` runs them in a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from textual.app import ComposeResult

from kpitui import paths, themes
from kpitui.charts.glyphs import UNICODE, Glyphs, mark
from kpitui.config import Config
from kpitui.errors import Refused
from kpitui.storage.store import Store
from kpitui.tui.app import KpituiApp, build_app
from kpitui.tui.chrome import Chrome
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.store_thread import StoreThread
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, heading
from kpitui.tui.widgets.goalrow import GoalLine
from kpitui.tui.widgets.styled import status_style

GOAL = GoalLine("$5.0M ARR by 31 Dec", "$4.31M", "$3.20M", "2026", 0.62, 0.89, 41, "off_track", "$5.0M ARR")
LAYOUT = Layout(
    (
        Column("status", 1, "S", gap=0),
        Column("name", 0, "KPI", least=10),
        Column("spark", 26, lambda cells: f"{cells} weeks", align="tail"),
        Column("value", 8, "value", "right"),
        Column("target", 8, "target", "right"),
        Column("gap", 7, "gap", "right"),
        Column("trend", 3, "tr", "right"),
        Column("owner", 7, "owner", "right"),
    ),
    (("spark", 13), ("owner", 0), ("trend", 0), ("target", 0), ("spark", 8), ("gap", 0), ("spark", 0)),
)
STATUSES = ("off_track", "at_risk", "on_track")


class MadeUpStore:
    """Metrics by name and what was written; `others` counts what other people committed."""

    def __init__(self, metrics: int = 40, readonly: bool = False) -> None:
        self.names = [f"Metric {number}" for number in range(1, metrics + 1)]
        self.written: list[str] = []
        self.readonly = readonly
        self.commits = 0
        self.others = 0
        self.seen = 0
        self.failure: Exception | None = None
        self.closed = False
        self.loads = 0

    def changed(self) -> bool:
        if self.failure is not None:
            raise self.failure
        if self.seen == self.others:
            return False
        self.seen = self.others
        return True

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        yield

    def one(self, sql: str) -> int:
        """Its file is always the same one."""
        return 0

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return [(0,)] if sql.startswith("PRAGMA") else []

    def row(self, sql: str, args: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        return None

    def close(self) -> None:
        self.closed = True


class SampleView(NamedTuple):
    names: tuple[str, ...]
    written: int


def write(store: Any, text: str, *, fail: bool = False) -> str:
    if fail or not text:
        raise Refused("An action needs words. Type what is to be done.")
    store.written.append(text)
    store.commits += 1
    return text


class SampleScreen(KpiScreen):
    """A board of metrics; `a` writes into the store."""

    def compose_content(self) -> ComposeResult:
        yield Board(LAYOUT, glyphs=self.app.glyphs)

    def load(self, store: Any) -> SampleView:
        store.loads += 1
        return SampleView(tuple(store.names), len(store.written))

    def draw(self, view: SampleView) -> None:
        keep = self.matches(self.filter_text)
        rows: list[BoardRow] = [
            heading("KPIs  org", f"{view.written} written"),
            BoardRow("", (), "header"),
            *(self.row_of(place, name) for place, name in enumerate(view.names) if keep(name)),
        ]
        assert self.board is not None
        self.board.show(rows)

    def row_of(self, place: int, name: str) -> BoardRow:
        status = STATUSES[place % 3]
        return BoardRow(
            name,
            (
                (mark(status, self.app.glyphs), status_style(status)),
                name,
                [("▁▂▂▂▃▄▄▅▆▇▇▇▁▂▂▂▃▄▄▅▆▇▇▇▇", "spark"), ("█", "bold")],
                f"${place}k",
                "$400k",
                ("-10.2%", status_style(status)),
                "↗",
                "ana",
            ),
        )

    def found(self) -> str:
        return f"{len(self.board.rows) - 2} of {len(self.view.names)}" if self.board else ""

    async def action_action(self) -> None:
        text = await self.ask("action", parse=lambda typed: f"as: {typed}", complete=lambda typed: (f"{typed}@ana",))
        if text is not None:
            await self.app.save(write, text, said=lambda written: f"Wrote {written} · u undo")

    async def action_note(self) -> None:
        # A verb that reads before it asks: what is typed meanwhile must wait for the question.
        await asyncio.sleep(0.05)
        text = await self.ask("note")
        if text is not None:
            await self.app.save(write, text)

    async def action_archive(self) -> None:
        if await self.confirm("Archive it?", default=True):
            await self.app.save(write, "archived")


class HomeSample(SampleScreen):
    NAME = "home"


class TreeSample(SampleScreen):
    NAME = "tree"


class DetailSample(SampleScreen):
    NAME = "detail"

    def __init__(self, slug: str = "") -> None:
        super().__init__()
        self.slug = slug


SCREENS = {"home": HomeSample, "tree": TreeSample, "detail": DetailSample}


def chrome(store: Any, today: int) -> Chrome:
    return Chrome(GOAL, {"tree": len(store.written)})


def sample_app(
    store: MadeUpStore | None = None, *, glyphs: Glyphs = UNICODE, messages: Sequence[str] = (), **config: Any
) -> KpituiApp:
    store = store or MadeUpStore()
    return build_app(
        StoreThread(lambda: store),  # type: ignore[arg-type, return-value]
        config=Config(**config),
        glyphs=glyphs,
        themes=themes.load_themes(paths.theme_folders()),
        today=lambda: date(2026, 11, 20),
        user="ana@ops",
        screens=SCREENS,
        messages=messages,
        chrome=chrome,
    )


def app_over(store: Store, *, today: str = "2026-11-20", **options: Any) -> KpituiApp:
    """The screens over a real workspace, as ana sees it; `options` are those of `build_app`."""
    given: dict[str, Any] = {"config": Config(), "user": "ana@host", **options}
    return build_app(
        lambda: Store.open(store.path, who=store.who, via="tui", now=store.now),
        themes=themes.load_themes([paths.shipped_themes()]),
        today=lambda: date.fromisoformat(today),
        **given,
    )


async def at_rest(app: KpituiApp) -> None:
    """Waits for all that the app does beside its keys, but for what it does seconds later of its own accord: having
    the doctor look once nothing changes, and looking at the file."""
    # Without any named, Textual waits for all of them.
    if busy := [worker for worker in app.workers if worker.group not in ("doctor", "file")]:
        await app.workers.wait_for_complete(busy)


def text_of(app: KpituiApp) -> list[str]:
    """The lines of the screen as they stand."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


if __name__ == "__main__":
    import os

    from kpitui.tui.terminal import prepare_environment

    prepare_environment(os.environ)
    running = sample_app(MadeUpStore(int(sys.argv[1]) if len(sys.argv) > 1 else 40))
    running.run(mouse=False)
    running.thread.close()
    raise SystemExit(running.return_code or 0)
