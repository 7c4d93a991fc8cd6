"""The log: who changed which number when, what stood before, and how the values came in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from kpitui.domain.figures import show
from kpitui.domain.log_head import NARROW, SHORT, short
from kpitui.domain.periods import Calendar, shift, short_label, span_of, to_date
from kpitui.domain.roles import ANY
from kpitui.services import closing, data_quality, history, log_head
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.widgets.board import Board, BoardRow, Column, Layout, heading
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import Line as Spans

if TYPE_CHECKING:
    from kpitui.storage.store import Store

PAGE = 400
"""Lines read at once; going to the last one reads more."""
PLAIN = Calendar()

COLUMNS = Layout(
    (
        Column("when", 12, "when"),
        Column("who", 8, "who"),
        Column("on", 0, "what", least=12, most=30),
        Column("what", 10, "change"),
        Column("move", 40, "old > new", gap=2),
        Column("why", 14, "why", gap=2),
    ),
    (
        ("move", 30),
        ("move", 22),
        ("why", 0),
        ("who", 5),
        ("move", 16),
        ("what", 9),
        ("what", 0),
        ("who", 0),
        ("when", 7),
        ("move", 12),
    ),
)


class View(NamedTuple):
    """A page of the log, the quality of the quarter, and number and hash (hex) of the log's head."""

    log: history.Log
    quality: data_quality.Quality
    head: tuple[int, str] | None


def view(
    store: Store,
    today: int,
    kind: str | None,
    who: str | None,
    months: int,
    limit: int,
    words: str,
    until: int | None = None,
) -> View:
    """The newest lines that fit, up to `months` months back from the end of this one; with `until` of no later day."""
    with store.snapshot():
        quarter = span_of("quarter", today, PLAIN)
        before = None
        if months:
            end = shift("month", span_of("month", today, PLAIN), -months, PLAIN).end
            before = history.first_since(store, to_date(end).isoformat())
        found = history.log(store, today, limit=limit, before_id=before, kind=kind, who=who, words=words, until=until)
        return View(found, data_quality.quality(store, today, quarter.start, today + 1), log_head.newest(store))


