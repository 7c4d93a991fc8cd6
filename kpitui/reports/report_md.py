"""A document as Markdown. What people wrote stays text: no heading, link, image, table or HTML comes of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import mark
from kpitui.charts.sparkline import sparkline
from kpitui.domain.minutes import plain
from kpitui.reports.document import Bullets, Grid, Paragraph, Spark, Status, Strong
from kpitui.reports.wording import status_word
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpitui.charts.glyphs import Glyphs
    from kpitui.reports.document import Block, Document, Run, Runs

_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(?=:)|www(?=\.)|@(?=\w)")


def render(document: Document, glyphs: Glyphs) -> str:
    """The whole text, ending in a line feed."""
    lines = [f"# {escaped(document.title)}", "", escaped(document.under)]
    for section in document.sections:
        lines += ["", f"## {escaped(section.title)}"]
        for block in section.blocks:
            lines += ["", *block_lines(block, glyphs)]
    lines += ["", "---", ""]
    lines += [f"- {escaped(name)}: {escaped(text)}" for name, text in document.foot]
    return "\n".join(lines) + "\n"


def block_lines(block: Block, glyphs: Glyphs) -> Iterator[str]:
    match block:
        case Paragraph(runs):
            yield said(runs, glyphs)
        case Bullets(items, numbered):
            for place, runs in enumerate(items, 1):
                yield f"{f'{place}.' if numbered else '-'} {said(runs, glyphs)}"
        case Grid(header, rows, right):
            yield f"| {' | '.join(cell(escaped(name, begins=False)) for name in header)} |"
            yield f"|{'|'.join(' ---: ' if place in right else ' --- ' for place in range(len(header)))}|"
            for row in rows:
                yield f"| {' | '.join(cell(said(runs, glyphs, begins=False)) for runs in row)} |"


def said(runs: Runs, glyphs: Glyphs, *, begins: bool = True) -> str:
    """Runs as one line; `begins` says that Markdown would look at it as the beginning of something."""
    return "".join(run_text(run, glyphs, begins and not place) for place, run in enumerate(runs)).strip()


def run_text(run: Run, glyphs: Glyphs, begins: bool) -> str:
    match run:
        case Strong(text):
            strong = escaped(text, begins=False)
            return f"**{strong}**" if strong else ""
        case Status(status, word, signal):
            words = f" {status_word(status)}" if word else ""
            more = f" {escaped(glyphs.signal, begins=False)}" if signal else ""
            return escaped(mark(status, glyphs), begins=begins) + words + more
        case Spark(values):
            return f"`{sparkline(values, len(values), glyphs)}`" if values else ""
        case _:
            # Blanks at the ends hold runs apart.
            text = clean(run)
            before, after = " " * text.startswith(" "), " " * (text.endswith(" ") and bool(text.strip()))
            return f"{before}{escaped(text, begins=begins)}{after}"


def escaped(text: str, *, begins: bool = True) -> str:
    """Text on one line without any power: signs behind a backslash, entities and addresses taken apart."""
    without = _ENTITY.sub("&amp;", clean(text)).replace("~", "&#126;")
    # Behind a full stop nothing stands at the beginning of a line.
    quiet = plain(without) if begins else plain(f".{without.strip()}")[1:]
    return _LINK.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", quiet)


def cell(text: str) -> str:
    """For a table: a bar would begin the next column, also behind a backslash."""
    return text.replace("\\|", "|").replace("|", "&#124;") or " "
