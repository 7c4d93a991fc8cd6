"""A document as plain text, aligned by cells."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import mark
from kpitui.charts.sparkline import sparkline
from kpitui.reports.document import Bullets, Grid, Paragraph, Spark, Status, Strong
from kpitui.reports.wording import status_word
from kpitui.text import clean, table, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpitui.charts.glyphs import Glyphs
    from kpitui.reports.document import Block, Document, Run, Runs

WIDTH = 96
WIDEST = 32
"""Cells of a column."""


def render(document: Document, glyphs: Glyphs) -> str:
    """The whole text, ending in a line feed."""
    title = clean(document.title)
    lines = [title, glyphs.horizontal * width(title), clean(document.under)]
    for section in document.sections:
        lines += ["", clean(section.title), glyphs.horizontal * width(clean(section.title))]
        for place, block in enumerate(section.blocks):
            lines += [*([""] if place else []), *block_lines(block, glyphs)]
    lines += ["", glyphs.horizontal * 24]
    names = max(len(name) for name, _ in document.foot)
    lines += [f"{name:<{names}}  {clean(text)}" for name, text in document.foot]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def block_lines(block: Block, glyphs: Glyphs) -> Iterator[str]:
    match block:
        case Paragraph(runs):
            yield from wrap(text_of(runs, glyphs), WIDTH, break_on_hyphens=False)
        case Bullets(items, numbered):
            for place, runs in enumerate(items, 1):
                sign = f"{place}. " if numbered else "- "
                yield from wrap(
                    text_of(runs, glyphs),
                    WIDTH,
                    initial_indent=sign,
                    subsequent_indent=" " * len(sign),
                    break_on_hyphens=False,
                )
        case Grid(header, rows, right):
            cells = [[text_of(runs, glyphs) for runs in row] for row in rows]
            yield from table(header, cells, right, WIDEST).splitlines()


def text_of(runs: Runs, glyphs: Glyphs) -> str:
    return "".join(run_text(run, glyphs) for run in runs)


def run_text(run: Run, glyphs: Glyphs) -> str:
    match run:
        case Strong(text):
            return clean(text)
        case Status(status, word, signal):
            return (
                mark(status, glyphs)
                + (f" {status_word(status)}" if word else "")
                + (f" {glyphs.signal}" if signal else "")
            )
        case Spark(values):
            return sparkline(values, len(values), glyphs)
        case _:
            return clean(run)