class LogScreen(KpiScreen):
    NAME = "log"
    SAVES: ClassVar[Mapping[str, str]] = {"close": "closing"}
    CSS_PATH = "log.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.kind: str | None = None
        self.only_mine = False
        self.months = 0
        self.limit = PAGE

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="top")
        yield Board(COLUMNS, header=True, glyphs=glyphs)
        with Horizontal(id="below"):
            yield Lines(glyphs=glyphs, frame="rule", id="change")
            yield Lines(glyphs=glyphs, frame="box", id="quality")

    def load_args(self) -> tuple[Any, ...]:
        who = self.app.user.partition("@")[0] if self.only_mine else None
        looking = self.app.looking
        # What is known now of an earlier day has no lines of later ones, as values of later days are left out.
        until = looking.day if looking is not None and looking.known is None else None
        return (self.app.day, self.kind, who, self.months, self.limit, self.filter_text, until)

    def load(self, store: Store, *args: Any) -> View:
        return view(store, *args)

    # ---------------------------------------------------------------- showing

    def draw(self, view: View) -> None:
        log = view.log
        today = self.app.day
        since = "" if log.since is None else f" since {day_words(log.since, today)}"
        if self.app.size.width < 100:
            since = ""
        kinds: list[tuple[str, str]] = [("f: ", "dim")]
        narrow = self.app.size.width < 80
        for name in ("all", *history.KINDS):
            if narrow and name != (self.kind or "all"):
                continue
            kinds.append((name, "bold" if name == (self.kind or "all") else "dim"))
            kinds.append((" ", ""))
        words: list[tuple[str, str]] = [(" Log", "heading"), (f"   {log.total:,} changes{since}   ", "")]
        if self.only_mine:
            words.append(("mine ", "flag"))
        if self.months:
            words.append((f"up to {month_words(today, self.months)} ", "flag"))
        self.query_one("#top", Lines).show([[*words, *kinds]])
        board = self.query_one(Board)
        board.show([self._row(line) for line in log.lines])
        wide = self.app.size.width >= 120
        self.query_one("#change", Lines).reframe("box" if wide else "rule")
        self.query_one("#below").display = self.app.size.height >= 20
        if wide:
            self.query_one("#quality", Lines).show(self._quality(view.quality), title="Data quality this quarter")
        if not log.lines:
            said = "No change matches. Esc clears" if self.filter_text else "No change of this kind: f shows others"
            if not log.total:
                way = "" if self.app.refused("goal") else ". 1 goes Home, where n writes the goal"
                said = f"Nothing was changed yet{way}"
            board.show([heading(said)])
            self.query_one("#change", Lines).show([], hint=self._head())
        else:
            self._explain()

    def _row(self, line: history.Line) -> BoardRow:
        day = day_words(line.day, self.app.day)
        move = f"{line.old} > {line.new}" if line.old else f"+ {line.new}" if line.kind == "notes" else f"> {line.new}"
        style = "dim" if line.undone else "flag" if line.what == "corrected" else ""
        return BoardRow(
            str(line.id),
            (
                f"{day} {line.time}" if self.app.size.width >= 60 else day,
                line.who,
                (line.on_short, style),
                (line.what, style),
                move if line.new else "",
                line.why,
            ),
        )

    def _quality(self, quality: data_quality.Quality) -> list[Spans]:
        def share(value: float | None) -> str:
            return show(value, "percent", compact=True)

        late = "-" if quality.late_mean is None else f"{quality.late_mean:.1f} days"
        rows = [
            ("values entered", f"{quality.entered:,}"),
            ("on time", share(quality.on_time)),
            ("late, mean", late),
            ("corrected", f"{quality.corrected}"),
            ("still marked ?", f"{quality.odd}"),
            ("'none' given", f"{quality.none}"),
            ("by hand / import", f"{quality.by_hand} / {quality.by_import}"),
        ]
        lines: list[Spans] = [[(f" {name:<18}{value:>10}", "")] for name, value in rows]
        lines += [[("", "")], [(" by owner          on time  corrected", "dim")]]
        for name, on_time, corrected in quality.owners[:6]:
            style = "watch" if on_time is not None and on_time < 0.8 else ""
            lines.append([(f" {name:<16}{share(on_time):>9}{corrected:>11}", style)])
        return [*lines, [("", "")], [(" A audits the values, and draws 5 to compare", "dim")]]

    @on(Board.Highlighted)
    def _moved(self, event: Board.Highlighted) -> None:
        event.stop()
        self.draw_beside(self._explain)
        log = self.view.log if self.view else None
        if log and len(log.lines) >= self.limit and event.row.key == str(log.lines[-1].id):
            self.limit += PAGE
            self.reload()

    def _explain(self) -> None:
        key = self.query_one(Board).cursor_key
        if key and self.query_one("#below").display:
            show: Any = partial(self._show_change, int(key))
            self.run_worker(show, group="explain", exclusive=True)

    async def _show_change(self, change_id: int) -> None:
        found = await self.app.read(history.explain, self.app.day, change_id)
        if found is None:
            return
        line = found.line
        title = f"{line.on_short}, {line.what} by {line.who}, {day_words(line.day, self.app.day)} {line.time}"
        lines: list[Spans] = []
        if found.siblings:
            lines.append(
                [(" with it  ", "dim"), (f"{found.siblings} more lines of the same action, via {line.via}", "")]
            )
        if found.revisions:
            lines.append([(" when           who    value          why, note", "dim")])
            for when, who, value, note in found.revisions[-4:]:
                lines.append([(f" {when:<14} {who:<6} {value:<14} {note}", "")])
        else:
            for name, old, new in found.fields:
                if line.before or new != "-":
                    was = f"{old} > " if line.before else ""
                    lines.append([(f" {name:<14} ", "dim"), (was, ""), (new, "bold")])
            if not found.fields:
                lines.append([(f" {line.new or 'added'}", "")])
        if line.why:
            lines.append([(" why      ", "dim"), (line.why, "")])
        for one in found.seen_in:
            lines.append([(" seen in  ", "dim"), (f"{one.label}, signed {day_words(one.signed, self.app.day)}", "")])
        undone = "Taken back since. " if line.undone else ""
        lines.append([(f" {undone}B takes it back as a new change: nothing is ever overwritten", "dim")])
        self.query_one("#change", Lines).show(lines, title=title, hint=self._head())

    def _head(self) -> str:
        """What stands for the whole log, to be compared with what a report or a backup says of it."""
        head: tuple[int, str] | None = self.view.head if self.view else None
        return "" if head is None else short(*head, SHORT if self.app.size.width >= 100 else NARROW)

    def found(self) -> str:
        return f"{len(self.view.log.lines)} of {self.view.log.total}" if self.view else ""

    def matches(self, text: str) -> Any:
        return lambda row: True

    def _filtered(self, text: str, done: bool) -> None:
        if done and text:
            self.filter_text = text
            self.app.do(self._search(text))
        else:
            self._set_filter(text)

    async def _search(self, text: str) -> None:
        if await self.fetch():
            self.say(f"/ {text}  {self.found()}  Esc clears")

    def _set_filter(self, text: str) -> None:
        # The words are looked for in the whole log, not only in what is shown.
        if text != self.filter_text:
            self.filter_text = text
            self.reload()

    # ---------------------------------------------------------------- verbs

    def _narrow(self, said: str) -> None:
        self.limit = PAGE
        self.reload()
        self.say(said)

    def action_facet(self) -> None:
        """The next kind of change."""
        kinds = [None, *history.KINDS]
        self.kind = kinds[(kinds.index(self.kind) + 1) % len(kinds)]
        self._narrow(f"Showing {self.kind or 'all changes'}")

    def action_mine(self) -> None:
        self.only_mine = not self.only_mine
        self._narrow(
            "Showing your own changes · @ shows everybody's" if self.only_mine else "Showing everybody's changes"
        )

    def action_older(self) -> None:
        self.months += 1
        self._narrow(f"Changes up to {month_words(self.app.day, self.months)} · ] newer, t now")

    def action_newer(self) -> None:
        if self.months:
            self.months -= 1
            self._narrow(f"Changes up to {month_words(self.app.day, self.months)}")
        else:
            self.say("This is the newest month")

    def action_this_period(self) -> None:
        self.months = 0
        self._narrow("The newest changes")

    def saves(self, verb_id: str) -> str:
        line = self.line
        if verb_id == "revert" and line is not None and line.who == self.app.user.rpartition("@")[0]:
            return ANY  # what was one's own to do
        return super().saves(verb_id)

    @property
    def line(self) -> history.Line | None:
        key = self.query_one(Board).cursor_key
        lines = self.view.log.lines if self.view else ()
        return next((line for line in lines if str(line.id) == key), None)

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """The metric the change is about, or the whole change where there is none."""
        line = self.line
        if line is None:
            return
        if line.metric_id is not None:
            slug = await self.app.read(history.slug_of, line.metric_id)
            if slug:
                await self.app.open_named("metric", slug)
                return
        self.say(f"{line.on}: {moved_words(line)}{', ' + line.why if line.why else ''}")

    async def action_revert(self) -> None:
        line = self.line
        if line is None:
            self.say("Nothing to revert here: put the cursor on a change")
            return
        found = await self.app.read(history.explain, self.app.day, line.id)
        all_of = f"all {found.siblings + 1} lines of this action: " if found and found.siblings else ""
        about = f"takes back {all_of}{line.on}: {moved_words(line)}"
        why = await self.ask("revert, why", parse=lambda text: about, subject=line.on)
        if why is None:
            return
        await self.app.save(
            history.revert, line.id, today=self.app.day, why=why, said=lambda done: f"{done.sentence} · u undo"
        )

    async def action_close(self) -> None:
        """Close a period, or open the closed one again: `oct ; books closed`."""
        found = await self.app.read(closing.closed, self.app.day)
        if found is None:
            return
        words = closing.closed_words(found)
        text = await self.ask(
            "close", parse=lambda said: closing.preview(said) + (f" {self.app.glyphs.dot} {words}" if words else "")
        )
        if text is not None:
            await self.app.save(
                closing.close_or_reopen, text, self.app.day, {one.span for one in found},
                said=lambda done: f"{done.sentence} · u undo",
            )  # fmt: skip

    async def action_audit(self) -> None:
        """What somebody should look at, and the sample of five."""
        await self.app.open(self.app.made("audit"))

    def action_copy(self) -> None:
        line = self.line
        if line is not None:
            self.app.copy_to_clipboard(
                f"{line.at}\t{line.who}\t{line.on}\t{line.what}\t{line.old} > {line.new}\t{line.why}"
            )
            self.say("Copied the line")


def moved_words(line: history.Line) -> str:
    """`409 > 412`, and where nothing was before or after what was done: `created by ana`."""
    if line.old or line.new:
        return f"{line.old or '-'} > {line.new or '-'}"
    return f"{line.what} by {line.who}"


def day_words(day: int, today: int) -> str:
    date = to_date(day)
    year = "" if date.year == to_date(today).year else f" '{date.year % 100:02d}"
    return f"{date.day:02d} {date:%b}{year}"


def month_words(today: int, months: int) -> str:
    span = shift("month", span_of("month", today, PLAIN), -months, PLAIN)
    return short_label("month", span, PLAIN, today)
