"""Due: the queue of what is owed, late first. After Enter the next value is ready; what is done stays, ticked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kpitui.charts.glyphs import mark
from kpitui.domain.periods import Span
from kpitui.domain.problem import Problem
from kpitui.services import due_queue, metric_texts, proposals, putting_away
from kpitui.services.asked import Asked
from kpitui.services.due_lines import earlier_words
from kpitui.services.due_queue import Queue, QueueLine
from kpitui.services.entry_grid import GridCell
from kpitui.tui.asking import forget
from kpitui.tui.screens import due_panes, value_words
from kpitui.tui.screens.due_putting_off import PuttingOff
from kpitui.tui.screens.row_verbs import About
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.columns import BoardRow, fit
from kpitui.tui.widgets.grid import Grid, Place, Value
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import status_style

if TYPE_CHECKING:
    from kpitui.storage.store import Store

CHROME = 5
"""Rows of the screen that are neither queue nor panes: tabs, goal, heading, message, keys."""
CELL = "v"
FOLDED = "folded"
"""The layout of a line that stands for several periods."""
YES = ("y", "yes")


def proposal_answer(asked: str, text: str) -> str:
    """What an answer to a proposal means, and the proposal before there is one. Raises Problem for anything but yes
    and no."""
    word = text.partition(";")[0].strip().casefold()
    if not text.strip():
        return asked
    if word in YES:
        return "saves it; what proposed it and why stands in the history"
    if word in ("n", "no"):
        return "leaves the value as it is"
    raise Problem("Type y to save it, n ; and why to leave the value as it is; Esc answers later.")


class DueScreen(PuttingOff):
    NAME = "due"
    CSS_PATH = "due.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._wanted_texts = self._total = 0
        self.only_mine = False
        self.late_only = False
        self._shown: list[tuple[int, Span]] = []
        self._texts: dict[int, metric_texts.About] = {}

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Grid(due_panes.layout(80), glyphs=glyphs, id="grid")
        yield Lines(glyphs=glyphs, id="spacer")
        with Vertical(id="below"):
            yield Lines(glyphs=glyphs, id="narrow")
            with Horizontal(id="wide"):
                with Vertical():
                    yield Lines(glyphs=glyphs, frame="box", id="chart")
                    yield Lines(glyphs=glyphs, frame="box", id="coming")
                with Vertical(id="right"):
                    yield Lines(glyphs=glyphs, frame="box", id="how")
                    yield Lines(glyphs=glyphs, frame="box", id="waiting")

    # ---------------------------------------------------------------- the view

    @property
    def me(self) -> str:
        return self.app.user.partition("@")[0]

    def day_changed(self) -> None:
        self._texts = {}
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._shown, self._lines, self._owed, self.unfolded = [], {}, set(), set()

    def load_args(self) -> tuple[Any, ...]:
        return (self.app.day, self.me, self.only_mine, self.late_only, tuple(self._shown))

    def load(
        self, store: Store, today: int, me: str, only_mine: bool, late_only: bool, keep: Sequence[tuple[int, Span]]
    ) -> Queue:
        return due_queue.queue(store, today, me, only_mine=only_mine, late_only=late_only, keep=keep)

    def draw(self, view: Queue) -> None:
        grid = self.grid
        grid.host, grid.wraps, grid.writable = self, True, not self.app.read_only
        cells = self.app.size.width
        layouts = {"": due_panes.layout(cells), FOLDED: due_panes.folding(cells)}
        if layouts != grid.layouts:
            grid.lay_out(layouts)
        first, stuck = not self._lines, bool(self._lines) and not grid.typing and self.all_shown_done()
        asleep = self._asleep(view.workspace)
        keep = self.matches(self.filter_text)
        lines = [
            line
            for line in view.lines
            if (line.owed.metric_id, *line.owed.period) not in asleep
            and keep(f"{line.owed.name} {line.owed.slug} {line.owed.period_label} @{line.owed.updater}")
        ]
        self._lines = {line.key: line for line in view.lines}
        self._shown = [(line.owed.metric_id, line.owed.period) for line in view.lines]
        self._owed |= {line.key for line in view.lines if not line.done and not line.cell.odd}
        total = view.left + sum(line.done and line.key in self._owed for line in view.lines)
        lines = self.fold(lines)
        rows = [self._row(line) for line in lines]
        if not rows:
            said = due_panes.nothing(view, self.only_mine, self.late_only, self.app.day, not self.app.refused("metric"))
            if self.filter_text:
                said = f"  Nothing due matches “{self.filter_text}”. Esc clears the filter."
            elif asleep and view.left:
                said = f"  {len(asleep)} put off. f shows all that is due."
            rows = [BoardRow("", (said,), "text")]
        grid.show(rows)
        if first or stuck:
            # Also where the last one shown has been filled, and earlier periods have stood behind it.
            grid.go_to_cell(next((line.key for line in lines if not line.done), grid.cursor_key), 0)
        self._place_below(len(rows))
        self._total = total
        self.show_here()
        self._show_panes()
        unfolded = len(self.unfolded)
        self.offer_drafts(view.workspace, self._place_of_draft)
        if len(self.unfolded) > unfolded:
            self.draw(view)
        self.tell_of_theirs()

    def _row(self, line: QueueLine) -> BoardRow:
        app, item, cell = self.app, line.owed, line.asked
        glyphs, width = app.glyphs, app.size.width
        sign = (glyphs.check, "on") if line.done else (mark(line.status, glyphs), status_style(line.status))
        late = due_panes.late_text(item, app.day, short=width < 60)
        if line.cell.odd:
            sign, late = (glyphs.flagged, "flag"), ("check" if width < 60 else "check it", "flag")
        last = value_words.cell_text(cell.last, cell.unit, cell.currency, cell.decimals, 7)
        usual = value_words.usual_text(cell, bare=True)
        columns = fit(due_panes.layout(width), width - self.grid.lead)
        # A sentence is wrapped: nothing in it is cut.
        room = 0 if self.plain else next(one.width for _, one in columns if one.name == "name")
        head = (sign, self._named(line, room), item.period_label, late)
        earlier = self.behind(line.key)
        before: tuple[Any, ...]
        tail: tuple[Any, ...]
        if width >= 120:
            target = value_words.target_text(cell.aim, cell.unit, cell.currency, cell.decimals, glyphs)
            tail = ((target, "target"), "", item.updater, (line.source, "dim"))
        else:
            tail = ("", item.updater) if width >= 80 else ("",)
        if earlier:
            room = due_panes.room_for_earlier(width)
            since = earlier_words(len(earlier), earlier[0].owed.period_label, room)
            before = ((since, "dim"),) if room else ()
        else:
            before = (last, (usual, "dim")) if width >= 80 else (last,) if width >= 60 else ()
        return BoardRow(
            line.key, (*head, *before, *tail), layout=FOLDED if earlier else "", values=(self._value(line),)
        )

    def _value(self, line: QueueLine) -> Value:
        glyphs, cell, asked = self.app.glyphs, line.cell, line.asked
        if cell.state == "none":
            return Value(CELL, "-", "dim", glyphs.note if cell.note else "", done=True)
        if cell.value is None:
            return Value(CELL, glyphs.due, "dim")
        text = value_words.cell_text(cell.value, asked.unit, asked.currency, asked.decimals, 7)
        sign = glyphs.flagged if cell.odd else glyphs.note if cell.note else ""
        return Value(CELL, text, "watch" if cell.odd else "", sign, odd=cell.odd, done=True)

    def nothing_measured(self) -> bool:
        return not (self.view.lines or self.view.coming or self.only_mine or self.late_only)

    def show_here(self) -> None:
        if self.view is None:
            return
        here = self.here_words()
        line = due_panes.top(
            self.view, self._total, self.only_mine, self.late_only, self.app.size.width, self.app.glyphs, here
        )
        self.query_one("#top", Lines).show([line])

    def _place_of_draft(self, key: tuple[int, int, int]) -> Place | None:
        row = f"{key[0]}:{key[1]}"
        if any(line.key == row for behind in self._earlier.values() for line in behind):
            self.unfolded.add(key[0])
        return (row, CELL) if row in self._lines else None

    def on_screen_suspend(self) -> None:
        """Leaving the tab, what is done goes; under Help or an opened metric it stays."""
        if self in self.app.screen_stack:
            return
        self._begin_anew()
        self.stale = True

    # ---------------------------------------------------------------- cells

    def asked_at(self, at: Place) -> Asked | None:
        line = self._lines.get(at[0])
        return line.asked if line else None

    def stored_at(self, at: Place) -> GridCell | None:
        line = self._lines.get(at[0])
        return line.cell if line else None

    def fresh(self, cells: Sequence[Place]) -> Callable[[Store], tuple[Any, ...]]:
        args = self.load_args()

        def read(store: Store) -> tuple[Any, ...]:
            return (self.load(store, *args),)

        return read

    def patch(self, lines: Sequence[Any]) -> None:
        self.view = lines[0]
        if self._earlier and self.all_shown_done():
            # The next one is ready at once.
            self.draw(self.view)

    def empty(self, cells: Sequence[Place]) -> None:
        """`d`: empties the value; on the empty one of a series that has stopped it puts the metric away."""
        line = self._lines.get(cells[0][0]) if len(cells) == 1 else None
        if line is not None and line.owed.stopped is not None and line.cell.value is None:
            self.app.do(self._put_away(line))
        else:
            super().empty(cells)

    async def _put_away(self, line: QueueLine) -> None:
        if await self.confirm(f"Archive {line.owed.name}, {due_panes.stopped_text(line.owed, self.app.day)}?"):
            await self.app.save(
                putting_away.archive_metric,
                line.owed.metric_id,
                self.app.day,
                said=lambda done: f"{done.sentence} · u undo",
            )

    # ---------------------------------------------------------------- around the queue

    def _place_below(self, rows: int) -> None:
        content = self.app.size.height - CHROME + (1 if self.app.size.width < 60 else 0)
        least = 14 if self.app.size.width >= 120 else 5
        height = min(rows + 1, content) if content - rows - 2 < least else rows + 1
        room = content - height - 1
        for name in ("#below", "#spacer"):
            part = self.query_one(name)
            if bool(part.display) != (room >= least):
                part.display = room >= least
        height = content if room < least else height
        if self.grid.styles.height is None or self.grid.styles.height.value != height:
            self.grid.styles.height = height

    def laid_out(self) -> None:
        self._show_panes()

    def _show_panes(self) -> None:
        view: Queue | None = self.view
        app = self.app
        if view is None or not self.query_one("#below").display:
            return
        line = self._lines.get(self.grid.cursor_key)
        texts = self._texts.get(line.owed.metric_id) if line else None
        earlier = self.behind(self.grid.cursor_key)
        if app.size.width < 120:
            room = app.size.height - CHROME - len(self.grid.rows) - 2
            shown = due_panes.narrow(view, line, earlier, texts, app.size.width, room, app.day, app.glyphs)
            self.query_one("#narrow", Lines).show(shown)
        else:
            chart, how = self.query_one("#chart", Lines), self.query_one("#how", Lines)
            if line is not None:
                chart.show(
                    due_panes.chart(line, max(chart.size.width - 2, 20), max(chart.size.height - 2, 5), app.glyphs),
                    title=due_panes.name_text(line),
                    hint="o opens it",
                )
                how.show(
                    due_panes.measuring(line, earlier, texts, max(how.size.width - 2, 20), app.day),
                    title="How to measure it",
                )
            coming = self.query_one("#coming", Lines)
            coming.show(due_panes.coming_lines(view, app.day, 12, max(coming.size.width - 2, 40)), title="Coming up")
            waiting = self.query_one("#waiting", Lines)
            lines = due_panes.waiting_lines(view, app.day, 12, waiting.size.width - 2, app.glyphs)
            waiting.show(lines, title="Also waiting for you")
        if line is not None and texts is None:
            self._wanted_texts = line.owed.metric_id
            self.run_worker(self._read_texts, group="texts", exclusive=True)  # type: ignore[arg-type]

    async def _read_texts(self) -> None:
        metric_id = self._wanted_texts
        found = await self.app.read(metric_texts.about, metric_id)
        if found is not None:
            self._texts[metric_id] = found
            self._show_panes()

    @on(Board.Highlighted)
    def _moved(self) -> None:
        self.draw_beside(self._show_panes)

    # ---------------------------------------------------------------- verbs

    def about(self) -> About | None:
        line = self._lines.get(self.grid.cursor_key)
        return About(line.owed.metric_id, line.owed.name, line.kpi_id, line.owed.period) if line else None

    def action_mine(self) -> None:
        self.only_mine = not self.only_mine
        self._refilter()

    def action_facet(self) -> None:
        """All, or the late ones only; what was put off comes back with all."""
        self.late_only = not self.late_only
        if not self.late_only and self._snoozed is not None:
            for key in self._asleep(self.view.workspace if self.view else ""):
                self._snoozed.forget(key)
        self._refilter()

    def _refilter(self) -> None:
        self._begin_anew()
        self.reload()

    async def action_answer(self) -> None:
        """Accept or decline what others propose, one after the other, each as it stands then."""
        answered, said = set[int](), ""
        while found := await self.app.read(proposals.for_me, self.app.day):
            one = next((one for one in found if one.id not in answered), None)
            if one is None:
                return
            # What was typed for one is never brought back for another.
            wide = self.app.size.width >= 60
            text = await self.ask(
                f"{one.name} {one.short} = {one.value_text}: y, or n ; why not" if wide else f"{one.id}: y, n ; why",
                parse=partial(proposal_answer, one.sentence),
                about=f"{said}{one.sentence}",
            )
            if not text or not text.strip():
                return
            word, _, why = text.partition(";")
            answer = proposals.accept if word.strip().casefold() in YES else proposals.decline
            done = await self.app.save(
                answer, one.id, why, today=self.app.day, said=lambda done: f"{done.sentence} · u undo"
            )
            if done is None:
                # The next question would stand over why this one was refused. A bare y comes back for no other one.
                if not why.strip():
                    forget(self)
                return
            answered.add(one.id)
            said = f"{done.sentence}. "
        if found is not None and not answered:
            self.say("Nobody proposes anything to you. A reader who types a value is offered to.")

    def found(self) -> str:
        rows = [row.key for row in self.grid.rows if row.kind == "row"]
        return f"{len(rows) + sum(len(self.behind(key)) for key in rows)} of {len(self._lines)}"
