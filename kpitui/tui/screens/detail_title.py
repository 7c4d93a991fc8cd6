"""The first row of Detail: what it is about, how it stands, and with room for it what kind of metric it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpitui.charts.glyphs import Glyphs, mark
from kpitui.reports.wording import ADVERBS, gap_text, has_target, status_word, target_text, value_text
from kpitui.text import cut, width
from kpitui.tui.widgets.styled import status_style

if TYPE_CHECKING:
    from kpitui.services.judging import Row

NARROW = 60
LEAST = 8
"""Cells of the name that are left however narrow it is."""


def title_of(row: Row, feeds: list[str], cells: int, glyphs: Glyphs) -> list[tuple[str, str]]:
    """`✗ Demos booked  26 vs ≥ 30 (-13.3%)  off track · leading · weekly · bo`, in parts of text and style; where it is
    narrow the figures stay whole and the name gives way."""
    plain, style = glyphs.name == "ascii", status_style(row.status)
    figures = [(f"  {value_text(row, ascii=plain)}", "bold")]
    if row.present and cells >= NARROW:
        figures.append((f" over {row.aim.window} {row.cadence}s", "dim"))
    if has_target(row):
        gap = gap_text(row, ascii=plain)
        figures += [(f" vs {target_text(row, ascii=plain)} ", ""), (f"({gap})", style)]
    line = [(f" {mark(row.status, glyphs)} ", style), (row.name, "bold"), *figures]
    if cells < NARROW:
        room = cells - 3 - sum(width(text) for text, _ in figures)
        line[1] = (cut(row.name, max(room, LEAST), glyphs.ellipsis), "bold")
        return line
    words = [status_word(row.status), row.timing or "", ADVERBS[row.cadence], row.owner or "no owner"]
    fed = f" · feeds {', '.join(feeds)}" if feeds else ""
    return [*line, (f"  {' · '.join(word for word in words if word)}{fed}", "dim")]
