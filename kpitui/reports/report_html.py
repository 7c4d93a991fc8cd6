"""A document as one HTML page that stands by itself: no script, no address, nothing loaded from anywhere.

All text is escaped, and a policy in the page forbids what is not in it. It is ASCII: other signs are references, so
that no server or terminal has to know the encoding.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from kpitui.charts.glyphs import UNICODE, colour, mark
from kpitui.reports.document import Bullets, Grid, Paragraph, Spark, Status, Strong
from kpitui.reports.report_style import STYLE
from kpitui.reports.wording import status_word
from kpitui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpitui.reports.document import Block, Document, Run, Runs

WIDTH, HEIGHT, EDGE = 104, 22, 2
"""Of a sparkline, in its own units."""


def render(document: Document) -> str:
    """The page, ASCII, ending in a line feed."""
    # Only this very style is in force, whatever else might get into the page.
    known = base64.b64encode(hashlib.sha256(STYLE.encode("ascii")).digest()).decode("ascii")
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{known}'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{said(document.title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        "<header>",
        f"<h1>{said(document.title)}</h1>",
        f"<p>{said(document.under)}</p>",
        "</header>",
        "<main>",
    ]
    for section in document.sections:
        lines += ["<section>", f"<h2>{said(section.title)}</h2>"]
        for block in section.blocks:
            lines += block_lines(block)
        lines.append("</section>")
    lines += ["</main>", "<footer>", "<dl>"]
    lines += [f"<dt>{said(name)}</dt><dd>{said(text)}</dd>" for name, text in document.foot]
    lines += ["</dl>", "</footer>", "</body>", "</html>"]
    text = "\n".join(lines) + "\n"
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def said(text: str) -> str:
    return escape(clean(text), quote=True)


def block_lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(runs):
            yield f"<p>{runs_html(runs)}</p>"
        case Bullets(items, numbered):
            name = "ol" if numbered else "ul"
            yield f"<{name}>"
            yield from (f"<li>{runs_html(runs)}</li>" for runs in items)
            yield f"</{name}>"
        case Grid(header, rows, right):
            yield f'<div class="wide"><table class="c{len(header)}">'
            heads = (f'<th scope="col"{number(place in right)}>{said(name)}</th>' for place, name in enumerate(header))
            yield f"<thead><tr>{''.join(heads)}</tr></thead>"
            yield "<tbody>"
            for row in rows:
                first, *rest = (runs_html(runs) for runs in row)
                cells = (f"<td{number(place in right)}>{text}</td>" for place, text in enumerate(rest, 1))
                yield f'<tr><th scope="row">{first}</th>{"".join(cells)}</tr>'
            yield "</tbody></table></div>"


def number(is_one: bool) -> str:
    return ' class="n"' if is_one else ""


def runs_html(runs: Runs) -> str:
    return "".join(map(run_html, runs))


def run_html(run: Run) -> str:
    match run:
        case Strong(text):
            return f"<strong>{said(text)}</strong>"
        case Status(status, word, signal):
            words = status_word(status)
            sign = mark(status, UNICODE)
            shown = f"{sign} {said(words)}" if word else f'<span role="img" aria-label="{said(words)}">{sign}</span>'
            more = f' <span title="signal" role="img" aria-label="signal">{UNICODE.signal}</span>' if signal else ""
            return f'<span class="{colour(status)}">{shown}</span>{more}'
        case Spark(values, says, line):
            return svg(values, says, line)
        case _:
            return said(run)


def svg(values: Sequence[float | None], says: str, line: float | None = None) -> str:
    """A sparkline: a line with its gaps, a dot where a value stands alone and at the last one, dashes for a target."""
    known = [value for value in values if value is not None]
    begin = (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        'fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" stroke-linecap="round" '
        f'aria-label="{said(says)}"><title>{said(says)}</title>'
    )
    if not known:
        return f"{begin}</svg>"
    levels = [*known, *([] if line is None else [line])]
    low, high = min(levels), max(levels)
    # Halves first: the distance of the least to the greatest number there can be is none.
    reach = high / 2 - low / 2

    def up(value: float) -> float:
        share = 0.5 if reach == 0 else (value / 2 - low / 2) / reach
        return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)

    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    places = [(round(EDGE + place * step, 1), value) for place, value in enumerate(values)]
    parts = []
    if line is not None:
        parts.append(f'<path stroke-width="1" stroke-dasharray="3 3" opacity=".6" d="M0 {up(line)}H{WIDTH}"/>')
    stretch: list[tuple[float, float]] = []
    for x, value in (*places, (0.0, None)):
        if value is not None:
            stretch.append((x, up(value)))
        elif len(stretch) == 1:
            parts.append(dot(*stretch.pop()))
        elif stretch:
            parts.append(f'<path d="M{"L".join(f"{x} {y}" for x, y in stretch)}"/>')
            stretch.clear()
    x, last = next((x, value) for x, value in reversed(places) if value is not None)
    return f"{begin}{''.join(parts)}{dot(x, up(last))}</svg>"


def dot(x: float, y: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="1.7" fill="currentColor" stroke="none"/>'
