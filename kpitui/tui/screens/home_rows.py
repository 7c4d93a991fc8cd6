"""The lines of Home for a size: what stands in them, and what gives way when there is less room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.domain.named import NamedTuple
from kpitui.reports.wording import (
    ADVERBS,
    day_text,
    figure,
    gap_text,
    near_day,
    target_text,
    value_text,
)
from kpitui.tui.screens.home_columns import layouts
from kpitui.tui.widgets.columns import LOOKED_AT, BoardRow, Cell, blank, coded, fit, room_for_codes
from kpitui.tui.widgets.home_board import edge
from kpitui.tui.widgets.spark import spark_spans
from kpitui.tui.widgets.styled import Span, status_style

if TYPE_CHECKING:
    from kpitui.services.due import Owed
    from kpitui.services.judging import Row
    from kpitui.services.overview import Home

SHOWN_DUE = 3


class Look(NamedTuple):
    """How Home is looked at."""

    form: str
    """`small` below 60 columns, `single` column, or `double` with panes at the right."""
    cells: int
    """Of the list."""
    height: int
    glyphs: Glyphs
    today: int
    unfolded: bool = False
    exceptions: bool = False
    mine: str = ""
    """Only what this person owns."""
    sort: str = ""
    """`name`, `value`, `gap` or `owner`; "" has the exceptions first."""
    backwards: bool = False
    keep: Callable[[Row], bool] | None = None
    """The filter."""
    doctor: tuple[int, str] = (0, "")
    """How many findings the doctor has, and the first in words."""
    offers: bool = True
    """Whether who looks may write metrics and KPIs."""


class Parts(NamedTuple):
    """What is left of the view after filter and sorting."""

    kpis: tuple[Row, ...]
    metrics: tuple[Row, ...]
    due: tuple[Owed, ...]
    narrowed: bool
    """A filter, exceptions only or mine only is on."""


def narrowed(view: Home, look: Look) -> Parts:
    """The rows that pass, sorted as asked."""

    def passing(rows: Iterable[Row]) -> tuple[Row, ...]:
        kept = [
            row
            for row in rows
            if (not look.exceptions or row.key in view.loud)
            and (not look.mine or row.owner == look.mine)
            and (look.keep is None or look.keep(row))
        ]
        if not look.sort:
            kept.sort(key=lambda row: row.key not in view.loud)
        return tuple(ordered(kept, look.sort, look.backwards))

    due = tuple(
        item
        for item in view.due
        if (not look.mine or item.updater == look.mine) and (not look.exceptions or item.late_days)
    )
    return Parts(
        passing(view.card.kpis),
        passing(view.card.metrics),
        due,
        bool(look.exceptions or look.mine or look.keep),
    )


def ordered(rows: list[Row], sort: str, backwards: bool) -> list[Row]:
    """By name or owner from A, by value from the greatest, by gap from the worst; what has none comes last."""
    if sort == "name":
        rows.sort(key=lambda row: row.name.casefold())
    elif sort == "owner":
        rows.sort(key=lambda row: (not row.owner, row.owner.casefold()))
    elif sort == "value":
        rows.sort(key=lambda row: (row.value is None, -(row.value or 0.0)))
    elif sort == "gap":
        rows.sort(key=lambda row: (row.gap_share is None, row.gap_share or 0.0))
    return rows[::-1] if backwards else rows


def home_rows(view: Home, look: Look) -> list[BoardRow]:
    """Every line of Home."""
    from kpitui.tui.screens.home_tail import tail_rows

    parts = narrowed(view, look)
    lines = _Lines(view, look, parts)
    top = lines.kpis()
    tail = tail_rows(view, look)
    if look.form == "double":
        return lines.double(top, tail)
    return lines.single(top, tail)


class _Lines:
    """The groups of Home, cut to a height."""

    def __init__(self, view: Home, look: Look, parts: Parts) -> None:
        self.view, self.look, self.parts = view, look, parts
        self.ascii = look.glyphs.name == "ascii"
        first = next(iter((*parts.kpis, *parts.metrics)), None)
        layout = layouts(look.form, look.glyphs, first, view.card.calendar, view.card.as_of)[""]
        lead = 3 if look.form == "single" else 2
        rooms = room_for_codes(layout, self._with_codes())
        fitting = fit(layout, look.cells - lead - (2 if look.form == "double" else 1), rooms)
        width = next((column.width for _, column in fitting if column.name == "spark"), 0)
        self.spark = {26: 26, 16: 13}.get(width, width)

    # ---- groups ----------------------------------------------------------------------------------------------------

    def kpis(self) -> list[BoardRow]:
        view, look = self.view, self.look
        rows = [self.row(row) for row in self.parts.kpis]
        if not rows:
            rows = [self.sentence(self._no_kpi())]
        header = BoardRow("", (), "header")
        return [header, *rows] if look.form == "small" else [self.kpi_heading(view), header, *rows]

    def _no_kpi(self) -> str:
        if self.parts.narrowed and self.view.card.kpis:
            return "No KPI is left: ! @ and / show all of them again."
        if self.view.card.metrics:
            way = ": 2 opens the tree, p on a metric makes it one" if self.look.offers else ""
            return f"No KPI in this scope yet{way}."
        return f"No KPI yet{': 2 opens the tree, n writes a metric, p makes it a KPI' if self.look.offers else ''}."

    def kpi_heading(self, view: Home) -> BoardRow:
        card, count = view.card, len(view.card.kpis)
        name = card.scope or "all scopes"
        # More of them than a scope can look at is no share of it.
        share = f"{count} of {view.limit}" if count <= view.limit else f"{count} ({view.limit} are enough)"
        scope = f"{name}, {share}" if card.scope else f"{name}, {count}"
        if self.look.form == "double":
            return BoardRow("", (self.dotted("KPIs", name, scope.partition(", ")[2]),), "heading")
        return BoardRow("", ((("KPIs", "heading"), (f"  {scope}", "")), (self.when(), "dim")), "heading")

    def when(self) -> str:
        """`weekly · W47 closes today`."""
        view, today = self.view, self.view.card.as_of
        grains = {row.cadence for row in view.card.kpis}
        much = ADVERBS[grains.pop()] if len(grains) == 1 else ""
        last = view.week.end - 1
        closes = "closes today" if last == today else f"ends {day_text(last, today, weekday=True)}"
        return f"{much} {self.look.glyphs.dot} {view.week_label} {closes}" if much else f"{view.week_label} {closes}"

    def metric_heading(self, shown: int) -> BoardRow:
        metrics = self.parts.metrics
        odd = sum(1 for row in metrics if row.key in self.view.loud)
        count = "1 exception" if odd == 1 else f"{odd} exceptions"
        folded = "f = fold quiet ones" if self.look.unfolded else "f = show all" if shown < len(metrics) else ""
        said = f"{count} of {len(metrics)}" if metrics else "none"
        if not metrics:
            folded = "2, then n on a KPI = write one" if self.look.offers else ""
        if self.look.form == "small":
            return BoardRow("", ((said, ""), ("", "")), "heading")
        if self.look.form == "double":
            return BoardRow("", (self.dotted("Metrics", said, folded.replace("f =", "f")),), "heading")
        return BoardRow("", ((("Metrics", "heading"), (f"  {said}", "")), (folded, "dim")), "heading")

    def due_heading(self, shown: int) -> BoardRow:
        due = self.parts.due
        late = sum(1 for item in due if item.late_days)
        values = "1 value" if len(due) == 1 else f"{len(due)} values"
        said = f"{values}{f', {late} late' if late else ''}" if due else "nothing"
        if self.view.to_check:
            said += f" {self.look.glyphs.dot} {self.view.to_check} to check"
        fill = "4 or g i = fill them in order" if (due or self.view.to_check) and self.look.form == "single" else ""
        if self.look.form == "double":
            return BoardRow("", (self.dotted("Due", said),), "heading")
        return BoardRow("", ((("Due", "heading"), (f"  {said}", "")), (fill, "dim")), "heading")

    def dotted(self, *words: str) -> str:
        return f" {self.look.glyphs.dot} ".join(word for word in words if word)

    def due_rows(self, count: int) -> list[BoardRow]:
        due = self.parts.due
        if not due:
            return [self.sentence(self.nothing_due())]
        rows = [self.due_row(item) for item in due[:count]]
        more = len(due) - len(rows)
        if more and rows and self.look.form == "single":
            rows[-1] = rows[-1]._replace(cells=(*rows[-1].cells[:-1], (f"+{more} more", "dim")))
        return rows

    def nothing_due(self) -> str:
        coming = self.view.coming
        if self.view.due:
            return "Nothing of yours is due."
        if not coming:
            return "Nothing due."
        first = coming[0]
        more = f" and {len(first.names) - 1} more" if len(first.names) > 1 else ""
        return f"Nothing due. Next: {first.names[0]}{more}, {near_day(first.day, self.view.card.as_of)}"

    # ---- sizes -----------------------------------------------------------------------------------------------------

    def single(self, top: list[BoardRow], tail: list[BoardRow]) -> list[BoardRow]:
        small = self.look.form == "small"
        metrics, due = self.parts.metrics, self.parts.due
        odd = sum(1 for row in metrics if row.key in self.view.loud)
        gaps = 1 if small else 3
        due_lines = 0 if small else max(min(SHOWN_DUE, len(due)), 1) + 1
        room = self.look.height - len(top) - due_lines - len(tail) - gaps - 1
        # The last lines go first, then due values but one, then metrics; KPIs never.
        while tail and room < odd:
            tail.pop()
            room += 1
        while due_lines > 2 and room < odd:
            due_lines -= 1
            room += 1
        shown = len(metrics) if self.look.unfolded else min(max(room, min(odd, 1)), len(metrics))
        if shown < odd and not self.look.unfolded:
            shown = min(odd, max(shown, 1))
        lines = [*top] if small else [*top, blank()]
        if metrics or not self.parts.narrowed:
            lines += [self.metric_heading(shown), *(self.row(row) for row in metrics[:shown])]
        lines.append(blank())
        if not small:
            lines += [self.due_heading(due_lines - 1), *self.due_rows(due_lines - 1), blank()]
        return [*lines, *tail]

    def double(self, top: list[BoardRow], tail: list[BoardRow]) -> list[BoardRow]:
        metrics, due, height = self.parts.metrics, self.parts.due, self.look.height
        tall = len(self.parts.kpis) and len(top) + len(self.parts.kpis) + 24 <= height
        if tall:
            heading, header, *rows = top
            by_key = {row.key: row for row in self.parts.kpis}
            top = [heading, header]
            for row in rows:
                top += [row, self.second_line(by_key[row.key])]
        top.append(edge(self.when()))
        due_lines = max(min(5, len(due)), 1)
        room = height - len(top) - (due_lines + 2) - (len(tail) + 1 if tail else 0) - 2
        odd = sum(1 for row in metrics if row.key in self.view.loud)
        shown = len(metrics) if self.look.unfolded else min(max(room, min(odd, 3)), len(metrics))
        legend = [self.sentence(self.legend())] if room > shown or self.look.unfolded else []
        lines = [*top, self.metric_heading(shown), *(self.row(row) for row in metrics[:shown])]
        lines += [blank()] * max(room - shown - len(legend), 0)
        lines += [*legend, edge(), self.due_heading(due_lines), *self.due_rows(due_lines)]
        lines.append(edge("4 fills them in order" if due else ""))
        return [*lines, *tail, edge("r opens it")] if tail else lines

    def legend(self) -> str:
        return f"{self.look.glyphs.signal} XmR signal (outside limits, or 8 on one side)   gap: + is always good"

    # ---- one line --------------------------------------------------------------------------------------------------

    def sentence(self, text: str) -> BoardRow:
        pad = "   " if self.look.form == "single" else " "
        return BoardRow("", ((f"{pad}{text}", "dim"),), "text")

    def row(self, row: Row) -> BoardRow:
        glyphs, name = self.look.glyphs, row.name
        if not self.view.card.scope and row.kpi_id and row.scope != self.view.scopes[0].slug:
            name = f"{name} @{row.scope}"
        spark: Cell = spark_spans(
            [cell.value for cell in row.series], self.spark, glyphs, lambda at, _: row.missed(row.series[at])
        )
        cells: list[Cell] = [
            (mark(row.status, glyphs), status_style(row.status)),
            name,
            spark,
            *self.figures(row),
        ]
        if self.look.form == "small":
            return BoardRow(row.key, tuple(cells))
        moved = {1: glyphs.up, -1: glyphs.down}.get(row.trend, glyphs.flat) if row.value is not None else ""
        return BoardRow(row.key, (*cells, moved + (glyphs.signal if row.signal else ""), row.owner))

    def figures(self, row: Row) -> tuple[str, ...]:
        """Value, target and gap; value and gap where there is little room."""
        value = "-" if row.value is None else value_text(row, ascii=self.ascii)
        gap = "-" if row.gap is None else gap_text(row, ascii=self.ascii) or "-"
        if self.look.form == "small":
            return value, gap
        return value, target_text(row, ascii=self.ascii) if row.target_kind else "-", gap

    def _with_codes(self) -> list[tuple[str, ...]]:
        """The cells up to the gap of rows whose currency is told by its code, as the board will get them."""
        from kpitui.domain.figures import show

        told: dict[str | None, bool] = {}
        found = []
        for row in (*self.parts.kpis, *self.parts.metrics)[:LOOKED_AT]:
            if row.unit == "currency":
                if row.currency not in told:
                    told[row.currency] = coded(show(1, "currency", currency=row.currency, ascii=self.ascii))
                if told[row.currency]:
                    found.append(("", "", "", *self.figures(row)))
        return found

    def second_line(self, row: Row) -> BoardRow:
        """`ana · lag · week    bullet ████▏│   450`."""
        from kpitui.charts.bullet import bullet, nice_top

        glyphs = self.look.glyphs
        role = "counter" if row.counter else {"leading": "lead", "lagging": "lag"}.get(row.timing or "", "")
        said = f" {glyphs.dot} ".join(word for word in (row.owner, role, row.cadence) if word)
        spans: list[Span] = [(f"    {said:<19.19} ", "dim")]
        bound = row.target if row.target is not None else row.low if row.low is not None else row.high
        if row.value is not None and bound is not None and row.target_kind != "milestone":
            top = nice_top(row.value, bound)
            watch = bound * (1 - row.aim.watch) if row.aim.kind in ("at_least", "at_most") else None
            bar = bullet(row.value, bound, 26, glyphs, top=top, watch=watch)
            spans += [(bar, "accent"), (f" {figure(row, top, ascii=self.ascii)}", "dim")]
        return BoardRow("", (tuple(spans),), "text")

    def due_row(self, item: Owed) -> BoardRow:
        look = self.look
        days = look.today - item.due
        late = (f"{item.late_days}d late", "watch") if item.late_days else (f"{days}d ago" if days else "today", "")
        if item.stopped is not None:
            late = ("stopped?", "watch")
        key = f"due:{item.slug}:{item.label}"
        box = ("[       ]", "dim")
        if look.form == "double":
            sign = look.glyphs.stale if item.late_days else look.glyphs.none
            last = "" if item.last is None else f"last {owed_figure(item, item.last, self.ascii)}"
            usual = "" if item.usual is None else f"usual {usual_text(item, self.ascii)}"
            box = ("[   ]", "dim")
            cells = ((sign, "stale"), item.name, item.period_label, late, (last, "dim"), (usual, "dim"), box)
            return BoardRow(key, cells, layout="due")
        return BoardRow(key, ("", item.name, item.period_label, late, box, ""), layout="due")


def owed_figure(item: Owed, value: float, ascii: bool) -> str:
    from kpitui.domain.figures import show

    return show(value, item.unit, currency=item.currency, decimals=item.decimals, compact=True, ascii=ascii)


def usual_text(item: Owed, ascii: bool) -> str:
    from kpitui.domain.figures import show_range

    low, high = item.usual or (None, None)
    return show_range(
        low, high, item.unit, currency=item.currency, decimals=item.decimals, bare=item.unit == "percent", ascii=ascii
    )
