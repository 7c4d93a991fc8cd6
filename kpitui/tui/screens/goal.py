"""A goal in full: read back, where it stands, whether it is realistic, its KPIs, the goals below, and past years."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult

from kpitui.charts.glyphs import mark
from kpitui.services import annotate, goal_roll_over, goals
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.goal_rows import COLUMNS, Seen, as_text, goal_rows
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import both_ends, status_style

if TYPE_CHECKING:
    from kpitui.services.goals import GoalPage
    from kpitui.storage.store import Store
    from kpitui.tui.app import KpituiApp


class Page(Board):
    """A board that is read from its top: it stays there until somebody moves, and scrolls until its cursor is seen."""

    _moved = False

    def move(self, by: int) -> None:
        self._moved = True
        top, room = self.scroll_offset.y, self.size.height
        below = self.cursor >= top + room and top + room < len(self.rows)
        if (below and by > 0) or (self.cursor < top and by < 0):
            self._scroll(top + by)
            return
        super().move(by)

    def _scroll_to_place(self, place: int) -> None:
        if self._moved:
            super()._scroll_to_place(place)


class GoalScreen(KpiScreen):
    NAME = "goal"
    SAVES: ClassVar[Mapping[str, str]] = {"new": "goal", "edit": "goal"}
    CSS_PATH = "goal.tcss"

    def __init__(self, item: int | str) -> None:
        """`item` is the goal's number or slug."""
        super().__init__()
        self.item = item

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Page(COLUMNS, glyphs=glyphs)

    def load_args(self) -> tuple[Any, ...]:
        return self.app.day, self.item

    def load(self, store: Store, *args: Any) -> GoalPage:
        return goals.page(store, *args)

    def draw(self, view: GoalPage) -> None:
        sign = (f"{mark(view.view.status, self.app.glyphs)} ", status_style(view.view.status))
        main = [("  main goal", "flag")] if view.view.main and self.app.size.width >= 60 else []
        left = [(f" {self.app.glyphs.goal} ", "accent"), (view.view.title, "heading"), *main]
        right = [sign, (f"{view.scope}  {view.view.owner}", "dim")]
        self.query_one("#top", Lines).show([both_ends(left, right, self.app.size.width)])
        self.query_one(Board).show(
            goal_rows(view, Seen(self.app.size.width, self.app.glyphs, not self.app.refused("kpi")))
        )

    @on(Board.Highlighted)
    def _moved(self, event: Board.Highlighted) -> None:
        event.stop()

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """The KPI or goal under the cursor, in full."""
        kind, _, name = self.query_one(Board).cursor_key.partition(":")
        if kind == "kpi":
            await self.app.open(self.app.made("detail", name))
        elif kind == "goal":
            await self.app.open(self.app.made("goal", int(name)))
        else:
            way = "" if self.app.refused("kpi") else ". 2 is the tree, where n writes one"
            self.say(f"Nothing to open here: it has no KPIs yet{way}")

    async def action_edit(self) -> None:
        """In the tree, where its line is edited."""
        slug = self.view.view.slug
        await self.app.go("tree", at=f"goal:{slug}")
        tree = self.app.kpi_screen
        if tree is not None and tree is not self:
            tree.call_after_refresh(tree.action_verb, "edit")

    async def action_note(self) -> None:
        text = await self.ask(f"note on {self.view.view.title}")
        if text and text.strip():
            await self.app.save(
                annotate.annotate, self.view.view.slug, text, today=self.app.day,
                said=lambda done: f"{done.sentence} · u undo",
            )  # fmt: skip

    async def action_whatif(self) -> None:
        """What its drivers must reach, and what would be with other values."""
        metric_id = self.view.view.metric_id
        if metric_id is None:
            self.say("No metric says how far it is: M in the tree ties one to it")
            return
        await self.app.open(self.app.made("whatif", metric_id, None, self.view.view.id))

    async def action_new(self) -> None:
        """Next year's goal from this one."""
        await roll_over(self, self.view.view.id)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(as_text(self.view))
        self.say("Copied the goal")

    def commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        if not self.app.read_only:
            yield "Roll the goal over to next year", "n", self.action_new


async def roll_over(screen: KpiScreen, goal_id: int) -> None:
    """Ask for next year's number, and make the goal; what follows is told."""
    app: KpituiApp = screen.app
    if not app.allowed("goal"):
        return
    today = app.day
    given = await app.read(goal_roll_over.offer, today, goal_id)
    if given is None:
        return
    text = ""
    if given.successor is None:
        asked = await screen.ask("next number, or +20%", parse=lambda said: goal_roll_over.words(given, said, today))
        if asked is None:
            return
        text = asked
    elif given.kpis:
        many = "1 KPI" if given.kpis == 1 else f"{given.kpis} KPIs"
        if not await screen.confirm(f"Take {many} along to next year's goal?", default=True):
            return
    await app.save(goal_roll_over.roll_over, goal_id, text, today, said=lambda done: f"{done.sentence} · u undo")


async def main_goal(screen: KpiScreen) -> int | None:
    found = await screen.app.read(goals.main_goal, screen.app.day)
    if found is None:
        screen.say(f"There is no goal yet{'' if screen.app.refused('goal') else ': n on Home writes one'}")
    return found


async def open_main(screen: KpiScreen) -> None:
    found = await main_goal(screen)
    if found is not None:
        await screen.app.open(screen.app.made("goal", found))


async def roll_over_main(screen: KpiScreen) -> None:
    found = await main_goal(screen)
    if found is not None:
        await roll_over(screen, found)
