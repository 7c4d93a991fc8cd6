"""The lines of the library: the list of templates, and one template in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kpitui.charts.glyphs import Glyphs
from kpitui.services.library import GROUPS
from kpitui.text import wrapped
from kpitui.tui.widgets.columns import BoardRow, Cell, Column, Layout, blank, heading
from kpitui.tui.widgets.styled import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpitui.services.library import Line, Preview, Template

LIST = Layout((Column("title", 0, least=14), Column("lines", 10, align="right")), (("lines", 0),))
NARROW = Layout((Column("name", 0, "name", least=12), Column("kind", 8, "kind")))
FULL = Layout(
    (
        Column("use", 3, "use"),
        Column("name", 0, "name", least=18, most=34),
        Column("kind", 8, "kind", gap=2),
        Column("every", 7, "every"),
        Column("better", 6, "better"),
        Column("usual", 17, "usual target", gap=2),
    ),
    (("usual", 12), ("better", 0), ("every", 0), ("usual", 0)),
)
ROOMY = 56
"""Cells from which on a template's lines are shown with all their columns."""


class Shown(NamedTuple):
    """How a template is looked at."""

    cells: int
    glyphs: Glyphs
    picked: frozenset[str]
    opened: str
    """The line that shows how it is measured."""
    reviews: tuple[tuple[str, int], ...]
    """The rhythms, with their minutes."""


def signs(text: str, glyphs: Glyphs) -> str:
    return text.replace("≥", glyphs.at_least).replace("≤", glyphs.at_most)


def list_rows(templates: Sequence[Template]) -> list[BoardRow]:
    """The templates under the headings of their groups."""
    rows: list[BoardRow] = []
    group = ""
    for one in templates:
        if one.by != group:
            group = one.by
            rows.append(heading(GROUPS[group]))
        title = one.title
        if title.startswith(("Role: ", "Channel: ")):
            title = title.partition(": ")[2]
            title = title[:1].upper() + title[1:]
        rows.append(BoardRow(one.name, (title, (f"{one.kpis} KPI + {one.metrics}", "dim"))))
    return rows


def preview_rows(found: Preview, shown: Shown) -> list[BoardRow]:
    """A template: for whom, its goal, its lines, what is left out, the reviews, what is asked."""
    template, glyphs = found.template, shown.glyphs
    roomy = shown.cells >= ROOMY
    taken = [line for line in found.lines if line.slug in shown.picked]
    kpis = sum(line.kpi for line in taken)
    rows: list[BoardRow] = []

    def said(*spans: Span) -> None:
        rows.append(BoardRow("", ([(" ", ""), *spans],), "text"))

    def paragraph(text: str, style: str = "") -> None:
        for line in wrapped(text, shown.cells - 5):
            said(("   ", ""), (line, style))

    if roomy:
        said(("For        ", "dim"), (template.for_whom, ""))
    counts = f"{kpis} KPI{'' if kpis == 1 else 's'} {glyphs.dot} {len(taken) - kpis} metrics"
    goal = f"__ {template.goal}" if template.goal else "asked when you use it"
    if roomy:
        said(("Goal       ", "dim"), (goal, "bold"), (f"   {counts}", "dim"))
        if found.scope is not None:
            said(("Makes      ", "dim"), (f"the {found.scope[0]} {found.scope[1]}", ""))
    else:
        said(("Goal  ", "dim"), (goal, "bold"))
        if found.scope is not None:
            said(("For   ", "dim"), (f"the {found.scope[0]} {found.scope[1]}", ""))
    rows.append(blank())
    if roomy:
        rows.append(BoardRow("", (), "header", "full"))
    for line in found.lines:
        rows.append(full_row(line, shown) if roomy else narrow_row(line, shown))
        if line.slug == shown.opened:
            for text in measured(line):
                for part in wrapped(text, shown.cells - 8):
                    said(("      ", ""), (signs(part, glyphs), "dim"))
    if template.left_out:
        rows.append(blank())
        said(("Left out on purpose", "heading"))
        paragraph(template.left_out)
    if any(minutes for _, minutes in shown.reviews):
        rows.append(blank())
        said(("Reviews that go with it", "heading"))
        paragraph(f" {glyphs.dot} ".join(f"{name} {length(minutes)}" for name, minutes in shown.reviews))
    rows.append(blank())
    said(("Questions it asks when you use it", "heading"))
    asked = ["whom is it for?"] if found.scope is not None else []
    paragraph(" ".join([*asked, "the goal in one number?", "each KPI: today, target, owner?"]))
    if template.source or template.saved:
        rows.append(blank())
        source = f"Source: {template.source}" if template.source else f"Saved from {template.saved}."
        paragraph(f"{source} Targets are only starting points; your own baseline replaces them.", "dim")
    return rows


def full_row(line: Line, shown: Shown) -> BoardRow:
    taken = line.slug in shown.picked
    style = "" if taken else "dim"
    box = "[x]" if taken else "[ ]"
    kind: Cell = (line.kind, style)
    usual = (signs(line.usual, shown.glyphs), style)
    name = named(line, shown.glyphs, style)
    return BoardRow(line.slug, ((box, style), name, kind, (line.cadence, style), (line.direction, style), usual),
                    layout="full")  # fmt: skip


def narrow_row(line: Line, shown: Shown) -> BoardRow:
    taken = line.slug in shown.picked
    style = "" if taken else "dim"
    name = named(line, shown.glyphs, style)
    if not taken:
        name = [("[ ] ", "dim"), *name]
    return BoardRow(line.slug, (name, (line.kind, style)), layout="narrow")


def named(line: Line, glyphs: Glyphs, style: str) -> list[Span]:
    if line.kpi:
        return [(f"{glyphs.goal} ", "accent"), (line.name, f"bold {style}".strip())]
    return [("  " * max(line.depth, 1), ""), (line.name, style)]


def measured(line: Line) -> list[str]:
    """How a line is measured, as sentences."""
    texts = [line.definition] if line.definition else []
    if line.worked_out:
        texts.append(f"Worked out: {line.worked_out}.")
    elif line.source:
        texts.append(f"From: {line.source}.")
    texts += [f"Why: {line.objective}"] if line.objective else []
    texts += [f"Guarded by {line.counter}."] if line.counter else []
    return [*texts, f"Usual target: {line.usual}."] if line.usual else texts


def length(minutes: int) -> str:
    if minutes == 240:
        return "half a day"
    return f"{minutes} min" if minutes < 120 or minutes % 60 else f"{minutes // 60} h"


def as_text(found: Preview, picked: frozenset[str]) -> str:
    """A template as plain text, for the clipboard."""
    lines = [found.template.title, f"For: {found.template.for_whom}"]
    lines += [f"Goal: __ {found.template.goal}"] if found.template.goal else []
    for line in found.lines:
        box = "[x]" if line.slug in picked else "[ ]"
        role = "KPI " if line.kpi else ""
        usual = f", usually {line.usual}" if line.usual else ""
        lines.append(f"{box} {'  ' * line.depth}{role}{line.name} ({line.kind}, every {line.cadence}{usual})")
    return "\n".join([*lines, f"Left out on purpose: {found.template.left_out}"])
