"""A change as steps: where a value stood, what pushed it up and down, where it stands now."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kpitui.charts.glyphs import Glyphs


def waterfall(before: float, effects: Sequence[float], after: float, width: int, glyphs: Glyphs) -> list[str]:
    """One line for `before`, one for each effect, one for `after`, each exactly `width` cells.

    Each bar begins in the cell where the one above it ended: whole blocks go up, light ones down. The axis runs from
    the lowest level to the highest, not from zero, so lengths compare with one another and not with the values, which
    are ticks. An effect too small for a cell keeps the one it stands in; one of 0 is a tick. `after` must be `before`
    plus the effects, but for the noise of floats.
    """
    if width < 1:
        return [""] * (len(effects) + 2)
    levels = [before]
    for effect in effects:
        levels.append(levels[-1] + effect)
    levels[-1] = after
    low, high = min(levels), max(levels)
    places = [_cell(level, low, high, width) for level in levels]
    lines = [_line(places[0], places[0], glyphs.tick, width)]
    for effect, (old, new) in zip(effects, pairwise(places), strict=True):
        sign = glyphs.tick if effect == 0 else glyphs.eighths[-1] if effect > 0 else glyphs.band
        lines.append(_line(min(old, new), max(old, new), sign, width))
    lines.append(_line(places[-1], places[-1], glyphs.tick, width))
    return lines


def _cell(level: float, low: float, high: float, width: int) -> int:
    # Halved first, so that a reach beyond the largest float is none.
    reach = high / 2 - low / 2
    return 0 if reach <= 0 else min(int((level / 2 - low / 2) / reach * width), width - 1)


def _line(first: int, last: int, sign: str, width: int) -> str:
    return " " * first + sign * (last - first + 1) + " " * (width - last - 1)
