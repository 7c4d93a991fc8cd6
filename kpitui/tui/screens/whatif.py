"""The tree walked both ways: what would be with other values, typed live, and what each driver must reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult

from kpitui.domain.periods import Span
from kpitui.services import whatif
from kpitui.tui.saves import NOTHING
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.whatif_rows import LAYOUT, Seen, as_text, top_line, whatif_rows
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from kpitui.services.whatif import Driver, MetricRow, WhatIf
    from kpitui.storage.store import Store


class WhatifScreen(KpiScreen):
    NAME = "whatif"
    # What is only supposed is anybody's, on any day.
    SAVES: ClassVar[Mapping[str, str]] = {"edit": NOTHING, "archive": NOTHING}
    CSS_PATH = "whatif.tcss"

    def __init__(self, metric_id: int, kpi_id: int | None = None, goal_id: int | None = None) -> None:
        super().__init__()
        self.metric_id, self.kpi_id, self.goal_id = metric_id, kpi_id, goal_id
        self.changes: dict[int, float] = {}
        """What is supposed, by metric; nothing of it is stored."""
        self.target: float | None = None
        self.on_period: tuple[str, Span] | None = None

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Board({"": LAYOUT}, glyphs=glyphs)

    # ---------------------------------------------------------------- the view

    def load_args(self) -> tuple[Any, ...]:
        return self._args(self.changes, self.target)

    def _args(self, changes: dict[int, float], target: float | None) -> tuple[Any, ...]:
        return (self.app.day, self.metric_id, self.kpi_id, self.goal_id, tuple(changes.items()), target, self.on_period)

    def load(self, store: Store, *args: Any) -> WhatIf:
        return whatif.page(store, *args)

    def draw(self, view: WhatIf) -> None:
        seen = Seen(self.app.size.width, self.app.glyphs, frozenset(self.changes))
        self.query_one("#top", Lines).show([top_line(view, seen)])
        self.query_one(Board).show(whatif_rows(view, seen))

    def peel(self) -> bool:
        """Esc first lets go of what is supposed."""
        if not self.changes and self.target is None:
            return super().peel()
        self.changes, self.target = {}, None
        self.app.do(self._again("As it is"))
        return True

    async def _again(self, said: str = "") -> None:
        if await self.fetch() and said:
            self.say(said)

    # ---------------------------------------------------------------- verbs

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    @property
    def driver(self) -> Driver | None:
        kind, _, name = self.query_one(Board).cursor_key.partition(":")
        if kind != "metric" or self.view is None:
            return None
        return next((one for one in self.view.drivers if str(one.metric.id) == name), None)

    async def action_open(self) -> None:
        """Another value for what the cursor is on; the page follows every key."""
        view: WhatIf | None = self.view
        if view is None:
            return
        kind, _, name = self.query_one(Board).cursor_key.partition(":")
        if kind == "above":
            await self.app.open(self.app.made("detail", name))
        elif kind == "item" and view.drivers:
            await self._ask_target(view)
        elif kind == "item":
            await self._ask_value(view.metric, view.currency, view.value, None)
        elif (one := self.driver) is not None:
            from kpitui.reports.whatif_words import target_value

            await self._ask_value(one.metric, one.currency, one.value, target_value(one, view))

    async def action_edit(self) -> None:
        await self.action_open()

    async def _ask_value(self, metric: MetricRow, currency: str, base: float | None, needed: float | None) -> None:
        from kpitui.reports.whatif_words import amount

        def read(text: str) -> float | None:
            return whatif.typed_value(text, metric, currency, base) if text.strip() else needed

        def preview(text: str) -> str:
            value = read(text)
            changes = {**self.changes, metric.id: value} if value is not None else self.changes
            self._try(changes, self.target)
            if not text.strip():
                empty = (
                    "12k, +10%, -5" if needed is None else f"enter: {amount(metric, currency, needed)}, what it needs"
                )
                return f"{empty}; now {amount(metric, currency, base)}"
            return f"{amount(metric, currency, value)}, now {amount(metric, currency, base)}"

        before = dict(self.changes)
        text = await self.ask(f"{metric.name} would be", parse=preview)
        value = None if text is None else read(text)
        if value is not None:
            self.changes[metric.id] = value
        else:
            self.changes = before
        await self._again()

    async def _ask_target(self, view: WhatIf) -> None:
        from kpitui.reports.whatif_words import amount

        def read(text: str) -> float | None:
            return whatif.typed_value(text, view.metric, view.currency, view.value) if text.strip() else None

        def preview(text: str) -> str:
            value = read(text)
            self._try(self.changes, self.target if value is None else value)
            if value is None:
                return "what it is to reach: 5m, +10%; enter goes back to its own target"
            return f"{amount(view.metric, view.currency, value)}, now {amount(view.metric, view.currency, view.value)}"

        before = self.target
        text = await self.ask(f"{view.metric.name} is to be", parse=preview)
        self.target = before if text is None else read(text)
        await self._again()

    def _try(self, changes: dict[int, float], target: float | None) -> None:
        """The page as it would be with what is being typed; a newer key makes an older one's answer void."""
        self.run_worker(self._tried(self._args(changes, target)), exclusive=True, group="tried")

    async def _tried(self, args: tuple[Any, ...]) -> None:
        found = await self.app.read(self.load, *args)
        if found is not None and self.prompt.mode == "line":
            self.view = found

    def action_archive(self) -> None:
        """Take back what is supposed of the row."""
        one = self.driver
        key = one.metric.id if one is not None else self.metric_id
        if self.query_one(Board).cursor_key == "item" and self.target is not None:
            self.target = None
        elif self.changes.pop(key, None) is None:
            self.say("Nothing is supposed here: enter types another value")
            return
        self.app.do(self._again())

    async def action_target(self) -> None:
        """Keep what the driver needs, or what is supposed of it, as its target from today."""
        from kpitui.reports.whatif_words import amount, target_value

        view: WhatIf | None = self.view
        one = self.driver
        if view is None or one is None:
            self.say("The cursor is on no driver: j and k move it")
            return
        value = one.would_be if one.supposed else target_value(one, view)
        if value is None:
            self.say(f"{one.metric.name} alone cannot bring it: enter types a value, then T keeps that")
            return
        figure = amount(one.metric, one.currency, value)
        stands = await self.app.read(whatif.standing_target, self.app.day, one.metric.id)
        if stands is None:
            return
        if not await self.confirm(f"Target of {one.metric.name} {figure} from today?", default=True):
            return
        wanted = view.wanted.value if view.wanted is not None and not one.supposed else view.would_be
        goal = amount(view.metric, view.currency, wanted)
        await self.app.save(
            whatif.as_target, self.app.day, one.metric.id, value, f"for {view.title}: {goal}", stands,
            said=lambda done: f"{done.sentence} · u undo",
        )  # fmt: skip

    def action_older(self) -> None:
        self._move(-1)

    def action_newer(self) -> None:
        self._move(1)

    def action_this_period(self) -> None:
        self.on_period = None
        self.app.do(self._again())

    def _move(self, by: int) -> None:
        view: WhatIf | None = self.view
        if view is None:
            return
        span = whatif.beside(view, by)
        if span.start > self.app.day:
            self.say("That period is still to come: nothing is known of it")
            return
        self.on_period = view.grain, span
        self.app.do(self._again())

    def action_copy(self) -> None:
        if self.view is not None:
            self.app.copy_to_clipboard(as_text(self.view))
            self.say("Copied what would be")


async def open_whatif(screen: KpiScreen, metric_id: int, kpi_id: int | None = None, goal_id: int | None = None) -> None:
    """Lay the page of a metric, of one of its roles, or of a goal it measures over a screen."""
    await screen.app.open(screen.app.made("whatif", metric_id, kpi_id, goal_id))
