"""The lines of a goal's own screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.domain.figures import show, whole_percent
from kpitui.reports.wording import gap_text, status_word, target_text, value_text
from kpitui.services.goals import day_words
from kpitui.text import wrapped
from kpitui.tui.widgets.columns import BoardRow, Column, Layout, blank
from kpitui.tui.widgets.spark import spark_spans
from kpitui.tui.widgets.styled import Span, status_style

if TYPE_CHECKING:
    from kpitui.services.goal_standing import GoalView
    from kpitui.services.goals import GoalPage, Past
    from kpitui.services.judging import Row

COLUMNS = Layout(
    (
        Column("status", 1, "S", gap=0),
        Column("name", 0, "name", least=14, most=46),
        Column("value", 9, "value", "right"),
        Column("target", 10, "target", "right"),
        Column("gap", 8, "gap", "right"),
        Column("said", 10, "status", gap=2),
        Column("owner", 7, "owner", "right"),
    ),
    (("owner", 0), ("said", 0), ("target", 8), ("gap", 0)),
)


class Seen(NamedTuple):
    """How a goal is looked at."""

    cells: int
    glyphs: Glyphs
    offers: bool = True
    """Whether who looks may write KPIs."""


def goal_rows(page: GoalPage, seen: Seen) -> list[BoardRow]:
    """The goal: its sentence and what is missing of it, where it stands, history, KPIs, goals below, past years."""
    rows: list[BoardRow] = []
    small = seen.cells < 60

    def said(label: str, *spans: Span) -> None:
        if small:
            rows.append(BoardRow("", ([(" ", ""), *spans],), "text"))
        else:
            rows.append(BoardRow("", ([(f" {label:<11}", "dim"), *spans],), "text"))

    def paragraph(label: str, text: str, style: str = "") -> None:
        room = seen.cells - (3 if small else 14)
        for number, line in enumerate(wrapped(text, room)):
            said("" if number else label, (line, style))

    view, glyphs = page.view, seen.glyphs
    letters: list[Span] = []
    for letter, there in page.smart.letters:
        letters.append((letter if there else letter.lower(), "on" if there else "watch"))
        letters.append((" ", ""))
    paragraph("goal", page.smart.sentence)
    if page.smart.missing:
        said("SMART", *letters, ("missing:", "dim"))
        paragraph("", f"{'; '.join(page.smart.missing)}", "watch")
        said("", ("e", "key"), (" edits it", "dim"))
    else:
        said("SMART", *letters, ("nothing is missing", "dim"))
    rows.append(blank())
    done = "" if view.progress is None else f"{whole_percent(view.progress)}% done, "
    gone = "" if view.time_gone is None else f"{whole_percent(view.time_gone)}% of the time"
    left = "" if view.days_left is None else f", {view.days_left}d left" if view.days_left >= 0 else ", over"
    said(
        "status",
        (f"{mark(view.status, glyphs)} {status_word(view.status)}", status_style(view.status)),
        (f"   {done}{gone}{left}", ""),
    )
    paragraph("", f"{view.why}.")
    stand = show(view.value, view.unit, currency=view.currency, compact=True)
    if page.metric:
        spark = spark_spans(page.series, 26 if seen.cells >= 60 else 12, glyphs)
        said("measured", (f"{page.metric} {stand}  ", ""), *spark)
    else:
        said("measured", ("by nothing yet: ", "watch"), ("M", "key"), (" in the tree ties a metric to it", "dim"))
    if view.needed is not None and view.rate is not None:
        needed = show(view.needed, view.unit, currency=view.currency, compact=True)
        rate = show(view.rate, view.unit, currency=view.currency, compact=True)
        said("needs", (f"{needed} a period from now on, lately {rate}", ""))
    paragraph("realistic?", f"{page.held.words}.")
    if page.description:
        paragraph("about", page.description)
    if page.parent:
        said("under", (page.parent, ""))
    rows.append(blank())
    together = page.together
    if page.kpis:
        progress = "" if together.progress is None else f"{whole_percent(together.progress)}% of the way, "
        said("KPIs", (f"{progress}{status_word(together.status)}, {together.coverage}", status_style(together.status)))
        rows.append(BoardRow("", (), "header"))
        rows += [kpi_row(row, glyphs) for row in page.kpis]
    else:
        way = ": n under it in the tree writes one, 9 takes a template" if seen.offers else ""
        said("KPIs", (f"none yet{way}", "dim"))
    if page.goals:
        rows.append(blank())
        below = page.goals_together
        progress = "" if below.progress is None else f"{whole_percent(below.progress)}% of the way, "
        said("goals", (f"{progress}{status_word(below.status)}, {below.coverage}", status_style(below.status)))
        rows += [below_row(one, glyphs) for one in page.goals]
    if page.past:
        rows.append(blank())
        said("past years", ("how they ended", "dim"))
        rows += [past_row(one, glyphs) for one in page.past]
    if page.notes:
        rows.append(blank())
        for note in page.notes:
            paragraph(day_words(note.day, page.today), f"{note.who}: {note.text}")
    return rows


def kpi_row(row: Row, glyphs: Glyphs) -> BoardRow:
    style = status_style(row.status)
    cells = ((mark(row.status, glyphs), style), row.name, value_text(row), target_text(row), (gap_text(row), style),
             (status_word(row.status), style), row.owner)  # fmt: skip
    return BoardRow(f"kpi:{row.slug}@{row.scope}", cells)


def below_row(view: GoalView, glyphs: Glyphs) -> BoardRow:
    return goal_row(view, view.title, glyphs)


def past_row(one: Past, glyphs: Glyphs) -> BoardRow:
    return goal_row(one, one.title if str(one.year) in one.title else f"{one.year}  {one.title}", glyphs)


def goal_row(goal: GoalView | Past, title: str, glyphs: Glyphs) -> BoardRow:
    style = status_style(goal.status)
    value, target = (show(one, goal.unit, currency=goal.currency, compact=True) for one in (goal.value, goal.target))
    done = "" if goal.progress is None else f"{whole_percent(goal.progress)}%"
    cells = ((mark(goal.status, glyphs), style), title, value, target, (done, style),
             (status_word(goal.status), style), goal.owner)  # fmt: skip
    return BoardRow(f"goal:{goal.id}", cells)


def as_text(page: GoalPage) -> str:
    """The goal as plain text, for the clipboard."""
    lines = [page.view.title, page.smart.sentence]
    lines += [f"Missing: {'; '.join(page.smart.missing)}"] if page.smart.missing else []
    lines += [f"{status_word(page.view.status)}: {page.view.why}", f"Realistic? {page.held.words}"]
    lines += [f"{row.name}\t{value_text(row)}\t{target_text(row)}\t{status_word(row.status)}" for row in page.kpis]
    return "\n".join(lines)
