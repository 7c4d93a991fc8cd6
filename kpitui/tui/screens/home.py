"""Home: is the goal in reach, which KPI needs a word, what is due, when do we meet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kpitui.domain.line_filter import read_filter
from kpitui.domain.periods import Calendar
from kpitui.reports.wording import gap_text, period_text, standing, status_word, target_text, value_text
from kpitui.text import width
from kpitui.tui import first
from kpitui.tui.screens import home_start
from kpitui.tui.screens.home_columns import layouts
from kpitui.tui.screens.home_first import first_lines
from kpitui.tui.screens.home_panes import feeds_lines, notes_lines, preview_lines, preview_title
from kpitui.tui.screens.home_rows import Look, home_rows, narrowed
from kpitui.tui.screens.home_verbs import HomeVerbs
from kpitui.tui.screens.home_wall import Wall
from kpitui.tui.screens.row_verbs import About
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.home_board import EDGE, HomeBoard
from kpitui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpitui.services.judging import Row
    from kpitui.services.overview import Home
    from kpitui.storage.store import Store

SIDE = 42
"""Cells of the panes at the right."""
PLENTY = 400
"""Rows of a list that is scrolled."""
DOUBLE = (120, 34)
"""Columns and rows from which on there are two columns."""


class HomeScreen(HomeVerbs):
    NAME = "home"
    CSS_PATH = "home.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._titled: tuple[Any, ...] = ()
        """What the titles of the columns were made for."""
        self._stood_on = ""
        """The key of the row whose verdicts were said last."""
        self._bottoms: Sequence[int] = ()
        """Where the frames at the left end."""

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        with Horizontal(id="home"):
            yield HomeBoard(layouts("single", glyphs, None, Calendar(), 0), glyphs=glyphs, id="rows")
            with Vertical(id="side"):
                yield Lines(glyphs=glyphs, frame="box", id="preview")
                yield Lines(glyphs=glyphs, frame="box", id="feeds")
                yield Lines(glyphs=glyphs, frame="box", id="notes")
        yield Lines(glyphs=glyphs, id="first")
        yield Wall(glyphs, id="wall")

    # ---------------------------------------------------------------- the view

    def load_args(self) -> tuple[Any, ...]:
        return (self.app.day,) if self.scope is None else (self.app.day, self.scope)

    def load(self, store: Store, *args: Any) -> Home:
        return first.home(store, *args)

    @property
    def footer_name(self) -> str:
        if self.view is None or not self.view.empty:
            return "home"
        return "first_run" if self.view.card.goal is None else "first_kpis"

    @property
    def look(self) -> Look:
        width, height = self.app.size
        double = (width, height) >= DOUBLE and height >= DOUBLE[1]
        form = "small" if width < 60 else "double" if double else "single"
        chrome = 3 if width < 60 else 4
        keep = None
        if self.filter_text:
            wanted = read_filter(self.filter_text)
            due = {item.metric_id: item.late_days for item in self.view.due}

            def keep(row: Row) -> bool:
                said = {**row._asdict(), "due": row.metric_id in due, "late": bool(due.get(row.metric_id))}
                return wanted.matches({**said, "kpi": row.kpi_id is not None})

        return Look(
            form,
            width - SIDE if form == "double" else width,
            PLENTY if self.plain else height - chrome,
            self.app.glyphs,
            self.app.day,
            self.unfolded,
            self.only_exceptions,
            self.me if self.only_mine else "",
            self.sort,
            self.backwards,
            keep,
            self.app.doctor,
            not self.app.refused("kpi"),
        )

    def doctor_looked(self) -> None:
        self.redraw()

    # ---------------------------------------------------------------- showing

    def spoken(self) -> dict[str, str]:
        from kpitui.reports.spoken import row_said

        card = self.view.card if self.view is not None else None
        return {row.key: row_said(row) for row in (*card.kpis, *card.metrics)} if card is not None else {}

    def draw(self, view: Home) -> None:
        look = self.look
        self.set_class(view.empty, "-first")
        self.set_class(look.form == "double" and not self.full, "-double")
        self.set_class(self.full and not view.empty, "-full")
        if view.empty:
            able = {name for name in self.app.screens_at if self.app.has_screen(name)}
            self.query_one("#first", Lines).show(first_lines(view, look, able))
            self.show_keys()  # the footer names what n writes next
            return
        board = self.query_one("#rows", HomeBoard)
        board.reframe(look.form == "double")
        parts = narrowed(view, look)
        row = next(iter((*parts.kpis, *parts.metrics)), None)
        titles = (look.form, look.cells, view.card.as_of, row and (row.cadence, row.series[0].span))
        if titles != self._titled:
            self._titled = titles
            board.layouts = layouts(look.form, look.glyphs, row, view.card.calendar, view.card.as_of)
            board.restyle()
        rows = home_rows(view, look)
        self._bottoms = [place + 1 for place, one in enumerate(rows) if one.kind == EDGE]
        board.show(rows)
        if self.full:
            self.query_one(Wall).show(view, self.app.size.width)
        elif self.focused is None:
            board.focus()
        if self.glance is None:
            self.glance = view.glance
        self.draw_side()
        self.stand()

    def draw_side(self) -> None:
        """The panes at the right, for the row under the cursor."""
        view, look = self.view, self.look
        if view is None or look.form != "double":
            return
        cells, glyphs = SIDE - 2, look.glyphs
        preview, feeds, notes = (self.query_one(f"#{name}", Lines) for name in ("preview", "feeds", "notes"))
        heights = self.side_heights(look.height)
        for pane, height in zip((preview, feeds, notes), heights, strict=True):
            pane.styles.height = height
        row = self.row
        if row is None:
            for pane in (preview, feeds, notes):
                pane.show([])
            return
        seen = self.glance if self.glance is not None and self.glance.key == row.key else None
        lines = preview_lines(row, seen, cells, heights[0] - 2, glyphs, view.card.calendar, view.card.as_of)
        preview.show(lines, title=preview_title(row, glyphs), hint=f"{glyphs.enter} open")
        known = {one.metric_id: one for one in (*view.card.metrics, *view.card.kpis)}
        feeding = [known[one] for one, fed in view.feeds if fed == row.metric_id and one in known]
        feeds.show(feeds_lines(feeding, cells, glyphs), title=f"Feeds {row.name}")
        said = notes_lines(seen.notes if seen else (), cells, heights[2] - 2, look.today)
        notes.show(said, title=f"Notes on {row.name}", hint="m add")

    def side_heights(self, height: int) -> tuple[int, int, int]:
        """Of preview, feeds and notes: flush with the frames at the left while those fit."""
        below = self._bottoms[1:]
        if len(below) >= 2 and self._bottoms[-1] <= height and 12 <= below[0] <= height - 8:
            rest = height - below[0]
            feeds = below[1] - below[0] if height - below[1] >= 5 else rest // 2
            return below[0], feeds, rest - feeds
        third = max(height // 4, 8)
        return height - 8 - third, 8, third

    def found(self) -> str:
        parts, card = narrowed(self.view, self.look), self.view.card
        return f"{len(parts.kpis) + len(parts.metrics)} of {len(card.kpis) + len(card.metrics)}"

    # ---------------------------------------------------------------- the cursor

    @property
    def row(self) -> Row | None:
        """The KPI or metric under the cursor; of a due value its metric."""
        view = self.view
        if view is None or view.empty:
            return None
        key = self.query_one("#rows", HomeBoard).cursor_key
        rows = (*view.card.kpis, *view.card.metrics)
        if key.startswith("due:"):
            slug = key.split(":")[1]
            return next((row for row in rows if row.slug == slug), None)
        return next((row for row in rows if row.key == key), None)

    def about(self) -> About | None:
        view = self.view
        if view is None or view.empty:
            return None
        key = self.query_one("#rows", HomeBoard).cursor_key
        if key.startswith("due:"):
            for item in view.due:
                if key == f"due:{item.slug}:{item.label}":
                    return About(item.metric_id, item.name, None, item.period)
        row = self.row
        return None if row is None else About(row.metric_id, row.name, row.kpi_id, None, row.confidence)

    @on(Board.Highlighted)
    def _highlighted(self) -> None:
        row = self.row
        if row is not None and row.key != self._stood_on:
            self.stand(gone_on=bool(self._stood_on))
        if self.look.form != "double" or row is None or (self.glance is not None and self.glance.key == row.key):
            return
        # Not a coroutine: one that is overtaken before it starts would never be awaited.
        look: Any = partial(self._look_closer, row)
        self.run_worker(look, group="glance", exclusive=True)

    def stand(self, *, gone_on: bool = False) -> None:
        """Pace and signal of the row under the cursor in the message row, where no pane at the right says it."""
        row = self.row
        self._stood_on = row.key if row is not None else ""
        both = standing(row) if row is not None and (self.look.form != "double" or self.full) else None
        said = ""
        if row is not None and both is not None and both.sentence:
            pace = both.pace and f"{both.pace}, {'a signal' if both.signal else 'no signal'}. "
            whole, main = both.sentence, both.sentence.partition(",")[0]
            ways = (f"{pace}{whole}", whole, main, main.rpartition(": ")[2])
            fitting = (f"{row.name}: {way}" for way in ways)
            said = next((way for way in fitting if width(way) < self.app.size.width), ways[-1])
        self.prompt.rest_on(said, gone_on=gone_on)

    async def _look_closer(self, row: Row) -> None:
        from kpitui.services.glance import glance

        seen = await self.app.read(glance, self.app.day, row)
        if seen is not None:
            self.glance = seen
            self.draw_side()

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        self.app.do(self.open_key(event.row.key))

    async def open_key(self, key: str) -> None:
        """Where Enter leads from a row."""
        kind, _, rest = key.partition(":")
        row = self.row
        if kind == "due":
            await self.app.go("due", at=rest)
        elif kind in ("review", "doctor"):
            await self.app.go(kind)
        elif kind in ("action", "word"):
            metric_id = self._metric_of(kind, int(rest))
            found = [row for row in (*self.view.card.kpis, *self.view.card.metrics) if row.metric_id == metric_id]
            if found:
                await self.open_row(found[0])
            else:
                self.say("It hangs on no KPI or metric of this scope.")
        elif row is not None:
            await self.open_row(row)

    def _metric_of(self, kind: str, number: int) -> int | None:
        if kind == "word":
            return number
        return next((action.metric_id for action in self.view.actions if action.id == number), None)

    async def open_row(self, row: Row) -> None:
        if not self.app.has_screen("detail"):
            self.say(row.why)
            return
        await self.app.open(self.app.made("detail", row.slug))

    async def open_kpi(self, number: int) -> None:
        """KPI 1, 2 or 3, in the order in which they stand here."""
        kpis = narrowed(self.view, self.look).kpis if self.view is not None else ()
        if number > len(kpis):
            self.say(f"There is no KPI {number} here.")
            return
        self.query_one("#rows", HomeBoard).go_to(kpis[number - 1].key)
        await self.open_row(kpis[number - 1])

    def commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        yield "Demo: open a made-up company", "", lambda: home_start.open_demo(self)
        scopes = self.view.scopes if self.view is not None and not self.view.empty else ()
        for choice in scopes if len(scopes) > 1 else ():
            yield f"Scope {choice.name}", "h l", partial(self.to_scope, choice.slug)

    # ---------------------------------------------------------------- verbs

    def action_copy(self) -> None:
        """The row as words, to the terminal's clipboard."""
        row = self.row
        if row is None:
            self.say("The cursor is on no KPI or metric.")
            return
        parts = (row.name, period_text(row), value_text(row), f"target {target_text(row)}", gap_text(row))
        text = "\t".join((*parts, status_word(row.status), row.owner))
        self.app.copy_to_clipboard(text)
        self.say(f"Copied {row.name} {period_text(row)} = {value_text(row)}")

    async def action_start_review(self) -> None:
        if self.app.looking is not None:
            self.say(self.app.why_not_here(), "warn")
            return
        await self.app.go("review", begin="weekly")

    async def action_new(self) -> None:
        """Write the goal of the year where there is none; anything else is made in the tree."""
        if self.view is not None and self.view.card.goal is None:
            from kpitui.services import main_goal

            today, currency = self.app.today(), self.view.currency
            text = await self.ask("Goal", parse=lambda said: main_goal.understood(said, today, currency))
            if text and text.strip():
                await self.app.save(
                    main_goal.write, text, self.app.day, currency, said=lambda done: f"{done.sentence} · u undo"
                )
            return
        await self.app.go("tree")
        tree = self.app.kpi_screen
        if tree is not None and tree is not self:
            tree.action_verb("new")
