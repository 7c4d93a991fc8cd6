"""The columns of Home for each form, and the title over its sparklines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs
from kpitui.domain.periods import short_label
from kpitui.tui.widgets.columns import Column, Layout
from kpitui.tui.widgets.home_board import LINE

if TYPE_CHECKING:
    from kpitui.domain.periods import Calendar
    from kpitui.services.judging import Row

NOUNS = {"day": "days", "week": "weeks", "month": "months", "quarter": "quarters", "year": "years"}


def layouts(form: str, glyphs: Glyphs, row: Row | None, calendar: Calendar, today: int) -> dict[str, Layout]:
    """The columns of a form; `row` is the one whose periods the title of the sparklines names."""

    def spark_title(width: int) -> str:
        return sparkline_title(row, width, calendar, today)

    trend = Column("trend", 3, "dir" if glyphs.name == "ascii" else "tr", gap=2)
    if form == "small":
        kpi = Layout(
            (
                Column("mark", 1, gap=0),
                Column("name", 0, "KPI", least=8),
                Column("spark", 8, spark_title),
                Column("value", 7, "value", "right"),
                Column("gap", 7, "gap", "right"),
            ),
            (("spark", 0), ("gap", 0)),
        )
        due = Layout((Column("mark", 1, gap=0), Column("name", 0), Column("period", 6), Column("when", 9)))
    elif form == "double":
        kpi = Layout(
            (
                Column("mark", 1, "S", gap=0),
                Column("name", 0, "KPI", least=10),
                Column("spark", 26, spark_title),
                Column("value", 6, "value", "right"),
                Column("target", 7, "target", "right"),
                Column("gap", 6, "gap", "right"),
                trend._replace(gap=1),
            )
        )
        due = Layout(
            (
                Column("mark", 1, gap=0),
                Column("name", 0, least=10),
                Column("period", 6),
                Column("when", 9),
                Column("last", 10),
                Column("usual", 17),
                Column("box", 5),
            ),
            (("usual", 0), ("last", 0)),
        )
    else:
        kpi = Layout(
            (
                Column("mark", 1, "S"),
                Column("name", 0, "KPI", least=16),
                Column("spark", 26, spark_title),
                Column("value", 8, "value", "right"),
                Column("target", 8, "target", "right"),
                Column("gap", 6, "gap", "right"),
                trend,
                Column("owner", 6, "owner", "right"),
            ),
            (("spark", 16), ("owner", 0), ("trend", 0), ("target", 0), ("spark", 8), ("spark", 0), ("gap", 0)),
        )
        due = Layout(
            (
                Column("mark", 1),
                Column("name", 0, least=12, most=19),
                Column("period", 7),
                Column("when", 9),
                Column("box", 9),
                Column("more", 10),
            ),
            (("more", 0),),
        )
    return {"": kpi, "due": due, LINE: Layout((Column("text", gap=0),))}


def sparkline_title(row: Row | None, width: int, calendar: Calendar, today: int) -> str:
    """`W35 13 weeks W47`, or less where that is too wide."""
    if row is None or not width:
        return ""
    shown = {26: 26, 16: 13}.get(width, width)
    spans = [cell.span for cell in row.series[-shown:]]
    middle = f"{shown} {NOUNS[row.cadence]}"
    first, last = (short_label(row.cadence, span, calendar, today) for span in (spans[0], spans[-1]))
    room = width - len(first) - len(last)
    return f"{first}{middle.center(room)}{last}" if room >= len(middle) + 2 else middle
