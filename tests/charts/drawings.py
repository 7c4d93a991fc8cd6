"""The series that the golden files show, drawn in every kind, width and glyph set."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kpitui.charts.bullet import bullet, progress
from kpitui.charts.glyphs import Glyphs
from kpitui.charts.marks import marks
from kpitui.charts.plot import Reference, chart
from kpitui.charts.sparkline import sparkline

WIDTHS = (8, 12, 13, 26, 58, 84)
Series = list[float | None]

DEMOS: Series = [29, 28, 33, 29, 31, 33, 29, 28, 30, 33, 31, 29, 32, 29, 28, 30, 29, 31, 33, 30, 31, 29, 28, 27, 25, 26]
GAPS: Series = [*DEMOS[:5], None, *DEMOS[6:11], None, None, *DEMOS[13:25], None]
SERIES: dict[str, Series] = {
    "whole": DEMOS,
    "gaps": GAPS,
    "one value": [41],
    "flat": [7.0] * 26,
    "negative": [None if value is None else value - 30 for value in DEMOS],
    "empty": [],
    "all missing": [None] * 26,
}
BARS: dict[str, tuple[float | None, float | None, float | None]] = {
    "behind, in the band": (28.9, 30, 28.5),
    "just short": (29.999, 30, 28.5),
    "met": (30, 30, 28.5),
    "beyond": (36, 30, 28.5),
    "above an upper limit": (412, 400, 420),
    "below zero": (-5, 30, None),
    "a loss, smaller than allowed": (-6, -10, None),
    "a loss, larger than allowed": (-12, -10, None),
    "no value": (None, 30, None),
    "no target": (26, None, None),
}


def _sparklines(glyphs: Glyphs) -> Iterator[str]:
    for name, values in SERIES.items():
        yield name
        for width in WIDTHS:
            yield f"  {width:>2} |{sparkline(values, width, glyphs)}|"


def _bullets(glyphs: Glyphs) -> Iterator[str]:
    for name, (value, target, watch) in BARS.items():
        yield name
        for width in WIDTHS:
            yield f"  {width:>2} |{bullet(value, target, width, glyphs, watch=watch)}|"
    yield "62% done, 89% of the time gone"
    for width in (8, 20, 26):
        yield f"  {width:>2} |{progress(1.11 / 1.80, 324 / 365, width, glyphs)}|"


def _marks(glyphs: Glyphs) -> Iterator[str]:
    for name, values in SERIES.items():
        labels = [f"W{47 - len(values) + 1 + place}" for place in range(len(values))]
        target = 0 if name == "negative" else 30
        for width in WIDTHS:
            yield f"{name}, {width}"
            yield from (f"|{line}|" for line in marks(values, width, 4, glyphs, target=target, labels=labels).lines)


def _charts(glyphs: Glyphs) -> Iterator[str]:
    for name, values in SERIES.items():
        labels = [f"W{47 - len(values) + 1 + place}" for place in range(len(values))]
        shift = -30.0 if name == "negative" else 0.0
        steps: Series = [32 + shift] * 8 + [30 + shift] * 18
        references = [
            Reference("limit", 35.3 + shift, "upper limit"),
            Reference("centre", 30.3 + shift, "mean"),
            Reference("target", steps, "target"),
            Reference("limit", 25.3 + shift, "lower limit"),
        ]
        notes = [(21, "SDR left")]
        for width in WIDTHS:
            yield f"{name}, {width}"
            drawn = chart(values, width, 12, glyphs, references=references, x_labels=labels, notes=notes)
            said = {label.row: f" {label.text}" for label in drawn.labels}
            yield from (f"|{line}|{said.get(row, '')}" for row, line in enumerate(drawn.lines))


KINDS: dict[str, Callable[[Glyphs], Iterator[str]]] = {
    "sparklines": _sparklines,
    "bullets": _bullets,
    "marks": _marks,
    "charts": _charts,
}
