"""Entry: the grid of values. Rows in the order of the tree, columns periods, the newest at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kpitui.charts.glyphs import mark
from kpitui.domain.periods import Span
from kpitui.services import entry_grid, metric_texts
from kpitui.services.asked import Asked
from kpitui.services.entry_grid import GridCell, GridLine
from kpitui.tui.screens import entry_panes, value_words
from kpitui.tui.screens.row_verbs import About
from kpitui.tui.screens.value_screen import ValueScreen
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.columns import BoardRow, Layout, blank
from kpitui.tui.widgets.grid import Grid, Place, Value
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import status_style

if TYPE_CHECKING:
    from kpitui.storage.store import Store

CHROME = 4
"""Rows of the screen that are not content: tabs, goal, message, keys."""
LEGEND = 7


class EntryScreen(ValueScreen):
    NAME = "entry"
    CSS_PATH = "entry.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._wanted_texts = 0
        self.cadence = ""
        self.back = 0
        self.only_mine = False
        self.count = 0
        self._lines: dict[str, GridLine] = {}
        self._rows: dict[str, tuple[GridLine, tuple[object, ...], BoardRow]] = {}
        self._wanted: tuple[int, Span | None] | None = None
        self._landed = False
        self._about: metric_texts.About | None = None

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Grid(Layout(()), glyphs=glyphs, id="grid")
        with Horizontal(id="below"):
            yield Lines(glyphs=glyphs, frame="rule", id="legend")
            yield Lines(glyphs=glyphs, frame="box", id="about")
            with Vertical(id="side"):
                yield Lines(glyphs=glyphs, frame="box", id="cells")
                yield Lines(glyphs=glyphs, frame="box", id="paste")

    # ---------------------------------------------------------------- the view

    def arrive(self, metric: int | None = None, period: Span | None = None) -> None:
        """Come with a metric chosen elsewhere: its row, and the column of a period if one is given."""
        if metric is not None:
            self._wanted = (metric, period)
            self.stale = True

    def day_changed(self) -> None:
        self._about = None

    def load_args(self) -> tuple[Any, ...]:
        self.count = entry_panes.columns_for(self.app.size.width)
        mine = self.app.user.partition("@")[0] if self.only_mine else None
        return (self.app.day, self.cadence, self.back, self.count, mine, self._wanted)

    def load(
        self,
        store: Store,
        today: int,
        cadence: str,
        back: int,
        count: int,
        mine: str | None,
        wanted: tuple[int, Span | None] | None,
    ) -> entry_grid.Grid:
        if wanted is not None:
            cadence, back = entry_grid.place_of(store, today, wanted[0], wanted[1])
        return entry_grid.grid(store, today, cadence, back, count, mine)

    def draw(self, view: entry_grid.Grid) -> None:
        if entry_panes.columns_for(self.app.size.width) != self.count:
            self.reload()
            return
        grid = self.grid
        grid.host = self
        grid.writable = not self.app.read_only
        self.cadence, self.back = view.cadence, view.back
        layout = entry_panes.layout(view, self.app.size.width, self.app.glyphs)
        if layout != grid.layouts[""]:
            grid.layouts = {"": layout}
            grid.restyle()
        self._lines = {line.key: line for line in view.lines}
        keep = self.matches(self.filter_text)
        rows = [self._row(line) for line in view.lines if keep(f"{line.name} {line.slug} @{line.updater}")]
        if not grid.typing and grid.column >= len(view.columns):
            grid.column = len(view.columns) - 1
        offers = not self.app.refused("metric")
        grid.show(rows or [blank(), *entry_panes.empty(view, self.filter_text, self.only_mine, offers)])
        self._land(view)
        self._place_below(len(grid.rows))
        self._show_top(view)
        self._show_panes()
        self.offer_drafts(view.workspace, self._place_of_draft)
        self.tell_of_theirs()

    def _land(self, view: entry_grid.Grid) -> None:
        """Where the cursor goes the first time, and when it comes from elsewhere."""
        grid = self.grid
        if self._wanted is not None:
            metric, period = self._wanted
            self._wanted = None
            self._landed = True
            line = self._lines.get(str(metric))
            columns = [at for at, cell in enumerate(line.cells) if period and cell.period == period] if line else []
            grid.go_to_cell(str(metric), columns[0] if columns else len(view.columns) - 1)
        elif not self._landed and view.lines:
            self._landed = True
            newest = len(view.columns) - 1
            due = [line for line in view.lines if line.cells[newest].due]
            me = self.app.user.rpartition("@")[0]
            mine = [line for line in due if line.updater == me]
            grid.go_to_cell(grid.first_open(newest, [line.key for line in mine or due]), newest)

    def _row(self, line: GridLine) -> BoardRow:
        size = (self.app.size.width, self.app.figures.decimal, self.app.figures.accounting)
        known = self._rows.get(line.key)
        if known is not None and known[0] is line and known[1] == size:
            return known[2]
        glyphs = self.app.glyphs
        wide = self.app.size.width >= 120
        newest = line.asked(line.periods[-1], "")
        target = value_words.target_text(line.aim, line.unit, line.currency, line.decimals, glyphs, bare=True)
        row = BoardRow(
            line.key,
            (
                (mark(line.status, glyphs), status_style(line.status)),
                (line.name, "" if not line.derived else "dim"),
                (value_words.unit_text(line.unit, line.currency), "dim"),
                *("" for _ in line.cells),
                *(((value_words.usual_text(newest, bare=True), "dim"), (target, "target")) if wide else ()),
            ),
            "shown" if line.derived else "row",
            indent=line.depth if self.app.size.width >= 60 else 0,
            values=tuple(self._value(line, cell, place) for place, cell in enumerate(line.cells)),
        )
        self._rows[line.key] = (line, size, row)
        return row

    def _value(self, line: GridLine, cell: GridCell, place: int) -> Value:
        glyphs = self.app.glyphs
        key = str(cell.period.start) if cell.period else f"-{place}"
        if cell.period is None:
            why = f"{line.name} has one value a {line.cadence}: it is asked for where the {line.cadence} closes."
            return Value(key, glyphs.not_asked, "dim", open=False, why=why)
        if cell.state == "none":
            return Value(key, "-", "dim", glyphs.note if cell.note else "")
        if cell.off:
            # Enter passes over it, and who goes there may type.
            return Value(key, glyphs.not_asked, "dim", open=not line.derived, done=True)
        if cell.value is None:
            text, style = (glyphs.due, "warn") if cell.due else ("", "")
            return Value(key, text, style, open=not line.derived)
        sign = glyphs.flagged if cell.odd else glyphs.note if cell.note else glyphs.corrected if cell.corrected else ""
        text = value_words.cell_text(cell.value, line.unit, line.currency, line.decimals)
        style = "dim" if line.derived else "watch" if cell.odd else ""
        return Value(key, text, style, sign, open=not line.derived, odd=cell.odd)

    def _place_of_draft(self, key: tuple[int, int, int]) -> Place | None:
        line = self._lines.get(str(key[0]))
        here = [cell for cell in line.cells if cell.period == Span(key[1], key[2])] if line else []
        return (str(key[0]), str(key[1])) if here else None

    # ---------------------------------------------------------------- cells

    def _cell(self, at: Place) -> tuple[GridLine, GridCell] | None:
        line = self._lines.get(at[0])
        if line is None or line.derived:
            return None
        found = next((cell for cell in line.cells if cell.period and str(cell.period.start) == at[1]), None)
        return None if found is None else (line, found)

    def asked_at(self, at: Place) -> Asked | None:
        found = self._cell(at)
        if found is None or found[1].period is None:
            return None
        return found[0].asked(found[1].period, found[1].label)

    def stored_at(self, at: Place) -> GridCell | None:
        found = self._cell(at)
        return found[1] if found else None

    def fresh(self, cells: Sequence[Place]) -> Callable[[Store], tuple[Any, ...]]:
        view, today = self.view, self.app.day
        lines = {at[0]: self._lines[at[0]] for at in cells if at[0] in self._lines}

        def read(store: Store) -> tuple[Any, ...]:
            return entry_grid.lines(store, today, view.cadence, view.columns, list(lines.values()))

        return read

    def patch(self, lines: Sequence[Any]) -> None:
        view: entry_grid.Grid = self.view
        new = {line.metric_id: line for line in lines}
        filled = 0
        for line in lines:
            old = self._lines.get(line.key)
            if old is not None and len(old.cells) == len(line.cells):
                filled += sum(a.due - b.due for a, b in zip(old.cells, line.cells, strict=True))
        merged = tuple(new.get(line.metric_id, line) for line in view.lines)
        self.view = view._replace(
            lines=merged,
            to_fill=max(view.to_fill - filled, 0),
            to_check=sum(cell.odd for line in merged for cell in line.cells),
        )

    # ---------------------------------------------------------------- around the grid

    def _place_below(self, rows: int) -> None:
        """The grid takes what it needs, and all of it when there is no room for what stands below."""
        content = self.app.size.height - CHROME - 1 + (1 if self.app.size.width < 60 else 0)
        need = rows + 1
        least = 11 if self.app.size.width >= 120 else LEGEND
        below = self.query_one("#below")
        room = content - need >= least and self.app.size.width >= 60
        if bool(below.display) != room:
            below.display = room
        height = need + (1 if room and content - need > least else 0) if room else content
        if self.grid.styles.height is None or self.grid.styles.height.value != height:
            self.grid.styles.height = height

    def _show_top(self, view: entry_grid.Grid) -> None:
        self.query_one("#top", Lines).show(
            [entry_panes.top(view, self.only_mine, self.app.size.width, self.app.glyphs, self.here_words())]
        )

    def nothing_measured(self) -> bool:
        return not (self.view.lines or self.view.cadences or self.only_mine)

    def show_here(self) -> None:
        if self.view is not None:
            self._show_top(self.view)

    def laid_out(self) -> None:
        if self.view is not None:
            self._show_panes()

    def _show_panes(self) -> None:
        app = self.app
        if app.size.width < 60 or not self.query_one("#below").display:
            return
        if app.size.width < 120:
            lines = entry_panes.legend(self._flagged(), app.size.width, app.glyphs)
            self.query_one("#legend", Lines).show(lines, title="cells")
            return
        self.query_one("#cells", Lines).show(entry_panes.cells(app.glyphs), title="Cells")
        paste = self.query_one("#paste", Lines)
        paste.display = self.query_one("#below").size.height >= 18
        paste.show(entry_panes.PASTE, title="Paste", hint=f"paste never saves before {app.glyphs.enter}")
        line = self._lines.get(self.grid.cursor_key)
        about = self.query_one("#about", Lines)
        if line is None:
            about.show([], title="")
            return
        known = self._about if self._about and self._about.metric_id == line.metric_id else None
        shown = entry_panes.about(line, known, about.size.width - 2, about.size.height - 2, app.glyphs, app.day)
        about.show(shown, title=entry_panes.about_title(line, known), hint="m note · o opens it")
        if known is None:
            self._wanted_texts = line.metric_id
            self.run_worker(self._read_about, group="about", exclusive=True)  # type: ignore[arg-type]

    async def _read_about(self) -> None:
        metric_id = self._wanted_texts
        found = await self.app.read(metric_texts.about, metric_id)
        if found is not None:
            self._about = found
            self._show_panes()

    def _flagged(self) -> tuple[GridLine, GridCell] | None:
        """The first value that is to be checked: that under the cursor, else the first of the grid."""
        at = self.grid.at
        here = self._cell(at) if at else None
        if here is not None and here[1].odd:
            return here
        return next(((line, cell) for line in self._lines.values() for cell in line.cells if cell.odd), None)

    @on(Board.Highlighted)
    def _moved(self) -> None:
        if self.app.size.width >= 120:
            self.draw_beside(self._show_panes)

    # ---------------------------------------------------------------- verbs

    def _turn(self, back: int) -> None:
        self.back = max(back, 0)
        self.reload()

    def action_older(self) -> None:
        self._turn(self.back + 1)

    def action_newer(self) -> None:
        if not self.back:
            self.say("This is the present period: there is no newer one.")
            return
        self._turn(self.back - 1)

    def action_this_period(self) -> None:
        self.grid.column = self.count - 1
        self._turn(0)

    def action_cadence(self) -> None:
        cadences = self.view.cadences if self.view else ()
        if len(cadences) < 2:
            self.say("Everything is measured at this cadence.")
            return
        place = cadences.index(self.cadence) if self.cadence in cadences else -1
        self.cadence = cadences[(place + 1) % len(cadences)]
        # Other rows stand there: the cursor goes to what is due among them.
        self.back, self._landed = 0, False
        self.reload()

    def action_mine(self) -> None:
        self.only_mine = not self.only_mine
        self.reload()

    def found(self) -> str:
        shown = sum(row.kind in ("row", "shown") for row in self.grid.rows)
        return f"{shown} of {len(self.view.lines)}" if self.view else ""

    def about(self) -> About | None:
        line = self._lines.get(self.grid.cursor_key)
        at = self.grid.at
        found = self._cell(at) if at else None
        return About(line.metric_id, line.name, line.kpi_id, found[1].period if found else None) if line else None
