"""The review: the list of past ones, and the session that runs, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from kpitui.domain.review import CLOSE, EXCEPTIONS, RHYTHMS
from kpitui.errors import NotFound
from kpitui.services import review, review_session, signing
from kpitui.services.review import Choice
from kpitui.services.review_session import Session
from kpitui.tui.screens.review_clock import agenda_line, clock_line
from kpitui.tui.screens.review_doubts import doubt_of, go_to
from kpitui.tui.screens.review_panel import panel_lines, side_lines
from kpitui.tui.screens.review_rows import LAYOUTS, ROOMY, kept, no_review, past_rows, reading_rows, step_rows, text_row
from kpitui.tui.screens.review_together import ReviewTogether
from kpitui.tui.screens.review_writing import Steps, View
from kpitui.tui.widgets.board import Board, BoardRow, Layout
from kpitui.tui.widgets.columns import Column
from kpitui.tui.widgets.goalrow import GoalRow
from kpitui.tui.widgets.keybar import KeyBar
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.prompt import PromptRow
from kpitui.tui.widgets.tabbar import TabBar

if TYPE_CHECKING:
    from kpitui.storage.store import Store


def view(store: Store, today: int, running: int | None, read: int | None, at: int | None) -> View:
    session, gone = None, False
    if running is not None:
        try:
            session = review_session.session(store, running, today, at)
        except NotFound:
            gone = True
    try:
        shown = signing.shown(store, read, today) if read is not None else None
    except NotFound:
        shown = None  # on the day looked at it was not signed yet
    return View(review.past(store, today) if session is None else (), session, shown, store.path, gone)


class ReviewScreen(ReviewTogether):
    NAME = "review"
    CSS_PATH = "review.tcss"
    AUTO_FOCUS = "#steps"

    def __init__(self) -> None:
        super().__init__()
        self.rating = ""
        self.rhythm = ""
        self._begin = False
        self._shown = 0

    # ---------------------------------------------------------------- rows and view

    def compose(self) -> ComposeResult:
        yield TabBar(id="tabs")
        yield Lines(glyphs=self.app.glyphs, id="clock")
        yield GoalRow(self.app.glyphs, id="goal")
        yield from self.compose_content()
        yield PromptRow(self.app.glyphs, id="prompt")
        yield KeyBar(id="keys")

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="agenda")
        with Horizontal(id="body"):
            steps = Steps(LAYOUTS, glyphs=glyphs, id="steps")
            steps.rates = self.rate
            yield steps
            yield Board(Layout((Column("text"),)), glyphs=glyphs, cursor=False, id="reader")
            yield Lines(glyphs=glyphs, id="panel")
            yield Lines(glyphs=glyphs, id="side")

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(60, self.tick, name="clock")

    def arrive(self, begin: str = "", read: int | None = None) -> None:
        """Home's r begins one; a review found by its number is read."""
        self._begin = bool(begin)
        if read is not None:
            self.running, self.reading, self.stale = None, read, True

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._begin:
            self._begin = False
            self.app.do(self.action_start_review())

    def load_args(self) -> tuple[Any, ...]:
        return (self.app.day, self.running, self.reading, self.at)

    def load(self, store: Store, *args: Any) -> View:
        return view(store, *args)

    @property
    def session(self) -> Session | None:
        found: View | None = self.view
        return found.session if found and self.running is not None else None

    # ---------------------------------------------------------------- drawing

    def draw(self, view: View) -> None:
        session = view.session
        if view.gone and self.app.looking is None:
            # Looking back it was not there yet, and is again today.
            self.running = None
        if session is not None and session.state == "signed":
            # Its leader signed it off on another screen. Here it is left already: its minutes are on their way.
            if self.running is not None:
                self.leave(read=session.id)
                who = "You" if session.leading else session.leader
                self.say(f"{who} signed it off{' elsewhere' if session.leading else ''}: these are the minutes.")
            return
        if session is not None and self.following:
            self.step, self.at = session.step, session.item
        if session is not None and self.elsewhere(session):
            return
        running = session is not None
        cells, height = self.app.size
        self.query_one("#tabs").display = not running and cells >= 60
        self.query_one("#clock").display = running
        agenda = self.query_one("#agenda", Lines)
        agenda.display = running
        agenda.styles.height = 2 if height >= 18 else 1
        panel, reader = session is not None and self.item is not None, view.shown is not None
        self.steps.display = not panel and not reader
        self.query_one("#reader").display = reader
        self.query_one("#panel").display = panel
        self.query_one("#side").display = panel and cells >= 120 and not self.big
        self.steps.lay_out(LAYOUTS if cells < 60 else ROOMY)
        if session is None:
            self.draw_list(view)
        else:
            self.tick()
            self.draw_step(session, cells, height)
            self.hear(session)
        if not panel:
            wanted = self.query_one("#reader" if reader else "#steps", Board)
            if self.focused is not wanted:
                wanted.focus(scroll_visible=False)

    def draw_list(self, view: View) -> None:
        if view.shown is not None:
            self.query_one("#reader", Board).show(reading_rows(view.shown, self.app.size.width, not self.app.utf8))
            return
        past = kept(view.past, self.rhythm, self.matches(self.filter_text))
        rows = past_rows(past, self.app.day)
        if not past:
            rows = no_review(bool(view.past), self.app.size.width)
        self.steps.show(rows)

    def draw_step(self, session: Session, cells: int, height: int) -> None:
        glyphs = self.app.glyphs
        rule = [(glyphs.horizontal * cells, "frame")]
        shown = len(self.items)
        self.query_one("#agenda", Lines).show([agenda_line(self.step, self.at or 0, shown, cells, glyphs), rule])
        item = self.item
        if item is not None:
            rows = max(height - 4 - (2 if height >= 18 else 1), 3)
            wide = cells - 33 if cells >= 120 and not self.big else cells
            lines = panel_lines(session, item, wide, rows, glyphs, self.big)
            self.query_one("#panel", Lines).show(lines)
            self.query_one("#side", Lines).show(side_lines(session, self.at or 0, shown, rows, glyphs))
        elif self.step == EXCEPTIONS:
            quiet = len(session.items)
            text = f"All {quiet} as expected. Anything else? I parks it, l goes on." if quiet else "Nothing to look at."
            self.steps.show([text_row(""), text_row(text), text_row("! shows them all." if quiet else "", "dim")])
        else:
            listed = step_rows(session, self.step, glyphs, self.rating, cells)
            # A step begins at its first row.
            first = "" if self._shown == self.step else next((row.key for row in listed if row.key), "")
            self._shown = self.step
            self.steps.show(listed, at=first)

    def tick(self) -> None:
        """The clock's text, once a minute; it never moves the page."""
        session = self.session
        if session is not None and self.is_mounted:
            own = self.spent() if session.leading else 0
            leads, here = self.leader_words(session), self.others_here(session)
            line = clock_line(session, self.step, own, self.paused, self.app.size.width, self.app.glyphs, leads, here)
            self.query_one("#clock", Lines).show([line])

    def found(self) -> str:
        return f"{sum(1 for row in self.steps.rows if row.key)} of {len(self.view.past)}" if self.view else ""

    # ---------------------------------------------------------------- start, leave, move

    async def action_start_review(self, rhythm: str = "") -> None:
        """Resume the one that runs, start the one that is due; asked when more than one would make sense."""
        found = await self.app.read(review.choices, self.app.day)
        if found is None:
            return
        chosen = next((one for one in found if one.rhythm == rhythm), None)
        if chosen is None and not any(one.open_id is not None for one in found) and not self.app.allowed("review"):
            return
        chosen = chosen or await self.choose(found)
        if chosen is None:
            return
        if chosen.open_id is not None:
            # Joining changes nothing: it needs no room on the disk, and no role.
            self.say(f"The {chosen.rhythm} review of {chosen.period_label} goes on.")
            return await self.enter(chosen.open_id)
        if not self.app.allowed("review"):
            return
        begun = await self.app.save(review.start, chosen.rhythm, self.app.day, said=lambda done: f"{done.sentence}")
        if begun is not None:
            await self.enter(begun.id)

    async def choose(self, found: tuple[Choice, ...]) -> Choice | None:
        best = review.suggested(found)
        sensible = [one for one in found if one.open_id is not None or one.due]
        if len(sensible) <= 1 and (best.open_id is not None or best.due):
            return best
        # The first Tab brings another than what stands there.
        offered = sorted((one.rhythm for one in sensible or found), key=best.rhythm.__eq__)

        def preview(said: str) -> str:
            one = meant(said)
            if one.open_id is not None:
                return f"goes on: {one.period_label}"
            return f"of {one.period_label}" + (", signed off already" if one.signed_id is not None else "")

        def meant(said: str) -> Choice:
            word = said.strip().casefold()
            for one in found:
                if word and one.rhythm.startswith(word):
                    return one
            from kpitui.domain.problem import Problem

            raise Problem(f"Which review: {', '.join(RHYTHMS)}? Tab goes through those that are due.")

        said = await self.ask("review", initial=best.rhythm, parse=preview, complete=lambda _: offered, anew=True)
        return meant(said) if said else None

    async def enter(self, review_id: int) -> None:
        """Show a running review where its leader left it."""
        self.running, self.reading, self.at = review_id, None, None
        self.rating, self.show_all, self.big, self.paused = "", False, False, False
        session = await self.app.read(review_session.session, review_id, self.app.day)
        if session is None:
            return
        self.step, self.at, self.following = session.step, session.at, not session.leading
        self.entered = time.monotonic()
        self.meet(session)
        await self.fetch()
        self.show_chrome()
        if (waits := self.unfinished()) is not None:
            self.say(waits, "warn")
        elif self.following and session.state == "open":
            self.say(f"You follow {session.leader}: what you press to move takes you your own way.")

    def leave(self, read: int | None = None) -> None:
        self.keep_place()
        self.running, self.reading, self.big = None, read, False
        self.reload()

    def peel(self) -> bool:
        if super().peel():
            return True
        if self.big:
            self.big = False
            self.draw(self.view)
        elif self.running is not None:
            self.leave()
            self.say("The review stays as it is: r goes on with it.")
        elif self.reading is not None:
            self.reading = None
            self.reload()
        elif self.rhythm:
            self.rhythm = ""
            self.draw(self.view)
        else:
            return False
        return True

    def action_facet(self) -> None:
        """The list of one rhythm after the other, then all."""
        if self.session is None and self.view is not None:
            order = ("", *RHYTHMS)
            self.rhythm = order[(order.index(self.rhythm) + 1) % len(order)]
            self.draw(self.view)
            self.say(f"{self.rhythm.capitalize()} reviews only: f goes on." if self.rhythm else "All reviews.")

    # ---------------------------------------------------------------- opening, signing, copying

    @on(Board.Opened, "#steps")
    def opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.open_row(event.row))

    async def open_row(self, row: BoardRow) -> None:
        if self.session is not None:
            await self.action_open()
            return
        number = int(row.key.partition(":")[2])
        one = next(one for one in self.view.past if one.id == number)
        if one.state == "open":
            await self.enter(number)
        else:
            self.reading = number
            await self.fetch()
            self.show_chrome()

    async def action_open(self) -> None:
        """The full chart of what is looked at; at the last step the signature."""
        if self.session is None:
            return
        if self.step == CLOSE:
            await self.sign()
            return
        about = self.about()
        if about is None:
            self.say("The cursor is on no KPI or metric.")
            return
        slug = next(row.slug for row in self.session.rows if row.metric_id == about.metric_id)
        self.keep_place()
        if (doubt := doubt_of(self.session, self.steps.cursor_key)) is not None:
            return await go_to(self, doubt)
        await self.app.open_named("metric", slug)

    async def sign(self) -> None:
        session = self.session
        assert session is not None
        if not self.app.allowed("review"):
            return
        done = await self.app.save(
            signing.sign,
            session.id,
            int(self.rating) if self.rating else None,
            self.app.day,
            said=lambda one: one.sentence,
        )
        if done is not None:
            self.forget_unfinished()
            self.running, self.reading = None, session.id
            await self.fetch()
            self.show_chrome()

    def rate(self, key: str) -> bool:
        """Digits at the last step are the rating."""
        if self.session is None or self.step != CLOSE:
            return False
        if key == "backspace":
            self.rating = self.rating[:-1]
        elif key.isdigit() and len(key) == 1:
            wanted = self.rating + key
            self.rating = wanted if wanted in {str(number) for number in range(1, 11)} else key.strip("0")
        elif key in ("enter", "o"):
            # Wherever the cursor stands in the read-back.
            self.app.do(self.sign())
            return True
        else:
            return False
        self.draw(self.view)
        return True

    async def action_copy(self) -> None:
        """The minutes, as they are or would be, to the terminal's clipboard."""
        number = self.running or self.reading
        if number is None:
            kind, _, said = self.steps.cursor_key.partition(":")
            if kind != "review":
                self.say("The cursor is on no review.")
                return
            number = int(said)
        text = await self.app.read(signing.draft_minutes, number, self.app.day)
        if text is not None:
            self.app.copy_to_clipboard(text)
            self.say(f"Copied the minutes, {len(text.splitlines())} lines.")

    # ---------------------------------------------------------------- palette

    def commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        for rhythm in RHYTHMS:
            yield f"Start the {rhythm} review", "", partial(self.begin, rhythm)
        yield from self.commands_together()
        if self.reading is not None:
            yield "Reopen this review", "", lambda: self.app.do(self.reopen())

    def begin(self, rhythm: str) -> None:
        self.app.do(self.action_start_review(rhythm))

    async def reopen(self) -> None:
        if self.reading is None or not self.app.allowed("review"):
            return
        number, why = self.reading, await self.ask("reopen it, because")
        if why and await self.app.save(signing.reopen, number, why, said=str) is not None:
            await self.enter(number)
