"""Line charts for the detail screen: plotext draws the series and the lines behind it, the frame and labels are ours.

plotext is given positions in cells, so the row and column of everything is known exactly and labels,
notes and colours land where the line is. It has one global figure: call this from one thread. It costs 0.1 s to import,
so that happens at the first chart.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from kpitui.charts.glyphs import Glyphs
from kpitui.charts.marks import Span, label_row
from kpitui.charts.sparkline import finite
from kpitui.charts.thinning import thin

# Pixels a cell, across and down, of the markers plotext draws.
_PIXELS = {"braille": (2, 4), "hd": (2, 2)}


BEHIND = ("band", "limit", "baseline", "mean", "target")
"""Kinds of lines in the order they are drawn in: where two lie on one row the last is the one to see."""


class Reference(NamedTuple):
    """A line behind the series: `kind` is target (solid), limit and band (dotted), baseline and mean (dashed) or centre
    (label only). A band and its mean are of periods to come.

    `values` is one number, or one a period where it has steps; None where it did not hold.
    """

    kind: str
    values: float | Sequence[float | None]
    label: str


class Label(NamedTuple):
    """Text to print right of the frame on line `row`."""

    row: int
    text: str
    kind: str


class Note(NamedTuple):
    """An annotation on value number `at`: the column of its sign on the time axis, the line of the value."""

    at: int
    column: int
    row: int | None
    text: str


class Piece(NamedTuple):
    """What a run of cells shows: `series`, `target`, `limit` or `baseline`. The rest is frame and axis text."""

    span: Span
    kind: str


class Chart(NamedTuple):
    lines: list[str]
    """`height` lines of `width` cells, without colour codes."""
    labels: list[Label]
    """At most one a line, from the top."""
    notes: list[Note]
    pieces: list[Piece]
    places: list[tuple[int, int] | None]
    """(line, column) of each value; None where there is none."""


class _Grid:
    """Where values fall: `width` x `height` cells of `across` x `down` pixels, over the range `low` to `high`."""

    def __init__(self, count: int, low: float, high: float, width: int, height: int, marker: str) -> None:
        across, down = _PIXELS.get(marker, (1, 1))
        self.width, self.height, self.across, self.down = width, height, across, down
        self._last = max(count - 1, 1)
        # A single value stands at the right end, as in a sparkline.
        self._shift = 1 if count == 1 else 0
        self._low, self._high = low, high

    def x(self, index: float) -> int:
        return round((index + self._shift) / self._last * (self.width * self.across - 1))

    def y(self, value: float) -> int:
        """Pixels from the bottom."""
        share = (value / 2 - self._low / 2) / (self._high / 2 - self._low / 2)
        return round(min(max(share, 0.0), 1.0) * (self.height * self.down - 1))

    def column(self, index: float) -> int:
        return self.x(index) // self.across

    def row(self, value: float) -> int:
        """Cells from the top."""
        return self.height - 1 - self.y(value) // self.down


def chart(
    values: Sequence[float | None],
    width: int,
    height: int,
    glyphs: Glyphs,
    *,
    references: Sequence[Reference] = (),
    x_labels: Sequence[str] = (),
    notes: Sequence[tuple[int, str]] = (),
    fmt: Callable[[float], str] = "{:.4g}".format,
    least_step: float = 0.0,
) -> Chart:
    """The series as a line with gaps where values are missing, in a frame with a ruler: `width` x `height` cells.

    `x_labels` has one text a period and takes the lowest line. `notes` are (index, text). `fmt` writes the numbers of
    the ruler, which are at least `least_step` apart: the smallest step that `fmt` can show, such as 1 for counts.
    Where that leaves less than eight columns or three rows the frame and ruler are left out; below two columns or rows
    nothing is drawn. More than 300 values are thinned to the extremes of each stretch, so every spike and dip is seen.
    """
    numbers = [finite(value) for value in values]
    known = _known(numbers, references)
    body = max(height - (1 if x_labels else 0) - 2, 3)
    low, high, ticks = ruler_for(min(known), max(known), body, least_step) if known else (0.0, 1.0, [])
    texts = {tick: fmt(tick) for tick in ticks}
    ruler = max(map(len, texts.values()), default=0)
    framed = width - ruler - 2 >= 8 and height - (1 if x_labels else 0) >= 5
    if not framed:
        ruler, body = -1, max(height - (1 if x_labels else 0), 1)
    inner = width - ruler - 2 if framed else width
    if inner < 2 or body < 2 or height < body:
        return Chart([" " * max(width, 0)] * max(height, 0), [], [], [], [None] * len(numbers))
    left, upper = ruler + 1, 1 if framed else 0
    grid = _Grid(len(numbers), low, high, inner, body, glyphs.plot_marker)
    runs = [(reference.kind, run) for reference in references for run in _runs(reference, len(numbers), grid)]
    canvas = _canvas(numbers, runs, grid, glyphs)
    placed = [
        Note(index, left + grid.column(index), None if value is None else upper + grid.row(value), text)
        for index, text in notes
        if 0 <= index < len(numbers)
        for value in (numbers[index],)
    ]
    lines = list(canvas)
    if framed:
        lines = _frame(canvas, runs, {grid.row(tick): texts[tick] for tick in ticks}, ruler, placed, glyphs)
    if x_labels:
        shown = [(left + grid.column(index), label) for index, label in enumerate(x_labels[: len(numbers)])]
        lines.append(label_row(shown, width))
    return Chart(
        lines,
        _labels(references, max(len(numbers), 1), grid, upper, upper + body),
        placed,
        _pieces(canvas, glyphs, upper, left),
        [None if n is None else (upper + grid.row(n), left + grid.column(i)) for i, n in enumerate(numbers)],
    )


def ruler_for(low: float, high: float, rows: int, least: float = 0.0) -> tuple[float, float, list[float]]:
    """(value of the lowest row, of the highest, ticks): as tight as round ticks a whole number of rows apart allow.

    Ticks are 1, 2 or 5 times a power of ten apart and at least `least`.
    """
    distance = high / 2 - low / 2
    if distance <= 1e-12 * max(abs(low), abs(high)):
        # A flat series runs through the middle, of a ruler that reaches to a tenth of it on both sides.
        distance = abs(high) * 0.05 or 0.5
        low, high = max(low - distance, min(low, 0.0)), high + distance
    power = int(f"{distance:e}".split("e")[1])
    apart = max(rows // 5, 2)
    steps = [float(f"{digits}e{power + exponent}") for exponent in range(-2, 4) for digits in "125"]
    steps = [step for step in steps if step >= least] or [least]
    for unit, step, rows_apart in sorted((step / k, step, k) for step in steps for k in {apart, min(apart + 1, rows)}):
        if unit < sys.float_info.min or not math.isfinite(high / unit):
            continue
        first, last = math.floor(low / unit), math.ceil(high / unit)
        spare = rows - 1 - (last - first)
        if spare < 0:
            continue
        # What is left over goes above and below, but a series that never goes below zero gets no ruler below zero.
        first = max(first - spare // 2, min(first, 0))
        ends = first * unit, (first + max(rows - 1, 1)) * unit
        ticks = [row // rows_apart * step for row in range(first, first + rows) if row % rows_apart == 0]
        if ticks and all(map(math.isfinite, ends)):
            return *ends, ticks
    return low, high, []


def _known(numbers: Sequence[float | None], references: Sequence[Reference]) -> list[float]:
    lines = [number for reference in references for number in map(finite, _each(reference, max(len(numbers), 1)))]
    return [number for number in (*numbers, *lines) if number is not None]


def _each(reference: Reference, count: int) -> Sequence[float | None]:
    return [reference.values] * count if isinstance(reference.values, (int, float)) else reference.values[:count]


def _runs(reference: Reference, count: int, grid: _Grid) -> list[tuple[int, int, int]]:
    """(row, first column, last column) of each stretch on which the reference stays on one row."""
    if reference.kind == "centre":
        return []
    rows = [None if value is None else grid.row(value) for value in map(finite, _each(reference, max(count, 1)))]
    runs: list[tuple[int, int, int]] = []
    for index, row in enumerate(rows):
        if row is None:
            continue
        # A period reaches half way to its neighbours, the outermost to the frame.
        first = 0 if index == 0 else grid.column(index - 0.5)
        last = grid.width - 1 if index == len(rows) - 1 else grid.column(index + 0.5)
        if runs and runs[-1][0] == row and index and rows[index - 1] == row:
            runs[-1] = (row, runs[-1][1], last)
        else:
            runs.append((row, first, last))
    return runs


def _load() -> Any:
    """plotext, without the half of its import that writes docstrings (94 of 156 ms); with it, if that ever fails."""
    if "plotext" not in sys.modules:
        package, module = types.ModuleType("plotext._doc"), types.ModuleType("plotext._doc.doc")
        setattr(module, "docs", None)  # noqa: B010  the stub's one attribute, unknown to the type checker
        sys.modules["plotext._doc"], sys.modules["plotext._doc.doc"] = package, module
        try:
            import plotext
        except Exception:
            for name in [name for name in sys.modules if name.partition(".")[0] == "plotext"]:
                del sys.modules[name]
    import plotext

    plotext.terminal.limit(False, False)
    return plotext


def _canvas(
    numbers: Sequence[float | None], runs: Sequence[tuple[str, tuple[int, int, int]]], grid: _Grid, glyphs: Glyphs
) -> list[str]:
    plotext = _load()
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.axes(False)
    figure.plot_size(grid.width, grid.height)
    # One unit is one cell, and whole numbers are the middles of cells.
    for axis, sides, end in (("x", ("lower", "upper"), grid.width - 1), ("y", ("left", "right"), grid.height - 1)):
        for side in sides:
            figure.ruler(axis, side).ticks([], [])
            figure.ruler(axis, side).lim(0, end)
    signs = {
        "target": glyphs.target,
        "limit": glyphs.limit,
        "band": glyphs.limit,
        "baseline": glyphs.baseline,
        "mean": glyphs.baseline,
    }
    # Limits first and the target last: where two lie on one row the target is the one to see.
    for kind, (row, first, last) in sorted(runs, key=lambda run: BEHIND.index(run[0])):
        cells = list(range(first, last + 1))
        figure.draw(figure.signal(cells, [grid.height - 1 - row] * len(cells), marker=signs[kind]))
    for stretch in thin(numbers):
        xs = [(grid.x(index) + 0.5) / grid.across - 0.5 for index, _ in stretch]
        ys = [(grid.y(value) + 0.5) / grid.down - 0.5 for _, value in stretch]
        signal = figure.signal(xs, ys, marker=glyphs.plot_marker)
        figure.draw(signal.lines() if len(stretch) > 1 else signal)
    text: str = plotext.uncolorize(figure.build().string())
    figure.clear()
    return [line.ljust(grid.width)[: grid.width] for line in text.split("\n")[: grid.height]]


def _frame(
    canvas: Sequence[str],
    runs: Sequence[tuple[str, tuple[int, int, int]]],
    ticks: dict[int, str],
    ruler: int,
    notes: Sequence[Note],
    glyphs: Glyphs,
) -> list[str]:
    inner = len(canvas[0])
    begins = {row for _, (row, first, _) in runs if first == 0}
    ends = {row for _, (row, _, last) in runs if last == inner - 1}
    lines = [" " * ruler + glyphs.top_left + glyphs.horizontal * inner + glyphs.top_right]
    for row, text in enumerate(canvas):
        signs = (glyphs.vertical, glyphs.tee_left, glyphs.tee_right, glyphs.cross)
        left = signs[(row in ticks) + 2 * (row in begins)]
        right = glyphs.tee_left if row in ends else glyphs.vertical
        lines.append(ticks.get(row, "").rjust(ruler) + left + text + right)
    axis = [glyphs.horizontal] * inner
    for note in notes:
        axis[note.column - ruler - 1] = glyphs.note
    lines.append(" " * ruler + glyphs.bottom_left + "".join(axis) + glyphs.bottom_right)
    return lines


def _labels(references: Sequence[Reference], count: int, grid: _Grid, upper: int, under: int) -> list[Label]:
    """One label a reference beside where it ends; where two want one line, the lower value moves down if it can."""
    wanted = []
    for reference in references:
        last = next((value for value in map(finite, reversed(_each(reference, count))) if value is not None), None)
        if last is not None:
            wanted.append((upper + grid.row(last), -last, reference))
    wanted.sort(key=lambda want: want[:2])
    wanted = wanted[: under - upper]
    rows: list[int] = []
    for row, _, _ in wanted:
        free = rows[-1] + 1 if rows else upper
        # A centre has no line of its own to stand beside, so it makes way upwards.
        if (
            free > row
            and wanted[len(rows) - 1][2].kind == "centre"
            and row - 1 >= (rows[-2] + 1 if rows[1:] else upper)
        ):
            rows[-1], free = row - 1, row
        rows.append(max(row, free))
    for index in range(len(rows) - 1, -1, -1):
        rows[index] = min(rows[index], under - len(rows) + index)
    return [Label(row, reference.label, reference.kind) for row, (_, _, reference) in zip(rows, wanted, strict=True)]


def _pieces(canvas: Sequence[str], glyphs: Glyphs, upper: int, left: int) -> list[Piece]:
    kinds = {" ": "", glyphs.target: "target", glyphs.limit: "limit", glyphs.baseline: "baseline"}
    pieces = []
    for row, text in enumerate(canvas):
        start = 0
        while start < len(text):
            kind = kinds.get(text[start], "series")
            end = start
            while end < len(text) and kinds.get(text[end], "series") == kind:
                end += 1
            if kind:
                pieces.append(Piece(Span(upper + row, left + start, left + end), kind))
            start = end
    return pieces
