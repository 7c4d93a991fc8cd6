"""Home for a wall: the goal, the KPIs and the date, three times as tall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.reports.wording import (
    day_text,
    days_left_text,
    gap_text,
    goal_figure,
    percent,
    status_word,
    target_text,
    value_text,
    week_text,
)
from kpitui.text import cut, width
from kpitui.tui.widgets.spark import spark_spans
from kpitui.tui.widgets.styled import Line, Span, Styled, status_style

if TYPE_CHECKING:
    from kpitui.services.judging import Row
    from kpitui.services.overview import Home

SPARK = 26


class Wall(Styled):
    """The lines of `wall_lines`, drawn."""

    def __init__(self, glyphs: Glyphs, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self.lines: tuple[Line, ...] = ()

    def show(self, view: Home, cells: int) -> None:
        lines = tuple(wall_lines(view, cells, self.glyphs))
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return self.strip_of(self.lines[y] if y < len(self.lines) else (), self.size.width, mark=self.glyphs.ellipsis)


def wall_lines(view: Home, cells: int, glyphs: Glyphs) -> list[Line]:
    """Goal, date, and three lines for each KPI."""
    card, plain = view.card, glyphs.name == "ascii"
    lines: list[Line] = [()]
    goal = card.goal
    date = f"{day_text(card.as_of, weekday=True)} {glyphs.dot} {week_text(card.as_of, card.calendar)}"
    if goal is not None:
        sign: Span = (f"{mark(goal.status, glyphs)} {status_word(goal.status)}", status_style(goal.status))
        said = f"{percent(goal.progress)} done, {percent(goal.time_gone)} of time, {days_left_text(goal.days_left)}"
        lines += beside(
            goal_figure(goal, goal.value, ascii=plain),
            [[(f"{glyphs.goal} ", "accent"), (goal.title, "bold")], [sign, (f"   {said}", "")], [(date, "dim")]],
            cells,
            glyphs,
        )
    else:
        lines.append([(f" {date}", "dim")])
    for row in card.kpis:
        lines += [(), *beside(value_text(row, ascii=plain), kpi_words(row, cells, glyphs), cells, glyphs)]
    return lines


def kpi_words(row: Row, cells: int, glyphs: Glyphs) -> list[Line]:
    plain = glyphs.name == "ascii"
    spark = spark_spans(
        [cell.value for cell in row.series],
        min(SPARK, max(cells - 32, 8)),
        glyphs,
        lambda at, _: row.missed(row.series[at]),
    )
    moved = {1: glyphs.up, -1: glyphs.down}.get(row.trend, glyphs.flat)
    verdict = f"{mark(row.status, glyphs)} {status_word(row.status)}"
    target = f"   target {target_text(row, ascii=plain)}   {gap_text(row, ascii=plain)}  {moved}"
    return [[(row.name, "bold")], [(verdict, status_style(row.status)), (target, "")], spark]


def beside(figure: str, words: list[Line], cells: int, glyphs: Glyphs) -> list[Line]:
    """A figure three lines tall, with three lines of words at its right."""
    tall = big(figure, glyphs)
    column = min(max(24, width(tall[0]) + 2), max(cells - 24, 10))
    return [
        [(f" {cut(text, column - 2, '').ljust(column - 1)}", "bold"), *line]
        for text, line in zip(tall, words, strict=True)
    ]


def big(text: str, glyphs: Glyphs) -> list[str]:
    """Three rows of a figure in box drawing; in a set without it the figure once, in the middle row."""
    if glyphs.name != "unicode":
        return ["", text, ""]
    from textual.renderables.digits import DIGITS, DIGITS3X3

    rows = ["", "", ""]
    for char in text:
        at = DIGITS.find(char)
        if at < 0 or char == " ":
            # A letter stands on the line of the figures.
            for place in range(3):
                rows[place] += char if place == 2 else " " * width(char)
            continue
        for place in range(3):
            rows[place] += DIGITS3X3[at * 3 + place].ljust(3)
    return rows
