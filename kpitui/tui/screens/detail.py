"""One metric in full: its chart with limits and targets over time, its values with who and when, and all around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult

from kpitui.charts.sparkline import sparkline
from kpitui.domain.problem import Problem
from kpitui.domain.roles import ANY
from kpitui.domain.status import COUNTED
from kpitui.reports.wording import (
    day_text,
    rates_text,
    status_word,
)
from kpitui.services import detail
from kpitui.text import width
from kpitui.tui.screens.base import KpiScreen
from kpitui.tui.screens.detail_chart import KINDS, NAMES, chart_lines, moving_ranges_line
from kpitui.tui.screens.detail_parts import LAYOUTS, PARTS, count_of, part_rows
from kpitui.tui.screens.detail_signals import WAYS, chart_for
from kpitui.tui.screens.detail_title import title_of
from kpitui.tui.screens.limits_verb import LimitsVerb, phase_words, proposed_words
from kpitui.tui.screens.row_verbs import About, RowVerbs
from kpitui.tui.screens.which_stays import record
from kpitui.tui.screens.why_chart import why_lines
from kpitui.tui.screens.why_verb import KIND as WHY
from kpitui.tui.screens.why_verb import WhyVerb, moved
from kpitui.tui.widgets.board import Board
from kpitui.tui.widgets.lines import Lines
from kpitui.tui.widgets.styled import Line, status_style

if TYPE_CHECKING:
    from kpitui.services.detail import Detail, Value
    from kpitui.storage.store import Store

SPANS = (8, 13, 26, 52, 104)
VERDICTS = {
    (True, False): "as expected: pass on",
    (True, True): "on pace, with a signal: learn why",
    (False, False): "the process as it is cannot reach this: change the process",
    (False, True): "behind, with a signal: act now",
}
"""On pace and signal, and what that asks for (product.md)."""
SHORT = {(True, False): "as expected", (True, True): "learn why", (False, False): "change the process",
         (False, True): "act now"}  # fmt: skip
ROOMY = 60
"""Columns from which the verdict is a sentence, with a row of its own where its reason does not fit beside it."""


class DetailScreen(LimitsVerb, WhyVerb, RowVerbs, KpiScreen):
    NAME = "detail"
    CSS_PATH = "detail.tcss"

    def __init__(self, item: str, kind: str = "limits", start: int | None = None, ago: int = 0) -> None:
        """`item` is a metric's slug, or `slug@scope`; `kind` the chart it opens with; `start` the first day of the
        value that the cursor goes to, so many periods ago."""
        super().__init__()
        self.item = item
        self.span = next((span for span in SPANS if span >= max(ago + 2, 26)), SPANS[-1])
        self.start = start
        self.kind = kind
        self.part = 0
        self.order: tuple[str, ...] = ()
        self._drawn: tuple[Any, ...] = ()

    def compose_content(self) -> ComposeResult:
        glyphs = self.app.glyphs
        yield Lines(glyphs=glyphs, id="title")
        yield Lines(glyphs=glyphs, id="chart")
        yield Lines(glyphs=glyphs, id="parts")
        yield Board({"": LAYOUTS["Values"], **LAYOUTS}, glyphs=glyphs)
        yield Lines(glyphs=glyphs, id="verdict")

    def load_args(self) -> tuple[Any, ...]:
        ways = self.kind if self.kind in WAYS or PARTS[self.part] == "Signals" else ""
        return (self.app.day, self.item, self.span, self.kind == WHY, PARTS[self.part] == "Feeds", ways)

    def load(self, store: Store, today: int, item: str, span: int, why: bool, feeds: bool, ways: str) -> Detail:
        from kpitui.services.leading import beside

        self.order = detail.neighbours(store, today)
        view = detail.detail(store, today, item, last=span)
        return view._replace(
            moved=moved(store, view) if why else None,
            leads=beside(store, today, view.row.metric_id) if feeds else None,
            chart=chart_for(store, today, item, span, ways) if ways else None,
        )

    # ---------------------------------------------------------------- showing

    def draw(self, view: Detail) -> None:
        self._title(view)
        glyphs = self.app.glyphs
        names = self._part_names(view, counts=True)
        if sum(width(text) for text, _ in names) > self.app.size.width:
            names = self._part_names(view, counts=False)
        self.query_one("#parts", Lines).show([tuple(names)])
        keep = self.matches(self.filter_text)
        rows = part_rows(view, PARTS[self.part], glyphs)
        board = self.query_one(Board)
        board.show([row for row in rows if row.kind != "row" or keep(str(row.cells))])
        if self.start is not None:
            day, self.start = self.start, None
            spans = (value.cell.span for value in view.values)
            board.go_to(next((f"value:{span.start}:{span.end}" for span in spans if span.start <= day < span.end), ""))
        self.query_one("#verdict", Lines).show(self._verdict(view))
        # The chart library costs a tenth of a second once: the rest is on the screen by then.
        self.call_after_refresh(self._chart)

    def _part_names(self, view: Detail, *, counts: bool) -> list[tuple[str, str]]:
        names: list[tuple[str, str]] = [(" ", "")]
        for place, part in enumerate(PARTS):
            count = count_of(view, part) if counts else 0
            words = f"{part} {count}" if count else part
            if self.app.size.width < 60 and place != self.part:
                continue
            names.append(
                (f"[{words}] " if place == self.part else f"{words}  ", "bold" if place == self.part else "dim")
            )
        return names

    def _title(self, view: Detail) -> None:
        row, cells = view.row, self.app.size.width
        line = title_of(row, [one.name for one in view.feeds[:2]], cells, self.app.glyphs)
        if row.slug in self.order and cells >= 80:
            line.append((f"  {self.order.index(row.slug) + 1}/{len(self.order)} ( )", "dim"))
        self.query_one("#title", Lines).show([tuple(line)])

    def _chart(self) -> None:
        view = self.view
        if view is None or not self.is_mounted:
            return
        box = self.query_one("#chart", Lines)
        width, height = self.size.width, box.size.height
        key = (view, self.kind, width, height, self.app.glyphs.name)
        if self._drawn == key or height < 1:
            return
        self._drawn = key
        if height < 4:
            line = sparkline(view.numbers, min(26, width - 4), self.app.glyphs)
            box.show([((" ", ""), (line, "spark"))])
            return
        if self.kind == WHY and view.moved is not None:
            box.show(why_lines(view.moved, width, height, self.app.glyphs))
            return
        ranges = height >= 14 and self.kind == "limits" and view.limits is not None
        lines: list[Line] = list(chart_lines(view, self.kind, width, height - ranges, self.app.glyphs))
        if ranges:
            lines.append(moving_ranges_line(view.values, view, self.app.glyphs))
        box.show(lines)

    def _verdict(self, view: Detail) -> list[Line]:
        row = view.row
        if row.status not in ("on_track", "at_risk", "off_track", "achieved", "missed"):
            # e changes a value here.
            why = row.why.replace(COUNTED, "e e in the Tree starts it earlier")
            first: Line = ((f" {why}.", "dim"),)
        elif row.override is not None:
            first = ((f" {row.why}", status_style(row.status)),)
        else:
            pace = row.status in ("on_track", "achieved")
            words = (SHORT if self.app.size.width < ROOMY else VERDICTS)[pace, row.signal is not None]
            if not pace and row.signal is None and (view.limits is None or view.limits.state == "too_early"):
                words = "behind: too few values yet to know the process"
            first = ((f" {words}", status_style(row.status)), (f"   {row.why}", "dim"))
        above: list[Line] = []
        last = ""
        if len(first) > 1 and sum(width(text) for text, _ in first) > self.app.size.width >= ROOMY:
            above, first = [first[:1]], ((f" {row.why}", "dim"),)
        more: tuple[str, ...] = ()
        if row.signal is not None:
            second: Line = ((f" signal: {row.signal.sentence}", "flag"),)
            limits = phase_words(view).strip(", ")
            more = (proposed_words(view).strip(),)
            last = f"limits {limits.removeprefix('limits ')}" if limits else ""
        elif view.limits is None or view.limits.state == "too_early":
            known = sum(value is not None for value in view.numbers)
            second = ((f" limits need 6 values, {max(6 - known, 0)} to go", "dim"),)
        else:
            trial = "trial limits, " if view.limits.state != "firm" else ""
            second = ((f" no signal: {trial}{view.limits.n} values{phase_words(view)}", "dim"),)
        # What is needed and the chance of it stand beside both verdicts; whatever does not fit whole is left out.
        rates = rates_text(row)
        for ways, style in ((more, "dim"), ((rates, rates.partition(", ")[0]), ""), ((last,), "dim")):
            room = self.app.size.width - sum(width(text) for text, _ in second) - 3
            if fitting := next((words for words in ways if words and width(words) < room), ""):
                second = (*second, (f"   {fitting}", style))
        return [*above, first, second]

    # ---------------------------------------------------------------- moving around

    def about(self) -> About | None:
        view: Detail | None = self.view
        if view is None:
            return None
        value = self.value
        period = value.cell.span if value is not None and value.cell.value is None else None
        row = view.row
        return About(row.metric_id, row.name, row.kpi_id, period, row.confidence)

    def saves(self, verb_id: str) -> str:
        """A value is typed by e, and by Enter on it: who may not save it may propose it."""
        if verb_id == "edit" or (verb_id == "open" and self.value is not None):
            return ANY
        return super().saves(verb_id)

    @property
    def value(self) -> Value | None:
        """The value under the cursor."""
        kind, _, rest = self.query_one(Board).cursor_key.partition(":")
        if kind != "value" or self.view is None:
            return None
        start = int(rest.partition(":")[0])
        return next((value for value in self.view.values if value.cell.span.start == start), None)

    def action_left(self) -> None:
        self._to_part(-1)

    def action_right(self) -> None:
        self._to_part(1)

    def _to_part(self, by: int) -> None:
        self.part = (self.part + by) % len(PARTS)
        self.draw(self.view)
        if PARTS[self.part] in ("Feeds", "Signals"):
            self.reload()

    async def action_chart(self) -> None:
        """The next kind of chart."""
        self.kind = KINDS[0] if self.kind == WHY else KINDS[(KINDS.index(self.kind) + 1) % len(KINDS)]
        if self.kind in WAYS or PARTS[self.part] == "Signals":
            await self.fetch()
            chart = self.view.chart
            self.say(f"Chart: {NAMES[self.kind]}" if not isinstance(chart, str) else chart)
            return
        self._chart()
        self.say(f"Chart: {NAMES[self.kind]}")

    def action_shorter(self) -> None:
        self._to_span(-1)

    def action_longer(self) -> None:
        self._to_span(1)

    def _to_span(self, by: int) -> None:
        place = SPANS.index(self.span) + by
        if not 0 <= place < len(SPANS):
            self.say(f"{self.span} periods is the {'longest' if by > 0 else 'shortest'} span")
            return
        self.span = SPANS[place]
        self.reload()
        self.say(f"The last {self.span} periods")

    async def _to_item(self, by: int) -> None:
        slug = self.item.partition("@")[0]
        if slug not in self.order:
            return
        self.item = self.order[(self.order.index(slug) + by) % len(self.order)]
        self._drawn = ()
        await self.fetch()

    async def action_previous_item(self) -> None:
        await self._to_item(-1)

    async def action_next_item(self) -> None:
        await self._to_item(1)

    # ---------------------------------------------------------------- changing

    @on(Board.Opened)
    def _opened(self, event: Board.Opened) -> None:
        event.stop()
        self.app.do(self.action_open())

    async def action_open(self) -> None:
        """On a value: type it anew. On a metric: open it."""
        key = self.query_one(Board).cursor_key
        kind, _, rest = key.partition(":")
        if kind == "value":
            await self.action_edit()
        elif kind == "metric":
            self.item = rest.partition(":")[0]
            self.part, self._drawn = 0, ()
            await self.fetch()
        elif key:
            cells = next((row.cells for row in self.query_one(Board).rows if row.key == key), ())
            self.say("  ".join(cell if isinstance(cell, str) else str(cell[0]) for cell in cells))

    async def action_edit(self) -> None:
        """Another value for the period under the cursor; the old one stays as a revision."""
        from kpitui.services import check_in

        value = self.value
        view: Detail = self.view
        if value is None:
            self.say("Put the cursor on a value: h and l change the part, j and k move.")
            return
        cell = await self.app.read(check_in.cell_of, view.row.metric_id, self.app.day, value.cell.span)
        if cell is None:
            return
        initial = "" if value.cell.value is None else plain(value.cell.value, view.row.unit)
        seen = await self.app.read(check_in.standing, cell)
        text = await self.ask(
            f"{view.row.name} {value.label}", initial=initial, parse=lambda said: check_in.preview(cell, said)
        )
        if text is None or not text.strip() or text.strip() == initial:
            return
        why = ""
        reviewed = await self.app.read(signed_reviews, self.app.day, view.row.metric_id, value.cell.span.start)
        if reviewed:
            asked = await self.ask(f"{value.label} was signed in {reviewed[0]}: why", parse=needed_reason)
            if asked is None:
                self.say("Left as it was: a reviewed value needs a reason")
                return
            why = asked.strip()
        await record(self, cell, text, why, seen.rev if seen is not None else None)

    async def action_override(self) -> None:
        """A person's own verdict with its reason; it stands until the next value."""
        from kpitui.services import overriding

        view: Detail = self.view
        if view is None or view.row.kpi_id is None:
            self.say("Only a KPI has a verdict: p promotes the metric.")
            return

        def preview(text: str) -> str:
            if not text.strip():
                return f"{overriding.EXAMPLE}; - takes it back"
            typed = overriding.read_override(text)
            return (
                "by its numbers again" if typed.status is None else f"{status_word(typed.status)} until the next value"
            )

        seen = view.row.override.id if view.row.override is not None else 0
        text = await self.ask(f"Verdict on {view.row.name}", parse=preview)
        if text and text.strip():
            await self.app.save(
                overriding.override, view.row.kpi_id, text, self.app.day, seen,
                said=lambda done: f"{done.sentence} · u undo",
            )  # fmt: skip

    def action_copy(self) -> None:
        """The chart as text, with its title."""
        lines = ["".join(text for text, _ in line).rstrip() for line in self.query_one("#chart", Lines).lines]
        title = "".join(text for text, _ in self.query_one("#title", Lines).lines[0])
        self.app.copy_to_clipboard("\n".join([title.strip(), *lines]) + "\n")
        self.say("Copied the chart as text")

    def found(self) -> str:
        return f"{sum(row.kind == 'row' for row in self.query_one(Board).rows)} rows"


def plain(value: float, unit: str) -> str:
    """A value as a person would type it: percent points, no unit."""
    return f"{value * 100:.12g}" if unit == "percent" else f"{value:.12g}"


def needed_reason(text: str) -> str:
    if not text.strip():
        raise Problem("A value that was reviewed needs a reason: type why it changes, Esc leaves it as it was.")
    return "kept in the log, and as a footnote to the minutes"


def signed_reviews(store: Store, today: int, metric_id: int, start: int) -> list[str]:
    """The signed reviews the value stands in."""
    from kpitui.services.log_words import Teller

    with store.snapshot():
        found = Teller(store, today).reviews_of(metric_id, start)
    return [f"{one.label} ({day_text(one.signed, today)})" for one in found]
